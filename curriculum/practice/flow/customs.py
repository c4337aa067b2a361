"""Part 4, the declaration of the goods: code, the rule that settles it, and customs value. Floor 1."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from curriculum.almanac import tariff
from curriculum.practice import answers, book, figures
from curriculum.practice.dice import Dice
from curriculum.practice.draft import Fact, Pairs, Sheet, Sum
from curriculum.practice.flow import shelf
from curriculum.practice.flow.law import Levy
from curriculum.practice.flow.world import World
from curriculum.practice.task import CHOICE, TEXT, Words

HS_RULE = "hs.2022"
FIRST = "1"
NEIGHBOUR = "m.hs_neighbour"
SHOWN = 2


def code(world: World) -> tuple[Sum, Sheet]:
    """Six digits of the main article; its neighbours in the extract stand for other ways to classify."""
    good = world.goods[0]
    traps = (*good["traps"], *_beside(good))
    near = [trap["hs"] for trap in _nearest(good["hs"], traps[len(good["traps"]) :])]
    codes = {*near, *(one["hs"] for one in world.goods), *(trap["hs"] for one in world.goods for trap in one["traps"])}
    step = Sum(
        "hs",
        (answers.plain(good["hs"]),),
        tuple((trap["cause"], (answers.plain(trap["hs"]),)) for trap in traps),
        facts={"article": good["name"], "hs": good["hs"], "text": tariff.text(good["hs"]), "why": good["why"]},
        form=TEXT,
        digits=True,
        told={(answers.plain(trap["hs"]),): _trapped(good, trap) for trap in traps},
        rule=book.catalog().rules.get(HS_RULE),
        sheets=("invoice", "extract"),
    )
    rows = tuple((hs, tariff.text(hs)) for hs in sorted(codes))
    return step, Sheet("extract", ("hs", "heading"), rows, keyed=False)


def _beside(good: Mapping[str, Any]) -> tuple[Mapping[str, str], ...]:
    """The other subheadings of the article's heading: neighbours whose text does not fit, unless the data say more."""
    known = {good["hs"], *(trap["hs"] for trap in good["traps"])}
    return tuple({"hs": hs, "cause": NEIGHBOUR} for hs in tariff.heading(good["hs"]) if hs not in known)


def _nearest(code: str, traps: Sequence[Mapping[str, str]]) -> list[Mapping[str, str]]:
    """The few of them that stand nearest to a code in the heading: what an extract has room for."""
    order = tariff.heading(code)
    place = order.index(code)
    return sorted(traps, key=lambda trap: (abs(order.index(trap["hs"]) - place), trap["hs"]))[:SHOWN]


def _trapped(good: Mapping[str, Any], trap: Mapping[str, str]) -> Words:
    facts: dict[str, Fact] = {
        "trap": trap["hs"],
        "trap_text": tariff.text(trap["hs"]),
        "hs": good["hs"],
        "text": tariff.text(good["hs"]),
    }
    return book.filled(shelf.causes("hs")[trap["cause"]], facts)


def rule(dice: Dice, world: World) -> tuple[Sum, Sheet]:
    """Which of the General Rules settles the code, as the article is supplied."""
    data = shelf.pages()
    good = world.goods[0]
    supply = dice.pick("supply", good["supplies"])
    kind = data["supplies"][supply]
    keys = {name: shelf.KEYS[place] for place, name in enumerate(data["gri"])}
    wrong: Pairs = ()
    for name, key in keys.items():
        if name == kind["gri"]:
            continue
        cause = (
            "m.gri_ignores_supply" if name == FIRST else "m.gri_skips_first" if kind["gri"] == FIRST else "m.gri_other"
        )
        wrong += ((cause, (key,)),)
    facts: dict[str, Fact] = {
        "article": good["name"],
        "supply": kind["text"],
        "rule_right": data["gri"][kind["gri"]],
        "reason": kind["why"],
    }
    step = Sum(
        "gri",
        (keys[kind["gri"]],),
        wrong,
        facts=facts,
        form=CHOICE,
        options=tuple((key, data["gri"][name]) for name, key in keys.items()),
        rule=book.catalog().rules.get(HS_RULE),
        given=(("hs_of", good["hs"]),),
        sheets=("supplied", "extract"),
    )
    return step, Sheet("supplied", ("article", "how"), ((good["name"], kind["text"]),), keyed=False)


def invoice(world: World) -> Sheet:
    """The rows of the invoice."""
    rows = tuple((line.name, str(line.pieces), figures.shown(line.price)) for line in world.lines)
    return Sheet("invoice", ("article", "pieces", f"unit_{world.away.lower()}"), rows, keyed=False)


def declared(world: World) -> Sheet:
    """The rows of the declaration: those of the invoice with their codes, once those are known."""
    rows = tuple((line.name, line.hs, str(line.pieces), figures.shown(line.price)) for line in world.lines)
    return Sheet("declared", ("article", "hs", "pieces", f"unit_{world.away.lower()}"), rows, keyed=False)


def costs(world: World) -> Sheet:
    """What the invoice shows besides the goods."""
    return Sheet(
        "shipping",
        ("what", "figure"),
        (
            ("standard", f"{world.away} {figures.shown(world.standard)}"),
            ("express", f"{world.away} {figures.shown(world.express)}"),
        ),
    )


def value(world: World, levy: Levy) -> Sum:
    """What is held against the threshold, or taxed: goods alone, or goods and carriage."""
    units = sum((line.price for line in world.lines), Decimal(0))
    terms = " + ".join(
        f"{line.pieces} × {figures.shown(line.price)}" if line.pieces > 1 else figures.shown(line.price)
        for line in world.lines
    )
    with_carriage = world.destination == "cn"
    right = world.paid if with_carriage else world.value
    missing = ("m.cn_value_without_freight", world.value) if with_carriage else ("m.intrinsic_incl_freight", world.paid)
    return Sum(
        "value",
        figures.rounded(right),
        (missing, ("m.unit_prices_only", units + world.shipping if with_carriage else units)),
        facts={"sum": terms, "shipping": figures.shown(world.shipping)},
        rule=levy.rule,
        unit=world.away,
        sheets=("invoice", "shipping"),
    )
