"""How good a model is on learners it has not seen: folds of learners, hidden items, and a changed future. Floor 2.

Folds are by learner, never by row: a learner's later answers would give the earlier ones away. Every figure has a
likely range from drawing learners anew.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from recommender import baselines, contender, interactions, metrics
from recommender.baselines import Predictor
from recommender.interactions import Interactions
from recommender.metrics import Figures, Interval
from recommender.space import Space
from recommender.wording import Embed

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
HIDDEN = 0.2


@dataclass(frozen=True, eq=False)
class Trial:
    """How one model did on held-out learners.

    Attributes:
        figures: Over the rows of all folds.
        folds: AUC of each fold.
        chance: float64 [n], each row's prediction by the model that had not seen its learner; nan where never held out.
        ahead: AUC above that of the first model, over the same draws of learners; None for the first one itself.
    """

    figures: Figures
    folds: tuple[float, ...]
    chance: Floats
    ahead: Interval | None


@dataclass(frozen=True, slots=True)
class Unseen:
    """How good predictions are on items that training held no answer to, on the same rows of held-out learners.

    Attributes:
        items: How many items were hidden.
        rows: How many rows were predicted.
        hidden: AUC of the model that never saw them.
        seen: AUC of the model that did.
        control: AUC of the first generation that never saw them.
        control_seen: AUC of the first generation that did.
    """

    items: int
    rows: int
    hidden: float
    seen: float
    control: float
    control_seen: float

    @property
    def closed(self) -> float:
        """Share of the first generation's gap between hidden and seen items that the model closes."""
        gap = self.control_seen - self.control
        return (self.hidden - self.control) / gap if gap else float("nan")


def folds(learners: int, count: int, rng: np.random.Generator) -> Ints:
    """Draw the fold that holds each learner out.

    Args:
        learners: m.
        count: Number of folds, equal in learners.
        rng: For the draw.

    Returns:
        int64 [m], 0..count - 1.
    """
    return np.asarray(rng.permutation(learners) % count, np.int64)


def model(train: Interactions, test: Interactions, space: Space, *, embed: Embed | None = None) -> Floats:
    """The model under test as a predictor, with its default settings; `embed` as for `contender.fit`."""
    return contender.predict(test, contender.fit([train], space, embed=embed), space)


def predictors(embed: Embed | None = None) -> dict[str, Predictor]:
    """The model under test first, then what it must beat, by name; `embed` as for `contender.fit`."""
    return {contender.NAME: functools.partial(model, embed=embed), **baselines.PREDICTORS}


def across(records: Interactions, space: Space, fold: Ints, predictor: Predictor) -> Floats:
    """Predict each learner by a model that did not see them.

    Args:
        records: n rows of m learners.
        space: The columns.
        fold: int64 [m], the fold that holds each learner out; below 0 for never.
        predictor: Fits and predicts.

    Returns:
        float64 [n]; nan in rows of learners that are never held out.
    """
    chance = np.full(len(records.item), np.nan)
    for number in np.unique(fold[fold >= 0]).tolist():
        held = fold == number
        train, test = interactions.select(records, ~held), interactions.select(records, held)
        chance[held[records.learner]] = predictor(train, test, space)
    return chance


def trials(
    records: Interactions,
    space: Space,
    fold: Ints,
    chosen: Mapping[str, Predictor],
    rng: np.random.Generator,
    *,
    repeats: int = metrics.REPEATS,
    told: Callable[[str], None] = lambda _: None,
) -> dict[str, Trial]:
    """Try several models on the same folds; the first one is what the others are compared with.

    Args:
        records: n rows of m learners.
        space: The columns.
        fold: int64 [m], as in `across`.
        chosen: Predictors by name.
        rng: For the bootstrap over learners.
        repeats: Draws of the bootstrap.
        told: Hears the name of each model before it is tried.
    """
    rows = (fold >= 0)[records.learner]
    correct, learner = records.correct[rows].astype(np.float64), records.learner[rows]
    of_row = fold[learner]
    found: dict[str, Trial] = {}
    first: Floats | None = None
    for name, predictor in chosen.items():
        told(name)
        chance = across(records, space, fold, predictor)
        kept = chance[rows]
        found[name] = Trial(
            figures=metrics.figures(correct, kept, learner, rng, repeats=repeats),
            folds=tuple(
                metrics.auc(correct[of_row == number], kept[of_row == number]) for number in np.unique(of_row).tolist()
            ),
            chance=chance,
            ahead=None if first is None else metrics.difference(correct, kept, first, learner, rng, repeats=repeats),
        )
        first = kept if first is None else first
    return found


def unseen(
    records: Interactions,
    space: Space,
    held: npt.NDArray[np.bool_],
    rng: np.random.Generator,
    *,
    share: float = HIDDEN,
    embed: Embed | None = None,
) -> Unseen:
    """Hide some items from training, and predict the answers to them of held-out learners.

    Args:
        records: n rows of m learners.
        space: The columns; hidden items keep theirs.
        held: bool [m], who is held out.
        rng: Draws the items.
        share: Of the items, 0..1.
        embed: As for `contender.fit`.
    """
    hidden = np.zeros(space.items, np.bool_)
    hidden[rng.permutation(space.items)[: max(1, round(share * space.items))]] = True
    train, test = interactions.select(records, ~held), interactions.select(records, held)
    less = interactions.rows(train, ~hidden[train.item])
    asked = hidden[test.item]
    correct = test.correct[asked]

    def measure(predictor: Predictor, rows: Interactions) -> float:
        return metrics.auc(correct, predictor(rows, test, space)[asked])

    ours = functools.partial(model, embed=embed)
    return Unseen(
        items=int(hidden.sum()),
        rows=int(asked.sum()),
        hidden=measure(ours, less),
        seen=measure(ours, train),
        control=measure(baselines.first_generation, less),
        control_seen=measure(baselines.first_generation, train),
    )


def leakage(
    records: Interactions,
    predict: Callable[[Interactions], Floats],
    rng: np.random.Generator,
    *,
    times: int = 3,
) -> float:
    """Change the future of every learner and see whether a prediction of the past moves.

    At a place drawn for each learner the outcome is turned over, and all later rows are shuffled and get new outcomes,
    scores, times taken and hints. Predictions up to that place may use none of it.

    Args:
        records: n rows of m learners.
        predict: Predicts rows with a model that stays as it is.
        rng: For places and changes.
        times: How often.

    Returns:
        Largest change of a prediction that should not have changed; 0 where nothing leaks.
    """
    before = predict(records)
    begins = np.searchsorted(records.learner, np.arange(len(records.learners) + 1))
    place = np.arange(len(records.item)) - begins[records.learner]
    worst = 0.0
    for _ in range(times):
        cut = rng.integers(0, np.maximum(np.diff(begins), 1))[records.learner]
        later, now = place > cut, place >= cut
        order = np.lexsort((np.where(later, rng.random(len(place)), -1.0), np.where(later, 1, 0), records.learner))
        drawn = rng.random(len(place)) < 0.5
        turned = np.where(later, drawn, np.where(now, 1.0 - records.correct, records.correct))
        after = predict(
            replace(
                interactions.rows(records, order),
                learner=records.learner,
                when=records.when,
                correct=turned.astype(np.float32),
                score=np.where(now, rng.random(len(place)), records.score).astype(np.float32),
                seconds=np.where(now, rng.random(len(place)) * 100.0, records.seconds).astype(np.float32),
                hints=np.where(now, rng.integers(0, 5, len(place)), records.hints).astype(np.float32),
            )
        )
        worst = max(worst, float(np.max(np.abs(after - before)[~later], initial=0.0)))
    return worst
