"""YAML from outside, read as plain data: a person's paste may hold what a file of ours never does. Floor 1."""

from __future__ import annotations

from typing import Any

import yaml

from curriculum import catalog as catalogs


def load(text: str, deepest: int) -> Any:
    """Return the document: mappings, lists, texts, and the numbers and days that YAML reads.

    Args:
        text: What was pasted or sent.
        deepest: How many lists and mappings may lie in one another; libyaml ends the process at some thousands.

    Raises:
        ValueError: An alias, which makes a graph of a tree, or too deep; with the line.
        yaml.YAMLError: It is no YAML.
    """
    depth = 0
    for event in yaml.parse(text, Loader=catalogs.Loader):
        opens, closes = isinstance(event, yaml.CollectionStartEvent), isinstance(event, yaml.CollectionEndEvent)
        depth += opens - closes
        problem = f"more than {deepest} lists or mappings in one another" if depth > deepest else ""
        if isinstance(event, yaml.AliasEvent):
            problem = "it uses an alias (*name); write the text out where it is needed"
        if problem:
            line = event.start_mark.line + 1 if event.start_mark else 1
            told = f"line {line}: {problem}"
            raise ValueError(told)
    return yaml.load(text, Loader=catalogs.Loader)  # noqa: S506  (both loaders are the safe ones)
