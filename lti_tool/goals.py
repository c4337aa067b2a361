"""The role that a learner chose as goal, when, and what was the goal before. Floor 3.

Kept by pseudonym and course. A change of goal can be looked up: the learner sees it, an export of the person has it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lti_tool.settings import GOALS
from storage.port import Storage

MOST_FORMER = 20
"""Former goals that are kept, the newest ones."""


@dataclass(frozen=True)
class Chosen:
    """A choice: the id of the role, empty if none was made, and when, in seconds since the epoch."""

    role: str = ""
    at: int = 0


def standing(storage: Storage, pseudonym: str, context: str) -> Chosen:
    """The choice that holds in a course."""
    document = storage.get(GOALS, (pseudonym, context))
    return Chosen() if document is None else Chosen(str(document["role"]), int(document["chosen"]))


def chosen(storage: Storage, pseudonym: str, context: str) -> str:
    """The id of the chosen role; empty if none was chosen."""
    return standing(storage, pseudonym, context).role


def of_all(storage: Storage, pseudonyms: Sequence[str], context: str) -> Mapping[str, str]:
    """The id of the role that each of these persons chose in a course; without those who chose none."""
    found = storage.get_many(GOALS, [(pseudonym, context) for pseudonym in pseudonyms])
    return {key[0]: str(document["role"]) for key, document in found.items()}


def choose(storage: Storage, pseudonym: str, context: str, role: str, now: float) -> bool:
    """Keep a choice in place of an earlier one; of two at once the later wins.

    Returns:
        Whether it changed the goal; the same goal chosen again stays as old as it is.
    """
    while True:
        present = storage.get(GOALS, (pseudonym, context))
        if present is not None and present["role"] == role:
            return False
        former = [] if present is None else [*present.get("former", ()), _former(present)][-MOST_FORMER:]
        document = {"learner": pseudonym, "context": context, "role": role, "chosen": int(now), "former": former}
        if storage.replace(GOALS, document, expected=present):
            return True


def _former(document: Mapping[str, object]) -> dict[str, object]:
    return {"role": document["role"], "chosen": document["chosen"]}
