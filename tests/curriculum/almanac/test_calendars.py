"""Working days: holidays of a country and of a part of it, worked weekends, and as far as that is known."""

from __future__ import annotations

from datetime import date

import pytest

from curriculum.almanac import calendars

CHINA = calendars.of("CN")


@pytest.mark.parametrize(
    ("day", "works"),
    [
        (date(2026, 2, 14), True),  # a Saturday, worked before the Spring Festival
        (date(2026, 2, 16), False),
        (date(2026, 2, 23), False),
        (date(2026, 2, 24), True),
        (date(2026, 2, 28), True),
        (date(2026, 10, 1), False),
        (date(2026, 10, 7), False),
        (date(2026, 10, 10), True),  # a Saturday
        (date(2026, 10, 11), False),
    ],
)
def test_china_works_as_the_state_council_says(day: date, works: bool) -> None:
    """General Office of the State Council: in 2026 the Spring Festival is 15 to 23 February, National Day 1 to 7."""
    assert CHINA.works(day) is works


def test_a_part_of_a_country_has_holidays_of_its_own() -> None:
    prayer, burns = date(2026, 11, 18), date(2026, 11, 30)

    assert not calendars.of("DE-SN").works(prayer)
    assert calendars.of("DE-HH").works(prayer)
    assert not calendars.of("GB-SCT").works(burns)
    assert calendars.of("GB-ENG").works(burns)


def test_a_calendar_ends_where_swaps_are_not_known_yet() -> None:
    assert CHINA.last == date(2026, 12, 31)
    assert calendars.of("PL").last == date(2028, 12, 31)


def test_names_come_in_both_languages_with_what_a_day_stands_for() -> None:
    assert CHINA.off[date(2026, 10, 1)] == {"en": "National Day", "zh": "国庆节"}
    assert CHINA.off[date(2026, 10, 5)]["en"] == "National Day, day in lieu"
    assert CHINA.off[date(2026, 10, 6)]["zh"] == "调休放假"
    for code in calendars.known():
        assert all(name["en"] and name["zh"] for name in calendars.of(code).off.values())


def test_days_are_counted_from_the_day_after() -> None:
    assert calendars.after(CHINA, date(2026, 9, 30), 0) == date(2026, 9, 30)
    assert calendars.after(CHINA, date(2026, 9, 30), 1) == date(2026, 10, 8)
    assert calendars.after(calendars.of("US"), date(2026, 11, 25), 1) == date(2026, 11, 27)


def test_a_place_without_a_calendar_is_refused() -> None:
    with pytest.raises(KeyError):
        calendars.of("ZZ")
