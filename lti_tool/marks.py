"""What an instructor decides of a work becomes evidence of its skills, and a score in the gradebook. Floor 3.

Each criterion tells a level of each of its skills (`scored`, grouped by the project); a criterion that is decided anew
takes back what it told before. The score counts whatever was sent earlier. Handing in, and reviewing others, are told
as well, and are never graded by themselves.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from curriculum.catalog import Catalog
from curriculum.courses.tree import LEVELS, Criterion, Project
from lti_tool import courses, emit, witness
from lti_tool import learner as learners
from lti_tool.courses import Link
from lti_tool.grades import outbox
from lti_tool.learner import Learner
from lti_tool.projects import PROJECT
from lti_tool.reviews import Opinion
from lti_tool.witness import Place
from recommender import verbs
from storage.port import Storage
from xapi_collector.keyring import Keyring

ENOUGH = 3
"""The lowest level at which a criterion is met: the third of four is the one that asks for nothing more."""
REVIEW = "review"
NewId = Callable[[], UUID]
Document = dict[str, Any]


@dataclass(frozen=True)
class Told:
    """Where a work belongs when something is told of it.

    Attributes:
        base: The tool's public address.
        catalog: What its skills are of.
        name: "operations.shelf".
        project: As the course describes it.
        new_id: Makes statement ids.
    """

    base: str
    catalog: Catalog
    name: str
    project: Project
    new_id: NewId

    def place(self, person: Learner, kind: str = PROJECT) -> Place:
        """The project, or the reviews of others' works in it, as statements name it."""
        return Place(
            activity=emit.practice(f"{kind}:{self.name}", self.base),
            kind=verbs.PROJECT if kind == PROJECT else verbs.REVIEW,
            name=self.project.name,
            around=(emit.activity(person.link, self.base),) if person.link else (),
            about=tuple(filter(None, (item(self.catalog, skill) for skill in self.project.skills)))[:1],
        )


def points(opinion: Opinion) -> int:
    """The sum of the levels; the best sum is `most`."""
    return sum(opinion.levels)


def most(project: Project) -> int:
    """The best sum of levels of a project."""
    return LEVELS * len(project.rubric)


def item(catalog: Catalog, skill: str) -> str:
    """Activity IRI of the item by which evidence of a skill is told; empty where the catalog has none."""
    own = catalog.items.get(f"practice:{skill}")
    found = own or next((one for one in catalog.items.values() if one.skills[0] == skill), None)
    return "" if found is None else found.activity


def decided(
    told: Told, person: Learner, opinion: Opinion, before: Opinion | None, now: float
) -> tuple[Opinion, list[Document]]:
    """A decision with the ids of what tells it, and the statements: of the criteria that changed alone.

    Args:
        told: The project.
        person: Whose work it is.
        opinion: The decision.
        before: The decision that it takes the place of; None: it is the first.
        now: Seconds since the epoch.
    """
    agent, place = learners.agent(person), told.place(person)
    statements: list[Document] = []
    listed: list[tuple[str, ...]] = []
    for number, (criterion, level) in enumerate(zip(told.project.rubric, opinion.levels, strict=True)):
        earlier = before.told[number] if before is not None and number < len(before.told) else ()
        if before is not None and number < len(before.levels) and before.levels[number] == level and earlier:
            listed.append(earlier)
            continue
        statements += [witness.voided(str(told.new_id()), agent, gone, at=now) for gone in earlier]
        fresh = [
            witness.scored(
                str(told.new_id()), agent, place, one, level=level - 1, levels=LEVELS, enough=ENOUGH - 1, at=now
            )
            for one in _items(told.catalog, criterion)
        ]
        statements += fresh
        listed.append(tuple(one["id"] for one in fresh))
    return replace(opinion, told=tuple(listed)), statements


def submitted(told: Told, person: Learner, now: float) -> Document:
    """The learner handed in a version."""
    agent = learners.agent(person)
    return witness.did(
        str(told.new_id()), agent, told.place(person), verbs.SUBMITTED, "submitted", done=False, at=now
    )  # fmt: skip


def reviewed(told: Told, person: Learner, now: float) -> Document:
    """The learner reviewed the work of another."""
    agent, place = learners.agent(person), told.place(person, REVIEW)
    return witness.did(str(told.new_id()), agent, place, verbs.COMMENTED, "commented", done=True, at=now)


def home(storage: Storage, person: Learner, catalog: str, name: str) -> Learner:
    """A learner as their score is sent: by the link of their course that opens the project, without one if none does.

    Args:
        storage: The institution's store.
        person: As their launch said it.
        catalog: Id of the catalog.
        name: "operations.shelf".
    """
    links = [one for one in courses.links(storage, person.context) if opens(one, catalog, name)]
    found = next((one for one in links if one.link == person.link), next(iter(links), None))
    return replace(person, link="" if found is None else found.link)


def opens(link: Link, catalog: str, name: str) -> bool:
    """Whether a link of a course opens a project."""
    said: Mapping[str, str] = link.opens or {}
    return (said.get("activity"), said.get(PROJECT), said.get("catalog") or learners.CATALOG) == (
        PROJECT,
        name,
        catalog,
    )


def send(
    storage: Storage, keyring: Keyring, person: Learner, given: int | None, best: int, *, comment: str, now: float
) -> bool:
    """Put the score of a decision into the outbox; without one, that something was handed in. Whether it is sent.

    Args:
        storage: The institution's store.
        keyring: Its secrets.
        person: As `home` answered.
        given: Points; None: nobody has decided yet.
        best: Of how many.
        comment: A sentence for the learner.
        now: Seconds since the epoch.
    """
    return outbox.put(
        storage,
        keyring,
        person,
        given=None if given is None else float(given),
        maximum=float(best),
        activity_progress="Submitted" if given is None else "Completed",
        grading_progress="PendingManual" if given is None else outbox.GRADED,
        comment=comment,
        final=True,
        now=now,
    )


def _items(catalog: Catalog, criterion: Criterion) -> tuple[str, ...]:
    """Activity IRIs of the items of the skills that a criterion tells of, each once."""
    return tuple(dict.fromkeys(filter(None, (item(catalog, skill) for skill in criterion.skills))))
