"""A guided analysis of the books of a shop: seven questions on exactly those figures, graded by them. Floor 1."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from curriculum.practice import answers, figures, shop
from curriculum.practice.shop import Row

SKILLS: Mapping[str, str] = {
    "margin": "prc.margin",
    "ads_share": "mkt.ads_ops",
    "returns": "svc.returns",
    "turn": "ord.inventory_basics",
    "cover": "ord.replenish",
    "served": "dat.descriptive",
    "payout": "pay.settle",
}
LAST = 3
"""Weeks of which the mean is taken for the cover."""
HUNDRED = Decimal(100)


@dataclass(frozen=True)
class Question:
    """One question.

    Attributes:
        id: One of `SKILLS`.
        product: Of which product; empty: of all.
        unit: "%", "weeks" or "times".
        right: With one decimal.
        wrong: Figures of known wrong methods, by the method; none of them near the right one.
        working: The calculation.
    """

    id: str
    product: str
    unit: str
    right: Decimal
    wrong: Mapping[str, Decimal]
    working: str


@dataclass(frozen=True)
class Grade:
    """What came of an answer: "right", "other" or "unreadable"; the wrong method that leads there, or empty."""

    state: str
    method: str


def questions(tables: Mapping[str, Sequence[Row]]) -> tuple[Question, ...]:
    """The questions that the books can answer: one whose divisor would be 0 is left out.

    Args:
        tables: Rows of every file of `shop.COLUMNS`.
    """
    orders, stock = _columns(tables, "orders"), _columns(tables, "stock")
    paid, vat, fees, cost, sold = (
        _by(orders, "product", name) for name in ("paid", "vat", "commission", "cost", "sold")
    )
    product = max(sorted(sold), key=sold.__getitem__) if sold else ""
    net = paid[product] - vat[product]
    left = net - fees[product] - cost[product]
    returned, asked = _by(orders, "product", "returned"), _by(orders, "product", "asked")
    back = max(sorted(returned), key=returned.__getitem__) if returned else ""
    net_all = sum(paid.values(), Decimal(0)) - sum(vat.values(), Decimal(0))
    spend = _sum(tables, "ads", "spend")
    weeks = sorted({row["week"] for row in stock})
    leftover = [sum((Decimal(row["left"]) for row in stock if row["week"] == one), Decimal(0)) for one in weeks]
    late = [sum((Decimal(row["asked"]) for row in orders if row["week"] == one), Decimal(0)) for one in weeks[-LAST:]]
    gross, payout = _sum(tables, "payouts", "paid_by_buyers"), _sum(tables, "payouts", "payout")
    refunds = _sum(tables, "payouts", "refunds")
    pieces = sum(sold.values(), Decimal(0))
    made = (
        _made(("margin", product, "%"), HUNDRED * left, net, {
            "with_vat": (HUNDRED * (left + vat[product]), net + vat[product]),
            "without_commission": (HUNDRED * (left + fees[product]), net),
            "of_cost": (HUNDRED * left, cost[product]),
        }),
        _made(("ads_share", "", "%"), HUNDRED * spend, net_all, {
            "with_vat": (HUNDRED * spend, sum(paid.values(), Decimal(0))),
            "upside_down": (HUNDRED * net_all, spend),
        }),
        _made(("returns", back, "%"), HUNDRED * returned[back], sold[back], {
            "of_kept": (HUNDRED * returned[back], sold[back] - returned[back]),
            "of_asked": (HUNDRED * returned[back], asked[back]),
        }),
        _made(("turn", "", "times"), pieces * len(leftover), sum(leftover, Decimal(0)), {
            "last_stock": (pieces, leftover[-1] if leftover else Decimal(0)),
            "upside_down": (sum(leftover, Decimal(0)), pieces * len(leftover)),
        }),
        _made(("cover", "", "weeks"), (leftover[-1] if leftover else Decimal(0)) * len(late), sum(late, Decimal(0)), {
            "all_weeks": ((leftover[-1] if leftover else Decimal(0)) * len(weeks), sum(asked.values(), Decimal(0))),
            "sum_of_weeks": (leftover[-1] if leftover else Decimal(0), sum(late, Decimal(0))),
        }),
        _made(("served", "", "%"), HUNDRED * pieces, sum(asked.values(), Decimal(0)), {
            "upside_down": (HUNDRED * sum(asked.values(), Decimal(0)), pieces),
        }),
        _made(("payout", "", "%"), HUNDRED * payout, gross, {
            "without_refunds": (HUNDRED * (payout + refunds), gross),
        }),
    )  # fmt: skip
    return tuple(one for one in made if one is not None)


def grade(question: Question, text: str) -> Grade:
    """Grade what was typed: a tenth off is honest rounding, nonsense is asked again."""
    value = answers.read(text, "").value
    if not isinstance(value, Decimal):
        return Grade("unreadable", "")
    if abs(value - question.right) <= Decimal("0.1"):
        return Grade("right", "")
    near = figures.rounded(value, 1)
    return Grade("other", next((method for method, figure in question.wrong.items() if figure == near), ""))


def _made(
    about: tuple[str, str, str], top: Decimal, bottom: Decimal, wrong: Mapping[str, tuple[Decimal, Decimal]]
) -> Question | None:
    if bottom <= 0:
        return None
    id_, product, unit = about
    right = figures.rounded(top / bottom, 1)
    found: dict[str, Decimal] = {}
    for method, (above, below) in wrong.items():
        figure = figures.rounded(above / below, 1) if below > 0 else right
        # A wrong method that comes near the right figure, or near another one, names nothing here.
        if abs(figure - right) > Decimal("0.2") and figure not in found.values():
            found[method] = figure
    working = f"{figures.shown(top)} ÷ {figures.shown(bottom)} = {figures.shown(right, 1)}"
    return Question(id_, product, unit, right, found, working)


def _columns(tables: Mapping[str, Sequence[Row]], name: str) -> list[dict[str, str]]:
    return [dict(zip(shop.COLUMNS[name], row, strict=True)) for row in tables[name]]


def _by(rows: Sequence[Mapping[str, str]], key: str, column: str) -> defaultdict[str, Decimal]:
    found: defaultdict[str, Decimal] = defaultdict(Decimal)
    for row in rows:
        found[row[key]] += Decimal(row[column])
    return found


def _sum(tables: Mapping[str, Sequence[Row]], name: str, column: str) -> Decimal:
    return sum((Decimal(row[column]) for row in _columns(tables, name)), Decimal(0))
