"""A cell is read exactly, or refused with a reason; what could mean two things is never guessed."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curriculum.kits import cells, columns
from curriculum.kits.columns import COLUMNS, Column
from tests.curriculum.kits.builders import TODAY

KINDS = {one.name: one for listed in COLUMNS.values() for one in listed}


def value(name: str, cell: str, *, comma: bool = False) -> cells.Value:
    return cells.read(KINDS[name], cell, comma=comma, today=TODAY)


@pytest.mark.parametrize(
    ("name", "cell", "comma", "wanted"),
    [
        ("price", "1234.50", False, Decimal("1234.50")),
        ("price", "1,234.50", False, Decimal("1234.50")),
        ("price", "1234,50", True, Decimal("1234.50")),
        ("price", "1.234,50", True, Decimal("1234.50")),
        ("price", "１４．９０", False, Decimal("14.90")),
        ("weight_kg", "0.250", True, Decimal("0.250")),
        ("weight_kg", "0,250", True, Decimal("0.250")),
        ("fuel_percent", "12 %", False, Decimal(12)),
        ("quantity", "3", False, 3),
        ("quantity", "3.0", False, 3),
        ("returned", "", False, 0),
        ("stock", "", False, None),
        ("date", "2026-07-01", False, date(2026, 7, 1)),
        ("date", "2026/7/1 13:05", False, date(2026, 7, 1)),
        ("date", "2026-07-01T10:00:00Z", False, date(2026, 7, 1)),
        ("date", "2026年7月1日", False, date(2026, 7, 1)),
        ("country", "uk", False, "GB"),
        ("hs_code", "6109100010", False, "6109.10"),
        ("sku", "TS-01", False, "TS-01"),
    ],
)
def test_what_can_be_read_is_read_exactly(name: str, cell: str, comma: bool, wanted: cells.Value) -> None:
    assert value(name, cell, comma=comma) == wanted


@pytest.mark.parametrize(
    ("name", "cell", "comma", "kind"),
    [
        ("price", "1,234", False, "ambiguous"),
        ("price", "1.234", True, "ambiguous"),
        ("price", "1,5", False, "number"),
        ("price", "EUR 5", False, "number"),
        ("price", "-5", False, "number"),
        ("price", "0", False, "range"),
        ("price", "5.005", False, "cents"),
        ("price", "", False, "empty"),
        ("price", "１e5", False, "number"),
        ("quantity", "1.5", False, "whole"),
        ("quantity", "many", False, "whole"),
        ("date", "07/01/2026", False, "day"),
        ("date", "2026-02-30", False, "day"),
        ("date", "2014-12-31", False, "day"),
        ("date", "2026-11-27", False, "future"),
        ("country", "Germany", False, "country"),
        ("country", "1A", False, "country"),
        ("hs_code", "61091", False, "code"),
        ("sku", "=1+1", False, "formula"),
        ("sku", "@SUM(A1)", False, "formula"),
        ("name", "x" * 81, False, "word"),
        ("name", "<b>", False, "word"),
        ("name", "a\u0000b", False, "word"),
    ],
)
def test_what_cannot_is_refused_with_its_reason(name: str, cell: str, comma: bool, kind: str) -> None:
    with pytest.raises(cells.Wrong) as refused:
        value(name, cell, comma=comma)

    assert refused.value.kind == kind
    assert cell[:3] not in str(refused.value) or not cell


@given(st.sampled_from(sorted(KINDS.values(), key=lambda one: one.name)), st.text(max_size=40), st.booleans())
def test_any_text_is_a_value_within_bounds_or_refused(column: Column, cell: str, comma: bool) -> None:
    try:
        found = cells.read(column, cell, comma=comma, today=TODAY)
    except cells.Wrong:
        return
    if isinstance(found, Decimal | int):
        assert column.low <= found <= column.high
    assert found is None or isinstance(found, Decimal | int | date | str)
    assert columns.KINDS.count(column.kind) == 1
