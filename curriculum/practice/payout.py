"""The money of one order: commission, conversion, payout, net margin, break-even price. Floor 1.

Fees and rate stand on the documents of the case; the exchange rate is the ECB's of the day of conversion, and says how
many yuan one unit of the currency is worth.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from curriculum.almanac import currency as money
from curriculum.almanac import names
from curriculum.almanac.currency import Quote
from curriculum.practice import book, figures, quoting
from curriculum.practice.dice import Dice
from curriculum.practice.draft import Draft, Fact, Sheet, Sum

TENTH = Decimal("0.1")
# Going back in four divisions, a learner rounds to the cent up to four times.
ROUNDINGS = Decimal("0.03")
YEAR = 365


@dataclass(frozen=True)
class Order:
    """One order: price and shipping in its currency, commission and conversion fee in per cent, costs in yuan."""

    currency: str
    price: Decimal
    shipping: Decimal
    commission: Decimal
    quote: Quote
    fx: Decimal
    goods: Decimal
    freight: Decimal

    @property
    def paid(self) -> Decimal:
        """What the buyer pays."""
        return self.price + self.shipping

    @property
    def costs(self) -> Decimal:
        """Goods and freight, in yuan."""
        return self.goods + self.freight

    @property
    def rate(self) -> Decimal:
        """How many yuan one unit of the currency is worth."""
        return self.quote.rate

    @property
    def share(self) -> Decimal:
        """The commission as a factor."""
        return figures.percent(self.commission)

    @property
    def fee(self) -> Decimal:
        """The conversion fee as a factor."""
        return figures.percent(self.fx)


def draft(dice: Dice, on: date) -> Draft:
    """The figures of a case: converted on the day, or on one of the year before it."""
    data = book.pages()
    currency = dice.pick("currency", data["currencies"])
    price = Decimal(dice.whole("price", 19, 89)) + dice.pick("tail", [Decimal("0.99"), Decimal("0.90"), Decimal(0)])
    day = on - timedelta(days=dice.whole("day", 0, YEAR))
    quote = money.on(currency["id"], "CNY", day)
    yuan = price * quote.rate
    order = Order(
        currency=currency["id"],
        price=price,
        shipping=dice.cents("shipping", Decimal(3), Decimal(8), Decimal("0.10")),
        commission=Decimal(dice.whole("commission", 8, 15)),
        quote=quote,
        fx=dice.cents("fx", Decimal("0.5"), Decimal("2.5"), Decimal("0.1")),
        goods=figures.rounded(yuan * dice.cents("goods", Decimal("0.30"), Decimal("0.48")), 0),
        freight=figures.rounded(yuan * dice.cents("freight", Decimal("0.12"), Decimal("0.28")), 0),
    )
    return laid(order, day, dice.pick("seller", data["sellers"]), names.within(currency["where"]))


def laid(order: Order, day: date, seller: Fact, where: Fact) -> Draft:
    """The questions on the money of an order.

    Args:
        order: What was paid and what it costs.
        day: Of the conversion.
        seller: Where the shop is.
        where: Where the buyer is, as inside a sentence.
    """
    kept = figures.rounded(order.paid * order.share)
    converted = figures.rounded((order.paid - kept) * order.rate)
    arrived = figures.rounded(converted * (1 - order.fee))
    facts: dict[str, Fact] = {
        "seller": seller,
        "where": where,
        "day": figures.day(day),
        "rate_source": quoting.source(order.quote),
        "currency": order.currency,
        "price": figures.shown(order.price),
        "shipping": figures.shown(order.shipping),
        "commission": figures.plain(order.commission),
        "rate": figures.shown(order.rate, quoting.PLACES),
        "fx": figures.plain(order.fx),
        "goods": figures.shown(order.goods),
        "freight": figures.shown(order.freight),
        "kept": figures.shown(kept),
        "net": figures.shown(order.paid - kept),
        "yuan": figures.shown(converted),
        "arrived": figures.shown(arrived),
    }
    return Draft(
        facts=facts,
        sheets=_sheets(order),
        steps=(
            _commission(order, kept),
            _convert(order, kept, converted),
            _arrive(order, converted, arrived),
            _margin(order, arrived),
            _breakeven(order),
        ),
    )


def fits(made: Draft) -> bool:
    """Whether a margin remains that is worth asking for."""
    return Decimal(5) <= made.steps[3].figure <= Decimal(45)


def _sheets(order: Order) -> tuple[Sheet, Sheet, Sheet]:
    columns = ("what", "figure")
    return (
        Sheet(
            "order",
            columns,
            (
                ("price", f"{order.currency} {figures.shown(order.price)}"),
                ("shipping", f"{order.currency} {figures.shown(order.shipping)}"),
            ),
        ),
        Sheet(
            "fees",
            columns,
            (
                ("commission", f"{figures.plain(order.commission)} %"),
                ("rate", quoting.shown(order.quote)),
                ("rate_source", quoting.source(order.quote)),
                ("fx", f"{figures.plain(order.fx)} %"),
            ),
        ),
        Sheet(
            "cost",
            columns,
            (("goods", f"CNY {figures.shown(order.goods)}"), ("freight", f"CNY {figures.shown(order.freight)}")),
        ),
    )


def _commission(order: Order, kept: Decimal) -> Sum:
    return Sum(
        "commission",
        kept,
        (
            ("m.commission_on_price_only", figures.rounded(order.price * order.share)),
            ("m.percent_of_the_rest", figures.rounded(order.paid * order.share / (1 + order.share))),
        ),
        unit=order.currency,
    )


def _convert(order: Order, kept: Decimal, converted: Decimal) -> Sum:
    net = order.paid - kept
    return Sum(
        "convert",
        converted,
        (
            ("m.fx_inverse", figures.rounded(net / order.rate)),
            ("m.gross_payout", figures.rounded(order.paid * order.rate)),
        ),
        given=(("kept", f"{order.currency} {figures.shown(kept)}"),),
    )


def _arrive(order: Order, converted: Decimal, arrived: Decimal) -> Sum:
    return Sum(
        "arrived",
        arrived,
        (
            ("m.fx_fee_forgotten", converted),
            ("m.fx_fee_added", figures.rounded(converted * (1 + order.fee))),
        ),
        given=(("yuan", f"CNY {figures.shown(converted)}"),),
    )


def _margin(order: Order, arrived: Decimal) -> Sum:
    profit = arrived - order.costs
    return Sum(
        "margin",
        figures.rounded(100 * profit / arrived, 1),
        (
            ("m.margin_markup", figures.rounded(100 * profit / order.costs, 1)),
            ("m.margin_without_freight", figures.rounded(100 * (arrived - order.goods) / arrived, 1)),
        ),
        places=1,
        tolerance=TENTH,
        facts={"profit": figures.shown(profit)},
        given=(("arrived", f"CNY {figures.shown(arrived)}"),),
    )


def _breakeven(order: Order) -> Sum:
    needed = order.costs / order.rate / (1 - order.fee)
    return Sum(
        "breakeven",
        figures.rounded(needed / (1 - order.share) - order.shipping),
        (
            ("m.breakeven_without_commission", figures.rounded(needed - order.shipping)),
            ("m.margin_markup", figures.rounded(needed * (1 + order.share) - order.shipping)),
            (
                "m.fx_fee_forgotten",
                figures.rounded(order.costs / order.rate / (1 - order.share) - order.shipping),
            ),
            ("m.shipping_forgotten", figures.rounded(needed / (1 - order.share))),
        ),
        tolerance=ROUNDINGS,
        unit=order.currency,
    )
