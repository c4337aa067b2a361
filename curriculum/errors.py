"""Errors of the room `curriculum`, floor 1.

CurriculumError
├── UnknownCatalog      no such catalog is shipped
├── InvalidCatalog      a catalog breaks a rule; `problems` holds one `path: what; what would be right` a line
├── UnknownReference    a skill, item or role that the catalog does not have was asked for
└── NoCase              no practice case tells its wrong methods apart: a slip in the data
"""

from __future__ import annotations

from collections.abc import Iterable


class CurriculumError(Exception):
    """Anything wrong with what there is to learn."""


class UnknownCatalog(CurriculumError):
    """No catalog of this name is shipped."""

    def __init__(self, name: str, known: Iterable[str]) -> None:
        super().__init__(f"no catalog is called {name!r}; known: {', '.join(sorted(known))}")
        self.name = name


class InvalidCatalog(CurriculumError):
    """A catalog breaks one or more rules; all of them are listed at once."""

    def __init__(self, where: str, problems: Iterable[str]) -> None:
        self.where = where
        self.problems = tuple(problems)
        super().__init__("\n".join(f"{where}: {problem}" for problem in self.problems))


class UnknownReference(CurriculumError):
    """Something was asked for that the catalog does not have."""

    def __init__(self, catalog: str, kind: str, name: str) -> None:
        super().__init__(f"catalog {catalog!r} has no {kind} {name!r}")
        self.kind = kind
        self.name = name


class NoCase(CurriculumError):
    """No draw of a kind keeps every wrong method apart: the data of the kind leave no room."""

    def __init__(self, kind: str, seed: int) -> None:
        super().__init__(f"{kind} finds no case for seed {seed}")
        self.kind = kind
