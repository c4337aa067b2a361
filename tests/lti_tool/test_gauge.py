from __future__ import annotations

import pytest

from lti_tool import texts
from lti_tool.pages import gauge
from recommender import measures
from recommender.measures import Measure

SAY = texts.speaker("en")


def test_a_share_says_value_range_and_what_it_rests_on() -> None:
    drawn = gauge.of(Measure("first_try", 0.76, 0.68, 0.83, 25, 0), "Right at first try", SAY)

    assert drawn.label == "Right at first try: 76\xa0%, likely 68\xa0% to 83\xa0%"
    assert drawn.note == "likely 68\xa0% to 83\xa0%, from 25"
    assert (drawn.point, drawn.band, drawn.width, drawn.zero) == ("76.0%", "68.0%", "15.0%", "")


@pytest.mark.parametrize(
    ("language", "note"), [("en", "not enough data yet: 2 of 5"), ("zh", "数据还不够：已有 2 次，还需 3 次")]
)
def test_without_enough_data_nothing_is_drawn_and_what_is_missing_is_said(language: str, note: str) -> None:
    drawn = gauge.of(measures.unknown("first_try", 2, 5), "x", texts.speaker(language))

    assert (drawn.value, drawn.point, drawn.band, drawn.zero) == ("", "", "", "")
    assert drawn.note == note


def test_signed_numbers_share_a_scale_that_holds_their_ranges_and_zero() -> None:
    some = [
        Measure("w", 0.21, 0.08, 0.34, 9, 0, unit="level/hour"),
        Measure("w", 0.04, -0.12, 0.2, 9, 0, unit="level/hour"),
    ]
    least, most = gauge.scale([*some, measures.unknown("w", 1, 6, unit="level/hour")])

    assert least < -0.12
    assert most > 0.34
    drawn = gauge.of(some[1], "x", SAY, (least, most))
    assert drawn.value == "+0.04"
    assert float(drawn.band[:-1]) < float(drawn.zero[:-1]) < float(drawn.point[:-1])


def test_nothing_has_a_scale_too() -> None:
    least, most = gauge.scale([])

    assert least < 0 < most


def test_a_range_that_leaves_its_scale_is_cut_off() -> None:
    drawn = gauge.of(Measure("w", 1.4, -1.0, 3.0, 9, 0, unit="ratio"), "x", SAY, (0.0, 1.0))

    assert (drawn.point, drawn.band, drawn.width) == ("100.0%", "0.0%", "100.0%")


@pytest.mark.parametrize(
    ("value", "unit", "words"),
    [
        (0.5, "share", "50\xa0%"),
        (-0.5, "level", "−0.50"),
        (0.21, "level/hour", "+0.21"),
        (3.0, "count", "3"),
        (4.25, "hours/week", "4.2 h"),
        (1.25, "ratio", "1.2"),
    ],
)
def test_a_value_is_shown_in_its_unit(value: float, unit: str, words: str) -> None:
    assert gauge.shown(value, unit, SAY) == words


def test_a_share_alone_is_drawn_from_nothing_to_all() -> None:
    assert gauge.usual(Measure("a", 0.2, 0.1, 0.3, 5, 0)) == (0.0, 1.0)
    assert gauge.usual(Measure("a", 2.0, 1.0, 3.0, 5, 0, unit="count"))[1] > 3.0
