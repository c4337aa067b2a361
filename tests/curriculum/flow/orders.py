"""Orders for tests: a valid one by default, each figure set by name."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from curriculum.practice.flow import shelf
from curriculum.practice.flow.world import Deal, Parcel, World
from curriculum.practice.importing import Line

COUNTRY = {"eu": "DE", "uk": "GB", "us": "US", "cn": "CN"}
AWAY = {"eu": "EUR", "uk": "GBP", "us": "USD", "cn": "CNY"}
# 4.00 kg × 25.00 × 1.12 = 112.00
PARCEL = Parcel((40, 30, 20), Decimal("3.20"), 6000, 5000, Decimal("25.00"), Decimal(12))
DEAL = Deal(Decimal(200), Decimal(12), Decimal(3), Decimal("7.80"), Decimal(1), Decimal(4), Decimal(20))


def order(
    to: str = "eu",
    day: date = date(2026, 7, 1),
    lines: Sequence[Sequence[Any]] = (("6109.10", 5, "9.00"),),
    **more: Any,
) -> World:
    """An order; `more`: channel, rate, ct, tariff, standard, express, paid_duty, bonded, parcel, deal."""
    data = shelf.pages()
    known = {good["hs"]: good for good in (*data["goods"], *data["imports"])}
    rows = tuple(Line(hs, pieces, Decimal(price), {"en": hs, "zh": hs}) for hs, pieces, price in lines)
    codes = dict.fromkeys(line.hs for line in rows)
    goods = tuple({**known.get(hs, known["6109.10"]), "ct": more.get("ct", "0")} for hs in codes)
    place = {
        "id": COUNTRY[to],
        "calendar": more.get("calendar", "GB-ENG" if to == "uk" else COUNTRY[to]),
        "rate": more.get("rate", "20"),
        "fee": "12.50",
        "city": {"en": "", "zh": ""},
        "country": {"en": "", "zh": ""},
    }
    return World(
        destination=to,
        day=day,
        place=place,
        seller={"en": "", "zh": ""},
        origin="FR" if to == "cn" else "CN",
        home="EUR" if to == "cn" else "CNY",
        away=AWAY[to],
        channel=more.get("channel", "market"),
        paid_duty=more.get("paid_duty", True),
        bonded=more.get("bonded", False),
        goods=goods,
        lines=rows,
        standard=Decimal(more.get("standard", "0")),
        express=Decimal(more.get("express", "0")),
        tariff=Decimal(more.get("tariff", "10")),
        parcel=more.get("parcel", PARCEL),
        deal=more.get("deal", DEAL),
    )
