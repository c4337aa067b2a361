"""`entrepot lrs import` and `export`: statements as JSON lines, gzip or not. Floor 1.

Both may be killed at any time and started again with the same words: an import knows its file by its beginning and its
size, an export keeps beside its file how far the file is whole. Data of attachments lie in a directory, each file named
by its SHA-2.
"""

import argparse
import contextlib
import gzip
import hashlib
import io
import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

import orjson

from xapi_collector import agents, errors, progress
from xapi_collector.grammar import formats, jsontext, validate
from xapi_collector.jobs import office as offices
from xapi_collector.jobs.office import Office, say
from xapi_collector.upkeep import exporting, importing
from xapi_collector.upkeep.exporting import Selection
from xapi_collector.upkeep.importing import Source

_GZIP = b"\x1f\x8b"
_FORMS = ("exact", "ids", "canonical")
_SHOWN = 10  # a line of progress after so many batches


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Describe `import` and `export`."""
    taking = commands.add_parser("import", help="take statements from a file of JSON lines")
    taking.add_argument("file", help="the file, .gz too; - is standard input")
    taking.add_argument("--authority", metavar="JSON", help="the Agent that vouches for them (default: the importer)")
    taking.add_argument("--attachments", type=Path, metavar="DIR", help="the data of attachments, named by SHA-2")
    taking.add_argument("--rejected", type=Path, metavar="FILE", help="where to note the lines that are not taken")
    taking.add_argument("--again", action="store_true", help="from the beginning, though it was read before")
    taking.set_defaults(run=_import)
    giving = commands.add_parser("export", help="give statements out as JSON lines")
    giving.add_argument("file", help="the file, compressed if it ends in .gz; - is standard output")
    giving.add_argument("--since", metavar="TIME", help="stored after")
    giving.add_argument("--until", metavar="TIME", help="stored at or before")
    giving.add_argument("--agent", metavar="JSON", help="of this Agent")
    giving.add_argument("--activity", metavar="IRI", help="about this activity")
    giving.add_argument("--verb", metavar="IRI", help="with this verb")
    giving.add_argument("--format", choices=_FORMS, default="exact", help="as in xAPI (default exact: as it was sent)")
    giving.add_argument("--without-void", action="store_true", help="leave out void statements")
    giving.add_argument("--attachments", type=Path, metavar="DIR", help="where to put the data of attachments")
    giving.set_defaults(run=_export)


def _import(arguments: argparse.Namespace, office: Office) -> int:
    collector = offices.collector(office)
    authority = _authority(office, arguments.authority)
    standard = arguments.file == "-"
    notes = arguments.rejected or Path("import.rejected.jsonl" if standard else f"{arguments.file}.rejected.jsonl")
    with _opened(arguments.file) as (digest, file):
        job = f"import {digest}"
        kept = None if standard or arguments.again else progress.read(office.storage, job)
        count = {name: int((kept or {}).get(name, 0)) for name in ("lines", "stored", "rejected")}
        if kept is not None:
            offices.progress(f"{arguments.file}: goes on after line {count['lines']}")
        source = Source(digest, authority, lambda sha2: _data(arguments.attachments, sha2))
        with _notes(notes, count["lines"]) as note:
            found = importing.batches(importing.lines(file.readline, count["lines"]))
            for number, batch in enumerate(_readable(found, arguments.file), 1):
                stored, rejected = importing.take(collector, batch, source)
                for each in rejected:
                    note.write(orjson.dumps(each.document()) + b"\n")
                _sync(note)
                count = {"lines": batch[-1].number, "stored": count["stored"] + stored,
                         "rejected": count["rejected"] + len(rejected)}  # fmt: skip
                if not standard:
                    progress.write(office.storage, job, **count)
                if number % _SHOWN == 0:
                    offices.progress(f"{count['lines']} lines, {count['stored']} stored, {count['rejected']} not taken")
    if not count["rejected"]:
        notes.unlink(missing_ok=True)
    say(f"{count['lines']} lines: {count['stored']} stored or there already, {count['rejected']} not taken"
        + (f"; see {notes}." if count["rejected"] else "."))  # fmt: skip
    return 1 if count["rejected"] else 0


def _authority(office: Office, text: str | None) -> str:
    if text is None:
        account = {"homePage": office.settings.xapi_url.rstrip("/"), "name": "import"}
        return orjson.dumps({"objectType": "Agent", "account": account}).decode()
    try:
        agent = jsontext.object_of(text)
        validate.agent(agent)
    except errors.RequestError as error:
        msg = f"--authority is no Agent: {error.detail}"
        raise errors.TransferError(msg) from None
    return orjson.dumps(agent).decode()


@contextlib.contextmanager
def _opened(path: str) -> Iterator[tuple[str, BinaryIO]]:
    """The digest of the file as it lies there, and its content, inflated."""
    try:
        with contextlib.ExitStack() as stack:
            file: Any = sys.stdin.buffer
            if path != "-":
                file = io.BufferedReader(stack.enter_context(io.FileIO(path)), importing.BEGINNING)
            beginning = file.peek(importing.BEGINNING)
            size = 0 if path == "-" else Path(path).stat().st_size
            content: Any = gzip.GzipFile(fileobj=file) if beginning.startswith(_GZIP) else file
            yield importing.digest(beginning, size), content
    except FileNotFoundError:
        msg = f"There is no file {path}."
        raise errors.TransferError(msg) from None
    except PermissionError:
        msg = f"{path} may not be read."
        raise errors.TransferError(msg) from None


def _readable(found: Iterator[list[importing.Line]], path: str) -> Iterator[list[importing.Line]]:
    try:
        yield from found
    except (EOFError, gzip.BadGzipFile, OSError) as error:
        msg = f"{path} ends early or is damaged ({type(error).__name__}); what came before is stored."
        raise errors.TransferError(msg) from None


@contextlib.contextmanager
def _notes(path: Path, lines: int) -> Iterator[BinaryIO]:
    """The file of rejected lines, with what it held of the first lines; what came after is read again."""
    kept = []
    if lines and path.exists():
        noted = [line for line in path.read_bytes().splitlines() if line.endswith(b"}")]
        kept = [line for line in noted if orjson.loads(line)["line"] <= lines]
    with _private(path, "wb") as file:
        file.writelines(line + b"\n" for line in kept)
        yield file


def _private(path: Path, mode: str) -> BinaryIO:
    """A file that its owner alone may read."""

    def opener(name: str, flags: int) -> int:
        return os.open(name, flags, 0o600)

    try:
        return open(path, mode, opener=opener)  # type: ignore[return-value]  # "b" is in every mode
    except OSError as error:
        msg = f"{path} cannot be written ({error.strerror})."
        raise errors.TransferError(msg) from None


def _data(directory: Path | None, sha2: str) -> bytes | None:
    path = None if directory is None else directory / sha2
    return path.read_bytes() if path is not None and path.is_file() else None


def _sync(file: BinaryIO) -> None:
    file.flush()
    if file is not sys.stdout.buffer:
        os.fsync(file.fileno())


def _export(arguments: argparse.Namespace, office: Office) -> int:
    selection = _selection(arguments, office)
    collector = offices.collector(office)
    standard = arguments.file == "-"
    path = Path(arguments.file)
    place = path.with_name(f"{path.name}.position")
    kept = {"bytes": 0, "seq": 0, "count": 0} if standard else _position(path, place, selection)
    if kept["count"]:
        offices.progress(f"{path}: goes on after {kept['count']} statements")
    if arguments.attachments is not None:
        arguments.attachments.mkdir(parents=True, exist_ok=True)
    with contextlib.ExitStack() as stack:
        file = sys.stdout.buffer if standard else stack.enter_context(_private(path, "r+b" if kept["bytes"] else "wb"))
        if not standard:
            file.truncate(kept["bytes"])
            file.seek(kept["bytes"])
        attached = arguments.attachments is not None
        for number, page in enumerate(exporting.pages(collector, selection, kept["seq"], attached=attached), 1):
            text = b"".join(each + b"\n" for each in page.texts)
            file.write(gzip.compress(text, 6) if path.suffix == ".gz" and text else text)
            for sha2, part in page.files.items():
                _keep(arguments.attachments / sha2, part.content)
            _sync(file)
            kept = {"seq": page.seq, "count": kept["count"] + len(page.texts), "bytes": 0}
            if not standard:
                kept["bytes"] = file.tell()
                _keep(place, json.dumps(kept | {"selection": _digest(selection)}).encode())
            if number % _SHOWN == 0:
                offices.progress(f"{kept['count']} statements")
    place.unlink(missing_ok=True)
    if not standard:
        say(f"{kept['count']} statements in {path}.")
    return 0


def _selection(arguments: argparse.Namespace, office: Office) -> Selection:
    actor = None
    if arguments.agent is not None:
        try:
            agent = jsontext.object_of(arguments.agent)
            validate.agent(agent)
        except errors.RequestError as error:
            msg = f"--agent is no Agent: {error.detail}"
            raise errors.TransferError(msg) from None
        actor = agents.pseudonym(agent, office.keyring.pseudonym_key)
    return Selection(
        since=_time("--since", arguments.since),
        until=_time("--until", arguments.until),
        actor=actor,
        activity=arguments.activity,
        verb=arguments.verb,
        void=not arguments.without_void,
        form=arguments.format,
    )


def _time(name: str, text: str | None) -> int | None:
    found = None if text is None else formats.microseconds(text)
    if text is not None and found is None:
        msg = f"{name} is no time: use a form such as 2026-11-23T08:30:00Z."
        raise errors.TransferError(msg)
    return found


def _position(path: Path, place: Path, selection: Selection) -> dict[str, int]:
    """Where an interrupted export goes on.

    Raises:
        errors.TransferError: The file is there and whole, or was begun with other words.
    """
    if not place.exists():
        if path.exists():
            msg = f"{path} exists; it is not written over. Choose another name, or move it away."
            raise errors.TransferError(msg)
        return {"bytes": 0, "seq": 0, "count": 0}
    kept: dict[str, Any] = json.loads(place.read_text())
    if kept.pop("selection") != _digest(selection) or not path.exists():
        msg = f"{path} was begun with other words: start it with the same ones, or delete it and {place}."
        raise errors.TransferError(msg)
    return kept


def _digest(selection: Selection) -> str:
    return hashlib.sha256(repr(selection).encode()).hexdigest()[:16]


def _keep(path: Path, content: bytes) -> None:
    """Write a file as a whole or not at all."""
    whole = path.with_name(f".{path.name}.new")
    with _private(whole, "wb") as file:
        file.write(content)
        _sync(file)
    whole.replace(path)
