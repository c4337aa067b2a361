"""Codes of the Harmonized System 2022 with their texts: chapters, the headings of our goods, what lies beside. Floor 1.

English: UN Comtrade, as in `datasets/harmonized-system` (PDDL), with one abbreviation written out. Chinese: our own,
after the wording of the customs tariff.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping

from curriculum.almanac import pages

Words = Mapping[str, str]
SHORT = "n.e.c."


@functools.cache
def _texts() -> Mapping[str, Words]:
    rows = pages.rows("hs.csv")
    return {row["code"]: {"en": row["en"].replace(SHORT, "not elsewhere classified"), "zh": row["zh"]} for row in rows}


def plain(code: str) -> str:
    """A code as digits alone.

    >>> plain("6109.10")
    '610910'
    """
    return re.sub(r"\D", "", code)


def dotted(code: str) -> str:
    """A code as it is written: a subheading with a dot.

    >>> dotted("610910"), dotted("6109"), dotted("61")
    ('6109.10', '6109', '61')
    """
    return f"{code[:4]}.{code[4:]}" if len(code) > 4 else code


def text(code: str) -> Words:
    """The text of a chapter, a heading or a subheading.

    Raises:
        KeyError: It is not among them.

    Examples:
        >>> text("6109.10")["en"]
        'T-shirts, singlets and other vests; of cotton, knitted or crocheted'
    """
    return _texts()[plain(code)]


def known(code: str) -> bool:
    """Whether there is such a text."""
    return plain(code) in _texts()


def heading(code: str) -> tuple[str, ...]:
    """The subheadings of the heading of a code, in order.

    >>> heading("6109.10")
    ('6109.10', '6109.90')
    """
    stem = plain(code)[:4]
    return tuple(dotted(one) for one in sorted(_texts()) if len(one) == 6 and one.startswith(stem))
