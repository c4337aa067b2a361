"""The market of a week: its products, season, noise and prices, drawn from a seed. Floor 1.

Demand falls as a price rises above what the market expects, and ads bring less with each further euro.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from curriculum.practice import book, figures
from curriculum.practice.dice import Dice
from curriculum.practice.flow import shelf
from curriculum.practice.task import Words

ROUNDS, HISTORY, MARKETS = 10, 8, 40
"""Rounds of a week, weeks that are known before the first, and different markets: a seed opens one of them."""
SEA, AIR = MODES = ("sea", "air")
LEAD = {SEA: 3, AIR: 1}
"""Rounds until an order can be sold."""
EVEN = 3
"""Campaigns, one for each product."""
NAME: Words = {"en": "A shop over ten weeks", "zh": "十周小店"}
MINUTES = 45
"""About how long all rounds take."""
ZERO = Decimal(0)
Three = tuple[int, int, int]
Amounts = tuple[Decimal, Decimal, Decimal]


@dataclass(frozen=True)
class Product:
    """What the shop sells.

    Attributes:
        id: "a", "b" or "c"; the campaign of the same letter advertises it.
        name: What a page shows.
        cost: Purchase of a piece, EUR.
        listed: The price that the market expects, EUR with VAT.
        base: Pieces asked for in a usual round at that price, without ads.
        elasticity: By how many per cent demand falls when the price rises by one per cent of `listed`.
        sea: Freight of a piece by sea, EUR.
        air: The same by air.
        returns: Per cent of what is sold that comes back in the next round.
        most: Pieces that endless ads would bring in a round.
        half: EUR of ads that bring half of them.
    """

    id: str
    name: Words
    cost: Decimal
    listed: Decimal
    base: int
    elasticity: Decimal
    sea: Decimal
    air: Decimal
    returns: Decimal
    most: int
    half: Decimal

    def freight(self, mode: str) -> Decimal:
        """Freight of a piece."""
        return self.sea if mode == SEA else self.air


@dataclass(frozen=True)
class Market:
    """Where the shop sells.

    Attributes:
        number: Which of `MARKETS`.
        first: Monday of the first round.
        products: The three products.
        season: Factor of demand of every round, the known ones before the first included.
        noise: The same by product: what nobody can know before.
        budget: Most that may be spent on ads in a round, EUR.
        cash: What the shop begins with, EUR.
        commission: Of the marketplace, per cent of what buyers pay.
        vat: Rate of VAT in the prices, per cent.
        holding: Storing one piece for a round, EUR.
        back: A returned piece, EUR: its label and its check.
    """

    number: int
    first: date
    products: tuple[Product, Product, Product]
    season: tuple[Decimal, ...]
    noise: tuple[Amounts, ...]
    budget: int
    cash: Decimal
    commission: Decimal
    vat: Decimal
    holding: Decimal
    back: Decimal

    def day(self, number: int) -> date:
        """Monday of a round, from 1; of a known one, from 0 downwards."""
        return self.first + timedelta(weeks=number - 1)


def market(seed: int, on: date) -> Market:
    """The market of a seed: the same on every machine.

    Args:
        seed: Any whole number; it opens one of `MARKETS`.
        on: The day: the first round begins on its Monday or the next one.
    """
    number = seed % MARKETS
    dice = Dice(f"week/{number}")
    goods = dice.draw("goods", shelf.pages()["goods"], 3)
    made = tuple(_product(Dice(f"{dice.seed}/{place}"), place, good) for place, good in enumerate(goods))
    peak = dice.whole("peak", 4, 8)
    height, trend = dice.cents("height", Decimal("0.3"), Decimal("0.7")), dice.whole("trend", -2, 3)
    season = []
    for number_ in range(-HISTORY + 1, ROUNDS + 1):
        distance = abs(number_ - peak)
        bump = height * max(0, 3 - distance) / 3
        season.append(figures.rounded(1 + bump + Decimal(trend * number_) / 100, 3))
    noise = tuple(
        (_noise(dice, number_, 0), _noise(dice, number_, 1), _noise(dice, number_, 2))
        for number_ in range(HISTORY + ROUNDS)
    )
    return Market(
        number=number,
        first=on + timedelta(days=-on.weekday() % 7),
        products=(made[0], made[1], made[2]),
        season=tuple(season),
        noise=noise,
        budget=dice.pick("budget", [90, 120, 150]),
        cash=Decimal(dice.whole("cash", 12, 18) * 100),
        commission=Decimal(dice.whole("commission", 10, 15)),
        vat=Decimal(dice.pick("vat", [19, 20, 21, 22])),
        holding=dice.cents("holding", Decimal("0.08"), Decimal("0.20")),
        back=dice.cents("back", Decimal("2.50"), Decimal("4.50"), Decimal("0.10")),
    )


def _product(dice: Dice, place: int, good: Mapping[str, Any]) -> Product:
    low, high = map(Decimal, good["price"])
    listed = dice.cents("listed", low, high, Decimal("0.10"))
    cost = figures.rounded(listed * dice.cents("cost", Decimal("0.32"), Decimal("0.42")))
    sea = figures.rounded(listed * dice.cents("sea", Decimal("0.03"), Decimal("0.05")))
    return Product(
        id="abc"[place],
        name=good["title"],
        cost=cost,
        listed=listed,
        base=dice.whole("base", 24, 70),
        elasticity=dice.cents("elasticity", Decimal("1.4"), Decimal("2.8"), Decimal("0.1")),
        sea=sea,
        air=figures.rounded(sea * dice.cents("air", Decimal("2.6"), Decimal("3.8"), Decimal("0.1"))),
        returns=Decimal(dice.whole("returns", 3, 14)),
        most=dice.whole("most", 14, 48),
        half=Decimal(dice.whole("half", 3, 12) * 10),
    )


def _noise(dice: Dice, number: int, place: int) -> Decimal:
    # The sum of three throws: most rounds are near what is expected, few are far from it.
    throws = sum(dice.whole(f"noise.{number}.{place}.{turn}", -60, 60) for turn in range(3))
    return 1 + Decimal(throws) / 1000


def calm(there: Market, after: int) -> Market:
    """The same market without noise in the rounds after one: what could be expected then.

    Args:
        there: The market.
        after: The last round whose noise stays.
    """
    still = (Decimal(1), Decimal(1), Decimal(1))
    kept = HISTORY + after
    return replace(there, noise=(*there.noise[:kept], *(still for _ in there.noise[kept:])))


def expected(there: Market, number: int, product: int, price: Decimal, ads: int) -> tuple[Decimal, Decimal]:
    """Pieces that will be asked for but for the noise, not rounded: by themselves, and by ads.

    Args:
        there: The market.
        number: Of the round.
        product: Its place, from 0.
        price: EUR with VAT.
        ads: EUR.
    """
    one, season = there.products[product], there.season[HISTORY + number - 1]
    factor = min(Decimal(2), max(ZERO, 1 + one.elasticity * (1 - price / one.listed)))
    by_ads = one.most * (Decimal(ads) / (ads + one.half)) * season * min(Decimal(1), factor)
    return one.base * season * factor, by_ads


def named(there: Market, product: str) -> Words:
    """The name of a product; of none: empty."""
    return next((one.name for one in there.products if one.id == product), book.same(""))
