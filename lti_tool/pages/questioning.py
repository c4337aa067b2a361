"""The pages of questions: what is asked on each skill, one as a learner sees it, and an institution's own. Floor 3.

A question is tried as a whole with the bank before it holds: every problem is named, and nothing is taken in by halves.
It is entered as a change of the catalog, so it is logged, has its version, and is taken back by one press; whoever may
not edit proposes. A question that is retired is asked no more from that day; what learners answered stays.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from flask import Blueprint, Response, request

from curriculum import bank, telling
from curriculum import errors as curriculum_errors
from curriculum.acts import Edit
from curriculum.bank import own, trial
from curriculum.bank.entry import BLOOM, Bank
from curriculum.exchange import archive, qti
from curriculum.practice.task import FORMS, NUMBER
from lti_tool import editions, errors, exercises, permissions, proposals
from lti_tool.pages import casework, deciding, questionform, questionlist, questionview, ruling, writing
from lti_tool.pages.ruling import Desk
from lti_tool.permissions import Permission
from lti_tool.proposals import Proposal
from lti_tool.tool import Tool

MARKUP = (b"<", b"\xef\xbb\xbf<")


def blueprint(tool: Tool) -> Blueprint:
    """The pages' own forms."""
    views = Blueprint("questioning", __name__)

    @views.post("/lti/questions")
    def listed() -> Response:
        return show(ruling.seated(tool))

    @views.post("/lti/questions/one")
    def one() -> Response:
        return _one(_with_bank(ruling.seated(tool)), request.form.get("id", "")[:255])

    @views.post("/lti/questions/write")
    def write() -> Response:
        return writing.write(_with_bank(ruling.seated(tool)))

    @views.post("/lti/questions/settle")
    def settled() -> Response:
        return _settled(_with_bank(ruling.seated(tool)))

    @views.post("/lti/questions/file")
    def file() -> Response:
        return _file(_with_bank(ruling.seated(tool)), request.form.get("file", ""))

    return views


def show(
    desk: Desk, told: str = "", problems: Sequence[str] = (), notes: Sequence[str] = (), text: str = ""
) -> Response:
    """The questions that were asked for by skill, what waits, the doors for new ones, and what was changed."""
    catalog, language, say = desk.taught.catalog, desk.language, desk.say
    wanted = questionlist.asked(desk, request.form)
    return ruling.page(
        desk,
        "questions.html",
        "questions",
        wanted=wanted,
        found=questionlist.listed(desk, wanted),
        choices={
            "form": [(one, say(f"question.form.{one}")) for one in FORMS],
            "state": [(one, say(f"question.state.{one}")) for one in questionlist.STATES],
            "mark": [(one, say(f"qlist.mark.{one}")) for one in questionlist.MARKS],
            "bloom": [(one, say(f"question.bloom.{one}")) for one in BLOOM],
        },
        areas=[(one.id, one.name[language]) for one in catalog.areas.values()],
        skills=[
            (one.name[language], [(it.id, it.name[language]) for it in catalog.skills.values() if it.area == one.id])
            for one in catalog.areas.values()
        ],
        kinds=questionform.KINDS,
        own_count=len(catalog.questions),
        waiting=[questionview.waiting(desk, one) for one in questionview.proposed(desk)],
        changes=list(
            reversed([questionview.changed(desk, one) for one in desk.taught.changes if one.kind == editions.QUESTION])
        ),
        log=ruling.lines(desk),
        told=told,
        problems=list(problems)[: questionview.PROBLEMS],
        notes=list(notes)[: questionview.PROBLEMS],
        text=text,
    )


def _with_bank(desk: Desk) -> Desk:
    if desk.taught.catalog.id != exercises.CATALOG:
        raise errors.PageRefused("catalog_unknown", "custom.catalog")
    return desk


# One question


def _one(desk: Desk, name: str, told: str = "") -> Response:
    """A question as a learner sees it, with what is said to every answer that it knows."""
    catalog, form = desk.taught.catalog, request.form
    entry = bank.whole(catalog).entries.get(name)
    if entry is None or entry.skill not in catalog.skills:
        raise errors.PageRefused("not_found", "id")
    seed = int(form["seed"]) if form.get("seed", "").isdigit() and len(form["seed"]) < 7 else 1
    made = bank.question(catalog, name, seed, desk.day)
    if made is None:  # pragma: no cover  # the entry was found above
        raise errors.PageRefused("not_found", "id")
    given = writing.sent()
    problem, feedback = writing.answered(desk, made, form.get("act", ""), given)
    looked = questionlist.looked(desk).get(name, catalog.dated)
    return ruling.page(
        desk,
        "question.html",
        "questions",
        entry=entry,
        name=catalog.skills[entry.skill].name[desk.language],
        area=catalog.skills[entry.skill].area,
        screen=casework.question(
            questionview.task(made), questionview.attempt(made), desk.language, problem=problem, typed=given
        ),
        feedback=feedback,
        wrongs=questionview.wrongs(made, desk.language),
        examples=questionview.examples(desk, entry, bank.whole(catalog)) if entry.form == NUMBER else (),
        seed=seed,
        own=any(one["id"] == name for one in catalog.questions),
        retired=questionview.ended(desk, name),
        rule=catalog.rules.get(entry.rule),
        also=[catalog.skills[one].name[desk.language] for one in entry.also if one in catalog.skills],
        lacks=questionlist.lacks(entry.ask, entry.explanation),
        stale=questionlist.stale(desk).get(name, ""),
        looked=looked.isoformat() if looked else "",
        versions=questionview.versions(desk, name),
        asks_class=_asks_class(desk),
        told=told,
        problems=(),
    )


def _asks_class(desk: Desk) -> bool:
    """Whether whoever looks may ask a question of their class."""
    person = desk.guest.person
    return bool(person.context) and Permission.GUIDE in permissions.of(person.roles)


# What a press does


def _settled(desk: Desk) -> Response:
    form = request.form
    upload = request.files.get("file")
    if upload is not None and upload.filename:
        return _imported(desk, upload.read())
    if any(name in form for name in ("back", "approve", "decline", "again")):
        return _decided(desk, form)
    if "look" in form or "retire" in form:
        return _looked(desk, form["look"][:255]) if "look" in form else _retired(desk, form["retire"][:255])
    if form.get("act") == "import":
        return _imported(desk, form.get("text", "").encode())
    filled = writing.typed()
    document, faults = writing.document(desk, filled)
    if faults:
        return writing.page(desk, filled, faults)
    return _put(desk, document, form.get("why", "").strip()[:500])


def _looked(desk: Desk, name: str) -> Response:
    """Note that somebody looked whether a question still holds."""
    if name not in bank.whole(desk.taught.catalog).entries:
        raise errors.PageRefused("not_found", "look")
    editions.look(desk.tool.storage, desk.name, [name], by=desk.by, now=desk.tool.now())
    return _one(desk, name, told="looked")


def _put(desk: Desk, document: Mapping[str, Any], why: str, notes: Sequence[str] = ()) -> Response:
    edit = Edit(desk.tool.new_token(), "question.put", document["questions"][0]["id"], dict(document))
    return _enter(desk, edit, why, "entered", notes)


def _enter(desk: Desk, edit: Edit, why: str, told: str, notes: Sequence[str] = ()) -> Response:
    """Make an edit hold, or propose it where the person may not edit."""
    tool, now = desk.tool, desk.tool.now()
    waited = request.form.get("proposal", "")[:255]
    try:
        if desk.edits:
            editions.enter(
                tool.storage, desk.name, (edit,), kind=editions.QUESTION, why=why, by=desk.by, id_=tool.new_token(),
                now=now,
            )  # fmt: skip
            proposals.supersede(tool.storage, desk.name, waited)
            return show(ruling.again(desk), told=told, notes=notes)
        editions.settled(desk.taught, (edit,))
    except curriculum_errors.InvalidEdit as error:
        return show(desk, problems=[telling.say(one, desk.language) for one in error.problems])
    made = Proposal(id=tool.new_token(), kind=editions.QUESTION, edits=(edit,), why=why, made=int(now))
    proposals.propose(tool.storage, desk.name, [made], by=desk.by, now=now)
    proposals.supersede(tool.storage, desk.name, waited)
    return show(desk, told="proposed", notes=notes)


def _imported(desk: Desk, data: bytes) -> Response:
    """Questions from YAML or QTI: all of them, or a list of what is wrong."""
    catalog, where, text = desk.taught.catalog, desk.say("question.file"), ""
    notes: Sequence[str] = ()
    try:
        if archive.is_zip(data) or data.lstrip().startswith(MARKUP):
            skill = request.form.get("skill", "")
            taken = qti.read(
                data, where, skill=skill if skill in catalog.skills else "", known=own.known(catalog).causes
            )
            notes = taken.notes
            document = trial.tried(_settable(taken.document), where, catalog)
        else:
            text = data.decode("utf-8-sig")
            document = trial.read(text, where, catalog)
    except UnicodeDecodeError as error:
        return show(desk, problems=[desk.say("question.not_utf8", place=error.start)])
    except (curriculum_errors.InvalidBank, curriculum_errors.ExchangeRefused) as refused:
        return show(desk, problems=[*refused.problems], notes=notes, text=text[: questionform.LONGEST])
    if not document["questions"]:
        return show(desk, problems=[desk.say("question.none")])
    return _put(desk, document, request.form.get("why", "").strip()[:500], notes)


def _settable(document: Mapping[str, Any]) -> dict[str, Any]:
    """What a file of another system does not say: how hard a question is, and what it asks of a learner."""
    questions = [{"bloom": "apply", "difficulty": 2, **one} for one in document["questions"]]
    return {**document, "questions": questions}


def _retired(desk: Desk, name: str) -> Response:
    if name not in bank.whole(desk.taught.catalog).entries:
        raise errors.PageRefused("not_found", "id")
    last = (desk.day - timedelta(days=1)).isoformat()
    edit = Edit(desk.tool.new_token(), "content.end", name, {"valid_to": last})
    return _enter(desk, edit, request.form.get("why", "").strip()[:500], "retired")


def _decided(desk: Desk, form: Mapping[str, str]) -> Response:
    asked = {**form, "back": _ending(desk, form["again"])} if "again" in form else form
    try:
        told, problems = deciding.decided(desk, asked, {editions.QUESTION}, lambda one: _fits(desk, one))
    except curriculum_errors.InvalidBank as refused:
        return show(desk, problems=refused.problems)
    return show(desk, problems=problems) if problems else show(ruling.again(desk), told=told)


def _ending(desk: Desk, name: str) -> str:
    """Id of the change that retired a question."""
    ended = [
        one.id
        for one in desk.taught.changes
        if any(edit.act == "content.end" and edit.subject == name for edit in one.edits)
    ]
    return ended[-1] if ended else ""


def _fits(desk: Desk, one: Proposal) -> bool:
    """Try what was proposed: the catalog may have changed since.

    Raises:
        curriculum.errors.InvalidBank: A question of it is not sound any more.
    """
    for edit in one.edits:
        if edit.act == "question.put":
            trial.tried(edit.value, desk.say("question.form"), desk.taught.catalog)
    return True


def _file(desk: Desk, name: str) -> Response:
    """The institution's own questions to take along.

    Raises:
        errors.PageRefused: There is no such file, or no question.
    """
    catalog = desk.taught.catalog
    mine = [one for one in catalog.questions if one["id"] not in own.left(catalog)]
    if name not in {"yaml", "qti"} or not mine:
        raise errors.PageRefused("not_found", "file")
    if name == "yaml":
        text = questionform.dumped(mine, questionview.causes(desk, mine))
        response = Response(text, mimetype="application/yaml")
    else:
        whole = bank.whole(catalog)
        chosen = Bank({one["id"]: whole.entries[one["id"]] for one in mine}, whole.misconceptions)
        response = Response(qti.write(chosen, catalog, seed=1, on=desk.day), mimetype="application/zip")
    called = "questions.yaml" if name == "yaml" else "questions-qti.zip"
    response.headers["Content-Disposition"] = f'attachment; filename="{catalog.id}-{called}"'
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response
