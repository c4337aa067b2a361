"""A round's trace that cannot be altered in silence: JSON lines, each bound to the one before by sha256. Floor 3.

A line is {"body", "hash", "prev"} in canonical JSON; hash = sha256(prev + canonical body). Who keeps the last hash
(`head`) elsewhere can also tell that lines at the end are missing.
"""

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from federated import errors

GENESIS = "0" * 64


@dataclass(frozen=True)
class Line:
    """One line: what it says, and the hash that binds it."""

    body: dict[str, Any]
    hash: str


def append(path: Path, body: Mapping[str, Any]) -> str:
    """Write one more line to the ledger at `path`, durably, and return its hash.

    Raises:
        LedgerError: the ledger there is damaged, or cannot be written.
    """
    lines = read(path)
    previous = lines[-1].hash if lines else GENESIS
    digest = _digest(previous, body)
    text = _canonical({"body": body, "hash": digest, "prev": previous}) + "\n"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            os.write(descriptor, text.encode())
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    except OSError as error:
        text = f"{path}: {error.strerror}; the ledger must be writable"
        raise errors.LedgerError(text) from error
    return digest


def read(path: Path) -> list[Line]:
    """Return the lines of the ledger at `path`, checked; none where there is no file.

    Raises:
        LedgerError: a line does not follow from the one before; the text names it.
    """
    try:
        content = path.read_bytes().decode()
    except FileNotFoundError:
        return []
    except (OSError, UnicodeDecodeError) as error:
        text = f"{path}: cannot be read as a ledger"
        raise errors.LedgerError(text) from error
    if content and not content.endswith("\n"):
        text = f"{path}: the last line is torn; remove that line and go on"
        raise errors.LedgerError(text)
    lines: list[Line] = []
    for number, raw in enumerate(content.split("\n")[:-1], start=1):
        previous = lines[-1].hash if lines else GENESIS
        lines.append(_check(path, number, raw, previous))
    return lines


def verify(path: Path, head: str | None = None) -> int:
    """Check the whole ledger at `path` and return how many lines it has.

    Args:
        path: the ledger.
        head: the hash of the last line as noted elsewhere; without it, lines missing at the end go unseen.

    Raises:
        LedgerError: a line was altered, added or taken away; the text names the first one.
    """
    lines = read(path)
    last = lines[-1].hash if lines else GENESIS
    if head is not None and last != head:
        text = f"{path}: it ends with {last[:12]}, noted was {head[:12]}; lines are missing or were added"
        raise errors.LedgerError(text)
    return len(lines)


def _check(path: Path, number: int, raw: str, previous: str) -> Line:
    try:
        line = json.loads(raw)
        body, digest, prev = line["body"], line["hash"], line["prev"]
        sound = prev == previous and digest == _digest(previous, body) and raw == _canonical(line)
    except (ValueError, TypeError, KeyError) as error:
        text = f"{path}: line {number} is not a ledger line"
        raise errors.LedgerError(text) from error
    if not sound:
        text = (
            f"{path}: line {number} does not follow from line {number - 1}; it was altered, or one before it is missing"
        )
        raise errors.LedgerError(text)
    return Line(body, digest)


def _digest(previous: str, body: Mapping[str, Any]) -> str:
    return hashlib.sha256((previous + _canonical(body)).encode()).hexdigest()


def _canonical(value: Mapping[str, Any]) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
