"""A question to the whole class, in two rounds: alone, then after talking it over. Floor 3.

Peer instruction: each learner answers once a round, the instructor closes the first, has neighbours talk, opens the
second, closes it, and only then is the right answer shown. Source: Crouch and Mazur, "Peer Instruction: Ten years of
experience and results", American Journal of Physics 69, 2001. What is counted is a split by cause, never a name.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace

from storage import errors as storage_errors
from storage.collection import Collection
from storage.port import Storage

POLLS = Collection(
    "lti_polls",
    ("course", "poll"),
    fields=("by",),
    person="by",
    purpose="ask a class one question in two rounds, and know who asked",
    legal_basis="GDPR Art. 6(1)(e): teaching",
    residency="institution",
    retention="until the platform is removed",
    export="part of `entrepot lrs export-person`",
    erase="deleted with the person who asked by `entrepot lrs erase`",
)
POLL_ANSWERS = Collection(
    "lti_poll_answers",
    ("course", "poll", "learner", "round"),
    person="learner",
    purpose="count once a round what each learner answered to a question that the whole class was asked",
    legal_basis="GDPR Art. 6(1)(e): teaching",
    residency="institution",
    retention="as long as the learner's statements",
    export="part of `entrepot lrs export-person`",
    erase="deleted with the person by `entrepot lrs erase`",
)
POLL_TURNS = Collection(
    "lti_poll_turns",
    ("course",),
    fields=("by",),
    person="by",
    purpose="let a class be at one question at a time, although two instructors ask at the same moment",
    legal_basis="GDPR Art. 6(1)(e): teaching",
    residency="institution",
    retention="until the next question is asked, or the platform is removed",
    export="part of `entrepot lrs export-person`",
    erase="deleted with the person who asked by `entrepot lrs erase`",
)
COLLECTIONS = (POLLS, POLL_ANSWERS, POLL_TURNS)
FIRST, TALK, SECOND, CLOSED = STATES = ("first", "talk", "second", "closed")
"""A round is open in the first and the third; the right answer is shown in the last."""
ROUNDS = {FIRST: 1, SECOND: 2}
FEWEST = 5
"""Answers of a round from which on its split is shown."""
KEPT = 10
"""Questions of a course that its page lists."""
UNKNOWN = "unknown"


@dataclass(frozen=True)
class Poll:
    """A question that was asked to a class.

    Attributes:
        course: The key of the course.
        poll: Sorts by time: when it was asked, and what is unique.
        entry: Id of a question of the bank.
        seed: What its figures are made from.
        on: The day it was asked, as YYYY-MM-DD: its rules stay those of that day.
        mark: Of the question as it was asked: where the data have changed since, it is closed.
        state: One of `STATES`.
        by: Pseudonym of who asked.
        made: Seconds since the epoch.
    """

    course: str
    poll: str
    entry: str
    seed: int
    on: str
    mark: str
    state: str
    by: str
    made: int

    @property
    def round(self) -> int:
        """The round that is open, 1 or 2; 0 where none is."""
        return ROUNDS.get(self.state, 0)


@dataclass(frozen=True)
class Answer:
    """What a learner answered in a round.

    Attributes:
        given: As practice keeps an answer; empty if they do not know.
        right: Whether it was right.
        cause: Id of a misconception, `UNKNOWN`, or empty.
        at: Seconds since the epoch.
    """

    given: str
    right: bool
    cause: str
    at: float


@dataclass(frozen=True)
class Split:
    """What a class answered in a round.

    Attributes:
        answers: How many.
        right: How many of them were right; None of fewer than `FEWEST`.
        causes: How many by cause, `UNKNOWN` among them, the most frequent first.
        passed: How many did not know.
    """

    answers: int
    right: int | None = None
    causes: tuple[tuple[str, int], ...] = ()
    passed: int = 0


def ask(storage: Storage, poll: Poll) -> bool:
    """Ask a class; False where another question is still open there, or somebody else asks at this moment.

    A course has one turn, which is taken from a question that is closed. It holds the whole question, so that one whose
    asker died before keeping it is kept by whoever asks next, and can be closed.
    """
    turn = storage.get(POLL_TURNS, (poll.course,))
    if turn is not None:
        storage.insert_missing(POLLS, [turn])
    if current(storage, poll.course) is not None:
        return False
    if not storage.replace(POLL_TURNS, asdict(poll), expected=turn):
        return False
    storage.insert_missing(POLLS, [asdict(poll)])
    return True


def step(storage: Storage, poll: Poll, state: str) -> Poll:
    """Go on to another state from the one that a page showed; what somebody else did meanwhile stays."""
    if STATES.index(state) <= STATES.index(poll.state):
        return poll
    wanted = replace(poll, state=state)
    if storage.replace(POLLS, asdict(wanted), expected=asdict(poll)):
        return wanted
    return find(storage, poll.course, poll.poll) or poll


def find(storage: Storage, course: str, id_: str) -> Poll | None:
    """A question of a course; None if it has no such one."""
    there = storage.get(POLLS, (course, id_))
    return None if there is None else Poll(**there)


def of_course(storage: Storage, course: str) -> list[Poll]:
    """The questions that a class was asked, the newest first."""
    return [Poll(**one) for one in storage.find(POLLS, {"course": course}, limit=KEPT, descending=True)]


def current(storage: Storage, course: str) -> Poll | None:
    """The question that a class is at; None where it is at none."""
    return next((one for one in of_course(storage, course) if one.state != CLOSED), None) if course else None


def answer(storage: Storage, poll: Poll, learner: str, given: Answer) -> bool:
    """Keep the answer of a learner in the round that is open; the first one stays. False: it was not kept."""
    if not poll.round:
        return False
    document = {"course": poll.course, "poll": poll.poll, "learner": learner, "round": str(poll.round), **asdict(given)}
    try:
        storage.insert(POLL_ANSWERS, document)
    except storage_errors.DuplicateKey:
        return False
    return True


def answered(storage: Storage, poll: Poll, learners: Sequence[str]) -> dict[int, Answer]:
    """What a learner answered, by round.

    Args:
        storage: The institution's store.
        poll: The question.
        learners: The learner's pseudonyms: while they are rotated it may stand under any.
    """
    keys = [(poll.course, poll.poll, learner, str(number)) for learner in learners for number in (1, 2)]
    found = storage.get_many(POLL_ANSWERS, keys)
    return {int(key[3]): _answer(document) for key, document in found.items()}


def splits(storage: Storage, poll: Poll, allowed: Callable[[str], bool]) -> dict[int, Split]:
    """What the class answered, by round: counts of those who let the institution look, and of few nothing.

    Args:
        storage: The institution's store.
        poll: The question.
        allowed: Whether a pseudonym may be counted.
    """
    found: dict[int, list[Answer]] = {1: [], 2: []}
    for document in storage.find(POLL_ANSWERS, {"poll": poll.poll, "course": poll.course}):
        if allowed(document["learner"]):
            found[int(document["round"])].append(_answer(document))
    return {number: _split(listed) for number, listed in found.items()}


def remove(storage: Storage, course: str) -> None:
    """Remove what is kept of a course, whose platform is removed."""
    for kept in storage.find(POLL_ANSWERS, {"course": course}):
        storage.delete(POLL_ANSWERS, (course, kept["poll"], kept["learner"], kept["round"]))
    for kept in storage.find(POLLS, {"course": course}):
        storage.delete(POLLS, (course, kept["poll"]))
    storage.delete(POLL_TURNS, (course,))


def _split(listed: Sequence[Answer]) -> Split:
    if len(listed) < FEWEST:
        return Split(len(listed))
    causes = Counter(one.cause or UNKNOWN for one in listed if not one.right and one.given)
    passed = sum(not one.given for one in listed)
    return Split(len(listed), sum(one.right for one in listed), tuple(causes.most_common()), passed)


def _answer(document: dict[str, object]) -> Answer:
    return Answer(**{name: document[name] for name in Answer.__dataclass_fields__})  # type: ignore[arg-type]  # as kept
