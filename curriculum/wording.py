"""Days, figures and places in a piece of English or Chinese news, each with the words where it stood. Floor 1.

It reads what is written and guesses nothing else: "from 1 July 2026", "自 2026 年 7 月 1 日起", "EUR 3", "10 %",
"14 天". A day of doubtful order such as 03/07/2026 is left to the reader.
"""

from __future__ import annotations

import functools
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from importlib import resources

import yaml

from curriculum.almanac import names, vat

FROM, UNTIL, TOLD = "from", "until", "told"
"""What a day is in its sentence: the first on which something holds, the last, or one that is only mentioned."""
AMOUNT, RATE, TIME = "amount", "rate", "time"
LIMIT, EACH, PLAIN = "limit", "each", ""
"""What a figure is in its sentence: a threshold, a charge on each of something, or neither."""

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            ("january", "jan"), ("february", "feb"), ("march", "mar"), ("april", "apr"), ("may",), ("june", "jun"),
            ("july", "jul"), ("august", "aug"), ("september", "sept", "sep"), ("october", "oct"), ("november", "nov"),
            ("december", "dec"),
        ),
        start=1,
    )
    for name in names
}  # fmt: skip
_MONTH = "|".join(sorted(_MONTHS, key=len, reverse=True))
_DAYS = (
    re.compile(r"(?P<y>\d{4})-(?P<m>\d{1,2})-(?P<d>\d{1,2})(?!\d)"),
    re.compile(r"(?:(?P<y>\d{4})\s*年\s*)?(?P<m>\d{1,2})\s*月\s*(?:(?P<d>\d{1,2})\s*[日号])?"),
    re.compile(
        rf"(?<!\d)(?P<d>\d{{1,2}})(?:st|nd|rd|th)?\s+(?:of\s+)?(?P<m>{_MONTH})\b\.?,?(?:\s+(?P<y>\d{{4}}))?",
        re.IGNORECASE,
    ),
    re.compile(
        rf"\b(?P<m>{_MONTH})\b\.?\s+(?P<d>\d{{1,2}})(?:st|nd|rd|th)?(?!\d)(?:,?\s+(?P<y>\d{{4}}))?", re.IGNORECASE
    ),
    re.compile(rf"\b(?P<m>{_MONTH})\b\.?,?\s+(?P<y>\d{{4}})", re.IGNORECASE),
)
_BEFORE_FROM = re.compile(
    r"(?:\b(?:from|as from|as of|effective(?: on| from)?|starting(?: on| from)?|beginning(?: on)?|since"
    r"|commencing(?: on)?|with effect from|in force (?:on|from)|into (?:force|effect)(?: on| from)?"
    r"|takes? effect(?: on| from)?|starts?(?: on| in)?|begins?(?: on| in)?|appl(?:y|ies|icable)(?: on| from)?"
    r"|on (?:and|or) after|(?:postponed|delayed|deferred)[^.;]{0,40}\bto)|自|从|于|推迟至|延至|延期至)\s*(?:the\s+)?$",
    re.IGNORECASE,
)
_AFTER_FROM = re.compile(
    r"^\s*(?:零时|0\s*时)?\s*(?:起|开始|以后|正式实施|正式生效|生效|施行|实施|onwards?\b)", re.IGNORECASE
)
_BEFORE_UNTIL = re.compile(
    r"(?:\b(?:until|till|through|to|up to|expir(?:es?|ing|y)(?: on)?|ends?(?: on)?|ended(?: on)?|no later than"
    r"|at the latest (?:on|by))|至|到|截至|截止到?|—|–|-|~)\s*(?:and including\s+)?(?:the\s+)?$",
    re.IGNORECASE,
)
_AFTER_UNTIL = re.compile(r"^\s*(?:止|为止|到期|截止|前)")
_NUMBER = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+,\d{1,2}(?![\d,])|\d+(?:\.\d+)?"
_CURRENCY = {
    "EUR": r"EUR|€|euros?|欧元",
    "USD": r"USD|US\$|U\.S\.\s?dollars?|US dollars?|dollars?|美元|\$",
    "GBP": r"GBP|£|pounds?|英镑",
    "CNY": r"CNY|RMB|人民币|yuan|元|¥",
    "JPY": r"JPY|日元|yen",
    "RON": r"RON|lei|列伊",
    "CAD": r"CAD|C\$|加元",
    "AUD": r"AUD|A\$|澳元",
    "CHF": r"CHF|瑞士法郎",
    "PLN": r"PLN|zlotys?|兹罗提",
    "SEK": r"SEK|瑞典克朗",
    "NOK": r"NOK|挪威克朗",
    "TRY": r"TRY|里拉",
    "KRW": r"KRW|韩元",
    "THB": r"THB|baht|泰铢",
    "VND": r"VND|dong|越南盾",
    "BRL": r"BRL|R\$|雷亚尔",
    "MXN": r"MXN|墨西哥比索",
    "SGD": r"SGD|S\$|新元|新加坡元",
    "MYR": r"MYR|ringgit|林吉特",
    "INR": r"INR|rupees?|卢比",
    "IDR": r"IDR|rupiah|印尼盾",
    "AED": r"AED|迪拉姆",
}
_TIMES = {
    "days": r"(?:calendar |working |business )?days?|-day|天|个工作日|日内",
    "months": r"months?|-month|个月",
    "years": r"years?|-year|年(?!\s*\d)",
}
_SCALE = {"万": 10_000, "亿": 100_000_000, "thousand": 1_000, "million": 1_000_000, "billion": 1_000_000_000}
_UNITS = "|".join(f"(?P<{code}>{words})" for code, words in _CURRENCY.items())
_UNITS_BEFORE = "|".join(f"(?P<{code}_>{words})" for code, words in _CURRENCY.items())
_FIGURES = re.compile(
    rf"(?:(?<![A-Za-z])(?:{_UNITS_BEFORE})\s*)?(?<![A-Za-z0-9.,/-])(?<!第)(?P<n>{_NUMBER})"
    r"(?P<scale>\s*(?:万|亿|thousand\b|million\b|billion\b))?"
    r"(?:\s*(?:(?P<rate>%|％|per ?cent\b|percent\b)"
    rf"|(?P<days>{_TIMES['days']})(?![a-z])|(?P<months>{_TIMES['months']})(?![a-z])|(?P<years>{_TIMES['years']})(?![a-z])"
    rf"|(?:{_UNITS})(?![A-Za-z])))?",
    re.IGNORECASE,
)
_LIMIT = re.compile(
    r"threshold|up to|below|under|less than|not exceeding|exceed|value (?:of|<=|≤)|at most|maximum|limit|exempt|relief"
    r"|de minimis|不超过|以内|以下|低于|未超过|限额|门槛|起征点|限值|免税",
    re.IGNORECASE,
)
_EACH = re.compile(
    r"\b(?:per|each|for every|a (?:parcel|piece|shipment))\b|每(?:项|件|个|包裹|票|单|笔)|/\s*项", re.IGNORECASE
)
_STOP = re.compile(r"(?<=[.!?;])\s+(?=[A-Z0-9\"“(])|(?<=[。！？；\n])")
_AROUND = 48
_NEAR = 26


@dataclass(frozen=True)
class Day:
    """A day that a text names.

    Attributes:
        day: The day; of a month without a day, its first.
        cue: FROM, UNTIL or TOLD.
        words: As it stood, with the words that say what it is.
        start: Where it stands in the text.
        whole: Whether day, month and year stood there; else a part of it was taken from beside it.
    """

    day: date
    cue: str
    words: str
    start: int
    whole: bool


@dataclass(frozen=True)
class Figure:
    """A figure that a text names.

    Attributes:
        kind: AMOUNT, RATE or TIME.
        value: Of an amount in its currency; of a rate a share, 0.1 for 10 %; of a time in its unit.
        unit: ISO 4217 code, "rate", "days", "months" or "years".
        part: LIMIT, EACH or PLAIN.
        words: The words around it.
        start: Where it stands in the text.
    """

    kind: str
    value: Decimal
    unit: str
    part: str
    words: str
    start: int


def days(text: str, told: date) -> tuple[Day, ...]:
    """Every day that a text names, in its order.

    Args:
        text: News, in English, Chinese or both.
        told: When it was told: the year of a day without one.

    >>> [(one.day.isoformat(), one.cue) for one in days("Since 29 Aug 2025; 自 2026 年 7 月 1 日起", date(2026, 1, 1))]
    [('2025-08-29', 'from'), ('2026-07-01', 'from')]
    """
    spans: list[tuple[int, int, dict[str, str | None]]] = []
    for pattern in _DAYS:
        for match in pattern.finditer(text):
            taken = any(match.start() < end and start < match.end() for start, end, _ in spans)
            if not taken and (match.groupdict().get("y") or match.groupdict().get("d")):
                spans.append((match.start(), match.end(), match.groupdict()))
    spans.sort(key=lambda span: span[:2])
    return tuple(_dated(text, spans, told))


def _dated(text: str, spans: list[tuple[int, int, dict[str, str | None]]], told: date) -> Iterator[Day]:
    for place, (start, end, found) in enumerate(spans):
        beside = [*spans[place + 1 : place + 2], *spans[max(place - 1, 0) : place]]
        borrowed = next(
            (other[2]["y"] for other in beside if abs(other[0] - start) < _AROUND and other[2].get("y")), None
        )
        year, month = found.get("y") or borrowed or str(told.year), str(found["m"]).lower()
        try:
            day = date(int(year), _MONTHS.get(month) or int(month), int(found.get("d") or 1))
        except ValueError:
            continue  # 31 June is no day
        before, after = text[max(start - _AROUND, 0) : start], text[end : end + _NEAR]
        cue = TOLD
        if _AFTER_UNTIL.search(after) or _BEFORE_UNTIL.search(before):
            cue = UNTIL
        if _AFTER_FROM.search(after) or (_BEFORE_FROM.search(before) and not _AFTER_UNTIL.search(after)):
            cue = FROM
        yield Day(day, cue, _words(text, start, end), start, bool(found.get("y") and found.get("d")))


def figures(text: str) -> tuple[Figure, ...]:
    """Every amount, rate and time that a text names, in its order; bare numbers and years are none.

    Args:
        text: News, in English, Chinese or both.

    >>> [(one.unit, str(one.value), one.part) for one in figures("EUR 3 per item up to EUR 150; 税率 13%")]
    [('EUR', '3', 'each'), ('EUR', '150', 'limit'), ('rate', '0.13', '')]
    """
    return tuple(_figured(text))


def _figured(text: str) -> Iterator[Figure]:
    taken = [(match.start(), match.end()) for pattern in _DAYS[:4] for match in pattern.finditer(text) if match["d"]]
    for match in _FIGURES.finditer(text):
        number = match.start("n")
        if any(start <= number < end for start, end in taken):
            continue
        value = _number(match["n"]) * _SCALE.get((match["scale"] or "").strip().lower(), 1)
        currency = next((code for code in _CURRENCY if match[f"{code}_"] or match[code]), "")
        times = next((unit for unit in _TIMES if match[unit]), "")
        around = _words(text, match.start(), match.end())
        part = _part(text, match.start(), match.end())
        if match["rate"]:
            yield Figure(RATE, value / 100, "rate", part, around, match.start())
        elif currency:
            yield Figure(AMOUNT, value, currency, part, around, match.start())
        elif times and not (times == "years" and value > 1000):
            yield Figure(TIME, value, times, part, around, match.start())


def _number(text: str) -> Decimal:
    """A comma before two digits or one is a decimal one; before three it stands between thousands."""
    if re.fullmatch(r"\d+,\d{1,2}", text):
        return Decimal(text.replace(",", "."))
    return Decimal(text.replace(",", ""))


def _part(text: str, start: int, end: int) -> str:
    """What a figure is, by the words nearest to it in its own clause."""
    before = re.split(r"[.;,，。；、:：]\s", text[max(start - 2 * _NEAR, 0) : start])[-1]
    after = re.split(r"[.;,，。；]", text[end : end + _NEAR])[0]
    if re.match(r"\s*\S{0,12}\s*(?:per|each|for every)\b", after, re.IGNORECASE) or re.search(r"每.{0,8}$", before):
        return EACH
    if _LIMIT.search(before) or re.match(
        r".{0,10}(?:以内|以下|threshold|limit|relief|exempt|duty.free|限额|门槛|起征点|免税)", after, re.IGNORECASE
    ):
        return LIMIT
    return EACH if _EACH.search(after) else PLAIN


def places(text: str) -> tuple[str, ...]:
    """Codes of the jurisdictions that a text names, the one named most often first."""
    counted: Counter[str] = Counter()
    for code, pattern in _places().items():
        number = len(pattern.findall(text))
        if number:
            counted[code] = number
    return tuple(code for code, _ in counted.most_common())


@functools.cache
def _places() -> Mapping[str, re.Pattern[str]]:
    text = resources.files("curriculum").joinpath("data", "places.yaml").read_text(encoding="utf-8")
    read: dict[str, list[str]] = yaml.safe_load(text)
    # Places of the file by the names of the almanac too, and so are all countries whose VAT a case may follow.
    found = {code: [*read.get(code, ()), *_named(code)] for code in (*read, *vat.countries())}
    return {code: re.compile("|".join(_worded(word) for word in words)) for code, words in found.items()}


def _named(code: str) -> tuple[str, ...]:
    known = names.countries().get(code)
    return tuple(known.values()) if known else ()


def _worded(word: str) -> str:
    """Latin words whole and as written: "us" is a pronoun, "US" is not."""
    return rf"(?<![A-Za-z]){re.escape(word)}(?![A-Za-z])" if word.isascii() else re.escape(word)


def _words(text: str, start: int, end: int) -> str:
    """The words around a place, cut at its sentence."""
    left = _STOP.split(text[max(start - _AROUND, 0) : start])[-1]
    right = _STOP.split(text[end : end + _AROUND])[0]
    return re.sub(r"\s+", " ", left + text[start:end] + right).strip()
