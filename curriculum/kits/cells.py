"""A cell as an exact value: a figure, a day, a country, a code, a word; or what is wrong with it. Floor 1.

Nothing is guessed: where a comma could mean two things, or a day could be read in two ways, the cell is refused.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from decimal import Decimal

from curriculum.kits.columns import CODE, COUNTRY, DAY, MONEY, NAME, WHOLE, WORD, Column

Value = Decimal | int | date | str | None
FORMULA = ("=", "+", "-", "@", "\t", "\r", "|", "%")
"""What a spreadsheet may take for a formula when the cell is opened again (OWASP, CSV injection)."""
WORD_LETTERS, NAME_LETTERS = 40, 80
FIRST = date(2015, 1, 1)
COUNTRIES = {"UK": "GB", "EL": "GR"}
_PLAIN = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,4})?")
_GROUPED = re.compile(r"[1-9][0-9]{0,2}(?:,[0-9]{3})+\.[0-9]{1,4}")
_COMMA = re.compile(r"[0-9]{1,9},[0-9]{1,4}")
_POINTS = re.compile(r"[1-9][0-9]{0,2}(?:\.[0-9]{3})+,[0-9]{1,4}")
_EITHER = re.compile(r"[1-9][0-9]{0,2}[,.][0-9]{3}")
_DAY = re.compile(r"([0-9]{4})[-/.]([0-9]{1,2})[-/.]([0-9]{1,2})|([0-9]{4})年([0-9]{1,2})月([0-9]{1,2})日")
_TIME = re.compile(r"[T ][0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?(?:Z|[+-][0-9]{2}:?[0-9]{2})?$")


class Wrong(ValueError):
    """A cell that cannot be taken; `kind` says why, never what stood there."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        super().__init__(kind)


def read(column: Column, cell: str, *, comma: bool, today: date) -> Value:
    """The value of a cell.

    Args:
        column: What it may be.
        cell: Without spaces around it.
        comma: Whether a comma may be a decimal sign.
        today: No day may lie after it.

    Raises:
        Wrong: "empty", "formula", "word", "number", "ambiguous", "whole", "cents", "range", "day", "future", "country"
            or "code".
    """
    text = unicodedata.normalize("NFKC", cell).strip()
    if not text:
        if column.blank is None:
            raise Wrong("empty")
        text = column.blank
        if not text:
            return None
    if column.kind in {WORD, NAME}:
        return _word(column, text)
    if column.kind == DAY:
        return _day(text, today)
    if column.kind == COUNTRY:
        return _country(text)
    if column.kind == CODE:
        return _code(text)
    return _figure(column, text, comma=comma)


def _word(column: Column, text: str) -> str:
    if text.startswith(FORMULA):
        raise Wrong("formula")
    longest = NAME_LETTERS if column.kind == NAME else WORD_LETTERS
    if len(text) > longest or not text.isprintable() or any(one in text for one in "<>{}"):
        raise Wrong("word")
    return text


def _figure(column: Column, text: str, *, comma: bool) -> Decimal | int:
    bare = text.replace(" ", "").replace("\N{NO-BREAK SPACE}", "").removesuffix("%")
    if (comma or "," in bare) and _EITHER.fullmatch(bare):
        raise Wrong("ambiguous")
    if _PLAIN.fullmatch(bare):
        value = Decimal(bare)
    elif _GROUPED.fullmatch(bare):
        value = Decimal(bare.replace(",", ""))
    elif comma and (_COMMA.fullmatch(bare) or _POINTS.fullmatch(bare)):
        value = Decimal(bare.replace(".", "").replace(",", "."))
    else:
        raise Wrong("whole" if column.kind == WHOLE else "number")
    if not column.low <= value <= column.high:
        raise Wrong("range")
    if column.kind == WHOLE:
        if value != value.to_integral_value():
            raise Wrong("whole")
        return int(value)
    if column.kind == MONEY and value != value.quantize(Decimal("0.01")):
        raise Wrong("cents")
    return value


def _day(text: str, today: date) -> date:
    found = _DAY.fullmatch(_TIME.sub("", text))
    if found is None:
        raise Wrong("day")
    try:
        value = date(*(int(one) for one in found.groups() if one is not None))
    except ValueError:
        raise Wrong("day") from None
    if value > today:
        raise Wrong("future")
    if value < FIRST:
        raise Wrong("day")
    return value


def _country(text: str) -> str:
    code = COUNTRIES.get(text.upper(), text.upper())
    if len(code) != 2 or not (code.isascii() and code.isalpha()):
        raise Wrong("country")
    return code


def _code(text: str) -> str:
    digits = re.sub(r"[ .]", "", text)
    if not (6 <= len(digits) <= 10 and digits.isascii() and digits.isdigit()):
        raise Wrong("code")
    return f"{digits[:4]}.{digits[4:6]}"
