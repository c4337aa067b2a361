"""What a learner could do next, each with its score in exact parts. Floor 2.

A candidate is needed for the goal, not done, ready, and neither hidden nor resting. Practice that is done comes back
when its skill fades, when a rule changed it, or when what builds on it goes wrong again and again. The score is policy
F's own + opens; what comes back adds to own. Weights (how well the chance fits, the way of learning, the time, the
order of assessments, the nearness that an experiment asks for) multiply all parts alike, so the parts add up to it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

import numpy as np
import numpy.typing as npt

from curriculum.catalog import Catalog, Role
from recommender import errors, interactions, pace, policy, review, struggle, tracker, trail
from recommender import knobs as knobs_of
from recommender import layout as layouts
from recommender.interactions import Interactions
from recommender.knobs import Knobs
from recommender.layout import Floats, Layout, Whole
from recommender.online import State
from recommender.policy import Arm, Worth
from recommender.review import Due
from recommender.struggle import Struggle
from recommender.tracker import Belief
from recommender.trail import Trail

MET = struggle.CARRIES  # support of a prerequisite from which on it counts as met
NEXT = 0.8  # an assessment scores at most this share of the one before it in the same area
RESTORED = 0.5  # share of what was lost that one practice brings back: relearning is quicker than learning
PROVED = 0.85  # chance of success from which on an unasked skill is offered as a test-out
PROVED_BY = 0.55  # support from which on right answers on what builds on a skill show that it is known
RECENT = 8  # last answers that say whether a learner is strong
STRONG = 0.75  # share of them that is right
LEAPT = 0.1  # weight of what a strong learner can prove by something that builds on it
SKIPPED = 0.05  # weight of what answers on later skills show to be known
LONG = 0.25  # weight of what does not fit the hours that the week has left
STUCK = 10  # wrong answers in a row after which a skill waits for the next day, whatever else there is
STEADY = 1.15  # weight of what was shown before: a new order needs more than noise
MOST = 12  # candidates that are the best of their skill, and as many others
KINDS = ("practice", "step_back", "refresh", "review", "test_out", "stretch")
BACK = frozenset({"refresh", "review"})


@dataclass(frozen=True)
class Goal:
    """What the learner is after.

    Attributes:
        role: Id of a role of the catalog.
        deadline: Last day to be there, or None.
        hours: Hours a week that the learner means to practise, or None.
    """

    role: str
    deadline: date | None = None
    hours: float | None = None


@dataclass(frozen=True, eq=False)
class Ready:
    """What is known already and need not be replayed; what is None is made from the history.

    Attributes:
        beliefs: `tracker.beliefs`, one a skill; where the arm of an experiment has practice count only near the one
            before, of a tracker that was told so.
        trail: `trail.follow`.
        state: `online.state_of`, used where there is a model.
    """

    beliefs: tuple[Belief, ...] | None = None
    trail: Trail | None = None
    state: State | None = None


@dataclass(frozen=True, eq=False)
class Case:
    """All that is known when recommendations are made for one learner; see `Layout`, `trail`, `tracker`, `policy`."""

    catalog: Catalog
    role: Role
    goal: Goal
    knobs: Knobs
    history: Interactions
    ready: Ready
    layout: Layout
    trail: Trail
    beliefs: tuple[Belief, ...]
    wanted: list[float]
    opening: list[float]
    worths: list[Worth]
    due: Mapping[int, Due]
    struggles: Mapping[int, Struggle]
    back: Mapping[int, Struggle]  # by column of the skill to step back to
    reopened: frozenset[int]  # skills whose practice counts as not done
    closed: frozenset[int]  # skills of which all items are done: they hold nothing back
    finished: frozenset[int]  # items that are done
    now: datetime
    urgency: float
    budget: float | None  # minutes that the week has left
    shown: frozenset[int]
    arm: Arm
    anchor: int | None  # the skill that the next practice should be near; None where nothing need be near
    nearness: Floats | None  # of each skill, what its scores are multiplied by; None without an anchor


@dataclass(frozen=True, slots=True)
class Candidate:
    """One item that may be recommended.

    Attributes:
        item: Its column.
        skill: Column of its main skill.
        kind: One of `KINDS`.
        chance: Chance of success by the tracker.
        gap, review, refresh, back: Parts of own: growth towards the goal, what fades, what a rule changed, what is
            held up by it.
        opens: What it opens for the goal.
        weight: What all five were multiplied by.
    """

    item: int
    skill: int
    kind: str
    chance: float
    gap: float
    review: float
    refresh: float
    back: float
    opens: float
    weight: float

    @property
    def own(self) -> float:
        """Part of the score from the skill itself."""
        return self.gap + self.review + self.refresh + self.back

    @property
    def score(self) -> float:
        """What orders candidates."""
        return self.own + self.opens


def case(
    catalog: Catalog,
    history: Interactions,
    goal: Goal,
    now: datetime,
    *,
    knobs: Knobs = knobs_of.USUAL,
    ready: Ready | None = None,
    spent: float = 0.0,
    shown: Sequence[str] = (),
    also: Sequence[str] = (),
    arm: Arm = policy.PLAIN,
) -> Case:
    """Gather what is known of a learner.

    Args:
        catalog: The catalog.
        history: Interactions of this one learner, in time order.
        goal: What the learner is after.
        now: The moment of asking, with a time zone.
        knobs: The setting.
        ready: What need not be replayed.
        spent: Minutes practised in this week.
        shown: Ids of the items that were recommended before; they stay unless another is clearly better.
        also: Ids of rules of low confidence that an instructor switched on.
        arm: Of the experiment that the learner takes part in.

    Raises:
        errors.UnknownGoal: The catalog has no such role.
        errors.MismatchError: The history is of several learners.
    """
    if goal.role not in catalog.roles:
        raise errors.UnknownGoal(catalog.id, goal.role, catalog.roles)
    role, laid, have, plan = catalog.roles[goal.role], layouts.of(catalog), ready or Ready(), tracker.plan(catalog)
    past, moment = interactions.until(history, now), int(now.timestamp() * 1e6)
    done = have.trail or trail.follow(catalog, past)
    known = have.beliefs or tracker.track(catalog, past, coherence=arm.near)
    targets = {catalog.skill_index[name]: level for name, level in role.targets.items()}
    wanted = policy.weights(known, targets, laid.typical)
    opening = policy.openings(plan, known, wanted, arm=arm)
    worths = policy.worths(known, wanted, opening, laid.typical, arm=arm)
    anchor = policy.anchor(plan, (laid.needs[item][0] for item in done.item)) if arm.near else None
    due = review.due(catalog, done, now, also=also)
    finished = frozenset(_finished(catalog, done))
    closed = frozenset(skill for skill, items in enumerate(laid.users) if items and finished.issuperset(items))
    struggles = struggle.find(catalog, done, known, moment, closed)
    back = {skill: one for one in struggles.values() for skill in one.back}
    reopened = frozenset(due).union(skill for skill, one in back.items() if _called(done, skill, one))
    today = now.astimezone(UTC).date()
    tight = goal.deadline is not None and goal.hours is not None
    return Case(
        catalog=catalog,
        role=role,
        goal=goal,
        knobs=knobs,
        history=past,
        ready=have,
        layout=laid,
        trail=done,
        beliefs=known,
        wanted=wanted,
        opening=opening,
        worths=worths,
        due=due,
        struggles=struggles,
        back=back,
        reopened=reopened,
        closed=closed,
        finished=finished,
        now=now,
        urgency=pace.urgency(pace.ahead(catalog, known, role.targets), goal.hours, goal.deadline, today)
        if tight
        else 0,
        budget=None if goal.hours is None else max(0.0, 60.0 * goal.hours - spent),
        shown=frozenset(catalog.item_index[name] for name in shown if name in catalog.item_index),
        arm=arm,
        anchor=anchor,
        nearness=None
        if anchor is None
        else np.array(policy.nearness(plan, [worth.own + worth.opens for worth in worths], anchor)),
    )


def _finished(catalog: Catalog, done: Trail) -> list[int]:
    """Items that are done: an assessment once it was answered, practice once its last answer was right."""
    repeatable = layouts.of(catalog).repeatable
    return [item for item, right in done.right.items() if right or not repeatable[item]]


def _called(done: Trail, skill: int, one: Struggle) -> bool:
    """Whether what builds on a skill went wrong often enough since the skill was last practised."""
    known = done.skills.get(skill)
    return known is None or done.when[one.rows[-struggle.ENOUGH]] >= known.last


def is_done(case: Case, item: int) -> bool:
    """Whether an item is done and does not come back now."""
    comes_back = case.layout.needs[item][0] in case.reopened and bool(case.layout.repeatable[item])
    return item in case.finished and not comes_back


def unmet(case: Case, item: int) -> list[int]:
    """Prerequisites of an item that hold it back: they carry too little, and there is something left to do on them.

    What was shown by the last answer and only comes back needs no prerequisites again.
    """
    if case.layout.needs[item][0] in case.due and item in case.finished:
        return []
    parents = tracker.plan(case.catalog).parents
    return [
        parent
        for skill in case.layout.needs[item]
        for parent in parents[skill]
        if case.beliefs[parent].support < MET and parent not in case.closed
    ]


def put_away(case: Case, item: int) -> str:
    """Why an item is not offered although it is ready: "hidden", "paused", "resting", or empty."""
    knobs, names = case.knobs, [case.layout.skills[skill] for skill in case.layout.needs[item]]
    if knobs.hidden and (case.layout.ids[item] in knobs.hidden or not knobs.hidden.isdisjoint(names)):
        return "hidden"
    if knobs.paused and any(knobs.paused.get(name, 0.0) > case.now.timestamp() for name in names):
        return "paused"
    if any(skill in case.struggles and case.struggles[skill].resting for skill in case.layout.needs[item]):
        return "resting"
    return ""


def find(case: Case, *, most: int = MOST) -> list[Candidate]:
    """The best candidates, the best first.

    What rests comes only where there is nothing else, and never ten times over.

    Args:
        case: What is known of the learner.
        most: How many that are the best of their skill, and how many others; what comes back and what is put first is
            there besides.
    """
    laid = case.layout
    offered = layouts.serving(case.catalog, case.role.id) & _open(case)
    away = _away(case)
    items = np.flatnonzero(offered & ~away)
    if not len(items) and case.struggles:
        bearable = np.ones(len(laid.skills), bool)
        bearable[[one.skill for one in case.struggles.values() if one.wrong >= STUCK]] = False
        resting = [item for item in np.flatnonzero(offered) if put_away(case, int(item)) == "resting"]
        items = np.array([item for item in resting if bearable[list(laid.needs[item])].all()], np.int64)
    return _best(case, items, most)


def _open(case: Case) -> npt.NDArray[np.bool_]:
    """Which items are ready and not done, whatever keeps them away; bool [n]."""
    laid, size = case.layout, len(case.layout.ids)
    done, again, back = np.zeros(size, bool), np.zeros(len(laid.skills), bool), np.zeros(len(laid.skills), bool)
    done[list(case.finished)] = True
    again[list(case.due)] = True
    back[list(case.reopened)] = True
    ready = layouts.every(laid, _ready(case))
    return (ready & ~done) | (done & laid.repeatable & back[laid.main] & (ready | again[laid.main]))


def _ready(case: Case) -> npt.NDArray[np.bool_]:
    """Of each skill, whether its prerequisites carry it or hold nothing more to do; bool [m]."""
    met = [belief.support >= MET for belief in case.beliefs]
    for skill in case.closed:
        met[skill] = True
    return np.array([all(map(met.__getitem__, parents)) for parents in tracker.plan(case.catalog).parents], bool)


def _away(case: Case) -> npt.NDArray[np.bool_]:
    """Which items are put away, see `put_away`; bool [n]."""
    laid, knobs = case.layout, case.knobs
    if not (knobs.hidden or knobs.paused or case.struggles):
        return np.zeros(len(laid.ids), bool)
    until, index = case.now.timestamp(), case.catalog.skill_index
    names = [name for name in knobs.hidden if name in index]
    names += [name for name, end in knobs.paused.items() if end > until and name in index]
    resting = [skill for skill, one in case.struggles.items() if one.resting]
    free = np.ones(len(laid.skills), bool)
    free[[*(index[name] for name in names), *resting]] = False
    away = ~layouts.every(laid, free)
    away[[case.catalog.item_index[name] for name in knobs.hidden if name in case.catalog.item_index]] = True
    return away


def _best(case: Case, items: Whole, most: int) -> list[Candidate]:
    """Candidates of some items, see `find`."""
    laid = case.layout
    main = laid.main[items]
    parts = {skill: _parts(case, skill) for skill in np.flatnonzero(np.bincount(main, minlength=1)).tolist()}
    whole, states = np.zeros(len(laid.skills)), np.zeros((len(laid.skills), 3))
    whole[list(parts)] = [sum(here) for here in parts.values()]
    if parts:
        states[list(parts)] = [case.beliefs[skill].state for skill in parts]
    chance = (states[main] * laid.by_item[items]).sum(axis=1)
    weight = _weights(case, items) * np.exp(-knobs_of.SHARP * (chance - knobs_of.centre(case.knobs)) ** 2)
    _in_turn(case, items, weight, whole)
    tried = np.zeros(len(laid.ids), bool)
    tried[list(case.trail.items)] = True
    ranked = np.lexsort((items, tried[items], -weight * whole[main]))
    index, catalog = case.catalog.skill_index, case.catalog
    named = {index[name] for name in case.knobs.first if name in index}
    first = {catalog.item_index[name] for name in case.knobs.first if name in catalog.item_index}
    again = {*case.due, *case.back, *named}
    # The best of each skill, and the others: so many of each, and what comes back or is put first wherever it stands.
    head, back = np.zeros(len(ranked), bool), np.zeros(len(laid.skills), bool)
    best = np.zeros(len(laid.skills), np.int64)
    best[main[ranked[::-1]]] = np.arange(len(ranked))[::-1]  # the last to be written is the first of its skill
    head[best[list(parts)]] = True
    back[list(again)] = True
    keep = np.where(head, np.cumsum(head), np.cumsum(~head)) <= most
    keep |= head & back[main[ranked]]
    if first:
        keep |= np.isin(items[ranked], list(first))
    kept, chosen = ranked[keep], []
    columns = (items[kept].tolist(), main[kept].tolist(), chance[kept].tolist(), weight[kept].tolist())
    for item, skill, likely, factor in zip(*columns, strict=True):
        gap, faded, changed, held, opens = parts[skill]
        chosen.append(
            Candidate(
                item=item,
                skill=skill,
                kind=_kind(case, item, skill),
                chance=likely,
                gap=factor * gap,
                review=factor * faded,
                refresh=factor * changed,
                back=factor * held,
                opens=factor * opens,
                weight=factor,
            )
        )
    return chosen


def _weights(case: Case, items: Whole) -> Floats:
    """What the scores of some items are multiplied by, but for how well the chance fits; float64 like the items."""
    laid = case.layout
    weight = np.ones(len(items))
    if case.nearness is not None:
        weight *= case.nearness[laid.main[items]]
    if case.knobs.modes:
        weight *= [case.knobs.modes.get(laid.modes[item], 1.0) for item in items.tolist()]
    if case.knobs.doubted:
        weight *= [case.knobs.doubted.get(laid.ids[item], 1.0) for item in items.tolist()]
    if case.budget is not None:
        weight[laid.long[items] > case.budget] *= LONG
    if case.urgency:
        weight *= (pace.estimated(3.0) / laid.long[items]) ** case.urgency
    leap, skip = np.ones(len(laid.skills)), np.ones(len(laid.skills))
    if is_strong(case.trail):
        leap[_leapt(case)] = LEAPT
    weight *= leap[laid.main[items]]
    if case.shown:  # what was begun is not taken away by a leap
        stays = np.isin(items, list(case.shown))
        weight[stays] *= STEADY / leap[laid.main[items[stays]]]
    likely = [skill for skill, one in enumerate(case.beliefs) if one.support >= PROVED_BY and not one.attempts]
    skip[[skill for skill in likely if known(case, skill)]] = SKIPPED
    return weight * skip[laid.main[items]]


def is_strong(done: Trail) -> bool:
    """Whether the last answers were mostly right: then what is harder, and what proves more at once, is in place."""
    recent = done.correct[-RECENT:]
    return len(recent) == RECENT and sum(recent) >= STRONG * RECENT


def _leapt(case: Case) -> list[int]:
    """Skills not asked yet that likely carry, while something that builds on them can be asked: it proves them too."""
    ready, targets = _ready(case), case.role.targets
    asked = [belief.attempts > 0 for belief in case.beliefs]
    children = tracker.plan(case.catalog).children
    return [
        skill
        for skill, belief in enumerate(case.beliefs)
        if not asked[skill]
        and belief.support >= MET
        and any(ready[child] and not asked[child] and case.layout.skills[child] in targets for child in children[skill])
    ]


def _in_turn(case: Case, items: Whole, weight: Floats, whole: Floats) -> None:
    """Let each assessment of an area score less than the one before it; those that were passed by come last."""
    laid = case.layout
    taken = np.flatnonzero(~laid.repeatable[items])
    if not len(taken):
        return
    reached = np.zeros(len(laid.skills), np.int64)
    for item in case.finished:
        reached[laid.main[item]] = max(reached[laid.main[item]], laid.order[item])
    order = laid.order[items[taken]]
    limits: dict[str, float] = {}
    for place in taken[np.lexsort((items[taken], order, order < reached[laid.main[items[taken]]]))].tolist():
        skill = int(laid.main[items[place]])
        area, worth = case.catalog.skills[laid.skills[skill]].area, float(weight[place] * whole[skill])
        factor = min(1.0, limits.get(area, worth) / worth) if worth > 0 else 1.0
        limits[area] = NEXT * factor * worth
        weight[place] *= factor


def _parts(case: Case, skill: int) -> tuple[float, float, float, float, float]:
    """Gap, review, refresh, back and opens of a skill, before any weight."""
    worth, again = case.worths[skill], case.due.get(skill)
    if again is None and skill not in case.back:
        return worth.own, 0.0, 0.0, 0.0, worth.opens
    faded = changed = held = 0.0
    if again is not None:
        whole = RESTORED * case.role.targets[case.layout.skills[skill]] / 5.0 * case.beliefs[skill].support
        faded = whole * (1.0 - again.retention)
        changed = whole * (again.retention - again.currency)
    if skill in case.back:
        stuck = case.back[skill].skill
        held = case.arm.discount * (1.0 - case.beliefs[stuck].support) * (case.wanted[stuck] + case.opening[stuck])
        held *= 1.0 - case.beliefs[skill].support
    return worth.own, faded, changed, held, worth.opens


def _kind(case: Case, item: int, skill: int) -> str:
    if skill in case.back:
        return "step_back"
    if skill in case.due:
        return case.due[skill].kind
    if case.beliefs[skill].attempts == 0:
        proved = tracker.dot(case.beliefs[skill].state, case.layout.chances[item]) >= PROVED
        if proved or case.layout.skills[skill] in case.knobs.claimed:
            return "test_out"
    return "practice"


def known(case: Case, skill: int) -> tuple[int, ...]:
    """Rows of the right answers on what builds on a skill, where they show that it is known though it was not asked."""
    belief = case.beliefs[skill]
    if belief.support < PROVED_BY or belief.attempts:
        return ()
    if case.layout.skills[skill] in case.knobs.claimed:
        return ()
    children = tracker.plan(case.catalog).children[skill]
    return tuple(
        row
        for child in children
        if child in case.trail.skills
        for row in case.trail.skills[child].rows
        if case.trail.correct[row]
    )
