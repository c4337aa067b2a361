"""A rule on one page over HTTP: from Rules, from a lesson, by a link; answers for whoever teaches alone."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from html import unescape

import pytest

from curriculum import catalog as catalogs
from lti_tool.pages import rulebook
from recommender import verbs
from tests.lti_tool import builders
from tests.lti_tool.builders import INSTRUCTOR, Bench
from tests.lti_tool.test_learning import opened, post, sent
from tests.lti_tool.test_reading import link
from tests.lti_tool.test_ruling import Person, plain, turn

FLAT = "eu.flat_duty_2026"
TODAY = datetime(2026, 11, 26, 12, tzinfo=UTC)


@pytest.fixture
def instructor(bench: Bench) -> Person:
    turn(bench, TODAY)
    return Person(bench, INSTRUCTOR)


def test_rules_lead_to_each_rule_on_one_page_with_its_answers_and_back(instructor: Person) -> None:
    listed = instructor.post("/lti/rules")

    for id_ in catalogs.load("cbec").rules:
        assert f'value="{id_}"' in listed.text
    page = instructor.post("/lti/leaflet", rule=FLAT)
    said = plain(page)
    assert "EU: EUR 3 for each item" in said
    assert "declared on 30\N{NO-BREAK SPACE}June\N{NO-BREAK SPACE}2026".replace("\N{NO-BREAK SPACE}", " ") in said
    assert "Answers" in said
    assert "/lti/rules" in page.text
    assert instructor.post("/lti/rules").status_code == 200


def test_rules_say_what_is_new(instructor: Person) -> None:
    said = plain(instructor.post("/lti/rules"))

    assert "Begins 2026-12-09 EU For products placed on the market from this day" in said
    assert "Began 2026-11-01" not in said  # a rule in doubt may hold or not


def test_a_class_hears_of_what_begins_and_ends_by_day() -> None:
    catalog = catalogs.load("cbec")
    found = {(one.id, one.how) for one in rulebook.lately(catalog, date(2026, 7, 10), "en")}

    assert {("eu.duty_relief_150", "ended"), (FLAT, "began"), ("us.section122", "ends")} <= found
    assert ("eu.right_to_repair", "begins") in found
    assert [one.day for one in rulebook.lately(catalog, date(2026, 7, 10), "zh")] == sorted(
        one.day for one in rulebook.lately(catalog, date(2026, 7, 10), "zh")
    )


def test_a_lesson_leads_to_its_rules_and_back_and_learners_see_no_answers(bench: Bench) -> None:
    turn(bench, TODAY)
    lesson = post(bench, "lesson", opened(bench), skill="cus.low_value_eu")
    page = post(bench, "leaflet", lesson, rule=FLAT, skill="cus.low_value_eu")

    assert f'name="rule" value="{FLAT}"' in lesson.text
    assert "Answers" not in plain(page)
    assert "Back to the lesson" in plain(page)
    assert "All rules" not in plain(page)


def test_a_link_opens_a_rule_alone_and_is_told_as_launched(bench: Bench) -> None:
    page = link(bench, activity="rule", rule=FLAT)

    assert "EU: EUR 3 for each item" in plain(page)
    assert 'class="tabs"' not in page.text
    assert len(sent(bench, verbs.LAUNCHED, 1)) == 1
    other = post(bench, "leaflet", page, rule="eu.gpsr", language="zh")
    assert "欧盟：每项 3 欧元" in plain(other)


def test_whoever_teaches_leaves_nothing(bench: Bench) -> None:
    builders.launched(bench, roles=[INSTRUCTOR], custom={"catalog": "cbec", "activity": "rule", "rule": FLAT})

    assert bench.sent == []


def test_a_rule_that_is_not_there_is_refused(bench: Bench) -> None:
    assert link(bench, activity="rule", rule="eu.none").status_code == 400
    assert post(bench, "leaflet", opened(bench), rule="eu.none").status_code == 400


@pytest.mark.parametrize("rule", ["it.parcel_fee", "eu.ppwr", "hs.2028", "cn.9810_refund", "eu.gpsr"])
def test_every_sort_of_rule_has_its_page_in_both_languages(instructor: Person, rule: str) -> None:
    english = instructor.post("/lti/leaflet", rule=rule)
    chinese = instructor.post("/lti/leaflet", rule=rule, language="zh")

    assert english.status_code == chinese.status_code == 200
    assert not re.search(r"[\u4e00-\u9fff]", unescape(re.sub(r"<[^>]+lang=\"zh-Hans\">.*?</button>", "", english.text)))
    assert ("This rule is in doubt" in plain(english)) == (rule == "it.parcel_fee")
