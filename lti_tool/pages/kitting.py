"""The pages of case kits: files of an enterprise are checked, de-identified, looked at, and made live. Floor 3.

What is uploaded is read in memory and forgotten: only what de-identifying made of it is kept, as a draft until somebody
says that the enterprise allows it. Deleting a kit deletes its figures and takes back the cases that stand on them.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace

from flask import Blueprint, Response, request

from curriculum import errors as curriculum_errors
from curriculum import telling
from curriculum.acts import Edit
from curriculum.exchange import archive
from curriculum.kits import blank, cases, columns, faults, hiding, intake, manifest, own
from curriculum.kits import kit as kits
from curriculum.kits.columns import MANIFEST
from curriculum.kits.faults import Fault
from curriculum.kits.intake import Intake
from curriculum.kits.kit import CURRENCIES, LICENCES
from lti_tool import editions, errors, exercises, holdings, proposals
from lti_tool.holdings import Held
from lti_tool.pages import kitview, ruling
from lti_tool.pages.ruling import Desk
from lti_tool.proposals import Proposal
from lti_tool.tool import Tool
from storage import errors as storage_errors

ZIP = "zip"
LARGEST = 5 * 1024 * 1024
"""Bytes of an upload: all files together, or the zip of them."""
YES = "yes"


def blueprint(tool: Tool) -> Blueprint:
    """The pages' own forms."""
    views = Blueprint("kitting", __name__)

    @views.post("/lti/kits")
    def listed() -> Response:
        return show(seated(tool))

    @views.post("/lti/kits/send")
    def sent() -> Response:
        return _sent(seated(tool))

    @views.post("/lti/kits/one")
    def one() -> Response:
        return _one(seated(tool), request.form.get("id", "")[:255])

    @views.post("/lti/kits/settle")
    def settled() -> Response:
        return _settled(seated(tool), request.form.get("id", "")[:255])

    @views.post("/lti/kits/file")
    def file() -> Response:
        seated(tool)
        return _file()

    return views


def seated(tool: Tool) -> Desk:
    """The desk of whoever posted a form, where its catalog has cases.

    Raises:
        errors.PageRefused: It has none.
    """
    desk = ruling.seated(tool)
    if desk.taught.catalog.id != exercises.CATALOG:
        raise errors.PageRefused("catalog_unknown", "custom.catalog")
    return desk


def show(desk: Desk, told: str = "", found: Intake | None = None, values: Mapping[str, str] | None = None) -> Response:
    """The kits that are held, and the form for another one.

    Args:
        desk: Who sits there.
        told: What was just done.
        found: What is wrong with an upload.
        values: What was typed beside it.
    """
    catalog = desk.taught.catalog
    held = holdings.listed(desk.tool.storage, desk.name, desk.tool.now())
    return ruling.page(
        desk,
        "kits.html",
        "cases",
        kits=[kitview.summary(one, catalog, desk.language, desk.say) for one in held],
        used={str(one.get("kit")) for one in catalog.cases},
        told=told,
        problems=_said(desk, found) if found else (),
        more=found.more if found else 0,
        values=values or {"currency": "EUR", "home": "CN", "licence": "teaching", "safety_days": "7"},
        currencies=CURRENCIES,
        licences=LICENCES,
        files=[(name, columns.NEEDED.count(name) > 0, _heads(name)) for name in columns.FILES],
    )


def _heads(name: str) -> str:
    return ", ".join(one.name for one in columns.COLUMNS[name])


def _said(desk: Desk, found: Intake) -> list[str]:
    """Where something is wrong; never what stood there."""
    return [telling.say(faults.said(one), desk.language) for one in (*found.people, *found.faults)]


# Taking in


def _sent(desk: Desk) -> Response:
    values = {name: request.form.get(name, "").strip()[:400] for name in manifest.FIELDS}
    files = _files()
    if isinstance(files, Fault):
        return show(desk, found=Intake(None, (files,)), values=values)
    # Where the files bring a manifest, it holds; what the form says is for those that bring none.
    fields = None if files.get(MANIFEST) else values
    taken = intake.read(files, desk.day, fields)
    if taken.kit is None:
        return show(desk, found=taken, values=values)
    secrets = hiding.drawn(desk.tool.new_token(), scaled=request.form.get("scaled") == YES)
    hidden = hiding.hide(taken.kit, secrets, names=request.form.get("names") == YES)
    if hidden.kit is None or not cases.askable(hidden.kit, desk.taught.catalog):
        wrong = hidden.faults or (Fault("", 0, "", "left" if hidden.people else "thin"),)
        return show(desk, found=Intake(None, wrong, hidden.people), values=values)
    held = Held(
        desk.tool.new_token(), holdings.DRAFT, kits.dumped(hidden.kit), json.dumps(hidden.done), int(desk.tool.now())
    )
    holdings.put(desk.tool.storage, desk.name, held)
    return _one(desk, held.id, told="draft")


def _files() -> Mapping[str, bytes] | Fault:
    """The files of the form: one zip, or CSV files one by one."""
    packed = request.files.get(ZIP)
    if packed is not None and packed.filename:
        body = packed.read()
        return intake.unpacked(body) if archive.is_zip(body) else Fault("", 0, "", "zip")
    found = {f"{name}.csv": request.files[name].read() for name in columns.FILES if name in request.files}
    return {name: body for name, body in found.items() if body}


# One kit


def _held(desk: Desk, id_: str) -> Held:
    held = holdings.find(desk.tool.storage, desk.name, id_) if id_ else None
    if held is None:
        raise errors.PageRefused("not_found", "id")
    return held


def _one(desk: Desk, id_: str, told: str = "", problems: Sequence[str] = ()) -> Response:
    """A kit: what was done to it, and a case of it as a learner gets it."""
    held = _held(desk, id_)
    catalog, language, say = desk.taught.catalog, desk.language, desk.say
    made = kitview.trial(kits.loaded(held.body), catalog, desk.day)
    return ruling.page(
        desk,
        "kit.html",
        "cases",
        kit=kitview.summary(held, catalog, language, say),
        preview=None if made is None else kitview.preview(made, catalog, language, say),
        used=[one["id"] for one in catalog.cases if one.get("kit") == id_],
        told=told,
        problems=problems,
    )


def _settled(desk: Desk, id_: str) -> Response:
    held = _held(desk, id_)
    act = request.form.get("act", "")
    if act == "delete":
        return _deleted(desk, held)
    if act != "live":
        return _one(desk, id_)
    if request.form.get("agreed") != YES:
        return _one(desk, id_, problems=[desk.say("kit.problem.agree")])
    return _live(desk, held)


def _live(desk: Desk, held: Held) -> Response:
    """Make a kit a case that links may open, or propose that where the person may not edit."""
    tool, now = desk.tool, desk.tool.now()
    kit = kits.loaded(held.body)
    token = tool.new_token()
    id_ = own.KITS + "".join(one for one in held.id.lower() if one.isalnum())[:12]
    document = {"id": id_, "template": own.KIT, "kit": held.id, "name": dict(kit.manifest.title)}
    edit = Edit(token, "case.put", id_, {"cases": [document]})
    holdings.put(tool.storage, desk.name, replace(held, state=holdings.LIVE))
    try:
        if desk.edits:
            editions.enter(
                tool.storage, desk.name, (edit,), kind=editions.CASE, why=kit.manifest.permission, by=desk.by,
                id_=tool.new_token(), now=now,
            )  # fmt: skip
            return show(ruling.again(desk), told="live")
        editions.settled(desk.taught, (edit,))
    except curriculum_errors.InvalidEdit as error:
        return _one(desk, held.id, problems=[telling.say(one, desk.language) for one in error.problems])
    made = Proposal(id=tool.new_token(), kind=editions.CASE, edits=(edit,), why=kit.manifest.permission, made=int(now))
    proposals.propose(tool.storage, desk.name, [made], by=desk.by, now=now)
    return show(desk, told="proposed")


def _deleted(desk: Desk, held: Held) -> Response:
    """Delete a kit for good, and take out the cases that stand on it; a draft may be deleted by whoever may propose."""
    tool, now = desk.tool, desk.tool.now()
    standing = [one["id"] for one in desk.taught.catalog.cases if one.get("kit") == held.id]
    if not desk.edits and (standing or held.state == holdings.LIVE):
        raise errors.PageRefused("permission_missing", "editors")
    if standing:
        edits = [Edit(tool.new_token(), "case.retire", name, {}) for name in standing]
        editions.enter(
            tool.storage, desk.name, edits, kind=editions.CASE, why=desk.say("kit.deleted.why"), by=desk.by,
            id_=tool.new_token(), now=now,
        )  # fmt: skip
    holdings.drop(tool.storage, desk.name, held.id)
    # Deleted it is; a reader who holds the store's log only delays that no byte of it is left there.
    with contextlib.suppress(storage_errors.UnavailableError):
        tool.storage.scrub()
    return show(ruling.again(desk), told="deleted")


def _file() -> Response:
    """The empty files of a kit, as one zip."""
    response = Response(archive.pack(blank.files()), mimetype="application/zip")
    response.headers["Content-Disposition"] = 'attachment; filename="kit.zip"'
    return response
