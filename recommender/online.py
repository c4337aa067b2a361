"""The features of one learner, one answer at a time. Floor 2.

`state_of` replays a history, `update` adds an answer, `row` gives the features of the next answer on any item: the same
numbers as `features.design` gives for a batch (a property test holds them together), without an array operation.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from math import exp, frexp, isnan, log, log1p

import numpy as np

from recommender import ability, cells, context, features
from recommender.features import Design
from recommender.interactions import Interactions
from recommender.readout import Prepared, prepare

__all__ = [
    "OnItem",
    "OnScores",
    "OnSkill",
    "Prepared",
    "State",
    "chance",
    "prepare",
    "row",
    "rows",
    "score",
    "state_of",
    "update",
]

_SHORT, _LONG = context.KEEP
_SKILL = context.KEEP_SKILL
_SCORE = context.KEEP_SCORE
_FORM = tuple(2.0 ** (-1.0 / time) for time in features.FORM)
_ABILITY_CUTS: tuple[float, ...] = tuple(cells.ABILITY_CUTS.tolist())
_FORM_CUTS: tuple[float, ...] = tuple(cells.FORM_CUTS.tolist())


@dataclass(slots=True)
class OnSkill:
    """What is remembered of a skill as the main one: answers, right ones, average, runs, place and time of the last.

    `outcomes` are up to five, the newest first, 1 wrong and 2 right. Of scores around the pass score: their sum,
    number and the last one.
    """

    answers: int = 0
    right: float = 0.0
    average: float = 0.5
    run_right: int = 0
    run_wrong: int = 0
    place: int = -1
    when: int = 0
    outcomes: tuple[int, ...] = ()
    score: float = 0.0
    scores: float = 0.0
    last_score: float = 0.0


@dataclass(slots=True)
class OnItem:
    """What is remembered of an item: answers, right ones, the last outcome (1 wrong, 2 right), when."""

    answers: int = 0
    right: float = 0.0
    last: int = 0
    when: int = 0


@dataclass(slots=True)
class OnScores:
    """What is remembered of scores around the pass score: their sum, number, the last one and an average."""

    total: float = 0.0
    number: float = 0.0
    last: float = 0.0
    average: float = 0.0


@dataclass(slots=True)
class State:
    """What is remembered of one learner. The one mutable record of this room: `update` changes it in place.

    `recent` holds up to ten answers as (outcome 1 or 2, main skill, item), the newest first.
    """

    answers: int = 0
    right: float = 0.0
    short: float = 0.5
    long: float = 0.5
    run_right: int = 0
    run_wrong: int = 0
    when: int = 0
    seconds: float = 0.0
    last_hints: float = 0.0
    hints: float = 0.0
    hinted: float = 0.0
    form: tuple[float, float] = (0.0, 0.0)
    heard: tuple[float, float] = (0.0, 0.0)
    difficulty: float = 0.0
    last_difficulty: float = 0.0
    recent: list[tuple[int, int, int]] = field(default_factory=list)
    skills: dict[int, OnSkill] = field(default_factory=dict)
    items: dict[int, OnItem] = field(default_factory=dict)
    known: ability.Filter = field(default_factory=ability.Filter)
    scores: OnScores = field(default_factory=OnScores)
    areas: dict[int, OnScores] = field(default_factory=dict)


_NO_SKILL, _NO_ITEM, _NO_SCORES = OnSkill(), OnItem(), OnScores()


def state_of(history: Interactions, model: Prepared) -> State:
    """Replay the answers of one learner, in time order."""
    state = State()
    listed = (history.item, history.correct, history.score, history.when, history.seconds, history.hints)
    for item, correct, score, when, seconds, hints in zip(*(one.tolist() for one in listed), strict=True):
        update(state, model, item, correct, score, when=when, seconds=seconds, hints=hints)
    return state


def update(
    state: State,
    model: Prepared,
    item: int,
    correct: float,
    score: float = float("nan"),
    *,
    when: int = 0,
    seconds: float = float("nan"),
    hints: float = float("nan"),
) -> None:
    """Add one answer, in place.

    Args:
        state: What is remembered of the learner.
        model: Whose tables say how hard the item is.
        item: Column of the item.
        correct: 0 or 1.
        score: Scaled score, or nan.
        when: Microseconds since 1970.
        seconds: How long it took, or nan.
        hints: Hints before it, or nan.
    """
    space = model.space
    skills = space.item_skills[item]
    main, right = skills[0], correct > 0.5
    outcome = 2 if right else 1
    ability.observe(state.known, skills, item, model.difficulty[item], correct)
    on_skill = state.skills.get(main)
    if on_skill is None:
        on_skill = state.skills[main] = OnSkill()
    on_skill.answers += 1
    on_skill.right += correct
    on_skill.average = _SKILL * on_skill.average + (1.0 - _SKILL) * correct
    on_skill.run_right, on_skill.run_wrong = (on_skill.run_right + 1, 0) if right else (0, on_skill.run_wrong + 1)
    on_skill.place, on_skill.when = state.answers, when
    on_skill.outcomes = (outcome, *on_skill.outcomes[:4])
    on_item = state.items.get(item)
    if on_item is None:
        on_item = state.items[item] = OnItem()
    on_item.answers += 1
    on_item.right += correct
    on_item.last, on_item.when = outcome, when
    state.answers += 1
    state.right += correct
    state.short = _SHORT * state.short + (1.0 - _SHORT) * correct
    state.long = _LONG * state.long + (1.0 - _LONG) * correct
    state.run_right, state.run_wrong = (state.run_right + 1, 0) if right else (0, state.run_wrong + 1)
    state.when = when
    better = correct - model.share[item]
    state.form = (_FORM[0] * state.form[0] + better, _FORM[1] * state.form[1] + better)
    state.heard = (_FORM[0] * state.heard[0] + 1.0, _FORM[1] * state.heard[1] + 1.0)
    state.last_difficulty = model.difficulty[item]
    state.difficulty += state.last_difficulty
    state.seconds = 0.0 if isnan(seconds) else log1p(max(seconds, 0.0))
    state.last_hints = 0.0 if isnan(hints) else log1p(max(hints, 0.0))
    if not isnan(hints):
        state.hints += max(hints, 0.0)
        state.hinted += 1.0
    state.recent.insert(0, (outcome, main, item))
    del state.recent[context.LAGS :]
    centre = space.catalog.pass_score
    if centre is not None and not isnan(score):
        _remember(state, on_skill, int(space.area[main]), score - centre)


def _remember(state: State, on_skill: OnSkill, area: int, above: float) -> None:
    for known in (state.scores, state.areas.setdefault(area, OnScores())):
        known.total += above
        known.number += 1.0
        known.last = above
        known.average = _SCORE * known.average + (1.0 - _SCORE) * above
    on_skill.score += above
    on_skill.scores += 1.0
    on_skill.last_score = above


def row(state: State, model: Prepared, item: int, *, when: int | None = None, attempt: float = 1.0) -> list[float]:
    """Values of the dense columns for the next answer on one item, on their own scale.

    Args:
        state: What is remembered of the learner; not changed.
        model: The model.
        item: Column of the item.
        when: The moment of asking, microseconds since 1970; None: right after the last answer.
        attempt: Which try at the same task it will be.
    """
    space = model.space
    skills = space.item_skills[item]
    main = skills[0]
    on_skill, on_item = state.skills.get(main, _NO_SKILL), state.items.get(item, _NO_ITEM)
    now = state.when if when is None else when
    difficulty = model.difficulty[item]
    abilities = ability.look(state.known, skills, item, difficulty)
    form = (state.form[0] / (state.heard[0] + 1.0), state.form[1] / (state.heard[1] + 1.0))
    usual = state.difficulty / (state.answers + 1.0)
    recent = state.recent
    lags = [2.0 * outcome - 3.0 for outcome, _, _ in recent[:3]]
    same = [float(skill == main) for _, skill, _ in recent[:3]]
    while len(lags) < 3:
        lags.append(0.0)
        same.append(0.0)
    same_item = float(bool(recent) and recent[0][2] == item)
    distance = state.answers - on_skill.place if on_skill.place >= 0 else 0
    last = on_skill.outcomes[0] if on_skill.outcomes else 0
    values = [
        *abilities,
        difficulty,
        difficulty * abilities[-1],
        difficulty * form[1],
        difficulty * difficulty,
        difficulty / (1.0 + 0.1 * state.answers),
        float(state.answers == 0),
        float(on_skill.answers == 0),
        difficulty - usual,
        usual,
        model.combo_odds[item],
        state.last_difficulty,
        state.last_difficulty * same[0],
        log1p(on_item.answers),
        log1p(on_item.right),
        log1p(state.answers),
        log1p(state.right),
        log1p(on_skill.answers),
        log1p(on_skill.right),
        state.short - 0.5,
        state.long - 0.5,
        on_skill.average - 0.5,
        2.0 * last - 3.0 if last else 0.0,
        log((on_skill.right + 1.0) / (on_skill.answers - on_skill.right + 1.0)),
        log((state.right + 1.0) / (state.answers - state.right + 1.0)),
        *lags,
        lags[0] * same[0],
        lags[1] * same[1],
        lags[2] * same[2],
        *same,
        same_item,
        same_item * lags[0],
        lags[0] * lags[1],
        log1p(distance - 1) if distance else 0.0,
        float(distance == 1),
        *_situation(model, item, _Here(state, on_skill, on_item, distance, abilities[-1], form[0], same)),
        *_waited(state, on_skill, on_item, float(space.half_life[main]), now),
        state.seconds,
        state.last_hints,
        log1p(state.hints / max(state.hinted, 1.0)),
        0.0 if isnan(attempt) else log1p(max(attempt - 1.0, 0.0)),
    ]
    if space.scored:
        values += _scores(state, int(space.area[main]), on_skill)
    values.append(1.0)
    return values


@dataclass(slots=True)
class _Here:
    """Where a learner stands before an answer: what is remembered, of the main skill, of the item, how far back."""

    state: State
    on_skill: OnSkill
    on_item: OnItem
    distance: int
    able: float
    form: float
    same: Sequence[float]


def _situation(model: Prepared, item: int, here: _Here) -> list[float]:
    """What the cells say: the same keys as `cells.key`, part by part."""
    state, on_skill, on_item, distance, same = here.state, here.on_skill, here.on_item, here.distance, here.same
    space = model.space
    recent = state.recent
    last, before = (recent[0][0], recent[0][2] + 1) if recent else (0, 0)
    combo, items, combos = int(space.combo[item]), space.items + 1, len(space.combos) + 1
    before_combo = int(space.combo[before - 1]) + 1 if before else 0
    tried = 0 if not on_item.answers else on_item.last if on_item.answers == 1 else on_item.last + 2
    flags = int(same[0] + 2 * same[1] + 4 * same[2])
    pattern = _pattern([outcome for outcome, _, _ in recent[:5]])
    practised, succeeded = min(on_skill.answers, cells.MOST_COUNTED), min(int(on_skill.right), cells.MOST_COUNTED)
    gap = min(frexp(distance)[1], cells.GAPS - 1) if distance else 0
    bin_ability, bin_form = _bin(here.able, _ABILITY_CUTS), _bin(here.form, _FORM_CUTS)
    most = cells.MOST_RUN
    runs = combo
    for run in (on_skill.run_right, on_skill.run_wrong, state.run_right, state.run_wrong):
        runs = runs * (most + 1) + min(run, most)
    item_last = item * 3 + last
    few = cells.MOST_FEW
    keys = (
        item_last,
        combo * 3 + last,
        (item * items + before) * 3 + last,
        (combo * combos + before_combo) * 3 + last,
        (item * combos + before_combo) * 3 + last,
        item * 5 + tried,
        (item * 5 + tried) * 3 + last,
        (tried * 3 + last) * 8 + flags,
        _pattern(on_skill.outcomes),
        (combo * (cells.MOST_COUNTED + 1) + practised) * (cells.MOST_COUNTED + 1) + succeeded,
        (pattern * 8 + flags) * 2 + (before == item + 1),
        combo * cells.PATTERN + pattern,
        (item * (few + 1) + min(practised, few)) * (few + 1) + min(succeeded, few),
        (combo * cells.GAPS + gap) * 3 + last,
        item * (len(_ABILITY_CUTS) + 1) + bin_ability,
        (combo * (len(_ABILITY_CUTS) + 1) + bin_ability) * (len(_FORM_CUTS) + 1) + bin_form,
        runs,
    )
    told = [table.get(key, 0.0) for table, key in zip(model.told, keys, strict=True)]
    base, skips = item * items, model.skips
    said = [skips.get((base + earlier + 1) * 3 + outcome, 0.0) for outcome, _, earlier in recent]
    said += [0.0] * (context.LAGS - len(said))
    return [*told, *said[:5], sum(said[5:]) / (context.LAGS - 5), sum(said) / context.LAGS]


def _pattern(outcomes: Iterable[int]) -> int:
    code = 1
    for outcome in reversed(tuple(outcomes)):
        code = 2 * code + (outcome == 2)
    return code


def _bin(value: float, cuts: Sequence[float]) -> int:
    number = 0
    for cut in cuts:
        if value < cut:
            break
        number += 1
    return number


def _waited(state: State, on_skill: OnSkill, on_item: OnItem, half_life: float, now: int) -> tuple[float, ...]:
    days = max(now - on_skill.when, 0) / context.DAY if on_skill.answers else 0.0
    on_it = max(now - on_item.when, 0) / context.DAY if on_item.answers else 0.0
    pause = max(now - state.when, 0) / context.HOUR if state.answers else 0.0
    return log1p(days), log1p(on_it), log1p(pause), log1p(on_skill.right) * (1.0 - 2.0 ** (-days / half_life))


def _scores(state: State, area: int, on_skill: OnSkill) -> tuple[float, ...]:
    mine, here = state.scores, state.areas.get(area, _NO_SCORES)
    return (
        mine.total / (mine.number + 2.0) / 0.15,
        mine.last / 0.20,
        mine.average / 0.15,
        here.total / (here.number + 1.0) / 0.15,
        on_skill.score / (on_skill.scores + 1.0) / 0.15,
        on_skill.last_score / 0.20,
        log1p(mine.number) / 2.0,
        float(mine.number == 0),
    )


def score(state: State, model: Prepared, item: int, *, when: int | None = None, attempt: float = 1.0) -> float:
    """Logit of the next answer on one item; arguments as `row`."""
    values = row(state, model, item, when=when, attempt=attempt)
    logit = model.constant[item] + sum(map(float.__mul__, model.weights, values))
    for weight, place in zip(model.of_item[item], model.item_places, strict=True):
        logit += weight * values[place]
    for weight, place in zip(model.of_skill[model.space.item_skills[item][0]], model.skill_places, strict=True):
        logit += weight * values[place]
    return logit


def chance(state: State, model: Prepared, item: int, *, when: int | None = None) -> float:
    """Chance of a right answer next on one item, 0..1; arguments as `row`."""
    logit = score(state, model, item, when=when)
    return 1.0 / (1.0 + exp(-logit)) if logit >= 0 else exp(logit) / (1.0 + exp(logit))


def rows(state: State, model: Prepared, items: Iterable[int], *, when: int | None = None) -> Design:
    """Features of the next answer on each of some items.

    Args:
        state: What is remembered of the learner; not changed.
        model: The model.
        items: Columns of items, m of them.
        when: The moment of asking.

    Returns:
        m rows; their outcome is not known yet and stands as nan.
    """
    listed = list(items)
    raw = np.array([row(state, model, item, when=when) for item in listed], dtype=np.float64)
    raw = raw.reshape(len(listed), len(model.weights))
    return Design(
        space=model.space,
        learner=np.zeros(len(listed), dtype=np.int32),
        item=np.array(listed, dtype=np.int32),
        dense=(raw - model.parameters.centre) / model.parameters.spread,
        correct=np.full(len(listed), np.nan),
    )
