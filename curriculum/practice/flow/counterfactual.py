"""What an error would have cost: the same order with the right figure and with the wrong one, in money. Floor 1.

"With 22.23 kg, not 9.10 kg: freight CNY 934.50 instead of 382.00, margin −4.1 points."
"""

from __future__ import annotations

from decimal import Decimal

from curriculum.practice import figures
from curriculum.practice.flow.world import World
from curriculum.practice.task import Words

PLACES = 1


def points(world: World, more: Decimal) -> Decimal:
    """By how many points of margin an order is worse than planned.

    Args:
        world: The order.
        more: What it costs more than planned, in the seller's currency; below 0 where it costs less.

    Returns:
        Points of what the buyer pays without tax, rounded to a tenth; below 0 where it is worse.
    """
    return figures.rounded(-100 * more / world.earned(world.paid), PLACES)


def margin(world: World, more: Decimal) -> Words:
    r"""The change of the margin in words, both languages: "margin −4.1 points"."""
    change = points(world, more)
    shown = figures.shown(abs(change), PLACES)
    sign = "" if not change else "\N{MINUS SIGN}" if change < 0 else "+"
    return {"en": f"margin {sign}{shown} points", "zh": f"利润率 {sign}{shown} 个百分点"}


def weight(world: World, wrong: Decimal) -> Words:
    """A shipment billed by the right weight beside the one that was planned.

    Args:
        world: The order.
        wrong: The weight that was planned, kg.
    """
    right = world.parcel.chargeable
    billed, planned = world.freight, world.parcel.freight(wrong)
    change = margin(world, billed - planned)
    weights = f"{figures.shown(right)} kg", f"{figures.shown(wrong)} kg"
    bills = f"{world.home} {figures.shown(billed)}", figures.shown(planned)
    return {
        "en": f" With {weights[0]}, not {weights[1]}: freight {bills[0]} instead of {bills[1]}, {change['en']}.",
        "zh": f"按 {weights[0]} 而不是 {weights[1]}：运费 {bills[0]}，而不是 {bills[1]}，{change['zh']}。",
    }


def amount(world: World, right: Decimal, wrong: Decimal) -> Words:
    """A cost in the buyer's currency that the seller bears, beside the one that was planned.

    Args:
        world: The order.
        right: What is due, in the buyer's currency.
        wrong: What was planned, in the same.
    """
    change = margin(world, world.earned(right - wrong))
    due, planned = f"{world.away} {figures.shown(right)}", figures.shown(wrong)
    return {
        "en": f" With {due}, not {planned}: {change['en']}.",
        "zh": f"按 {due} 而不是 {planned} 计算：{change['zh']}。",
    }
