"""What noise costs: the shared model of each policy beside the same without noise, and what institutions take up.

`python -m bench.private` prints a table and writes var/bench/private.json. Institutions are the shipped regions of
OULAD and, with `--data DIR` (assist15.csv.gz), eight made-up ones that differ, in sizes from 10 to 1. A fifth of the
learners is held out. Noise is drawn from a seeded generator, so that the figures can be had again; nothing else differs
from what institutions run. `--only oulad --sizes 1000,4000 --epsilons 1 --seeds 1` measures less; `--gate` fits the
institutions' own models too, which takes longer than all the rest.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench import model, report
from federated import imagined, private
from federated.privacy import accountant, planning, releases
from recommender import consortia, datasets, evaluate, features, interactions, metrics, space, tracing, training
from recommender.datasets import DataSet
from recommender.interactions import Interactions
from recommender.parameters import Parameters
from recommender.space import Space

SEED = 1
SEEDS = 3
SIZES = (1000, 4000, 0)  # 0 is all
EPSILONS = (0.5, 1.0, 2.0, 4.0)
MADE_UP = 8
_NEVER = 1e9  # pull of a weight that is not to be learnt
Floats = NDArray[np.float64]
Row = dict[str, Any]


@dataclass(frozen=True, eq=False)
class Trial:
    """Institutions that train, and learners whom nobody has seen.

    Attributes:
        columns: the catalog by column.
        parts: records of each institution's learners.
        tests: records of its held-out learners.
    """

    columns: Space
    parts: Sequence[Interactions]
    tests: Sequence[Interactions]

    @property
    def learners(self) -> int:
        """How many train."""
        return sum(len(part.learners) for part in self.parts)

    def auc(self, parameters: Parameters) -> float:
        """AUC over all held-out rows together."""
        test = interactions.join(self.tests)
        return metrics.auc(test.correct, training.predict(test, parameters, self.columns))


@dataclass(frozen=True)
class Noise:
    """How much noise, and how many times over it is in a sum.

    Attributes:
        sigma: of the whole run.
        part: of the variance, what each institution adds.
        members: how many add it.
        learners: how many train.
    """

    sigma: float
    part: float
    members: int
    learners: int

    @property
    def kappa(self) -> float:
        """What the loss depends on."""
        return planning.kappa(self.sigma, self.part * self.members, self.learners)


def noise(policy: str, epsilon: float, trial: Trial) -> Noise:
    """The noise of a policy at an epsilon; under secagg all survive, though two thirds would have been enough."""
    sigma = accountant.sigma(epsilon, accountant.delta_for(trial.learners))
    members = len(trial.parts)
    sized = planning.sized_for(members)
    part = 1.0 if policy == planning.SOURCE or sized is None else 1.0 / sized
    return Noise(sigma, part, members, trial.learners)


def shared(trial: Trial, level: Noise, seed: int) -> Parameters:
    """The model of a private run, every institution through the one path that protects."""
    state, draw = private.begin(trial.columns), np.random.default_rng(seed).bytes
    for step in private.steps(trial.columns, single=level.kappa > private.ONE_GRADIENT):
        asked = private.told(private.asked(state), trial.columns)
        totals = {release.name: np.zeros(release.size, np.int64) for release in step.releases}
        for part in trial.parts:
            rows = private.contributions(step, part, trial.columns, asked)
            for release in step.releases:
                totals[release.name] += releases.protect(rows[release.name], release, level.sigma, level.part, draw)
        variances = {one.name: level.members * one.deviation(level.sigma, level.part) ** 2 for one in step.releases}
        state = private.advance(step, totals, variances, state, trial.columns)
    return private.finish(state, trial.columns)


def joint(trial: Trial) -> Parameters:
    """The same columns and levels of items without noise: exact tables, Newton to the optimum over all rows."""
    rows, columns = interactions.join(trial.parts), trial.columns
    counts = training.count_base(rows, columns)
    if not private.by_item(columns):
        del counts["item"]
    scale = imagined.scale(columns)
    begin = replace(training.start(columns, training.tables(counts, columns)), centre=scale.centre, spread=scale.spread)
    begin = replace(begin, weights=np.zeros_like(begin.weights))
    penalty = np.full(features.dimension(columns), _NEVER)
    of_item, of_skill, dense = tracing.split(columns, penalty)
    dense[features.places(columns, imagined.columns(columns))] = features.PENALTY
    if private.by_item(columns):
        of_item[:, list(features.of_item(columns)).index("intercept")] = features.of_item(columns)["intercept"]
    else:
        of_skill[:, list(features.of_skill(columns)).index("intercept")] = features.of_skill(columns)["intercept"]
    return tracing.newton([features.design(rows, begin, columns, sent=counts)], begin, penalty)


def trials(data: DataSet, size: int, seed: int) -> Trial:
    """A fifth held out, of the others so many drawn (0: all), in institutions of those that have learners."""
    columns, rows = space.of(data.catalog), data.interactions
    held = evaluate.folds(len(rows.learners), 5, np.random.default_rng(SEED)) == 0
    owner = _owners(data)
    inside = np.flatnonzero(~held)
    if size and size < len(inside):
        inside = np.random.default_rng(seed).permutation(inside)[:size]
    keep = np.zeros(len(held), bool)
    keep[inside] = True
    numbers = np.unique(owner).tolist()
    parts = [interactions.select(rows, keep & (owner == number)) for number in numbers]
    return Trial(columns, parts, [interactions.select(rows, held & (owner == number)) for number in numbers])


def _owners(data: DataSet) -> NDArray[np.int64]:
    if len(set(data.institution)) > 1:
        return np.unique(np.array(data.institution), return_inverse=True)[1].astype(np.int64)
    rng = np.random.default_rng(SEED)
    return consortia.made_up(data.interactions, space.of(data.catalog), MADE_UP, "uneven", rng)


def gated(trial: Trial, models: Sequence[Parameters], levels: Sequence[Noise]) -> Iterator[Floats]:
    """By model the gain in AUC of what each institution uses over its own model, float64 [institutions]."""
    alone = [training.fit([part], trial.columns) for part in trial.parts]
    own = [_auc(test, model, trial.columns) for test, model in zip(trial.tests, alone, strict=True)]
    for parameters, level in zip(models, levels, strict=True):
        gains = []
        for part, test, before in zip(trial.parts, trial.tests, own, strict=True):
            taken = training.personalise(part, parameters, trial.columns, kappa=level.kappa)
            gains.append(0.0 if taken.strength == "local" else _auc(test, taken.parameters, trial.columns) - before)
        yield np.array(gains)


def wrecked(parameters: Parameters, rng: np.random.Generator) -> dict[str, Parameters]:
    """What a malicious member might put in place of the shared model."""
    spread = float(np.abs(parameters.weights).max())
    return {
        "opposite": replace(parameters, weights=-10.0 * parameters.weights),
        "random": replace(parameters, weights=rng.normal(0.0, spread, len(parameters.weights))),
    }


def _auc(test: Interactions, parameters: Parameters, columns: Space) -> float:
    return metrics.auc(test.correct, training.predict(test, parameters, columns))


def measure(name: str, data: DataSet, choice: argparse.Namespace) -> list[Row]:
    """All rows of one data set."""
    rows: list[Row] = []
    for size in choice.sizes:
        drawn = [trials(data, size, seed) for seed in range(choice.seeds if size else 1)]
        best = [trial.auc(joint(trial)) for trial in drawn]
        about = f"{name}_{size or 'all'}"
        rows.append(report.row(f"{about}_joint", best, "AUC, same columns without noise"))
        full = [trial.auc(training.fit(trial.parts, trial.columns)) for trial in drawn[:1]]
        rows.append(report.row(f"{about}_exact", full, "AUC, all columns and tables", controls=best))
        _say(rows)
        for policy in (planning.SECAGG, planning.SOURCE):
            for epsilon in choice.epsilons:
                rows.append(_noisy(about, (policy, epsilon), drawn, best, choice.seeds))
                _say(rows)
        if choice.gate:
            rows += _gates(about, drawn[0], choice)
    return rows


def _noisy(about: str, place: tuple[str, float], drawn: Sequence[Trial], best: Sequence[float], seeds: int) -> Row:
    """AUC that a policy at an epsilon loses, over seeds of the draw and of the noise."""
    policy, epsilon = place
    level = noise(policy, epsilon, drawn[0])
    found = []
    for seed in range(seeds):
        which = seed % len(drawn)
        found.append(best[which] - drawn[which].auc(shared(drawn[which], level, seed)))
    expected = planning.loss(level.kappa, catalog=about.partition("_")[0]).value
    unit = f"AUC lost; kappa {level.kappa:.5f}, AUC {np.mean(best) - np.mean(found):.4f}"
    return report.row(f"{about}_{policy}_{epsilon:g}", found, unit, target=f"<= {expected + 0.003:.4f}")


def _gates(about: str, trial: Trial, choice: argparse.Namespace) -> list[Row]:
    """Gains after the gate of honest models at every epsilon under secagg, and of wrecked ones."""
    levels = {f"secagg_{epsilon:g}": noise(planning.SECAGG, epsilon, trial) for epsilon in choice.epsilons}
    models = {name: shared(trial, level, 0) for name, level in levels.items()}
    first = next(iter(levels))
    for name, bad in wrecked(models[first], np.random.default_rng(SEED)).items():
        models[name], levels[name] = bad, levels[first]
    rows: list[Row] = []
    for name, gains in zip(models, gated(trial, list(models.values()), list(levels.values())), strict=True):
        taken = f"{int(np.count_nonzero(gains))} of {len(gains)} take it"
        rows.append(report.row(f"{about}_gate_{name}_mean", [float(gains.mean())], f"AUC over local, {taken}"))
        rows.append(
            report.row(f"{about}_gate_{name}_worst", [float(gains.min())], "AUC over local", target=">= -0.002")
        )
        _say(rows)
    return rows


def _say(rows: Sequence[Row]) -> None:
    last = rows[-1]
    print(f"  {last['name']}: {last['value']:.4f} {last['unit']}", file=sys.stderr, flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, help="directory of more data sets: assist15.csv.gz")
    parser.add_argument("--only", help="names of data sets, separated by commas")
    parser.add_argument("--sizes", type=_numbers(int), default=SIZES, help="training learners; 0 is all")
    parser.add_argument("--epsilons", type=_numbers(float), default=EPSILONS)
    parser.add_argument("--seeds", type=int, default=SEEDS)
    parser.add_argument("--gate", action="store_true", help="what institutions take up, too")
    choice = parser.parse_args()
    found = {"oulad": model.cleaned(model.shipped())}
    if choice.data:
        found["assist15"] = model.cleaned(datasets.read((choice.data / "assist15.csv.gz").read_bytes(), "assist15"))
    wanted = choice.only.split(",") if choice.only else list(found)
    report.write("private", [row for name in wanted for row in measure(name, found[name], choice)])


def _numbers(kind: type) -> Any:
    return lambda text: tuple(kind(one) for one in text.split(","))


if __name__ == "__main__":
    main()
