"""What the class page shows, as plain data for the template: pure. Floor 3.

Only what is known: who is in the course by role and group, when they last came, how much they answered, which goal they
chose. A learner sees their own row in the same words (`row`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from curriculum.catalog import Catalog
from lti_tool import texts
from lti_tool.courses import Course
from lti_tool.roles import Role
from lti_tool.roster import members
from lti_tool.roster.container import ACTIVE, INACTIVE, LEFT
from lti_tool.roster.deeds import Deeds
from lti_tool.roster.ledger import Roster
from lti_tool.roster.members import Member
from lti_tool.texts import Say

CODE = 6
ID = 16
"""Letters of a pseudonym by which a form of a class names a learner of it."""
PER_PAGE = 50
SORTS = ("away", "answers", "name")
AWAY = (7, 14, 30)
RECENT = 7


@dataclass(frozen=True)
class Asked:
    """What the page was asked for.

    Attributes:
        group: Id of a group, or empty.
        away: Only learners who did not open it for so many days; 0: all.
        sort: One of SORTS.
        page: From 1 on.
        names: Names are shown.
        topic: Id of the area that the heat map shows; empty: the one that was worked on most.
    """

    group: str = ""
    away: int = 0
    sort: str = SORTS[0]
    page: int = 1
    names: bool = False
    topic: str = ""


@dataclass(frozen=True)
class Row:
    """One learner.

    Attributes:
        code: The beginning of the pseudonym, by which class, scores and learner's page name the same person.
        name: Empty unless it was read for this page.
        groups: Names of groups, or their ids where the platform tells no names.
        opened: When they last opened it, in words; empty if never.
        answers: How many graded answers.
        answered: When the newest was given, in words; empty if there is none.
        goal: Name of the goal; empty if none is chosen.
        shared: Whether they let the institution look at what they do.
        inactive: The platform says that they may not open the course for now.
        days: Since they last opened it; None if never.
        counted: Whether what they did has been counted.
    """

    code: str
    name: str
    groups: tuple[str, ...]
    opened: str
    answers: int
    answered: str
    goal: str
    shared: bool = True
    inactive: bool = False
    days: int | None = None
    counted: bool = True


@dataclass(frozen=True)
class Reading:
    """How it stands with the list of members.

    Attributes:
        state: "read", "reading", "never", "failed" or "none" (the platform does not offer it).
        ago: When it was last read, in words; empty if never.
        problem: Why the last try failed; a suffix of `roster.problem`.
        tried: When that was, in words.
        again: When the next try is, in words; empty if none is planned.
    """

    state: str
    ago: str = ""
    problem: str = ""
    tried: str = ""
    again: str = ""


@dataclass(frozen=True)
class Page:
    """The whole page.

    Attributes:
        rows: Of this page of the list, in the order asked for.
        found: How many learners pass the filters.
        learners: How many there are.
        recent: How many of them opened it in the last seven days.
        private: How many keep what they do to themselves.
        roles: How many members there are of each role: words and count.
        groups: The groups there are: id, name and count of learners.
        reading: How it stands with the list of members.
        asked: What was asked for; `page` as it is shown.
        pages: How many pages there are.
        shown: Pseudonyms of the learners of `rows`.
    """

    rows: list[Row]
    found: int
    learners: int
    recent: int
    private: int
    roles: list[tuple[str, int]]
    groups: list[tuple[str, str, int]]
    reading: Reading
    asked: Asked
    pages: int
    shown: list[str]


@dataclass(frozen=True)
class Known:
    """What is known of a class.

    Attributes:
        members: All that are kept.
        deeds: What each learner did, by pseudonym.
        goals: Id of the role that each chose, by pseudonym.
        names: By pseudonym; empty unless they were asked for.
        roster: When the list was read.
    """

    members: Sequence[Member]
    deeds: Mapping[str, Deeds]
    goals: Mapping[str, str]
    names: Mapping[str, str]
    roster: Roster


def page(known: Known, course: Course, catalog: Catalog, asked: Asked, *, language: str, now: float) -> Page:
    """Build the page.

    Args:
        known: Of the class.
        course: The course.
        catalog: Names the goals.
        asked: What is to be shown.
        language: "en" or "zh".
        now: Seconds since the epoch.
    """
    say = texts.speaker(language)
    present = [member for member in known.members if member.state != LEFT]
    learners = [member for member in present if members.learns(member)]
    rows = {member.learner: _row(member, known, catalog, language, now) for member in learners}
    chosen = [
        (rows[member.learner], member.learner)
        for member in learners
        if (not asked.group or asked.group in member.groups) and _away(rows[member.learner], asked.away)
    ]
    chosen.sort(key=lambda pair: (_order(pair[0], asked.sort), pair[1]))
    pages = max(1, -(-len(chosen) // PER_PAGE))
    asked = replace(asked, page=min(max(asked.page, 1), pages))
    begin = (asked.page - 1) * PER_PAGE
    sizes = Counter(group for member in learners for group in member.groups)
    names = known.roster.groups
    return Page(
        rows=[row for row, _ in chosen[begin : begin + PER_PAGE]],
        found=len(chosen),
        learners=len(learners),
        recent=sum(row.days is not None and row.days < RECENT for row in rows.values()),
        private=sum(not row.shared for row in rows.values()),
        roles=_roles(present, say),
        groups=sorted(((id_, names.get(id_, id_), sizes[id_]) for id_ in {*sizes, *names}), key=lambda group: group[1]),
        reading=reading(known.roster, course, say, now),
        asked=asked,
        pages=pages,
        shown=[learner for _, learner in chosen[begin : begin + PER_PAGE]],
    )


def row(
    pseudonym: str,
    deeds: Deeds,
    *,
    goal: str,
    groups: Sequence[str],
    say: Say,
    now: float,
    name: str = "",
    inactive: bool = False,
) -> Row:
    """One learner's row, as the instructor and the learner see it.

    Args:
        pseudonym: Of the learner.
        deeds: What they did.
        goal: Name of their goal.
        groups: Names of their groups.
        say: Of the language.
        now: Seconds since the epoch.
        name: Where it was read for this page.
        inactive: The platform says that they may not open the course for now.
    """
    return Row(
        code=pseudonym[:CODE],
        name=name,
        groups=tuple(groups),
        opened="" if deeds.launched is None else day(days(deeds.launched, now), say),
        answers=deeds.answers,
        answered="" if deeds.answered is None else day(days(deeds.answered, now), say),
        goal=goal,
        shared=deeds.shared,
        inactive=inactive,
        days=None if deeds.launched is None else days(deeds.launched, now),
        counted=deeds.counted,
    )


def reading(roster: Roster, course: Course, say: Say, now: float) -> Reading:
    """How it stands with the list of members of a course."""
    ago = _ago(now - roster.read, say) if roster.read else ""
    if not course.memberships_url:
        return Reading("none")
    if roster.problem:
        again = _in(roster.due - now, say)
        return Reading("failed", ago, roster.problem, _ago(now - roster.tried, say), again)
    if roster.wanted or (roster.holder and roster.until > now):
        return Reading("reading", ago)
    return Reading("read", ago) if roster.read else Reading("never")


def _row(member: Member, known: Known, catalog: Catalog, language: str, now: float) -> Row:
    role = known.goals.get(member.learner, "")
    return row(
        member.learner,
        known.deeds.get(member.learner, Deeds()),
        goal=catalog.roles[role].name[language] if role in catalog.roles else "",
        groups=[known.roster.groups.get(id_, id_) for id_ in member.groups],
        say=texts.speaker(language),
        now=now,
        name=known.names.get(member.learner, ""),
        inactive=member.state == INACTIVE,
    )


def _away(one: Row, days: int) -> bool:
    return not days or (one.shared and one.counted and (one.days is None or one.days >= days))


def _order(one: Row, sort: str) -> tuple[int | str, ...]:
    unknown = not one.shared, not one.counted
    if sort == "answers":
        return *unknown, one.answers
    if sort == "name":
        return not one.name, (one.name or one.code).casefold()
    return *unknown, -(10**6) if one.days is None else -one.days


def _roles(present: Sequence[Member], say: Say) -> list[tuple[str, int]]:
    """How many hold each role; who holds several counts for each, who holds none that is known counts as "other"."""
    held = Counter(role for member in present for role in member.roles or ("other",))
    inactive = sum(member.state != ACTIVE for member in present)
    counted = [(say(f"class.role.{role}", count=held[role]), held[role]) for role in (*Role, "other") if held[role]]
    return [*counted, (say("class.role.inactive", count=inactive), inactive)] if inactive else counted


def days(moment: int, now: float) -> int:
    """Whole days of the calendar (UTC) between a moment in microseconds and now; a clock that is ahead says today."""
    then = datetime.fromtimestamp(moment / 1e6, UTC).date()
    return max(0, (datetime.fromtimestamp(now, UTC).date() - then).days)


def day(count: int, say: Say) -> str:
    """How many days ago, in words."""
    return say("class.day.today") if count == 0 else say("class.day", count=count)


def _ago(seconds: float, say: Say) -> str:
    minutes = max(0, int(seconds // 60))
    if minutes < 1:
        return say("class.ago.now")
    if minutes < 120:
        return say("class.ago.minutes", count=minutes)
    return say("class.ago.hours", count=minutes // 60) if minutes < 2880 else say("class.day", count=minutes // 1440)


def _in(seconds: float, say: Say) -> str:
    minutes = int(-(-seconds // 60))
    if minutes < 2:
        return say("class.in.soon")
    return say("class.in.minutes", count=minutes) if minutes < 120 else say("class.in.hours", count=minutes // 60)
