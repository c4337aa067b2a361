from __future__ import annotations

import pytest

from lti_tool import texts
from lti_tool.pages import demand
from lti_tool.roster.deeds import Deeds
from tests.lti_tool.briefed import CATALOG, deeds

ROLE = "operations"
TARGETS = CATALOG.roles[ROLE].targets
DUTY, VALUE = "cus.duty", "cus.basics"


def class_of_five() -> list[Deeds]:
    """By hand: duty is asked for at its target T. Two are at T, one 1.5 below, one 0.5 below, one has no level."""
    top = float(TARGETS[DUTY])
    levels = [{DUTY: top}, {DUTY: top + 0.4, VALUE: 0.5}, {DUTY: top - 1.5}, {DUTY: top - 0.5}, {}]
    return [deeds(one) for one in levels]


def test_the_numbers_are_those_of_a_class_counted_by_hand() -> None:
    found = demand.demand(CATALOG, ROLE, class_of_five(), "en")
    row = next(one for one in [*found.widest, *found.rest] if one.name.startswith("Compute import duty"))

    assert (row.target, row.reached, row.below, row.unknown) == (TARGETS[DUTY], 2, 2, 1)
    assert (row.gap, row.share) == ("1.0", "50.0%")
    assert (found.learners, found.private) == (5, 0)
    assert len(found.widest) + len(found.rest) == len(TARGETS)
    assert found.met == 1, "duty: as many have reached it as have not"
    assert found.thin == len(TARGETS) - 2


def test_what_lacks_most_levels_comes_first() -> None:
    people = [deeds({DUTY: 0.0, VALUE: TARGETS[VALUE] - 0.5})] * 3
    found = demand.demand(CATALOG, ROLE, people, "en")

    assert [one.name.split(" ")[0] for one in found.widest] == ["Compute", "Customs"]


def test_who_keeps_it_to_themselves_or_is_not_counted_is_in_no_number() -> None:
    people = [*class_of_five(), Deeds(shared=False), Deeds(counted=False)]

    assert demand.demand(CATALOG, ROLE, people, "en").widest == demand.demand(CATALOG, ROLE, people[:5], "en").widest
    assert demand.demand(CATALOG, ROLE, people, "en").private == 2


def test_an_empty_class_lacks_nothing_and_shows_everything() -> None:
    found = demand.demand(CATALOG, ROLE, [], "zh")

    assert (found.widest, found.met, found.thin) == ([], 0, len(TARGETS))
    assert {one.share for one in found.rest} == {"0%"}


def test_without_a_goal_there_is_nothing_to_set_beside() -> None:
    found = demand.demand(CATALOG, "", class_of_five(), "en")

    assert (found.name, found.widest, found.rest) == ("", [], [])
    assert len(found.roles) == len(CATALOG.roles)


@pytest.mark.parametrize(
    ("goals", "asked", "role"),
    [
        ({}, "", next(iter(CATALOG.roles))),
        ({"a": "marketing", "b": "logistics", "c": "marketing", "d": ""}, "", "marketing"),
        ({"a": "marketing"}, "logistics", "logistics"),
        ({"a": "gone"}, "nothing", next(iter(CATALOG.roles))),
    ],
)
def test_the_goal_is_the_one_asked_for_or_that_of_most_learners(goals: dict[str, str], asked: str, role: str) -> None:
    assert demand.usual(CATALOG, goals, asked) == role


@pytest.mark.parametrize("language", texts.LANGUAGES)
def test_each_goal_is_offered_by_name(language: str) -> None:
    found = demand.demand(CATALOG, ROLE, [], language)

    assert dict(found.roles)[ROLE] == found.name == CATALOG.roles[ROLE].name[language]
