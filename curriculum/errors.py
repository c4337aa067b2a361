"""Errors of the room `curriculum`, floor 1.

CurriculumError
├── InvalidEdit         an edit does not fit a catalog; `problems` holds what is wrong, to be said in both languages
├── InvalidPostings     a file of job postings cannot be read; `problems` holds one line a problem
├── InvalidNews         a file of news cannot be read; `problems` holds one line a problem
├── UnknownCatalog      no such catalog is shipped
├── InvalidCatalog      a catalog breaks a rule; `problems` holds one `path: what; what would be right` a line
├── UnknownReference    a skill, item or role that the catalog does not have was asked for
├── NoCase              no practice case tells its wrong methods apart: a slip in the data
├── BadFormula          a formula of a question cannot be read, or has no figure here
├── InvalidLessons      a file of lessons breaks a rule; `problems` holds one `path: what; what would be right` a line
├── InvalidCourses      a file of a course breaks a rule; `problems` holds one `path: what; what would be right` a line
├── InvalidBank         a file of questions breaks a rule; `problems` holds one `path: what; what would be right` a line
└── ExchangeRefused     a file from another system is refused as a whole; `problems` holds one problem a line
"""

from __future__ import annotations

from collections.abc import Iterable

from curriculum import telling
from curriculum.telling import Sentence


class CurriculumError(Exception):
    """Anything wrong with what there is to learn."""


class InvalidEdit(CurriculumError):
    """An edit does not fit the catalog; `problems` holds one sentence a problem."""

    def __init__(self, problems: Iterable[Sentence]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(telling.say(problem, "en") for problem in self.problems))


class InvalidPostings(CurriculumError):
    """A file of job postings cannot be read; all problems are listed at once, and nothing of it is taken."""

    def __init__(self, where: str, problems: Iterable[str]) -> None:
        self.where = where
        self.problems = tuple(problems)
        super().__init__("\n".join(f"{where}: {problem}" for problem in self.problems))


class InvalidNews(CurriculumError):
    """A file of news cannot be read; all problems are listed at once, and nothing of it is taken."""

    def __init__(self, where: str, problems: Iterable[str]) -> None:
        self.where = where
        self.problems = tuple(problems)
        super().__init__("\n".join(f"{where}: {problem}" for problem in self.problems))


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


class BadFormula(CurriculumError):
    """The formula of a question cannot be read, or has no figure here."""

    def __init__(self, text: str, problem: str) -> None:
        super().__init__(f"the formula {text!r}: {problem}")


class InvalidBank(CurriculumError):
    """A file of questions breaks one or more rules; all of them are listed at once."""

    def __init__(self, where: str, problems: Iterable[str]) -> None:
        self.where = where
        self.problems = tuple(problems)
        super().__init__("\n".join(f"{where}: {problem}" for problem in self.problems))


class ExchangeRefused(CurriculumError):
    """A file from another system cannot be taken in, or something of ours cannot be written for one."""

    def __init__(self, where: str, problems: Iterable[str]) -> None:
        self.where = where
        self.problems = tuple(problems)
        super().__init__("\n".join(f"{where}: {problem}" for problem in self.problems))


class InvalidLessons(CurriculumError):
    """A file of lessons breaks one or more rules; all of them are listed at once."""

    def __init__(self, where: str, problems: Iterable[str]) -> None:
        self.where = where
        self.problems = tuple(problems)
        super().__init__("\n".join(f"{where}: {problem}" for problem in self.problems))


class InvalidCourses(CurriculumError):
    """A file of a course breaks one or more rules; all of them are listed at once."""

    def __init__(self, where: str, problems: Iterable[str]) -> None:
        self.where = where
        self.problems = tuple(problems)
        super().__init__("\n".join(f"{where}: {problem}" for problem in self.problems))
