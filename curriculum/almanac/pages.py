"""The frozen files of the world, read once each. Floor 1."""

from __future__ import annotations

import csv
import functools
import io
from collections.abc import Mapping
from importlib import resources
from typing import Any

import yaml

FOLDER = ("data", "world")


def text(name: str) -> str:
    """A file as it stands."""
    return resources.files("curriculum").joinpath(*FOLDER, name).read_text(encoding="utf-8")


def rows(name: str) -> list[dict[str, str]]:
    """The rows of a file of comma-separated values, by column."""
    return list(csv.DictReader(io.StringIO(text(name))))


@functools.cache
def tree(name: str) -> Mapping[str, Any]:
    """A YAML file, as plain data."""
    read: dict[str, Any] = yaml.load(text(name), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506  (safe)
    return read


def source(name: str) -> Mapping[str, str]:
    """Where a file comes from: `package`, `version`, `data`, `licence`, `source`.

    Args:
        name: Of the file, such as "ecb.csv".
    """
    found: Mapping[str, str] = tree("sources.yaml")[name]
    return found
