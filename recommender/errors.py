"""Errors of the room `recommender`, floor 2.

RecommenderError
├── ArtifactError     a published model is missing, damaged, older than this code or made for another catalog
├── MismatchError     two things that must belong together (catalog, space, lengths) do not
└── UnknownGoal       the catalog has no such role
"""

from __future__ import annotations

from collections.abc import Iterable


class RecommenderError(Exception):
    """Anything wrong in the recommender."""


class ArtifactError(RecommenderError):
    """A published model cannot be used; the text names what is there and what would be right."""


class MismatchError(RecommenderError):
    """Two things that must belong together do not."""

    def __init__(self, what: str, found: str, needed: str) -> None:
        super().__init__(f"{what}: found {found}; needed {needed}")


class UnknownGoal(RecommenderError):
    """The catalog has no such role."""

    def __init__(self, catalog: str, role: str, known: Iterable[str]) -> None:
        super().__init__(f"catalog {catalog!r} has no role {role!r}; known: {', '.join(known)}")
        self.role = role
