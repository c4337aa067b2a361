"""Figures of a group: no part of a few, no difference of a few, and the same for small changes of who is in it."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender import cohort
from recommender.cohort import CELL, LEAST, LEVELS, Counts

COUNTS = st.tuples(*[st.integers(0, 40)] * LEVELS)


def exact(counts: Counts, low: int, high: int) -> int:
    """How many there really are in a part."""
    return sum(counts[low : high + 1])


@given(COUNTS.filter(lambda counts: sum(counts) >= CELL))
def test_whatever_is_taken_from_whatever_leaves_nobody_or_enough(counts: Counts) -> None:
    """All unions of parts, and all their differences: what an attacker can add and subtract within one look."""
    found = cohort.parts(counts)
    sizes = [exact(counts, one.low, one.high) for one in found]

    assert [one.low for one in found] == [0, *(one.high + 1 for one in found[:-1])]
    assert found[-1].high == LEVELS - 1
    for count in range(1, len(sizes) + 1):
        for chosen in combinations(range(len(sizes)), count):
            inside = sum(sizes[one] for one in chosen)
            assert inside >= CELL
            assert sum(sizes) - inside == 0 or sum(sizes) - inside >= CELL


@given(COUNTS, COUNTS, st.integers(CELL, 2 * CELL))
def test_what_is_said_changes_only_when_enough_moved(before: Counts, after: Counts, enough: int) -> None:
    said = cohort.published(before, after, enough)

    assert said in {before, after, None}
    if cohort.moved(before, after) < enough:
        assert said == before
    elif said is None:
        assert sum(after) < LEAST


@given(COUNTS, st.data())
def test_what_moves_is_what_it_takes(before: Counts, data: st.DataObject) -> None:
    """Learners who change one by one: after so many steps, no more than that many moved."""
    after = list(before)
    steps = data.draw(st.integers(0, 12))
    for _ in range(steps):
        come, go = data.draw(st.integers(-1, LEVELS - 1)), data.draw(st.integers(-1, LEVELS - 1))
        if come >= 0:
            after[come] += 1
        if go >= 0 and after[go]:
            after[go] -= 1

    assert cohort.moved(before, after) <= steps


@pytest.mark.parametrize(("learners", "said"), [(LEAST - 1, False), (LEAST, True)])
def test_too_few_are_said_nothing_about(learners: int, said: bool) -> None:
    counts = (learners, 0, 0, 0, 0, 0)

    assert (cohort.published(None, counts, CELL) is not None) is said


def test_a_group_that_is_all_alike_is_not_given_away() -> None:
    assert len(cohort.parts((0, 0, 0, 25, 0, 0))) == 1
    assert len(cohort.parts((0, 0, 1, 25, 2, 0))) == 1
    assert len(cohort.parts((1, 1, 1, 0, 0, 0))) == 1, "fewer than a part"


def test_fewer_than_a_part_are_never_enough_to_move() -> None:
    with pytest.raises(ValueError, match="5 or more"):
        cohort.published(None, (30, 0, 0, 0, 0, 0), CELL - 1)


def test_what_is_not_known_is_not_counted() -> None:
    assert cohort.histogram(np.array([np.nan, np.nan])) == (0,) * LEVELS
    assert cohort.histogram(np.array([5.0, -0.1])) == (1, 0, 0, 0, 0, 1)
