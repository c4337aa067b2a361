"""An invoice in another currency, into the euro area: whose rate counts on which day, duty by the tariff, VAT. Floor 1.

What a sale is worth goes by the reference rate of its day; the customs value by the one of the penultimate Wednesday of
the month before the declaration; VAT by the rate of the country on the day of the declaration.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from curriculum.almanac import currency, vat
from curriculum.almanac.currency import Quote
from curriculum.practice import book, figures, quoting, rates
from curriculum.practice.dice import Dice
from curriculum.practice.draft import Draft, Fact, Pairs, Sheet, Sum
from curriculum.practice.rates import Mistaken

EURO = currency.EURO
# In the euro area on every day that a case can have; for others the national bank's rate counts (Article 146(1)(b)).
AREA = ("AT", "CY", "DE", "EE", "ES", "FI", "GR", "HR", "IE", "LT", "LU", "LV", "MT", "PT", "SI", "SK")
MONEY = ("USD", "GBP", "CNY", "JPY", "HKD", "AUD", "CHF", "SGD")
BACK, NEAR = 800, 45
"""Days: how long ago a declaration may be, and how near to a change of a rate of VAT one of two lies, where it can."""
ONE, WEEK = timedelta(days=1), timedelta(days=7)
SATURDAY = 5
ROUNDINGS = Decimal("0.02")


@dataclass(frozen=True)
class _Order:
    """A parcel above the threshold, as its papers say.

    Attributes:
        place: As in the data.
        sold: The day of the sale.
        day: Of the declaration.
        goods: Price of the goods, in the currency of the invoice.
        freight: Carriage, in the same.
        tariff: Duty rate, per cent.
        sale: The reference rate of the day of the sale.
        customs: The rate that customs takes.
    """

    place: Mapping[str, Any]
    sold: date
    day: date
    goods: Decimal
    freight: Decimal
    tariff: Decimal
    sale: Quote
    customs: Quote

    @property
    def paid(self) -> Decimal:
        return self.goods + self.freight

    @property
    def money(self) -> str:
        return self.customs.per


def draft(dice: Dice, on: date) -> Draft:
    """The figures of a case: declared on a day of the last two years, up to today."""
    catalog = book.catalog()
    order = _order(dice, on)
    rate = rates.standard(catalog, order.place["id"], order.day)
    other = rates.mistaken(order.place["id"], order.day, rate)
    value = figures.rounded(order.paid / order.customs.rate)
    owed = figures.rounded(value * figures.percent(order.tariff))
    coming = _coming(order, rate)
    facts: dict[str, Fact] = {
        "seller": dice.pick("seller", book.pages()["sellers"]),
        "city": order.place["city"],
        "country": order.place["country"],
        "sold": figures.day(order.sold),
        "day": figures.day(order.day),
        "money": order.money,
        "goods": figures.shown(order.goods),
        "freight": figures.shown(order.freight),
        "paid": figures.shown(order.paid),
        "tariff": figures.plain(order.tariff),
        "rate": figures.plain(rate),
        "origin": book.pages()["vat"]["origin_rate"],
        "checked": rates.checked(),
        "coming": figures.plain(coming.percent) if coming else "",
        "coming_day": figures.day(coming.since) if coming else "",
        **rates.facts(other),
    }
    return Draft(
        facts=facts,
        sheets=(_invoice(order), _table(order), _taxes(order, rate, other, coming)),
        steps=(
            _sale(order),
            _value(order, value),
            _duty(order, value, owed),
            _vat((value, owed), rate, other, coming),
        ),
    )


def fits(made: Draft) -> bool:
    """Whether the parcel is above EUR 150, by far enough that no reading of the rates changes it."""
    return Decimal(180) <= made.steps[1].figure <= Decimal(900)


def _order(dice: Dice, on: date) -> _Order:
    place = dice.pick("place", [one for one in book.pages()["places"] if one["id"] in AREA])
    day = _day(dice, place["id"], on)
    sold = day - ONE * dice.whole("sold", 5, 12)
    money = dice.pick("money", MONEY)
    sale, customs = currency.on(EURO, money, sold), currency.customs(money, day)
    step = Decimal(1) if money == "JPY" else Decimal("0.05")
    scale = customs.rate / step
    goods = step * (scale * dice.cents("goods", Decimal(190), Decimal(640))).to_integral_value()
    freight = step * (scale * dice.cents("freight", Decimal(14), Decimal(48))).to_integral_value()
    tariff = dice.cents("tariff", Decimal("2.5"), Decimal(12), Decimal("0.1"))
    return _Order(place, sold, day, goods, freight, tariff, sale, customs)


def _day(dice: Dice, country: str, on: date) -> date:
    """A working day up to today; in one of two cases near a change of the rate of VAT, where the country had one."""
    last = min(on, currency.last())
    changes = [one.since for one in vat.history(country) if last - ONE * BACK <= one.since <= last]
    day = last - ONE * dice.whole("day", 0, BACK)
    if changes and dice.whole("near", 1, 2) == 1:
        day = min(last, changes[-1] + ONE * dice.whole("apart", -NEAR, NEAR))
    while day.weekday() >= SATURDAY:
        day -= ONE
    return day


def _coming(order: _Order, rate: Decimal) -> vat.Rate | None:
    """The rate that was about to follow, where the declaration lies on the eve of it."""
    found = [one for one in vat.history(order.place["id"]) if order.day < one.since <= order.day + ONE * NEAR]
    return found[0] if found and found[0].percent != rate else None


def _wednesdays(day: date) -> Iterator[date]:
    """The Wednesdays of the month before a day, oldest first."""
    there = currency.customs_day(day)
    begin = there.replace(day=1)
    first = there - WEEK * ((there - begin).days // 7)
    while first.month == there.month:
        yield first
        first += WEEK


def _listed(order: _Order) -> list[date]:
    """The days whose rates the document shows: those of every reading, right and wrong."""
    days = {*_wednesdays(order.day), order.sale.day, _next(order.sold), currency.published(order.day)[0]}
    return sorted({currency.published(day)[0] for day in days})


def _next(sold: date) -> date:
    """The first day after a sale on which a rate is published."""
    day = sold + ONE
    while currency.published(day)[0] < day:
        day += ONE
    return day


def _invoice(order: _Order) -> Sheet:
    return Sheet(
        "invoice",
        ("what", "figure"),
        (
            ("sold", figures.day(order.sold)),
            ("goods", f"{order.money} {figures.shown(order.goods)}"),
            ("freight", f"{order.money} {figures.shown(order.freight)}"),
            ("day", figures.day(order.day)),
        ),
    )


def _table(order: _Order) -> Sheet:
    """Reference rates, day by day."""
    weekdays = book.pages()["weekdays"]
    rows = []
    for day in _listed(order):
        named = {
            language: f"{figures.day(day)[language]}, {weekdays[day.weekday()][language]}" for language in ("en", "zh")
        }
        rows.append((named, quoting.published(currency.published(day)[1][order.money])))
    return Sheet("reference", ("published", "rate"), tuple(rows), keyed=False)


def _taxes(order: _Order, rate: Decimal, other: Mistaken, coming: vat.Rate | None) -> Sheet:
    rows: list[tuple[str, Fact]] = [
        ("tariff", f"{figures.plain(order.tariff)} %"),
        ("vat_rate", f"{figures.plain(rate)} %"),
        *rates.rows(other),
    ]
    if coming:
        begin, percent = figures.day(coming.since), figures.plain(coming.percent)
        rows.append(
            ("vat_coming", {"en": f"{percent} % (from {begin['en']})", "zh": f"{percent} %（自 {begin['zh']}起）"})
        )
    return Sheet("taxes", ("what", "figure"), tuple(rows))


def _sale(order: _Order) -> Sum:
    right = figures.rounded(order.goods / order.sale.rate)
    later = currency.on(EURO, order.money, _next(order.sold))
    return Sum(
        "sale",
        right,
        (
            ("m.fx_inverse", figures.rounded(order.goods * order.sale.rate)),
            ("m.rate_of_next_day", figures.rounded(order.goods / later.rate)),
            ("m.customs_rate_for_sale", figures.rounded(order.goods / order.customs.rate)),
        ),
        facts={
            "sale_rate": quoting.published(order.sale.rate),
            "sale_day": figures.day(order.sale.day),
            "next_day": figures.day(later.day),
            "customs_day": figures.day(order.customs.day),
        },
        variant="weekend" if order.sale.day != order.sold else "",
        unit=EURO,
        sheets=("invoice", "reference"),
    )


def _value(order: _Order, value: Decimal) -> Sum:
    wednesdays = list(_wednesdays(order.day))
    of_day, of_last = currency.on(EURO, order.money, order.day), currency.on(EURO, order.money, wednesdays[-1])
    return Sum(
        "value",
        value,
        (
            ("m.customs_rate_of_day", figures.rounded(order.paid / of_day.rate)),
            ("m.customs_last_wednesday", figures.rounded(order.paid / of_last.rate)),
            ("m.customs_rate_of_sale", figures.rounded(order.paid / order.sale.rate)),
            ("m.customs_value_without_freight", figures.rounded(order.goods / order.customs.rate)),
        ),
        facts={
            "customs_rate": quoting.published(order.customs.rate),
            "customs_day": figures.day(order.customs.day),
            "last_day": figures.day(of_last.day),
            "of_day": quoting.published(of_day.rate),
        },
        unit=EURO,
        sheets=("invoice", "reference"),
    )


def _duty(order: _Order, value: Decimal, owed: Decimal) -> Sum:
    goods = figures.rounded(order.goods / order.customs.rate)
    return Sum(
        "duty",
        owed,
        (
            ("m.duty_on_goods_only", figures.rounded(goods * figures.percent(order.tariff))),
            ("m.relief_above_limit", figures.rounded(Decimal(0))),
        ),
        facts={"value": figures.shown(value), "goods_eur": figures.shown(goods)},
        tolerance=ROUNDINGS,
        unit=EURO,
        given=(("value", f"EUR {figures.shown(value)}"),),
        sheets=("taxes",),
    )


def _vat(settled: tuple[Decimal, Decimal], rate: Decimal, other: Mistaken, coming: vat.Rate | None) -> Sum:
    value, owed = settled
    base = value + owed
    origin = Decimal(book.pages()["vat"]["origin_rate"])
    early: Pairs = ()
    if coming and coming.percent not in {other.former, other.reduced, origin}:
        early = (("m.vat_rate_early", figures.rounded(base * figures.percent(coming.percent))),)
    return Sum(
        "vat",
        figures.rounded(base * figures.percent(rate)),
        (
            ("m.vat_without_duty", figures.rounded(value * figures.percent(rate))),
            ("m.vat_of_origin", figures.rounded(base * figures.percent(origin))),
            *rates.wrong(base, other),
            *early,
        ),
        facts={"value": figures.shown(value), "duty": figures.shown(owed), "base": figures.shown(base)},
        unit=EURO,
        given=(("value", f"EUR {figures.shown(value)}"), ("duty", f"EUR {figures.shown(owed)}")),
        rule=book.catalog().rules.get("eu.ioss"),
        sheets=("taxes",),
    )
