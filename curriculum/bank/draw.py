"""An entry of the bank as a question of practice: figures drawn, options in chance order, words filled. Floor 1.

A draw in which a wrong method gives the right figure, or that of another method, teaches nothing about it: such draws
are passed over, as in cases.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from curriculum import errors
from curriculum.bank import shelf
from curriculum.bank.entry import Bank, Entry, Range, Sums, Told
from curriculum.catalog import Catalog, Rule
from curriculum.practice import answers, deck, draft, figures
from curriculum.practice.dice import Dice
from curriculum.practice.draft import Draft, Sum
from curriculum.practice.task import (
    MATCH,
    MISSED,
    TEXT,
    Case,
    Option,
    Question,
    Step,
    Value,
    Words,
    Wrong,
)

KIND = "bank"
KEYS = "abcdef"
TRIES = 200


class Figure(str):
    """A figure in a text: as it is, or with so many decimals where the placeholder says so (`{price:2}`)."""

    __slots__ = ("value",)
    value: Decimal

    def __new__(cls, value: Decimal, places: int | None = None) -> Figure:
        """Say how it is shown where the placeholder does not."""
        made = super().__new__(cls, natural(value) if places is None else figures.shown(value, places))
        made.value = value
        return made

    def __format__(self, places: str) -> str:
        """With so many decimals."""
        return figures.shown(self.value, int(places)) if places else str(self)


Facts = Mapping[str, Decimal | Words]


def natural(value: Decimal) -> str:
    """A figure with the decimals that it has, six at most.

    >>> natural(Decimal("12.50")), natural(Decimal("1200")), natural(Decimal(1) / 3)
    ('12.5', '1,200', '0.333333')
    """
    short = figures.rounded(value, 6).normalize()
    return f"{short:,f}".replace("-", "\N{MINUS SIGN}")


@dataclass(frozen=True)
class _Maker:
    """What a question is made of.

    Attributes:
        entry: Of the bank.
        catalog: Its skills, rules and misconceptions.
        bank: Where further misconceptions are.
        rule: That its key follows, or None.
    """

    entry: Entry
    catalog: Catalog
    bank: Bank
    rule: Rule | None

    def wrong(self, told: Told, value: Value, facts: Facts, places: Mapping[str, int]) -> Wrong:
        """A wrong answer with its words."""
        known = self.catalog.misconceptions.get(told.cause) or self.bank.misconceptions.get(told.cause)
        return Wrong(told.cause, value, filled(told.why, facts, places), known.name if known else None)

    @property
    def facts(self) -> Facts:
        """The figures of its rule."""
        return {} if self.rule is None else shelf.figures(self.rule.params)

    def part(self, one: Told, value: Value) -> Wrong:
        """A wrong answer without figures of its own."""
        return self.wrong(one, value, self.facts, {})

    def step(self, right: Value, wrong: tuple[Wrong, ...], facts: Facts, places: Mapping[str, int]) -> Step:
        """The question with its words; what belongs to its form is still to be set."""
        entry, name = self.entry, self.catalog.skills[self.entry.skill].name
        return Step(
            id=entry.id,
            skill=entry.skill,
            name=name,
            question=filled(entry.ask, facts, places),
            unit="",
            places=2,
            right=right,
            tolerance=draft.CENT,
            wrong=wrong,
            working=(),
            explanation=filled(entry.explanation, facts, places),
            rule=self.rule,
            basis=filled(entry.basis, facts, places),
            form=entry.form,
            digits=entry.digits,
        )


def question(bank: Bank, entry: Entry, catalog: Catalog, seed: int, on: date) -> Question:
    """Make a question: the same one on every machine.

    Args:
        bank: Where the entry's misconceptions may be.
        entry: Of the bank.
        catalog: Its skills, rules and misconceptions.
        seed: Which figures, and which order of options.
        on: Today; kept with the question.

    Raises:
        errors.NoCase: No draw keeps its wrong methods apart.
    """
    dice = Dice(f"{KIND}/{entry.id}/{seed}")
    maker = _Maker(entry, catalog, bank, catalog.rules.get(entry.rule))
    facts = maker.facts
    if entry.sums is not None:
        step, facts = _counted(maker, entry.sums, dice)
    elif entry.form == TEXT:
        step = _spelt(maker)
    elif entry.form == MATCH:
        step = _matched(maker, _keys(len(entry.pairs) + len(entry.distractors), dice))
    else:
        step = _chosen(maker, _keys(len(entry.options), dice))
    case = Case(KIND, seed, on, step.name, filled(entry.story, facts), (), (step,), deck.mark(KIND, (step,)))
    return Question(case, step)


def filled(words: Words, facts: Facts, places: Mapping[str, int] | None = None) -> Words:
    """A text of both languages with its figures.

    Args:
        words: With placeholders such as `{price}` and `{price:2}`.
        facts: By name.
        places: Decimals of those that are shown with so many.
    """
    return {language: text.format_map(_shown(facts, language, places or {})) for language, text in words.items()}


def _shown(facts: Facts, language: str, places: Mapping[str, int]) -> Mapping[str, str]:
    return {
        name: Figure(fact, places.get(name)) if isinstance(fact, Decimal) else fact[language]
        for name, fact in facts.items()
    }


def _counted(maker: _Maker, sums: Sums, dice: Dice) -> tuple[Step, Facts]:
    facts, right, wrong = _apart(maker, sums, dice)
    places = dict.fromkeys(("right", "value", "gap"), sums.places)
    full: Facts = {**facts, "right": right}
    told = tuple(
        maker.wrong(one, value, {**full, "value": value, "gap": abs(right - value)}, places) for one, value in wrong
    )
    working = tuple(line.format_map(_shown(full, "en", places)) for line in sums.working)
    step = maker.step(right, told, full, places)
    made = replace(step, unit=sums.unit, places=sums.places, tolerance=sums.tolerance, working=working)
    return made, full


def _apart(maker: _Maker, sums: Sums, dice: Dice) -> tuple[Facts, Decimal, list[tuple[Told, Decimal]]]:
    """Figures in which every method has an answer of its own.

    Raises:
        errors.NoCase: There are none.
    """
    for attempt in range(TRIES):
        try:
            facts = _drawn(sums, maker.facts, Dice(f"{dice.seed}/{attempt}"))
            amounts = {name: fact for name, fact in facts.items() if isinstance(fact, Decimal)}
            right = figures.rounded(sums.right.value(amounts), sums.places)
            wrong = [(one.told, figures.rounded(one.value.value(amounts), sums.places)) for one in sums.wrong]
        except errors.BadFormula:
            continue
        told = tuple((one.cause, value) for one, value in wrong)
        if draft.separated(Draft({}, (), (Sum(maker.entry.id, right, told, tolerance=sums.tolerance),))):
            return facts, right, wrong
    raise errors.NoCase(maker.entry.id, 0)


def _drawn(sums: Sums, given: Facts, dice: Dice) -> Facts:
    facts = dict(given)
    for name, source in sums.draw.items():
        if isinstance(source, Range):
            facts[name] = dice.cents(name, source.low, source.high, source.step)
        else:
            facts[name] = dice.pick(name, source)
    for name, made in sums.also:
        facts[name] = made.value({known: fact for known, fact in facts.items() if isinstance(fact, Decimal)})
    return facts


def _spelt(maker: _Maker) -> Step:
    right, *others = (answers.plain(code) for code in maker.entry.codes.accept)
    wrong = tuple(
        maker.part(one.told, (answers.plain(code),))
        for one in maker.entry.wrong
        for code in one.accept
        if one.told is not None
    )
    return replace(maker.step((right,), wrong, maker.facts, {}), spellings=tuple(others))


def _keys(count: int, dice: Dice) -> dict[int, str]:
    """The key of each place, in the order in which they are shown."""
    return {place: KEYS[number] for number, place in enumerate(dice.draw("order", range(count), count))}


def _matched(maker: _Maker, keys: Mapping[int, str]) -> Step:
    pairs = maker.entry.pairs
    ends = (*(pair.right for pair in pairs), *maker.entry.distractors)
    right = tuple(f"{place + 1}{keys[place]}" for place in range(len(pairs)))
    wrong = tuple(maker.part(one.told, (f"{one.left + 1}{keys[one.right]}",)) for one in maker.entry.mixups)
    return replace(
        maker.step(right, wrong, maker.facts, {}),
        options=tuple(Option(key, filled(ends[place], maker.facts)) for place, key in keys.items()),
        lefts=tuple(Option(str(place + 1), filled(pair.left, maker.facts)) for place, pair in enumerate(pairs)),
    )


def _chosen(maker: _Maker, keys: Mapping[int, str]) -> Step:
    options = maker.entry.options
    right = tuple(sorted(keys[place] for place, one in enumerate(options) if one.right))
    wrong = tuple(
        maker.part(one.told, ((MISSED if one.right else "") + keys[place],))
        for place, one in enumerate(options)
        if one.told is not None
    )
    shown = tuple(Option(key, filled(options[place].text, maker.facts)) for place, key in keys.items())
    return replace(maker.step(right, wrong, maker.facts, {}), options=shown)
