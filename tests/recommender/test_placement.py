import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curriculum import catalog
from recommender import errors, placement, tracker
from recommender.placement import Answer
from tests.recommender import builders

TINY = builders.tiny()
CBEC = catalog.load("cbec")


def ask(known, *, role="operations", most=placement.MOST, cat=CBEC):
    """A whole placement of a learner who answers by what they know."""
    answers = []
    while (question := placement.next_item(cat, role, answers, most=most)) is not None:
        answers.append(Answer(question.item, question.skill in known))
    return answers


def test_it_asks_for_what_tells_most_through_the_graph():
    question = placement.next_item(TINY, "all")

    known = tracker.start(TINY)
    seen = tracker.sight(known)
    weight = {TINY.skill_index[name]: level / 5 for name, level in TINY.roles["all"].targets.items()}
    items = {
        item.id: TINY.item_index[item.id] for item in TINY.items.values() if item.skills[0] in TINY.roles["all"].targets
    }
    removed = {name: _removed(known, seen, column, weight) for name, column in items.items()}
    assert question.item == max(removed, key=removed.__getitem__)
    assert 0 < question.settles < 1
    assert 0 < question.chance < 1


def _removed(known, seen, column, weight):
    """By the definition: variance of the mean over both answers, from copies that really took them in."""
    main = known.items[column][0][0]
    p = tracker.dot(seen.states[main], known.items[column][1])
    unknown = []
    for right in (True, False):
        moved = tracker.outlook(known, seen, column, right=right)
        unknown.append([moved.get(skill, seen.states[skill])[0] for skill in weight])
    mean = [p * a + (1 - p) * b for a, b in zip(*unknown, strict=True)]
    return sum(
        share * (p * (a - m) ** 2 + (1 - p) * (b - m) ** 2)
        for share, a, b, m in zip(weight.values(), *unknown, mean, strict=True)
    )


def test_an_outlook_is_what_the_answer_would_bring_but_for_the_ability():
    known = tracker.start(CBEC)
    column = CBEC.item_index["practice:cus.duty"]
    tracker.observe(known, column, right=False)  # later answers on the skill move no ability
    seen = tracker.sight(known)
    for right in (True, False):
        moved = tracker.outlook(known, seen, column, right=right)
        after = tracker.copy(known)
        tracker.observe(after, column, right=right, practice=False)
        for skill, belief in enumerate(tracker.beliefs(after)):
            assert moved.get(skill, seen.states[skill]) == pytest.approx(belief.state, abs=2e-3)


def test_it_ends_and_repeats_nothing():
    answers = ask({"cus.duty"})

    assert placement.FEW <= len(answers) <= placement.MOST
    assert len({answer.item for answer in answers}) == len(answers)
    assert {CBEC.items[answer.item].skills[0] for answer in answers} <= set(CBEC.roles["operations"].targets)


def test_it_asks_no_more_than_it_may():
    assert len(ask(set(), most=7)) == 7
    assert placement.next_item(CBEC, "operations", ask(set(), most=3), most=3) is None


def test_what_is_barred_is_not_asked():
    first = placement.next_item(CBEC, "operations").item

    assert placement.next_item(CBEC, "operations", barred=[first]).item != first
    assert placement.next_item(TINY, "all", barred=TINY.items) is None


def test_it_stops_where_nothing_is_worth_asking():
    answered = [Answer(item, True) for item in TINY.items] * 6

    assert placement.next_item(TINY, "all", barred=["exam"], before=placement.state(TINY, answered)) is None


def test_it_respects_what_the_answers_say():
    good = placement.result(CBEC, ask(set(CBEC.skills)))
    poor = placement.result(CBEC, ask(set()))

    targets = [CBEC.skill_index[name] for name in CBEC.roles["operations"].targets]
    assert all(good[skill].state[0] < poor[skill].state[0] for skill in targets)


def test_its_answers_are_no_practice():
    for belief in placement.result(CBEC, ask({"cus.duty"})):
        assert belief.practised == 0
        assert belief.wrong_run == 0.0
        assert belief.rate == pytest.approx(tracker.LEARN)


def test_what_was_known_before_stays_as_it_is():
    before = tracker.replay(TINY, builders.history(TINY, ("practice:root", 1)))
    there = tracker.beliefs(before)
    answers = [Answer("practice:left", True)]

    placement.next_item(TINY, "all", answers, before=before)

    assert tracker.beliefs(before) == there
    assert placement.result(TINY, answers, before=before)[TINY.skill_index["root"]].practised == 1


def test_an_unknown_goal_is_named():
    with pytest.raises(errors.UnknownGoal, match="no role 'pirate'"):
        placement.next_item(CBEC, "pirate")


@settings(max_examples=15, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(sorted(TINY.items)), st.booleans()), max_size=8))
def test_it_never_asks_what_was_asked(given_answers):
    answered = [Answer(item, right) for item, right in given_answers]

    question = placement.next_item(TINY, "all", answered)

    assert question is None or question.item not in {answer.item for answer in answered}


def test_it_finds_out_more_than_questions_at_random():
    truth = {name for name in CBEC.roles["operations"].targets if CBEC.skills[name].difficulty <= 2}
    chosen = placement.result(CBEC, ask(truth, most=25))
    fixed = placement.result(
        CBEC, [Answer(f"practice:{name}", name in truth) for name in list(CBEC.roles["operations"].targets)[-25:]]
    )

    assert _wrong(chosen, truth) < _wrong(fixed, truth)


def _wrong(beliefs, truth):
    return sum(
        (1 - beliefs[CBEC.skill_index[name]].state[0] - (name in truth)) ** 2
        for name in CBEC.roles["operations"].targets
    )


def test_it_asks_again_where_that_is_worth_it_and_never_what_is_asked_once():
    barred = {item.id for item in CBEC.items.values() if not item.skills[0].startswith("prc.")}
    once = placement.next_item(CBEC, "operations", [Answer("practice:prc.landed", True)], barred=barred)
    answers = []
    while (question := placement.next_item(CBEC, "operations", answers, barred=barred, often=2)) is not None:
        answers.append(Answer(question.item, True))

    asked = [answer.item for answer in answers]
    assert once.item != "practice:prc.landed"
    assert {asked.count(name) for name in asked} <= {1, 2}
    assert max(asked.count(name) for name in asked) == 2
    oulad = catalog.load("oulad")
    exam = next(item.id for item in oulad.items.values() if not item.repeatable)
    others = set(oulad.items) - {exam}
    role = next(role for role in oulad.roles.values() if oulad.items[exam].skills[0] in role.targets)
    assert placement.next_item(oulad, role.id, [Answer(exam, True)], barred=others, often=2) is None


def test_what_is_not_worth_it_is_not_asked_again(monkeypatch):
    monkeypatch.setattr(placement, "LEAST", 99.0)
    barred = {item.id for item in CBEC.items.values() if not item.skills[0].startswith("prc.")}
    answers = []
    while (question := placement.next_item(CBEC, "operations", answers, barred=barred, often=2)) is not None:
        answers.append(Answer(question.item, True))

    assert answers
    assert len({answer.item for answer in answers}) == len(answers)
