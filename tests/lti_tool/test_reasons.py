from __future__ import annotations

from datetime import date

import pytest

from lti_tool import texts
from lti_tool.pages import reasons
from recommender.reasons import KINDS, Edge, Reason
from tests.lti_tool.advised import CBEC, OULAD


def test_a_day_reads_as_each_language_says_it() -> None:
    assert reasons.day(date(2026, 7, 1), "en") == "1\xa0July\xa02026"
    assert reasons.day(date(2026, 7, 1), "zh") == "2026-07-01"


def sentence(reason: Reason, language: str = "en") -> reasons.Sentence:
    return reasons.sentences((reason,), CBEC, language, texts.speaker(language))[0]


DUTY, LANDED = "cus.duty", "prc.landed"


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        (Reason("goal", (DUTY,), {"role": "operations", "target": 2}), "Your goal asks for level 2"),
        (Reason("needed_for", (DUTY, LANDED), {}), "Needed for Compute landed cost"),
        (Reason("ready", (), {"readiness": 1.0}), "Nothing else to learn first"),
        (Reason("ready", (DUTY,), {"readiness": 1.0}), "You are ready: Compute import duty"),
        (Reason("evidence", (DUTY,), {"answers": 7, "right": 5}), "5 of your 7 answers on it were right"),
        (Reason("no_evidence", (DUTY,), {}), "No answer of yours on it yet"),
        (Reason("opens", (LANDED,), {}), "Opens Compute landed cost"),
        (
            Reason("opens", (LANDED, DUTY, "cus.declare"), {}),
            "Opens Compute landed cost, Compute import duty and one more",
        ),
    ],
)
def test_a_reason_is_a_sentence(reason: Reason, words: str) -> None:
    assert sentence(reason).words == words


@pytest.mark.parametrize(
    ("answers", "right", "words"),
    [
        (4, 0, "4 answers of yours on it so far"),
        (1, 0, "One answer of yours on it so far"),
        (4, 3, "75\xa0% or more in 3 of your 4 results on it"),
        (1, 1, "Your one result on it so far is 75\xa0% or more"),
    ],
)
def test_results_are_compared_with_what_passes_and_failures_are_not_counted(
    answers: int, right: int, words: str
) -> None:
    told = (Reason("evidence", ("AAA.TMA",), {"answers": answers, "right": right}),)

    assert [one.words for one in reasons.sentences(told, OULAD, "en", texts.speaker("en"))] == [words]


def test_a_way_of_several_skills_names_the_next_and_the_last() -> None:
    chain = ("cus.customs_value", DUTY, LANDED)

    assert (
        sentence(Reason("needed_for", chain, {})).words
        == "Needed for Compute import duty, on the way to Compute landed cost"
    )


def test_a_rule_carries_its_date_and_its_mark() -> None:
    told = sentence(
        Reason("rule", (DUTY,), {"rule": "eu.flat_duty_2026", "valid_from": "2026-07-01", "answers_before": 0})
    )

    assert told.mark == "changed"
    assert told.words.startswith("EU, since 1\xa0July\xa02026: ")


def test_the_goal_ends_the_chain_and_nothing_is_said_twice() -> None:
    told = (
        Reason("goal", (DUTY,), {"target": 2}),
        Reason("opens", (LANDED,), {}),
        Reason("needed_for", (DUTY, LANDED), {}),
        Reason("needed_for", (DUTY,), {}),
    )

    assert [one.words for one in reasons.sentences(told, CBEC, "en", texts.speaker("en"))] == [
        "Needed for Compute landed cost",
        "Your goal asks for level 2",
    ]


@pytest.mark.parametrize("language", texts.LANGUAGES)
@pytest.mark.parametrize(
    ("reason", "english"),
    [
        (Reason("pinned", (DUTY,), {}), "Your instructor put this first"),
        (Reason("proposed", (DUTY,), {}), "Your instructor proposes it"),
        (Reason("claimed", (DUTY,), {}), "You said that you know it: one right answer proves it"),
        (
            Reason("step_back", (DUTY, LANDED), {"wrong": 3}),
            "We step back from Compute landed cost: 3 tries in a row did not work out",
        ),
        (
            Reason("review", (DUTY,), {"retention": 0.5, "days": 0, "half_life": 90}),
            "It fades: your last answer was 1 day ago",
        ),
        (
            Reason("review", (DUTY,), {"retention": 0.5, "days": 40, "half_life": 90}),
            "It fades: your last answer was 40 days ago",
        ),
    ],
)
def test_what_is_offered_out_of_turn_says_why(reason: Reason, english: str, language: str) -> None:
    words = sentence(reason, language).words

    assert (words == english) == (language == "en")
    assert words


def test_answers_from_before_a_rule_are_counted() -> None:
    told = sentence(
        Reason("rule", (DUTY,), {"rule": "eu.flat_duty_2026", "valid_from": "2026-07-01", "answers_before": 7})
    )

    assert told.words.endswith(". 7 of your answers on it are from before that day")


def test_why_one_skill_needs_another_is_said_where_the_catalog_says_it() -> None:
    edge = Edge(DUTY, LANDED, 0.7, {"en": "duty is part of the cost", "zh": "关税是成本的一部分"})

    way = sentence(Reason("needed_for", (DUTY, LANDED), {}, edges=(edge,))).words
    opens = sentence(Reason("opens", (LANDED, DUTY), {}, edges=(edge,))).words

    assert way.endswith("Compute landed cost: duty is part of the cost")
    assert opens == "Opens Compute landed cost (duty is part of the cost), Compute import duty"


def test_why_an_edge_is_there_is_said_once() -> None:
    edge = Edge(DUTY, LANDED, 0.7, {"en": "duty is part of the cost", "zh": "关税是成本的一部分"})
    told = (
        Reason("opens", (LANDED, "prc.strategy"), {}, edges=(edge,)),
        Reason("needed_for", (DUTY, LANDED), {}, edges=(edge,)),
    )

    words = [one.words for one in reasons.sentences(told, CBEC, "en", texts.speaker("en"))]
    assert sum("duty is part of the cost" in one for one in words) == 1


def test_every_kind_of_reason_has_its_sentence() -> None:
    data = {
        "target": 2,
        "answers": 3,
        "right": 1,
        "days": 2,
        "wrong": 3,
        "rule": "eu.flat_duty_2026",
        "answers_before": 0,
    }
    for kind in KINDS:
        assert sentence(Reason(kind, (DUTY, LANDED), data)).words
