"""Part 10, the ads: one budget over three campaigns, each block where it brings most. Floor 1.

Every campaign brings less with each further block (a concave response), so that block after block to the best next one
is the best split (equal marginal return).
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from curriculum.practice import figures
from curriculum.practice.dice import Dice
from curriculum.practice.draft import Sheet, Sum
from curriculum.practice.flow.world import World

NAMES = ("A", "B", "C")
BLOCKS, DEEP = 6, 4
"""Blocks in the budget, and how many a campaign can take."""


def best(gains: Sequence[Sequence[Decimal]], blocks: int) -> tuple[Decimal, tuple[int, ...]]:
    """What the best split brings before the budget itself, and how many blocks each campaign gets.

    Args:
        gains: For each campaign what each further block brings; never more than the one before.
        blocks: How many there are to give.
    """
    taken = [0] * len(gains)
    total = Decimal(0)
    for _ in range(blocks):
        open_ = [place for place, row in enumerate(gains) if taken[place] < len(row)]
        place = max(open_, key=lambda place: gains[place][taken[place]])
        total += gains[place][taken[place]]
        taken[place] += 1
    return total, tuple(taken)


def split(dice: Dice, world: World) -> tuple[Sum, Sheet]:
    """What a budget brings with the best split, after the budget is paid."""
    block = Decimal(dice.pick("block", [40, 50, 60, 80]))
    gains = []
    for name in NAMES:
        gain = block * dice.cents(f"{name}.first", Decimal("1.40"), Decimal("3.40"))
        row = []
        for depth in range(DEEP):
            row.append(figures.rounded(gain, 0))
            gain *= dice.cents(f"{name}.{depth}", Decimal("0.55"), Decimal("0.88"))
        gains.append(row)
    total, taken = best(gains, BLOCKS)
    budget = block * BLOCKS
    even = sum((sum(row[: BLOCKS // len(NAMES)], Decimal(0)) for row in gains), Decimal(0))
    ranked = sorted(gains, key=lambda row: row[0], reverse=True)
    packed = sum(ranked[0], Decimal(0)) + sum(ranked[1][: BLOCKS - DEEP], Decimal(0))
    wrong = (
        ("m.ads_budget_not_paid", figures.rounded(total)),
        ("m.ads_even_split", figures.rounded(even - budget)),
        ("m.ads_all_in_best", figures.rounded(packed - budget)),
    )
    facts = {
        "block": figures.shown(block),
        "budget": figures.shown(budget),
        "blocks": str(BLOCKS),
        "total": figures.shown(total),
        "away": world.away,
        "taken": ", ".join(f"{name} {count}" for name, count in zip(NAMES, taken, strict=True)),
        "terms": " + ".join(
            figures.shown(gain, 0) for row, count in zip(gains, taken, strict=True) for gain in row[:count]
        ),
    }
    step = Sum("split", figures.rounded(total - budget), wrong, facts=facts, unit=world.away, sheets=("campaigns",))
    rows = tuple((name, *(figures.shown(gain, 0) for gain in row)) for name, row in zip(NAMES, gains, strict=True))
    return step, Sheet("campaigns", ("campaign", "block1", "block2", "block3", "block4"), rows, keyed=False)
