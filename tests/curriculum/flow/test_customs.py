"""Codes, rules of classification and values."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from curriculum import practice
from curriculum.almanac import tariff
from curriculum.practice.dice import Dice
from curriculum.practice.flow import customs, shelf, taxes
from curriculum.practice.task import Step
from tests.curriculum.flow import orders


def test_a_code_that_begins_right_is_partly_right() -> None:
    """Chapter a quarter, heading 0.6, subheading all."""
    asked = next(step for step in practice.case("flow_eu", 3, orders.order().day).steps if step.id == "hs")
    (code,) = asked.right if isinstance(asked.right, tuple) else ("",)
    last, heading = ("8" if code[5] != "8" else "7"), ("8" if code[3] != "8" else "7")

    assert practice.grade(asked, f"{code[:4]}.{code[4:]}").credit == 1
    assert practice.grade(asked, code[:5] + last).credit == Decimal("0.6")
    assert practice.grade(asked, code[:3] + heading + code[4:]).credit == Decimal("0.25")
    assert practice.grade(asked, "000000").credit == 0


@pytest.mark.parametrize("good", shelf.pages()["goods"], ids=lambda good: str(good["hs"]))
def test_the_rule_follows_from_how_an_article_is_supplied(good: dict[str, list[str]]) -> None:
    world = orders.order(lines=[(good["hs"], 2, "9.00")])
    rules = list(shelf.pages()["gri"])
    seen = set()
    for seed in range(12):
        made, sheet = customs.rule(Dice(f"{seed}"), world)
        supplied = next(kind for kind in shelf.pages()["supplies"].values() if kind["text"] == sheet.rows[0][1])
        right = rules[shelf.KEYS.index(made.right[0])]  # type: ignore[index]  # an option's key
        seen.add(right)
        causes = {rules[shelf.KEYS.index(value[0])]: cause for cause, value in made.wrong}  # type: ignore[index]  # the same
        assert right == supplied["gri"]
        if right == "1":
            assert set(causes.values()) == {"m.gri_skips_first"}
        else:
            assert causes.pop("1") == "m.gri_ignores_supply"
            assert set(causes.values()) == {"m.gri_other"}
    assert len(seen) == len({shelf.pages()["supplies"][name]["gri"] for name in good["supplies"]})


@pytest.mark.parametrize(("to", "value"), [("eu", "45.00"), ("uk", "45.00"), ("us", "45.00"), ("cn", "57.00")])
def test_china_alone_counts_the_carriage(to: str, value: str) -> None:
    world = orders.order(to, standard="8.00", express="4.00")

    assert customs.value(world, taxes.levied(world)).right == Decimal(value)


def test_every_subheading_of_the_heading_is_named_when_it_is_taken() -> None:
    for good in shelf.pages()["goods"]:
        step, sheet = customs.code(orders.order(lines=[(good["hs"], 2, "9.00")]))
        named = {value for _, value in step.wrong}
        beside = {(tariff.plain(code),) for code in tariff.heading(good["hs"])} - {step.right}
        assert beside <= named
        assert len(sheet.rows) <= 2 + 1 + len(good["traps"])
        assert [row[0] for row in sheet.rows] == sorted(str(row[0]) for row in sheet.rows)


@pytest.mark.parametrize(
    ("answer", "credit", "said"),
    [
        ("610999", "0.6", "It has no subheading 6109.99"),
        ("6109", "0.6", "Six digits are asked for"),
        ("619999", "0.25", "Chapter 61 is right"),
        ("61", "0.25", "Chapter 61 is right"),
        ("6109100010", "1", "The first six digits are right"),
        ("999999", "0", "We could not tell the cause"),
    ],
)
def test_a_code_that_begins_right_is_told_so_in_the_words_of_the_tariff(answer: str, credit: str, said: str) -> None:
    step = classified("6109.10")
    verdict = practice.grade(step, answer)

    assert (verdict.cause, verdict.credit) == ("unknown", Decimal(credit))
    assert said in verdict.words["en"]
    assert "6109.10" not in verdict.words["en"] + verdict.words["zh"]


def test_a_subheading_that_is_known_but_another_is_told_with_its_text() -> None:
    """Where no trap of the article names it, as in an institution's own step."""
    step = replace(classified("6109.10"), wrong=())
    verdict = practice.grade(step, "6109.90")

    assert "Subheading 6109.90 is “T-shirts, singlets and other vests; of textile materials" in verdict.words["en"]


def classified(code: str) -> Step:
    """The step of a case whose main article has a code."""
    found = (practice.case("flow_eu", seed, orders.order().day).steps[5] for seed in range(200))
    return next(step for step in found if step.right == (tariff.plain(code),))
