"""Titles and check digits."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest

from curriculum import practice
from curriculum.practice.dice import Dice
from curriculum.practice.flow import listing
from curriculum.practice.task import Step
from tests.curriculum.flow import orders

INCH = Decimal("2.54")


def step(kind: str, seed: int, name: str) -> Step:
    return next(step for step in practice.case(kind, seed, orders.order().day).steps if step.id == name)


@pytest.mark.parametrize(("to", "unit"), [("eu", "cm"), ("uk", "cm"), ("us", "in"), ("cn", "cm")])
def test_the_right_title_says_the_size_in_the_unit_of_the_market(to: str, unit: str) -> None:
    for seed in range(10):
        made, sheet = listing.title(Dice(f"{seed}"), orders.order(to))
        options = dict(made.options)
        right, causes = options[made.right[0]], dict(made.wrong)  # type: ignore[index]  # an option's key
        size, given = re.search(r"([\d.]+) (\w+)$", right["en"]), sheet.rows[1][1]  # type: ignore[index]  # both languages
        assert size
        source = Decimal(str(given).split()[0])

        assert size[2] == unit
        assert abs(Decimal(size[1]) - (source / INCH if to == "us" else source * INCH)) <= Decimal("0.05")
        assert len({text["en"] for text in options.values()}) == 4  # type: ignore[index]  # both languages
        wrong = options[causes["m.unit_inverse"][0]]  # type: ignore[index]  # an option's key
        figure = re.search(r"([\d.]+) \w+$", wrong["en"])  # type: ignore[index]  # both languages
        assert figure
        assert abs(Decimal(figure[1]) - (source * INCH if to == "us" else source / INCH)) <= Decimal("0.05")


def test_the_whole_number_is_right_as_well_as_its_last_digit() -> None:
    for seed in range(10):
        asked = step("flow_eu", seed, "gtin")
        digits = re.sub(r"\D", "", asked.question["en"].split("GTIN")[1])
        found = [practice.grade(asked, f"{digits}{last}").state for last in range(10)]

        assert len(digits) == 12
        assert found.count("right") == 1
        assert practice.grade(asked, str(found.index("right"))).state == "right"
