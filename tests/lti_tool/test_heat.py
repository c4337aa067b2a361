from __future__ import annotations

from datetime import UTC, datetime

import pytest

from lti_tool import texts
from lti_tool.pages import heat, lately
from lti_tool.roster import columns
from lti_tool.roster.deeds import Deeds
from recommender import profile
from tests.lti_tool.briefed import CATALOG, DAY, NOW, deeds
from tests.recommender import wanderers


def test_the_topic_is_what_was_worked_on_most_unless_one_is_asked_for() -> None:
    one = deeds({"cus.duty": 2.0})

    assert heat.topic(CATALOG, "", [one, Deeds(shared=False)], NOW) == CATALOG.skills["cus.duty"].area
    assert heat.topic(CATALOG, "no-such-area", [one], NOW) == CATALOG.skills["cus.duty"].area
    assert heat.topic(CATALOG, CATALOG.skills["prc.landed"].area, [one], NOW) == CATALOG.skills["prc.landed"].area
    assert heat.topic(CATALOG, "", [one], NOW + 30 * DAY) == CATALOG.skills["cus.duty"].area, "then all answers count"


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_cell_says_level_range_and_answers_or_that_there_is_not_enough(language: str) -> None:
    people = {"a": deeds({"cus.duty": 2.94}), "b": deeds({"cus.duty": 2.96}, age=300), "c": Deeds(shared=False)}
    say, area = texts.speaker(language), CATALOG.skills["cus.duty"].area
    day = datetime.fromtimestamp(NOW, UTC).date()
    shown = heat.heat(CATALOG, area, list(people), people, day=day, language=language, say=say)
    place = shown.columns.index(CATALOG.skills["cus.duty"].name[language])
    (_, a), (_, b), (_, c) = shown.rows

    assert (a[place].text, a[place].look) == ("2", "h2")
    assert all(part in a[place].label for part in ("2.9", "2.4", "3.4", "5"))
    assert (b[place].text, b[place].look) == ("3", "h3 old")
    assert c == []
    assert {cell.text for cell in a[:place]} <= {"?"}
    assert shown.more == max(0, sum(skill.area == area for skill in CATALOG.skills.values()) - heat.COLUMNS)


def test_what_was_worked_on_lately_comes_before_what_was_worked_on_ever() -> None:
    lately_, ever = deeds({"cus.duty": 2.0}), deeds({"fnd.intl_trade": 2.0})
    ever.skills["answers"] *= 9
    ever.days[:] = 0

    assert heat.topic(CATALOG, "", [lately_, ever], NOW) == CATALOG.skills["cus.duty"].area
    assert heat.topic(CATALOG, "", [lately_, ever], NOW + 30 * DAY) == CATALOG.skills["fnd.intl_trade"].area


def test_answers_of_the_last_seven_days_are_those_of_today_and_the_six_before() -> None:
    every = columns.days(len(CATALOG.skills))
    every[:, 0] = range(1, columns.DAYS + 1)
    today = int(NOW // DAY)

    counted = [lately.answered(Deeds(days=every, day=today - old), NOW)[0] for old in (0, 2, lately.DAYS)]

    assert counted == [sum(range(2, 9)), sum(range(4, 9)), 0]


def test_who_never_answered_has_no_old_evidence() -> None:
    day = datetime.fromtimestamp(NOW, UTC).date()
    area = CATALOG.skills["cus.low_value_eu"].area
    shown = heat.heat(CATALOG, area, ["a"], {"a": deeds()}, day=day, language="en", say=texts.speaker("en"))

    assert heat.changed(CATALOG, "cus.low_value_eu", day) > 0
    assert {cell.look for _, cells in shown.rows for cell in cells} == {"hna"}


@pytest.mark.parametrize(("ago", "count"), [(30.0, 0), (300.0, 1)])
def test_rules_that_are_newer_than_the_evidence_are_named_with_it(ago: float, count: int) -> None:
    shown = evidence([ago + 1.0, ago])

    assert len([law for law in shown.laws if law[1] > "2026-06-30"]) == count


def test_the_newest_answers_come_first_and_as_many_as_there_is_room_for() -> None:
    shown = evidence([10.0 * number + 1.0 for number in range(heat.NEWEST + 3, 0, -1)])

    days = [one.day for one in shown.newest]
    assert len(days) == heat.NEWEST
    assert days == sorted(days, reverse=True)
    assert days[0] == "2026-11-15"


def evidence(ago: list[float]) -> heat.Evidence:
    """What is behind a cell of somebody who answered some days ago, the oldest first."""
    when = [NOW - days * DAY for days in ago]
    history = wanderers.told(CATALOG, ["practice:cus.low_value_eu"] * len(ago), [1.0] * len(ago), when)
    moment = datetime.fromtimestamp(NOW, UTC)
    states = profile.profile(CATALOG, history, None, moment).knowledge
    return heat.evidence(
        CATALOG, history, states, "cus.low_value_eu",
        target=3, day=moment.date(), language="en", say=texts.speaker("en"),
    )  # fmt: skip
