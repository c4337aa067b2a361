"""Groups: better than chance on coverage, the best there is where all can be compared, the same whoever is first."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recommender import grouping
from recommender.grouping import Floats

SOAK = os.environ.get("ENTREPOT_TEST_SOAK") == "1"
CLASSES = 1000 if SOAK else 30


def a_class(seed: int, learners: int, skills: int = 20) -> tuple[Floats, Floats]:
    """Masteries with a general ability and a leaning of each learner, and a demand with zeros in it."""
    rng = np.random.default_rng(seed)
    ability = rng.normal(0, 0.8, (learners, 1))
    leaning = rng.normal(0, 1.0, (learners, 4)) @ rng.normal(0, 0.7, (4, skills))
    return 1 / (1 + np.exp(-(ability + leaning))), rng.integers(0, 4, skills).astype(np.float64) + np.eye(1, skills)[0]


def by_chance(learners: int, size: int, seed: int) -> list[list[int]]:
    order = np.random.default_rng(seed).permutation(learners).tolist()
    found, at = [], 0
    for part in grouping.sizes(learners, size):
        found.append(order[at : at + part])
        at += part
    return found


def partitions(rows: Sequence[int], parts: tuple[int, ...]) -> Iterator[list[tuple[int, ...]]]:
    """Every way to part learners into groups of these sizes."""
    if not rows:
        yield []
        return
    for size in set(parts):
        rest = list(parts)
        rest.remove(size)
        for others in combinations(rows[1:], size - 1):
            members = (rows[0], *others)
            left = [row for row in rows if row not in members]
            yield from ([members, *more] for more in partitions(left, tuple(rest)))


def test_groups_cover_more_than_groups_by_chance_in_the_mean_and_in_the_weakest_group() -> None:
    mean, worst, beaten = [], [], 0
    for seed in range(CLASSES):
        mastery, demand = a_class(seed, learners=12 + seed % 25)
        size = 2 + seed % 3
        ours = [one.coverage for one in grouping.form(mastery, demand, size, seed=seed)]
        chance = [
            [grouping.coverage(mastery, demand, one) for one in by_chance(len(mastery), size, 1000 * seed + turn)]
            for turn in range(20)
        ]
        mean.append(np.mean(ours) - np.mean([np.mean(one) for one in chance]))
        worst.append(min(ours) - np.mean([min(one) for one in chance]))
        beaten += np.mean(ours) >= max(np.mean(one) for one in chance)

    assert min(mean) > 0
    assert min(worst) > 0
    assert np.mean(mean) > 0.02
    assert np.mean(worst) > 0.05
    assert beaten >= 0.95 * CLASSES


@pytest.mark.parametrize(("learners", "size"), [(4, 2), (5, 2), (6, 3), (7, 3), (8, 4), (7, 2)])
def test_a_small_class_gets_the_best_grouping_of_all(learners: int, size: int) -> None:
    mastery, demand = a_class(learners * 10 + size, learners, skills=6)
    zones = np.random.default_rng(learners).choice([8.0, 1.0, -8.0, np.nan], learners)
    found = grouping.form(mastery, demand, size, seed=1, zones=zones)
    best = min(
        grouping.loss(mastery, demand, groups, zones)
        for groups in partitions(range(learners), grouping.sizes(learners, size))
    )

    assert grouping.loss(mastery, demand, [one.members for one in found], zones) == pytest.approx(best, abs=1e-9)


def test_a_search_comes_near_to_the_best_grouping() -> None:
    """Eleven learners are searched; what all groupings of them give is known by brute force."""
    gaps = []
    for seed in range(20 if SOAK else 3):
        mastery, demand = a_class(seed, 11, skills=8)
        costs = {
            members: grouping.loss(mastery, demand, [members])
            for size in (3, 4)
            for members in combinations(range(11), size)
        }
        found = grouping.form(mastery, demand, 4, seed=seed)
        best = min(sum(costs[one] for one in groups) for groups in partitions(range(11), grouping.sizes(11, 4)))
        gaps.append(sum(costs[one.members] for one in found) / best - 1)

    assert max(gaps) < 0.05


@settings(max_examples=100 if SOAK else 25, deadline=None)
@given(learners=st.integers(0, 40), size=st.integers(2, 4), seed=st.integers(0, 2**32 - 1))
def test_everybody_is_in_one_group_of_the_right_size(learners: int, size: int, seed: int) -> None:
    mastery = np.random.default_rng(seed).random((learners, 3))
    found = grouping.form(mastery, np.ones(3), size, seed=seed)
    sizes = [len(one.members) for one in found]

    assert sorted(row for one in found for row in one.members) == list(range(learners))
    assert sorted(sizes, reverse=True) == sorted(grouping.sizes(learners, size), reverse=True)
    assert learners == 1 or all(count >= 2 for count in sizes)
    assert all(count <= max(size, 3) for count in sizes)


def test_the_same_class_and_seed_give_the_same_groups() -> None:
    mastery, demand = a_class(5, 30)

    assert grouping.form(mastery, demand, 4, seed=7) == grouping.form(mastery.copy(), demand.copy(), 4, seed=7)


def test_the_order_of_the_class_does_not_matter_where_all_groupings_are_compared() -> None:
    mastery, demand = a_class(9, 9)
    turned = np.random.default_rng(1).permutation(9)
    here = {frozenset(one.members) for one in grouping.form(mastery, demand, 3, seed=1)}
    there = {frozenset(turned[list(one.members)].tolist()) for one in grouping.form(mastery[turned], demand, 3, seed=1)}

    assert here == there


def test_a_skill_that_nobody_asks_for_and_the_scale_of_the_demand_change_nothing() -> None:
    mastery, demand = a_class(3, 24)
    wider = np.concatenate([mastery, np.random.default_rng(0).random((24, 2))], axis=1)
    found = grouping.form(mastery, demand, 3, seed=2)

    assert grouping.form(wider, np.concatenate([demand * 10, [0.0, 0.0]]), 3, seed=2) == found


def test_without_any_demand_all_skills_count_alike() -> None:
    mastery, _ = a_class(4, 8)

    assert grouping.form(mastery, np.zeros(20), 4, seed=1) == grouping.form(mastery, np.ones(20), 4, seed=1)


def test_two_who_know_one_thing_each_are_put_together() -> None:
    mastery = np.array([[0.9, 0.1], [0.9, 0.1], [0.1, 0.9], [0.1, 0.9]])
    found = grouping.form(mastery, np.ones(2), 2, seed=1)

    assert all({row < 2 for row in one.members} == {True, False} for one in found)
    assert [(best.skill, best.member in {0, 1}) for best in found[0].covers] == [(0, True), (1, False)]
    assert found[0].coverage == pytest.approx(0.9)


def test_two_middling_groups_are_better_than_a_strong_and_a_weak_one() -> None:
    mastery = np.array([[1.0, 0.0], [0.0, 1.0], [0.0, 0.0], [0.0, 0.0]])
    found = grouping.form(mastery, np.ones(2), 2, seed=1)

    assert [one.coverage for one in found] == [0.5, 0.5]


def test_people_who_are_never_awake_together_are_kept_apart() -> None:
    mastery, demand = a_class(6, 24)
    zones = np.array([8.0, -4.0] * 12)
    found = grouping.form(mastery, demand, 4, seed=1, zones=zones)

    assert all(len({zones[row] for row in one.members}) == 1 for one in found)
    assert [one.hours for one in found] == [12.0] * 6


def test_a_zone_that_nobody_knows_keeps_nobody_from_meeting() -> None:
    zones = np.array([8.0, np.nan, 1.0, np.nan])

    assert grouping.together(zones, [0, 1]) is None
    assert grouping.together(zones, [0, 2]) == 5.0
    assert grouping.together(np.array([8.0, -4.0]), [0, 1]) == 0.0


def test_what_is_unknown_draws_nobody_anywhere() -> None:
    mastery = np.full((6, 3), np.nan)
    found = grouping.form(mastery, np.ones(3), 3, seed=1)

    assert [one.coverage for one in found] == [0.5, 0.5]
    assert grouping.form(np.full((1, 2), 0.3), np.ones(2), 4, seed=1)[0].coverage == pytest.approx(0.3)


def test_other_seeds_give_other_groups_that_are_as_good() -> None:
    mastery, demand = a_class(8, 40)
    found = {grouping.form(mastery, demand, 4, seed=seed) for seed in range(4)}
    losses = [grouping.loss(mastery, demand, [one.members for one in groups]) for groups in found]

    assert len(found) > 1
    assert max(losses) / min(losses) < 1.1


def test_a_search_ends_in_any_case(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(grouping, "SWAPS", 0)
    mastery, demand = a_class(1, 12)

    assert sorted(row for one in grouping.form(mastery, demand, 3, seed=1) for row in one.members) == list(range(12))


@pytest.mark.parametrize(
    ("mastery", "demand", "size", "zones", "words"),
    [
        (np.zeros((2, 3)), np.ones(2), 2, None, "a row a learner"),
        (np.zeros(3), np.ones(3), 2, None, "a row a learner"),
        (np.zeros((2, 3)), np.ones(3), 1, None, "two members"),
        (np.zeros((2, 3)), np.ones(3), 2, np.zeros(3), "one for each of 2"),
    ],
)
def test_what_does_not_fit_is_refused(
    mastery: Floats, demand: Floats, size: int, zones: Floats | None, words: str
) -> None:
    with pytest.raises(ValueError, match=words):
        grouping.form(mastery, demand, size, seed=1, zones=zones)
