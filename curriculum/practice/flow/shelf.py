"""What the flow is made of: goods, codes, candidates and every word, read once from `data/flow.yaml`. Floor 1."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from importlib import resources
from typing import Any

import yaml

from curriculum.practice.dice import Dice
from curriculum.practice.task import Words

KEYS = "abcdefghij"


@functools.cache
def pages() -> Mapping[str, Any]:
    """The whole file, as plain data."""
    text = resources.files("curriculum").joinpath("data", "flow.yaml").read_text(encoding="utf-8")
    read: dict[str, Any] = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506  (safe)
    return read


@functools.cache
def kinds() -> tuple[Mapping[str, Any], ...]:
    """The kinds of case of the flow, in the form of those in `data/practice.yaml`: with their steps in full."""
    read = pages()
    return tuple(
        {**read["shared"], **kind, "steps": [read["steps"][name] for name in kind["steps"]]} for kind in read["kinds"]
    )


def causes(step: str) -> Mapping[str, Words]:
    """What is said of each wrong method of a step, with placeholders."""
    found: Mapping[str, Words] = pages()["steps"][step]["causes"]
    return found


def lettered(dice: Dice, name: str, entries: Sequence[tuple[str, Words]]) -> dict[str, tuple[str, Words]]:
    """Entries in a chance order, each with a key for the page: (key, text) by id."""
    shuffled = dice.draw(name, entries, len(entries))
    return {entry: (KEYS[place], text) for place, (entry, text) in enumerate(shuffled)}
