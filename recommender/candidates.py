"""What a learner could do next, each with its score in exact parts. Floor 2.

A candidate is needed for the goal, not done, ready, and neither hidden nor resting. Practice that is done comes back
when its skill fades, when a rule changed it, or when what builds on it goes wrong again and again. The score is policy
F's own + opens; what comes back adds to own. Weights (how well the chance fits, the way of learning, the time, the
order of assessments) multiply all parts alike, so the parts add up to the score.
"""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from curriculum.catalog import Catalog, Role
from recommender import errors, interactions, pace, policy, review, struggle, tracker, trail
from recommender import knobs as knobs_of
from recommender.interactions import Interactions
from recommender.knobs import Knobs
from recommender.online import State
from recommender.policy import Worth
from recommender.review import Due
from recommender.struggle import Struggle
from recommender.tracker import Belief, Three
from recommender.trail import Trail

MET = struggle.CARRIES  # support of a prerequisite from which on it counts as met
NEXT = 0.8  # an assessment scores at most this share of the one before it in the same area
RESTORED = 0.5  # share of what was lost that one practice brings back: relearning is quicker than learning
PROVED = 0.85  # chance of success from which on an unasked skill is offered as a test-out
SKIPPED = 0.05  # weight of what answers on later skills show to be known
LONG = 0.25  # weight of what does not fit the hours that the week has left
STUCK = 10  # wrong answers in a row after which a skill waits for the next day, whatever else there is
STEADY = 1.05  # weight of what was shown before: a new order needs more than noise
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
        beliefs: `tracker.beliefs`, one a skill.
        trail: `trail.follow`.
        state: `online.state_of`, used where there is a model.
    """

    beliefs: tuple[Belief, ...] | None = None
    trail: Trail | None = None
    state: State | None = None


@dataclass(frozen=True, eq=False)
class Layout:
    """The items of a catalog by column.

    Attributes:
        ids: Of each item, its id.
        needs: Of each item, the columns of its skills, the main one first.
        chances: Of each item, the chance of a right answer in the three states, by declared difficulty.
        typical: The same of each skill, for a typical item.
        users: Of each skill, the items that need it.
        course: Items in the order of the course.
        minutes: Of each item.
        skills: Of each skill, its id.
    """

    ids: tuple[str, ...]
    needs: tuple[tuple[int, ...], ...]
    chances: tuple[Three, ...]
    typical: tuple[Three, ...]
    users: tuple[tuple[int, ...], ...]
    course: tuple[int, ...]
    minutes: tuple[float, ...]
    skills: tuple[str, ...]


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


@functools.lru_cache(maxsize=64)
def layout(catalog: Catalog) -> Layout:
    """Lay out the items of a catalog by column, once."""
    items = list(catalog.items.values())
    needs = trail.columns(catalog)
    users: list[list[int]] = [[] for _ in catalog.skills]
    for number, skills in enumerate(needs):
        for skill in skills:
            users[skill].append(number)
    declared = [
        float(catalog.skills[item.skills[0]].difficulty) if item.difficulty is None else item.difficulty
        for item in items
    ]
    return Layout(
        ids=tuple(catalog.items),
        needs=needs,
        chances=tuple(tracker.chances(difficulty) for difficulty in declared),
        typical=tuple(tracker.chances(skill.difficulty) for skill in catalog.skills.values()),
        users=tuple(tuple(found) for found in users),
        course=tuple(sorted(range(len(items)), key=lambda number: items[number].order)),
        minutes=pace.minutes(catalog),
        skills=tuple(catalog.skills),
    )


@functools.lru_cache(maxsize=256)
def needed(catalog: Catalog, role: str) -> tuple[int, ...]:
    """Items that serve a role, all of their skills being among its targets, in the order of the course."""
    targets = catalog.roles[role].targets
    wanted = {catalog.skill_index[name] for name in targets}
    laid = layout(catalog)
    return tuple(item for item in laid.course if wanted.issuperset(laid.needs[item]))


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

    Raises:
        errors.UnknownGoal: The catalog has no such role.
        errors.MismatchError: The history is of several learners.
    """
    if goal.role not in catalog.roles:
        raise errors.UnknownGoal(catalog.id, goal.role, catalog.roles)
    role, laid, have = catalog.roles[goal.role], layout(catalog), ready or Ready()
    past, moment = interactions.until(history, now), int(now.timestamp() * 1e6)
    done = have.trail or trail.follow(catalog, past)
    known = have.beliefs or tracker.track(catalog, past)
    targets = {catalog.skill_index[name]: level for name, level in role.targets.items()}
    wanted = policy.weights(known, targets, laid.typical)
    opening = policy.openings(tracker.plan(catalog), known, wanted)
    due = review.due(catalog, done, now, also=also)
    struggles = struggle.find(catalog, done, known, moment)
    back = {one.back: one for one in struggles.values() if one.back is not None}
    reopened = frozenset(due).union(skill for skill, one in back.items() if _called(done, skill, one))
    finished = frozenset(_finished(catalog, done))
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
        worths=policy.worths(known, wanted, opening, laid.typical),
        due=due,
        struggles=struggles,
        back=back,
        reopened=reopened,
        closed=frozenset(skill for skill, items in enumerate(laid.users) if items and finished.issuperset(items)),
        finished=finished,
        now=now,
        urgency=pace.urgency(pace.ahead(catalog, known, role.targets), goal.hours, goal.deadline, today)
        if tight
        else 0,
        budget=None if goal.hours is None else max(0.0, 60.0 * goal.hours - spent),
        shown=frozenset(catalog.item_index[name] for name in shown if name in catalog.item_index),
    )


def _finished(catalog: Catalog, done: Trail) -> list[int]:
    """Items that are done: an assessment once it was answered, practice once its last answer was right."""
    repeatable = _repeatable(catalog)
    return [item for item, right in done.right.items() if right or not repeatable[item]]


@functools.lru_cache(maxsize=64)
def _repeatable(catalog: Catalog) -> tuple[bool, ...]:
    return tuple(item.repeatable for item in catalog.items.values())


def _called(done: Trail, skill: int, one: Struggle) -> bool:
    """Whether what builds on a skill went wrong often enough since the skill was last practised."""
    known = done.skills.get(skill)
    return known is None or done.when[one.rows[-struggle.ENOUGH]] >= known.last


def is_done(case: Case, item: int) -> bool:
    """Whether an item is done and does not come back now."""
    return item in case.finished and not (
        case.layout.needs[item][0] in case.reopened and _repeatable(case.catalog)[item]
    )


def unmet(case: Case, item: int) -> list[int]:
    """Prerequisites of an item that hold it back: they carry too little, and there is something left to do on them.

    What the learner showed by the last answer and what only comes back needs no prerequisites again.
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


def find(case: Case) -> list[Candidate]:
    """All candidates, the best first; what rests only where there is nothing else, and never ten times over."""
    put: dict[int, str] = {}
    found = _all(case, put)
    if not found:
        resting = [
            item
            for item, why in put.items()
            if why == "resting" and all(_bearable(case, skill) for skill in case.layout.needs[item])
        ]
        found = _weighed(case, resting)
    return sorted(found, key=lambda one: (-one.score, one.item in case.trail.items, one.item))


def _bearable(case: Case, skill: int) -> bool:
    return skill not in case.struggles or case.struggles[skill].wrong < STUCK


def _all(case: Case, put: dict[int, str]) -> list[Candidate]:
    careful = bool(case.struggles or case.knobs.hidden or case.knobs.paused)
    ready: dict[int, bool] = {}
    items = []
    needs, finished, reopened, repeatable = case.layout.needs, case.finished, case.reopened, _repeatable(case.catalog)
    for item in needed(case.catalog, case.role.id):
        skills = needs[item]
        if item in finished:
            if skills[0] not in reopened or not repeatable[item]:
                continue
            if unmet(case, item):
                continue
        else:
            for skill in skills:
                if skill not in ready:
                    ready[skill] = _ready(case, skill)
            if not all(ready[skill] for skill in skills):
                continue
        if careful and (why := put_away(case, item)):
            put[item] = why
            continue
        items.append(item)
    return _weighed(case, items)


def _ready(case: Case, skill: int) -> bool:
    return all(
        case.beliefs[parent].support >= MET or parent in case.closed
        for parent in tracker.plan(case.catalog).parents[skill]
    )


def _weighed(case: Case, items: Sequence[int]) -> list[Candidate]:
    """Candidates of some items, in the order of the course; each assessment scores less than the one before it."""
    reached: Counter[int] = Counter()
    listed, entries = list(case.catalog.items.values()), []
    for item in case.finished:
        skill = case.layout.needs[item][0]
        reached[skill] = max(reached[skill], listed[item].order)
    limits: dict[str, float] = {}
    passed = [item for item in items if listed[item].order < reached[case.layout.needs[item][0]]]
    later = set(passed)
    parts: dict[int, tuple[float, float, float, float, float]] = {}
    for item in (*(item for item in items if item not in later), *passed):
        skill = case.layout.needs[item][0]
        if skill not in parts:
            parts[skill] = _parts(case, skill)
        here = parts[skill]
        kind, chance, weight = _kind(case, item, skill), _chance(case, item, skill), _weight(case, item, skill)
        weight *= knobs_of.fit(case.knobs, chance)
        if not listed[item].repeatable:
            area, worth = case.catalog.skills[listed[item].skills[0]].area, weight * sum(here)
            factor = min(1.0, limits.get(area, worth) / worth) if worth > 0 else 1.0
            limits[area] = NEXT * factor * worth
            weight *= factor
        gap, faded, changed, held, opens = (weight * part for part in here)
        entries.append(Candidate(item, skill, kind, chance, gap, faded, changed, held, opens, weight))
    return entries


def _parts(case: Case, skill: int) -> tuple[float, float, float, float, float]:
    """Gap, review, refresh, back and opens of a skill, before any weight."""
    worth, again = case.worths[skill], case.due.get(skill)
    faded = changed = held = 0.0
    if again is not None:
        whole = RESTORED * case.role.targets[case.layout.skills[skill]] / 5.0 * case.beliefs[skill].support
        faded = whole * (1.0 - again.retention)
        changed = whole * (again.retention - again.currency)
    if skill in case.back:
        stuck = case.back[skill].skill
        held = case.worths[stuck].own + case.worths[stuck].opens
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


def _chance(case: Case, item: int, skill: int) -> float:
    return tracker.dot(case.beliefs[skill].state, case.layout.chances[item])


def _weight(case: Case, item: int, skill: int) -> float:
    weight = 1.0
    if case.knobs.modes:
        weight *= case.knobs.modes.get(case.catalog.items[case.layout.ids[item]].mode, 1.0)
    if case.budget is not None and case.layout.minutes[item] > case.budget:
        weight *= LONG
    if case.urgency:
        weight *= (pace.estimated(3.0) / case.layout.minutes[item]) ** case.urgency
    if item in case.shown:
        weight *= STEADY
    if known(case, skill):
        weight *= SKIPPED
    return weight


def known(case: Case, skill: int) -> tuple[int, ...]:
    """Rows of the right answers on what builds on a skill, where they show that it is known though it was not asked."""
    belief = case.beliefs[skill]
    if belief.attempts or skill in case.struggles or belief.support < PROVED:
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
