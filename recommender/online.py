"""The features of one learner, one answer at a time. Floor 2.

`state_of` replays a history, `update` adds an answer, `rows` gives the features of the next answer for any items: the
same numbers as `features.design` gives for a batch (a property test holds them together), without an array operation
per answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from math import isnan, log, log1p

import numpy as np
from scipy import sparse

from recommender import features
from recommender.features import Design, Space
from recommender.interactions import Interactions

_SHORT, _LONG = features.KEEP.tolist()
_SKILL = features.KEEP_SKILL.tolist()[0]
_SCORE = features.KEEP_SCORE


@dataclass(slots=True)
class OnSkill:
    """What is remembered of one skill: answers, right ones, average, last outcome as +-1, place of the last answer.

    Of scores around the pass score: their sum, number and the last one.
    """

    answers: int = 0
    right: float = 0.0
    average: float = 0.5
    last: float = 0.0
    place: int = -1
    score: float = 0.0
    scores: float = 0.0
    last_score: float = 0.0


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

    `recent` holds up to three answers as (+-1, main skill, item), the newest first; `items` holds (answers, right
    ones) by item.
    """

    answers: int = 0
    right: float = 0.0
    short: float = 0.5
    long: float = 0.5
    recent: list[tuple[float, int, int]] = field(
        default_factory=list
    )  # up to 3: (+-1, main skill, item), the newest first
    skills: dict[int, OnSkill] = field(default_factory=dict)
    items: dict[int, tuple[int, float]] = field(default_factory=dict)
    scores: OnScores = field(default_factory=OnScores)
    areas: dict[int, OnScores] = field(default_factory=dict)


_AREA = features.SCORES.index("score_area")
_NO_SKILL = OnSkill()
_NO_SCORES = OnScores()


def state_of(history: Interactions, space: Space) -> State:
    """Replay the answers of one learner.

    Args:
        history: Interactions of one learner, in time order.
        space: The columns.
    """
    state = State()
    columns = (history.item.tolist(), history.correct.tolist(), history.score.tolist())
    for item, correct, score in zip(*columns, strict=True):
        update(state, space, item, correct, score)
    return state


def update(state: State, space: Space, item: int, correct: float, score: float) -> None:
    """Add one answer, in place.

    Args:
        state: What is remembered of the learner.
        space: The columns.
        item: Column of the item.
        correct: 0 or 1.
        score: Scaled score, or nan.
    """
    skills = space.item_skills[item]
    signed = 2.0 * correct - 1.0
    for skill in skills:
        known = state.skills.get(skill)
        if known is None:
            known = state.skills[skill] = OnSkill()
        known.answers += 1
        known.right += correct
        known.average = _SKILL * known.average + (1.0 - _SKILL) * correct
        known.last = signed
        known.place = state.answers
    tried, won = state.items.get(item, (0, 0.0))
    state.items[item] = (tried + 1, won + correct)
    state.answers += 1
    state.right += correct
    state.short = _SHORT * state.short + (1.0 - _SHORT) * correct
    state.long = _LONG * state.long + (1.0 - _LONG) * correct
    state.recent = [(signed, skills[0], item), *state.recent[:2]]
    centre = space.catalog.pass_score
    if centre is not None and not isnan(score):
        for known_scores in (state.scores, state.areas.setdefault(space.item_area[item], OnScores())):
            known_scores.total += score - centre
            known_scores.number += 1.0
            known_scores.last = score - centre
            known_scores.average = _SCORE * known_scores.average + (1.0 - _SCORE) * (score - centre)
        for skill in skills:
            known = state.skills[skill]
            known.score += score - centre
            known.scores += 1.0
            known.last_score = score - centre


def row(state: State, space: Space, item: int) -> tuple[list[int], list[float], list[float]]:
    """Features of the next answer on one item.

    Args:
        state: What is remembered of the learner; not changed.
        space: The columns.
        item: Column of the item.

    Returns:
        The skill columns that are not 0, their values, and the values of all dense columns.
    """
    skills = space.item_skills[item]
    known = [state.skills.get(skill, _NO_SKILL) for skill in skills]
    columns: list[int] = []
    values: list[float] = []
    scores = _scores(state, space.item_area[item], known) if space.scored else ()
    for skill, one in zip(skills, known, strict=True):
        columns += (skill, skill + space.skills, skill + 2 * space.skills)
        values += (1.0, log1p(one.answers), log1p(one.right))
        if space.scored:
            columns.append(skill + 3 * space.skills)
            values.append(scores[_AREA])
    dense = [*_tally(state, item), *_recency(state, known), *_pattern(state, skills[0], item, known[0]), *scores, 1.0]
    return columns, values, dense


def rows(state: State, space: Space, items: Iterable[int]) -> Design:
    """Features of the next answer on each of some items.

    Args:
        state: What is remembered of the learner; not changed.
        space: The columns.
        items: Columns of items, m of them.

    Returns:
        m rows; their outcome is not known yet and stands as nan.
    """
    listed = list(items)
    made = [row(state, space, item) for item in listed]
    starts = np.cumsum([0, *(len(columns) for columns, _, _ in made)])
    return Design(
        space=space,
        learner=np.zeros(len(listed), dtype=np.int32),
        item=np.array(listed, dtype=np.int32),
        sparse=sparse.csr_array(
            (
                np.array([value for _, values, _ in made for value in values]),
                np.array([column for columns, _, _ in made for column in columns], dtype=np.int64),
                starts,
            ),
            shape=(len(listed), space.sparse),
        ),
        dense=np.array([dense for _, _, dense in made]).reshape(len(listed), len(space.dense)),
        correct=np.full(len(listed), np.nan),
    )


def score(state: State, space: Space, weights: Sequence[float], item: int) -> float:
    """Logit of the next answer on one item.

    Args:
        state: What is remembered of the learner.
        space: The columns.
        weights: d weights, as a list of Python numbers.
        item: Column of the item.
    """
    columns, values, dense = row(state, space, item)
    begin = space.items
    logit = weights[item]
    for column, value in zip(columns, values, strict=True):
        logit += weights[begin + column] * value
    begin += space.sparse
    for position, value in enumerate(dense, start=begin):
        logit += weights[position] * value
    return logit


def _tally(state: State, item: int) -> tuple[float, ...]:
    tried, won = state.items.get(item, (0, 0.0))
    return log1p(tried), log1p(won), log1p(state.answers), log1p(state.right)


def _recency(state: State, known: list[OnSkill]) -> tuple[float, ...]:
    size = len(known)
    tries = sum(one.answers for one in known) / size
    wins = sum(one.right for one in known) / size
    return (
        state.short - 0.5,
        state.long - 0.5,
        sum(one.average for one in known) / size - 0.5,
        sum(one.last for one in known) / size,
        log((wins + 1.0) / (tries - wins + 1.0)),
        log((state.right + 1.0) / (state.answers - state.right + 1.0)),
    )


def _pattern(state: State, main: int, item: int, known: OnSkill) -> tuple[float, ...]:
    recent = [*state.recent, *((0.0, -1, -1),) * (3 - len(state.recent))]
    lags = [signed for signed, _, _ in recent]
    same = [float(skill == main) for _, skill, _ in recent]
    same_item = float(recent[0][2] == item)
    seen = known.place >= 0
    gap = state.answers - known.place - 1 if seen else 0
    return (
        *lags,
        *(lagged * flag for lagged, flag in zip(lags, same, strict=True)),
        *same,
        same_item,
        same_item * lags[0],
        lags[0] * lags[1],
        log1p(gap),
        float(seen and gap == 0),
    )


def _scores(state: State, area: int, known: list[OnSkill]) -> tuple[float, ...]:
    mine, here = state.scores, state.areas.get(area, _NO_SCORES)
    return (
        mine.total / (mine.number + 2.0) / 0.15,
        mine.last / 0.20,
        mine.average / 0.15,
        here.total / (here.number + 1.0) / 0.15,
        sum(one.score / (one.scores + 1.0) for one in known) / len(known) / 0.15,
        sum(one.last_score for one in known) / len(known) / 0.20,
        log1p(mine.number) / 2.0,
        float(mine.number == 0),
    )
