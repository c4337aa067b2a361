"""Trials: what a policy teaches, measured on simulated learners beside other policies. Floor 2.

Every strategy meets the same learners, each begun anew with the same luck, so that strategies are compared in pairs.
The gain is E_p = (E_end - E_start) / (E_sup - E_start) over the goal. Learners of one world share its graph, so
ranges come from sums over worlds, with quantiles of the t distribution (Cameron and Miller, "A practitioner's guide to
cluster-robust inference", 2015).
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import nan, sqrt

import numpy as np
import numpy.typing as npt
from scipy.special import stdtrit

from curriculum.catalog import Catalog
from recommender import priors
from recommender.interactions import Interactions
from recommender.simulators import worlds
from recommender.simulators.worlds import Learner, Simulator, Trial, World
from recommender.strategies import STRATEGIES, Policy, Strategy
from recommender.tracker import Priors

Floats = npt.NDArray[np.float64]

STEPS = (5, 10, 20, 50)
TOGETHER = 20  # learners of one world
OTHERS = 200  # learners whose answers make the priors of a world
ANSWERS = 20  # answers of each of them
ROW = 10  # times the same skill in a row ...
NOTHING = 0.01  # ... with less growth of its true mastery than this is being stuck
GROUPS = 3  # by true start: low, middle, high


@dataclass(frozen=True)
class Plan:
    """How much to measure.

    Attributes:
        learners: Learners a seed.
        seeds: Each draws its own worlds and learners.
        steps: Numbers of practices after which the gain is taken, growing.
        wrong: Share of the edges that are wrong in the graph as it is seen, 0..1.
        together: Learners of one world.
    """

    learners: int = 500
    seeds: tuple[int, ...] = (1, 2, 3)
    steps: tuple[int, ...] = STEPS
    wrong: float = 0.0
    together: int = TOGETHER


@dataclass(frozen=True, eq=False)
class Outcome:
    """What one strategy reached.

    Attributes:
        gain: float64 [learners, steps], E_p.
        stuck: bool [learners], practised a skill ten times in a row without true gain in it.
        questions: int32 [learners], asked in a placement.
    """

    gain: Floats
    stuck: npt.NDArray[np.bool_]
    questions: npt.NDArray[np.int32]


@dataclass(frozen=True, eq=False)
class Results:
    """What all strategies reached with the same learners.

    Attributes:
        simulator: Name of the simulator.
        plan: How much was measured.
        world: int32 [learners], number of the learner's world.
        start: float64 [learners], E_start / E_sup.
        outcomes: By name of the strategy.
    """

    simulator: str
    plan: Plan
    world: npt.NDArray[np.int32]
    start: Floats
    outcomes: Mapping[str, Outcome]


@dataclass(frozen=True)
class Figure:
    """A figure with its likely range: 95 of 100 such ranges hold the true one. nan: of nothing."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Comparison:
    """A strategy beside the best simple one, after some number of steps.

    Attributes:
        strategy: Its name.
        steps: Practices.
        best: Name of the simple strategy with the highest mean gain after as many practices.
        gain: Of the strategy.
        other: Of the best simple one.
        difference: Gain less the other's gain, in pairs.
        ratio: Gain over the other's gain.
    """

    strategy: str
    steps: int
    best: str
    gain: Figure
    other: Figure
    difference: Figure
    ratio: Figure


def run(
    simulator: Simulator,
    names: Sequence[str],
    plan: Plan,
    *,
    tell: Callable[[int, int], None] | None = None,
    strategies: Mapping[str, Strategy] = STRATEGIES,
) -> Results:
    """Let strategies teach simulated learners.

    Args:
        simulator: Where worlds come from.
        names: Of the strategies.
        plan: How much to measure.
        tell: Called after each world with how many learners are done, and how many there will be.
        strategies: By name.
    """
    chosen = [strategies[name] for name in names]
    rows: dict[str, list[tuple[list[float], bool, int]]] = {name: [] for name in names}
    number: list[int] = []
    start: list[float] = []
    worlds_a_seed = -(-plan.learners // plan.together)
    for place, seed in enumerate(plan.seeds):
        for index in range(worlds_a_seed):
            world = simulator.world(_luck(seed, 0, index))
            if plan.wrong:
                world = worlds.misled(world, plan.wrong, _luck(seed, 1, index))
            known = _priors(world, seed, index) if any(each.priors for each in chosen) else None
            for learner in range(min(plan.together, plan.learners - index * plan.together)):
                trial = world.draw(_luck(seed, 2, index, learner))
                number.append(place * worlds_a_seed + index)
                start.append(trial.begin().achieved() / trial.top)
                for strategy in chosen:
                    mark = zlib.crc32(strategy.name.encode())
                    policy = strategy.make(trial.problem, _luck(seed, 3, index, learner, mark), known)
                    rows[strategy.name].append(_teach(policy, trial, _luck(seed, 4, index, learner), plan.steps))
            if tell is not None:
                tell(len(number), plan.learners * len(plan.seeds))
    return Results(
        simulator.name,
        plan,
        np.array(number, np.int32),
        np.array(start),
        {
            name: Outcome(
                np.array([gain for gain, _, _ in found]).reshape(len(found), len(plan.steps)),
                np.array([stuck for _, stuck, _ in found], np.bool_),
                np.array([asked for _, _, asked in found], np.int32),
            )
            for name, found in rows.items()
        },
    )


def _luck(*words: int) -> np.random.Generator:
    return np.random.default_rng(words)


def _teach(
    policy: Policy, trial: Trial, luck: np.random.Generator, steps: Sequence[int]
) -> tuple[list[float], bool, int]:
    learner = trial.begin()
    asked = _place(policy, learner, luck)
    start = learner.achieved()
    left = trial.top - start
    gains: list[float] = []
    stuck = False
    last = -1
    before: list[float] = []  # true mastery before each practice of the same skill in a row
    for step in range(1, steps[-1] + 1):
        skill = policy.choose()
        if skill != last:
            last, before = skill, []
        before.append(learner.mastery(skill))
        policy.observe(skill, right=learner.practise(skill, luck))
        stuck = stuck or (len(before) >= ROW and learner.mastery(skill) - before[-ROW] < NOTHING)
        if step in steps:
            gains.append((learner.achieved() - start) / left)
    return gains, stuck, asked


def _place(policy: Policy, learner: Learner, luck: np.random.Generator) -> int:
    asked = 0
    while (skill := policy.question()) is not None:
        policy.told(skill, right=learner.answer(skill, luck))
        asked += 1
    return asked


def logs(world: World, seed: Sequence[int], *, learners: int = OTHERS, answers: int = ANSWERS) -> Interactions:
    """Answers of other learners of a world, who practise what their goals need at random.

    Args:
        world: Where they live.
        seed: Whole numbers that no judged learner is drawn by.
        learners: How many.
        answers: Of each.
    """
    item: list[int] = []
    correct: list[bool] = []
    for number in range(learners):
        luck = _luck(*seed, number)
        trial = world.draw(luck)
        learner = trial.begin()
        needed = trial.problem.needed
        for _ in range(answers):
            skill = needed[int(luck.integers(len(needed)))]
            item.append(skill)
            correct.append(learner.practise(skill, luck))
    return Interactions(
        learners=tuple(f"{number:05}" for number in range(learners)),
        learner=np.repeat(np.arange(learners), answers).astype(np.int32),
        item=np.array(item, np.int32),
        correct=np.array(correct, np.float32),
        score=np.full(len(item), np.nan, np.float32),
        when=np.tile(np.arange(answers, dtype=np.int64), learners) * 60_000_000,
    )


def _priors(world: World, seed: int, index: int) -> Priors:
    catalog: Catalog = world.catalog
    return priors.learn(catalog, priors.count(logs(world, (seed, 5, index)), catalog))


def figure(results: Results, values: npt.NDArray[np.generic]) -> Figure:
    """The mean of a value over learners, with its likely range.

    Args:
        results: Whose learners they are.
        values: [learners].
    """
    return _mean(values.astype(np.float64), results.world)


def compare(results: Results, name: str, *, strategies: Mapping[str, Strategy] = STRATEGIES) -> tuple[Comparison, ...]:
    """Set a strategy beside the best simple one of the same results, one comparison a number of steps.

    The best is chosen on the same learners, which favours it a little. Simple ones that are told of the coherence rule
    take part only where the strategy is told, too.

    Args:
        results: What was measured.
        name: Of the strategy.
        strategies: By name.

    Returns:
        Nothing, where there is no simple strategy to compare with.
    """
    own = strategies[name]
    simple = [
        each
        for each in results.outcomes
        if each != name and strategies[each].simple and (own.near or not strategies[each].near)
    ]
    found = []
    for place, steps in enumerate(results.plan.steps if simple else ()):
        means = {each: float(results.outcomes[each].gain[:, place].mean()) for each in simple}
        best = max(means, key=lambda each: means[each])
        gain, other = (results.outcomes[each].gain[:, place] for each in (name, best))
        found.append(
            Comparison(
                name,
                steps,
                best,
                _mean(gain, results.world),
                _mean(other, results.world),
                _mean(gain - other, results.world),
                _ratio(gain, other, results.world),
            )
        )
    return tuple(found)


def groups(results: Results, name: str) -> tuple[tuple[Figure, ...], ...]:
    """Gain of thirds of the learners by their true start, lowest first: one figure a number of steps each."""
    gain = results.outcomes[name].gain
    group = np.argsort(np.argsort(results.start, kind="stable")) * GROUPS // len(results.start)
    return tuple(
        tuple(_mean(column, results.world[group == each]) for column in gain[group == each].T) for each in range(GROUPS)
    )


def _mean(values: Floats, world: npt.NDArray[np.int32]) -> Figure:
    mean = float(values.mean())
    return _around(mean, values - mean, world)


def _ratio(values: Floats, others: Floats, world: npt.NDArray[np.int32]) -> Figure:
    """Mean over mean; its range by the delta method, which holds where the lower mean is well away from nothing."""
    below = float(others.mean())
    if below == 0.0:
        return Figure(nan, nan, nan)
    ratio = float(values.mean()) / below
    return _around(ratio, (values - ratio * others) / below, world)


def _around(value: float, away: Floats, world: npt.NDArray[np.int32]) -> Figure:
    """A range from what each learner is away, summed by world; by learner, where there is but one world."""
    _, cluster = np.unique(world, return_inverse=True)
    count = int(cluster.max()) + 1
    sums = away if count == 1 else np.bincount(cluster, weights=away)
    count = len(sums)
    if count == 1:
        return Figure(value, nan, nan)
    error = sqrt(count / (count - 1) * float(sums @ sums)) / len(away)
    reach = float(stdtrit(count - 1, 0.975)) * error
    return Figure(value, value - reach, value + reach)
