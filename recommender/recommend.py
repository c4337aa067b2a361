"""What a learner should do next, and why: policy F over the graph, the chance of success from the model. Floor 2.

Three explained options, of different skills and where possible of different kinds: the best gain, what comes back, a
stretch. Never what is done, never what is not ready. Without a model everything comes from the graph, and says so
(basis "graph").
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime

from curriculum.catalog import Catalog
from recommender import (
    candidates,
    explain,
    options,
    pace,
    policy,
    predicting,
    profile,
    reasons,
    resources,
    tracker,
    trail,
)
from recommender import knobs as knobs_of
from recommender.candidates import MET, Candidate, Case, Goal, Ready
from recommender.explain import Contribution
from recommender.interactions import Interactions
from recommender.knobs import Knobs
from recommender.layout import declared
from recommender.options import OPTIONS, Option
from recommender.pace import Hours
from recommender.parameters import Parameters
from recommender.policy import Arm
from recommender.reasons import Reason
from recommender.struggle import Struggle

__all__ = [
    "MET",
    "OPTIONS",
    "Contribution",
    "Goal",
    "Outlook",
    "Part",
    "Ready",
    "Reason",
    "Recommendation",
    "Stuck",
    "declared",
    "done",
    "look",
    "recommend",
]

WEEKLY = 60  # activities, from which a week is filled
GENERAL = frozenset({"goal", "opens"})  # reasons that give way to a more particular one
PARTS = ("gap", "review", "refresh", "back", "opens")


@dataclass(frozen=True)
class Part:
    """One part of a score.

    Attributes:
        name: One of `PARTS`: growth towards the goal, what fades, what a rule changed, what it holds up, what it opens.
        value: Not negative; the parts add up to the score.
    """

    name: str
    value: float


@dataclass(frozen=True)
class Recommendation:
    """One activity, with its reasons.

    Attributes:
        skill: Id of the main skill.
        item: Id of the item; `catalog.items[item].activity` is the activity.
        chance: Chance of success, 0..1.
        gain: Expected growth of the skill's level (0..5) by doing it.
        score: What orders the recommendations: own + opens.
        own: Part of the score from the skill itself: the first four of `parts`.
        opens: Part of the score from what it opens for the goal.
        basis: "model": the chance comes from the fitted model; "graph": from declared difficulty and the tracker.
        reasons: In the order in which to show them.
        contributions: Parts of the logit.
        logit: log(chance / (1 - chance)), the sum of the contributions.
        kind: "practice", "step_back" (a prerequisite of what went wrong again and again), "refresh" (a rule is newer
            than the evidence), "review" (it fades), "test_out" (one right answer proves it), "stretch" (harder than
            usual, for one who is ready).
        band: The chance lies "below", "within" or "above" the preferred band; below is hard, above is easy.
        minutes: How long it takes, declared or estimated.
        resource: Id of what to read or watch before it (`catalog.resources`), or None.
        help: Whether a person should help: the same skill went wrong five times in a row.
        parts: Parts of the score, in the order of `PARTS`.
        cited: Kind of the reason without which it would not be among the first three; see `counterfactual`.
        model: Id of the model that predicted the chance; "graph:" and the start of the catalog's fingerprint without.
        pinned: Whether an instructor put it first.
    """

    skill: str
    item: str
    chance: float
    gain: float
    score: float
    own: float
    opens: float
    basis: str
    reasons: tuple[Reason, ...]
    contributions: tuple[Contribution, ...]
    logit: float
    kind: str = "practice"
    band: str = "within"
    minutes: float = 0.0
    resource: str | None = None
    help: bool = False
    parts: tuple[Part, ...] = ()
    cited: str = "goal"
    model: str = ""
    pinned: bool = False


@dataclass(frozen=True)
class Stuck:
    """A skill that goes wrong again and again.

    Attributes:
        skill: Its id.
        wrong: Wrong answers in a row.
        back: Ids of the prerequisites to practise first, the least carrying one first; empty where none is in doubt.
        resting: Whether the skill is not offered now.
        help: Whether a person should help.
        seqs: The statements.
    """

    skill: str
    wrong: int
    back: tuple[str, ...]
    resting: bool
    help: bool
    seqs: tuple[int, ...]


@dataclass(frozen=True)
class Outlook:
    """Everything for one page, from one pass.

    Attributes:
        recommendations: The best first.
        stuck: What goes wrong again and again; `help` asks for a person.
        due: By skill id: "refresh" or "review".
        skipped: By skill id: statements on what builds on it that show that it is known.
        week: Ids of items that fit what is left of the week, ready now; empty where no hours a week are named.
        hours: Hours ahead to the goal.
        dates: When the goal is likely reached at the hours a week, from and to; None where none are named.
        urgency: 0: the time is enough (or there is no deadline) to 1: twice as much is ahead as fits.
    """

    recommendations: tuple[Recommendation, ...]
    stuck: tuple[Stuck, ...]
    due: Mapping[str, str]
    skipped: Mapping[str, tuple[int, ...]]
    week: tuple[str, ...]
    hours: Hours
    dates: tuple[date, date] | None
    urgency: float


def recommend(
    catalog: Catalog,
    history: Interactions,
    parameters: Parameters | None,
    goal: Goal,
    now: datetime,
    *,
    count: int = OPTIONS,
    knobs: Knobs = knobs_of.USUAL,
    model: str = "",
    ready: Ready | None = None,
    spent: float = 0.0,
    shown: Sequence[str] = (),
    also: Sequence[str] = (),
    arm: Arm = policy.PLAIN,
) -> list[Recommendation]:
    """Choose what to do next.

    Args:
        catalog: The catalog.
        history: Interactions of this one learner; may be empty.
        parameters: The fitted model; None: a cold start from the graph.
        goal: What the learner is after.
        now: The moment of asking, with a time zone; later answers are left out.
        count: How many recommendations at most.
        knobs: The setting of the learner and the instructor.
        model: Id of the model (`artifact.identity`), stored with each recommendation.
        ready: What need not be replayed.
        spent: Minutes practised in this week, where the goal names hours.
        shown: Ids of the items recommended before: they stay unless another is clearly better.
        also: Ids of rules of low confidence that an instructor switched on.
        arm: Of the experiment that the learner takes part in.

    Returns:
        The best first, what an instructor put first before it; fewer, or none, where the goal leaves nothing to do.

    Raises:
        errors.UnknownGoal: The catalog has no such role.
        errors.MismatchError: The history is of several learners, or the model of another catalog.
    """
    case = candidates.case(
        catalog, history, goal, now, knobs=knobs, ready=ready, spent=spent, shown=shown, also=also, arm=arm
    )
    found = candidates.find(case, most=max(candidates.MOST, 2 * count))
    return _chosen(case, found, parameters, count, model)


def look(
    catalog: Catalog,
    history: Interactions,
    parameters: Parameters | None,
    goal: Goal,
    now: datetime,
    *,
    count: int = OPTIONS,
    knobs: Knobs = knobs_of.USUAL,
    model: str = "",
    ready: Ready | None = None,
    spent: float = 0.0,
    shown: Sequence[str] = (),
    also: Sequence[str] = (),
    arm: Arm = policy.PLAIN,
) -> Outlook:
    """Choose what to do next, and say what else is known on the way; the arguments are those of `recommend`."""
    case = candidates.case(
        catalog, history, goal, now, knobs=knobs, ready=ready, spent=spent, shown=shown, also=also, arm=arm
    )
    found = candidates.find(case, most=max(WEEKLY, 2 * count))
    names, laid = case.layout.skills, case.layout
    first = _chosen(case, found, parameters, count, model)
    skipped = {names[skill]: candidates.known(case, skill) for skill in range(len(names))}
    hours = pace.ahead(catalog, case.beliefs, case.role.targets)
    weekly = goal.hours or 0.0
    order = [*(catalog.item_index[one.item] for one in first), *(one.item for one in found)]
    entries = [(laid.ids[item], laid.minutes[item]) for item in dict.fromkeys(order)]
    return Outlook(
        recommendations=tuple(first),
        stuck=tuple(_stuck(case, one) for one in case.struggles.values() if names[one.skill] in case.role.targets),
        due={names[skill]: one.kind for skill, one in case.due.items() if names[skill] in case.role.targets},
        skipped={name: trail.seqs(case.trail, list(rows)) for name, rows in skipped.items() if rows},
        week=pace.week(entries, weekly, spent).items if weekly else (),
        hours=hours,
        dates=pace.dates(hours, weekly, now.astimezone(UTC).date()),
        urgency=case.urgency,
    )


def done(catalog: Catalog, history: Interactions, now: datetime | None = None) -> frozenset[str]:
    """List the items that are done: an assessment once it was answered, practice once its last answer was right.

    Args:
        catalog: The catalog.
        history: Interactions of one learner, in time order.
        now: With it, practice that comes back at that moment is left out: it fades, a rule changed it, or what builds
            on it went wrong again and again.
    """
    if now is not None and catalog.roles:
        every = Goal(next(iter(catalog.roles)))
        case = candidates.case(catalog, history, every, now)
        return frozenset(case.layout.ids[item] for item in case.finished if candidates.is_done(case, item))
    items = list(catalog.items.values())
    last = dict(zip(history.item.tolist(), history.correct.tolist(), strict=True))
    return frozenset(items[item].id for item, correct in last.items() if correct > 0.5 or not items[item].repeatable)


def _chosen(
    case: Case, found: Sequence[Candidate], parameters: Parameters | None, count: int, model: str
) -> list[Recommendation]:
    offered = options.weigh(case, options.shortlist(case, found, count), parameters)
    name = model or (f"graph:{case.catalog.fingerprint[:12]}" if parameters is None else predicting.name(parameters))
    basis = "graph" if parameters is None else "model"
    picked = options.pick(case, offered, count)
    anyway = _anyway(case, parameters, count)
    made = []
    for option, parts in zip(picked, options.contributions(case, picked, parameters), strict=True):
        decides = anyway is not None and option.candidate.item not in anyway
        near = case.anchor if decides and _is_near(case, option.candidate.skill) else None
        cited = options.cited(case, option, offered)
        if near is not None and cited in GENERAL:
            cited = "near"
        made.append(_recommendation(case, option, parts, near=near, basis=basis, model=name, cited=cited))
    return made


def _anyway(case: Case, parameters: Parameters | None, count: int) -> set[int] | None:
    """Items that would be recommended if nothing had to be near; None where nothing has to."""
    if case.nearness is None:
        return None
    free = replace(case, anchor=None, nearness=None)
    found = candidates.find(free, most=max(candidates.MOST, 2 * count))
    offered = options.weigh(free, options.shortlist(free, found, count), parameters)
    return {option.candidate.item for option in options.pick(free, offered, count)}


def _is_near(case: Case, skill: int) -> bool:
    return case.anchor is not None and skill in tracker.plan(case.catalog).near[case.anchor]


def _recommendation(
    case: Case,
    option: Option,
    parts: tuple[Contribution, ...],
    *,
    near: int | None,
    basis: str,
    model: str,
    cited: str,
) -> Recommendation:
    one, logit = option.candidate, explain.total(parts)
    laid, chance = case.layout, explain.sigma(logit)
    item, skill = laid.ids[one.item], laid.skills[one.skill]
    low, high = knobs_of.band(case.knobs)
    stuck = case.back.get(one.skill) if one.kind == "step_back" else case.struggles.get(one.skill)
    found = resources.choose(case.catalog, skill, case.now.astimezone(UTC).date(), case.knobs.modes)
    return Recommendation(
        skill=skill,
        item=item,
        chance=chance,
        gain=profile.LEVELS * _growth(case, one.skill),
        score=one.score,
        own=one.own,
        opens=one.opens,
        basis=basis,
        reasons=_reasons(case, option, near=near),
        contributions=parts,
        logit=logit,
        kind=option.kind,
        band="below" if chance < low else "above" if chance > high else "within",
        minutes=laid.minutes[one.item],
        resource=None if found is None else found.id,
        help=stuck is not None and stuck.help,
        parts=tuple(Part(name, getattr(one, name)) for name in PARTS),
        cited=cited,
        model=model,
        pinned=option.pin is not None,
    )


def _growth(case: Case, skill: int) -> float:
    """Expected growth of the chance on a typical item: by learning, and by bringing back what was lost."""
    growth, again = case.worths[skill].growth, case.due.get(skill)
    if again is None:
        return growth
    unknown, _, solid = case.layout.typical[skill]
    return growth + candidates.RESTORED * (1.0 - again.currency) * case.beliefs[skill].support * (solid - unknown)


def _reasons(case: Case, option: Option, *, near: int | None) -> tuple[Reason, ...]:
    one, names = option.candidate, case.layout.skills
    branches = _branches(case, one.skill)
    route = [one.skill]
    while len(route) <= reasons.MOST and (ways := _branches(case, route[-1])):
        route.append(ways[0])
    worth = case.worths[one.skill]
    score = worth.own + worth.opens
    followed, mine = case.trail, case.trail.skills.get(one.skill)
    named = {*route, *branches, one.skill, *tracker.plan(case.catalog).parents[one.skill]}
    facts = reasons.Facts(
        skill=names[one.skill],
        answers=[
            (followed.when[row], float(followed.correct[row]), followed.seq[row]) for row in (mine.rows if mine else ())
        ],
        readiness=case.beliefs[one.skill].readiness,
        opens=tuple(names[child] for child in branches),
        route=tuple(names[step] for step in route),
        share=worth.opens / score if score > 0 else 0.0,
        support={names[skill]: case.beliefs[skill].support for skill in named},
        special=(*_special(case, option), *(() if near is None else (_near(case, one.skill, near),))),
    )
    return reasons.reasons(case.catalog, case.role, facts, case.now)


def _special(case: Case, option: Option) -> Iterable[Reason]:
    """Reasons why an activity is offered out of turn."""
    one, names = option.candidate, case.layout.skills
    skill, wanted = names[one.skill], {case.layout.ids[one.item], names[one.skill]}
    if option.pin is not None:
        yield Reason("pinned", (skill,), {})
    if not wanted.isdisjoint(case.knobs.proposed):
        yield Reason("proposed", (skill,), {})
    if skill in case.knobs.claimed:
        yield Reason("claimed", (skill,), {})
    if one.kind == "step_back":
        stuck = case.back[one.skill]
        seqs = trail.seqs(case.trail, list(stuck.rows))
        yield Reason("step_back", (skill, names[stuck.skill]), {"wrong": stuck.wrong}, seqs)
    if one.kind == "review":
        due, rows = case.due[one.skill], case.trail.skills[one.skill].rows
        data = {"retention": due.retention, "days": int(due.days), "half_life": round(due.half_life or 0.0)}
        yield Reason("review", (skill,), data, trail.seqs(case.trail, rows))


def _near(case: Case, skill: int, anchor: int) -> Reason:
    """That a skill is near the last practice; said only where the skill would not be recommended otherwise."""
    names, rows = case.layout.skills, case.trail.skills[anchor].rows
    return Reason("near", (names[skill], names[anchor]), {}, trail.seqs(case.trail, rows[-1:]))


def _branches(case: Case, skill: int) -> list[int]:
    """Skills that this one opens for the goal, the most valuable first."""
    values = policy.branches(tracker.plan(case.catalog), case.beliefs, case.wanted, case.opening, skill, arm=case.arm)
    return sorted((child for child, value in values.items() if value > 0), key=lambda child: (-values[child], child))


def _stuck(case: Case, one: Struggle) -> Stuck:
    names = case.layout.skills
    back = tuple(names[skill] for skill in one.back)
    seqs = trail.seqs(case.trail, list(one.rows))
    return Stuck(names[one.skill], one.wrong, back, one.resting, one.help, seqs)
