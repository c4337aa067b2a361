"""A shipment by weight and size: volumetric weight, chargeable weight, freight, margin. Floor 1.

What counts is the tariff on the document: its divisor (5,000 or 6,000 cubic centimetres a kilogram), its rate, its
rounding and its fuel surcharge. One case in four is heavy for its size, so that volume is not always the answer.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from curriculum.practice import book, figures
from curriculum.practice.dice import Dice
from curriculum.practice.draft import Draft, Fact, Pairs, Sheet, Sum

# Learners who round each carton to the cent of a kilogram may be off by half a cent a carton.
KILOGRAMS = Decimal("0.05")
TENTH = Decimal("0.1")


@dataclass(frozen=True)
class Shipment:
    """Cartons of one size.

    Attributes:
        cartons: How many.
        sides: Of each, centimetres.
        each: Actual weight of each, kilograms.
        divisor: Of the tariff, cubic centimetres a kilogram.
        other: Of the tariff that it may be mistaken for.
    """

    cartons: int
    sides: tuple[int, int, int]
    each: Decimal
    divisor: int
    other: int

    @property
    def gross(self) -> Decimal:
        """Actual weight of all."""
        return self.cartons * self.each

    def volumetric(self, divisor: int, cartons: int) -> Decimal:
        """Volumetric weight of so many cartons by a divisor."""
        length, width, height = self.sides
        return figures.rounded(Decimal(cartons * length * width * height) / divisor)


@dataclass(frozen=True)
class Deal:
    """What a shipment costs and brings: its names, rate a kilogram, fuel surcharge in per cent, goods and revenue."""

    seller: Fact
    cargo: Fact
    tariff: Fact
    rate: Decimal
    fuel: Decimal
    goods: Decimal
    revenue: Decimal


def draft(dice: Dice, _on: date) -> Draft:
    """The figures of a case; the day changes nothing in it."""
    data = book.pages()
    light = dice.whole("light", 1, 4) > 1
    cargo = dice.pick("cargo", [one for one in data["cargo"] if one["light"] == light])
    tariff = dice.pick("tariff", data["tariffs"])
    sides = (dice.whole("length", 36, 68), dice.whole("width", 28, 52), dice.whole("height", 22, 44))
    volume = Decimal(sides[0] * sides[1] * sides[2]) / tariff["divisor"]
    low, high = (Decimal("0.35"), Decimal("0.75")) if light else (Decimal("1.25"), Decimal("1.9"))
    share = dice.cents("share", low, high)
    parcel = Shipment(
        dice.whole("cartons", 2, 9), sides, figures.rounded(volume * share, 1), tariff["divisor"], tariff["other"]
    )
    rate = dice.cents("rate", Decimal(tariff["rate"][0]), Decimal(tariff["rate"][1]), Decimal("0.50"))
    fuel = Decimal(dice.whole("fuel", 8, 24))
    cost = _freight(parcel, parcel.volumetric(parcel.divisor, parcel.cartons), rate, fuel).figure
    goods = figures.rounded(cost * dice.cents("goods", Decimal("1.2"), Decimal("2.6")), 0)
    revenue = figures.rounded((goods + cost) * dice.cents("gain", Decimal("1.08"), Decimal("1.6")), 0)
    seller = dice.pick("seller", data["sellers"])
    return laid(parcel, Deal(seller, cargo["name"], tariff["name"], rate, fuel, goods, revenue))


def laid(parcel: Shipment, deal: Deal) -> Draft:
    """The questions on a shipment.

    Args:
        parcel: What is shipped.
        deal: What it costs and brings.
    """
    vol = parcel.volumetric(parcel.divisor, parcel.cartons)
    charged = figures.half_up(max(vol, parcel.gross))
    freight = _freight(parcel, vol, deal.rate, deal.fuel)
    facts: dict[str, Fact] = {
        "seller": deal.seller,
        "cargo": deal.cargo,
        "tariff": deal.tariff,
        "cartons": str(parcel.cartons),
        "length": str(parcel.sides[0]),
        "width": str(parcel.sides[1]),
        "height": str(parcel.sides[2]),
        "divisor": figures.shown(Decimal(parcel.divisor), 0),
        "other": figures.shown(Decimal(parcel.other), 0),
        "gross_total": figures.shown(parcel.gross),
        "volumetric": figures.shown(vol),
        "rate": figures.shown(deal.rate),
        "fuel": figures.plain(deal.fuel),
    }
    return Draft(
        facts=facts,
        sheets=_sheets(parcel, deal.rate, deal.fuel, deal.goods, deal.revenue),
        steps=(
            _volume(parcel, vol),
            _weight(parcel, vol, charged),
            freight,
            _margin(deal.goods, deal.revenue, freight.figure),
        ),
    )


def fits(made: Draft) -> bool:
    """Whether a margin remains that is worth asking for."""
    return Decimal(5) <= made.steps[-1].figure <= Decimal(45)


def _sheets(
    parcel: Shipment, rate: Decimal, fuel: Decimal, goods: Decimal, revenue: Decimal
) -> tuple[Sheet, Sheet, Sheet]:
    columns = ("what", "figure")
    length, width, height = parcel.sides
    size = f"{length} × {width} × {height} cm"
    return (
        Sheet(
            "cargo",
            columns,
            (("cartons", str(parcel.cartons)), ("size", size), ("gross", f"{figures.shown(parcel.each, 1)} kg")),
        ),
        Sheet(
            "tariff",
            columns,
            (
                ("divisor", f"cm³ ÷ {figures.shown(Decimal(parcel.divisor), 0)}"),
                ("rounding", book.words_of("freight")["rows"]["half"]),
                ("rate", f"CNY {figures.shown(rate)} / kg"),
                ("fuel", f"{figures.plain(fuel)} %"),
            ),
        ),
        Sheet(
            "sale",
            columns,
            (("revenue", f"CNY {figures.shown(revenue)}"), ("goods", f"CNY {figures.shown(goods)}")),
        ),
    )


def _volume(parcel: Shipment, vol: Decimal) -> Sum:
    return Sum(
        "volumetric",
        vol,
        (
            ("m.wrong_divisor", parcel.volumetric(parcel.other, parcel.cartons)),
            ("m.one_carton", parcel.volumetric(parcel.divisor, 1)),
            ("m.volumetric", parcel.gross),
        ),
        tolerance=KILOGRAMS,
    )


def _weight(parcel: Shipment, vol: Decimal, charged: Decimal) -> Sum:
    larger = max(vol, parcel.gross)
    wrong: Pairs = (("m.weights_added", figures.half_up(vol + parcel.gross)), ("m.no_round_up", larger))
    if vol > parcel.gross:
        by_other = figures.half_up(max(parcel.volumetric(parcel.other, parcel.cartons), parcel.gross))
        wrong += (("m.volumetric", figures.half_up(parcel.gross)), ("m.wrong_divisor", by_other))
    else:
        wrong += (("m.volumetric_always", figures.half_up(vol)),)
    return Sum(
        "chargeable",
        figures.rounded(charged),
        wrong,
        facts={"larger": figures.shown(larger)},
        given=(("volumetric", f"{figures.shown(vol)} kg"),),
    )


def _freight(parcel: Shipment, vol: Decimal, rate: Decimal, fuel: Decimal) -> Sum:
    def bill(weight: Decimal) -> Decimal:
        return figures.rounded(weight * rate * (1 + figures.percent(fuel)))

    larger, smaller = max(vol, parcel.gross), min(vol, parcel.gross)
    charged = figures.half_up(larger)
    return Sum(
        "cost",
        bill(charged),
        (
            ("m.surcharge_left_out", figures.rounded(charged * rate)),
            ("m.volumetric" if vol > parcel.gross else "m.volumetric_always", bill(figures.half_up(smaller))),
            ("m.no_round_up", bill(larger)),
        ),
        facts={"chargeable": figures.shown(charged), "plain": figures.shown(charged * rate)},
        given=(("chargeable", f"{figures.shown(charged)} kg"),),
    )


def _margin(goods: Decimal, revenue: Decimal, cost: Decimal) -> Sum:
    profit = revenue - goods - cost
    return Sum(
        "margin",
        figures.rounded(100 * profit / revenue, 1),
        (
            ("m.margin_markup", figures.rounded(100 * profit / (goods + cost), 1)),
            ("m.margin_without_freight", figures.rounded(100 * (revenue - goods) / revenue, 1)),
        ),
        places=1,
        tolerance=TENTH,
        facts={
            "revenue": figures.shown(revenue),
            "goods": figures.shown(goods),
            "freight": figures.shown(cost),
            "profit": figures.shown(profit),
        },
        given=(("freight", f"CNY {figures.shown(cost)}"),),
    )
