"""The pages of own cases: from a template or a kit to a case that a link opens, without code. Floor 3.

A case is tried as a whole before it holds: every problem is named, and what its figures cannot tell apart. It is
entered as a change of the catalog, so it is logged, has its version, and is taken back by one press; whoever may not
edit proposes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import Blueprint, Response, request

from curriculum import errors as curriculum_errors
from curriculum import telling
from curriculum.acts import Edit
from curriculum.kits import cases, own, templates
from curriculum.kits import kit as kits
from lti_tool import editions, errors, holdings, proposals
from lti_tool.pages import caseform, deciding, kitting, kitview, ruling
from lti_tool.pages.caseform import Typed
from lti_tool.pages.ruling import Desk
from lti_tool.proposals import Proposal
from lti_tool.tool import Tool

PROBLEMS = 40


def blueprint(tool: Tool) -> Blueprint:
    """The pages' own forms."""
    views = Blueprint("authoring", __name__)

    @views.post("/lti/owncases")
    def listed() -> Response:
        return show(kitting.seated(tool))

    @views.post("/lti/owncases/write")
    def write() -> Response:
        return _write(kitting.seated(tool))

    @views.post("/lti/owncases/settle")
    def settled() -> Response:
        return _settled(kitting.seated(tool))

    @views.post("/lti/owncases/file")
    def file() -> Response:
        desk = kitting.seated(tool)
        response = Response(caseform.dumped(desk.taught.catalog.cases), mimetype="application/yaml")
        response.headers["Content-Disposition"] = f'attachment; filename="{desk.name}-cases.yaml"'
        return response

    return views


def show(desk: Desk, told: str = "", problems: Sequence[str] = (), text: str = "") -> Response:
    """The own cases, what waits, and the doors for new ones.

    Args:
        desk: Who sits there.
        told: What was just done.
        problems: What is wrong with what was sent.
        text: YAML that was pasted and refused.
    """
    catalog, language = desk.taught.catalog, desk.language
    return ruling.page(
        desk,
        "own_cases.html",
        "cases",
        cases=[_rowed(desk, one) for one in own.kinds(catalog)],
        unfit=kitview.left(catalog, language),
        templates=[one for one in own.TEMPLATES if one != own.KIT or catalog.kits],
        waiting=[_waiting(desk, one) for one in proposals.waiting(desk.tool.storage, desk.name) if _is_case(one)],
        changes=list(reversed([_changed(desk, one) for one in desk.taught.changes if one.kind == editions.CASE])),
        log=ruling.lines(desk),
        told=told,
        problems=list(problems)[:PROBLEMS],
        text=text,
    )


def _rowed(desk: Desk, kind: Any) -> Mapping[str, Any]:
    document = own.known(desk.taught.catalog)[kind.id]
    skills = desk.taught.catalog.skills
    return {
        "id": kind.id,
        "name": kind.name[desk.language],
        "template": document["template"],
        "steps": kind.steps,
        "skills": [skills[one].name[desk.language] for one in kind.skills if one in skills],
    }


def _is_case(one: Proposal) -> bool:
    return one.kind == editions.CASE


def _waiting(desk: Desk, one: Proposal) -> Mapping[str, Any]:
    edit = one.edits[0]
    documents = edit.value.get("cases") or ()
    return {
        "id": one.id,
        "name": desk.say(f"edited.{edit.act}"),
        "cases": [text["name"][desk.language] for text in documents][:5] or [edit.subject],
        "why": one.why,
        "text": caseform.dumped(documents) if documents and not documents[0].get("kit") else "",
    }


def _changed(desk: Desk, one: editions.Change) -> Mapping[str, str]:
    edit = one.edits[0]
    documents = edit.value.get("cases") or ()
    words = f"{desk.say(f'edited.{edit.act}')} {documents[0]['id'] if documents else edit.subject}"
    more = f" +{len(documents) - 1}" if len(documents) > 1 else ""
    return {**ruling.changed(one, desk), "words": words + more}


# Writing


def _write(desk: Desk) -> Response:
    """The form: of a template, of a case that is there, or tried with what was typed."""
    form, catalog = request.form, desk.taught.catalog
    if form.get("act") == "try":
        return _form(desk, caseform.typed(form, form.getlist("asked")), tried=True)
    if form.get("id"):
        found = next((one for one in catalog.cases if one["id"] == form["id"]), None)
        if found is None:
            raise errors.PageRefused("not_found", "id")
        return _form(desk, caseform.filled(found), tried=True)
    if form.get("template") not in own.TEMPLATES:
        raise errors.PageRefused("not_found", "template")
    return _form(desk, caseform.blank(form["template"]))


def _form(desk: Desk, filled: Typed, problems: Sequence[str] = (), *, tried: bool = False) -> Response:
    catalog, language, say = desk.taught.catalog, desk.language, desk.say
    preview, blurs = None, 0
    if tried and not problems:
        document = caseform.document(filled, desk.tool.new_token())
        problems = _problems(desk, document)
        if not problems:
            told = own.blurs(document, desk.day, catalog)
            blurs = len(told)
            made = own.made(document, 1, desk.day, catalog)
            preview = kitview.preview(made, catalog, language, say, told)
    texts = {raw["id"]: raw["name"][language] for raw in cases.words()["steps"]}
    kit = catalog.kits.get(filled.values.get("kit", ""))
    there = cases.askable(kits.loaded(kit), catalog) if kit else tuple(cases.MAKERS)
    return ruling.page(
        desk,
        "own_case.html",
        "cases",
        form=filled.values,
        shape=filled.template,
        fields=templates.FIELDS.get(filled.template, ()),
        row=templates.ROW if filled.template == "eu_import" else (),
        rows=range(templates.ROWS),
        kits=[(key, kits.loaded(body).manifest.title[language]) for key, body in catalog.kits.items()],
        questions=[(one["id"], one["ask"][language]) for one in catalog.questions],
        asked=[(name, texts[name], name in filled.asked or not filled.asked) for name in there],
        problems=list(problems)[:PROBLEMS],
        preview=preview,
        blurs=blurs,
    )


def _problems(desk: Desk, document: Any) -> list[str]:
    """Everything that is wrong with a case, in the language of the page."""
    return [telling.say(one, desk.language) for one in own.problems(document, desk.taught.catalog)]


# What a press does


def _settled(desk: Desk) -> Response:
    form = request.form
    upload = request.files.get("file")
    if upload is not None and upload.filename:
        return _imported(desk, upload.read())
    if any(name in form for name in ("back", "approve", "decline")):
        return _decided(desk, form)
    if "retire" in form:
        return _retired(desk, form["retire"][:255])
    if form.get("act") == "import":
        return _imported(desk, form.get("text", "").encode())
    filled = caseform.typed(form, form.getlist("asked"))
    document = caseform.document(filled, desk.tool.new_token())
    problems = _problems(desk, document)
    if problems:
        return _form(desk, filled, problems)
    return _put(desk, [document])


def _why() -> str:
    return request.form.get("why", "").strip()[:500]


def _put(desk: Desk, documents: Sequence[Mapping[str, Any]]) -> Response:
    edit = Edit(desk.tool.new_token(), "case.put", documents[0]["id"], {"cases": [dict(one) for one in documents]})
    return _enter(desk, edit, "entered")


def _enter(desk: Desk, edit: Edit, told: str) -> Response:
    """Make an edit hold, or propose it where the person may not edit."""
    tool, now = desk.tool, desk.tool.now()
    try:
        if desk.edits:
            editions.enter(
                tool.storage, desk.name, (edit,), kind=editions.CASE, why=_why(), by=desk.by, id_=tool.new_token(),
                now=now,
            )  # fmt: skip
            return show(ruling.again(desk), told=told)
        editions.settled(desk.taught, (edit,))
    except curriculum_errors.InvalidEdit as error:
        return show(desk, problems=[telling.say(one, desk.language) for one in error.problems])
    made = Proposal(id=tool.new_token(), kind=editions.CASE, edits=(edit,), why=_why(), made=int(now))
    proposals.propose(tool.storage, desk.name, [made], by=desk.by, now=now)
    return show(desk, told="proposed")


def _imported(desk: Desk, data: bytes) -> Response:
    """Cases from YAML: all of them, or a list of what is wrong."""
    where = desk.say("owncase.file")
    try:
        text = data.decode("utf-8-sig")
        documents = caseform.loaded(text, where)
    except UnicodeDecodeError as error:
        return show(desk, problems=[desk.say("question.not_utf8", place=error.start)])
    except curriculum_errors.InvalidBank as refused:
        return show(desk, problems=[*refused.problems], text=data.decode("utf-8-sig", "replace")[: caseform.BYTES])
    problems = [f"cases[{place}] {problem}" for place, one in enumerate(documents) for problem in _problems(desk, one)]
    ids = [one.get("id") for one in documents if isinstance(one, dict)]
    problems += [telling.say(telling.sentence("own.taken", path=str(one)), desk.language) for one in _twice(ids)]
    if problems:
        return show(desk, problems=problems, text=text)
    return _put(desk, documents)


def _twice(ids: Sequence[object]) -> list[object]:
    return [one for place, one in enumerate(ids) if one in ids[:place]]


def _retired(desk: Desk, name: str) -> Response:
    if not any(one["id"] == name for one in desk.taught.catalog.cases):
        raise errors.PageRefused("not_found", "id")
    return _enter(desk, Edit(desk.tool.new_token(), "case.retire", name, {}), "retired")


def _decided(desk: Desk, form: Mapping[str, str]) -> Response:
    told, problems = deciding.decided(desk, form, {editions.CASE}, lambda one: _there(desk, one))
    return show(desk, problems=problems) if problems else show(ruling.again(desk), told=told)


def _there(desk: Desk, one: Proposal) -> bool:
    """Whether the kits of a proposed case are there still: one may have been deleted since."""
    wanted = {str(case.get("kit")) for edit in one.edits for case in edit.value.get("cases") or () if case.get("kit")}
    return not wanted - holdings.bodies(desk.tool.storage, desk.name, wanted).keys()
