"""Figures and dates in a text, each with its unit and with what names it: pure. Floor 3.

A figure that stands somewhere in the facts is not yet said truly: "the rule is EUR 6.00" has a figure of the facts, and
the rule is EUR 3.00. So a figure is read with its unit, with the words that stand directly before it (its name), and
where there are none with the word directly after it; and what is said is what the facts say, or it is nothing.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal


def listed(text: str) -> tuple[str, ...]:
    """Words that a text lists with spaces between."""
    return tuple(text.split())


CURRENCIES = {
    **dict.fromkeys(("eur", "€", "euro", "euros", "欧元"), "EUR"),
    **dict.fromkeys(("usd", "$", "us$", "dollar", "dollars", "美元"), "USD"),
    **dict.fromkeys(("gbp", "£", "pound", "pounds", "英镑"), "GBP"),
    **dict.fromkeys(("cny", "rmb", "¥", "yuan", "人民币", "元"), "CNY"),
    **dict.fromkeys(("jpy", "yen", "日元"), "JPY"),
}
_UNITS = {
    **CURRENCIES,
    **dict.fromkeys(("%", "percent", "per cent", "百分之"), "%"),
    **dict.fromkeys(("kg", "kilogram", "kilograms", "公斤", "千克"), "kg"),
    **dict.fromkeys(("cm", "厘米"), "cm"),
    **dict.fromkeys(("cm³", "cm3", "立方厘米"), "cm3"),
    **dict.fromkeys(("in", "inch", "inches", "英寸"), "in"),
    **dict.fromkeys(("point", "points", "个百分点"), "points"),
}
_MONTHS = (
    "january", "february", "march", "april", "may", "june",
    "july", "august", "september", "october", "november", "december",
)  # fmt: skip
_MONTH = "|".join(_MONTHS)
_DATES = (
    re.compile(r"(?P<y>\d{4})\s*年\s*(?P<m>\d{1,2})\s*月(?:\s*(?P<d>\d{1,2})\s*日)?"),
    re.compile(r"(?P<m>\d{1,2})\s*月\s*(?P<d>\d{1,2})\s*日"),
    re.compile(r"(?P<y>\d{4})-(?P<m>\d{2})-(?P<d>\d{2})"),
    re.compile(
        rf"(?P<d>\d{{1,2}})(?:st|nd|rd|th)?\s+(?:of\s+)?(?P<n>{_MONTH})\b(?:,?\s+(?P<y>\d{{4}}))?", re.IGNORECASE
    ),
    re.compile(rf"\b(?P<n>{_MONTH})\s+(?P<d>\d{{1,2}})(?:st|nd|rd|th)?\b(?:,?\s+(?P<y>\d{{4}}))?", re.IGNORECASE),
    re.compile(rf"\b(?P<n>{_MONTH})\s+(?P<y>\d{{4}})", re.IGNORECASE),
)
_SPELT = dict(
    zip(
        listed(
            "two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
            "seventeen eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred thousand "
            "million dozen"
        ),
        map(Decimal, (*range(2, 21), *range(30, 101, 10), 1000, 1_000_000, 12)),
        strict=True,
    )
)
_HAN_DIGITS = {digit: value for value, digit in enumerate("零一二三四五六七八九")} | {"两": 2, "〇": 0}
_HAN_SCALES = {"十": 10, "百": 100, "千": 1000}
_HAN = "\u4e00-\u9fff"
_HAN_NUMBER = re.compile(
    r"(?P<han>[一二两三四五六七八九十百千〇零]+)"
    r"\s*(?=欧元|美元|英镑|日元|元|公斤|千克|厘米|英寸|件|项|天|日|月|年|周|号|条|倍|成|折|块|分之|个百分点|%)"
)
_WORD = re.compile(r"[A-Za-zÀ-ɏ][A-Za-zÀ-ɏ'\u2010-\u2013-]*")
_PIECE = re.compile(rf"[{_HAN}]+|[^\W\d_{_HAN}][^\W_{_HAN}'-]*(?:['-]\w+)*|\d[\d.,]*|[^\w\s]")
# What has a letter or a stroke before it, or a stroke after it, is a code: "2026/382".
_FIGURE = re.compile(r"(?<![A-Za-z_/\d.])(?:\d+(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)(?![\d]*/\d)")
_AMERICAN = re.compile(rf"\b({_MONTH})\s+(\d{{1,2}})(?:st|nd|rd|th)?,\s*(?=\d{{4}}\b)", re.IGNORECASE)
_SCALE = re.compile(r"\s*(?:[万亿]|million\b|billion\b|thousand\b|bn\b|[kKmM]\b)")
_AFTER = re.compile(
    r"\s*(?P<unit>个百分点|立方厘米|欧元|美元|英镑|日元|元|公斤|千克|厘米|英寸|%|€|£|"
    r"per cent\b|[A-Za-z]+(?:³|3)?(?![A-Za-z]))"
)
_BEFORE = re.compile(r"(?P<unit>US\$|EUR|USD|GBP|CNY|RMB|JPY|euros?|€|\$|£|¥|人民币|百分之)\s*\Z", re.IGNORECASE)
_LINKS = frozenset(listed("is are was were be of at to : = equals equal amounts amount comes come makes make about"))
"""What may stand between a name and its figure."""
_STOPS = _LINKS | frozenset(
    listed(
        "the a an this that these those your you it its they their we our and or but so if when while because "
        "since as by for from in on with without than then up down over under only not no also just all both "
        "each every any some only per after before between until till into plus minus less more have has had "
        "do does did can must should would will here there which who what where how once again first next "
        "pay pays paid owe owes"
    )
)
_LEADS = frozenset(
    listed(
        "up to over under since until till from by on before after less more than between least most not no "
        "without plus minus within above below into for in of with per at"
    )
)
_HAN_LINKS = ("等于", "共计", "合计", "总共", "就是", "应为", "为", "是", "共", "即", "约", "达")
_HAN_STOPS = (
    "的了是为在和与或对按把被将让给从到自至于由以用向而且但因所如则就才也都还只又再很"
    "更最每各这那其它该此你您我们他个有没不无可能会要应该需请若"
)
_PER = frozenset(("per", "each", "every", "apiece", "/", "每", "a", "an"))
END = ""


@dataclass(frozen=True)
class Slot:
    """A figure or a date where it stands.

    Attributes:
        value: A figure; a date is (year, month, day) with None for what it leaves out.
        unit: "EUR", "%", "kg", ... or empty; "date" of a date.
        name: What stands directly before it: words in lower case, or a run of Chinese characters.
        after: The word directly after it; empty at the end of a clause.
        lead: The words before it that name nothing, where it has no name: "up to".
        rate: The words after it, if they make a rate of it: "for each item".
        scaled: Whether a word such as million stands behind it.
    """

    value: Decimal | tuple[int | None, int, int | None]
    unit: str
    name: tuple[str, ...]
    after: str
    lead: tuple[str, ...]
    rate: tuple[str, ...]
    scaled: bool = False


def plain(text: str) -> str:
    """A text with one spelling of what has several: full-width signs, minus signs, spaces (Unicode NFKC)."""
    folded = unicodedata.normalize("NFKC", text).replace("\u2212", "-").replace("\u2019", "'")
    return re.sub(r"[^\S\n]+", " ", folded)


def slots(text: str) -> list[Slot]:
    """Every figure and date of a text, in digits or in words.

    >>> [(slot.value, slot.unit, slot.name) for slot in slots("The duty is EUR 6.00, the rate 20 %.")]
    [(Decimal('6.00'), 'EUR', ('duty',)), (Decimal('20'), '%', ('rate',))]
    >>> slots("关税为六欧元。")[0].name
    ('关税',)
    """
    whole = _AMERICAN.sub(r"\1 \2 ", plain(text))
    return [_slot(clause, *found) for clause in clauses(whole) for found in _found(clause)]


def clauses(text: str) -> list[str]:
    """A text in clauses: a full stop ends one only where no digit follows, and so does a comma."""
    return [
        part
        for part in re.split(r"[。；！？;!?\n、()\[\]|→]|[.,](?!\d)|:(?=\s*$)|,(?=\d{1,2}\b(?!\d))", text)
        if part.strip()
    ]


def _found(clause: str) -> list[tuple[int, int, Decimal | tuple[int | None, int, int | None]]]:
    """Where figures and dates are: start, end, value."""
    found: list[tuple[int, int, Decimal | tuple[int | None, int, int | None]]] = []

    def free(start: int, end: int) -> bool:
        return all(end <= one[0] or start >= one[1] for one in found)

    for pattern in _DATES:
        found += [(*one.span(), _date(one)) for one in pattern.finditer(clause) if free(*one.span())]
    found += [(*one.span(), Decimal(one[0].replace(",", ""))) for one in _FIGURE.finditer(clause) if free(*one.span())]
    for one in _HAN_NUMBER.finditer(clause):
        if one["han"] != "一" or re.match(r"[元欧美英日%倍成折]", clause[one.end() :].lstrip()):
            found.append((*one.span("han"), _han(one["han"])))
    for one in _WORD.finditer(clause):
        if one[0].lower() in _SPELT and free(*one.span()):
            found.append((*one.span(), _SPELT[one[0].lower()]))
    return sorted(found, key=lambda one: one[:2])


def _date(found: re.Match[str]) -> tuple[int | None, int, int | None]:
    parts = found.groupdict()
    month = _MONTHS.index(parts["n"].lower()) + 1 if parts.get("n") else int(parts["m"])
    return (int(parts["y"]) if parts.get("y") else None, month, int(parts["d"]) if parts.get("d") else None)


def _han(text: str) -> Decimal:
    total = digit = 0
    for letter in text:
        if letter in _HAN_SCALES:
            total, digit = total + (digit or 1) * _HAN_SCALES[letter], 0
        else:
            digit = _HAN_DIGITS[letter]
    return Decimal(total + digit)


def _slot(clause: str, start: int, end: int, value: Decimal | tuple[int | None, int, int | None]) -> Slot:
    before, behind = clause[:start].rstrip(), clause[end:]
    unit, scaled = "date", False
    if isinstance(value, Decimal):
        scale = _SCALE.match(behind)
        scaled = scale is not None
        behind = behind[scale.end() :] if scale else behind
        unit, before, behind = _unit(before, behind)
        if re.search(r"(?:\A|[\s(])-\Z", before) and not clause[len(before)].isspace():
            value, before = -value, before[:-1].rstrip()
    words = _words(before)
    name = _name(words)
    return Slot(
        value=value,
        unit=unit,
        name=name,
        after=_after(behind),
        lead=() if name else _lead(words),
        rate=_rate(behind),
        scaled=scaled,
    )


def _unit(before: str, behind: str) -> tuple[str, str, str]:
    """The unit of a figure, with what stands before and behind both."""
    first = _BEFORE.search(before)
    if first:
        return _UNITS[first["unit"].lower()], before[: first.start()].rstrip(), behind
    second = _AFTER.match(behind)
    if second and second["unit"].lower() in _UNITS:
        return _UNITS[second["unit"].lower()], before, behind[second.end() :]
    return "", before, behind


def _words(text: str) -> list[str]:
    """Words in lower case, runs of Chinese characters and other signs, in their order."""
    return [
        one.lower()
        for one in re.findall(rf"[{_HAN}]+|[^\W\d_{_HAN}][^\W_{_HAN}'-]*(?:['-]\w+)*|\d[\d.,]*|[^\w\s]", text)
    ]


def _name(words: Sequence[str]) -> tuple[str, ...]:
    """The words directly before a figure that name it, past what links a name to its figure."""
    left = list(words)
    while left and left[-1] in _LINKS:
        left.pop()
    if left and _is_han(left[-1]):
        run = left[-1]
        for link in _HAN_LINKS:
            run = run.removesuffix(link)
        named = re.split(f"[{_HAN_STOPS}]", run)[-1]
        return (named,) if named else ()
    name: list[str] = []
    while left and left[-1] not in _STOPS and left[-1][0].isalpha() and not _is_han(left[-1]):
        name.append(left.pop())
    return tuple(reversed(name))


def _lead(words: Sequence[str]) -> tuple[str, ...]:
    """What stands before a figure that has no name: the prepositions, or one Chinese character."""
    if words and _is_han(words[-1]):
        return (words[-1][-1],)
    lead: list[str] = []
    for word in reversed(words):
        if word in {"the", "a", "an"}:
            continue
        if word not in _LEADS:
            break
        lead.append(word)
    return tuple(reversed(lead))


def _after(text: str) -> str:
    """The word directly after a figure, past an "of" or "in"; of Chinese its measure word."""
    words = _words(text)
    while words and words[0] in {"of", "in", "for", "as"}:
        words.pop(0)
    if not words or not words[0][0].isalpha():
        return END
    if _is_han(words[0]):
        run = words[0].removeprefix("的")
        if run[:1] in _HAN_STOPS and not run.startswith("个"):
            return END
        return run[:3] if run.startswith("个") else run[:1]
    return END if words[0] in _STOPS else words[0]


def _rate(text: str) -> tuple[str, ...]:
    """What makes a rate of a figure: the next words, if a "per", an "each" or the like is among the first two."""
    words = _words(text)[:4]
    place = next((place for place, word in enumerate(words[:2]) if word in _PER or word[0] in "每/"), None)
    return () if place is None else tuple(words[place : place + 2])


def _is_han(word: str) -> bool:
    return "\u4e00" <= word[:1] <= "\u9fff"
