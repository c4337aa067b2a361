"""Part 3, the way: what weight the carrier charges, and which day of delivery can be promised. Floor 1."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import groupby

from curriculum.almanac import calendars, names, pages
from curriculum.almanac.calendars import Calendar
from curriculum.practice import book, figures
from curriculum.practice.dice import Dice
from curriculum.practice.draft import Draft, Fact, Pairs, Sheet, Sum, separated
from curriculum.practice.flow import counterfactual, shelf
from curriculum.practice.flow.world import Parcel, World
from curriculum.practice.freight import KILOGRAMS
from curriculum.practice.task import CHOICE, Value, Words

SATURDAY = 5
ONE = timedelta(days=1)
TURNS = 200
YEAR, DELIVERED, AHEAD = 365, 30, 9
"""Days: how far back an earlier parcel lies at most, at least, and how long before a holiday it is handed over."""
ALWAYS = {"m.calendar_days", "m.handover_counts"}
NEAR = {"m.holiday_origin", "m.holiday_destination", "m.makeup_day"}
NONE: frozenset[date] = frozenset()


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


def promise(dice: Dice, world: World) -> tuple[Sum, Sheet]:
    """The day of delivery of an earlier parcel: working days where it is sent from, then where it arrives.

    Drawn near a public holiday of either place, until the ways to go wrong end on days of their own: counting every
    day, the day of handing over, no holidays, those of one place alone, worked weekends as free.

    Args:
        dice: Of the case.
        world: The order; its day is the last on which the answer could be asked for.
    """
    drawn = (_way(Dice(f"{dice.seed}/promise/{turn}"), world) for turn in range(TURNS))
    way = next(filter(_apart, drawn), _way(Dice(f"{dice.seed}/promise"), world))
    return _asked(way), _calendar(way, world)


def _apart(way: Way) -> bool:
    """Whether the usual ways to go wrong and one about a holiday have ends of their own."""
    step = _asked(way)
    causes = {cause for cause, _ in step.wrong}
    return separated(Draft({}, (), (step,))) and causes >= ALWAYS and bool(causes & NEAR)


@dataclass(frozen=True)
class Way:
    """A parcel on its way.

    Attributes:
        home: Calendar of the place that it is sent from.
        away: Of the place where it arrives.
        handed: The day on which it is handed over.
        first: Working days at home.
        second: Working days after them, there.
    """

    home: Calendar
    away: Calendar
    handed: date
    first: int
    second: int

    def between(self) -> date:
        """The last of the working days at home."""
        return calendars.after(self.home, self.handed, self.first)

    def arrival(self) -> date:
        """The last working day in all."""
        return calendars.after(self.away, self.between(), self.second)

    def mistaken(self) -> Mapping[str, date]:
        """Where each wrong way of counting ends, by its cause; without those that are no error here."""
        plain, bare = replace(self.home, off={}, worked=NONE), replace(self.away, off={}, worked=NONE)
        awake = replace(self, home=replace(self.home, worked=NONE), away=replace(self.away, worked=NONE))
        ends = {
            "m.calendar_days": self.handed + ONE * (self.first + self.second),
            "m.handover_counts": replace(self, first=self.first - 1).arrival(),
            "m.holiday_origin": replace(self, home=plain).arrival(),
            "m.holiday_destination": replace(self, away=bare).arrival(),
            "m.makeup_day": awake.arrival(),
        }
        right = self.arrival()
        if right not in {ends["m.holiday_origin"], ends["m.holiday_destination"]}:
            ends["m.holiday_ignored"] = replace(self, home=plain, away=bare).arrival()
        return {cause: end for cause, end in ends.items() if end != right}


def _way(dice: Dice, world: World) -> Way:
    """A parcel handed over shortly before a day that is a holiday, or a worked weekend, of either place."""
    home, away = calendars.of(world.origin), calendars.of(world.calendar)
    last = min(world.day, home.last, away.last) - ONE * DELIVERED
    begin = max(home.first, away.first, last - ONE * YEAR)
    last = max(last, begin + ONE * YEAR)
    marked = {day for place in (home, away) for day in (*place.off, *place.worked)}
    near = dice.pick("near", sorted(day for day in marked if begin + ONE * AHEAD <= day <= last))
    handed = near - ONE * dice.whole("ahead", 1, AHEAD)
    while not home.works(handed):
        handed -= ONE
    return Way(home, away, handed, dice.whole("first", 3, 6), dice.whole("second", 3, 6))


def _asked(way: Way) -> Sum:
    right, ends = way.arrival(), way.mistaken()
    keys = {day: shelf.KEYS[place] for place, day in enumerate(sorted({right, *ends.values()}))}
    between, data = way.between(), pages.source("holidays.csv")
    return Sum(
        "promise",
        (keys[right],),
        tuple((cause, (keys[end],)) for cause, end in ends.items()),
        facts={
            "handed": figures.day(way.handed),
            "first": str(way.first),
            "second": str(way.second),
            "between": _weekday(between),
            "day_right": _weekday(right),
            "why_origin": _listed([*_off(way.home, way.handed, between), *_worked(way.home, way.handed, between)]),
            "why_there": _listed([*_off(way.away, between, right), *_worked(way.away, between, right)]),
            "worked": _listed([*_worked(way.home, way.handed, between), *_worked(way.away, between, right)]),
            "holidays": f"{data['package']} {data['version']}",
        },
        form=CHOICE,
        options=tuple((key, _weekday(day)) for day, key in keys.items()),
        sheets=("calendar",),
    )


def _calendar(way: Way, world: World) -> Sheet:
    """What the learner counts with: every holiday and worked weekend of both places until the latest answer."""
    texts = shelf.pages()["transit"]
    end = max(way.arrival(), *way.mistaken().values())
    facts: dict[str, Fact] = {
        "first": str(way.first),
        "second": str(way.second),
        "origin": names.within(world.origin[:2]),
        "there": world.place["country"],
    }
    rows: list[tuple[str, Fact]] = [
        ("handed", _weekday(way.handed)),
        ("transit", book.filled(texts["days"], facts)),
    ]
    for name, place in (("origin", way.home), ("there", way.away)):
        rows.append((f"off_{name}", _listed(_off(place, way.handed, end))))
        worked = _worked(place, way.handed, end)
        if worked:
            rows.append((f"worked_{name}", _listed(worked)))
    return Sheet("calendar", ("what", "figure"), tuple(rows))


def _off(place: Calendar, begin: date, end: date) -> list[tuple[date, Words | None]]:
    """The public holidays after a day and up to another that are no weekend anyway, with their names."""
    return [(day, name) for day, name in sorted(place.off.items()) if begin < day <= end and day.weekday() < SATURDAY]


def _worked(place: Calendar, begin: date, end: date) -> list[tuple[date, Words | None]]:
    return [(day, None) for day in sorted(place.worked) if begin < day <= end]


def _listed(days: Sequence[tuple[date, Words | None]]) -> Words:
    """Days in words, those of one name together."""
    texts = shelf.pages()["transit"]
    if not days:
        none: Words = texts["none"]
        return none
    parts = []
    for name, group in groupby(days, key=lambda pair: pair[1]):
        shown = [_weekday(day) if name is None else figures.day(day) for day, _ in group]
        together = {"en": ", ".join(one["en"] for one in shown), "zh": "、".join(one["zh"] for one in shown)}
        parts.append(together if name is None else book.filled(texts["named"], {"days": together, "name": name}))
    return {"en": "; ".join(part["en"] for part in parts), "zh": "；".join(part["zh"] for part in parts)}


def _weekday(day: date) -> Words:
    facts = {"weekday": book.pages()["weekdays"][day.weekday()], "day": figures.day(day)}
    return book.filled(shelf.pages()["transit"]["weekday"], facts)
