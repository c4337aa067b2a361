"""`entrepot evaluate`: how good the model is on a file of interactions, or on an institution's own store. Floor 4.

Prints a table for people and, where asked, writes JSON for programs and predictions for an auditor. Nothing leaves the
machine, and no learner is named in what is printed.
"""

from __future__ import annotations

import argparse
import csv
import json
import math
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt

from curriculum import catalog as catalogs
from curriculum.catalog import Catalog
from entrepot import errors, semantic
from federated import institution
from recommender import consortia, contender, copies, datasets, evaluate, fairness, interactions, space
from recommender.consortia import Consortium
from recommender.datasets import DataSet
from recommender.evaluate import Trial, Unseen
from recommender.fairness import Differential
from recommender.metrics import Figures, Interval
from recommender.wording import Embed

Ints = npt.NDArray[np.int64]
FOLDS = 5
SEED = 1
INSTITUTIONS = 6
PARTS = ("models", "institutions", "unseen", "fairness", "leakage")
# In a course of easy items honest learners agree by chance; in a published file the plain rule is the known one.
HONEST = 1.0


@dataclass(frozen=True, slots=True)
class Found:
    """What an evaluation found; a part that was not asked for is None or empty.

    Attributes:
        about: The data and how it was cut: name, rows, learners, items, skills, copies dropped, folds, seed.
        items: Ids of the items by column.
        trials: Each model on held-out learners.
        consortium: Each kind of federating at each institution.
        unseen: Items that training held no answer to.
        groups: Figures by column and group.
        differential: DIF of items by column.
        leakage: Largest change of a prediction when the future was changed.
    """

    about: Mapping[str, Any]
    items: tuple[str, ...]
    trials: Mapping[str, Trial]
    consortium: Consortium | None
    unseen: Unseen | None
    groups: Mapping[str, Mapping[str, Figures]]
    differential: Mapping[str, Differential]
    leakage: float | None


def add(parser: argparse.ArgumentParser) -> None:
    """Give the command its arguments."""
    parser.add_argument(
        "file", nargs="?", type=Path, help="CSV or TSV, plain or .gz: user,item,skills,correct and more columns"
    )
    parser.add_argument("--store", type=Path, metavar="SETTINGS", help="member.toml of an institution, instead of FILE")
    parser.add_argument("--folds", type=int, default=FOLDS, help=f"folds of learners (default {FOLDS})")
    parser.add_argument("--seed", type=int, default=SEED, help=f"of every draw (default {SEED})")
    parser.add_argument("--models", help="comma-separated, of: " + ", ".join(evaluate.predictors()))
    parser.add_argument(
        "--parts", default=",".join(PARTS), help=f"what to measure, comma-separated (default {','.join(PARTS)})"
    )
    parser.add_argument(
        "--institutions", type=int, metavar="N", help=f"make up so many (default: the file's own, else {INSTITUTIONS})"
    )
    parser.add_argument(
        "--mix", choices=consortia.MIXES, default=consortia.MIXES[0], help="how made-up institutions differ"
    )
    parser.add_argument(
        "--group", action="append", metavar="COLUMN", help="groups to compare (default: all of the file)"
    )
    parser.add_argument("--keep-copies", action="store_true", help="keep learners who are copies of others")
    parser.add_argument("--skip-bad-rows", action="store_true", help="leave bad rows out instead of refusing the file")
    parser.add_argument(
        "--semantic",
        action="store_true",
        help="read what the texts of items mean, in any language (needs the extra: pip install 'entrepot[semantic]')",
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write everything as JSON")
    parser.add_argument("--predictions", type=Path, metavar="FILE", help="write predictions as kt-audit reads them")


def run(arguments: argparse.Namespace) -> None:
    """Measure what the arguments ask for, print it, write it.

    Raises:
        errors.InvalidRequest: The file is not there, or the arguments do not go together.
        errors.MissingExtra: `--semantic` is asked for, and the extra is not installed.
        recommender.errors.DatasetError: The file has bad rows.
    """
    wanted = _listed(arguments.parts, PARTS, "--parts")
    models = _listed(arguments.models, tuple(evaluate.predictors()), "--models")
    if (arguments.file is None) == (arguments.store is None):
        named = "both" if arguments.file else "neither"
        raise errors.InvalidRequest("FILE or --store", named, "one of the two says what to evaluate")
    if arguments.folds < 2:
        raise errors.InvalidRequest("--folds", str(arguments.folds), "2 or more, so that others can predict a learner")
    data = _file(arguments) if arguments.file else _store(arguments.store)
    embed = semantic.embedder() if arguments.semantic else None
    found = measure(data, arguments, wanted, models, embed=embed, told=_tell)
    sys.stdout.write("\n".join(table(found)) + "\n")
    if arguments.json:
        arguments.json.write_text(json.dumps(plain(found), indent=2) + "\n", encoding="utf-8")


def measure(
    data: DataSet,
    arguments: argparse.Namespace,
    wanted: Sequence[str],
    models: Sequence[str],
    *,
    embed: Embed | None = None,
    told: Callable[[str], None] = lambda _: None,
) -> Found:
    """Evaluate a data set.

    Args:
        data: The data.
        arguments: As `add` declares them.
        wanted: Some of `PARTS`.
        models: Names of predictors.
        embed: Turns texts into their meaning; None: words alone are read.
        told: Hears what is being done.
    """
    data, about = _without_copies(data, arguments)
    records, columns = data.interactions, space.of(data.catalog)
    rng = np.random.default_rng(arguments.seed)
    drawn = evaluate.folds(len(records.learners), arguments.folds, rng)
    fold = drawn if data.fold is None else data.fold
    held = fold == fold.max(initial=-1)
    about |= {"split": "seed" if data.fold is None else "file", "folds": len(np.unique(fold[fold >= 0]))}
    if not len(fold) or not held.any() or held.all() or fold.max() < 0:
        few = f"{data.name} has {len(records.learners)} learners, and its split holds out {int(held.sum())}"
        raise errors.InvalidRequest("FILE or --store", few, "some to hold out and some to learn from are needed")
    predictors = evaluate.predictors(embed)
    chosen = {name: predictors[name] for name in models}
    trials: dict[str, Trial] = {}
    if {"models", "fairness"} & set(wanted) or arguments.predictions:
        chosen = chosen if "models" in wanted else {contender.NAME: predictors[contender.NAME]}
        trials = evaluate.trials(records, columns, fold, chosen, rng, told=told)
    groups = {name: of for name, of in data.groups.items() if not arguments.group or name in arguments.group}
    if arguments.group and set(arguments.group) - set(groups):
        raise errors.InvalidRequest(
            "--group", "no such column", f"columns of groups are {', '.join(data.groups) or 'not in the data'}"
        )
    if data.institution:
        groups["institution"] = data.institution
    first = next(iter(trials.values()), None)
    if arguments.predictions and first is not None:
        _predictions(arguments.predictions, data, held, first)
    consortium, unseen, leakage = None, None, None
    if "institutions" in wanted:
        number, names = _members_of(data, arguments, rng)
        consortium = consortia.compare(records, columns, number, held, rng, names=names, told=told)
    if "unseen" in wanted:
        told("hidden items")
        unseen = evaluate.unseen(records, columns, held, rng, embed=embed)
    if "leakage" in wanted:
        told("a changed future")
        fitted = contender.fit([interactions.select(records, ~held)], columns)
        leakage = evaluate.leakage(
            interactions.select(records, held), lambda rows: contender.predict(rows, fitted, columns), rng
        )
    fair = groups if "fairness" in wanted and first is not None else {}
    return Found(
        about=MappingProxyType(about),
        items=tuple(data.catalog.items),
        trials=trials,
        consortium=consortium,
        unseen=unseen,
        groups={name: fairness.by_group(records, first.chance, of, rng) for name, of in fair.items() if first},
        differential={name: fairness.differential(records, of, rng) for name, of in fair.items()},
        leakage=leakage,
    )


def table(found: Found) -> list[str]:
    """Lay out what was found as lines of text."""
    about = found.about
    lines = [
        "{name}: {rows:,} answers of {learners:,} learners, {items:,} items, {skills:,} skills".format(**about),
        f"Copies of other learners left out: {about['copies']:,} learners with {about['copied_rows']:,} answers.",
    ]
    if about["merged"]:
        lines.append(f"Rows that said one answer again for another skill, made one: {about['merged']:,}.")
    lines += [f"Left out: {problem}" for problem in about["problems"]]
    if found.trials:
        lines += [
            "",
            f"Held-out learners, {about['folds']} folds ({about['split']}); in brackets 95 % over learners",
            "",
        ]
        lines.append(f"{'model':<19}{'AUC':<24}{'RMSE':<9}{'log loss':<10}{'ECE':<24}{'below the first':<9}")
        lines += [_trial(name, trial) for name, trial in found.trials.items()]
    if found.consortium:
        lines += ["", *_members(found.consortium)]
    if found.unseen:
        one = found.unseen
        lines += [
            "",
            f"Items hidden from training: {one.items:,}; {one.rows:,} answers to them of held-out learners",
            f"  AUC {one.hidden:.4f}; had it seen them {one.seen:.4f}",
            f"  first generation {one.control:.4f}; had it seen them {one.control_seen:.4f}",
            f"  share of the first generation's gap that is closed: {_figure(one.closed)}",
        ]
    for column, figures in found.groups.items():
        lines += ["", f"By {column}", f"  {'group':<22}{'learners':>9}  {'AUC':<24}{'ECE':<24}chance - right"]
        lines += [
            f"  {name[:21]:<22}{of.learners:>9,}  {_range(of.auc):<24}{_range(of.ece):<24}{_range(of.bias)}"
            for name, of in figures.items()
        ]
    for column, dif in found.differential.items():
        lines += ["", *_differential(column, dif, found.items)]
    if found.leakage is not None:
        verdict = f"a prediction moved by {found.leakage:.2g}, so it leaks" if found.leakage else "no prediction moved"
        lines += ["", f"Future answers changed: {verdict}."]
    return lines


def plain(found: Found) -> dict[str, Any]:
    """Everything as plain JSON; what is not a number is null."""
    everything: dict[str, Any] = _plain(
        {
            "about": dict(found.about),
            "models": {
                name: {
                    "figures": asdict(trial.figures),
                    "folds": trial.folds,
                    "ahead": trial.ahead and asdict(trial.ahead),
                }
                for name, trial in found.trials.items()
            },
            "institutions": found.consortium and _consortium_plain(found.consortium),
            "unseen": found.unseen and {**asdict(found.unseen), "closed": found.unseen.closed},
            "groups": {
                column: {name: asdict(figures) for name, figures in of.items()} for column, of in found.groups.items()
            },
            "differential": {
                column: {
                    "tested": dif.tested,
                    "false_alarms": dif.false_alarms,
                    "level": dif.level,
                    "items": [{**asdict(item), "item": found.items[item.item]} for item in dif.items],
                }
                for column, dif in found.differential.items()
            },
            "leakage": found.leakage,
        }
    )
    return everything


def _listed(text: str | None, known: tuple[str, ...], option: str) -> tuple[str, ...]:
    """Names after an option, all of them where it is not given."""
    names = known if text is None else tuple(name.strip() for name in text.split(",") if name.strip())
    wrong = [name for name in names if name not in known]
    if wrong or not names:
        raise errors.InvalidRequest(option, "no such name", f"some of {', '.join(known)}, separated by commas")
    return tuple(name for name in known if name in names)


def _file(arguments: argparse.Namespace) -> DataSet:
    path: Path = arguments.file
    try:
        content = path.read_bytes()
    except OSError as error:
        raise errors.InvalidRequest("FILE", f"{path}: {error.strerror}", "a file that can be read") from error
    return datasets.read(content, path.name.split(".")[0], skip=arguments.skip_bad_rows)


def _store(path: Path) -> DataSet:
    """An institution's own records, over the catalog that its settings name."""
    member = institution.load(path)
    records = institution.interactions(member)
    catalog: Catalog = catalogs.load(member.catalog)
    return DataSet(member.institution, catalog, records, (), MappingProxyType({}), None, 0, ())


def _without_copies(data: DataSet, arguments: argparse.Namespace) -> tuple[DataSet, dict[str, Any]]:
    """Drop copies of learners, and say what the data is."""
    records = data.interactions
    found = copies.find(records, honest=HONEST if arguments.store else None)
    keep = np.ones(len(records.learners), np.bool_) if arguments.keep_copies else found.keep
    kept = interactions.select(records, keep)
    about = {
        "name": data.name,
        "rows": len(kept.item),
        "learners": len(kept.learners),
        "items": len(data.catalog.items),
        "skills": len(data.catalog.skills),
        "copies": int((~keep).sum()),
        "copied_rows": len(records.item) - len(kept.item),
        "merged": data.merged,
        "problems": list(data.problems),
        "seed": arguments.seed,
    }
    fewer = replace(
        data,
        interactions=kept,
        institution=_some(data.institution, keep),
        groups=MappingProxyType({name: _some(of, keep) for name, of in data.groups.items()}),
        fold=None if data.fold is None else data.fold[keep],
    )
    return fewer, about


def _some(values: Sequence[str], keep: npt.NDArray[np.bool_]) -> tuple[str, ...]:
    return tuple(value for value, kept in zip(values, keep.tolist(), strict=False) if kept)


def _members_of(data: DataSet, arguments: argparse.Namespace, rng: np.random.Generator) -> tuple[Ints, list[str]]:
    """Institution of each learner, and their names: those of the file, or made-up ones without a name."""
    if data.institution and arguments.institutions is None:
        names, number = np.unique(np.array(data.institution), return_inverse=True)
        return number, names.tolist()
    count = arguments.institutions or INSTITUTIONS
    columns = space.of(data.catalog)
    return consortia.made_up(data.interactions, columns, count, arguments.mix, rng), []


def _predictions(path: Path, data: DataSet, held: npt.NDArray[np.bool_], trial: Trial) -> None:
    """Write one fold: held-out learners as the test part, with predictions, and the others as the training part.

    An auditor wants a prediction in each row; that of a training row comes from the fold that held its learner out.
    """
    records, items = data.interactions, list(data.catalog.items.values())
    columns = (records.learner.tolist(), records.item.tolist(), records.when.tolist(), records.correct.tolist())
    with path.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(("user_id", "item_id", "kc_ids", "timestamp", "split", "y_true", "y_pred"))
        for row, (learner, item, when, right) in enumerate(zip(*columns, strict=True)):
            chance = float(np.nan_to_num(trial.chance[row], nan=0.5))
            known = items[item]
            moment = when // 10**6 if when else row
            split = "test" if held[learner] else "train"
            writer.writerow((learner, known.id, ";".join(known.skills), moment, split, int(right), f"{chance:.6f}"))


def _range(figure: Interval) -> str:
    if math.isnan(figure.value):
        return "not enough data yet"
    return f"{figure.value:.4f} [{figure.low:.4f}, {figure.high:.4f}]"


def _trial(name: str, trial: Trial) -> str:
    figures = trial.figures
    below = "" if trial.ahead is None else _range(_other_way(trial.ahead))
    return (
        f"{name:<19}{_range(figures.auc):<24}{figures.rmse.value:<9.4f}{figures.log_loss.value:<10.4f}"
        f"{_range(figures.ece):<24}{below}"
    ).rstrip()


def _other_way(figure: Interval) -> Interval:
    """The same difference seen from the other side."""
    return Interval(-figure.value, -figure.high, -figure.low)


def _members(found: Consortium) -> list[str]:
    kinds = list(found.pooled)
    head = f"{'institution':<14}{'learners':>9}" + "".join(f"{kind:>14}" for kind in kinds)
    lines = ["Each institution's held-out learners, AUC by kind of model", "", head]
    lines += [
        f"{one.name[:13]:<14}{one.learners:>9,}" + "".join(f"{_figure(one.auc[kind]):>14}" for kind in kinds)
        for one in found.members
    ]
    lines.append(f"{'together':<23}" + "".join(f"{_figure(found.pooled[kind].auc.value):>14}" for kind in kinds))
    lines.append(f"{'ECE together':<23}" + "".join(f"{_figure(found.pooled[kind].ece.value):>14}" for kind in kinds))
    worst = min(found.members, key=lambda one: _low(one.over_local.value))
    lines += [
        "",
        f"Personalised above local, worst institution, {worst.name}: {_range(worst.over_local)}",
        f"Federated - centralised after {found.rounds} rounds: AUC {found.auc_away:+.2g}",
        f"  largest difference of a coefficient {found.coefficient_away:.2g}",
    ]
    return lines


def _low(value: float) -> float:
    return math.inf if math.isnan(value) else value


def _figure(value: float) -> str:
    return "-" if math.isnan(value) else f"{value:.4f}"


def _differential(column: str, dif: Differential, items: Sequence[str]) -> list[str]:
    flagged = [item for item in dif.items if item.flagged]
    lines = [
        f"Items harder or easier at equal ability, by {column}: {len(flagged)} of {dif.tested} comparisons flagged"
        + (f"; with groups drawn anew {dif.false_alarms:.2%} are" if dif.tested else " (not enough data yet)")
    ]
    lines += [
        f"  item {items[one.item]}, {one.group}: {one.effect:+.2f} log odds (size {one.size}, p {one.chance:.1e})"
        for one in flagged[:20]
    ]
    return lines


def _consortium_plain(found: Consortium) -> dict[str, Any]:
    return {
        "members": [asdict(replace(one, auc=dict(one.auc), ece=dict(one.ece))) for one in found.members],
        "pooled": {kind: asdict(figures) for kind, figures in found.pooled.items()},
        "auc_away": found.auc_away,
        "coefficient_away": found.coefficient_away,
        "rounds": found.rounds,
        "averaged": found.averaged,
    }


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _tell(text: str) -> None:
    sys.stderr.write(f"  {text} ...\n")
