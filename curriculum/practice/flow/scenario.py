"""An order drawn from a seed, and its twenty questions: one kind of case for each destination. Floor 1.

The parts are drawn apart, each again until its own wrong methods have answers of their own; nothing but the taxes
depends on the day, so that the same seed on two dates is the same order under two laws.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, TypeVar

from curriculum.almanac import currency as money
from curriculum.almanac import names
from curriculum.catalog import Rule
from curriculum.practice import book, figures, importing
from curriculum.practice.dice import Dice
from curriculum.practice.draft import Draft, Fact, Sheet, Sum, separated
from curriculum.practice.flow import (
    advertising,
    customs,
    law,
    listing,
    logistics,
    orders,
    payments,
    pricing,
    selection,
    service,
    shelf,
    taxes,
)
from curriculum.practice.flow.world import CHANNELS, MARKET, SHOP, Deal, Parcel, World
from curriculum.practice.importing import Line

DESTINATIONS = ("eu", "uk", "us", "cn")
CHINA = "CN"
NONE, ONE = Decimal(0), Decimal(1)
NOTHING = Deal(NONE, NONE, NONE, ONE, ONE, ONE, ONE)
"""Until the order is priced."""
AWAY = {"eu": "EUR", "uk": "GBP", "us": "USD", "cn": "CNY"}
TURNS = 200
Part = TypeVar("Part")
Bought = tuple[tuple[Mapping[str, Any], ...], tuple[Line, ...]]
"""Articles, each tariff line once, and rows of the invoice."""


def of_eu(dice: Dice, on: date) -> Draft:
    """An order from China to a private buyer in the EU."""
    return case(dice, "eu", importing.declared(dice, on, importing.flat(book.catalog(), on)))


def of_uk(dice: Dice, on: date) -> Draft:
    """An order from China to a private buyer in the United Kingdom."""
    return case(dice, "uk", _inside(on, law.latest(book.catalog(), law.UK, law.THRESHOLD[law.UK], on)))


def of_us(dice: Dice, on: date) -> Draft:
    """An order from China to a private buyer in the United States; in one case of three while the surcharge held."""
    catalog = book.catalog()
    if dice.whole("early", 1, 3) == 1:
        extra = law.latest(catalog, law.US, law.SURCHARGE, on)
        return case(dice, "us", extra.valid_from + timedelta(days=dice.whole("days", 0, 120)))
    return case(dice, "us", _inside(on, law.latest(catalog, law.US, law.FORMER, on)))


def of_cn(dice: Dice, on: date) -> Draft:
    """An order from abroad to a private buyer in China, as retail import."""
    return case(dice, "cn", _inside(on, law.latest(book.catalog(), law.CN, law.SINGLE, on)))


def _inside(on: date, rule: Rule) -> date:
    """A day, or the nearest one on which a rule holds."""
    return min(max(on, rule.valid_from), rule.valid_to or date.max)


def fits(made: Draft) -> bool:
    """Whether an order is one to be asked about: nothing but its separation can fail."""
    return bool(made.steps)


def apart(dice: Dice, name: str, make: Callable[[Dice], Part], step: Callable[[Part], Sum]) -> Part:
    """A part of a case, drawn until its own step has an answer for each method.

    Args:
        dice: Of the case.
        name: Of the part; each turn has chance of its own.
        make: Draws the part.
        step: Its question.
    """
    for turn in range(TURNS - 1):
        made = make(Dice(f"{dice.seed}/{name}/{turn}"))
        if separated(Draft({}, (), (step(made),))):
            return made
    return make(Dice(f"{dice.seed}/{name}/{TURNS}"))


def world(dice: Dice, destination: str, day: date, *, small: bool = False, sold: date | None = None) -> World:
    """Draw an order; only its day and the exchange rate depend on the day.

    Args:
        dice: Of the case.
        destination: One of `DESTINATIONS`.
        day: Of the declaration.
        small: Whether none of the dear orders may come.
        sold: The day whose exchange rate it is counted with; None: the day of the declaration.
    """
    data, common = shelf.pages(), book.pages()
    inbound = destination == "cn"
    home = dice.pick("currency", common["currencies"])["id"] if inbound else "CNY"
    places = common["places"] if destination == "eu" else data["places"][destination]
    seller = dice.pick("seller", data["sellers_abroad"][home] if inbound else common["sellers"])
    parcel = _parcel(dice)
    goods, lines = _bought(dice, destination, data, small=small)
    standard = dice.cents("standard", Decimal(4), Decimal(9), Decimal("0.10")) * (5 if inbound else 1)
    # Some parcels are dearer than the threshold with their freight alone: those carry express.
    express = dice.cents("express", Decimal(3), Decimal(12), Decimal("0.10")) * (5 if inbound else 1)
    percent = data["tariff"][destination]
    made = World(
        destination=destination,
        day=day,
        place=book.placed(dice.pick("place", places)),
        seller=seller["name"] if inbound else seller,
        origin=seller["calendar"] if inbound else CHINA,
        home=home,
        away=AWAY[destination],
        channel=_channel(dice, destination),
        paid_duty=dice.whole("promise", 1, 2) == 1,
        bonded=dice.whole("bonded", 1, 2) == 1,
        goods=goods,
        lines=lines,
        standard=standard,
        express=express,
        tariff=dice.cents("tariff", Decimal(percent[0]), Decimal(percent[1]), Decimal("0.1")),
        parcel=parcel,
        deal=NOTHING,
    )
    return _priced(dice, made, sold or day)


def _channel(dice: Dice, destination: str) -> str:
    # Only in the EU may a shop of one's own leave the VAT of a small parcel to the import.
    return dice.pick("channel", CHANNELS if destination == "eu" else (MARKET, SHOP))


def _parcel(dice: Dice) -> Parcel:
    """Mostly light for its size; one of four is heavy, so that volume is not always the answer."""
    light = dice.whole("light", 1, 4) > 1

    def make(chance: Dice) -> Parcel:
        sides = (chance.whole("length", 28, 44), chance.whole("width", 22, 34), chance.whole("height", 14, 26))
        divisor, other = chance.pick("divisor", [(5000, 6000), (6000, 5000)])
        low, high = (Decimal("0.35"), Decimal("0.70")) if light else (Decimal("1.3"), Decimal("1.8"))
        gross = Decimal(sides[0] * sides[1] * sides[2]) / divisor * chance.cents("share", low, high)
        fuel = Decimal(chance.whole("fuel", 8, 24))
        return Parcel(sides, figures.rounded(gross), divisor, other, Decimal(0), fuel)

    return apart(dice, "parcel", make, logistics.weights)


def _bought(dice: Dice, destination: str, data: Mapping[str, Any], *, small: bool) -> Bought:
    """The articles, and the rows of the invoice: two or three tariff lines, the first in two variants."""
    dear = not small and destination in data["dear"] and dice.whole("dear", 1, 4) == 1
    low, high = data["dear" if dear else "small"][destination]
    shelf_of = data["goods"]
    if destination == "cn":
        rate = dice.pick("ct", data["consumption"])
        shelf_of = [one for one in data["imports"] if one["ct"] == rate]

    def drawn(turn: int) -> Bought:
        chance = Dice(f"{dice.seed}/lines/{turn}")
        goods = chance.draw("goods", shelf_of, chance.whole("lines", 2, min(3, len(shelf_of))))
        return tuple(goods), tuple(_rows(chance, goods, 4 if dear else 3))

    def within(bought: Bought) -> bool:
        _, lines = bought
        value = sum((line.value for line in lines), Decimal(0))
        return low <= value <= high and sum(line.pieces for line in lines) > len(lines) + 1

    return next(filter(within, map(drawn, range(TURNS))), drawn(TURNS))


def _rows(dice: Dice, goods: list[Mapping[str, Any]], most: int) -> list[Line]:
    made = []
    for number, good in enumerate(goods):
        variants = dice.draw("variants", good.get("variants") or book.pages()["colours"], 2) if number == 0 else [None]
        for place, variant in enumerate(variants):
            low, high = map(Decimal, good["price"])
            price = dice.cents(f"price.{number}.{place}", low, high, Decimal("0.05"))
            name = good["name"]
            if variant is not None:
                name = {"en": f"{name['en']}, {variant['en']}", "zh": f"{name['zh']}（{variant['zh']}）"}
            made.append(Line(good["hs"], dice.whole(f"pieces.{number}.{place}", 1, most), price, name))
    return made


def _priced(dice: Dice, made: World, sold: date) -> World:
    """Costs in plausible shares of what the order brings, at the reference rate of a day."""
    foreign = made.away if made.home == "CNY" else made.home
    quote = money.on(foreign, "CNY", sold)
    rated = replace(made, deal=replace(made.deal, rate=quote.rate))
    revenue = rated.earned(made.paid)
    billed = revenue * dice.cents("freight", Decimal("0.12"), Decimal("0.24"))
    weight = made.parcel.chargeable * (1 + figures.percent(made.parcel.fuel))
    step = Decimal("0.50") if made.home == "CNY" else Decimal("0.05")
    per_kg = max(step, (billed / weight / step).to_integral_value() * step)
    deal = Deal(
        purchase=figures.rounded(revenue * dice.cents("purchase", Decimal("0.28"), Decimal("0.42")), 0),
        commission=Decimal(dice.whole("commission", 8, 15)),
        fee=dice.cents("fee", Decimal("1.5"), Decimal("3.5"), Decimal("0.1")),
        rate=quote.rate,
        fx=dice.cents("fx", Decimal("0.5"), Decimal("2.0"), Decimal("0.1")),
        buffer=Decimal(dice.whole("buffer", 2, 6)),
        target=Decimal(dice.whole("target", 10, 25)),
        quote=quote,
    )
    return replace(rated, parcel=replace(made.parcel, per_kg=per_kg), deal=deal)


def case(dice: Dice, destination: str, day: date, sold: date | None = None) -> Draft:
    """An order and its questions, on a day.

    Args:
        dice: Of the case.
        destination: One of `DESTINATIONS`.
        day: Of the declaration.
        sold: As of `world`.
    """
    made = world(dice, destination, day, sold=sold)
    levy = taxes.levied(made)
    screened, candidates = selection.screen(dice, made)
    titled, article = listing.title(dice, made)
    coded, code = apart(dice, "gtin", listing.gtin, _first)
    weighed, parcel = logistics.chargeable(made)
    promised, calendar = logistics.promise(dice, made)
    classified, extract = customs.code(made)
    ruled, supplied = customs.rule(dice, made)
    matched, sale = taxes.who(made, levy)
    checked, signs = orders.risk(dice)
    counted, stock = apart(dice, "stock", lambda chance: orders.stock(chance, made), _first)
    refunded, back = service.refund(dice, made, levy)
    sent, ways = service.disposition(dice, made)
    spread, campaigns = apart(dice, "ads", lambda chance: advertising.split(chance, made), _first)
    return Draft(
        facts=facts(made),
        sheets=(
            customs.invoice(made),
            customs.costs(made),
            sale,
            candidates,
            article,
            _house(),
            code,
            parcel,
            logistics.carrier(made),
            calendar,
            extract,
            supplied,
            customs.declared(made),
            taxes.rates(made),
            pricing.sheet(made),
            signs,
            stock,
            back,
            ways,
            campaigns,
        ),
        steps=(
            screened,
            titled,
            coded,
            weighed,
            promised,
            classified,
            ruled,
            customs.value(made, levy),
            matched,
            taxes.duty(made, levy),
            taxes.tax(made, levy),
            pricing.landed(made, levy),
            pricing.price(dice, made, levy),
            checked,
            counted,
            payments.payout(made),
            payments.dispute(dice),
            refunded,
            sent,
            spread,
        ),
    )


def _first(part: tuple[Sum, Sheet]) -> Sum:
    return part[0]


def _house() -> Sheet:
    rules_of = shelf.pages()["house"]
    return Sheet("house", ("rule",), tuple((one,) for one in rules_of), keyed=False)


def facts(made: World) -> Mapping[str, Fact]:
    """What the texts of every step may name."""
    return {
        "seller": made.seller,
        "city": made.place["city"],
        "country": made.place["country"],
        "origin": names.within(made.origin[:2]),
        "day": figures.day(made.day),
        "value": figures.shown(made.value),
        "shipping": figures.shown(made.shipping),
        "paid": figures.shown(made.paid),
        "tariff": figures.plain(made.tariff),
        "home": made.home,
        "away": made.away,
    }
