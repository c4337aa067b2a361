"""How many rounds to the centralised fit: sums of a Newton step, beside federated averaging (docs/decisions/0004).

`python -m bench.averaging` prints a table and writes var/bench/averaging.json. Institutions are the shipped regions of
OULAD; a fifth of each one's learners is held out. Averaging starts from the same counts and scales as the sums do.
"""

import itertools
from typing import Any

from scipy import special

from bench import model, report
from recommender import baselines, consortia, contender, interactions, metrics, space

ROUNDS = 20
NEAR = 0.0005


def rows() -> list[dict[str, Any]]:
    """Both methods to ROUNDS rounds; the control is FedAvg with three local steps."""
    regions = model.records(model.shipped().catalog)
    columns = space.of(model.shipped().catalog)
    test = interactions.join(interactions.select(part, model.held_out(part)) for part in regions.values())
    parts = [interactions.select(part, ~model.held_out(part)) for part in regions.values()]
    centre = contender.fit([interactions.join(parts)], columns)
    best = metrics.auc(test.correct, contender.predict(test, centre, columns))
    # What comes first is the round of the scale, which carries a step besides; the rounds of sums come after it.
    shared, *found = itertools.islice(contender.steps(parts, columns), 1 + consortia.ROUNDS)
    ours = [metrics.auc(test.correct, contender.predict(test, each, columns)) for each in found]
    ridge = contender.ridge(shared, columns)
    laid = [
        baselines.Part(contender.matrix(part, shared, columns, trained=True), part.correct.astype(float))
        for part in parts
    ]
    asked = contender.matrix(test, shared, columns, trained=False)
    theirs = {
        steps: [
            metrics.auc(test.correct, special.expit(asked @ weights))
            for weights in baselines.averaging(laid, ridge, rounds=ROUNDS, steps=steps)
        ]
        for steps in (3, 10)
    }

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
        row("largest difference of a coefficient after round 4", [contender.away(found[3], centre)], "coefficient"),
    ]


if __name__ == "__main__":
    report.write("averaging", rows())
