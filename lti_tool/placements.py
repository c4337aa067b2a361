"""What a learner answered in a placement: the questions, so that it can be gone on with, and the answers. Floor 3.

Kept by pseudonym and catalog, apart from everything that is practice: no score and no level comes from it. It feeds
what the path believes, and nothing else. Every change is compare-and-set, so that a form sent twice, or in
two windows at once, counts once; whoever only looks carries it in the page, sealed, and nothing is kept.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Protocol

from itsdangerous import BadSignature, URLSafeSerializer

from lti_tool import errors
from lti_tool.settings import PLACEMENTS
from storage.port import Storage

PURPOSE = "lti_tool preview of a placement"
LONGEST_STEP = 3600
"""Seconds: who took longer was away, and no time is told."""


@dataclass(frozen=True)
class Asked:
    """A question: one step of a practice case.

    Attributes:
        item: Id of the catalog's item that it stands for.
        kind: Of the case.
        seed: What the case is made from.
        step: Id of the step in its kind.
        on: The day it was asked, as YYYY-MM-DD: its rules stay those of that day.
        mark: Of the case as it was asked; where the data have changed since, it cannot be made again.
    """

    item: str
    kind: str
    seed: int
    step: str
    on: str
    mark: str


@dataclass(frozen=True)
class Answer:
    """What a learner answered.

    Attributes:
        asked: The question.
        given: The number that was read, as decimal digits; empty if they did not know.
        right: Whether it was right.
        cause: Id of a misconception, "unknown", or empty.
        at: Seconds since the epoch.
        seconds: How long it took; None if that cannot be said.
    """

    asked: Asked
    given: str
    right: bool
    cause: str
    at: float
    seconds: int | None


@dataclass(frozen=True)
class Placement:
    """A learner's placement in a catalog.

    Attributes:
        number: Which one of this learner, from 1; 0: none was ever begun.
        answers: In order.
        asked: The question that waits for its answer; None: none does.
        since: When that question was first shown, seconds since the epoch.
        begun: Seconds; 0 if none was begun.
        finished: Seconds; 0 while it is open.
        former: Answers of the finished placement before this one: they hold until this one is finished.
    """

    number: int = 0
    answers: tuple[Answer, ...] = ()
    asked: Asked | None = None
    since: float = 0.0
    begun: float = 0.0
    finished: float = 0.0
    former: tuple[Answer, ...] = ()

    @property
    def open(self) -> bool:
        """Whether it was begun and is not finished."""
        return self.number > 0 and not self.finished

    @property
    def holding(self) -> tuple[Answer, ...]:
        """The answers that the path rests on."""
        return self.former if self.open and self.former else self.answers


NOTHING = Placement()
Change = Callable[[Placement], Placement | None]
"""From what is there to what shall be; None: leave it."""


class Shelf(Protocol):
    """Where a placement is kept."""

    def find(self) -> Placement:
        """What is there; `NOTHING` if none was begun."""

    def change(self, change: Change) -> tuple[Placement, bool]:
        """Change what is there, once; what is there now, and whether this call changed it."""


@dataclass(frozen=True)
class Kept:
    """In the store, by pseudonym and catalog.

    Attributes:
        storage: The institution's store.
        pseudonym: Of the learner.
        catalog: Id of the catalog.
    """

    storage: Storage
    pseudonym: str
    catalog: str

    def find(self) -> Placement:
        """What is there."""
        document = self.storage.get(PLACEMENTS, (self.pseudonym, self.catalog))
        return NOTHING if document is None else _placement(document)

    def change(self, change: Change) -> tuple[Placement, bool]:
        """Change what is there; of two changes at once the later one sees the earlier."""
        while True:
            present = self.storage.get(PLACEMENTS, (self.pseudonym, self.catalog))
            there = NOTHING if present is None else _placement(present)
            wanted = change(there)
            if wanted is None or wanted == there:
                return there, False
            document = {"learner": self.pseudonym, "catalog": self.catalog, **_plain(wanted)}
            if self.storage.replace(PLACEMENTS, document, expected=present):
                return wanted, True


@dataclass
class Carried:
    """In the page itself: for those who look and are not recorded.

    Attributes:
        there: The placement.
    """

    there: Placement = NOTHING

    def find(self) -> Placement:
        """What the page carried."""
        return self.there

    def change(self, change: Change) -> tuple[Placement, bool]:
        """Change what the next page carries."""
        wanted = change(self.there)
        if wanted is None or wanted == self.there:
            return self.there, False
        self.there = wanted
        return wanted, True


def seal(placement: Placement, key: bytes) -> str:
    """A placement as a hidden field that cannot be changed."""
    return str(_serializer(key).dumps(_plain(placement)))


def unseal(text: str, key: bytes) -> Placement:
    """The placement of a hidden field; `NOTHING` if there is none.

    Raises:
        errors.PageRefused: It was not made by this tool.
    """
    if not text:
        return NOTHING
    try:
        return _placement(_serializer(key).loads(text))
    except BadSignature as error:
        raise errors.PageRefused("page_not_ours", "carried") from error


def begun(there: Placement, now: float) -> Placement:
    """A new placement in place of a finished one, whose answers hold until the new one ends; an open one stays."""
    if there.open:
        return there
    return Placement(number=there.number + 1, begun=now, former=there.answers)


def asking(there: Placement, asked: Asked | None, now: float) -> Placement:
    """The placement with its next question; without one it is finished."""
    if asked is None:
        return stopped(there, now)
    return replace(there, asked=asked, since=now)


def answered(there: Placement, *, given: str, right: bool, cause: str, now: float) -> Placement:
    """The placement with an answer to the question that waits; it stays as it is where none does."""
    if there.asked is None:
        return there
    seconds = round(now - there.since)
    took = seconds if 0 <= seconds <= LONGEST_STEP else None
    answer = Answer(there.asked, given, right, cause, now, took)
    return replace(there, answers=(*there.answers, answer), asked=None)


def stopped(there: Placement, now: float) -> Placement:
    """The placement, finished; where nothing was answered, the one before it again."""
    if there.answers:
        return replace(there, asked=None, finished=now, former=())
    last = there.former[-1].at if there.former else 0.0
    return replace(there, answers=there.former, asked=None, finished=last or now, former=())


def _placement(document: Mapping[str, Any]) -> Placement:
    asked = document["asked"]
    return Placement(
        number=int(document["number"]),
        answers=_answers(document["answers"]),
        asked=None if asked is None else Asked(**asked),
        since=float(document["since"]),
        begun=float(document["begun"]),
        finished=float(document["finished"]),
        former=_answers(document["former"]),
    )


def _answers(listed: list[Mapping[str, Any]]) -> tuple[Answer, ...]:
    return tuple(Answer(**{**one, "asked": Asked(**one["asked"])}) for one in listed)


def _plain(placement: Placement) -> dict[str, Any]:
    """As JSON has it: lists, no tuples."""
    plain = asdict(placement)
    return {**plain, "answers": list(plain["answers"]), "former": list(plain["former"])}


def _serializer(key: bytes) -> URLSafeSerializer:
    return URLSafeSerializer(key, salt=PURPOSE)
