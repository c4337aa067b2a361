"""Every rule of a file of questions: what breaks it is named with its place and with what would be right."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from curriculum import catalog as catalogs
from curriculum import errors
from curriculum.bank import shelf, sound
from tests.curriculum.bank import samples

KNOWN = shelf.known(catalogs.load("cbec"))
Change = Callable[[Any], None]


def at(*path: Any, value: Any) -> Change:
    """Set one value of the document."""

    def change(data: Any) -> None:
        for step in path[:-1]:
            data = data[step]
        if value is None:
            data.pop(path[-1])
        else:
            data[path[-1]] = value

    return change


def question(place: int, *path: Any, value: Any) -> Change:
    return at("questions", place, *path, value=value)


WORDS = {"en": "x", "zh": "某"}
WRONG: list[tuple[Change, str]] = [
    (at("questions", value={}), "questions: missing; the document must be a mapping with a list of questions"),
    (at("misconceptions", value={"a": 1}), "misconceptions: must be a list"),
    (at("misconceptions", 0, value=3), "misconceptions[0]: is 3; it must be a mapping"),
    (at("misconceptions", 0, "id", value="m.volumetric"), "misconceptions[0].id: is 'm.volumetric'; it must be a text"),
    (at("misconceptions", 0, "skill", value="cus.none"), "misconceptions[0].skill: no skill is called 'cus.none'"),
    (at("misconceptions", 0, "name", value={"en": "x"}), "misconceptions[0].name: is {'en': 'x'}; it must be a text"),
    (at("questions", 0, value=4), "questions[0]: is 4; it must be a mapping"),
    (question(1, "id", value="cus.duty.1"), "questions[1].id: 'cus.duty.1' is taken by questions[0]"),
    (question(0, "id", value="log.3"), "questions[0].id: is 'log.3'; it must be the skill and a number"),
    (question(0, "skill", value="cus.none"), "questions[0].skill: no skill is called 'cus.none'"),
    (question(1, "also", 0, value="cus.none"), "questions[1].also[0]: no skill is called 'cus.none'"),
    (question(0, "bloom", value="know"), "questions[0].bloom: is 'know'; it must be one of remember"),
    (question(0, "difficulty", value=6), "questions[0].difficulty: is 6; it must be a whole number 1 to 5"),
    (question(4, "rule", value="eu.none"), "questions[4].rule: no dated rule is called 'eu.none'"),
    (question(3, "valid_from", value="soon"), "questions[3].valid_from: is 'soon'; it must be a date"),
    (question(0, "ask", value=None), "questions[0].ask: is None; it must be a text in each of en and zh"),
    (question(0, "story", value="x"), "questions[0].story: is 'x'; it must be a text in each of en and zh, or be left"),
    (question(0, "form", value="essay"), "questions[0].form: is 'essay'; it must be one of number, choice"),
    (question(0, "pairs", value=[]), "questions[0].pairs: a question of the form choice has no such field; it has op"),
    (question(0, "options", value=[]), "questions[0].options: must be a list of 3 to 6"),
    (
        question(0, "options", 0, "right", value=False),
        "questions[0].options: 0 of them have `right: true`; exactly one",
    ),
    (question(1, "options", 2, "right", value=True), "questions[1].options: 3 of 3 have `right: true`; at least one"),
    (question(0, "options", 1, "text", value="x"), "questions[0].options[1].text: must be a text in each of en and zh"),
    (
        question(0, "options", 1, "text", value={"en": "one", "zh": "二"}),
        "questions[0].options[1].text: says the same as options[0]",
    ),
    (
        question(0, "options", 1, "cause", value="m.x"),
        "questions[0].options[1].cause: no misconception is called 'm.x'",
    ),
    (question(0, "options", 1, "why", value=None), "questions[0].options[1].why: is None; it must be a text in each"),
    (question(1, "options", 0, "missed", value=7), "questions[1].options[0].missed.cause: no misconception is called"),
    (question(2, "pairs", value=[]), "questions[2].pairs: must be a list of 3 to 6"),
    (question(2, "pairs", 0, value=7), "questions[2].pairs[0]: must have left and right, each a text in en and zh"),
    (question(2, "pairs", 1, "right", "en", value="x"), "questions[2].pairs[1].right: says the same as pairs[0]"),
    (question(2, "mixups", 0, "right", value=0), "questions[2].mixups[0]: left and right must be two different places"),
    (question(2, "mixups", 1, "right", value=4), "questions[2].mixups[1]: left and right must be two different places"),
    (question(2, "distractors", value=7), "questions[2].distractors: must be a list of texts, 3 at most beside 3"),
    (question(2, "distractors", 0, value=7), "questions[2].distractors[0]: is 7; it must be a text in each of en"),
    (question(2, "distractors", 0, "en", value="x"), "questions[2].distractors[0]: says the same as pairs[0]"),
    (
        question(2, "distractors", value=[{"en": "w", "zh": "卯"}] * 2),
        "questions[2].distractors[1]: says the same as distractors[0]",
    ),
    (question(2, "mixups", 0, value=7), "questions[2].mixups[0]: left and right must be two different places of pairs"),
    (question(2, "mixups", 0, "cause", value=None), "questions[2].mixups[0].cause: no misconception is called None"),
    (question(3, "accept", value=[6109]), "questions[3].accept: must be a list of at least one text; quote codes"),
    (question(3, "digits", value="yes"), "questions[3].digits: must be true or false"),
    (question(3, "wrong", 0, value=7), "questions[3].wrong[0].accept: must be a list of at least one text"),
    (question(3, "wrong", 0, "cause", value="m.x"), "questions[3].wrong[0].cause: no misconception is called 'm.x'"),
    (question(4, "unit", value="stones"), "questions[4].unit: is 'stones'; it must be one of EUR, USD"),
    (question(4, "unit", value={"en": "x"}), "questions[4].unit: is {'en': 'x'}; it must be one of EUR"),
    (question(4, "places", value=7), "questions[4].places: is 7; it must be a whole number 0 to 6"),
    (question(4, "tolerance", value=-1), "questions[4].tolerance: is -1; it must be a number from 0"),
    (question(4, "working", value=[]), "questions[4].working: must be a list of at least one line"),
    (
        question(4, "draw", "lines", value=[4, 2, 1]),
        "questions[4].draw.lines: is [4, 2, 1]; it must be [from, to, step]",
    ),
    (question(4, "draw", "rate", "pick", value=["x"]), "questions[4].draw.rate.pick: must be a list of numbers, or of"),
    (question(4, "draw", True, value=[1, 2, 1]), "questions[4].draw: True is no name; quote what YAML takes for true"),
    (question(4, "right", value="lines +"), "questions[4].right: the formula 'lines +'"),
    (
        question(4, "right", value="stones"),
        "questions[4].right: 'stones' is no figure here; known are flat_duty_eur_per",
    ),
    (question(4, "with", "worth", value="later"), "questions[4].with.worth: 'later' is no figure here; known are"),
    (
        question(4, "draw", "gap", value=[1, 2, 1]),
        "questions[4].draw.gap: gap is what texts call an answer",
    ),
    (question(4, "wrong", value=[]), "questions[4].wrong: must be a list of at least one wrong way to calculate"),
    (question(4, "wrong", 0, value=7), "questions[4].wrong[0]: is 7; it must be a mapping with cause, value and why"),
    (question(4, "wrong", 0, "value", value="what"), "questions[4].wrong[0].value: 'what' is no figure here"),
    (question(4, "wrong", 0, "cause", value="m.x"), "questions[4].wrong[0].cause: no misconception is called 'm.x'"),
]


def test_the_sample_is_sound() -> None:
    assert sound.problems(samples.document(), KNOWN) == []


@pytest.mark.parametrize(("change", "problem"), WRONG, ids=[problem[:50] for _, problem in WRONG])
def test_what_breaks_a_rule_is_named(change: Change, problem: str) -> None:
    data = samples.document()
    change(data)

    assert any(found.startswith(problem) for found in sound.problems(data, KNOWN)), sound.problems(data, KNOWN)


@pytest.mark.parametrize("data", [None, [], {"questions": 3}, "text"])
def test_what_is_no_file_of_questions_is_said_to_be_none(data: Any) -> None:
    assert sound.problems(data, KNOWN) == [
        "questions: missing; the document must be a mapping with a list of questions"
    ]


def test_a_unit_may_be_a_word_or_nothing() -> None:
    for unit in ({"en": "orders", "zh": "单"}, "days", ""):
        data = samples.document()
        data["questions"][4]["unit"] = unit
        assert sound.problems(data, KNOWN) == []


def test_problems_carry_their_line() -> None:
    with pytest.raises(errors.InvalidBank, match=r"test\.yaml: line 9: questions\[0\]\.difficulty: is 9"):
        samples.bank(samples.TEXT.replace("difficulty: 2", "difficulty: 9", 1))


@pytest.mark.parametrize("text", ["questions: [", "questions: []\nquestions: []"])
def test_what_is_no_yaml_is_refused(text: str) -> None:
    with pytest.raises(errors.InvalidBank, match="not YAML"):
        samples.bank(text)
