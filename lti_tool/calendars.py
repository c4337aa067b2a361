"""Links by which a learner's own calendar program reads the sessions of a course, without a launch. Floor 3.

A calendar program has no session, so the link is the key: 128 bits of chance, and an HMAC over them by the
institution's keyring, so that nobody who reads the store alone can make one. It shows one learner's course and nothing
of what they did; they end it on the page where they made it.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable
from dataclasses import asdict, dataclass

from lti_tool.kept import CALENDARS
from storage.port import Storage
from xapi_collector.keyring import Keyring

PURPOSE = "lti_tool calendar"
LONGEST = 120
"""Letters of what a link names; nothing longer is looked at."""


@dataclass(frozen=True)
class Calendar:
    """A link that holds.

    Attributes:
        calendar: What names it in the store.
        learner: Pseudonym.
        course: Key of the course.
        catalog: Id of the catalog.
        language: Of the texts.
        made: When it was made, seconds since the epoch.
    """

    calendar: str
    learner: str
    course: str
    catalog: str
    language: str
    made: int


def make(
    storage: Storage,
    learner: str,
    course: str,
    *,
    catalog: str,
    language: str,
    new_token: Callable[[], str],
    now: float,
) -> Calendar:
    """Make the link of a learner in a course; the one that was there ends.

    Args:
        storage: The institution's store.
        learner: Pseudonym.
        course: Key of the course.
        catalog: Id of the catalog.
        language: Of the texts.
        new_token: Makes an unguessable token.
        now: Seconds since the epoch.
    """
    end(storage, learner, course)
    name = hashlib.sha256(new_token().encode()).hexdigest()[:32]
    made = Calendar(name, learner, course, catalog, language, int(now))
    storage.insert(CALENDARS, asdict(made))
    return made


def end(storage: Storage, learner: str, course: str) -> bool:
    """End the link of a learner in a course; answer whether there was one."""
    found = [one for one in _of_learner(storage, learner) if one.course == course]
    ended = [storage.delete(CALENDARS, (one.calendar,)) for one in found]
    return any(ended)


def of(storage: Storage, learner: str, course: str) -> Calendar | None:
    """The link of a learner in a course; None where there is none."""
    return next((one for one in _of_learner(storage, learner) if one.course == course), None)


def token(keyring: Keyring, calendar: Calendar) -> str:
    """What the address of the link ends with."""
    return f"{calendar.calendar}.{_signature(keyring, calendar.calendar)}"


def open_(storage: Storage, keyring: Keyring, text: str) -> Calendar | None:
    """The link that an address names; None where it was not made here, or has ended.

    Args:
        storage: The institution's store.
        keyring: The institution's.
        text: As `token` made it.
    """
    name, _, signature = text[:LONGEST].partition(".")
    if not hmac.compare_digest(signature.encode(), _signature(keyring, name).encode()):
        return None
    kept = storage.get(CALENDARS, (name,))
    return None if kept is None else Calendar(**kept)


def remove(storage: Storage, course: str) -> None:
    """End every link to a course, whose platform is removed."""
    for kept in storage.find(CALENDARS, {}):
        if kept["course"] == course:
            storage.delete(CALENDARS, (kept["calendar"],))


def _of_learner(storage: Storage, learner: str) -> list[Calendar]:
    """All links of a learner: one a course that they made one in."""
    return [Calendar(**kept) for kept in storage.find(CALENDARS, {"learner": learner})]


def _signature(keyring: Keyring, name: str) -> str:
    made = hmac.new(keyring.derive(PURPOSE), name.encode(), hashlib.sha256).digest()[:18]
    return base64.urlsafe_b64encode(made).decode()
