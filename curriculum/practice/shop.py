"""The books of a shop as four tables that a spreadsheet opens: orders, ads, stock, payouts. Floor 1.

Every figure is the one of the ledger of the week; nothing is rounded again. A row is a product in a week.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from decimal import Decimal

from curriculum.practice.week import Entry, Report, Shop
from curriculum.practice.week_market import Market

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "orders": (
        "week",
        "product",
        "price",
        "asked",
        "sold",
        "paid",
        "vat",
        "commission",
        "cost",
        "returned",
        "refunded",
    ),
    "ads": ("week", "campaign", "spend", "pieces_by_ads"),
    "stock": ("week", "product", "arrived", "sold", "returned", "left", "ordered", "cost_per_piece"),
    "payouts": ("week", "paid_by_buyers", "commission", "refunds", "payout", "vat_collected"),
}
"""Columns by file; amounts in EUR, `paid` and `refunded` with VAT."""
Row = tuple[str, ...]


def tables(there: Market, shop: Shop, reports: Sequence[Report]) -> dict[str, tuple[Row, ...]]:
    """The rows of every file, without heads.

    Args:
        there: The market.
        shop: After the last round.
        reports: Of every round.
    """
    found: dict[str, list[Row]] = {name: [] for name in COLUMNS}
    for report in reports:
        week = there.day(report.round).isoformat()
        lines = [entry for entry in shop.books if entry.round == report.round]
        for place, one in enumerate(there.products):
            mine = [entry for entry in lines if entry.product == one.id]
            refunds, sales = _of(mine, "return"), _of(mine, "sale")
            found["orders"].append(
                _row(
                    week, one.id, report.decision.prices[place], report.asked[place], report.sold[place],
                    _cash(sales), _tax(sales), -_cash(_of(mine, "commission")), one.cost * report.sold[place],
                    report.returned[place], -_cash(refunds),
                )
            )  # fmt: skip
            found["ads"].append(_row(week, one.id, report.decision.ads[place], report.by_ads[place]))
            found["stock"].append(
                _row(
                    week, one.id, report.arrived[place], report.sold[place], report.returned[place],
                    report.stock[place], report.decision.orders[place], one.cost,
                )
            )  # fmt: skip
        paid, fees, back = (_cash(_of(lines, kind)) for kind in ("sale", "commission", "return"))
        collected = _tax(_of(lines, "sale")) + _tax(_of(lines, "return"))
        found["payouts"].append(_row(week, paid, -fees, -back, paid + fees + back, collected))
    return {name: tuple(rows) for name, rows in found.items()}


def written(name: str, rows: Sequence[Row]) -> str:
    r"""A file as text: RFC 4180, heads first.

    >>> written("ads", [("2026-07-06", "a", "40", "12")])
    'week,campaign,spend,pieces_by_ads\r\n2026-07-06,a,40,12\r\n'
    """
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(COLUMNS[name])
    writer.writerows(rows)
    return out.getvalue()


def _row(*cells: object) -> Row:
    return tuple(str(cell) for cell in cells)


def _of(lines: Sequence[Entry], kind: str) -> list[Entry]:
    return [entry for entry in lines if entry.kind == kind]


def _cash(lines: Sequence[Entry]) -> Decimal:
    return sum((entry.cash for entry in lines), Decimal(0))


def _tax(lines: Sequence[Entry]) -> Decimal:
    return sum((entry.tax for entry in lines), Decimal(0))
