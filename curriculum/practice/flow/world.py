"""The nouns of the flow: an order on its way from a seller to a buyer abroad, as frozen data. Floor 1.

All of it is drawn once, and does not depend on the law: the same order on two dates differs by its taxes alone. Money
stands in two currencies: `home`, in which the seller counts, and `away`, in which the buyer pays.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from curriculum.almanac.currency import Quote
from curriculum.practice import book, figures, rates
from curriculum.practice.importing import Line
from curriculum.practice.task import Words

GROUPS = ("select", "listing", "logistics", "customs", "tax", "price", "order", "payment", "service", "ads")
"""Parts of a case, in order: what a seller does one after another."""
STEPS: Mapping[str, str] = {
    "screen": "select",
    "title": "listing",
    "gtin": "listing",
    "chargeable": "logistics",
    "promise": "logistics",
    "hs": "customs",
    "gri": "customs",
    "value": "customs",
    "who": "tax",
    "duty": "tax",
    "vat": "tax",
    "landed": "price",
    "price": "price",
    "risk": "order",
    "stock": "order",
    "payout": "payment",
    "dispute": "payment",
    "refund": "service",
    "disposition": "service",
    "split": "ads",
}
"""Steps of a case by their part, in order; the same ones for every destination."""
MARKET, SHOP, SHOP_REGISTERED = CHANNELS = ("market", "shop", "shop_registered")
"""Where it is sold: a marketplace, a shop of one's own, and one that is registered to collect the VAT of the buyer."""


@dataclass(frozen=True)
class Parcel:
    """The parcel and the tariff of its carrier.

    Attributes:
        sides: Length, width and height, cm.
        gross: On the scale, kg.
        divisor: Cubic centimetres a kilogram, by this tariff.
        other: The divisor of other tariffs.
        per_kg: Price of a kilogram, in the seller's currency.
        fuel: Surcharge, per cent of the freight.
    """

    sides: tuple[int, int, int]
    gross: Decimal
    divisor: int
    other: int
    per_kg: Decimal
    fuel: Decimal

    def volumetric(self, divisor: int) -> Decimal:
        """Volumetric weight by a divisor, kg."""
        length, width, height = self.sides
        return figures.rounded(Decimal(length * width * height) / divisor)

    @property
    def larger(self) -> Decimal:
        """The larger of both weights, kg, not yet rounded up."""
        return max(self.volumetric(self.divisor), self.gross)

    @property
    def chargeable(self) -> Decimal:
        """What the carrier charges, kg: the larger weight, up to the next half."""
        return figures.half_up(self.larger)

    def freight(self, weight: Decimal) -> Decimal:
        """What the carrier bills for a weight, in the seller's currency."""
        return figures.rounded(weight * self.per_kg * (1 + figures.percent(self.fuel)))


@dataclass(frozen=True)
class Deal:
    """What selling costs, and the exchange rate.

    Attributes:
        purchase: What the seller paid for the goods, in the seller's currency.
        commission: Of the channel, per cent of what the buyer pays without tax.
        fee: Of the payment company, per cent of the same.
        rate: Yuan for one unit of the other currency.
        fx: Conversion fee, per cent.
        buffer: Safety margin on the rate, per cent.
        target: Margin that the seller wants, per cent of the price.
        quote: Where the rate comes from; None where it is nobody's.
    """

    purchase: Decimal
    commission: Decimal
    fee: Decimal
    rate: Decimal
    fx: Decimal
    buffer: Decimal
    target: Decimal
    quote: Quote | None = None


@dataclass(frozen=True)
class World:
    """An order.

    Attributes:
        destination: "eu", "uk", "us" or "cn".
        day: Of the declaration.
        place: City, country and calendar, as in the data; `rate` where it has a sales tax of its own, per cent.
        seller: Where the seller is.
        origin: The calendar of public holidays there.
        home: Currency of the seller.
        away: Currency of the buyer.
        channel: One of `CHANNELS`.
        paid_duty: Whether the buyer was promised to pay nothing at the door (DDP); else the buyer pays there (DAP).
        bonded: Whether the goods lie in a bonded zone before the sale.
        goods: The articles of the lines, as in the data, the main one first; each tariff line once.
        lines: Rows of the invoice; the first article has two.
        standard: Shipping that the buyer pays, standard delivery.
        express: What the buyer pays on top for express.
        tariff: Duty of the tariff on this consignment where no relief holds, per cent.
        parcel: How it is sent.
        deal: What selling costs.
    """

    destination: str
    day: date
    place: Mapping[str, Any]
    seller: Words
    origin: str
    home: str
    away: str
    channel: str
    paid_duty: bool
    bonded: bool
    goods: tuple[Mapping[str, Any], ...]
    lines: tuple[Line, ...]
    standard: Decimal
    express: Decimal
    tariff: Decimal
    parcel: Parcel
    deal: Deal

    @property
    def value(self) -> Decimal:
        """Price of the goods, all pieces, without shipping and tax."""
        return sum((line.value for line in self.lines), Decimal(0))

    @property
    def shipping(self) -> Decimal:
        """What the buyer pays for shipping."""
        return self.standard + self.express

    @property
    def paid(self) -> Decimal:
        """What the buyer pays without tax."""
        return self.value + self.shipping

    @property
    def pieces(self) -> int:
        """Pieces in all."""
        return sum(line.pieces for line in self.lines)

    @property
    def codes(self) -> tuple[str, ...]:
        """Tariff lines, each once."""
        return tuple(dict.fromkeys(line.hs for line in self.lines))

    @property
    def calendar(self) -> str:
        """The calendar of public holidays of the buyer's place."""
        return str(self.place["calendar"])

    @property
    def rate(self) -> Decimal:
        """Standard rate of VAT at the destination on the day, or the sales tax of the place, per cent."""
        if "rate" in self.place:
            return Decimal(self.place["rate"])
        return rates.standard(book.catalog(), self.place["id"], self.day)

    @property
    def vat(self) -> Decimal:
        """The same as a factor."""
        return figures.percent(self.rate)

    @property
    def mistaken(self) -> rates.Mistaken:
        """Rates that may be taken for it."""
        return rates.mistaken(self.place["id"], self.day, self.rate)

    @property
    def freight(self) -> Decimal:
        """What the carrier bills, in the seller's currency."""
        return self.parcel.freight(self.parcel.chargeable)

    def earned(self, away: Decimal) -> Decimal:
        """An amount of the buyer's currency in the seller's, not rounded."""
        return away * self.deal.rate if self.home == "CNY" else away / self.deal.rate

    def spent(self, home: Decimal, rate: Decimal) -> Decimal:
        """An amount of the seller's currency in the buyer's at a rate, not rounded."""
        return home / rate if self.home == "CNY" else home * rate

    @property
    def safe_rate(self) -> Decimal:
        """The rate with its safety margin: the worse one for the seller."""
        share = figures.percent(self.deal.buffer)
        return self.deal.rate * (1 - share if self.home == "CNY" else 1 + share)

    @property
    def bold_rate(self) -> Decimal:
        """The rate with its safety margin on the wrong side."""
        share = figures.percent(self.deal.buffer)
        return self.deal.rate * (1 + share if self.home == "CNY" else 1 - share)
