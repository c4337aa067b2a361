"""The books of a learner's own shop, as CSV: checked line by line, refused whole if personal data are in. Floor 1.

What was wrong is said by file, line and column, never by what stood there. Nothing is kept here: the rows are given
back to whoever asked.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation

from curriculum.practice import shop, shop_people
from curriculum.practice.shop import Row
from curriculum.practice.shop_people import Found

LINES, BYTES, LONGEST = 2000, 120_000, 60
MOST = 20
"""Faults that are told at once."""
DAYS = frozenset({"week"})
WORDS = frozenset({"product", "campaign"})
WHOLE = frozenset({"asked", "sold", "returned", "pieces_by_ads", "arrived", "left", "ordered"})
_NUMBER = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,4})?")


@dataclass(frozen=True)
class Fault:
    """What is wrong with a file.

    Attributes:
        file: Its name.
        line: From 1; 0: the whole file.
        column: The head; empty where it is of the whole line or file.
        kind: "missing", "size", "encoding", "csv", "empty", "lines", "heads", "cells", "day", "word", "whole" or
            "number".
    """

    file: str
    line: int
    column: str
    kind: str


@dataclass(frozen=True)
class Intake:
    """What was read: the rows of each file, or why not; all or nothing."""

    tables: Mapping[str, tuple[Row, ...]]
    faults: tuple[Fault, ...] = ()
    people: tuple[Found, ...] = ()

    @property
    def sound(self) -> bool:
        """Whether everything can be used."""
        return not self.faults and not self.people


def read(files: Mapping[str, bytes]) -> Intake:
    """Check the files of a shop.

    Args:
        files: By name, those of `shop.COLUMNS`; UTF-8, with or without a mark, a comma between cells.
    """
    tables: dict[str, tuple[Row, ...]] = {}
    faults: list[Fault] = []
    people: list[Found] = []
    for name, columns in shop.COLUMNS.items():
        rows, fault = _rows(name, files.get(name, b""))
        if fault is not None:
            faults.append(fault)
            continue
        # Before the heads: a file that has one column too many may have it for people.
        people.extend(shop_people.of_table(name, rows))
        faults.extend(_faults(name, columns, rows))
        tables[name] = tuple(tuple(cell.strip() for cell in row) for row in rows[1:])
    if faults or people:
        return Intake({}, tuple(faults[:MOST]), tuple(people[:MOST]))
    return Intake(tables)


def _rows(name: str, body: bytes) -> tuple[list[list[str]], Fault | None]:
    if not body:
        return [], Fault(name, 0, "", "missing")
    if len(body) > BYTES:
        return [], Fault(name, 0, "", "size")
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError:
        return [], Fault(name, 0, "", "encoding")
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except csv.Error:
        return [], Fault(name, 0, "", "csv")
    if len(rows) < 2:
        return [], Fault(name, 0, "", "empty")
    return (rows, None) if len(rows) <= LINES else ([], Fault(name, LINES, "", "lines"))


def _faults(name: str, columns: tuple[str, ...], rows: list[list[str]]) -> list[Fault]:
    if tuple(head.strip().casefold() for head in rows[0]) != columns:
        return [Fault(name, 1, "", "heads")]
    found = []
    for line, row in enumerate(rows[1:], start=2):
        if len(row) != len(columns):
            found.append(Fault(name, line, "", "cells"))
            continue
        for column, cell in zip(columns, row, strict=True):
            kind = _wrong(column, cell.strip())
            if kind:
                found.append(Fault(name, line, column, kind))
    return found


def _wrong(column: str, cell: str) -> str:
    if column in DAYS:
        try:
            date.fromisoformat(cell)
        except ValueError:
            return "day"
        return ""
    if column in WORDS:
        return "" if 0 < len(cell) <= LONGEST else "word"
    if not _NUMBER.fullmatch(cell):
        return "whole" if column in WHOLE else "number"
    try:
        value = Decimal(cell)
    except InvalidOperation:  # pragma: no cover  # the pattern lets nothing else pass
        return "number"
    return "whole" if column in WHOLE and value != value.to_integral_value() else ""
