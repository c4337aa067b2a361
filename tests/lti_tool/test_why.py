from __future__ import annotations

from dataclasses import replace

import pytest

from lti_tool import advice, texts
from lti_tool.advice import Advice
from lti_tool.pages import why
from recommender import whynot
from recommender.knobs import Knobs
from recommender.whynot import CAUSES, WhyNot
from tests.lti_tool.advised import CBEC, NOW, OULAD, THREE, advised

LATER = NOW.timestamp() + 3 * 86_400


def asked(given: Advice, skill: str, language: str = "en") -> why.Page:
    answer = whynot.why_not(
        given.catalog,
        given.history,
        None,
        given.wish.goal,
        NOW,
        item=why.item_of(given, skill, NOW),
        knobs=given.wish.knobs,
        ready=given.ready,
        spent=advice.spent(given.history, NOW) / 60.0,
    )
    return why.page(given, skill, answer, language)


def test_what_needs_something_else_first_names_it() -> None:
    shown = asked(advised(CBEC, "operations"), "prc.landed")

    assert shown.heading == "Why not “Compute landed cost” now?"
    assert shown.finding.startswith("It builds on ")
    assert shown.practice == "case:eu_import"


def test_what_is_offered_says_so() -> None:
    given = advised(CBEC, "operations")
    shown = asked(given, given.recommendations[0].skill)

    assert shown.heading.endswith("is one of your three")
    assert shown.item == given.recommendations[0].item
    assert shown.more == ""


def test_what_rests_says_until_when_and_can_be_brought_back() -> None:
    skill = advised(CBEC, "operations").recommendations[0].skill
    shown = asked(advised(CBEC, "operations", knobs=Knobs(paused={skill: LATER})), skill)

    assert shown.finding == "You set it aside until 29\xa0November."
    assert shown.resting


def test_what_an_instructor_hid_says_so() -> None:
    skill = advised(CBEC, "operations").recommendations[0].skill
    shown = asked(advised(CBEC, "operations", knobs=Knobs(hidden=frozenset({skill}))), skill)

    assert shown.finding == "Your instructor took it out for now."
    assert not shown.resting


def test_of_several_items_the_first_that_is_not_done_is_meant() -> None:
    given = advised(OULAD, "AAA", *THREE)

    assert why.item_of(given, "AAA.TMA", NOW) == "AAA.TMA.4"
    assert why.item_of(given, "no.such.skill", NOW) == ""


@pytest.mark.parametrize("language", texts.LANGUAGES)
@pytest.mark.parametrize("cause", CAUSES)
def test_every_cause_is_a_sentence(cause: str, language: str) -> None:
    answer = WhyNot("practice:cus.duty", "cus.duty", cause, ("prc.landed",), data={"until": LATER, "minutes": 12.0})
    shown = why.page(advised(CBEC, "operations"), "cus.duty", answer, language)

    assert shown.finding
    assert "{" not in shown.finding


def test_a_lower_weight_is_compared_with_the_lowest_of_the_three() -> None:
    answer = WhyNot("practice:cus.duty", "cus.duty", "lower", ratio=0.62, factor="opens", against="practice:prc.landed")
    shown = why.page(advised(CBEC, "operations"), "cus.duty", answer, "en")

    assert shown.more == (
        "Its weight is 62\xa0% of the lowest of the three, “Compute landed cost”. "
        "The difference is mainly what it opens."
    )
    plain = why.page(advised(CBEC, "operations"), "cus.duty", replace(answer, factor=None), "en")
    assert plain.more.endswith("“Compute landed cost”.")


def test_rest_after_several_tries_names_what_to_practise_first() -> None:
    given = advised(CBEC, "operations")
    answer = WhyNot("practice:cus.duty", "cus.duty", "resting", ("prc.landed",), data={"wrong": 3})

    assert "while you practise Compute landed cost" in why.page(given, "cus.duty", answer, "en").finding
    alone = why.page(given, "cus.duty", replace(answer, skills=()), "en")
    assert alone.finding == "Several tries did not work out, so it rests for a while."
