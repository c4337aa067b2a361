"""The chance that a learner gets a typical item of each skill right now, kept up answer by answer. Floor 2.

From the fitted model where there is one, else from the tracker. `observe` goes on from where it was, and comes to the
very state that a replay of the whole log gives. `story` tells how one level came about, in parts that add up.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from math import fsum, nan, sqrt
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import special

from curriculum.catalog import Catalog, Item
from recommender import currency, errors, interactions, measures, online, space, tracing, tracker
from recommender.currency import Currency
from recommender.interactions import Interactions
from recommender.parameters import Parameters
from recommender.tracker import Priors

LEVELS = 5
TENTHS = 10  # of a level: what a page shows
RECENT = 100  # answers that tell how somebody learns now
# The likely range of a level weighs the model as two answers, and an answer less the more answers on the skill came
# after it: so it never gets narrower than twelve answers allow, because people change.
_MODEL_WEIGHT = 2.0
_FADE = 0.9


@dataclass(slots=True)
class Running:
    """What is remembered of one learner; made by `start`, changed by `observe` alone.

    Attributes:
        catalog: What there is to learn.
        parameters: The fitted model; None: the graph and declared difficulties alone.
        priors: What other learners' answers say, for the graph; None: nothing.
        history: All that was observed, in time order.
        state: Of the model or of the tracker.
    """

    catalog: Catalog
    parameters: Parameters | None
    priors: Priors | None
    history: Interactions
    state: online.State | tracker.State


def start(catalog: Catalog, parameters: Parameters | None = None, *, priors: Priors | None = None) -> Running:
    """Begin with a learner who has not answered.

    Args:
        catalog: What there is to learn.
        parameters: The fitted model, or None.
        priors: For the graph, or None.

    Raises:
        errors.MismatchError: The model or the priors are of another catalog.
    """
    if parameters is not None:
        tracing.match(space.of(catalog), parameters)
    return Running(catalog, parameters, priors, interactions.empty(), _begin(catalog, parameters, priors))


def observe(running: Running, history: Interactions) -> None:
    """Take in answers, in place. What was seen already counts once; what comes late is put where it belongs.

    Args:
        running: Of the learner; changed.
        history: Answers of the same learner, in any order.

    Raises:
        errors.MismatchError: They are of another learner, or of several.
    """
    new = _unseen(running.history, history)
    if not len(new.item):
        return
    known = running.history
    late = bool(len(known.item)) and _key(new, 0) < _key(known, len(known.item) - 1)
    running.history = _merged(known, new)
    if late:
        running.state = _begin(running.catalog, running.parameters, running.priors)
        new = running.history
    _feed(running, _answers(new))


def estimates(running: Running, now: datetime | None = None, skills: Sequence[int] | None = None) -> list[float]:
    """Chance to get a typical item of each skill right, 0..1; nan: the skill has no item.

    Args:
        running: Of the learner.
        now: The moment until which skills fade by their half-lives; None: nothing faded since the last answers.
        skills: Columns of the skills wanted; None: all, in the order of the catalog.
    """
    return _estimates(running, None if now is None else int(now.timestamp() * 1e6), skills)


@functools.lru_cache(maxsize=16)
def begun(catalog: Catalog, parameters: Parameters | None = None, priors: Priors | None = None) -> tuple[float, ...]:
    """Where everybody starts: the estimates before any answer, in the order of the catalog; the last few are kept.

    Args:
        catalog: What there is to learn.
        parameters: The fitted model, or None.
        priors: For the graph, or None.
    """
    return tuple(estimates(start(catalog, parameters, priors=priors)))


def expected(running: Running) -> list[float]:
    """Chance of a right answer that was expected of each answer from those before.

    Of the model; without one, of three states of the main skill alone (the tracker's, without the graph).

    Args:
        running: Of the learner.

    Returns:
        One an answer of `running.history`; nan for a first one on its skill, and before the last `RECENT` ones.
    """
    history = running.history
    skills = [own[0] for own in space.of(running.catalog).item_skills]
    early, seen = len(history.item) - RECENT, set[int]()
    wanted = []
    for row, item in enumerate(history.item.tolist()):
        wanted.append(row >= early and skills[item] in seen)
        seen.add(skills[item])
    if running.parameters is None:
        return _expected_of_states(running, skills, wanted)
    model = online.prepare(running.parameters, space.of(running.catalog))
    state, found = online.State(), []
    tries = np.nan_to_num(history.attempt, nan=1.0).tolist()
    for (item, correct, score, when, seconds, hints), attempt, told in zip(
        _answers(history), tries, wanted, strict=True
    ):
        logit = online.score(state, model, item, when=when, attempt=attempt) if told else nan
        found.append(float(special.expit(logit)))
        online.update(state, model, item, correct, score, when=when, seconds=seconds, hints=hints)
    return found


def until(running: Running, moment: int) -> Running:
    """The state after the answers up to a moment, from a replay; the given one stays as it is.

    Args:
        running: Of the learner.
        moment: Microseconds since 1970 UTC.
    """
    made = start(running.catalog, running.parameters, priors=running.priors)
    observe(made, interactions.rows(running.history, running.history.when <= moment))
    return made


def held(estimate: float, first: float, state: Currency) -> float:
    """What a newer rule leaves of an estimate: half of the way from the starting point, as nobody saw the rest yet.

    Args:
        estimate: 0..1, without regard to rules.
        first: The starting point: the estimate before the first answer.
        state: How current the evidence is.
    """
    if state.rule is None or not estimate > first:
        return estimate
    return first + currency.RULED * (estimate - first)


def weight(answers: npt.ArrayLike, current: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """How many answers an estimate is worth; those from before a rule, or long ago, are worth less.

    Args:
        answers: Number of answers, of any shape.
        current: 0..1, their currency, of the same shape.
    """
    faded = (1.0 - _FADE ** np.asarray(answers, np.float64)) / (1.0 - _FADE)
    return _MODEL_WEIGHT + faded * np.asarray(current, np.float64)


def ends(mean: npt.NDArray[np.float64], weight: npt.NDArray[np.float64]) -> tuple[Any, Any]:
    """Ends of the likely range: as `measures.likely`, of many at once; nan where the mean is.

    Args:
        mean: float64 of any shape, 0..1 or nan.
        weight: float64 of the same shape, in answers.
    """
    right, wrong = mean * weight + 0.5, (1.0 - mean) * weight + 0.5
    low, high = (special.betaincinv(right, wrong, end) for end in measures.RANGE)
    return np.minimum(low, mean), np.maximum(high, mean)


def spread(mean: float, weight: float) -> float:
    """Standard deviation of the Beta distribution of the likely range; nan for nan.

    Args:
        mean: 0..1.
        weight: In answers.
    """
    return sqrt((mean * weight + 0.5) * ((1.0 - mean) * weight + 0.5) / (weight + 2.0)) / (weight + 1.0)


@dataclass(frozen=True)
class Move:
    """One line of the story of a level.

    Attributes:
        kind: "start" (the starting point), "earlier" (answers on the skill before the ones told one by one), "answer",
            "elsewhere" (answers on other skills), "time" (what faded), "rule" (a newer rule).
        moved: In levels, 0..5; all lines add up to the estimate within 1e-9.
        tenths: What is shown, in tenths of a level; all lines add up to the shown estimate exactly.
        count: Answers behind the line.
        seqs: Their places in the store.
        when: Of an "answer": microseconds since 1970 UTC; else None.
        item: Of an "answer": id of the item; of a "rule": id of the rule; else None.
        right: Of an "answer": whether it was right; else None.
    """

    kind: str
    moved: float
    tenths: int
    count: int = 0
    seqs: tuple[int, ...] = ()
    when: int | None = None
    item: str | None = None
    right: bool | None = None


@dataclass(frozen=True)
class Story:
    """How a level came about.

    Attributes:
        skill: Id.
        basis: "model" or "graph".
        moves: In the order to show them: start, earlier, the answers, elsewhere, time, rule; lines of nothing but
            "start" and "answer" are left out.
        level: The estimate, 0..5.
        tenths: The estimate as shown.
    """

    skill: str
    basis: str
    moves: tuple[Move, ...]
    level: float
    tenths: int


def story(
    catalog: Catalog,
    history: Interactions,
    parameters: Parameters | None,
    skill: str,
    now: datetime,
    *,
    most: int = 12,
    priors: Priors | None = None,
) -> Story:
    """Tell how the level of one skill came about.

    Args:
        catalog: The catalog.
        history: Interactions of one learner; later ones than `now` are left out.
        parameters: The fitted model, or None.
        skill: Id of the skill; of a model it needs an item.
        now: The moment of asking.
        most: Answers told one by one, the newest; at least 1.
        priors: For the graph, or None.

    Raises:
        errors.MismatchError: The history is of several learners, or the model of another catalog.
    """
    past = interactions.until(history, now)
    number = catalog.skill_index[skill]
    running = start(catalog, parameters, priors=priors)
    first = _estimates(running, None, (number,))[0]
    steps = [_Step("start", first, ())]
    items = list(catalog.items.values())
    others: list[int] = []
    seen: int | None = None
    for row, answer in enumerate(_answers(past)):
        if skill in items[answer[0]].skills:
            steps.append(_Step("elsewhere", _estimates(running, seen, (number,))[0], tuple(others)))
            seen = answer[3]
            steps.append(_Step("time", _estimates(running, seen, (number,))[0], ()))
            _feed(running, [answer])
            steps.append(_Step("answer", _estimates(running, seen, (number,))[0], (row,)))
            others = []
        else:
            _feed(running, [answer])
            others.append(row)
    steps.append(_Step("elsewhere", _estimates(running, seen, (number,))[0], tuple(others)))
    steps.append(_Step("time", _estimates(running, int(now.timestamp() * 1e6), (number,))[0], ()))
    rule = None
    if seen is not None:
        current = currency.of(catalog, skill, seen, now)
        rule = current.rule
        steps.append(_Step("rule", held(steps[-1].value, first, current), ()))
    basis = "graph" if parameters is None else "model"
    return _told(steps, past, items, skill, basis=basis, most=most, rule=rule)


@dataclass(frozen=True)
class _Step:
    """From the estimate before to this one: why, and by which rows of the history."""

    kind: str
    value: float
    rows: tuple[int, ...]


def _told(
    steps: Sequence[_Step],
    past: Interactions,
    items: Sequence[Item],
    skill: str,
    *,
    basis: str,
    most: int,
    rule: str | None,
) -> Story:
    """Group the steps. Tenths are differences of rounded estimates, so they add up however they are grouped."""
    answers = [step.rows[0] for step in steps if step.kind == "answer"]
    told = set(answers[-most:])
    single: list[Move] = []
    grouped: dict[str, list[tuple[float, int, tuple[int, ...]]]] = {
        kind: [] for kind in ("start", "earlier", "elsewhere", "time", "rule")
    }
    before, shown = 0.0, 0
    for step in steps:
        tenths = round(LEVELS * TENTHS * step.value)
        moved = LEVELS * (step.value - before)
        if step.kind == "answer" and step.rows[0] in told:
            single.append(_single(past, items, step.rows[0], moved, tenths - shown))
        else:
            kind = "earlier" if step.kind == "answer" else step.kind
            grouped[kind].append((moved, tenths - shown, step.rows))
        before, shown = step.value, tenths
    sums = {kind: _sum(kind, parts, past, rule) for kind, parts in grouped.items()}
    moves = [
        sums["start"],
        *(sums[kind] for kind in ("earlier",) if _matters(sums[kind])),
        *single,
        *(sums[kind] for kind in ("elsewhere", "time", "rule") if _matters(sums[kind])),
    ]
    return Story(skill, basis, tuple(moves), LEVELS * before, shown)


def _matters(move: Move) -> bool:
    return bool(move.moved or move.tenths)


def _single(past: Interactions, items: Sequence[Item], row: int, moved: float, tenths: int) -> Move:
    return Move(
        "answer",
        moved,
        tenths,
        count=1,
        seqs=measures.stored([int(past.seq[row])]),
        when=int(past.when[row]),
        item=items[int(past.item[row])].id,
        right=bool(past.correct[row] > 0.5),
    )


def _sum(kind: str, parts: Sequence[tuple[float, int, tuple[int, ...]]], past: Interactions, rule: str | None) -> Move:
    rows = [row for _, _, rows in parts for row in rows]
    return Move(
        kind,
        fsum(moved for moved, _, _ in parts),
        sum(tenths for _, tenths, _ in parts),
        count=len(rows),
        seqs=measures.stored([int(past.seq[row]) for row in rows]),
        item=rule if kind == "rule" else None,
    )


_Answer = tuple[int, float, float, int, float, float]  # item, correct, score, when, seconds, hints


def _answers(rows: Interactions) -> list[_Answer]:
    listed = (rows.item, rows.correct, rows.score, rows.when, rows.seconds, rows.hints)
    return list(zip(*(column.tolist() for column in listed), strict=True))


def _feed(running: Running, answers: Iterable[_Answer]) -> None:
    state = running.state
    if isinstance(state, tracker.State):
        for item, correct, _, when, _, _ in answers:
            tracker.observe(state, item, right=correct > 0.5, when=when)
        return
    assert running.parameters is not None  # noqa: S101  (a state of the model comes from a model alone)
    model = online.prepare(running.parameters, space.of(running.catalog))
    for item, correct, score, when, seconds, hints in answers:
        online.update(state, model, item, correct, score, when=when, seconds=seconds, hints=hints)


def _expected_of_states(running: Running, skills: Sequence[int], wanted: Sequence[bool]) -> list[float]:
    chances = [tracker.chances(item.difficulty) for item in running.catalog.items.values()]
    prior = [belief.state for belief in tracker.prior(running.catalog)]
    now: dict[int, tracker.Three] = {}
    found = []
    for (item, correct, *_), told_of in zip(_answers(running.history), wanted, strict=True):
        skill, chance = skills[item], chances[item]
        state = now.get(skill, prior[skill])
        found.append(tracker.dot(state, chance) if told_of else nan)
        told = chance if correct > 0.5 else (1.0 - chance[0], 1.0 - chance[1], 1.0 - chance[2])
        unknown, fragile, solid = (
            one * other / tracker.dot(state, told) for one, other in zip(state, told, strict=True)
        )
        now[skill] = (
            unknown * (1.0 - tracker.LEARN),
            fragile * (1.0 - tracker.FIRM) + unknown * tracker.LEARN,
            solid + fragile * tracker.FIRM,
        )
    return found


def _begin(catalog: Catalog, parameters: Parameters | None, priors: Priors | None) -> online.State | tracker.State:
    if parameters is None:
        return tracker.start(catalog, priors=priors, forgetting=True)
    return online.State()


def _estimates(running: Running, when: int | None, only: Sequence[int] | None) -> list[float]:
    """Of all skills, or of some alone."""
    if isinstance(running.state, tracker.State):
        beliefs = tracker.beliefs(running.state, when=when)
        chances = _typical(running.catalog)
        wanted = range(len(beliefs)) if only is None else only
        return [tracker.dot(beliefs[skill].state, chances[skill]) for skill in wanted]
    assert running.parameters is not None  # noqa: S101  (a state of the model comes from a model alone)
    model = online.prepare(running.parameters, space.of(running.catalog))
    by_skill = _items_of(running.catalog)
    own_items = by_skill if only is None else [by_skill[skill] for skill in only]
    wanted_items = sorted({item for own in own_items for item in own})
    chance = {item: online.chance(running.state, model, item, when=when) for item in wanted_items}
    return [sum(chance[item] for item in own) / len(own) if own else nan for own in own_items]


@functools.lru_cache(maxsize=64)
def _items_of(catalog: Catalog) -> tuple[tuple[int, ...], ...]:
    found: list[list[int]] = [[] for _ in catalog.skills]
    for item, skills in enumerate(space.of(catalog).item_skills):
        for skill in skills:
            found[skill].append(item)
    return tuple(tuple(items) for items in found)


@functools.lru_cache(maxsize=64)
def _typical(catalog: Catalog) -> tuple[tracker.Three, ...]:
    """Chances by state on a typical item of each skill: one of its declared difficulty."""
    return tuple(tracker.chances(skill.difficulty) for skill in catalog.skills.values())


def _unseen(known: Interactions, history: Interactions) -> Interactions:
    """Rows that are not there yet, in time order. Without a place in a store, two rows are never the same."""
    if len(history.learners) > 1 or (known.learners and history.learners not in ((), known.learners)):
        raise errors.MismatchError("a history", found=f"{len(history.learners)} learners", needed="the same learner")
    there = set(known.seq.tolist())
    fresh: list[int] = []
    for row, seq in enumerate(history.seq.tolist()):
        if seq < 0 or seq not in there:
            there.add(seq)
            fresh.append(row)
    order = sorted(fresh, key=lambda row: _key(history, row))
    return interactions.rows(history, np.array(order, dtype=np.int64))


def _key(rows: Interactions, row: int) -> tuple[int, int]:
    return int(rows.when[row]), int(rows.seq[row])


def _merged(known: Interactions, new: Interactions) -> Interactions:
    """One history in time order."""
    if not len(known.item):
        return replace(new, skipped=())
    columns: dict[str, Any] = {
        name: np.concatenate([getattr(known, name), getattr(new, name)]) for name in interactions.ROWS
    }
    both = replace(known, **columns)
    return interactions.rows(both, np.lexsort((both.seq, both.when)))
