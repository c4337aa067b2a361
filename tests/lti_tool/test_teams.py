"""Who sits in a team and what it settled: nobody is lost, no answer counts twice, whoever does something at once."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from curriculum import practice
from curriculum.practice import team as rules
from lti_tool import teams
from lti_tool.settings import TEAM_SEATS, TEAMS
from lti_tool.teams import Answer, Chair, Settled, Sitting, Team
from storage import connect
from storage.port import Storage
from tests.storage import stores

LINK = "link-1"
CASE = practice.case("flow_eu", 3, date(2026, 11, 26))


@pytest.fixture(params=stores.STORES)
def every(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Storage]:
    """Each kind of store."""
    storage = connect.connect(stores.url(request.param, tmp_path / "store"), TEAMS, TEAM_SEATS)
    yield storage
    storage.close()


@pytest.fixture
def storage(tmp_path: Path) -> Iterator[Storage]:
    opened = connect.connect(f"sqlite:///{tmp_path / 'store'}", TEAMS, TEAM_SEATS)
    yield opened
    opened.close()


def made(number: str, **changes: Any) -> Team:
    values = {
        "link": LINK,
        "team": number,
        "destination": "eu",
        "size": 2,
        "number": 1,
        "seed": CASE.seed,
        "on": CASE.on.isoformat(),
        "mark": CASE.mark,
        "total": len(CASE.steps),
    }
    return Team(**{**values, **changes})


def gathered(storage: Storage, *learners: str, size: int = 2) -> Team:
    """A team with these learners, on seats of their names."""
    team = teams.found(storage, LINK, lambda number: made(number, size=size))
    for learner in learners:
        team = sat(teams.sit(storage, [learner], team, f"seat-{learner}"))
    return team


def begun(storage: Storage, *learners: str) -> Team:
    return sat(teams.begin(storage, gathered(storage, *learners, size=len(learners)), 1000.0))


def sat(team: Team | None) -> Team:
    assert team is not None
    return team


def given(step: str, *, right: bool = True, at: float = 2000.0) -> Answer:
    return Answer(step, "1", right, "" if right else "unknown", at, 30)


def at_once(count: int, do: Callable[[int], Any]) -> list[Any]:
    """Do something in as many threads, all at the same moment."""
    gate = threading.Barrier(count)

    def go(number: int) -> Any:
        gate.wait()
        return do(number)

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(go, range(count)))


# At the same moment


def test_answers_of_members_at_the_same_moment_are_all_counted_once(every: Storage) -> None:
    learners = ["a", "b", "c", "d"]
    team = begun(every, *learners)
    steps = [step.id for step in CASE.steps][:8]

    def send(number: int) -> bool:
        # Each member sends their two answers in two windows: eight forms for four times two questions, each twice.
        learner = learners[number % 4]
        step = steps[number % 8]
        return teams.answer(every, [learner], team, given(step, at=2000.0 + number))[1]

    fresh = at_once(16, send)
    after = sat(teams.find(every, LINK, team.team))

    assert sum(fresh) == 8
    assert after.steps == set(steps)
    assert len(after.settled) == 8
    kept = [answer.step for one in teams.members(every, after).values() for answer in one.of(after)]
    assert sorted(kept) == sorted(steps)


def test_learners_who_join_at_the_same_moment_are_no_more_than_there_is_room(every: Storage) -> None:
    team = teams.found(every, LINK, lambda number: made(number, size=4))

    found = at_once(8, lambda number: teams.sit(every, [f"l{number}"], team, f"seat-{number}"))
    after = sat(teams.find(every, LINK, team.team))

    assert sum(one is not None for one in found) == 4
    assert len(after.chairs) == len(teams.members(every, after)) == 4
    seated = {one.learner for one in teams.members(every, after).values()}
    assert {one.learner for one in teams.everybody(every, LINK) if one.table} == seated


def test_a_learner_who_joins_two_teams_in_two_windows_sits_in_one(every: Storage) -> None:
    first, second = gathered(every, "x", size=3), gathered(every, "y", size=3)

    at_once(2, lambda number: teams.sit(every, ["me"], (first, second)[number], f"seat-{number}"))
    there = [
        team.team
        for team in teams.of_link(every, LINK)
        for one in teams.members(every, team).values()
        if one.learner == "me"
    ]

    assert len(there) == 1
    assert sat(teams.own(every, teams.sitting(every, ["me"], LINK))).team == there[0]


def test_teams_that_are_made_at_the_same_moment_have_numbers_of_their_own(every: Storage) -> None:
    found = at_once(6, lambda _: teams.found(every, LINK, made).team)

    assert sorted(found) == ["1", "2", "3", "4", "5", "6"]
    assert [one.team for one in teams.of_link(every, LINK)] == sorted(found)


def test_a_finished_order_is_renewed_once_and_the_roles_turn(every: Storage) -> None:
    team = begun(every, "a", "b")

    at_once(4, lambda number: teams.renew(every, team, lambda kept: replace(kept, seed=100 + number), 3000.0))
    after = sat(teams.find(every, LINK, team.team))

    assert (after.number, after.begun, after.settled) == (2, 3000.0, ())
    assert [chair.roles for chair in after.chairs] == [team.chairs[1].roles, team.chairs[0].roles]


# What a crash, an erasure or a rotation leaves


def test_an_answer_that_was_kept_and_not_settled_is_settled_at_the_next_page(storage: Storage) -> None:
    team = begun(storage, "a", "b")
    teams.change_sitting(storage, ["a"], LINK, lambda kept: replace(kept, number=1, answers=(given("screen"),)))

    after = teams.settled_all(storage, team, teams.members(storage, team))

    assert after.settled == (Settled("screen", "seat-a", True, 2000.0),)
    assert teams.settled_all(storage, after, teams.members(storage, after)) is after


def test_what_a_person_settled_stays_settled_when_they_are_erased_and_their_roles_go_to_the_others(
    storage: Storage,
) -> None:
    team = begun(storage, "a", "b", "c")
    team = sat(teams.answer(storage, ["a"], team, given("screen"))[0])
    storage.delete(TEAM_SEATS, (LINK, "a"))

    after = sat(teams.begin(storage, team, 4000.0))

    assert after.steps == {"screen"}
    assert [chair.seat for chair in after.chairs] == ["seat-b", "seat-c"]
    assert sorted(role for chair in after.chairs for role in chair.roles) == sorted(rules.ROLES)
    assert after.begun == 1000.0


def test_a_team_that_nobody_is_left_in_has_no_seats(storage: Storage) -> None:
    team = begun(storage, "a", "b")
    for learner in ("a", "b"):
        storage.delete(TEAM_SEATS, (LINK, learner))

    assert sat(teams.begin(storage, team, 4000.0)).chairs == ()
    assert sat(teams.begin(storage, team, 4000.0)).chairs == ()


def test_a_record_is_found_under_an_earlier_pseudonym(storage: Storage) -> None:
    team = begun(storage, "old", "b")

    assert teams.sitting(storage, ["new", "old"], LINK).seat == "seat-old"
    _, fresh = teams.answer(storage, ["new", "old"], team, given("screen"))
    assert fresh
    assert teams.sitting(storage, ["old"], LINK).answers == (given("screen"),)


# Gathering


def test_a_team_is_joined_left_and_begun(storage: Storage) -> None:
    team = gathered(storage, "a", "b", size=3)
    teams.leave(storage, ["a"], LINK)
    after = sat(teams.find(storage, LINK, team.team))

    assert [chair.seat for chair in after.chairs] == ["seat-b"]
    assert teams.own(storage, teams.sitting(storage, ["a"], LINK)) is None
    assert teams.sitting(storage, ["a"], LINK).table == ""
    teams.leave(storage, ["a"], LINK)  # nobody sits anywhere
    assert teams.own(storage, replace(teams.sitting(storage, ["b"], LINK), seat="another")) is None


def test_a_full_team_and_one_that_has_begun_take_nobody_but_by_hand(storage: Storage) -> None:
    full, working = gathered(storage, "a", "b"), begun(storage, "c", "d")

    assert teams.sit(storage, ["e"], full, "seat-e") is None
    assert teams.sit(storage, ["e"], working, "seat-e") is None
    assert teams.sitting(storage, ["e"], LINK).table == ""
    assert sat(teams.sit(storage, ["e"], working, "seat-e", late=True)).size == 3


def test_a_team_has_four_seats_at_most(storage: Storage) -> None:
    team = gathered(storage, "a", "b", "c", "d", size=4)

    assert teams.sit(storage, ["e"], team, "seat-e", late=True) is None


def test_a_seat_is_taken_once(storage: Storage) -> None:
    team = gathered(storage, "a", size=3)

    assert sat(teams.sit(storage, ["a"], team, "seat-a")).chairs == (Chair("seat-a"),)


def test_whoever_changes_the_team_leaves_the_one_before(storage: Storage) -> None:
    first, second = gathered(storage, "a", "b", size=3), gathered(storage, "c", size=3)
    teams.sit(storage, ["a"], second, "seat-a2")

    assert list(teams.members(storage, sat(teams.find(storage, LINK, first.team)))) == ["seat-b"]
    assert list(teams.members(storage, sat(teams.find(storage, LINK, second.team)))) == ["seat-c", "seat-a2"]


def test_a_member_who_comes_late_shares_the_open_questions_and_nobody_loses_a_role_that_they_work_in(
    storage: Storage,
) -> None:
    team = begun(storage, "a", "b", "c")
    before = {chair.seat: chair.roles for chair in team.chairs}
    teams.sit(storage, ["d"], team, "seat-d", late=True)
    after = sat(teams.begin(storage, team, 5000.0))

    for chair in after.chairs[:3]:
        assert set(chair.roles) <= set(before[chair.seat])
    assert len(after.chairs[3].roles) == 1


def test_what_a_seat_knows_decides_its_roles(storage: Storage) -> None:
    team = gathered(storage, "a", "b", size=2)
    worth: Mapping[str, Mapping[str, float]] = {"seat-a": {rules.COMPLIANCE: 0.9}}
    after = sat(teams.begin(storage, team, 1.0, worth))

    assert after.roles("seat-a") == (rules.LOGISTICS, rules.COMPLIANCE)
    assert after.roles("seat-nobody") == ()


def test_a_link_has_a_last_number(storage: Storage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(teams, "MOST", 2)
    for _ in range(2):
        teams.found(storage, LINK, made)

    with pytest.raises(ValueError, match="2 in one link"):
        teams.found(storage, LINK, made)


# Answers


def test_an_answer_counts_once_and_for_the_order_that_it_was_given_on(storage: Storage) -> None:
    team = begun(storage, "a", "b")

    assert teams.answer(storage, ["a"], team, given("screen"))[1]
    assert not teams.answer(storage, ["a"], team, given("screen", right=False))[1]
    later = sat(teams.renew(storage, team, lambda kept: kept, 3000.0))
    assert teams.sitting(storage, ["a"], LINK).of(later) == ()
    assert not teams.answer(storage, ["b"], team, given("title"))[1]
    assert sat(teams.find(storage, LINK, team.team)).settled == ()


def test_somebody_who_sits_elsewhere_settles_nothing(storage: Storage) -> None:
    team = begun(storage, "a", "b")

    assert not teams.answer(storage, ["stranger"], team, given("screen"))[1]
    assert sat(teams.find(storage, LINK, team.team)).settled == ()


def test_of_two_answers_on_one_question_the_first_counts(storage: Storage) -> None:
    """Roles that were shared anew can leave two members with a form of the same question."""
    team = begun(storage, "a", "b")
    after, first = teams.answer(storage, ["a"], team, given("screen", right=False))
    after, second = teams.answer(storage, ["b"], team, given("screen"))

    assert (first, second) == (True, False)
    assert sat(after).settled == (Settled("screen", "seat-a", False, 2000.0),)
    assert teams.share(CASE, sat(after), "seat-a").answered == 1
    assert teams.share(CASE, sat(after), "seat-b").answered == 0


def test_the_last_answer_finishes_the_order(storage: Storage) -> None:
    team = begun(storage, "a", "b")
    for place, step in enumerate(CASE.steps):
        team = sat(
            teams.answer(storage, ["ab"[place % 2]], team, given(step.id, right=place > 1, at=2000.0 + place))[0]
        )

    assert team.finished == 2000.0 + len(CASE.steps) - 1
    assert team.right == len(CASE.steps) - 2
    shares = [teams.share(CASE, team, chair.seat) for chair in team.chairs]
    assert sum(one.total for one in shares) == len(CASE.steps)
    assert sum(one.right for one in shares) == team.right


# Taking away


def test_what_is_gone_is_gone(storage: Storage) -> None:
    team = begun(storage, "a", "b")
    empty = teams.found(storage, LINK, made)
    teams.drop(storage, replace(empty, size=4))  # changed since it was read
    assert teams.find(storage, LINK, empty.team) == empty
    teams.drop(storage, empty)
    assert teams.find(storage, LINK, empty.team) is None
    assert teams.change(storage, LINK, empty.team, lambda kept: kept) is None
    assert teams.begin(storage, empty, 1.0) is None
    assert (
        teams.settled_all(storage, empty, {"s": Sitting(LINK, "a", empty.table, "s", None, 1, (given("x"),))}) == empty
    )

    teams.remove(storage, LINK)
    assert (teams.of_link(storage, LINK), teams.everybody(storage, LINK)) == ([], [])
    assert team.table == f"{LINK}/1"
