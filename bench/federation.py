"""What protects learners, measured: mistakes that audits notice, who can be found, what attacks achieve, masks cost.

`python -m bench.federation` prints a table and writes var/bench/federation.json; `--only audits,attacks` measures some
groups of rows. Data are the shipped records of OULAD: its regions as institutions, or five of several regions each. A
fifth of the learners is held out. Noise is drawn from a seeded generator, so that the figures can be had again; nothing
else differs from what institutions run. What noise costs without attackers is measured by `python -m bench.private`.
"""

from __future__ import annotations

import argparse
import functools
import itertools
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from bench import attacks, canaries, inference, masks, model, mutants, report, rounds
from bench.attacks import Attack
from federated import private
from federated.privacy import accountant, planning, releases
from recommender import interactions, metrics, space, training
from recommender.interactions import Interactions
from recommender.parameters import Parameters
from recommender.space import Space

Row = dict[str, Any]
SEED = 7
SEEDS = 8  # of the noise: of two, an attack that costs .0037 may seem to cost .0013 or .0072
LEARNERS = 4_000
EPSILON = 1.0
LARGEST_EPSILON = 2.0  # at which membership is promised to be hidden
BAD_OF_FIVE, BAD_OF_ALL = (1,), (1, 6)
SHADOWS = 48
INSIDE = (30, 200, 1_000)
COHORTS, COHORT, SHARES = 2_000, 200, (0.3, 0.7)
CHANCE = 0.5  # AUC of a model that cannot be made


@dataclass(frozen=True, eq=False)
class Consortium:
    """Institutions that train, and learners whom nobody has seen.

    Attributes:
        space: The columns.
        parts: Records of each institution.
        tests: Those of its held-out learners.
    """

    space: Space
    parts: Sequence[Interactions]
    tests: Sequence[Interactions]

    def auc(self, shared: Parameters) -> float:
        """Of a model, over all held-out learners."""
        test = interactions.join(self.tests)
        return metrics.auc(test.correct, training.predict(test, shared, self.space))

    def ran(self, attack: Attack | None, bad: Sequence[int], **how: Any) -> float:
        """Mean AUC of runs with and without an attack."""
        found = [
            rounds.run(self.parts, self.space, EPSILON, seed, attack=attack or rounds.HONEST, bad=bad, **how)
            for seed in range(SEEDS)
        ]
        return float(np.mean([self.auc(one.model) if one.finite else CHANCE for one in found]))


@functools.lru_cache(maxsize=4)
def consortium(five: bool, learners: int) -> Consortium:
    """The shipped records: of five institutions, or of a region each; so many training learners, 0 is all."""
    data = model.shipped()
    regions = list(model.records(data.catalog).values())
    tests = [interactions.select(part, model.held_out(part)) for part in regions]
    parts = [interactions.select(part, ~model.held_out(part)) for part in regions]
    rng, total = np.random.default_rng(SEED), sum(len(part.learners) for part in parts)
    if learners:
        parts = [interactions.select(part, rng.random(len(part.learners)) < learners / total) for part in parts]
    if five:
        ends = (0, 3, 6, 8, 10, len(parts))
        parts, tests = (
            [interactions.join(each[low:high]) for low, high in itertools.pairwise(ends)] for each in (parts, tests)
        )
    return Consortium(space.of(data.catalog), parts, tests)


def audits(command: str) -> list[Row]:
    """Mistakes seeded on purpose, and how often what is right is called wrong."""
    found = mutants.caught(EPSILON, SEED)
    further = mutants.caught(EPSILON, SEED, mutants.FURTHER)
    runs = 200
    wrong = [
        not mutants.audit(releases.protect, EPSILON, seed, repeats=8, confidence=0.95).passes for seed in range(runs)
    ]
    return [
        report.row(
            "seeded_dp_bugs_caught", [float(sum(found.values()))], f"of {len(found)}", target=">= 6", command=command
        ),
        report.row("further_dp_bugs_caught", [float(sum(further.values()))], f"of {len(further)}", command=command),
        report.row(
            "audit_false_alarms_at_95",
            [float(np.mean(wrong))],
            f"share of {runs} audits",
            target="<= 0.09",
            command=command,
        ),
    ]


def accounting(command: str) -> list[Row]:
    """The closed form of what all releases of a run cost, beside dp-accounting's privacy loss distributions."""
    columns = consortium(five=False, learners=LEARNERS).space
    worst = 0.0
    for epsilon in planning.EPSILONS:
        delta = accountant.delta_for(LEARNERS)
        sigma = accountant.sigma(epsilon, delta)
        each = [release.multiplier(sigma) for step in private.steps(columns) for release in step.releases]
        ours = accountant.epsilon(each, delta)
        worst = max(worst, abs(ours / accountant.composed(each, delta) - 1.0), abs(ours / epsilon - 1.0))
    return [report.row("accountant_vs_pld", [worst], "of epsilon", target="<= 0.01", command=command)]


def membership(command: str) -> list[Row]:
    """LiRA on the whole mechanism with noise, and without as a control that shows that the attack works."""
    data = model.shipped()
    columns = space.of(data.catalog)
    rows: list[Row] = []
    worst: dict[str, list[float]] = {"auc": [], "tpr": [], "auc without": [], "tpr without": []}
    for inside in INSIDE:
        found = {}
        for epsilon in (0.0, EPSILON, LARGEST_EPSILON):

            def train(records: Interactions, seed: int, epsilon: float = epsilon) -> Parameters:
                sigma = None if epsilon else 1e-4
                return rounds.run([records], columns, epsilon, seed, sigma=sigma, refusing=False).model

            found[epsilon] = one = inference.lira(
                data.interactions, columns, train, inside=inside, shadows=SHADOWS, rng=np.random.default_rng(SEED)
            )
            _tell(f"LiRA, {inside} learners, epsilon {epsilon:g}: AUC {one.auc:.3f}, TPR {one.tpr:.4f}")
        with_noise = [found[EPSILON], found[LARGEST_EPSILON]]
        worst["auc"].append(max(one.auc for one in with_noise))
        worst["tpr"].append(max(one.tpr for one in with_noise))
        worst["auc without"].append(found[0.0].auc)
        worst["tpr without"].append(found[0.0].tpr)
    about = f"{', '.join(map(str, INSIDE))} learners, epsilon up to {LARGEST_EPSILON:g}, control: no noise"
    for name, figure, target in (("lira_auc", "auc", "<= 0.55"), ("lira_tpr_at_1pct", "tpr", "<= 0.025")):
        unit = f"{figure.upper()}, {about}"
        rows.append(
            report.row(
                name,
                [max(worst[figure])],
                unit,
                target=target,
                controls=[max(worst[f"{figure} without"])],
                command=command,
            )
        )
    return rows


def hostile(command: str) -> list[Row]:
    """Each attack by one of five and by two of all regions: AUC lost with refusal, beside the plain sum."""
    rows: list[Row] = []
    for five, bad in ((True, BAD_OF_FIVE), (False, BAD_OF_ALL)):
        about = consortium(five, LEARNERS)
        whole = f"{len(bad)} of {len(about.parts)}"
        clean = {refusing: about.ran(None, (), refusing=refusing) for refusing in (True, False)}
        lost: dict[bool, list[float]] = {True: [], False: []}
        for name, attack in attacks.ATTACKS.items():
            found = {
                refusing: clean[refusing] - about.ran(attack, bad, refusing=refusing) for refusing in (True, False)
            }
            _tell(f"{whole}, {name}: loss {found[True]:+.4f}, plain sum {found[False]:+.4f}")
            rows.append(
                report.row(
                    f"loss under {name}, {whole}",
                    [found[True]],
                    "AUC, control: plain sum" + (", stated and not defended" if attack.known else ""),
                    controls=[found[False]],
                    command=command,
                )
            )
            if not attack.known:
                for refusing, value in found.items():
                    lost[refusing].append(value)
        end = "" if five else f"_{len(bad)}_of_{len(about.parts)}"
        unit = f"AUC, {whole}, {LEARNERS:,} learners, epsilon {EPSILON:g}, clean {clean[True]:.4f}"
        target = "<= 0.004" if five else None
        rows.append(report.row(f"worst_attack_auc_loss{end}", [max(lost[True])], unit, target=target, command=command))
        rows.append(report.row(f"plain_sum_auc_loss{end}", [max(lost[False])], unit, command=command))
    return rows


def gate(command: str) -> list[Row]:
    """What gets through masks, where nobody sees a message: the model is wrecked, and institutions stay with theirs."""
    about = consortium(five=True, learners=1_000)
    lost = []
    for name in ("sign, ten times", "a thousand times", "label flip"):
        ran = rounds.run(
            about.parts,
            about.space,
            EPSILON,
            SEED,
            policy=planning.SECAGG,
            bad=BAD_OF_FIVE,
            attack=attacks.ATTACKS[name],
            refusing=False,
        )
        for number, (part, test) in enumerate(zip(about.parts, about.tests, strict=True)):
            if number not in BAD_OF_FIVE:
                own = training.personalise(part, ran.model, about.space, kappa=ran.kappa)
                alone = training.fit([part], about.space)
                auc, local = (
                    metrics.auc(test.correct, training.predict(test, each, about.space))
                    for each in (own.parameters, alone)
                )
                _tell(
                    f"{name}: shared {about.auc(ran.model):.4f}; institution {number} takes {own.strength}, "
                    f"{auc - local:+.4f}"
                )
                if name != "label flip":
                    lost.append(local - auc)
    unit = "AUC, worst honest institution, masked sums wrecked by sign x -10 and x 1000, 1,000 learners of 5"
    return [report.row("gate_loss_under_model_replacement", [max(lost)], unit, target="<= 0", command=command)]


def properties(command: str) -> list[Row]:
    """Whether an institution has many strong learners, told from its message: under masks, and without."""
    data = model.shipped()
    columns, records = space.of(data.catalog), data.interactions
    step = private.steps(columns)[0]
    (release,) = step.releases
    rows = private.contributions(step, records, columns, private.begin(columns))[release.name].tocsr()
    count = np.bincount(records.learner, minlength=len(records.learners))
    right = np.bincount(records.learner, records.correct, len(count)) / np.maximum(count, 1)
    rng, draw = np.random.default_rng(SEED), mutants.stream(SEED)
    sigma = accountant.sigma(EPSILON, accountant.delta_for(5 * COHORT))
    has = rng.random(COHORTS) < 0.5
    chosen = inference.cohorts(right > np.median(right), [SHARES[int(one)] for one in has], COHORT, rng)
    plain = np.array([releases.protect(rows[who], release, sigma, 0.25, draw) for who in chosen])
    masked = np.array([masks.seen(releases.words(one), 4).view(np.int32) for one in plain])
    found, control = (
        inference.advantage(each.astype(np.float64), has, np.random.default_rng(SEED)) for each in (masked, plain)
    )
    unit = f"accuracy over chance, {COHORTS:,} messages of {COHORT} learners, control: not masked"
    row = report.row("property_advantage", [found], unit, target="<= 0.05", controls=[control], command=command)
    return [row]


def masking(command: str) -> list[Row]:
    """What masks cost a member of 16 at 50,000 numbers."""
    cost = masks.measure()
    about = f"{masks.MEMBERS} members, {masks.PARAMETERS:,} numbers"
    return [
        report.row(
            "mask_overhead_ratio", [cost.overhead], f"of the payload, {about}", target="<= 1.10", command=command
        ),
        report.row("mask_error", [cost.error], f"largest of a number, {about}", target="<= 1e-4", command=command),
        report.row("mask_client_ms", [cost.milliseconds], f"ms of one core, {about}", target="<= 20", command=command),
    ]


GROUPS: Mapping[str, Callable[[str], list[Row]]] = {
    "audits": audits,
    "accounting": accounting,
    "masks": masking,
    "properties": properties,
    "membership": membership,
    "attacks": hostile,
    "gate": gate,
    "canaries": canaries.rows,
}


def _tell(text: str) -> None:
    print(f"  {text}", file=sys.stderr, flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", help=f"groups of rows, separated by commas: {', '.join(GROUPS)}")
    arguments = parser.parse_args()
    rows: list[Row] = []
    try:
        for group in arguments.only.split(",") if arguments.only else GROUPS:
            _tell(group)
            rows += GROUPS[group](f"python -m bench.federation --only {group}")
    finally:  # a long run that breaks off has said something
        report.write("federation", rows)


if __name__ == "__main__":
    main()
