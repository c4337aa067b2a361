"""The money of one order: commission, conversion, payout, net margin, break-even price. Floor 1.

Fees and rate stand on the documents of the case; an exchange rate is how many yuan one unit of the currency is worth.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from curriculum.practice import book, figures
from curriculum.practice.dice import Dice
from curriculum.practice.draft import Draft, Fact, Sheet, Sum

TENTH = Decimal("0.1")
# Going back in four divisions, a learner rounds to the cent up to four times.
ROUNDINGS = Decimal("0.03")


@dataclass(frozen=True)
class _Order:
    currency: str
    price: Decimal
    shipping: Decimal
    commission: Decimal
    rate: Decimal
    fx: Decimal
    goods: Decimal
    freight: Decimal

    @property
    def paid(self) -> Decimal:
        return self.price + self.shipping

    @property
    def costs(self) -> Decimal:
        return self.goods + self.freight

    @property
    def share(self) -> Decimal:
        return figures.percent(self.commission)

    @property
    def fee(self) -> Decimal:
        return figures.percent(self.fx)


def draft(dice: Dice, _on: date) -> Draft:
    """The figures of a case; the day changes nothing in it."""
    data = book.pages()
    currency = dice.pick("currency", data["currencies"])
    price = Decimal(dice.whole("price", 19, 89)) + dice.pick("tail", [Decimal("0.99"), Decimal("0.90"), Decimal(0)])
    rate = dice.cents("rate", *(Decimal(bound) for bound in currency["rate"]))
    yuan = price * rate
    order = _Order(
        currency=currency["id"],
        price=price,
        shipping=dice.cents("shipping", Decimal(3), Decimal(8), Decimal("0.10")),
        commission=Decimal(dice.whole("commission", 8, 15)),
        rate=rate,
        fx=dice.cents("fx", Decimal("0.5"), Decimal("2.5"), Decimal("0.1")),
        goods=figures.rounded(yuan * dice.cents("goods", Decimal("0.30"), Decimal("0.48")), 0),
        freight=figures.rounded(yuan * dice.cents("freight", Decimal("0.12"), Decimal("0.28")), 0),
    )
    kept = figures.rounded(order.paid * order.share)
    converted = figures.rounded((order.paid - kept) * order.rate)
    arrived = figures.rounded(converted * (1 - order.fee))
    facts: dict[str, Fact] = {
        "seller": dice.pick("seller", data["sellers"]),
        "where": currency["where"],
        "currency": order.currency,
        "price": figures.shown(order.price),
        "shipping": figures.shown(order.shipping),
        "commission": figures.plain(order.commission),
        "rate": figures.shown(order.rate),
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


def _sheets(order: _Order) -> tuple[Sheet, Sheet, Sheet]:
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
                ("rate", f"1 {order.currency} = CNY {figures.shown(order.rate)}"),
                ("fx", f"{figures.plain(order.fx)} %"),
            ),
        ),
        Sheet(
            "cost",
            columns,
            (("goods", f"CNY {figures.shown(order.goods)}"), ("freight", f"CNY {figures.shown(order.freight)}")),
        ),
    )


def _commission(order: _Order, kept: Decimal) -> Sum:
    return Sum(
        "commission",
        kept,
        (
            ("m.commission_on_price_only", figures.rounded(order.price * order.share)),
            ("m.percent_of_the_rest", figures.rounded(order.paid * order.share / (1 + order.share))),
        ),
        unit=order.currency,
    )


def _convert(order: _Order, kept: Decimal, converted: Decimal) -> Sum:
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


def _arrive(order: _Order, converted: Decimal, arrived: Decimal) -> Sum:
    return Sum(
        "arrived",
        arrived,
        (
            ("m.fx_fee_forgotten", converted),
            ("m.fx_fee_added", figures.rounded(converted * (1 + order.fee))),
        ),
        given=(("yuan", f"CNY {figures.shown(converted)}"),),
    )


def _margin(order: _Order, arrived: Decimal) -> Sum:
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


def _breakeven(order: _Order) -> Sum:
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
