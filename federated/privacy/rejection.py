"""Refusing whole messages that are too far from the others, given how much noise each is known to carry. Floor 3.

Under noise at the source every message is protected, so the coordinator may look at it. It knows the clip, the standard
deviation of the noise and the size that the member claims. What an honest message may differ by follows from these, and
a message that differs by more is refused whole. Trimming single coordinates (Yin et al. 2018) would do harm here: the
members with few learners are always the extremes, and who pushes one end shifts every coordinate of the rest.

With one or two well-formed messages nobody can tell which is wrong: only what is malformed, not finite or longer than
its learners could make it is refused then. With three or four, one may be refused for its distance.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import special

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

MALFORMED = "malformed"  # not a flat array of numbers of the declared length
NOT_FINITE = "not-finite"
SIZE = "size"  # claims no learner, or noise that is no number
LONG = "long"  # longer than its learners, each clipped, and its noise could make it
FAR = "far"  # farther from the others than its noise and its size explain
SHUT = "shut"  # was so wrong in another release of the run that it is out of the rest
REASONS = (MALFORMED, NOT_FINITE, SIZE, LONG, FAR, SHUT)

OUT = 3.0  # from so many times the bound on, no difference between honest institutions explains a distance
LARGEST = 3.0  # a claimed size counts for at most so many times the median
CENTRE = 1.2  # no message has more than so many times the mean weight in the centre,
MEAN = 2.4  # nor more than so many times it in the result
PRIOR = 0.02  # of the spread between learners: keeps a message without noise from being the centre alone
_NOISE = 8.0  # standard deviations of the length of the noise that a message may have: none in 10^14 is longer


@dataclass(frozen=True, eq=False)
class Message:
    """One member's protected release, as it came.

    Attributes:
        member: Who sent it.
        values: int or float [size], the sum over its learners with noise.
        learners: How many learners it says that it stems from.
        sd: Standard deviation of its noise in each coordinate, in the unit of `values`.
        attested: Whether somebody else vouches for its number of learners, which then is not capped.
    """

    member: str
    values: npt.ArrayLike
    learners: int
    sd: float
    attested: bool = False


@dataclass(frozen=True, eq=False)
class Verdict:
    """What is left of a release.

    Attributes:
        kept: bool [K], by message.
        weights: float64 [K], of the mean over learners; 0 where refused, 1 in sum.
        total: float64 [size], what all kept learners sum to; zeros if nobody is kept.
        variance: Of the noise in each coordinate of `total`.
        learners: Of the kept messages, with claims capped.
        refused: Member -> one of `REASONS`.
        distance: float64 [K], squared distance over what was to be expected; nan where there was nothing to compare.
        capped: Members whose claimed size counted for less.
    """

    kept: Bools
    weights: Floats
    total: Floats
    variance: float
    learners: float
    refused: Mapping[str, str]
    distance: Floats
    capped: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Heard:
    """All messages of one release.

    Attributes:
        messages: One a member.
        size: Coordinates.
        clip: L2 norm that no learner's contribution exceeds, in the unit of the messages.
    """

    messages: Sequence[Message]
    size: int
    clip: float


def judge_all(
    heard: Mapping[str, Heard], shut: AbstractSet[str] = frozenset(), faults: int | None = None
) -> tuple[dict[str, Verdict], frozenset[str]]:
    """Judge the releases of one step together: who is far out in one of them is out of all, and of those to come.

    What a member sends may stand out in one release and hide in the noise of the next. Who is malformed, not finite,
    too long, or farther than `OUT` times the bound is therefore shut out of the rest of the run; who is only far is
    refused in that release alone, because institutions do differ.

    Args:
        heard: By release; at least one message each.
        shut: Who has been shut out before.
        faults: As `judge`.

    Returns:
        By release what is left of it, and who is shut out from now on.
    """
    found = {name: judge(one.messages, one.size, one.clip, faults, shut) for name, one in heard.items()}
    now = shut | {member for name, one in heard.items() for member in _out(found[name], one)}
    if now == shut:
        return found, frozenset(now)
    return judge_all(heard, now, faults)


def judge(
    messages: Sequence[Message],
    size: int,
    clip: float,
    faults: int | None = None,
    shut: AbstractSet[str] = frozenset(),
) -> Verdict:
    """Refuse what is too far from the others, and sum up the rest robustly.

    A message is its mean over learners, m, which honestly varies about the common mean by e = v / N + (sd / N)^2 in
    each coordinate, with v = clip^2 / (2 size) for the learners themselves, and by a variance h in which institutions
    differ. The centre is the weighted median by coordinate, of which the variance is known as well; h is read off the
    excess over both by coordinate, because where learners are abler everywhere that moves some numbers alone. A
    message is kept while its mean square distance over what was to be expected is at most 2 + 4 / sqrt(size). What is
    kept is averaged by inverse variance.

    Args:
        messages: One a member, at least one.
        size: Coordinates of the release.
        clip: L2 norm that no learner's contribution exceeds, in the unit of the messages, above 0.
        faults: Most well-formed messages that may be refused for their distance, fewer than half; None: `tolerated`.
        shut: Members that are refused whatever they send (`judge_all`).

    Raises:
        ValueError: there is no message, or two of one member.
    """
    names = [message.member for message in messages]
    if not names or len(set(names)) < len(names):
        raise ValueError("a release needs at least one message, and at most one of each member")
    refused = {message.member: code for message in messages if (code := _wrong(message, size, clip))}
    refused |= {name: SHUT for name in names if name in shut and name not in refused}
    fit = [number for number, name in enumerate(names) if name not in refused]
    weights, distance, counted = np.zeros(len(names)), np.full(len(names), np.nan), np.zeros(len(names))
    if fit:
        values = np.array([messages[number].values for number in fit], np.float64)
        claimed = np.array([messages[number].learners for number in fit], np.float64)
        attested = np.array([messages[number].attested for number in fit])
        spread = np.array([messages[number].sd for number in fit], np.float64)
        counted[fit] = learners = np.where(attested, claimed, np.minimum(claimed, LARGEST * _median(claimed)))
        means = values / learners[:, None]
        among = clip**2 / (2.0 * size)
        expected = among / learners + (spread / learners) ** 2
        trust = _capped(1.0 / (expected + PRIOR * among), CENTRE)
        seen = (means - _centre(means, trust)) ** 2
        # The centre is uncertain too, a median by pi/2 more than a mean, and holds a part of each message.
        apart = np.maximum(expected * (1.0 - 2.0 * trust) + np.pi / 2.0 * (trust**2 @ expected), expected / 2.0)
        most = min(tolerated(len(fit)) if faults is None else faults, (len(fit) - 1) // 2)
        between = _between(seen - apart[:, None], most)
        distance[fit] = ratio = np.mean(seen / (apart[:, None] + between), axis=1)
        out = _farthest(ratio, bound(size), most)
        refused |= {names[number]: FAR for number, far in zip(fit, out.tolist(), strict=True) if far}
        weights[np.array(fit)[~out]] = _capped(1.0 / (expected + between.mean())[~out], MEAN)
    return _verdict(messages, weights, counted, distance=distance, refused=refused, size=size)


def bound(size: int) -> float:
    """Return the largest ratio of seen to expected squared distance at which a message of so many numbers is kept."""
    return float(2.0 + 4.0 / np.sqrt(size))


def tolerated(members: int) -> int:
    """Return how many of so many members may be refused for their distance: one of three, a third of many.

    A third, not almost a half: honest institutions differ, and each that is refused takes its learners along.
    """
    return 0 if members < 3 else max(1, (members - 1) // 3)


def scaled(verdict: Verdict, learners: float) -> tuple[Floats, float]:
    """Return total and variance as if the kept messages stood for so many learners.

    Releases of one run may keep different members; a step that divides one by another needs them at one scale.

    Args:
        verdict: Of a release.
        learners: To stand for, above 0.
    """
    factor = learners / verdict.learners if verdict.learners else 0.0
    return verdict.total * factor, verdict.variance * factor**2


def _wrong(message: Message, size: int, clip: float) -> str | None:
    """Why a message is refused by itself, or None."""
    try:
        values: npt.NDArray[Any] = np.asarray(message.values)
    except ValueError:  # of rows that differ in length
        return MALFORMED
    if values.shape != (size,) or values.dtype.kind not in "iuf":
        return MALFORMED
    if not np.isfinite(values).all():
        return NOT_FINITE
    if message.learners < 1 or not np.isfinite(message.sd) or message.sd < 0.0:
        return SIZE
    greatest = float(np.abs(values.astype(np.float64)).max(initial=0.0))
    length = greatest * float(np.linalg.norm(values / greatest)) if greatest else 0.0  # so that nothing overflows
    longest = message.learners * clip + message.sd * (np.sqrt(size) + _NOISE)
    return LONG if length > longest else None


def _out(verdict: Verdict, heard: Heard) -> list[str]:
    """Whose message in a release is so wrong that the others are not believed either."""
    limit = OUT * bound(heard.size)
    return [
        message.member
        for message, distance in zip(heard.messages, verdict.distance.tolist(), strict=True)
        if message.member in verdict.refused and (verdict.refused[message.member] != FAR or distance > limit)
    ]


def _median(claimed: Floats) -> float:
    """The lower median: of two claims the smaller one, so that no single claim raises its own cap."""
    return float(np.sort(claimed)[(len(claimed) - 1) // 2])


def _capped(weights: Floats, most: float) -> Floats:
    """Weights that sum to 1, none above `most` / K where that is possible."""
    found = weights / weights.sum()
    cap = max(most / len(found), 1.0 / len(found))
    for _ in range(len(found) - 1):  # a weight that is cut makes others larger, one more each time at the least
        over = found >= cap
        rest = 1.0 - cap * over.sum()
        found = np.where(over, cap, found * rest / max(found[~over].sum(), 1e-300))
    return np.asarray(found, np.float64)


def _centre(means: Floats, weights: Floats) -> Floats:
    """Weighted median of each coordinate, float64 [size]; halfway between two where the weights halve exactly."""
    order = np.argsort(means, axis=0, kind="stable")
    ordered, along = np.take_along_axis(means, order, axis=0), np.cumsum(weights[order], axis=0)
    low, high = (along >= 0.5 - 1e-12).argmax(axis=0), (along > 0.5 + 1e-12).argmax(axis=0)
    columns = np.arange(means.shape[1])
    return np.asarray((ordered[low, columns] + ordered[high, columns]) / 2.0, np.float64)


def _between(excess: Floats, faulty: int) -> Floats:
    """Variance in which institutions differ, float64 [size]; of squared distances less what noise explains, [K, size].

    Institutions differ in some numbers much more than in others, so each number has its own; and none less than all do
    in the mean. It is read off the farthest of those that are left when as many as may be faulty are not looked at.
    """
    rank = len(excess) - 1 - faulty
    usual = 2.0 * float(special.gammaincinv(0.5, (rank + 0.5) / len(excess)))  # a quantile of chi squared with 1 degree
    whole = max(0.0, float(np.median(excess.mean(axis=1))))
    return np.asarray(np.maximum(np.sort(excess, axis=0)[rank] / max(usual, 1.0), whole), np.float64)


def _farthest(ratio: Floats, bound: float, most: int) -> Bools:
    """Whose ratio exceeds the bound, but of those only the `most` farthest."""
    out = np.zeros(len(ratio), np.bool_)
    farthest = np.argsort(-ratio, kind="stable")[:most]
    out[farthest] = ratio[farthest] > bound
    return out


def _verdict(
    messages: Sequence[Message],
    weights: Floats,
    counted: Floats,
    *,
    distance: Floats,
    refused: dict[str, str],
    size: int,
) -> Verdict:
    kept = weights > 0.0
    learners = float(counted[kept].sum())
    total, variance = np.zeros(size), 0.0
    for message, weight, count in zip(messages, weights.tolist(), counted.tolist(), strict=True):
        if weight:
            factor = learners * weight / count
            total += factor * np.asarray(message.values, np.float64)
            variance += (factor * message.sd) ** 2
    capped = tuple(
        message.member
        for message, count in zip(messages, counted.tolist(), strict=True)
        if 0 < count < message.learners
    )
    return Verdict(kept, weights, total, variance, learners, MappingProxyType(refused), distance, capped)
