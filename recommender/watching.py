"""Which parts of a video were watched: right with seeks, replays, overlaps, and with nothing said at the end. Floor 2.

From statements of the xAPI Video Profile 1.0.3 (https://w3id.org/xapi/video, sections on played, paused, seeked,
completed, terminated, and on played-segments). A part counts where two statements of one viewing enclose it or the
player lists it, never because a video was said to be completed; and never more of it than the clock between two
statements allows. Where a player tells no part at all, its own `progress` is taken.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import fsum
from types import MappingProxyType

from recommender import verbs
from xapi_collector.label import Label, Playback

FASTEST = 4.0
"""Seconds of a video that a second of the clock may play; whoever plays it faster sees nothing."""
SLACK = 3.0
"""Seconds by which clocks and rounding may differ."""
BRIEF = 0.25
"""Seconds; a shorter gap between parts is rounding of the player."""
CLOSES = frozenset({verbs.PAUSED, verbs.VIDEO_COMPLETED, verbs.COMPLETED, verbs.VIDEO_TERMINATED, verbs.TERMINATED})
_OF_VIDEO = frozenset({verbs.PLAYED, verbs.SEEKED, verbs.VIDEO_INITIALIZED, verbs.INITIALIZED, *CLOSES})

Part = tuple[float, float]


@dataclass(frozen=True)
class Watched:
    """What was watched of a video.

    Attributes:
        seconds: Seconds of the video that were seen at least once.
        length: Of the video in seconds; None where nobody said.
        share: Of the video, 0..1; None where its length is not known and no player said how far.
        parts: What was seen, in order, apart from each other: each from and to a second.
        again: What was seen more than once, likewise.
        last: When it was last played, microseconds since 1970 UTC.
        seqs: Places of the statements in the store: the evidence.
    """

    seconds: float
    length: float | None
    share: float | None
    parts: tuple[Part, ...] = ()
    again: tuple[Part, ...] = ()
    last: int = 0
    seqs: tuple[int, ...] = ()


@dataclass
class _Viewing:
    """One viewing while its statements are gone through.

    Attributes:
        start: The place from which it plays; None while it does not.
        since: When that began, microseconds.
        begun: When its first statement was, microseconds.
        told: Parts that statements enclose.
        listed: What the player listed last.
        after: Parts that were enclosed since then.
        progress: The greatest that the player said.
    """

    start: float | None = None
    since: int = 0
    begun: int = 0
    told: list[Part] = field(default_factory=list)
    listed: tuple[Part, ...] = ()
    after: list[Part] = field(default_factory=list)
    progress: float | None = None


def of_videos(labels: Iterable[Label], lengths: Mapping[str, float] = MappingProxyType({})) -> dict[str, Watched]:
    """What one learner watched, by activity IRI of the video.

    Args:
        labels: Of one learner; their order, and repetition, do not matter.
        lengths: Seconds of videos, by activity IRI, where somebody declared them; they go before what players say.
    """
    by_video: dict[str, dict[str, Label]] = {}
    for label in labels:
        if label.verb in _OF_VIDEO and label.playback is not None and label.activity:
            by_video.setdefault(label.activity, {})[label.id] = label
    return {
        video: watched(sorted(found.values(), key=lambda one: (one.timestamp, one.seq)), lengths.get(video))
        for video, found in by_video.items()
    }


def watched(labels: Sequence[Label], length: float | None = None) -> Watched:
    """What was watched of one video.

    Args:
        labels: Of one learner and one video, in time order.
        length: Of the video in seconds, where it is known; else the longest that a player says.
    """
    viewings: dict[object, _Viewing] = {}
    for label in labels:
        said = label.playback or Playback()
        key = label.registration if said.session is None else said.session
        viewing = viewings.setdefault(key, _Viewing(begun=label.timestamp))
        _step(viewing, label, said)
    if length is None:
        length = max((one.playback.length for one in labels if one.playback and one.playback.length), default=None)
    every = [part for viewing in viewings.values() for part in _parts(viewing)]
    clipped = [_within(part, length) for part in every]
    seen, again = cover([part for part in clipped if part is not None])
    seconds = fsum(end - start for start, end in seen)
    share = None if not length else min(1.0, seconds / length)
    if not seen:
        share = max((one.progress for one in viewings.values() if one.progress is not None), default=share)
    return Watched(
        seconds=seconds,
        length=length,
        share=share,
        parts=seen,
        again=again,
        last=max((one.timestamp for one in labels), default=0),
        seqs=tuple(one.seq for one in labels),
    )


def cover(parts: Iterable[Part]) -> tuple[tuple[Part, ...], tuple[Part, ...]]:
    """What parts cover at least once, and at least twice; each in order, apart from each other.

    >>> cover([(0, 10), (5, 20), (30, 40)])
    (((0, 20), (30, 40)), ((5, 10),))
    """
    edges = sorted((place, step) for start, end in parts for place, step in ((start, 1), (end, -1)))
    found: tuple[list[Part], list[Part]] = ([], [])
    depth, opened = 0, [0.0, 0.0]
    # At one place what ends is counted before what begins; the two halves are put together below.
    for place, step in edges:
        for level, wanted in enumerate((1, 2)):
            if step == 1 and depth == wanted - 1:
                opened[level] = place
            elif step == -1 and depth == wanted and place > opened[level]:
                found[level].append((opened[level], place))
        depth += step
    return _joined(found[0]), _joined(found[1], gap=0.0)


def satisfied(one: Watched | None, share: float) -> bool:
    """Whether so much of a video was watched as whoever declared it asks for.

    Args:
        one: What was watched; None: nothing.
        share: Asked for, 0..1.
    """
    return one is not None and one.share is not None and one.share >= share - 1e-9


def _joined(parts: Sequence[Part], *, gap: float = BRIEF) -> tuple[Part, ...]:
    """Parts in order, put together where less than a gap lies between them."""
    found: list[Part] = []
    for start, end in parts:
        if found and start - found[-1][1] <= gap:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((start, end))
    return tuple(found)


def _step(viewing: _Viewing, label: Label, said: Playback) -> None:
    """Go one statement further in a viewing."""
    if label.verb == verbs.PLAYED:
        viewing.start, viewing.since = said.time, label.timestamp
    elif label.verb == verbs.SEEKED:
        _close(viewing, said.from_, label.timestamp)
        playing = viewing.start is not None
        place = said.time if said.to is None else said.to
        viewing.start, viewing.since = (place if playing else None), label.timestamp
    elif label.verb in CLOSES:
        _close(viewing, said.time, label.timestamp)
        viewing.start = None
    if said.parts and _possible(said.parts, label.timestamp - viewing.begun):
        viewing.listed, viewing.after = said.parts, []
    if said.progress is not None:
        viewing.progress = max(min(said.progress, 1.0), viewing.progress or 0.0)


def _close(viewing: _Viewing, end: float | None, when: int) -> None:
    """Note the part from where it played to a place: its end alone where the clock allows no more."""
    start = viewing.start
    if start is None or end is None or end <= start:
        return
    allowed = FASTEST * (when - viewing.since) / 1e6 + SLACK
    part = (max(start, end - allowed), end)
    viewing.told.append(part)
    viewing.after.append(part)


def _possible(parts: Sequence[Part], passed: int) -> bool:
    """Whether so much can have been played since the viewing began; of its first statement nobody knows."""
    return passed <= 0 or fsum(end - start for start, end in parts) <= FASTEST * passed / 1e6 + SLACK


def _parts(viewing: _Viewing) -> list[Part]:
    """What a viewing adds: what the player lists and what came after, else what its statements enclose."""
    return [*viewing.listed, *viewing.after] if viewing.listed else viewing.told


def _within(part: Part, length: float | None) -> Part | None:
    """A part inside the video; None where nothing of it is."""
    start, end = part if length is None else (min(part[0], length), min(part[1], length))
    return (start, end) if end > start else None


def shortened(one: Watched, most: int) -> Watched:
    """The same with at most so many parts of each sort, the longest: what a page shows.

    Args:
        one: What was watched.
        most: How many.
    """
    longest = [sorted(sorted(parts, key=lambda part: part[0] - part[1])[:most]) for parts in (one.parts, one.again)]
    return replace(one, parts=tuple(longest[0]), again=tuple(longest[1]))
