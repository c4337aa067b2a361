"""What the members of a course did, as counts and days: read from labels, the new ones alone. Floor 3.

A class page asks about hundreds of persons at once. A process keeps the sums of each, and reads on from where it was;
what was erased, renamed or removed meanwhile begins anew (`Statements.epoch`), and so does everybody once an hour, for
the sake of statements that were voided.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from zlib import crc32

import numpy as np

from curriculum.catalog import Catalog
from recommender import interactions, verbs
from storage.port import Storage
from xapi_collector import consent, extract, label
from xapi_collector.label import Label

PURPOSE = consent.ANALYTICS
LIFETIME = 3600.0
MOST = 20_000


@dataclass(frozen=True, slots=True)
class Deeds:
    """What one person did.

    Attributes:
        answers: How many graded answers on the catalog, as the learner's own page counts them.
        answered: When the newest of them was given, microseconds since 1970; None if there is none.
        launched: When they last opened a link of the course, microseconds since 1970; None if never.
        shared: Whether they let the institution look at this.
    """

    answers: int = 0
    answered: int | None = None
    launched: int | None = None
    shared: bool = True


@dataclass(slots=True)
class _Sum:
    deeds: Deeds
    seq: int
    begun: float


@dataclass
class Ledger:
    """The sums of one process, by course, catalog and pseudonym; the ones that were asked for last."""

    sums: OrderedDict[tuple[str, str, str], _Sum] = field(default_factory=OrderedDict)
    epoch: int = -1
    lock: threading.Lock = field(default_factory=threading.Lock, repr=False)


def of(
    ledger: Ledger,
    storage: Storage,
    persons: Sequence[str],
    *,
    catalog: Catalog,
    course: str,
    activities: Iterable[str],
    now: float,
) -> Mapping[str, Deeds]:
    """What each of these persons did.

    Args:
        ledger: Of this process.
        storage: The institution's store.
        persons: Pseudonyms.
        catalog: Whose activities count as answers.
        course: The key of the course.
        activities: IRIs of the course's links; a launch of any of them counts.
        now: Seconds since the epoch.
    """
    with ledger.lock:
        epoch = storage.statements.epoch()
        if epoch != ledger.epoch:
            ledger.sums.clear()
            ledger.epoch = epoch
        allowed = consent.allowed(storage, PURPOSE)
        links = frozenset(activities)
        return {
            person: _read(_sum(ledger, (course, catalog.id, person), now), storage, person, catalog, links)
            if person in allowed
            else Deeds(shared=False)
            for person in persons
        }


def _sum(ledger: Ledger, key: tuple[str, str, str], now: float) -> _Sum:
    known = ledger.sums.get(key)
    if known is None or not 0 <= now - known.begun < LIFETIME * _spread(key[-1]):
        known = ledger.sums[key] = _Sum(Deeds(), 0, now)
        if len(ledger.sums) > MOST:
            ledger.sums.popitem(last=False)
    ledger.sums.move_to_end(key)
    return known


def _spread(person: str) -> float:
    """Between a half and one, always the same for a person: so a class does not begin anew all at once."""
    return 0.5 + crc32(person.encode()) / 2**33


def _read(known: _Sum, storage: Storage, person: str, catalog: Catalog, links: frozenset[str]) -> Deeds:
    fresh = list(_labels(storage, person, known.seq))
    if fresh:
        known.deeds = _add(known.deeds, fresh, catalog, links)
        known.seq = fresh[-1].seq
    return known.deeds


def _labels(storage: Storage, person: str, after: int) -> Iterator[Label]:
    for row in storage.statements.labels(term=(person, extract.AGENT), after=after):
        found = label.unpack(row.seq, row.stored, row.id, row.label)
        if found.actor == person:  # the term also finds statements about them
            yield found


def _add(before: Deeds, fresh: Sequence[Label], catalog: Catalog, links: frozenset[str]) -> Deeds:
    graded = interactions.from_labels((one for one in fresh if one.verb in verbs.GRADED), catalog).when
    launched = [one.timestamp for one in fresh if one.verb == verbs.LAUNCHED and one.activity in links]
    return replace(
        before,
        answers=before.answers + len(graded),
        answered=_newest(before.answered, [int(np.max(graded))] if len(graded) else []),
        launched=_newest(before.launched, launched),
    )


def _newest(before: int | None, moments: Sequence[int]) -> int | None:
    return max([*moments, *([] if before is None else [before])], default=None)
