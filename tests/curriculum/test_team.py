"""An order as the work of a team: each question has one role, what it builds on comes first, each role is scored."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from curriculum import errors, practice
from curriculum.practice import team
from curriculum.practice.task import Case
from curriculum.practice.team import OPEN, SETTLED, WAITS, Share

ON = date(2026, 11, 26)


@pytest.fixture(scope="module", params=team.DESTINATIONS)
def case(request: pytest.FixtureRequest) -> Case:
    return practice.case(team.kind_of(request.param), 5, ON)


def played(case: Case, members: dict[str, tuple[str, ...]]) -> list[tuple[str, set[str]]]:
    """Let everybody answer what is open to them, turn by turn: who answered in a turn, and what was settled then."""
    settled: set[str] = set()
    turns = []
    while len(settled) < len(case.steps):
        now = [one for one in team.board(case, settled) if one.state == OPEN]
        assert now, "nobody has anything to answer, and not all is settled"
        who = {member for member, roles in members.items() for one in now if one.role in roles}
        settled |= {one.step.id for one in now}
        turns.append((",".join(sorted(who)), set(settled)))
    return turns


def test_every_question_belongs_to_one_role_and_every_role_has_some(case: Case) -> None:
    counts = {role: sum(team.role_of(step) == role for step in case.steps) for role in team.ROLES}

    assert sum(counts.values()) == len(case.steps)
    assert min(counts.values()) >= 4
    assert {part for role in team.roles().values() for part in role.parts} == {step.group for step in case.steps}


def test_a_question_that_shows_a_figure_of_another_waits_until_that_is_settled(case: Case) -> None:
    """What a page gives as settled must not be there before it is."""
    for step in case.steps:
        if step.given:
            assert step.id in team.needs(), step.id


def test_what_a_question_builds_on_comes_before_it_in_the_order(case: Case) -> None:
    place = {step.id: position for position, step in enumerate(case.steps)}

    for step, needed in team.needs().items():
        assert all(place[one] < place[step] for one in needed)


@pytest.mark.parametrize("count", [1, 2, 3, 4])
def test_a_team_of_any_size_gets_to_the_end_and_its_members_wait_for_each_other(case: Case, count: int) -> None:
    members = team.shared([f"m{number}" for number in range(count)])
    turns = played(case, members)

    assert turns[-1][1] == {step.id for step in case.steps}
    assert sorted(role for roles in members.values() for role in roles) == sorted(team.ROLES)
    if count > 1:
        handed = {
            (owner, other)
            for step, needed in team.needs().items()
            for one in needed
            if (owner := holder(case, members, one)) != (other := holder(case, members, step))
        }
        assert {other for _, other in handed} == set(members)


def holder(case: Case, members: dict[str, tuple[str, ...]], step: str) -> str:
    role = next(team.role_of(one) for one in case.steps if one.id == step)
    return next(member for member, roles in members.items() if role in roles)


def test_two_members_have_as_many_questions_each(case: Case) -> None:
    shares = [
        sum(team.role_of(step) in roles for step in case.steps) for roles in team.shared(["first", "second"]).values()
    ]

    assert shares == [10, 10]


def test_a_member_who_knows_a_role_gets_it() -> None:
    known = {"a": {team.FINANCE: 0.9}, "b": {team.COMPLIANCE: 0.8}, "c": {team.OPERATIONS: 0.7}}

    assert team.shared(["a", "b", "c"], known) == {
        "a": (team.FINANCE,),
        "b": (team.COMPLIANCE,),
        "c": (team.OPERATIONS, team.LOGISTICS),
    }


def test_nobody_has_no_roles_and_five_are_too_many() -> None:
    assert team.shared([]) == {}
    with pytest.raises(ValueError, match="at most 4"):
        team.shared(["a", "b", "c", "d", "e"])


def test_a_question_waits_says_for_what_and_opens(case: Case) -> None:
    def at(step: str, *settled: str) -> team.Place:
        return next(one for one in team.board(case, settled) if one.step.id == step)

    assert (at("landed").state, at("landed").waits) == (WAITS, ("chargeable", "duty"))
    assert at("landed", "duty").waits == ("chargeable",)
    assert at("landed").why == {
        "en": "Landed cost has the freight and the duty in it.",
        "zh": "到岸成本包含运费和关税。",
    }
    assert (at("landed", "duty", "chargeable").state, at("landed", "duty", "chargeable").waits) == (OPEN, ())
    assert (at("landed", "landed").state, at("landed", "landed").why) == (SETTLED, None)


def test_the_bookkeeper_says_what_was_handed_in_and_what_holds() -> None:
    said = team.note({"en": "9.10 kg", "zh": "9.10 kg"}, {"en": "22.23 kg", "zh": "22.23 kg"})
    asked = team.note({"en": "", "zh": ""}, {"en": "22.23 kg", "zh": "22.23 kg"})

    assert said["en"] == "9.10 kg was handed in. The books now say 22.23 kg, and everybody goes on with that."
    assert "9.10" not in asked["zh"]
    assert "22.23 kg" in asked["zh"]


def test_each_role_is_scored_by_its_own_answers_and_the_team_by_all(case: Case) -> None:
    settled = {step.id for step in case.steps}
    mine = {step.id: True for step in case.steps if team.role_of(step) == team.FINANCE}
    own = team.share(case, {team.FINANCE}, mine, settled)

    assert (own.answered, own.right, own.total) == (5, 5, 5)
    assert team.score(own, 10, 20) == Decimal("85.0")
    assert team.score(own, 5, 20) < team.score(own, 10, 20)
    assert team.score(Share(5, 0, 5), 19, 20) < team.score(own, 5, 20)


def test_what_is_still_open_counts_as_not_right_and_what_others_settled_is_not_ones_own(case: Case) -> None:
    own = team.share(case, {team.FINANCE}, {"dispute": True}, {"dispute", "split"})

    assert (own.answered, own.right, own.total) == (1, 1, 4)
    assert team.score(Share(0, 0, 0), 0, 0) == Decimal("0.0")


def test_a_link_names_where_the_order_goes_and_how_many_are_in_a_team() -> None:
    assert [team.read(one) for one in ("eu.2", "cn.4", "eu", "eu.1", "eu.5", "mars.2", "", "eu.2.2")] == [
        ("eu", 2),
        ("cn", 4),
        *[None] * 6,
    ]


def test_an_unknown_destination_and_a_step_of_no_part_are_refused() -> None:
    short = practice.case("freight", 1, ON)

    with pytest.raises(errors.UnknownReference, match="destination of a team"):
        team.name("mars")
    with pytest.raises(errors.UnknownReference, match="part of a team"):
        team.role_of(short.steps[0])


def test_all_words_are_there_in_both_languages() -> None:
    words = [
        team.about(),
        *(team.name(one) for one in team.DESTINATIONS),
        *(team.choice(one, 3) for one in team.DESTINATIONS),
        *(words for role in team.roles().values() for words in (role.name, role.about)),
        *(raw["why"] for raw in team.pages()["waits"]),
    ]

    assert all(set(one) == {"en", "zh"} and all(one.values()) for one in words)
    assert team.minutes("eu", 2) > team.minutes("eu", 4) > 0
