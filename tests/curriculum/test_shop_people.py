"""Personal data in a shop's table: found by head and by form, told by place, never echoed, and goods are left alone."""

from __future__ import annotations

import pytest

from curriculum.practice import shop_people
from tests.curriculum.kits.labelled import GOODS

PLANTED = [
    ("li.na@example.com", "mail"),
    ("write to anna＠example.org please", "mail"),
    ("13800138000", "phone"),
    ("+86 138 0013 8000", "phone"),
    ("138-0013-8000", "phone"),
    ("１３８００１３８０００", "phone"),
    ("+49 (0)30 1234567", "phone"),
    ("0044 20 7946 0958", "phone"),
    ("(512) 555-0143", "phone"),
    ("11010519491231002X", "identity"),
    ("078-05-1120", "identity"),
    ("DE89 3704 0044 0532 0130 00", "iban"),
    ("GB82WEST12345698765432", "iban"),
    ("4111 1111 1111 1111", "card"),
    ("12 Rose Street", "address"),
    ("Hauptstraße 5", "address"),
    ("rue de la Paix 14", "address"),
    ("P.O. Box 12", "address"),
    ("朝阳区建国路88号", "address"),
    ("3号楼2单元501室", "address"),
    ("Ms Miller asked", "name"),
    ("王先生", "name"),
]


@pytest.mark.parametrize(("cell", "kind"), PLANTED)
def test_what_is_planted_is_found(cell: str, kind: str) -> None:
    assert shop_people.of_cell(cell) == kind


@pytest.mark.parametrize("cell", GOODS)
def test_goods_codes_and_amounts_are_left_alone(cell: str) -> None:
    assert shop_people.of_cell(cell) == ""


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        ("Buyer name", "name"),
        ("buyer_name", "name"),
        ("Recipient", "name"),
        ("E-Mail", "mail"),
        ("Mobile", "phone"),
        ("ship-address-1", "address"),
        ("Passport", "identity"),
        ("IBAN", "iban"),
        ("order notes", "note"),
        ("收件人", "name"),
        ("买家留言", "name"),
        ("手机号码", "phone"),
        ("身份证号", "identity"),
        ("备注", "note"),
        ("product name", ""),
        ("商品名称", ""),
        ("price", ""),
        ("week", ""),
    ],
)
def test_a_column_is_known_by_its_head(head: str, kind: str) -> None:
    assert shop_people.of_head(head) == kind


def test_a_finding_says_where_and_never_what() -> None:
    rows = [("order", "买家姓名"), ("1", "张伟"), ("2", "zhang@example.com")]
    found = shop_people.of_table("orders.csv", rows)

    assert [(one.file, one.line, one.column, one.kind) for one in found] == [
        ("orders.csv", 1, 2, "name"),
        ("orders.csv", 2, 2, "name"),
        ("orders.csv", 3, 2, "mail"),
    ]
    assert "zhang" not in repr(found)
