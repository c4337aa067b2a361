"""Numbers on papers: those that are right are right by an independent library, the wrong ones are not."""

from __future__ import annotations

from datetime import date

import pytest
from stdnum import ean
from stdnum.eu import oss
from stdnum.fi import alv

from curriculum import practice
from curriculum.almanac import numbers
from curriculum.practice import answers, numbering
from curriculum.practice.task import Case, Step

CASES = [practice.case("numbers", seed, date(2026, 11, 26)) for seed in range(60)]


def chosen(step: Step) -> dict[str, str]:
    """The text of each option by its cause; of the right one by none."""
    texts = {option.key: option.text["en"] for option in step.options}
    return {"": texts[step.right[0]], **{wrong.cause: texts[wrong.value[0]] for wrong in step.wrong}}  # type: ignore[index]  # keys


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case.seed))
def test_one_number_alone_can_be_given_for_the_import_scheme(case: Case) -> None:
    found = chosen(case.steps[0])

    assert [cause for cause, number in found.items() if numbers.import_scheme(number)] == [""]
    assert oss.is_valid(found["m.ioss_services_number"])
    assert found["m.ioss_intermediary_number"].startswith("IN")
    assert found["m.ioss_vat_number"][:2] in {"IE", "NL", "LU", "DE"}


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case.seed))
def test_one_article_number_alone_was_mistyped(case: Case) -> None:
    typed = chosen(case.steps[1])

    assert {cause: ean.is_valid(number) for cause, number in typed.items()} == {
        "": False,
        "m.gtin_zero_check": True,
        "m.gtin_prefix_origin": True,
        "m.number_by_looks": True,
    }
    assert typed["m.gtin_zero_check"].endswith("0")
    assert not typed[""].endswith("0")
    assert not typed["m.gtin_prefix_origin"].startswith("69")


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case.seed))
def test_the_check_digit_makes_a_number_of_finland(case: Case) -> None:
    step = case.steps[2]
    written = case.tables[2].rows[0][1]["en"].rstrip("_")
    digit = step.right[0]  # type: ignore[index]  # a code

    assert alv.is_valid(f"{written}{digit}")
    assert practice.grade(step, f"{written} {digit}").state == "right"
    assert not any(alv.is_valid(f"{written}{wrong.value[0]}") for wrong in step.wrong)  # type: ignore[index]  # a code


def test_numbers_of_firms_lie_above_those_that_were_given_out() -> None:
    for case in CASES:
        assert chosen(case.steps[0])[""][5:] >= str(numbering.HIGH)
        assert case.tables[2].rows[0][1]["en"].startswith("FI99")


@pytest.mark.parametrize("case", CASES[::4], ids=lambda case: str(case.seed))
def test_each_wrong_way_is_named_as_itself_and_a_right_answer_never_is(case: Case) -> None:
    for step in case.steps:
        assert practice.grade(step, answers.sent(step.right, step)).state == "right"
        for wrong in step.wrong:
            verdict = practice.grade(step, answers.sent(wrong.value, step))
            assert (verdict.state, verdict.cause) == ("other", wrong.cause)
            assert all(verdict.title[language] and verdict.words[language] for language in ("en", "zh"))
            assert "{" not in verdict.words["en"] + verdict.words["zh"] + verdict.explanation["en"]


def test_every_wrong_way_comes_up_as_an_error_of_its_own() -> None:
    causes = {wrong.cause for case in CASES for step in case.steps for wrong in step.wrong}

    assert len(causes) == 4 + 3 + 2
