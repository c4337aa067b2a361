"""A small shop over ten rounds: what is decided, what comes of it, its books; from (seed, date, decisions). Floor 1.

Each round is a week: pieces to order, prices, the ads of three campaigns, one way of shipping, and a forecast. Demand
has a season and noise, ads bring less with each further euro, goods are at sea or in the air before they can be sold.
Every amount is an exact decimal; the books are chained by SHA-256, so that a changed line shows.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from curriculum.practice import figures, week_market
from curriculum.practice.week_market import EVEN, HISTORY, LEAD, MODES, ROUNDS, Amounts, Market, Three

TAX_ROUNDS = frozenset({5, 10})
"""Rounds at whose end the VAT that was collected is paid over."""
LATE = Decimal(5)
"""Per cent on VAT that could not be paid on its day."""
LOWEST_OF = 4
"""Rounds of which an announced price reduction must be below the lowest price: 30 days (Directive 98/6/EC, Art. 6a)."""
SOLD_OFF = Decimal("0.5")
"""Share of their cost that pieces left after the last round bring."""
MOST = 9999
"""The largest number of pieces in one order."""
ZERO = Decimal(0)


@dataclass(frozen=True)
class Decision:
    """What is decided for a round, by product.

    Attributes:
        orders: Pieces to order.
        prices: EUR with VAT.
        ads: EUR, whole.
        mode: One of `MODES`, for all that is ordered.
        forecast: Pieces that will be asked for.
    """

    orders: Three
    prices: Amounts
    ads: Three
    mode: str
    forecast: Three


@dataclass(frozen=True)
class Entry:
    """A line of the books.

    Attributes:
        number: From 1.
        round: 0: the opening.
        kind: "opening", "purchase", "freight", "arrival", "sale", "commission", "ads", "holding", "return", "back",
            "tax" or "late".
        product: Id; empty where it is of no single one.
        pieces: That come into stock; below 0 where they leave it. Of a purchase: that are on their way.
        cash: That comes in, EUR; below 0 where it goes out.
        tax: By how much the VAT that is owed grows.
        digest: SHA-256 over the line before and this one.
    """

    number: int
    round: int
    kind: str
    product: str
    pieces: int
    cash: Decimal
    tax: Decimal
    digest: str


@dataclass(frozen=True)
class Shipment:
    """Pieces on their way: of which product, and the round in which they can be sold."""

    product: int
    pieces: int
    arrives: int


@dataclass(frozen=True)
class Shop:
    """The shop before a round.

    Attributes:
        round: The round to be decided, from 1; `ROUNDS` + 1 after the last.
        stock: Pieces that can be sold.
        moving: Pieces on their way.
        cash: EUR.
        tax: VAT that is owed, EUR.
        sold: Pieces sold in the round before.
        prices: Of every round, the known ones first.
        asked: Pieces asked for, likewise.
        books: Every line.
    """

    round: int
    stock: Three
    moving: tuple[Shipment, ...]
    cash: Decimal
    tax: Decimal
    sold: Three
    prices: tuple[Amounts, ...]
    asked: tuple[Three, ...]
    books: tuple[Entry, ...]

    def coming(self, product: int) -> int:
        """Pieces of a product that are on their way."""
        return sum(one.pieces for one in self.moving if one.product == product)


@dataclass(frozen=True)
class Report:
    """What came of a round.

    Attributes:
        round: From 1.
        decision: What was decided.
        asked: Pieces asked for.
        sold: Pieces sold.
        by_ads: How many of those asked for the ads brought.
        returned: Pieces that came back.
        arrived: Pieces that came into stock.
        takings: What buyers paid, without VAT, EUR.
        costs: (kind, EUR): goods sold, commission, freight, ads, storing, returns, late tax.
        profit: Takings without costs.
        stock: Pieces at its end.
        cash: At its end.
        covered: Share of the VAT owed, before any is paid over, that the cash covers; 1 where none is owed.
        announced: Prices lower than in the round before.
        untrue: How many of them were not below the lowest price of the rounds before.
    """

    round: int
    decision: Decision
    asked: Three
    sold: Three
    by_ads: Three
    returned: Three
    arrived: Three
    takings: Decimal
    costs: tuple[tuple[str, Decimal], ...]
    profit: Decimal
    stock: Three
    cash: Decimal
    covered: Decimal
    announced: int
    untrue: int

    @property
    def lost(self) -> int:
        """Pieces asked for that were not there."""
        return sum(self.asked) - sum(self.sold)


def opened(there: Market) -> Shop:
    """The shop before its first round: the known weeks were sold at the listed prices with ads spread evenly."""
    listed = tuple(one.listed for one in there.products)
    prices = (listed[0], listed[1], listed[2])
    each = there.budget // EVEN
    asked = tuple(_asked(there, number, prices, (each, each, each))[0] for number in range(1 - HISTORY, 1))
    usual = [sum(one[place] for one in asked[-3:]) // 3 for place in range(3)]
    stock = (usual[0] * 3, usual[1] * 3, usual[2] * 3)
    shop = Shop(1, stock, (), ZERO, ZERO, (0, 0, 0), (prices,) * HISTORY, asked, ())
    for place, product in enumerate(there.products):
        shop = _booked(there, shop, "opening", product.id, stock[place])
    return _booked(there, shop, "opening", cash=there.cash)


def _asked(there: Market, number: int, prices: Amounts, ads: Three) -> tuple[Three, Three]:
    whole, brought = [], []
    for place in range(3):
        alone, by_ads = week_market.expected(there, number, place, prices[place], ads[place])
        noise = there.noise[HISTORY + number - 1][place]
        brought.append(int(figures.rounded(by_ads * noise, 0)))
        whole.append(int(figures.rounded(alone * noise, 0)) + brought[-1])
    return (whole[0], whole[1], whole[2]), (brought[0], brought[1], brought[2])


def due(there: Market, decision: Decision) -> Decimal:
    """What a decision costs at once: goods, freight and ads, EUR."""
    pieces = zip(there.products, decision.orders, strict=True)
    return sum((count * (one.cost + one.freight(decision.mode)) for one, count in pieces), ZERO) + sum(decision.ads)


def problems(there: Market, shop: Shop, decision: Decision) -> tuple[str, ...]:
    """Why a decision cannot be carried out: "budget", "cash", "orders", "prices", "mode", "forecast"; or nothing."""
    found = []
    if any(not 0 <= count <= MOST for count in decision.orders):
        found.append("orders")
    if any(
        not one.listed / 4 <= price <= one.listed * 3
        for one, price in zip(there.products, decision.prices, strict=True)
    ):
        found.append("prices")
    if any(spent < 0 for spent in decision.ads) or sum(decision.ads) > there.budget:
        found.append("budget")
    if decision.mode not in MODES:
        found.append("mode")
    if any(not 0 <= count <= MOST for count in decision.forecast):
        found.append("forecast")
    # A shop that buys nothing may have no money left: it goes on selling.
    if not found and due(there, decision) > max(ZERO, shop.cash):
        found.append("cash")
    return tuple(found)


def play(there: Market, shop: Shop, decision: Decision) -> tuple[Shop, Report]:
    """Carry out a decision.

    Args:
        there: The market.
        shop: Before the round.
        decision: That `problems` has nothing against.

    Returns:
        The shop before the next round, and what came of this one.

    Raises:
        ValueError: The decision cannot be carried out, or all rounds were played.
    """
    wrong = problems(there, shop, decision)
    if wrong or shop.round > ROUNDS:
        message = f"round {shop.round} of market {there.number}: {', '.join(wrong) or 'all rounds were played'}"
        raise ValueError(message)
    number = shop.round
    after, arrived = _arrive(there, shop)
    after, freight = _buy(there, after, decision)
    after, refunds, returned = _take_back(there, after)
    asked, by_ads = _asked(there, number, decision.prices, decision.ads)
    after, sold, takings, commission = _sell(there, after, decision, asked)
    ads = Decimal(sum(decision.ads))
    after = _booked(there, after, "ads", cash=-ads)
    holding = figures.rounded(there.holding * sum(after.stock))
    after = _booked(there, after, "holding", cash=-holding)
    covered = min(Decimal(1), max(ZERO, after.cash) / after.tax) if after.tax > 0 else Decimal(1)
    after, late = _pay_tax(there, after)
    goods = sum((count * one.cost for one, count in zip(there.products, sold, strict=True)), ZERO)
    costs = (
        ("goods", goods),
        ("commission", commission),
        ("freight", freight),
        ("ads", ads),
        ("holding", holding),
        ("returns", refunds),
        ("late", late),
    )
    announced, untrue = _reductions(shop, decision)
    report = Report(
        round=number,
        decision=decision,
        asked=asked,
        sold=sold,
        by_ads=by_ads,
        returned=returned,
        arrived=arrived,
        takings=takings,
        costs=costs,
        profit=takings - sum((amount for _, amount in costs), ZERO),
        stock=after.stock,
        cash=after.cash,
        covered=figures.rounded(covered, 4),
        announced=announced,
        untrue=untrue,
    )
    prices = (*after.prices, decision.prices)
    return replace(after, round=number + 1, sold=sold, prices=prices, asked=(*after.asked, asked)), report


def worth(there: Market, shop: Shop) -> Decimal:
    """What the shop is worth: cash and goods at their cost, without the VAT that is owed, EUR."""
    goods = sum((one.cost * (shop.stock[place] + shop.coming(place)) for place, one in enumerate(there.products)), ZERO)
    return shop.cash + goods - shop.tax


def result(there: Market, shop: Shop) -> Decimal:
    """What the shop earned since it opened, pieces that are left valued at what they bring when sold off, EUR."""
    goods = sum((one.cost * (shop.stock[place] + shop.coming(place)) for place, one in enumerate(there.products)), ZERO)
    return figures.rounded(worth(there, shop) - goods * (1 - SOLD_OFF) - worth(there, opened(there)))


def sound(books: Sequence[Entry], there: Market) -> bool:
    """Whether no line of the books was changed, left out or put in since it was written."""
    before = ""
    for number, entry in enumerate(books, start=1):
        if entry.number != number or entry.digest != _digest(before, entry, there):
            return False
        before = entry.digest
    return True


def _booked(
    there: Market,
    shop: Shop,
    kind: str,
    product: str = "",
    pieces: int = 0,
    *,
    cash: Decimal = ZERO,
    tax: Decimal = ZERO,
) -> Shop:
    number = shop.round if kind != "opening" else 0
    entry = Entry(len(shop.books) + 1, number, kind, product, pieces, cash, tax, "")
    before = shop.books[-1].digest if shop.books else ""
    books = (*shop.books, replace(entry, digest=_digest(before, entry, there)))
    return replace(shop, cash=shop.cash + cash, tax=shop.tax + tax, books=books)


def _digest(before: str, entry: Entry, there: Market) -> str:
    day = there.day(entry.round).isoformat()
    parts = (before, entry.number, day, entry.round, entry.kind, entry.product, entry.pieces, entry.cash, entry.tax)
    return hashlib.sha256("\x1f".join(map(str, parts)).encode()).hexdigest()


def _arrive(there: Market, shop: Shop) -> tuple[Shop, Three]:
    stock, arrived = list(shop.stock), [0, 0, 0]
    for one in shop.moving:
        if one.arrives == shop.round:
            stock[one.product] += one.pieces
            arrived[one.product] += one.pieces
    left = tuple(one for one in shop.moving if one.arrives != shop.round)
    after = replace(shop, stock=(stock[0], stock[1], stock[2]), moving=left)
    for place, pieces in enumerate(arrived):
        if pieces:
            after = _booked(there, after, "arrival", there.products[place].id, pieces)
    return after, (arrived[0], arrived[1], arrived[2])


def _buy(there: Market, shop: Shop, decision: Decision) -> tuple[Shop, Decimal]:
    freight = ZERO
    for place, (product, pieces) in enumerate(zip(there.products, decision.orders, strict=True)):
        if not pieces:
            continue
        sent = Shipment(place, pieces, shop.round + LEAD[decision.mode])
        shop = replace(shop, moving=(*shop.moving, sent))
        shop = _booked(there, shop, "purchase", product.id, pieces, cash=-product.cost * pieces)
        shop = _booked(there, shop, "freight", product.id, cash=-product.freight(decision.mode) * pieces)
        freight += product.freight(decision.mode) * pieces
    return shop, freight


def _take_back(there: Market, shop: Shop) -> tuple[Shop, Decimal, Three]:
    """Refund what comes back of the round before; it can be sold again, the marketplace keeps its commission."""
    lost, stock, returned = ZERO, list(shop.stock), [0, 0, 0]
    for place, product in enumerate(there.products):
        pieces = int(figures.rounded(shop.sold[place] * figures.percent(product.returns), 0))
        if not pieces:
            continue
        returned[place] = pieces
        stock[place] += pieces
        paid = shop.prices[-1][place] * pieces
        tax = _vat(there, paid)
        shop = _booked(there, shop, "return", product.id, pieces, cash=-paid, tax=-tax)
        shop = _booked(there, shop, "back", product.id, cash=-there.back * pieces)
        lost += paid - tax + there.back * pieces - product.cost * pieces
    return replace(shop, stock=(stock[0], stock[1], stock[2])), lost, (returned[0], returned[1], returned[2])


def _sell(there: Market, shop: Shop, decision: Decision, asked: Three) -> tuple[Shop, Three, Decimal, Decimal]:
    takings, commission = ZERO, ZERO
    stock, sold = list(shop.stock), [0, 0, 0]
    for place, product in enumerate(there.products):
        pieces = sold[place] = min(asked[place], stock[place])
        if not pieces:
            continue
        stock[place] -= pieces
        paid = decision.prices[place] * pieces
        tax = _vat(there, paid)
        fee = figures.rounded(paid * figures.percent(there.commission))
        shop = _booked(there, shop, "sale", product.id, -pieces, cash=paid, tax=tax)
        shop = _booked(there, shop, "commission", product.id, cash=-fee)
        takings, commission = takings + paid - tax, commission + fee
    after = replace(shop, stock=(stock[0], stock[1], stock[2]))
    return after, (sold[0], sold[1], sold[2]), takings, commission


def _pay_tax(there: Market, shop: Shop) -> tuple[Shop, Decimal]:
    if shop.round not in TAX_ROUNDS or shop.tax <= 0:
        return shop, ZERO
    paid = min(shop.tax, max(ZERO, shop.cash))
    if paid:
        shop = _booked(there, shop, "tax", cash=-paid, tax=-paid)
    late = figures.rounded(shop.tax * figures.percent(LATE))
    return (_booked(there, shop, "late", cash=-late), late) if late else (shop, ZERO)


def _reductions(shop: Shop, decision: Decision) -> tuple[int, int]:
    announced = untrue = 0
    for place, price in enumerate(decision.prices):
        if price < shop.prices[-1][place]:
            announced += 1
            untrue += price >= min(prices[place] for prices in shop.prices[-LOWEST_OF:])
    return announced, untrue


def _vat(there: Market, paid: Decimal) -> Decimal:
    return figures.rounded(paid * there.vat / (100 + there.vat))
