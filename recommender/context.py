"""What came before each answer, as columns: of many learners at once. Floor 2.

Everything here is a count, a lag, a run or a moment of the rows before a row in its own learner, so no answer reaches
its own features. `online` keeps the same facts of one learner, one answer at a time.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from recommender import ability, errors, grouped
from recommender.interactions import Interactions
from recommender.space import Space

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

LAGS = 10
DAY = 86_400e6  # microseconds
HOUR = 3_600e6
GAPS = 8  # doublings of the distance to the last answer on the skill that are told apart


@dataclass(frozen=True, eq=False)
class Context:
    """What came before n answers. Outcomes are coded 0 none, 1 wrong, 2 right; earlier items 0 none, else column + 1.

    Attributes:
        item: int64 [n].
        combo: int64 [n], which set of skills the item needs.
        outcome: int64 [10, n], of the last, the last but one, ... answer.
        earlier: int64 [10, n], its item.
        before: int64 [n], set of skills of the last answer, 0 none.
        same: int64 [3, n], 1 where the main skill of that earlier answer is that of the row.
        tries: float64 [n], answers on the same item; `wins`: right ones; `tried`: code 0..4 of both (see `tried`).
        answers: float64 [n], of the learner; `right`.
        practised: float64 [n], answers on the main skill; `succeeded`.
        skill_outcome: int64 [5, n], of the last answers on the main skill.
        distance: int64 [n], answers since the last one on the main skill (1: it was the last); 0 never.
        run: float64 [4, n], right and wrong in a row on the main skill, right and wrong in a row overall.
        averages: float64 [3, n], exponential averages of outcomes: of all (keep .8, .95), on the main skill (keep .7).
        waited: float64 [4, n], days since the last answer on the main skill, on the item, hours since any, and right
            answers on the skill that its half-life would have made forget; 0 where there was none.
        effort: float64 [4, n], log1p of seconds and of hints of the last answer, of the mean of hints so far, and of
            the tries before this one that the statement counts; 0 where nobody said.
        scores: float64 [8, n], or [0, n] where the catalog has no pass score; see `SCORES`.
        paths: Where each row finds its abilities.
    """

    item: Ints
    combo: Ints
    outcome: Ints
    earlier: Ints
    before: Ints
    same: Ints
    tries: Floats
    wins: Floats
    tried: Ints
    answers: Floats
    right: Floats
    practised: Floats
    succeeded: Floats
    skill_outcome: Ints
    distance: Ints
    run: Floats
    averages: Floats
    waited: Floats
    effort: Floats
    scores: Floats
    paths: ability.Paths


# Shares of the exponential averages that stay after each answer: over all answers (short, long), on a skill, of scores.
KEEP = (0.8, 0.95)
KEEP_SKILL = 0.7
KEEP_SCORE = 0.6

SCORES = (
    "score_mean",
    "score_last",
    "score_average",
    "score_area",
    "score_skill",
    "score_skill_last",
    "score_count",
    "score_none",
)


def of(interactions: Interactions, space: Space) -> Context:
    """Look back from every row.

    Args:
        interactions: n rows, sorted by learner and time.
        space: The columns.

    Raises:
        errors.MismatchError: An item lies outside the space.
    """
    item = interactions.item.astype(np.int64)
    if len(item) and (item.min() < 0 or item.max() >= space.items):
        raise errors.MismatchError(
            "an item lies outside the space",
            found=f"columns {item.min()} to {item.max()}",
            needed=f"0 to {space.items - 1} of catalog {space.catalog.id!r}",
        )
    correct = interactions.correct.astype(np.float64)
    learner = interactions.learner.astype(np.int64)
    main = space.main[item]
    learners = grouped.by(learner)
    skills = grouped.by(learner * space.skills + main)
    own = np.unique(learner * space.items + item, return_inverse=True)[1].astype(np.int64)
    items = grouped.by(own)
    coded = correct + 1.0
    outcome = np.stack([_lag(learners, coded, lag, 0.0) for lag in range(1, LAGS + 1)])
    earlier = np.stack([_lag(learners, (item + 1).astype(np.float64), lag, 0.0) for lag in range(1, LAGS + 1)])
    tries, wins = grouped.count(items), grouped.total(items, correct)
    answers = grouped.count(learners)
    seen = grouped.lag(skills, answers, 1, -1.0)
    return Context(
        item=item,
        combo=space.combo[item],
        outcome=outcome,
        earlier=earlier,
        before=np.where(earlier[0] > 0, space.combo[earlier[0] - 1] + 1, 0),
        same=np.stack([_lag(learners, main.astype(np.float64), lag, -1.0) == main for lag in (1, 2, 3)]).astype(
            np.int64
        ),
        tries=tries,
        wins=wins,
        tried=tried(tries, _lag(items, coded, 1, 0.0)),
        answers=answers,
        right=grouped.total(learners, correct),
        practised=grouped.count(skills),
        succeeded=grouped.total(skills, correct),
        skill_outcome=np.stack([_lag(skills, coded, lag, 0.0) for lag in range(1, 6)]),
        distance=np.where(seen >= 0, answers - seen, 0.0).astype(np.int64),
        run=np.stack([*grouped.runs(skills, correct > 0.5), *grouped.runs(learners, correct > 0.5)]),
        averages=_averages(learners, skills, correct),
        waited=_waited(interactions, space, main, (learners, skills, items)),
        effort=_effort(interactions, learners),
        scores=_scores(interactions, space, main, (learners, skills)),
        paths=_paths(learner, item, own, learners, space),
    )


def tried(tries: Floats, last: Ints) -> Ints:
    """Code what happened on the same item: 0 nothing, 1 and 2 one answer (wrong, right), 3 and 4 several."""
    return np.where(tries == 0, 0, np.where(tries == 1, last, last + 2)).astype(np.int64)


def _lag(groups: grouped.Groups, values: Floats, steps: int, missing: float) -> Ints:
    return grouped.lag(groups, values, steps, missing).astype(np.int64)


def _averages(learners: grouped.Groups, skills: grouped.Groups, correct: Floats) -> Floats:
    keep, half = np.array(KEEP), np.array([0.5, 0.5])
    overall = grouped.running(learners, np.stack([correct, correct], axis=1), keep, 1.0 - keep, half)
    on_skill = grouped.running(skills, correct[:, None], np.array([KEEP_SKILL]), np.array([1.0 - KEEP_SKILL]), half[:1])
    return np.stack([overall[:, 0], overall[:, 1], on_skill[:, 0]])


def _waited(
    interactions: Interactions, space: Space, main: Ints, groups: tuple[grouped.Groups, grouped.Groups, grouped.Groups]
) -> Floats:
    learners, skills, items = groups
    when = interactions.when.astype(np.float64)
    correct = interactions.correct.astype(np.float64)
    since = [np.maximum(when - grouped.lag(one, when, 1, np.nan), 0.0) for one in (skills, items, learners)]
    on_skill, on_item, pause = (np.nan_to_num(values, nan=0.0) for values in since)
    gone = 1.0 - np.exp2(-on_skill / DAY / space.half_life[main])
    faded = np.log1p(grouped.total(skills, correct)) * gone
    return np.stack([np.log1p(on_skill / DAY), np.log1p(on_item / DAY), np.log1p(pause / HOUR), faded])


def _effort(interactions: Interactions, learners: grouped.Groups) -> Floats:
    seconds = np.log1p(np.maximum(interactions.seconds.astype(np.float64), 0.0))
    hints = np.maximum(interactions.hints.astype(np.float64), 0.0)
    said = np.where(np.isnan(hints), np.nan, 1.0)
    told = grouped.running(learners, np.stack([hints, said], axis=1), np.ones(2), np.ones(2), np.zeros(2))
    attempt = np.log1p(np.maximum(interactions.attempt.astype(np.float64) - 1.0, 0.0))
    found: Floats = np.nan_to_num(
        np.stack(
            [
                grouped.lag(learners, seconds, 1),
                grouped.lag(learners, np.log1p(hints), 1),
                np.log1p(told[:, 0] / np.maximum(told[:, 1], 1.0)),
                attempt,
            ]
        ),
        nan=0.0,
    )
    return found


def _scores(
    interactions: Interactions, space: Space, main: Ints, groups: tuple[grouped.Groups, grouped.Groups]
) -> Floats:
    """Earlier scores around the pass score c: shrunk means as if 2 (in area and skill: 1) earlier scores had been c."""
    if not space.scored:
        return np.zeros((0, len(main)))
    learners, skills = groups
    above = interactions.score.astype(np.float64) - float(space.catalog.pass_score or 0.0)
    number = np.where(np.isnan(above), np.nan, 1.0)
    areas = grouped.by(interactions.learner.astype(np.int64) * space.areas + space.area[main])
    mine = grouped.running(
        learners,
        np.stack([above, number, above, above], axis=1),
        np.array([1.0, 1.0, 0.0, KEEP_SCORE]),
        np.array([1.0, 1.0, 1.0, 1.0 - KEEP_SCORE]),
        np.zeros(4),
    )
    here = grouped.running(areas, np.stack([above, number], axis=1), np.ones(2), np.ones(2), np.zeros(2))
    there = grouped.running(
        skills, np.stack([above, number, above], axis=1), np.array([1.0, 1.0, 0.0]), np.ones(3), np.zeros(3)
    )
    return np.stack(
        [
            mine[:, 0] / (mine[:, 1] + 2.0) / 0.15,
            mine[:, 2] / 0.20,
            mine[:, 3] / 0.15,
            here[:, 0] / (here[:, 1] + 1.0) / 0.15,
            there[:, 0] / (there[:, 1] + 1.0) / 0.15,
            there[:, 2] / 0.20,
            np.log1p(mine[:, 1]) / 2.0,
            (mine[:, 1] == 0).astype(np.float64),
        ]
    )


def _paths(learner: Ints, item: Ints, own: Ints, learners: grouped.Groups, space: Space) -> ability.Paths:
    wide = space.wide[item]
    keys = np.where(wide >= 0, learner[:, None] * space.skills + wide, -1)
    known, number = np.unique(keys, return_inverse=True)
    number = number.reshape(keys.shape).astype(np.int64)
    missing = int(len(known) > 0 and known[0] == -1)
    pairs = len(known) - missing
    counted = (wide >= 0).sum(axis=1, keepdims=True)
    return ability.Paths(
        learners=learners,
        skills=np.where(wide >= 0, number - missing, pairs),
        share=np.where(wide >= 0, 1.0 / counted, 0.0),
        pairs=pairs,
        items=own,
    )
