"""Templates of an instructor's own case: the fields that they have, and the draft that those fields make. Floor 1.

A template is a kind of case that is shipped, with its questions, its wrong methods and its words; what is one's own are
the goods, prices, places, the day and the story.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from curriculum.almanac import currency, names, vat
from curriculum.kits import ranges
from curriculum.kits.ranges import Range
from curriculum.practice import book, freight, importing, payout, rates
from curriculum.practice.dice import Dice
from curriculum.practice.draft import Draft, Fact
from curriculum.practice.task import Words

WORDS, FIGURE, COUNTRY, DAY, PICK = KINDS = ("words", "figure", "country", "day", "pick")
ROWS = 5
"""Rows of a declaration."""
DIVISORS = ("5000", "6000")
CURRENCIES = ("USD", "EUR", "GBP")
FIRST = date(2021, 7, 1)
"""From here on the rates and the reliefs of a case are known."""


@dataclass(frozen=True)
class Field:
    """One field of a template.

    Attributes:
        name: In the form and in YAML.
        kind: One of `KINDS`.
        low: The least figure.
        high: The greatest.
        places: Decimals of a figure.
        choices: Of a pick.
        example: What the form shows at first.
        optional: Whether it may be empty.
    """

    name: str
    kind: str
    low: Decimal = Decimal(0)
    high: Decimal = Decimal(1_000_000)
    places: int = 2
    choices: tuple[str, ...] = ()
    example: str = ""
    optional: bool = False


def _figure(name: str, low: str, high: str, places: int, example: str) -> Field:
    return Field(name, FIGURE, Decimal(low), Decimal(high), places, example=example)


FIELDS: Mapping[str, tuple[Field, ...]] = {
    "eu_import": (
        Field("seller", WORDS, example="Hangzhou|杭州"),
        Field("city", WORDS, example="Riga|里加"),
        Field("country", COUNTRY, example="LV"),
        Field("day", DAY, optional=True),
        _figure("freight", "0.01", "500", 2, "12.50"),
        _figure("insurance", "0", "500", 2, "1.50"),
    ),
    "freight": (
        Field("seller", WORDS, example="Yiwu|义乌"),
        Field("cargo", WORDS, example="tea sets|茶具"),
        Field("tariff", WORDS, example="air freight|国际空运"),
        _figure("cartons", "1", "500", 0, "6"),
        _figure("length", "1", "300", 0, "48"),
        _figure("width", "1", "300", 0, "40"),
        _figure("height", "1", "300", 0, "36"),
        _figure("each", "0.1", "500", 1, "7.4"),
        Field("divisor", PICK, choices=DIVISORS, example="6000"),
        _figure("rate", "0.01", "1000", 2, "26.50"),
        _figure("fuel", "0", "100", 1, "14"),
        _figure("goods", "1", "1000000", 2, "3600"),
        _figure("revenue", "1", "1000000", 2, "7800"),
    ),
    "payout": (
        Field("seller", WORDS, example="Ningbo|宁波"),
        Field("country", COUNTRY, example="DE"),
        Field("currency", PICK, choices=CURRENCIES, example="EUR"),
        Field("day", DAY, optional=True),
        _figure("price", "0.01", "10000", 2, "39.90"),
        _figure("shipping", "0", "1000", 2, "4.90"),
        _figure("commission", "0.1", "50", 1, "12"),
        _figure("fx", "0.1", "20", 1, "1.2"),
        _figure("goods", "0.01", "100000", 2, "110"),
        _figure("freight", "0.01", "100000", 2, "62"),
    ),
}
ROW: tuple[Field, ...] = (
    Field("name", WORDS, example="Tea cup|茶杯"),
    Field("hs", PICK, example="6912.00"),
    _figure("pieces", "1", "500", 0, "2"),
    _figure("price", "0.01", "500", 2, "8.40"),
)
"""Of a row of a declaration: template `eu_import`."""
TEMPLATES = tuple(FIELDS)


def problems(document: Mapping[str, Any]) -> Iterator[tuple[str, str, Mapping[str, str]]]:
    """What is wrong with the fields of an own case: path, key of its words below "own.", facts.

    Args:
        document: As it is kept, with a known template.
    """
    given = document.get("figures")
    figures = given if isinstance(given, dict) else {}
    known = FIELDS[document["template"]]
    for field in known:
        yield from _wrong(field, figures.get(field.name), f"figures.{field.name}")
    for name in figures.keys() - {field.name for field in known}:
        yield f"figures.{str(name)[:20]}", "unknown", {"fields": ", ".join(field.name for field in known)}
    if document["template"] != "eu_import":
        return
    rows = document.get("rows")
    if not isinstance(rows, list) or not 1 <= len(rows) <= ROWS:
        yield "rows", "rows", {"most": str(ROWS)}
        return
    for place, row in enumerate(rows):
        for field in ROW:
            value = row.get(field.name) if isinstance(row, dict) else None
            yield from _wrong(field, value, f"rows[{place}].{field.name}")


def _wrong(field: Field, value: object, path: str) -> Iterator[tuple[str, str, Mapping[str, str]]]:
    if field.kind == WORDS:
        both = isinstance(value, dict) and all(isinstance(value.get(one), str) for one in book.LANGUAGES)
        if not both or not all(0 < len(value[one].strip()) <= LETTERS for one in book.LANGUAGES):  # type: ignore[index]  # a dict, as `both` says
            yield path, "words", {"most": str(LETTERS)}
        return
    text = "" if value is None else str(value).strip()
    if not text and field.optional:
        return
    yield from _typed(field, text, path)


def _typed(field: Field, text: str, path: str) -> Iterator[tuple[str, str, Mapping[str, str]]]:
    """What is wrong with a field of one line."""
    if field.kind == FIGURE:
        found = ranges.read(text)
        if found is None:
            yield path, "figure", {"example": field.example}
        elif not field.low <= found.low <= found.high <= field.high:
            yield path, "range", {"low": f"{field.low}", "high": f"{field.high:,}"}
        elif max(_places(one) for one in (found.low, found.high, found.step)) > field.places:
            yield path, "places", {"places": str(field.places)}
    elif field.kind == COUNTRY and text.upper() not in countries():
        yield path, "country", {"countries": ", ".join(countries())}
    elif field.kind == DAY and _day(text) is None:
        yield path, "day", {"first": FIRST.isoformat()}
    elif field.name == "hs" and not _is_code(text):
        yield path, "code", {}
    elif field.choices and text not in field.choices:
        yield path, "pick", {"choices": ", ".join(field.choices)}


LETTERS = 120


def countries() -> tuple[str, ...]:
    """Countries of the EU, by code: where the templates know every rate."""
    return tuple(code for code in vat.countries() if code not in {"GB", "CN"})


def _places(value: Decimal) -> int:
    return max(0, -int(value.normalize().as_tuple().exponent))


def _day(text: str) -> date | None:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if found >= FIRST else None


def _is_code(text: str) -> bool:
    digits = text.replace(".", "").replace(" ", "")
    return len(digits) == 6 and digits.isascii() and digits.isdigit()


# Making


@dataclass(frozen=True)
class _Given:
    """The fields of a document, drawn by dice where they are ranges."""

    document: Mapping[str, Any]
    dice: Dice
    on: date

    def words(self, name: str) -> Words:
        found: Words = self.document["figures"][name]
        return found

    def text(self, name: str) -> str:
        return str(self.document["figures"].get(name) or "").strip()

    def figure(self, name: str) -> Decimal:
        return _drawn(self.document["figures"][name], self.dice, name)

    def whole(self, name: str) -> int:
        return int(self.figure(name))

    @property
    def day(self) -> date:
        return _day(self.text("day")) or self.on


def _drawn(text: object, dice: Dice, name: str) -> Decimal:
    found = ranges.read(str(text))
    return (found or Range(Decimal(0), Decimal(0), Decimal(1))).drawn(dice, name)


def draft(document: Mapping[str, Any], dice: Dice, on: date) -> Draft:
    """The figures of an own case.

    Args:
        document: Without problems.
        dice: Its chance, where it has ranges.
        on: Today: the day of a case that names none.

    Raises:
        LookupError: No rule is known for its day.
        ArithmeticError: Its figures leave nothing to divide by.
    """
    return _MAKERS[document["template"]](_Given(document, dice, on))


def _import(given: _Given) -> Draft:
    catalog, day, code = book.catalog(), given.day, given.text("country").upper()
    rule, newest = importing.ruling(catalog, day), importing.flat(catalog, given.on)
    if importing.FLAT in rule.params:
        newest = rule
    lines = [
        importing.Line(
            _dotted(str(row["hs"])),
            int(_drawn(row["pieces"], given.dice, f"pieces.{place}")),
            _drawn(row["price"], given.dice, f"price.{place}"),
            row["name"],
        )
        for place, row in enumerate(given.document["rows"])
    ]
    rate = rates.standard(catalog, code, day)
    cost = importing.Costs(
        sum((line.value for line in lines), Decimal(0)), given.figure("freight"), given.figure("insurance"), rate / 100
    )
    there: dict[str, Fact] = {
        "seller": given.words("seller"),
        "city": given.words("city"),
        "country": names.within(code),
    }
    other = rates.mistaken(code, day, rate)
    return importing.laid(lines, cost, day, ruled=(rule, newest), there=there, other=other)


def _freight(given: _Given) -> Draft:
    divisor = int(given.text("divisor"))
    parcel = freight.Shipment(
        given.whole("cartons"),
        (given.whole("length"), given.whole("width"), given.whole("height")),
        given.figure("each"),
        divisor,
        next(int(one) for one in DIVISORS if int(one) != divisor),
    )
    deal = freight.Deal(
        given.words("seller"), given.words("cargo"), given.words("tariff"), given.figure("rate"),
        given.figure("fuel"), given.figure("goods"), given.figure("revenue"),
    )  # fmt: skip
    return freight.laid(parcel, deal)


def _payout(given: _Given) -> Draft:
    order = payout.Order(
        currency=given.text("currency"),
        price=given.figure("price"),
        shipping=given.figure("shipping"),
        commission=given.figure("commission"),
        quote=currency.on(given.text("currency"), "CNY", given.day),
        fx=given.figure("fx"),
        goods=given.figure("goods"),
        freight=given.figure("freight"),
    )
    return payout.laid(order, given.day, given.words("seller"), names.within(given.text("country").upper()))


def _dotted(code: str) -> str:
    digits = code.replace(".", "").replace(" ", "")
    return f"{digits[:4]}.{digits[4:]}"


_MAKERS: Mapping[str, Callable[[_Given], Draft]] = {"eu_import": _import, "freight": _freight, "payout": _payout}
