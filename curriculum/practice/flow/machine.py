"""The time machine: one parcel on the last day of an old rule and on the first day of the new one. Floor 1.

Nothing is drawn twice: what differs between both dates is the law alone, and what follows from it.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from curriculum.practice import book, figures, importing
from curriculum.practice.dice import Dice
from curriculum.practice.draft import Draft, Fact, Pairs, Sum
from curriculum.practice.flow import counterfactual, customs, law, scenario, shelf, taxes
from curriculum.practice.flow.law import Levy
from curriculum.practice.flow.world import World
from curriculum.practice.task import CHOICE, Value, Words

ONE = timedelta(days=1)


def of_eu(dice: Dice, on: date) -> Draft:
    """A small parcel to the EU on the eve of the flat duty and on its first day."""
    first = importing.flat(book.catalog(), on).valid_from
    before = scenario.world(dice, "eu", first - ONE, small=True)
    return case(before, replace(before, day=first))


def case(before: World, after: World) -> Draft:
    """The questions on both dates, and on what changed.

    Args:
        before: An order on the first date.
        after: The same on the second.
    """
    levies = taxes.levied(before), taxes.levied(after)
    _, sale = taxes.who(after, levies[1])
    return Draft(
        facts={
            **scenario.facts(after),
            "before": figures.day(before.day),
            "after": figures.day(after.day),
        },
        sheets=(
            customs.invoice(after),
            customs.costs(after),
            sale,
            taxes.rates(after),
            customs.declared(after),
        ),
        steps=(
            customs.value(before, levies[0]),
            _dated("duty_before", before, taxes.duty(before, levies[0])),
            _dated("vat_before", before, taxes.tax(before, levies[0])),
            _dated("duty_after", after, taxes.duty(after, levies[1])),
            _dated("vat_after", after, taxes.tax(after, levies[1])),
            _changed(after, levies[1]),
            _more(before, after, levies),
        ),
    )


def _dated(name: str, world: World, step: Sum) -> Sum:
    return replace(step, id=name, facts={**step.facts, "day": figures.day(world.day)})


def _changed(after: World, levy: Levy) -> Sum:
    """What the new rule changed for this very order."""
    texts = shelf.pages()["changes"]
    keys = {name: shelf.KEYS[place] for place, name in enumerate(texts)}
    sale = taxes.at_sale(after, levy)
    right = "duty" if sale else "both"
    causes = {
        "duty": "m.vat_without_duty",
        "both": "m.vat_with_duty",
        "exempt": "m.vat_began_with_duty",
        "nothing": "m.old_150_relief",
    }
    return Sum(
        "changed",
        (keys[right],),
        tuple((cause, (keys[name],)) for name, cause in causes.items() if name != right),
        facts={"since": figures.day(after.day), "what": texts[right]},
        variant="sale" if sale else "import",
        form=CHOICE,
        options=tuple((keys[name], text) for name, text in texts.items()),
        rule=levy.rule,
        sheets=("sale",),
    )


def _more(before: World, after: World, levies: tuple[Levy, Levy]) -> Sum:
    """How much more duty and VAT together are on the second date."""
    old, new = levies
    sale = taxes.at_sale(after, new)
    duty = new.amount - old.amount
    right = duty + taxes.taxed(after, new) - taxes.taxed(before, old)
    each = law.figure(new.rule, importing.FLAT)
    rate = Decimal(1) if sale else 1 + after.vat
    wrong: Pairs = (
        ("m.flat_duty_per_parcel", figures.rounded(each * rate)),
        ("m.flat_duty_per_piece", figures.rounded(each * after.pieces * rate)),
        ("m.flat_duty_per_article", figures.rounded(each * len(after.lines) * rate)),
        ("m.vat_with_duty", figures.rounded(duty * (1 + after.vat))) if sale else ("m.vat_without_duty", duty),
    )
    facts: dict[str, Fact] = {
        "duty": figures.shown(duty),
        "old": figures.shown(old.amount),
        "new": figures.shown(new.amount),
        "lines": str(len(after.codes)),
        "pieces": str(after.pieces),
        "rows": str(len(after.lines)),
        "flat": figures.shown(each),
        "rate": figures.plain(100 * after.vat),
    }
    effects: dict[Value, Words] = {}
    if after.paid_duty:
        effects = {
            value: counterfactual.amount(after, right, value) for _, value in wrong if isinstance(value, Decimal)
        }
    return Sum(
        "more",
        right,
        wrong,
        facts=facts,
        tolerance=Decimal("0.02"),
        variant="sale" if sale else "import",
        unit=after.away,
        rule=new.rule,
        given=(("duty", f"{after.away} {facts['old']} → {facts['new']}"),),
        effects=effects,
        sheets=("declared", "sale", "rates"),
    )
