"""Sentences about a catalog in both languages: what changed, what is stale, what is wrong with an edit. Floor 1.

A sentence is a key and facts; the words are in `curriculum/data/said.yaml`, so that a page, a command and a message say
the same.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import resources
from types import MappingProxyType

import yaml

LANGUAGES = ("en", "zh")

Fact = str | Mapping[str, str]


@dataclass(frozen=True)
class Sentence:
    """Something to be said in either language.

    Attributes:
        key: Of its words in `said.yaml`, such as "edit.unknown".
        facts: What fills its placeholders: a text, or a text by language.
    """

    key: str
    facts: Mapping[str, Fact] = field(default_factory=lambda: MappingProxyType({}))


def sentence(key: str, /, **facts: Fact) -> Sentence:
    """Make a sentence.

    >>> say(sentence("list.and", first="a", second="b"), "en")
    'a and b'
    """
    return Sentence(key, MappingProxyType(facts))


def say(one: Sentence, language: str) -> str:
    """Put a sentence into words.

    Args:
        one: The sentence.
        language: "en" or "zh".

    Raises:
        KeyError: No words are kept for its key, or a placeholder has no fact.
    """
    facts = {name: fact if isinstance(fact, str) else fact[language] for name, fact in one.facts.items()}
    return words()[one.key][language].format_map(facts)


@functools.cache
def words() -> Mapping[str, Mapping[str, str]]:
    """Every sentence by key and language."""
    text = resources.files("curriculum").joinpath("data", "said.yaml").read_text(encoding="utf-8")
    read: dict[str, dict[str, str]] = yaml.safe_load(text)
    return read


def both(text: str) -> Mapping[str, str]:
    """A text that is the same in both languages."""
    return dict.fromkeys(LANGUAGES, text)
