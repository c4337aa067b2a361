"""The class page: who is in the course, and what each did; of no other course. Floor 3.

A bearer names the course, and nothing that a form sends can name another. Names are not at rest: whoever asks for them
has them read from the platform, for this page.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from flask import Blueprint, Response, request

from curriculum import catalog as catalogs
from curriculum import errors as curriculum_errors
from curriculum.catalog import Catalog
from lti_tool import bearer, courses, emit, errors, goals, permissions, platforms, texts
from lti_tool.advice import Advice
from lti_tool.courses import Course, Link
from lti_tool.learner import Learner
from lti_tool.pages import answers, classroom, gate
from lti_tool.pages.classroom import Asked, Known, Row
from lti_tool.pages.gate import Guest
from lti_tool.permissions import Permission
from lti_tool.roster import deeds, ledger, members, names
from lti_tool.roster.deeds import Deeds
from lti_tool.tool import Tool
from xapi_collector import consent


def blueprint(tool: Tool) -> Blueprint:
    """The page's own forms."""
    views = Blueprint("teaching", __name__)

    @views.post("/lti/class")
    def overview() -> Response:
        guest = gate.guest()
        language = texts.choose(request.form.get("language"), guest.language)
        if "reload" in request.form:
            ledger.ask(tool.storage, guest.person.context, tool.now())
        return show(tool, guest, language, _asked(request.form))

    return views


def open_(tool: Tool, guest: Guest) -> Response:
    """What a link that opens the class shows.

    Raises:
        errors.PageRefused: The person may not see the class.
    """
    gate.require(guest.person, Permission.SEE_CLASS)
    return show(tool, guest, guest.language, Asked())


def arrive(tool: Tool, guest: Guest, custom: Mapping[str, Any] | None) -> None:
    """Keep who came in by a launch, and want the roster to be read if an instructor came; nothing else is waited for.

    Args:
        tool: The running tool.
        guest: Who came.
        custom: Custom parameters of the launch.
    """
    person = guest.person
    course = courses.find(tool.storage, person.context)
    if course is None or not course.context:
        return
    named = bool(person.known_as) or not platforms.family(guest.platform).user_variable
    members.enter(tool.storage, tool.keyring, person, named=named, custom=custom or {}, now=tool.now())
    if course.memberships_url and sees_class(person):
        ledger.ask(tool.storage, person.context, tool.now())


def sees_class(person: Learner) -> bool:
    """Whether a person may see the class that they are in."""
    return bool(Permission.SEE_CLASS in permissions.of(person.roles))


def show(tool: Tool, guest: Guest, language: str, asked: Asked) -> Response:
    """The class of the guest's course.

    Raises:
        errors.PageRefused: The launch came from no course, or the group is none of it (`not_found`); the link names a
            catalog that does not exist.
    """
    person, now = guest.person, tool.now()
    course = courses.find(tool.storage, person.context)
    if course is None or not course.context:
        raise _refused(guest, "not_found", "context")
    linked = courses.links(tool.storage, course.course)
    catalog = _catalog(guest, linked)
    present = list(members.of_course(tool.storage, course.course))
    roster = ledger.find(tool.storage, course.course)
    if asked.group and asked.group not in roster.groups and all(asked.group not in one.groups for one in present):
        raise _refused(guest, "not_found", "group")
    people = [one.learner for one in present if classroom.learns(one)]
    done = deeds.of(
        tool.deeds,
        tool.storage,
        people,
        catalog=catalog,
        course=course.course,
        activities=[emit.activity(link.link, tool.settings.url) for link in linked],
        now=now,
    )
    called, problem = _names(tool, guest, course, now) if asked.names else ({}, "")
    known = Known(present, done, _goals(tool, course, linked, people), called, roster)
    return answers.page(
        "class.html",
        tool,
        language,
        guest.frames,
        page=classroom.page(known, course, catalog, asked, language=language, now=now),
        course=course,
        person=person,
        names_problem=problem,
        recent=classroom.RECENT,
        away=classroom.AWAY,
        sorts=classroom.SORTS,
        bearer=bearer.sign(person, language, tool.bearer_key, tool.now),
    )


def own(tool: Tool, person: Learner, pseudonym: str, given: Advice, language: str) -> Row | None:
    """A learner's own row, in the words and numbers of the class page; None where there is no class.

    Nothing is read for it that the learner's page has not read, but their membership and what they allow.
    """
    member = members.find(tool.storage, person.context, pseudonym) if person.learns else None
    if member is None:
        return None
    now, groups = tool.now(), ledger.find(tool.storage, person.context).groups
    newest = max((state.last for state in given.profile.knowledge.values() if state.last is not None), default=None)
    allowed = pseudonym in consent.of_one(tool.storage, deeds.PURPOSE, pseudonym)
    done = Deeds(given.answers, newest, int(now * 1e6)) if allowed else Deeds(shared=False)
    return classroom.row(
        pseudonym,
        done,
        goal=given.catalog.roles[given.role].name[language] if given.role in given.catalog.roles else "",
        groups=[groups.get(id_, id_) for id_ in member.groups],
        say=texts.speaker(language),
        now=now,
    )


def _asked(form: Mapping[str, str]) -> Asked:
    """What a form asks for; what it cannot ask for is as if it had not."""
    away, page, sort = form.get("away", ""), form.get("page", ""), form.get("sort", "")
    return Asked(
        group=form.get("group", "")[:255],
        away=int(away) if away in {str(days) for days in classroom.AWAY} else 0,
        sort=sort if sort in classroom.SORTS else classroom.SORTS[0],
        page=int(page) if page.isascii() and page.isdigit() and len(page) < 6 else 1,
        names=form.get("names") == "1",
    )


def _names(tool: Tool, guest: Guest, course: Course, now: float) -> tuple[Mapping[str, str], str]:
    if not course.memberships_url:
        return {}, "refused"
    read = partial(names.read, tool.storage, tool.keyring, tool.services, guest.platform, course)
    return names.show(tool.names, course, read, now)


def _goals(tool: Tool, course: Course, linked: Sequence[Link], people: Sequence[str]) -> Mapping[str, str]:
    """The goal of each: chosen by the learner, or set by the course's links where all that set one agree."""
    fixed = {(link.opens or {}).get("role", "") for link in linked} - {""}
    everybody = fixed.pop() if len(fixed) == 1 else ""
    return {**dict.fromkeys(people, everybody), **goals.of_all(tool.storage, people, course.course)}


def _catalog(guest: Guest, linked: Sequence[Link]) -> Catalog:
    """The catalog of the course: that of the link, or, of a link to the class, the one that most other links name."""
    used = Counter(
        (link.opens or {}).get("catalog", "") for link in linked if (link.opens or {}).get("activity") != "class"
    )
    used.pop("", None)
    person = guest.person
    id_ = person.catalog if person.opens != "class" or not used else used.most_common(1)[0][0]
    try:
        return catalogs.load(id_)
    except curriculum_errors.UnknownCatalog as error:
        raise _refused(guest, "catalog_unknown", "custom.catalog") from error


def _refused(guest: Guest, code: str, where: str) -> errors.PageRefused:
    refused = errors.PageRefused(code, where)
    refused.frames = guest.frames
    return refused
