"""The room of a partner: what learners granted it, openings, the practice base; by an address alone. Floor 3.

No launch, no cookie. What an address shows is asked of the store at every request: one that was revoked, a contract
that ended and a grant that its learner ended are not found, and all that is wrong answers alike. Before something of a
learner is shown it is noted in the record that the learner reads.
"""

from __future__ import annotations

import hashlib
from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, Response, request

from curriculum.catalog import Catalog
from curriculum.kits import kit as kits
from lti_tool import classes, cohorts, courses, errors, events, grants, holdings, ical, openings, outside, texts
from lti_tool.cohorts import Cohort
from lti_tool.courses import Course
from lti_tool.outside import Pace
from lti_tool.pages import annex, beholding, cohortview, judging, notice, reasons, sessions
from lti_tool.pages.annex import Visit
from lti_tool.roster import deeds, members
from lti_tool.tool import Tool
from recommender import cohort

SUFFIX = "/calendar.ics"
FRESH = 900
"""Seconds for which a calendar program may keep what it read."""


def blueprint(tool: Tool) -> Blueprint:
    """The pages' addresses."""
    views, pace = Blueprint("partnering", __name__), Pace(tool.storage)

    @views.get("/lti/partner/<text>")
    def room(text: str) -> Response:
        return _room(annex.visit(tool, pace, text))

    @views.get("/lti/partner/<text>/cohort")
    def spread(text: str) -> Response:
        return _spread(annex.visit(tool, pace, text))

    @views.get("/lti/partner/<text>/shared")
    def shared(text: str) -> Response:
        return beholding.listed(annex.visit(tool, pace, text))

    @views.route("/lti/partner/<text>/shared/<id_>", methods=["GET", "POST"])
    def view(text: str, id_: str) -> Response:
        visit = annex.visit(tool, pace, text)
        found = beholding.find(visit, id_)
        return beholding.decided(visit, found) if request.method == "POST" else beholding.show(visit, found)

    @views.get("/lti/partner/<text>/shared/<id_>/<int:number>")
    def file(text: str, id_: str, number: int) -> Response:
        visit = annex.visit(tool, pace, text)
        return beholding.file(visit, beholding.find(visit, id_), number)

    @views.route("/lti/partner/<text>/openings", methods=["GET", "POST"])
    def offers(text: str) -> Response:
        visit = annex.visit(tool, pace, text)
        return _written(visit) if request.method == "POST" else _offers(visit)

    @views.get("/lti/partner/<text>/calendar.ics")
    def feed(text: str) -> Response:
        return _feed(annex.visit(tool, pace, text))

    return views


# The room


def _room(visit: Visit) -> Response:
    """Projects, case kits and sessions of the practice base, and what else there is, each with how much of it."""
    tool, storage, partner = visit.tool, visit.tool.storage, visit.partner
    now = tool.now()
    return annex.page(
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
        granted=len(beholding.views(visit)),
        open=sum(one.takes(now) for one in openings.of_partner(storage, partner.course, partner.partner, now)),
        until=annex.day(visit, min(partner.until, visit.address.until)),
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
    return annex.page(
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


# Openings


def _offers(visit: Visit, told: str = "", typed: Any = None, problems: tuple[str, ...] = ()) -> Response:
    tool, partner, now = visit.tool, visit.partner, visit.tool.now()
    there = openings.of_partner(tool.storage, partner.course, partner.partner, now)
    applied: dict[str, int] = {}
    for one in grants.of_partner(tool.storage, partner.course, partner.partner, now):
        applied[one.opening] = applied.get(one.opening, 0) + 1
    role = request.values.get("role", "")
    look = notice.Look(tool.keyring, visit.catalog, visit.language, visit.zone, now)
    return annex.page(
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
