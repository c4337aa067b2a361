"""The class pages: the brief, who is in the course, the evidence behind a level, what is put first; of no other course.

Floor 3. A bearer names the course, and nothing that a form sends can name another. Names are not at rest: whoever asks
for them has them read from the platform, for this page.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any

from flask import Blueprint, Response, request

from curriculum import errors as curriculum_errors
from curriculum.catalog import Catalog
from lti_tool import (
    attempts,
    bearer,
    classes,
    courses,
    errors,
    goals,
    overrides,
    permissions,
    platforms,
    texts,
    tries,
)
from lti_tool import learner as learners
from lti_tool.advice import Advice
from lti_tool.courses import Course, Link
from lti_tool.learner import Learner
from lti_tool.overrides import Override, Subject
from lti_tool.pages import answers, brief, classroom, gate, guidance, heat, lately
from lti_tool.pages.classroom import Asked, Known, Row
from lti_tool.pages.gate import Guest
from lti_tool.pages.lately import Left
from lti_tool.permissions import Permission
from lti_tool.roster import deeds, ledger, members, names
from lti_tool.roster.deeds import Deeds
from lti_tool.roster.ledger import Roster
from lti_tool.roster.members import Member
from lti_tool.tool import Tool
from xapi_collector import agents, consent

LOG_LINES = 20


@dataclass(frozen=True)
class Desk:
    """A request's view of one class.

    Attributes:
        tool: The running tool.
        guest: Who looks.
        course: The guest's course.
        catalog: Its catalog.
        linked: Its links.
        present: Its members.
        roster: When the list of them was read.
        language: Of the page.
        asked: What is to be shown.
    """

    tool: Tool
    guest: Guest
    course: Course
    catalog: Catalog
    linked: Sequence[Link]
    present: Sequence[Member]
    roster: Roster
    language: str
    asked: Asked

    @property
    def people(self) -> list[str]:
        """Pseudonyms of the learners."""
        return [one.learner for one in self.present if members.learns(one)]

    def named(self, id_: str) -> str | None:
        """The learner of the class that a form names; None if it is none of them."""
        found = [one for one in self.people if one[: classroom.ID] == id_]
        return found[0] if len(found) == 1 else None


def blueprint(tool: Tool) -> Blueprint:
    """The pages' own forms."""
    views = Blueprint("teaching", __name__)

    @views.post("/lti/class")
    def overview() -> Response:
        return _brief(posted(tool))

    @views.post("/lti/class/learners")
    def listed() -> Response:
        guest = gate.guest()
        if "reload" in request.form:
            ledger.ask(tool.storage, guest.person.context, tool.now())
        return _list(posted(tool))

    @views.post("/lti/class/skill")
    def evidence() -> Response:
        return _evidence(posted(tool))

    @views.post("/lti/class/guide")
    def guide() -> Response:
        desk = posted(tool)
        return _brief(desk, told=_guided(desk, request.form))

    return views


def open_(tool: Tool, guest: Guest) -> Response:
    """What a link that opens the class shows.

    Raises:
        errors.PageRefused: The person may not see the class, the launch came from no course, or the link names a
            catalog that does not exist.
    """
    gate.require(guest.person, Permission.SEE_CLASS)
    return _brief(entered(tool, guest))


def entered(tool: Tool, guest: Guest) -> Desk:
    """The class of whoever came by a launch.

    Raises:
        errors.PageRefused: As `open_`.
    """
    return _desk(tool, guest, guest.language, Asked())


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


def posted(tool: Tool) -> Desk:
    """The class of whoever posted a form, and what the form asks for.

    Args:
        tool: The running tool.

    Raises:
        errors.PageRefused: As for a class that is opened by a link.
    """
    guest = gate.guest()
    language = texts.choose(request.form.get("language"), guest.language)
    return _desk(tool, guest, language, _asked(request.form))


def _desk(tool: Tool, guest: Guest, language: str, asked: Asked) -> Desk:
    """The class of the guest's course.

    Raises:
        errors.PageRefused: The launch came from no course, or the group is none of it (`not_found`); the link names a
            catalog that does not exist.
    """
    course = courses.find(tool.storage, guest.person.context)
    if course is None or not course.context:
        raise _refused(guest, "not_found", "context")
    linked = courses.links(tool.storage, course.course)
    catalog = _catalog(tool, guest, linked)
    present = list(members.of_course(tool.storage, course.course))
    roster = ledger.find(tool.storage, course.course)
    if asked.group and asked.group not in roster.groups and all(asked.group not in one.groups for one in present):
        raise _refused(guest, "not_found", "group")
    return Desk(tool, guest, course, catalog, linked, present, roster, language, asked)


def _asked(form: Mapping[str, str]) -> Asked:
    """What a form asks for; what it cannot ask for is as if it had not."""
    away, page, sort = form.get("away", ""), form.get("page", ""), form.get("sort", "")
    return Asked(
        group=form.get("group", "")[:255],
        away=int(away) if away in {str(days) for days in classroom.AWAY} else 0,
        sort=sort if sort in classroom.SORTS else classroom.SORTS[0],
        page=int(page) if page.isascii() and page.isdigit() and len(page) < 6 else 1,
        names=form.get("names") == "1",
        topic=form.get("topic", "")[:255],
    )


# The pages


def _brief(desk: Desk, told: str = "") -> Response:
    tool, now, say = desk.tool, desk.tool.now(), texts.speaker(desk.language)
    known, problem = known_of(desk)
    day = datetime.fromtimestamp(now, UTC).date()
    shown = classroom.page(known, desk.course, desk.catalog, desk.asked, language=desk.language, now=now)
    group = [one for one in desk.present if members.learns(one) and _inside(one, desk.asked.group)]
    found = brief.brief(
        lately.Known(
            members=group,
            deeds=known.deeds,
            practice=tries.lately(tool.storage, desk.course.course, now),
            left=[
                Left(learner, attempt)
                for link in desk.linked
                for learner, attempt in attempts.open_of(tool.storage, link.link)
            ],
        ),
        desk.catalog,
        language=desk.language,
        say=say,
        now=now,
    )
    area = heat.topic(desk.catalog, desk.asked.topic, [known.deeds[one.learner] for one in group], now)
    drawn = heat.heat(
        desk.catalog, area, shown.shown, known.deeds, day=day, language=desk.language, say=say
    )  # fmt: skip
    made = overrides.every(tool.storage, desk.course.course, now)
    log = overrides.log(tool.storage, desk.course.course, limit=LOG_LINES)
    return page(
        desk,
        "class.html",
        page=shown,
        brief=found,
        heat=drawn,
        guidance=guidance.guidance(made, log, desk.catalog, desk.roster.groups, language=desk.language, say=say),
        kinds=overrides.KINDS,
        told=told,
        called={one: known.names.get(one, "") for one in desk.people},
        names_problem=problem,
        days=lately.DAYS,
        notice=desk.catalog.notice[desk.language] if desk.catalog.notice else "",
    )


def _list(desk: Desk) -> Response:
    known, problem = known_of(desk)
    shown = classroom.page(
        known, desk.course, desk.catalog, desk.asked, language=desk.language, now=desk.tool.now()
    )  # fmt: skip
    return page(
        desk,
        "class_learners.html",
        page=shown,
        names_problem=problem,
        recent=classroom.RECENT,
        away=classroom.AWAY,
        sorts=classroom.SORTS,
    )


def _evidence(desk: Desk) -> Response:
    """The evidence behind one cell, from the learner's labels as they are now.

    Raises:
        errors.PageRefused: The form names no learner of this class, one who keeps it to themselves, or no skill.
    """
    tool, now, say = desk.tool, desk.tool.now(), texts.speaker(desk.language)
    id_, _, skill = request.form.get("cell", "").partition(" ")
    person = desk.named(id_)
    if person is None or skill not in desk.catalog.skills:
        raise _refused(desk.guest, "not_found", "cell")
    if person not in consent.of_one(tool.storage, deeds.PURPOSE, person):
        raise _refused(desk.guest, "not_found", "cell")
    role = _goals(desk, [person])[person]
    history, states = classes.known(tool.storage, tool.models, desk.catalog, person, now=now)
    called, problem = names_of(desk)
    return page(
        desk,
        "class_skill.html",
        cell=heat.evidence(
            desk.catalog,
            history,
            states,
            skill,
            target=desk.catalog.roles[role].targets.get(skill) if role in desk.catalog.roles else None,
            day=datetime.fromtimestamp(now, UTC).date(),
            language=desk.language,
            say=say,
        ),
        id=id_,
        code=person[: classroom.CODE],
        name=called.get(person, ""),
        names_problem=problem,
    )


def page(desk: Desk, template: str, **values: Any) -> Response:
    """Render a page of the class.

    Args:
        desk: The class.
        template: Name of the template.
        values: What it shows.
    """
    person = desk.guest.person
    return answers.page(
        template,
        desk.tool,
        desk.language,
        desk.guest.frames,
        course=desk.course,
        person=person,
        asked=desk.asked,
        code_letters=classroom.CODE,
        id_letters=classroom.ID,
        guides=Permission.GUIDE in permissions.of(person.roles),
        bearer=bearer.sign(person, desk.language, desk.tool.bearer_key, desk.tool.now),
        **values,
    )


# Overrides


def _guided(desk: Desk, form: Mapping[str, str]) -> str:
    """Put something first, hide or propose it, or take that back; what was done, as a suffix of `guide.told`.

    Raises:
        errors.PageRefused: The form names something that is not of this course or its catalog.
    """
    tool, person, now = desk.tool, desk.guest.person, desk.tool.now()
    by = agents.pseudonym(learners.agent(person), tool.keyring.pseudonym_key)
    if "back" in form:
        gone = overrides.back(tool.storage, desk.course.course, form["back"][:255], by=by, now=now)
        return "gone" if gone is None else "back"
    kind, skill = form.get("kind", ""), form.get("skill", "")
    if kind not in overrides.KINDS or skill not in desk.catalog.skills:
        raise _refused(desk.guest, "not_found", "skill")
    made = _put(desk, kind, skill, form.get("for", ""), by=by)
    return made.kind


def _put(desk: Desk, kind: str, skill: str, wanted: str, *, by: str) -> Override:
    """Make an override for everybody (""), for a group ("group:ID") or for learners (their ids with blanks between).

    Raises:
        errors.PageRefused: There is no such group or learner in the class.
    """
    values: dict[str, Any] = {}
    groups = {id_ for one in desk.present for id_ in one.groups} | set(desk.roster.groups)
    if wanted.startswith("group:"):
        group = wanted.removeprefix("group:")
        if group not in groups:
            raise _refused(desk.guest, "not_found", "for")
        values = {"audience": overrides.GROUP, "group": group}
    elif wanted:
        listed = [desk.named(id_) for id_ in wanted.split()]
        if None in listed:
            raise _refused(desk.guest, "not_found", "for")
        values = {"audience": overrides.SOME, "learners": listed}
    return overrides.put(
        desk.tool.storage,
        desk.course.course,
        kind,
        Subject(overrides.SKILL, skill),
        by=by,
        id_=desk.tool.new_token(),
        now=desk.tool.now(),
        **values,
    )


# What is known


def known_of(desk: Desk) -> tuple[Known, str]:
    """What is known of the class, and why there are no names."""
    tool, people = desk.tool, desk.people
    summed = classes.summed(tool.models, tool.settings.url, desk.course.course, desk.linked, desk.catalog)
    done = deeds.of(tool.deeds, tool.storage, people, summed, now=tool.now())
    called, problem = names_of(desk)
    return Known(desk.present, done, _goals(desk, people), called, desk.roster), problem


def names_of(desk: Desk) -> tuple[Mapping[str, str], str]:
    """The names of the class by pseudonym, where they are asked for, and why there are none."""
    """The names of the class by pseudonym where they were asked for, and why there are none."""
    tool, course = desk.tool, desk.course
    if not desk.asked.names:
        return {}, ""
    if not course.memberships_url:
        return {}, "refused"
    read = partial(names.read, tool.storage, tool.keyring, tool.services, desk.guest.platform, course)
    return names.show(tool.names, course, read, tool.now())


def _inside(member: Member, group: str) -> bool:
    return not group or group in member.groups


def _goals(desk: Desk, people: Sequence[str]) -> Mapping[str, str]:
    """The goal of each: chosen by the learner, or set by the course's links where all that set one agree."""
    fixed = {(link.opens or {}).get("role", "") for link in desk.linked} - {""}
    everybody = fixed.pop() if len(fixed) == 1 else ""
    return {**dict.fromkeys(people, everybody), **goals.of_all(desk.tool.storage, people, desk.course.course)}


def _catalog(tool: Tool, guest: Guest, linked: Sequence[Link]) -> Catalog:
    """The catalog of the course: that of the link, or, of a link to the class, the one that most other links name.

    Raises:
        errors.PageRefused: There is no such catalog.
    """
    person = guest.person
    id_ = (classes.named(linked) if person.opens == "class" else "") or person.catalog
    try:
        return tool.catalog(id_)
    except curriculum_errors.UnknownCatalog as error:
        raise _refused(guest, "catalog_unknown", "custom.catalog") from error


def _refused(guest: Guest, code: str, where: str) -> errors.PageRefused:
    """A refusal that the frame of the course may show."""
    error = errors.PageRefused(code, where)
    error.frames = guest.frames
    return error
