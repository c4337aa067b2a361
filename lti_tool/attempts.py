"""A learner's work on a practice case or an exam: which one it is, and what was answered so far. Floor 3.

An attempt is a seed, a day and the answers: the case itself is made again from them at every page. Every change is
compare-and-set, so that a form sent twice, or in two windows at once, counts once. Whoever only looks (an instructor's
preview) carries the attempt in the page, sealed against change, and nothing is kept.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Protocol

from itsdangerous import BadSignature, URLSafeSerializer

from lti_tool import errors
from lti_tool.settings import ATTEMPTS
from storage.port import Storage

PURPOSE = "lti_tool preview of practice"
LONGEST_STEP = 3600
"""Seconds: who took longer was away, and no time is told."""


@dataclass(frozen=True)
class Answer:
    """What a learner answered in one step.

    Attributes:
        given: The number that was read, as decimal digits; empty if they asked to see the answer.
        right: Whether it was right.
        cause: Id of a misconception, "unknown", or empty.
        at: Seconds since the epoch.
        seconds: How long it took; None if that cannot be said.
        hints: How many hints came before it.
        tries: Which try it was, from 1.
        credit: What it is worth, from 0 to 1; None: 1 if it is right.
        earlier: What was answered in the tries before it.
        first: Seconds since the epoch: when the first of them was; 0 where this is the first.
        step: Kind of case and id of the step, such as "bank.cus.duty.1": what figures of a question are counted by;
            empty where nobody kept it.
    """

    given: str
    right: bool
    cause: str
    at: float
    seconds: int | None
    hints: int = 0
    tries: int = 1
    credit: float | None = None
    earlier: tuple[str, ...] = ()
    first: float = 0.0
    step: str = ""

    @property
    def worth(self) -> float:
        """Its share of the question's point."""
        return float(self.right) if self.credit is None else self.credit


@dataclass(frozen=True)
class Attempt:
    """One try at a case or an exam.

    Attributes:
        activity: "case:" and a kind, or "exam:" and a plan.
        number: Which try of this learner in this link, from 1.
        seed: What the case or exam is made from.
        on: The day it was begun, as YYYY-MM-DD: its rules stay those of that day.
        mark: Of the case or exam as it was begun; where the data have changed since, it cannot be made again.
        total: How many steps it has.
        answers: So far, in the order of the steps.
        begun: Seconds since the epoch.
        since: Seconds: when the step to be answered now was first shown.
        finished: Seconds; 0 while it is open.
        scored: Its score was handed to the gradebook's outbox, or needs not to be.
        tries: How many tries each step has, by what the link says.
        earlier: What was answered so far in the step to be answered now, and was not right.
        first: Seconds since the epoch: when the first of them was; 0 while there is none.
        helps: One for each hint taken in that step: how many tries came before it. In a scene, whose steps lie open
            together: one for each hint of any step, the place of that step.
        limit: Seconds that it may take without extra time; 0: as long as it takes.
        closes: Seconds since the epoch: when the platform closes it; 0: never.
        deadline: Seconds since the epoch: after which it ends by itself; 0: never.
    """

    activity: str
    number: int
    seed: int
    on: str
    mark: str
    total: int
    answers: tuple[Answer, ...]
    begun: float
    since: float
    finished: float = 0.0
    scored: bool = False
    tries: int = 1
    earlier: tuple[str, ...] = ()
    first: float = 0.0
    helps: tuple[int, ...] = ()
    limit: float = 0.0
    closes: float = 0.0
    deadline: float = 0.0

    @property
    def points(self) -> float:
        """What the answers are worth together, of `total`."""
        return round(sum(answer.worth for answer in self.answers), 6)

    @property
    def right(self) -> int:
        """How many answers were right."""
        return sum(answer.right for answer in self.answers)

    @property
    def place(self) -> int:
        """The step to be answered next, from 0; the number of steps if all are."""
        return len(self.answers)


Change = Callable[[Attempt | None], Attempt | None]
"""From what is there to what shall be; None: leave it."""


class Shelf(Protocol):
    """Where an attempt is kept."""

    def change(self, change: Change) -> tuple[Attempt | None, bool]:
        """Change what is there, once.

        Returns:
            What is there now, and whether this call changed it.
        """


@dataclass(frozen=True)
class Kept:
    """In the store, by pseudonym, link and activity; one attempt, the newest.

    Attributes:
        storage: The institution's store.
        pseudonyms: The learner's, the active key's first: while they are rotated it may stand under any.
        link: Key of the resource link.
        activity: As in the attempt.
    """

    storage: Storage
    pseudonyms: Sequence[str]
    link: str
    activity: str

    def change(self, change: Change) -> tuple[Attempt | None, bool]:
        """Change what is there; of two changes at once the later one sees the earlier."""
        while True:
            present = self._present()
            there = None if present is None else _attempt(present)
            wanted = change(there)
            if wanted is None or wanted == there:
                return there, False
            name = self.pseudonyms[0] if present is None else present["learner"]
            document = {"learner": name, "link": self.link, **asdict(wanted)}
            document |= _listed(wanted)
            if self.storage.replace(ATTEMPTS, document, expected=present):
                return wanted, True

    def _present(self) -> dict[str, Any] | None:
        keys = [(pseudonym, self.link, self.activity) for pseudonym in self.pseudonyms]
        found = self.storage.get_many(ATTEMPTS, keys)
        return next((found[key] for key in keys if key in found), None)


@dataclass
class Carried:
    """In the page itself: for those who look and are not recorded.

    Attributes:
        there: The attempt, or None before the first page.
    """

    there: Attempt | None

    def change(self, change: Change) -> tuple[Attempt | None, bool]:
        """Change what the next page carries."""
        wanted = change(self.there)
        changed = wanted is not None and wanted != self.there
        if changed:
            self.there = wanted
        return self.there, changed


def seal(attempt: Attempt, key: bytes) -> str:
    """An attempt as a hidden field that cannot be changed."""
    return str(_serializer(key).dumps({**asdict(attempt), **_listed(attempt)}))


def unseal(text: str, key: bytes) -> Attempt | None:
    """The attempt of a hidden field; None if there is none.

    Raises:
        errors.PageRefused: It was not made by this tool.
    """
    if not text:
        return None
    try:
        return _attempt(_serializer(key).loads(text))
    except BadSignature as error:
        raise errors.PageRefused("page_not_ours", "carried") from error


def begin(
    activity: str, number: int, seed: int, *, on: str, mark: str, total: int, now: float, tries: int = 1
) -> Attempt:
    """A new attempt."""
    return Attempt(activity, number, seed, on, mark, total, (), now, now, tries=tries)


def answered(attempt: Attempt, answer: Answer) -> Attempt:
    """The attempt with one more answer; the last one finishes it."""
    answers = (*attempt.answers, answer)
    finished = answer.at if len(answers) == attempt.total else 0.0
    return replace(attempt, answers=answers, finished=finished, since=answer.at, earlier=(), first=0.0, helps=())


def tried(attempt: Attempt, given: str, now: float) -> Attempt:
    """The attempt after a try that was not right, where the step may be tried again."""
    return replace(attempt, earlier=(*attempt.earlier, given), first=attempt.first or now, since=now)


def helped(attempt: Attempt) -> Attempt:
    """The attempt with one more hint taken in the step to be answered now."""
    return replace(attempt, helps=(*attempt.helps, len(attempt.earlier)))


def ended(attempt: Attempt, at: float) -> Attempt:
    """The attempt at its end before its last step: what was answered counts, the rest is not right."""
    return replace(attempt, finished=at, earlier=(), helps=())


def took(attempt: Attempt, now: float) -> int | None:
    """Whole seconds since the step to be answered now was shown; None after a break or a clock that went back."""
    seconds = round(now - attempt.since)
    return seconds if 0 <= seconds <= LONGEST_STEP else None


def open_of(storage: Storage, link: str) -> Iterator[tuple[str, Attempt]]:
    """The attempts of a link that are not finished, each with the pseudonym of its learner.

    Args:
        storage: The institution's store.
        link: Key of the resource link.
    """
    for learner, attempt in of_link(storage, link):
        if not attempt.finished:
            yield learner, attempt


def of_link(storage: Storage, link: str) -> Iterator[tuple[str, Attempt]]:
    """The newest attempts of a link, each with the pseudonym of its learner.

    Args:
        storage: The institution's store.
        link: Key of the resource link.
    """
    for document in storage.find(ATTEMPTS, {"link": link}):
        yield document["learner"], _attempt(document)


def _attempt(document: Mapping[str, Any]) -> Attempt:
    """What is kept, as an attempt; one of before there were hints, tries and limits has none."""
    values = {name: document[name] for name in Attempt.__dataclass_fields__ if name in document}
    return Attempt(
        **{
            **values,
            "answers": tuple(map(_answer, document["answers"])),
            "earlier": tuple(document.get("earlier", ())),
            "helps": tuple(document.get("helps", ())),
        }
    )


def _answer(kept: Mapping[str, Any]) -> Answer:
    return Answer(**{**kept, "earlier": tuple(kept.get("earlier", ()))})


def _listed(attempt: Attempt) -> dict[str, Any]:
    """The parts of an attempt that a store keeps as lists."""
    return {
        "answers": [{**asdict(answer), "earlier": list(answer.earlier)} for answer in attempt.answers],
        "earlier": list(attempt.earlier),
        "helps": list(attempt.helps),
    }


def _serializer(key: bytes) -> URLSafeSerializer:
    return URLSafeSerializer(key, salt=PURPOSE)
