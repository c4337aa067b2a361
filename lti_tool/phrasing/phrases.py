"""Texts of the institution's language model: asked for beside a page, checked, kept by what they are about. Floor 3.

No page waits for a model. Whoever asks gets what is kept, or that it is being written: a thread of its own asks the
model once for everybody who meets the same facts, and what comes back is shown only if `gate` lets it through. Model,
prompt and answer are in a log of the institution for as long as its operator says; none of the three holds a person.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from lti_tool import errors
from lti_tool.phrasing import endpoint, gate, prompt
from lti_tool.phrasing import facts as known
from lti_tool.phrasing.breaker import Breaker
from lti_tool.phrasing.endpoint import Model
from lti_tool.phrasing.facts import Facts
from lti_tool.services.wire import Exchange, Limits
from lti_tool.worded import PHRASES, PHRASING_COURSES, PHRASING_DAYS, PHRASING_LOG
from storage import errors as storage_errors
from storage.port import Document, Storage

LOG = logging.getLogger("lti_tool.phrasing")
READY, WAITING, NONE = "ready", "waiting", "none"
DAY = 86_400.0
LEASE = 20.0
"""Seconds after which somebody else may ask: who began it has died."""
RETRY = 60.0
"""Seconds for which nothing is asked again about what the model gave no answer to."""
DROPPED_DAYS, KEPT_DAYS, COUNTED_DAYS = 7, 180, 400
LONGEST_KEPT = 2000
PAGE = 500


@dataclass(frozen=True)
class Phrase:
    """What there is to show: `READY` with a text, `WAITING` for one, or `NONE`."""

    state: str
    text: str = ""


@dataclass(frozen=True)
class Tally:
    """What came of the questions to the model.

    Attributes:
        asked: How many.
        passed: Texts that passed the check.
        dropped: Texts that did not, by `gate.FAULTS`.
        failed: Questions without an answer, by `errors.ServiceError.kind`.
    """

    asked: int
    passed: int
    dropped: Mapping[str, int]
    failed: Mapping[str, int]


class Writer:
    """How one process asks the model; safe for several threads."""

    def __init__(
        self,
        storage: Storage,
        model: Model,
        exchange: Exchange,
        *,
        now: Callable[[], float],
        new_token: Callable[[], str],
        limits: Limits = endpoint.LIMITS,
    ) -> None:
        self.model = model
        self.breaker = Breaker(now)
        self._storage = storage
        self._exchange = exchange
        self._now = now
        self._new_token = new_token
        self._limits = limits
        self._threads: list[threading.Thread] = []

    def look(self, facts: Facts) -> Phrase:
        """What is kept about these facts; asks nobody."""
        return self._shown(self._storage.get(PHRASES, (self._key(facts),)))

    def want(self, facts: Facts) -> Phrase:
        """What is kept about these facts, and where there is nothing, have it written."""
        key, now = self._key(facts), self._now()
        there = self._storage.get(PHRASES, (key,))
        if there is not None and not self._stale(there):
            return self._shown(there)
        if not self.breaker.take():
            return Phrase(NONE)
        mine: Document = {"phrase": key, "state": WAITING, "text": "", "at": now, "by": self._new_token()}
        try:
            begun = self._storage.replace(PHRASES, mine, expected=there)
        except BaseException:
            self.breaker.give(answered=True)
            raise
        if not begun:
            self.breaker.give(answered=True)  # somebody else has begun it
            return Phrase(WAITING)
        thread = threading.Thread(target=self._write, args=(facts, mine), name="lti-phrase", daemon=True)
        self._threads = [one for one in self._threads if one.is_alive()] + [thread]
        thread.start()
        return Phrase(WAITING)

    def join(self, timeout: float) -> None:
        """Wait until what is being written is there, each for at most so many seconds."""
        for thread in list(self._threads):
            thread.join(timeout)

    def _key(self, facts: Facts) -> str:
        return known.digest(facts, (self.model.url, self.model.name, prompt.VERSION, gate.VERSION))

    def _stale(self, there: Document) -> bool:
        """Whether a text is to be asked for once more."""
        age = self._now() - there["at"]
        lasts = {WAITING: LEASE, READY: KEPT_DAYS * DAY, "dropped": DROPPED_DAYS * DAY}.get(there["state"], RETRY)
        return not 0 <= age < lasts

    def _shown(self, there: Document | None) -> Phrase:
        if there is None or self._stale(there) or there["state"] not in {READY, WAITING}:
            return Phrase(NONE)
        return Phrase(there["state"], there["text"])

    def _write(self, facts: Facts, mine: Document) -> None:
        """Ask the model, check what it says, keep what passes; in a thread of its own."""
        answered = False
        try:
            messages = prompt.messages(facts)
            said, outcome = "", ""
            try:
                said = endpoint.ask(self._exchange, self.model, messages, self._limits)
                answered = True
            except errors.ServiceError as error:
                outcome = f"failed:{error.kind}"
            text = gate.line(said)
            found = gate.fault(text, facts) if answered else ""
            state = READY if answered and not found else "dropped" if answered else "failed"
            outcome = outcome or (f"dropped:{found}" if found else "passed")
            kept = {**mine, "state": state, "text": text if state == READY else "", "at": self._now()}
            self._storage.replace(PHRASES, kept, expected=mine)
            self._note(messages, said, outcome)
        except storage_errors.StorageError as error:
            LOG.warning("code=phrase_not_kept error=%s", type(error).__name__)
        finally:
            self.breaker.give(answered=answered)

    def _note(self, messages: list[dict[str, str]], said: str, outcome: str) -> None:
        now = self._now()
        entry = f"{datetime.fromtimestamp(now, UTC):%Y-%m-%dT%H:%M:%S.%f}.{self._new_token()[:12]}"
        document = {
            "entry": entry,
            "at": now,
            "model": self.model.name,
            "messages": messages,
            "said": said[:LONGEST_KEPT],
            "outcome": outcome,
        }
        self._storage.insert_missing(PHRASING_LOG, [document])
        count(self._storage, now, outcome)


def count(storage: Storage, now: float, outcome: str) -> None:
    """Count what came of a question: "passed", "dropped:" and a fault, or "failed:" and a kind."""
    day = _day(now).isoformat()
    while True:
        there = storage.get(PHRASING_DAYS, (day,))
        counts: dict[str, int] = dict(there["counts"]) if there else {}
        counts[outcome] = counts.get(outcome, 0) + 1
        if storage.replace(PHRASING_DAYS, {"day": day, "counts": counts}, expected=there):
            return


def tally(storage: Storage, now: float, days: int) -> Tally:
    """What came of the questions of the last days, today among them.

    Args:
        storage: The institution's store.
        now: Seconds since the epoch.
        days: How many.
    """
    oldest = (_day(now) - timedelta(days=days - 1)).isoformat()
    summed: dict[str, int] = {}
    for one in storage.find(PHRASING_DAYS, {}):
        if one["day"] >= oldest:
            for outcome, number in one["counts"].items():
                summed[outcome] = summed.get(outcome, 0) + number

    def of(sort: str) -> dict[str, int]:
        return {name.partition(":")[2]: number for name, number in summed.items() if name.startswith(f"{sort}:")}

    return Tally(sum(summed.values()), summed.get("passed", 0), of("dropped"), of("failed"))


def log(storage: Storage, limit: int) -> list[Mapping[str, Any]]:
    """The newest entries of the log, newest first: `at`, `model`, `messages`, `said`, `outcome`."""
    return list(storage.find(PHRASING_LOG, {}, limit=limit, descending=True))


def tidy(storage: Storage, now: float, log_days: int) -> int:
    """Remove what is kept for longer than it may be; answer how many documents.

    Args:
        storage: The institution's store.
        now: Seconds since the epoch.
        log_days: How long the log is kept.
    """
    removed = 0
    for collection, name, days in ((PHRASES, "phrase", KEPT_DAYS), (PHRASING_LOG, "entry", log_days)):
        after: tuple[str] | None = None
        while page := storage.find(collection, {}, limit=PAGE, after=after):
            for one in page:
                if now - one["at"] >= days * DAY:
                    removed += storage.delete(collection, (one[name],), expected=one)
            after = (page[-1][name],)
    oldest = (_day(now) - timedelta(days=COUNTED_DAYS)).isoformat()
    for one in storage.find(PHRASING_DAYS, {}):
        if one["day"] < oldest:
            removed += storage.delete(PHRASING_DAYS, (one["day"],), expected=one)
    return removed


def forget(storage: Storage) -> int:
    """Remove every text and the whole log at once; answer how many documents."""
    return sum(
        storage.delete(collection, (one[name],))
        for collection, name in ((PHRASES, "phrase"), (PHRASING_LOG, "entry"))
        for one in storage.find(collection, {})
    )


def is_on(storage: Storage, course: str) -> bool:
    """Whether texts of the model may be shown in a course."""
    return bool(course) and storage.get(PHRASING_COURSES, (course,)) is not None


def switch(storage: Storage, course: str, *, on: bool, now: float) -> None:
    """Switch texts of the model on or off in a course, whose instructor says so."""
    if not course:
        return
    if on:
        storage.insert_missing(PHRASING_COURSES, [{"course": course, "at": int(now)}])
    else:
        storage.delete(PHRASING_COURSES, (course,))


def remove(storage: Storage, course: str) -> None:
    """Remove what is kept of a course, whose platform is removed."""
    storage.delete(PHRASING_COURSES, (course,))


def _day(at: float) -> date:
    return datetime.fromtimestamp(at, UTC).date()
