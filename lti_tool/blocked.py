"""People whom the institution does not let in: refused at the launch, and on an open page at the next request. Floor 3.

A platform may go on launching somebody whom the institution has suspended (CVE-2025-67848 was that), so the tool has a
list of its own. It holds pseudonyms. A page that is open asks for it each time, so a block holds at once.
"""

from __future__ import annotations

from collections.abc import Sequence

from lti_tool.settings import BLOCKED
from storage.port import Storage


def block(storage: Storage, pseudonym: str, now: float) -> bool:
    """Let a person in no longer.

    Args:
        storage: The institution's store.
        pseudonym: Theirs, under the active key: the first of `agents.pseudonyms`.
        now: Seconds since the epoch.

    Returns:
        Whether they were let in until now.
    """
    document = {"learner": pseudonym, "since": int(now)}
    return storage.insert_missing(BLOCKED, [document]) == [document]


def unblock(storage: Storage, pseudonyms: Sequence[str]) -> bool:
    """Let a person in again, by their pseudonyms under every key; answer whether they were blocked."""
    removed = [storage.delete(BLOCKED, (pseudonym,)) for pseudonym in pseudonyms]
    return any(removed)


def is_blocked(storage: Storage, pseudonyms: Sequence[str]) -> bool:
    """Whether a person, by their pseudonyms under every key, is not let in."""
    return bool(storage.get_many(BLOCKED, [(pseudonym,) for pseudonym in pseudonyms]))
