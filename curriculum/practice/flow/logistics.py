"""Part 3, the way: what weight the carrier charges, and which day of delivery can be promised. Floor 1."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from curriculum.practice import book, figures
from curriculum.practice.dice import Dice
from curriculum.practice.draft import Fact, Pairs, Sheet, Sum
from curriculum.practice.flow import counterfactual, shelf
from curriculum.practice.flow.world import Parcel, World
from curriculum.practice.freight import KILOGRAMS
from curriculum.practice.task import CHOICE, Value, Words

SATURDAY = 5
ONE = timedelta(days=1)


def weights(parcel: Parcel) -> Sum:
    """The larger of two weights, rounded up as the tariff says."""
    vol = parcel.volumetric(parcel.divisor)
    wrong: Pairs = (
        ("m.weights_added", figures.rounded(figures.half_up(vol + parcel.gross))),
        ("m.no_round_up", parcel.larger),
    )
    if vol > parcel.gross:
        by_other = figures.half_up(max(parcel.volumetric(parcel.other), parcel.gross))
        wrong += (
            ("m.volumetric", figures.rounded(figures.half_up(parcel.gross))),
            ("m.wrong_divisor", figures.rounded(by_other)),
        )
    else:
        wrong += (("m.volumetric_always", figures.rounded(figures.half_up(vol))),)
    length, width, height = parcel.sides
    facts: dict[str, Fact] = {
        "length": str(length),
        "width": str(width),
        "height": str(height),
        "divisor": figures.shown(Decimal(parcel.divisor), 0),
        "other": figures.shown(Decimal(parcel.other), 0),
        "gross": figures.shown(parcel.gross),
        "vol": figures.shown(vol),
        "larger": figures.shown(parcel.larger),
    }
    right = figures.rounded(parcel.chargeable)
    return Sum("chargeable", right, wrong, facts=facts, tolerance=KILOGRAMS, sheets=("parcel", "carrier"))


def chargeable(world: World) -> tuple[Sum, Sheet]:
    """What the carrier charges, and what another weight would have cost."""
    step = weights(world.parcel)
    effects: dict[Value, Words] = {
        value: counterfactual.weight(world, value) for _, value in step.wrong if isinstance(value, Decimal)
    }
    length, width, height = world.parcel.sides
    rows = (("size", f"{length} × {width} × {height} cm"), ("gross", f"{figures.shown(world.parcel.gross)} kg"))
    return replace(step, effects=effects), Sheet("parcel", ("what", "figure"), rows)


def carrier(world: World) -> Sheet:
    """The tariff of the carrier."""
    parcel = world.parcel
    return Sheet(
        "carrier",
        ("what", "figure"),
        (
            ("divisor", f"cm³ ÷ {figures.shown(Decimal(parcel.divisor), 0)}"),
            ("rounding", shelf.pages()["shared"]["rows"]["half"]),
            ("per_kg", f"{world.home} {figures.shown(parcel.per_kg)} / kg"),
            ("fuel", f"{figures.plain(parcel.fuel)} %"),
        ),
    )


def arrival(handed: date, days: int, closed: Collection[date]) -> date:
    """The day after so many working days, Monday to Friday, that are not closed; the first is the day after.

    >>> arrival(date(2026, 7, 3), 2, [date(2026, 7, 6)])
    datetime.date(2026, 7, 8)
    """
    day = handed
    while days:
        day += ONE
        days -= day.weekday() < SATURDAY and day not in closed
    return day


def promise(dice: Dice, world: World) -> tuple[Sum, Sheet]:
    """The day of delivery; weekends and two days on which the carrier is closed do not count."""
    handed = world.day
    while handed.weekday() >= SATURDAY:
        handed += ONE
    days = dice.whole("days", 6, 12)
    passing = [handed + ONE * number for number in range(1, days + 1)]
    closed = sorted(dice.draw("closed", [day for day in passing if day.weekday() < SATURDAY], 2))
    # Apart by construction: a weekend and two closed days lie between, and each way forgets another of them.
    found = {
        "right": arrival(handed, days, closed),
        "calendar": handed + ONE * days,
        "holiday": arrival(handed, days, ()),
        "handover": arrival(handed, days - 1, closed),
    }
    options = {name: (shelf.KEYS[place], figures.day(day)) for place, (day, name) in enumerate(_sorted(found))}
    causes = {"calendar": "m.calendar_days", "holiday": "m.holiday_ignored", "handover": "m.handover_counts"}
    step = Sum(
        "promise",
        (options["right"][0],),
        tuple((cause, (options[name][0],)) for name, cause in causes.items()),
        facts={"handed": figures.day(handed), "days": str(days), "day_right": figures.day(found["right"])},
        form=CHOICE,
        options=tuple(sorted(options.values(), key=lambda option: option[0])),
        sheets=("calendar",),
    )
    first, second = map(figures.day, closed)
    return step, Sheet(
        "calendar",
        ("what", "figure"),
        (
            ("handed", figures.day(handed)),
            ("transit", book.filled(shelf.pages()["transit"], {"days": str(days)})),
            ("closed", {"en": f"{first['en']}; {second['en']}", "zh": f"{first['zh']}、{second['zh']}"}),
        ),
    )


def _sorted(found: dict[str, date]) -> list[tuple[date, str]]:
    return sorted((day, name) for name, day in found.items())
