"""What each gradebook makes of a score: the table measured on Moodle 4.5.6, what Canvas documents, the letter."""

from __future__ import annotations

from typing import Any

import pytest

from entrepot.sandbox import scores
from entrepot.sandbox.profiles import PROFILES
from entrepot.sandbox.scores import Grade, Refusal, Score

SPEC, MOODLE, CANVAS = (PROFILES[name] for name in ("spec", "moodle", "canvas"))
BEFORE = Grade(50.0)


def body(**changes: Any) -> dict[str, Any]:
    """A score of 80 of 100; None takes a member out."""
    values = {
        "userId": "4",
        "scoreGiven": 80,
        "scoreMaximum": 100,
        "activityProgress": "Completed",
        "gradingProgress": "FullyGraded",
        "timestamp": "2026-11-25T10:00:00.123456Z",
        **changes,
    }
    return {name: value for name, value in values.items() if value is not None}


def outcome(profile: Any, **changes: Any) -> int | float | None:
    """The status of a refusal, or the grade after; the column's maximum is 100 and it showed 50."""
    found = scores.read(profile, body(**changes), 0.0)
    if isinstance(found, Refusal):
        return found.status
    return scores.grade(profile, found, 100.0, BEFORE).value


@pytest.mark.parametrize(
    ("changes", "spec", "moodle", "canvas"),
    [
        ({}, 80, 80, 80),
        ({"scoreGiven": 7, "scoreMaximum": 10}, 70, 70, 70),
        ({"scoreGiven": 130}, 130, 100, 130),
        ({"scoreGiven": -1}, 400, 0, 422),
        ({"scoreGiven": 50, "scoreMaximum": 0}, 400, 50, 422),
        ({"scoreGiven": "66"}, 400, 66, 400),
        ({"scoreGiven": "much"}, 400, 400, 400),
        ({"scoreGiven": True}, 400, 400, 400),
        ({"scoreGiven": [1]}, 400, 400, 400),
        ({"scoreGiven": float("nan")}, 400, 400, 400),
        ({"scoreGiven": 10**400}, 400, 400, 400),
        ({"scoreMaximum": None}, 400, 400, 422),
        ({"userId": None}, 400, 400, 400),
        ({"userId": 4}, 400, 400, 400),
        ({"timestamp": None}, 400, 400, 400),
        ({"timestamp": 1764064800}, 400, 400, 400),
        ({"timestamp": "yesterday"}, 400, 400, 400),
        ({"timestamp": "2026-13-45T99:00:00Z"}, 400, 400, 400),
        ({"activityProgress": None}, 400, 400, 400),
        ({"activityProgress": "Dreaming"}, 400, 80, 400),
        ({"gradingProgress": None}, 400, 400, 400),
        ({"gradingProgress": "Soon"}, 400, None, 400),
        # A grade that is there: the specification and Canvas leave it, Moodle takes it away.
        ({"gradingProgress": "Pending"}, 50, None, 50),
        ({"gradingProgress": "PendingManual"}, 50, None, 50),
        ({"activityProgress": "Initialized", "scoreGiven": None, "scoreMaximum": None}, 50, None, 50),
        ({"timestamp": "2026-11-25T10:00:00"}, 400, 80, 400),
        ({"timestamp": "2026-11-25T10:00:00+08:00"}, 80, 80, 80),
    ],
)
def test_a_score_is_taken_or_refused_as_each_profile_does(
    changes: dict[str, Any], spec: float | None, moodle: float | None, canvas: float | None
) -> None:
    assert [outcome(profile, **changes) for profile in (SPEC, MOODLE, CANVAS)] == [spec, moodle, canvas]


def read(profile: Any, timestamp: str) -> Score:
    found = scores.read(profile, body(timestamp=timestamp), 0.0)
    assert isinstance(found, Score)
    return found


@pytest.mark.parametrize(
    ("timestamp", "spec", "moodle", "canvas"),
    [
        ("2026-11-25T09:59:59.9Z", 409, 409, 400),
        ("2026-11-25T10:00:00.1Z", 409, 409, 400),
        ("2026-11-25T10:00:00.5Z", None, 409, None),
        # Newer, but in the same second: Moodle counts whole seconds.
        ("2026-11-25T10:00:00.9Z", None, 409, None),
        ("2026-11-25T10:00:01.0Z", None, None, None),
        ("2026-11-25T18:00:01+08:00", None, None, None),
    ],
)
def test_an_older_score_is_refused_and_moodle_s_clock_is_coarse(
    timestamp: str, spec: int | None, moodle: int | None, canvas: int | None
) -> None:
    found = []
    for profile in (SPEC, MOODLE, CANVAS):
        refused = scores.stale(profile, read(profile, timestamp), read(profile, "2026-11-25T10:00:00.5Z"))
        found.append(refused and refused.status)

    assert found == [spec, moodle, canvas]


def test_the_first_score_is_never_too_old() -> None:
    assert scores.stale(MOODLE, read(MOODLE, "1999-01-01T00:00:00Z"), None) is None


def test_what_is_no_object_is_no_score() -> None:
    assert scores.read(SPEC, [], 0.0) == Refusal(400, "not an object")
