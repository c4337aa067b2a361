"""What the tool tells the LRS: `launched`, `recommended`, `initialized`, `answered`, `completed`, ... Floor 3.

A launch never waits: statements go into a bounded queue that one thread empties. An LRS that fails costs statements,
never a page; the log says a code and a count. By tincan, xAPI 1.0.3; ids and timestamps are ours, so that a second try
cannot store twice.
"""

from __future__ import annotations

import logging
import queue
import threading
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import requests
from tincan import LRSResponse, RemoteLRS, Statement, StatementList

from curriculum.catalog import Catalog, Resource
from lti_tool import experiments
from lti_tool import learner as learners
from lti_tool.experiments import Part
from lti_tool.learner import Learner
from recommender import verbs
from recommender.recommend import Recommendation

LOG = logging.getLogger("lti_tool.emit")
VERSION = "1.0.3"
LONGEST_QUEUE = 1000
LARGEST_BATCH = 50
TIMEOUTS = (2.0, 5.0)
TRIES = 3
PAUSE = 0.5

NewId = Callable[[], uuid.UUID]
Document = dict[str, Any]
Send = Callable[[Sequence[Document]], bool]


@dataclass
class Emitter:
    """A queue and the thread that empties it; the thread starts with the first statement."""

    send: Send
    waiting: queue.Queue[Document | None] = field(default_factory=lambda: queue.Queue(LONGEST_QUEUE))
    thread: threading.Thread | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)
    pause: float = PAUSE
    stopping: threading.Event = field(default_factory=threading.Event)


@dataclass(frozen=True)
class Practised:
    """One graded answer in practice.

    Attributes:
        item: Activity IRI of the catalog's item that it is an answer on.
        practice: What was practised: "case:" and a kind, or "exam:" and a plan.
        case: Kind of the case that the step belongs to.
        seed: What that case was made from.
        step: Id of the step in its kind.
        right: Whether it was right.
        given: The number; empty if the learner asked to see the answer.
        cause: Id of a misconception, "unknown", or empty.
        rules: Ids of the dated rules that decide it.
        seconds: How long it took; None if that cannot be said.
        at: Seconds since the epoch.
        hints: How often help was asked for before it: one more where the learner asked to see the answer.
        tries: Which try at the same figures it was, from 1.
        credit: What it is worth, from 0 to 1; None: 1 if it is right.
        skills: Ids of the skills that it needs.
        instance: What tells this attempt from others at the same practice: its seed; empty: nothing does.
        registration: Of the attempt: the same UUID in all of its statements; empty if it has none.
    """

    item: str
    practice: str
    case: str
    seed: int
    step: str
    right: bool
    given: str
    cause: str
    rules: tuple[str, ...]
    seconds: int | None
    at: float
    hints: int = 0
    tries: int = 1
    credit: float | None = None
    skills: tuple[str, ...] = ()
    instance: str = ""
    registration: str = ""


@dataclass(frozen=True)
class Whole:
    """A practice ("case:freight") in one attempt: its name in both languages, points of how many."""

    name: str
    words: Mapping[str, str]
    registration: str = ""
    right: float = 0
    total: int = 0


def put(emitter: Emitter, statements: Sequence[Document]) -> None:
    """Queue statements without waiting; what does not fit is dropped and counted in the log."""
    dropped = 0
    for statement in statements:
        try:
            emitter.waiting.put_nowait(statement)
        except queue.Full:
            dropped += 1
    if dropped:
        LOG.warning("code=emit_queue_full dropped=%d", dropped)
    with emitter.lock:
        if emitter.thread is None and not emitter.stopping.is_set():
            emitter.thread = threading.Thread(target=_work, args=(emitter,), name="lti-emit", daemon=True)
            emitter.thread.start()


def stop(emitter: Emitter, timeout: float = 5.0) -> None:
    """Send what waits, then end the thread; at most so many seconds."""
    with emitter.lock:
        emitter.stopping.set()
        thread = emitter.thread
    if thread is None:
        return
    try:
        emitter.waiting.put(None, timeout=timeout)
    except queue.Full:
        LOG.warning("code=emit_stopped_full")
        return
    thread.join(timeout)


def to_lrs(endpoint: str, key: str, secret: str) -> Send:
    """How to send statements to an LRS by tincan, with timeouts; true when they are stored."""
    lrs = _Lrs(version=VERSION, endpoint=endpoint.rstrip("/") + "/", username=key, password=secret)

    def send(statements: Sequence[Document]) -> bool:
        batch = StatementList([Statement(statement) for statement in statements])
        try:
            return bool(lrs.save_statements(batch).success)
        except requests.RequestException:
            return False

    return send


def launched(learner: Learner, base: str, *, new_id: NewId, now: float) -> Document:
    """`launched`: the learner opened the activity of the course."""
    return _statement(learner, verbs.LAUNCHED, "launched", _link(learner, base), new_id=new_id, now=now)


def activity(link: str, base: str) -> str:
    """The IRI of the activity that a link of a course is, in every statement of ours.

    Args:
        link: The opaque key of the link (`Learner.link`).
        base: The tool's public address.
    """
    return f"{base}/lti/links/{link}"


def recommended(
    learner: Learner,
    base: str,
    catalog: Catalog,
    recommendations: Sequence[Recommendation],
    *,
    new_id: NewId,
    now: float,
    part: Part = experiments.NONE,
) -> list[Document]:
    """`recommended`: each activity that the page offers, with its rank, chance, gain, basis, model and reasons.

    Args:
        learner: Who.
        base: The tool's public address.
        catalog: Of the recommendations.
        recommendations: The best first.
        new_id: Makes statement ids.
        now: Seconds since the epoch.
        part: Which part the learner takes in an experiment.
    """
    found = []
    for rank, offer in enumerate(recommendations, start=1):
        about = {"objectType": "Activity", "id": catalog.items[offer.item].activity}
        statement = _statement(learner, verbs.RECOMMENDED, "recommended", about, new_id=new_id, now=now)
        statement["context"] = {
            "contextActivities": {"parent": [_link(learner, base)], **experiments.grouping(part, base)},
            "extensions": {
                **experiments.extensions(part),
                verbs.EXTENSION_RANK: rank,
                verbs.EXTENSION_CHANCE: round(offer.chance, 6),
                verbs.EXTENSION_GAIN: round(offer.gain, 6),
                verbs.EXTENSION_BASIS: offer.basis,
                verbs.EXTENSION_MODEL: offer.model,
                verbs.EXTENSION_REASONS: [reason.kind for reason in offer.reasons],
                verbs.EXTENSION_CITED: offer.cited,
            },
        }
        found.append(statement)
    return found


def chosen(learner: Learner, base: str, about: str, *, rank: int, model: str, new_id: NewId, now: float) -> Document:
    """`preferred`: the learner took an activity.

    Args:
        learner: Who.
        base: The tool's public address.
        about: IRI of the activity.
        rank: Its place among the recommendations, from 1; 0: it was none of them.
        model: Id of the model that was in use.
        new_id: Makes statement ids.
        now: Seconds since the epoch.
    """
    statement = _statement(
        learner, verbs.CHOSE, "preferred", {"objectType": "Activity", "id": about}, new_id=new_id, now=now
    )
    statement["context"] = {
        "contextActivities": {"parent": [_link(learner, base)]},
        "extensions": {verbs.EXTENSION_RANK: rank, verbs.EXTENSION_MODEL: model},
    }
    return statement


def aimed(learner: Learner, base: str, catalog: Catalog, role: str, *, new_id: NewId, now: float) -> Document:
    """`preferred`: the learner made a role their goal."""
    name = catalog.roles[role].name
    about = {
        "objectType": "Activity",
        "id": f"{base}/lti/goals/{catalog.id}/{role}",
        "definition": {"name": {"en": name["en"], "zh": name["zh"]}},
    }
    statement = _statement(learner, verbs.CHOSE, "preferred", about, new_id=new_id, now=now)
    statement["context"] = {"contextActivities": {"parent": [_link(learner, base)]}}
    return statement


def rated(learner: Learner, base: str, about: str, word: str, *, new_id: NewId, now: float) -> Document:
    """`rated`: the learner said of an activity that it was useful, has a mistake or is out of date, or took that back.

    Args:
        learner: Who.
        base: The tool's public address.
        about: IRI of the activity.
        word: One of `votes.WORDS`; empty: it was taken back.
        new_id: Makes statement ids.
        now: Seconds since the epoch.
    """
    statement = _statement(
        learner, verbs.RATED, "rated", {"objectType": "Activity", "id": about}, new_id=new_id, now=now
    )
    statement["result"] = {"response": word}
    statement["context"] = {"contextActivities": {"parent": [_link(learner, base)]}}
    return statement


def read(
    learner: Learner, base: str, resource: Resource, *, done: bool, seconds: int | None, new_id: NewId, now: float
) -> Document:
    """`experienced`: the learner opened something to read; `read`: they came to its end.

    Args:
        learner: Who.
        base: The tool's public address.
        resource: What is read.
        done: Whether they say that they came to its end.
        seconds: How long it took; None: that cannot be said.
        new_id: Makes statement ids.
        now: Seconds since the epoch.
    """
    name = {"en": resource.name["en"], "zh": resource.name["zh"]}
    about = {
        "objectType": "Activity",
        "id": resource.activity,
        "definition": {"type": verbs.LESSON, "name": name},
    }
    verb, display = (verbs.READ, "read") if done else (verbs.EXPERIENCED, "experienced")
    statement = _statement(learner, verb, display, about, new_id=new_id, now=now)
    statement["context"] = {"contextActivities": {"parent": [_link(learner, base)]}}
    if done:
        statement["result"] = {"completion": True, **({} if seconds is None else {"duration": f"PT{seconds}S"})}
    return statement


def answered(learner: Learner, base: str, answer: Practised, *, new_id: NewId) -> Document:
    """`answered`: one step of practice, on the item of the catalog, so that it counts for the profile.

    A further try at the same figures is `attempted`: by then the learner knows that the first was not right, and often
    why, so it is told but is no evidence of what they can do alone.
    """
    about = {"objectType": "Activity", "id": answer.item}
    return _graded(learner, base, answer, about, practice(answer.practice, base), new_id=new_id)


def placed(learner: Learner, base: str, answer: Practised, *, catalog: str, skill: str, new_id: NewId) -> Document:
    """`answered`: one question of a placement, on an activity of its own, so that it never counts as practice.

    Args:
        learner: Who.
        base: The tool's public address.
        answer: The answer; its `item` and `practice` are not told.
        catalog: Id of the catalog.
        skill: Id of the skill that was asked about.
        new_id: Makes statement ids.
    """
    whole = placement(catalog, base)
    about = {"objectType": "Activity", "id": f"{whole}/{skill}", "definition": {"type": verbs.PLACEMENT}}
    return _graded(learner, base, answer, about, whole, new_id=new_id)


def ended(
    learner: Learner, base: str, catalog: str, *, words: Mapping[str, str], new_id: NewId, now: float
) -> Document:
    """`completed`: a placement. Without a score: it is none.

    Args:
        learner: Who.
        base: The tool's public address.
        catalog: Id of the catalog.
        words: What the placement is called, in both languages.
        new_id: Makes statement ids.
        now: Seconds since the epoch.
    """
    definition = {"type": verbs.PLACEMENT, "name": {"en": words["en"], "zh": words["zh"]}}
    about = {"objectType": "Activity", "id": placement(catalog, base), "definition": definition}
    statement = _statement(learner, verbs.COMPLETED, "completed", about, new_id=new_id, now=now)
    statement["result"] = {"completion": True}
    statement["context"] = {"contextActivities": {"parent": [_link(learner, base)]}}
    return statement


def completed(
    learner: Learner,
    base: str,
    name: str,
    *,
    words: Mapping[str, str],
    right: float,
    total: int,
    new_id: NewId,
    now: float,
) -> Document:
    """`completed`: a case, a scene, a quiz or an exam, with how many of its answers were right."""
    return finished(learner, base, Whole(name, words, right=right, total=total), new_id=new_id, now=now)


def initialized(learner: Learner, base: str, whole: Whole, *, new_id: NewId, now: float) -> Document:
    """`initialized`: an attempt at a practice was begun."""
    statement = _of_whole(learner, base, whole, verbs.INITIALIZED, "initialized", new_id=new_id, now=now)
    # Time is told by the answers; without this it would be guessed here once more, up to the next statement.
    statement["result"] = {"duration": "PT0S"}
    return statement


def finished(learner: Learner, base: str, whole: Whole, *, new_id: NewId, now: float) -> Document:
    """`completed`: an attempt at a practice came to its end, with what its answers are worth."""
    statement = _of_whole(learner, base, whole, verbs.COMPLETED, "completed", new_id=new_id, now=now)
    statement["result"] = {"completion": True, "score": _points(whole.right, whole.total)}
    return statement


def scored(learner: Learner, base: str, whole: Whole, *, new_id: NewId, now: float) -> Document:
    """`scored`: the points of an attempt were handed to the gradebook of the course."""
    statement = _of_whole(learner, base, whole, verbs.SCORED, "scored", new_id=new_id, now=now)
    statement["result"] = {"score": _points(whole.right, whole.total)}
    return statement


def _of_whole(
    learner: Learner, base: str, whole: Whole, verb: str, display: str, *, new_id: NewId, now: float
) -> Document:
    kind = verbs.SIMULATION if whole.name.startswith(("case:", "scene:", "week:", "team:")) else verbs.ASSESSMENT
    about = {
        "objectType": "Activity",
        "id": practice(whole.name, base),
        "definition": {"type": kind, "name": {"en": whole.words["en"], "zh": whole.words["zh"]}},
    }
    statement = _statement(learner, verb, display, about, new_id=new_id, now=now)
    statement["context"] = {"contextActivities": {"parent": [_link(learner, base)]}, **_registered(whole.registration)}
    return statement


def practice(name: str, base: str) -> str:
    """The IRI of the activity that a case or an exam is: "case:freight" below the tool's public address."""
    return f"{base}/lti/practice/{name.replace(':', '/')}"


def placement(catalog: str, base: str) -> str:
    """The IRI of the activity that the placement in a catalog is; it has `verbs.PLACED_IN_IRI` in it."""
    return f"{base}{verbs.PLACED_IN_IRI}{catalog}"


def _graded(learner: Learner, base: str, answer: Practised, about: Document, group: str, *, new_id: NewId) -> Document:
    verb, display = (verbs.ANSWERED, "answered") if answer.tries == 1 else (verbs.ATTEMPTED, "attempted")
    statement = _statement(learner, verb, display, about, new_id=new_id, now=answer.at)
    worth = float(answer.right) if answer.credit is None else answer.credit
    result: Document = {"success": answer.right, "score": _points(worth, 1)}
    if answer.given:
        result["response"] = answer.given
    if answer.seconds is not None:
        result["duration"] = f"PT{answer.seconds}S"
    extensions = {
        verbs.EXTENSION_CASE: answer.case,
        verbs.EXTENSION_SEED: answer.seed,
        verbs.EXTENSION_STEP: answer.step,
        verbs.EXTENSION_SKILLS: list(answer.skills),
        verbs.EXTENSION_RULES: list(answer.rules),
        verbs.EXTENSION_HINTS: answer.hints,
        verbs.EXTENSION_HINT_COUNT: answer.hints,
        verbs.EXTENSION_ATTEMPT: answer.tries,
    }
    if answer.cause:
        extensions[verbs.EXTENSION_MISCONCEPTION] = answer.cause
    statement["result"] = result
    statement["context"] = {
        "contextActivities": _above(learner, base, answer, group),
        "extensions": extensions,
        **_registered(answer.registration),
    }
    return statement


def _above(learner: Learner, base: str, answer: Practised, group: str) -> Document:
    """What an answer is a part of: this very case, the scenario that it is made from, the link of the course."""
    link, scenario = _link(learner, base), {"objectType": "Activity", "id": group}
    if not answer.instance:
        return {"parent": [link], "grouping": [scenario]}
    case = {"objectType": "Activity", "id": f"{group}/{answer.instance}"}
    return {"parent": [case], "grouping": [scenario, link]}


def _registered(registration: str) -> Document:
    """The attempt that a statement belongs to (cmi5, section 9.6.3.1: one registration in all of its statements)."""
    return {"registration": registration} if registration else {}


def _points(right: float, total: int) -> Document:
    raw = int(right) if right == int(right) else right
    return {"scaled": round(right / total, 6), "raw": raw, "min": 0, "max": total}


def _statement(learner: Learner, verb: str, display: str, about: Document, *, new_id: NewId, now: float) -> Document:
    return {
        "id": str(new_id()),
        "actor": learners.agent(learner),
        "verb": {"id": verb, "display": {"en": display}},
        "object": about,
        "timestamp": datetime.fromtimestamp(now, UTC).isoformat(timespec="milliseconds"),
    }


def _link(learner: Learner, base: str) -> Document:
    return {"objectType": "Activity", "id": activity(learner.link, base)}


def _work(emitter: Emitter) -> None:
    ending = False
    while not ending:
        batch = [emitter.waiting.get()]
        while len(batch) < LARGEST_BATCH and not emitter.waiting.empty():
            batch.append(emitter.waiting.get())
        ending = None in batch
        statements = [statement for statement in batch if statement is not None]
        if statements and not _send(emitter, statements):
            LOG.warning("code=emit_failed dropped=%d", len(statements))


def _send(emitter: Emitter, statements: Sequence[Document]) -> bool:
    for attempt in range(1, TRIES + 1):
        if emitter.send(statements):
            return True
        if attempt < TRIES:
            emitter.stopping.wait(emitter.pause * attempt)
    return False


class _Lrs(RemoteLRS):  # type: ignore[misc]  # tincan ships no types
    """tincan's LRS over `requests`: its own transport has no timeout."""

    def _send_request(self, request: Any) -> LRSResponse:
        response = requests.request(
            request.method,
            self.endpoint + request.resource,
            params=request.query_params,
            data=request.content.encode(),
            headers={"X-Experience-API-Version": self.version, "Authorization": self.auth, **request.headers},
            timeout=TIMEOUTS,
            allow_redirects=False,
        )
        return LRSResponse(success=response.ok, request=request, response=None, data=response.text)
