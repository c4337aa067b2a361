"""What an instructor can add to a course: the path, a module, a case, an exam, the class, the consortium. Floor 3."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from curriculum import practice
from curriculum.catalog import Catalog
from lti_tool import resources

GROUPS = ("path", "module", "case", "exam", "class", "consortium")
GRADED = frozenset({"path", "module", "case", "exam"})
GRADED_AT_FIRST = frozenset({"case", "exam"})


@dataclass(frozen=True)
class Choice:
    """One thing that can be added.

    Attributes:
        catalog: Id of its catalog.
        activity: What the link opens: one of `GROUPS`.
        subject: Which module, case or exam; empty if the activity needs none.
        role: The role that a path sets as goal; empty if the learner chooses.
        name: Of the module, the case, the exam or the role, by language; empty where the activity says it all.
        about: What a learner does in it, by language; empty where nobody wrote it down.
        minutes: About how long it takes; 0 where that is up to the learner.
    """

    catalog: str
    activity: str
    subject: str
    role: str
    name: Mapping[str, str]
    about: Mapping[str, str] = field(default_factory=dict)
    minutes: int = 0

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


def offered(catalog: Catalog) -> dict[str, Choice]:
    """Everything that a catalog offers, by key, in the order in which a page shows it.

    Cases and exams belong to the catalog whose skills they train.
    """
    of, none = catalog.id, dict[str, str]()
    kinds = [kind for kind in practice.kinds() if not catalog.skills.keys().isdisjoint(kind.skills)]
    plans = practice.plans() if kinds else ()
    listed = [
        Choice(of, "path", "", "", none),
        *(Choice(of, "path", "", role.id, role.name) for role in catalog.roles.values()),
        *(Choice(of, "module", area.id, "", area.name) for area in catalog.areas.values()),
        *(Choice(of, "case", kind.id, "", kind.name, kind.about, kind.minutes) for kind in kinds),
        *(Choice(of, "exam", plan.id, "", plan.name, minutes=plan.minutes) for plan in plans),
        Choice(of, "class", "", "", none),
        Choice(of, "consortium", "", "", none),
    ]
    return {choice.key: choice for choice in listed}
