"""`entrepot lrs ...`: the operator's commands of the collector. Floor 1.

A module of `jobs` describes its own commands in `add`; the tuple here is all that joins them. The one place besides
`app` that reads the environment and the clock.
"""

import argparse
import os
import time
from collections.abc import Mapping

from storage.collection import Collection
from storage.settings import from_environ
from xapi_collector.jobs import (
    backup,
    consent,
    credentials,
    doctor,
    forward,
    office,
    people,
    reindex,
    retention,
    rotation,
    transfer,
)
from xapi_collector.settings import Settings

_JOBS = (credentials, transfer, forward, people, consent, retention, rotation, backup, reindex, doctor)


def add(parser: argparse.ArgumentParser) -> None:
    """Add the commands below `entrepot lrs`; each sets `run`, a function (arguments, office) -> exit code."""
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for job in _JOBS:
        job.add(commands)


def run(arguments: argparse.Namespace, environ: Mapping[str, str], collections: tuple[Collection, ...]) -> int:
    """Run the command that was parsed, and answer its exit code.

    Args:
        arguments: As parsed by what `add` described.
        environ: The ENTREPOT_* variables of the institution.
        collections: All that the store keeps, those of the rooms above among them.

    Raises:
        errors.CollectorError: The command cannot go on; the text says what to do.
        storage.errors.StorageError: A variable is missing, or the store fails.
    """
    found = from_environ(Settings, environ)
    if arguments.run == doctor.run:  # looks at what may not open
        return doctor.run(found, collections, _clock, os.urandom)
    with office.opened(found, collections, clock=_clock, random=os.urandom) as opened:
        return int(arguments.run(arguments, opened))


def _clock() -> int:
    return time.time_ns() // 1000
