"""What was last seen of each address that a catalog leads to: a line an address, written by a command alone. Floor 3.

No page asks the web. A server that does not answer once may be down for a night, so only what is gone for sure is
broken at once; what fails otherwise is broken when it has failed on several days.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from lti_tool import arrivals
from storage.collection import Collection
from storage.port import Storage

CHECKS = Collection(
    "lti_link_checks",
    ("mark",),
    purpose="know which links of lessons, rules, videos and courses are broken or have moved",
    legal_basis="no personal data: an address of the web, and what its server answered",
    residency="institution; in no round of a federation",
    retention="until the link is checked again; one that nothing names any more is dropped by the next check",
    export="not applicable: no personal data",
    erase="not applicable: no personal data",
)
COLLECTIONS = (CHECKS, *arrivals.COLLECTIONS)
"""Of links, and of courses that wait: what comes in from outside."""
OK, MOVED, UNSURE, BROKEN, UNCHECKED = STATES = ("ok", "moved", "unsure", "broken", "unchecked")
SURE = frozenset({"gone", "loop", "many", "unsafe", "tls"})
"""Reasons that a second look tomorrow would not change."""
DAYS = 3
"""Days on which an address must have failed in a row, to be broken."""
_DAY = 86_400


@dataclass(frozen=True)
class Check:
    """What was last seen of an address.

    Attributes:
        mark: Of the address: sha256, 64 hex digits.
        url: The address.
        reason: Why it leads nowhere, as `services.look` says; empty: it leads somewhere.
        status: Of the last answer; 0 if there was none.
        final: Where it led in the end.
        moved: Whether it was redirected for good.
        at: When, seconds since the epoch.
        failed: On how many days in a row it has failed.
        day: The last day on which it failed, in days since the epoch; 0: on none.
    """

    mark: str
    url: str
    reason: str
    status: int
    final: str
    moved: bool
    at: int
    failed: int = 0
    day: int = 0

    @property
    def state(self) -> str:
        """One of `STATES` but the last."""
        if self.reason:
            return BROKEN if self.reason in SURE or self.failed >= DAYS else UNSURE
        return MOVED if self.moved and self.final != self.url else OK


def mark(url: str) -> str:
    """The key of an address."""
    return hashlib.sha256(url.encode()).hexdigest()


def note(storage: Storage, url: str, *, reason: str, status: int, final: str, moved: bool, now: float) -> Check:
    """Keep what was seen of an address.

    Args:
        storage: The institution's store.
        url: The address.
        reason: Why it leads nowhere; empty: it leads somewhere.
        status: Of the last answer; 0 if there was none.
        final: Where it led in the end.
        moved: Whether it was redirected for good.
        now: Seconds since the epoch.
    """
    there = storage.get(CHECKS, (mark(url),))
    today = int(now) // _DAY
    failed, day = (there["failed"], there["day"]) if there is not None else (0, 0)
    if reason and day != today:
        failed, day = failed + 1, today
    elif not reason:
        failed, day = 0, 0
    made = Check(mark(url), url, reason, status, final, moved, int(now), failed, day)
    storage.replace(CHECKS, asdict(made), expected=there)
    return made


def known(storage: Storage, urls: Iterable[str]) -> dict[str, Check]:
    """What was last seen, by address; one that was never looked at is left out."""
    found = storage.get_many(CHECKS, [(mark(url),) for url in urls])
    checks = [Check(**document) for document in found.values()]
    return {one.url: one for one in checks}


def forget(storage: Storage, urls: Iterable[str]) -> int:
    """Drop what is kept of addresses that nothing names any more; how many those were.

    Args:
        storage: The institution's store.
        urls: What is still named.
    """
    kept = {mark(url) for url in urls}
    gone = [one["mark"] for one in storage.find(CHECKS, {}) if one["mark"] not in kept]
    return sum(storage.delete(CHECKS, (one,)) for one in gone)


def state(check: Check | None) -> str:
    """One of `STATES`."""
    return UNCHECKED if check is None else check.state


def document(check: Check) -> Mapping[str, Any]:
    """A line for a file, as plain data."""
    return {**asdict(check), "state": check.state}
