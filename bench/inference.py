"""What a model or a message tells about who was there: membership of a learner, and a property of an institution.

Membership by LiRA (Carlini et al., "Membership inference attacks from first principles", 2022), with a learner as the
unit: shadow models are trained with and without each; how well a model explains a learner's answers is held against
both. The attacker knows all learners' records but who took part, which is more than anybody has.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from recommender import interactions, metrics, training
from recommender.interactions import Interactions
from recommender.parameters import Parameters
from recommender.space import Space

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Train = Callable[[Interactions, int], Parameters]  # records and a seed to a shared model
FALSE = 0.01  # share of strangers that are taken for members


@dataclass(frozen=True)
class Membership:
    """How well members are told from strangers.

    Attributes:
        auc: .5 is chance.
        tpr: Share of members found where one stranger of a hundred is taken for one.
        scores: How many guesses that rests on.
    """

    auc: float
    tpr: float
    scores: int


def lira(
    records: Interactions, space: Space, train: Train, *, inside: int, shadows: int, rng: np.random.Generator
) -> Membership:
    """Attack a way to train by shadow models.

    Args:
        records: To draw learners from: twice `inside` of them.
        space: The columns.
        train: Trains a model on those who take part.
        inside: Learners of a training set.
        shadows: Models, an even number; each learner is in exactly half of them.
        rng: Draws learners and who is inside.
    """
    drawn = np.zeros(len(records.learners), np.bool_)
    drawn[rng.permutation(len(records.learners))[: 2 * inside]] = True
    some = interactions.select(records, drawn)
    members = halves(2 * inside, shadows, rng)
    told = np.array(
        [explained(some, train(interactions.select(some, took), number), space) for number, took in enumerate(members)]
    )
    score = ratios(told, members)
    strangers, found = score[~members], score[members]
    bar = float(np.quantile(strangers, 1.0 - FALSE, method="higher"))
    return Membership(
        auc=metrics.auc(members.ravel().astype(np.float64), score.ravel()),
        tpr=float((found > bar).mean()),
        scores=score.size,
    )


def halves(learners: int, shadows: int, rng: np.random.Generator) -> Bools:
    """Who is inside which shadow, bool [shadows, learners]: half of all in each pair, and each learner in one of it."""
    first = np.array([rng.permutation(learners) < learners // 2 for _ in range(shadows // 2)])
    return np.concatenate([first, ~first])


def explained(records: Interactions, model: Parameters, space: Space) -> Floats:
    """Mean log-likelihood of each learner's answers under a model, float64 [learners]."""
    chance = np.clip(training.predict(records, model, space), 1e-9, 1.0 - 1e-9)
    right = records.correct.astype(np.float64)
    said = right * np.log(chance) + (1.0 - right) * np.log(1.0 - chance)
    count = np.bincount(records.learner, minlength=len(records.learners))
    return np.asarray(np.bincount(records.learner, said, len(count)) / np.maximum(count, 1), np.float64)


def ratios(told: Floats, members: Bools) -> Floats:
    """Log-likelihood ratio of having been inside, float64 [shadows, learners]; the shadow that is asked is left out."""
    found = np.empty_like(told)
    for number in range(len(told)):
        others = np.arange(len(told)) != number
        kept, took = told[others], members[others]
        means, counts = [], []
        for who in (took, ~took):
            counts.append(who.sum(axis=0))
            means.append(np.where(who, kept, 0.0).sum(axis=0) / counts[-1])
        centre = np.where(took, means[0], means[1])
        spread = np.sqrt(((kept - centre) ** 2).sum(axis=0) / (len(kept) - 2)) + 1e-12
        found[number] = stats.norm.logpdf(told[number], means[0], spread) - stats.norm.logpdf(
            told[number], means[1], spread
        )
    return found


def advantage(messages: Floats, has: Bools, rng: np.random.Generator) -> float:
    """How much better than a coin a linear classifier tells a property from messages it was not fitted to.

    Args:
        messages: float64 [n, size], what was seen of n institutions.
        has: bool [n], which of them have the property.
        rng: Splits them in two halves.
    """
    order = rng.permutation(len(has))
    fitted, asked = order[: len(has) // 2], order[len(has) // 2 :]
    centre, spread = messages[fitted].mean(axis=0), messages[fitted].std(axis=0) + 1e-12
    x = np.column_stack([(messages - centre) / spread, np.ones(len(has))])
    sign = np.where(has, 1.0, -1.0)
    gram = x[fitted].T @ x[fitted] + len(fitted) * 0.1 * np.eye(x.shape[1])
    weights = np.linalg.solve(gram, x[fitted].T @ sign[fitted])
    return float(((x[asked] @ weights > 0.0) == has[asked]).mean()) - 0.5


def cohorts(strong: Bools, share: Sequence[float], size: int, rng: np.random.Generator) -> list[NDArray[np.int64]]:
    """Draw institutions in which a given share of learners is strong; positions of learners, int64 [size] each."""
    yes, no = np.flatnonzero(strong), np.flatnonzero(~strong)
    return [
        np.concatenate(
            [
                rng.choice(yes, round(size * part), replace=False),
                rng.choice(no, size - round(size * part), replace=False),
            ]
        )
        for part in share
    ]
