"""The page of one dated rule for a class: what changed, before and after, questions, something to discuss. Floor 3.

Whoever may propose rules sees the answers below the questions; learners get the page without them, by a link of their
course or from a lesson. It is made to be printed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from flask import Blueprint, Response, request

from curriculum import freshness, leaflets, rules
from curriculum.catalog import Catalog, Rule
from curriculum.leaflets import Example, Leaflet
from curriculum.practice.task import Question, Words
from lti_tool import bearer, emit, errors, permissions, texts
from lti_tool.pages import answers, casework, lesson, reasons, rulebook, seats
from lti_tool.pages.casework import Paper
from lti_tool.pages.gate import Guest
from lti_tool.pages.seats import Seat
from lti_tool.permissions import Permission
from lti_tool.texts import Say
from lti_tool.tool import Tool

RULE = "rule"
"""The activity of a link."""


@dataclass(frozen=True)
class Side:
    """One day of a row: what was asked, the value, the calculation."""

    asked: str
    value: str
    working: tuple[str, ...]


@dataclass(frozen=True)
class Shown:
    """Before and after: which sort, the days, an order with its documents, and the rows."""

    sort: str
    until: str
    since: str
    story: str
    papers: list[Paper]
    rows: list[tuple[str, Side, Side]]


@dataclass(frozen=True)
class Asked:
    """A question: the situation, what is asked, what can be chosen, and the answer with its reason."""

    story: str
    question: str
    form: str
    lefts: list[str]
    options: list[str]
    right: str
    why: str


@dataclass(frozen=True)
class Page:
    """The whole page; `skills` are id, name, and whether there is a lesson."""

    id: str
    name: str
    place: str
    statement: str
    status: str
    days: str
    confidence: str
    caveat: str
    instrument: str
    sources: tuple[str, ...]
    skills: list[tuple[str, str, bool]]
    examples: list[Shown]
    questions: list[Asked]
    talk: str


def blueprint(tool: Tool) -> Blueprint:
    """The page's own forms."""
    views = Blueprint("leaflet", __name__)

    @views.post("/lti/leaflet")
    def go() -> Response:
        return _shown(seats.of_form(tool), request.form.get("rule", ""))

    return views


def open_(tool: Tool, guest: Guest) -> Response:
    """What a link to a rule opens.

    Raises:
        errors.PageRefused: There is no such rule.
    """
    seat = seats.seated(tool, guest)
    page = _shown(seat, "")
    if guest.person.learns:
        emit.put(tool.emitter, [emit.launched(guest.person, tool.settings.url, new_id=tool.new_id, now=tool.now())])
    return page


def _shown(seat: Seat, wanted: str) -> Response:
    """The page of the rule of the link, or of the one that a page asks for.

    Raises:
        errors.PageRefused: There is no such rule.
    """
    tool, person, language = seat.tool, seat.person, seat.language
    linked = person.opens == RULE
    today = datetime.fromtimestamp(tool.now(), UTC).date()
    found = leaflets.of(seat.catalog, person.subject if linked else wanted, today)
    if found is None:
        raise errors.PageRefused("activity_unknown", "custom.rule" if linked else "rule")
    say = texts.speaker(language)
    return answers.page(
        "leaflet.html",
        tool,
        language,
        seat.guest.frames,
        page=view(found, seat.catalog, freshness.status(found.rule, today), language, say),
        answered=Permission.PROPOSE in permissions.of(person.roles),
        linked=linked,
        lesson=request.form.get("skill", "")[:255],
        at=request.form.get("at", "")[:255],
        bearer=bearer.sign(person, language, tool.bearer_key, tool.now),
    )


def view(found: Leaflet, catalog: Catalog, status: str, language: str, say: Say) -> Page:
    """What the template shows: pure.

    Args:
        found: The rule on one page.
        catalog: As the institution teaches it.
        status: Of the rule, as `freshness.status` says.
        language: "en" or "zh".
        say: The words.
    """
    rule = found.rule
    return Page(
        id=rule.id,
        name=found.name[language],
        place=rule.jurisdiction,
        statement=rule.statement[language],
        status=status,
        days=rulebook.days(rule, say),
        confidence=rule.confidence,
        caveat=rule.caveat,
        instrument=rule.instrument,
        sources=rules.addresses(rule),
        skills=[(name, catalog.skills[name].name[language], lesson.has(catalog, name)) for name in rule.affects],
        examples=[_example(one, language) for one in found.examples],
        questions=[_question(one, rule, language, say) for one in found.questions],
        talk=found.talk[language],
    )


def _example(one: Example, language: str) -> Shown:
    return Shown(
        sort=one.sort,
        until=reasons.day(one.until, language),
        since=reasons.day(one.since, language),
        story=one.story.get(language, ""),
        papers=[casework.paper(table, language) for table in one.tables],
        rows=[
            (
                row.name[language],
                _side(row.asked[:1], row.before, row.working[0], language),
                _side(row.asked[1:], row.since, row.working[1], language),
            )
            for row in one.rows
        ],
    )


def _side(asked: Sequence[Words], value: Words, working: tuple[str, ...], language: str) -> Side:
    return Side("".join(one[language] for one in asked), value[language], working)


def _question(one: Question, rule: Rule, language: str, say: Say) -> Asked:
    """A question with its answer; what the page's own rule says is not said once more."""
    step = one.step
    told = step.basis[language] if step.rule is None else reasons.rule(step.rule, language, say)
    if step.rule == rule:
        told = ""
    return Asked(
        story=one.case.story[language],
        question=step.question[language],
        form=step.form,
        lefts=[option.text[language] for option in step.lefts],
        options=[option.text[language] for option in step.options],
        right=leaflets.right(step)[language],
        why={"en": " ", "zh": ""}[language].join(filter(None, (step.explanation[language], told))),
    )
