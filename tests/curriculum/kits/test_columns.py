"""Columns of a kit are known by English and Chinese heads, in any spelling, and by no other."""

from __future__ import annotations

import pytest

from curriculum.kits import cells, columns
from tests.curriculum.kits.builders import TODAY


@pytest.mark.parametrize(
    ("file", "head", "name"),
    [
        ("orders", "Order_ID", "order_id"),
        ("orders", " 订单编号 ", "order_id"),
        ("orders", "单价", "price"),
        ("tariffs", "单价", "rate"),
        ("products", "重量（kg）", "weight_kg"),
        ("products", "HS code", "hs_code"),
        ("ads", "花费", "spend"),
    ],
)
def test_a_head_names_a_column(file: str, head: str, name: str) -> None:
    found = columns.found(file, head)

    assert found is not None
    assert found.name == name


@pytest.mark.parametrize("head", ["", "buyer name", "备注", "price2", "order"[:3]])
def test_another_head_names_none(head: str) -> None:
    assert columns.found("orders", head) is None


def test_no_head_stands_for_two_columns_of_a_file() -> None:
    for name, listed in columns.COLUMNS.items():
        heads = [head for one in listed for head in {columns.plain(one.name), *one.called}]
        assert len(heads) == len(set(heads)), name
        assert all(head == columns.plain(head) for head in heads), name


def test_the_example_of_each_column_is_one_that_it_takes() -> None:
    for listed in columns.COLUMNS.values():
        for one in listed:
            assert cells.read(one, one.example, comma=False, today=TODAY) is not None
