"""The policy that a week is measured against, and which decision of a round cost most beside it. Floor 1.

The reference is plain on purpose: the price that the market expects, ads spread evenly, the mean of three weeks as
forecast, goods by sea and by air only where a shelf would be empty. What a decision cost is found by playing the round
again with that part of it decided as the reference would, the reference deciding every later round, without the noise
that nobody could know.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import ROUND_FLOOR, Decimal

from curriculum.practice import figures, week, week_market
from curriculum.practice.week import Decision, Shop
from curriculum.practice.week_market import AIR, EVEN, ROUNDS, SEA, Market, Three

PARTS = ("orders", "prices", "ads", "mode")
LOOK = 3
"""Weeks whose mean is the forecast."""
COVER = 2
"""Rounds that an order lasts beyond its way."""
Policy = Callable[[Market, Shop], Decision]


@dataclass(frozen=True)
class Cost:
    """What one part of a decision cost beside the reference.

    Attributes:
        part: One of `PARTS`.
        amount: EUR by the end of the week; below 0 where it was worth more than the reference.
        how: "more" or "less" of it than the reference (for `mode`: "air" or "sea" is what was chosen), "mixed" where
            that is not all of it, "same" where it is the reference's own.
        product: Id of the product that differs most; empty for `mode` or where none does.
        given: What was decided for that product: pieces, EUR, or nothing for `mode`.
        wanted: What the reference would have decided.
    """

    part: str
    amount: Decimal
    how: str
    product: str
    given: Decimal
    wanted: Decimal


def reference(there: Market, shop: Shop) -> Decision:
    """What the reference decides before a round."""
    forecast = _mean(shop)
    listed = (there.products[0].listed, there.products[1].listed, there.products[2].listed)
    each = there.budget // EVEN
    short = any(_ahead(shop, place) < forecast[place] * (week_market.LEAD[SEA] - 1) for place in range(3))
    mode = AIR if short and shop.round + week_market.LEAD[AIR] <= ROUNDS else SEA
    orders = tuple(_order(shop, place, forecast[place], mode) for place in range(3))
    wanted = Decision((orders[0], orders[1], orders[2]), listed, (each, each, each), mode, forecast)
    return affordable(there, shop, wanted)


def affordable(there: Market, shop: Shop, decision: Decision) -> Decision:
    """A decision within the cash of the shop: the same one, or with less of every order, or without ads."""
    cash = max(Decimal(0), shop.cash)
    if sum(decision.ads) > cash:
        decision = replace(decision, ads=(0, 0, 0))
    goods = week.due(there, decision) - sum(decision.ads)
    left = cash - sum(decision.ads)
    if goods <= left:
        return decision
    cut = [int((count * left / goods).to_integral_value(ROUND_FLOOR)) for count in decision.orders]
    return replace(decision, orders=(cut[0], cut[1], cut[2]))


def _mean(shop: Shop) -> Three:
    found = [
        int(figures.rounded(Decimal(sum(one[place] for one in shop.asked[-LOOK:])) / LOOK, 0)) for place in range(3)
    ]
    return found[0], found[1], found[2]


def _ahead(shop: Shop, place: int) -> int:
    return shop.stock[place] + shop.coming(place)


def _order(shop: Shop, place: int, forecast: int, mode: str) -> int:
    """Up to what is sold until the order has come and lasted, never more than the rounds that are left can sell."""
    lead = week_market.LEAD[mode]
    if shop.round + lead > ROUNDS:
        return 0
    rounds = min(lead + COVER, ROUNDS - shop.round + 1)
    return min(week.MOST, max(0, forecast * rounds - _ahead(shop, place)))


def played(there: Market, shop: Shop, policy: Policy) -> Shop:
    """The shop after every round that is left, decided by a policy."""
    while shop.round <= ROUNDS:
        shop, _ = week.play(there, shop, policy(there, shop))
    return shop


def earned(there: Market, policy: Policy = reference) -> Decimal:
    """What a policy earns in a whole week, EUR."""
    return week.result(there, played(there, week.opened(there), policy))


def costs(there: Market, shop: Shop, decision: Decision) -> tuple[Cost, ...]:
    """What each part of a decision cost beside the reference, the dearest first.

    Args:
        there: The market.
        shop: Before the round.
        decision: What was decided.
    """
    known = week_market.calm(there, shop.round)
    base, wanted = _end(known, shop, decision), reference(there, shop)
    found = []
    for part in PARTS:
        other = affordable(there, shop, _swapped(decision, wanted, part))
        amount = _end(known, shop, other) - base
        found.append(_cost(there, part, decision, wanted, amount))
    return tuple(sorted(found, key=lambda one: -one.amount))


def behind(there: Market, shop: Shop, decision: Decision) -> Decimal:
    """What a whole decision cost beside the reference's, EUR; 0 or less where it was worth as much."""
    known = week_market.calm(there, shop.round)
    return _end(known, shop, reference(there, shop)) - _end(known, shop, decision)


def _end(known: Market, shop: Shop, decision: Decision) -> Decimal:
    after, _ = week.play(known, shop, decision)
    return week.result(known, played(known, after, reference))


def _swapped(decision: Decision, wanted: Decision, part: str) -> Decision:
    match part:
        case "orders":
            return replace(decision, orders=wanted.orders)
        case "prices":
            return replace(decision, prices=wanted.prices)
        case "ads":
            return replace(decision, ads=wanted.ads)
    return replace(decision, mode=wanted.mode)


def _cost(there: Market, part: str, decision: Decision, wanted: Decision, amount: Decimal) -> Cost:
    if part == "mode":
        how = "same" if decision.mode == wanted.mode or not any(decision.orders) else decision.mode
        return Cost(part, amount, how, "", Decimal(0), Decimal(0))
    given, meant = _triple(decision, part), _triple(wanted, part)
    gaps = [one - other for one, other in zip(given, meant, strict=True)]
    if not any(gaps):
        return Cost(part, amount, "same", "", Decimal(0), Decimal(0))
    place = max(range(3), key=lambda place: abs(gaps[place]))
    how = "mixed" if min(gaps) < 0 < max(gaps) else "more" if gaps[place] > 0 else "less"
    return Cost(part, amount, how, there.products[place].id, given[place], meant[place])


def _triple(decision: Decision, part: str) -> tuple[Decimal, ...]:
    if part == "prices":
        return decision.prices
    return tuple(map(Decimal, decision.orders if part == "orders" else decision.ads))
