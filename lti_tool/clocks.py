"""When an exam ends: its deadline, extra time, and the clocks that run while nobody is there. Floor 3.

A deadline is set when the first page is shown and never moves but by extra time, so that loading a page again wins
nothing. A clock remembers who is at an exam with a deadline, sealed, so that it ends and is scored although they closed
the window; it goes when the exam is over.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from lti_tool import learner as learners
from lti_tool.attempts import Attempt
from lti_tool.hours import CLOCKS
from lti_tool.learner import Learner
from storage.port import Storage
from xapi_collector import blob, errors
from xapi_collector.keyring import Keyring

PURPOSE = "lti_tool clocks"
GRACE = 30.0
"""Seconds after the deadline in which an answer still counts: it was on its way."""
MINUTE = 60.0


@dataclass(frozen=True)
class Clock:
    """An exam that somebody is at, with a deadline: who, in which language, which attempt."""

    person: Learner
    language: str
    learner: str
    link: str
    activity: str


def deadline(begun: float, limit: float, factor: float, closes: float) -> float:
    """When an attempt ends, seconds since the epoch; 0: never.

    Args:
        begun: When its first page was shown.
        limit: Seconds that it may take; 0: as long as it takes.
        factor: One of `learner.FACTORS`: extra time stretches the limit.
        closes: When the platform closes it; 0: never. Extra time does not move it: the platform has its own.

    Examples:
        >>> deadline(100.0, 60.0, 1.5, 0.0), deadline(100.0, 60.0, 1.5, 170.0), deadline(100.0, 0.0, 2.0, 0.0)
        (190.0, 170.0, 0.0)
    """
    ends = [begun + limit * factor] if limit else []
    return min([*ends, *([closes] if closes else [])], default=0.0)


def timed(attempt: Attempt, limit: float, factor: float, closes: float) -> Attempt:
    """A new attempt with its deadline."""
    ends = deadline(attempt.begun, limit, factor, closes)
    return replace(attempt, limit=limit, closes=closes, deadline=ends)


def over(attempt: Attempt, now: float, grace: float = 0.0) -> bool:
    """Whether the time of an attempt is over, after so many seconds of grace."""
    return attempt.deadline > 0 and now > attempt.deadline + grace


def stretched(attempt: Attempt) -> float:
    """How much of the usual time an attempt has; 1 where it has no limit, or the platform closes it earlier."""
    return max(1.0, (attempt.deadline - attempt.begun) / attempt.limit) if attempt.limit else 1.0


def left(attempt: Attempt, now: float) -> int:
    """Whole seconds until the deadline, at least 0."""
    return max(0, int(attempt.deadline - now))


def start(storage: Storage, keyring: Keyring, clock: Clock) -> None:
    """Remember who is at an exam, before its first page is shown; a clock that runs already stays."""
    if storage.get(CLOCKS, (clock.learner, clock.link, clock.activity)) is not None:
        return  # nearly every page: nothing to write
    document = {
        "learner": clock.learner,
        "link": clock.link,
        "activity": clock.activity,
        "sealed": _seal(keyring, clock),
    }
    storage.insert_missing(CLOCKS, [document])


def running(storage: Storage, keyring: Keyring) -> Iterator[Clock]:
    """Every clock that runs; those that were sealed under keys that are gone end without a word."""
    for document in storage.find(CLOCKS, {}):
        found = _open(keyring, document["sealed"], document["link"])
        place = {name: document[name] for name in ("learner", "link", "activity")}
        if found is None:
            storage.delete(CLOCKS, tuple(place.values()))
        else:
            yield Clock(*found, **place)


def stop(storage: Storage, clock: Clock) -> None:
    """Forget a clock: its exam is over, or gone."""
    storage.delete(CLOCKS, (clock.learner, clock.link, clock.activity))


def _seal(keyring: Keyring, clock: Clock) -> str:
    """Who it is, under a key of the keyring; the nonce is made of what is sealed, so that it serves nothing else."""
    text = json.dumps([asdict(clock.person), clock.language], sort_keys=True).encode()
    place = f"lti_clocks:{clock.link}"
    nonce = hmac.new(keyring.derive(f"{PURPOSE}: nonce"), f"{place}\x1f".encode() + text, hashlib.sha256).digest()[:12]
    return base64.b64encode(blob.seal(text, place, AESGCM(keyring.derive(PURPOSE)), nonce)).decode()


def _open(keyring: Keyring, sealed: str, link: str) -> tuple[Learner, str] | None:
    try:
        text = blob.open_(base64.b64decode(sealed), f"lti_clocks:{link}", AESGCM(keyring.derive(PURPOSE)))
    except (errors.EnvelopeError, ValueError):
        return None
    body, language = json.loads(text)
    return Learner(**{**body, "roles": tuple(body["roles"])}), language


def of_person(person: Learner, language: str, activity: str, keyring: Keyring) -> Clock:
    """The clock of a learner at an exam."""
    pseudonym = learners.pseudonyms(person, keyring.pseudonym_keys)[0]
    return Clock(person, language, pseudonym, person.link, activity)
