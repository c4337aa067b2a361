"""Projects for instructors: what was handed in, what peers say, the decision, and who from outside may look. Floor 3.

Whoever teaches decides by the rubric; what peers and reviewers from outside say is shown beside it. A review that is
far from the others is flagged, never left out. Only here is it seen which learner wrote a review.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from flask import Blueprint, Response, request

from curriculum.courses.tree import LEVELS, Project
from lti_tool import emit, errors, events, handouts, marks, outside, permissions, projects, reviews, texts
from lti_tool import learner as learners
from lti_tool.marks import Told
from lti_tool.pages import handed, handing, judging, markbook, teaching
from lti_tool.pages.teaching import Desk
from lti_tool.permissions import Permission
from lti_tool.projects import PROJECT, Handin, Setting
from lti_tool.reviews import DECISION, Opinion
from lti_tool.texts import Say
from lti_tool.tool import Tool
from lti_tool.vault import Vault
from recommender import peers
from xapi_collector import agents


@dataclass(frozen=True)
class Table:
    """A request's view of one project of a class.

    Attributes:
        desk: The class.
        name: "operations.shelf".
        project: The project.
        over: Name of its course.
        setting: What is set.
        vault: The store and the keys.
    """

    desk: Desk
    name: str
    project: Project
    over: str
    setting: Setting
    vault: Vault

    @property
    def tool(self) -> Tool:
        """The running tool."""
        return self.desk.tool

    @property
    def say(self) -> Say:
        """How to say a text of the page."""
        return texts.speaker(self.desk.language)

    @property
    def by(self) -> str:
        """The pseudonym of who asks."""
        return agents.pseudonym(learners.agent(self.desk.guest.person), self.tool.keyring.pseudonym_key)

    def may(self, needed: Permission) -> bool:
        """Whether who asks holds a right."""
        return needed in permissions.of(self.desk.guest.person.roles)


def blueprint(tool: Tool) -> Blueprint:
    """The pages' own forms."""
    views = Blueprint("marking", __name__)

    @views.post("/lti/class/works")
    def listed() -> Response:
        desk = teaching.posted(tool)
        if not judging.every(desk.catalog):
            return teaching.page(desk, "class_works_none.html")
        return _listed(_table(desk))

    @views.post("/lti/class/work")
    def one() -> Response:
        table = _table(teaching.posted(tool))
        return _one(table, _work(table))

    @views.post("/lti/class/work/file")
    def file() -> Response:
        table = _table(teaching.posted(tool))
        work = _work(table)
        version = projects.counted(work, table.setting.due)
        if version is None:
            raise errors.PageRefused("not_found", "work")
        return handing.answer(table.vault, work, version)

    @views.post("/lti/class/work/decided")
    def decided() -> Response:
        table = _table(teaching.posted(tool))
        return _decided(table, _work(table))

    @views.post("/lti/class/works/set")
    def settled() -> Response:
        table = _table(teaching.posted(tool))
        acts = {"dates": _dates, "give": _give, "let": _let, "revoke": _revoke}
        act = next((acts[name] for name in acts if name in request.form), None)
        return _listed(table) if act is None else act(table)

    return views


def _table(desk: Desk) -> Table:
    """The project that a form names, or the first that something was handed in for, or the first there is.

    Raises:
        errors.PageRefused: The catalog of the course has no projects, or none of this name.
    """
    every = judging.every(desk.catalog)
    wanted = request.form.get("project", "")
    if not every or (wanted and judging.find(desk.catalog, wanted) is None):
        raise errors.PageRefused("not_found", "project")
    linked = [(one.opens or {}).get(PROJECT, "") for one in desk.linked]
    first = next((name for name, _, _ in every if name in linked), every[0][0])
    name = wanted or _busiest(desk, [name for name, _, _ in every]) or first
    found = judging.find(desk.catalog, name)
    if found is None:  # pragma: no cover  # `every` and `wanted` were found by the same look
        raise errors.PageRefused("not_found", "project")
    course, project = found
    name = judging.name_of(course, project.id)
    setting = handouts.on_time(desk.tool, projects.setting(desk.tool.storage, desk.course.course, name))
    return Table(desk, name, project, course.name[desk.language], setting, handing.vault(desk.tool))


def _busiest(desk: Desk, names: list[str]) -> str:
    counts = projects.counts(desk.tool.storage, desk.course.course)
    return max((name for name in names if counts.get(name)), key=lambda name: counts[name], default="")


def _work(table: Table) -> Handin:
    """The work that a form names, of this project of this course, that is there.

    Raises:
        errors.PageRefused: There is none.
    """
    found = projects.get(table.tool.storage, request.form.get("work", "")[:64])
    here = (table.desk.course.course, table.name)
    if found is None or (found.course, found.project) != here or not found.there:
        raise errors.PageRefused("not_found", "work")
    return found


# The list


def _listed(table: Table, told: str = "", fresh: tuple[str, str] | None = None) -> Response:
    tool, desk, say = table.tool, table.desk, table.say
    now, zone = tool.now(), events.zone(tool.settings.zone)
    course = desk.course.course
    works = projects.of_project(tool.storage, course, table.name)
    verdicts = reviews.said(table.vault, course, table.name)
    allotted = reviews.of_project(tool.storage, course, table.name)
    called, problem = teaching.names_of(desk)
    book = markbook.Book(
        table.project, table.setting, works, verdicts, allotted, handouts.groups(tool.storage, course)
    )  # fmt: skip
    addresses = outside.of_project(tool.storage, course, table.name, now)
    return teaching.page(
        desk,
        "class_works.html",
        name=table.name,
        title=table.project.name[desk.language],
        over=table.over,
        choices=markbook.choices(desk.catalog, projects.counts(tool.storage, course), desk.language),
        page=markbook.page(book, say, zone=zone),
        called=called,
        names_problem=problem,
        setting=table.setting,
        due=judging.field(table.setting.due, zone),
        reviewed=judging.field(table.setting.reviewed, zone),
        most_reviews=projects.MOST,
        far=f"{peers.FAR:g}",
        zone=zone.key,
        linked=any(marks.opens(one, desk.catalog.id, table.name) for one in desk.linked),
        addresses=[
            markbook.address(one, outside.label(tool.keyring, one), now=now, zone=zone, say=say) for one in addresses
        ],
        days=outside.DAYS,
        longest_label=outside.LABEL,
        fresh=fresh,
        log=[markbook.line(one, zone, say) for one in projects.lines(tool.storage, course, table.name)],
        judges=table.may(Permission.JUDGE),
        told=told,
    )


# What is set


def _dates(table: Table) -> Response:
    """Set the dates and the number of reviews."""
    form, zone = request.form, events.zone(table.tool.settings.zone)
    due = judging.read_moment(form.get("due", ""), form.get("due_time", ""), zone)
    reviewed = judging.read_moment(form.get("reviewed", ""), form.get("reviewed_time", ""), zone)
    count = form.get("reviews", "0")
    wrong = due is None or reviewed is None or (reviewed and due and reviewed <= due)
    if wrong or due is None or reviewed is None or count not in {str(one) for one in range(projects.MOST + 1)}:
        return _listed(table, table.say("marking.told.date"))

    def changed(kept: Setting) -> Setting:
        return replace(kept, due=due, reviewed=reviewed, reviews=int(count))

    setting = projects.change(table.tool.storage, table.desk.course.course, table.name, changed)
    _note(table, projects.SETTINGS)
    return _listed(replace(table, setting=setting), table.say("marking.told.set"))


def _give(table: Table) -> Response:
    """Give out reviews, or give out again."""
    tool, course = table.tool, table.desk.course.course
    found = handouts.give(tool, table.vault, table.setting)
    if found is None:
        return _listed(table, table.say("marking.told.busy"))
    _note(table, projects.GIVEN)
    setting = projects.setting(tool.storage, course, table.name)
    return _listed(replace(table, setting=setting), table.say("marking.told.given", count=len(found.pairs)))


def _let(table: Table) -> Response:
    """Make an address for a reviewer from outside; it is shown this once."""
    tool, form, course = table.tool, request.form, table.desk.course.course
    label, days = " ".join(form.get("label", "").split()), form.get("days", "")
    if not label or len(label) > outside.LABEL or days not in {str(one) for one in outside.DAYS}:
        return _listed(table, table.say("marking.told.label"))
    there = [one for one in outside.of_project(tool.storage, course, table.name, tool.now()) if one.holds(tool.now())]
    if len(there) >= outside.MOST:
        return _listed(table, table.say("marking.told.many", most=outside.MOST))
    text, _ = outside.make(
        tool.storage,
        tool.keyring,
        course,
        table.name,
        label,
        days=int(days),
        now=tool.now(),
        new_token=tool.new_token,
    )
    _note(table, projects.LET_IN)
    return _listed(table, table.say("marking.told.let"), (label, f"{tool.settings.url}/lti/outside/{text}"))


def _revoke(table: Table) -> Response:
    tool = table.tool
    gone = outside.revoke(
        tool.storage, table.desk.course.course, table.name, request.form.get("revoke", "")[:64], tool.now()
    )
    if gone:
        _note(table, projects.REVOKED)
    return _listed(table, table.say("marking.told.revoked" if gone else "marking.told.gone"))


def _note(table: Table, act: str) -> None:
    tool = table.tool
    projects.log(
        tool.storage, table.desk.course.course, table.name, act, by=table.by, now=tool.now(), id_=tool.new_token()
    )


# One work


def _one(table: Table, work: Handin, told: str = "", opinion: Opinion | None = None, problems: Any = ()) -> Response:
    tool, desk, say = table.tool, table.desk, table.say
    zone = events.zone(tool.settings.zone)
    version = projects.counted(work, table.setting.due)
    content = None if version is None else handing.contents(table.vault, work, version, say)
    if version is None or content is None:
        raise errors.PageRefused("not_found", "work")
    verdicts = reviews.of_work(table.vault, work)
    decision = next((one for one in verdicts if one.kind == DECISION), None)
    called, problem = teaching.names_of(desk)
    every = projects.of_project(tool.storage, desk.course.course, table.name)
    book = markbook.Book(
        table.project,
        table.setting,
        every,
        reviews.said(table.vault, desk.course.course, table.name),
        reviews.of_project(tool.storage, desk.course.course, table.name),
        handouts.groups(tool.storage, desk.course.course),
    )
    shown = opinion or (None if decision is None else decision.opinion)
    return teaching.page(
        desk,
        "class_work.html",
        name=table.name,
        title=table.project.name[desk.language],
        work=work.key,
        learner=work.learner,
        called=called,
        names_problem=problem,
        content=content,
        team=markbook.team(book, work.learner, say),
        lead=say(
            "marking.work.late" if projects.late(version, table.setting.due) else "marking.work.lead",
            when=judging.moment(version.at, zone),
        ),
        lines=judging.lines(
            table.project, desk.language, say, opinion=shown, problems=problems, hints=markbook.hints(verdicts, say)
        ),
        comment="" if shown is None else shown.comment,
        lacking=bool(problems),
        decided=decision is not None,
        others=markbook.others(book, work, desk.language, say, zone=zone),
        following=markbook.following(book, work),
        longest=reviews.LONGEST,
        judges=table.may(Permission.JUDGE),
        told=told,
    )


def _decided(table: Table, work: Handin) -> Response:
    """Keep a decision, tell what changed, and send the score; what lacks is said, and nothing is kept then."""
    tool, project = table.tool, table.project
    levels, words = handed.form(request.form, len(project.rubric))
    comment = request.form.get("comment", "")
    found, problems = reviews.opinion(
        levels, words, comment, count=len(project.rubric), most=LEVELS, sentences=False
    )  # fmt: skip
    person = projects.person(table.vault, work)
    if person is None:
        raise errors.PageRefused("not_found", "work")
    if found is None:
        return _one(table, work, opinion=judging.typed(levels, words, comment), problems=problems)
    now = tool.now()
    before = next((one.opinion for one in reviews.of_work(table.vault, work) if one.kind == DECISION), None)
    told = Told(tool.settings.url, table.desk.catalog, table.name, project, tool.new_id)
    opinion, statements = marks.decided(told, person, found, before, now)
    reviews.decide(table.vault, work, opinion, now)
    _note(table, projects.SCORED)
    emit.put(tool.emitter, statements)
    sent = handing.score_of(told, tool, person, marks.points(opinion), now)
    return _one(table, work, table.say("marking.told.decided" if sent else "marking.told.decided_only"))
