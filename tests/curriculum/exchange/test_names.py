"""Identifiers that are the same everywhere and always."""

from __future__ import annotations

import uuid

from curriculum.exchange import names


def test_a_name_is_a_uuid_of_version_5_that_never_changes():
    made = names.of("cbec", "skill", "cus.duty")

    assert (made, uuid.UUID(made).version) == ("e56a7373-8624-5b82-95df-2e35a1e7089d", 5)


def test_names_of_different_things_differ():
    assert len({names.of("a", "b", "c"), names.of("a", "bc"), names.of("ab", "c"), names.of("a", "b", "c", "d")}) == 4
