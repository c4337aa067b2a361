"""The pages of courses that travel: a Common Cartridge comes in, is looked at and confirmed; courses go out. Floor 3.

What is uploaded is read in memory and forgotten. Nothing is taught before a person has confirmed each unit and that it
may be used; then all of it comes in by one change, which one press takes back. Whoever may not edit proposes. Questions
wait as proposals, one each: an import knows neither the other language nor the thinking behind a wrong answer.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from flask import Blueprint, Response, request

from curriculum import courses, lessons, telling
from curriculum import errors as curriculum_errors
from curriculum.acts import Edit
from curriculum.courses import own
from curriculum.exchange import cartridge, cartridge_reader, skeleton, syllabus
from curriculum.kits import own as cases
from lti_tool import arrivals, editions, errors, login, proposals
from lti_tool.arrivals import Arrival
from lti_tool.pages import deciding, exchangeview, ruling
from lti_tool.pages.exchangeview import Chosen
from lti_tool.pages.ruling import Desk
from lti_tool.proposals import Proposal
from lti_tool.tool import Tool

YES = "yes"
LONGEST = 200
PROFILES: Mapping[str, str] = {"moodle": "1.1", "canvas": "1.3"}
PROBLEMS = 40


def blueprint(tool: Tool) -> Blueprint:
    """The pages' own forms."""
    views = Blueprint("exchanging", __name__)

    @views.post("/lti/exchange")
    def listed() -> Response:
        return show(ruling.seated(tool))

    @views.post("/lti/exchange/send")
    def sent() -> Response:
        return _sent(ruling.seated(tool))

    @views.post("/lti/exchange/one")
    def one() -> Response:
        desk = ruling.seated(tool)
        return _one(desk, _arrival(desk, request.form.get("id", "")[:255]))

    @views.post("/lti/exchange/settle")
    def settled() -> Response:
        return _settled(ruling.seated(tool), request.form)

    @views.post("/lti/exchange/file")
    def file() -> Response:
        return _file(ruling.seated(tool), request.form)

    return views


def show(desk: Desk, told: str = "", problems: Sequence[str] = (), refused: Sequence[str] = ()) -> Response:
    """The courses that came in, what waits, and the doors in and out.

    Args:
        desk: Who sits there.
        told: What was just done: a key below "exch.told."; empty: nothing.
        problems: What is wrong with what was asked for, in words.
        refused: Why a file was not read, as its reader says it.
    """
    tool, catalog, language = desk.tool, desk.taught.catalog, desk.language
    waiting = [one for one in proposals.waiting(tool.storage, desk.name) if one.kind == editions.COURSE]
    return ruling.page(
        desk,
        "exchange.html",
        "courses",
        drafts=[
            (one.id, one.body["title"] or one.file, one.file)
            for one in arrivals.listed(tool.storage, desk.name, tool.now())
        ],
        mine=[
            (one.id, one.name[language], len(one.modules), len(one.skills), one.terms)
            for one in own.known(catalog).values()
        ],
        unfit=own.left(catalog),
        waiting=[_waiting(desk, one) for one in waiting],
        changes=[_changed(desk, one) for one in reversed(desk.taught.changes) if one.kind == editions.COURSE],
        log=ruling.lines(desk),
        out=[
            *((one.id, one.name[language]) for one in courses.of_catalog(catalog).values()),
            *((one.id, one.name[language]) for one in catalog.areas.values()),
        ],
        targets=list(PROFILES),
        told=told,
        problems=list(problems)[:PROBLEMS],
        refused=list(refused)[:PROBLEMS],
    )


# In


def _sent(desk: Desk) -> Response:
    """Read an upload: a draft, or why it is none."""
    tool = desk.tool
    upload = request.files.get("file")
    if upload is None or not upload.filename:
        return show(desk, problems=[desk.say("exch.problem.file")])
    name = upload.filename.replace("\\", "/").rpartition("/")[2][:LONGEST]
    launch = login.launch_url(tool.settings.url)
    try:
        found = cartridge_reader.read(upload.read(), name, launch=launch)
    except curriculum_errors.ExchangeRefused as error:
        return show(desk, refused=error.problems)
    body = skeleton.draft(found, desk.taught.catalog, desk.taught.known)
    arrival = Arrival(tool.new_token(), name, body, int(tool.now()))
    if not body["modules"]:
        return _one(desk, arrival, problems=[desk.say("exch.problem.empty")])
    arrivals.put(tool.storage, desk.name, arrival)
    return _one(desk, arrival)


def _arrival(desk: Desk, id_: str) -> Arrival:
    found = arrivals.find(desk.tool.storage, desk.name, id_) if id_ else None
    if found is None:
        raise errors.PageRefused("not_found", "id")
    return found


def _one(desk: Desk, arrival: Arrival, problems: Sequence[str] = (), made: Chosen | None = None) -> Response:
    """What came in, what was left out and why, and the skills to be confirmed unit by unit."""
    catalog, language = desk.taught.catalog, desk.language
    form = request.form
    title = arrival.body["title"][:LONGEST]
    return ruling.page(
        desk,
        "exchange_one.html",
        "courses",
        page=exchangeview.page(arrival, catalog, language, desk.say, made),
        names={one: form.get(f"name_{one}", title) for one in telling.LANGUAGES},
        skills=[(one.id, one.name[language]) for one in catalog.skills.values()],
        problems=list(problems)[:PROBLEMS],
        kept=bool(arrival.body["modules"]),
    )


def _settled(desk: Desk, form: Mapping[str, str]) -> Response:
    if any(name in form for name in ("back", "approve", "decline")):
        told, problems = deciding.decided(desk, form, {editions.COURSE}, lambda one: _fits(desk, one))
        return show(desk, problems=problems) if problems else show(ruling.again(desk), told=told)
    if "retire" in form:
        return _retired(desk, form["retire"][:LONGEST])
    arrival = _arrival(desk, form.get("id", "")[:255])
    if form.get("act") == "drop":
        arrivals.drop(desk.tool.storage, desk.name, arrival.id)
        return show(desk, told="dropped")
    more = {one["key"]: form.get(f"more:{one['key']}", "")[:LONGEST] for one in exchangeview.units(arrival.body)}
    made = exchangeview.chosen(arrival.body, desk.taught.catalog, request.form.getlist("unit"), more)
    names = {one: form.get(f"name_{one}", "").strip()[:LONGEST] for one in telling.LANGUAGES}
    wrong = [
        (bool(made.wrong), "exch.problem.units"),
        (not made.skills, "exch.problem.nothing"),
        (not all(names.values()), "exch.problem.name"),
        (form.get("agreed") != YES, "exch.problem.agree"),
    ]
    problems = [desk.say(key) for holds, key in wrong if holds]
    if problems:
        return _one(desk, arrival, problems, made)
    return _confirmed(desk, arrival, names, made)


def _confirmed(desk: Desk, arrival: Arrival, names: Mapping[str, str], made: Chosen) -> Response:
    """All of it at once: the course by one change, the questions as proposals."""
    catalog, tool = desk.taught.catalog, desk.tool
    mark = hashlib.sha256(arrival.id.encode()).hexdigest()[:10]
    document = skeleton.document(arrival.body, f"{own.PREFIX}{mark}", names, made.skills)
    problems = own.problems(document, catalog)
    if problems:
        return _one(desk, arrival, problems, made)
    edit = Edit(tool.new_token(), "course.put", document["id"], {"courses": [document]})
    told = _enter(desk, edit, why=arrival.file)
    if isinstance(told, list):
        return _one(desk, arrival, told, made)
    listed = list(skeleton.questions(arrival.body, mark, made.skills, catalog, desk.taught.known))
    proposals.propose(
        tool.storage, desk.name, [_question(desk, one, names[desk.language]) for one in listed], by=desk.by,
        now=tool.now(),
    )  # fmt: skip
    arrivals.drop(tool.storage, desk.name, arrival.id)
    return show(ruling.again(desk), told=f"{told}.questions" if listed else told)


def _question(desk: Desk, document: Mapping[str, Any], course: str) -> Proposal:
    """A question that waits until somebody writes what the import could not know."""
    put = {"misconceptions": [], "questions": [dict(document)]}
    edit = Edit(desk.tool.new_token(), "question.put", document["id"], put)
    why = desk.say("exch.question.why", course=course)
    return Proposal(document["id"], editions.QUESTION, (edit,), why, int(desk.tool.now()))


def _retired(desk: Desk, name: str) -> Response:
    if name not in {one["id"] for one in desk.taught.catalog.courses}:
        raise errors.PageRefused("not_found", "retire")
    told = _enter(desk, Edit(desk.tool.new_token(), "course.retire", name, {}), why="", done="retired")
    return show(desk, problems=told) if isinstance(told, list) else show(ruling.again(desk), told=told)


def _enter(desk: Desk, edit: Edit, *, why: str, done: str = "entered") -> str | list[str]:
    """Make an edit hold, or propose it where the person may not edit: what was done, or what is wrong."""
    tool, now = desk.tool, desk.tool.now()
    try:
        if desk.edits:
            editions.enter(
                tool.storage, desk.name, (edit,), kind=editions.COURSE, why=why, by=desk.by, id_=tool.new_token(),
                now=now,
            )  # fmt: skip
            return done
        editions.settled(desk.taught, (edit,))
    except curriculum_errors.InvalidEdit as error:
        return [telling.say(one, desk.language) for one in error.problems]
    made = Proposal(id=tool.new_token(), kind=editions.COURSE, edits=(edit,), why=why, made=int(now))
    proposals.propose(tool.storage, desk.name, [made], by=desk.by, now=now)
    return "proposed"


def _fits(desk: Desk, one: Proposal) -> bool:
    """Whether a course that was proposed is sound still: a skill of it may have gone since."""
    documents = [raw for edit in one.edits for raw in edit.value.get("courses") or ()]
    return not any(own.problems(raw, desk.taught.catalog) for raw in documents)


def _waiting(desk: Desk, one: Proposal) -> Mapping[str, Any]:
    edit = one.edits[0]
    listed = edit.value.get("courses") or ()
    names = [raw["name"][desk.language] for raw in listed] or [edit.subject]
    modules = [module["name"][desk.language] for raw in listed for module in raw["modules"]]
    return {"id": one.id, "name": desk.say(f"edited.{edit.act}"), "courses": names, "modules": modules, "why": one.why}


def _changed(desk: Desk, one: editions.Change) -> Mapping[str, str]:
    edit = one.edits[0]
    name = next((raw["name"][desk.language] for raw in edit.value.get("courses") or ()), edit.subject)
    return {**ruling.changed(one, desk), "words": f"{desk.say(f'edited.{edit.act}')} {name}"}


# Out


def _file(desk: Desk, form: Mapping[str, str]) -> Response:
    """A course as a cartridge, with what the institution added to it.

    Raises:
        errors.PageRefused: There is no such course, or no such LMS.
    """
    catalog, language, name = desk.taught.catalog, desk.language, form.get("course", "")
    profile = PROFILES.get(form.get("for", ""))
    if profile is None:
        raise errors.PageRefused("not_found", "for")
    texts_ = lessons.load() if catalog.id == lessons.CATALOG else {}
    offered, kinds = courses.of_catalog(catalog), cases.kinds(catalog)
    try:
        if name in offered:
            parts = syllabus.course(catalog, name, language, lessons=texts_, own=kinds)
            title = offered[name].name[language]
        else:
            parts = syllabus.parts(catalog, language, area=name, lessons=texts_, own=kinds)
            title = catalog.areas[name].name[language] if name else catalog.name[language]
        body = cartridge.write(
            title, "", parts, launch=login.launch_url(desk.tool.settings.url), language=language, profile=profile
        )
    except curriculum_errors.UnknownReference as error:
        raise errors.PageRefused("not_found", "course") from error
    except curriculum_errors.ExchangeRefused as error:
        return show(desk, refused=error.problems)
    response = Response(body, mimetype="application/zip")
    response.headers["Content-Disposition"] = f'attachment; filename="{catalog.id}-{name or "all"}.imscc"'
    return response
