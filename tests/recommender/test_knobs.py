import doctest
import math
from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from curriculum import catalog
from recommender import knobs, recommend
from recommender.knobs import Knobs
from tests.recommender import builders, wanderers

CBEC = catalog.load("cbec")
SETTINGS = (-1.0, -0.5, 0.0, 0.5, 1.0)


def test_docs_are_true():
    assert doctest.testmod(knobs).failed == 0


def asked(seed, tuned, count=3):
    history, role = wanderers.wander(CBEC, np.random.default_rng(seed))
    return recommend.recommend(CBEC, history, None, recommend.Goal(role), builders.NOW, knobs=tuned, count=count)


@given(st.floats(0, 1), st.floats(0, 1), st.sampled_from(SETTINGS), st.sampled_from(SETTINGS))
def test_a_harder_setting_never_prefers_the_easier_one(one, other, low, high):
    easy, hard = max(one, other), min(one, other)
    low, high = Knobs(challenge=min(low, high)), Knobs(challenge=max(low, high))

    gentler = knobs.fit(low, hard) / knobs.fit(low, easy)
    harder = knobs.fit(high, hard) / knobs.fit(high, easy)

    assert harder >= gentler * (1 - 1e-9)


@pytest.mark.parametrize("seed", range(12))
def test_the_more_challenge_the_lower_the_chance_of_what_comes_first(seed):
    chances = []
    for challenge in SETTINGS:
        found = asked(seed, Knobs(challenge=challenge, review=-1.0), count=1)
        chances.append(found[0].chance if found[0].kind != "step_back" else 0.5)

    assert chances == sorted(chances, reverse=True)


def test_challenge_moves_the_mean_chance_over_many_learners():
    means = [
        np.mean([one.chance for seed in range(40) for one in asked(seed, Knobs(challenge=challenge))])
        for challenge in (-1.0, 0.0, 1.0)
    ]

    assert means == sorted(means, reverse=True)
    assert means[0] - means[-1] > 0.02


@pytest.mark.parametrize("seed", range(12))
def test_the_more_review_the_more_of_it(seed):
    numbers = [
        sum(one.kind in {"review", "refresh"} for one in asked(seed, Knobs(review=review))) for review in SETTINGS
    ]

    assert numbers == sorted(numbers)


def test_as_much_review_as_there_is():
    learnt = [f"practice:{name}" for name in ("fnd.intl_trade", "fnd.ecom_models", "dat.spreadsheet")]
    ago = (builders.NOW - timedelta(days=900)).timestamp()
    history, goal = wanderers.told(CBEC, learnt, [1.0] * 3, [ago] * 3), recommend.Goal("operations")
    due = recommend.look(CBEC, history, None, goal, builders.NOW).due

    found = recommend.recommend(CBEC, history, None, goal, builders.NOW, knobs=Knobs(review=1.0))

    assert len(due) == 3
    assert {one.skill for one in found if one.kind == "review"} == set(due)


def test_what_an_instructor_puts_first_is_first_if_it_is_ready():
    usual = asked(0, knobs.USUAL, count=9)
    wanted, unready = usual[5], "practice:ict.innovate"

    found = asked(0, Knobs(first=(unready, wanted.skill, usual[3].item)))

    assert [one.item for one in found[:2]] == [wanted.item, usual[3].item]
    assert [one.pinned for one in found] == [True, True, False]
    assert {one.reasons[0].kind for one in found[:2]} == {"pinned"}


def test_what_an_instructor_proposed_is_marked_and_stays_in_its_place():
    usual = asked(0, knobs.USUAL)
    proposed = asked(0, Knobs(proposed=(usual[1].skill,)))

    assert [one.item for one in proposed] == [one.item for one in usual]
    assert ["proposed" in {reason.kind for reason in one.reasons} for one in proposed] == [False, True, False]


@pytest.mark.parametrize("seed", range(4))
def test_what_is_hidden_or_paused_does_not_appear(seed):
    first, second, third = asked(seed, knobs.USUAL)
    later, earlier = builders.NOW.timestamp() + 60, builders.NOW.timestamp() - 60
    tuned = Knobs(hidden=frozenset({first.item, second.skill, "no such thing"}), paused={third.skill: later})

    found = asked(seed, tuned, count=20)

    assert not {one.skill for one in found} & {first.skill, second.skill, third.skill}
    assert third.item in [one.item for one in asked(seed, Knobs(paused={third.skill: earlier}))]


def test_a_way_that_works_better_weighs_more_and_none_disappears():
    weights = knobs.weigh({"simulation": 9.0, "video": -9.0, "quiz": 0.1})

    assert weights["simulation"] == pytest.approx(math.exp(knobs.TRUSTED))
    assert weights["video"] == pytest.approx(math.exp(-knobs.TRUSTED))
    assert weights["quiz"] == pytest.approx(math.exp(0.1))


def test_a_stated_preference_counts_with_and_without_a_measured_effect():
    assert knobs.weigh({}, "video") == {"video": pytest.approx(math.exp(knobs.LIKED))}
    assert knobs.weigh({"video": -0.1}, "video")["video"] > 1.0
    assert knobs.weigh({}) == {}
