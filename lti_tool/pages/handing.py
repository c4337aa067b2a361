"""Projects for learners: the brief, handing in, reviewing others' works, what was said of one's own. Floor 3.

Works without a script. Nobody but a learner is kept; whoever teaches sees the same brief. Peers read a work without a
name, and are not named to whose it is.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from flask import Blueprint, Response, request

from curriculum.courses.tree import LEVELS, Course, Project
from lti_tool import emit, enclosures, errors, events, handouts, marks, projects, reviews, texts
from lti_tool import learner as learners
from lti_tool.grades import outbox
from lti_tool.learner import Learner
from lti_tool.marks import Told
from lti_tool.pages import handed, judging, scores, seats, syllabus, uploads
from lti_tool.pages.gate import Guest
from lti_tool.pages.seats import Seat
from lti_tool.projects import PROJECT, Handin, Setting, Version
from lti_tool.reviews import Allotment
from lti_tool.texts import Say
from lti_tool.tool import Tool
from lti_tool.vault import Vault

ATTACHED = "sandbox; default-src 'none'"
"""What a file may do that a browser should show in spite of all: nothing."""


@dataclass(frozen=True)
class Bench:
    """A request's view of one project.

    Attributes:
        seat: Who asks.
        course: The course of the curriculum.
        project: The project.
        name: "operations.shelf".
        vault: The store and the keys.
        setting: What the instructor set.
    """

    seat: Seat
    course: Course
    project: Project
    name: str
    vault: Vault
    setting: Setting

    @property
    def tool(self) -> Tool:
        """The running tool."""
        return self.seat.tool

    @property
    def say(self) -> Say:
        """How to say a text of the page."""
        return texts.speaker(self.seat.language)

    @property
    def pseudonyms(self) -> tuple[str, ...]:
        """Of who asks."""
        return learners.pseudonyms(self.seat.person, self.tool.keyring.pseudonym_keys)

    @property
    def told(self) -> Told:
        """Where the project belongs when something is told of it."""
        return Told(self.tool.settings.url, self.seat.catalog, self.name, self.project, self.tool.new_id)


def blueprint(tool: Tool) -> Blueprint:
    """The pages' own forms."""
    views = Blueprint("handing", __name__)

    @views.post("/lti/project")
    def go() -> Response:
        return _go(bench(seats.of_form(tool), request.form.get("project", "")))

    @views.post("/lti/project/review")
    def review() -> Response:
        return _review(bench(seats.of_form(tool), request.form.get("project", "")))

    @views.post("/lti/project/file")
    def file() -> Response:
        return _file(bench(seats.of_form(tool), request.form.get("project", "")))

    return views


def open_(tool: Tool, guest: Guest) -> Response:
    """What a link to a project opens.

    Raises:
        errors.PageRefused: There is no such project.
    """
    there = bench(seats.seated(tool, guest), "")
    if guest.person.learns:
        emit.put(tool.emitter, [emit.launched(guest.person, tool.settings.url, new_id=tool.new_id, now=tool.now())])
    return _page(there)


def show(seat: Seat, name: str) -> Response:
    """The page of a project that a course brings.

    Raises:
        errors.PageRefused: There is no such project.
    """
    return _page(bench(seat, name))


def vault(tool: Tool) -> Vault:
    """The store and the keys for one request."""
    return handouts.vault(tool)


def bench(seat: Seat, wanted: str) -> Bench:
    """The project of the link, or the one that a page asks for.

    Raises:
        errors.PageRefused: There is no such project.
    """
    linked = seat.person.opens == PROJECT
    found = judging.find(seat.catalog, seat.person.subject if linked else wanted)
    if found is None:
        raise errors.PageRefused("activity_unknown", "custom.project" if linked else "project")
    course, project = found
    name = judging.name_of(course, project.id)
    setting = handouts.on_time(seat.tool, projects.setting(seat.tool.storage, seat.person.context, name))
    return Bench(seat, course, project, name, vault(seat.tool), setting)


# The page


def _go(there: Bench) -> Response:
    """What a form of the project's page asks for: `act` is the button that was pressed."""
    act = "" if "language" in request.form else request.form.get("act", "")
    if not there.seat.person.learns or act not in {"hand", "withdraw", "outside"}:
        return _page(there)
    work = projects.find(there.tool.storage, there.pseudonyms, there.setting.course, there.name)
    if act == "hand":
        return _hand(there, work)
    if work is None or not work.there:
        return _page(there)
    if act == "outside":
        wanted = request.form.get("outside") == "1"
        projects.say_outside(there.tool.storage, work, outside=wanted)
        return _page(there, told="outside" if wanted else "inside")
    return _page(there, told=_withdrawn(there, work))


def _hand(there: Bench, work: Handin | None) -> Response:
    """Keep a version, tell of it, and give a late one its reviewers; or show again what was typed, with what lacks."""
    tool, person, now = there.tool, there.seat.person, there.tool.now()
    form = request.form
    content = uploads.content("file")
    if not content and form.get("keep") == "1" and work is not None and work.there:
        content = projects.file(there.vault, work, work.versions[-1]) or b""
    enclosure, problems = enclosures.read(form.get("text", ""), form.get("links", ""), form.get("part", ""), content)
    if problems:
        return _page(there, typed=enclosure, links=form.get("links", ""), problems=problems)
    kept = projects.hand_in(
        there.vault,
        person,
        there.pseudonyms,
        there.name,
        enclosure,
        outside=form.get("outside") == "1",
        due=there.setting.due,
        now=now,
        id_=tool.new_token(),
    )
    emit.put(tool.emitter, [marks.submitted(there.told, person, now)])
    score_of(there.told, tool, person, None, now)
    if there.setting.given and (work is None or not work.there):
        handouts.give(tool, there.vault, there.setting)
    return _page(there, told="late" if projects.late(kept.versions[-1], there.setting.due) else "handed")


def score_of(told: Told, tool: Tool, person: Learner, given: int | None, now: float) -> bool:
    """Tell the gradebook of the course what was decided of a learner's work. Whether it goes there.

    Args:
        told: The project.
        tool: The running tool.
        person: Whose work it is.
        given: Points; None: nothing is decided, and the work was handed in.
        now: Seconds since the epoch.
    """
    home, best = marks.home(tool.storage, person, told.catalog.id, told.name), marks.most(told.project)
    say = texts.speaker(texts.choose(person.locale))
    comment = "" if given is None else say("handing.comment", points=given, most=best)
    return marks.send(tool.storage, tool.keyring, home, given, best, comment=comment, now=now)


def _withdrawn(there: Bench, work: Handin) -> str:
    """Take a work back, unless it is decided on; the end of the id of the text that answers."""
    if any(one.kind == reviews.DECISION for one in reviews.of_work(there.vault, work)):
        return "decided"
    reviews.withdraw(there.tool.storage, projects.withdraw(there.tool.storage, work, there.tool.now()))
    return "withdrawn"


def _page(
    there: Bench,
    *,
    told: str = "",
    typed: enclosures.Enclosure | None = None,
    links: str = "",
    problems: list[enclosures.Problem] | None = None,
) -> Response:
    tool, seat, say = there.tool, there.seat, there.say
    given = seats.advised(seat)
    zone = events.zone(tool.settings.zone)
    brief = syllabus.brief(given, there.course.id, f"{PROJECT}:{there.project.id}", seat.language)
    work = projects.find(tool.storage, there.pseudonyms, there.setting.course, there.name) if _kept(there) else None
    allotted = reviews.mine(tool.storage, there.pseudonyms, there.setting.course, there.name) if _kept(there) else []
    verdicts = reviews.of_work(there.vault, work) if work is not None and work.there else []
    newest = projects.read(there.vault, work, work.versions[-1]) if work is not None and work.there else None
    earlier = newest or enclosures.Enclosure()
    look = handed.Look(there.project, seat.language, zone, tool.now())
    home = marks.home(tool.storage, seat.person, seat.catalog.id, there.name)
    state = outbox.status(tool.storage, seat.pseudonym, home.link) if _kept(there) and home.link else None
    return seats.shown(
        seat,
        given,
        "project.html",
        "learn",
        "project",
        keep={"project": there.name},
        page=brief,
        name=there.name,
        own=handed.own(look, there.setting, work, verdicts, allotted),
        current=_current(there, work),
        reviews=handed.tasks(look, there.setting, allotted),
        said=handed.heard(look, there.setting, verdicts, allotted),
        linked=seat.person.opens == PROJECT,
        score=scores.line(state, seat.language),
        typed=typed or earlier,
        typed_links=links if typed else "\n".join(earlier.links),
        kept_file=handed.file(work.versions[-1], say) if work is not None and work.there else "",
        problems=[handed.problem(one, say) for one in problems or ()],
        told=say(f"handing.told.{told}") if told else "",
        setting=there.setting,
        due=judging.moment(there.setting.due, zone) if there.setting.due else "",
        longest=enclosures.LONGEST_TEXT,
        longest_part=enclosures.LONGEST_PART,
        largest=enclosures.LARGEST // 1024 // 1024,
    )


def _kept(there: Bench) -> bool:
    return there.seat.person.learns


def _current(there: Bench, work: Handin | None) -> judging.Inside | None:
    """What counts of one's own work, to be looked at."""
    version = None if work is None else projects.counted(work, there.setting.due)
    return None if work is None or version is None else contents(there.vault, work, version, there.say)


def contents(sealed: Vault, work: Handin, version: Version, say: Say) -> judging.Inside | None:
    """The contents of a version for a page; None where they are gone."""
    enclosure = projects.read(sealed, work, version)
    if enclosure is None:
        return None
    table = projects.file(sealed, work, version) if version.kind == "csv" else None
    return judging.inside(enclosure, version, table, say)


# Reviewing


def _review(there: Bench) -> Response:
    """The work of another, with the rubric; what is written is kept when all of it is there.

    Raises:
        errors.PageRefused: This learner reviews no such work, or it is not there any more.
    """
    letter, allotment, work, version = _allotted(there)
    tool, say = there.tool, there.say
    earlier = reviews.written(there.vault, allotment)
    decided = any(one.kind == reviews.DECISION for one in reviews.of_work(there.vault, work))
    closed = decided or bool(there.setting.reviewed and tool.now() > there.setting.reviewed)
    opinion, problems = earlier, list[tuple[str, int]]()
    if "save" in request.form and not closed:
        levels, words = handed.form(request.form, len(there.project.rubric))
        comment = request.form.get("comment", "")
        found, problems = reviews.opinion(
            levels, words, comment, count=len(there.project.rubric), most=LEVELS, sentences=True
        )
        if found is not None:
            if reviews.review(there.vault, allotment, work, found, tool.now()) and not allotment.done:
                emit.put(tool.emitter, [marks.reviewed(there.told, there.seat.person, tool.now())])
            return _page(there, told="reviewed")
        opinion = judging.typed(levels, words, comment)
    content = contents(there.vault, work, version, say)
    if content is None:
        raise errors.PageRefused("not_found", "review")
    return seats.shown(
        there.seat,
        seats.advised(there.seat),
        "review.html",
        "learn",
        "project/review",
        keep={"project": there.name, "review": allotment.key},
        name=there.name,
        title=there.project.name[there.seat.language],
        letter=letter,
        work=replace(content, part=[]),
        review=allotment.key,
        lines=judging.lines(there.project, there.seat.language, say, opinion=opinion, problems=problems),
        comment="" if opinion is None else opinion.comment,
        problems=[say("judging.problem.comment")] if ("comment", -1) in problems else [],
        lacking=bool(problems),
        closed=closed,
        again=earlier is not None,
        shortest=reviews.SHORTEST,
        longest=reviews.LONGEST,
    )


def _allotted(there: Bench) -> tuple[str, Allotment, Handin, Version]:
    """The review that a form names with its letter, the work and its version that counts.

    Raises:
        errors.PageRefused: This learner has no such review, or the work is withdrawn.
    """
    wanted = request.form.get("review", "")
    listed = reviews.mine(there.tool.storage, there.pseudonyms, there.setting.course, there.name)
    place, found = next(((place, one) for place, one in enumerate(listed) if one.key == wanted), (0, None))
    work = None if found is None else projects.get(there.tool.storage, found.work)
    version = None if work is None else projects.counted(work, there.setting.due)
    if found is None or work is None or version is None:
        raise errors.PageRefused("not_found", "review")
    return handed.letter(place), found, work, version


def _file(there: Bench) -> Response:
    """The file of one's own work, or of the one that is reviewed.

    Raises:
        errors.PageRefused: There is no such file.
    """
    if request.form.get("review"):
        _, _, work, version = _allotted(there)
        return answer(there.vault, work, version)
    found = projects.find(there.tool.storage, there.pseudonyms, there.setting.course, there.name)
    wanted = request.form.get("version", "")
    chosen = None if found is None else next((one for one in found.versions if one.id == wanted), None)
    if found is None or chosen is None:
        raise errors.PageRefused("not_found", "version")
    return answer(there.vault, found, chosen)


def answer(sealed: Vault, work: Handin, version: Version, *, inline: bool = False) -> Response:
    """The file of a version, to be kept by whoever asked; no name of anybody is in it, nor in what it is called.

    Args:
        sealed: The store and the keys.
        work: The work.
        version: Which version.
        inline: Whether a page of ours shows it: a picture alone.

    Raises:
        errors.PageRefused: There is none, or it is gone.
    """
    content = projects.file(sealed, work, version)
    if content is None:
        raise errors.PageRefused("not_found", "file")
    if version.kind == "csv":
        content = enclosures.harmless(content)
    response = Response(content, mimetype=enclosures.KINDS[version.kind])
    way = "inline" if inline and version.kind == "png" else "attachment"
    response.headers["Content-Disposition"] = f'{way}; filename="work-{work.key[:6]}.{version.kind}"'
    response.headers["Content-Security-Policy"] = ATTACHED
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    return response
