"""The balanced scorecard of a week, and its points: finance, customer, process, compliance. Floor 1.

Four views with two or three figures each, by round and over all rounds (Kaplan and Norton 1992). Points of finance lie
between the reference (50) and the best that a search with knowledge of all noise found (100).
"""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from importlib import resources

import yaml

from curriculum.practice import figures, week, week_policy
from curriculum.practice.week import Report, Shop
from curriculum.practice.week_market import ROUNDS, Market

VIEWS = ("finance", "customer", "process", "compliance")
WEIGHTS: Mapping[str, int] = {"finance": 50, "customer": 20, "process": 15, "compliance": 15}
"""Per cent of the whole score; they are shown to the learner."""
SERVED = Decimal("0.95")
"""Share of the pieces asked for that a good shop has there: full points of `customer` from here."""
HALF, FULL, ZERO = Decimal(50), Decimal(100), Decimal(0)


@dataclass(frozen=True)
class Indicator:
    """One figure of a view: id, value (None: it cannot be told), and unit: "EUR", "%", "pieces" or "weeks"."""

    id: str
    value: Decimal | None
    unit: str


@dataclass(frozen=True)
class View:
    """One of `VIEWS` with its figures."""

    id: str
    indicators: tuple[Indicator, ...]


@dataclass(frozen=True)
class Result:
    """What a whole week is worth.

    Attributes:
        earned: EUR, what is left valued as sold off.
        reference: What the reference policy earns in this market.
        best: The best that a search found there; never less than the reference's.
        points: Of each view, from 0 to 100.
        score: Of all, from 0 to 100, weighted by `WEIGHTS`, with one decimal.
        naive: Points that the forecast "as in the last round" would have had.
    """

    earned: Decimal
    reference: Decimal
    best: Decimal
    points: Mapping[str, Decimal]
    score: Decimal
    naive: Decimal


def card(reports: Sequence[Report], shop: Shop) -> tuple[View, ...]:
    """The scorecard of one round, or of several together.

    Args:
        reports: Of the rounds, at least one.
        shop: After the last of them.
    """
    takings = sum((one.takings for one in reports), ZERO)
    profit = sum((one.profit for one in reports), ZERO)
    asked, sold = sum(sum(one.asked) for one in reports), sum(sum(one.sold) for one in reports)
    returned = sum(sum(one.returned) for one in reports)
    ads, by_ads = Decimal(sum(sum(one.decision.ads) for one in reports)), sum(sum(one.by_ads) for one in reports)
    announced, untrue = sum(one.announced for one in reports), sum(one.untrue for one in reports)
    stock = sum(sum(one.stock) for one in reports)
    return (
        View(
            "finance",
            (
                Indicator("profit", profit, "EUR"),
                Indicator("margin", _share(profit, takings), "%"),
                Indicator("cash", reports[-1].cash, "EUR"),
            ),
        ),
        View(
            "customer",
            (
                Indicator("served", _share(Decimal(sold), Decimal(asked)), "%"),
                Indicator("lost", Decimal(asked - sold), "pieces"),
                Indicator("returned", _share(Decimal(returned), Decimal(sold)), "%"),
            ),
        ),
        View(
            "process",
            (
                Indicator("forecast", _share(_hit(reports), Decimal(1)), "%"),
                Indicator("cover", _ratio(Decimal(stock), Decimal(asked)), "weeks"),
                Indicator("ad_cost", _ratio(ads, Decimal(by_ads), 2), "EUR"),
            ),
        ),
        View(
            "compliance",
            (
                Indicator("covered", _share(min(one.covered for one in reports), Decimal(1)), "%"),
                Indicator("true_cuts", _share(Decimal(announced - untrue), Decimal(announced)), "%"),
                Indicator("owed", shop.tax, "EUR"),
            ),
        ),
    )


def result(there: Market, reports: Sequence[Report], shop: Shop) -> Result:
    """The points of a week that was played to its end.

    Args:
        there: The market.
        reports: Of every round.
        shop: After the last.
    """
    earned, reference = week.result(there, shop), week_policy.earned(there)
    top = max(best()[there.number], reference, earned)
    asked, sold = sum(sum(one.asked) for one in reports), sum(sum(one.sold) for one in reports)
    announced, untrue = sum(one.announced for one in reports), sum(one.untrue for one in reports)
    true = FULL if not announced else FULL * (announced - untrue) / announced
    covered = FULL * sum((one.covered for one in reports), ZERO) / ROUNDS
    served = FULL if not asked else min(FULL, FULL * sold / asked / SERVED)
    points = {
        "finance": _between(earned, reference, top),
        "customer": served,
        "process": FULL * _hit(reports),
        "compliance": (true + covered) / 2,
    }
    rounded = {view: figures.rounded(points[view], 1) for view in VIEWS}
    score = figures.rounded(sum((points[view] * WEIGHTS[view] for view in VIEWS), ZERO) / 100, 1)
    return Result(earned, reference, top, rounded, score, figures.rounded(FULL * _naive(reports, shop), 1))


@functools.cache
def best() -> tuple[Decimal, ...]:
    """What a search earned in each market, EUR: `week_search` writes the file."""
    text = resources.files("curriculum").joinpath("data", "week.yaml").read_text(encoding="utf-8")
    read = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506  (safe)
    return tuple(Decimal(one) for one in read["best"])


def hit(forecast: Sequence[int], asked: Sequence[int]) -> Decimal:
    """How near a forecast was: 1 less the weighted absolute error (WAPE), at least 0.

    >>> hit((10, 20, 30), (10, 25, 25)), hit((0, 0, 0), (0, 0, 0))
    (Decimal('0.8333'), Decimal('1.0000'))
    """
    off = sum(abs(one - other) for one, other in zip(forecast, asked, strict=True))
    total = sum(asked)
    share = Decimal(off) / total if total else Decimal(bool(off))
    return figures.rounded(max(ZERO, 1 - share), 4)


def _hit(reports: Sequence[Report]) -> Decimal:
    return sum((hit(one.decision.forecast, one.asked) for one in reports), ZERO) / len(reports)


def _naive(reports: Sequence[Report], shop: Shop) -> Decimal:
    first = len(shop.asked) - len(reports)
    return sum((hit(shop.asked[first + place - 1], one.asked) for place, one in enumerate(reports)), ZERO) / len(
        reports
    )


def _between(earned: Decimal, reference: Decimal, top: Decimal) -> Decimal:
    if earned >= top:
        return FULL if top > reference else HALF
    # Below the reference points fall as steeply as they rise above it.
    return min(FULL, max(ZERO, HALF + HALF * (earned - reference) / (top - reference)))


def _share(part: Decimal, whole: Decimal) -> Decimal | None:
    return figures.rounded(100 * part / whole, 1) if whole > 0 else None


def _ratio(part: Decimal, whole: Decimal, places: int = 1) -> Decimal | None:
    return figures.rounded(part / whole, places) if whole > 0 else None
