"""What the work of one learner suggests, in four blocks, and how sure that is. Floor 2.

Knowledge, ability, ways of learning, goals; beside them indicators, which are formative and never a grade. Level = 5 x
the chance to get a typical item of the skill right now. Where the evidence is too thin there is no number, but how much
is missing. The profile is a function of the set of statements: their order and repetition do not matter.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta, tzinfo
from math import isnan, nan
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

from curriculum.catalog import Catalog
from recommender import activities as acts
from recommender import (
    aims,
    background,
    currency,
    indicators,
    interactions,
    mastery,
    measures,
    rhythm,
    tally,
    trail,
    ways,
)
from recommender.activities import Activities
from recommender.aims import Aim, Goals
from recommender.background import Effects
from recommender.currency import Currency
from recommender.indicators import Indicators, Reference, Work
from recommender.interactions import Interactions
from recommender.mastery import Running
from recommender.measures import ENOUGH, Measure
from recommender.parameters import Parameters
from recommender.rhythm import Rhythm
from recommender.tally import Answer
from recommender.tracker import Priors
from recommender.ways import Ways

LEVELS = mastery.LEVELS
TREND = timedelta(days=28)


@dataclass(frozen=True)
class SkillState:
    """One skill of one learner.

    Attributes:
        skill: Its id.
        answers: Graded answers on it.
        right: How many of them were correct.
        last: When the last one was, microseconds since 1970 UTC; None without answers.
        mastery: Chance 0..1 to get a typical item right now; None under `measures.ENOUGH` answers.
        level: 5 x mastery; None with `mastery`.
        low: Lower end of the likely range of the level (8 in 10); None with `mastery`.
        high: Upper end; None with `mastery`.
        missing: Answers that are lacking before there is an estimate.
        believed: What a recommender may reckon with before there are enough answers, 0..1; nan: nothing is known.
        spread: Standard deviation of `believed`, whether it is shown or not; nan with it.
        trend: Growth of the level in the last `TREND`; None where there was no level yet then.
        seqs: Places of the answers in the institution's store, in time order.
        currency: How far the evidence is of today; None without answers.
        method: Key of how it was computed: "level.model" or "level.graph".
    """

    skill: str
    answers: int
    right: int
    last: int | None
    mastery: float | None
    level: float | None
    low: float | None
    high: float | None
    missing: int = 0
    believed: float = float("nan")
    spread: float = float("nan")
    trend: float | None = None
    seqs: tuple[int, ...] = ()
    currency: Currency | None = None
    method: str = "level.graph"


@dataclass(frozen=True)
class Ability(Work):
    """How this learner works, over everything and lately.

    Attributes:
        answers: Graded answers.
        right: How many of them were correct.
        share: right / answers; None under `measures.ENOUGH` answers.
        low: Lower end of the likely range of the share (8 in 10); None with `share`.
        high: Upper end; None with `share`.
        seqs: Places of the answers in the institution's store.
        method: Key of how the share was computed.
    """

    answers: int
    right: int
    share: float | None
    low: float | None
    high: float | None
    seqs: tuple[int, ...]
    method: str


@dataclass(frozen=True)
class Profile:
    """What is known of one learner, with the evidence.

    Attributes:
        basis: "model" (a fitted model) or "graph" (declared difficulty and the tracker): where `mastery` comes from.
        knowledge: State of every skill of the catalog, by skill id, in the catalog's order.
        ability: Over everything.
        first: When the first answer was, microseconds since 1970 UTC; None without answers.
        last: When the last one was.
        ways: Ways of learning: measured effect, and stated preference.
        goals: The aim and how far it is reached.
        indicators: Knowledge, skill, attitude, learning ability. Formative: no grade may rest on them unless an
            instructor says so.
        rhythm: Habits.
        study: What was recorded of each of `verbs.SOURCES`, by source.
    """

    basis: str
    knowledge: Mapping[str, SkillState]
    ability: Ability
    first: int | None
    last: int | None
    ways: Ways
    goals: Goals
    indicators: Indicators
    rhythm: Rhythm
    study: Mapping[str, Measure]


@dataclass(frozen=True, eq=False)
class Besides:
    """What may be known beside the answers. All of it may be left out.

    Attributes:
        activities: Everything this learner did, graded or not.
        reference: How long items take others.
        effects: Effects of ways of learning over all learners; None: only this learner's own.
        preferred: The way of learning that the learner prefers, one of `verbs.MODES`; empty: none is stated.
        aim: What they are after.
        background: What they said of themselves, by field; see `background`. Never stored here. It moves what is
            believed of a skill while there are too few answers, and never a level.
        offsets: What such a background was found to mean; None: nothing.
        priors: What other learners' first answers say of each skill, where there is no model.
        zone: Where the learner's clock is, for the time of day.
    """

    activities: Activities | None = None
    reference: Reference | None = None
    effects: ways.Prior | None = None
    preferred: str = ""
    aim: Aim = field(default_factory=Aim)
    background: Mapping[str, str] = field(default_factory=dict)
    offsets: Effects | None = None
    priors: Priors | None = None
    zone: tzinfo = UTC


@dataclass(frozen=True, eq=False)
class Levels:
    """Knowledge of many learners at once; the same numbers as in each one's own profile.

    Attributes:
        learners: Pseudonyms, L of them.
        skills: Skill ids, S of them.
        level: float64 [L, S], 0..5; nan under `measures.ENOUGH` answers.
        low: float64 [L, S], of the likely range; nan with `level`.
        high: float64 [L, S].
        answers: int32 [L, S].
        right: int32 [L, S].
        newest: int64 [L, S], microseconds of the last answer; -1 without one.
        ruled: bool [L, S], whether a rule is newer than all the answers; False without answers.
        seq: int64 [L], place of the newest statement that was read; -1 without one. Where that of a learner is still
            the same, so are the counts; levels fade with the days, and by a new rule.
    """

    learners: tuple[str, ...]
    skills: tuple[str, ...]
    level: npt.NDArray[np.float64]
    low: npt.NDArray[np.float64]
    high: npt.NDArray[np.float64]
    answers: npt.NDArray[np.int32]
    right: npt.NDArray[np.int32]
    newest: npt.NDArray[np.int64]
    ruled: npt.NDArray[np.bool_]
    seq: npt.NDArray[np.int64]


NOTHING = Besides()


def profile(
    catalog: Catalog, history: Interactions, parameters: Parameters | None, now: datetime, besides: Besides = NOTHING
) -> Profile:
    """Say what the work of a learner suggests.

    Args:
        catalog: The catalog.
        history: Interactions of this one learner.
        parameters: The fitted model; None: the graph and declared difficulties alone.
        now: The moment of asking; what is later is left out.
        besides: What else is known.

    Returns:
        The profile.

    Raises:
        errors.MismatchError: The history is of several learners, or the model of another catalog.
    """
    past, then = interactions.until(history, now), _moment(now - TREND)
    running = mastery.start(catalog, parameters, priors=besides.priors)
    mastery.observe(running, interactions.rows(past, past.when <= then))
    before = checkpoint(running, now - TREND)  # on the way, so that the log is replayed once
    mastery.observe(running, interactions.rows(past, past.when > then))
    return _made(running, now, besides, before)


def of_running(
    running: Running, now: datetime, besides: Besides = NOTHING, before: Checkpoint | None = None
) -> Profile:
    """Make the profile of a learner who is followed answer by answer; the same as from the whole log.

    Args:
        running: Of the learner; answers later than `now` are left out.
        now: The moment of asking.
        besides: What else is known.
        before: As `checkpoint` gave it `TREND` ago, where somebody followed the learner; None: from a replay.
    """
    if len(running.history.when) and int(running.history.when[-1]) > _moment(now):
        running = mastery.until(running, _moment(now))
    return _made(running, now, besides, before)


def _made(running: Running, now: datetime, besides: Besides, before: Checkpoint | None) -> Profile:
    catalog, history = running.catalog, running.history
    known = knowledge(running, now, besides, before)
    done = None if besides.activities is None else acts.until(besides.activities, now)
    made = rhythm.events(history, done, catalog)
    habits = rhythm.rhythm(made, now, besides.zone)
    graded = made.row >= 0
    modes = np.zeros(len(history.item), np.int8)
    modes[made.row[graded]] = made.mode[graded]
    used = indicators.applied(modes)
    right = history.correct.astype(np.float64)
    return Profile(
        basis="graph" if running.parameters is None else "model",
        knowledge=known,
        ability=_ability(history, indicators.work(history, modes, besides.reference, now)),
        first=int(history.when[0]) if len(history.when) else None,
        last=int(history.when[-1]) if len(history.when) else None,
        ways=ways.ways(
            made,
            ways.sums(made, right, ways.typical(catalog)[history.item]),
            prior=besides.effects,
            preferred=besides.preferred,
        ),
        goals=aims.goals(
            catalog,
            {name: state.level for name, state in known.items()},
            {name: state.currency for name, state in known.items()},
            habits.hours,
            besides.aim,
        ),
        indicators=indicators.indicators(
            history,
            made,
            habits,
            skills=rhythm.mains(catalog)[history.item],
            used=used if done is not None or used.any() else np.ones(len(used), np.bool_),
            everything=done is not None,
            known=besides.reference,
            mastered=[(s.mastery, s.spread, s.seqs) for s in known.values() if s.mastery is not None],
            expected=np.array(mastery.expected(running)),
            now=now,
            zone=besides.zone,
        ),
        rhythm=habits,
        study=rhythm.study(made),
    )


# Of each skill: an earlier estimate, nan under `ENOUGH` answers; and the answers it rests on.
Checkpoint = tuple[Sequence[float], Sequence[int]]


def knowledge(
    running: Running, now: datetime, besides: Besides = NOTHING, before: Checkpoint | None = None
) -> Mapping[str, SkillState]:
    """The first block alone: the state of every skill, by skill id, in the order of the catalog.

    Args:
        running: Of the learner; no answer may be later than `now`.
        now: The moment of asking.
        besides: What else is known; of it only the background counts here.
        before: Of each skill, the estimate of `TREND` ago and the answers that it rests on; None: from a replay.
    """
    catalog, history = running.catalog, running.history
    begun = mastery.begun(catalog, running.parameters, running.priors)
    ago, rested = _earlier(running, now - TREND) if before is None else before
    chances = mastery.estimates(running, now)
    logits = background.offset(besides.offsets, besides.background, len(history.item))
    method = "level.graph" if running.parameters is None else "level.model"
    followed = trail.follow(catalog, history).skills
    found = {}
    for number, (name, told) in enumerate(tally.by_skill(catalog, history).items()):
        current = currency.of(catalog, name, told[-1].when, now, followed[number].spaced) if told else None
        # A level that is shown is measured: what somebody said of themselves moves only what has no level yet.
        chance = background.moved(chances[number], logits) if len(told) < ENOUGH else chances[number]
        if current is not None:
            chance = mastery.held(chance, begun[number], current)
        past = LEVELS * ago[number] if rested[number] >= ENOUGH else None
        found[name] = _state(name, told, chance, past=past, current=current, method=method)
    return MappingProxyType(found)


def _earlier(running: Running, then: datetime) -> Checkpoint:
    """From a replay up to a moment; a learner who did nothing since need not be replayed."""
    late = len(running.history.when) and int(running.history.when[-1]) > _moment(then)
    return checkpoint(mastery.until(running, _moment(then)) if late else running, then)


def checkpoint(running: Running, then: datetime) -> Checkpoint:
    """The estimates of a moment, for who follows a learner: none of the answers is later."""
    counts = [len(told) for told in tally.by_skill(running.catalog, running.history).values()]
    rested = [number for number, count in enumerate(counts) if count >= ENOUGH]
    found = dict(zip(rested, mastery.estimates(running, then, rested), strict=True))
    return [found.get(number, nan) for number in range(len(counts))], counts


def _moment(when: datetime) -> int:
    return int(when.timestamp() * 1e6)


def _state(
    skill: str,
    told: Sequence[Answer],
    chance: float,
    *,
    past: float | None,
    current: Currency | None,
    method: str,
) -> SkillState:
    answers, right = len(told), sum(answer.right for answer in told)
    weight = float(mastery.weight(answers, 1.0 if current is None else current.value))
    spread = mastery.spread(chance, weight)
    seqs = measures.stored([answer.seq for answer in told])
    enough = answers >= ENOUGH and not isnan(chance)
    low, high = measures.likely(chance, weight) if enough else (nan, nan)
    return SkillState(
        skill=skill,
        answers=answers,
        right=right,
        last=told[-1].when if told else None,
        mastery=chance if enough else None,
        level=LEVELS * chance if enough else None,
        low=LEVELS * low if enough else None,
        high=LEVELS * high if enough else None,
        missing=max(0, ENOUGH - answers),
        believed=chance,
        spread=spread,
        trend=LEVELS * chance - past if enough and past is not None else None,
        seqs=seqs,
        currency=current,
        method=method,
    )


def levels(
    catalog: Catalog,
    history: Interactions,
    parameters: Parameters | None,
    now: datetime,
    *,
    skills: Sequence[str] = (),
    priors: Priors | None = None,
) -> Levels:
    """Say at once where many learners stand: the levels of their own profiles, without the rest.

    Args:
        catalog: The catalog.
        history: Interactions of L learners; later ones than `now` are left out.
        parameters: The fitted model, or None.
        now: The moment of asking.
        skills: Ids of the skills wanted; empty: all of the catalog.
        priors: For the graph, or None.

    Raises:
        errors.MismatchError: The model is of another catalog.
    """
    names = tuple(skills) or tuple(catalog.skills)
    wanted = np.array([catalog.skill_index[name] for name in names], np.int64)
    past = interactions.rows(history, history.when <= int(now.timestamp() * 1e6))
    counted = tally.sums(catalog, past)
    answers, right, newest = (column[:, wanted] for column in counted)
    begun = mastery.begun(catalog, parameters, priors)
    chance = np.full(answers.shape, np.nan)
    current = np.ones(answers.shape)
    ruled = np.zeros(answers.shape, np.bool_)
    bounds = np.searchsorted(past.learner, np.arange(len(past.learners) + 1))
    seq = np.full(len(past.learners), -1, np.int64)
    for learner, (first, end) in enumerate(zip(bounds[:-1].tolist(), bounds[1:].tolist(), strict=True)):
        shown = np.flatnonzero(answers[learner] >= ENOUGH).tolist()
        own = _one(past, learner, first, end)
        seq[learner] = int(own.seq.max(initial=-1))
        running = mastery.start(catalog, parameters, priors=priors)
        if shown:
            mastery.observe(running, own)
        found = dict(zip(shown, mastery.estimates(running, now, [int(wanted[one]) for one in shown]), strict=True))
        followed = trail.follow(catalog, own).skills
        for column in np.flatnonzero(answers[learner]).tolist():
            spaced = followed[int(wanted[column])].spaced
            state = currency.of(catalog, names[column], int(newest[learner, column]), now, spaced)
            current[learner, column], ruled[learner, column] = state.value, state.rule is not None
            if column in found:
                chance[learner, column] = mastery.held(found[column], begun[wanted[column]], state)
    low, high = mastery.ends(chance, mastery.weight(answers, current))
    return Levels(
        past.learners, names, LEVELS * chance, LEVELS * low, LEVELS * high, answers, right, newest, ruled, seq
    )


def _one(past: Interactions, learner: int, first: int, end: int) -> Interactions:
    """The rows of one learner, as their own history."""
    own = interactions.rows(past, np.arange(first, end))
    return replace(own, learners=(past.learners[learner],), learner=np.zeros(end - first, np.int32), skipped=())


def _ability(history: Interactions, work: Work) -> Ability:
    right = (history.correct > 0.5).tolist()
    over_all = measures.share("ability.share", right, history.seq.tolist())
    return Ability(
        answers=len(right),
        right=sum(right),
        share=over_all.value,
        low=over_all.low,
        high=over_all.high,
        seqs=over_all.seqs,
        method=over_all.method,
        **vars(work),
    )
