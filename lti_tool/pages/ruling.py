"""The pages of dated rules: what holds when, news into a draft, a draft into a rule, and back. Floor 3.

Two presses bring a piece of news into force: the draft, and the approval. Nothing is kept of a draft until then;
whoever may only propose leaves it for somebody who may edit. A rule begins and ends at 00:00 UTC of its day, everywhere
at once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any

from flask import Blueprint, Response, request

from curriculum import contents, freshness, intake, telling
from curriculum import errors as curriculum_errors
from curriculum.acts import Edit
from curriculum.intake import News
from lti_tool import bearer, editions, errors, imports, permissions, proposals, texts
from lti_tool import learner as learners
from lti_tool.editions import Change, Taught
from lti_tool.pages import answers, gate, rulebook
from lti_tool.pages.gate import Guest
from lti_tool.pages.rulebook import Form
from lti_tool.proposals import Proposal
from lti_tool.texts import Say
from lti_tool.tool import Tool
from xapi_collector import agents

CODE = 6
LINES = 20


@dataclass(frozen=True)
class Desk:
    """A request's view of the catalog: who sits there, what is taught, what they may do.

    Attributes:
        tool: The running tool.
        guest: Who asks, in the language of the page.
        taught: The catalog of the launch.
        edits: Whether their changes hold at once.
    """

    tool: Tool
    guest: Guest
    taught: Taught
    edits: bool

    @property
    def name(self) -> str:
        """Of the catalog."""
        return self.taught.edition.catalog

    @property
    def by(self) -> str:
        """Pseudonym of who sits there."""
        return agents.pseudonym(learners.agent(self.guest.person), self.tool.keyring.pseudonym_key)

    @property
    def language(self) -> str:
        """Of the page."""
        return self.guest.language

    @property
    def say(self) -> Say:
        """The words."""
        return texts.speaker(self.guest.language)

    @property
    def day(self) -> date:
        """Today, UTC: what rules and their pages go by."""
        return datetime.fromtimestamp(self.tool.now(), UTC).date()


def blueprint(tool: Tool) -> Blueprint:
    """The pages' own forms."""
    views = Blueprint("ruling", __name__)

    @views.post("/lti/rules")
    def listed() -> Response:
        return show(seated(tool))

    @views.post("/lti/rules/draft")
    def drafted() -> Response:
        return _drafted(seated(tool))

    @views.post("/lti/rules/settle")
    def settled() -> Response:
        return _settled(seated(tool))

    return views


def seated(tool: Tool) -> Desk:
    """The catalog of whoever posted a form.

    Raises:
        errors.PageRefused: The launch named a catalog that does not exist.
    """
    guest = gate.guest()
    guest = replace(guest, language=texts.choose(request.form.get("language"), guest.language))
    try:
        found = editions.taught(tool.storage, tool.shelf, guest.person.catalog, tool.now())
    except curriculum_errors.UnknownCatalog as error:
        raise errors.PageRefused("catalog_unknown", "custom.catalog") from error
    return Desk(tool, guest, found, permissions.edits(guest.person.roles, tool.settings.editors))


def show(desk: Desk, told: str = "", problems: Sequence[str] = ()) -> Response:
    """The list of rules, what is stale, what waits, and what was changed."""
    tool, name, language, say = desk.tool, desk.name, desk.language, desk.say
    looked = editions.looked(tool.storage, name)
    catalog = desk.taught.catalog
    found = freshness.findings(catalog, rulebook.everything(catalog), desk.day, looked=looked, since=catalog.dated)
    stale, more = rulebook.stale(found, catalog, language, say)
    changes = [one for one in desk.taught.changes if one.kind == editions.RULE]
    own = frozenset(edit.subject for one in changes for edit in one.edits)
    rows = rulebook.rows(catalog, desk.day, own=own, looked=looked, language=language, say=say)
    return page(
        desk,
        "rules.html",
        "rules",
        rows=rows,
        counts=Counter(row.status for row in rows),
        lately=rulebook.lately(catalog, desk.day, language),
        lately_days=rulebook.LATELY,
        stale=stale,
        more=more,
        waiting=[one for one in proposals.waiting(tool.storage, name) if one.kind == editions.RULE],
        changes=list(reversed([changed(one, desk) for one in changes])),
        log=lines(desk),
        told=told,
        problems=problems,
        today=desk.day.isoformat(),
    )


def changed(one: Change, desk: Desk) -> Mapping[str, str]:
    """A change in the list of those that hold."""
    return {
        "id": one.id,
        "words": "; ".join(f"{desk.say(f'edited.{edit.act}')} {edit.subject}" for edit in one.edits[:3])
        + (" …" if len(one.edits) > 3 else ""),
        "why": one.why,
        "source": one.source if one.source.startswith(("https://", "http://")) else "",
        "made": moment(one.made),
    }


def lines(desk: Desk) -> list[Mapping[str, str]]:
    """The log: when, the code of who, what, about what; a change that holds by its words, another by a short id."""
    held = {one.id: changed(one, desk)["words"] for one in desk.taught.changes}
    return [
        {
            "when": moment(one.at),
            "code": one.by[:CODE] or "–",
            "act": desk.say(f"editing.act.{one.act}"),
            "subject": held.get(one.subject)
            or (
                rulebook.called(desk.taught.catalog, one.subject, desk.language, desk.say)
                if one.act == editions.SEEN
                else one.subject[:CODE]
            ),
        }
        for one in editions.lines(desk.tool.storage, desk.name, limit=LINES)
    ]


def moment(seconds: float) -> str:
    """A moment to the minute, UTC."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M UTC")


def page(desk: Desk, template: str, here: str, **values: Any) -> Response:
    """Render a page of the catalog."""
    tool, guest = desk.tool, desk.guest
    return answers.page(
        template,
        tool,
        desk.language,
        guest.frames,
        here=here,
        catalog=desk.taught.catalog,
        edition=desk.taught.edition,
        edits=desk.edits,
        sees_class=permissions.Permission.SEE_CLASS in permissions.of(guest.person.roles),
        left=[(edit, [telling.say(one, desk.language) for one in why]) for edit, why in desk.taught.left],
        bearer=bearer.sign(guest.person, desk.language, tool.bearer_key, tool.now),
        **values,
    )


# Drafts


def _drafted(desk: Desk) -> Response:
    """A draft: of pasted news, of a proposal, or of a rule that is there."""
    form = request.form
    upload = request.files.get("file")
    if upload is not None and upload.filename:
        return _imported(desk, upload.read())
    if form.get("rule"):
        return _of_rule(desk, form["rule"][:255])
    if form.get("proposal"):
        return _of_proposal(desk, form["proposal"][:255])
    text = form.get("text", "").strip()
    if not text:
        return show(desk, problems=[desk.say("rules.problem.empty")])
    told = _told(form.get("told", ""), desk.day)
    news = News(
        text[: intake.LONGEST], form.get("source", "").strip()[:2000], told, form.get("title", "").strip()[:500]
    )
    return _form(desk, _of_news(desk, news))


def _of_news(desk: Desk, news: News, proposal: str = "") -> Form:
    made = intake.draft(desk.taught.known, news)
    catalog = desk.taught.catalog
    return rulebook.of_draft(
        made, news, catalog, rulebook.everything(catalog), language=desk.language, say=desk.say, proposal=proposal
    )


def _of_rule(desk: Desk, id_: str) -> Response:
    """The form of a rule that is there."""
    plain = next((one for one in desk.taught.mapping["rules"] if one["id"] == id_), None)
    if plain is None:
        raise errors.PageRefused("not_found", "rule")
    values = {**rulebook.of_rule(plain), "act": rulebook.CHANGES, "other": id_, "id": id_}
    return _form(desk, _filled(desk, values, plain["affects"]))


def _of_proposal(desk: Desk, id_: str) -> Response:
    """The form of what somebody proposed: as they filled it, or as the draft of the news that an import brought."""
    found = proposals.find(desk.tool.storage, desk.name, id_)
    if found is None or found.state != proposals.OPEN or found.kind != editions.RULE:
        return show(desk, told="gone")
    if not found.edits:
        told = _told(found.told, desk.day)
        return _form(desk, _of_news(desk, News(found.text, found.source, told, found.title), found.id))
    edit = found.edits[0]
    act = rulebook.ENDS if edit.act == "rule.end" else rulebook.CHANGES if edit.act == "rule.change" else rulebook.NEW
    replaced = str(edit.value.get("replaces") or "")
    values = {
        **rulebook.of_rule(edit.value),
        "act": rulebook.REPLACES if replaced else act,
        "other": replaced or edit.subject,
        "id": edit.subject,
        "why": found.why,
        "text": found.text,
        "told": found.told,
    }
    return _form(desk, _filled(desk, values, edit.value.get("affects") or (), proposal=found.id))


def _filled(desk: Desk, values: Mapping[str, str], affects: Sequence[str], **more: Any) -> Form:
    """A form with what was typed, and the skills that its words are like."""
    catalog, known = desk.taught.catalog, desk.taught.known
    values = {**values, "act": values["act"] if values.get("act") in rulebook.ACTS else rulebook.NEW}
    words = " ".join((values.get("statement_en", ""), values.get("statement_zh", ""), values.get("text", "")))
    offered = dict.fromkeys((*affects, *(name for name, _ in intake.affected(known, words))))
    other = values.get("other", "")
    near = dict.fromkeys(
        (*((other,) if other in catalog.rules else ()), *(name for name, _ in intake.similar(known, words)))
    )
    listed = contents.touched(rulebook.everything(catalog), affects, [other])[: rulebook.TOUCHED]
    return Form(
        values=values,
        affects=tuple(affects),
        choices=rulebook.choices(catalog, offered, affects, desk.language),
        similar=[(name, catalog.rules[name].statement[desk.language]) for name in near],
        touched=[(one.kind, one.name.get(desk.language) or one.id) for one in listed],
        **more,
    )


def _form(desk: Desk, form: Form) -> Response:
    return page(desk, "rule_draft.html", "rules", form=form, confidences=rulebook.confidences(), acts=rulebook.ACTS)


def _told(text: str, today: date) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return today


def _imported(desk: Desk, data: bytes) -> Response:
    """Many pieces of news from a file: each waits for somebody who reads it."""
    tool = desk.tool
    where = desk.say("rules.file")
    try:
        new = imports.news(tool.storage, desk.taught, data, where=where, by=desk.by, now=tool.now())
    except curriculum_errors.InvalidNews as error:
        return show(desk, problems=error.problems)
    return show(desk, told="imported" if new else "known")


# What a press does


def _settled(desk: Desk) -> Response:
    form, tool, now = request.form, desk.tool, desk.tool.now()
    if "look" in form:
        if form["look"] not in desk.taught.catalog.rules and not _teaches(desk, form["look"]):
            raise errors.PageRefused("not_found", "look")
        editions.look(tool.storage, desk.name, [form["look"]], by=desk.by, now=now)
        return show(desk, told="looked")
    if "back" in form or "decline" in form:
        if not desk.edits:
            raise errors.PageRefused("permission_missing", "editors")
        return _undone(desk, form)
    return _approved(desk)


def _teaches(desk: Desk, id_: str) -> bool:
    return any(one.id == id_ for one in rulebook.everything(desk.taught.catalog))


def _undone(desk: Desk, form: Mapping[str, str]) -> Response:
    tool, now = desk.tool, desk.tool.now()
    if "decline" in form:
        done = proposals.decline(tool.storage, desk.name, form["decline"][:255], by=desk.by, now=now)
        return show(desk, told="declined" if done else "gone")
    try:
        made = editions.back(tool.storage, desk.name, form["back"][:255], by=desk.by, now=now)
    except curriculum_errors.InvalidEdit as error:
        return show(desk, problems=[telling.say(one, desk.language) for one in error.problems])
    return show(again(desk), told="back" if made else "gone")


def again(desk: Desk) -> Desk:
    """The desk with what holds now."""
    with desk.tool.shelf.lock:
        desk.tool.shelf.read.pop(desk.name, None)
    taught = editions.taught(desk.tool.storage, desk.tool.shelf, desk.name, desk.tool.now())
    return replace(desk, taught=taught)


def _approved(desk: Desk) -> Response:
    """Enter what the form says, or propose it where the person may not edit; the form comes back with what is wrong."""
    tool, now = desk.tool, desk.tool.now()
    values, affects = rulebook.typed(request.form), request.form.getlist("affects")[:50]
    extra = request.form.get("also", "")
    if extra and extra not in affects:
        affects.append(extra)
    proposal = request.form.get("proposal", "")[:255]
    edit = rulebook.edit_of(values, affects, tool.new_token())
    if isinstance(edit, list):
        return _wrong(desk, values, affects, proposal, edit)
    try:
        if desk.edits:
            _enter(desk, edit, values, proposal)
            return show(again(desk), told="approved")
        # Whoever approves it must find nothing to mend: it is tried on the catalog, and not kept.
        editions.settled(desk.taught, (edit,))
    except curriculum_errors.InvalidEdit as error:
        return _wrong(desk, values, affects, proposal, error.problems)
    made = Proposal(
        id=tool.new_token(), kind=editions.RULE, edits=(edit,), why=values["why"], made=int(now), text=values["text"],
        title=values["title"], source=_first(values["source"]), told=values["told"],
    )  # fmt: skip
    proposals.propose(tool.storage, desk.name, [made], by=desk.by, now=now)
    if proposal:
        proposals.supersede(tool.storage, desk.name, proposal)
    return show(desk, told="proposed")


def _enter(desk: Desk, edit: Edit, values: Mapping[str, str], proposal: str) -> None:
    tool, now = desk.tool, desk.tool.now()
    if proposal:
        made = proposals.approve(
            tool.storage, desk.name, proposal, (edit,), why=values["why"], by=desk.by, change=tool.new_token(), now=now
        )
        if made is not None:
            return
    editions.enter(
        tool.storage,
        desk.name,
        (edit,),
        kind=editions.RULE,
        why=values["why"],
        source=_first(values["source"]),
        by=desk.by,
        id_=tool.new_token(),
        now=now,
    )


def _wrong(
    desk: Desk, values: Mapping[str, str], affects: Sequence[str], proposal: str, problems: Sequence[telling.Sentence]
) -> Response:
    said = [telling.say(one, desk.language) for one in problems]
    return _form(desk, _filled(desk, values, affects, proposal=proposal, problems=said))


def _first(text: str) -> str:
    return next((one.strip() for one in text.splitlines() if one.strip()), "")
