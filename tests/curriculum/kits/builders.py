"""A case kit of an invented shop: figures drawn by the same dice as cases, so that they are the same everywhere."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal

from curriculum.kits import columns, intake
from curriculum.kits.kit import Kit
from curriculum.practice import figures
from curriculum.practice.dice import Dice

TODAY = date(2026, 11, 26)
FIELDS: Mapping[str, str] = {
    "title_en": "A shop for outdoor goods (invented)",
    "title_zh": "一家户外用品店（虚构）",
    "currency": "EUR",
    "home": "CN",
    "licence": "CC0-1.0",
    "permission": "Invented figures, no enterprise; nothing to ask for.",
    "safety_days": "7",
}
ARTICLES = (
    ("BT-20", "Bottle, steel, 0.75 l", "4.10", "0.38", "28", "9", "9", "9617.00", "18", "260", "17.90"),
    ("TW-01", "Towel, microfibre", "2.35", "0.22", "26", "18", "4", "6302.93", "14", "340", "11.50"),
    ("LP-07", "Camping lamp, LED", "6.80", "0.51", "24", "22", "20", "9405.21", "25", "150", "27.90"),
    ("PL-33", "Pillow, inflatable", "3.05", "0.34", "30", "24", "14", "6306.40", "21", "190", "15.90"),
    ("BG-12", "Backpack, 20 l", "8.90", "0.72", "46", "32", "12", "4202.92", "30", "120", "36.90"),
)
COUNTRIES = ("DE", "DE", "DE", "DE", "FR", "FR", "FR", "FI", "FI", "SK", "SK", "EE", "PL", "PL", "GB")


def files(lines: int = 320, seed: str = "1") -> dict[str, bytes]:
    """The CSV files of the kit, without its manifest."""
    dice = Dice(f"example/{seed}")
    orders: list[tuple[str, ...]] = []
    for place in range(lines):
        made = _order(dice, place)
        before = orders[-1] if orders else made
        # One line in six belongs to the order before it, if it has another article.
        if dice.whole(f"pair.{place}", 1, 6) == 1 and made[2] not in {one[2] for one in orders if one[0] == before[0]}:
            made = (before[0], before[1], made[2], made[3], before[4], *made[5:])
        orders.append(made)
    articles = [one[:-1] for one in ARTICLES]
    places = sorted(set(COUNTRIES))
    tariffs = [_tariff(dice, place, code) for place, code in enumerate(places)]
    ads = [_ad(dice, place) for place in range(60)]
    return {
        "products.csv": written("products", articles),
        "orders.csv": written("orders", orders),
        "tariffs.csv": written("tariffs", tariffs),
        "ads.csv": written("ads", ads),
    }


def kit(lines: int = 320, seed: str = "1", **fields: str) -> Kit:
    """The kit as it is read."""
    found = intake.read(files(lines, seed), TODAY, {**FIELDS, **fields})
    assert found.kit is not None, (found.faults, found.people)
    return found.kit


def written(name: str, rows: list[tuple[str, ...]]) -> bytes:
    """Rows as a CSV file."""
    out = io.StringIO()
    csv.writer(out).writerows([[one.name for one in columns.COLUMNS[name]], *rows])
    return out.getvalue().encode()


def _order(dice: Dice, place: int) -> tuple[str, ...]:
    name = f"order.{place}"
    article = ARTICLES[min(dice.whole(f"{name}.article", 0, 7), 4)]
    day = date(2026, 5, 4) + timedelta(days=dice.whole(f"{name}.day", 0, 180))
    pieces = dice.pick(f"{name}.pieces", (1, 1, 1, 2, 2, 3))
    price = Decimal(article[-1])
    shipping = Decimal("0.00") if dice.whole(f"{name}.free", 0, 2) == 0 else Decimal("3.90")
    returned = dice.whole(f"{name}.back", 1, pieces) if dice.whole(f"{name}.returns", 1, 9) == 1 else 0
    country = dice.pick(f"{name}.country", COUNTRIES)
    freight = dice.cents(f"{name}.freight", Decimal("3.60"), Decimal("7.40") if country != "FI" else Decimal("14.40"))
    return (
        f"S-{40_000 + place}",
        day.isoformat(),
        article[0],
        str(pieces),
        country,
        f"{price}",
        f"{shipping}",
        f"{figures.rounded((price * pieces + shipping) * Decimal('0.15'))}",
        f"{freight}",
        str(returned),
        f"{price * returned}",
    )


def _tariff(dice: Dice, place: int, code: str) -> tuple[str, ...]:
    rate = dice.cents(f"rate.{code}", Decimal("6.5"), Decimal("9.5"), Decimal("0.1"))
    carrier = "Line A" if dice.whole(f"carrier.{code}", 0, 1) else "Line B"
    fuel = dice.whole(f"fuel.{code}", 8, 18)
    return carrier, code, "6000" if place % 2 else "5000", "0.1", f"{rate}", str(fuel)


def _ad(dice: Dice, place: int) -> tuple[str, ...]:
    name = f"ad.{place}"
    article = ARTICLES[place % 5]
    clicks = dice.whole(f"{name}.clicks", 20, 90)
    won = dice.whole(f"{name}.won", 0, clicks // 12)
    day = date(2026, 5, 4) + timedelta(days=3 * place)
    spend = dice.cents(f"{name}.spend", Decimal(8), Decimal(34), Decimal("0.1"))
    return (
        day.isoformat(), f"{'Brand' if place % 2 else 'Generic'} {article[0]}", article[0],
        dice.pick(f"{name}.country", COUNTRIES), f"{spend}", str(clicks), str(won), f"{Decimal(article[-1]) * won}",
    )  # fmt: skip
