"""`entrepot evaluate-paths`: what a path teaches simulated learners, beside simple ways to choose. Floor 4.

Progress goes to standard error, the table to standard output, all figures to a file if one is named.
"""

from __future__ import annotations

import importlib
import json
import math
import sys
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, TextIO

from entrepot import errors
from recommender import errors as recommender_errors
from recommender import strategies, trials
from recommender.simulators import families
from recommender.simulators.worlds import Simulator
from recommender.trials import Comparison, Figure, Plan, Results

DEFAULT = ("bayes", "ability", "practice")
STUCK = "stuck"


def add(parser: ArgumentParser) -> None:
    """Say what the command takes."""
    parser.add_argument(
        "--simulator",
        action="append",
        metavar="NAME",
        help=f"where learners come from, may stand more than once (default {', '.join(DEFAULT)}); "
        "or MODULE:FUNCTION, a function that returns a simulator; --list names them",
    )
    parser.add_argument(
        "--arm",
        action="append",
        metavar="NAME",
        help="how to choose, may stand more than once (default path and every simple way); --list names them",
    )
    parser.add_argument("--learners", type=int, default=500, metavar="N", help="learners a seed (default 500)")
    parser.add_argument("--seeds", type=_numbers, default=(1, 2, 3), help="such as 1,2,3 (the default)")
    parser.add_argument(
        "--steps", type=_numbers, default=trials.STEPS, help="practices to measure after (default 5,10,20,50)"
    )
    parser.add_argument(
        "--wrong",
        type=float,
        default=0.0,
        metavar="SHARE",
        help="share of wrong edges in the graph as seen (default 0)",
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every figure there, too")
    parser.add_argument("--list", action="store_true", help="name the simulators and the ways to choose, and stop")


def run(arguments: Namespace, out: TextIO | None = None, progress: TextIO | None = None) -> int:
    """Measure, and say what was found; 0 when all was measured.

    Args:
        arguments: As `add` described them.
        out: Where the table goes; None: standard output.
        progress: Where it says how far it is; None: standard error.

    Raises:
        errors.InvalidRequest: There is no such simulator or way to choose, or a figure is out of range.
    """
    out, progress = out or sys.stdout, progress or sys.stderr
    if arguments.list:
        out.write(listing())
        return 0
    names = tuple(dict.fromkeys(arguments.arm or ("path", *simple())))
    plan = _plan(arguments)
    unknown = [name for name in names if name not in strategies.STRATEGIES]
    if unknown:
        raise errors.InvalidRequest(
            "--arm", f"no such way to choose: {', '.join(unknown)}", f"known: {', '.join(strategies.STRATEGIES)}"
        )
    if arguments.json is not None and not arguments.json.parent.is_dir():
        raise errors.InvalidRequest(
            "--json", f"there is no directory {arguments.json.parent}", "name a file in one that exists"
        )
    simulators = [simulator(name) for name in arguments.simulator or DEFAULT]
    reports = []
    for each in simulators:

        def tell(done: int, all_: int, name: str = each.name, where: TextIO = progress) -> None:
            where.write(f"{name}: {done} of {all_} learners\n")

        try:
            results = trials.run(each, names, plan, tell=tell)
        except recommender_errors.MissingSimulator as error:
            raise errors.InvalidRequest("--simulator", each.name, str(error)) from error
        out.write(table(results, each.text))
        reports.append(report(results))
    if arguments.json is not None:
        arguments.json.write_text(json.dumps({"plan": asdict(plan), "simulators": reports}, indent=2) + "\n")
    return 0


def simple() -> tuple[str, ...]:
    """Names of the simple ways to choose that are told of no coherence rule."""
    return tuple(name for name, each in strategies.STRATEGIES.items() if each.simple and not each.near)


def simulator(name: str) -> Simulator:
    """Find a simulator by its name, or by MODULE:FUNCTION.

    Raises:
        errors.InvalidRequest: There is none.
    """
    if name in families.SIMULATORS:
        return families.SIMULATORS[name]
    module, colon, function = name.partition(":")
    if not colon:
        known = ", ".join(families.SIMULATORS)
        raise errors.InvalidRequest("--simulator", f"no such simulator: {name}", f"known: {known}, or MODULE:FUNCTION")
    try:
        made = getattr(importlib.import_module(module), function)()
    except (ImportError, AttributeError) as error:
        raise errors.InvalidRequest("--simulator", str(error), "name a function of a module that is there") from error
    if not isinstance(made, Simulator):
        raise errors.InvalidRequest(
            "--simulator",
            f"{name} returned a {type(made).__name__}",
            "it must return a recommender.simulators.worlds.Simulator",
        )
    return made


def listing() -> str:
    """The simulators and the ways to choose, a line each."""
    rows: Mapping[str, Mapping[str, Any]] = {"simulators": families.SIMULATORS, "arms": strategies.STRATEGIES}
    return "".join(
        f"{title}\n" + "".join(f"  {name:<22}{each.text}\n" for name, each in entries.items())
        for title, entries in rows.items()
    )


def table(results: Results, text: str) -> str:
    """Lay out what was found: a row a strategy, then each path beside the best simple way, then groups of learners."""
    plan = results.plan
    head = f"{'arm':<22}" + "".join(f"{f'after {steps}':>22}" for steps in plan.steps) + f"{STUCK:>9}{'asked':>7}"
    learners = len(results.start)
    wrong = f", {plan.wrong:.0%} of the edges wrong" if plan.wrong else ""
    many = f"{learners:,} learners in {len(set(results.world.tolist()))} worlds, seeds {_listed(plan.seeds)}{wrong}"
    lines = [
        f"{results.simulator}: {text}",
        f"{many}; gain E_p with its likely range (95 %)",
        "",
        head,
        "-" * len(head),
    ]
    for name, outcome in results.outcomes.items():
        cells = "".join(f"{_text(trials.figure(results, column)):>22}" for column in outcome.gain.T)
        lines.append(f"{name:<22}{cells}{outcome.stuck.mean():>9.1%}{outcome.questions.mean():>7.1f}")
    paths = [name for name in results.outcomes if not strategies.STRATEGIES[name].simple]
    for name in paths:
        compared = trials.compare(results, name)
        if compared:
            lines += ["", f"{name} beside the best simple way (ratio, difference in pairs)"]
            lines += [
                f"  after {each.steps:<4}{each.best:<20}{_text(each.ratio, 2):>20}{_text(each.difference):>24}"
                for each in compared
            ]
    if learners >= trials.GROUPS:
        for name in paths:
            lines += ["", f"{name} by start, thirds of the learners"]
            lines += [
                f"  {title:<20}" + "".join(f"{_text(each):>22}" for each in row)
                for title, row in zip(("lowest", "middle", "highest"), trials.groups(results, name), strict=True)
            ]
    return "\n".join([*lines, "", ""])


def report(results: Results) -> dict[str, Any]:
    """The same for programs."""
    paths = [name for name in results.outcomes if not strategies.STRATEGIES[name].simple]
    return {
        "simulator": results.simulator,
        "learners": len(results.start),
        "arms": {
            name: {
                "gain": [_plain(trials.figure(results, column)) for column in outcome.gain.T],
                "stuck": _plain(trials.figure(results, outcome.stuck)),
                "questions": float(outcome.questions.mean()),
            }
            for name, outcome in results.outcomes.items()
        },
        "beside_simple": {name: [_comparison(each) for each in trials.compare(results, name)] for name in paths},
        "groups": {
            name: [[_plain(each) for each in row] for row in trials.groups(results, name)]
            for name in paths
            if len(results.start) >= trials.GROUPS
        },
    }


def _comparison(each: Comparison) -> dict[str, Any]:
    return {
        "steps": each.steps,
        "best": each.best,
        "ratio": _plain(each.ratio),
        "difference": _plain(each.difference),
    }


def _plan(arguments: Namespace) -> Plan:
    steps: Sequence[int] = arguments.steps
    if arguments.learners < 1:
        raise errors.InvalidRequest("--learners", f"found {arguments.learners}", "needed 1 or more")
    if not 0.0 <= arguments.wrong <= 1.0:
        raise errors.InvalidRequest("--wrong", f"found {arguments.wrong}", "needed a share between 0 and 1")
    if min(steps) < 1 or list(steps) != sorted(set(steps)):
        raise errors.InvalidRequest("--steps", f"found {_listed(steps)}", "needed growing numbers from 1")
    if min(arguments.seeds) < 0:
        raise errors.InvalidRequest("--seeds", f"found {_listed(arguments.seeds)}", "needed whole numbers from 0")
    return Plan(arguments.learners, tuple(arguments.seeds), tuple(steps), arguments.wrong)


def _numbers(text: str) -> tuple[int, ...]:
    try:
        return tuple(int(part) for part in text.split(","))
    except ValueError as error:
        raise ArgumentTypeError("needed whole numbers with commas between them, such as 1,2,3") from error


def _listed(numbers: Sequence[int]) -> str:
    return ", ".join(map(str, numbers))


def _plain(figure: Figure) -> dict[str, float | None]:
    """A figure for JSON, which knows no number that is none."""
    return {key: None if math.isnan(value) else value for key, value in asdict(figure).items()}


def _text(figure: Figure, places: int = 3) -> str:
    if math.isnan(figure.low):
        return "-" if math.isnan(figure.value) else f"{figure.value:.{places}f}"
    return f"{figure.value:.{places}f} [{figure.low:.{places}f}, {figure.high:.{places}f}]"
