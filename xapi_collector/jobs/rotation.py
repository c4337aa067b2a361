"""`entrepot lrs rotate-pseudonyms`: a new pseudonym key, and everything under its new names. Floor 1."""

import argparse
import time

from xapi_collector import errors
from xapi_collector.jobs.office import Office, collector, progress, say
from xapi_collector.upkeep import rotation


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Describe `rotate-pseudonyms start|resume|status`."""
    rotate = commands.add_parser("rotate-pseudonyms", help="replace the pseudonym key while the collector serves")
    actions = rotate.add_subparsers(required=True, metavar="ACTION")
    for name, run, text in (
        ("start", _start, "make a new key and give everything its new name"),
        ("resume", _resume, "go on with a rotation that was killed"),
        ("status", _status, "how far a rotation is"),
    ):
        actions.add_parser(name, help=text).set_defaults(run=run)


def _start(_arguments: argparse.Namespace, office: Office) -> int:
    if rotation.status(collector(office)) is not None:
        raise errors.JobError("A rotation has not ended: `entrepot lrs rotate-pseudonyms resume` goes on with it.")
    return _run(office)


def _resume(_arguments: argparse.Namespace, office: Office) -> int:
    its = collector(office)
    if rotation.status(its) is None and len(its.keyring.pseudonym_keys) == 1:
        raise errors.JobError("No rotation was begun: `entrepot lrs rotate-pseudonyms start` begins one.")
    return _run(office)


def _run(office: Office) -> int:
    its = collector(office)
    removed = rotation.run(rotation.Rotation(its, office.collections, time.sleep, progress))
    say(f"The pseudonym key is {its.keyring.states[0].id}; nothing bears an old name.")
    if removed:
        say(f"{removed:,} documents were removed: their persons are named in no statement, choice or state.")
    say("Make a backup of the keyring and of the store now. Models and reports that name pseudonyms name old ones.")
    return 0


def _status(_arguments: argparse.Namespace, office: Office) -> int:
    found = rotation.status(collector(office))
    for key in office.keyring.states:
        say(f"key {key.id}: {key.state}")
    if found is None:
        say("No rotation is under way.")
    else:
        say(f"{found['phase']}, statement {found['cursor']:,} of {found.get('until', 0):,}")
    return 0
