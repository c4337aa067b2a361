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
