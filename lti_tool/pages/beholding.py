"""What learners granted a partner, as its room shows it: noted in the record of the learner, then shown. Floor 3.

A grant that its learner ended is not found. An application is decided on here, by a named person and with a reason.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import Response, request

from lti_tool import classes, errors, grants, openings, projects
from lti_tool.grants import Grant, Terms
from lti_tool.pages import annex, handing, judging, meter, pledge
from lti_tool.pages.annex import Visit
from lti_tool.projects import Handin, Version


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


def views(visit: Visit) -> list[View]:
    """What is granted at this moment, in the order in which it was granted."""
    partner = visit.partner
    found = []
    for one in grants.of_partner(visit.tool.storage, partner.course, partner.partner, visit.tool.now()):
        terms = grants.terms(visit.vault, one)
        if terms is not None:
            found.append(View(grants.view_id(visit.tool.keyring, visit.address.id, one.key), one, terms))
    return found


def find(visit: Visit, id_: str) -> View:
    """What is granted under this name at this moment.

    Raises:
        errors.PageRefused: Nothing: any more, or ever.
    """
    found = next((one for one in views(visit) if one.id == id_), None)
    if found is None:
        raise errors.PageRefused("not_found", "view")
    return found


def listed(visit: Visit) -> Response:
    """Everything that is granted at this moment."""
    tool, partner = visit.tool, visit.partner
    lines = []
    for number, one in enumerate(views(visit), start=1):
        grants.note(tool.storage, one.grant, grants.SEEN, tool.now(), by=visit.address.id)
        lines.append(_listed(visit, one, number))
    return annex.page(
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
        opening=annex.title(visit, one.grant.opening),
        until=annex.day(visit, one.grant.until),
        decided=visit.say(f"partner.outcome.{made[0].outcome}") if made else "",
    )


def show(
    visit: Visit, found: View, told: str = "", problems: tuple[str, ...] = (), typed: Mapping[str, str] | None = None
) -> Response:
    """What one learner granted; the record is told first, so that nothing is seen that is not noted."""
    tool, say, terms = visit.tool, visit.say, found.terms
    grants.note(tool.storage, found.grant, grants.SEEN, tool.now(), by=visit.address.id)
    number = [one.id for one in views(visit)].index(found.id) + 1
    skills, unknown = _skills(visit, found)
    return annex.page(
        visit,
        "partner_view.html",
        "shared",
        id=found.id,
        name=terms.name or say("partner.unnamed", number=number),
        terms=terms,
        opening=annex.title(visit, found.grant.opening),
        since=judging.moment(found.grant.made, visit.zone),
        until=annex.day(visit, found.grant.until),
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


def file(visit: Visit, found: View, number: int) -> Response:
    """The file of a granted work.

    Raises:
        errors.PageRefused: There is none.
    """
    there = _works(visit, found)
    if number >= len(there):
        raise errors.PageRefused("not_found", "file")
    grants.note(visit.tool.storage, found.grant, grants.FILE, visit.tool.now(), by=visit.address.id)
    return handing.answer(visit.vault, *there[number], inline="picture" in request.args)


def decided(visit: Visit, found: View) -> Response:
    """Keep what a person decided on an application: with their name and their reason, or not at all.

    Raises:
        errors.PageRefused: The learner has not applied to anything with this grant.
    """
    if not found.grant.opening:
        raise errors.PageRefused("not_found", "view")
    form, tool = request.form, visit.tool
    outcome, who = form.get("outcome", ""), pledge.line(form.get("who", ""))
    reason = form.get("reason", "").strip()[: openings.LETTERS]
    if len(openings.decisions(visit.vault, found.grant)) >= openings.TOLD:
        return show(visit, found, "partner.told.enough")
    wrong = (("outcome", outcome not in openings.OUTCOMES), ("who", not who), ("reason", not reason))
    problems = tuple(code for code, lacks in wrong if lacks)
    if problems:
        return show(visit, found, problems=problems, typed=form)
    grants.note(tool.storage, found.grant, grants.DECIDED, tool.now(), by=visit.address.id)
    openings.decide(visit.vault, found.grant, outcome, who, reason, now=tool.now(), id_=tool.new_token())
    return show(visit, found, "partner.told.decided")
