"""The role that a learner chose as goal, kept by pseudonym and course. Floor 3."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from lti_tool.settings import GOALS
from storage.port import Storage


def chosen(storage: Storage, pseudonym: str, context: str) -> str:
    """The id of the chosen role; empty if none was chosen."""
    document = storage.get(GOALS, (pseudonym, context))
    return "" if document is None else str(document["role"])


def of_all(storage: Storage, pseudonyms: Sequence[str], context: str) -> Mapping[str, str]:
    """The id of the role that each of these persons chose in a course; without those who chose none."""
    found = storage.get_many(GOALS, [(pseudonym, context) for pseudonym in pseudonyms])
    return {key[0]: str(document["role"]) for key, document in found.items()}


def choose(storage: Storage, pseudonym: str, context: str, role: str, now: float) -> None:
    """Keep a choice in place of an earlier one; of two at once the later wins."""
    document = {"learner": pseudonym, "context": context, "role": role, "chosen": int(now)}
    while not storage.replace(GOALS, document, expected=storage.get(GOALS, (pseudonym, context))):
        pass
