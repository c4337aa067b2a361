"""`entrepot taught ...`: what an institution changed in a catalog, and files of news and postings brought in. Floor 4.

For a job that fetches a feed every night, or an operator at a terminal. What comes in waits on the pages of the tool.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from curriculum import catalog as catalogs
from curriculum import errors as curriculum_errors
from curriculum import telling, versions
from entrepot import errors
from lti_tool import editions, imports
from lti_tool.settings import Settings
from storage import connect
from storage.collection import Collection
from storage.port import Storage
from storage.settings import from_environ


def add(parser: argparse.ArgumentParser) -> None:
    """Add the commands below `entrepot taught`."""
    steps = parser.add_subparsers(dest="step", required=True, metavar="STEP")
    for step, text in (
        ("show", "list the versions of a catalog, the newest first, and what no longer fits"),
        ("news", "bring in a file of policy news (RSS, Atom, CSV or JSON)"),
        ("postings", "weigh what roles ask for by a file of job postings (CSV or JSON)"),
    ):
        one = steps.add_parser(step, help=text, description=f"{text[0].upper()}{text[1:]}.")
        one.add_argument("--catalog", default="cbec", choices=catalogs.NAMES, help="which catalog (default: cbec)")
        if step != "show":
            one.add_argument("file", type=Path, metavar="FILE", help="the file; - reads the standard input")


def run(arguments: argparse.Namespace, environ: Mapping[str, str], collections: tuple[Collection, ...]) -> int:
    """Run the command that was parsed, and answer its exit code.

    Args:
        arguments: As parsed by what `add` described.
        environ: The ENTREPOT_* variables of the institution.
        collections: All that the store keeps.

    Raises:
        errors.InvalidRequest: The file cannot be read, or holds something that cannot be taken in.
        storage.errors.StorageError: A variable is missing, or the store fails.
    """
    settings = from_environ(Settings, environ)
    storage = connect.connect(settings.storage, *collections)
    try:
        taught = editions.taught(storage, editions.Shelf(), arguments.catalog, time.time())
        if arguments.step == "show":
            _show(storage, taught)
        else:
            _bring(storage, taught, arguments.step, arguments.file)
    finally:
        storage.close()
    return 0


def _show(storage: Storage, taught: editions.Taught) -> None:
    name = taught.edition.catalog
    for one in editions.history(storage, name):
        day = datetime.fromtimestamp(one.made, UTC).strftime("%Y-%m-%d %H:%M UTC")
        _say(f"{one.number:4}  {day}  {versions.short(one.digest)}  {len(one.changes)} changes")
    _say(f"   0  as shipped             {versions.short(versions.digest(taught.shipped))}")
    for edit, why in taught.left:
        _say(f"left out: {edit.act} {edit.subject}: {telling.say(why[0], 'en')}")


def _bring(storage: Storage, taught: editions.Taught, step: str, file: Path) -> None:
    where, now = str(file), time.time()
    try:
        data = sys.stdin.buffer.read() if where == "-" else file.read_bytes()
        if step == "news":
            new = imports.news(storage, taught, data, where=where, by="", now=now)
            _say(f"{new} new; they wait on the page of rules.")
        else:
            made, new = imports.postings(storage, taught, data, where=where, why=_why, by="", now=now)
            _say(f"{made} roles would move, {new} of these are new; they wait on the page of skills and roles.")
    except OSError as error:
        raise errors.InvalidRequest("FILE", f"{where} cannot be read", "name a file that is there") from error
    except (curriculum_errors.InvalidNews, curriculum_errors.InvalidPostings) as error:
        raise errors.InvalidRequest("FILE", str(error), "put it right; nothing was taken in") from error


def _why(count: int, role: str) -> str:
    return f"{count} job postings: {role}"


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
