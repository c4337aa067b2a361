"""The sums of a kit: by article, by market, of all; exact, made once a kit. Floor 1.

A sale to a country whose rate of value-added tax is known has that tax in its price; in another, none is taken off.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from curriculum.almanac import vat
from curriculum.kits.kit import OTHER, Kit, Order, Product
from curriculum.practice import figures

HOME = "CN"
WINDOW = 28
"""Days of which the demand is taken."""
ZERO = Decimal(0)


@dataclass(frozen=True)
class Total:
    """The sums of some lines of orders.

    Attributes:
        lines: How many.
        orders: How many different orders.
        pieces: Sold.
        returned: Of them, came back.
        paid: By buyers, goods and shipping, with tax.
        tax: Value-added tax in what they paid and did not get back.
        refund: Given back.
        fees: Kept by platforms.
        freight: Paid to carriers.
        goods: Cost of all pieces sold.
        ads: Spent on advertising.
    """

    lines: int
    orders: int
    pieces: int
    returned: int
    paid: Decimal
    tax: Decimal
    refund: Decimal
    fees: Decimal
    freight: Decimal
    goods: Decimal
    ads: Decimal

    @property
    def net(self) -> Decimal:
        """What stays of the sales: without refunds and tax."""
        return self.paid - self.refund - self.tax

    @property
    def costs(self) -> Decimal:
        """Fees, freight and goods; a piece that came back is written off."""
        return self.fees + self.freight + self.goods

    @property
    def profit(self) -> Decimal:
        """Before advertising."""
        return self.net - self.costs


@dataclass(frozen=True)
class Books:
    """The sums of a kit; articles and markets in a fixed order, the largest sales first.

    Attributes:
        products: Articles by number.
        articles: Sums by number.
        markets: Sums by country.
        window: Pieces sold in the last `WINDOW` days, by number.
        sold: Lines by number.
        orders: Lines by order.
    """

    products: Mapping[str, Product]
    articles: Mapping[str, Total]
    markets: Mapping[str, Total]
    window: Mapping[str, int]
    sold: Mapping[str, tuple[Order, ...]]
    orders: Mapping[str, tuple[Order, ...]]


@functools.lru_cache(maxsize=16)
def of(kit: Kit) -> Books:
    """The books of a kit.

    Args:
        kit: De-identified.
    """
    products = {one.sku: one for one in kit.products}
    articles: dict[str, list[Order]] = {}
    markets: dict[str, list[Order]] = {}
    orders: dict[str, list[Order]] = {}
    for order in kit.orders:
        orders.setdefault(order.order_id, []).append(order)
        articles.setdefault(order.sku, []).append(order)
        markets.setdefault(order.country, []).append(order)
    begin = kit.last - timedelta(days=WINDOW - 1)
    window = {sku: sum(one.quantity for one in found if one.date >= begin) for sku, found in articles.items()}
    by_sku, by_country = _spent(kit, "sku"), _spent(kit, "country")
    totals = {sku: total(found, products, by_sku.get(sku, ZERO)) for sku, found in articles.items()}
    sums = {code: total(found, products, by_country.get(code, ZERO)) for code, found in markets.items()}
    return Books(
        products,
        dict(sorted(totals.items(), key=lambda one: (-one[1].paid, one[0]))),
        dict(sorted(sums.items(), key=lambda one: (-one[1].paid, one[0]))),
        window,
        {sku: tuple(found) for sku, found in articles.items()},
        {id_: tuple(found) for id_, found in orders.items()},
    )


def total(orders: Iterable[Order], products: Mapping[str, Product], ads: Decimal) -> Total:
    """The sums of lines.

    Args:
        orders: The lines.
        products: By number.
        ads: What was spent on them.
    """
    lines = list(orders)
    return Total(
        lines=len(lines),
        orders=len({one.order_id for one in lines}),
        pieces=sum(one.quantity for one in lines),
        returned=sum(one.returned for one in lines),
        paid=sum((paid(one) for one in lines), ZERO),
        tax=sum((tax(one, paid(one) - one.refund) for one in lines), ZERO),
        refund=sum((one.refund for one in lines), ZERO),
        fees=sum((one.fees for one in lines), ZERO),
        freight=sum((one.freight for one in lines), ZERO),
        goods=sum((products[one.sku].cost * one.quantity for one in lines), ZERO),
        ads=ads,
    )


def paid(order: Order) -> Decimal:
    """What the buyer paid for a line, with tax."""
    return order.price * order.quantity + order.shipping


def rate(country: str, order: Order) -> Decimal | None:
    """The standard rate of value-added tax on the day of an order, per cent; None where none is known."""
    return None if country == OTHER or country not in vat.countries() else vat.standard(country, order.date).percent


def tax(order: Order, amount: Decimal) -> Decimal:
    """The value-added tax in an amount of an order, to the cent."""
    percent = rate(order.country, order)
    return ZERO if percent is None else figures.rounded(amount * percent / (100 + percent))


def _spent(kit: Kit, by: str) -> dict[str, Decimal]:
    found: dict[str, Decimal] = {}
    for one in kit.ads:
        key = getattr(one, by)
        found[key] = found.get(key, ZERO) + one.spend
    return found
