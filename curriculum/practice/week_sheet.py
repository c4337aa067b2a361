"""A decision of a week as a form sends it, and as it is kept: read leniently, never by guessing. Floor 1."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from curriculum.practice import answers, figures, week, week_market
from curriculum.practice.week import Decision, Shop
from curriculum.practice.week_market import Amounts, Market, Three

FIELDS = ("order", "price", "ads", "forecast")
WHOLE = frozenset({"order", "ads", "forecast"})


@dataclass(frozen=True)
class Sheet:
    """What was read of a form.

    Attributes:
        decision: What can be carried out; None if something must be corrected.
        problems: What, by field ("order_a", "ads", "cash", "mode"): "empty", "no_number", "ambiguous", "too_long",
            "not_whole", "range", "budget", "cash", "no_choice".
    """

    decision: Decision | None
    problems: Mapping[str, str]


def read(there: Market, shop: Shop, sent: Mapping[str, str]) -> Sheet:
    """Read a form.

    Args:
        there: The market.
        shop: Before the round.
        sent: By field: "order_a", "price_a", "ads_a", "forecast_a", likewise b and c, and "mode".
    """
    found: dict[str, Decimal] = {}
    problems: dict[str, str] = {}
    for field in FIELDS:
        for product in there.products:
            name = f"{field}_{product.id}"
            one = answers.read(sent.get(name, ""))
            if not isinstance(one.value, Decimal):
                problems[name] = one.problem
            elif field in WHOLE and one.value != one.value.to_integral_value():
                problems[name] = "not_whole"
            elif field == "price":
                found[name] = figures.rounded(one.value)
                if not product.listed / 4 <= found[name] <= product.listed * 3:
                    problems[name] = "range"
            elif not 0 <= one.value <= week.MOST:
                problems[name] = "range"
            else:
                found[name] = one.value
    mode = sent.get("mode", "")
    if mode not in week_market.MODES:
        problems["mode"] = "no_choice"
    if problems:
        return Sheet(None, problems)
    decision = Decision(
        _whole(there, found, "order"), _amounts(there, found), _whole(there, found, "ads"), mode,
        _whole(there, found, "forecast"),
    )  # fmt: skip
    wrong = week.problems(there, shop, decision)
    if wrong:
        return Sheet(None, {("ads" if one == "budget" else one): one for one in wrong})
    return Sheet(decision, {})


def kept(decision: Decision) -> str:
    """A decision as it is kept.

    >>> one = Decision((1, 2, 3), (Decimal("9.90"), Decimal("8.00"), Decimal("7.50")), (10, 0, 20), "sea", (4, 5, 6))
    >>> kept(one), of(kept(one)) == one
    ('1,2,3;9.90,8.00,7.50;10,0,20;sea;4,5,6', True)
    """
    groups = (decision.orders, decision.prices, decision.ads, (decision.mode,), decision.forecast)
    return ";".join(",".join(map(str, group)) for group in groups)


def of(text: str) -> Decision:
    """The decision that was kept.

    Raises:
        ValueError: It was not written by `kept`.
    """
    try:
        orders, prices, ads, mode, forecast = text.split(";")
        first, second, third = map(Decimal, prices.split(","))
        return Decision(_three(orders), (first, second, third), _three(ads), mode, _three(forecast))
    except (ValueError, ArithmeticError) as error:
        message = "a kept decision of a week has five parts, such as 1,2,3;9.90,8.00,7.50;10,0,20;sea;4,5,6"
        raise ValueError(message) from error


def _three(text: str) -> Three:
    first, second, third = map(int, text.split(","))
    return first, second, third


def _whole(there: Market, found: Mapping[str, Decimal], field: str) -> Three:
    first, second, third = (int(found[f"{field}_{one.id}"]) for one in there.products)
    return first, second, third


def _amounts(there: Market, found: Mapping[str, Decimal]) -> Amounts:
    first, second, third = (found[f"price_{one.id}"] for one in there.products)
    return first, second, third
