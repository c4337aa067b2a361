"""A trace that cannot be altered in silence: JSON lines, each bound to the one before by sha256. Floor 3.

A line is {"body", "hash", "prev"} in canonical JSON; hash = sha256(prev + canonical body). Where its keeper has a key,
a line also carries {"by", "signature"}: Ed25519 (RFC 8032) over `CONTEXT` and the hash, so that who holds the public
half alone can check the whole file offline. A signature vouches for every line before it. Who keeps the last hash
(`last`) elsewhere can also tell that lines at the end are missing.
"""

import base64
import binascii
import fcntl
import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from federated import errors, files

GENESIS = "0" * 64
CONTEXT = b"entrepot ledger line\n"  # a signature under the same key for another purpose is none of a line
REPAIRED = "repaired"
_BLOCK = 16 * 1024


@dataclass(frozen=True)
class Line:
    """One line: what it says, the hash that binds it, and who signed it.

    Attributes:
        body: what it says.
        hash: sha256 in hex.
        by: `key_id` of the signer; empty where the line is not signed.
        signature: 64 bytes of Ed25519 over `CONTEXT` + hash; empty where the line is not signed.
    """

    body: dict[str, Any]
    hash: str
    by: str = ""
    signature: bytes = b""


def key_id(public: bytes) -> str:
    """Return the name of a public key in a line: the first 16 hex digits of the sha256 of its 32 bytes."""
    return hashlib.sha256(public).hexdigest()[:16]


def append(path: Path, body: Mapping[str, Any], key: Ed25519PrivateKey | None = None) -> str:
    """Write one more line to the ledger at `path`, durably, and return its hash.

    What it costs does not grow with the file: the last line alone is read and checked. A last line that a crash tore
    is taken away, and a line in its place says so: {"kind": "repaired", "bytes": how many, "sha256": of them}. Other
    processes wait meanwhile.

    Args:
        path: the ledger; made with mode 0600 where there is none.
        body: what the line says; JSON values.
        key: the keeper's key. A ledger may begin unsigned and go on signed, never the other way.

    Raises:
        LedgerError: the last line is damaged or signed and there is no key, or the file cannot be written.
    """
    public = b"" if key is None else key.public_key().public_bytes_raw()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = not path.exists()
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            end, final = _tail(descriptor, path)
            torn = _torn(descriptor, end)
            if final is not None and final.by and key is None:
                text = f"{path}: its lines are signed by {final.by}; give the keeper's key to write another"
                raise errors.LedgerError(text)
            digest = GENESIS if final is None else final.hash
            content = ""
            for one in (*torn, body):
                raw, digest = _line(digest, one, key, public)
                content += raw
            # Over what is torn and cut only then: a crash in between leaves something torn again, never silence.
            os.ftruncate(descriptor, _write(descriptor, content.encode(), end))
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        if fresh:
            files.sync(path.parent)
    except OSError as error:
        text = f"{path}: {error.strerror}; the ledger must be writable"
        raise errors.LedgerError(text) from error
    return digest


def last(path: Path) -> str:
    """Return the hash of the last whole line at `path`, `GENESIS` where there is none; costs the same at any length.

    Raises:
        LedgerError: the last line is damaged, or the file cannot be read.
    """
    with _opened(path) as descriptor:
        if descriptor is None:
            return GENESIS
        _, final = _tail(descriptor, path)
    return GENESIS if final is None else final.hash


def read(path: Path, *, public: bytes | None = None, torn: bool = False) -> list[Line]:
    """Return the lines of the ledger at `path`, checked; none where there is no file.

    Args:
        path: the ledger.
        public: the keeper's public key (32 bytes, Ed25519): the last line must be signed by it, which vouches for
            those before; without it, signatures go unchecked.
        torn: pass over a last line that a crash tore; its writer was never told that it is there.

    Raises:
        LedgerError: a line does not follow from the one before; the text names it.
    """
    with _opened(path) as descriptor:
        raw = b"" if descriptor is None else _content(descriptor, path)
    whole = raw[: raw.rfind(b"\n") + 1]
    if whole != raw and not torn:
        text = f"{path}: the last line is torn, it was never acknowledged; the next line written takes its place"
        raise errors.LedgerError(text)
    try:
        content = whole.decode()
    except UnicodeDecodeError as error:
        text = f"{path}: cannot be read as a ledger"
        raise errors.LedgerError(text) from error
    lines: list[Line] = []
    for number, line in enumerate(content.split("\n")[:-1], start=1):
        lines.append(_check(path, number, line, lines[-1] if lines else None))
    if lines and public is not None:
        _signed(path, len(lines), lines[-1], public)
    return lines


def verify(path: Path, head: str | None = None, public: bytes | None = None) -> int:
    """Check the whole ledger at `path`, with nothing but the file, and return how many lines it has.

    Args:
        path: the ledger.
        head: the hash of the last line as noted elsewhere; without it, lines missing at the end go unseen.
        public: the keeper's public key (32 bytes, Ed25519): every signature must be of that key and the last line
            must be signed; without it, signatures go unchecked.

    Raises:
        LedgerError: a line was altered, added or taken away, or is not signed by that key; the text names the first.
    """
    lines = read(path)
    end = lines[-1].hash if lines else GENESIS
    if head is not None and end != head:
        text = f"{path}: it ends with {end[:12]}, noted was {head[:12]}; lines are missing or were added"
        raise errors.LedgerError(text)
    if public is not None:
        for number, line in enumerate(lines, start=1):
            if line.by or number == len(lines):
                _signed(path, number, line, public)
    return len(lines)


def _line(previous: str, body: Mapping[str, Any], key: Ed25519PrivateKey | None, public: bytes) -> tuple[str, str]:
    """Return a line as it is written, and its hash."""
    digest = _digest(previous, body)
    line = {"body": body, "hash": digest, "prev": previous}
    if key is not None:
        signature = base64.b64encode(key.sign(CONTEXT + digest.encode())).decode()
        line |= {"by": key_id(public), "signature": signature}
    return _canonical(line) + "\n", digest


def _signed(path: Path, number: int, line: Line, public: bytes) -> None:
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(line.signature, CONTEXT + line.hash.encode())
    except (InvalidSignature, ValueError) as error:
        named = f"it names {line.by}" if line.by else "it is not signed"
        text = f"{path}: line {number} is not signed by the key {key_id(public)}; {named}"
        raise errors.LedgerError(text) from error


def _check(path: Path, number: int, raw: str, before: Line | None) -> Line:
    line = _parse(path, f"line {number}", raw)
    previous = GENESIS if before is None else before.hash
    if json.loads(raw)["prev"] != previous:
        raise _broken(path, f"line {number}")
    if before is not None and before.by and not line.by:
        text = f"{path}: line {number} is not signed, those before it are; somebody without the key wrote it"
        raise errors.LedgerError(text)
    return line


def _parse(path: Path, where: str, raw: str) -> Line:
    """Return one line, sound in itself: spelled canonically, with the hash that its parts have."""
    try:
        line = json.loads(raw)
        body, digest, prev = line["body"], line["hash"], line["prev"]
        by, signature = line.get("by", ""), base64.b64decode(line.get("signature", ""), validate=True)
        sound = digest == _digest(prev, body) and raw == _canonical(line) and bool(by) == bool(signature)
    except (ValueError, TypeError, KeyError, AttributeError, binascii.Error) as error:
        text = f"{path}: {where} is not a ledger line"
        raise errors.LedgerError(text) from error
    if not sound:
        raise _broken(path, where)
    return Line(body, digest, by, signature)


def _broken(path: Path, where: str) -> errors.LedgerError:
    return errors.LedgerError(
        f"{path}: {where} does not follow from the one before; it was altered, or one before it is missing"
    )


def _tail(descriptor: int, path: Path) -> tuple[int, Line | None]:
    """Return where the whole lines end, and the last of them; it is read from the end, block by block."""
    size = os.fstat(descriptor).st_size
    start, content = size, b""
    while start and content[:-1].count(b"\n") < 2:
        step = min(_BLOCK, start)
        start -= step
        content = os.pread(descriptor, step, start) + content
    end = content.rfind(b"\n") + 1
    if not end:
        return 0, None
    begin = content.rfind(b"\n", 0, end - 1) + 1
    try:
        raw = content[begin : end - 1].decode()
    except UnicodeDecodeError as error:
        text = f"{path}: the last line cannot be read as a ledger's"
        raise errors.LedgerError(text) from error
    return start + end, _parse(path, "the last line", raw)


def _torn(descriptor: int, end: int) -> list[dict[str, Any]]:
    """Return the body that tells of what is torn after the whole lines, or nothing where nothing is."""
    torn = os.pread(descriptor, os.fstat(descriptor).st_size - end, end)
    return [{"kind": REPAIRED, "bytes": len(torn), "sha256": hashlib.sha256(torn).hexdigest()}] if torn else []


def _write(descriptor: int, content: bytes, place: int) -> int:
    """Write all of `content` at `place` and return where it ends."""
    while content:
        written = os.pwrite(descriptor, content, place)
        content, place = content[written:], place + written
    return place


@contextmanager
def _opened(path: Path) -> Iterator[int | None]:
    """Open the ledger for reading while nobody writes; None where there is no file."""
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except FileNotFoundError:
        yield None
        return
    except OSError as error:
        text = f"{path}: cannot be read as a ledger"
        raise errors.LedgerError(text) from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH)
        yield descriptor
    finally:
        os.close(descriptor)


def _content(descriptor: int, path: Path) -> bytes:
    try:
        with os.fdopen(os.dup(descriptor), "rb") as file:
            return file.read()
    except OSError as error:
        text = f"{path}: cannot be read as a ledger"
        raise errors.LedgerError(text) from error


def _digest(previous: str, body: Mapping[str, Any]) -> str:
    return hashlib.sha256((previous + _canonical(body)).encode()).hexdigest()


def _canonical(value: Mapping[str, Any]) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
