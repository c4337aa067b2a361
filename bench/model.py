"""How good the model is on learners it has not seen, what federating is worth, and what it all costs.

`python -m bench.model` prints a table and writes var/bench/model.json. OULAD is shipped; other data sets are read from
`--data DIR` (NAME.csv.gz, as `entrepot evaluate` reads them), and their rows are left out, and said to be, where they
are not. Copies of learners are dropped first. `--only auc,cost` measures some groups of rows.
"""

from __future__ import annotations

import argparse
import hashlib
import itertools
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench import report
from curriculum import catalog as catalogs
from curriculum.catalog import Catalog, Item
from entrepot import oulad
from recommender import (
    baselines,
    consortia,
    contender,
    copies,
    datasets,
    evaluate,
    explain,
    features,
    interactions,
    metrics,
    online,
    profile,
    recommend,
    space,
    tracker,
    trail,
    training,
)
from recommender.candidates import Ready
from recommender.consortia import Consortium
from recommender.datasets import DataSet
from recommender.interactions import Interactions

RUNS = 5
SEED = 1
FOLDS = 5
NOW = datetime(2026, 11, 23, tzinfo=UTC)
AUC = {"assist09": 0.786, "assist15": 0.732, "oulad": 0.840}
GAIN = {"assist09": 0.035, "assist15": 0.04, "oulad": 0.028}
SMALL = 50
DRAWS = 3
Bools = NDArray[np.bool_]
Row = dict[str, Any]


def records(catalog: Catalog) -> dict[str, Interactions]:
    """Interactions of each region of OULAD, as its collector would give them."""
    return {region: columns(catalog, results) for region, results in oulad.regions().items()}


def columns(catalog: Catalog, results: list[oulad.Result]) -> Interactions:
    """Results as columns, sorted by learner and time."""
    begins = {result.presentation: oulad.begins(result.presentation) for result in results}
    rows = sorted(
        (r.learner, int((begins[r.presentation] + timedelta(days=r.day)).timestamp()) * 10**6, position)
        for position, r in enumerate(results)
    )
    kept = [results[position] for _, _, position in rows]
    names = sorted({result.learner for result in kept})
    index = {name: number for number, name in enumerate(names)}
    score = np.array([round(result.score / 100, 4) for result in kept])
    return Interactions(
        learners=tuple(names),
        learner=np.array([index[result.learner] for result in kept], np.int32),
        item=np.array([catalog.item_index[result.item] for result in kept], np.int32),
        correct=(score >= (catalog.pass_score or 1.0)).astype(np.float32),
        score=score.astype(np.float32),
        when=np.array([when for _, when, _ in rows], np.int64),
    )


def held_out(records: Interactions) -> Bools:
    """The stated rule, on the learner's number."""
    digests = (hashlib.sha256(name.encode()).hexdigest()[:8] for name in records.learners)
    return np.array([int(digest, 16) % 5 == 0 for digest in digests])


def shipped() -> DataSet:
    """OULAD, its regions as institutions."""
    catalog = catalogs.load("oulad")
    parts = records(catalog)
    owners = tuple(region for region, part in parts.items() for _ in part.learners)
    return DataSet("oulad", catalog, interactions.join(parts.values()), owners, MappingProxyType({}), None, 0, ())


def cleaned(data: DataSet) -> DataSet:
    """Without copies of learners."""
    keep = copies.find(data.interactions).keep
    owners = tuple(owner for owner, kept in zip(data.institution, keep.tolist(), strict=False) if kept)
    return replace(data, interactions=interactions.select(data.interactions, keep), institution=owners)


@dataclass(frozen=True, eq=False)
class Bench:
    """What the groups of rows work on: data sets by name, and where they are, for the commands."""

    data: Mapping[str, DataSet]
    place: Path | None

    def command(self, group: str) -> str:
        """What measures a group of rows again."""
        where = f" --data {self.place}" if self.place else ""
        return f"python -m bench.model --only {group}{where}"

    def file(self, name: str) -> str:
        """The same figure from the command of who installed it."""
        if name == "oulad" or self.place is None:
            return self.command("auc")
        return f"entrepot evaluate {self.place / name}.csv.gz --parts models --models 'this model,first generation'"


def quality(bench: Bench) -> list[Row]:
    """AUC and calibration on held-out learners, each set with the same code and settings."""
    rows, worst = [], 0.0
    chosen = {contender.NAME: evaluate.model, "first generation": baselines.first_generation}
    for name, data in bench.data.items():
        fold, rng = _folds(data)
        found = evaluate.trials(data.interactions, space.of(data.catalog), fold, chosen, rng, told=_tell(name))
        ours, control = (trial.figures for trial in found.values())
        rows.append(
            report.row(
                f"auc_{name}",
                [ours.auc.value],
                f"AUC [{ours.auc.low:.4f}, {ours.auc.high:.4f}], control: first generation",
                target=f">= {AUC.get(name, 0.5)}",
                controls=[control.auc.value],
                command=bench.file(name),
            )
        )
        rows.append(report.row(f"ece_{name}", [ours.ece.value], "ECE", target="<= 0.01", controls=[control.ece.value]))
        worst = max(worst, ours.ece.value)
    return [*rows, report.row("ece_pooled", [worst], "ECE", target="<= 0.01", command=bench.command("auc"))]


def federation(bench: Bench) -> list[Row]:
    """Rounds of sums beside the centralised fit: 3, 6 and 13 institutions from 10 to 1, and the regions of OULAD."""
    away, apart, rounds = [], [], []
    for name, data in bench.data.items():
        counts = (3, 6, 13) if name != "oulad" else (len(set(data.institution)),)
        fold, rng = _folds(data)
        columns_of, held = space.of(data.catalog), fold == 0
        test = interactions.select(data.interactions, held)
        centre = contender.fit([interactions.select(data.interactions, ~held)], columns_of)
        best = metrics.auc(test.correct, contender.predict(test, centre, columns_of))
        for count in counts:
            _tell(name)(f"rounds of {count} institutions")
            owner = _owners(data, count, rng)
            parts = [interactions.select(data.interactions, (owner == one) & ~held) for one in range(count)]
            for number, model in enumerate(itertools.islice(contender.steps(parts, columns_of), 9)):
                distance = contender.away(model, centre)
                auc = metrics.auc(test.correct, contender.predict(test, model, columns_of))
                if number == consortia.ROUNDS:
                    away.append(abs(auc - best))
                    apart.append(distance)
                if distance <= 1e-6:
                    break
            rounds.append(float(number))
            if number < consortia.ROUNDS:
                away.append(abs(auc - best))
                apart.append(distance)
    command = bench.command("federation")
    return [
        report.row("federated_auc_difference", [max(away)], "AUC, round 4", target="<= 0.0005", command=command),
        report.row("federated_coefficient_difference", [max(apart)], "round 4", target="<= 1e-6", command=command),
        report.row("federated_rounds", [max(rounds)], "rounds to 1e-6", target="<= 4", command=command),
    ]


def institutions(bench: Bench) -> list[Row]:
    """The personalised model at each institution, each learner held out once, beside local-only and shared."""
    rows: list[Row] = []
    found: list[tuple[str, int, float, float, float]] = []
    for name, data in bench.data.items():
        count = len(set(data.institution)) or 6
        fold, rng = _folds(data)
        owner = _owners(data, count, rng)
        chances = [_kinds(data, owner, fold == number, name) for number in range(FOLDS)]
        kinds = {kind: np.nansum([of[kind] for of in chances], axis=0) for kind in chances[0]}
        answers = data.interactions.correct
        for number in range(count):
            mine = owner[data.interactions.learner] == number
            auc = {kind: metrics.auc(answers[mine], chance[mine]) for kind, chance in kinds.items()}
            ece = metrics.ece(answers[mine], kinds["personalised"][mine])
            learners = int((owner == number).sum() * (FOLDS - 1) / FOLDS)
            over = (auc["personalised"] - auc["local"], auc["personalised"] - auc["federated"])
            found.append((name, learners, *over, ece))
            _tell(name)(f"{learners} learners: over local {over[0]:+.4f}, over shared {over[1]:+.4f}, ECE {ece:.4f}")
        one = [each for each in found if each[0] == name]
        rows.append(report.row(f"worst_institution_vs_local_{name}", [min(each[2] for each in one)], "AUC"))
        rows.append(report.row(f"worst_institution_vs_shared_{name}", [_worst_shared(one)], "AUC"))
        rows.append(report.row(f"ece_worst_institution_{name}", [max(each[4] for each in one)], "ECE"))
    command = bench.command("institutions")
    local, shared = min(each[2] for each in found), _worst_shared(found)
    return [
        *rows,
        report.row("worst_institution_vs_local", [local], "AUC", target=">= -0.002", command=command),
        report.row("worst_institution_vs_shared", [shared], "AUC, 100 and more", target=">= -0.002", command=command),
        report.row("ece_worst_institution", [max(each[4] for each in found)], "ECE", target="<= 0.03", command=command),
    ]


def small(bench: Bench) -> list[Row]:
    """Eight institutions (OULAD: its regions) of 50 training learners each: personalised above local-only, the mean."""
    rows = []
    for name, data in bench.data.items():
        gains, alone = [], []
        for draw in range(DRAWS):
            fold, rng = _folds(data, seed=SEED + draw)
            count = len(set(data.institution)) or 8
            owner = _owners(data, count, rng)
            some, owner, held = consortia.small(data.interactions, owner, fold == 0, SMALL, rng)
            found: Consortium = consortia.compare(
                some, space.of(data.catalog), owner, held, rng, kinds=(), told=_tell(name)
            )
            gains.append(float(np.nanmean([one.over_local.value for one in found.members])))
            alone.append(float(np.nanmean([one.auc["local"] for one in found.members])))
        rows.append(
            report.row(
                f"small_institutions_gain_{name}",
                gains,
                f"AUC above {np.mean(alone):.3f} alone, {SMALL} learners each, {DRAWS} draws",
                target=f">= {GAIN.get(name, 0.0)}",
                command=bench.command("small"),
            )
        )
    return rows


def unseen(bench: Bench) -> list[Row]:
    """A fifth of the items hidden from training: how much of the first generation's gap is closed."""
    rows = []
    for name in ("assist09",):
        if name in bench.data:
            data = bench.data[name]
            found = []
            for draw in range(DRAWS):
                fold, rng = _folds(data, seed=SEED + draw)
                _tell(name)(f"hidden items, draw {draw + 1}")
                found.append(evaluate.unseen(data.interactions, space.of(data.catalog), fold == 0, rng))
            about = f"of the gap, AUC {np.mean([one.hidden for one in found]):.4f}"
            command = bench.command("unseen")
            closed = [one.closed for one in found]
            rows.append(report.row("unseen_item_gap_closed", closed, about, target=">= 0.5", command=command))
    return rows


def leakage(bench: Bench) -> list[Row]:
    """The largest change of a past prediction when the future is changed, over all data sets."""
    worst = 0.0
    for data in bench.data.values():
        fold, rng = _folds(data)
        columns_of = space.of(data.catalog)
        some = interactions.select(data.interactions, fold == 0)
        model = contender.fit([interactions.select(data.interactions, fold == 1)], columns_of)

        def predict(rows: Interactions, model: Any = model, columns_of: Any = columns_of) -> NDArray[np.float64]:
            return contender.predict(rows, model, columns_of)

        worst = max(worst, evaluate.leakage(some, predict, rng, times=1))
    return [report.row("leakage", [worst], "chance", target="<= 0", command=bench.command("leakage"))]


def random_history(catalog: Catalog, answers: int) -> Interactions:
    """One learner with many answers on any items."""
    rng = np.random.default_rng(0)
    return Interactions(
        learners=("one",),
        learner=np.zeros(answers, np.int32),
        item=rng.integers(0, len(catalog.items), answers).astype(np.int32),
        correct=(rng.random(answers) < 0.6).astype(np.float32),
        score=np.full(answers, np.nan, np.float32),
        when=np.arange(answers, dtype=np.int64) * 3600 * 10**6,
    )


def timed(work: Callable[[], object], *, runs: int = RUNS, scale: float = 1.0) -> list[float]:
    """Seconds of one core that each run takes, multiplied by `scale`: what else runs on the machine does not count."""
    found = []
    for _ in range(runs):
        start = time.process_time()
        work()
        found.append((time.process_time() - start) * scale)
    return found


def thousand(catalog: Catalog) -> Catalog:
    """The catalog's skills with a thousand items."""
    skills = list(catalog.skills)
    items = {
        f"task:{number}": Item(
            f"task:{number}",
            f"urn:task:{number}",
            (skills[number % len(skills)],),
            float(1 + number % 5),
            None,
            1,
            True,
        )
        for number in range(1000)
    }
    mark = catalogs.fingerprint(catalog.skills, items, catalog.pass_score)
    return replace(catalog, items=MappingProxyType(items), fingerprint=mark)


def cost(bench: Bench) -> list[Row]:
    """What fitting, updating, predicting and recommending take, and that the reasons add up."""
    data = bench.data["oulad"]
    columns_of = space.of(data.catalog)
    model = contender.fit([data.interactions], columns_of)
    prepared = online.prepare(model, columns_of)
    state = online.state_of(random_history(data.catalog, 500), prepared)
    vector = np.ones(features.dimension(columns_of))

    def interaction() -> None:
        for number in range(1000):
            online.update(state, prepared, number % columns_of.items, 1.0, 0.8)
            online.score(state, prepared, (number + 1) % columns_of.items)

    def products() -> object:
        return [vector @ model.weights for _ in range(1000)]

    wide = thousand(catalogs.load("cbec"))
    fitted = contender.fit([random_history(wide, 2000)], space.of(wide))
    many, none = random_history(wide, 500), interactions.select(random_history(wide, 1), np.array([False]))
    goal = recommend.Goal("operations")
    laid = online.prepare(fitted, space.of(wide))
    ready = Ready(tracker.track(wide, many), trail.follow(wide, many), online.state_of(many, laid))

    def parts() -> float:
        worst = 0.0
        for item in range(columns_of.items):
            said = explain.total(explain.by_model(state, prepared, item))
            worst = max(worst, abs(said - online.score(state, prepared, item)))
        return worst

    command = bench.command("cost")
    row = report.row
    rows = [
        row(
            "update_and_score_us",
            timed(interaction, scale=1000.0),
            "us, control: a product of the weights",
            target="<= 150",
            controls=timed(products, scale=1000.0),
            command=command,
        ),
        row(
            "recommend_1000_ms",
            timed(lambda: recommend.recommend(wide, many, fitted, goal, NOW, ready=ready), runs=20, scale=1000.0),
            "ms after 500 answers, control: newcomer from the graph",
            target="<= 2",
            controls=timed(lambda: recommend.recommend(wide, none, None, goal, NOW), scale=1000.0),
            command=command,
        ),
        row("contributions_error", [parts()], "logit", target="<= 1e-9", command=command),
        row(
            "profile after 500 interactions, 143 skills",
            timed(lambda: profile.profile(wide, many, fitted, NOW), scale=1000.0),
            "ms",
            target="<= 50",
        ),
        row("read cbec.yaml and check it", timed(lambda: catalogs.load.__wrapped__("cbec"), scale=1000.0), "ms"),
    ]
    for name, of in bench.data.items():
        seconds = timed(lambda of=of: training.fit([of.interactions], space.of(of.catalog)), runs=1)
        target = "<= 120" if name == "assist09" else None
        unit = f"s of one core, {len(of.interactions.item):,} rows with tables"
        rows.append(row(f"fit_{name}_seconds", seconds, unit, target=target, command=command))
    return rows


GROUPS: Mapping[str, Callable[[Bench], list[Row]]] = {
    "auc": quality,
    "federation": federation,
    "institutions": institutions,
    "small": small,
    "unseen": unseen,
    "leakage": leakage,
    "cost": cost,
}


def _folds(data: DataSet, seed: int = SEED) -> tuple[NDArray[np.int64], np.random.Generator]:
    rng = np.random.default_rng(seed)
    return evaluate.folds(len(data.interactions.learners), FOLDS, rng), rng


def _owners(data: DataSet, count: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """The institutions of the data where there are as many, else made-up uneven ones."""
    if len(set(data.institution)) == count:
        return np.unique(np.array(data.institution), return_inverse=True)[1]
    return consortia.made_up(data.interactions, space.of(data.catalog), count, "uneven", rng)


def _kinds(data: DataSet, owner: NDArray[np.int64], held: Bools, name: str) -> dict[str, NDArray[np.float64]]:
    """Chance of each row of held-out learners by kind of model, nan elsewhere."""
    columns_of, rows = space.of(data.catalog), data.interactions
    numbers = range(int(owner.max()) + 1)
    inside = [interactions.select(rows, (owner == number) & ~held) for number in numbers]
    shared = contender.rounds(inside, columns_of, consortia.ROUNDS)
    found = {kind: np.full(len(rows.item), np.nan) for kind in ("local", "federated", "personalised")}
    for number, train in zip(numbers, inside, strict=True):
        _tell(name)(f"institution {number + 1} of {len(inside)}")
        mine = (owner == number) & held
        test, place = interactions.select(rows, mine), mine[rows.learner]
        own = contender.personalise(train, shared, columns_of)
        found["local"][place] = contender.predict(test, contender.fit([train], columns_of), columns_of)
        found["federated"][place] = contender.predict(test, shared, columns_of)
        found["personalised"][place] = contender.predict(test, own, columns_of)
    return found


def _worst_shared(found: Sequence[tuple[str, int, float, float, float]]) -> float:
    return min((each[3] for each in found if each[1] >= 100), default=float("nan"))


def _tell(name: str) -> Callable[[str], None]:
    return lambda text: print(f"  {name}: {text}", file=sys.stderr, flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, help="directory of more data sets: assist09.csv.gz, assist15.csv.gz, ...")
    parser.add_argument("--only", help=f"groups of rows, separated by commas: {', '.join(GROUPS)}")
    arguments = parser.parse_args()
    chosen = arguments.only.split(",") if arguments.only else list(GROUPS)
    found = {"oulad": cleaned(shipped())}
    for path in sorted(arguments.data.glob("*.csv.gz")) if arguments.data else ():
        name = path.name.removesuffix(".csv.gz")
        found[name] = cleaned(datasets.read(path.read_bytes(), name))
    for name in AUC:
        if name not in found:
            print(f"{name}: not at hand, so its rows are left out (--data DIR with {name}.csv.gz)", file=sys.stderr)
    bench = Bench(dict(sorted(found.items())), arguments.data)
    rows: list[Row] = []
    for group in chosen:
        before = len(rows)
        rows += GROUPS[group](bench)
        for row in rows[before:]:
            _tell(row["name"])(f"{row['value']:.6g}")  # so that a long run that is cut short has said something
    report.write("model", rows)


if __name__ == "__main__":
    main()
