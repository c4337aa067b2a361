"""`entrepot experiment`: what an institution's experiment on the path found, from its own store. Floor 4.

Prints a table for people and, where asked, writes JSON for programs. Nothing leaves the machine, no learner is named,
and no figure is of fewer than 20 learners.
"""

from __future__ import annotations

import json
import math
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from curriculum import catalog as catalogs
from curriculum import errors as curriculum_errors
from entrepot import errors
from lti_tool import experiments
from lti_tool import settings as tool_settings
from recommender import experiment
from recommender.experiment import Difference, Report
from storage import connect
from storage import settings as storage_settings
from storage.collection import Collection
from xapi_collector import statements

SEED = 1
MATTERS = 0.05
FAIR = 0.001  # chance below which arms are too different in size for a fair lot
TITLES = {experiment.TEST: "In a common test (score, 0 to 1)", experiment.PATH: "On the path (growth for ten answers)"}


def add(parser: ArgumentParser) -> None:
    """Say what the command takes."""
    deeds = parser.add_subparsers(dest="deed", required=True, metavar="DEED")
    text = "compare the arms of an experiment on the path, from the institution's own store"
    report = deeds.add_parser("report", help=text, description=f"{text[0].upper()}{text[1:]}.")
    report.add_argument("--name", default="", help="of the experiment (default: ENTREPOT_LTI_EXPERIMENT)")
    report.add_argument("--catalog", default="cbec", help="that was learnt from (default cbec)")
    report.add_argument(
        "--test",
        action="append",
        default=[],
        metavar="IRI",
        help="activity by which everybody is tested, may stand more than once (default: the exams of the tool)",
    )
    report.add_argument(
        "--difference",
        type=float,
        default=MATTERS,
        metavar="SHARE",
        help=f"in the test, that would matter: says how many learners are needed to see it (default {MATTERS})",
    )
    report.add_argument("--seed", type=int, default=SEED, help=f"of the permutations (default {SEED})")
    report.add_argument("--json", type=Path, metavar="FILE", help="write everything as JSON")


def run(arguments: Namespace, environ: Mapping[str, str], collections: tuple[Collection, ...]) -> None:
    """Compare, print, write.

    Args:
        arguments: As `add` described them.
        environ: The ENTREPOT_* variables of the institution.
        collections: All that the store keeps.

    Raises:
        errors.InvalidRequest: There is no experiment or no such catalog, or a figure is out of range.
        storage.errors.StorageError: A variable is missing, or the store cannot be read.
        lti_tool.errors.ConfigurationError: The name cannot be that of an experiment.
    """
    settings = storage_settings.from_environ(tool_settings.Settings, environ)
    name = experiments.check(arguments.name or settings.experiment)
    if not name:
        raise errors.InvalidRequest("--name", "no experiment is named", "set ENTREPOT_LTI_EXPERIMENT, or name one")
    if not 0.0 < arguments.difference <= 1.0:
        raise errors.InvalidRequest(
            "--difference", f"found {arguments.difference}", "needed a share above 0, at most 1"
        )
    if arguments.seed < 0:
        raise errors.InvalidRequest("--seed", f"found {arguments.seed}", "needed a whole number from 0")
    try:
        catalog = catalogs.load(arguments.catalog)
    except curriculum_errors.UnknownCatalog as error:
        raise errors.InvalidRequest("--catalog", str(error), "name one that the tool has") from error
    storage = connect.connect(settings.storage, *collections)
    try:
        labels = statements.labels(storage, purpose="analytics")
        records = experiment.read(labels, catalog, name, tests=tuple(arguments.test))
    finally:
        storage.close()
    rng = np.random.default_rng(arguments.seed)
    found = experiment.report(records, name, experiments.ARMS, rng, difference=arguments.difference)
    sys.stdout.write("\n".join(table(found, arguments.difference)) + "\n")
    if arguments.json:
        arguments.json.write_text(json.dumps(plain(found), indent=2) + "\n", encoding="utf-8")


def table(found: Report, matters: float) -> list[str]:
    """Lay out what was found as lines of text.

    Args:
        found: The report.
        matters: The difference in the test that would matter.
    """
    head = f"{'arm':<14}{'learners':>10}{'answers':>10}{'tested':>10}"
    lines = [f"Experiment {found.experiment}", "", head, "-" * len(head)]
    lines += [
        f"{group.arm:<14}{_count(group.learners):>10}"
        + (f"{group.answers:>10,}" if group.learners >= experiment.LEAST else f"{'-':>10}")
        + f"{_count(group.tested):>10}"
        for group in found.groups
    ]
    lines.append("")
    if not found.enough:
        return [*lines, f"Not enough data yet: no figure is shown below {experiment.LEAST} learners an arm."]
    if found.uneven < FAIR:
        lines.append(
            f"The arms differ in size by more than a fair lot does (chance {found.uneven:.1e}): something keeps "
            "learners of one arm from the record. Look for that before you read on."
        )
    if found.moved or found.mixed:
        lines.append(
            f"Pseudonyms were replaced, or the experiment was off for a while: {_count(found.mixed)} learners were "
            f"given recommendations of both arms, {_count(found.moved)} would be in another arm today. All count in "
            "the arm that they began in."
        )
    for one in found.differences:
        lines += [*_told(one, found.groups[0].arm, matters), ""]
    return [
        *lines,
        "Ranges (95 %) and chances by permutation over learners; adjusted for answers and tests before the beginning.",
        "The test decides. A path chooses what is answered, so answers on it tell a direction at best.",
    ]


def plain(found: Report) -> dict[str, Any]:
    """The same for programs: numbers of fewer than 20 learners are null."""
    groups = [
        {
            "arm": one.arm,
            "learners": _known(one.learners),
            "answers": one.answers if one.learners >= experiment.LEAST else None,
            "tested": _known(one.tested),
        }
        for one in found.groups
    ]
    differences = [
        {
            **{
                key: None if isinstance(value, float) and math.isnan(value) else value
                for key, value in asdict(one).items()
            },
            "learners": [_known(number) for number in one.learners],
        }
        for one in found.differences
    ]
    uneven = found.uneven if found.enough else None
    return {
        "experiment": found.experiment,
        "groups": groups,
        "enough": found.enough,
        "uneven": uneven,
        "moved": _known(found.moved),
        "mixed": _known(found.mixed),
        "differences": differences,
    }


def _told(one: Difference, first: str, matters: float) -> list[str]:
    lines = [TITLES[one.outcome]]
    if math.isnan(one.value):
        few = f"  not enough data yet: {_count(one.learners[0])} and {_count(one.learners[1])} learners have it"
        return [*lines, f"{few}, {experiment.LEAST} an arm are needed"]
    arms = zip((first, one.arm), one.means, one.learners, strict=True)
    lines += [
        "  " + ", ".join(f"{arm} {mean:.3f} ({learners:,} learners)" for arm, mean, learners in arms),
        f"  {one.arm} - {first}: {one.value:+.3f} [{one.low:+.3f}, {one.high:+.3f}], chance {one.chance:.3f}",
    ]
    if one.needed is not None:
        lines.append(
            f"  to see a difference of {matters:g} in 8 of 10 cases: {one.needed:,} more learners an arm"
            if one.needed
            else f"  enough learners to see a difference of {matters:g} in 8 of 10 cases"
        )
    return lines


def _count(number: int) -> str:
    return f"{number:,}" if number >= experiment.LEAST or number == 0 else f"<{experiment.LEAST}"


def _known(number: int) -> int | None:
    return number if number >= experiment.LEAST or number == 0 else None
