"""What learners say of a step: useful, has a mistake, out of date; and when that makes it come later. Floor 3.

One word of a learner on a step, the newest. Counts are shown to instructors, and nobody's name with them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from lti_tool.settings import VOTES
from storage.port import Storage

WORDS = ("useful", "mistake", "outdated")
MANY = 3
"""Learners who find fault with a step, before it comes later for everybody."""
LATER = 0.5
"""Weight of a step that everybody finds fault with; of one that nobody does: 1."""
PAGE = 1000


@dataclass(frozen=True)
class Tally:
    """How many learners said each of WORDS of a step."""

    useful: int = 0
    mistake: int = 0
    outdated: int = 0

    @property
    def faults(self) -> int:
        """How many found fault with it."""
        return self.mistake + self.outdated

    @property
    def all(self) -> int:
        """How many said anything."""
        return self.useful + self.faults


def say(storage: Storage, key: tuple[str, str, str], word: str, now: float) -> bool:
    """Keep what a learner says of a step, in place of what they said before.

    Args:
        storage: The institution's store.
        key: Pseudonym of the learner, id of the catalog, id of the item.
        word: One of WORDS; anything else takes back what was said.
        now: Seconds since the epoch.

    Returns:
        Whether that changed anything.
    """
    pseudonym, catalog, item = key
    while True:
        present = storage.get(VOTES, key)
        if word not in WORDS:
            return storage.delete(VOTES, key)
        if present is not None and present["word"] == word:
            return False
        document = {"learner": pseudonym, "catalog": catalog, "item": item, "word": word, "at": int(now)}
        if storage.replace(VOTES, document, expected=present):
            return True


def of_one(storage: Storage, pseudonym: str, catalog: str) -> Mapping[str, str]:
    """What a learner said of the steps of a catalog, by item; without those of which they said nothing."""
    found = storage.find(VOTES, {"learner": pseudonym, "catalog": catalog})
    return {str(one["item"]): str(one["word"]) for one in found}


def tallies(storage: Storage, catalog: str, *, only: frozenset[str] | None = None) -> dict[str, Tally]:
    """How many learners said what, by item; without items of which nobody said anything.

    Args:
        storage: The institution's store.
        catalog: Id of the catalog.
        only: Pseudonyms of those who count; None: everybody.
    """
    found: dict[str, dict[str, int]] = {}
    after = None
    while page := storage.find(VOTES, {"catalog": catalog}, limit=PAGE, after=after):
        for one in page:
            if (only is None or one["learner"] in only) and one["word"] in WORDS:
                counts = found.setdefault(one["item"], dict.fromkeys(WORDS, 0))
                counts[one["word"]] += 1
        last = page[-1]
        after = (last["learner"], last["catalog"], last["item"])
    return {item: Tally(**counts) for item, counts in found.items()}


def own(words: Mapping[str, str]) -> dict[str, float]:
    """How much steps weigh for a learner who finds fault with them, at once."""
    return {item: LATER for item, word in words.items() if word != WORDS[0]}


def weights(tallied: Mapping[str, Tally]) -> dict[str, float]:
    """How much each step weighs where at least MANY learners, and more than found it useful, find fault with it."""
    return {
        item: 1.0 - (1.0 - LATER) * one.faults / one.all
        for item, one in tallied.items()
        if one.faults >= MANY and one.faults > one.useful
    }
