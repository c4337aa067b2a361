"""Addresses for reviewers from outside: one project of one course, until a day, until it is revoked. Floor 3.

An address holds 256 bits of chance and a signature: a changed one is refused before the store is asked, a guessed one
is not found. The store has a digest of it. Whoever opens it has no launch and no name here but the label that the
instructor gave the address; what they see is asked of the store at every request.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from lti_tool.works import OUTSIDE, OUTSIDE_PACES
from storage.port import Document, Storage
from xapi_collector import blob
from xapi_collector.keyring import Keyring

PURPOSE = "lti_tool outside"
DAYS = (7, 14, 30, 90)
"""How long an address may hold."""
DAY = 86_400.0
KEPT = 365 * DAY
LABEL = 80
"""Letters of a label."""
MOST = 20
"""Addresses of a project that hold at the same time."""
EACH_MINUTE = 120
"""Requests a minute that all processes together answer for one address."""
LEASE = 10
"""Requests that a process takes from that count at a time."""
PAGE = 500
SIGNED = 32


@dataclass(frozen=True)
class Address:
    """One address.

    Attributes:
        id: Digest of what is unguessable in it.
        course: The key of the course.
        project: As in `projects.Setting`.
        made: Seconds since the epoch.
        until: When it ends, seconds since the epoch.
        revoked: When it was revoked; 0: it was not.
        sealed: The label, sealed.
    """

    id: str
    course: str
    project: str
    made: float
    until: float
    revoked: float = 0.0
    sealed: str = ""

    def holds(self, now: float) -> bool:
        """Whether it opens anything now."""
        return not self.revoked and self.made <= now < self.until


@dataclass
class Pace:
    """What this process may still answer in this minute, by address.

    A process takes `LEASE` requests at a time from the institution's common count, so that many processes together keep
    within `EACH_MINUTE`, and most requests cost no write for it.
    """

    storage: Storage
    minute: int = -1
    left: Counter[str] = field(default_factory=Counter)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def allows(self, id_: str, now: float) -> bool:
        """Count a request; whether it may be answered."""
        with self.lock:
            if self.minute != int(now // 60):
                self.minute = int(now // 60)
                self.left.clear()
            if self.left[id_] < 1:
                self.left[id_] = _take(self.storage, id_, self.minute)
            self.left[id_] -= 1
            return self.left[id_] >= 0


def _take(storage: Storage, id_: str, minute: int) -> int:
    """Take requests of a minute from the common count of an address; how many, 0 where none is left."""
    while True:
        there = storage.get(OUTSIDE_PACES, (id_,))
        taken = int(there["taken"]) if there is not None and there["minute"] == minute else 0
        take = min(LEASE, EACH_MINUTE - taken)
        document = {"address": id_, "minute": minute, "taken": taken + take}
        if take < 1 or storage.replace(OUTSIDE_PACES, document, expected=there):
            return max(0, take)


def tidy(storage: Storage, now: float) -> int:
    """Remove the counts of addresses that nobody asked for since a day; how many."""
    oldest, removed = int((now - DAY) // 60), 0
    after: tuple[str] | None = None
    while page := storage.find(OUTSIDE_PACES, {}, limit=PAGE, after=after):
        removed += sum(
            storage.delete(OUTSIDE_PACES, (one["address"],), expected=one) for one in page if one["minute"] < oldest
        )
        after = (page[-1]["address"],)
    return removed


def make(
    storage: Storage, keyring: Keyring, course: str, project: str, label: str, *,
    days: int, now: float, new_token: Callable[[], str],
) -> tuple[str, Address]:  # fmt: skip
    """A new address.

    Args:
        storage: The institution's store.
        keyring: Its secrets.
        course: The key of the course.
        project: As in `projects.Setting`.
        label: What learners read of who reviews: a company, better than a person.
        days: One of `DAYS`.
        now: Seconds since the epoch.
        new_token: Makes unguessable texts.

    Returns:
        What stands in the address, shown this once, and its record.
    """
    secret = new_token()
    id_ = _digest(secret)
    text = " ".join(label.split())[:LABEL].encode()
    sealed = base64.b64encode(blob.seal(text, id_, _cipher(keyring), _nonce(new_token))).decode()
    address = Address(id_, course, project, now, now + days * DAY, 0.0, sealed)
    storage.insert(OUTSIDE, asdict(address))
    return f"{secret}.{_signature(keyring, secret)}", address


def find(storage: Storage, keyring: Keyring, text: str, now: float) -> Address | None:
    """The address that a text names; None of one that is changed, unknown, revoked or over: all the same to who asks.

    Args:
        storage: The institution's store.
        keyring: Its secrets.
        text: What came.
        now: Seconds since the epoch.
    """
    secret, _, signature = text[:200].rpartition(".")
    if not secret or not hmac.compare_digest(signature.encode(), _signature(keyring, secret).encode()):
        return None
    kept = storage.get(OUTSIDE, (_digest(secret),))
    address = None if kept is None else Address(**kept)
    return address if address is not None and address.holds(now) else None


def of_project(storage: Storage, course: str, project: str, now: float) -> list[Address]:
    """The addresses of a project, the newest first; those that ended over a year ago are removed."""
    found = []
    for kept in storage.find(OUTSIDE, {"course": course, "project": project}):
        if now > kept["until"] + KEPT:
            storage.delete(OUTSIDE, (kept["id"],))
        else:
            found.append(Address(**kept))
    return sorted(found, key=lambda one: -one.made)


def revoke(storage: Storage, course: str, project: str, id_: str, now: float) -> bool:
    """End an address of a project at once; False where it is none of it, or has ended before."""
    kept = storage.get(OUTSIDE, (id_,)) if id_ else None
    if kept is None or (kept["course"], kept["project"]) != (course, project) or kept["revoked"]:
        return False
    return storage.replace(OUTSIDE, _plain(replace(Address(**kept), revoked=now)), expected=kept)


def label(keyring: Keyring, address: Address) -> str:
    """What the instructor called who reviews."""
    return blob.open_(base64.b64decode(address.sealed), address.id, _cipher(keyring)).decode()


def work_id(keyring: Keyring, address: Address, work: str) -> str:
    """What an address calls a work: another name in every address, so that none leads from one to the other."""
    text = f"{address.id}\x1f{work}".encode()
    return hmac.new(keyring.derive(f"{PURPOSE}: works"), text, hashlib.sha256).hexdigest()[:24]


def remove(storage: Storage, course: str) -> None:
    """Remove the addresses of a course, whose platform is removed."""
    for kept in storage.find(OUTSIDE, {"course": course}):
        storage.delete(OUTSIDE, (kept["id"],))


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()[:32]


def _signature(keyring: Keyring, secret: str) -> str:
    digest = hmac.new(keyring.derive(PURPOSE), secret.encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest).decode()[:SIGNED]


def _cipher(keyring: Keyring) -> AESGCM:
    return AESGCM(keyring.derive(f"{PURPOSE}: labels"))


def _nonce(new_token: Callable[[], str]) -> bytes:
    return hashlib.sha256(new_token().encode()).digest()[:12]


def _plain(address: Address) -> Document:
    return asdict(address)
