"""Part 7, the order: what must be checked before it is sent, and what stock it leaves. Floor 1."""

from __future__ import annotations

from decimal import Decimal

from curriculum.practice import book, figures
from curriculum.practice.dice import Dice
from curriculum.practice.draft import Pairs, Sheet, Sum
from curriculum.practice.flow import shelf
from curriculum.practice.flow.world import World
from curriculum.practice.task import MISSED, SEVERAL, Words

WHOLE = Decimal("0.4")
"""Pieces are whole: nothing beside the right number is right."""


def risk(dice: Dice) -> tuple[Sum, Sheet]:
    """Which signs of an order ask for a check; the others are harmless."""
    data = shelf.pages()["signals"]
    count = dice.whole("risky", 2, 3)
    risky = dice.draw("risk", [one for one in data if one["risky"]], count)
    calm = dice.draw("calm", [one for one in data if not one["risky"]], 5 - count)
    rows = dice.draw("signals", [*risky, *calm], 5)
    keys = {one["id"]: shelf.KEYS[place] for place, one in enumerate(rows)}
    wrong: Pairs = ()
    told: dict[tuple[str, ...], Words] = {}
    for one in rows:
        cause, mark = ("m.risk_missed", MISSED) if one["risky"] else ("m.risk_overrated", "")
        value = (mark + keys[one["id"]],)
        wrong += ((cause, value),)
        told[value] = book.filled(shelf.causes("risk")[cause], {"sign": one["text"], "why": one["why"]})
    step = Sum(
        "risk",
        tuple(sorted(keys[one["id"]] for one in risky)),
        wrong,
        form=SEVERAL,
        options=tuple((keys[one["id"]], one["text"]) for one in rows),
        told=told,
        sheets=("signs",),
    )
    return step, Sheet("signs", ("sign",), tuple((one["text"],) for one in rows), keyed=False)


def stock(dice: Dice, world: World) -> tuple[Sum, Sheet]:
    """What can still be sold of the main article after this order, over all warehouses."""
    first = world.lines[0].pieces + world.lines[1].pieces
    on_hand, reserved = dice.whole("on_hand", 900, 4800), dice.whole("reserved", 40, 380)
    coming = dice.whole("coming", 500, 2400)
    right = Decimal(on_hand - reserved - first)
    step = Sum(
        "stock",
        right,
        (
            ("m.reserved_ignored", right + reserved),
            ("m.incoming_counted", right + coming),
            ("m.order_not_booked", right + first),
        ),
        facts={
            "article": world.goods[0]["name"],
            "on_hand": figures.shown(Decimal(on_hand), 0),
            "reserved": figures.shown(Decimal(reserved), 0),
            "coming": figures.shown(Decimal(coming), 0),
            "ordered": str(first),
        },
        places=0,
        tolerance=WHOLE,
        sheets=("invoice", "stock"),
    )
    return step, Sheet(
        "stock",
        ("what", "figure"),
        tuple(
            (name, figures.shown(Decimal(count), 0))
            for name, count in (("on_hand", on_hand), ("reserved", reserved), ("coming", coming))
        ),
    )
