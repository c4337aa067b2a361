"""Weights and days of delivery."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from curriculum.almanac import calendars
from curriculum.practice.dice import Dice
from curriculum.practice.flow import logistics
from curriculum.practice.flow.world import Parcel
from tests.curriculum.flow import orders

GOLDEN = logistics.Way(calendars.of("CN"), calendars.of("DE-SN"), date(2026, 9, 29), 5, 5)
"""Handed over on a Tuesday; National Day is 1 to 7 October, and Saturday the 10th is worked."""


def test_each_way_of_counting_has_an_end_of_its_own() -> None:
    # 30 September, 8, 9, 10 and 12 October in China; 13 to 16 and 19 October in Leipzig.
    assert GOLDEN.between() == date(2026, 10, 12)
    assert GOLDEN.arrival() == date(2026, 10, 19)
    assert GOLDEN.mistaken() == {
        "m.calendar_days": date(2026, 10, 9),
        "m.handover_counts": date(2026, 10, 16),
        "m.holiday_origin": date(2026, 10, 13),
        "m.makeup_day": date(2026, 10, 20),
    }


def test_a_holiday_of_both_places_is_missed_in_one_or_in_both() -> None:
    way = logistics.Way(calendars.of("CN"), calendars.of("DE-SN"), date(2025, 4, 2), 4, 8)
    # Qingming is 4 April, Good Friday 18 April, Easter Monday 21 April.
    ends = way.mistaken()

    assert way.arrival() == date(2025, 4, 23)
    assert ends["m.holiday_origin"] == date(2025, 4, 22)
    assert ends["m.holiday_destination"] == date(2025, 4, 21)
    assert ends["m.holiday_ignored"] == date(2025, 4, 18)
    assert "m.makeup_day" not in ends


@pytest.mark.parametrize("to", ["eu", "uk", "us", "cn"])
@pytest.mark.parametrize("day", [date(2023, 5, 1), date(2025, 3, 3), date(2026, 11, 26), date(2031, 1, 1)])
def test_a_parcel_is_handed_over_on_a_working_day_near_a_holiday_that_is_known(to: str, day: date) -> None:
    for seed in range(4):
        made, sheet = logistics.promise(Dice(f"{seed}"), orders.order(to, day=day))
        causes = {cause for cause, _ in made.wrong}
        assert {"m.calendar_days", "m.handover_counts"} < causes
        assert causes & {"m.holiday_origin", "m.holiday_destination", "m.makeup_day"}
        assert len(made.options) == len(made.wrong) + 1
        assert 4 <= len(sheet.rows) <= 6


def test_a_heavy_parcel_is_charged_by_its_weight_and_a_light_one_by_its_size() -> None:
    heavy = logistics.weights(Parcel((30, 20, 10), Decimal("3.20"), 6000, 5000, Decimal(1), Decimal(0)))
    light = logistics.weights(Parcel((40, 30, 20), Decimal("1.20"), 6000, 5000, Decimal(1), Decimal(0)))

    assert (heavy.right, dict(heavy.wrong)["m.volumetric_always"]) == (Decimal("3.50"), Decimal("1.00"))
    assert (light.right, dict(light.wrong)["m.volumetric"]) == (Decimal("4.00"), Decimal("1.50"))
    assert dict(light.wrong)["m.wrong_divisor"] == Decimal("5.00")
