"""What the picker's second page shows, as plain data for its template: pure. Floor 3.

Each chosen thing as the course will have it, to be named and set. What was typed comes back from the form and is kept
from page to page.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from curriculum import practice
from curriculum.catalog import Catalog
from lti_tool import learner as learners
from lti_tool import texts
from lti_tool.deep_linking import choices, request
from lti_tool.deep_linking.answer import Item
from lti_tool.deep_linking.choices import Choice
from lti_tool.deep_linking.request import Request
from lti_tool.exercises import CASE, EXAM, QUIZ
from lti_tool.pages import offering

TRIED = (CASE, QUIZ)
"""What may have several tries a step."""


@dataclass(frozen=True)
class Row:
    """A chosen thing on the second page; `tries` and `timed` are 0 and empty where it has no such setting."""

    key: str
    kind: str
    name: str
    sees: str
    title: str
    text: str
    gradable: bool
    graded: bool
    grade: str
    place: str
    tries: int = 0
    timed: str = ""
    minutes: int = 0


def rows(
    chosen: Sequence[Choice], typed: Mapping[str, str], asked: Request, catalogs: Mapping[str, Catalog], language: str
) -> list[Row]:
    """The chosen things, with what was typed about them or with what we propose."""
    alone = len(chosen) == 1
    return [_row(choice, typed, asked, catalogs[choice.catalog], language, alone=alone) for choice in chosen]


def item(choice: Choice, row: Row, asked: Request) -> Item:
    """A row of the second page as what goes into the course."""
    graded = row.graded and row.gradable and asked.lineitem is not False
    settings = {"tries": str(row.tries)} if row.tries > 1 else {"timed": row.timed} if row.timed else {}
    return Item(choice, row.title, row.text, graded, row.place, settings)


def _row(
    choice: Choice, typed: Mapping[str, str], asked: Request, catalog: Catalog, language: str, *, alone: bool
) -> Row:
    say, key = texts.speaker(language), choice.key
    proposed = {one: title(choice, catalog, one) for one in texts.LANGUAGES}
    written = request.line(typed.get(f"title:{key}", asked.title if alone else ""))
    place = typed.get(f"place:{key}", "")
    return Row(
        key=key,
        kind=say(f"picking.kind.{choice.activity}"),
        name=offering.name(choice, say, language),
        sees=say(_sees(choice), name=choice.name.get(language, ""), catalog=catalog.name[language]),
        # A proposal that nobody changed follows the language of the page.
        title=written if written and written not in proposed.values() else proposed[language],
        text=request.lines(typed.get(f"text:{key}", asked.text if alone else "")),
        gradable=choice.gradable,
        graded=typed.get(f"grade:{key}") == "yes"
        if f"seen:{key}" in typed
        else choice.activity in choices.GRADED_AT_FIRST,
        grade=say(f"picking.grade.{choice.activity}") if choice.gradable else "",
        place=place if place in asked.targets else next(iter(asked.targets), ""),
        tries=learners.tries(typed.get(f"tries:{key}")) if choice.activity in TRIED else 0,
        timed=_timed(choice, typed.get(f"timed:{key}", "")) if choice.activity == EXAM else "",
        minutes=choice.minutes,
    )


def _timed(choice: Choice, typed: str) -> str:
    """Whether an exam ends by itself: as somebody said, else as its plan says."""
    if typed in {"yes", "no"}:
        return typed
    return "yes" if any(plan.timed for plan in practice.plans() if plan.id == choice.subject) else "no"


def title(choice: Choice, catalog: Catalog, language: str) -> str:
    """The title that we propose for a choice."""
    say = texts.speaker(language)
    what = "path.role" if choice.role else choice.activity
    return say(f"picking.title.{what}", name=choice.name.get(language, ""), catalog=catalog.name[language])


def _sees(choice: Choice) -> str:
    return f"picking.sees.{'path.role' if choice.role else choice.activity}"
