"""The living state of the sandbox: tools, courses, links, line items, members, scores, tokens. Floor 4.

All of it is in memory, behind one lock, and open to a test: what was accepted, how often each service was asked.
"""

from __future__ import annotations

import hashlib
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import requests

from entrepot.sandbox import scores
from entrepot.sandbox.config import Config, Group, Institution, Name, Person, Tool
from entrepot.sandbox.faults import Fault, Faults
from entrepot.sandbox.profiles import PROFILES, Profile
from entrepot.sandbox.scores import Grade, Refusal, Score
from entrepot.sandbox.tokens import Ring, Signer

Key = tuple[str, str]
"""An institution's id and a course's."""


@dataclass
class Registered:
    """A tool at an institution: it can be launched when it is active."""

    institution: str
    tool: Tool
    active: bool = True


@dataclass
class Item:
    """A line item, a column of a course's gradebook."""

    id: str
    label: str
    maximum: float
    resource_id: str = ""
    tag: str = ""
    link: str = ""
    client_id: str = ""
    more: dict[str, Any] = field(default_factory=dict)


@dataclass
class Link:
    """A resource link: `id` is the one in addresses of pages, `resource_link` the one that the tool is told."""

    id: str
    resource_link: str
    title: Name
    custom: dict[str, str]
    url: str = ""
    target: str = "iframe"
    client_id: str = ""
    item: str = ""
    history: tuple[str, ...] = ()


@dataclass
class Member:
    """Somebody in a course; `changed` numbers the change that made the membership what it is."""

    person: Person
    changed: int = 0
    active: bool = True


@dataclass
class Course:
    """A course: `id` is the one in addresses of pages, `context` the one that the tool is told."""

    institution: str
    id: str
    context: str
    title: Name
    links: dict[str, Link] = field(default_factory=dict)
    items: dict[str, Item] = field(default_factory=dict)
    members: dict[str, Member] = field(default_factory=dict)
    groups: tuple[Group, ...] = ()
    history: tuple[str, ...] = ()
    changes: int = 0


@dataclass(frozen=True)
class Grant:
    """What an access token opens."""

    client_id: str
    scopes: frozenset[str]
    expires: float


def fetch_json(url: str) -> Any:
    """Get JSON from a tool: its key set.

    Raises:
        requests.RequestException: It cannot be had, or is no JSON.
    """
    answer = requests.get(url, timeout=10, allow_redirects=False)
    answer.raise_for_status()
    return answer.json()


class Platform:
    """One sandbox LMS.

    Attributes:
        config: As it was configured.
        ring: Its keys.
        tools: By client id.
        courses: By institution and course.
        gradebook: The scores taken, in their order, by (userId, address of the line item); a post that repeats the
            last one word for word changes nothing and counts in `repeats`.
        grades: What a learner sees, by the same keys.
        attempts: New attempts by the same keys, where the LMS counts them.
        repeats: Repeated posts by the same keys.
        refused: Why scores were refused, in their order: (userId, address, status, reason).
        counts: Requests by (service, status); ("scores", 0) is a dropped connection.
        skew: Seconds that its clock is ahead, in id_tokens and expiries of access tokens.
        token_life: How long an access token opens services.
        sesskey: The session key of everybody; a tool must keep it nowhere.
        storage: Whether logins offer platform storage where the profile has it.
        storage_answers: Whether anything answers there; some apps offer it and stay silent.
        claims_hook: Changes the claims of a launch before they are signed; None for none.
    """

    def __init__(
        self,
        config: Config,
        signer: Signer,
        *,
        now: Callable[[], float] = time.time,
        new_token: Callable[[], str] = lambda: uuid.uuid4().hex,
        fetch: Callable[[str], Any] = fetch_json,
    ) -> None:
        self.config = config
        self.ring = Ring(signer)
        self.faults = Faults()
        self.lock = threading.RLock()
        self.stopping = threading.Event()
        self.clock = now
        self.new_token = new_token
        self.fetch = fetch
        self.skew = 0.0
        self.token_life = 3600.0
        self.storage = config.storage
        self.storage_answers = True
        self.sesskey = new_token()[:10]
        self.claims_hook: Callable[[dict[str, Any]], dict[str, Any]] | None = None
        self.tools: dict[str, Registered] = {}
        self.courses: dict[Key, Course] = {}
        self.grants: dict[str, Grant] = {}
        self.used: set[tuple[str, str]] = set()
        self.picking: dict[str, tuple[str, str, str]] = {}
        self.gradebook: dict[tuple[str, str], list[Score]] = {}
        self.grades: dict[tuple[str, str], Grade] = {}
        self.attempts: Counter[tuple[str, str]] = Counter()
        self.repeats: Counter[tuple[str, str]] = Counter()
        self.refused: list[tuple[str, str, int, str]] = []
        self.counts: Counter[tuple[str, int]] = Counter()
        self._numbers = 1
        self._people: dict[tuple[str, str], str] = {}
        self._key_sets: dict[str, Any] = {}
        for institution in config.institutions:
            self._open(institution)

    @property
    def base(self) -> str:
        """The issuer, which is the address of its pages too."""
        return self.config.issuer

    @property
    def sso(self) -> str:
        """The origin where people sign in and where storage is kept."""
        return self.config.sso or self.config.issuer

    @property
    def signer(self) -> Signer:
        """The key that signs now."""
        return self.ring.signer

    def now(self) -> float:
        """Its clock, skewed as it may be."""
        return self.clock() + self.skew

    def close(self) -> None:
        """Wake whatever waits in a fault."""
        self.stopping.set()

    def fail(
        self,
        service: str,
        kind: str,
        times: int = 1,
        *,
        after: bool = False,
        seconds: float = 30.0,
        retry_after: str | int = "",
    ) -> None:
        """Let the next requests of a service fail; see `faults.Fault`."""
        self.faults.put(service, Fault(kind, after, seconds, str(retry_after)), times)

    # Who and where

    def institution(self, id_: str) -> Institution | None:
        """An institution by its id."""
        return next((one for one in self.config.institutions if one.id == id_), None)

    def profile(self, institution: str) -> Profile:
        """How the LMS behaves at an institution.

        Raises:
            KeyError: There is no such institution.
        """
        found = self.institution(institution)
        if found is None:
            raise KeyError(institution)
        return PROFILES[found.profile]

    def course(self, institution: str, id_: str) -> Course | None:
        """A course by its institution and id."""
        return self.courses.get((institution, id_))

    def by_context(self, institution: str, context: str) -> Course | None:
        """A course by the id that the tool was told."""
        return next(
            (one for one in self.courses.values() if (one.institution, one.context) == (institution, context)), None
        )

    def tool_of(self, institution: str, client_id: str = "") -> Registered | None:
        """A tool of an institution: the named one, or its first active one."""
        here = [one for one in self.tools.values() if one.institution == institution]
        if client_id:
            return next((one for one in here if one.tool.client_id == client_id), None)
        return next((one for one in here if one.active), None)

    def user(self, institution: str, person: Person) -> str:
        """The `sub` of a person: opaque where the profile says so."""
        if self.profile(institution).ids != "opaque":
            return person.id
        return str(uuid.uuid5(uuid.NAMESPACE_URL, f"{self.base}/{institution}/{person.id}"))

    def member(self, course: Course, user: str) -> Member | None:
        """An active member by `sub`."""
        found = course.members.get(self._people.get((course.institution, user), ""))
        return found if found is not None and found.active else None

    # Changes

    def enrol(self, course: Course, person: Person) -> None:
        """Add somebody, or change them."""
        with self.lock:
            course.changes += 1
            course.members[person.id] = Member(person, course.changes)
            self._people[course.institution, self.user(course.institution, person)] = person.id

    def leave(self, course: Course, person: str) -> None:
        """End a membership."""
        with self.lock:
            course.changes += 1
            course.members[person] = Member(course.members[person].person, course.changes, active=False)

    def add_link(self, course: Course, link: Link, item: Item | None = None) -> Link:
        """Add a link, with its line item."""
        with self.lock:
            if item is not None:
                item = replace(item, id=self.new_id(course.institution), link=link.id, client_id=link.client_id)
                course.items[item.id] = item
                link.item = item.id
            course.links[link.id] = link
            return link

    def copy(self, course: Course) -> Course:
        """Copy a course: new ids for it, its links and its line items; custom parameters stay, people do not."""
        with self.lock:
            number = 2
            while (course.institution, f"{course.id}-{number}") in self.courses:
                number += 1
            id_ = f"{course.id}-{number}"
            made = Course(
                course.institution,
                id_,
                self._context(course.institution, id_),
                {language: f"{title} ({number})" for language, title in course.title.items()},
                members={key: Member(one.person) for key, one in course.members.items() if one.active},
                groups=(),
                history=(course.context, *course.history),
            )
            self.courses[course.institution, id_] = made
            for link in course.links.values():
                fresh = replace(
                    link,
                    resource_link=self._resource_link(course.institution, id_, link.id),
                    custom=dict(link.custom),
                    item="",
                    history=(link.resource_link, *link.history),
                )
                self.add_link(made, fresh, course.items.get(link.item))
            return made

    def score(self, course: Course, item: Item, address: str, body: Any) -> Refusal | Score:
        """Take a posted score, or refuse it."""
        profile = self.profile(course.institution)
        found = scores.read(profile, body, self.clock())
        with self.lock:
            if isinstance(found, Score):
                key = (found.user, address)
                taken = self.gradebook.setdefault(key, [])
                member = self.member(course, found.user)
                if member is None or member.person.role != "learner":
                    found = Refusal(profile.member_status, "not a learner of this course")
                elif late := scores.stale(profile, found, taken[-1] if taken else None):
                    found = late
                else:
                    self._take(profile, item, key, found)
            if isinstance(found, Refusal):
                user = str(body.get("userId", "")) if isinstance(body, Mapping) else ""
                self.refused.append((user, address, found.status, found.why))
        return found

    def _take(self, profile: Profile, item: Item, key: tuple[str, str], score: Score) -> None:
        taken = self.gradebook[key]
        if profile.attempts and score.attempt:
            self.attempts[key] += 1
        if taken and replace(taken[-1], at=score.at) == score:
            self.repeats[key] += 1
            return
        taken.append(score)
        self.grades[key] = scores.grade(profile, score, item.maximum, self.grades.get(key, Grade(None)))

    def tool_keys(self, url: str, *, fresh: bool = False) -> Any:
        """The key set of a tool, as last fetched.

        Raises:
            requests.RequestException: It cannot be had.
        """
        if fresh or url not in self._key_sets:
            self._key_sets[url] = self.fetch(url)
        return self._key_sets[url]

    # Ids

    def new_id(self, institution: str) -> str:
        """An id in the manner of the profile."""
        with self.lock:
            self._numbers += 1
            number = str(self._numbers)
        return number if self.profile(institution).ids != "opaque" else f"{int(number) + 7_000_000}"

    def _context(self, institution: str, course: str) -> str:
        ids = self.profile(institution).ids
        if ids == "numbers":
            return self.new_id(institution)
        name = f"{institution}-{course}"
        if ids == "words":
            return name
        return hashlib.sha1(f"{self.base}/{name}".encode(), usedforsecurity=False).hexdigest()

    def _resource_link(self, institution: str, course: str, link: str) -> str:
        ids = self.profile(institution).ids
        if ids == "numbers":
            return self.new_id(institution)
        name = f"{institution}-{course}-{link}"
        return name if ids == "words" else str(uuid.uuid5(uuid.NAMESPACE_URL, f"{self.base}/{name}"))

    def new_link(self, course: Course, title: Name, **changes: Any) -> Link:
        """A link that is not yet in a course."""
        id_ = self.new_id(course.institution)
        return Link(id_, self._resource_link(course.institution, course.id, id_), title, **changes)

    def _open(self, institution: Institution) -> None:
        """Make the courses of an institution as configured."""
        client_id = ""
        if institution.tool is not None:
            client_id = institution.tool.client_id
            self.tools[client_id] = Registered(institution.id, institution.tool)
        for configured in institution.courses:
            course = Course(
                institution.id,
                configured.id,
                self._context(institution.id, configured.id),
                configured.title,
                members={one.id: Member(one) for one in configured.learners},
                groups=configured.groups,
            )
            self.courses[institution.id, configured.id] = course
            for person in configured.learners:
                self._people[institution.id, self.user(institution.id, person)] = person.id
            for one in configured.links:
                link = Link(
                    one.id,
                    self._resource_link(institution.id, configured.id, one.id),
                    one.title,
                    dict(one.custom),
                    target=one.target,
                    client_id=client_id,
                )
                given = one.line_item
                item = Item("", given.label, given.maximum, given.resource_id, given.tag) if given else None
                self.add_link(course, link, item)
