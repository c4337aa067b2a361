"""Partner enterprises of a course: who they are, what for, until when, and what is in their room. Floor 3.

A partner belongs to one course of one deployment: the same enterprise in another course, or at another institution, is
another partner there, and nothing leads from one to the other. Its people come in by addresses (`outside`), which end
with the contract.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from lti_tool.partnered import PARTNER_LOG, PARTNER_SEATS, PARTNERS
from storage.port import Document, Storage
from xapi_collector import blob
from xapi_collector.keyring import Keyring

PURPOSE = "lti_tool partners"
ROOM = "partner:"
"""Under which name `outside` keeps the addresses of a partner, so that no project is meant."""
TICKET = "~"
"""What a ticket begins with, and no address does."""
HOURS = 8 * 3600.0
"""How long a ticket holds, in seconds."""
SIGNED = 32
DAYS = (30, 90, 180)
"""How long an address of a partner may hold."""
KEPT = 2 * 365 * 86_400.0
MOST = 50
"""Partners of a course whose contract holds."""
LONGEST = 200
"""Letters of a name, a contact, a purpose."""
REGISTERED, CHANGED, ENDED, LET_IN, REVOKED, APPROVED, DECLINED, CLOSED, WROTE = ACTS = (
    "registered", "changed", "ended", "let_in", "revoked", "approved", "declined", "closed", "wrote",
)  # fmt: skip
"""What the log tells."""


@dataclass(frozen=True)
class Facts:
    """Who a partner is.

    Attributes:
        name: Of the enterprise, as learners read it.
        contact: Whom the institution writes to.
        purpose: What the partnership is for, as learners read it.
    """

    name: str
    contact: str
    purpose: str


@dataclass(frozen=True)
class Partner:
    """A partner of a course.

    Attributes:
        course: The key of the course (`Learner.context`).
        partner: Its id, of use in that course alone.
        catalog: Id of the catalog that the course teaches.
        made: When it was registered, seconds since the epoch.
        until: When the contract ends, seconds since the epoch.
        ended: When somebody ended it before that; 0: nobody did.
        projects: Names of the projects that it takes part in.
        kits: Ids of the case kits that it gave.
        events: Ids of the sessions that it holds, such as days at a practice base.
        sealed: `Facts`, sealed.
    """

    course: str
    partner: str
    catalog: str
    made: float
    until: float
    ended: float = 0.0
    projects: tuple[str, ...] = ()
    kits: tuple[str, ...] = ()
    events: tuple[str, ...] = ()
    sealed: str = ""

    def holds(self, now: float) -> bool:
        """Whether the contract holds now."""
        return not self.ended and now < self.until

    @property
    def room(self) -> str:
        """Under which name its addresses are kept."""
        return f"{ROOM}{self.partner}"


@dataclass(frozen=True)
class Entry:
    """One line of the log: who did what with a partner, when.

    Attributes:
        course: The key of the course.
        entry: Its key there, so that lines sort by time.
        by: Pseudonym of who did it.
        partner: Its id.
        act: One of `ACTS`.
        at: Seconds since the epoch.
    """

    course: str
    entry: str
    by: str
    partner: str
    act: str
    at: int


def register(
    storage: Storage, keyring: Keyring, course: str, facts: Facts, *,
    catalog: str, until: float, now: float, new_token: Callable[[], str],
) -> Partner | None:  # fmt: skip
    """Register a partner; None where a course has `MOST` of them.

    Args:
        storage: The institution's store.
        keyring: Its secrets.
        course: The key of the course.
        facts: Who it is.
        catalog: Id of the catalog that the course teaches.
        until: When the contract ends, seconds since the epoch.
        now: Seconds since the epoch.
        new_token: Makes unguessable texts.
    """
    if sum(one.holds(now) for one in of_course(storage, course, now)) >= MOST:
        return None
    id_ = hashlib.sha256(new_token().encode()).hexdigest()[:24]
    partner = Partner(course, id_, catalog, now, until, sealed=seal(keyring, id_, asdict(facts), new_token))
    storage.insert(PARTNERS, _document(partner))
    return partner


def find(storage: Storage, course: str, partner: str) -> Partner | None:
    """A partner of a course, whether its contract holds or not; None: the course has none of this id."""
    kept = storage.get(PARTNERS, (course, partner)) if course and partner else None
    return None if kept is None else _partner(kept)


def of_course(storage: Storage, course: str, now: float) -> list[Partner]:
    """Every partner of a course, the oldest first; those whose contract ended over two years ago are removed."""
    found = []
    for kept in storage.find(PARTNERS, {"course": course}):
        if now > (kept["ended"] or kept["until"]) + KEPT:
            storage.delete(PARTNERS, (course, kept["partner"]))
        else:
            found.append(_partner(kept))
    return sorted(found, key=lambda one: (one.made, one.partner))


def holding(storage: Storage, course: str, now: float) -> list[Partner]:
    """The partners of a course whose contract holds, the oldest first."""
    return [one for one in of_course(storage, course, now) if one.holds(now)]


def change(storage: Storage, course: str, partner: str, make: Callable[[Partner], Partner]) -> Partner | None:
    """Put in place of a partner what `make` makes of it, whatever others write at the time; None: there is none."""
    while True:
        kept = storage.get(PARTNERS, (course, partner))
        if kept is None:
            return None
        before = _partner(kept)
        after = make(before)
        if after == before or storage.replace(PARTNERS, _document(after), expected=kept):
            return after


def end(storage: Storage, course: str, partner: str, now: float) -> Partner | None:
    """End a partnership at once: its addresses open nothing and its openings are shown no more."""
    return change(storage, course, partner, lambda one: one if one.ended else replace(one, ended=now))


def facts(keyring: Keyring, partner: Partner) -> Facts:
    """Who a partner is."""
    return Facts(**open_(keyring, partner.partner, partner.sealed))


def seal(keyring: Keyring, key: str, content: Mapping[str, Any], new_token: Callable[[], str]) -> str:
    """What is kept of an enterprise and may name a person there, sealed under the institution's key.

    Args:
        keyring: The institution's secrets.
        key: To what the content is bound.
        content: As JSON.
        new_token: Makes unguessable texts.
    """
    nonce = hashlib.sha256(new_token().encode()).digest()[:12]
    return base64.b64encode(blob.seal(json.dumps(content).encode(), key, _cipher(keyring), nonce)).decode()


def open_(keyring: Keyring, key: str, sealed: str) -> dict[str, Any]:
    """What was sealed.

    Raises:
        errors.EnvelopeError: The bytes or their place are not those that were sealed.
    """
    found: dict[str, Any] = json.loads(blob.open_(base64.b64decode(sealed), key, _cipher(keyring)))
    return found


def log(storage: Storage, course: str, partner: str, act: str, *, by: str, now: float, id_: str) -> None:
    """Add a line: who did what with a partner.

    Args:
        storage: The institution's store.
        course: The key of the course.
        partner: Its id.
        act: One of `ACTS`.
        by: Pseudonym of who did it.
        now: Seconds since the epoch.
        id_: A new unguessable text.
    """
    entry = Entry(course, f"{int(now * 1e6):018d} {id_[:16]}", by, partner, act, int(now))
    storage.insert(PARTNER_LOG, asdict(entry))


def lines(storage: Storage, course: str, partner: str, *, limit: int = 20) -> list[Entry]:
    """The log of a partner, the newest first."""
    found = storage.find(PARTNER_LOG, {"course": course, "partner": partner}, limit=limit, descending=True)
    return [Entry(**kept) for kept in found]


# Who comes in by a launch


def sit(storage: Storage, course: str, person: str, address: str) -> None:
    """Remember by which address somebody of a partner came in, in place of an earlier one.

    Args:
        storage: The institution's store.
        course: The key of the course.
        person: Their pseudonym.
        address: Id of the address.
    """
    while True:
        kept = storage.get(PARTNER_SEATS, (course, person))
        if storage.replace(PARTNER_SEATS, {"course": course, "learner": person, "address": address}, expected=kept):
            return


def seat(storage: Storage, course: str, pseudonyms: Iterable[str]) -> str:
    """Id of the address by which somebody came in; empty if they never did."""
    found = (storage.get(PARTNER_SEATS, (course, one)) for one in pseudonyms)
    return next((str(kept["address"]) for kept in found if kept is not None), "")


def leave(storage: Storage, course: str, pseudonyms: Iterable[str]) -> None:
    """Forget by which address somebody came in."""
    for one in pseudonyms:
        storage.delete(PARTNER_SEATS, (course, one))


def ticket(keyring: Keyring, address: str, until: float) -> str:
    """What opens the room of an address for some hours without the address itself, as long as that holds.

    Args:
        keyring: The institution's secrets.
        address: Its id.
        until: Seconds since the epoch.
    """
    text = f"{TICKET}{address}.{int(until)}"
    return f"{text}.{_signature(keyring, text)}"


def read_ticket(keyring: Keyring, text: str, now: float) -> str:
    """Id of the address that a ticket names; empty of one that was changed or is over.

    Args:
        keyring: The institution's secrets.
        text: What came.
        now: Seconds since the epoch.
    """
    signed, _, signature = text[:LONGEST].rpartition(".")
    if not signed.startswith(TICKET) or not hmac.compare_digest(
        signature.encode(), _signature(keyring, signed).encode()
    ):
        return ""
    address, _, until = signed.removeprefix(TICKET).partition(".")
    return address if now < int(until) else ""


def remove(storage: Storage, course: str) -> None:
    """Remove the partners of a course, whose platform is removed."""
    for collection in (PARTNERS, PARTNER_LOG, PARTNER_SEATS):
        for kept in storage.find(collection, {"course": course}):
            storage.delete(collection, tuple(kept[name] for name in collection.key))


def _signature(keyring: Keyring, text: str) -> str:
    digest = hmac.new(keyring.derive(f"{PURPOSE}: tickets"), text.encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest).decode()[:SIGNED]


def _cipher(keyring: Keyring) -> AESGCM:
    return AESGCM(keyring.derive(PURPOSE))


def _document(partner: Partner) -> Document:
    lists = {name: list(getattr(partner, name)) for name in ("projects", "kits", "events")}
    return {**asdict(partner), **lists}


def _partner(kept: Document) -> Partner:
    lists = {name: tuple(kept[name]) for name in ("projects", "kits", "events")}
    return Partner(**{**kept, **lists})
