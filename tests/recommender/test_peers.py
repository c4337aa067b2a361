"""Peer review: who reads whose work, and what several reviews of one work say together."""

from __future__ import annotations

import os
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recommender import peers
from recommender.peers import Allotted, Review

SOAK = os.environ.get("ENTREPOT_TEST_SOAK") == "1"


def authors(count: int) -> dict[str, str]:
    return {f"w{one}": f"l{one}" for one in range(count)}


def allot(count: int, wanted: int, seed: int = 1) -> Allotted:
    works = authors(count)
    return peers.allot(works, works.values(), wanted, np.random.default_rng(seed))


@pytest.mark.parametrize("wanted", [1, 2, 3])
@pytest.mark.parametrize("count", [4, 7, 30, 300])
def test_in_a_class_everybody_gives_and_gets_as_many(count: int, wanted: int) -> None:
    found = allot(count, wanted)

    assert set(Counter(work for _, work in found.pairs).values()) == {wanted}
    assert set(Counter(reviewer for reviewer, _ in found.pairs).values()) == {wanted}
    assert len(set(found.pairs)) == count * wanted
    assert all(reviewer[1:] != work[1:] for reviewer, work in found.pairs)
    assert found.lacking == {}


@pytest.mark.parametrize(
    ("count", "lacking"), [(1, {"w0": 3}), (2, {"w0": 2, "w1": 2}), (3, {"w0": 1, "w1": 1, "w2": 1})]
)
def test_what_cannot_be_given_is_said(count: int, lacking: dict[str, int]) -> None:
    assert allot(count, 3).lacking == lacking


def test_nobody_reviews_each_other_where_there_is_a_choice() -> None:
    for seed in range(5):
        pairs = allot(12, 3, seed).pairs
        assert not {(reviewer[1:], work[1:]) for reviewer, work in pairs} & {
            (work[1:], reviewer[1:]) for reviewer, work in pairs
        }


def test_another_seed_gives_other_pairs_and_the_same_seed_the_same() -> None:
    assert allot(20, 2, 1) == allot(20, 2, 1)
    assert allot(20, 2, 1) != allot(20, 2, 2)


def test_a_late_work_gets_its_reviews_and_its_author_gives_as_many() -> None:
    before = allot(10, 2)
    works = {**authors(10), "late": "late"}
    found = peers.allot(works, works.values(), 2, np.random.default_rng(1), live=before.pairs)

    assert {work for _, work in found.pairs if work == "late"}
    assert sum(work == "late" for _, work in found.pairs) == 2
    assert sum(reviewer == "late" for reviewer, _ in found.pairs) == 2
    assert found.lacking == {}


def test_what_was_taken_from_somebody_goes_to_another_and_never_back() -> None:
    works = authors(6)
    before = allot(6, 2).pairs
    dropped = [pair for pair in before if pair[0] == "l0"]
    live = [pair for pair in before if pair[0] != "l0"]
    found = peers.allot(
        works, [one for one in works.values() if one != "l0"], 2, np.random.default_rng(1), live=live, ever=dropped
    )

    assert sorted(work for _, work in found.pairs) == sorted(work for _, work in dropped)
    assert not set(found.pairs) & set(before)
    assert max(Counter(reviewer for reviewer, _ in [*live, *found.pairs]).values()) == 3
    assert found.lacking == {}


def test_nobody_reviews_their_own_team() -> None:
    works = authors(8)
    teams = {f"l{one}": f"t{one % 2}" for one in range(8)}
    found = peers.allot(works, works.values(), 3, np.random.default_rng(1), groups=teams)

    assert all(teams[reviewer] != teams[works[work]] for reviewer, work in found.pairs)
    assert found.lacking == {}


def test_a_team_alone_has_nobody_to_review_it() -> None:
    works = authors(3)
    found = peers.allot(works, works.values(), 2, np.random.default_rng(1), groups=dict.fromkeys(works.values(), "t"))

    assert found == Allotted((), {"w0": 2, "w1": 2, "w2": 2})


@settings(max_examples=300 if SOAK else 40, deadline=None)
@given(
    count=st.integers(1, 14),
    wanted=st.integers(1, 3),
    gone=st.sets(st.integers(0, 13)),
    team=st.integers(1, 5),
    seed=st.integers(0, 9),
)
def test_whatever_happened_before_nobody_is_asked_what_must_not_be(
    count: int, wanted: int, gone: set[int], team: int, seed: int
) -> None:
    works, rng = authors(count), np.random.default_rng(seed)
    groups = {f"l{one}": f"t{one // team}" for one in range(count)} if team > 1 else {}
    first = peers.allot(works, works.values(), wanted, rng, groups=groups)
    out = {f"l{one}" for one in gone}
    live = [pair for pair in first.pairs if pair[0] not in out]
    ever = [pair for pair in first.pairs if pair[0] in out]
    staying = [one for one in works.values() if one not in out]
    second = peers.allot(works, staying, wanted, rng, live=live, ever=ever, groups=groups)
    after = [*live, *second.pairs]
    load, got = Counter(reviewer for reviewer, _ in after), Counter(work for _, work in after)

    assert len(set(after)) == len(after)
    assert not set(second.pairs) & set(ever)
    assert not out & {reviewer for reviewer, _ in second.pairs}
    assert all(reviewer != works[work] for reviewer, work in after)
    assert all(groups.get(reviewer, "") != groups.get(works[work], "-") for reviewer, work in after)
    assert max(load.values(), default=0) <= wanted + peers.SPARE
    assert second.lacking == {work: wanted - got[work] for work in works if got[work] < wanted}
    for work, lacks in second.lacking.items():
        able = [
            one
            for one in staying
            if one != works[work]
            and (one, work) not in {*after, *ever}
            and groups.get(one, "") != groups.get(works[work], "-")
        ]
        assert lacks == 0 or all(load[one] == wanted + peers.SPARE for one in able), "somebody could have"


def test_the_middle_is_the_median_and_the_spread_the_mean_range() -> None:
    reviews = [Review("a", "w", (1, 3)), Review("b", "w", (2, 3)), Review("c", "w", (4, 4)), Review("d", "v", (2, 2))]
    found = peers.standings(reviews)

    assert (found["w"].middle, found["w"].spread, found["w"].count) == ((2.0, 3.0), 2.0, 3)
    assert (found["v"].middle, found["v"].count) == ((2.0, 2.0), 1)


def test_a_review_is_held_against_the_others_or_against_the_decision() -> None:
    reviews = [Review("a", "w", (1, 1)), Review("b", "w", (3, 3)), Review("c", "w", (3, 4))]
    plain = peers.weigh(reviews)
    decided = peers.weigh(reviews, {"w": (1, 1)})

    assert [(one.apart, one.leaning, one.far) for one in plain] == [
        (2.25, -2.25, True),
        (0.75, 0.75, False),
        (1.5, 1.5, True),
    ]
    assert [one.apart for one in decided] == [0.0, 2.0, 2.5]


def test_a_review_alone_is_held_against_nothing() -> None:
    (only,) = peers.weigh([Review("a", "w", (1, 1))])

    assert (only.apart, only.leaning, only.far) == (None, None, False)
    assert peers.leanings([Review("a", "w", (1, 1))], [only]) == {}


def test_one_review_says_little_of_who_wrote_it_and_many_say_more() -> None:
    def leaning(works: int) -> float:
        reviews = [
            Review(by, f"w{one}", (4,) if by == "mild" else (2,)) for one in range(works) for by in ("mild", "a", "b")
        ]
        return peers.leanings(reviews, peers.weigh(reviews))["mild"]

    assert (leaning(1), leaning(2), leaning(18)) == (pytest.approx(2 / 3), 1.0, pytest.approx(1.8))


def test_alpha_is_that_of_the_book() -> None:
    """Krippendorff, "Computing Krippendorff's Alpha-Reliability", 2011, example D: interval data, alpha 0.849."""
    table = [
        [1, 2, 3, 3, 2, 1, 4, 1, 2, None, None, None],
        [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, None, 3],
        [None, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, None],
        [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, None],
    ]
    reviews = [
        Review(f"o{observer}", f"u{unit}", (level,))
        for observer, row in enumerate(table)
        for unit, level in enumerate(row)
        if level is not None
    ]

    assert peers.agreement(reviews) == pytest.approx(0.849, abs=5e-4)


def test_alpha_needs_two_reviews_of_a_work_and_more_than_one_level() -> None:
    assert peers.agreement([]) is None
    assert peers.agreement([Review("a", "w", (1,)), Review("a", "v", (2,))]) is None
    assert peers.agreement([Review("a", "w", (3, 3)), Review("b", "w", (3, 3))]) is None
    assert (
        peers.agreement(
            [Review("a", "w", (1,)), Review("b", "w", (1,)), Review("a", "v", (4,)), Review("b", "v", (4,))]
        )
        == 1.0
    )


def test_the_median_is_nearer_to_what_a_work_is_worth_than_the_mean_where_some_are_careless() -> None:
    """One in ten gives levels by chance, one in ten the best of all; the others are off by 0.6 levels."""
    nearer, by_median, by_mean = 0, 0.0, 0.0
    for seed in range(10):
        rng = np.random.default_rng(seed)
        works = authors(40)
        worth = {work: np.clip(np.round(rng.normal(2.6, 0.9, 4)), 1, 4) for work in works}
        sorts = dict(zip(works.values(), rng.choice(3, 40, p=(0.8, 0.1, 0.1)), strict=True))
        reviews = []
        for reviewer, work in peers.allot(works, works.values(), 3, rng).pairs:
            honest = np.clip(np.round(worth[work] + rng.normal(0, 0.6, 4)), 1, 4)
            levels = (honest, rng.integers(1, 5, 4), np.full(4, 4))[sorts[reviewer]]
            reviews.append(Review(reviewer, work, tuple(int(level) for level in levels)))
        found = peers.standings(reviews)
        median = np.mean([np.abs(np.array(found[work].middle) - worth[work]).mean() for work in works])
        mean = np.mean(
            [
                np.abs(np.mean([one.levels for one in reviews if one.work == work], axis=0) - worth[work]).mean()
                for work in works
            ]
        )
        nearer += int(median < mean)
        by_median, by_mean = by_median + float(median), by_mean + float(mean)

    assert nearer >= 8
    assert by_median / by_mean < 0.85
