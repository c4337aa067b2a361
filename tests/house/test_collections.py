"""Every declared collection carries its privacy facts, and docs/privacy.md tells them."""

import dataclasses
import importlib

import pytest

from storage.collection import Collection
from tests.house import collections_table
from tests.house.collections_table import FACTS
from tests.house.conftest import ROOMS, ROOT

DECLARED = [
    pytest.param(collection, id=collection.name) for room in ROOMS for collection in collections_table.declared(room)
]


def test_both_rooms_that_keep_something_declare_it():
    assert {room for room in ROOMS if collections_table.declared(room)} >= {"xapi_collector", "lti_tool"}


@pytest.mark.parametrize("collection", DECLARED)
@pytest.mark.parametrize("fact", FACTS)
def test_a_collection_carries_every_privacy_fact(collection, fact):
    value = getattr(collection, fact)

    assert isinstance(value, str)
    assert len(value.strip()) >= 3, f"{collection.name} says nothing about {fact}"


def test_the_facts_are_those_of_the_declaration():
    fields = {field.name for field in dataclasses.fields(Collection)}

    assert set(FACTS) <= fields


def test_no_two_collections_have_one_name():
    names = [collection.values[0].name for collection in DECLARED]

    assert len(names) == len(set(names))


def test_every_collection_in_a_module_is_in_its_rooms_list(modules):
    listed = {id(parameter.values[0]) for parameter in DECLARED}
    stray = []
    for path in modules:
        if "Collection(" not in path.read_text(encoding="utf-8") or path.parent.name == "storage":
            continue
        module = importlib.import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))
        stray += [
            f"{module.__name__}.{name}"
            for name, value in vars(module).items()
            if isinstance(value, Collection) and id(value) not in listed
        ]

    assert stray == []


def test_the_privacy_page_holds_the_table_of_the_declarations():
    page = (ROOT / "docs" / "privacy.md").read_text(encoding="utf-8")

    assert collections_table.table() in page, "run: .venv/bin/python -m tests.house.collections_table"
