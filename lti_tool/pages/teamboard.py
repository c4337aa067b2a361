"""What an instructor sees of teams, as plain data for the template: pure. Floor 3.

Who is in which team, what each brought in, and for learners without one a proposal with its reasons: which skill of the
order each covers best. Counts and shares, no ranks.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from curriculum.catalog import Catalog
from curriculum.practice import team as rules
from curriculum.practice.task import Case
from lti_tool import figures, teams
from lti_tool.pages import reasons, teamwork
from lti_tool.pages.teamwork import Work
from lti_tool.roster.deeds import Deeds
from lti_tool.teams import Sitting, Team
from lti_tool.texts import Say
from recommender import grouping
from recommender.grouping import Group

Floats = npt.NDArray[np.float64]
LEVELS = 5
NAMED = 3
"""Skills that are named of each member of a proposed team."""


@dataclass(frozen=True)
class Part:
    """What a member brought in: roles, answered of theirs, right, answers asked for, minutes, points."""

    learner: str
    roles: str
    answered: int
    total: int
    right: int
    shown: int
    minutes: str
    points: str


@dataclass(frozen=True)
class Shown:
    """A team: its number, its state ("gathers", "works", "finished"), settled of all, and its members."""

    number: str
    state: str
    settled: int
    total: int
    members: tuple[Part, ...]


@dataclass(frozen=True)
class Reason:
    """Why a learner is in a proposed team: the roles they would begin with, and the skills that they cover best."""

    learner: str
    roles: str
    skills: tuple[str, ...]


@dataclass(frozen=True)
class Proposed:
    """A proposed team: the number that it would have, how far it covers the order, common hours, its members."""

    number: str
    coverage: str
    hours: str
    members: tuple[Reason, ...]


@dataclass(frozen=True, eq=False)
class Candidates:
    """Learners without a team.

    Attributes:
        catalog: The course's.
        case: An order of the link: what its questions ask is what is to be covered.
        people: Pseudonyms, in the order of the rows.
        mastery: float64[learners, skills], 0..1, nan where unknown.
        zones: float64[learners]: hours ahead of UTC, nan where unknown.
        parts: Of each learner, the group of the course that they stay in; empty: the class is one.
    """

    catalog: Catalog
    case: Case
    people: Sequence[str]
    mastery: Floats
    zones: Floats
    parts: Sequence[str] = ()

    @property
    def known(self) -> bool:
        """Whether there is a level of anybody in anything: without one, a proposal is by chance."""
        return bool(np.isfinite(self.mastery).any())


def standing(catalog: Catalog, people: Sequence[str], deeds: Mapping[str, Deeds]) -> Floats:
    """Where learners stand, as forming groups takes it.

    Args:
        catalog: The course's.
        people: Pseudonyms.
        deeds: What each did, of those who let the institution look at it.

    Returns:
        float64[learners, skills], 0..1; nan where there is no level.
    """
    found = np.full((len(people), len(catalog.skills)), np.nan)
    for row, learner in enumerate(people):
        one = deeds.get(learner)
        if one is not None and one.shared and one.counted:
            found[row] = one.skills["level"] / LEVELS
    return found


def demand(catalog: Catalog, case: Case) -> Floats:
    """How much each skill counts in an order: the number of its questions; float64[skills]."""
    found = np.zeros(len(catalog.skills))
    for step in case.steps:
        if step.skill in catalog.skill_index:
            found[catalog.skill_index[step.skill]] += 1
    return found


def worth(catalog: Catalog, case: Case, mastery: Floats) -> dict[str, float]:
    """How good it is that a learner has each role: their mean mastery of its questions' skills, as far as it is known.

    Args:
        catalog: The course's.
        case: The order.
        mastery: float64[skills] of the learner, nan where unknown.
    """
    found = {}
    for role, skills in rules.skills(case).items():
        known = [mastery[catalog.skill_index[skill]] for skill in skills if skill in catalog.skill_index]
        seen = [float(one) for one in known if np.isfinite(one)]
        found[role] = sum(seen) / len(seen) if seen else 0.0
    return found


def proposal(free: Candidates, groups: Sequence[Group], numbers: Sequence[str], language: str) -> list[Proposed]:
    """Proposed teams with their reasons.

    Args:
        free: Learners without a team.
        groups: As `formed` gives them.
        numbers: One for each group.
        language: "en" or "zh".
    """
    catalog, case, people, mastery = free.catalog, free.case, free.people, free.mastery
    names = list(catalog.skills)
    found = []
    for number, group in zip(numbers, groups, strict=True):
        learners = [people[row] for row in group.members]
        told = {people[row]: worth(catalog, case, mastery[row]) for row in group.members}
        roles = rules.shared(learners, told) if len(learners) <= len(rules.ROLES) else {}
        members = []
        for row in group.members:
            best = [one for one in group.covers if one.member == row and np.isfinite(mastery[row, one.skill])]
            best.sort(key=lambda one: -one.mastery)
            skills = tuple(reasons.short(catalog.skills[names[one.skill]].name[language]) for one in best[:NAMED])
            members.append(Reason(people[row], teamwork.titled(roles.get(people[row], ()), language), skills))
        known = bool(np.isfinite(mastery[list(group.members)]).any())
        hours = "" if group.hours is None else f"{group.hours:g}"
        found.append(Proposed(number, figures.share(group.coverage) if known else "", hours, tuple(members)))
    return found


def shown(team: Team, case: Case, there: Mapping[str, Sitting], language: str, say: Say) -> Shown:
    """A team as it is now, and what each member brought in.

    Args:
        team: As it is kept.
        case: Its order.
        there: Its members by seat.
        language: "en" or "zh".
        say: The words.
    """
    work = Work(case, team, there, "", {seat: sat.learner for seat, sat in there.items()}, language)
    points = {one.name: one.score for one in teamwork.results(work)} if team.finished else {}
    members = []
    for seat, sat in there.items():
        share, answers = teams.share(case, team, seat), sat.of(team)
        seconds = [one.seconds for one in answers if one.seconds is not None]
        members.append(
            Part(
                learner=sat.learner,
                roles=teamwork.titled(team.roles(seat), language),
                answered=share.answered,
                total=share.total if team.begun else 0,
                right=share.right,
                shown=sum(not one.given for one in answers),
                minutes=say("teams.minutes", minutes=math.ceil(sum(seconds) / 60)) if seconds else "",
                points=points.get(sat.learner, ""),
            )
        )
    state = "finished" if team.finished else "works" if team.begun else "gathers"
    return Shown(team.team, state, len(team.settled), team.total, tuple(members))


def zones(people: Sequence[str], sittings: Mapping[str, Sitting]) -> Floats:
    """Hours ahead of UTC that learners said; float64[learners], nan where they said nothing."""
    said = [sittings[one].zone if one in sittings else None for one in people]
    return np.array([np.nan if one is None else one / 60 for one in said], np.float64)


def formed(free: Candidates, size: int, seed: int) -> list[Group]:
    """Groups of learners without a team; those of one group of the course stay together, where that is asked for.

    Args:
        free: Who they are.
        size: Members of a team.
        seed: Decides between equals; another one is another proposal.
    """
    asked, found = demand(free.catalog, free.case), []
    parts = np.array(free.parts or [""] * len(free.people))
    for part in sorted(set(parts.tolist())):
        rows = np.flatnonzero(parts == part)
        for group in grouping.form(free.mastery[rows], asked, size, seed=seed, zones=free.zones[rows]):
            covers = tuple(replace(one, member=int(rows[one.member])) for one in group.covers)
            found.append(replace(group, members=tuple(rows[list(group.members)].tolist()), covers=covers))
    return found
