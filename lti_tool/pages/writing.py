"""The page on which a question is written: its form, what is wrong with it, and the question tried as learners see it.

Floor 3. Nothing is kept before it is entered: what was typed travels in the form, also to another language of the page,
and comes back whole with every problem beside its field.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from flask import Response, request

from curriculum import bank, practice
from curriculum import errors as curriculum_errors
from curriculum.bank import trial
from curriculum.bank.entry import BLOOM
from curriculum.bank.sound import UNITS
from curriculum.practice import answers as written
from curriculum.practice.task import MATCH, NUMBER, Question
from lti_tool import editions, errors, proposals
from lti_tool.pages import casework, questionfault, questionform, questionview, ruling
from lti_tool.pages.casework import Screen
from lti_tool.pages.questionfault import Fault
from lti_tool.pages.questionform import Plain, Typed
from lti_tool.pages.questionview import Example
from lti_tool.pages.ruling import Desk

TRYING = frozenset({"try", "answer", "unknown", "next"})
LONGEST = 60
"""Letters of a rule and of a line of a match, where one is chosen."""
_FIRST = {"option": "text_{}_en", "pair": "left_{}_en", "spare": "spare_{}_en", "draw": "draw_{}", "with": "with_{}"}
_WRONG = {MATCH: "from_{}", NUMBER: "value_{}"}


@dataclass(frozen=True)
class Tried:
    """A question that is not entered yet, as it comes out.

    Attributes:
        screen: As learners see it.
        feedback: On the answer that was tried; None where none was.
        examples: Draws of a number question.
        wrongs: What is said to wrong answers.
    """

    screen: Screen
    feedback: Screen | None
    examples: list[Example]
    wrongs: list[tuple[str, str, str]]


def write(desk: Desk) -> Response:
    """The form: empty for a skill, of a question that is there or waits, or with what was typed."""
    form, catalog = request.form, desk.taught.catalog
    if form.get("typed") or form.get("act") in TRYING:
        return page(desk, typed(), tried=form.get("act") in TRYING)
    if form.get("proposal"):
        return page(desk, _waiting(desk, form["proposal"][:255]))
    if form.get("id"):
        found = next((one for one in catalog.questions if one["id"] == form["id"]), None)
        if found is None:
            raise errors.PageRefused("not_found", "id")
        return page(desk, questionform.filled(found, questionview.causes(desk, [found])))
    skill, kind = form.get("skill", ""), form.get("kind", "")
    if skill not in catalog.skills or kind not in questionform.KINDS:
        raise errors.PageRefused("not_found", "skill")
    return page(desk, questionform.blank(skill, kind, catalog))


def _waiting(desk: Desk, id_: str) -> Typed:
    """The form of a question that waits: an import knows only a part of it.

    Raises:
        errors.PageRefused: It waits no more.
    """
    found = proposals.find(desk.tool.storage, desk.name, id_)
    if found is None or found.kind != editions.QUESTION or found.state != proposals.OPEN:
        raise errors.PageRefused("not_found", "proposal")
    listed = found.edits[0].value.get("questions") or []
    if len(listed) != 1:
        raise errors.PageRefused("not_found", "proposal")
    filled = questionform.filled(listed[0], found.edits[0].value.get("misconceptions") or ())
    return Typed(filled.kind, {**filled.values, "proposal": id_})


def typed() -> Typed:
    """What the form holds; of boxes with one name, all that are ticked."""
    return questionform.typed({**request.form.to_dict(), "also": ",".join(request.form.getlist("also"))})


def document(desk: Desk, filled: Typed) -> tuple[Plain, list[Fault]]:
    """What a form says, tried: the document, or what is wrong with it."""
    catalog, say = desk.taught.catalog, desk.say
    if filled.kind == questionform.YAML:
        try:
            return trial.read(filled.values.get("text", ""), say("question.text"), catalog), []
        except curriculum_errors.InvalidBank as refused:
            # Whoever writes YAML is helped by paths and lines, which a form has none of.
            return {}, [Fault((), "", one, foreign=True) for one in refused.problems]
    made = questionform.document(filled, desk.tool.new_token())
    try:
        tried = trial.tried(made.document, say("question.form"), catalog)
    except curriculum_errors.InvalidBank as refused:
        return {}, questionfault.faults(refused.problems, made, filled.values, say)
    return tried, questionfault.faults((), made, filled.values, say)


def page(desk: Desk, filled: Typed, faults: list[Fault] | None = None, *, tried: bool = False) -> Response:
    """The form with what was typed.

    Args:
        desk: The catalog of whoever writes.
        filled: What the form holds.
        faults: What is wrong with it, where it was not taken in.
        tried: Whether the question is shown as it comes out.
    """
    catalog, language, say = desk.taught.catalog, desk.language, desk.say
    found = faults or []
    shown: Tried | None = None
    seed = _seed()
    if tried:
        tree, found = document(desk, filled)
        shown = None if found else _tried(desk, tree, seed)
    skill = filled.values.get("skill", "")
    at = questionfault.by_field(found)
    lists = questionform.ROWS[filled.kind]
    rows = {name: filled.rows(name) for name in lists}
    return ruling.page(
        desk,
        "question_form.html",
        "questions",
        form=filled.values,
        kind=filled.kind,
        name=catalog.skills[skill].name[language] if skill in catalog.skills else "",
        faults=found[: questionview.PROBLEMS],
        at=at,
        focus=next(iter(at), "") or _added(filled, rows),
        lacks=[f"{base}_{missing}" for base, missing in questionform.lacking(filled).items()],
        where=lambda field: questionfault.where(field.rpartition("_")[0], say),
        rows=rows,
        open={name for name, (_, most) in lists.items() if rows[name] < most},
        lefts=[("", "–"), *_lines(filled, "pair", "left", language, say("qform.line"))],
        ends=[
            ("", "–"),
            *_lines(filled, "pair", "end", language, say("qform.line")),
            *_lines(filled, "spare", "spare", language, say("qform.left_over")),
        ],
        causes=_causes(desk, filled),
        blooms=[(one, say(f"question.bloom.{one}")) for one in BLOOM],
        levels=[(str(one), str(one)) for one in range(1, 6)],
        units=[(one, one or "–") for one in UNITS],
        rules=[("", say("question.rule.none")), *_rules(desk, filled)],
        also=_also(desk, filled),
        tried=shown is not None,
        seed=seed,
        screen=shown and shown.screen,
        feedback=shown and shown.feedback,
        examples=shown.examples if shown else (),
        wrongs=shown.wrongs if shown else (),
    )


def answered(desk: Desk, made: Question, act: str, given: str) -> tuple[str, Screen | None]:
    """What comes of an answer that somebody tries: why it could not be read, or the feedback.

    Args:
        desk: Who tries.
        made: The question.
        act: "answer", or "unknown" to be shown the answer; nothing comes of anything else.
        given: Keys or text.
    """
    if act not in {"answer", "unknown"}:
        return "", None
    verdict = practice.shown(made.step) if act == "unknown" else practice.grade(made.step, given)
    if not verdict.counts:
        return verdict.problem, None
    kept = "" if verdict.given is None else written.kept(verdict.given)
    return "", casework.feedback(questionview.task(made), questionview.attempt(made, kept), 0, desk.language)


def sent() -> str:
    """The answer of the form, as practice takes it."""
    return ",".join(request.form.getlist("answer"))[: written.LONGEST]


def _tried(desk: Desk, tree: Plain, seed: int) -> Tried:
    made, whole = trial.bank_of(tree, desk.taught.catalog)
    entry = next(iter(made.entries.values()))
    question = bank.drawn(whole, entry, desk.taught.catalog, seed, desk.day)
    act, given = request.form.get("act", ""), sent()
    problem, feedback = answered(desk, question, act, given)
    screen = casework.question(
        questionview.task(question),
        questionview.attempt(question),
        desk.language,
        problem=problem,
        typed=given,
    )
    return Tried(
        screen,
        feedback,
        questionview.examples(desk, entry, whole) if entry.form == NUMBER else [],
        questionview.wrongs(question, desk.language),
    )


def _seed() -> int:
    """Which draw is shown; another one where that is asked for."""
    text = request.form.get("seed", "")
    seed = int(text) if text.isascii() and text.isdigit() and len(text) < 7 else 1
    return seed + 1 if request.form.get("act") == "next" else seed


def _added(filled: Typed, rows: Mapping[str, int]) -> str:
    """The field to write in where a row was added."""
    name = request.form.get("more", "")
    if name not in rows:
        return ""
    return _FIRST.get(name, _WRONG.get(filled.kind, "spelt_{}")).format(rows[name] - 1)


def _lines(filled: Typed, name: str, field: str, language: str, called: str) -> Iterator[tuple[str, str]]:
    """Lines of a match to choose from: by number, with what was typed in them."""
    for row in range(filled.rows(name)) if name in questionform.ROWS[filled.kind] else ():
        text = filled.values.get(f"{field}_{row}_{language}", "").strip()
        yield f"{name}_{row}", f"{called} {row + 1}: {text[:LONGEST]}" if text else f"{called} {row + 1}"


def _causes(desk: Desk, filled: Typed) -> list[tuple[str, str]]:
    """The wrong ways of thinking on the skill, and those of others that the form names."""
    catalog, skill = desk.taught.catalog, filled.values.get("skill", "")
    named = {**bank.whole(catalog).misconceptions, **catalog.misconceptions}
    chosen = {value for name, value in filled.values.items() if name.startswith("cause_")}
    near = [one for one in named.values() if one.skill == skill]
    far = [one for one in named.values() if one.skill != skill and one.id in chosen]
    return [(one.id, one.name[desk.language]) for one in (*near, *far)]


def _rules(desk: Desk, filled: Typed) -> Iterator[tuple[str, str]]:
    """The dated rules that change the skill, and the one that the form names."""
    skill, named = filled.values.get("skill", ""), filled.values.get("rule", "")
    for one in desk.taught.catalog.rules.values():
        if skill in one.affects or one.id == named:
            yield one.id, f"{one.id}: {one.statement[desk.language][:LONGEST]}"


def _also(desk: Desk, filled: Typed) -> list[tuple[str, str, bool]]:
    """Other skills that the question may need: what comes before its own, and what the form names."""
    catalog, chosen = desk.taught.catalog, filled.values.get("also", "").split(",")
    skill = filled.values.get("skill", "")
    before = catalog.skills[skill].prerequisites if skill in catalog.skills else ()
    listed = dict.fromkeys((*before, *(one for one in chosen if one in catalog.skills)))
    return [(one, catalog.skills[one].name[desk.language], one in chosen) for one in listed]
