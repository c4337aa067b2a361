"""The form by which a learner grants a partner to see something, and a grant in words. Floor 3.

Nothing is chosen beforehand: what a learner does not tick, type or pick is not shown.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from curriculum.catalog import Catalog
from lti_tool import grants, projects
from lti_tool import learner as learners
from lti_tool.advice import Advice
from lti_tool.grants import NOTHING, ROLE, SKILLS, Grant, Terms
from lti_tool.openings import Decision
from lti_tool.pages import judging, reasons
from lti_tool.pages.seats import Seat
from lti_tool.projects import Handin
from lti_tool.texts import Say
from lti_tool.works import HANDINS


@dataclass(frozen=True)
class Form:
    """The form.

    Attributes:
        roles: Id, name, and whether it is chosen.
        areas: Skills by area: id, name, whether it is ticked.
        works: Key, name, whether it is ticked.
        scope: One of `grants.SCOPES`; empty: nothing is chosen yet.
        name: As it was typed.
        reach: As it was typed.
        note: As it was typed.
        days: How long it may hold, each with whether it is chosen.
        problems: What lacks, in words.
    """

    roles: list[tuple[str, str, bool]]
    areas: list[tuple[str, list[tuple[str, str, bool]]]]
    works: list[tuple[str, str, bool]]
    scope: str
    name: str
    reach: str
    note: str
    days: list[tuple[int, bool]]
    problems: list[str]


@dataclass(frozen=True)
class Read:
    """What a form says: the terms and the days, or what lacks (ids of texts below "sharing.problem.")."""

    terms: Terms | None
    days: int
    problems: tuple[str, ...]


def pseudonyms(seat: Seat) -> tuple[str, ...]:
    """The pseudonyms of who sits there, the active key's first."""
    return learners.pseudonyms(seat.person, seat.tool.keyring.pseudonym_keys)


def works(seat: Seat) -> list[tuple[Handin, str]]:
    """The learner's own works in the course that are there to be shown, each with the name of its project."""
    found = []
    for one in pseudonyms(seat):
        where = {"learner": one, "course": seat.person.context}
        for kept in seat.tool.storage.find(HANDINS, where):
            work = projects.get(seat.tool.storage, kept["key"])
            project = None if work is None else judging.find(seat.catalog, work.project)
            if work is not None and work.there and project is not None:
                found.append((work, project[1].name[seat.language]))
    return sorted(found, key=lambda pair: (pair[1], pair[0].key))


def form(
    seat: Seat, given: Advice, say: Say, typed: Any = None, *, role: str = "", problems: Sequence[str] = ()
) -> Form:
    """The form, empty or as it was typed.

    Args:
        seat: Who grants.
        given: What is known of them: skills without a level are not offered one by one.
        say: How to say a text.
        typed: The form that came back; None: none did.
        role: Id of the role that stands first; empty: the first of the catalog.
        problems: What lacks, ids of texts below "sharing.problem.".
    """
    get, chosen = (typed.get, typed.getlist) if typed is not None else (lambda _: None, lambda _: [])
    picked, ticked, shown = get("role") or role, set(chosen("skill")), set(chosen("work"))
    levels = given.profile.knowledge
    known = [one for one in seat.catalog.skills.values() if one.id in ticked or levels[one.id].level is not None]
    return Form(
        roles=[(one.id, one.name[seat.language], one.id == picked) for one in seat.catalog.roles.values()],
        areas=[
            (area.name[seat.language], [(one.id, one.name[seat.language], one.id in ticked) for one in inside])
            for area in seat.catalog.areas.values()
            if (inside := [one for one in known if one.area == area.id])
        ],
        works=[(work.key, name, work.key in shown) for work, name in works(seat)],
        scope=get("scope") or "",
        name=(get("name") or "")[: grants.LONGEST],
        reach=(get("reach") or "")[: grants.LONGEST],
        note=(get("note") or "")[: grants.LETTERS],
        days=[(one, str(one) == (get("days") or "90")) for one in grants.DAYS],
        problems=[say(f"sharing.problem.{one}") for one in problems],
    )


def read(seat: Seat, form_: Any) -> Read:
    """What a form says.

    Args:
        seat: Who grants.
        form_: The form, a `MultiDict`.
    """
    scope, role = form_.get("scope", ""), form_.get("role", "")
    own = {work.key for work, _ in works(seat)}
    shown = tuple(dict.fromkeys(one for one in form_.getlist("work") if one in own))
    skills: tuple[str, ...] = ()
    if scope == ROLE and role in seat.catalog.roles:
        skills = tuple(seat.catalog.roles[role].targets)
    if scope == SKILLS:
        skills = tuple(dict.fromkeys(one for one in form_.getlist("skill") if one in seat.catalog.skills))
    days = form_.get("days", "")
    problems = [
        code
        for code, wrong in (
            ("scope", scope not in grants.SCOPES),
            ("skills", scope in {ROLE, SKILLS} and not skills),
            ("nothing", scope == NOTHING and not shown),
            ("days", days not in {str(one) for one in grants.DAYS}),
            ("agree", form_.get("agree") != "yes"),
        )
        if wrong
    ]
    if problems:
        return Read(None, 0, tuple(problems))
    terms = Terms(
        catalog=seat.catalog.id,
        scope=scope,
        role=role if scope == ROLE else "",
        skills=skills,
        works=shown,
        name=line(form_.get("name", "")),
        reach=line(form_.get("reach", "")),
        note=form_.get("note", "").strip()[: grants.LETTERS],
    )
    return Read(terms, int(days), ())


def line(text: str) -> str:
    """A text as one line of at most `grants.LONGEST` letters."""
    return " ".join(text.split())[: grants.LONGEST]


def words(terms: Terms | None, catalog: Catalog, language: str, say: Say) -> str:
    """What is granted, in a few words; of what has ended: nothing."""
    if terms is None:
        return ""
    told = []
    if terms.scope == ROLE and terms.role in catalog.roles:
        role = catalog.roles[terms.role].name[language]
        told.append(say("sharing.what.role", role=reasons.short(role), skills=len(terms.skills)))
    elif terms.skills:
        told.append(say("sharing.what.skills", count=len(terms.skills)))
    if terms.works:
        told.append(say("sharing.what.works", count=len(terms.works)))
    told.append(say("sharing.what.name" if terms.name else "sharing.what.no_name"))
    return say("list.comma").join(told)


def decided(made: Sequence[Decision], zone: ZoneInfo, say: Say) -> list[tuple[str, str, str]]:
    """What a person decided on an application, in words: outcome, who and when, why."""
    return [
        (
            say(f"seeking.outcome.{one.outcome}"),
            say("seeking.decided", who=one.who, when=judging.moment(one.at, zone)),
            one.reason,
        )
        for one in made
    ]


def live(there: Sequence[Grant], now: float) -> list[Grant]:
    """Those that hold."""
    return [one for one in there if one.holds(now)]
