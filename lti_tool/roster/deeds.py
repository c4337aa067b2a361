"""What the members of a course did, as sums: kept in the store, and brought up to date from new labels alone. Floor 3.

A class page asks about hundreds of persons at once, whose answers may be hundreds of thousands. So the sums of each are
a document, made in the background from all their labels (`standings`); a page reads the documents and adds what came
after. What no document covers yet is made for the page as long as that is little; the rest is said to be on its way.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from itertools import islice
from typing import Any
from zlib import crc32

import numpy as np

from curriculum.catalog import Catalog
from lti_tool.roster import columns
from lti_tool.roster.columns import Columns, Counts
from lti_tool.settings import STANDINGS
from recommender import interactions, profile, verbs
from recommender.interactions import Interactions
from recommender.parameters import Parameters
from storage.port import Storage
from xapi_collector import consent, extract, label
from xapi_collector.label import Label

PURPOSE = consent.ANALYTICS
INLINE = 800
"""Labels that one page reads itself, some 40 ms: small classes never wait for the background."""
NEWEST = 20
"""New labels of one person that a page adds in any case."""
EACH = 40
"""What making the levels of one person costs beside their labels, counted in labels."""
LIFETIME = 3600.0
"""Seconds after which sums that somebody looks at are made anew, for the sake of statements that were voided."""
FRESH = 86_400.0
"""Seconds after which a level is made anew although nothing was answered: people forget."""
FORM = 2
"""Of the documents; another one is made anew."""
_DAY = 86_400_000_000


@dataclass(frozen=True, slots=True)
class Deeds:
    """What one person did.

    Attributes:
        answers: How many graded answers on the catalog, as the learner's own page counts them.
        answered: When the newest of them was given, microseconds since 1970; None if there is none.
        launched: When they last opened a link of the course, microseconds since 1970; None if never.
        shared: Whether they let the institution look at this.
        counted: Whether the sums were made; if not, nothing else is known yet.
        skills: `columns.STAND` [skills of the catalog]: where they stand, as their own page shows it.
        days: uint16 [columns.DAYS, skills]: answers by day, the oldest first, and by main skill of the item.
        day: The last of those days, in days since 1970 (UTC).
        runs: `columns.RUN` [items of the catalog]: where the newest answers were not right.
        levels: When the levels were made, seconds since the epoch; 0: never.
        behind: Whether newer answers, or another model, are not in the levels yet.
    """

    answers: int = 0
    answered: int | None = None
    launched: int | None = None
    shared: bool = True
    counted: bool = True
    skills: Columns = field(default_factory=partial(columns.stands, 0), compare=False)
    days: Counts = field(default_factory=partial(columns.days, 0), compare=False)
    day: int = field(default=0, compare=False)
    runs: Columns = field(default_factory=partial(columns.runs, 0), compare=False)
    levels: float = field(default=0.0, compare=False)
    behind: bool = False


@dataclass(frozen=True, eq=False)
class Course:
    """What the sums of a course are made with.

    Attributes:
        key: Of the course.
        catalog: Whose activities count as answers.
        links: IRIs of the course's links; a launch of any of them counts.
        parameters: The published model; None: levels come from the graph.
        model: What tells one model from another.
    """

    key: str
    catalog: Catalog
    links: frozenset[str]
    parameters: Parameters | None = None
    model: str = ""

    @property
    def mark(self) -> str:
        """What a document depends on besides statements."""
        links = crc32("\n".join(sorted(self.links)).encode())
        return f"{FORM}:{self.catalog.fingerprint[:16]}:{links:08x}"


@dataclass
class Ledger:
    """The courses of which a page of this process found sums wanting, for the background; by key, the newest last."""

    wanted: dict[str, Course] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock, repr=False)


@dataclass(frozen=True, slots=True)
class Sums:
    """One person's sums as they are kept.

    Attributes:
        deeds: What they did.
        seq: Place of the last label that is in them.
        epoch: Of the statements: a later one may have removed some of them.
        model: With which the levels were made.
        made: When, seconds since the epoch.
    """

    deeds: Deeds
    seq: int
    epoch: int
    model: str
    made: float


def of(ledger: Ledger, storage: Storage, persons: Sequence[str], course: Course, *, now: float) -> Mapping[str, Deeds]:
    """What each of these persons did.

    Args:
        ledger: Of this process: told that the course is wanted where sums are wanting.
        storage: The institution's store.
        persons: Pseudonyms.
        course: What the sums are made with.
        now: Seconds since the epoch.
    """
    epoch = storage.statements.epoch()
    allowed = consent.allowed(storage, PURPOSE)
    kept = read(storage, course, epoch)
    found: dict[str, Deeds] = {}
    left = INLINE
    wanting = False
    for person in persons:
        if person not in allowed:
            found[person] = Deeds(shared=False)
            continue
        found[person], spent, stale = _now(storage, person, kept.get(person), course, now=now, left=left)
        left -= spent
        wanting = wanting or stale
    if wanting:
        with ledger.lock:
            ledger.wanted.pop(course.key, None)
            ledger.wanted[course.key] = course
    return found


def read(storage: Storage, course: Course, epoch: int) -> dict[str, Sums]:
    """The sums that are kept of a course and still hold, by pseudonym.

    Args:
        storage: The institution's store.
        course: What they must have been made with.
        epoch: Of the statements now.
    """
    return {
        document["learner"]: sums_of(document)
        for document in storage.find(STANDINGS, {"course": course.key})
        if document["mark"] == course.mark and document["epoch"] == epoch
    }


def make(labels: Iterable[Label], course: Course, *, epoch: int, now: float) -> Sums:
    """The sums of one person from all their labels.

    Args:
        labels: Of the person, in the order of storage.
        course: What the sums are made with.
        epoch: Of the statements when the labels were read.
        now: Seconds since the epoch.
    """
    listed = list(labels)
    history = _history(listed, course.catalog)
    counted = _add(_begun(course, now), listed, history, course, now)
    deeds = replace(counted, skills=_stands(history, course, now), levels=now)
    return Sums(deeds, listed[-1].seq if listed else 0, epoch, course.model, now)


def added(sums: Sums, fresh: Sequence[Label], course: Course, now: float) -> Sums:
    """Sums with labels that came after them; the levels stay as they were, and are behind if there are new answers.

    Args:
        sums: Of the person.
        fresh: Their labels of a greater seq, in the order of storage.
        course: What the sums are made with.
        now: Seconds since the epoch.
    """
    if not fresh:
        return sums
    history = _history(fresh, course.catalog)
    deeds = _add(sums.deeds, fresh, history, course, now)
    return replace(sums, deeds=replace(deeds, behind=deeds.behind or len(history.item) > 0), seq=fresh[-1].seq)


def stale(sums: Sums, person: str, course: Course, now: float, lifetime: float = LIFETIME) -> bool:
    """Whether sums are to be made anew: of another model, too old, or with levels that newer answers are not in."""
    age = now - sums.made
    return sums.deeds.behind or sums.model != course.model or not 0 <= age < lifetime * spread(person)


def spread(person: str) -> float:
    """Between a half and one, always the same for a person: so a class does not begin anew all at once."""
    return 0.5 + crc32(person.encode()) / 2**33


def labels(storage: Storage, person: str, after: int = 0) -> Iterator[Label]:
    """The labels of what a person did, in the order of storage."""
    for row in storage.statements.labels(term=(person, extract.AGENT), after=after):
        found = label.unpack(row.seq, row.stored, row.id, row.label)
        if found.actor == person:  # the term also finds statements about them
            yield found


def document(sums: Sums, person: str, course: Course) -> dict[str, Any]:
    """Sums as the store keeps them."""
    deeds = sums.deeds
    return {
        "course": course.key,
        "learner": person,
        "mark": course.mark,
        "epoch": sums.epoch,
        "seq": sums.seq,
        "model": sums.model,
        "made": sums.made,
        "answers": deeds.answers,
        "answered": deeds.answered,
        "launched": deeds.launched,
        "levels": deeds.levels,
        "skills": columns.packed(deeds.skills),
        "days": columns.packed(deeds.days),
        "day": deeds.day,
        "runs": columns.packed(deeds.runs),
    }


def _now(
    storage: Storage, person: str, kept: Sums | None, course: Course, *, now: float, left: int
) -> tuple[Deeds, int, bool]:
    """A person's sums as of now, what that took in labels, and whether they are wanting."""
    if kept is None:
        found = list(islice(labels(storage, person), left + 1)) if left > 0 else []
        if left <= 0 or len(found) > left:
            return Deeds(counted=False, behind=True), max(left, 0), True
        return make(found, course, epoch=0, now=now).deeds, EACH + len(found) if found else 0, bool(found)
    limit = max(left, NEWEST)
    fresh = list(islice(labels(storage, person, kept.seq), limit + 1))
    spent = len(fresh)
    sums = added(kept, fresh[:limit], course, now)
    if spent > limit:
        return replace(sums.deeds, behind=True), spent, True
    if not stale(sums, person, course, now):
        return sums.deeds, spent, False
    left -= spent
    if 0 < sums.deeds.answers <= left:
        found = list(islice(labels(storage, person), left + 1))
        spent += EACH + len(found)
        if len(found) <= left:
            return make(found, course, epoch=0, now=now).deeds, spent, True
    behind = sums.deeds.behind or sums.model != course.model or now - sums.deeds.levels >= FRESH
    return replace(sums.deeds, behind=behind), spent, True


def _stands(history: Interactions, course: Course, now: float) -> Columns:
    found = columns.stands(len(course.catalog.skills))
    if not len(history.item):
        return found
    seen = profile.levels(course.catalog, history, course.parameters, datetime.fromtimestamp(now, UTC))
    for name in ("answers", "right", "level", "low", "high"):
        found[name] = getattr(seen, name)[0]
    found["last"] = np.maximum(seen.newest[0], 0)
    return found


def _history(listed: Iterable[Label], catalog: Catalog) -> Interactions:
    return interactions.from_labels((one for one in listed if one.verb in verbs.GRADED), catalog)


def _begun(course: Course, now: float) -> Deeds:
    """Of somebody who did nothing yet."""
    skills, items = len(course.catalog.skills), len(course.catalog.items)
    made = columns.days(skills)
    return Deeds(skills=columns.stands(skills), days=made, day=int(now // 86_400), runs=columns.runs(items))


def _add(before: Deeds, fresh: Sequence[Label], history: Interactions, course: Course, now: float) -> Deeds:
    """The counts with new labels in them."""
    catalog, today = course.catalog, int(now // 86_400)
    main = np.array([catalog.skill_index[item.skills[0]] for item in catalog.items.values()], np.int64)
    days = columns.moved(before.days, max(0, today - before.day))
    age = today - history.when // _DAY
    lately = (age >= 0) & (age < columns.DAYS)
    np.add.at(days, (columns.DAYS - 1 - age[lately], main[history.item[lately]]), 1)
    runs = before.runs.copy()
    when = history.when.tolist()
    for item, moment, correct in zip(history.item.tolist(), when, history.correct.tolist(), strict=True):
        count, first, _ = runs[item]
        runs[item] = (0, 0, 0) if correct > 0.5 else (count + 1, first if count else moment, moment)
    launched = [one.timestamp for one in fresh if one.verb == verbs.LAUNCHED and one.activity in course.links]
    return replace(
        before,
        answers=before.answers + len(when),
        answered=_newest(before.answered, when),
        launched=_newest(before.launched, launched),
        days=days,
        day=max(today, before.day),
        runs=runs,
    )


def _newest(before: int | None, moments: Sequence[int]) -> int | None:
    return max([*moments, *([] if before is None else [before])], default=None)


def sums_of(kept: Mapping[str, Any]) -> Sums:
    """Sums as the store keeps them, read back."""
    deeds = Deeds(
        answers=kept["answers"],
        answered=kept["answered"],
        launched=kept["launched"],
        skills=columns.unpacked(kept["skills"], columns.STAND),
        days=columns.unpacked_days(kept["days"]),
        day=kept["day"],
        runs=columns.unpacked(kept["runs"], columns.RUN),
        levels=kept["levels"],
    )
    return Sums(deeds, kept["seq"], kept["epoch"], kept["model"], kept["made"])
