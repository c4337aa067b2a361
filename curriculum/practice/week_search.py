"""The best that can be found in each market of a week, by a search that knows all noise. Floor 1.

Run once for all markets, when what a market is made of changes: `python -m curriculum.practice.week_search` prints the
file `curriculum/data/week.yaml`. A learner cannot know the noise, so this is a bound that is hardly ever reached. A
plain search: every way of shipping, prices and ads of each product in turn, then the orders that meet the demand which
they make, as far as the cash goes; then single decisions of single rounds, as long as they help.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from curriculum.practice import figures, week, week_market, week_policy
from curriculum.practice.week import Decision, Shop
from curriculum.practice.week_market import ROUNDS, Market, Three

PLAN = date(2026, 1, 5)
"""Any Monday: what is earned does not depend on it."""
LEVELS = tuple(Decimal(one) / 100 for one in range(85, 136, 5))
BLOCK = 10
SWEEPS = 3
Plan = tuple[Decision, ...]


def searched(number: int) -> Decimal:
    """What the search earns in a market, EUR.

    Args:
        number: Of the market.
    """
    there = week_market.market(number, PLAN)
    _, earned = _climbed(there)
    return max(earned, week_policy.earned(there))


@dataclass
class _Climb:
    """Where the search stands: factors of the prices, ads, ways of shipping, and what they earn."""

    there: Market
    levels: list[Decimal]
    ads: list[int]
    modes: list[str]
    best: Decimal = Decimal(-1_000_000)

    def plan(self) -> Plan:
        prices = tuple(
            figures.rounded(one.listed * level) for one, level in zip(self.there.products, self.levels, strict=True)
        )
        ads = (self.ads[0], self.ads[1], self.ads[2])
        return tuple(
            Decision((0, 0, 0), (prices[0], prices[1], prices[2]), ads, mode, (0, 0, 0)) for mode in self.modes
        )

    def better(self) -> bool:
        """Whether it earns more now than the best so far, which then is this."""
        found = _earned(self.there, self.plan())
        if found <= self.best:
            return False
        self.best = found
        return True


def _climbed(there: Market) -> tuple[Plan, Decimal]:
    each = there.budget // BLOCK // 3 * BLOCK
    climb = _Climb(there, [Decimal(1)] * 3, [each] * 3, [week_market.AIR] * 2 + [week_market.SEA] * (ROUNDS - 2))
    climb.better()
    for _ in range(SWEEPS):
        before = climb.best
        _price(climb)
        _advertise(climb)
        _ship(climb)
        if climb.best == before:
            break
    return _polished(there, climb.plan(), climb.best)


def _price(climb: _Climb) -> None:
    for place in range(3):
        for level in LEVELS:
            kept, climb.levels[place] = climb.levels[place], level
            if not climb.better():
                climb.levels[place] = kept


def _advertise(climb: _Climb) -> None:
    for place in range(3):
        for other in range(3):
            for step in (BLOCK, -BLOCK) if place == other else (BLOCK,):
                kept = list(climb.ads)
                climb.ads[place] += step
                climb.ads[other] -= BLOCK if place != other else 0
                if min(climb.ads) < 0 or sum(climb.ads) > climb.there.budget or not climb.better():
                    climb.ads = kept


def _ship(climb: _Climb) -> None:
    for turn, kept in enumerate(list(climb.modes)):
        climb.modes[turn] = week_market.SEA if kept == week_market.AIR else week_market.AIR
        if not climb.better():
            climb.modes[turn] = kept


def _polished(there: Market, plan: Plan, best: Decimal) -> tuple[Plan, Decimal]:
    """Prices of single rounds, as long as one helps: a dear price in a week of high demand, a low one after it."""
    for turn in range(ROUNDS):
        for place in range(3):
            for factor in (Decimal("1.04"), Decimal("1.04"), Decimal("0.96"), Decimal("0.96")):
                prices = list(plan[turn].prices)
                prices[place] = figures.rounded(prices[place] * factor)
                other = replace(plan[turn], prices=(prices[0], prices[1], prices[2]))
                tried = (*plan[:turn], other, *plan[turn + 1 :])
                found = _earned(there, tried)
                if found > best:
                    plan, best = tried, found
    return plan, best


def _earned(there: Market, plan: Plan) -> Decimal:
    shop = week.opened(there)
    for number in range(1, ROUNDS + 1):
        decision = replace(plan[number - 1], orders=_needed(there, shop, plan))
        decision = week_policy.affordable(there, shop, decision)
        if week.problems(there, shop, decision):
            return Decimal(-1_000_000)
        shop, _ = week.play(there, shop, decision)
    return week.result(there, shop)


def _needed(there: Market, shop: Shop, plan: Plan) -> Three:
    """What will be asked for until the next order can be sold, without what is there and on its way."""
    number = shop.round
    arrives = number + week_market.LEAD[plan[number - 1].mode]
    following = [later + week_market.LEAD[plan[later - 1].mode] for later in range(number + 1, ROUNDS + 1)]
    until = min([*(one for one in following if one > arrives), ROUNDS + 1])
    if arrives > ROUNDS or any(one <= arrives for one in following):
        return 0, 0, 0
    orders = []
    for place in range(3):
        asked = 0
        for one in range(number, until):
            decision = plan[one - 1]
            alone, by_ads = week_market.expected(there, one, place, decision.prices[place], decision.ads[place])
            noise = there.noise[week_market.HISTORY + one - 1][place]
            asked += int(figures.rounded(alone * noise, 0)) + int(figures.rounded(by_ads * noise, 0))
        orders.append(max(0, asked - shop.stock[place] - shop.coming(place)))
    return orders[0], orders[1], orders[2]


def document() -> str:
    """The file of all markets."""
    found = [str(searched(number)) for number in range(week_market.MARKETS)]
    head = "# The best that week_search.py found in each market of a week, EUR; written by it. Apache-2.0.\n"
    return head + "best:\n" + "".join(f"- '{one}'\n" for one in found)


if __name__ == "__main__":  # pragma: no cover  # the search itself is tested; this prints its file
    print(document(), end="")  # noqa: T201  (a command)
