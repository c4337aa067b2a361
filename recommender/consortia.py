"""What federating is worth to each institution, beside fitting alone and beside other ways to federate. Floor 2.

Institutions are those of the data, or made up: cut out of the learners at random, or by what they practise and how able
they are, in sizes from 10 to 1. Every figure is over held-out learners of the institution.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import special
from scipy.sparse import csr_array, linalg

from recommender import baselines, contender, interactions, metrics
from recommender.baselines import Part
from recommender.interactions import Interactions
from recommender.metrics import Figures, Interval
from recommender.parameters import Parameters
from recommender.space import Space

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

MIXES = ("uneven", "iid")
KINDS = ("local", "federated", "personalised", "FedAvg", "FedProx", "one-shot", "centralised")
LARGEST = 10.0  # the largest made-up institution is so many times the smallest
ROUNDS = 4  # of ours
AVERAGED = 20  # rounds of FedAvg and FedProx
PROXIMAL = 10.0


@dataclass(frozen=True, slots=True)
class Member:
    """How each kind of model did at one institution.

    Attributes:
        name: Of the institution.
        learners: That models were fitted to.
        held_out: Learners that they were tried on.
        rows: Answers of those.
        auc: By kind of model; nan where all answers are alike.
        ece: By kind of model.
        over_local: AUC of the personalised model above that of the local one.
        over_shared: AUC of the personalised model above that of the shared one.
    """

    name: str
    learners: int
    held_out: int
    rows: int
    auc: Mapping[str, float]
    ece: Mapping[str, float]
    over_local: Interval
    over_shared: Interval


@dataclass(frozen=True, eq=False)
class Consortium:
    """What federating was worth.

    Attributes:
        members: The institutions.
        pooled: Figures over all held-out rows, by kind of model.
        auc_away: AUC of the shared model less that of the centralised one, after `rounds` rounds.
        coefficient_away: Largest difference of a coefficient between the two.
        rounds: Rounds of ours.
        averaged: AUC of FedAvg after each of its rounds.
    """

    members: tuple[Member, ...]
    pooled: Mapping[str, Figures]
    auc_away: float
    coefficient_away: float
    rounds: int
    averaged: tuple[float, ...]


def made_up(records: Interactions, space: Space, count: int, mix: str, rng: np.random.Generator) -> Ints:
    """Cut learners into institutions.

    "iid" draws institutions of equal size. "uneven" puts learners in the order of z(first principal component of their
    mix of skills) + 0.7 z(share of right answers) + 0.3 noise and cuts that order into blocks whose sizes fall from 10
    to 1, so that both what is learnt and how well differ between them.

    Args:
        records: n rows of m learners.
        space: Gives the skills.
        count: Number of institutions.
        mix: One of `MIXES`.
        rng: For the draw.

    Returns:
        int64 [m], 0..count - 1.
    """
    learners = len(records.learners)
    if mix == "iid":
        return np.asarray(rng.permutation(learners) % count, np.int64)
    answers = np.bincount(records.learner, minlength=learners)
    share = (np.bincount(records.learner, weights=records.correct, minlength=learners) + 1.0) / (answers + 2.0)
    place = _standard(_component(records, space)) + 0.7 * _standard(share) + 0.3 * rng.normal(size=learners)
    sizes = LARGEST ** -np.linspace(0.0, 1.0, count)
    ends = np.rint(np.cumsum(sizes) / sizes.sum() * learners).astype(np.int64)
    found = np.empty(learners, np.int64)
    found[np.argsort(place)] = np.searchsorted(ends, np.arange(learners), side="right")
    return found


def compare(
    records: Interactions,
    space: Space,
    institution: Ints,
    held: npt.NDArray[np.bool_],
    rng: np.random.Generator,
    *,
    names: Sequence[str] = (),
    kinds: Sequence[str] = KINDS,
    told: Callable[[str], None] = lambda _: None,
) -> Consortium:
    """Fit each kind of model and try it on the held-out learners of every institution.

    Args:
        records: n rows of m learners.
        space: The columns.
        institution: int64 [m], 0, 1, ...
        held: bool [m], who is held out.
        rng: For the bootstrap over learners.
        names: Of the institutions; none: their numbers from 1.
        kinds: Which of `KINDS`; "local", "federated" and "personalised" are always among them.
        told: Hears the name of each kind before it is fitted.
    """
    numbers = np.unique(institution).tolist()
    inside = [interactions.select(records, (institution == number) & ~held) for number in numbers]
    outside = [interactions.select(records, (institution == number) & held) for number in numbers]
    wanted = [kind for kind in KINDS if kind in kinds or kind in KINDS[:3]]
    told("federated")
    shared = contender.rounds(inside, space, ROUNDS)
    chances = {kind: [np.zeros(0)] * len(numbers) for kind in wanted}
    chances["federated"] = [contender.predict(test, shared, space) for test in outside]
    for place, (train, test) in enumerate(zip(inside, outside, strict=True)):
        told(f"local and personalised, {place + 1} of {len(numbers)}")
        chances["local"][place] = contender.predict(test, contender.fit([train], space), space)
        chances["personalised"][place] = contender.predict(test, contender.personalise(train, shared, space), space)
    away, auc_away = float("nan"), float("nan")
    test = interactions.join(outside)
    if "centralised" in wanted:
        told("centralised")
        centre = contender.fit([interactions.join(inside)], space)
        away = contender.away(shared, centre)
        chances["centralised"] = [contender.predict(rows, centre, space) for rows in outside]
        auc_away = _auc(test, chances["federated"]) - _auc(test, chances["centralised"])
    averaged: tuple[float, ...] = ()
    if {"FedAvg", "FedProx", "one-shot"} & set(wanted):
        told("averages")
        averaged = _averages(inside, outside, space, shared, chances)
    members = tuple(
        _member(
            names[number] if names else str(number + 1),
            len(inside[place].learners),
            outside[place],
            {kind: chances[kind][place] for kind in wanted},
            rng,
        )
        for place, number in enumerate(numbers)
    )
    correct = test.correct.astype(np.float64)
    pooled = {kind: metrics.figures(correct, np.concatenate(chances[kind]), test.learner, rng) for kind in wanted}
    return Consortium(members, pooled, auc_away, away, ROUNDS, averaged)


def small(
    records: Interactions,
    institution: Ints,
    held: npt.NDArray[np.bool_],
    size: int,
    rng: np.random.Generator,
) -> tuple[Interactions, Ints, npt.NDArray[np.bool_]]:
    """Leave each institution so many training learners, and all its held-out ones.

    Args:
        records: n rows of m learners.
        institution: int64 [m].
        held: bool [m], who is held out.
        size: Training learners of each institution.
        rng: Draws them.

    Returns:
        The records, institutions and held-out flags of those that are left.
    """
    order = rng.permutation(len(institution))
    keep = held.copy()
    for number in np.unique(institution).tolist():
        mine = order[(institution[order] == number) & ~held[order]]
        keep[mine[:size]] = True
    return interactions.select(records, keep), institution[keep], held[keep]


def _averages(
    inside: Sequence[Interactions],
    outside: Sequence[Interactions],
    space: Space,
    shared: Parameters,
    chances: dict[str, list[Floats]],
) -> tuple[float, ...]:
    """Fill in the averaged models that are asked for; answer the AUC of FedAvg after each round."""
    parts = [
        Part(contender.matrix(rows, shared, space, trained=True), rows.correct.astype(np.float64)) for rows in inside
    ]
    tests = [contender.matrix(rows, shared, space, trained=False) for rows in outside]
    ridge = contender.ridge(shared, space)
    test = interactions.join(outside)
    found: list[float] = []

    def use(kind: str, weights: Floats) -> None:
        chances[kind] = [np.asarray(special.expit(rows @ weights), np.float64) for rows in tests]

    if "FedAvg" in chances:
        for weights in baselines.averaging(parts, ridge, rounds=AVERAGED, steps=3):
            use("FedAvg", weights)
            found.append(_auc(test, chances["FedAvg"]))
    if "FedProx" in chances:
        for weights in baselines.averaging(parts, ridge, rounds=AVERAGED, steps=10, proximal=PROXIMAL):
            use("FedProx", weights)
    if "one-shot" in chances:
        use("one-shot", baselines.one_shot(parts, ridge))
    return tuple(found)


def _member(
    name: str, learners: int, test: Interactions, chances: Mapping[str, Floats], rng: np.random.Generator
) -> Member:
    correct = test.correct.astype(np.float64)
    own = chances["personalised"]
    return Member(
        name=name,
        learners=learners,
        held_out=len(np.unique(test.learner)),
        rows=len(test.item),
        auc={kind: metrics.auc(correct, chance) for kind, chance in chances.items()},
        ece={kind: metrics.ece(correct, chance) for kind, chance in chances.items()},
        over_local=metrics.difference(correct, own, chances["local"], test.learner, rng),
        over_shared=metrics.difference(correct, own, chances["federated"], test.learner, rng),
    )


def _auc(test: Interactions, chances: Sequence[Floats]) -> float:
    return metrics.auc(test.correct, np.concatenate(chances))


def _standard(values: Floats) -> Floats:
    spread = float(values.std())
    return (values - values.mean()) / spread if spread else np.zeros(len(values))


def _component(records: Interactions, space: Space) -> Floats:
    """First principal component of the learners' mix of skills, float64 [m]; 0 where there is but one skill.

    The mean is taken off inside the products, so that the matrix of learners and skills stays sparse.
    """
    learners = len(records.learners)
    sizes = np.array([len(skills) for skills in space.item_skills], np.int64)
    row = np.repeat(np.arange(len(records.item)), sizes[records.item])
    skill = np.array([one for item in records.item.tolist() for one in space.item_skills[item]], np.int64)
    each = 1.0 / sizes[records.item][row]
    mix = csr_array((each, (records.learner[row], skill)), shape=(learners, space.skills))
    mix = csr_array(mix.multiply(1.0 / np.maximum(mix.sum(axis=1), 1e-12)[:, None]))
    if min(mix.shape) < 3:
        return np.zeros(learners)
    mean = np.asarray(mix.mean(axis=0)).ravel()
    centred = linalg.LinearOperator(
        mix.shape,
        matvec=lambda vector: mix @ vector - mean @ vector,
        rmatvec=lambda vector: mix.T @ vector - mean * vector.sum(),
        dtype=np.float64,
    )
    left, value, right = linalg.svds(centred, k=1, v0=np.cos(np.arange(min(mix.shape))))
    sign = 1.0 if right[0][np.argmax(np.abs(right[0]))] >= 0 else -1.0
    return np.asarray(sign * left[:, 0] * value[0], np.float64)
