"""A package is a zip file: read it within bounds, write it the same way every time. Floor 1.

A zip names its own sizes and paths, so neither is believed: what is unpacked is counted while it is read, and a name
that leads out of the package is refused (PKWARE APPNOTE 6.3.10, section 4.4.17: names are relative, with "/").
"""

from __future__ import annotations

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from curriculum import errors

MIB = 1024 * 1024
# A moment that zip can write, and no clock: the same content makes the same bytes.
MOMENT = (1980, 1, 1, 0, 0, 0)

# What the library raises at a zip that is damaged, encrypted, or says that parts of it lie where nothing can lie.
BROKEN = (
    *(zipfile.BadZipFile, zlib.error, struct.error, EOFError),
    *(NotImplementedError, RuntimeError, ValueError, OverflowError, OSError),
)

_DRIVE = re.compile(r"[A-Za-z]:")


@dataclass(frozen=True)
class Limits:
    """What a package may be.

    Attributes:
        packed: Bytes of the zip file.
        files: How many files.
        one: Bytes of one file, unpacked.
        total: Bytes of all files, unpacked.
        ratio: How many times larger than the zip the files may be in all, from one MiB on.
    """

    packed: int = 32 * MIB
    files: int = 5000
    one: int = 4 * MIB
    total: int = 128 * MIB
    ratio: int = 100


LIMITS = Limits()


def unpack(
    data: bytes, where: str, limits: Limits = LIMITS, wanted: Callable[[str], bool] = lambda _: True
) -> dict[str, bytes]:
    """Read the files of a zip.

    Args:
        data: The zip file.
        where: Its name, for messages.
        limits: What it may be.
        wanted: Whether the file of a path is read; one that is not is never unpacked, and counts as empty.

    Returns:
        Content by path inside the package, in the order of the package.

    Raises:
        errors.ExchangeRefused: It is no whole zip, too large, or names a path that leads out of it.
    """
    if len(data) > limits.packed:
        raise _refused(where, f"it has {len(data)} bytes; a package may have {limits.packed}")
    found: dict[str, bytes] = {}
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            listed = [info for info in package.infolist() if not info.is_dir()]
            if len(listed) > limits.files:
                raise _refused(where, f"it holds {len(listed)} files; a package may hold {limits.files}")
            left = min(limits.total, max(MIB, limits.ratio * len(data)))
            for info in listed:
                _check_name(info, found, where)
                content = _read(package, info, min(limits.one, left), where) if wanted(info.filename) else b""
                left -= len(content)
                found[info.filename] = content
    except BROKEN as error:
        problem = "it is no whole zip file without a password; make the package again, or send the single XML file"
        raise _refused(where, problem) from error
    if not found:
        raise _refused(where, "it holds no file; a package holds imsmanifest.xml and what that names")
    return found


def pack(files: Mapping[str, bytes]) -> bytes:
    """Write a zip: the same bytes for the same files.

    Args:
        files: Content by path inside the package, in the order in which they are written.
    """
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in files.items():
            info = zipfile.ZipInfo(name, MOMENT)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.create_system = 3  # Unix, wherever it is written
            info.external_attr = 0o644 << 16
            package.writestr(info, content)
    return target.getvalue()


def is_zip(data: bytes) -> bool:
    """Whether it begins like a zip file."""
    return data[:4] in (b"PK\x03\x04", b"PK\x05\x06")


def _check_name(info: zipfile.ZipInfo, found: Mapping[str, bytes], where: str) -> None:
    name = info.filename
    parts = name.split("/")
    if name.startswith("/") or "\\" in name or ".." in parts or "\x00" in name or _DRIVE.match(name):
        raise _refused(where, f"the path {name!r} leads out of the package; a path is relative and has no '..'")
    if (info.external_attr >> 16) & 0o170000 == 0o120000:
        raise _refused(where, f"{name!r} is a link to another file; a package holds the files themselves")
    if name in found:
        raise _refused(where, f"it holds {name!r} twice; each path may stand once")


def _read(package: zipfile.ZipFile, info: zipfile.ZipInfo, most: int, where: str) -> bytes:
    with package.open(info) as stream:
        content = stream.read(most + 1)
    if len(content) > most:
        raise _refused(where, f"{info.filename!r} unpacks to more than {most} bytes; leave large media out")
    return content


def _refused(where: str, problem: str) -> errors.ExchangeRefused:
    return errors.ExchangeRefused(where, [problem])
