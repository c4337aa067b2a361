"""What an instructor can add to a course: the path, a module, a case, an exam, the class. Floor 3."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from curriculum.catalog import Catalog
from lti_tool import resources

GROUPS = ("path", "module", "case", "exam", "class")
GRADED = frozenset({"path", "module", "case", "exam"})
GRADED_AT_FIRST = frozenset({"case", "exam"})


class Kind(Protocol):
    """A kind of practice case, as `curriculum.practice` offers them."""

    @property
    def id(self) -> str:
        """Its id."""

    @property
    def name(self) -> Mapping[str, str]:
        """By language: `en` and `zh`."""

    @property
    def skills(self) -> Sequence[str]:
        """Ids of the skills that it trains."""


@dataclass(frozen=True)
class Choice:
    """One thing that can be added.

    Attributes:
        catalog: Id of its catalog.
        activity: What the link opens: one of `GROUPS`.
        subject: Which module or case; empty if the activity needs none.
        role: The role that a path sets as goal; empty if the learner chooses.
        name: Of the module, the case or the role, by language; empty where the activity says it all.
    """

    catalog: str
    activity: str
    subject: str
    role: str
    name: Mapping[str, str]

    @property
    def key(self) -> str:
        """What names it in a form, and its line item in any course (AGS 2.0, resourceId): the same in every copy."""
        return resources.id_of(self.custom)

    @property
    def gradable(self) -> bool:
        """Whether it has a result that a gradebook could show."""
        return self.activity in GRADED

    @property
    def custom(self) -> dict[str, str]:
        """The custom parameters that make a link open it: the whole configuration, so that a copy needs nothing."""
        found = {"catalog": self.catalog, "activity": self.activity}
        if self.subject:
            found[self.activity] = self.subject
        if self.role:
            found["role"] = self.role
        return found


def offered(catalog: Catalog, kinds: Iterable[Kind] = ()) -> dict[str, Choice]:
    """Everything that a catalog offers, by key, in the order in which a page shows it.

    Args:
        catalog: What there is to learn.
        kinds: Of practice cases; those that train a skill of the catalog count.
    """
    none: dict[str, str] = {}
    cases = [kind for kind in kinds if any(skill in catalog.skills for skill in kind.skills)]
    listed = [
        Choice(catalog.id, "path", "", "", none),
        *(Choice(catalog.id, "path", "", role.id, role.name) for role in catalog.roles.values()),
        *(Choice(catalog.id, "module", area.id, "", area.name) for area in catalog.areas.values()),
        *(Choice(catalog.id, "case", kind.id, "", kind.name) for kind in cases),
        *([Choice(catalog.id, "exam", "", "", none)] if cases else []),
        Choice(catalog.id, "class", "", "", none),
    ]
    return {choice.key: choice for choice in listed}
