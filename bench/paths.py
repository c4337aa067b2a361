"""What the path teaches simulated learners, beside simple ways to choose, and what a decision costs.

`python -m bench.paths` prints a table and writes var/bench/paths.json. EduSim's KSS is the judge of coherence where it
is installed, the one of ours elsewhere (the row's command says which), beside three in a row + leaving + nearness. A
ratio is the lowest over the laws of learning, to the best simple way there; `stuck_share` is the highest. Fewer
learners than `entrepot evaluate-paths` takes by default: three minutes.
"""

from __future__ import annotations

import importlib.util
import time
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from bench import report
from curriculum import catalog as catalogs
from recommender import trials
from recommender.simulators import families, worlds
from recommender.simulators.worlds import Problem
from recommender.strategies import STRATEGIES
from recommender.trials import Plan, Results

SEEDS = (1, 2, 3)
LAWS = ("bayes", "ability", "practice")
SIMPLE = tuple(name for name, each in STRATEGIES.items() if each.simple and not each.near)
NEAR = "path-near"


def measure(simulator: str, names: Iterable[str], learners: int, steps: Sequence[int]) -> Results:
    return trials.run(families.SIMULATORS[simulator], tuple(names), Plan(learners, SEEDS, tuple(steps)))


def command(simulator: str, arms: Iterable[str], learners: int, steps: Sequence[int]) -> str:
    chosen = "".join(f" --arm {name}" for name in arms)
    listed = ",".join(map(str, steps))
    return f"entrepot evaluate-paths --simulator {simulator}{chosen} --learners {learners} --steps {listed}"


def coherent() -> tuple[list[dict[str, Any]], Results]:
    judge = "edusim-kss" if importlib.util.find_spec("EduSim") else "coherence"
    steps, names = (5, 10, 20), (NEAR, "three-leave", "three-leave-near")
    found = measure(judge, names, 500, steps)
    control = found.outcomes["three-leave-near"].gain.mean(axis=0)
    rows = [
        report.row(
            f"kss_gain_{step}",
            [float(found.outcomes[NEAR].gain[:, place].mean())],
            "E_p",
            target=f">= {target}",
            controls=[float(control[place])],
            command=command(judge, names, 500, steps),
        )
        for place, (step, target) in enumerate(zip(steps, (0.14, 0.27, 0.45), strict=True))
    ]
    return rows, found


def ratios(
    name: str, found: dict[str, Results], arm: str, wanted: Sequence[tuple[int, float]], learners: int
) -> list[dict[str, Any]]:
    """A row a number of steps: the lowest ratio to the best simple way over the laws of learning."""
    rows = []
    for step, target in wanted:
        compared = {
            judge: next(each for each in trials.compare(results, arm) if each.steps == step)
            for judge, results in found.items()
        }
        worst = min(compared, key=lambda judge: compared[judge].ratio.value)
        rows.append(
            report.row(
                f"{name}_{step}",
                [compared[worst].ratio.value],
                f"x {compared[worst].best}",
                target=f">= {target}",
                command=command(worst, (arm, *SIMPLE), learners, found[worst].plan.steps),
            )
        )
    return rows


def decision() -> dict[str, Any]:
    """Choose and take in an answer, one learner, the shipped catalog."""
    catalog = catalogs.load("cbec")
    rng = np.random.default_rng(0)
    policy = STRATEGIES["path"].make(Problem(catalog, worlds.role(catalog, rng)), rng, None)
    times = []
    for _ in range(200):
        start = time.perf_counter()
        skill = policy.choose()
        policy.observe(skill, right=bool(rng.random() < 0.6))
        times.append((time.perf_counter() - start) * 1000.0)
    return report.row("decision_ms_143", times, "ms", target="<= 10", command="python -m bench.paths")


def main() -> None:
    rows, near = coherent()
    drawn = {law: measure(law, ("path", *SIMPLE), 180, (10, 20)) for law in LAWS}
    cold = {f"{law}-cbec": measure(f"{law}-cbec", ("path", *SIMPLE), 60, (20, 50)) for law in LAWS}
    placed = {f"{law}-cbec": measure(f"{law}-cbec", ("path-placed", *SIMPLE), 40, (20,)) for law in LAWS}
    rows += ratios("random_graph_ratio", drawn, "path", [(10, 1.4), (20, 1.4)], 180)
    rows += ratios("real_graph_cold_ratio", cold, "path", [(50, 1.0)], 60)
    rows += ratios("real_graph_placed_ratio", placed, "path-placed", [(20, 1.2)], 40)
    stuck = [
        (float(results.outcomes[name].stuck.mean()), results, name)
        for results in (near, *drawn.values(), *cold.values(), *placed.values())
        for name in results.outcomes
        if not STRATEGIES[name].simple
    ]
    share, where, name = max(stuck, key=lambda each: each[0])
    alone = command(where.simulator, (name,), where.plan.learners, where.plan.steps)
    rows += [report.row("stuck_share", [share], "of learners", target="<= 0.03", command=alone), decision()]
    report.write("paths", rows)


if __name__ == "__main__":
    main()
