"""The room of a partner: what learners granted it, openings, the practice base; by an address alone. Floor 3.

No launch, no cookie. What an address shows is asked of the store at every request: one that was revoked, a contract
that ended and a grant that its learner ended are not found, and all that is wrong answers alike. Before something of a
learner is shown it is noted in the record that the learner reads.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, request

from curriculum.catalog import Catalog
from curriculum.kits import kit as kits
from lti_tool import (
    classes,
    cohorts,
    courses,
    errors,
    events,
    grants,
    holdings,
    ical,
    openings,
    outside,
    partners,
    platforms,
    projects,
    texts,
)
from lti_tool.cohorts import Cohort
from lti_tool.courses import Course
from lti_tool.grants import Grant, Terms
from lti_tool.outside import Address, Pace
from lti_tool.pages import answers, cohortview, handing, judging, meter, notice, pledge, reasons, sessions
from lti_tool.partners import Facts, Partner
from lti_tool.projects import Handin, Version
from lti_tool.roster import deeds, members
from lti_tool.texts import Say
from lti_tool.tool import Tool
from lti_tool.vault import Vault
from lti_tool.works import OUTSIDE
from recommender import cohort

TABS = (("room", ""), ("cohort", "/cohort"), ("shared", "/shared"), ("openings", "/openings"))
"""Name and address of each tab, below that of the room."""
SUFFIX = "/calendar.ics"
FRESH = 900
"""Seconds for which a calendar program may keep what it read."""


@dataclass(frozen=True)
class Visit:
    """A request by an address of a partner.

    Attributes:
        tool: The running tool.
        text: What stands in the address.
        address: Its record.
        partner: Whose room it opens.
        facts: Who that is.
        course: The course.
        catalog: The course's.
        vault: The store and the keys.
        zone: In which times are shown.
        language: Of the page.
    """

    tool: Tool
    text: str
    address: Address
    partner: Partner
    facts: Facts
    course: Course
    catalog: Catalog
    vault: Vault
    zone: ZoneInfo
    language: str

    @property
    def say(self) -> Say:
        """How to say a text of the page."""
        return texts.speaker(self.language)


@dataclass(frozen=True)
class View:
    """What a learner granted: what it is called here, the grant, its terms."""

    id: str
    grant: Grant
    terms: Terms


@dataclass(frozen=True)
class Line:
    """A grant in the list: id, number, name, what may be seen, for which opening, until when, what was decided."""

    id: str
    number: int
    name: str
    what: str
    opening: str
    until: str
    decided: str


def blueprint(tool: Tool) -> Blueprint:
    """The pages' addresses."""
    views, pace = Blueprint("partnering", __name__), Pace(tool.storage)

    @views.get("/lti/partner/<text>")
    def room(text: str) -> Response:
        return _room(_visit(tool, pace, text))

    @views.get("/lti/partner/<text>/cohort")
    def spread(text: str) -> Response:
        return _spread(_visit(tool, pace, text))

    @views.get("/lti/partner/<text>/shared")
    def shared(text: str) -> Response:
        return _shared(_visit(tool, pace, text))

    @views.route("/lti/partner/<text>/shared/<id_>", methods=["GET", "POST"])
    def view(text: str, id_: str) -> Response:
        visit = _visit(tool, pace, text)
        found = _found(visit, id_)
        return _decided(visit, found) if request.method == "POST" else _view(visit, found)

    @views.get("/lti/partner/<text>/shared/<id_>/<int:number>")
    def file(text: str, id_: str, number: int) -> Response:
        visit = _visit(tool, pace, text)
        return _file(visit, _found(visit, id_), number)

    @views.route("/lti/partner/<text>/openings", methods=["GET", "POST"])
    def offers(text: str) -> Response:
        visit = _visit(tool, pace, text)
        return _written(visit) if request.method == "POST" else _offers(visit)

    @views.get("/lti/partner/<text>/calendar.ics")
    def feed(text: str) -> Response:
        return _feed(_visit(tool, pace, text))

    return views


def _visit(tool: Tool, pace: Pace, text: str) -> Visit:
    """What an address opens now.

    Raises:
        errors.PageRefused: It opens nothing (`not_found`, whatever is the matter), or it is asked too often.
    """
    now = tool.now()
    address = found(tool, text, now)
    if address is None or not address.project.startswith(partners.ROOM):
        raise errors.PageRefused("not_found", "address")
    if not pace.allows(address.id, now):
        raise errors.PageRefused("too_many_requests", "address")
    partner = partners.find(tool.storage, address.course, address.project.removeprefix(partners.ROOM))
    course = courses.find(tool.storage, address.course)
    platform = None if course is None else platforms.find(tool.storage, course.iss, course.client_id)
    active = platform is not None and platform.state == "active"
    if partner is None or course is None or not active or not partner.holds(now):
        raise errors.PageRefused("not_found", "address")
    return Visit(
        tool=tool,
        text=text,
        address=address,
        partner=partner,
        facts=partners.facts(tool.keyring, partner),
        course=course,
        catalog=tool.catalog(partner.catalog),
        vault=handing.vault(tool),
        zone=events.zone(tool.settings.zone),
        language=texts.choose(request.values.get("language"), answers.wished_language()),
    )


def found(tool: Tool, text: str, now: float) -> Address | None:
    """The address that a text names, itself or as the ticket of a launch; None of one that opens nothing now."""
    if not text.startswith(partners.TICKET):
        return outside.find(tool.storage, tool.keyring, text, now)
    id_ = partners.read_ticket(tool.keyring, text, now)
    kept = tool.storage.get(OUTSIDE, (id_,)) if id_ else None
    address = None if kept is None else Address(**kept)
    return address if address is not None and address.holds(now) else None


# The room


def _room(visit: Visit) -> Response:
    """Projects, case kits and sessions of the practice base, and what else there is, each with how much of it."""
    tool, storage, partner = visit.tool, visit.tool.storage, visit.partner
    now = tool.now()
    return _page(
        visit,
        "partner.html",
        "room",
        projects=[
            (project.name[visit.language], project.situation[visit.language], course.name[visit.language])
            for course, project in filter(None, (judging.find(visit.catalog, name) for name in partner.projects))
        ],
        kits=[
            kits.loaded(body).manifest.title[visit.language]
            for body in holdings.bodies(storage, visit.catalog.id, partner.kits).values()
        ],
        sessions=[
            sessions.session(one, visit.catalog, visit.language, zone=visit.zone, now=now)
            for one in _sessions(visit)
            if now < one.ends + events.LATE
        ],
        calendar=f"{tool.settings.url}/lti/partner/{visit.text}{SUFFIX}",
        learners=cohorts.of_course(storage, visit.course.course).learners,
        granted=len(_views(visit)),
        open=sum(one.takes(now) for one in openings.of_partner(storage, partner.course, partner.partner, now)),
        until=_day(visit, min(partner.until, visit.address.until)),
        label=outside.label(tool.keyring, visit.address),
        least=cohort.LEAST,
    )


def _sessions(visit: Visit) -> list[events.Event]:
    wanted = set(visit.partner.events)
    return [one for one in events.of_course(visit.tool.storage, visit.course.course) if one.event in wanted]


def _feed(visit: Visit) -> Response:
    """The sessions of the practice base as a calendar: when and where, and nobody who comes."""
    host = urlsplit(visit.tool.settings.url).hostname or "entrepot"
    listed = sessions.entries(
        _sessions(visit), None, host=host, course=visit.course.course, language=visit.language, changed=0
    )  # fmt: skip
    title = visit.say("partner.calendar.title", course=visit.course.title or visit.say("class.title"))
    body = ical.calendar(title, listed, language=texts.HTML_LANG[visit.language])
    response = Response(body, mimetype="text/calendar")
    response.set_etag(hashlib.sha256(body).hexdigest())
    response.headers["Content-Disposition"] = 'inline; filename="sessions.ics"'
    response.headers["Cache-Control"] = f"private, max-age={FRESH}"
    response.make_conditional(request)
    return response


# The class, as sums


def _spread(visit: Visit) -> Response:
    roles = visit.catalog.roles
    role = request.args.get("role", "")
    role = role if role in roles else next(iter(roles))
    found = figures(visit.tool, visit.course, visit.catalog)
    return _page(
        visit,
        "partner_cohort.html",
        "cohort",
        role=roles[role].name[visit.language],
        roles=[(one.id, one.name[visit.language], one.id == role) for one in roles.values()],
        learners=found.learners,
        waiting=cohorts.due(found, visit.tool.now()),
        lines=cohortview.lines(found, visit.catalog, role, visit.language, visit.say),
        monday=reasons.day(found.monday, visit.language) if found.week else "",
        least=cohort.LEAST,
        cell=cohort.CELL,
        query=f"role={role}&",
    )


def figures(tool: Tool, course: Course, catalog: Catalog) -> Cohort:
    """What is said of a class this week; whoever asks first makes it.

    Args:
        tool: The running tool.
        course: The course.
        catalog: Its catalog.
    """
    there = cohorts.of_course(tool.storage, course.course)
    if not cohorts.due(there, tool.now()):
        return there
    linked = courses.links(tool.storage, course.course)
    summed = classes.summed(tool.models, tool.settings.url, course.course, linked, catalog)
    people = [one.learner for one in members.of_course(tool.storage, course.course) if members.learns(one)]
    done = deeds.of(tool.deeds, tool.storage, people, summed, now=tool.now())
    return cohorts.take(tool.storage, tool.keyring, course.course, list(catalog.skills), done, now=tool.now())


# What learners granted


def _views(visit: Visit) -> list[View]:
    """What is granted at this moment, in the order in which it was granted."""
    partner = visit.partner
    found = []
    for one in grants.of_partner(visit.tool.storage, partner.course, partner.partner, visit.tool.now()):
        terms = grants.terms(visit.vault, one)
        if terms is not None:
            found.append(View(grants.view_id(visit.tool.keyring, visit.address.id, one.key), one, terms))
    return found


def _found(visit: Visit, id_: str) -> View:
    """What is granted under this name at this moment.

    Raises:
        errors.PageRefused: Nothing: any more, or ever.
    """
    found = next((one for one in _views(visit) if one.id == id_), None)
    if found is None:
        raise errors.PageRefused("not_found", "view")
    return found


def _shared(visit: Visit) -> Response:
    tool, partner = visit.tool, visit.partner
    lines = []
    for number, one in enumerate(_views(visit), start=1):
        grants.note(tool.storage, one.grant, grants.SEEN, tool.now(), by=visit.address.id)
        lines.append(_listed(visit, one, number))
    return _page(
        visit,
        "partner_shared.html",
        "shared",
        lines=lines,
        ended=grants.ended(tool.storage, partner.course, partner.partner, tool.now()),
    )


def _listed(visit: Visit, one: View, number: int) -> Line:
    made = openings.decisions(visit.vault, one.grant) if one.grant.opening else []
    return Line(
        id=one.id,
        number=number,
        name=one.terms.name or visit.say("partner.unnamed", number=number),
        what=pledge.words(one.terms, visit.catalog, visit.language, visit.say),
        opening=_title(visit, one.grant.opening),
        until=_day(visit, one.grant.until),
        decided=visit.say(f"partner.outcome.{made[0].outcome}") if made else "",
    )


def _view(
    visit: Visit, found: View, told: str = "", problems: tuple[str, ...] = (), typed: Mapping[str, str] | None = None
) -> Response:
    """What one learner granted; the record is told first, so that nothing is seen that is not noted."""
    tool, say, terms = visit.tool, visit.say, found.terms
    grants.note(tool.storage, found.grant, grants.SEEN, tool.now(), by=visit.address.id)
    number = [one.id for one in _views(visit)].index(found.id) + 1
    skills, unknown = _skills(visit, found)
    return _page(
        visit,
        "partner_view.html",
        "shared",
        id=found.id,
        name=terms.name or say("partner.unnamed", number=number),
        terms=terms,
        opening=_title(visit, found.grant.opening),
        since=judging.moment(found.grant.made, visit.zone),
        until=_day(visit, found.grant.until),
        skills=skills,
        unknown=unknown,
        works=[
            (place, project.name[visit.language], content)
            for place, (work, version) in enumerate(_works(visit, found))
            if (project := _project(visit, work)) is not None
            and (content := handing.contents(visit.vault, work, version, say)) is not None
        ],
        decisions=pledge.decided(openings.decisions(visit.vault, found.grant), visit.zone, visit.say),
        decides=bool(found.grant.opening),
        outcomes=openings.OUTCOMES,
        longest=openings.LINE,
        letters=openings.LETTERS,
        typed=typed or {},
        problems=[say(f"partner.problem.{one}") for one in problems],
        told=say(told) if told else "",
    )


def _skills(visit: Visit, found: View) -> tuple[list[tuple[str, Any]], list[str]]:
    """The skills that are granted: by area with a meter each, and the names of those without enough data yet."""
    tool, catalog, terms = visit.tool, visit.catalog, found.terms
    wanted = [one for one in terms.skills if one in catalog.skills]
    if terms.catalog != catalog.id or not wanted:
        return [], []
    _, states = classes.known(tool.storage, tool.models, catalog, found.grant.learner, now=tool.now())
    targets = catalog.roles[terms.role].targets if terms.role in catalog.roles else {}
    shown = []
    for area in catalog.areas.values():
        inside = [
            (name, meter.of_skill(states[one], name, targets.get(one), visit.say))
            for one in wanted
            if catalog.skills[one].area == area.id
            and states[one].level is not None
            and (name := catalog.skills[one].name[visit.language])
        ]
        if inside:
            shown.append((area.name[visit.language], inside))
    return shown, [catalog.skills[one].name[visit.language] for one in wanted if states[one].level is None]


def _works(visit: Visit, found: View) -> list[tuple[Handin, Version]]:
    """The works that are granted and still there, each with the version that counts."""
    storage, there = visit.tool.storage, []
    for key in found.terms.works:
        work = projects.get(storage, key)
        if work is None or work.learner != found.grant.learner or work.course != found.grant.course:
            continue
        version = projects.counted(work, projects.setting(storage, work.course, work.project).due)
        if version is not None:
            there.append((work, version))
    return there


def _project(visit: Visit, work: Handin) -> Any:
    found = judging.find(visit.catalog, work.project)
    return None if found is None else found[1]


def _file(visit: Visit, found: View, number: int) -> Response:
    """The file of a granted work.

    Raises:
        errors.PageRefused: There is none.
    """
    there = _works(visit, found)
    if number >= len(there):
        raise errors.PageRefused("not_found", "file")
    grants.note(visit.tool.storage, found.grant, grants.FILE, visit.tool.now(), by=visit.address.id)
    return handing.answer(visit.vault, *there[number], inline="picture" in request.args)


def _decided(visit: Visit, found: View) -> Response:
    """Keep what a person decided on an application: with their name and their reason, or not at all.

    Raises:
        errors.PageRefused: The learner has not applied to anything with this grant.
    """
    if not found.grant.opening:
        raise errors.PageRefused("not_found", "view")
    form, tool = request.form, visit.tool
    outcome, who = form.get("outcome", ""), pledge.line(form.get("who", ""))
    reason = form.get("reason", "").strip()[: openings.LETTERS]
    wrong = (("outcome", outcome not in openings.OUTCOMES), ("who", not who), ("reason", not reason))
    problems = tuple(code for code, lacks in wrong if lacks)
    if problems:
        return _view(visit, found, problems=problems, typed=form)
    grants.note(tool.storage, found.grant, grants.DECIDED, tool.now(), by=visit.address.id)
    openings.decide(visit.vault, found.grant, outcome, who, reason, now=tool.now(), id_=tool.new_token())
    return _view(visit, found, "partner.told.decided")


# Openings


def _offers(visit: Visit, told: str = "", typed: Any = None, problems: tuple[str, ...] = ()) -> Response:
    tool, partner, now = visit.tool, visit.partner, visit.tool.now()
    there = openings.of_partner(tool.storage, partner.course, partner.partner, now)
    applied: dict[str, int] = {}
    for one in grants.of_partner(tool.storage, partner.course, partner.partner, now):
        applied[one.opening] = applied.get(one.opening, 0) + 1
    role = request.values.get("role", "")
    look = notice.Look(tool.keyring, visit.catalog, visit.language, visit.zone, now)
    return _page(
        visit,
        "partner_openings.html",
        "openings",
        rows=[
            (notice.row(one, look), visit.say("partner.applied", count=applied.get(one.opening, 0))) for one in there
        ],
        form=notice.form(visit.catalog, visit.language, visit.say, role=role, typed=typed, problems=problems),
        query=f"role={role}&" if role in visit.catalog.roles else "",
        told=visit.say(told) if told else "",
    )


def _written(visit: Visit) -> Response:
    """Keep an opening that waits for an instructor, or close one."""
    form, tool, partner = request.form, visit.tool, visit.partner
    if "close" in form:
        there = openings.find(tool.storage, partner.course, form["close"][:64])
        if there is None or there.partner != partner.partner:
            raise errors.PageRefused("not_found", "opening")
        openings.settle(tool.storage, partner.course, there.opening, openings.CLOSED, tool.now())
        return _offers(visit, "partner.told.closed")
    found = notice.read(form, visit.catalog, zone=visit.zone, now=tool.now())
    if found.text is None:
        return _offers(visit, typed=form, problems=found.problems)
    made = notice.write(tool, partner, found)
    return _offers(visit, "partner.told.written" if made is not None else "partner.told.many")


# The frame


def _title(visit: Visit, opening: str) -> str:
    """The title of an opening of this partner; empty where there is none."""
    there = openings.find(visit.tool.storage, visit.partner.course, opening)
    return "" if there is None else openings.text(visit.tool.keyring, there).title


def _day(visit: Visit, at: float) -> str:
    return f"{datetime.fromtimestamp(at, UTC).astimezone(visit.zone):%Y-%m-%d}"


def _page(visit: Visit, template: str, tab: str, *, query: str = "", **values: Any) -> Response:
    response = answers.page(
        template,
        visit.tool,
        visit.language,
        (),
        text=visit.text,
        tab=tab,
        tabs=TABS,
        here=urlsplit(request.path).path.partition(visit.text)[2],
        query=query,
        partner=visit.facts,
        over=visit.course.title or visit.say("class.title"),
        **values,
    )
    response.headers["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    return response
