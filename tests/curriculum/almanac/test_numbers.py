"""Check digits and forms of numbers."""

from __future__ import annotations

import pytest

from curriculum.almanac import numbers


@pytest.mark.parametrize("gtin", ["4006381333931", "5901234123457", "9780306406157", "6901234567892", "0012345678905"])
def test_a_published_number_ends_in_its_check_digit(gtin: str) -> None:
    assert numbers.gtin_digit(gtin[:-1]) == gtin[-1]


@pytest.mark.parametrize(
    ("number", "sound"),
    [
        ("IM3720000224", True),
        ("IN3720000224", False),  # an intermediary
        ("EU372022452", False),  # services of firms outside the EU
        ("IM372000022", False),
        ("IM0000000224", False),  # no member state
        ("FI20774740", False),
    ],
)
def test_an_ioss_number_has_its_letters_its_state_and_ten_digits(number: str, sound: bool) -> None:
    assert numbers.import_scheme(number) is sound
