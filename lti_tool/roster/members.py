"""The members of a course as they are kept: pseudonym, roles, groups, whether they are still there. Floor 3.

The pseudonym is the one that a launch makes of the same person, so that a member, their statements and their goal meet.
Where a platform's events know a person by another name than its roster does (`Learner.known_as`), the launch or the
roster's message section tells the two together; `mark` remembers that, and says nothing without the keyring.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from lti_tool import learner as learners
from lti_tool.learner import Learner
from lti_tool.roles import Role
from lti_tool.roster import container
from lti_tool.roster.container import ACTIVE, LEFT, Seen
from lti_tool.settings import MEMBERS
from storage.port import Storage
from xapi_collector import agents
from xapi_collector.keyring import Keyring

PURPOSE = "lti_tool roster"
PAGE = 1000


@dataclass(frozen=True)
class Member:
    """A person in a course.

    Attributes:
        course: The key of the course.
        learner: Their pseudonym, whatever their role.
        mark: A digest of the platform's id of the person, of use with the keyring alone.
        named: Whether a launch or a message section told the name by which events know them, or none is needed.
        state: container.ACTIVE, INACTIVE or LEFT.
        roles: Names of roles (`roles.Role`), sorted.
        groups: Ids of groups, sorted.
        first: When they were first seen, seconds since the epoch.
        changed: When anything of this changed, seconds since the epoch.
    """

    course: str
    learner: str
    mark: str
    named: bool
    state: str
    roles: tuple[str, ...]
    groups: tuple[str, ...]
    first: int
    changed: int


def of_course(storage: Storage, course: str) -> Iterator[Member]:
    """Every kept member of a course, those who left among them, in the order of pseudonyms."""
    after = None
    while page := storage.find(MEMBERS, {"course": course}, limit=PAGE, after=after):
        yield from map(_member, page)
        if len(page) < PAGE:
            return
        after = (course, page[-1]["learner"])


def learns(member: Member) -> bool:
    """Whether a member is in the table of a class: a learner who has not left, and who does not teach."""
    teaching = {Role.INSTRUCTOR, Role.ASSISTANT, Role.DEVELOPER}
    return member.state != LEFT and Role.LEARNER in member.roles and teaching.isdisjoint(member.roles)


def find(storage: Storage, course: str, learner: str) -> Member | None:
    """One member, by pseudonym."""
    document = storage.get(MEMBERS, (course, learner))
    return None if document is None else _member(document)


def pseudonym(keyring: Keyring, iss: str, name: str) -> str:
    """The pseudonym that a launch makes of a person of this name at this platform."""
    return agents.pseudonym({"account": {"homePage": iss, "name": name}}, keyring.pseudonym_key)


def mark(keyring: Keyring, iss: str, user: str) -> str:
    """What finds a person of the roster again; it outlives a rotation of pseudonyms."""
    text = f"{iss}\x1f{user}".encode()
    return base64.urlsafe_b64encode(hmac.new(keyring.derive(PURPOSE), text, hashlib.sha256).digest()[:18]).decode()


def enter(
    storage: Storage, keyring: Keyring, person: Learner, *, named: bool, custom: Mapping[str, Any], now: float
) -> None:
    """Keep who came in by a launch, with the groups that it tells; nothing is written when nothing changed.

    Args:
        storage: The institution's store.
        keyring: Its secrets.
        person: Of the launch.
        named: The launch told the name by which events know them, or their `sub` is that name.
        custom: The launch's custom parameters; `groups` is filled in by the platform where it can.
        now: Seconds since the epoch.
    """
    own = agents.pseudonym(learners.agent(person), keyring.pseudonym_key)
    seen = mark(keyring, person.iss, person.sub)
    told = container.group_ids(custom.get("groups"))
    others = [
        document
        for document in storage.find(MEMBERS, {"course": person.context, "mark": seen}, limit=10)
        if document["learner"] != own
    ]
    if not named and any(document["named"] for document in others):
        return  # a link that does not ask for the name; another launch or the roster told it

    def entered(kept: Member | None) -> Member:
        before = kept or Member(person.context, own, seen, named, ACTIVE, (), (), int(now), int(now))
        groups = before.groups if told is None else told
        return replace(before, mark=seen, named=named or before.named, state=ACTIVE, roles=person.roles, groups=groups)

    change(storage, person.context, own, entered, now)
    for document in others:  # the same person, kept before it was known by which name events call them
        storage.delete(MEMBERS, (person.context, document["learner"]))


def merged(
    kept: Member | None, *, course: str, learner: str, mark_: str, seen: Seen, named: bool, now: float
) -> Member:
    """A member as the roster shows them now, over what is kept of them: pure."""
    before = kept or Member(course, learner, mark_, named, ACTIVE, (), (), int(now), int(now))
    # Who is gone comes without roles in a list of differences; what they were stays until they are removed.
    roles = before.roles if seen.state == LEFT else seen.roles
    groups = before.groups if seen.groups is None else seen.groups
    return replace(before, mark=mark_, named=named or before.named, state=seen.state, roles=roles, groups=groups)


def renamed(member: Member, learner: str) -> Member:
    """The same person under another pseudonym: pure."""
    return replace(member, learner=learner)


def left(member: Member) -> Member:
    """A member who is not in the course any more: pure."""
    return replace(member, state=LEFT)


def change(storage: Storage, course: str, learner: str, make: Callable[[Member | None], Member], now: float) -> Member:
    """Put in place of what is kept of a member what `make` makes of it, whatever others write at the same time."""
    while True:
        kept = storage.get(MEMBERS, (course, learner))
        before = None if kept is None else _member(kept)
        after = make(before)
        if after == before:
            return after
        after = replace(after, changed=int(now))
        if storage.replace(MEMBERS, document(after), expected=kept):
            return after


def document(member: Member) -> dict[str, Any]:
    """A member as the store keeps them."""
    return {**asdict(member), "roles": list(member.roles), "groups": list(member.groups)}


def _member(kept: Mapping[str, Any]) -> Member:
    return Member(**{**kept, "roles": tuple(kept["roles"]), "groups": tuple(kept["groups"])})
