"""An entry of the bank as plain data with nothing left to draw: a file of the bank for this one draw. Floor 1.

Other systems have no formulas and no dated figures. So figures are drawn once, rules are read on their day, and what
comes out is again a question of the bank: one whose figures are fixed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from curriculum.bank import draw, shelf
from curriculum.bank.entry import Bank, Entry, Told
from curriculum.catalog import Catalog
from curriculum.practice.task import MATCH, TEXT, Step, Words

JSON = dict[str, Any]


def entry(bank: Bank, one: Entry, catalog: Catalog, seed: int, on: date) -> JSON:
    """One question as a file of the bank says it.

    Args:
        bank: Where its misconceptions may be.
        one: The question.
        catalog: Its skills, rules and misconceptions.
        seed: Which figures are drawn.
        on: The day.

    Returns:
        A mapping that `bank.sound` finds sound; texts in which the bank fills placeholders have their braces doubled.

    Raises:
        errors.NoCase: No draw keeps its wrong methods apart.
    """
    made: JSON = {"id": one.id, "skill": one.skill}
    if one.also:
        made["also"] = list(one.also)
    made |= {"form": one.form, "bloom": one.bloom, "difficulty": one.difficulty}
    if one.rule:
        made["rule"] = one.rule
    made |= {name: day.isoformat() for name, day in (("valid_from", one.valid_from), ("valid_to", one.valid_to)) if day}
    if one.sums is not None:
        question = draw.question(bank, one, catalog, seed, on)
        texts = {"story": question.case.story, "ask": question.step.question}
        texts |= {"explanation": question.step.explanation, "basis": question.step.basis}
        return made | _texts(texts) | _counted(question.step)
    rule = catalog.rules.get(one.rule)
    facts = shelf.figures(rule.params) if rule else {}
    texts = {"story": one.story, "ask": one.ask, "explanation": one.explanation, "basis": one.basis}
    return made | _texts({name: draw.filled(text, facts) for name, text in texts.items()}) | _formed(one, facts)


def doubled(text: str) -> str:
    """A text in which the bank fills placeholders, so that it says what it says: braces are doubled.

    >>> doubled("{a}")
    '{{a}}'
    """
    return text.replace("{", "{{").replace("}", "}}")


def single(text: str) -> str:
    """What the bank makes of a text without placeholders.

    >>> single("{{a}}")
    '{a}'
    """
    return text.replace("{{", "{").replace("}}", "}")


def _texts(texts: Mapping[str, Words]) -> JSON:
    return {name: _words(text) for name, text in texts.items() if any(text.values())}


def _words(text: Words) -> JSON:
    return {language: doubled(said) for language, said in text.items()}


def _told(told: Told, facts: Mapping[str, Decimal]) -> JSON:
    return {"cause": told.cause, "why": _words(draw.filled(told.why, facts))}


def _formed(one: Entry, facts: Mapping[str, Decimal]) -> JSON:
    if one.form == TEXT:
        return _spelt(one, facts)
    if one.form == MATCH:
        made: JSON = {"pairs": [{"left": dict(pair.left), "right": dict(pair.right)} for pair in one.pairs]}
        if one.distractors:
            made["distractors"] = [dict(text) for text in one.distractors]
        mixups = [{"left": mix.left, "right": mix.right, **_told(mix.told, facts)} for mix in one.mixups]
        return made | ({"mixups": mixups} if mixups else {})
    options: list[JSON] = []
    for option in one.options:
        told = None if option.told is None else _told(option.told, facts)
        if option.right:
            options.append({"text": dict(option.text), "right": True} | ({"missed": told} if told else {}))
        else:
            options.append({"text": dict(option.text), **(told or {})})
    return {"options": options}


def _spelt(one: Entry, facts: Mapping[str, Decimal]) -> JSON:
    made: JSON = {"accept": list(one.codes.accept)}
    if one.digits:
        made["digits"] = True
    wrong = [{"accept": list(spelt.accept), **_told(spelt.told, facts)} for spelt in one.wrong if spelt.told]
    return made | ({"wrong": wrong} if wrong else {})


def _counted(step: Step) -> JSON:
    return {
        "unit": step.unit if isinstance(step.unit, str) else dict(step.unit),
        "places": step.places,
        "tolerance": number(step.tolerance),
        "right": f"{step.right:f}",
        "wrong": [{"cause": one.cause, "value": f"{one.value:f}", "why": _words(one.words)} for one in step.wrong],
        "working": [doubled(line) for line in step.working],
    }


def number(value: Decimal) -> int | float:
    """A figure as YAML and JSON write it.

    >>> number(Decimal("0.010")), number(Decimal("3.0"))
    (0.01, 3)
    """
    return int(value) if value == value.to_integral_value() else float(value)


def causes(bank: Bank, catalog: Catalog, questions: Iterable[Mapping[str, Any]]) -> dict[str, Words]:
    """Names of the misconceptions that questions have, by id.

    Args:
        bank: Where they may be.
        catalog: Where they may be too.
        questions: As `entry` makes them.
    """
    named = {told["cause"] for question in questions for told in tellings(question)}
    known = {**catalog.misconceptions, **bank.misconceptions}
    return {name: known[name].name for name in sorted(named) if name in known}


def tellings(question: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """What a question says of wrong answers: each with `cause` and `why`, in its order."""
    found = [option.get("missed", option) for option in question.get("options", ())]
    listed = [*found, *question.get("mixups", ()), *question.get("wrong", ())]
    return [one for one in listed if "cause" in one]
