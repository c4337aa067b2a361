"""`entrepot kit`: the empty files of a case kit, and the check of a filled one, at an enterprise's own desk. Floor 4.

Nothing leaves the machine and nothing is kept: the check says what the tool would say, before anything is handed over.
"""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Mapping
from datetime import date
from pathlib import Path

from curriculum import check, telling
from curriculum.kits import blank, cases, columns, faults, hiding, intake
from curriculum.kits.columns import MANIFEST
from curriculum.kits.faults import Fault
from curriculum.kits.intake import Intake
from entrepot import errors

SEED = "check"
"""For a trial of de-identifying; the tool draws a secret one."""


def add(parser: ArgumentParser) -> None:
    """Say what `entrepot kit` takes."""
    deeds = parser.add_subparsers(required=True, metavar="DEED")
    made = deeds.add_parser("template", help="write the empty files of a kit", description="Write the empty files.")
    made.add_argument("directory", type=Path, metavar="DIR", help="a directory that is not there yet, or empty")
    made.set_defaults(run=template)
    looked = deeds.add_parser(
        "check", help="say what is wrong with a kit", description="Check a kit, and keep nothing."
    )
    looked.add_argument("place", type=Path, metavar="DIR|ZIP", help="a directory with its files, or a zip of them")
    looked.add_argument("--language", choices=check.LANGUAGES, default="en", help="of what is said (default en)")
    looked.set_defaults(run=checked)


def run(arguments: Namespace, today: date) -> int:
    """Do what the arguments ask for; 1 where a kit would be refused.

    Args:
        arguments: Of the command.
        today: The day: no day of a kit may lie after it.
    """
    arguments.today = today
    text, code = arguments.run(arguments)
    sys.stdout.write(text)
    return int(code)


def template(arguments: Namespace) -> tuple[str, int]:
    """Write the empty files; what is there already is never written over."""
    place: Path = arguments.directory
    try:
        place.mkdir(parents=True, exist_ok=True)
        if any(place.iterdir()):
            raise errors.InvalidRequest(str(place), "is not empty", "name an empty directory, or a new one")
        for name, body in blank.files().items():
            (place / name).write_bytes(body)
    except OSError as error:
        raise errors.InvalidRequest(
            str(place), error.strerror or "cannot be written", "name a place that can be"
        ) from error
    return f"Wrote {', '.join(blank.files())} to {place}. Each CSV has one line as an example: take it out.\n", 0


def checked(arguments: Namespace) -> tuple[str, int]:
    """Say everything that is wrong with a kit, or what it can be asked."""
    language = arguments.language
    files = _files(arguments.place)
    found = Intake(None, (files,)) if isinstance(files, Fault) else intake.read(files, arguments.today)
    hidden = None if found.kit is None else hiding.hide(found.kit, hiding.drawn(SEED, scaled=False))
    if hidden is None:
        return _told(found, language), 1
    if hidden.kit is None:
        return _told(Intake(None, hidden.faults, hidden.people), language), 1
    asked = cases.askable(hidden.kit)
    lines = [
        f"The kit is in order: {len(hidden.kit.orders)} lines of orders, {len(hidden.kit.products)} articles.",
        f"Kinds of question that it can be asked: {len(asked)} ({', '.join(asked)}).",
    ]
    return "\n".join(lines) + "\n", 0 if asked else 1


def _files(place: Path) -> Mapping[str, bytes] | Fault:
    """The files of a directory by their names, or those of a zip."""
    try:
        if place.is_file():
            body = place.read_bytes() if place.stat().st_size <= intake.LIMITS.packed else b""
            return intake.unpacked(body)
        names = [MANIFEST, *(f"{name}.csv" for name in columns.FILES)]
        return {name: _bounded(place / name) for name in names if (place / name).is_file()}
    except OSError as error:
        raise errors.InvalidRequest(
            str(place), error.strerror or "cannot be read", "name a kit that is there"
        ) from error


def _bounded(path: Path) -> bytes:
    with path.open("rb") as stream:
        return stream.read(columns.BYTES + 1)


def _told(found: Intake, language: str) -> str:
    lines = [telling.say(faults.said(one), language) for one in (*found.people, *found.faults)]
    more = [f"… and {found.more} more"] if found.more else []
    return "\n".join([*lines, *more]) + "\n"
