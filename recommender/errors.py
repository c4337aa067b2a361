"""Errors of the room `recommender`, floor 2.

RecommenderError
├── ArtifactError     a published model is missing, damaged, older than this code or made for another catalog
├── DatasetError      an interactions file cannot be read; every bad row is named by its line
├── MismatchError     two things that must belong together (catalog, space, lengths) do not
├── MissingSimulator  a simulator that others wrote is not installed
└── UnknownGoal       the catalog has no such role
"""

from __future__ import annotations

from collections.abc import Iterable


class RecommenderError(Exception):
    """Anything wrong in the recommender."""


class ArtifactError(RecommenderError):
    """A published model cannot be used; the text names what is there and what would be right."""


class DatasetError(RecommenderError):
    """An interactions file cannot be read.

    Attributes:
        problems: What was wrong, each with its lines and what would be right; never what stood there.
    """

    def __init__(self, name: str, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        super().__init__(f"{name} cannot be read:\n" + "\n".join(f"  {problem}" for problem in self.problems))


class MismatchError(RecommenderError):
    """Two things that must belong together do not."""

    def __init__(self, what: str, found: str, needed: str) -> None:
        super().__init__(f"{what}: found {found}; needed {needed}")


class UnknownGoal(RecommenderError):
    """The catalog has no such role."""

    def __init__(self, catalog: str, role: str, known: Iterable[str]) -> None:
        super().__init__(f"catalog {catalog!r} has no role {role!r}; known: {', '.join(known)}")
        self.role = role


class MissingSimulator(RecommenderError):
    """A simulator that others wrote is not installed, or what it needs is not."""

    def __init__(self, package: str, where: str, cause: ImportError) -> None:
        super().__init__(f"{package} cannot be imported ({cause}); install it from {where}, with what it needs")
