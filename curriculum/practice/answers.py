r"""What a learner typed, read as a number: leniently, and never by guessing. Floor 1.

Full-width digits, currency signs and words, spaces, a comma as decimal sign: all are read. Where a comma could mean
two things ("1,234"), the learner is asked.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal

LONGEST = 40
LARGEST = Decimal(10) ** 12
_UNITS = re.compile(
    r"eur|euros?|usd|gbp|cny|rmb|yuan|kgs?|us\$|[€$£¥元]|欧元|美元|英镑|人民币|公斤|千克|块|约",
    re.IGNORECASE,
)
_MINUS = re.compile("[\N{MINUS SIGN}\N{EN DASH}\N{EM DASH}\N{HYPHEN}]")
_PLAIN = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)")
_GROUPED = re.compile(r"[+-]?[1-9][0-9]{0,2}(?:,[0-9]{3})+(?:\.[0-9]+)?")
_POINT_GROUPED = re.compile(r"[+-]?[1-9][0-9]{0,2}(?:\.[0-9]{3})+,[0-9]+")
_COMMA = re.compile(r"[+-]?[0-9]*,[0-9]+")
_EITHER = re.compile(r"[+-]?[1-9][0-9]{0,2},[0-9]{3}")


@dataclass(frozen=True)
class Read:
    """What was read: a number, or why there is none.

    Attributes:
        value: The number, or None.
        problem: "empty", "no_number", "ambiguous", "not_per_cent" or "too_long"; empty with a number.
    """

    value: Decimal | None
    problem: str = ""


def read(text: str, unit: str = "") -> Read:
    """Read an answer.

    Args:
        text: What was typed.
        unit: What the step counts in; "%" asks for per cent, so that 0.25 for 25 is asked about.

    Examples:
        >>> [str(read(text).value) for text in ("3", "3.00", "€ 3", "3,00", "３．５元", "1,234.50", "1.234,50")]
        ['3', '3.00', '3', '3.00', '3.5', '1234.50', '1234.50']
        >>> read("1,234").problem, read("three").problem, read(" ").problem
        ('ambiguous', 'no_number', 'empty')
    """
    if len(text) > LONGEST:
        return Read(None, "too_long")
    plain = _MINUS.sub("-", unicodedata.normalize("NFKC", text)).rstrip("。. ")
    signed = "%" in plain
    bare = re.sub(r"[\s'’]", "", _UNITS.sub("", plain.replace("%", "")))
    if not bare:
        return Read(None, "no_number" if text.strip() else "empty")
    value = _number(bare)
    if isinstance(value, str):
        return Read(None, value)
    if abs(value) >= LARGEST:
        return Read(None, "too_long")
    if unit == "%" and not signed and 0 < abs(value) < 1:
        return Read(None, "not_per_cent")
    return Read(value)


def _number(bare: str) -> Decimal | str:
    if _EITHER.fullmatch(bare):
        return "ambiguous"
    if _PLAIN.fullmatch(bare):
        return Decimal(bare)
    if _GROUPED.fullmatch(bare):
        return Decimal(bare.replace(",", ""))
    if _POINT_GROUPED.fullmatch(bare):
        return Decimal(bare.replace(".", "").replace(",", "."))
    if _COMMA.fullmatch(bare):
        return Decimal(bare.replace(",", "."))
    return "no_number"
