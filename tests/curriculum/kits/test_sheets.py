"""A CSV file is read in whatever way a spreadsheet wrote it; what is no CSV file is refused."""

from __future__ import annotations

import codecs

import pytest

from curriculum.kits import columns, sheets
from curriculum.kits.sheets import Sheet

ROWS = (("货号", "商品名称", "成本"), ("TS-01", "棉 T 恤, 白", "4.20"), ("TS-02", '带 "领"', "5.10"))
TEXT = '货号,商品名称,成本\r\nTS-01,"棉 T 恤, 白",4.20\r\n\r\nTS-02,"带 ""领""",5.10\r\n'


@pytest.mark.parametrize(
    "body",
    [
        TEXT.encode(),
        codecs.BOM_UTF8 + TEXT.encode(),
        TEXT.encode("gbk"),
        TEXT.encode("gb18030"),
        TEXT.encode("utf-16"),
        codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be"),
        TEXT.replace("\r\n", "\n").encode(),
    ],
)
def test_every_encoding_gives_the_same_rows(body: bytes) -> None:
    found = sheets.read("products", body)

    assert isinstance(found, Sheet)
    assert found.rows == ROWS
    assert found.lines == (1, 2, 4)
    assert not found.comma


@pytest.mark.parametrize("separator", [";", "\t"])
def test_the_separator_is_the_one_by_which_the_heads_are_known(separator: str) -> None:
    text = "\n".join(separator.join(row) for row in (("sku", "name", "cost"), ("A, b", "c", "4,20")))
    found = sheets.read("products", text.encode())

    assert isinstance(found, Sheet)
    assert found.rows[1] == ("A, b", "c", "4,20")
    assert found.comma


def test_a_line_that_names_the_separator_is_no_line_of_the_table() -> None:
    found = sheets.read("products", b"sep=;\r\nsku;name\r\nA;b\r\n")

    assert isinstance(found, Sheet)
    assert found.rows == (("sku", "name"), ("A", "b"))
    assert found.lines == (2, 3)


@pytest.mark.parametrize(
    ("body", "wrong"),
    [
        (b"", "empty"),
        (b"\n\n", "empty"),
        (b"sku,name\n", "empty"),
        (b"x" * (columns.BYTES + 1), "size"),
        (b"PK\x03\x04rest", "spreadsheet"),
        (b"\xd0\xcf\x11\xe0rest", "spreadsheet"),
        (b"\xff\xff\xff\xff", "encoding"),
        ("sku,name\na,b\n".encode("utf-16-le"), "encoding"),
        (b"sku,name\na,\x00b\n", "encoding"),
        (b'sku,name\n"a,b\n', "csv"),
        (b'sku,name\n"a"x,b\n', "csv"),
        (b"sku,name\na," + b"x" * 201 + b"\n", "long"),
        (b"sku" + b"," * 70 + b"\na,b\n", "long"),
        (b"sku,name\n" + b"a,b\n" * 501, "lines"),
    ],
)
def test_what_is_no_csv_file_is_refused(body: bytes, wrong: str) -> None:
    assert sheets.read("products", body) == wrong
