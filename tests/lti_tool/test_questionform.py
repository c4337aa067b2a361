"""The form of a question as plain data: nothing of the bank is lost in it, and what is wrong finds its field."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from importlib import resources
from typing import Any

import pytest
import yaml

from curriculum import catalog as catalogs
from curriculum import errors
from curriculum.bank import sound, trial
from lti_tool import texts
from lti_tool.pages import questionfault, questionform
from lti_tool.pages.questionform import Made, Typed
from tests.curriculum.bank import samples, test_sound

CBEC = catalogs.load("cbec")
EN, ZH = texts.speaker("en"), texts.speaker("zh")


def shipped() -> Iterator[dict[str, Any]]:
    for file in resources.files("curriculum").joinpath("data", "bank").iterdir():
        if file.name.endswith(".yaml"):
            yield from yaml.load(file.read_text(encoding="utf-8"), Loader=catalogs.Loader)["questions"]


def plain(value: Any) -> Any:
    """As the bank takes it: without blanks around texts, without what is empty, formulas as texts."""
    if isinstance(value, dict):
        made = {
            str(key): plain(one)
            for key, one in value.items()
            if one is not None and one is not False and one not in ([], {})
        }
        return {
            key: str(one) if key in {"right", "value"} and not isinstance(one, bool) else one
            for key, one in made.items()
        } | ({"with": {name: str(one) for name, one in made["with"].items()}} if "with" in made else {})
    if isinstance(value, list):
        return [plain(one) for one in value]
    return value.strip() if isinstance(value, str) else value if isinstance(value, bool | int | float) else str(value)


def again(question: dict[str, Any]) -> dict[str, Any]:
    """A question after its form."""
    filled = questionform.filled(question)
    assert filled.kind == question["form"]
    made: dict[str, Any] = questionform.document(questionform.typed(filled.values), "token").document["questions"][0]
    return made


def test_the_form_of_every_shipped_question_says_all_of_it() -> None:
    count = 0
    for question in shipped():
        count += 1
        assert plain(again(question)) == plain(question), question["id"]
    assert count > 600


@pytest.mark.parametrize("place", range(5))
def test_the_form_of_each_sample_says_all_of_it(place: int) -> None:
    question = samples.document()["questions"][place]

    assert plain(again(question)) == plain(question)


def test_what_has_more_rows_than_a_form_is_yaml() -> None:
    question = samples.document()["questions"][3]
    question["wrong"] = question["wrong"] * 9
    filled = questionform.filled(question, [{"id": "m.x", "skill": "cus.duty", "name": {"en": "x", "zh": "x"}}])

    assert filled.kind == questionform.YAML
    read = yaml.safe_load(filled.values["text"])
    assert read["questions"][0]["wrong"] == question["wrong"]
    assert read["misconceptions"][0]["id"] == "m.x"


def test_rows_that_are_left_empty_are_no_rows_and_those_behind_them_move_up() -> None:
    values = {
        "kind": "match", "skill": "cus.duty", "left_0_en": "a", "end_0_en": "x", "left_2_en": "c", "end_2_en": "z",
        "spare_1_en": "w", "rows_spare": "2", "from_0": "pair_2", "to_0": "spare_1", "from_1": "pair_1", "to_1": "",
    }  # fmt: skip
    made = questionform.document(questionform.typed(values), "token")
    (question,) = made.document["questions"]

    assert [one["left"]["en"] for one in question["pairs"]] == ["a", "c"]
    assert [(one["left"], one["right"]) for one in question["mixups"]] == [(1, 2), (-1, -1)]
    assert made.spots["questions[0].pairs[1].left"] == "left_2"
    assert made.spots["questions[0].mixups[1]"] == "from_1"


def test_the_number_of_rows_is_bounded_whatever_is_sent() -> None:
    for wished in ("", "x", "-3", "999", "７"):
        assert 4 <= Typed("choice", {"rows_option": wished}).rows("option") <= 6
    assert questionform.typed({"kind": "number", "more": "option"}).values == {"kind": "number"}
    assert questionform.typed({"kind": "poem"}).kind == "choice"


def test_draws_are_read_in_every_way_in_which_they_are_typed() -> None:
    values = {
        "kind": "number", "draw_0": "a", "low_0": "1", "high_0": "5", "draw_1": "b", "pick_1": "1，2.5、 3",
        "draw_2": "c", "said_2_en": "cups; pots", "said_2_zh": "杯子；锅", "draw_3": "d", "said_3_en": "x;y",
        "said_3_zh": "甲", "draw_4": "e", "low_4": "much", "rows_draw": "5",
    }  # fmt: skip
    made = questionform.document(questionform.typed(values), "token").document["questions"][0]["draw"]

    assert made["a"] == [1, 5, 1]
    assert made["b"] == {"pick": [1, 2.5, 3]}
    assert made["c"] == {"pick": [{"en": "cups", "zh": "杯子"}, {"en": "pots", "zh": "锅"}]}
    assert made["d"] == {"pick": [{"en": "x", "zh": "甲"}, {"en": "y", "zh": ""}]}
    assert made["e"] == ["much", "", 1]


# What is wrong


def wrongs() -> Iterator[tuple[dict[str, Any], str]]:
    """Every question that the tests of the bank call wrong, alone, with its problem."""
    for case in test_sound.WRONG:
        change, problem = case
        document = samples.document()
        change(document)
        listed = document.get("questions") if isinstance(document, dict) else None
        for question in listed if isinstance(listed, list) else ():
            if isinstance(question, dict):
                yield question, problem


def problems(kind: str, **values: str) -> list[questionfault.Fault]:
    typed = questionform.typed({"kind": kind, "skill": "cus.duty", "bloom": "apply", "difficulty": "2", **values})
    made = questionform.document(typed, "token")
    try:
        trial.tried(made.document, "form", CBEC)
        found: tuple[str, ...] = ()
    except errors.InvalidBank as refused:
        found = refused.problems
    return questionfault.faults(found, made, typed.values, ZH)


TEXTS = {
    f"{name}_{language}": "有字"
    for name in ("ask", "explanation", "text_0", "why_0", "why_1", "why_2") for language in ("en", "zh")
}  # fmt: skip
OPTIONS = TEXTS | {f"text_{row}_{language}": f"{row}" for row in (1, 2) for language in ("en", "zh")} | {"right": "0"}
SUM = TEXTS | {
    "draw_0": "price", "low_0": "1", "high_0": "9", "right": "price * 2", "value_0": "price * 3", "places": "2",
    "unit": "EUR", "working": "{price} × 2",
}  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "values", "field", "key"),
    [
        ("choice", {"ask_zh": ""}, "ask_zh", "words.zh"),
        ("choice", {"explanation_en": "", "explanation_zh": ""}, "explanation_en", "words.both"),
        ("choice", {"text_2_en": "1"}, "text_2_en", "same"),
        ("choice", {"right": "3"}, "text_0_en", "one_right"),
        ("choice", {"text_2_en": "", "text_2_zh": ""}, "text_0_en", "options"),
        ("choice", {"cause_1": "m.nobody"}, "cause_1", "cause"),
        ("choice", {"cause_1": "new", "new_1_en": "x"}, "new_1_zh", "words.zh"),
        ("choice", {"bloom": "sing"}, "bloom", "bloom"),
        ("choice", {"difficulty": "9"}, "difficulty", "difficulty"),
        ("choice", {"rule": "eu.none"}, "rule", "rule"),
        ("choice", {"valid_from": "then"}, "valid_from", "date"),
        ("choice", {"why_1_en": "{price.x}"}, "why_1_en", "placeholder"),
        ("choice", {"why_1_en": "x" * 5000}, "why_1_en", "long"),
        ("several", {}, "text_0_en", "some_right"),
        ("match", {}, "left_0", "pairs"),
        ("text", {}, "accept", "accept"),
        ("text", {"accept": "a", "why_0_en": "x"}, "spelt_0", "accept"),
        ("number", {"unit": "stones"}, "unit", "unit"),
        ("number", {"places": "9"}, "places", "places"),
        ("number", {"tolerance": "-1"}, "tolerance", "tolerance"),
        ("number", {"working": ""}, "working", "working"),
        ("number", {"draw_0": "gap"}, "draw_0", "reserved"),
        ("number", {"right": ""}, "right", "formula.empty"),
        ("number", {"right": "1 +"}, "right", "formula.broken"),
        ("number", {"right": "+".join("1" * 300)}, "right", "formula.long"),
        ("number", {"right": "-" * 60 + "1"}, "right", "formula.deep"),
        ("number", {"right": "price.x"}, "right", "formula.strange"),
        ("number", {"right": "fee"}, "right", "no_figure"),
        ("number", {"right": "fee", "draw_0": "", "low_0": "", "high_0": "", "working": "x"}, "right", "no_figures"),
        ("number", {"value_0": "", "why_0_en": "", "why_0_zh": ""}, "value_0", "methods"),
        ("number", {"draw_0": "7 up"}, "draw_0", "name"),
        ("number", {"draw_1": "price", "pick_1": "3"}, "draw_1", "twice"),
        ("number", {"draw_1": "b", "pick_1": "much"}, "draw_1", "pick"),
        ("number", {"low_0": "9", "high_0": "1"}, "draw_0", "range"),
        ("number", {"high_0": "900000000", "step_0": "0.001"}, "draw_0", "many"),
        ("number", {"high_0": "9e300", "step_0": "9e299"}, "draw_0", "large"),
        ("several", {"right_0": "yes", "cause_1": "m.hs_by_use"}, "", "left_out"),
        ("number", {"value_0": "price * 2"}, "", "no_draw"),
        ("number", {"ask_en": "{fee}"}, "", "unfilled"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_beside_its_field_in_the_words_of_the_page(
    kind: str, values: dict[str, str], field: str, key: str
) -> None:
    base = {"choice": OPTIONS, "several": OPTIONS, "number": SUM}.get(kind, TEXTS)
    rows = {"number": ("0",), "match": (), "text": ()}.get(kind, ("0", "1", "2"))
    typed = {
        name: one
        for name, one in {**base, **values}.items()
        if not name.startswith("why_") or name[4] in rows or name in values
    }
    found = problems(kind, **typed)
    said = [one for one in found if field in one.fields or (not field and not one.fields)]

    assert said, found
    pattern = texts.catalogue("zh")[f"qform.fault.{key}"].partition("{")[0]
    assert any(one.words.startswith(pattern) and not one.foreign for one in said), said
    assert not any(one.foreign for one in found), found


def test_every_problem_of_the_bank_has_words_in_both_languages() -> None:
    """What only YAML can get wrong stays as the bank says it."""
    known = sound.Known(CBEC.skills, {}, set())
    of_yaml = ("id:", "skill:", "also[", "form:", "no such field", "digits:", "wrong[0]: is", "True is no name")
    foreign = []
    for question, _ in wrongs():
        for problem in sound.problems({"questions": [copy.deepcopy(question)]}, known):
            for say in (EN, ZH):
                foreign += [problem for one in questionfault.faults([problem], Made({}), {}, say) if one.foreign]

    assert [one for one in foreign if not any(part in one for part in of_yaml)] == []


def test_a_path_without_a_field_belongs_to_what_is_around_it() -> None:
    made = Made({}, {"questions[0].options": "text_0"})
    (fault,) = questionfault.faults(
        ["line 3: questions[0].options[7].missed.cause: nobody knows"], made, {"text_0": ""}, EN
    )

    assert (fault.fields, fault.where, fault.words, fault.foreign) == (("text_0",), "Option 1", "nobody knows", True)
    (whole,) = questionfault.faults(["not YAML: {"], made, {}, EN)
    assert (whole.fields, whole.where, whole.words) == ((), "", "not YAML: {")
