from __future__ import annotations

from dataclasses import replace

import pytest

from lti_tool import advice, texts
from lti_tool.advice import Model, Wish
from lti_tool.pages import view
from tests.lti_tool.advised import CBEC, NOW, OULAD, THREE, advised, history


@pytest.mark.parametrize("language", texts.LANGUAGES)
@pytest.mark.parametrize("role", [*CBEC.roles])
def test_every_role_has_its_name_in_both_languages(role: str, language: str) -> None:
    shown = view.frame(advised(CBEC, role), language, NOW.timestamp())

    assert shown.role == CBEC.roles[role].name[language]
    assert [choice.id for choice in shown.roles if choice.chosen] == [role]
    assert shown.notice


def test_without_a_goal_nothing_is_counted() -> None:
    given = advised(CBEC, "")

    assert view.frame(given, "en", NOW.timestamp()).role == ""
    assert view.counts(given) == {"there": 0, "on_the_way": 0, "unknown": 0}


def test_every_number_of_the_counts_is_a_skill_of_the_goal() -> None:
    assert sum(view.counts(advised(OULAD, "AAA", *THREE)).values()) == len(OULAD.roles["AAA"].targets)


def test_cases_are_offered_where_the_catalog_has_skills_with_cases() -> None:
    assert view.frame(advised(CBEC, ""), "en", NOW.timestamp()).practises
    assert not view.frame(advised(OULAD, ""), "en", NOW.timestamp()).practises


def test_the_day_reads_as_each_language_says_it() -> None:
    assert view.today(NOW.timestamp(), "en") == "Thursday 26\xa0November"
    assert view.today(NOW.timestamp(), "zh") == "11\xa0月\xa026\xa0日 星期四"


@pytest.mark.parametrize(
    ("level", "target", "state"),
    [(None, 2, "unknown"), (1.9, 2, "on_the_way"), (2.0, 2, "there"), (5.0, None, "on_the_way")],
)
def test_a_skill_is_there_at_the_level_that_the_goal_asks_for(
    level: float | None, target: int | None, state: str
) -> None:
    assert view.state(level, target) == state


def test_skills_stand_in_their_area_and_empty_areas_are_left_out() -> None:
    skills = view.skills(advised(CBEC, "operations"), "en", texts.speaker("en"))
    some = {name: skills[name] for name in ("cus.duty", "prc.landed")}

    assert [[skill.id for skill in inside] for _, inside in view.areas(CBEC, some, "en")] == [
        ["prc.landed"],
        ["cus.duty"],
    ]


def test_a_rule_that_is_newer_than_every_answer_is_tagged() -> None:
    answers = [("practice:cus.low_value_eu", 1.0)] * 3
    recent = view.skills(advised(CBEC, "operations", *answers), "en", texts.speaker("en"))
    before = history(CBEC, *answers)
    before = replace(before, when=before.when - 200 * 86_400_000_000)
    given = advice.of_history(CBEC, before, Model("missing"), wish=Wish("operations"), now=NOW)
    old = view.skills(given, "en", texts.speaker("en"))

    assert recent["cus.low_value_eu"].rule == ""
    assert old["cus.low_value_eu"].rule.startswith("EU: new rule since ")
