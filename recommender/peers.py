"""Peer review: who reads whose work, and what several reviews of one work say together; pure. Floor 2.

Allotting is a matching with capacities: works want so many reviews, learners give as few as they can, evenly. It goes
on from what was allotted before, so that late works and learners who drop out are dealt with by the same call. Reviews
are levels of a rubric (1, 2, ...); their middle is the median, because one careless review must not move a mark.

Sources: Kuhn, "The Hungarian method", 1955 (augmenting paths); Krippendorff, "Content Analysis", 2004, chapter 11
(alpha for interval data).
"""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

Pair = tuple[str, str]
"""A learner who reviews, and the work that they review."""
SPARE = 1
"""Reviews that a learner may be asked for beyond their share, so that works of others do not go without."""
FAR = 1.25
"""Levels, on average over the criteria, from which on a review is far from the others."""
STEADY = 2.0
"""Reviews that count as "neither mild nor strict" in a reviewer's leaning, so that one review says little of them."""


@dataclass(frozen=True)
class Allotted:
    """What came of allotting.

    Attributes:
        pairs: New pairs, in the order in which they were found.
        lacking: How many reviews each work goes without, of those that go without any.
    """

    pairs: tuple[Pair, ...]
    lacking: Mapping[str, int]


def allot(
    authors: Mapping[str, str],
    reviewers: Collection[str],
    wanted: int,
    rng: np.random.Generator,
    *,
    live: Collection[Pair] = (),
    ever: Collection[Pair] = (),
    groups: Mapping[str, str] | None = None,
    spare: int = SPARE,
) -> Allotted:
    """Who reviews which work, besides what was allotted before.

    Nobody reviews their own work or one of their own group, and no learner gets a work twice, even after it was taken
    from them. Loads rise together, so nobody has two before all who can have one; works that lack reviews lack them
    evenly. Who comes late, when all works are served, reviews as many as the others all the same. Two learners review
    each other only where nothing else is left.

    Args:
        authors: Whose each work is, by work.
        reviewers: Learners who may review.
        wanted: Reviews of each work, and reviews that each learner gives.
        rng: Decides between equals.
        live: Pairs that count: open, or done.
        ever: Pairs that were there once and count no more.
        groups: Of learners; those without one are alone.
        spare: How many reviews a learner may be asked for beyond `wanted`.
    """
    table = _Table(dict(authors), frozenset(ever) | frozenset(live), dict(groups or {}))
    for work, author in authors.items():
        table.written[author].append(work)
    for reviewer, work in live:
        if work in authors:
            table.give(reviewer, work)
        table.load[reviewer] += 1
    before = {(reviewer, work) for work, those in table.held.items() for reviewer in those}
    works, people = sorted(authors), sorted(set(reviewers))
    rng.shuffle(works)
    rng.shuffle(people)
    for most in range(1, wanted + max(0, spare) + 1):
        for mutual in (False, True):
            _fill(table, works, people, wanted=wanted, most=most, mutual=mutual)
    for mutual in (False, True):
        _even(table, works, people, wanted=wanted, mutual=mutual)
    found = [(reviewer, work) for work in works for reviewer in sorted(table.held[work])]
    return Allotted(
        tuple(pair for pair in found if pair not in before),
        {work: wanted - len(table.held[work]) for work in sorted(authors) if len(table.held[work]) < wanted},
    )


@dataclass
class _Table:
    """Who holds which work while pairs are looked for; what was there before is never moved."""

    authors: dict[str, str]
    closed: frozenset[Pair]
    groups: dict[str, str]
    written: defaultdict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    held: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    reads: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    load: Counter[str] = field(default_factory=Counter)

    def may(self, reviewer: str, work: str, *, mutual: bool) -> bool:
        author = self.authors[work]
        if author == reviewer or reviewer in self.held[work] or (reviewer, work) in self.closed:
            return False
        group = self.groups.get(reviewer)
        if group and group == self.groups.get(author):
            return False
        return mutual or not any(author in self.held[own] for own in self.written[reviewer])

    def give(self, reviewer: str, work: str) -> None:
        self.held[work].add(reviewer)
        self.reads[reviewer].add(work)

    def take(self, reviewer: str, work: str) -> None:
        self.held[work].discard(reviewer)
        self.reads[reviewer].discard(work)


def _fill(table: _Table, works: Sequence[str], people: Sequence[str], *, wanted: int, most: int, mutual: bool) -> None:
    """Give works reviewers, one each in turn, while any can be found."""
    served = True
    while served:
        free = [one for one in people if table.load[one] < most]
        lacking = sorted((one for one in works if len(table.held[one]) < wanted), key=lambda one: len(table.held[one]))
        served = False
        for work in lacking if free else ():
            found = _at_once(table, work, free, mutual=mutual) or _augment(table, work, people, free, mutual=mutual)
            served = served or found


def _even(table: _Table, works: Sequence[str], people: Sequence[str], *, wanted: int, mutual: bool) -> None:
    """Give learners who review fewer than the others works that have enough: who comes late reviews as much as all."""
    for one in people:
        while table.load[one] < wanted:
            able = [work for work in works if table.may(one, work, mutual=mutual)]
            if not able:
                break
            table.give(one, min(able, key=lambda work: len(table.held[work])))
            table.load[one] += 1


def _at_once(table: _Table, work: str, free: list[str], *, mutual: bool) -> bool:
    """Give a work somebody who can have one more; they leave the list, and come back in the next turn."""
    for place, one in enumerate(free):
        if table.may(one, work, mutual=mutual):
            table.give(one, work)
            table.load[one] += 1
            del free[place]
            return True
    return False


def _augment(table: _Table, work: str, people: Sequence[str], free: list[str], *, mutual: bool) -> bool:
    """Find a work one more reviewer, moving others' new ones along the shortest path where that is what it takes."""
    came: dict[str, Pair] = {}  # how the search came to a work: who would leave it, and for which other work
    seen: set[str] = set()
    waiting = deque([work])
    while waiting:
        here = waiting.popleft()
        for one in people:
            if one in seen or not table.may(one, here, mutual=mutual):
                continue
            if one in free:
                table.load[one] += 1
                free.remove(one)
                _shift(table, one, here, came)
                return True
            seen.add(one)
            for other in sorted(table.reads[one]):
                if other != work and other not in came and (one, other) not in table.closed:
                    came[other] = (one, here)
                    waiting.append(other)
    return False


def _shift(table: _Table, reviewer: str, work: str, came: Mapping[str, Pair]) -> None:
    """Give a reviewer a work; whoever the search would take from it goes where the search came from, and so on."""
    while True:
        table.give(reviewer, work)
        if work not in came:
            return
        leaver, before = came[work]
        table.take(leaver, work)
        reviewer, work = leaver, before


@dataclass(frozen=True)
class Review:
    """One review: who gave it, of which work, and its levels.

    Attributes:
        by: Of whom it is.
        work: What it is of.
        levels: int [c], one a criterion, from 1.
    """

    by: str
    work: str
    levels: tuple[int, ...]


@dataclass(frozen=True)
class Standing:
    """What the reviews of one work say together.

    Attributes:
        middle: float [c], the median level of each criterion.
        spread: The mean over the criteria of the greatest level less the least.
        count: How many reviews there are.
    """

    middle: tuple[float, ...]
    spread: float
    count: int


@dataclass(frozen=True)
class Weighed:
    """A review beside the others of its work.

    Attributes:
        apart: Mean distance in levels from the median of the others, or from the instructor's where there is one; None
            where there is nothing to compare it with.
        leaning: The same with its sign: more than 0 is milder.
        far: Whether it is so far that somebody should look.
    """

    apart: float | None
    leaning: float | None
    far: bool


def standings(reviews: Iterable[Review]) -> dict[str, Standing]:
    """What the reviews of each work say together, by work."""
    found = {}
    for work, those in _by_work(reviews).items():
        levels = np.array([one.levels for one in those], dtype=np.float64)
        middle = tuple(float(level) for level in np.median(levels, axis=0))
        found[work] = Standing(middle, float(np.ptp(levels, axis=0).mean()), len(those))
    return found


def weigh(reviews: Sequence[Review], decided: Mapping[str, Sequence[int]] | None = None) -> list[Weighed]:
    """Each review beside the others of its work, in their order.

    A review is held against what the instructor decided where they did, else against the median of the others. Of two
    reviews that contradict each other both are far: which one is right is for a person to say.

    Args:
        reviews: Any number, of any works.
        decided: Levels that the instructor gave, by work.
    """
    by_work, said = _by_work(reviews), decided or {}
    found = []
    for one in reviews:
        others = [other.levels for other in by_work[one.work] if other is not one]
        if one.work in said:
            against = np.array(said[one.work], dtype=np.float64)
        elif others:
            against = np.median(np.array(others, dtype=np.float64), axis=0)
        else:
            found.append(Weighed(None, None, far=False))
            continue
        differs = np.array(one.levels, dtype=np.float64) - against
        apart = float(np.abs(differs).mean())
        found.append(Weighed(apart, float(differs.mean()), far=apart >= FAR))
    return found


def leanings(reviews: Sequence[Review], weighed: Sequence[Weighed]) -> dict[str, float]:
    """How mild (more than 0) or strict each reviewer is, in levels, drawn towards 0 where they gave few reviews.

    Args:
        reviews: As `weigh` took them.
        weighed: What `weigh` answered.
    """
    found: dict[str, list[float]] = {}
    for one, beside in zip(reviews, weighed, strict=True):
        if beside.leaning is not None:
            found.setdefault(one.by, []).append(beside.leaning)
    return {by: sum(those) / (len(those) + STEADY) for by, those in found.items()}


def agreement(reviews: Iterable[Review]) -> float | None:
    """Krippendorff's alpha for interval data over all works and criteria: 1 agree, 0 as by chance, less is worse.

    None where no two reviews can be compared, or where all levels are one and the same.
    """
    units: list[npt.NDArray[np.float64]] = []
    for those in _by_work(reviews).values():
        if len(those) > 1:
            units += [*np.array([one.levels for one in those], dtype=np.float64).T]
    if not units:
        return None
    every = np.concatenate(units)
    observed = sum(_disagreement(unit) for unit in units) / len(every)
    expected = _disagreement(every) / len(every)
    return None if expected == 0 else float(1.0 - observed / expected)


def _disagreement(values: npt.NDArray[np.float64]) -> float:
    """The sum of squared differences over ordered pairs, by one less than their number."""
    count = len(values)
    return float(2.0 * count * ((values - values.mean()) ** 2).sum() / (count - 1))


def _by_work(reviews: Iterable[Review]) -> dict[str, list[Review]]:
    found: dict[str, list[Review]] = {}
    for one in reviews:
        found.setdefault(one.work, []).append(one)
    return found
