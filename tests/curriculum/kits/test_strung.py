"""A case of questions of the bank under one story: checked, asked in order, without what does not hold on the day."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from curriculum import bank, errors, telling
from curriculum import catalog as catalogs
from curriculum.kits import own
from curriculum.practice import answers, grading

ON = date(2026, 11, 26)
CATALOG = catalogs.load("cbec")
ASKED = [entry.id for skill in ("cus.duty", "prc.margin") for entry in bank.asked(CATALOG, skill, ON)[:2]]
BOTH = {"en": "A", "zh": "甲"}


def document(**changed: Any) -> dict[str, Any]:
    paper = {
        "title": {"en": "Quote", "zh": "报价单"},
        "rows": [[{"en": "Rate", "zh": "单价"}, {"en": "5.00", "zh": "5.00"}]],
    }
    return {
        "id": "own.strung",
        "template": "questions",
        "name": BOTH,
        "story": {"en": "A shop in Yiwu sells cups.", "zh": "义乌的一家店铺卖杯子。"},
        "questions": ASKED,
        "papers": [paper],
        **changed,
    }


def problems(**changed: Any) -> list[str]:
    return [telling.say(one, "en") for one in own.problems(document(**changed), CATALOG)]


def test_questions_are_asked_in_order_under_the_story_with_its_documents() -> None:
    assert problems() == []
    made = own.made(document(), 3, ON, CATALOG)

    assert [step.id for step in made.steps] == ASKED
    assert made.story["zh"] == "义乌的一家店铺卖杯子。"
    assert made.tables[0].rows[0][0] == {"en": "Rate", "zh": "单价"}
    assert own.made(document(), 3, ON, CATALOG).mark == made.mark
    for step in made.steps:
        assert grading.grade(step, answers.sent(step.right, step)).state == "right"


def test_it_is_a_kind_of_case_that_trains_the_skills_of_its_questions() -> None:
    catalog = replace(CATALOG, cases=(document(),))
    (kind,) = own.kinds(catalog)

    assert kind.skills == ("cus.duty", "prc.margin")
    assert kind.steps == len(ASKED)
    assert own.case("own.strung", 1, ON, catalog).name == BOTH


def test_a_question_that_is_retired_is_left_out_and_with_the_last_the_case_is_empty() -> None:
    ended = replace(CATALOG, ends={ASKED[0]: date(2026, 11, 1)})
    assert [step.id for step in own.made(document(), 1, ON, ended).steps] == ASKED[1:]
    none = replace(CATALOG, ends=dict.fromkeys(ASKED, date(2026, 11, 1)))
    with pytest.raises(errors.NoCase):
        own.made(document(), 1, ON, none)


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"story": None}, "story: write the situation"),
        ({"questions": []}, "questions: name 1 to 20 questions"),
        ({"questions": "x"}, "questions: name 1 to 20 questions"),
        ({"questions": ASKED[:1] * 2}, "questions: name 1 to 20 questions"),
        ({"questions": ["gone"]}, "questions[0]: there is no such question"),
        ({"questions": [5]}, "questions[0]: there is no such question"),
        ({"papers": "x"}, "papers: at most 6"),
        ({"papers": [{}] * 7}, "papers: at most 6"),
        ({"papers": ["x"]}, "papers[0]: a document needs a title"),
        ({"papers": [{"title": BOTH, "rows": []}]}, "papers[0]: a document needs a title"),
        ({"papers": [{"title": BOTH, "rows": [[BOTH]]}]}, "papers[0]: a document needs a title"),
        ({"papers": [{"title": {"en": "x"}, "rows": [[BOTH, BOTH]]}]}, "papers[0]: a document needs a title"),
    ],
)
def test_each_problem_is_said(changed: dict[str, Any], told: str) -> None:
    assert any(told in one for one in problems(**changed)), problems(**changed)
