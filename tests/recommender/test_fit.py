"""An opening beside one learner: each skill once, gaps first, unknown is no gap, prerequisites before the rest."""

from __future__ import annotations

import inspect

from hypothesis import given
from hypothesis import strategies as st

from curriculum import catalog as catalogs
from curriculum import graph
from recommender import fit

CBEC = catalogs.load("cbec")
TARGETS = CBEC.roles["compliance"].targets


@given(st.dictionaries(st.sampled_from(list(TARGETS)), st.none() | st.floats(0, 5)))
def test_every_skill_stands_once_and_the_counts_add_up(levels: dict[str, float | None]) -> None:
    found = fit.compare(CBEC, TARGETS, levels)

    assert sorted(row.skill for row in found.rows) == sorted(TARGETS)
    assert sum(found.counts.values()) == len(TARGETS)
    for row in found.rows:
        level = levels.get(row.skill)
        assert (row.state == fit.UNKNOWN) == (level is None)
        assert (row.state == fit.MET) == (level is not None and level >= row.target)
        assert row.gap == (0 if level is None else max(0, row.target - level))
    gaps = [row.gap for row in found.rows if row.gap]
    assert gaps == sorted(gaps, reverse=True)


@given(st.dictionaries(st.sampled_from(list(TARGETS)), st.floats(0, 5)))
def test_what_is_next_stands_on_nothing_that_is_open(levels: dict[str, float | None]) -> None:
    found = fit.compare(CBEC, TARGETS, levels)
    open_ = {row.skill for row in found.rows if row.state != fit.MET}

    assert len(found.next) <= 3
    assert bool(found.next) == bool(open_)
    for name in found.next:
        assert name in open_
        assert not graph.ancestors(CBEC, name) & open_


def test_who_meets_all_has_nothing_next() -> None:
    found = fit.compare(CBEC, TARGETS, dict.fromkeys(TARGETS, 5.0))

    assert (found.counts[fit.MET], found.next) == (len(TARGETS), ())


def test_near_is_less_than_a_level() -> None:
    one, other = list(TARGETS)[:2]
    found = fit.compare(CBEC, {one: 3, other: 3}, {one: 2.1, other: 2.0})

    assert {row.skill: row.state for row in found.rows} == {one: fit.NEAR, other: fit.FAR}


def test_a_skill_that_the_catalog_has_no_more_is_left_out() -> None:
    assert fit.compare(CBEC, {"gone": 3}, {}).rows == ()


def test_an_opening_is_compared_with_one_person_and_gives_no_score() -> None:
    assert set(inspect.signature(fit.compare).parameters) == {"catalog", "targets", "levels", "steps"}
    assert set(fit.Fit.__dataclass_fields__) == {"rows", "counts", "next"}
