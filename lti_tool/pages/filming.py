"""The page of an institution's videos: declare one, or many by a file, change and take back, without code. Floor 3.

A video is entered as a change of the catalog, so it is logged, has its version, and is taken back by one press; whoever
may not edit proposes. Nothing is fetched: an address is checked for its form.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import Blueprint, Response, request

from curriculum import errors as curriculum_errors
from curriculum import telling, videos
from curriculum.acts import Edit
from lti_tool import editions, errors, proposals
from lti_tool.pages import deciding, ruling, viewing
from lti_tool.pages.ruling import Desk
from lti_tool.proposals import Proposal
from lti_tool.tool import Tool

PROBLEMS = 40
FIELDS = ("id", "url", "title_en", "title_zh", "minutes", "languages", "licence", "share")


def blueprint(tool: Tool) -> Blueprint:
    """The page's own forms."""
    views = Blueprint("filming", __name__)

    @views.post("/lti/videos")
    def listed() -> Response:
        return show(ruling.seated(tool))

    @views.post("/lti/videos/keep")
    def keep() -> Response:
        return _kept(ruling.seated(tool), request.form)

    return views


def show(desk: Desk, told: str = "", problems: Sequence[str] = (), typed: Mapping[str, Any] | None = None) -> Response:
    """The videos that are declared, what waits, and the doors for new ones.

    Args:
        desk: Who sits there.
        told: What was just done: a key below "video.told."; empty: nothing.
        problems: What is wrong with what was sent.
        typed: What the form holds; None: nothing, or the video whose button was pressed.
    """
    catalog, language = desk.taught.catalog, desk.language
    if typed is None:
        typed = _filled(desk, request.form.get("id", ""))
    waiting = [one for one in proposals.waiting(desk.tool.storage, desk.name) if one.kind == editions.VIDEO]
    return ruling.page(
        desk,
        "videos.html",
        "videos",
        videos=[
            (line, [catalog.skills[one].name[language] for one in video.skills if one in catalog.skills], video)
            for video, line in zip(
                catalog.videos.values(), viewing.lines(catalog.videos.values(), {}, language), strict=True
            )
        ],
        waiting=[_waiting(desk, one) for one in waiting],
        changes=list(reversed([_changed(desk, one) for one in desk.taught.changes if one.kind == editions.VIDEO])),
        log=ruling.lines(desk),
        form=typed,
        chosen=(*typed.get("skills", ()), *[""] * videos.MOST_SKILLS)[: videos.MOST_SKILLS],
        areas=[
            (
                area.name[language],
                [(one.id, one.name[language]) for one in catalog.skills.values() if one.area == area.id],
            )
            for area in catalog.areas.values()
        ],
        licences=videos.LICENCES,
        heads=",".join(videos.HEADS),
        told=told,
        problems=list(problems)[:PROBLEMS],
    )


def _filled(desk: Desk, name: str) -> dict[str, Any]:
    """The form of a video that is there; empty where it is none."""
    found = desk.taught.catalog.videos.get(name)
    if found is None:
        return {**dict.fromkeys(FIELDS, ""), "share": f"{videos.ENOUGH:g}", "licence": videos.OWN, "skills": ()}
    return {
        "id": found.id,
        "url": found.url,
        "title_en": found.name["en"],
        "title_zh": found.name["zh"],
        "minutes": f"{found.seconds / 60:.4g}",
        "languages": " ".join(found.languages),
        "licence": found.licence,
        "share": f"{found.enough:g}",
        "skills": found.skills,
    }


def _kept(desk: Desk, form: Mapping[str, str]) -> Response:
    upload = request.files.get("file")
    if upload is not None and upload.filename:
        return _imported(desk, upload.read())
    if any(name in form for name in ("back", "approve", "decline")):
        return _decided(desk, form)
    if "retire" in form:
        if form["retire"] not in desk.taught.catalog.videos:
            raise errors.PageRefused("not_found", "retire")
        return _enter(desk, Edit(desk.tool.new_token(), "video.retire", form["retire"], {}), "retired")
    cells = {name: form.get(name, "").strip() for name in FIELDS}
    skills = [one for one in request.form.getlist("skill") if one]
    document = videos.document({**cells, "skills": " ".join(skills)})
    return _put(desk, [document], {**cells, "skills": skills})


def _put(desk: Desk, documents: Sequence[Mapping[str, Any]], typed: Mapping[str, Any] | None = None) -> Response:
    subject = str(documents[0].get("id"))
    edit = Edit(desk.tool.new_token(), "video.put", subject, {"videos": [dict(one) for one in documents]})
    return _enter(desk, edit, "entered", typed)


def _enter(desk: Desk, edit: Edit, told: str, typed: Mapping[str, Any] | None = None) -> Response:
    """Make an edit hold, or propose it where the person may not edit."""
    tool, now = desk.tool, desk.tool.now()
    try:
        if desk.edits:
            editions.enter(
                tool.storage, desk.name, (edit,), kind=editions.VIDEO, why="", by=desk.by, id_=tool.new_token(),
                now=now,
            )  # fmt: skip
            return show(ruling.again(desk), told=told, typed=_filled(desk, ""))
        editions.settled(desk.taught, (edit,))
    except curriculum_errors.InvalidEdit as error:
        return show(desk, problems=[telling.say(one, desk.language) for one in error.problems], typed=typed)
    made = Proposal(id=tool.new_token(), kind=editions.VIDEO, edits=(edit,), why="", made=int(now))
    proposals.propose(tool.storage, desk.name, [made], by=desk.by, now=now)
    return show(desk, told="proposed", typed=_filled(desk, ""))


def _imported(desk: Desk, data: bytes) -> Response:
    """Videos of a file: all of them, or a list of what is wrong, by line."""
    try:
        text = data.decode("utf-8-sig") if len(data) <= videos.LARGEST else ""
    except UnicodeDecodeError as error:
        return show(desk, problems=[desk.say("question.not_utf8", place=error.start)])
    listed, wrong = videos.rows(text)
    known = desk.taught.catalog.skills
    wrong += [(line, problem) for line, one in listed for problem in videos.problems(one, known)]
    ids = [one["id"] for _, one in listed]
    wrong += [(line, ("taken", {})) for place, (line, one) in enumerate(listed) if one["id"] in ids[:place]]
    if wrong or not listed:
        lines = sorted(wrong, key=lambda one: one[0]) or [(1, ("heads", {"heads": ",".join(videos.HEADS)}))]
        said = [telling.say(telling.sentence(f"video.{code}", **facts), desk.language) for _, (code, facts) in lines]
        return show(
            desk,
            problems=[desk.say("video.line", line=line, what=one) for (line, _), one in zip(lines, said, strict=True)],
        )
    return _put(desk, [one for _, one in listed])


def _decided(desk: Desk, form: Mapping[str, str]) -> Response:
    told, problems = deciding.decided(desk, form, {editions.VIDEO})
    return show(desk, problems=problems) if problems else show(ruling.again(desk), told=told)


def _waiting(desk: Desk, one: Proposal) -> Mapping[str, Any]:
    edit = one.edits[0]
    listed = edit.value.get("videos") or ()
    return {
        "id": one.id,
        "name": desk.say(f"edited.{edit.act}"),
        "videos": [(video["name"][desk.language], video["url"]) for video in listed][:5] or [(edit.subject, "")],
    }


def _changed(desk: Desk, one: editions.Change) -> Mapping[str, str]:
    edit = one.edits[0]
    listed = edit.value.get("videos") or ()
    more = f" +{len(listed) - 1}" if len(listed) > 1 else ""
    return {**ruling.changed(one, desk), "words": f"{desk.say(f'edited.{edit.act}')} {edit.subject}{more}"}
