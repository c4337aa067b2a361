"""What trains a skill: a practice case that has a step for it, or questions of the bank. Floor 3.

An activity of practice is named by its sort and a name: "case:freight", "quiz:cus.duty", "exam:standard",
"scene:packing", "team:eu.3".
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from typing import TypeVar

from curriculum import bank, errors, practice
from curriculum.bank.entry import Entry
from curriculum.catalog import Catalog
from curriculum.kits import own
from curriculum.practice import scenes, team, week_market
from curriculum.practice.task import Question, Step, Words

CATALOG = "cbec"
"""The catalog that cases and questions belong to."""
CASE, QUIZ, EXAM, SCENE, WEEK, TEAM = "case", "quiz", "exam", "scene", "week", "team"
BANK = "bank"
"""In place of a kind of case: the question is one of the bank."""
_Asked = TypeVar("_Asked", Step, Entry)


def of_skill(catalog: Catalog, skill: str) -> str:
    """The activity that trains a skill; empty where nothing does.

    Args:
        catalog: What there is to learn.
        skill: Id of a skill of it.
    """
    if catalog.id != CATALOG:
        return ""
    kind = practice.of_skill(skill)
    if kind is not None:
        return f"{CASE}:{kind.id}"
    return f"{QUIZ}:{skill}" if bank.has(skill, catalog) else ""


def minutes(catalog: Catalog, skill: str) -> float | None:
    """About how long one question on a skill takes; None where nothing asks one."""
    sort, _, _ = of_skill(catalog, skill).partition(":")
    kind = practice.of_skill(skill) if sort == CASE else None
    if kind is not None:
        return kind.minutes / kind.steps
    return bank.MINUTES if sort == QUIZ else None


def name(catalog: Catalog, activity: str) -> Words | None:
    """What a page calls an activity; None where it is there no more."""
    sort, _, id_ = activity.partition(":")
    if sort == QUIZ:
        return catalog.skills[id_].name if id_ in catalog.skills else None
    if sort == WEEK:
        return week_market.NAME
    if sort == TEAM:
        asked = team.read(id_)
        return None if asked is None else team.name(asked[0])
    cases = (*own.every(catalog), *scenes.kinds())
    known = cases if sort in {CASE, SCENE} else practice.plans() if sort == EXAM else ()
    return next((one.name for one in known if one.id == id_), None)


def there(catalog: Catalog, activity: str) -> bool:
    """Whether a catalog has an activity of practice; on some days there may be nothing to ask in it."""
    sort, _, id_ = activity.partition(":")
    return name(catalog, activity) is not None and (sort != QUIZ or bank.has(id_, catalog))


def asks(catalog: Catalog, skill: str, on: date) -> bool:
    """Whether there is a question on a skill on a day: what the bank has may have ended, or not begun.

    Args:
        catalog: What there is to learn.
        skill: Id of a skill of it.
        on: The day.
    """
    sort, _, _ = of_skill(catalog, skill).partition(":")
    return sort == CASE or (sort == QUIZ and bool(bank.asked(catalog, skill, on)))


def asking(catalog: Catalog, skill: str, seed: int, on: date, seen: Collection[str]) -> Question | None:
    """One question on a skill; None where there is none.

    Args:
        catalog: What there is to learn.
        skill: Id of a skill of it.
        seed: Makes its figures.
        on: Today.
        seen: Ids of steps and entries that were asked before: another one is asked where there is one.
    """
    sort, _, id_ = of_skill(catalog, skill).partition(":")
    if sort == CASE:
        made = practice.case(id_, seed, on, catalog)
        steps = [step for step in made.steps if step.skill == skill]
        return Question(made, _fresh(steps, seen)[0])
    there = _fresh(bank.asked(catalog, skill, on) if sort else (), seen)
    return bank.question(catalog, there[seed % len(there)].id, seed, on) if there else None


def _fresh(there: Sequence[_Asked], seen: Collection[str]) -> Sequence[_Asked]:
    """Those that were not asked yet; all of them where each was."""
    return [one for one in there if one.id not in seen] or there


def again(catalog: Catalog, kind: str, step: str, seed: int, on: date) -> Question | None:
    """A question made again; None where it is there no more.

    Args:
        catalog: What there is to learn.
        kind: Of the case, or `BANK`.
        step: Id of the step, or of the entry of the bank.
        seed: As when it was asked.
        on: The day on which it was asked.
    """
    if kind == BANK:
        return bank.question(catalog, step, seed, on)
    try:
        made = own.case(kind, seed, on, catalog)
    except errors.UnknownReference:
        return None
    found = next((one for one in made.steps if one.id == step), None)
    return None if found is None else Question(made, found)
