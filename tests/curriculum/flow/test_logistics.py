"""Weights and days of delivery."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from curriculum.practice.dice import Dice
from curriculum.practice.flow import logistics
from curriculum.practice.flow.world import Parcel
from tests.curriculum.flow import orders


@pytest.mark.parametrize(
    ("handed", "days", "closed", "there"),
    [
        (date(2026, 7, 3), 2, [date(2026, 7, 6)], date(2026, 7, 8)),  # Friday; Monday closed
        (date(2026, 12, 24), 3, [date(2026, 12, 25)], date(2026, 12, 30)),
        (date(2026, 11, 23), 5, [], date(2026, 11, 30)),
        (date(2026, 11, 23), 1, [date(2026, 11, 28)], date(2026, 11, 24)),  # closed on a Saturday: nothing changes
    ],
)
def test_weekends_and_closed_days_do_not_count(handed: date, days: int, closed: list[date], there: date) -> None:
    assert logistics.arrival(handed, days, closed) == there


@pytest.mark.parametrize(
    ("day", "handed"),
    [(date(2026, 11, 27), "27"), (date(2026, 11, 28), "30"), (date(2026, 11, 29), "30"), (date(2026, 11, 30), "30")],
)
def test_a_parcel_is_handed_over_on_a_working_day(day: date, handed: str) -> None:
    made, _ = logistics.promise(Dice("any"), orders.order(day=day))

    assert str(made.facts["handed"]["en"]).startswith(handed)  # type: ignore[index]  # both languages
    assert len({text["en"] for _, text in made.options}) == 4  # type: ignore[index]  # both languages


def test_a_heavy_parcel_is_charged_by_its_weight_and_a_light_one_by_its_size() -> None:
    heavy = logistics.weights(Parcel((30, 20, 10), Decimal("3.20"), 6000, 5000, Decimal(1), Decimal(0)))
    light = logistics.weights(Parcel((40, 30, 20), Decimal("1.20"), 6000, 5000, Decimal(1), Decimal(0)))

    assert (heavy.right, dict(heavy.wrong)["m.volumetric_always"]) == (Decimal("3.50"), Decimal("1.00"))
    assert (light.right, dict(light.wrong)["m.volumetric"]) == (Decimal("4.00"), Decimal("1.50"))
    assert dict(light.wrong)["m.wrong_divisor"] == Decimal("5.00")
