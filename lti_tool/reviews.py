"""What others say of a work by its rubric: peers, reviewers from outside, the instructor. Floor 3.

What is said is kept twice, each sealed under a person's own data key: for whose work it is, without a name of who said
it, and for the peer who said it. Who reviews what stands in allotments alone. An instructor's decision goes before all
others; a review that is far from the rest is flagged and stays.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from lti_tool import projects
from lti_tool.projects import Handin, Setting
from lti_tool.vault import Vault
from lti_tool.works import ALLOTMENTS, VERDICTS
from recommender import peers
from storage.port import Document, Storage

PURPOSE = "lti_tool reviews"
OPEN, DONE, RELEASED = STATES = ("open", "done", "released")
PEER, OUTSIDE, DECISION = KINDS = ("peer", "outside", "decision")
LEASE = 30.0
"""Seconds for which one process gives out the reviews of a project."""
SHORTEST, LONGEST = 8, 600
"""Letters of the sentence on a criterion."""
PAGE = 500


@dataclass(frozen=True)
class Allotment:
    """A work that a learner reviews.

    Attributes:
        key: Names it; the same learner and work have the same, so that no pair is there twice.
        learner: Pseudonym of who reviews.
        course: The key of the course.
        project: As in `projects.Setting`.
        work: Key of the work.
        state: One of `STATES`.
        at: When it was given out, seconds since the epoch.
        done: When it was done; 0: not yet.
        sealed: What they wrote, sealed; empty before.
    """

    key: str
    learner: str
    course: str
    project: str
    work: str
    state: str = OPEN
    at: float = 0.0
    done: float = 0.0
    sealed: str = ""


@dataclass(frozen=True)
class Opinion:
    """What somebody says of a work.

    Attributes:
        levels: One a criterion, from 1.
        words: A sentence on each criterion; empty where none was asked for.
        comment: On the whole; empty if there is none.
        label: What the instructor called a reviewer from outside; empty of others.
        told: Of a decision: ids of the statements that told it, by criterion.
    """

    levels: tuple[int, ...]
    words: tuple[str, ...] = ()
    comment: str = ""
    label: str = ""
    told: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True)
class Verdict:
    """What was said of a work, for whose work it is.

    Attributes:
        key: Names it.
        learner: Pseudonym of whose work it is.
        course: The key of the course.
        project: As in `projects.Setting`.
        work: Key of the work.
        kind: One of `KINDS`.
        source: Key of the allotment, or id of the address from outside; empty of a decision.
        at: Seconds since the epoch.
        opinion: What was said.
    """

    key: str
    learner: str
    course: str
    project: str
    work: str
    kind: str
    source: str
    at: float
    opinion: Opinion


# Giving out


@dataclass(frozen=True)
class Round:
    """What giving out reviews looks at.

    Attributes:
        setting: Of the project.
        works: Every work of it.
        away: Pseudonyms of learners who left the course.
        groups: The team of each learner who has one.
    """

    setting: Setting
    works: Sequence[Handin]
    away: Collection[str] = frozenset()
    groups: Mapping[str, str] | None = None


def give_out(
    vault: Vault, asked: Round, rng: np.random.Generator, now: float, *, once: bool = False
) -> peers.Allotted | None:
    """Give every work its reviewers, as far as there are any; again for late works and in place of who dropped out.

    A review that is overdue, or whose learner left or withdrew, is taken back and given to another. None: another
    process does it at this moment, the project has no reviews, or it has been done and was to be done once.

    Args:
        vault: The store and the keys.
        asked: What to look at.
        rng: Decides between equals.
        now: Seconds since the epoch.
        once: Only if nobody has given them out yet.
    """
    storage, setting = vault.storage, asked.setting
    if not setting.reviews or not _lease(storage, setting, now, once=once):
        return None
    there = {one.key: one.learner for one in asked.works if one.there}
    present = of_project(storage, setting.course, setting.project)
    overdue = bool(setting.reviewed) and now > setting.reviewed
    dropped = {one.learner for one in present if one.state == OPEN and overdue} | set(asked.away)
    live, ever = [], []
    heard = {kept["source"] for kept in _kept(storage, setting.course, setting.project) if kept["kind"] == PEER}
    for one in present:
        pair = (one.learner, one.work)
        if one.state == OPEN and (one.work not in there or one.learner in dropped):
            storage.replace(ALLOTMENTS, _plain(replace(one, state=RELEASED)), expected=_plain(one))
            ever.append(pair)
        elif one.state == RELEASED:
            ever.append(pair)
        elif one.state == DONE and one.key not in heard:
            # The work was withdrawn since: the learner gave their review, and the work has none of it.
            ever.append(pair)
            live.append((one.learner, f"gone {one.work}"))
        else:
            live.append(pair)
    reviewers = [learner for learner in there.values() if learner not in dropped]
    found = peers.allot(there, reviewers, setting.reviews, rng, live=live, ever=ever, groups=asked.groups)
    fresh = [
        Allotment(_name(vault, learner, work), learner, setting.course, setting.project, work, at=now)
        for learner, work in found.pairs
    ]
    storage.insert_missing(ALLOTMENTS, [_plain(one) for one in fresh])
    projects.change(
        storage, setting.course, setting.project, lambda kept: replace(kept, given=kept.given or now, leased=0.0)
    )
    return found


def _lease(storage: Storage, setting: Setting, now: float, *, once: bool) -> bool:
    won = False

    def take(kept: Setting) -> Setting:
        nonlocal won
        # Another's clock may be a little ahead: twice the lease, or whoever came a moment earlier would break it.
        won = not now < kept.leased <= now + 2 * LEASE and not (once and kept.given)
        return replace(kept, leased=now + LEASE) if won else kept

    projects.change(storage, setting.course, setting.project, take)
    return won


# Who reviews what


def of_project(storage: Storage, course: str, project: str) -> list[Allotment]:
    """Every allotment of a project."""
    found: list[Allotment] = []
    after = None
    while page := storage.find(ALLOTMENTS, {"course": course, "project": project}, limit=PAGE, after=after):
        found += map(_allotment, page)
        after = (page[-1]["key"],)
    return found


def mine(storage: Storage, pseudonyms: Sequence[str], course: str, project: str) -> list[Allotment]:
    """What a learner reviews, in the order in which it was given out: without what was taken back or is not there."""
    found = [
        _allotment(kept)
        for name in pseudonyms
        for kept in storage.find(ALLOTMENTS, {"learner": name, "course": course, "project": project})
    ]
    there = projects.there(storage, {one.work for one in found if one.state == OPEN})
    kept = [one for one in found if one.state == DONE or (one.state == OPEN and one.work in there)]
    return sorted(kept, key=lambda one: (one.at, one.key))


def written(vault: Vault, allotment: Allotment) -> Opinion | None:
    """What a learner wrote in a review; None before they did."""
    content = vault.open(allotment.learner, allotment.key, allotment.sealed) if allotment.sealed else None
    return None if content is None else _opinion(content)


def review(vault: Vault, allotment: Allotment, work: Handin, opinion: Opinion, now: float) -> bool:
    """Keep a peer's review, in place of what they wrote before. False: it was taken back meanwhile.

    Args:
        vault: The store and the keys.
        allotment: By which they review.
        work: The work.
        opinion: What they say.
        now: Seconds since the epoch.
    """
    done = replace(
        allotment, state=DONE, done=now, sealed=vault.seal(allotment.learner, allotment.key, _content(opinion))
    )
    # The copy for the author first: what counts as done has been said.
    _say(vault, work, (allotment.key, PEER, allotment.key), opinion, now)
    if vault.storage.replace(ALLOTMENTS, _plain(done), expected=_plain(allotment)):
        return True
    kept = vault.storage.get(ALLOTMENTS, (allotment.key,))
    if kept is None or kept["state"] == RELEASED:
        vault.storage.delete(VERDICTS, (allotment.key,))
        return False
    return vault.storage.replace(ALLOTMENTS, _plain(done), expected=kept)


# What was said


def from_outside(vault: Vault, source: str, work: Handin, opinion: Opinion, now: float) -> None:
    """Keep what a reviewer from outside says of a work, in place of what they said before.

    Args:
        vault: The store and the keys.
        source: Id of the address that they came by.
        work: The work.
        opinion: What they say, with the label that the instructor gave them.
        now: Seconds since the epoch.
    """
    _say(vault, work, (_name(vault, source, work.key), OUTSIDE, source), opinion, now)


def decide(vault: Vault, work: Handin, opinion: Opinion, now: float) -> None:
    """Keep the instructor's decision on a work, in place of an earlier one."""
    _say(vault, work, (f"{work.key}.{DECISION}", DECISION, ""), opinion, now)


def of_work(vault: Vault, work: Handin) -> list[Verdict]:
    """Everything that was said of a work, in the order of time."""
    return sorted(_opened(vault, vault.storage.find(VERDICTS, {"work": work.key})), key=lambda one: one.at)


def said(vault: Vault, course: str, project: str) -> list[Verdict]:
    """Everything that was said of the works of a project."""
    return _opened(vault, _kept(vault.storage, course, project))


def withdraw(storage: Storage, work: Handin) -> None:
    """Remove what was said of a work that was withdrawn, and take back the reviews that are open."""
    for kept in storage.find(ALLOTMENTS, {"work": work.key}):
        if kept["state"] == OPEN:
            storage.replace(ALLOTMENTS, {**kept, "state": RELEASED}, expected=kept)
    for kept in storage.find(VERDICTS, {"work": work.key}):
        storage.delete(VERDICTS, (kept["key"],))


def remove(storage: Storage, course: str) -> None:
    """Remove what is kept of a course, whose platform is removed."""
    for collection in (ALLOTMENTS, VERDICTS):
        for kept in storage.find(collection, {"course": course}):
            storage.delete(collection, (kept["key"],))


# What a form says


def opinion(
    levels: Sequence[str], words: Sequence[str], comment: str, *, count: int, most: int, sentences: bool
) -> tuple[Opinion | None, list[tuple[str, int]]]:
    """What somebody says by a form, and what is missing in it.

    Args:
        levels: As chosen, one a criterion; empty where nothing was.
        words: As typed, one a criterion.
        comment: As typed.
        count: Criteria.
        most: The best level.
        sentences: Whether a sentence on each criterion must be there.

    Returns:
        The opinion, and problems: the end of the id of a text, and the criterion from 0 (-1: the comment). None where
        there is a problem.
    """
    problems = []
    chosen = [int(one) if one in {str(level) for level in range(1, most + 1)} else 0 for one in levels[:count]]
    chosen += [0] * (count - len(chosen))
    typed = [" ".join(one.split()) for one in words[:count]] + [""] * (count - len(words))
    for place in range(count):
        if not chosen[place]:
            problems.append(("level", place))
        if sentences and len(typed[place]) < SHORTEST:
            problems.append(("sentence", place))
        if len(typed[place]) > LONGEST:
            problems.append(("long", place))
    whole = comment.replace("\r\n", "\n").strip()
    if len(whole) > LONGEST * 4:
        problems.append(("comment", -1))
    return (None if problems else Opinion(tuple(chosen), tuple(typed), whole)), problems


def _say(vault: Vault, work: Handin, name: tuple[str, str, str], opinion: Opinion, now: float) -> None:
    """Keep what is said; `name` is its key, its kind and its source."""
    key, kind, source = name
    document = {
        "key": key,
        "learner": work.learner,
        "course": work.course,
        "project": work.project,
        "work": work.key,
        "kind": kind,
        "source": source,
        "at": now,
        "blob": vault.seal(work.learner, key, _content(opinion)),
    }
    while not vault.storage.replace(VERDICTS, document, expected=vault.storage.get(VERDICTS, (key,))):
        pass  # somebody was faster: what is said last holds


def _kept(storage: Storage, course: str, project: str) -> list[Document]:
    found: list[Document] = []
    after = None
    while page := storage.find(VERDICTS, {"course": course, "project": project}, limit=PAGE, after=after):
        found += page
        after = (page[-1]["key"],)
    return found


def _opened(vault: Vault, kept: Sequence[Document]) -> list[Verdict]:
    contents = vault.open_all([(one["learner"], one["key"], one["blob"]) for one in kept])
    return [
        Verdict(**{name: value for name, value in one.items() if name != "blob"}, opinion=_opinion(content))
        for one, content in zip(kept, contents, strict=True)
        if content is not None
    ]


def _content(opinion: Opinion) -> bytes:
    return json.dumps(asdict(opinion), ensure_ascii=False).encode()


def _opinion(content: bytes) -> Opinion:
    known: dict[str, Any] = json.loads(content)
    told = tuple(tuple(ids) for ids in known["told"])
    return Opinion(tuple(known["levels"]), tuple(known["words"]), known["comment"], known["label"], told)


def _plain(allotment: Allotment) -> Document:
    """As JSON has it; what they wrote stands where the collector looks for what is sealed."""
    plain = asdict(allotment)
    sealed = plain.pop("sealed")
    return {**plain, "blob": sealed} if sealed else plain


def _allotment(kept: Document) -> Allotment:
    known = {name: value for name, value in kept.items() if name != "blob"}
    return Allotment(**known, sealed=kept.get("blob", ""))


def _name(vault: Vault, who: str, work: str) -> str:
    digest = hmac.new(vault.keyring.derive(PURPOSE), f"{who}\x1f{work}".encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest[:24]).decode()
