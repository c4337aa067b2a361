from __future__ import annotations

import pytest

from curriculum import catalog as catalogs
from curriculum import errors, graph, modules

EVERY = [(name, area) for name in catalogs.NAMES for area in catalogs.load(name).areas]


@pytest.mark.parametrize(("name", "area"), EVERY)
def test_a_module_asks_for_its_own_skills_and_for_what_comes_before_them(name: str, area: str) -> None:
    given = catalogs.load(name)
    catalog, role = modules.goal(given, area)
    targets = catalog.roles[role].targets

    inside = {skill.id for skill in given.skills.values() if skill.area == area}
    assert inside
    assert targets.keys() == inside.union(*(graph.ancestors(given, one) for one in inside))
    assert set(graph.path(catalog, role)) == targets.keys()
    assert {1 <= level <= 5 for level in targets.values()} == {True}


def test_a_skill_is_wanted_at_the_highest_level_that_a_role_asks_for() -> None:
    given = catalogs.load("cbec")
    catalog, role = modules.goal(given, "cus")

    for skill, level in catalog.roles[role].targets.items():
        asked = [one.targets[skill] for one in given.roles.values() if skill in one.targets]
        assert level == max(asked, default=modules.LEVEL)


def test_a_module_leaves_the_model_of_the_catalog_valid() -> None:
    given = catalogs.load("cbec")
    catalog, role = modules.goal(given, "cus")

    assert catalog.fingerprint == given.fingerprint
    assert catalog.skill_index == given.skill_index
    assert catalog.roles.keys() - given.roles.keys() == {role}
    assert catalog.roles[role].name == given.areas["cus"].name


def test_a_module_is_made_once() -> None:
    assert modules.goal(catalogs.load("cbec"), "log") is modules.goal(catalogs.load("cbec"), "log")


def test_a_module_that_does_not_exist_is_said() -> None:
    with pytest.raises(errors.UnknownReference, match="area 'moon'"):
        modules.goal(catalogs.load("cbec"), "moon")
