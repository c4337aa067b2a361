"""Codes, rules of classification and values."""

from __future__ import annotations

from decimal import Decimal

import pytest

from curriculum import practice
from curriculum.practice.dice import Dice
from curriculum.practice.flow import customs, shelf, taxes
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
