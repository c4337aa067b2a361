"""A team task at one request: who is at it, what the link asks for, the order, the work of the team. Floor 3."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import partial
from typing import Any

from curriculum import practice
from curriculum.practice import team as rules
from curriculum.practice.task import Case
from lti_tool import courses, errors, teams, texts
from lti_tool import learner as learners
from lti_tool.exercises import CATALOG, TEAM
from lti_tool.learner import Learner
from lti_tool.pages import teamwork
from lti_tool.pages.gate import Guest
from lti_tool.pages.teamwork import Work
from lti_tool.roster import names as rosters
from lti_tool.teams import Sitting, Team
from lti_tool.tool import Tool

PATIENCE = 1.5
"""Seconds that a page waits for names of the platform; the next one has them."""


@dataclass(frozen=True)
class Table:
    """A request's view of a team task: who is at it, and what the link asks for.

    Attributes:
        tool: The running tool.
        guest: Who asks, in the language of the page.
        destination: Where the order goes.
        size: How many may sit in a team.
        pseudonyms: The learner's, the active key's first.
    """

    tool: Tool
    guest: Guest
    destination: str
    size: int
    pseudonyms: tuple[str, ...]

    @property
    def person(self) -> Learner:
        """Who is at it."""
        return self.guest.person

    @property
    def activity(self) -> str:
        """What is practised, as it is told and counted."""
        return f"{TEAM}:{self.destination}.{self.size}"

    def sitting(self) -> Sitting:
        """The learner's record as it is now."""
        return teams.sitting(self.tool.storage, self.pseudonyms, self.person.link)


def of(tool: Tool, guest: Guest) -> Table:
    """The team task of a link.

    Raises:
        errors.PageRefused: The link opens something else, or a task that there is not.
    """
    person = guest.person
    asked = rules.read(person.subject) if person.opens == TEAM and person.catalog == CATALOG else None
    if asked is None or not person.link:
        raise errors.PageRefused("activity_unknown", "custom.team")
    return Table(tool, guest, *asked, learners.pseudonyms(person, tool.keyring.pseudonym_keys))


def drawn(tool: Tool, destination: str) -> Mapping[str, Any]:
    """What is new in a team with a new order: its seed, day, mark and number of questions.

    Args:
        tool: The running tool.
        destination: Where the order goes.
    """
    seed = int.from_bytes(hashlib.sha256(tool.new_token().encode()).digest()[:4], "big") >> 1
    on = datetime.fromtimestamp(tool.now(), UTC).date()
    case = practice.case(rules.kind_of(destination), seed, on, tool.catalog(CATALOG))
    return {"seed": seed, "on": on.isoformat(), "mark": case.mark, "total": len(case.steps)}


def made(tool: Tool, link: str, destination: str, size: int, number: str) -> Team:
    """A new team of a number."""
    return Team(link=link, team=number, destination=destination, size=size, number=1, **drawn(tool, destination))


def case_of(tool: Tool, team: Team) -> Case:
    """The order of a team, made again."""
    on = date.fromisoformat(team.on)
    return practice.case(rules.kind_of(team.destination), team.seed, on, tool.catalog(CATALOG))


def work(table: Table) -> Work | None:
    """The team that the learner works in; None where they sit in none, or it still gathers.

    A seat that nobody has any more gives its roles to the others, and an order that cannot be made again is replaced.
    """
    tool, storage = table.tool, table.tool.storage
    sat = table.sitting()
    team = teams.own(storage, sat)
    if team is None or not team.begun:
        return None
    there = teams.members(storage, team)
    team = teams.settled_all(storage, team, there)
    if len(there) < len(team.chairs):
        team = teams.begin(storage, team, tool.now()) or team
    case = case_of(tool, team)
    if case.mark != team.mark:
        fresh = drawn(tool, team.destination)
        team = teams.renew(storage, team, lambda kept: replace(kept, **fresh), tool.now()) or team
        case, there = case_of(tool, team), teams.members(storage, team)
    called = teamwork.called(there, names(table), texts.speaker(table.guest.language))
    return Work(case, team, there, sat.seat, called, table.guest.language)


def names(table: Table) -> Mapping[str, str]:
    """Names of the course's members, where the platform gives them now; of those who share a table they are shown."""
    tool = table.tool
    course = courses.find(tool.storage, table.person.context)
    if course is None or not course.memberships_url:
        return {}
    read = partial(rosters.read, tool.storage, tool.keyring, tool.services, table.guest.platform, course)
    found, _ = rosters.show(tool.names, course, read, tool.now(), patience=PATIENCE)
    return found


def mark(table: Table, team: Team | None) -> str:
    """What changes when a team does: a digest of its record, which says nothing by itself."""
    if team is None:
        return ""
    text = f"{team.number}/{team.begun}/{len(team.chairs)}/{sorted(team.steps)}"
    return hashlib.sha256(f"{table.person.link}/{team.team}/{text}".encode()).hexdigest()[:16]
