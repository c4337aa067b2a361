"""A declaration without its facts is no declaration."""

import pytest

from storage import errors
from storage.collection import PRIVACY_FACTS, Collection
from tests.storage.stores import FACTS


@pytest.mark.parametrize("fact", PRIVACY_FACTS)
@pytest.mark.parametrize("value", ["", "  "])
def test_a_collection_without_a_privacy_fact_is_refused(fact, value):
    with pytest.raises(errors.UndeclaredError, match=f"lacks its privacy facts {fact}"):
        Collection("notes", ("id",), **(FACTS | {fact: value}))


@pytest.mark.parametrize("fact", PRIVACY_FACTS)
def test_a_privacy_fact_cannot_be_left_out(fact):
    with pytest.raises(TypeError, match=fact):
        Collection("notes", ("id",), **{name: value for name, value in FACTS.items() if name != fact})


@pytest.mark.parametrize("name", ["", "Notes", "a.b", "1st", "a" * 49, "$x", "a b"])
def test_a_malformed_name_is_refused(name):
    with pytest.raises(errors.UndeclaredError, match="Collection name"):
        Collection(name, ("id",), **FACTS)


@pytest.mark.parametrize("fields", [((), ()), (("a", "a"), ()), (("a",), ("a",)), (("",), ())])
def test_a_key_is_needed_and_a_field_is_named_once(fields):
    key, others = fields
    with pytest.raises(errors.UndeclaredError, match="each field once"):
        Collection("notes", key, others, **FACTS)


def test_the_facts_are_read_from_the_declaration():
    assert Collection("notes", ("id",), **FACTS).facts() == FACTS
