from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lti_tool import figures

VALUES = st.lists(st.floats(-50, 50), max_size=12)


@given(VALUES)
def test_the_shown_parts_add_up_to_the_shown_sum(values: list[float]) -> None:
    assert (
        sum(figures.hundredths(values)) == round(100 * math.fsum(values))
        or abs(sum(figures.hundredths(values)) - 100 * math.fsum(values)) <= 0.5 + 1e-6
    )


@given(VALUES)
def test_each_shown_part_is_within_a_hundredth_of_its_value(values: list[float]) -> None:
    shown = figures.hundredths(values)

    assert all(abs(count - 100 * value) <= 1 + 1e-6 for count, value in zip(shown, values, strict=True))


@pytest.mark.parametrize(("count", "text"), [(0, "0.00"), (7, "+0.07"), (123, "+1.23"), (-7, "−0.07"), (-123, "−1.23")])
def test_a_signed_number_carries_a_true_sign(count: int, text: str) -> None:
    assert figures.signed(count) == text


@pytest.mark.parametrize(("share", "text"), [(0.0, "1\xa0%"), (0.005, "1\xa0%"), (0.5, "50\xa0%"), (1.0, "99\xa0%")])
def test_a_chance_is_never_shown_as_certain(share: float, text: str) -> None:
    assert figures.percent(share) == text


@pytest.mark.parametrize(("part", "text"), [(0.0, "0\xa0%"), (2 / 3, "67\xa0%"), (1.0, "100\xa0%")])
def test_what_was_counted_is_shown_as_it_was(part: float, text: str) -> None:
    assert figures.share(part) == text


@given(st.floats(-10, 10))
def test_a_level_stays_on_the_meter(level: float) -> None:
    assert 0 <= float(figures.across(level).removesuffix("%")) <= 100
