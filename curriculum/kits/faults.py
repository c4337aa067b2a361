"""What is wrong with a kit, by file, line and column, and how it is said in both languages. Floor 1.

A fault never holds what stood in the file: an error text may end in a log, and a file may hold anything.
"""

from __future__ import annotations

from dataclasses import dataclass

from curriculum import telling
from curriculum.kits import columns
from curriculum.kits.columns import Column
from curriculum.kits.kit import CURRENCIES, LICENCES
from curriculum.telling import Sentence, sentence


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong.

    Attributes:
        file: One of `columns.FILES`, `columns.MANIFEST`, or empty: the kit as a whole.
        line: From 1; 0: the whole file.
        column: Name of the column or field, or its place from 1 where no name is known; empty: the whole line.
        kind: Key of its words below "kit.fault." in `said.yaml`; or `PERSON` and a kind of personal data.
    """

    file: str
    line: int
    column: str
    kind: str


PERSON = "person."
"""Before the kind of personal data, as the kind of a fault."""


def person(file: str, line: int, column: str, kind: str) -> Fault:
    """Where personal data stand.

    Args:
        file: As of a fault.
        line: As of a fault.
        column: As of a fault.
        kind: One of `shop_people.KINDS`.
    """
    return Fault(file, line, column, f"{PERSON}{kind}")


def said(fault: Fault) -> Sentence:
    """A fault as a sentence: where, what, and what would be right.

    Args:
        fault: What is wrong.
    """
    words = telling.words()
    if fault.kind.startswith(PERSON):
        kind = words[f"kit.{fault.kind}"]
        what = words["kit.fault.person"]
        filled = {language: what[language].format_map({"kind": kind[language]}) for language in telling.LANGUAGES}
    else:
        what, facts = words[f"kit.fault.{fault.kind}"], _facts(fault)
        filled = {language: what[language].format_map(facts) for language in telling.LANGUAGES}
    return _placed(fault.file, fault.line, fault.column, filled)


def _placed(file: str, line: int, column: str, what: telling.Fact) -> Sentence:
    shown = f"{file}.csv" if file in columns.FILES else file
    placed = "kit.at.place" if column.isdigit() else "kit.at.cell"
    key = placed if line and column else "kit.at.line" if line else "kit.at.field" if column else "kit.at.file"
    return sentence(key if shown else "kit.at.kit", file=shown, line=str(line), column=column, what=what)


def _facts(fault: Fault) -> dict[str, str]:
    facts = {
        "currencies": ", ".join(CURRENCIES),
        "licences": ", ".join(LICENCES),
        "files": ", ".join(f"{name}.csv" for name in columns.FILES),
        "kilobytes": str(columns.BYTES // 1024),
    }
    if fault.file in columns.FILES:
        facts |= {"heads": ", ".join(columns.needed(fault.file)), "lines": str(columns.LINES[fault.file])}
        column = next((one for one in columns.COLUMNS[fault.file] if one.name == fault.column), None)
        facts |= _bounds(column)
    return facts


def _bounds(column: Column | None) -> dict[str, str]:
    if column is None:
        return {}
    return {"low": f"{column.low.normalize():f}", "high": f"{column.high.normalize():f}", "example": column.example}
