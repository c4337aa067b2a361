"""The statements behind each number of the profile: all of them, and no others."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from lti_tool import advice
from lti_tool.advice import Advice, Model, Wish
from lti_tool.pages import profiling, proof
from lti_tool.plans import Plan
from recommender import activities, verbs
from tests.lti_tool import advised
from tests.lti_tool.advised import NOW
from xapi_collector.label import Label

COUNT = 8
VIDEO = "https://w3id.org/xapi/video/verbs/played"


def known(count: int = COUNT) -> Advice:
    """Advice on answers that are in the store at 10, 11, ... and two videos and a sign of life besides."""
    told = [("practice:cus.duty" if n % 2 else "practice:prc.margin", float(n % 3 > 0)) for n in range(count)]
    history = advised.history(advised.CBEC, *told, seconds=90.0)
    history = replace(history, seq=np.arange(10, 10 + count, dtype=np.int64))
    items = list(advised.CBEC.items.values())
    answers = [
        Label(seq, when, str(seq), when, "somebody", verbs.ANSWERED, items[item].activity, success=True)
        for seq, when, item in zip(history.seq.tolist(), history.when.tolist(), history.item.tolist(), strict=True)
    ]
    times = [int((NOW - timedelta(days=n)).timestamp() * 1e6) for n in range(7)]
    seen = [
        Label(100 + n, when, f"v{n}", when, "somebody", VIDEO, "urn:video", duration=60.0)
        for n, when in enumerate(times)
    ]
    seen.append(Label(200, times[0], "t", times[0], "somebody", "http://adlnet.gov/expapi/verbs/exited", "urn:x"))
    done = activities.from_labels(
        [*answers, *seen], advised.CBEC, {"urn:video": activities.Content(("cus.duty",), "video")}
    )
    return advice.of_history(
        advised.CBEC, history, Model("missing"), wish=Wish("operations"), now=NOW, done=done
    )  # fmt: skip


def test_every_number_with_statements_leads_to_exactly_those() -> None:
    given = known()
    found = proof.numbers(given.profile)

    assert {"first_try", "put_right", "way:video", "rhythm.regular"} <= set(found)
    for key, measure in found.items():
        page = proof.page(given, key, "en")
        assert page is not None
        assert len(page.rows) + page.more == len(set(measure.seqs)) > 0
        assert page.method


def test_every_gauge_of_the_profile_that_has_statements_has_a_key_that_is_found() -> None:
    given = known()
    page = profiling.page(given, [], Plan(), chosen=advised_goal(), asked="", language="en")
    keys = [one.key for card in page.cards for one in card.gauges]

    assert sum(map(bool, keys)) > 5
    for key in filter(None, [*keys, *(goal.key for goal in page.goals)]):
        assert proof.page(given, key, "zh") is not None


def advised_goal() -> profiling.Chosen:
    return profiling.Chosen("operations", int(NOW.timestamp()))


def test_the_statements_of_a_skill_are_its_answers_the_newest_first() -> None:
    page = proof.page(known(), "skill:cus.duty", "en")

    assert page is not None
    assert page.name == advised.CBEC.skills["cus.duty"].name["en"]
    assert [row.when for row in page.rows][:2] == ["25\xa0November\xa02026", "23\xa0November\xa02026"]
    assert len(page.rows) == COUNT / 2
    assert {row.took for row in page.rows} == {"90 s"}
    assert {row.result for row in page.rows} == {"as expected", "another answer"}
    assert page.more == 0


def test_what_is_no_answer_is_told_by_its_way_or_its_kind() -> None:
    given = known()
    page = proof.page(given, "way:video", "en")

    assert page is not None
    assert {row.result for row in page.rows} == {"–"}
    assert all(row.what.lower().startswith("video") for row in page.rows)
    assert page.rows[0].took == "60 s"
    rows = proof._rows(given, (200,), "en", lambda key, **_: key)
    assert [(row.what, row.took) for row in rows] == [("proof.source.time", "–")]


def test_more_than_fit_are_counted() -> None:
    page = proof.page(known(proof.MOST + 20), "first_try", "en")
    seqs = proof.numbers(known(proof.MOST + 20).profile)["first_try"].seqs

    assert page is not None
    assert page.more == max(0, len(seqs) - proof.MOST)


@pytest.mark.parametrize("key", ["", "nothing", "skill:", "skill:no.such", "way:", "way:none"])
def test_what_is_no_number_has_no_page(key: str) -> None:
    assert proof.page(known(), key, "en") is None


def test_without_a_store_no_number_claims_to_have_statements() -> None:
    given = advised.advised(advised.CBEC, "operations", ("practice:cus.duty", 1.0))

    assert proof.numbers(given.profile) == {}
    page = proof.page(given, "skill:cus.duty", "en")
    assert page is not None
    assert page.rows == []
