"""The columns of the model, and the rows of a batch of interactions. Floor 2.

A row is an answer, its columns say what came before it: what peers did in the same situation (`cells`), what the
learner can do (`ability`), how it went lately, how long ago. All are standardised. A few of them count once more for
each item by itself, and for each skill. Sources: Best-LR (Gervet et al., JEDM 2020), Elo as a filter (Pelánek 2016),
DAS3H for spacing (Choffin et al., EDM 2019).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from recommender import ability, cells, cold_start, context, grouped
from recommender.cells import Counts, Seen
from recommender.context import Context
from recommender.interactions import Interactions
from recommender.parameters import Parameters, Tables
from recommender.space import Space

__all__ = ["Design", "Space"]

VERSION = "2"

PEERS = (
    "difficulty",
    "difficulty_ability",
    "difficulty_form",
    "difficulty_squared",
    "difficulty_early",
    "first",
    "first_on_skill",
    "harder",
    "usual",
    "combo_difficulty",
    "last_difficulty",
    "last_difficulty_same",
)
TALLY = ("item_answers", "item_right", "answers", "right", "skill_answers", "skill_right")
RECENCY = ("average_short", "average_long", "average_skill", "last_on_skill", "odds_skill", "odds")
PATTERN = (
    "lag1", "lag2", "lag3",
    "lag1_same_skill", "lag2_same_skill", "lag3_same_skill",
    "same_skill1", "same_skill2", "same_skill3",
    "same_item", "same_item_lag1", "lag1_lag2",
    "gap", "no_gap",
)  # fmt: skip
WAITED = ("days_skill", "days_item", "pause", "forgotten")
EFFORT = ("last_seconds", "last_hints", "hints", "attempt")
BASE = (*ability.COLUMNS, *PEERS, *TALLY, *RECENCY, *PATTERN, *cells.COLUMNS, *WAITED, *EFFORT)

# The columns that count once more for each item by itself, with the strength of the pull of those weights to 0.
_OF_ITEM = {"intercept": 4.0, "ability": 10.0}
# The same for each skill as the main one; where a catalog has scores, those too.
_OF_SKILL = (
    "intercept",
    "average_skill",
    "difficulty",
    "ability",
    "skill_answers",
    "skill_right",
    "ability_skill",
    "expected",
)
_PENALTY_SKILL = 10.0
PENALTY = 1.0  # of all others

# Halving times, in answers, of the decayed means of what a learner did better than peers.
FORM = (5.0, 10.0)

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


def names(space: Space) -> tuple[str, ...]:
    """Names of the dense columns, the intercept last."""
    return (*BASE, *(context.SCORES if space.scored else ()), "intercept")


def of_item(space: Space) -> Mapping[str, float]:
    """The columns that count once more for each item, and how strongly those weights are pulled to 0."""
    del space  # the same for every catalog
    return _OF_ITEM


def of_skill(space: Space) -> Mapping[str, float]:
    """The columns that count once more for each skill, and how strongly those weights are pulled to 0."""
    return dict.fromkeys((*_OF_SKILL, *(context.SCORES[:6] if space.scored else ())), _PENALTY_SKILL)


def weight_names(space: Space) -> tuple[str, ...]:
    """A name for every weight: "COLUMN of item ITEM" by item, "COLUMN of skill SKILL" by skill, then the columns."""
    items = (f"{name} of item {item}" for item in space.catalog.items for name in of_item(space))
    skills = (f"{name} of skill {skill}" for skill in space.catalog.skills for name in of_skill(space))
    return (*items, *skills, *names(space))


def dimension(space: Space) -> int:
    """Number of weights."""
    return len(of_item(space)) * space.items + len(of_skill(space)) * space.skills + len(names(space))


def places(space: Space, columns: Iterable[str]) -> Ints:
    """Where some columns stand among the dense ones, int64."""
    listed = names(space)
    return np.array([listed.index(name) for name in columns], dtype=np.int64)


@dataclass(frozen=True, eq=False)
class Design:
    """Rows of standardised features.

    Attributes:
        space: The catalog by column.
        learner: int32 [n].
        item: int32 [n].
        dense: float64 [n, r], all columns, the intercept last.
        correct: float64 [n].
    """

    space: Space
    learner: npt.NDArray[np.int32]
    item: npt.NDArray[np.int32]
    dense: Floats
    correct: Floats


def take(design: Design, rows: npt.NDArray[np.bool_]) -> Design:
    """Keep some rows, bool [n]."""
    return replace(
        design,
        learner=design.learner[rows],
        item=design.item[rows],
        dense=design.dense[rows],
        correct=design.correct[rows],
    )


def design(
    interactions: Interactions, parameters: Parameters, space: Space, *, sent: Mapping[str, Counts] | None = None
) -> Design:
    """Make the features of every row from the rows before it.

    Args:
        interactions: n rows, sorted by learner and time.
        parameters: Gives tables and scale; its weights do not matter.
        space: The catalog by column.
        sent: What these rows gave to the tables, which is then left out row by row; None: nothing.

    Raises:
        errors.MismatchError: An item lies outside the space.
    """
    plain = Design(
        space=space,
        learner=interactions.learner,
        item=interactions.item,
        dense=_rows(interactions, parameters.tables, space, sent=sent),
        correct=interactions.correct.astype(np.float64),
    )
    return scale(plain, parameters)


def scale(plain: Design, parameters: Parameters) -> Design:
    """Rows of columns on their own scale (centre 0, spread 1), on that of a model."""
    dense = plain.dense - parameters.centre
    dense /= parameters.spread
    return replace(plain, dense=dense)


def _rows(interactions: Interactions, tables: Tables, space: Space, *, sent: Mapping[str, Counts] | None) -> Floats:
    """Columns on their own scale, float64 [n, r]; arguments as `design`."""
    before = context.of(interactions, space)
    correct = interactions.correct.astype(np.float64)
    peers = base(interactions, before, tables, space, sent)
    abilities, form, usual, last = path(before, peers, correct)
    named = cells.parts(before, abilities[:, -1], form[0])
    told = _cells(interactions, Rows(before, named, peers), tables, space, sent)
    return assemble(Situation(before, peers.combo, peers.difficulty, abilities, form, usual, last, told))


@dataclass(frozen=True, eq=False)
class Peers:
    """What peers did on each row's item and set of skills, without the row's own learner.

    Attributes:
        mean: Share of right answers over everything.
        combo: float64 [n], share on the set of skills.
        item: float64 [n], share on the item.
    """

    mean: float
    combo: Floats
    item: Floats

    @property
    def difficulty(self) -> Floats:
        """float64 [n], log-odds of the peers on the item: higher is easier."""
        return cells.difficulty(self.item)


def base(
    interactions: Interactions, before: Context, tables: Tables, space: Space, sent: Mapping[str, Counts] | None
) -> Peers:
    """Shares of right answers by item and set of skills, the coarser one as the start of the finer one."""
    learner, correct = interactions.learner, interactions.correct.astype(np.float64)
    seen = cells.see(before.combo, learner, correct)
    combo = _share(seen, _Asked("combo", tables, sent), cells.COMBO_STRENGTH, tables.prior[before.combo])
    start = 1.0 / (1.0 + np.exp(-cells.log_odds(combo) - tables.offset[before.item]))
    seen = cells.see(before.item, learner, correct)
    item = _share(seen, _Asked("item", tables, sent), cold_start.strength(tables, space), start)
    return Peers(mean(tables), combo, item)


def mean(tables: Tables) -> float:
    """Share of right answers over everything, as if there had been one right and one wrong before."""
    counts = tables.of("item")
    return float((counts.wins.sum() + 1.0) / (counts.tries.sum() + 2.0))


@dataclass(frozen=True, eq=False)
class _Asked:
    """A table by name, and what the rows that ask it gave to it themselves."""

    name: str
    tables: Tables
    sent: Mapping[str, Counts] | None


def _share(seen: Seen, asked: _Asked, strength: float, parent: Floats) -> Floats:
    given = None if asked.sent is None else asked.sent.get(asked.name, cells.NONE)
    tries, wins = cells.others(asked.tables.of(asked.name), seen, given)
    return cells.shrink(tries, wins, strength, parent)


def path(before: Context, peers: Peers, correct: Floats) -> tuple[Floats, Floats, Floats, Floats]:
    """Follow every learner along their answers.

    Returns:
        float64 [n, 8] abilities; float64 [2, n] decayed means of what was better than peers, by `FORM`; float64 [n]
        mean difficulty so far; float64 [n] difficulty of the last answer.
    """
    difficulty = peers.difficulty
    abilities = ability.trace(before.paths, difficulty, correct)
    better, one = correct - peers.item, np.ones(len(correct))
    keep = np.array([*(2.0 ** (-1.0 / time) for time in FORM for _ in range(2)), 1.0])
    values = np.stack([better, one, better, one, difficulty], axis=1)
    sums = grouped.running(before.paths.learners, values, keep, np.ones(5), np.zeros(5))
    form = np.stack([sums[:, 0] / (sums[:, 1] + 1.0), sums[:, 2] / (sums[:, 3] + 1.0)])
    usual = sums[:, 4] / (before.answers + 1.0)
    return abilities, form, usual, grouped.lag(before.paths.learners, difficulty, 1)


@dataclass(frozen=True, eq=False)
class Rows:
    """What the cells of n rows are made of: context, parts of the situation by name, peers on the item."""

    before: Context
    named: Mapping[str, Ints]
    peers: Peers


def _cells(
    interactions: Interactions, rows: Rows, tables: Tables, space: Space, sent: Mapping[str, Counts] | None
) -> Floats:
    """By how many logits peers in the same cell did better than in the coarser one: float64 [n, cells]."""
    learner, correct = interactions.learner, interactions.correct.astype(np.float64)
    size = cells.sizes(space)
    shares = {"item": rows.peers.item, "combo": rows.peers.combo, "mean": np.full(len(correct), rows.peers.mean)}
    columns = []
    for name, cell in cells.CELLS.items():
        parent = shares[cell.parent]
        seen = cells.see(cells.key(rows.named, cell, size), learner, correct)
        shares[name] = _share(seen, _Asked(name, tables, sent), cell.strength, parent)
        columns.append(cells.log_odds(shares[name]) - cells.log_odds(parent))
    keys = cells.skip_keys(rows.before, space)
    there = keys >= 0
    lag, row = np.nonzero(there)
    seen = cells.see(keys[there], learner[row], correct[row])
    given = None if sent is None else sent.get(cells.SKIPS, cells.NONE)
    tries, wins = cells.others(tables.of(cells.SKIPS), seen, given)
    start = rows.peers.item[row]
    told = np.zeros(keys.shape)
    told[lag, row] = cells.log_odds(cells.shrink(tries, wins, cells.SKIP_STRENGTH, start)) - cells.log_odds(start)
    return np.column_stack([*columns, cells.skip_means(told)])


@dataclass(frozen=True, eq=False)
class Situation:
    """All that the columns of n answers are made of.

    Attributes:
        before: What came before.
        combo: float64 [n], share of peers on the set of skills.
        difficulty: float64 [n], log-odds of peers on the item.
        abilities: float64 [n, 8].
        form: float64 [2, n].
        usual: float64 [n], mean difficulty of the learner's answers so far.
        last: float64 [n], difficulty of the last answer.
        told: float64 [n, cells], what the cells say.
    """

    before: Context
    combo: Floats
    difficulty: Floats
    abilities: Floats
    form: Floats
    usual: Floats
    last: Floats
    told: Floats


def assemble(situation: Situation) -> Floats:
    """Put the columns side by side: float64 [n, r], the intercept last."""
    before, difficulty = situation.before, situation.difficulty
    outcome = (before.outcome[:3] == 2).astype(np.float64) - (before.outcome[:3] == 1)
    same = before.same.astype(np.float64)
    same_item = (before.earlier[0] == before.item + 1).astype(np.float64)
    last = before.skill_outcome[0]
    columns = [
        difficulty,
        difficulty * situation.abilities[:, -1],
        difficulty * situation.form[1],
        difficulty * difficulty,
        difficulty / (1.0 + 0.1 * before.answers),
        before.answers == 0,
        before.practised == 0,
        difficulty - situation.usual,
        situation.usual,
        cells.difficulty(situation.combo),
        situation.last,
        situation.last * same[0],
        np.log1p(before.tries),
        np.log1p(before.wins),
        np.log1p(before.answers),
        np.log1p(before.right),
        np.log1p(before.practised),
        np.log1p(before.succeeded),
        before.averages[0] - 0.5,
        before.averages[1] - 0.5,
        before.averages[2] - 0.5,
        (last == 2).astype(np.float64) - (last == 1),
        np.log((before.succeeded + 1.0) / (before.practised - before.succeeded + 1.0)),
        np.log((before.right + 1.0) / (before.answers - before.right + 1.0)),
        *outcome,
        *(outcome * same),
        *same,
        same_item,
        same_item * outcome[0],
        outcome[0] * outcome[1],
        np.log1p(np.maximum(before.distance - 1, 0)),
        before.distance == 1,
    ]
    return np.column_stack(
        [
            situation.abilities,
            *columns,
            situation.told,
            before.waited.T,
            before.effort.T,
            before.scores.T,
            np.ones(len(difficulty)),
        ]
    ).astype(np.float64)
