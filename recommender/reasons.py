"""Why an activity is recommended: facts that a page turns into sentences. Floor 2.

Each fact is checked against the graph or the history when it is made; nothing here estimates anything.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import pairwise

from curriculum import graph, rules
from curriculum.catalog import Catalog, Role

MOST = 3  # skills that a sentence names


@dataclass(frozen=True)
class Reason:
    """One fact that speaks for a recommendation; a page turns it into a sentence.

    Attributes:
        kind: What kind of fact:
            "rule" (skills: the skill; data: rule id, valid_from as ISO date, answers_before: answers older than the
            rule); "evidence" (skills: the skill; data: answers, right, days since the last one);
            "no_evidence" (skills: the skill);
            "ready" (skills: its prerequisites; data: readiness 0..1; no skills: nothing comes before it);
            "opens" (skills: what it opens next for the goal, the most valuable first; data: share of the score, 0..1);
            "needed_for" (skills: a chain of prerequisite edges from the skill to one that the goal asks for);
            "goal" (skills: the skill; data: role id, target level).
        skills: Skill ids that the sentence names, in order.
        data: Numbers and ids for the sentence.
    """

    kind: str
    skills: tuple[str, ...]
    data: Mapping[str, float | int | str]


@dataclass(frozen=True)
class Facts:
    """What is known when the reasons of one skill are made.

    Attributes:
        skill: Its id.
        answers: (when, correct) of the answers on it, in time order.
        readiness: 0..1.
        opens: Ids of what it opens for the goal, the most valuable first.
        route: Chain of edges to a skill that the goal asks for, itself first.
        share: Share of the score that comes from what it opens, 0..1.
    """

    skill: str
    answers: Sequence[tuple[int, float]]
    readiness: float
    opens: tuple[str, ...]
    route: tuple[str, ...]
    share: float


def reasons(catalog: Catalog, role: Role, facts: Facts, now: datetime) -> tuple[Reason, ...]:
    """List the reasons in the order in which to show them: a chain that ends in the goal.

    Args:
        catalog: The catalog.
        role: The goal.
        facts: About the skill.
        now: The moment of asking.
    """
    skill = facts.skill
    found = [*_rule(catalog, facts, now.astimezone(UTC).date()), _evidence(facts, now)]
    found.append(Reason("ready", catalog.skills[skill].prerequisites, {"readiness": facts.readiness}))
    if facts.opens:
        found.append(Reason("opens", facts.opens[:MOST], {"share": facts.share}))
    if len(facts.route) > 1:
        found.append(Reason("needed_for", facts.route, {}))
    found.append(Reason("goal", (skill,), {"role": role.id, "target": role.targets[skill]}))
    return tuple(found)


def is_chain(catalog: Catalog, skills: Sequence[str]) -> bool:
    """Whether each skill is a prerequisite of the next one."""
    after = graph.dependents(catalog)
    return all(later in after[earlier] for earlier, later in pairwise(skills))


def _rule(catalog: Catalog, facts: Facts, today: date) -> list[Reason]:
    """The newest rule that holds today and changes the skill."""
    for rule in rules.affecting(catalog, facts.skill, today):
        since = datetime(rule.valid_from.year, rule.valid_from.month, rule.valid_from.day, tzinfo=UTC)
        older = sum(when < int(since.timestamp()) * 10**6 for when, _ in facts.answers)
        since_day = rule.valid_from.isoformat()
        return [Reason("rule", (facts.skill,), {"rule": rule.id, "valid_from": since_day, "answers_before": older})]
    return []


def _evidence(facts: Facts, now: datetime) -> Reason:
    if not facts.answers:
        return Reason("no_evidence", (facts.skill,), {})
    last = facts.answers[-1][0]
    days = max(0, int((now.timestamp() - last / 10**6) // 86400))
    right = sum(correct > 0.5 for _, correct in facts.answers)
    return Reason("evidence", (facts.skill,), {"answers": len(facts.answers), "right": right, "days": days})
