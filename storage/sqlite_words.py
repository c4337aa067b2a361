"""The dictionary of the hot port in SQLite: words (pseudonyms, IRIs) as integers. Floor 0.

A program keeps the numbers that it used of late; a new epoch of the store (a word may have been removed, and its number
given away again) empties its memory.
"""

import sqlite3
from collections import OrderedDict
from collections.abc import Collection, Iterable, Mapping

SCHEMA = """
CREATE TABLE words (number INTEGER PRIMARY KEY, word TEXT NOT NULL UNIQUE)
"""
_MOST = 50_000  # words kept in memory


class Words:
    """The dictionary as one process sees it."""

    def __init__(self) -> None:
        self.epoch = 0
        self._known: OrderedDict[str, int] = OrderedDict()

    def follow(self, epoch: int) -> None:
        """Take the store's epoch; to be called in each transaction before anything else here."""
        if epoch != self.epoch:
            self._known.clear()
            self.epoch = epoch

    def of(self, sqlite: sqlite3.Connection, words: Collection[str]) -> dict[str, int]:
        """The numbers of those words that there are."""
        numbers = self._remembered(words)
        if len(numbers) < len(words):
            fresh = existing(sqlite, [word for word in words if word not in numbers])
            self.remember(fresh)
            numbers.update(fresh)
        return numbers

    def make(self, sqlite: sqlite3.Connection, words: Collection[str]) -> tuple[dict[str, int], dict[str, int]]:
        """The number of each word, unknown ones are added; and of those to `remember` once it is committed."""
        numbers = self._remembered(words)
        fresh = existing(sqlite, [word for word in words if word not in numbers])
        for word in sorted(set(words) - numbers.keys() - fresh.keys()):
            fresh[word] = int(sqlite.execute("INSERT INTO words (word) VALUES (?)", (word,)).lastrowid or 0)
        numbers.update(fresh)
        return numbers, fresh

    def remember(self, fresh: Mapping[str, int]) -> None:
        """Keep numbers that are in the store for good."""
        self._known.update(fresh)
        while len(self._known) > _MOST:
            self._known.popitem(last=False)

    def _remembered(self, words: Iterable[str]) -> dict[str, int]:
        return {word: number for word in words if (number := self._known.get(word)) is not None}


def existing(sqlite: sqlite3.Connection, words: Iterable[str]) -> dict[str, int]:
    """The numbers that the store itself has for words."""
    found = {}
    for word in words:
        row = sqlite.execute("SELECT number FROM words WHERE word = ?", (word,)).fetchone()
        if row is not None:
            found[word] = row[0]
    return found
