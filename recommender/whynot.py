"""Why not another activity? The one thing that keeps it from being recommended. Floor 2."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from curriculum.catalog import Catalog
from recommender import candidates, layout, options, policy, trail
from recommender import knobs as knobs_of
from recommender.candidates import Candidate, Case, Goal, Ready
from recommender.interactions import Interactions
from recommender.knobs import Knobs
from recommender.options import OPTIONS, Option
from recommender.parameters import Parameters
from recommender.policy import Arm

CAUSES = (
    "recommended", "not_needed", "hidden", "done", "prerequisite", "paused", "resting",
    "same_skill", "known", "too_long", "another_kind", "far", "lower",
)  # fmt: skip


@dataclass(frozen=True)
class WhyNot:
    """Why an activity is not among the recommendations.

    Attributes:
        item: Its id.
        skill: Id of its main skill.
        cause: One of `CAUSES`: it is recommended; the goal does not ask for it; an instructor hid it; it is done; a
            prerequisite is not met; the learner set it aside; it went wrong again and again; another item of the same
            skill fits better; later answers show that it is known; it takes longer than the hours that are left; the
            place was kept for what comes back or for a stretch; in an experiment, it is further from the last practice;
            its score is lower.
        skills: Skills that the sentence names: for "not_needed" those that the goal does not ask for; for
            "prerequisite" those not met, the weakest first; for "resting" what to practise first; for "known" what
            shows it; for "far" what was practised last.
        ratio: Its score as a share of the lowest recommended score, 0..1, where it has one; else None.
        factor: Which part is smaller by the greater factor against that recommendation: "own" or "opens"; else None.
        against: Id of the item that it is compared with, or None.
        data: Numbers for the sentence: support of the weakest prerequisite, `until` in seconds, minutes, wrong answers.
        seqs: Statements that it rests on.
    """

    item: str
    skill: str
    cause: str
    skills: tuple[str, ...] = ()
    ratio: float | None = None
    factor: str | None = None
    against: str | None = None
    data: Mapping[str, float | int | str] = field(default_factory=dict)
    seqs: tuple[int, ...] = ()


def why_not(
    catalog: Catalog,
    history: Interactions,
    parameters: Parameters | None,
    goal: Goal,
    now: datetime,
    *,
    item: str,
    count: int = OPTIONS,
    knobs: Knobs = knobs_of.USUAL,
    ready: Ready | None = None,
    spent: float = 0.0,
    arm: Arm = policy.PLAIN,
) -> WhyNot:
    """Say why an activity is not recommended; the arguments are those of `recommend.recommend`.

    Args:
        catalog: The catalog.
        history: Interactions of this one learner.
        parameters: The fitted model, or None.
        goal: What the learner is after.
        now: The moment of asking.
        item: Id of the item in question.
        count: How many recommendations are given.
        knobs: The setting.
        ready: What need not be replayed.
        spent: Minutes practised in this week.
        arm: Of the experiment that the learner takes part in.

    Raises:
        errors.UnknownGoal: The catalog has no such role.
        KeyError: The catalog has no such item.
    """
    case = candidates.case(catalog, history, goal, now, knobs=knobs, ready=ready, spent=spent, arm=arm)
    number = catalog.item_index[item]
    bare = WhyNot(item, catalog.items[item].skills[0], "lower")
    found = candidates.find(case, most=len(catalog.items))
    mine = [one for one in found if one.item == number]
    if not mine:
        return _kept(case, number, bare)
    offered = options.weigh(case, options.shortlist(case, found, count), parameters)
    picked = options.pick(case, offered, count)
    for rank, option in enumerate(picked, start=1):
        if option.candidate.item == number:
            return replace(bare, cause="recommended", data={"rank": rank})
    return _compared(case, options.weigh(case, mine, parameters)[0], picked, bare)


def _kept(case: Case, number: int, bare: WhyNot) -> WhyNot:
    """What keeps an item from being a candidate at all: the first that holds, in the order of `CAUSES`."""
    laid, away = case.layout, candidates.put_away(case, number)
    if not layout.serving(case.catalog, case.role.id)[number]:
        asked = [laid.skills[skill] for skill in laid.needs[number]]
        return replace(bare, cause="not_needed", skills=tuple(name for name in asked if name not in case.role.targets))
    if candidates.is_done(case, number) and away != "hidden":
        row = case.trail.items[number]
        return replace(bare, cause="done", seqs=trail.seqs(case.trail, [row]), data={"when": case.trail.when[row]})
    if candidates.unmet(case, number) and away != "hidden":
        return _unready(case, number, bare)
    if away == "paused":
        until = max(case.knobs.paused.get(laid.skills[skill], 0.0) for skill in laid.needs[number])
        return replace(bare, cause=away, data={"until": until})
    return replace(bare, cause=away) if away == "hidden" else _rests(case, number, bare)


def _unready(case: Case, number: int, bare: WhyNot) -> WhyNot:
    unmet = sorted(set(candidates.unmet(case, number)), key=lambda skill: (case.beliefs[skill].support, skill))
    rows = [row for skill in unmet if skill in case.trail.skills for row in case.trail.skills[skill].rows]
    return replace(
        bare,
        cause="prerequisite",
        skills=tuple(case.layout.skills[skill] for skill in unmet),
        data={"support": case.beliefs[unmet[0]].support, "needed": candidates.MET},
        seqs=trail.seqs(case.trail, rows),
    )


def _rests(case: Case, number: int, bare: WhyNot) -> WhyNot:
    stuck = next(case.struggles[skill] for skill in case.layout.needs[number] if skill in case.struggles)
    back = tuple(case.layout.skills[skill] for skill in stuck.back)
    seqs = trail.seqs(case.trail, list(stuck.rows))
    return replace(bare, cause="resting", skills=back, data={"wrong": stuck.wrong}, seqs=seqs)


def _compared(case: Case, option: Option, picked: list[Option], bare: WhyNot) -> WhyNot:
    """Why a candidate is behind what is recommended; something is recommended, for there is a candidate."""
    one, laid = option.candidate, case.layout
    twin = [other for other in picked if other.candidate.skill == one.skill]
    last = min(twin or picked, key=lambda other: other.candidate.score).candidate
    ratio = min(1.0, one.score / last.score) if last.score > 0.0 else 1.0
    shares = {"own": (one.own, last.own), "opens": (one.opens, last.opens)}
    smaller = {name: mine / theirs for name, (mine, theirs) in shares.items() if theirs > 0.0}
    factor = min(smaller, key=lambda name: smaller[name]) if smaller and min(smaller.values()) < 1.0 else None
    bare = replace(bare, ratio=ratio, factor=factor, against=laid.ids[last.item])
    shown = candidates.known(case, one.skill)
    if twin:
        return replace(bare, cause="same_skill")
    if shown:
        names = {laid.skills[laid.needs[case.trail.item[row]][0]]: None for row in shown}
        return replace(bare, cause="known", skills=tuple(names), seqs=trail.seqs(case.trail, list(shown)))
    if case.budget is not None and laid.minutes[one.item] > case.budget:
        return replace(bare, cause="too_long", data={"minutes": laid.minutes[one.item], "left": case.budget})
    if one.score >= last.score:
        return replace(bare, cause="another_kind", skills=(laid.skills[last.skill],))
    if case.anchor is not None and _anyway(case, one) >= _anyway(case, last):
        return replace(bare, cause="far", factor=None, skills=(laid.skills[case.anchor],))
    return replace(bare, data={"own": one.own, "opens": one.opens, "score": one.score})


def _anyway(case: Case, one: Candidate) -> float:
    """The score of a candidate if nothing had to be near the last practice."""
    return one.score if case.nearness is None else one.score / float(case.nearness[one.skill])
