"""An institution's own questions beside the shipped ones: one bank a catalog, made once a version. Floor 1.

Own questions travel with the catalog as plain data. What no longer fits, because its skill is gone or the schema has
changed since, is left out and named: an upgrade never stops a tool.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from curriculum.bank import shelf, sound
from curriculum.bank.entry import Bank, Entry
from curriculum.bank.sound import Known
from curriculum.catalog import Catalog

VERSIONS = 4
"""Versions of a catalog whose bank a process keeps."""


@dataclass(frozen=True, eq=False)
class _Kept:
    bank: Bank
    by_skill: Mapping[str, tuple[Entry, ...]]
    left: Mapping[str, tuple[str, ...]]


def whole(catalog: Catalog) -> Bank:
    """All questions of a catalog: the shipped ones, then its own; an own one stands before a shipped one of its id.

    Args:
        catalog: As it is taught; only `shelf.CATALOG` has a bank.
    """
    return _kept(catalog).bank


def by_skill(catalog: Catalog) -> Mapping[str, tuple[Entry, ...]]:
    """All questions of a catalog by their main skill."""
    return _kept(catalog).by_skill


def left(catalog: Catalog) -> Mapping[str, tuple[str, ...]]:
    """Own questions that no longer fit, by id, each with what is wrong."""
    return _kept(catalog).left


def known(catalog: Catalog) -> Known:
    """What own questions of a catalog may refer to."""
    there = shelf.known(catalog)
    return Known(there.skills, there.rules, {*there.causes, *shelf.load().misconceptions})


@functools.lru_cache(maxsize=VERSIONS)
def _kept(catalog: Catalog) -> _Kept:
    if catalog.id != shelf.CATALOG:
        return _Kept(Bank(MappingProxyType({})), MappingProxyType({}), MappingProxyType({}))
    shipped = shelf.load()
    entries, wrong = dict(shipped.entries), {}
    among = known(catalog)
    for raw in catalog.questions:
        document: dict[str, Any] = {"questions": [raw]}
        problems = sound.problems(document, among)
        if problems:
            wrong[str(raw["id"])] = tuple(problems)
        else:
            entries |= shelf.parse(document).entries
    listed: dict[str, list[Entry]] = {}
    for entry in entries.values():
        listed.setdefault(entry.skill, []).append(entry)
    return _Kept(
        bank=Bank(MappingProxyType(entries), shipped.misconceptions),
        by_skill=MappingProxyType({skill: tuple(some) for skill, some in listed.items()}),
        left=MappingProxyType(wrong),
    )
