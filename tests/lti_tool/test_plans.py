from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from lti_tool import goals, plans
from lti_tool.goals import Chosen
from lti_tool.plans import Plan
from lti_tool.settings import COLLECTIONS, GOALS, PLANS
from storage import connect
from storage.port import Storage

NOW = 1_795_000_000.0
WAYS = ("quiz", "video")


@pytest.fixture
def storage(tmp_path: Path) -> Iterator[Storage]:
    opened = connect.connect(f"sqlite:///{tmp_path / 'store'}", *COLLECTIONS)
    yield opened
    opened.close()


def test_who_never_said_anything_has_the_usual_plan(storage: Storage) -> None:
    assert plans.find(storage, "p", "c", NOW) == Plan()


def test_a_plan_is_kept_as_it_was_asked_for(storage: Storage) -> None:
    wanted = Plan(1, -1, 5, date(2027, 1, 31), "practice", {"cus.duty": NOW + 5}, ("cus.duty",))
    plans.change(storage, "p", "c", lambda _: wanted, NOW)

    kept = plans.find(storage, "p", "c", NOW)

    assert kept == Plan(1, -1, 5, date(2027, 1, 31), "practice", {"cus.duty": NOW + 5}, ("cus.duty",), int(NOW))


def test_a_plan_holds_in_its_course_alone(storage: Storage) -> None:
    plans.change(storage, "p", "c", lambda plan: plans.rest(plan, "cus.duty", NOW), NOW)

    assert plans.find(storage, "p", "d", NOW) == Plan()


def test_what_rests_comes_back_after_a_week(storage: Storage) -> None:
    plans.change(storage, "p", "c", lambda plan: plans.rest(plan, "cus.duty", NOW), NOW)

    assert plans.find(storage, "p", "c", NOW + plans.REST - 1).paused == {"cus.duty": NOW + plans.REST}
    assert plans.find(storage, "p", "c", NOW + plans.REST).paused == {}


def test_what_rests_can_be_woken() -> None:
    resting = plans.rest(plans.rest(Plan(), "a", NOW), "b", NOW)

    assert set(plans.wake(resting, "a").paused) == {"b"}
    assert plans.wake(resting, "nothing") == resting


def test_what_is_claimed_rests_no_longer_and_what_rests_is_not_claimed() -> None:
    resting = plans.rest(Plan(), "a", NOW)
    claimed = plans.claim(resting, "a")

    assert (claimed.paused, claimed.claimed) == ({}, ("a",))
    assert plans.rest(claimed, "a", NOW).claimed == ()
    assert plans.claim(plans.claim(claimed, "b"), "a").claimed == ("b", "a")


def test_at_most_so_many_skills_are_claimed_and_the_oldest_makes_room() -> None:
    plan = Plan()
    for number in range(plans.MOST_CLAIMED + 1):
        plan = plans.claim(plan, f"s{number}")

    assert plan.claimed[0] == "s1"
    assert len(plan.claimed) == plans.MOST_CLAIMED


def test_at_most_so_many_skills_rest_and_the_one_that_is_back_first_makes_room() -> None:
    plan = Plan()
    for number in range(plans.MOST_PAUSED + 1):
        plan = plans.rest(plan, f"s{number}", NOW + number)

    assert len(plan.paused) == plans.MOST_PAUSED
    assert "s0" not in plan.paused
    assert f"s{plans.MOST_PAUSED}" in plan.paused


def test_a_form_changes_what_it_says() -> None:
    form = {"challenge": "-1", "review": "1", "hours": "5", "deadline": "2027-01-31", "way": "video"}

    assert plans.from_form(Plan(), form, WAYS) == Plan(-1, 1, 5, date(2027, 1, 31), "video")


@pytest.mark.parametrize(
    "form",
    [
        {"challenge": "2", "review": "-9", "hours": "41", "deadline": "soon"},
        {"challenge": "", "review": "x", "hours": "-1", "deadline": "2027-02-31"},
        {"challenge": "0000", "review": "1e3", "hours": "٣٣٣٣", "deadline": "0"},
    ],
)
def test_nonsense_in_a_form_changes_nothing(form: dict[str, str]) -> None:
    plan = Plan(1, -1, 5, date(2027, 1, 31))

    assert plans.from_form(plan, form, WAYS) == plan


def test_a_way_that_there_is_none_is_no_preference() -> None:
    assert plans.from_form(Plan(way="quiz"), {"way": "x" * 500}, WAYS).way == ""


def test_an_empty_form_takes_back_hours_and_deadline() -> None:
    asked = plans.from_form(Plan(1, 1, 5, date(2027, 1, 31), "video"), {}, WAYS)

    assert (asked.hours, asked.deadline, asked.way) == (0, None, "")


def test_of_two_changes_at_once_the_later_sees_the_earlier(storage: Storage) -> None:
    seen: list[Plan] = []

    def wish(plan: Plan) -> Plan:
        seen.append(plan)
        if len(seen) == 1:
            plans.change(storage, "p", "c", lambda other: plans.rest(other, "a", NOW), NOW)
        return plans.rest(plan, "b", NOW)

    plans.change(storage, "p", "c", wish, NOW)

    assert set(plans.find(storage, "p", "c", NOW).paused) == {"a", "b"}
    assert len(list(storage.find(PLANS, {}, limit=10))) == 1


def test_a_change_of_goal_says_what_was_the_goal_before(storage: Storage) -> None:
    goals.choose(storage, "p", "c", "operations", NOW)
    goals.choose(storage, "p", "c", "marketing", NOW + 5)

    (kept,) = storage.find(GOALS, {}, limit=10)
    assert kept["former"] == [{"role": "operations", "chosen": int(NOW)}]
    assert goals.standing(storage, "p", "c") == Chosen("marketing", int(NOW) + 5)


def test_the_same_goal_chosen_again_stays_as_old_as_it_is(storage: Storage) -> None:
    assert goals.choose(storage, "p", "c", "operations", NOW)
    assert not goals.choose(storage, "p", "c", "operations", NOW + 5)
    assert goals.standing(storage, "p", "c") == Chosen("operations", int(NOW))


def test_no_choice_is_an_empty_one(storage: Storage) -> None:
    assert goals.standing(storage, "p", "c") == Chosen()
