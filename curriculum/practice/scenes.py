"""Scenes of practice, made from (kind, seed, date): a packing bench and a customs desk. Floor 1.

A scene is a case (`task.Case`) whose steps are graded by `practice.grade` as those of any other; what is peculiar to it
is that all steps lie open at once, and that it says what its things look like. Whether somebody answers in a plain form
or in a room with a headset is no matter of this module.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from datetime import date

from curriculum import errors
from curriculum.catalog import Catalog
from curriculum.practice import bench, book, desk, stage
from curriculum.practice.stage import Scene
from curriculum.practice.task import Kind

MAKERS: Mapping[str, Callable[[int, date], Scene]] = {bench.KIND: bench.scene, desk.KIND: desk.scene}


def kinds() -> tuple[Kind, ...]:
    """Every kind of scene."""
    return stage.kinds()


@functools.lru_cache(maxsize=64)
def scene(kind: str, seed: int, on: date, catalog: Catalog | None = None) -> Scene:
    """Make a scene: the same one on every machine.

    Args:
        kind: Id of a kind.
        seed: Which scene of the kind.
        on: Today: what decides which rules hold in it.
        catalog: Whose rules it follows; None: the shipped one.

    Raises:
        errors.UnknownReference: There is no such kind.
    """
    if kind not in MAKERS:
        raise errors.UnknownReference(book.CATALOG, "kind of scene", kind)
    with book.teaching(catalog):
        return MAKERS[kind](seed, on)
