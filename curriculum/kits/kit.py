"""A kit as it was read: frozen rows with exact figures, and as plain data for whoever keeps it. Floor 1."""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, TypeVar

CURRENCIES = ("EUR", "USD", "GBP", "CNY")
LICENCES = ("teaching", "CC-BY-4.0", "CC-BY-SA-4.0", "CC0-1.0")
"""What the enterprise allows: use in teaching at this institution alone, or one of the open licences."""
OTHER = "ZZ"
"""In place of a country that stood for too few orders."""


@dataclass(frozen=True)
class Manifest:
    """What the enterprise says of the whole.

    Attributes:
        title: What learners see, by language: `en` and `zh`.
        currency: Of every amount, one of `CURRENCIES`.
        home: Country that the goods come from, two letters.
        licence: One of `LICENCES`.
        permission: Who allowed the use and when, by office and not by name.
        safety_days: Days of demand that the enterprise keeps as safety stock.
    """

    title: Mapping[str, str]
    currency: str
    home: str
    licence: str
    permission: str
    safety_days: int = 7


@dataclass(frozen=True)
class Product:
    """An article: cost of one piece, and its parcel in kilograms and centimetres."""

    sku: str
    name: str
    cost: Decimal
    weight_kg: Decimal
    length_cm: Decimal
    width_cm: Decimal
    height_cm: Decimal
    hs_code: str
    lead_days: int | None
    stock: int | None


@dataclass(frozen=True)
class Order:
    """A line of an order: price of one piece with tax; fees, freight and refund of the whole line."""

    order_id: str
    date: date
    sku: str
    quantity: int
    country: str
    price: Decimal
    shipping: Decimal
    fees: Decimal
    freight: Decimal
    returned: int
    refund: Decimal


@dataclass(frozen=True)
class Tariff:
    """What a carrier charges to a country: cubic centimetres a kilogram, rounding step, rate a kilogram, fuel."""

    carrier: str
    country: str
    divisor: int
    step_kg: Decimal
    rate: Decimal
    fuel_percent: Decimal


@dataclass(frozen=True)
class Ad:
    """Advertising of an article in a country on a day."""

    date: date
    campaign: str
    sku: str
    country: str
    spend: Decimal
    clicks: int
    orders: int
    sales: Decimal


@dataclass(frozen=True, eq=False)
class Kit:
    """All of it; amounts in the currency of the manifest. Two kits are compared by `digest`: rows are many."""

    manifest: Manifest
    products: tuple[Product, ...]
    orders: tuple[Order, ...]
    tariffs: tuple[Tariff, ...] = ()
    ads: tuple[Ad, ...] = ()

    @property
    def first(self) -> date:
        """The day of the first order."""
        return min(one.date for one in self.orders)

    @property
    def last(self) -> date:
        """The day of the last order."""
        return max(one.date for one in self.orders)


Row = TypeVar("Row", Product, Order, Tariff, Ad)


def plain(kit: Kit) -> dict[str, Any]:
    """A kit as JSON holds it; `of_plain` reads it again.

    Args:
        kit: As it was read.
    """
    return {
        "manifest": {**dataclasses.asdict(kit.manifest), "title": dict(kit.manifest.title)},
        **{
            name: [[_text(value) for value in dataclasses.astuple(row)] for row in getattr(kit, name)]
            for name in ("products", "orders", "tariffs", "ads")
        },
    }


def dumped(kit: Kit) -> str:
    """A kit as text, the same for the same kit."""
    return json.dumps(plain(kit), ensure_ascii=False, sort_keys=True, separators=(",", ":"))


@functools.lru_cache(maxsize=16)
def loaded(text: str) -> Kit:
    """A kit from its text, once a process.

    Args:
        text: As `dumped` made it.
    """
    data = json.loads(text)
    return Kit(
        Manifest(**data["manifest"]),
        tuple(_row(Product, one) for one in data["products"]),
        tuple(_row(Order, one) for one in data["orders"]),
        tuple(_row(Tariff, one) for one in data["tariffs"]),
        tuple(_row(Ad, one) for one in data["ads"]),
    )


def digest(kit: Kit) -> str:
    """16 hex digits of a hash over all of it."""
    return hashlib.sha256(dumped(kit).encode()).hexdigest()[:16]


def _text(value: object) -> object:
    return value if value is None or isinstance(value, int) else str(value)


def _row(of: type[Row], values: list[Any]) -> Row:
    names = dataclasses.fields(of)
    made: dict[str, Any] = {}
    for field, value in zip(names, values, strict=True):
        read = _READ.get(str(field.type))
        made[field.name] = read(value) if read else value
    return of(**made)


_READ: Mapping[str, Callable[[str], Any]] = {"Decimal": Decimal, "date": date.fromisoformat}
