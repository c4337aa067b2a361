"""How a learner wants their path: how hard, how much review, hours a week, a deadline, a way, what to rest. Floor 3.

Kept by pseudonym and course. It steers what is recommended and nothing else: no score and no estimate depends on it. A
plan that was never made is the usual one.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from lti_tool.settings import PLANS
from storage.port import Storage

LOWEST, HIGHEST = -1, 1
MOST_HOURS = 40
MOST_PAUSED = 50
"""Skills that rest at once; the one that would come back first makes room."""
MOST_CLAIMED = 50
"""Skills that a learner says to know at once; the oldest makes room."""
REST = 7 * 86_400
"""Seconds that "not now" lasts."""


@dataclass(frozen=True)
class Plan:
    """What a learner asked for in a course.

    Attributes:
        challenge: -1 (easier), 0 (as usual), 1 (harder).
        review: -1 (less review), 0, 1 (more).
        hours: Hours a week, 1 to 40; 0: not said.
        deadline: The day by which they want to be there, or None.
        way: The way of learning that they like best; empty: none named.
        paused: By skill id: seconds since the epoch from when on it may be offered again.
        claimed: Ids of skills that they say to know, and want to prove; the newest last.
        changed: Seconds since the epoch; 0 while nothing was ever said.
    """

    challenge: int = 0
    review: int = 0
    hours: int = 0
    deadline: date | None = None
    way: str = ""
    paused: Mapping[str, float] = field(default_factory=dict)
    claimed: tuple[str, ...] = ()
    changed: int = 0


def find(storage: Storage, pseudonym: str, context: str, now: float) -> Plan:
    """The plan of a learner in a course, without rests that are over; the usual one if there is none."""
    document = storage.get(PLANS, (pseudonym, context))
    plan = Plan() if document is None else _plan(document)
    return replace(plan, paused={skill: until for skill, until in plan.paused.items() if until > now})


def change(storage: Storage, pseudonym: str, context: str, wish: Callable[[Plan], Plan], now: float) -> Plan:
    """Change the plan of a learner; of two changes at once the later one sees the earlier.

    Args:
        storage: The institution's store.
        pseudonym: Of the learner.
        context: Key of the course.
        wish: From the plan that is there to the one that shall be.
        now: Seconds since the epoch.
    """
    while True:
        present = storage.get(PLANS, (pseudonym, context))
        wanted = replace(wish(Plan() if present is None else _plan(present)), changed=int(now))
        if storage.replace(PLANS, _document(wanted, pseudonym, context), expected=present):
            return wanted


def rest(plan: Plan, skill: str, now: float) -> Plan:
    """The plan with a skill at rest for a week, and no longer claimed."""
    paused = {**{name: until for name, until in plan.paused.items() if until > now and name != skill}}
    kept = sorted(paused, key=lambda name: paused[name])[-(MOST_PAUSED - 1) :]
    rested = {**{name: paused[name] for name in kept}, skill: now + REST}
    return replace(plan, paused=rested, claimed=tuple(name for name in plan.claimed if name != skill))


def wake(plan: Plan, skill: str) -> Plan:
    """The plan with a skill offered again."""
    return replace(plan, paused={name: until for name, until in plan.paused.items() if name != skill})


def claim(plan: Plan, skill: str) -> Plan:
    """The plan with a skill that the learner says to know; it rests no longer."""
    claimed = (*(name for name in plan.claimed if name != skill), skill)[-MOST_CLAIMED:]
    return replace(wake(plan, skill), claimed=claimed)


def from_form(plan: Plan, form: Mapping[str, str], ways: Collection[str]) -> Plan:
    """The plan that a form asks for; what a form cannot ask for is as if it had not been sent.

    Args:
        plan: The plan that is there.
        form: What was sent.
        ways: Ids of the ways of learning that there are.
    """
    way = form.get("way", "")
    return replace(
        plan,
        challenge=_whole(form.get("challenge", ""), LOWEST, HIGHEST, plan.challenge),
        review=_whole(form.get("review", ""), LOWEST, HIGHEST, plan.review),
        hours=hours(form.get("hours", ""), plan.hours),
        deadline=_day(form.get("deadline", ""), plan.deadline),
        way=way if way in ways else "",
    )


def hours(text: str, otherwise: int) -> int:
    """Hours a week as a form says them, 0 if it leaves them open; `otherwise` for what cannot be read."""
    return _whole(text or "0", 0, MOST_HOURS, otherwise)


def _whole(text: str, low: int, high: int, otherwise: int) -> int:
    try:
        number = int(text) if len(text) <= 3 else low - 1
    except ValueError:
        return otherwise
    return number if low <= number <= high else otherwise


def _day(text: str, otherwise: date | None) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return otherwise


def _plan(document: Mapping[str, Any]) -> Plan:
    return Plan(
        challenge=int(document["challenge"]),
        review=int(document["review"]),
        hours=int(document["hours"]),
        deadline=_day(str(document["deadline"]), None),
        way=str(document["way"]),
        paused={str(one["skill"]): float(one["until"]) for one in document["paused"]},
        claimed=tuple(str(skill) for skill in document["claimed"]),
        changed=int(document["changed"]),
    )


def _document(plan: Plan, pseudonym: str, context: str) -> dict[str, Any]:
    """As it is stored: ids of skills have dots, which no name of a field may have in every store."""
    return {
        "learner": pseudonym,
        "context": context,
        "challenge": plan.challenge,
        "review": plan.review,
        "hours": plan.hours,
        "deadline": "" if plan.deadline is None else plan.deadline.isoformat(),
        "way": plan.way,
        "paused": [{"skill": skill, "until": until} for skill, until in sorted(plan.paused.items())],
        "claimed": list(plan.claimed),
        "changed": plan.changed,
    }
