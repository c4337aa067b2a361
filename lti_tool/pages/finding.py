"""Search in a list of a page: every word that was typed must stand somewhere in the texts of a thing. Floor 3.

Pure, and the same for both languages: full-width letters are read as narrow ones, case does not count, and Chinese,
which has no blanks between words, is found as it is typed.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

LONGEST = 80
"""Letters of what is searched for."""
MOST = 8
"""Words of it."""


def plain(text: str) -> str:
    """A text as it is compared.

    >>> plain("ＶＡＴ  Rate"), plain("增值税")
    ('vat rate', '增值税')
    """
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def words(text: str) -> tuple[str, ...]:
    """What is searched for, word by word; empty where nothing was typed.

    >>> words("  Duty eu ")
    ('duty', 'eu')
    """
    return tuple(plain(text[:LONGEST]).split()[:MOST])


def found(wanted: Iterable[str], text: str) -> bool:
    """Whether every word stands in a text.

    Args:
        wanted: As `words` makes them.
        text: As `plain` makes it.
    """
    return all(word in text for word in wanted)
