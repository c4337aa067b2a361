"""How many rounds to the centralised fit: sums of a Newton step, beside federated averaging (docs/decisions/0004).

`python -m bench.averaging` prints a table and writes var/bench/averaging.json. Institutions are the shipped regions of
OULAD; a fifth of each one's learners is held out. FedAvg as McMahan et al. 2017, section 3: every institution takes
some local steps (L-BFGS) from the shared weights, with its share of the penalty; the results are averaged by rows.
"""

import functools
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, special

from bench import model, report
from curriculum import catalog as catalogs
from recommender import features, interactions, metrics, tracing
from recommender.features import Design
from recommender.parameters import Parameters

ROUNDS = 20
NEAR = 0.0005
Step = Callable[[Parameters], Parameters]


def newton(parts: list[Design], parameters: Parameters) -> Parameters:
    """One round of ours: the sums of all institutions, solved once."""
    return tracing.solve(functools.reduce(lambda a, b: a + b, (tracing.sums(p, parameters) for p in parts)), parameters)


def averaged(parts: list[Design], steps: int, parameters: Parameters) -> Parameters:
    """One round of FedAvg: `steps` local steps everywhere, then the mean of the weights by rows."""
    total = sum(len(part.item) for part in parts)
    mean = np.zeros_like(parameters.weights)
    for part in parts:
        share = len(part.item) / total
        mean += share * local(part, share, steps, parameters)
    return replace(parameters, weights=mean)


def local(part: Design, penalty: float, steps: int, parameters: Parameters) -> NDArray[np.float64]:
    """Weights after some steps of L-BFGS on one institution's rows."""

    def objective(weights: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        logit = tracing.logits(part, replace(parameters, weights=weights))
        loss = float(np.sum(np.logaddexp(0.0, logit) - part.correct * logit))
        miss = special.expit(logit) - part.correct
        items = np.bincount(part.item, weights=miss, minlength=part.space.items)
        gradient = np.concatenate([items, part.sparse.T @ miss, part.dense.T @ miss])
        return loss + 0.5 * penalty * float(weights @ weights), gradient + penalty * weights

    found = optimize.minimize(objective, parameters.weights, jac=True, method="L-BFGS-B", options={"maxiter": steps})
    return np.asarray(found.x, np.float64)


def measure(step: Step, begin: Parameters, test: Design) -> list[float]:
    """AUC on held-out learners after each round."""
    found = []
    for _ in range(ROUNDS):
        begin = step(begin)
        found.append(metrics.auc(test.correct, tracing.predict(test, begin)))
    return found


def rows() -> list[dict[str, Any]]:
    """Both methods to ROUNDS rounds; the control is FedAvg with three local steps."""
    catalog = catalogs.load("oulad")
    space = features.Space(catalog)
    regions = model.records(catalog)
    pooled = interactions.join(regions.values())
    test = features.design(interactions.select(pooled, model.held_out(pooled)), space)
    parts = [features.design(interactions.select(part, ~model.held_out(part)), space) for part in regions.values()]
    centre = tracing.fit(features.design(interactions.select(pooled, ~model.held_out(pooled)), space))
    best = metrics.auc(test.correct, tracing.predict(test, centre))
    begin = tracing.start(space)
    ours = measure(functools.partial(newton, parts), begin, test)
    theirs = {steps: measure(functools.partial(averaged, parts, steps), begin, test) for steps in (3, 10)}

    def near(aucs: list[float]) -> float:
        return float(next((number for number, auc in enumerate(aucs, 1) if auc >= best - NEAR), ROUNDS + 1))

    row = report.row
    return [
        row(
            f"rounds to within {NEAR} AUC of the centre, {ROUNDS + 1} = never (control: FedAvg, 3 local steps)",
            [near(ours)],
            "rounds",
            target="<= 4",
            controls=[near(theirs[3])],
        ),
        row("the same (control: FedAvg, 10 local steps)", [near(ours)], "rounds", controls=[near(theirs[10])]),
        row("AUC after round 3 (control: FedAvg, 3 local steps, round 20)", [ours[2]], "AUC", controls=[theirs[3][-1]]),
        row("the same (control: FedAvg, 10 local steps, round 20)", [ours[2]], "AUC", controls=[theirs[10][-1]]),
        row("centralised AUC - ours after round 4", [best - ours[3]], "AUC", target="<= 0.0005"),
    ]


if __name__ == "__main__":
    report.write("averaging", rows())
