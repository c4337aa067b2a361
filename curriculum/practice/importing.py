"""A parcel to a private buyer in the EU: intrinsic value, duty, import VAT, landed cost. Floor 1.

The duty follows the dated rules of the catalog: which rule of the EU on `cus.duty` holds on the day of the declaration,
and its figures. Nothing of the law is written here.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from curriculum import rules
from curriculum.catalog import Catalog, Rule
from curriculum.practice import book, figures, rates
from curriculum.practice.dice import Dice
from curriculum.practice.draft import Draft, Fact, Sheet, Sum
from curriculum.practice.rates import Mistaken
from curriculum.practice.task import Words

JURISDICTION = "EU"
SKILL = "cus.duty"
FLAT = "flat_duty_eur_per_item"
THRESHOLD = "threshold_eur"
VAT_RULE = "eu.ioss"


@dataclass(frozen=True)
class Line:
    """One row of a declaration: an article, its tariff line, pieces and the price of one in EUR."""

    hs: str
    pieces: int
    price: Decimal
    name: Words

    @property
    def value(self) -> Decimal:
        """Price times pieces."""
        return self.price * self.pieces


def duty(codes: Collection[str], rule: Rule) -> Decimal:
    """Customs duty on a consignment up to the threshold of a rule.

    Council Regulation (EU) 2026/382: EUR 3 for each item, an item being a distinct tariff line of the consignment.

    Args:
        codes: HS codes of its rows; the same one may stand several times.
        rule: The one that holds on the day.
    """
    return len(set(codes)) * Decimal(str(rule.params.get(FLAT, 0)))


def ruling(catalog: Catalog, day: date) -> Rule:
    """The EU's rule on the duty of low-value consignments that holds on a day.

    Raises:
        LookupError: The catalog knows none for that day.
    """
    for rule in rules.affecting(catalog, SKILL, day):
        if rule.jurisdiction == JURISDICTION and THRESHOLD in rule.params:
            return rule
    raise LookupError(day)


def flat(catalog: Catalog, on: date = date.max) -> Rule:
    """The newest rule of the EU with a duty on each item that began by a day; before the first one, the first one.

    Args:
        catalog: The catalog.
        on: The day: a rule that is still to come changes no case of today.
    """
    known = [rule for rule in catalog.rules.values() if rule.jurisdiction == JURISDICTION and FLAT in rule.params]
    found = sorted((rule for rule in known if rule.confidence != "low"), key=lambda rule: rule.valid_from)
    begun = [rule for rule in found if rule.valid_from <= on]
    return begun[-1] if begun else found[0]


def declared(dice: Dice, on: date, rule: Rule) -> date:
    """The day of the declaration: today's, or in one case of three a day before the rule began.

    Where today is outside the rule's time, the nearest day inside stands for it.
    """
    if dice.whole("early", 1, 3) == 1:
        return rule.valid_from - timedelta(days=dice.whole("days", 1, 45))
    last = rule.valid_to or on
    return min(max(on, rule.valid_from), last)


def draft(dice: Dice, on: date) -> Draft:
    """The figures of a case."""
    catalog, data = book.catalog(), book.pages()
    newest = flat(catalog, on)
    day = declared(dice, on, newest)
    rule = ruling(catalog, day)
    if FLAT in rule.params:
        newest = rule  # the eve of one flat duty may lie in the time of a former one
    lines = _lines(dice, data)
    place = dice.pick("place", data["places"])
    rate = rates.standard(catalog, place["id"], day)
    cost = _costs(dice, lines, rate)
    there = {"seller": dice.pick("seller", data["sellers"]), "city": place["city"], "country": place["country"]}
    other = rates.mistaken(place["id"], day, rate)
    return laid(lines, cost, day, ruled=(rule, newest), there=there, other=other)


def laid(
    lines: list[Line],
    cost: Costs,
    day: date,
    *,
    ruled: tuple[Rule, Rule],
    there: Mapping[str, Fact],
    other: Mistaken,
) -> Draft:
    """The questions on a parcel.

    Args:
        lines: Rows of the declaration.
        cost: What the parcel costs.
        day: Of the declaration.
        ruled: The rule that holds on the day, and the one with a duty on each item that it may be mistaken for.
        there: "seller", "city" and "country".
        other: Rates of value-added tax that may be taken for the right one.
    """
    catalog, data, (rule, newest) = book.catalog(), book.pages(), ruled
    facts: dict[str, Fact] = {
        **there,
        "day": figures.day(day),
        "rate": figures.plain(100 * cost.rate),
        "origin": data["vat"]["origin_rate"],
        "checked": rates.checked(),
        **rates.facts(other),
        "freight": figures.shown(cost.freight),
        "insurance": figures.shown(cost.insurance),
        "value": figures.shown(cost.value),
        "threshold": str(rule.params[THRESHOLD]),
    }
    owed = _duty(lines, cost, rule, newest, day)
    tax = _vat(cost, owed.figure, Decimal(data["vat"]["origin_rate"]), catalog.rules[VAT_RULE], other)
    return Draft(
        facts=facts,
        sheets=(
            Sheet(
                "goods",
                ("article", "hs", "pieces", "unit"),
                tuple((line.name, line.hs, str(line.pieces), figures.shown(line.price)) for line in lines),
                keyed=False,
            ),
            Sheet(
                "costs",
                ("what", "figure"),
                (
                    ("freight", f"EUR {figures.shown(cost.freight)}"),
                    ("insurance", f"EUR {figures.shown(cost.insurance)}"),
                    ("rate", f"{facts['rate']} %"),
                    *rates.rows(other),
                ),
            ),
        ),
        steps=(_value(lines, cost, rule), owed, tax, _landed(cost, owed.figure, tax.figure, rule)),
    )


@dataclass(frozen=True)
class Costs:
    """Value, freight and insurance of a parcel in EUR, and the rate of value-added tax as a factor."""

    value: Decimal
    freight: Decimal
    insurance: Decimal
    rate: Decimal

    @property
    def shipped(self) -> Decimal:
        """All that is paid to the border."""
        return self.value + self.freight + self.insurance


def _lines(dice: Dice, data: Any) -> list[Line]:
    """Two or three tariff lines; one of them stands on two rows, in two colours."""
    goods = dice.draw("goods", data["goods"], dice.whole("lines", 2, 3))
    colours = dice.draw("colours", data["colours"], 2)
    made = []
    for number, good in enumerate(goods):
        for colour in colours if number == 0 else (None,):
            label = f"{number}.{'' if colour is None else colour['en']}"
            name = (
                good["name"]
                if colour is None
                else {"en": f"{good['name']['en']}, {colour['en']}", "zh": f"{good['name']['zh']}（{colour['zh']}）"}
            )
            low, high = (Decimal(bound) for bound in good["price"])
            price = dice.cents(f"price.{label}", low, high, Decimal("0.05"))
            made.append(Line(good["hs"], dice.whole(f"pieces.{label}", 1, 4), price, name))
    return made


def _costs(dice: Dice, lines: list[Line], rate: Decimal) -> Costs:
    return Costs(
        value=sum((line.value for line in lines), Decimal(0)),
        freight=dice.cents("freight", Decimal(8), Decimal(32), Decimal("0.10")),
        insurance=dice.cents("insurance", Decimal(1), Decimal(5), Decimal("0.10")),
        rate=figures.percent(rate),
    )


def fits(made: Draft) -> bool:
    """Whether it is a low-value consignment at all."""
    value = made.steps[0].figure
    return Decimal(20) <= value <= Decimal(str(made.facts["threshold"]))


def _value(lines: list[Line], cost: Costs, rule: Rule) -> Sum:
    terms = " + ".join(
        f"{line.pieces} × {figures.shown(line.price)}" if line.pieces > 1 else figures.shown(line.price)
        for line in lines
    )
    return Sum(
        "value",
        figures.rounded(cost.value),
        (
            ("m.intrinsic_incl_freight", cost.value + cost.freight),
            ("m.unit_prices_only", sum((line.price for line in lines), Decimal(0))),
        ),
        facts={"sum": terms},
        rule=rule,
    )


def _duty(lines: list[Line], cost: Costs, rule: Rule, newest: Rule, day: date) -> Sum:
    codes = [line.hs for line in lines]
    each = Decimal(str(newest.params[FLAT]))
    pieces = sum(line.pieces for line in lines)
    once, by_piece, by_row, by_line = each, each * pieces, each * len(lines), duty(codes, newest)
    facts: dict[str, Fact] = {
        "lines": str(len(set(codes))),
        "rows": str(len(lines)),
        "pieces": str(pieces),
        "flat": figures.shown(each),
        "codes": {"en": ", ".join(dict.fromkeys(codes)), "zh": "、".join(dict.fromkeys(codes))},
        "since": figures.day(newest.valid_from),
        "change": figures.day(newest.valid_from),
        "later": figures.shown(by_line),
    }
    given = (("value", f"EUR {figures.shown(cost.value)}"),)
    if rules.holds(newest, day):
        wrong = (
            ("m.flat_duty_per_parcel", once),
            ("m.flat_duty_per_piece", by_piece),
            ("m.flat_duty_per_article", by_row),
            ("m.old_150_relief", Decimal(0)),
        )
        return Sum("duty", figures.rounded(by_line), wrong, facts=facts, rule=rule, given=given)
    right = figures.rounded(duty(codes, rule))
    return Sum(
        "duty",
        right,
        tuple(("m.rule_too_early", value) for value in (by_line, once, by_piece, by_row)),
        facts=facts,
        rule=rule,
        variant="free",
        given=given,
    )


def _vat(cost: Costs, owed: Decimal, origin: Decimal, rule: Rule, other: Mistaken) -> Sum:
    base = cost.shipped + owed
    # Without duty it is no error to leave it out.
    dutiless = (("m.vat_without_duty", figures.rounded(cost.shipped * cost.rate)),) if owed else ()
    return Sum(
        "vat",
        figures.rounded(base * cost.rate),
        (
            ("m.vat_on_goods_only", figures.rounded(cost.value * cost.rate)),
            ("m.vat_of_origin", figures.rounded(base * figures.percent(origin))),
            ("m.vat_included", figures.rounded(base * cost.rate / (1 + cost.rate))),
            *rates.wrong(base, other),
            *dutiless,
        ),
        facts={"duty": figures.shown(owed), "base": figures.shown(base)},
        rule=rule,
        given=(("value", f"EUR {figures.shown(cost.value)}"), ("duty", f"EUR {figures.shown(owed)}")),
    )


def _landed(cost: Costs, owed: Decimal, vat: Decimal, rule: Rule) -> Sum:
    taxless = (("m.landed_without_taxes", cost.shipped),) if owed else ()
    return Sum(
        "landed",
        figures.rounded(cost.shipped + owed + vat),
        (
            ("m.landed_without_freight", cost.value + owed + vat),
            ("m.landed_without_vat", cost.shipped + owed),
            *taxless,
        ),
        facts={"duty": figures.shown(owed), "vat": figures.shown(vat)},
        rule=rule,
        given=(
            ("value", f"EUR {figures.shown(cost.value)}"),
            ("duty", f"EUR {figures.shown(owed)}"),
            ("vat", f"EUR {figures.shown(vat)}"),
        ),
    )
