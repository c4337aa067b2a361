"""From files to a kit: every fault at once, personal data refused, and all of it or nothing. Floor 1.

The order of looking matters: personal data are looked for before the heads are judged, because a file with a column
too many may have it for people.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from curriculum import errors
from curriculum.exchange import archive
from curriculum.kits import cells, columns, manifest, sheets
from curriculum.kits.columns import FILES, MANIFEST, NEEDED, Column
from curriculum.kits.faults import Fault, person
from curriculum.kits.kit import Ad, Kit, Manifest, Order, Product, Tariff
from curriculum.kits.sheets import Sheet
from curriculum.practice import shop_people

MOST = 40
"""Faults that are told at once."""
FEWEST = 20
"""Orders that a kit must have: of fewer, each would stand for itself."""
LIMITS = archive.Limits(packed=4 * archive.MIB, files=12, one=columns.BYTES + 1, total=8 * archive.MIB, ratio=60)
ROWS: Mapping[str, Any] = {"products": Product, "orders": Order, "tariffs": Tariff, "ads": Ad}


@dataclass(frozen=True)
class Intake:
    """What was read: a kit, or why there is none.

    Attributes:
        kit: All of it; None where anything is wrong.
        faults: What is wrong, `MOST` at most.
        people: Where personal data stand, `MOST` at most.
        more: How many faults and places besides.
    """

    kit: Kit | None
    faults: tuple[Fault, ...] = ()
    people: tuple[Fault, ...] = ()
    more: int = 0


def unpacked(data: bytes) -> Mapping[str, bytes] | Fault:
    """The files of a kit that came as one zip, by their names in it; or what is wrong with it.

    Args:
        data: The zip. Bombs, links and paths that lead out are refused (`exchange.archive`), and so is anything that is
            no file of a kit.
    """
    try:
        found = archive.unpack(data, "kit.zip", LIMITS)
    except errors.ExchangeRefused:
        return Fault("", 0, "", "zip")
    named: dict[str, bytes] = {}
    for path, body in found.items():
        folder, _, name = path.rpartition("/")
        if folder.startswith("__MACOSX") or name.startswith("."):
            continue
        name = name.casefold()
        if name in named or name not in {MANIFEST, *(f"{file}.csv" for file in FILES)}:
            return Fault("", 0, "", "stranger")
        named[name] = body
    return named


def read(files: Mapping[str, bytes], today: date, fields: Mapping[str, str] | None = None) -> Intake:
    """Read a kit.

    Args:
        files: By name, such as "orders.csv"; a file that is not there or empty counts as missing.
        today: No day may lie after it.
        fields: The manifest as a form has it; None: it stands in `kit.yaml`.
    """
    faults: list[Fault] = []
    people: list[Fault] = []
    head: Manifest | None = None
    given = fields if fields is not None else manifest.fields(files.get(MANIFEST, b""))
    if isinstance(given, Fault):
        faults.append(given)
    else:
        head, unfit, found = manifest.read(given)
        faults += unfit
        people += found
    rows: dict[str, list[dict[str, Any]]] = {}
    for name in FILES:
        body = files.get(f"{name}.csv", b"")
        if not body:
            faults += [Fault(name, 0, "", "missing")] if name in NEEDED else []
            continue
        sheet = sheets.read(name, body)
        if isinstance(sheet, str):
            faults.append(Fault(name, 0, "", sheet))
            continue
        people += _people(name, sheet)
        taken, wrong = _rows(name, sheet, today)
        faults += wrong
        rows[name] = taken
    if not faults and not people:
        faults += _crossed(rows)
    if faults or people or head is None:
        more = max(0, len(faults) - MOST) + max(0, len(people) - MOST)
        return Intake(None, tuple(faults[:MOST]), tuple(people[:MOST]), more)
    return Intake(Kit(head, **{name: _made(name, rows.get(name, [])) for name in FILES}))


def _people(name: str, sheet: Sheet) -> Iterator[Fault]:
    """Where personal data stand: line of the file, and the column by its name where it is one of the kit."""
    for one in shop_people.of_table(name, sheet.rows):
        head = sheet.rows[0][one.column - 1] if one.column <= len(sheet.rows[0]) else ""
        column = columns.found(name, head)
        yield person(name, sheet.lines[one.line - 1], column.name if column else str(one.column), one.kind)


def _made(name: str, rows: Sequence[Mapping[str, Any]]) -> tuple[Any, ...]:
    return tuple(ROWS[name](**{key: value for key, value in row.items() if key != "line"}) for row in rows)


def _rows(name: str, sheet: Sheet, today: date) -> tuple[list[dict[str, Any]], list[Fault]]:
    named = [columns.found(name, cell) for cell in sheet.rows[0]]
    faults = list(_heads(name, named))
    if faults:
        return [], faults
    there = [one for one in named if one is not None]
    absent = {one.name: _blank(one, today) for one in columns.COLUMNS[name] if one not in there}
    rows: list[dict[str, Any]] = []
    for line, row in zip(sheet.lines[1:], sheet.rows[1:], strict=True):
        # A spreadsheet may leave out, or add, empty cells at the end of a line.
        padded = (*row, *[""] * (len(there) - len(row)))
        if any(padded[len(there) :]):
            faults.append(Fault(name, line, "", "cells"))
            continue
        made: dict[str, Any] = {**absent, "line": line}
        for column, cell in zip(there, padded, strict=False):
            try:
                made[column.name] = cells.read(column, cell, comma=sheet.comma, today=today)
            except cells.Wrong as wrong:
                faults.append(Fault(name, line, column.name, wrong.kind))
        rows.append(made)
    return rows, faults


def _blank(column: Column, today: date) -> cells.Value:
    return cells.read(column, "", comma=False, today=today)


def _heads(name: str, named: Sequence[Column | None]) -> Iterator[Fault]:
    for place, one in enumerate(named, start=1):
        if one is None:
            yield Fault(name, 1, str(place), "head")
    counted = Counter(one.name for one in named if one is not None)
    yield from (Fault(name, 1, column, "twice_head") for column, count in counted.items() if count > 1)
    yield from (Fault(name, 1, column, "no_head") for column in columns.needed(name) if column not in counted)


def _crossed(rows: Mapping[str, Sequence[Mapping[str, Any]]]) -> Iterator[Fault]:
    """What is wrong between lines and between files."""
    known: set[str] = set()
    for row in rows["products"]:
        if row["sku"] in known:
            yield Fault("products", row["line"], "sku", "twice")
        known.add(row["sku"])
    yield from _ordered(rows["orders"], known)
    for row in rows.get("ads", ()):
        if row["sku"] not in known:
            yield Fault("ads", row["line"], "sku", "unknown_sku")
        if row["orders"] > row["clicks"]:
            yield Fault("ads", row["line"], "orders", "clicks")
    if len(rows["orders"]) < FEWEST:
        yield Fault("orders", 0, "", "few")


def _ordered(orders: Sequence[Mapping[str, Any]], known: set[str]) -> Iterator[Fault]:
    seen: set[tuple[str, str]] = set()
    whole: dict[str, tuple[Any, Any]] = {}
    for row in orders:
        if row["sku"] not in known:
            yield Fault("orders", row["line"], "sku", "unknown_sku")
        key = (row["order_id"], row["sku"])
        if key in seen:
            yield Fault("orders", row["line"], "order_id", "twice")
        seen.add(key)
        if whole.setdefault(row["order_id"], (row["date"], row["country"])) != (row["date"], row["country"]):
            yield Fault("orders", row["line"], "order_id", "split")
        if row["returned"] > row["quantity"]:
            yield Fault("orders", row["line"], "returned", "returned")
        if row["refund"] > row["price"] * row["quantity"] + row["shipping"]:
            yield Fault("orders", row["line"], "refund", "refund")
