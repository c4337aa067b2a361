"""The pages of a reviewer from outside: the works of one project whose learners said yes, by an address alone. Floor 3.

No launch, no cookie, no name. What an address shows is asked of the store at every request: a revoked address, and a
work whose learner said no since, are not found. All that is wrong with an address answers alike.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from flask import Blueprint, Response, request

from curriculum.courses.tree import LEVELS, Project
from lti_tool import courses, errors, events, outside, platforms, projects, reviews, texts
from lti_tool import learner as learners
from lti_tool.outside import Address, Pace
from lti_tool.pages import answers, handed, handing, judging
from lti_tool.projects import Handin, Setting, Version
from lti_tool.reviews import OUTSIDE, Verdict
from lti_tool.texts import Say
from lti_tool.tool import Tool
from lti_tool.vault import Vault


@dataclass(frozen=True)
class Visit:
    """A request by an address.

    Attributes:
        tool: The running tool.
        text: What stands in the address.
        address: Its record.
        project: The project that it opens.
        over: The course of the curriculum, by language.
        setting: What is set for it.
        vault: The store and the keys.
        language: Of the page.
    """

    tool: Tool
    text: str
    address: Address
    project: Project
    over: Any
    setting: Setting
    vault: Vault
    language: str

    @property
    def say(self) -> Say:
        """How to say a text of the page."""
        return texts.speaker(self.language)


@dataclass(frozen=True)
class Shown:
    """A work that the address shows: what it is called here, the work, the version that counts, what was said by it."""

    id: str
    work: Handin
    version: Version
    verdict: Verdict | None


def blueprint(tool: Tool) -> Blueprint:
    """The pages' addresses."""
    views, pace = Blueprint("inspecting", __name__), Pace(tool.storage)

    @views.get("/lti/outside/<text>")
    def works(text: str) -> Response:
        return _listed(_visit(tool, pace, text))

    @views.route("/lti/outside/<text>/<id_>", methods=["GET", "POST"])
    def work(text: str, id_: str) -> Response:
        visit = _visit(tool, pace, text)
        shown = _shown(visit, id_)
        return _judged(visit, shown) if request.method == "POST" else _one(visit, shown)

    @views.get("/lti/outside/<text>/<id_>/file")
    def file(text: str, id_: str) -> Response:
        visit = _visit(tool, pace, text)
        shown = _shown(visit, id_)
        return handing.answer(visit.vault, shown.work, shown.version, inline="picture" in request.args)

    return views


def _visit(tool: Tool, pace: Pace, text: str) -> Visit:
    """What an address opens now.

    Raises:
        errors.PageRefused: It opens nothing (`not_found`, whatever is the matter), or it is asked too often.
    """
    now = tool.now()
    address = outside.find(tool.storage, tool.keyring, text, now)
    if address is None:
        raise errors.PageRefused("not_found", "address")
    if not pace.allows(address.id, now):
        raise errors.PageRefused("too_many_requests", "address")
    course = courses.find(tool.storage, address.course)
    platform = None if course is None else platforms.find(tool.storage, course.iss, course.client_id)
    # By which catalog the project was chosen is not kept: a name is of one catalog.
    found = judging.find(tool.catalog(learners.CATALOG), address.project)
    if platform is None or platform.state != "active" or found is None:
        raise errors.PageRefused("not_found", "address")
    return Visit(
        tool=tool,
        text=text,
        address=address,
        project=found[1],
        over=found[0].name,
        setting=projects.setting(tool.storage, address.course, address.project),
        vault=handing.vault(tool),
        language=texts.choose(request.values.get("language"), answers.wished_language()),
    )


def _works(visit: Visit) -> list[Shown]:
    """The works that are shown at this moment, in an order that says nothing about whose they are."""
    tool, address = visit.tool, visit.address
    found = []
    for work in projects.of_project(tool.storage, address.course, address.project):
        version = projects.counted(work, visit.setting.due) if work.outside else None
        if version is not None:
            found.append(Shown(outside.work_id(tool.keyring, address, work.key), work, version, None))
    return sorted(found, key=lambda one: one.id)


def _shown(visit: Visit, id_: str) -> Shown:
    """The work of this name that the address shows, with what was said by it.

    Raises:
        errors.PageRefused: It shows none of this name: any more, or ever.
    """
    found = next((one for one in _works(visit) if one.id == id_), None)
    if found is None:
        raise errors.PageRefused("not_found", "work")
    said = [one for one in reviews.of_work(visit.vault, found.work) if _by(visit, one)]
    return replace(found, verdict=said[-1] if said else None)


def _by(visit: Visit, verdict: Verdict) -> bool:
    return verdict.kind == OUTSIDE and verdict.source == visit.address.id


def _listed(visit: Visit) -> Response:
    works = _works(visit)
    said = reviews.said(visit.vault, visit.address.course, visit.address.project)
    done = {one.work: one.at for one in said if _by(visit, one)}
    zone = events.zone(visit.tool.settings.zone)
    say = visit.say
    rows = [
        (
            one.id,
            number,
            say("outside.done", when=judging.moment(done[one.work.key], zone))
            if one.work.key in done
            else say("outside.todo"),
        )
        for number, one in enumerate(works, start=1)
    ]
    project = visit.project
    return _page(
        visit,
        "outside.html",
        rows=rows,
        label=outside.label(visit.tool.keyring, visit.address),
        until=judging.moment(visit.address.until, zone),
        situation=project.situation[visit.language],
        parts=[one[visit.language] for one in project.deliverables],
        rubric=[
            (line.name[visit.language], [level[visit.language] for level in line.levels]) for line in project.rubric
        ],
        here="",
    )


def _one(
    visit: Visit, shown: Shown, *, kept: bool = False, typed: reviews.Opinion | None = None, problems: Any = ()
) -> Response:
    content = handing.contents(visit.vault, shown.work, shown.version, visit.say)
    if content is None:
        raise errors.PageRefused("not_found", "work")
    opinion = typed or (None if shown.verdict is None else shown.verdict.opinion)
    number = [one.id for one in _works(visit)].index(shown.id) + 1
    return _page(
        visit,
        "outside_work.html",
        id=shown.id,
        number=number,
        content=replace(content, part=[]),
        lines=judging.lines(visit.project, visit.language, visit.say, opinion=opinion, problems=problems),
        comment="" if opinion is None else opinion.comment,
        kept=kept,
        lacking=bool(problems),
        shortest=reviews.SHORTEST,
        longest=reviews.LONGEST,
        here=f"/{shown.id}",
    )


def _judged(visit: Visit, shown: Shown) -> Response:
    """Keep what was written, under the label of the address; or show it again with what lacks."""
    levels, words = handed.form(request.form, len(visit.project.rubric))
    comment = request.form.get("comment", "")
    found, problems = reviews.opinion(
        levels, words, comment, count=len(visit.project.rubric), most=LEVELS, sentences=True
    )
    if found is None:
        return _one(visit, shown, typed=judging.typed(levels, words, comment), problems=problems)
    label = outside.label(visit.tool.keyring, visit.address)
    reviews.from_outside(
        visit.vault, visit.address.id, shown.work, replace(found, label=label), visit.tool.now()
    )  # fmt: skip
    return _one(visit, _shown(visit, shown.id), kept=True)


def _page(visit: Visit, template: str, **values: Any) -> Response:
    response = answers.page(
        template,
        visit.tool,
        visit.language,
        (),
        text=visit.text,
        title=visit.project.name[visit.language],
        over=visit.over[visit.language],
        **values,
    )
    response.headers["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    return response
