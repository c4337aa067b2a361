"""Countries, territories and currencies in both languages, after the Unicode CLDR. Floor 1."""

from __future__ import annotations

import functools
from collections.abc import Mapping

from curriculum.almanac import pages

Words = Mapping[str, str]
# CLDR names a country as a list does; in an English sentence these take the article.
ARTICLE = frozenset({"AE", "CD", "DO", "GB", "MV", "NL", "PH", "US"})


@functools.cache
def _tables() -> Mapping[str, Mapping[str, Words]]:
    found: dict[str, dict[str, Words]] = {}
    for row in pages.rows("names.csv"):
        found.setdefault(row["kind"], {})[row["code"]] = {"en": row["en"], "zh": row["zh"]}
    return found


def country(code: str) -> Words:
    """The name of a country or territory (ISO 3166-1 alpha-2).

    Raises:
        KeyError: There is none.

    Examples:
        >>> country("SK")["en"], country("SK")["zh"]
        ('Slovakia', '斯洛伐克')
    """
    return _tables()["place"][code]


def within(code: str) -> Words:
    """The name of a country inside a sentence.

    Raises:
        KeyError: There is none.

    Examples:
        >>> within("GB")["en"]
        'the United Kingdom'
    """
    name = country(code)
    return {**name, "en": f"the {name['en']}"} if code in ARTICLE else name


def countries() -> Mapping[str, Words]:
    """Every country and territory by its code."""
    return _tables()["place"]


def currency(code: str) -> Words:
    """The name of a currency (ISO 4217).

    Raises:
        KeyError: There is none.

    Examples:
        >>> currency("PLN")["zh"]
        '波兰兹罗提'
    """
    return _tables()["currency"][code]
