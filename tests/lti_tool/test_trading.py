"""A week in the tool: each round counts once, is explained in money, told to the record store, and scored."""

from __future__ import annotations

import re
import threading
from concurrent.futures import ThreadPoolExecutor
from html import unescape
from typing import Any

import pytest

from curriculum.practice import week_market, week_policy
from lti_tool import attempts
from lti_tool.attempts import Attempt
from lti_tool.grades import outbox
from lti_tool.pages import trade
from lti_tool.settings import ATTEMPTS, SCORES
from recommender import verbs
from storage.port import Document
from tests.lti_tool import builders
from tests.lti_tool.builders import INSTRUCTOR, Bench, TestResponse
from tests.lti_tool.test_practising import graded, hidden, told

WEEK = {"catalog": "cbec", "activity": "week"}


def go(bench: Bench, page: TestResponse, **fields: str) -> TestResponse:
    return bench.client().post("/lti/week", data={**hidden(page), **fields})


def kept(bench: Bench) -> Document:
    (found,) = bench.storage.find(ATTEMPTS, {}, limit=10)
    return found


def state(bench: Bench) -> trade.Played:
    found = {name: kept(bench)[name] for name in Attempt.__dataclass_fields__}
    answers = tuple(attempts.Answer(**one) for one in found["answers"])
    return trade.played(Attempt(**{**found, "answers": answers}))


def reference(bench: Bench) -> dict[str, str]:
    """The form of a round as the reference would fill it in."""
    played = state(bench)
    decision = week_policy.reference(played.market, played.shop)
    rows = (
        ("order", decision.orders),
        ("price", decision.prices),
        ("ads", decision.ads),
        ("forecast", decision.forecast),
    )
    fields = {f"{name}_{'abc'[place]}": str(row[place]) for name, row in rows for place in range(3)}
    return {**fields, "mode": decision.mode, "act": "decide"}


def opened(bench: Bench, **changes: Any) -> TestResponse:
    return builders.launched(bench, custom=WEEK, **changes)


def test_a_link_to_a_week_opens_its_first_round(bench: Bench) -> None:
    page = opened(bench)

    assert builders.heading(page).startswith("What does the shop do in the week of")
    assert "round 1 of 10" in page.text
    assert page.text.count("<fieldset") == 4


def test_a_week_that_there_is_not_is_refused(bench: Bench) -> None:
    page = builders.launched(bench, custom={**WEEK, "week": "endless"})

    assert (page.status_code, "activity_unknown" in page.text) == (400, True)


def test_a_round_shows_four_views_and_what_cost_most_in_money(bench: Bench) -> None:
    page = opened(bench)
    fields = reference(bench)
    dear = str(2 * float(fields["price_a"]))
    page = go(bench, page, **{**fields, "price_a": dear})

    assert builders.heading(page).startswith("Round 1: a result of EUR")
    assert re.findall(r'id="view-(\w+)"', page.text) == ["finance", "customer", "process", "compliance"]
    assert re.search(r"The prices: EUR\xa0[0-9.,]+\. “[^”]+” at EUR", unescape(page.text))


def test_a_round_counts_once_however_often_its_form_is_sent(bench: Bench) -> None:
    page = opened(bench)
    fields = {**hidden(page), **reference(bench)}
    gate = threading.Barrier(4)

    def send(_: int) -> str:
        gate.wait()
        return bench.client().post("/lti/week", data=fields).text

    with ThreadPoolExecutor(4) as pool:
        pages = list(pool.map(send, range(4)))

    assert len(kept(bench)["answers"]) == 1
    assert all("Round 1: a result" in one for one in pages)
    assert len([one for one in told(bench, 5) if one["verb"]["id"] == verbs.ANSWERED]) == 4


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"order_a": ""}, "Please write a number."),
        ({"order_a": "many"}, "could not read this"),
        ({"order_a": "1.5"}, "whole number"),
        ({"price_b": "0.01"}, "out of range"),
        ({"ads_a": "9999"}, "more than the budget"),
        ({"order_a": "9999"}, "more than the cash"),
        ({"mode": "camel"}, "choose a way of shipping"),
    ],
)
def test_what_cannot_be_carried_out_is_asked_again_and_counts_for_nothing(
    bench: Bench, change: dict[str, str], words: str
) -> None:
    page = opened(bench)
    page = go(bench, page, **{**reference(bench), "order_c": "7", **change})

    assert words in page.text
    assert 'name="order_c" inputmode="decimal" autocomplete="off" maxlength="20" value="7"' in page.text
    assert kept(bench)["answers"] == []


def test_a_whole_week_is_scored_told_and_can_be_played_in_another_market(bench: Bench) -> None:
    page = graded(bench, WEEK)
    for number in range(1, week_market.ROUNDS + 1):
        page = go(bench, page, **reference(bench))
        assert f"Round {number}: a result" in page.text
        page = go(bench, page, act="next")

    assert "of 100 points" in builders.heading(page)
    assert kept(bench)["finished"] > 0
    (score,) = bench.storage.find(SCORES, {}, limit=10)
    assert (score["maximum"], 50 < score["given"] < 100, score["grading"]) == (100.0, True, outbox.GRADED)
    sent = told(bench, 42)
    assert [one["verb"]["id"] for one in sent].count(verbs.ANSWERED) == 40
    (whole,) = [one for one in sent if one["verb"]["id"] == verbs.COMPLETED]
    assert whole["object"]["definition"]["type"] == verbs.SIMULATION
    again = go(bench, page, act="again")
    assert "Try 2 · round 1 of 10" in again.text
    assert kept(bench)["answers"] == []


def test_the_report_stays_when_its_language_changes(bench: Bench) -> None:
    page = opened(bench)
    page = go(bench, page, **reference(bench))
    page = go(bench, page, language="zh")

    assert builders.heading(page).startswith("第 1 轮：经营结果")


def test_who_teaches_plays_without_anything_kept(bench: Bench) -> None:
    page = opened(bench, roles=[INSTRUCTOR])
    carried = attempts.unseal(hidden(page)["carried"], bench.app.extensions["lti_tool"].bearer_key)
    assert carried is not None
    played = trade.played(carried)
    decision = week_policy.reference(played.market, played.shop)
    fields = {f"order_{one}": "0" for one in "abc"} | {f"ads_{one}": "0" for one in "abc"}
    fields |= {f"price_{one}": str(decision.prices[place]) for place, one in enumerate("abc")}
    fields |= {f"forecast_{one}": "10" for one in "abc"}
    page = go(bench, page, act="decide", mode="sea", **fields)

    assert "Round 1: a result" in page.text
    assert bench.storage.find(ATTEMPTS, {}, limit=1) == []


def test_a_market_that_has_changed_since_is_begun_anew(bench: Bench) -> None:
    page = opened(bench)
    before = kept(bench)
    bench.storage.replace(ATTEMPTS, {**before, "mark": "0" * 16}, expected=before)
    page = go(bench, page, act="open")

    assert "Try 2 · round 1 of 10" in page.text


def test_a_form_of_nothing_that_is_there_begins_a_week(bench: Bench) -> None:
    page = builders.launched(bench, custom={"catalog": "cbec", "role": "operations"})
    page = go(bench, page, act="decide", number="1", round="1")

    assert "round 1 of 10" in page.text
    assert "Back to your path" in page.text


def test_the_books_are_files_with_the_figures_of_the_ledger(bench: Bench) -> None:
    page = go(bench, opened(bench), **reference(bench))
    found = {
        name: bench.client().post("/lti/week/books", data={**hidden(page), "file": name})
        for name in ("orders", "ads", "stock", "payouts")
    }

    lines = found["payouts"].text.splitlines()
    sales = sum(entry.cash for entry in state(bench).shop.books if entry.kind == "sale")
    assert lines[0] == "\N{BYTE ORDER MARK}week,paid_by_buyers,commission,refunds,payout,vat_collected"
    assert lines[1].split(",")[1] == str(sales)
    assert [len(one.text.splitlines()) for one in found.values()] == [4, 4, 4, 2]
    assert found["ads"].headers["Content-Disposition"] == 'attachment; filename="shop-ads.csv"'


def test_a_file_that_there_is_not_is_not_found(bench: Bench) -> None:
    page = bench.client().post("/lti/week/books", data={**hidden(opened(bench)), "file": "secrets"})

    assert page.status_code == 404
