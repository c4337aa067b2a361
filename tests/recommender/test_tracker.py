import dataclasses
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curriculum import catalog, graph
from recommender import tracker
from tests.recommender import builders

TINY = builders.tiny()
CBEC = catalog.load("cbec")


def believe(*answers, catalog=TINY):
    beliefs = tracker.track(catalog, builders.history(catalog, *answers))
    return dict(zip(catalog.skills, beliefs, strict=True))


def knows(belief):
    return tracker.dot(belief.state, tracker.CHANCE)


def test_nothing_known_is_the_prior():
    assert tracker.track(TINY, builders.history(TINY)) == tracker.prior(TINY)


def test_a_root_starts_with_the_declared_states():
    root = believe()["root"]

    assert root.state == pytest.approx(tracker.WITH)
    assert root.readiness == 1.0
    assert root.support == pytest.approx(tracker.HALF * 0.21 + 0.14)


def test_readiness_is_the_product_of_supports():
    beliefs = believe(("practice:root", 1))

    assert beliefs["top"].readiness == pytest.approx(beliefs["left"].support * beliefs["right"].support)


def test_one_right_answer_follows_bayes_and_practice():
    weighed = [belief * chance for belief, chance in zip(tracker.WITH, tracker.chances(2), strict=True)]
    unknown, fragile, solid = (part / sum(weighed) for part in weighed)

    state = believe(("practice:root", 1))["root"].state

    expected = (unknown * 0.7, fragile * 0.65 + unknown * 0.3, solid + fragile * 0.35)
    assert state == pytest.approx(expected)


def test_a_right_answer_speaks_for_the_prerequisites_too():
    assert knows(believe(("practice:top", 1))["left"]) > knows(believe()["left"])


def test_repeated_failure_lowers_the_prerequisite():
    before = believe(("practice:left", 1), ("practice:left", 1))["left"].support
    after = believe(("practice:left", 1), ("practice:left", 1), *[("practice:top", 0)] * 3)["left"].support

    assert after < before


def test_a_good_first_answer_speaks_for_what_was_not_asked_yet():
    assert (
        knows(believe(("practice:root", 1))["alone"])
        > knows(believe()["alone"])
        > knows(believe(("practice:root", 0))["alone"])
    )


def test_a_second_answer_says_nothing_of_what_was_not_asked():
    once, twice = believe(("practice:root", 1)), believe(("practice:root", 1), ("practice:root", 1))

    assert twice["alone"] == once["alone"]


def test_a_harder_item_says_more_when_right():
    assert tracker.chances(5)[0] < tracker.chances(3)[0] == pytest.approx(0.2)
    assert tracker.chances(None) == tracker.chances(3)
    assert believe(("test", 1))["left"].attempts == 1


def test_an_item_on_two_skills_moves_both():
    beliefs = believe(("exam", 1))

    assert (beliefs["top"].attempts, beliefs["left"].attempts, beliefs["right"].attempts) == (1, 1, 0)


def test_wrong_answers_in_a_row_are_counted_until_a_right_one():
    assert believe(*[("practice:root", 0)] * 3)["root"].wrong_run == pytest.approx(3.0)
    assert believe(*[("practice:root", 0)] * 3, ("practice:root", 1))["root"].wrong_run == 0.0


def test_a_lucky_guess_does_not_hide_that_a_skill_was_practised_many_times_in_a_row():
    answers = [("practice:root", number % 3 == 2) for number in range(8)]

    assert believe(*answers[:7])["root"].wrong_run == pytest.approx(1.0)
    assert believe(*answers)["root"].wrong_run == tracker.ENOUGH
    assert believe(*answers[:7], ("practice:alone", 1), answers[7])["root"].wrong_run < tracker.ENOUGH


def test_a_run_fades_while_other_skills_are_practised():
    answers = [("practice:root", 0), ("practice:alone", 1), ("practice:alone", 1)]

    assert believe(*answers)["root"].wrong_run == pytest.approx(0.9**2)
    assert believe(*answers, ("practice:root", 0))["root"].wrong_run == pytest.approx(1 + 0.9**2)


def test_no_growth_lowers_the_learning_rate():
    stuck = believe(*[("practice:root", 0)] * 6)["root"]

    assert stuck.rate < tracker.LEARN


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(sorted(CBEC.items)), st.booleans()), max_size=60))
def test_beliefs_stay_chances_whatever_happens(answers):
    for belief in tracker.track(CBEC, builders.history(CBEC, *answers)):
        assert sum(belief.state) == pytest.approx(1.0)
        assert min(belief.state) > 0
        assert 0 < belief.support < 1
        assert 0 < belief.readiness <= 1
        assert 0 < belief.rate < 1


def test_a_thousand_failures_break_nothing():
    answers = [("practice:tail", 0)] * 1000

    assert min(belief.support for belief in believe(*answers).values()) > 0


def test_one_more_right_answer_never_lowers_the_skill():
    answers = []
    before = knows(believe()["top"])
    for _ in range(6):
        answers.append(("practice:top", 1))
        after = knows(believe(*answers)["top"])
        assert after > before
        before = after


def test_the_plan_is_the_graph():
    plan = tracker.plan(CBEC)
    names = list(CBEC.skills)

    assert [names[number] for number in plan.order] == list(graph.order(CBEC))
    for number, name in enumerate(names):
        assert {names[n] for n in plan.closure[number]} == {*graph.ancestors(CBEC, name), name}
        assert plan.closure[number][-1] == number


ANSWERS = st.lists(st.tuples(st.sampled_from(sorted(TINY.items)), st.booleans(), st.booleans()), max_size=30)


@settings(max_examples=60, deadline=None)
@given(ANSWERS, st.booleans(), st.booleans())
def test_answer_by_answer_equals_a_replay_bit_by_bit(answers, coherence, forgetting):
    history = builders.history(TINY, *[(item, right) for item, right, _ in answers])
    placed = np.array([tested for _, _, tested in answers], np.bool_)
    state = tracker.start(TINY, coherence=coherence, forgetting=forgetting)
    for (item, right, tested), when in zip(answers, history.when.tolist(), strict=True):
        tracker.beliefs(state, when=when)  # to look changes nothing
        state = tracker.copy(state)
        tracker.observe(state, TINY.item_index[item], right=right, practice=not tested, when=when)

    replayed = tracker.replay(TINY, history, placed=placed, coherence=coherence, forgetting=forgetting)

    now = int(builders.NOW.timestamp() * 1e6)
    assert state == replayed
    assert tracker.beliefs(state, when=now) == tracker.beliefs(replayed, when=now)


def test_a_copy_goes_on_alone():
    state = tracker.start(TINY)
    before = tracker.beliefs(state)

    tracker.observe(tracker.copy(state), 0, right=True)

    assert tracker.beliefs(state) == before


def test_an_answer_of_a_placement_teaches_nothing_and_tells_as_much():
    told = tracker.track(TINY, builders.history(TINY, ("practice:root", 1)), placed=np.array([True]))
    belief = told[TINY.skill_index["root"]]
    weighed = [one * chance for one, chance in zip(tracker.WITH, tracker.chances(2), strict=True)]

    assert belief.state == pytest.approx([part / sum(weighed) for part in weighed])
    assert (belief.attempts, belief.practised) == (1, 0)


def test_wrong_answers_of_a_placement_rest_nothing():
    told = tracker.track(TINY, builders.history(TINY, *[("practice:root", 0)] * 6), placed=np.ones(6, np.bool_))

    assert told[TINY.skill_index["root"]].wrong_run == 0.0
    assert told[TINY.skill_index["root"]].rate == pytest.approx(tracker.LEARN)


def test_what_is_solid_fades_by_the_declared_half_life():
    name = next(name for name, skill in CBEC.skills.items() if skill.half_life_days and not skill.prerequisites)
    history = builders.history(CBEC, *[(f"practice:{name}", 1)] * 8)
    column, half_life = CBEC.skill_index[name], CBEC.skills[name].half_life_days
    last = datetime.fromtimestamp(history.when[-1] / 1e6, UTC)

    fresh = tracker.track(CBEC, history, now=last)[column].state
    later = tracker.track(CBEC, history, now=last + timedelta(days=half_life))[column].state
    earlier = tracker.track(CBEC, history, now=last - timedelta(days=half_life))[column].state

    assert later == pytest.approx((fresh[0], fresh[1] + fresh[2] / 2, fresh[2] / 2))
    assert earlier == fresh


def test_nothing_fades_without_a_declared_half_life_or_before_an_answer():
    lasting = dataclasses.replace(
        TINY, skills={name: dataclasses.replace(skill, half_life_days=None) for name, skill in TINY.skills.items()}
    )
    history = builders.history(lasting, *[("practice:root", 1)] * 4)
    later = builders.NOW + timedelta(days=4000)

    assert tracker.track(lasting, history, now=later) == tracker.track(lasting, history, now=builders.NOW)
    assert tracker.track(CBEC, builders.history(CBEC), now=later) == tracker.prior(CBEC)


def test_with_coherence_a_practice_far_from_the_last_one_teaches_little_and_is_no_anchor():
    def after(*answers, coherence):
        state = tracker.replay(TINY, builders.history(TINY, *answers), coherence=coherence)
        return state, tracker.beliefs(state)[TINY.skill_index["alone"]].state

    near, plain = after(("practice:root", 0), ("practice:alone", 0), coherence=False)
    far, little = after(("practice:root", 0), ("practice:alone", 0), coherence=True)

    assert little[0] > plain[0]
    assert far.anchor == TINY.skill_index["root"]
    assert near.anchor == TINY.skill_index["root"]  # the anchor is kept in every arm, so that an arm can be looked at
    assert after(("practice:root", 0), ("practice:left", 0), coherence=True)[0].anchor == TINY.skill_index["left"]


def test_near_are_the_family_of_a_skill():
    near = tracker.plan(TINY).near
    names = list(TINY.skills)

    assert {names[skill] for skill in near[TINY.skill_index["left"]]} == {"left", "top", "root", "right"}
    assert {names[skill] for skill in near[TINY.skill_index["alone"]]} == {"alone"}


def test_an_outlook_moves_only_what_is_connected():
    moved = tracker.outlook(tracker.start(CBEC), tracker.sight(tracker.start(CBEC)), 0, right=True)

    assert 0 < len(moved) < len(CBEC.skills)
