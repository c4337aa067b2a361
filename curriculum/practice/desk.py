"""A customs desk: ten parcels, each for one of four lanes, after the law of the day on the board. Floor 1.

Which parcels pay follows the dated rules of the catalog, so that the same parcels lie in other lanes on another day.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from curriculum.catalog import Rule
from curriculum.practice import book, deck, figures, importing, stage
from curriculum.practice.dice import Dice
from curriculum.practice.draft import CENT, Fact
from curriculum.practice.stage import KEYS, Prop, Scene
from curriculum.practice.task import CHOICE, Case, Option, Step, Table, Words

KIND = "customs_desk"
RELEASE, DUE, ASK, STOP = LANES = ("release", "due", "ask", "stop")
PAINTS = {RELEASE: "#2f8f5b", DUE: "#c9a227", ASK: "#2f6fb5", STOP: "#5b4a7a"}
CARD = "#b98a56"
COLUMNS = ("parcel", "sender", "contents", "hs", "value", "freight", "ioss")
# Sorts of parcel: the lane each belongs in, and the misconception behind the lane that it is most often put into. The
# lanes of sales under the limit change with the law.
BY_LAW = ("at_sale", "at_sale_freight")
CHARGED = {"no_number": "m.small_is_free", "above_limit": "m.ioss_above_limit", "gift_above": "m.gift_any_value"}
FREE = {"gift": "m.gift_charged", "papers": "m.papers_charged"}
UNCLEAR = ("vague", "nothing", "mismatch", "number")
BANNED = ("species", "counterfeit", "fur")
EARLY = {"at_sale": "m.rule_too_early", "at_sale_freight": "m.intrinsic_incl_freight"}
LATE = "m.old_150_relief"
SHELVES = {"at_sale_freight": "at_sale", "no_number": "at_sale", "above_limit": "dear", "gift_above": "gifts"}
SHELVES |= {"gift": "gifts", "number": "at_sale"}
STATES = ("276", "372", "442", "528")
"""Member states in which many sellers are registered for IOSS (ISO 3166-1, numeric)."""
HIGH = 9_990_000
"""Serials from here on are above any that was given out, so that a number is nobody's."""
NONE = "–"


@dataclass(frozen=True)
class Parcel:
    """What is declared: its sort, sender, contents, code, value and freight in EUR, and the number of a seller."""

    sort: str
    sender: str
    contents: Words
    hs: str
    value: Decimal
    freight: Decimal
    ioss: str


@dataclass(frozen=True)
class Law:
    """What holds on the day: the rule on low-value parcels, its threshold and its duty per tariff line, in EUR."""

    rule: Rule
    threshold: Decimal
    fee: Decimal
    gift: Decimal

    @property
    def flat(self) -> bool:
        """Whether sales up to the threshold pay duty."""
        return self.fee > 0


def scene(seed: int, on: date) -> Scene:
    """Ten parcels on the desk.

    Args:
        seed: Which parcels; the same ones on any day, but for the figures that the law itself has.
        on: The day on the board, where the catalog knows the law of it; else the nearest one that it knows.
    """
    dice, texts, data = Dice(f"{KIND}/{seed}"), stage.words_of(KIND), stage.pages()
    day = _known(on)
    law = _law(day, data)
    parcels = [_parcel(dice, sort, data, law) for sort in _sorts(dice)]
    steps = tuple(_step(texts, data, number, one, law) for number, one in enumerate(parcels, start=1))
    place = dice.pick("place", book.pages()["places"])
    facts: dict[str, Fact] = {"day": figures.day(day), "city": place["city"], "country": place["country"]}
    tables = _tables(texts, data, parcels)
    case = Case(
        KIND, seed, on, texts["name"], book.filled(texts["story"], facts), tables, steps, deck.mark(KIND, steps)
    )
    lanes = {key: Prop("lane", (60, 4, 60), PAINTS[lane]) for key, lane in zip(KEYS, LANES, strict=False)}
    sizes = [tuple(dice.whole(f"side.{number}.{side}", 14, 30) for side in range(3)) for number in range(len(parcels))]
    props = {
        step.id: {"": Prop("box", (size[0], size[1], size[2]), CARD), **lanes}
        for step, size in zip(steps, sizes, strict=True)
    }
    return Scene(case, props, tables[0].columns)


def _known(on: date) -> date:
    """The day, or the nearest one whose law the catalog knows."""
    try:
        importing.ruling(book.catalog(), on)
    except LookupError:
        newest = importing.flat(book.catalog(), on)
        return min(max(on, newest.valid_from), newest.valid_to or on)
    return on


def _law(day: date, data: Mapping[str, Any]) -> Law:
    rule = importing.ruling(book.catalog(), day)
    fee = Decimal(str(rule.params.get(importing.FLAT, 0)))
    return Law(rule, Decimal(str(rule.params[importing.THRESHOLD])), fee, Decimal(data["gift_limit"]))


def _sorts(dice: Dice) -> list[str]:
    """Ten sorts in a chance order, each at most once: so that a step is known by its sort."""
    stops = dice.whole("stops", 1, 2)
    found = [*BY_LAW, *CHARGED, *FREE]
    found += [*dice.draw("banned", BANNED, stops), *dice.draw("unclear", UNCLEAR, 3 - stops)]
    return dice.draw("sorts", found, len(found))


def _parcel(dice: Dice, sort: str, data: Mapping[str, Any], law: Law) -> Parcel:
    thing = dice.pick(sort, data["parcels"][SHELVES.get(sort, sort)])
    low, high = _worth(sort, law)
    near = sort == "at_sale_freight"
    freight = dice.cents(f"{sort}.freight", Decimal(11), Decimal(18)) if near else dice.cents(f"{sort}.freight", *_POST)
    private = sort in {"gift", "gift_above", "species"}
    sender = "office" if sort == "papers" else "private" if private else "shop"
    numbered = sender == "shop" and sort != "no_number"
    return Parcel(
        sort=sort,
        sender=sender,
        contents=thing["name"],
        hs=thing["hs"],
        value=dice.cents(f"{sort}.value", low, high),
        freight=freight,
        ioss=_number(dice, sort) if numbered else NONE,
    )


def _number(dice: Dice, sort: str) -> str:
    """The IOSS number of a seller; one digit short where that is what is wrong with the parcel."""
    whole = f"IM{dice.pick(f'{sort}.state', STATES)}{dice.whole(f'{sort}.ioss', HIGH, HIGH + 9_999)}"
    return whole[:-1] if sort == "number" else whole


_POST = (Decimal(2), Decimal(9))


def _worth(sort: str, law: Law) -> tuple[Decimal, Decimal]:
    """Least and greatest value of a parcel of a sort, EUR."""
    top = law.threshold
    bounds = {
        "at_sale": (Decimal(12), top * Decimal("0.8")),
        "at_sale_freight": (top - 9, top - 1),
        "no_number": (Decimal(9), min(Decimal(40), top)),
        "above_limit": (top + 8, top * Decimal("2.4")),
        "gift": (Decimal(8), law.gift - 2),
        "gift_above": (law.gift + 8, law.gift + 50),
        "papers": (Decimal(0), Decimal(0)),
        "nothing": (Decimal(0), Decimal(0)),
    }
    low, high = bounds.get(sort, (Decimal(20), Decimal(90)))
    return figures.rounded(low), figures.rounded(high)


def lane(sort: str, flat: bool) -> str:
    """The lane that a parcel belongs in.

    Args:
        sort: Of the parcel.
        flat: Whether sales up to the threshold pay duty on the day.
    """
    if sort in BANNED:
        return STOP
    if sort in UNCLEAR:
        return ASK
    return DUE if sort in CHARGED or (flat and sort in BY_LAW) else RELEASE


def _cause(sort: str, right: str, chosen: str) -> str:
    """The misconception behind a wrong lane."""
    if right == STOP:
        return "m.desk_banned"
    if chosen == STOP:
        return "m.desk_stops_all"
    if right == ASK:
        return "m.desk_unread"
    if chosen == ASK:
        return "m.desk_asks_all"
    if right == RELEASE:
        return FREE[sort] if sort in FREE else EARLY[sort]
    return CHARGED.get(sort, LATE)


def _step(texts: Mapping[str, Any], data: Mapping[str, Any], number: int, parcel: Parcel, law: Law) -> Step:
    raw = texts["sorts"][parcel.sort]
    right = lane(parcel.sort, law.flat)
    facts: dict[str, Fact] = {
        "number": str(number),
        "contents": parcel.contents,
        "hs": parcel.hs,
        "ioss": parcel.ioss,
        "digits": str(len(parcel.ioss) - 2),
        "value": figures.shown(parcel.value),
        "freight": figures.shown(parcel.freight),
        "threshold": figures.plain(law.threshold),
        "fee": figures.shown(law.fee),
        "gift": figures.plain(law.gift),
    }
    causes = {**texts["causes"], **raw.get("causes", {})}
    keys = dict(zip(LANES, KEYS, strict=False))
    wrong = []
    for chosen in LANES:
        if chosen != right:
            cause = _cause(parcel.sort, right, chosen)
            wrong.append(stage.wrong(cause, keys[chosen], causes[cause], facts))
    said = "explanation_flat" if law.flat else "explanation_free"
    return Step(
        id=parcel.sort,
        skill=raw["skill"],
        name=book.filled(texts["name_of"], facts),
        question=book.filled(texts["question"], facts),
        unit="",
        places=0,
        right=(keys[right],),
        tolerance=CENT,
        wrong=tuple(wrong),
        working=(),
        explanation=book.filled(raw[said] if said in raw else raw["explanation"], facts),
        rule=_rule(parcel.sort, law),
        basis=raw.get("basis", texts["declared"]),
        form=CHOICE,
        options=tuple(Option(keys[name], data["lanes"][name]) for name in LANES),
    )


def _rule(sort: str, law: Law) -> Rule | None:
    """The dated rule that a lane follows."""
    if sort in BY_LAW or sort == "above_limit":
        return law.rule
    return book.catalog().rules.get(importing.VAT_RULE) if sort == "no_number" else None


def _tables(texts: Mapping[str, Any], data: Mapping[str, Any], parcels: Sequence[Parcel]) -> tuple[Table, ...]:
    rows = tuple(
        (
            book.same(str(number)),
            data["senders"][one.sender],
            one.contents,
            book.same(one.hs),
            book.same(figures.shown(one.value)),
            book.same(figures.shown(one.freight)),
            book.same(one.ioss),
        )
        for number, one in enumerate(parcels, start=1)
    )
    columns = texts["columns"]
    return (
        Table(texts["tables"]["parcels"], tuple(columns[key] for key in COLUMNS), rows),
        Table(texts["tables"]["desk"], (columns["rule"],), tuple((one,) for one in data["desk"])),
    )
