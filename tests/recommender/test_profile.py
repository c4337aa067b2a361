import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender import features, mastery, measures, online, profile, tracing, tracker
from tests.recommender import builders

TINY = builders.tiny()
SCORED = builders.tiny(0.75)
MODEL = tracing.fit(features.design(builders.interactions(SCORED), features.Space(SCORED)))


def of(*answers, catalog=TINY, parameters=None):
    return profile.profile(catalog, builders.history(catalog, *answers), parameters, builders.NOW)


def test_a_newcomer_has_no_estimate_at_all():
    made = of()

    assert all(state.level is None and state.answers == 0 for state in made.knowledge.values())
    assert (made.ability.share, made.first, made.last) == (None, None, None)


@pytest.mark.parametrize(("answers", "shown"), [(2, False), (3, True)])
def test_an_estimate_needs_three_answers_on_the_skill(answers, shown):
    state = of(*[("practice:left", 1)] * answers).knowledge["left"]

    assert state.answers == answers
    assert [getattr(state, name) is not None for name in ("mastery", "level", "low", "high")] == [shown] * 4


def test_answers_on_other_skills_are_no_estimate():
    assert of(*[("practice:left", 1)] * 5).knowledge["root"].level is None


def test_every_skill_of_the_catalog_is_listed_in_its_order():
    assert list(of().knowledge) == list(TINY.skills)


def test_the_level_is_five_times_the_chance_on_a_typical_item():
    made = of(*[("practice:left", 1)] * 3)
    answers = builders.history(TINY, *[("practice:left", 1)] * 3)
    belief = tracker.track(TINY, answers, now=builders.NOW)[TINY.skill_index["left"]]

    assert made.basis == "graph"
    assert made.knowledge["left"].mastery == tracker.dot(belief.state, tracker.chances(2))
    assert made.knowledge["left"].level == 5 * made.knowledge["left"].mastery


def test_with_a_model_the_chance_is_the_mean_over_the_items_of_the_skill():
    answers = [("practice:left", 1, 0.9), ("test", 0, 0.5), ("practice:left", 1, 0.8)]
    space = features.Space(SCORED)
    items = [SCORED.item_index[name] for name in ("practice:left", "test", "exam")]
    state = online.state_of(builders.history(SCORED, *answers), space)

    made = of(*answers, catalog=SCORED, parameters=MODEL)

    expected = tracing.predict(online.rows(state, space, items), MODEL).mean()
    assert made.basis == "model"
    assert made.knowledge["left"].mastery == pytest.approx(expected)


def test_an_item_on_two_skills_counts_for_both():
    made = of(("exam", 1), ("exam", 0))

    assert [(made.knowledge[name].answers, made.knowledge[name].right) for name in ("top", "left")] == [(2, 1), (2, 1)]


@given(st.floats(0, 1), st.floats(0.1, 50))
def test_the_likely_range_holds_the_estimate(mean, weight):
    low, high = measures.likely(mean, weight)

    assert 0 <= low <= mean <= high <= 1


def test_more_answers_narrow_the_range():
    few, many = measures.likely(0.6, 3), measures.likely(0.6, 12)

    assert many[1] - many[0] < few[1] - few[0]


def test_the_range_holds_eight_cases_in_ten():
    drawn = np.random.default_rng(0).beta(6 + 0.5, 4 + 0.5, 20000)
    low, high = measures.likely(0.6, 10)

    assert np.mean((drawn >= low) & (drawn <= high)) == pytest.approx(0.8, abs=0.01)


def test_ability_is_the_share_of_right_answers():
    made = of(("practice:root", 1), ("practice:left", 0), ("practice:root", 1), ("test", 1))

    assert (made.ability.answers, made.ability.right, made.ability.share) == (4, 3, 0.75)
    assert made.ability.low < 0.75 < made.ability.high


def test_first_and_last_are_those_of_the_history():
    rows = builders.history(TINY, ("practice:root", 1), ("practice:left", 0))

    made = profile.profile(TINY, rows, None, builders.NOW)

    assert (made.first, made.last) == (rows.when[0], rows.when[1])
    assert made.knowledge["left"].last == rows.when[1]


def test_a_skill_without_items_has_no_chance_from_a_model():
    bare = builders.catalog.parse(
        builders.curricula.tiny(
            meta={**builders.curricula.tiny()["meta"], "practice": None},
            items=[{"id": "i", "activity": "urn:i", "skills": ["root"]}],
        )
    )
    model = tracing.start(features.Space(bare))

    chances = mastery.estimates(mastery.start(bare, model))

    assert chances[0] == 0.5
    assert np.isnan(chances[1:]).all()
