"""Every route of the app, asked by every role, by nobody, by somebody of another course, platform and institution."""

from __future__ import annotations

import dataclasses
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html import unescape
from typing import Any

import pytest
from werkzeug.routing import Rule

from curriculum import catalog as catalogs
from entrepot.sandbox import tokens
from lti_tool import bearer, kept, keys, openings, outside, overrides, partners, permissions, platforms, polls, projects
from lti_tool import learner as learners
from lti_tool import settings as tool_settings
from lti_tool.deep_linking import request, sealed
from lti_tool.enclosures import Enclosure
from lti_tool.events import Event
from lti_tool.grades import outbox
from lti_tool.grades.outbox import Score
from lti_tool.learner import Learner
from lti_tool.openings import Text
from lti_tool.overrides import Subject
from lti_tool.pages import classroom
from lti_tool.partners import Facts
from lti_tool.permissions import Permission
from lti_tool.polls import Poll
from lti_tool.roles import MEMBERSHIP, SUB, Role
from lti_tool.roster import members
from lti_tool.roster.members import Member
from lti_tool.tool import Tool
from lti_tool.vault import Vault
from tests.lti_tool import builders, deep_links
from tests.lti_tool.builders import Bench, TestResponse

# What anybody may ask for: whoever opens a route to the world says so here.
OPEN = {
    "static",
    "eventing.feed",
    "launching.begin",
    "launching.take",
    "launching.keys",
    "launching.health",
    "publishing.documents",
    "publishing.thing",
    "registering.begin",
    "registering.enter",
    "registering.canvas",
    "inspecting.works",
    "inspecting.work",
    "inspecting.file",
    "partnering.room",
    "partnering.spread",
    "partnering.shared",
    "partnering.view",
    "partnering.file",
    "partnering.offers",
    "partnering.feed",
}
# Fields of a route's forms that name something of a course; `picking` and `carried` are sealed for one person.
IDS: Mapping[str, tuple[str, ...]] = {
    "consortium.consortium": (),
    "consortium.file": (),
    "graphing.changed": (),
    "graphing.shown": (),
    "graphing.versions": (),
    "handing.file": ("version", "review"),
    "hosting.listed": ("group",),
    "hosting.one": ("group", "partner"),
    "hosting.settled": ("group", "partner"),
    "handing.go": (),
    "handing.review": ("review",),
    "learning.again": (),
    "marking.decided": ("group", "work"),
    "marking.file": ("group", "work"),
    "marking.listed": ("group",),
    "marking.one": ("group", "work"),
    "marking.settled": ("group",),
    "talking.go": (),
    "talking.place": (),
    "learning.path": (),
    "learning.goal": (),
    "learning.cases": (),
    "learning.profile": (),
    "learning.evidence": (),
    "learning.why_not": (),
    "learning.start": (),
    "learning.rest": (),
    "learning.plan": (),
    "copying.taken": (),
    "exchanging.file": (),
    "exchanging.listed": (),
    "exchanging.one": (),
    "exchanging.sent": (),
    "exchanging.settled": (),
    "linking.listed": (),
    "linking.mended": (),
    "filming.keep": (),
    "filming.listed": (),
    "visiting.enter": ("address",),
    "watching.page": (),
    "watching.told": (),
    "eventing.enter": ("event",),
    "eventing.link": (),
    "eventing.listed": (),
    "holding.code": ("group", "event"),
    "holding.form": ("group", "event"),
    "holding.keep": ("group", "event"),
    "holding.listed": ("group",),
    "holding.noted": ("group", "event"),
    "holding.one": ("group", "event"),
    "picking.go": ("picking",),
    "placing.go": ("carried",),
    "polling.answering": ("poll",),
    "polling.asking": ("group", "poll"),
    "polling.figured": ("group",),
    "practising.go": ("carried",),
    "analysing.go": ("carried",),
    "trading.books": ("carried",),
    "trading.go": ("carried",),
    "reading.learn": (),
    "reading.page": (),
    "leaflet.go": (),
    "registering.examine": (),
    "authoring.file": (),
    "authoring.listed": (),
    "authoring.settled": (),
    "authoring.write": (),
    "kitting.file": (),
    "kitting.listed": (),
    "kitting.one": (),
    "kitting.sent": (),
    "kitting.settled": (),
    "questioning.file": (),
    "questioning.listed": (),
    "questioning.one": (),
    "questioning.settled": (),
    "questioning.write": (),
    "rephrasing.asked": ("carried",),
    "rephrasing.switched": ("group",),
    "ruling.drafted": (),
    "ruling.listed": (),
    "ruling.settled": (),
    "saying.about": (),
    "seeking.apply": ("opening",),
    "seeking.listed": (),
    "seeking.one": ("opening",),
    "sharing.keep": ("partner",),
    "sharing.shown": (),
    "saying.vote": (),
    "scening.go": ("carried",),
    "teaming.go": (),
    "teaming.mark": (),
    "forming.shown": ("group",),
    "forming.formed": ("group",),
    "scoring.scores": (),
    "scoring.again": ("score",),
    "surveying.asked": ("group",),
    "surveying.taught": ("group",),
    "teaching.overview": ("group",),
    "teaching.listed": ("group",),
    "teaching.evidence": ("group", "cell"),
    "allowing.time": ("group",),
    "teaching.guide": ("group", "for", "back"),
}
ROLES: Mapping[Role | None, list[str]] = {
    Role.LEARNER: [MEMBERSHIP + "Learner"],
    Role.INSTRUCTOR: [MEMBERSHIP + "Instructor"],
    Role.ASSISTANT: [MEMBERSHIP + "Instructor", SUB + "Instructor#TeachingAssistant"],
    Role.DEVELOPER: [MEMBERSHIP + "ContentDeveloper"],
    Role.MENTOR: [MEMBERSHIP + "Mentor"],
    Role.OBSERVER: ["http://purl.imsglobal.org/vocab/lis/v2/institution/person#Observer"],
    Role.ADMINISTRATOR: ["http://purl.imsglobal.org/vocab/lis/v2/system/person#Administrator"],
    None: ["urn:example:nobody"],
}
CATALOG = catalogs.load("cbec")
GUARDED = sorted(name for name, needed in permissions.ROUTES.items() if needed is not None)
VARIES = re.compile(r"[2-9A-HJKMNP-Z]{3}-[2-9A-HJKMNP-Z]{3}|\d{4}-\d\d-\d\d \d\d:\d\d:\d\d|value=\"[^\"]{80,}\"")


@dataclass(frozen=True)
class World:
    """A tool with two courses of a platform and one of another, and the people who came in by launches."""

    bench: Bench
    people: Mapping[Role | None, Learner]
    elsewhere: Mapping[str, Learner]

    @property
    def tool(self) -> Tool:
        found: Tool = self.bench.app.extensions["lti_tool"]
        return found

    def bearer(self, person: Learner) -> str:
        return bearer.sign(person, "en", self.tool.bearer_key, self.tool.now)

    def ask(self, rule: Rule, method: str, text: str | None, **fields: str) -> TestResponse:
        """Ask a route; text is the bearer, None: without one."""
        with self.bench.app.test_request_context():
            path = self.bench.app.url_map.bind("127.0.0.1").build(rule.endpoint, dict.fromkeys(rule.arguments, "x"))
        sent = fields if text is None else {"bearer": text, **fields}
        return self.bench.client().open(path.removeprefix("http://127.0.0.1"), method=method, data=sent)


def _came(bench: Bench, iss: str, **changes: Any) -> Learner:
    """Launch, and give back whom the page's bearer vouches for."""
    browser = bench.client()
    begun = builders.begin(browser, iss)
    claims = builders.claims(iss, begun.nonce, bench.clock(), **{"custom": {"catalog": "cbec"}, **changes})
    page = builders.launch(browser, begun.state, tokens.sign(bench.issuer.signer, claims))
    found = re.search(r'name="bearer" value="([^"]+)"', page.text)
    assert found, page.text
    tool: Tool = bench.app.extensions["lti_tool"]
    return bearer.read(unescape(found[1]), tool.bearer_key, tool.now)[0]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory, issuer: builders.Issuer, tool_key: keys.ToolKey) -> Iterator[World]:
    with builders.bench(tmp_path_factory.mktemp("world"), issuer, tool_key) as bench:
        # The other platform is another issuer with the keys of the first: its tokens hold for itself.
        other = "https://other.example"
        platforms.register(bench.storage, builders.registered(other, jwks_url=f"{issuer.iss}/jwks"))
        people = {role: _came(bench, issuer.iss, sub=f"{role}", roles=uris) for role, uris in ROLES.items()}
        instructor = ROLES[Role.INSTRUCTOR]
        elsewhere = {
            "course": _came(bench, issuer.iss, roles=instructor, context={"id": "course-2"}),
            "deployment": _came(bench, issuer.iss, roles=instructor, deployment_id="2"),
            "platform": _came(bench, other, roles=instructor),
        }
        yield World(bench, people, elsewhere)


def rules(world: World) -> list[tuple[Rule, str]]:
    """Every rule of the app with each of its methods."""
    return [
        (rule, method)
        for rule in world.bench.app.url_map.iter_rules()
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
    ]


def guarded(world: World) -> list[tuple[Rule, str, Permission]]:
    """The rules that ask for a permission."""
    found = []
    for rule, method in rules(world):
        needed = permissions.ROUTES[rule.endpoint]
        if needed is not None:
            found.append((rule, method, needed))
    return found


def same(answer: TestResponse) -> tuple[int, str]:
    """An answer without what differs each time: its reference, its moment, and signed fields."""
    return answer.status_code, VARIES.sub("", answer.text)


def test_every_route_stands_in_the_table_and_no_other(world: World) -> None:
    assert {rule.endpoint for rule, _ in rules(world)} == permissions.ROUTES.keys()


def test_what_is_open_to_the_world_is_said_here(world: World) -> None:
    assert {name for name, needed in permissions.ROUTES.items() if needed is None} == OPEN


def test_every_guarded_route_says_which_of_its_fields_name_something_of_a_course() -> None:
    assert sorted(IDS) == GUARDED


def test_every_role_has_its_row() -> None:
    assert permissions.MATRIX.keys() == set(Role)
    assert {one for held in permissions.MATRIX.values() for one in held} == set(Permission)


@pytest.mark.parametrize(
    ("permission", "holders"),
    [
        (Permission.LEARN, set(Role)),
        (Permission.PICK, {Role.INSTRUCTOR, Role.DEVELOPER, Role.ADMINISTRATOR}),
        (Permission.SEE_CLASS, {Role.INSTRUCTOR, Role.ASSISTANT}),
        (Permission.MEND_SCORES, {Role.INSTRUCTOR}),
        (Permission.HOLD, {Role.INSTRUCTOR, Role.ASSISTANT}),
        (Permission.JUDGE, {Role.INSTRUCTOR, Role.ASSISTANT}),
        (Permission.PROPOSE, {Role.INSTRUCTOR, Role.ASSISTANT, Role.ADMINISTRATOR}),
        (Permission.SEE_CONSORTIUM, {Role.INSTRUCTOR, Role.ASSISTANT, Role.ADMINISTRATOR}),
        (Permission.HOST, {Role.INSTRUCTOR, Role.ADMINISTRATOR}),
        (Permission.VISIT, set(Role) - {Role.LEARNER}),
        (Permission.ADMINISTER, {Role.ADMINISTRATOR}),
    ],
)
def test_a_right_is_held_by_these_roles_and_no_other(permission: Permission, holders: set[Role]) -> None:
    assert {role for role, held in permissions.MATRIX.items() if permission in held} == holders


def test_several_roles_hold_what_each_holds() -> None:
    both = permissions.of([Role.ASSISTANT, Role.DEVELOPER])

    assert both == permissions.MATRIX[Role.ASSISTANT] | permissions.MATRIX[Role.DEVELOPER]
    assert permissions.of([]) == {Permission.LEARN}


def test_the_launches_of_this_test_give_the_roles_that_they_say(world: World) -> None:
    for role, person in world.people.items():
        assert person.roles == ((role,) if role else ())


@pytest.mark.parametrize("role", ROLES, ids=str)
def test_a_role_gets_through_where_it_may_and_nowhere_else(world: World, role: Role | None) -> None:
    may = permissions.of([role] if role else [])
    text = world.bearer(world.people[role])
    for rule, method, needed in guarded(world):
        answer = world.ask(rule, method, text)
        refused = answer.status_code == 403 and "permission_missing" in answer.text

        assert refused == (needed not in may), (rule, answer.text)
        assert answer.status_code < 500, rule


def test_without_a_bearer_nobody_gets_through(world: World) -> None:
    for rule, method, _ in guarded(world):
        answer = world.ask(rule, method, None)

        assert (answer.status_code, "page_not_ours" in answer.text) == (403, True), rule


@pytest.mark.parametrize("text", ["", "x", "a.b.c", "é", "\x00", "." * 4000])
def test_with_nonsense_for_a_bearer_nobody_gets_through(world: World, text: str) -> None:
    for rule, method, _ in guarded(world):
        assert world.ask(rule, method, text).status_code == 403, rule


def test_a_bearer_of_another_institution_opens_nothing(world: World) -> None:
    foreign = bearer.sign(world.people[Role.INSTRUCTOR], "en", b"k" * 32, world.tool.now)
    for rule, method, _ in guarded(world):
        answer = world.ask(rule, method, foreign)

        assert (answer.status_code, "page_not_ours" in answer.text) == (403, True), rule


def test_a_bearer_whose_roles_were_changed_opens_nothing(world: World) -> None:
    """The signature of a learner's bearer under the body of an instructor's."""
    mine, theirs = world.bearer(world.people[Role.LEARNER]), world.bearer(world.people[Role.INSTRUCTOR])
    forged = theirs.rpartition(".")[0] + "." + mine.rpartition(".")[2]
    for rule, method, _ in guarded(world):
        assert world.ask(rule, method, forged).status_code == 403, rule


def test_a_bearer_of_a_platform_that_is_gone_or_waits_opens_nothing(world: World) -> None:
    there = world.elsewhere["platform"]
    record = platforms.find(world.bench.storage, there.iss, there.client_id)
    assert record is not None
    text = world.bearer(there)
    try:
        platforms.register(world.bench.storage, dataclasses.replace(record, state="pending"))
        waiting = {world.ask(rule, method, text).status_code for rule, method, _ in guarded(world)}
        world.bench.storage.delete(tool_settings.PLATFORMS, (there.iss, there.client_id))
        gone = {world.ask(rule, method, text).status_code for rule, method, _ in guarded(world)}
    finally:
        platforms.register(world.bench.storage, record)

    assert (waiting, gone) == ({403}, {400})


def _ids(world: World, person: Learner) -> dict[str, str]:
    """By field, something that exists in somebody's course: a failed score, a group, and what is sealed for them."""
    storage, tool = world.bench.storage, world.tool
    score = Score(
        learner="l" * 32,
        link=person.link,
        course=person.context,
        platform=outbox.platform_key(person.iss, person.client_id),
        state=outbox.FAILED,
        given=1.0,
        maximum=2.0,
        activity="Completed",
        grading="FullyGraded",
        comment="",
        stamp=1,
        queued=1.0,
        due=1.0,
        sealed="",
        reason="refused",
    )
    storage.insert_missing(tool_settings.SCORES, [dataclasses.asdict(score)])
    member = Member(person.context, "l" * 32, "m", True, "active", ("learner",), (person.context,), 1, 1)
    storage.insert_missing(tool_settings.MEMBERS, [members.document(member)])
    record = platforms.find(storage, person.iss, person.client_id)
    assert record is not None
    asked = request.read(deep_links.settings(person.iss), record)
    key = tool.keyring.derive(sealed.PURPOSE)
    picking = sealed.seal(asked, person, key, now=tool.now(), new_token=tool.new_token)
    subject = Subject(overrides.SKILL, next(iter(CATALOG.skills)))
    session = Event(person.context, "e" * 32, "cbec", "T", int(tool.now()), 60, "site", "", (subject.id,))
    storage.insert_missing(kept.EVENTS, [{**dataclasses.asdict(session), "skills": list(session.skills)}])
    poll = Poll(person.context, "p" * 20, "cus.duty.1", 1, "2026-11-26", "", polls.CLOSED, "i" * 32, 1)
    storage.insert_missing(polls.POLLS, [dataclasses.asdict(poll)])
    made = overrides.put(storage, person.context, overrides.FIRST, subject, by="i" * 32, id_="o" * 32, now=1.0)
    sealed_for = Vault(storage, tool.keyring, os.urandom)
    work = projects.hand_in(
        sealed_for,
        person,
        learners.pseudonyms(person, tool.keyring.pseudonym_keys),
        "operations.shelf",
        Enclosure("a work"),
        outside=False,
        due=0.0,
        now=1.0,
        id_="v" * 32,
    )
    facts = Facts("Lantern Bay Trading", "Trainee desk", "Practice base.")
    new_token, now = tool.new_token, tool.now()
    partner = partners.register(
        storage, tool.keyring, person.context, facts, catalog="cbec", until=now + 9e6, now=now, new_token=new_token
    )
    assert partner is not None
    text = Text("Operations trainee", "Tallinn", "English", "Listings and returns.", "")
    opening = openings.write(
        storage, tool.keyring, partner, text, kind="job", role="operations", targets={subject.id: 2}, begins=0.0,
        closes=now + 8e6, now=now, new_token=new_token,
    )  # fmt: skip
    assert opening is not None
    openings.settle(storage, person.context, opening.opening, openings.OPEN, now)
    return {
        "partner": partner.partner,
        "address": outside.make(
            storage, tool.keyring, person.context, partner.room, "X", days=30, now=now, new_token=new_token
        )[0],
        "opening": opening.opening,
        "work": work.key,
        "version": work.versions[-1].id,
        "review": work.key,
        "score": score.id,
        "group": person.context,
        "picking": picking,
        "carried": picking,
        "cell": f"{member.learner[: classroom.ID]} {subject.id}",
        "for": member.learner[: classroom.ID],
        "back": made.id,
        "event": session.event,
        "poll": poll.poll,
    }


@pytest.mark.parametrize("where", ["course", "deployment", "platform"])
def test_what_belongs_to_another_course_is_as_if_it_did_not_exist(world: World, where: str) -> None:
    mine, theirs = world.bearer(world.people[Role.INSTRUCTOR]), world.bearer(world.elsewhere[where])
    ids = _ids(world, world.elsewhere[where])
    seen = set()
    for rule, method, _ in guarded(world):
        for field in IDS[rule.endpoint]:
            missing = same(world.ask(rule, method, mine, **{field: "no-such-thing"}))

            assert same(world.ask(rule, method, mine, **{field: ids[field]})) == missing, (rule, field)
            if same(world.ask(rule, method, theirs, **{field: ids[field]})) != missing:
                seen.add(field)

    assert seen >= {"score", "group", "picking", "cell", "back", "work", "partner", "opening", "address"}, (
        "whoever it belongs to finds it"
    )


def test_a_thing_that_no_course_has_is_not_found(world: World) -> None:
    mine = world.bearer(world.people[Role.INSTRUCTOR])
    for rule, method, _ in guarded(world):
        for field in set(IDS[rule.endpoint]) & {"score", "group"}:
            answer = world.ask(rule, method, mine, **{field: "no-such-thing"})

            assert (answer.status_code, "not_found" in answer.text) == (404, True), rule
