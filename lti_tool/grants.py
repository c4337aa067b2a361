"""What a learner grants a partner enterprise to see, until when, and the record of who saw it. Floor 3.

A grant is asked of the store at every request of every process, so one that was revoked shows nothing from then on.
What is granted is sealed under the learner's data key and deleted when it ends; that it was there stays in the record
that the learner reads. An application to an opening is a grant that names the opening: whoever withdraws it has
revoked it.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace

from lti_tool.partnered import GRANT_LOG, GRANTS
from lti_tool.vault import Vault
from storage.port import Document, Storage
from xapi_collector.keyring import Keyring

PURPOSE = "lti_tool grants"
DAY = 86_400.0
DAYS = (30, 90, 180, 365)
"""How long a grant may hold."""
MOST = 60
"""Grants of one learner in one course that hold at the same time."""
LONGEST = 200
"""Letters of a name, or of how to reach the learner."""
PAGE = 500
LETTERS = 2000
"""Letters of a note."""
GRANTED, SEEN, FILE, REVOKED, DECIDED, OVER = ACTS = ("granted", "seen", "file", "revoked", "decided", "over")
"""What the record tells."""
ROLE, SKILLS, NOTHING = SCOPES = ("role", "skills", "nothing")
"""Levels of all skills of a role, of chosen ones, or none."""


@dataclass(frozen=True)
class Terms:
    """What is granted.

    Attributes:
        catalog: Id of the catalog of the skills.
        scope: One of `SCOPES`.
        role: Id of the role whose skills are shown; empty if none.
        skills: Ids of the skills that are shown.
        works: Keys of the works that are shown.
        name: What the learner wants to be called; empty: no name.
        reach: How to reach them; empty: not at all.
        note: What they write to the partner.
    """

    catalog: str
    scope: str = NOTHING
    role: str = ""
    skills: tuple[str, ...] = ()
    works: tuple[str, ...] = ()
    name: str = ""
    reach: str = ""
    note: str = ""


@dataclass(frozen=True)
class Grant:
    """A grant.

    Attributes:
        key: Unguessable.
        learner: Pseudonym.
        course: The key of the course.
        partner: Id of the partner in that course.
        opening: Id of the opening that the learner applies to; empty: none.
        made: Seconds since the epoch.
        until: When it ends, seconds since the epoch.
        revoked: When the learner ended it, seconds since the epoch; 0: they did not.
        sealed: `Terms`, sealed; empty once it ended.
    """

    key: str
    learner: str
    course: str
    partner: str
    opening: str
    made: float
    until: float
    revoked: float = 0.0
    sealed: str = ""

    def holds(self, now: float) -> bool:
        """Whether it shows anything now."""
        return not self.revoked and now < self.until


@dataclass(frozen=True)
class Entry:
    """One line of the record.

    Attributes:
        key: One for each grant, act, address and day.
        learner: Pseudonym of who granted it.
        course: The key of the course.
        partner: Id of the partner.
        grant: Key of the grant.
        act: One of `ACTS`.
        by: Id of the address by which somebody came; empty: the learner.
        at: The first moment of that day, seconds since the epoch.
    """

    key: str
    learner: str
    course: str
    partner: str
    grant: str
    act: str
    by: str
    at: float


def give(
    vault: Vault, learner: str, course: str, partner: str, terms: Terms, *,
    until: float, now: float, id_: str, opening: str = "",
) -> Grant:  # fmt: skip
    """Grant a partner to see something, and note it.

    Args:
        vault: The store and the keys.
        learner: Pseudonym.
        course: The key of the course.
        partner: Its id there.
        terms: What is granted.
        until: When it ends, seconds since the epoch.
        now: Seconds since the epoch.
        id_: A new unguessable text.
        opening: Id of the opening that they apply to; empty: none.
    """
    key = hashlib.sha256(id_.encode()).hexdigest()[:32]
    sealed = vault.seal(learner, key, json.dumps(asdict(terms)).encode())
    grant = Grant(key, learner, course, partner, opening, now, until, 0.0, sealed)
    note(vault.storage, grant, GRANTED, now)
    vault.storage.insert(GRANTS, _document(grant))
    return grant


def revoke(storage: Storage, pseudonyms: Sequence[str], course: str, key: str, now: float) -> Grant | None:
    """End a grant of a learner at once; None where it is none of theirs here, or has ended.

    Args:
        storage: The institution's store.
        pseudonyms: Theirs, the active key's first.
        course: The key of the course.
        key: Of the grant.
        now: Seconds since the epoch.
    """
    while True:
        kept = storage.get(GRANTS, (key,)) if key else None
        if kept is None or kept["course"] != course or kept["learner"] not in pseudonyms or kept["revoked"]:
            return None
        ended = replace(_grant(kept), revoked=now, sealed="")
        if storage.replace(GRANTS, _document(ended), expected=kept):
            note(storage, ended, REVOKED, now)
            return ended


def close(storage: Storage, course: str, partner: str, now: float) -> int:
    """End every grant to a partner, whose partnership ends; how many there were.

    Args:
        storage: The institution's store.
        course: The key of the course.
        partner: Its id there.
        now: Seconds since the epoch.
    """
    there = of_partner(storage, course, partner, now)
    for grant in there:
        kept = storage.get(GRANTS, (grant.key,))
        while kept is not None and not kept["revoked"]:
            ended = replace(_grant(kept), revoked=now, sealed="")
            if storage.replace(GRANTS, _document(ended), expected=kept):
                note(storage, ended, OVER, now)
                break
            kept = storage.get(GRANTS, (grant.key,))
    return len(there)


def of_learner(storage: Storage, pseudonyms: Iterable[str], course: str) -> list[Grant]:
    """Every grant of a learner in a course, the newest first."""
    found = [_grant(kept) for one in pseudonyms for kept in storage.find(GRANTS, {"learner": one, "course": course})]
    return sorted(found, key=lambda one: (-one.made, one.key))


def of_partner(storage: Storage, course: str, partner: str, now: float, *, opening: str | None = None) -> list[Grant]:
    """The grants to a partner that hold, in the order in which they were given: in no other.

    Args:
        storage: The institution's store.
        course: The key of the course.
        partner: Its id there.
        now: Seconds since the epoch.
        opening: Only those for this opening; None: all.
    """
    where = {"course": course, "partner": partner}
    found = [_grant(kept) for kept in storage.find(GRANTS, where if opening is None else {**where, "opening": opening})]
    return sorted((one for one in found if one.holds(now)), key=lambda one: (one.made, one.key))


def ended(storage: Storage, course: str, partner: str, now: float) -> int:
    """How many grants to a partner have ended: a count says no more than that it is not a fault."""
    return sum(not _grant(kept).holds(now) for kept in storage.find(GRANTS, {"course": course, "partner": partner}))


def terms(vault: Vault, grant: Grant) -> Terms | None:
    """What is granted; None once it ended, or of somebody who was erased."""
    content = vault.open(grant.learner, grant.key, grant.sealed) if grant.sealed else None
    if content is None:
        return None
    kept = json.loads(content)
    return Terms(**{**kept, "skills": tuple(kept["skills"]), "works": tuple(kept["works"])})


def view_id(keyring: Keyring, address: str, grant: str) -> str:
    """What an address calls a grant: another name in every address, so that none leads from one to the other."""
    text = f"{address}\x1f{grant}".encode()
    return hmac.new(keyring.derive(PURPOSE), text, hashlib.sha256).hexdigest()[:24]


def note(storage: Storage, grant: Grant, act: str, now: float, *, by: str = "") -> None:
    """Note what was done with a grant, once a day; before it is done, so that nothing is seen that is not noted.

    Args:
        storage: The institution's store.
        grant: Which.
        act: One of `ACTS`.
        now: Seconds since the epoch.
        by: Id of the address by which somebody came; empty: the learner.
    """
    text = f"{grant.key}\x1f{act}\x1f{by}\x1f{int(now // DAY)}".encode()
    key = hashlib.sha256(text).hexdigest()[:32]
    entry = Entry(key, grant.learner, grant.course, grant.partner, grant.key, act, by, now)
    storage.insert_missing(GRANT_LOG, [asdict(entry)])


def record(storage: Storage, pseudonyms: Iterable[str], course: str) -> list[Entry]:
    """Who did what with the grants of a learner in a course, the newest first."""
    found = [
        Entry(**kept) for one in pseudonyms for kept in storage.find(GRANT_LOG, {"learner": one, "course": course})
    ]
    return sorted(found, key=lambda one: (-one.at, one.key))


def tidy(storage: Storage, grants: Iterable[Grant], now: float) -> None:
    """Delete what was granted by grants that ran out: nobody may see it any more, so nobody needs it."""
    for grant in grants:
        kept = storage.get(GRANTS, (grant.key,)) if grant.sealed and not grant.holds(now) else None
        if kept is not None:
            storage.replace(GRANTS, {name: kept[name] for name in kept if name != "blob"}, expected=kept)


def sweep(storage: Storage, now: float) -> None:
    """As `tidy`, for the grants of everybody."""
    after = None
    while page := storage.find(GRANTS, {}, limit=PAGE, after=after):
        tidy(storage, map(_grant, page), now)
        after = (page[-1]["key"],)


def remove(storage: Storage, course: str) -> None:
    """Remove the grants of a course, whose platform is removed."""
    for collection in (GRANTS, GRANT_LOG):
        for kept in storage.find(collection, {"course": course}):
            storage.delete(collection, (kept["key"],))


def _document(grant: Grant) -> Document:
    """As JSON has it; what is sealed stands where the collector looks for it, and nothing where nothing is."""
    plain = asdict(grant)
    known = {name: plain[name] for name in plain if name != "sealed"}
    return {**known, "blob": grant.sealed} if grant.sealed else known


def _grant(kept: Document) -> Grant:
    known = {name: value for name, value in kept.items() if name != "blob"}
    return Grant(**known, sealed=kept.get("blob", ""))
