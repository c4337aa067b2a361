"""A packing bench: one order, and six things to decide before the parcel is closed. Floor 1.

What a carrier takes stands in the documents of the scene; what a parcel into the EU must name follows the dated rules.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from curriculum import rules
from curriculum.catalog import Rule
from curriculum.practice import book, deck, figures, stage
from curriculum.practice.dice import Dice
from curriculum.practice.draft import CENT, Fact
from curriculum.practice.stage import KEYS, Prop, Scene
from curriculum.practice.task import CHOICE, MISSED, SEVERAL, Case, Option, Step, Table, Words, Wrong

KIND = "packing"
SKILL = "cmp.product_safety"
JURISDICTION = "EU"
FOR = {"battery": "m.loose_battery", "flammable": "m.flammable_air"}
CARD = "#b98a56"
DOT: Words = {"en": " · ", "zh": " · "}
Sides = tuple[int, int, int]


@dataclass(frozen=True)
class Line:
    """A line of the order: the article as it is known, its variant's name, paint, pieces, and who is named on it."""

    good: Mapping[str, Any]
    name: Words
    paint: str
    pieces: int
    named: bool

    @property
    def banned(self) -> bool:
        """Whether the carrier does not take it."""
        return "why" in self.good


@dataclass(frozen=True)
class Place:
    """A place of the shelf: what lies there, why it would be wrong to pick it (empty: it is right), and its paint."""

    name: str
    text: Words
    cause: str
    paint: str
    stock: int


@dataclass(frozen=True)
class Carton:
    """An inner size, and why it would be wrong to take it; empty: it is right."""

    sides: Sides
    cause: str


def scene(seed: int, on: date) -> Scene:
    """One order on the bench.

    Args:
        seed: Which order.
        on: The day on the board: its rules hold.
    """
    dice, texts, data = Dice(f"{KIND}/{seed}"), stage.words_of(KIND), stage.pages()
    rule = _rule(on)
    lines = _lines(dice, data, rule is not None)
    shelf = _shelf(dice, data, lines)
    kept = [line for line in lines if not line.banned]
    hard = any(line.good.get("fragile") for line in kept)
    place = dice.pick("place", book.pages()["places"])
    facts: dict[str, Fact] = {
        "day": figures.day(on),
        "seller": dice.pick("seller", book.pages()["sellers"]),
        "city": place["city"],
        "country": place["country"],
        "pad": str(data["padding"]["hard" if hard else "soft"]),
        "soft": str(data["padding"]["soft"]),
        "hard": str(data["padding"]["hard"]),
    }
    banned = next(line for line in lines if line.banned)
    facts |= {"banned": banned.name, "note": banned.good["note"]}
    written = {raw["id"]: raw for raw in texts["steps"]}
    laid = [
        _out(written["out"], lines, facts),
        _pick(written["pick"], shelf, facts),
        _carton(dice, written["carton"], int(str(facts["pad"])), facts),
        _filling(dice, written["filling"], kept, facts, hard=hard),
        _labels(dice, written["labels"], kept, facts, rule),
        _address(dice, written["address"], facts),
    ]
    steps = tuple(step for step, _ in laid)
    case = Case(
        KIND,
        seed,
        on,
        texts["name"],
        book.filled(texts["story"], facts),
        _tables(texts, data, lines, shelf, facts),
        steps,
        deck.mark(KIND, steps),
    )
    return Scene(case, {step.id: props for step, props in laid})


def _rule(on: date) -> Rule | None:
    """The rule of the EU by which somebody there answers for a product, if one holds."""
    found = rules.affecting(book.catalog(), SKILL, on)
    return next((one for one in found if one.jurisdiction == JURISDICTION), None)


def _lines(dice: Dice, data: Mapping[str, Any], named: bool) -> list[Line]:
    """One or two articles that may go and one that may not, in a chance order."""
    goods = dice.draw("goods", data["goods"], 2 if dice.whole("lines", 1, 4) > 1 else 1)
    made = []
    for number, good in enumerate(goods):
        colour = dice.pick(f"colour.{number}", data["colours"])
        name = _variant(good, colour)
        printed = not named or dice.whole(f"named.{number}", 1, 2) == 1
        made.append(Line(good, name, colour["paint"], dice.whole(f"pieces.{number}", 1, 3), printed))
    banned = dice.pick("banned", data["banned"])
    made.append(Line(banned, banned["name"], CARD, dice.whole("pieces", 1, 2), True))
    return dice.draw("order", made, len(made))


def _shelf(dice: Dice, data: Mapping[str, Any], lines: Sequence[Line]) -> list[Place]:
    """What was ordered, and what looks like it: another colour, another article, an opened return, what stays out."""
    found: list[tuple[Words, str, str, int]] = []
    kept = [line for line in lines if not line.banned]
    for number, line in enumerate(kept):
        others = [one for one in data["colours"] if one["paint"] != line.paint]
        other = dice.pick(f"other.{number}", others)
        found.append((line.name, "", line.paint, line.pieces))
        found.append((_variant(line.good, other), "m.picked_variant", other["paint"], line.pieces))
    ordered = {line.good["id"] for line in kept}
    alike = dice.pick("alike", [one for one in data["goods"] if one["id"] not in ordered])
    colour = next(one for one in data["colours"] if one["paint"] == kept[0].paint)
    found.append((_variant(alike, colour), "m.picked_alike", kept[0].paint, 2))
    last = kept[-1]
    worn = next(one for one in data["colours"] if one["paint"] == last.paint)
    found.append((_variant(last.good, worn, data["opened"]), "m.picked_opened", last.paint, last.pieces))
    banned = next(line for line in lines if line.banned)
    found.append((banned.name, FOR[banned.good["why"]], CARD, banned.pieces))
    shuffled = dice.draw("shelf", found, len(found))
    return [
        Place(f"{'AB'[number // 4]}{number % 4 + 1}", text, cause, paint, least + dice.whole(f"stock.{number}", 0, 6))
        for number, (text, cause, paint, least) in enumerate(shuffled)
    ]


def _out(raw: Mapping[str, Any], lines: Sequence[Line], facts: Mapping[str, Fact]) -> tuple[Step, dict[str, Prop]]:
    wrong = []
    for key, line in zip(KEYS, lines, strict=False):
        told: dict[str, Fact] = {**facts, "article": line.name}
        if line.banned:
            cause = FOR[line.good["why"]]
            wrong.append(stage.wrong(cause, MISSED + key, raw["causes"][cause], told))
        else:
            cause = "m.battery_never" if line.good.get("battery") else "m.screen_overcautious"
            wrong.append(stage.wrong(cause, key, raw["causes"][cause], told))
    right = tuple(key for key, line in zip(KEYS, lines, strict=False) if line.banned)
    options = tuple(
        Option(key, stage.joined(book.same(str(number)), line.name, DOT))
        for number, (key, line) in enumerate(zip(KEYS, lines, strict=False), start=1)
    )
    props = {key: _thing(line.good, line.paint) for key, line in zip(KEYS, lines, strict=False)}
    return _step(raw, SEVERAL, right, tuple(wrong), options, facts=facts, papers=(0, 1)), props


def _pick(raw: Mapping[str, Any], shelf: Sequence[Place], facts: Mapping[str, Fact]) -> tuple[Step, dict[str, Prop]]:
    wrong = []
    keyed = list(zip(KEYS, shelf, strict=False))
    for key, place in keyed:
        cause = place.cause or "m.picked_short"
        part = key if place.cause else MISSED + key
        wrong.append(stage.wrong(cause, part, raw["causes"][cause], {**facts, "place": place.name}))
    right = tuple(key for key, place in keyed if not place.cause)
    told: dict[str, Fact] = {**facts, "places": _listed([place.name for _, place in keyed if not place.cause])}
    options = tuple(Option(key, stage.joined(book.same(place.name), place.text, DOT)) for key, place in keyed)
    props = {key: Prop("box", (24, 20, 24), place.paint) for key, place in keyed}
    return _step(raw, SEVERAL, right, tuple(wrong), options, facts=told, papers=(0, 2)), props


def _carton(dice: Dice, raw: Mapping[str, Any], pad: int, facts: Mapping[str, Fact]) -> tuple[Step, dict[str, Prop]]:
    """Four cartons: with the room, without it beside the goods, with the volume but too short, and too large.

    The goods are at least 8 cm longer than wide, so that the carton that is too short stays so however they are turned.
    """
    goods: Sides = (dice.whole("length", 26, 34), dice.whole("width", 14, 18), dice.whole("height", 6, 10))
    need: Sides = (goods[0] + 2 * pad, goods[1] + 2 * pad, goods[2] + 2 * pad)
    spare = dice.whole("spare", 0, 1)
    fits: Sides = (need[0] + spare, need[1] + spare, need[2] + spare)
    cartons = [
        Carton(fits, ""),
        Carton((goods[0] + 1, goods[1] + 1, goods[2] + 1), "m.carton_tight"),
        Carton((need[0] - 2, need[1] + 4, need[2] + 4), "m.carton_by_volume"),
        Carton((fits[0] + 8, fits[1] + 6, fits[2] + 6), "m.carton_oversize"),
    ]
    told: dict[str, Fact] = {
        **facts,
        "goods": _sized(goods),
        "need": _sized(need),
        "carton": _sized(fits),
        "longest": str(need[0]),
    }
    keyed = list(zip(KEYS, dice.draw("cartons", cartons, len(cartons)), strict=False))
    wrong = tuple(stage.wrong(one.cause, key, raw["causes"][one.cause], told) for key, one in keyed if one.cause)
    right = tuple(key for key, one in keyed if not one.cause)
    options = tuple(Option(key, book.same(f"{_sized(one.sides)} cm")) for key, one in keyed)
    working = raw["working"].format(**{name: told[name] for name in ("goods", "pad", "need")})
    props = {key: Prop("box", (one.sides[0], one.sides[2], one.sides[1]), CARD) for key, one in keyed}
    return _step(raw, CHOICE, right, wrong, options, facts=told, working=(working,), papers=(1,)), props


def _filling(
    dice: Dice, raw: Mapping[str, Any], kept: Sequence[Line], facts: Mapping[str, Fact], *, hard: bool
) -> tuple[Step, dict[str, Prop]]:
    causes = {"gaps": "m.fill_thin", "top": "m.fill_thin", "none": "m.fill_none"}
    if not hard:
        causes = {"all": "m.fill_waste", "top": "m.fill_thin.soft", "none": "m.fill_none"}
    article = next((line.name for line in kept if line.good.get("fragile")), kept[0].name)
    raw = {**raw, "explanation": raw["explanation_hard" if hard else "explanation_soft"]}
    paints = {"all": "#9fc4d8", "gaps": "#cbb994", "top": "#9fc4d8", "none": "#c8c8c8"}
    sizes: dict[str, Sides] = {"all": (30, 24, 24), "gaps": (24, 14, 24), "top": (30, 6, 24), "none": (16, 16, 6)}
    keyed = _shuffled(dice, "filling", raw["options"])
    wrong = tuple(
        stage.wrong(causes[name].removesuffix(".soft"), key, raw["causes"][causes[name]], facts)
        for key, name in keyed
        if name in causes
    )
    right = tuple(key for key, name in keyed if name not in causes)
    options = tuple(Option(key, raw["options"][name]) for key, name in keyed)
    props = {key: Prop("soft", sizes[name], paints[name]) for key, name in keyed}
    return _step(raw, CHOICE, right, wrong, options, facts={**facts, "article": article}, papers=(0, 1)), props


def _labels(
    dice: Dice, raw: Mapping[str, Any], kept: Sequence[Line], facts: Mapping[str, Fact], rule: Rule | None
) -> tuple[Step, dict[str, Prop]]:
    asked = {
        "battery": any(line.good.get("battery") for line in kept),
        "fragile": any(line.good.get("fragile") for line in kept),
        "person": any(not line.named for line in kept),
    }
    needed = {"declaration", *(name for name, is_asked in asked.items() if is_asked)}
    missed = {
        "declaration": "m.declaration_missed",
        "battery": "m.battery_mark_missed",
        "fragile": "m.fragile_missed",
        "person": "m.responsible_missed",
    }
    extra = {"ce": "m.ce_by_packer", "hazard": "m.hazard_label"}
    paints = {"declaration": "#e8f0e2", "battery": "#c8453b", "fragile": "#e3a23a", "person": "#dfe6f2"}
    keyed = _shuffled(dice, "labels", raw["options"])
    wrong = []
    for key, name in keyed:
        cause = missed[name] if name in needed else extra.get(name, "m.label_for_nothing")
        told: dict[str, Fact] = {**facts, "label": raw["options"][name]}
        wrong.append(stage.wrong(cause, MISSED + key if name in needed else key, raw["causes"][cause], told))
    reasons = [raw["needs"][name] for name, is_asked in asked.items() if is_asked] or [raw["needs"]["none"]]
    needs = reasons[0]
    for one in reasons[1:]:
        needs = stage.joined(needs, one, {"en": "; ", "zh": "；"})
    options = tuple(Option(key, raw["options"][name]) for key, name in keyed)
    right = tuple(key for key, name in keyed if name in needed)
    props = {key: Prop("sheet", (20, 14, 1), paints.get(name, "#f4f4f4")) for key, name in keyed}
    named = rule if asked["person"] else None
    return _step(
        raw, SEVERAL, right, tuple(wrong), options, facts={**facts, "needs": needs}, rule=named, papers=(0, 1)
    ), props


def _address(dice: Dice, raw: Mapping[str, Any], facts: Mapping[str, Fact]) -> tuple[Step, dict[str, Prop]]:
    causes = {"seam": "m.label_unreadable", "edge": "m.label_unreadable"}
    causes |= {"end": "m.label_small_side", "bottom": "m.label_small_side"}
    keyed = _shuffled(dice, "address", raw["options"])
    wrong = tuple(
        stage.wrong(causes[name], key, raw["causes"][causes[name]], facts) for key, name in keyed if name in causes
    )
    right = tuple(key for key, name in keyed if name not in causes)
    options = tuple(Option(key, raw["options"][name]) for key, name in keyed)
    props = {key: Prop("sheet", (20, 14, 1), "#ffffff") for key, _ in keyed}
    return _step(raw, CHOICE, right, wrong, options, facts=facts, papers=(1,)), props


def _step(
    raw: Mapping[str, Any],
    form: str,
    right: tuple[str, ...],
    wrong: tuple[Wrong, ...],
    options: tuple[Option, ...],
    *,
    facts: Mapping[str, Fact],
    rule: Rule | None = None,
    working: tuple[str, ...] = (),
    papers: tuple[int, ...] = (),
) -> Step:
    return Step(
        id=raw["id"],
        skill=raw["skill"],
        name=raw["name"],
        question=book.filled(raw["question"], facts),
        unit="",
        places=0,
        right=right,
        tolerance=CENT,
        wrong=wrong,
        working=working,
        explanation=book.filled(raw["explanation"], facts),
        rule=rule,
        basis=raw["basis"],
        form=form,
        options=options,
        papers=papers,
    )


def _tables(
    texts: Mapping[str, Any],
    data: Mapping[str, Any],
    lines: Sequence[Line],
    shelf: Sequence[Place],
    facts: Mapping[str, Fact],
) -> tuple[Table, ...]:
    titles, columns = texts["tables"], texts["columns"]
    ordered = tuple(
        (
            book.same(str(number)),
            line.name,
            book.same(str(line.pieces)),
            line.good["note"],
            data["person"]["printed" if line.named else "open"],
        )
        for number, line in enumerate(lines, start=1)
    )
    return (
        Table(titles["order"], tuple(columns[key] for key in ("line", "article", "pieces", "note", "person")), ordered),
        Table(titles["terms"], (columns["term"],), tuple((book.filled(term, facts),) for term in data["terms"])),
        Table(
            titles["shelf"],
            tuple(columns[key] for key in ("place", "article", "stock")),
            tuple((book.same(one.name), one.text, book.same(str(one.stock))) for one in shelf),
        ),
    )


def _variant(good: Mapping[str, Any], colour: Mapping[str, Any], state: Words | None = None) -> Words:
    """An article in a colour, and in which state it is where that is not as new."""
    parts = [colour["name"], *([] if state is None else [state])]
    return {
        "en": ", ".join([good["name"]["en"], *(part["en"] for part in parts)]),
        "zh": f"{good['name']['zh']}（{'，'.join(part['zh'] for part in parts)}）",
    }


def _shuffled(dice: Dice, name: str, options: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Options in a chance order, each with its key: (key, name)."""
    return list(zip(KEYS, dice.draw(name, list(options), len(options)), strict=False))


def _thing(good: Mapping[str, Any], paint: str) -> Prop:
    return Prop("bottle" if good.get("why") == "flammable" else "box", (20, 16, 16), paint)


def _sized(sides: Sides) -> str:
    return " × ".join(map(str, sides))


def _listed(names: Sequence[str]) -> Words:
    return {"en": ", ".join(names), "zh": "、".join(names)}
