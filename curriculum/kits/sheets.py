"""A CSV file as rows of cells: in whatever encoding and with whatever separator a spreadsheet wrote it. Floor 1.

UTF-8 with or without a mark, UTF-16 with one, and GB18030 (which holds GBK); a comma, semicolon or tab between cells
(RFC 4180). What cannot be read for certain is refused, never guessed.
"""

from __future__ import annotations

import codecs
import csv
import io
import unicodedata
from dataclasses import dataclass

from curriculum.kits import columns

SEPARATORS = (",", ";", "\t")
LONGEST = 200
"""Letters of a cell."""
CELLS = 60
_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"


@dataclass(frozen=True)
class Sheet:
    """A file that was read.

    Attributes:
        rows: Cells without spaces around them, the heads first; a row that is empty is left out.
        lines: The line of the file on which each row begins, from 1.
        comma: Whether a comma may be a decimal sign in it: where the separator is another.
    """

    rows: tuple[tuple[str, ...], ...]
    lines: tuple[int, ...]
    comma: bool


def read(file: str, body: bytes) -> Sheet | str:
    """Read a file.

    Args:
        file: One of `columns.FILES`: its known heads decide which separator it has.
        body: Its bytes.

    Returns:
        The sheet, or what is wrong: "size", "spreadsheet", "encoding", "csv", "empty", "lines" or "long".
    """
    if len(body) > columns.BYTES:
        return "size"
    text = None if body.startswith((_ZIP, _OLE)) else _decoded(body)
    if text is None:
        return "encoding" if not body.startswith((_ZIP, _OLE)) else "spreadsheet"
    return _parted(file, text)


def _parted(file: str, text: str) -> Sheet | str:
    # Some spreadsheets write their separator into a line of its own.
    first, end, rest = text.partition("\n")
    if first.strip().casefold() in {f"sep={one}" for one in (",", ";")}:
        text = f"\n{rest}" if end else ""
    separator = _separator(file, text)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    rows, lines = [], []
    try:
        before = 0
        for row in reader:
            cells = tuple(cell.strip() for cell in row)
            if any(cells):
                rows.append(cells)
                lines.append(before + 1)
            before = reader.line_num
            if len(rows) > columns.LINES[file] + 1:
                return "lines"
            if len(cells) > CELLS or any(len(cell) > LONGEST for cell in cells):
                return "long"
    except csv.Error:
        return "csv"
    return Sheet(tuple(rows), tuple(lines), separator != ",") if len(rows) > 1 else "empty"


def _decoded(body: bytes) -> str | None:
    encodings = [name for mark, name in _MARKS if body.startswith(mark)] or ["utf-8", "gb18030"]
    for name in encodings:
        try:
            text = body.decode(name)
        except UnicodeDecodeError:
            continue
        return text if _plausible(text) else None
    return None


def _plausible(text: str) -> bool:
    """Whether it is text at all: another encoding gives control, private or unassigned characters."""
    return not any(one not in "\r\n\t" and unicodedata.category(one) in {"Cc", "Co", "Cn", "Cs"} for one in set(text))


def _separator(file: str, text: str) -> str:
    """The one by which most heads are known."""
    head = text.lstrip("\r\n").splitlines()[0] if text.strip() else ""

    def known(separator: str) -> int:
        try:
            cells = next(csv.reader([head], delimiter=separator), [])
        except csv.Error:
            return 0
        return sum(columns.found(file, cell) is not None for cell in cells[:CELLS])

    return max(SEPARATORS, key=known)
