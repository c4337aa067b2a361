"""What the pages of a week show, as plain data for the template: pure. Floor 3.

One screen of three: a round to be decided, what came of it by four views, or the whole week. The finding of a round is
the decision that cost most, with its cause and what another decision would have been worth.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from curriculum.practice import figures as amounts
from curriculum.practice import week, week_market, week_policy, week_score, week_sheet
from curriculum.practice.week import Report, Shop
from curriculum.practice.week_market import ROUNDS, Market
from curriculum.practice.week_policy import Cost
from curriculum.practice.week_score import Indicator, View
from lti_tool import texts
from lti_tool.attempts import Attempt
from lti_tool.pages import reasons
from lti_tool.texts import NBSP, Say

ACTIVITY = "week:standard"
NEAR = Decimal("0.01")
"""A part of a decision is as good as the reference's where it cost no more than this share of the takings."""
HIT = Decimal("0.85")
"""A forecast is good from here: 1 less its weighted absolute error."""
SKILLS: Mapping[str, str] = {
    "orders": "ord.replenish",
    "prices": "prc.dynamic",
    "ads": "mkt.ads_budget",
    "forecast": "dat.forecast",
}
"""What each part of a decision trains; the way of shipping is part of the order."""


@dataclass(frozen=True)
class Played:
    """A week as far as it was played.

    Attributes:
        market: Where.
        shop: As it stands.
        before: The shop before the last round; None before the first.
        reports: Of every round.
    """

    market: Market
    shop: Shop
    before: Shop | None
    reports: tuple[Report, ...]


@dataclass(frozen=True)
class Line:
    """One product on the form: names, what is there, and what was typed."""

    id: str
    name: str
    listed: str
    cost: str
    sea: str
    air: str
    stock: int
    coming: str
    asked: tuple[int, ...]
    typed: Mapping[str, str]
    problems: Mapping[str, str]


@dataclass(frozen=True)
class Card:
    """One view of the scorecard: its name and its figures with their names."""

    id: str
    name: str
    figures: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Screen:
    """One page of a week.

    Attributes:
        kind: "decide", "report" or "summary".
        number: Of the attempt.
        round: That is shown, from 1.
        name: Of the activity.
        over: The line above the heading.
        heading: What is asked, or the finding.
        lines: The products of the form.
        facts: (name, figure) of the shop.
        mode: Chosen way of shipping.
        problems: What cannot be carried out, of the whole form.
        cards: The scorecard.
        asked: Rows of a round: name, asked for, sold, forecast, from ads.
        cause: What cost most, and why.
        others: What the other parts cost.
        money: Rows of the result of a round: name, EUR.
        points: Of the summary: (view, weight, points).
        rows: Of the summary: round, profit, pieces asked for, share served.
        budget: Most that may be spent on ads.
    """

    kind: str
    number: int
    round: int
    name: str
    over: str
    heading: str
    lines: tuple[Line, ...] = ()
    facts: tuple[tuple[str, str], ...] = ()
    mode: str = ""
    problems: tuple[str, ...] = ()
    cards: tuple[Card, ...] = ()
    asked: tuple[tuple[str, ...], ...] = ()
    cause: str = ""
    others: tuple[str, ...] = ()
    money: tuple[tuple[str, str], ...] = ()
    points: tuple[tuple[str, str, str], ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    lead: str = ""
    budget: str = ""


def mark(there: Market) -> str:
    """16 hex digits of what a market is made of: a week that was begun in another cannot go on."""
    return hashlib.sha256(repr((there.products, there.season, there.noise, there.budget)).encode()).hexdigest()[:16]


def played(attempt: Attempt) -> Played:
    """The week of an attempt, played again from its decisions."""
    there = week_market.market(attempt.seed, date.fromisoformat(attempt.on))
    shop, before, reports = week.opened(there), None, []
    for answer in attempt.answers:
        before = shop
        shop, report = week.play(there, shop, week_sheet.of(answer.given))
        reports.append(report)
    return Played(there, shop, before, tuple(reports))


def good(there: Market, before: Shop, report: Report) -> dict[str, bool]:
    """Which parts of a decision were as good as the reference's, by part, and whether the forecast was near."""
    costs = {one.part: one.amount for one in week_policy.costs(there, before, report.decision)}
    most = report.takings * NEAR
    found = {part: costs[part] <= most for part in ("orders", "prices", "ads")}
    return {**found, "forecast": week_score.hit(report.decision.forecast, report.asked) >= HIT}


def deciding(
    state: Played,
    attempt: Attempt,
    language: str,
    *,
    typed: Mapping[str, str] | None = None,
    problems: Mapping[str, str] | None = None,
) -> Screen:
    """The round that is to be decided.

    Args:
        state: The week so far.
        attempt: Not finished.
        language: "en" or "zh".
        typed: What was sent, where it must be corrected.
        problems: What was wrong with it, by field.
    """
    say, there, shop = texts.speaker(language), state.market, state.shop
    sent, wrong = dict(typed or {}), dict(problems or {})
    whole = tuple(
        say(f"week.problem.{wrong[field]}", budget=_eur(Decimal(there.budget)), cash=_eur(shop.cash))
        for field in ("mode", "ads", "cash", "orders", "prices", "forecast")
        if field in wrong
    )
    return Screen(
        kind="decide",
        number=attempt.number,
        round=shop.round,
        name=week_market.NAME[language],
        over=_over(attempt, shop.round, say),
        heading=say("week.heading.decide", day=reasons.day(there.day(shop.round), language)),
        lines=tuple(_line(state, place, language, sent, wrong) for place in range(3)),
        facts=(
            (say("week.fact.cash"), _eur(shop.cash)),
            (say("week.fact.tax"), _eur(shop.tax)),
            (say("week.fact.budget"), _eur(Decimal(there.budget))),
            (say("week.fact.commission"), _percent(there.commission)),
            (say("week.fact.vat"), _percent(there.vat)),
            (say("week.fact.holding"), _eur(there.holding)),
        ),
        mode=sent.get("mode") or (state.reports[-1].decision.mode if state.reports else week_market.SEA),
        problems=whole,
        budget=str(there.budget),
    )


def reported(state: Played, attempt: Attempt, language: str) -> Screen:
    """What came of the last round that was played."""
    say, there, report = texts.speaker(language), state.market, state.reports[-1]
    before = state.before or week.opened(there)
    costs = week_policy.costs(there, before, report.decision)
    worst = costs[0]
    cause = _cause(worst, there, language, say) if worst.amount > 0 else say("week.cause.none")
    return Screen(
        kind="report",
        number=attempt.number,
        round=report.round,
        name=week_market.NAME[language],
        over=_over(attempt, report.round, say),
        heading=say("week.heading.report", round=report.round, profit=_eur(report.profit)),
        cards=_cards(week_score.card([report], state.shop), say),
        asked=tuple(
            (
                one.name[language],
                str(report.asked[place]),
                str(report.sold[place]),
                str(report.decision.forecast[place]),
                str(report.by_ads[place]),
                str(report.stock[place]),
            )
            for place, one in enumerate(there.products)
        ),
        cause=cause,
        others=tuple(
            say("week.cause.beside", part=say(f"week.part.{one.part}"), amount=_signed(-one.amount))
            for one in costs[1:]
            if one.how != "same"
        ),
        money=(
            (say("week.money.takings"), _eur(report.takings)),
            *((say(f"week.money.{kind}"), _eur(-amount)) for kind, amount in report.costs if amount),
            (say("week.money.profit"), _eur(report.profit)),
        ),
    )


def summary(state: Played, attempt: Attempt, language: str) -> Screen:
    """The whole week: its points, beside the reference and the best that a search found."""
    say, there = texts.speaker(language), state.market
    found = week_score.result(there, state.reports, state.shop)
    return Screen(
        kind="summary",
        number=attempt.number,
        round=ROUNDS,
        name=week_market.NAME[language],
        over=say("week.over", number=attempt.number),
        heading=say("week.heading.summary", score=found.score, earned=_eur(found.earned)),
        lead=say(
            "week.summary.lead",
            reference=_eur(found.reference),
            best=_eur(found.best),
            forecast=found.points["process"],
            naive=found.naive,
        ),
        cards=_cards(week_score.card(state.reports, state.shop), say),
        points=tuple(
            (say(f"week.view.{view}"), f"{week_score.WEIGHTS[view]}{NBSP}%", str(found.points[view]))
            for view in week_score.VIEWS
        ),
        rows=tuple(
            (
                str(one.round),
                amounts.shown(one.profit),
                str(sum(one.asked)),
                str(one.lost),
                say(f"week.mode.{one.decision.mode}"),
            )
            for one in state.reports
        ),
    )


def _over(attempt: Attempt, number: int, say: Say) -> str:
    return say("week.over.round", number=attempt.number, round=number, rounds=ROUNDS)


def _line(state: Played, place: int, language: str, sent: Mapping[str, str], wrong: Mapping[str, str]) -> Line:
    say = texts.speaker(language)
    there, shop = state.market, state.shop
    one = there.products[place]
    last = state.reports[-1].decision if state.reports else None
    each = there.budget // week_market.EVEN
    usual = {
        "order": "0",
        "price": f"{last.prices[place] if last else one.listed}",
        "ads": str(last.ads[place] if last else each),
        "forecast": str(shop.asked[-1][place]),
    }
    coming = [(moving.pieces, moving.arrives) for moving in shop.moving if moving.product == place]
    return Line(
        id=one.id,
        name=one.name[language],
        listed=_eur(one.listed),
        cost=_eur(one.cost),
        sea=_eur(one.sea),
        air=_eur(one.air),
        stock=shop.stock[place],
        coming=say("list.comma").join(say("week.coming", pieces=pieces, round=arrives) for pieces, arrives in coming),
        asked=tuple(asked[place] for asked in shop.asked[-week_market.HISTORY :]),
        typed={field: sent.get(f"{field}_{one.id}", usual[field])[:20] for field in week_sheet.FIELDS},
        problems={
            field: say(
                f"week.problem.{wrong[f'{field}_{one.id}']}", least=_eur(one.listed / 4), most=_eur(one.listed * 3)
            )
            for field in week_sheet.FIELDS
            if f"{field}_{one.id}" in wrong
        },
    )


def _cards(views: tuple[View, ...], say: Say) -> tuple[Card, ...]:
    return tuple(
        Card(
            view.id,
            say(f"week.view.{view.id}"),
            tuple((say(f"week.indicator.{one.id}"), _figure(one, say)) for one in view.indicators),
        )
        for view in views
    )


def _figure(one: Indicator, say: Say) -> str:
    if one.value is None:
        return say("week.untold")
    if one.unit == "EUR":
        return _eur(one.value)
    if one.unit == "%":
        return _percent(one.value)
    if one.unit == "pieces":
        return f"{one.value:f}"
    return say("week.weeks", weeks=f"{one.value:f}")


def _cause(one: Cost, there: Market, language: str, say: Say) -> str:
    name = week_market.named(there, one.product)[language]
    shown = _eur if one.part in {"prices", "ads"} else lambda value: f"{value:f}"
    return say(
        f"week.cause.{one.part}.{one.how}",
        amount=_eur(one.amount),
        name=name,
        given=shown(one.given),
        wanted=shown(one.wanted),
    )


def _eur(value: Decimal) -> str:
    return f"EUR{NBSP}{amounts.shown(value)}"


def _signed(value: Decimal) -> str:
    return f"EUR{NBSP}{'+' if value > 0 else ''}{amounts.shown(value)}"


def _percent(value: Decimal) -> str:
    return f"{amounts.plain(value)}{NBSP}%"
