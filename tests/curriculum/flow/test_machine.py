"""The same order on both sides of a change of the law: it differs as the law does, and in nothing else."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from types import MappingProxyType

import pytest

from curriculum import catalog as catalogs
from curriculum import errors, practice
from curriculum.practice import deck
from curriculum.practice.task import Case

BEFORE, AFTER = date(2026, 6, 30), date(2026, 7, 1)
TODAY = date(2026, 11, 25)
FOLLOWS = {"who", "duty", "vat", "landed", "price"}
"""What the duty decides; the rule of the day stands beside the value as well."""


def differing(pair: tuple[Case, Case]) -> set[str]:
    first, second = pair
    return {
        one.id
        for one, other in zip(first.steps, second.steps, strict=True)
        if replace(one, rule=None, explanation={}, wrong=()) != replace(other, rule=None, explanation={}, wrong=())
    }


@pytest.mark.parametrize("seed", range(12))
def test_an_order_to_the_eu_differs_by_its_duty_on_1_july_2026_alone(seed: int) -> None:
    pair = practice.twins(seed, "eu", BEFORE, AFTER)
    before, after = ({step.id: step for step in case.steps} for case in pair)
    small = Decimal(str(before["value"].right)) <= 150

    assert differing(pair) - {"promise"} <= FOLLOWS
    assert [table.title for table in pair[0].tables] == [table.title for table in pair[1].tables]
    assert pair[0].tables[0] == pair[1].tables[0]
    if small:
        assert before["duty"].right == 0
        lines = len({row[0]["en"] for row in pair[0].tables[0].rows}) - 1
        assert after["duty"].right == 3 * lines
        assert (before["duty"].rule, after["duty"].rule) == tuple(
            catalogs.load("cbec").rules[name] for name in ("eu.duty_relief_150", "eu.flat_duty_2026")
        )
    else:
        assert before["duty"].right == after["duty"].right


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (date(2026, 6, 29), BEFORE),  # nothing changed between these days
        (AFTER, date(2026, 7, 2)),
    ],
)
def test_between_changes_nothing_differs(before: date, after: date) -> None:
    for seed in range(6):
        assert differing(practice.twins(seed, "eu", before, after)) <= {"promise", "duty"}
        first, second = practice.twins(seed, "eu", before, after)
        assert [s.right for s in first.steps if s.id != "promise"] == [
            s.right for s in second.steps if s.id != "promise"
        ]


@pytest.mark.parametrize(("after", "rate"), [(date(2026, 7, 23), 10), (date(2026, 7, 24), 0)])
def test_the_surcharge_of_the_united_states_ends_with_its_day(after: date, rate: int) -> None:
    first, second = practice.twins(4, "us", date(2026, 7, 23), after)
    before, then = (Decimal(str(case.steps[9].right)) for case in (first, second))
    value = Decimal(str(first.steps[7].right))

    assert abs(before - then - value * (10 - rate) / 100) <= Decimal("0.01")


def test_there_are_no_twins_of_a_destination_without_a_flow() -> None:
    with pytest.raises(errors.UnknownReference):
        practice.twins(1, "mars", BEFORE, AFTER)


def test_twins_without_room_say_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deck, "TRIES", 0)
    with pytest.raises(errors.NoCase):
        practice.twins(1, "eu", BEFORE, AFTER)


def test_a_machine_asks_of_both_dates_and_of_the_difference() -> None:
    for seed in range(20):
        case = practice.case("machine_eu", seed, TODAY)
        right = {step.id: step.right for step in case.steps}
        lines = len({row[0]["en"] for row in case.tables[0].rows}) - 1
        at_import = right["changed"] == ("b",)
        rate = Decimal(case.tables[3].rows[1][1]["en"].removesuffix(" %")) / 100

        assert (right["duty_before"], right["duty_after"]) == (0, 3 * lines)
        assert isinstance(right["more"], Decimal)
        assert abs(right["more"] - 3 * lines * (1 + (rate if at_import else 0))) <= Decimal("0.01")
        assert (right["vat_before"] != right["vat_after"]) == at_import


def test_a_second_change_moves_the_machine_to_its_eve() -> None:
    """EUR 4 an item from 2027 on: the eve lies in the time of the first flat duty."""
    cbec = catalogs.load("cbec")
    flat = cbec.rules["eu.flat_duty_2026"]
    day = date(2027, 3, 1)
    second = replace(flat, id="eu.flat_2027", valid_from=day, params={**flat.params, "flat_duty_eur_per_item": 4})
    first = replace(flat, valid_to=day - timedelta(days=1))
    catalog = replace(cbec, rules=MappingProxyType({**cbec.rules, first.id: first, second.id: second}))
    case = practice.case("machine_eu", 1, date(2027, 6, 1), catalog)
    right = {step.id: Decimal(str(step.right)) for step in case.steps if isinstance(step.right, Decimal)}

    assert right["duty_before"] * 4 == right["duty_after"] * 3 > 0
