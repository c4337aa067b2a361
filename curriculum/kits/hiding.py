"""De-identify a kit: what points at people and at single deals is taken away, and what was done is told. Floor 1.

Dates move back by whole weeks, all by the same secret number, so that weekdays and seasons stay; order numbers are
replaced; amounts may be multiplied by a secret factor; a country that stands for fewer than `FEWEST` orders becomes
"other", and so does an order of a rare size. Whoever calls gives the secrets and forgets them: nothing here brings the
originals back. The result is looked through for personal data again, by the same detector.
"""

from __future__ import annotations

import csv
import dataclasses
import io
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal

from curriculum.kits import columns, faults, intake
from curriculum.kits.faults import Fault
from curriculum.kits.kit import OTHER, Ad, Kit, Order, Product, Tariff
from curriculum.practice import figures, shop_people
from curriculum.practice.dice import Dice

FEWEST = 5
"""Orders that a country, or a quantity, must stand for."""
WEEKS = (2, 26)
SCALES = (Decimal("0.80"), Decimal("1.25"))


@dataclass(frozen=True)
class Secrets:
    """What was drawn for one kit; never kept.

    Attributes:
        weeks: By which all days move back.
        scale: What amounts are multiplied by; 1: they stay.
        order: Seed of the new order numbers.
    """

    weeks: int
    scale: Decimal
    order: str


@dataclass(frozen=True)
class Hidden:
    """What came of it.

    Attributes:
        kit: Without what points at people; None where that cannot be.
        done: What was done, key and count: "days", "orders", "amounts", "countries", "sizes", "dropped", "carriers",
            "campaigns", "names".
        faults: Why there is no kit.
    """

    kit: Kit | None
    done: tuple[tuple[str, int], ...]
    faults: tuple[Fault, ...] = ()
    people: tuple[Fault, ...] = ()


def drawn(seed: str, *, scaled: bool) -> Secrets:
    """Secrets from a seed that nobody can guess.

    Args:
        seed: A new unguessable text.
        scaled: Whether amounts are to be multiplied as well.
    """
    dice = Dice(f"kit/{seed}")
    scale = dice.cents("scale", *SCALES) if scaled else Decimal(1)
    return Secrets(dice.whole("weeks", *WEEKS), Decimal("1.07") if scaled and scale == 1 else scale, seed)


def hide(kit: Kit, secrets: Secrets, *, names: bool = False) -> Hidden:
    """De-identify a kit.

    Args:
        kit: As it was read.
        secrets: As `drawn` made them.
        names: Whether articles lose their own numbers and names too.
    """
    rare_countries = _rare(one.country for one in kit.orders)
    rare_sizes = _rare(one.quantity for one in kit.orders)
    orders, sizes = [], 0
    for one in kit.orders:
        sized = one.quantity in rare_sizes
        sizes += sized
        orders.append(replace(one, country=OTHER) if sized or one.country in rare_countries else one)
    # A country that lost its rare sizes may have become rare itself.
    again = _rare(one.country for one in orders) - {OTHER}
    orders = [replace(one, country=OTHER) if one.country in again else one for one in orders]
    others = [one for one in orders if one.country == OTHER]
    kept = [one for one in orders if one.country != OTHER] if len(others) < FEWEST else orders
    gone = len(orders) - len(kept)
    there = {one.country for one in kept}
    done = [
        ("days", secrets.weeks and len(kept)),
        ("orders", len({one.order_id for one in kept})),
        ("amounts", int(secrets.scale != 1)),
        ("countries", len((rare_countries | again) - there)),
        ("sizes", sizes),
        ("dropped", gone),
        ("carriers", len({one.carrier for one in kit.tariffs})),
        ("campaigns", len({one.campaign for one in kit.ads})),
        ("names", len(kit.products) if names else 0),
    ]
    if len(kept) < intake.FEWEST:
        return Hidden(None, tuple(done), (Fault("", 0, "", "thin"),))
    made = _replaced(replace(kit, orders=tuple(kept)), secrets, names=names, there=there)
    people = looked(made)
    return Hidden(None if people else made, tuple(done), (), people)


def looked(kit: Kit) -> tuple[Fault, ...]:
    """Places of a kit that hold personal data, by the detector that every file goes through.

    Args:
        kit: Any kit.
    """
    return tuple(
        faults.person(name, one.line, columns.COLUMNS[name][one.column - 1].name, one.kind)
        for name in columns.FILES
        for one in shop_people.of_table(name, _table(kit, name))
    )


def written(kit: Kit, name: str) -> str:
    """A file of a kit as CSV: heads first, RFC 4180.

    Args:
        kit: The kit.
        name: One of `columns.FILES`.
    """
    out = io.StringIO()
    csv.writer(out).writerows(_table(kit, name))
    return out.getvalue()


def _table(kit: Kit, name: str) -> list[Sequence[str]]:
    rows = getattr(kit, name)
    return [
        [one.name for one in columns.COLUMNS[name]],
        *(["" if cell is None else str(cell) for cell in dataclasses.astuple(row)] for row in rows),
    ]


def _rare(values: Iterable[object]) -> set[object]:
    return {value for value, count in Counter(values).items() if count < FEWEST}


def _replaced(kit: Kit, secrets: Secrets, *, names: bool, there: set[str]) -> Kit:
    back = timedelta(weeks=secrets.weeks)
    ids = sorted({one.order_id for one in kit.orders})
    by_chance = Dice(f"order/{secrets.order}")
    shuffled = sorted(ids, key=lambda one: by_chance.whole(one, 0, 1 << 60))
    new = {old: f"N{place:05}" for place, old in enumerate(shuffled, start=1)}
    skus = {one.sku: f"P-{place:02}" if names else one.sku for place, one in enumerate(kit.products, start=1)}
    carriers = _lettered("Line", (one.carrier for one in kit.tariffs))
    campaigns = _lettered("Campaign", (one.campaign for one in kit.ads))
    orders = [_order(one, secrets.scale) for one in kit.orders]
    return Kit(
        kit.manifest,
        tuple(_product(one, skus, secrets.scale, names=names) for one in kit.products),
        tuple(
            sorted(
                (replace(one, order_id=new[one.order_id], sku=skus[one.sku], date=one.date - back) for one in orders),
                key=lambda one: (one.date, one.order_id, one.sku),
            )
        ),
        tuple(_tariff(one, carriers, secrets.scale) for one in kit.tariffs if one.country in there),
        tuple(
            replace(_ad(one, secrets.scale), date=one.date - back, campaign=campaigns[one.campaign], sku=skus[one.sku])
            for one in kit.ads
            if one.country in there
        ),
    )


def _lettered(word: str, names: Iterable[str]) -> dict[str, str]:
    return {name: f"{word} {place}" for place, name in enumerate(dict.fromkeys(names), start=1)}


def _times(value: Decimal, scale: Decimal) -> Decimal:
    return value if scale == 1 else figures.rounded(value * scale)


def _product(one: Product, skus: dict[str, str], scale: Decimal, *, names: bool) -> Product:
    cost = max(_times(one.cost, scale), Decimal("0.01"))
    return replace(one, cost=cost, sku=skus[one.sku], name=skus[one.sku] if names else one.name)


def _order(one: Order, scale: Decimal) -> Order:
    """The line with its amounts multiplied; a refund of the full price stays one of the full price."""
    price = max(_times(one.price, scale), Decimal("0.01"))
    shipping = _times(one.shipping, scale)
    whole = [(one.price * one.returned, price * one.returned)]
    whole.append((one.price * one.returned + one.shipping, price * one.returned + shipping))
    refund = next((new for old, new in whole if old == one.refund), _times(one.refund, scale))
    return replace(
        one,
        price=price,
        shipping=shipping,
        fees=_times(one.fees, scale),
        freight=_times(one.freight, scale),
        refund=min(refund, price * one.quantity + shipping),
    )


def _tariff(one: Tariff, carriers: dict[str, str], scale: Decimal) -> Tariff:
    return replace(one, carrier=carriers[one.carrier], rate=max(_times(one.rate, scale), Decimal("0.01")))


def _ad(one: Ad, scale: Decimal) -> Ad:
    return replace(one, spend=_times(one.spend, scale), sales=_times(one.sales, scale))
