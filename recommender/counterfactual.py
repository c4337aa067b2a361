"""Is a reason true? Take it away, ask again, and see whether the recommendation stands. Floor 2."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from types import MappingProxyType

import numpy as np

from curriculum import graph, rules
from curriculum.catalog import Catalog
from recommender import candidates, interactions, policy, recommend, tracker, trail
from recommender import knobs as knobs_of
from recommender.candidates import Goal, Ready
from recommender.interactions import Interactions
from recommender.knobs import Knobs
from recommender.options import OPTIONS
from recommender.parameters import Parameters
from recommender.policy import Arm
from recommender.recommend import Recommendation

REMOVABLE = (
    "goal", "opens", "needed_for", "rule", "review", "evidence", "ready", "step_back", "near",
    "pinned", "proposed", "claimed",
)  # fmt: skip


@dataclass(frozen=True)
class Counterfactual:
    """What would be recommended without a reason.

    Attributes:
        kind: Kind of the reason that was taken away.
        before: Ids of the items recommended with it.
        after: Ids of the items recommended without it.
        left: Whether the item is no longer among them.
        changed: Whether the order, or a score of them, is another.
    """

    kind: str
    before: tuple[str, ...]
    after: tuple[str, ...]
    left: bool
    changed: bool


def without(
    catalog: Catalog,
    history: Interactions,
    parameters: Parameters | None,
    goal: Goal,
    now: datetime,
    *,
    recommendation: Recommendation,
    kind: str = "",
    count: int = OPTIONS,
    knobs: Knobs = knobs_of.USUAL,
    arm: Arm = policy.PLAIN,
) -> Counterfactual:
    """Take one reason away and recommend again.

    What is taken away: "goal" the target, "opens" and "needed_for" the edges that go on from the skill, "rule" the
    rules since the last answer, "review" the time that passed, "evidence" the answers on the skill, "ready" the
    answers on its prerequisites, "step_back" the wrong answers, "near" that practice must be near the one before,
    "pinned", "proposed" and "claimed" the setting.

    Args:
        catalog: The catalog.
        history: Interactions of this one learner.
        parameters: The fitted model, or None.
        goal: What the learner is after.
        now: The moment of asking.
        recommendation: One that `recommend.recommend` gave for the same arguments.
        kind: Kind of one of its reasons; empty: the one that it cites.
        count: How many recommendations are given.
        knobs: The setting.
        arm: Of the experiment that the learner takes part in.

    Raises:
        ValueError: The recommendation has no such reason, or it is none that can be taken away ("no_evidence").
    """
    asked = kind or recommendation.cited
    if asked not in REMOVABLE or asked not in {reason.kind for reason in recommendation.reasons}:
        has = ", ".join(reason.kind for reason in recommendation.reasons if reason.kind in REMOVABLE)
        msg = f"the reason {asked!r} of {recommendation.item!r}: not there to be taken away; it has: {has}"
        raise ValueError(msg)
    given = _Given(catalog, interactions.until(history, now), knobs, arm)
    less = _less(given, goal, now, recommendation, asked)
    before = recommend.recommend(catalog, given.history, parameters, goal, now, count=count, knobs=knobs, arm=arm)
    # What is believed is what the arm believes, also where its practice no longer has to be near.
    ready = Ready(tracker.track(less.catalog, less.history, coherence=arm.near)) if arm.near else None
    after = recommend.recommend(
        less.catalog, less.history, parameters, goal, now, count=count, knobs=less.knobs, ready=ready, arm=less.arm
    )
    items = tuple(one.item for one in before), tuple(one.item for one in after)
    weights = [[(one.item, one.own, one.opens) for one in found] for found in (before, after)]
    return Counterfactual(asked, *items, recommendation.item not in items[1], weights[0] != weights[1])


@dataclass(frozen=True, eq=False)
class _Given:
    """What a reason can be taken away from."""

    catalog: Catalog
    history: Interactions
    knobs: Knobs
    arm: Arm


def _less(given: _Given, goal: Goal, now: datetime, recommendation: Recommendation, kind: str) -> _Given:
    catalog, history, skill = given.catalog, given.history, recommendation.skill
    needs = catalog.skills[skill].prerequisites
    without: Mapping[str, Callable[[], _Given]] = {
        "goal": lambda: replace(given, catalog=_without_target(catalog, goal.role, skill)),
        "opens": lambda: replace(given, catalog=_without_edges(catalog, skill)),
        "needed_for": lambda: replace(given, catalog=_without_edges(catalog, skill)),
        "rule": lambda: replace(given, catalog=_without_rules(catalog, history, skill, now)),
        "review": lambda: replace(given, catalog=_without_fading(catalog, skill)),
        "evidence": lambda: replace(given, history=_without_answers(catalog, history, {skill})),
        "ready": lambda: replace(given, history=_without_answers(catalog, history, needs)),
        "step_back": lambda: replace(given, history=_without_failures(given, goal, now, skill=skill)),
        "near": lambda: replace(given, arm=replace(given.arm, near=False)),
    }
    if kind in without:
        return without[kind]()
    return replace(given, knobs=_without_wish(given.knobs, kind, {skill, recommendation.item}))


def _without_wish(knobs: Knobs, kind: str, named: Collection[str]) -> Knobs:
    if kind == "claimed":
        return replace(knobs, claimed=knobs.claimed.difference(named))
    if kind == "pinned":
        return replace(knobs, first=tuple(one for one in knobs.first if one not in named))
    return replace(knobs, proposed=tuple(one for one in knobs.proposed if one not in named))


def _without_target(catalog: Catalog, role: str, skill: str) -> Catalog:
    old = catalog.roles[role]
    targets = {name: level for name, level in old.targets.items() if name != skill}
    changed = replace(old, targets=MappingProxyType(targets))
    return replace(catalog, roles=MappingProxyType({**catalog.roles, role: changed}))


def _without_edges(catalog: Catalog, skill: str) -> Catalog:
    skills = dict(catalog.skills)
    for name in graph.dependents(catalog)[skill]:
        kept = tuple(needed for needed in skills[name].prerequisites if needed != skill)
        skills[name] = replace(skills[name], prerequisites=kept)
    return replace(catalog, skills=MappingProxyType(skills))


def _without_rules(catalog: Catalog, history: Interactions, skill: str, now: datetime) -> Catalog:
    """Without the rules that changed a skill after its last answer; without all of its rules where there is none."""
    known = trail.follow(catalog, history).skills.get(catalog.skill_index[skill])
    last = datetime.fromtimestamp(0 if known is None else known.last / 1e6, UTC).date()
    gone = {rule.id for rule in rules.affecting(catalog, skill, now.astimezone(UTC).date()) if rule.valid_from > last}
    return replace(catalog, rules=MappingProxyType({k: rule for k, rule in catalog.rules.items() if k not in gone}))


def _without_fading(catalog: Catalog, skill: str) -> Catalog:
    changed = replace(catalog.skills[skill], half_life_days=None)
    return replace(catalog, skills=MappingProxyType({**catalog.skills, skill: changed}))


def _without_answers(catalog: Catalog, history: Interactions, skills: Collection[str]) -> Interactions:
    columns = {catalog.skill_index[name] for name in skills}
    kept = [columns.isdisjoint(trail.columns(catalog)[item]) for item in history.item.tolist()]
    return interactions.rows(history, np.array(kept, dtype=bool))


def _without_failures(given: _Given, goal: Goal, now: datetime, *, skill: str) -> Interactions:
    """Without the wrong answers that lead back to a skill."""
    catalog, history = given.catalog, given.history
    case = candidates.case(catalog, history, goal, now, arm=given.arm)
    kept = np.ones(len(history.item), dtype=bool)
    for one in case.struggles.values():
        if catalog.skill_index[skill] in one.back:
            kept[list(one.rows)] = False
    return interactions.rows(history, kept)
