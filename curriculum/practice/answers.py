r"""What a learner typed or chose, read leniently, and never by guessing. Floor 1.

Numbers: full-width digits, currency signs and words, spaces, a comma as decimal sign: all are read. Where a comma could
mean two things ("1,234"), the learner is asked. Options come as their keys ("b", "a,c"), a match as pairs ("1b,2a"), a
code in any spelling ("6109.10", "6109 10").
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal

from curriculum.practice.task import CHOICE, MATCH, MISSED, NUMBER, SEVERAL, Step, Value

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
    """What was read: an answer, or why there is none.

    Attributes:
        value: The answer, or None.
        problem: As in `task.Verdict`; empty with an answer.
    """

    value: Value | None
    problem: str = ""


def of_step(text: str, step: Step) -> Read:
    """Read an answer in the form that a step asks for.

    Args:
        text: What was typed, or the keys of what was chosen, with commas between them.
        step: The question.
    """
    if step.form == NUMBER:
        return read(text, step.unit if isinstance(step.unit, str) else "")
    if step.form in {CHOICE, SEVERAL}:
        return _chosen(text, step)
    if step.form == MATCH:
        return _matched(text, step)
    if len(text) > LONGEST:
        return Read(None, "too_long")
    code = plain(text)
    return Read((code,)) if code else Read(None, "empty")


def plain(text: str) -> str:
    """A code in plain letters: without case, spaces, dots, hyphens and slashes.

    >>> plain(" 6109．10 "), plain("IOSS"), plain("H-7")
    ('610910', 'ioss', 'h7')
    """
    return re.sub(r"[\s.,\-/·]", "", _MINUS.sub("-", unicodedata.normalize("NFKC", text))).casefold()


def kept(value: Value | None) -> str:
    """An answer as it is kept, so that `of_step` reads it again; empty where there is none.

    >>> kept(Decimal("12.50")), kept(("a", "c")), kept(None)
    ('12.50', 'a,c', '')
    """
    if value is None:
        return ""
    return f"{value:f}" if isinstance(value, Decimal) else ",".join(value)


def again(given: str, step: Step) -> str:
    """A kept answer as a learner sent it: the sign says that a share under one per cent is meant so."""
    return given + ("%" if given and step.unit == "%" else "")


def sent(value: Value, step: Step) -> str:
    """An answer as a learner sends it: the sign says that a share under one per cent is meant so."""
    return again(kept(value), step)


def mistaken(value: Value, step: Step) -> Value:
    """A whole answer with one wrong part, as a learner gives it.

    Args:
        value: Of one of the step's wrong answers: of several options, and of a match, it is that part alone.
        step: The question.
    """
    if step.form not in {SEVERAL, MATCH} or isinstance(step.right, Decimal) or isinstance(value, Decimal):
        return value
    part = value[0]
    if step.form == MATCH:
        return tuple(part if pair[:-1] == part[:-1] else pair for pair in step.right)
    if not part.startswith(MISSED):
        return tuple(sorted({*step.right, part}))
    left = tuple(key for key in step.right if key != part.removeprefix(MISSED))
    return left or tuple(option.key for option in step.options if option.key not in step.right)[:1]


def _chosen(text: str, step: Step) -> Read:
    keys = {option.key for option in step.options}
    chosen = tuple(sorted({key for key in text.split(",") if key}))
    if not chosen or not keys.issuperset(chosen):
        return Read(None, "no_choice")
    if step.form == CHOICE and len(chosen) > 1:
        return Read(None, "one_choice")
    return Read(chosen)


def _matched(text: str, step: Step) -> Read:
    keys = {option.key for option in step.options}
    pairs = {pair[:-1]: pair for pair in text.split(",") if pair and pair[-1] in keys}
    if pairs.keys() != {left.key for left in step.lefts}:
        return Read(None, "unfinished")
    return Read(tuple(sorted(pairs.values())))


def read(text: str, unit: str = "") -> Read:
    """Read a number.

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
