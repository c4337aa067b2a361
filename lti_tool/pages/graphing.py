"""The pages of the graph: skills by area, what needs what and why, what roles ask for, and all versions. Floor 3.

A change is entered as a whole or refused in words; what it did is shown at once, and one press takes it back. Whoever
may not edit proposes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from flask import Blueprint, Response, request

from curriculum import catalog as catalogs
from curriculum import check, telling, versions
from curriculum import errors as curriculum_errors
from curriculum.acts import Edit
from curriculum.catalog import Catalog
from lti_tool import editions, errors, imports, proposals
from lti_tool.pages import deciding, ruling
from lti_tool.pages.ruling import Desk
from lti_tool.proposals import Proposal
from lti_tool.tool import Tool

MINE = (editions.GRAPH, editions.DEMAND)
"""Kinds of change that this page lists and decides; others have pages of their own."""
SENTENCES = 40
"""Differences that a page says; how many more there are stands below."""


@dataclass(frozen=True)
class Edge:
    """A prerequisite of a skill: its id and name, and why it comes first; empty if nobody wrote it down."""

    id: str
    name: str
    why: str


@dataclass(frozen=True)
class Node:
    """A skill in the list.

    Attributes:
        id: Of the skill.
        name: Its name.
        kind: "knowledge", "skill", "attitude" or "assessment".
        difficulty: 1 to 5.
        edges: What it needs.
        opens: Names of what needs it.
        roles: Name of each role that asks for it, with the level.
        misconceptions: Id and name of each wrong way of thinking that stands in its way.
        own: Whether the institution added it.
    """

    id: str
    name: str
    kind: str
    difficulty: int
    edges: Sequence[Edge]
    opens: Sequence[str]
    roles: Sequence[tuple[str, int]]
    misconceptions: Sequence[tuple[str, str]]
    own: bool


def blueprint(tool: Tool) -> Blueprint:
    """The pages' own forms."""
    views = Blueprint("graphing", __name__)

    @views.post("/lti/graph")
    def shown() -> Response:
        return show(ruling.seated(tool))

    @views.post("/lti/graph/change")
    def changed() -> Response:
        return _changed(ruling.seated(tool))

    @views.post("/lti/versions", endpoint="versions")
    def history() -> Response:
        return _versions(ruling.seated(tool))

    return views


def nodes(catalog: Catalog, area: str, shipped: Mapping[str, object], language: str) -> list[Node]:
    """The skills of an area, in the order of the catalog.

    Args:
        catalog: As it is taught.
        area: Id of the area.
        shipped: Skills of the shipped catalog, by id.
        language: "en" or "zh".
    """
    opens: dict[str, list[str]] = {name: [] for name in catalog.skills}
    for skill in catalog.skills.values():
        for name in skill.prerequisites:
            opens[name].append(skill.name[language])
    return [
        Node(
            id=skill.id,
            name=skill.name[language],
            kind=skill.kind,
            difficulty=skill.difficulty,
            edges=[
                Edge(name, catalog.skills[name].name[language], skill.because.get(name, {}).get(language, ""))
                for name in skill.prerequisites
            ],
            opens=opens[skill.id],
            roles=[
                (role.name[language], role.targets[skill.id])
                for role in catalog.roles.values()
                if skill.id in role.targets
            ],
            misconceptions=[
                (one.id, one.name[language]) for one in catalog.misconceptions.values() if one.skill == skill.id
            ],
            own=skill.id not in shipped,
        )
        for skill in catalog.skills.values()
        if skill.area == area
    ]


def show(
    desk: Desk,
    told: str = "",
    problems: Sequence[str] = (),
    did: Sequence[str] = (),
    typed: Mapping[str, str] = MappingProxyType({}),
) -> Response:
    """The graph of one area, the forms, what waits and what was changed."""
    catalog, language = desk.taught.catalog, desk.language
    wanted = request.form.get("area", "")
    area = wanted if wanted in catalog.areas else next(iter(catalog.areas))
    shipped = {one["id"]: one for one in desk.taught.shipped["skills"]}
    changes = [one for one in desk.taught.changes if one.kind in MINE]
    return ruling.page(
        desk,
        "graph.html",
        "graph",
        area=area,
        areas=[(one.id, one.name[language]) for one in catalog.areas.values()],
        nodes=nodes(catalog, area, shipped, language),
        skills=[
            (one.name[language], [(it.id, it.name[language]) for it in catalog.skills.values() if it.area == one.id])
            for one in catalog.areas.values()
        ],
        roles=[(one.id, one.name[language]) for one in catalog.roles.values()],
        kinds=check.KINDS,
        misconceptions=[(one.id, one.name[language]) for one in catalog.misconceptions.values()],
        waiting=[
            (one, *said(desk, one.edits)) for one in proposals.waiting(desk.tool.storage, desk.name) if one.kind in MINE
        ],
        changes=list(reversed([ruling.changed(one, desk) for one in changes])),
        log=ruling.lines(desk),
        told=told,
        problems=problems,
        did=did,
        typed=typed,
    )


def said(desk: Desk, edits: Sequence[Edit]) -> tuple[list[str], bool]:
    """What edits would change, in sentences; and whether they fit."""
    before = desk.taught.mapping
    try:
        after = editions.settled(desk.taught, edits)
    except curriculum_errors.InvalidEdit as error:
        return [telling.say(one, desk.language) for one in error.problems], False
    return told_of(before, after, desk.language)[0], True


def told_of(before: Mapping[str, object], after: Mapping[str, object], language: str) -> tuple[list[str], int]:
    """Differences between two versions in sentences, and how many more there are."""
    found = versions.sentences(versions.diff(before, after), before, after)
    return [telling.say(one, language) for one in found[:SENTENCES]], max(len(found) - SENTENCES, 0)


# What a press does


def _changed(desk: Desk) -> Response:
    form, tool, now = request.form, desk.tool, desk.tool.now()
    upload = request.files.get("file")
    if upload is not None and upload.filename:
        return _weighed(desk, upload.read())
    if any(name in form for name in ("back", "approve", "decline", "keep")):
        return _decided(desk, form)
    edit = edit_of(form, tool.new_token())
    why = form.get("why", "").strip()[:500]
    try:
        did, _ = said(desk, (edit,))
        if desk.edits:
            editions.enter(
                tool.storage,
                desk.name,
                (edit,),
                kind=editions.GRAPH,
                why=why,
                by=desk.by,
                id_=tool.new_token(),
                now=now,
            )
            return show(ruling.again(desk), told="entered", did=did)
        editions.settled(desk.taught, (edit,))
    except curriculum_errors.InvalidEdit as error:
        return show(desk, problems=[telling.say(one, desk.language) for one in error.problems], typed=form)
    made = Proposal(id=tool.new_token(), kind=editions.GRAPH, edits=(edit,), why=why, made=int(now))
    proposals.propose(tool.storage, desk.name, [made], by=desk.by, now=now)
    return show(desk, told="proposed", did=did)


def edit_of(form: Mapping[str, str], id_: str) -> Edit:
    """The edit that a form of the graph asks for; what it lacks is refused by the act.

    Raises:
        errors.PageRefused: There is no such form.
    """

    def text(name: str) -> str:
        return form.get(name, "").strip()[:500]

    def both(name: str) -> dict[str, str]:
        return {language: text(f"{name}_{language}") for language in check.LANGUAGES}

    act, subject = form.get("act", ""), text("subject")
    values: Mapping[str, Callable[[], dict[str, Any]]] = {
        "skill.add": lambda: _skill(both, text),
        "skill.change": lambda: {"name": both("name"), "difficulty": whole(text("difficulty"))},
        "skill.retire": dict,
        "edge.add": lambda: {"prerequisite": text("other"), "because": both("because")},
        "edge.retire": lambda: {"prerequisite": text("other")},
        "target.set": lambda: {"skill": text("other"), "level": whole(text("level"))},
        "target.retire": lambda: {"skill": text("other")},
        "misconception.change": lambda: {"name": both("name")},
    }
    if act not in values:
        raise errors.PageRefused("not_found", "act")
    return Edit(id_, act, subject, values[act]())


def _skill(both: Callable[[str], dict[str, str]], text: Callable[[str], str]) -> dict[str, Any]:
    needed = text("other")
    return {
        "name": both("name"),
        "area": text("area"),
        "kind": text("kind") or "skill",
        "difficulty": whole(text("difficulty")),
        **({"prerequisites": [needed], "because": {needed: both("because")}} if needed else {}),
    }


def whole(text: str) -> int | str:
    """A whole number; what is none stays as it was typed, for the sentence that says so."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else text


def _decided(desk: Desk, form: Mapping[str, str]) -> Response:
    """Keep ours against an upgrade, or take back, approve, decline: for those who may edit."""
    if "keep" in form:
        if not desk.edits:
            raise errors.PageRefused("permission_missing", "editors")
        kept = editions.keep(desk.tool.storage, desk.name, form["keep"][:255], by=desk.by, now=desk.tool.now())
        return show(ruling.again(desk), told="kept" if kept else "gone")
    told, problems = deciding.decided(desk, form, MINE)
    return show(desk, problems=problems) if problems else show(ruling.again(desk), told=told)


def _weighed(desk: Desk, data: bytes) -> Response:
    """Postings from a file: what each role would ask for then, as a proposal a role."""
    tool, catalog = desk.tool, desk.taught.catalog

    def why(count: int, role: str) -> str:
        return desk.say("graph.demand.why", count=count, role=catalog.roles[role].name[desk.language])

    try:
        made, new = imports.postings(
            tool.storage, desk.taught, data, where=desk.say("graph.file"), why=why, by=desk.by, now=tool.now()
        )
    except curriculum_errors.InvalidPostings as error:
        return show(desk, problems=error.problems[:SENTENCES])
    return show(desk, told="weighed" if new else "known" if made else "unmoved")


# Versions


def _versions(desk: Desk) -> Response:
    """All versions, the differences between two, and where an upgrade met a change of the institution."""
    tool, form, language = desk.tool, request.form, desk.language
    listed = editions.history(tool.storage, desk.name)
    numbers = [one.number for one in listed]
    newest = numbers[0] if numbers else 0
    older, newer = (_number(form.get(name, ""), [*numbers, 0]) for name in ("older", "newer"))
    older = max(newest - 1, 0) if older is None else older
    newer = newest if newer is None else newer
    before, after = (editions.version(tool.storage, desk.name, number) for number in (older, newer))
    did, more = told_of(before, after, language)
    merged = versions.upstream(
        desk.taught.shipped, [pair for one in desk.taught.changes for pair in zip(one.edits, one.before, strict=True)]
    )
    owner = {edit.id: one.id for one in desk.taught.changes for edit in one.edits}
    return ruling.page(
        desk,
        "versions.html",
        "versions",
        listed=[(one.number, ruling.moment(one.made), versions.short(one.digest), len(one.changes)) for one in listed],
        shipped=versions.short(versions.digest(desk.taught.shipped)),
        older=older,
        newer=newer,
        did=did,
        more=more,
        conflicts=[
            {
                "id": owner[one.edit.id],
                "subject": one.edit.subject,
                "act": desk.say(f"edited.{one.edit.act}"),
                "field": one.field,
                "theirs": text(one.theirs, language),
                "ours": text(one.ours, language),
                "problems": [telling.say(problem, language) for problem in one.problems],
            }
            for one in merged.conflicts
        ],
        needless=[(owner[one.id], one.subject, desk.say(f"edited.{one.act}")) for one in merged.needless],
        same_model=desk.taught.catalog.fingerprint == catalogs.load(desk.name).fingerprint,
    )


def _number(value: str, known: Sequence[int]) -> int | None:
    return int(value) if value.isascii() and value.isdigit() and len(value) < 7 and int(value) in known else None


def text(value: object, language: str) -> str:
    """A value of a field as a reader takes it."""
    return telling.say(telling.sentence("version.value", value=versions.fact(value)), language)
