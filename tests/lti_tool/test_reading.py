"""Courses and lessons over HTTP: what opens, what the record store hears, what is kept, and what is refused."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest

from lti_tool.settings import VOTES
from recommender import verbs
from tests.lti_tool import builders
from tests.lti_tool.builders import INSTRUCTOR, Bench
from tests.lti_tool.test_learning import field, heading, opened, post, sent

DUTY = "urn:entrepot:cbec:lesson:cus.duty"


def link(bench: Bench, **custom: str) -> Any:
    return builders.launched(bench, sub="newcomer", custom={"catalog": "cbec", **custom})


def test_the_tab_leads_to_courses_a_course_a_module_and_a_lesson(bench: Bench) -> None:
    shelf = post(bench, "learn", opened(bench))
    course = post(bench, "learn", shelf, at="operations")
    module = post(bench, "learn", course, at="operations.border")
    lesson = post(bench, "lesson", module, skill="cus.duty", at="operations.border")

    assert [heading(one) for one in (shelf, course, module, lesson)] == [
        "Courses and lessons",
        "Cross-Border E-commerce Operations",
        "Customs and tax",
        "Compute import duty",
    ]
    assert "Duty and VAT" in lesson.text
    assert "Next: VAT/GST principle" in lesson.text


def test_a_course_for_a_platform_says_what_differs_there_alone(bench: Bench) -> None:
    page = opened(bench)
    whole, amazon = post(bench, "learn", page, at="operations"), post(bench, "learn", page, at="operations-amazon")

    assert "<b>Shopee</b>" in whole.text
    assert "<b>Shopee</b>" not in amazon.text
    assert "featured offer" in amazon.text
    assert 'value="operations-amazon" aria-current="true"' in amazon.text


@pytest.mark.parametrize(
    ("thing", "told"),
    [
        ("project:shelf", "How it is judged"),
        ("discussion:platform", "What a good answer touches"),
        ("event:desk", "Check-in"),
        ("team:company", "Roles"),
    ],
)
def test_what_a_course_brings_has_its_page(bench: Bench, thing: str, told: str) -> None:
    page = post(bench, "learn", opened(bench), at="operations", thing=thing)

    assert told in page.text
    assert post(bench, "learn", page, at="operations", thing=thing, language="zh").status_code == 200


def test_opening_is_told_as_experienced_and_reading_to_the_end_as_read(bench: Bench) -> None:
    page = post(bench, "lesson", opened(bench), skill="cus.duty")
    since = int(field(page, "since"))
    bench.clock.offset += 240
    done = post(bench, "lesson", page, skill="cus.duty", act="read", since=str(since))

    (seen,) = [one for one in sent(bench, verbs.EXPERIENCED, 1) if one["object"]["id"] == DUTY]
    (read,) = sent(bench, verbs.READ, 1)
    assert "result" not in seen
    assert read["object"]["id"] == DUTY
    assert read["result"]["completion"]
    assert re.fullmatch(r"PT24[0-9]S", read["result"]["duration"])
    assert "Noted as read" in done.text
    assert "I have read it" not in done.text


@pytest.mark.parametrize("since", ["", "x", "99999999999", "1"])
def test_a_page_that_was_left_open_says_nothing_of_how_long_reading_took(bench: Bench, since: str) -> None:
    post(bench, "lesson", opened(bench), skill="cus.duty", act="read", since=since)

    (read,) = sent(bench, verbs.READ, 1)
    assert read["result"] == {"completion": True}


def test_what_was_read_is_known_to_every_page_once_the_store_has_it(bench: Bench) -> None:
    page = opened(bench)
    post(bench, "lesson", page, skill="fnd.ecom_models", act="read")
    builders.stored(bench, sent(bench, verbs.READ, 1))

    course = unescape(post(bench, "learn", page, at="operations").text)
    assert "0 known and 1 read of 78 knowledge points" in course
    assert "You have read the lesson." in unescape(post(bench, "page", page).text)
    assert "I have read it" not in post(bench, "lesson", page, skill="fnd.ecom_models").text


def test_a_word_on_a_lesson_is_kept_told_and_taken_back(bench: Bench) -> None:
    page = opened(bench)
    said = post(bench, "lesson", page, skill="cus.duty", act="vote", word="outdated")
    (kept,) = bench.storage.find(VOTES, {}, limit=9)
    back = post(bench, "lesson", page, skill="cus.duty", act="vote", word="")

    assert (kept["item"], kept["word"]) == ("lesson:cus.duty", "outdated")
    assert "You said: out of date." in said.text
    assert "Taken back." in back.text
    assert bench.storage.find(VOTES, {}, limit=9) == []
    assert [one["result"]["response"] for one in sent(bench, verbs.RATED, 2)] == ["outdated", ""]


def test_whoever_teaches_reads_and_leaves_nothing(bench: Bench) -> None:
    page = builders.launched(
        bench, roles=[INSTRUCTOR], custom={"catalog": "cbec", "activity": "lesson", "lesson": "cus.duty"}
    )
    post(bench, "lesson", page, skill="cus.duty", act="read")
    post(bench, "lesson", page, skill="cus.duty", act="vote", word="useful")

    assert bench.sent == []
    assert bench.storage.find(VOTES, {}, limit=9) == []


def test_a_link_opens_a_course_a_module_of_it_and_a_lesson(bench: Bench) -> None:
    assert heading(link(bench, activity="course", course="operations-amazon")) == (
        "Cross-Border E-commerce Operations: Amazon"
    )
    assert heading(link(bench, activity="course", course="operations.money")) == "Money"
    assert heading(link(bench, activity="lesson", lesson="cus.duty")) == "Compute import duty"
    assert len(sent(bench, verbs.LAUNCHED, 3)) == 3


def test_the_path_of_a_course_leads_through_it(bench: Bench) -> None:
    page = link(bench, activity="course", course="operations.money")

    path = unescape(post(bench, "path", page).text)
    assert "Exchange rates and currency risk" in path
    assert "Use free trade agreements" not in path


def test_a_link_opens_questions_on_one_skill_without_the_path_around_them(bench: Bench) -> None:
    page = link(bench, activity="quiz", quiz="cus.fta")
    lesson = post(bench, "lesson", page, skill="cus.fta", back="quiz:cus.fta")

    assert 'name="activity" value="quiz:cus.fta"' in page.text
    assert 'class="tabs"' not in lesson.text
    assert post(bench, "practice", lesson, activity=field(lesson, "back")).status_code == 200


@pytest.mark.parametrize(
    "custom",
    [
        {"activity": "course", "course": "nothing"},
        {"activity": "course", "course": "operations.nothing"},
        {"activity": "course", "course": "operations.money.nothing"},
        {"activity": "course", "course": "operations.money.payout.more"},
        {"activity": "course"},
        {"activity": "course", "course": "operations", "catalog": "oulad"},
        {"activity": "lesson", "lesson": "nothing"},
        {"activity": "lesson", "lesson": "AAA.TMA", "catalog": "oulad"},
        {"activity": "quiz", "quiz": "nothing"},
    ],
)
def test_a_link_to_nothing_is_refused(bench: Bench, custom: dict[str, str]) -> None:
    assert link(bench, **custom).status_code == 400


@pytest.mark.parametrize(
    ("route", "fields"),
    [
        ("learn", {"at": "nothing"}),
        ("learn", {"at": "operations", "thing": "project:nothing"}),
        ("learn", {"at": "operations", "thing": "nothing"}),
        ("learn", {"at": "nothing", "thing": "project:shelf"}),
        ("lesson", {"skill": "nothing"}),
    ],
)
def test_a_form_that_asks_for_nothing_there_is_refused(bench: Bench, route: str, fields: dict[str, str]) -> None:
    assert post(bench, route, opened(bench), **fields).status_code == 400


def test_a_catalog_without_courses_has_no_such_tab(bench: Bench) -> None:
    page = builders.launched(bench, custom={"catalog": "oulad"})

    assert 'formaction="/lti/learn"' not in page.text


def test_feedback_of_practice_leads_to_the_lesson_and_back(bench: Bench) -> None:
    page = opened(bench)
    asked = post(bench, "practice", page, activity="quiz:cus.fta", act="practise")
    told = post(bench, "practice", asked, activity="quiz:cus.fta", act="unknown", number="1", place="0")
    lesson = post(bench, "lesson", told, skill="cus.fta", back="quiz:cus.fta")

    assert 'name="skill" value="cus.fta"' in told.text
    assert "Back to the practice" in lesson.text


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_page_speaks_one_language(bench: Bench, language: str) -> None:
    page = opened(bench)
    for route, fields in (("learn", {}), ("learn", {"at": "operations"}), ("lesson", {"skill": "cus.low_value_eu"})):
        shown = post(bench, route, page, language=language, **fields)

        assert f'<html lang="{"en" if language == "en" else "zh-Hans"}"' in shown.text
        assert not re.search(r"\b(lesson|course|learn)\.[a-z.]+\b(?![\"'/])", re.sub(r"<[^>]*>", "", shown.text))
