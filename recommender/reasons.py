"""Why an activity is recommended: facts that a page turns into sentences. Floor 2.

Each fact is checked against the graph or the history when it is made; nothing here estimates anything. Each can be
taken away again (`counterfactual`), so that it is known which one the recommendation rests on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import pairwise

from curriculum import graph, rules
from curriculum.catalog import Catalog, Role

MOST = 3  # skills that a sentence names
KINDS = (
    "pinned", "proposed", "claimed", "step_back", "rule", "review", "near",
    "evidence", "no_evidence", "ready", "opens", "needed_for", "goal",
)  # fmt: skip


@dataclass(frozen=True)
class Edge:
    """One step of a chain: a skill, and one that needs it.

    Attributes:
        before: Id of the prerequisite.
        after: Id of the skill that needs it.
        support: 0..1, how far the learner's `before` carries what builds on it now.
        because: Why the one needs the other, by language, where the catalog says it; else None.
    """

    before: str
    after: str
    support: float
    because: Mapping[str, str] | None = None


@dataclass(frozen=True)
class Reason:
    """One fact that speaks for a recommendation; a page turns it into a sentence.

    Attributes:
        kind: What kind of fact, one of `KINDS`:
            "pinned" (skills: the skill): an instructor put it first;
            "proposed" (skills: the skill): an instructor proposed it;
            "claimed" (skills: the skill): the learner says to know it, one right answer proves it;
            "step_back" (skills: the skill, then the one that went wrong; data: wrong, the answers in a row);
            "rule" (skills: the skill; data: rule id, valid_from as ISO date, answers_before: answers older than the
            rule);
            "review" (skills: the skill; data: retention 0..1, days since the last answer, half_life in days);
            "near" (skills: the skill, then the one practised last): in an experiment, it is near the last practice, and
            would not be recommended otherwise;
            "evidence" (skills: the skill; data: answers, right, days since the last one);
            "no_evidence" (skills: the skill);
            "ready" (skills: its prerequisites; data: readiness 0..1; no skills: nothing comes before it);
            "opens" (skills: what it opens next for the goal, the most valuable first; data: share of the score, 0..1);
            "needed_for" (skills: a chain of prerequisite edges from the skill to one that the goal asks for);
            "goal" (skills: the skill; data: role id, target level).
        skills: Skill ids that the sentence names, in order.
        data: Numbers and ids for the sentence.
        seqs: The statements that it rests on, by their place in the institution's store; empty for a fact of the
            catalog.
        edges: The edges that it goes along, in order.
    """

    kind: str
    skills: tuple[str, ...]
    data: Mapping[str, float | int | str]
    seqs: tuple[int, ...] = ()
    edges: tuple[Edge, ...] = ()


@dataclass(frozen=True)
class Facts:
    """What is known when the reasons of one skill are made.

    Attributes:
        skill: Its id.
        answers: (when, correct, seq) of the answers on it, in time order.
        readiness: 0..1.
        opens: Ids of what it opens for the goal, the most valuable first.
        route: Chain of edges to a skill that the goal asks for, itself first.
        share: Share of the score that comes from what it opens, 0..1.
        support: 0..1, of every skill that an edge may name, by id.
        special: Reasons that come first: why it is offered out of turn.
    """

    skill: str
    answers: Sequence[tuple[int, float, int]]
    readiness: float
    opens: tuple[str, ...]
    route: tuple[str, ...]
    share: float
    support: Mapping[str, float]
    special: tuple[Reason, ...] = ()


def reasons(catalog: Catalog, role: Role, facts: Facts, now: datetime) -> tuple[Reason, ...]:
    """List the reasons in the order in which to show them: a chain that ends in the goal.

    Args:
        catalog: The catalog.
        role: The goal.
        facts: About the skill.
        now: The moment of asking.
    """
    skill = facts.skill
    needs = catalog.skills[skill].prerequisites
    found = [*facts.special, *_rule(catalog, facts, now), _evidence(facts, now)]
    coming = tuple(_edge(catalog, facts, name, skill) for name in needs)
    found.append(Reason("ready", needs, {"readiness": facts.readiness}, edges=coming))
    if facts.opens:
        named = facts.opens[:MOST]
        going = tuple(_edge(catalog, facts, skill, name) for name in named)
        found.append(Reason("opens", named, {"share": facts.share}, edges=going))
    if len(facts.route) > 1:
        way = tuple(_edge(catalog, facts, *pair) for pair in pairwise(facts.route))
        found.append(Reason("needed_for", facts.route, {}, edges=way))
    found.append(Reason("goal", (skill,), {"role": role.id, "target": role.targets[skill]}))
    return tuple(found)


def is_chain(catalog: Catalog, skills: Sequence[str]) -> bool:
    """Whether each skill is a prerequisite of the next one."""
    after = graph.dependents(catalog)
    return all(later in after[earlier] for earlier, later in pairwise(skills))


def _edge(catalog: Catalog, facts: Facts, before: str, after: str) -> Edge:
    return Edge(before, after, facts.support[before], catalog.skills[after].because.get(before))


def _rule(catalog: Catalog, facts: Facts, now: datetime) -> list[Reason]:
    """The newest rule that holds today and changes the skill."""
    today: date = now.astimezone(UTC).date()
    for rule in rules.affecting(catalog, facts.skill, today):
        since = datetime(rule.valid_from.year, rule.valid_from.month, rule.valid_from.day, tzinfo=UTC)
        begun = int(since.timestamp()) * 10**6
        older = [seq for when, _, seq in facts.answers if when < begun]
        data: dict[str, float | int | str] = {
            "rule": rule.id,
            "valid_from": rule.valid_from.isoformat(),
            "answers_before": len(older),
        }
        return [Reason("rule", (facts.skill,), data, tuple(seq for seq in older if seq >= 0))]
    return []


def _evidence(facts: Facts, now: datetime) -> Reason:
    if not facts.answers:
        return Reason("no_evidence", (facts.skill,), {})
    last = facts.answers[-1][0]
    days = max(0, int((now.timestamp() - last / 10**6) // 86400))
    right = sum(correct > 0.5 for _, correct, _ in facts.answers)
    seqs = tuple(seq for _, _, seq in facts.answers if seq >= 0)
    return Reason("evidence", (facts.skill,), {"answers": len(facts.answers), "right": right, "days": days}, seqs)
