"""Exams: questions drawn by the weights of the examination standard, exactly. Floor 1.

The standard is 跨境电商运营专项职业能力考核规范 (2020-06-19): eight units with weights that add to 100, so that every
multiple of twenty questions meets them without a remainder. A skill belongs to the unit that its sources name ("FJ-3").
Customs and tax is no unit of it: that exam is our addition, and says so.

Each question is one of the bank, or one step of a case of its own with what comes before it given, so that no question
answers another and no error is carried on. The exam of the whole flow casts steps of the flow of two orders into the
units that they belong to, up to half of each.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from curriculum import bank, errors, practice
from curriculum.catalog import Catalog
from curriculum.practice import book
from curriculum.practice.dice import Dice
from curriculum.practice.task import Exam, Plan, Question

_ALL = 100
_ORDERS = 2
_FLOWS = ("flow_eu", "flow_uk", "flow_us", "flow_cn")


def weights() -> Mapping[str, int]:
    """By unit of the standard, in its order: its weight, per cent."""
    return {unit["id"]: unit["weight"] for unit in book.pages()["exam"]["units"]}


def skills(catalog: Catalog, unit: str) -> tuple[str, ...]:
    """Ids of the skills that a unit of the standard, or an area, asks for.

    Args:
        catalog: What there is to learn.
        unit: Of the standard, or the id of an area.
    """
    for raw in book.pages()["exam"]["units"]:
        if raw["id"] == unit:
            return tuple(skill.id for skill in catalog.skills.values() if raw["source"] in skill.sources)
    return tuple(skill.id for skill in catalog.skills.values() if skill.area == unit)


def shares(plan: Plan) -> Mapping[str, int]:
    """How many questions of a plan each unit gets.

    >>> dict(shares(book.plans()[0]))["products"]
    8
    """
    if plan.area:
        return {plan.area: plan.count}
    return {unit: plan.count * weight // _ALL for unit, weight in weights().items()}


def exam(catalog: Catalog, plan: Plan, seed: int, on: date) -> Exam:
    """Draw an exam: the same one on every machine.

    Args:
        catalog: What there is to learn.
        plan: How many questions, of what.
        seed: Which exam.
        on: Today: what decides which keys hold.

    Raises:
        errors.NoCase: The bank has too few questions for the plan on this day.
    """
    asked: list[Question] = []
    used: set[str] = set()
    orders = _orders(Dice(f"exam/{seed}/orders"))
    for unit, share in shares(plan).items():
        steps = _cast(unit, share // 2, Dice(f"exam/{seed}/{unit}/flow")) if plan.flow else []
        cast = [_question(catalog, f"{orders[turn][0]}/{step}", orders[turn][1], on) for turn, step in steps]
        drawn = _drawn(catalog, skills(catalog, unit), Dice(f"exam/{seed}/{unit}"), on, used)
        there = [*cast, *itertools.islice(drawn, share - len(cast))]
        if len(there) < share:
            what = f"exam {plan.id}, unit {unit}"
            raise errors.NoCase(what, seed)
        asked += there
    return Exam(seed, on, tuple(asked), bank.mark(asked))


def flow(unit: str) -> tuple[str, ...]:
    """Ids of the steps of the whole flow that ask for what a unit of the standard asks for."""
    return next((tuple(raw.get("flow", ())) for raw in book.pages()["exam"]["units"] if raw["id"] == unit), ())


def _orders(dice: Dice) -> list[tuple[str, int]]:
    """The orders whose flow is asked about, to two destinations: kind of case and seed.

    One order serves several questions: the steps that are asked are given nothing that another of them asks for.
    """
    return [(kind, dice.whole(f"seed.{kind}", 0, 2**31)) for kind in dice.draw("kinds", _FLOWS, _ORDERS)]


def _cast(unit: str, most: int, dice: Dice) -> list[tuple[int, str]]:
    """Steps of the whole flow for a unit: which order, and the step; each once before one comes again."""
    steps = dice.draw("steps", flow(unit), len(flow(unit)))
    return [(turn, step) for turn in range(_ORDERS) for step in steps][:most]


def _drawn(catalog: Catalog, names: Sequence[str], dice: Dice, on: date, used: set[str]) -> Iterator[Question]:
    """Questions on some skills, each skill once before one comes again; none that was used before."""
    turns = dice.draw("skills", names, len(names))
    there = {name: _there(catalog, name, on) for name in turns}
    left = {name: dice.draw(f"entries.{name}", keys, len(keys)) for name, keys in there.items()}
    number = 0
    while any(left.values()):
        for name in turns:
            while left[name]:
                key = left[name].pop()
                if key in used:
                    continue
                used.add(key)
                number += 1
                yield _question(catalog, key, dice.whole(f"seed.{number}", 0, 2**31), on)
                break


def _there(catalog: Catalog, skill: str, on: date) -> list[str]:
    """What can be asked on a skill: ids of entries, and steps of cases as "kind/step"."""
    kind = practice.of_skill(skill)
    steps = [] if kind is None else [f"{kind.id}/{step}" for step in book.steps_of(kind.id, skill)]
    return [*steps, *(entry.id for entry in bank.asked(catalog, skill, on))]


def _question(catalog: Catalog, key: str, seed: int, on: date) -> Question:
    kind, _, step = key.partition("/")
    found = None if step else bank.question(catalog, key, seed, on)
    if found is not None:
        return found
    made = practice.case(kind, seed, on, catalog)
    return Question(made, next(one for one in made.steps if one.id == step))
