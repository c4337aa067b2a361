"""The mark that the tool gives a person at their first launch, until they are erased. Floor 3.

A page carries it, and no page is shown without it: the mark goes with everything else that is kept of an erased person,
so that a page that was open works no longer at the next request, and the new mark of a new launch does not wake it. It
is made of chance and says nothing about anybody.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from lti_tool.settings import VISITS
from storage.port import Storage


def begin(storage: Storage, pseudonyms: Sequence[str], new_token: Callable[[], str]) -> str:
    """Open the door to a person.

    Args:
        storage: The institution's store.
        pseudonyms: Theirs, under every key of the keyring, the active key's first.
        new_token: Makes an unguessable token.

    Returns:
        What the pages of this launch carry: the person's mark and a part of this launch alone, so that no two launches
        have the same.
    """
    mark = _mark(storage, pseudonyms)
    if mark is None:
        (kept,) = storage.insert_missing(VISITS, [{"learner": pseudonyms[0], "mark": new_token()}])
        mark = str(kept["mark"])
    return f"{mark}.{new_token()}"


def holds(storage: Storage, pseudonyms: Sequence[str], visit: str) -> bool:
    """Whether a page's visit is that of a person whom the tool knows still."""
    mark = _mark(storage, pseudonyms)
    return mark is not None and visit.partition(".")[0] == mark


def _mark(storage: Storage, pseudonyms: Sequence[str]) -> str | None:
    """The mark; while pseudonyms are rotated it stands under one or the other."""
    kept = storage.get_many(VISITS, [(pseudonym,) for pseudonym in pseudonyms])
    return next((str(kept[pseudonym,]["mark"]) for pseudonym in pseudonyms if (pseudonym,) in kept), None)
