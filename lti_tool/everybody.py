"""What all learners of an institution say together, made in the background, a catalog at a time. Floor 3.

A page reads one document. Making it takes a step for every few learners, so that no page waits for it; what is thin is
left out. After an erasure the document does not hold until it is made anew.
"""

from __future__ import annotations

import functools
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any

import numpy as np

from curriculum.catalog import Catalog
from lti_tool import backgrounds, votes
from lti_tool.roster import columns
from lti_tool.settings import EVERYBODY
from recommender import activities, background, interactions, others, priors, quality, ways
from recommender.background import Effects
from recommender.others import Others, Part
from recommender.priors import Counts
from recommender.tracker import Priors
from storage.port import Storage
from xapi_collector import consent, progress, statements

PURPOSE = consent.ANALYTICS
EVERY = 3600.0
"""Seconds for which a document holds."""
SOON = 300.0
"""Seconds until a document that does not hold any more is made anew: of many erasures at once, one answer."""
BATCH = 5
"""Learners of one step."""
FORM = 1
"""Of the documents; another one is made anew."""

Class = tuple[Catalog, Iterable[str]]


@dataclass(frozen=True, eq=False)
class Known:
    """What a document says.

    Attributes:
        others: What all say together.
        doubted: Weight of steps with which learners find fault, by item id.
        made: When, seconds since the epoch.
    """

    others: Others
    doubted: Mapping[str, float]
    made: float


@dataclass
class Round:
    """Where one process is.

    Attributes:
        storage: The institution's store.
        classes: Catalogs in use at a moment, each with pseudonyms of learners; a catalog may come more than once.
        now: Seconds since the epoch.
        queue: Catalogs that are still to be made, with their learners.
        parts: Of the catalog at the head of the queue: what its learners add, so far.
        ease: Of that catalog: how easy its items are.
        epoch: Of the statements when that catalog was begun.
        looked: When the last look at what is due was.
    """

    storage: Storage
    classes: Callable[[float], Iterable[Class]]
    now: Callable[[], float]
    queue: deque[tuple[Catalog, deque[str]]] = field(default_factory=deque)
    parts: list[Part] = field(default_factory=list)
    ease: np.ndarray[Any, np.dtype[np.float64]] | None = None
    epoch: int = -1
    looked: float = 0.0


def read(storage: Storage, catalog: Catalog) -> Known | None:
    """What is known of all learners of a catalog; None until it was made.

    Args:
        storage: The institution's store.
        catalog: Its document must have been made for this one.
    """
    kept = storage.get(EVERYBODY, (catalog.id,))
    if kept is None or kept["mark"] != _mark(catalog) or kept["epoch"] != storage.statements.epoch():
        return None
    return _known(kept)


def beginning(catalog: Catalog, known: Known | None, logits: float) -> Priors | None:
    """Where a learner's path begins; None: where the catalog declares it.

    Args:
        catalog: The catalog.
        known: Of all learners; None: nothing.
        logits: What the learner's own background adds.
    """
    counts = None if known is None else known.others.counts
    if counts is None and not logits:
        return None
    asked, right = (b"", b"") if counts is None else (counts.asked.tobytes(), counts.right.tobytes())
    return _beginning(catalog, asked, right, round(logits, 3))


@functools.lru_cache(maxsize=256)
def _beginning(catalog: Catalog, asked: bytes, right: bytes, logits: float) -> Priors:
    start = priors.learn(catalog, Counts(np.frombuffer(asked), np.frombuffer(right))) if asked else None
    return priors.moved(catalog, start, logits) if logits or start is None else start


def turn(round_: Round) -> bool:
    """Do a piece of the work; true if there is more to do at once.

    While pseudonyms are rotated nothing is made: it might be under the old one.
    """
    if progress.read(round_.storage, progress.ROTATION) is not None:
        return False
    if not round_.queue and not _look(round_):
        return False
    catalog, people = round_.queue[0]
    if round_.ease is None:
        round_.epoch, round_.ease = round_.storage.statements.epoch(), _ease(round_.storage, catalog)
    batch = [people.popleft() for _ in range(min(BATCH, len(people)))]
    round_.parts.append(_part(round_.storage, catalog, batch, round_.ease))
    if not people:
        keep(round_.storage, catalog, others.learn(catalog, round_.parts), epoch=round_.epoch, now=round_.now())
        round_.queue.popleft()
        round_.parts, round_.ease = [], None
    return bool(round_.queue)


def keep(storage: Storage, catalog: Catalog, found: Others, *, epoch: int, now: float) -> bool:
    """Keep what was found; not where somebody was erased meanwhile, who may be in it.

    Args:
        storage: The institution's store.
        catalog: Its catalog.
        found: What all say together.
        epoch: Of the statements when the first of them was read.
        now: Seconds since the epoch.
    """
    doubted = votes.weights(votes.tallies(storage, catalog.id))
    slopes = found.slopes
    document = {
        "catalog": catalog.id,
        "mark": _mark(catalog),
        "epoch": epoch,
        "made": now,
        "learners": found.learners,
        "sloped": found.sloped,
        "mean": "" if slopes is None else columns.packed(slopes.mean),
        "spread": "" if slopes is None else columns.packed(slopes.spread),
        "asked": "" if found.counts is None else columns.packed(found.counts.asked),
        "right": "" if found.counts is None else columns.packed(found.counts.right),
        "seconds": columns.packed(found.seconds),
        "items": [columns.packed(getattr(found.items, one.name)) for one in fields(quality.Sums)],
        "offsets": [
            {"field": name, "value": value, "logit": logit, "learners": found.offsets.learners[name, value]}
            for (name, value), logit in found.offsets.logits.items()
        ],
        "doubted": [{"item": item, "weight": weight} for item, weight in sorted(doubted.items())],
    }
    present = storage.get(EVERYBODY, (catalog.id,))
    return storage.statements.epoch() == epoch and storage.replace(EVERYBODY, document, expected=present)


def _look(round_: Round) -> bool:
    """Queue the catalogs whose document is too old or does not hold; whether there are any."""
    now, epoch = round_.now(), round_.storage.statements.epoch()
    if 0 <= now - round_.looked < SOON:
        return False
    round_.looked = now
    listed: dict[str, tuple[Catalog, set[str]]] = {}
    for catalog, people in round_.classes(now):
        listed.setdefault(catalog.id, (catalog, set()))[1].update(people)
    for catalog, people in listed.values():
        kept = round_.storage.get(EVERYBODY, (catalog.id,))
        holds = kept is not None and kept["mark"] == _mark(catalog) and kept["epoch"] == epoch
        if not (holds and kept is not None and 0 <= now - kept["made"] < EVERY):
            round_.queue.append((catalog, deque(sorted(people))))
    return bool(round_.queue)


def _part(
    storage: Storage, catalog: Catalog, people: Iterable[str], ease: np.ndarray[Any, np.dtype[np.float64]]
) -> Part:
    """What some learners add who let the institution look at it."""
    labels = [label for one in people for label in statements.labels(storage, purpose=PURPOSE, actor=one)]
    history = interactions.from_labels(labels, catalog)
    said = backgrounds.of_all(storage, history.learners)
    return others.part(catalog, history, activities.from_labels(labels, catalog), said, ease)


def _ease(storage: Storage, catalog: Catalog) -> np.ndarray[Any, np.dtype[np.float64]]:
    """From the document before, where it is of this catalog; else what is declared."""
    kept = storage.get(EVERYBODY, (catalog.id,))
    there = kept is not None and kept["mark"] == _mark(catalog)
    total = _known(kept).others.items if there and kept is not None else quality.nothing(catalog)
    return quality.eases(catalog, total, ways.typical(catalog))


def _mark(catalog: Catalog) -> str:
    return f"{FORM}:{catalog.fingerprint[:16]}"


def _known(kept: Mapping[str, Any]) -> Known:
    slopes = ways.Prior(_floats(kept["mean"]), _floats(kept["spread"])) if kept["mean"] else None
    counts = Counts(_floats(kept["asked"]), _floats(kept["right"])) if kept["asked"] else None
    offsets = background.NEUTRAL
    if kept["offsets"]:
        told = [((str(one["field"]), str(one["value"])), one) for one in kept["offsets"]]
        offsets = Effects(
            {pair: float(one["logit"]) for pair, one in told}, {pair: int(one["learners"]) for pair, one in told}
        )
    found = Others(
        learners=int(kept["learners"]),
        sloped=int(kept["sloped"]),
        slopes=slopes,
        counts=counts,
        seconds=_floats(kept["seconds"]),
        offsets=offsets,
        items=quality.Sums(*(_floats(one) for one in kept["items"])),
    )
    doubted = {str(one["item"]): float(one["weight"]) for one in kept["doubted"]}
    return Known(found, doubted, float(kept["made"]))


def _floats(text: str) -> np.ndarray[Any, np.dtype[np.float64]]:
    return columns.unpacked_floats(text)
