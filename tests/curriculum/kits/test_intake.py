"""A kit is read whole or not at all: every fault by file, line and column, personal data first, nothing half."""

from __future__ import annotations

import io
import os
import zipfile

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from curriculum import telling
from curriculum.exchange import archive
from curriculum.kits import blank, faults, intake, manifest
from curriculum.kits.faults import Fault
from curriculum.kits.kit import digest, dumped, loaded
from tests.curriculum.kits.builders import FIELDS, TODAY, files, kit

FILES = files(60)
MANY = 1000 if os.environ.get("ENTREPOT_TEST_SOAK") else 15


def read(changed: dict[str, bytes], **fields: str) -> intake.Intake:
    return intake.read({**FILES, **changed}, TODAY, {**FIELDS, **fields})


def changed(name: str, old: bytes, new: bytes) -> dict[str, bytes]:
    assert old in FILES[name]
    return {name: FILES[name].replace(old, new, 1)}


def test_a_kit_that_is_in_order_is_read_and_stays_the_same_when_it_is_kept() -> None:
    found = kit(60)

    assert (len(found.products), len(found.orders), len(found.tariffs), len(found.ads)) == (5, 60, 7, 60)
    assert dumped(loaded(dumped(found))) == dumped(found)
    assert len(digest(found)) == 16
    assert found.first < found.last


def test_a_manifest_file_says_what_the_form_says() -> None:
    found = intake.read({**FILES, "kit.yaml": blank.files()["kit.yaml"]}, TODAY)

    assert found.kit is not None
    assert found.kit.manifest.title["zh"] == "一家日用品店"


def test_tariffs_and_advertising_may_be_missing() -> None:
    found = read({"tariffs.csv": b"", "ads.csv": b""})

    assert found.kit is not None
    assert found.kit.tariffs == ()


@pytest.mark.parametrize(
    ("files", "fault"),
    [
        ({"orders.csv": b""}, Fault("orders", 0, "", "missing")),
        ({"orders.csv": b"PK\x03\x04"}, Fault("orders", 0, "", "spreadsheet")),
        (changed("products.csv", b"name,cost", b"name,colour"), Fault("products", 1, "3", "head")),
        (changed("products.csv", b"name,cost", b"name,name"), Fault("products", 1, "name", "twice_head")),
        (changed("products.csv", b"4.10", b"free"), Fault("products", 2, "cost", "number")),
        (changed("products.csv", b"TW-01", b"BT-20"), Fault("products", 3, "sku", "twice")),
        (changed("products.csv", b"BT-20", b"BT-21"), Fault("orders", 2, "sku", "unknown_sku")),
        (changed("products.csv", b",260", b",260,1"), Fault("products", 2, "", "cells")),
        (changed("orders.csv", b"S-40001", b"S-40000"), Fault("orders", 3, "order_id", "split")),
        (changed("ads.csv", b"date", b"when"), Fault("ads", 1, "1", "head")),
    ],
)
def test_each_fault_is_found_where_it_is(files: dict[str, bytes], fault: Fault) -> None:
    found = read(files)

    assert found.kit is None
    assert fault in found.faults or fault.kind in {one.kind for one in found.faults if one.file == fault.file}
    assert all(telling.say(faults.said(one), language) for one in found.faults for language in telling.LANGUAGES)


def test_lines_that_contradict_each_other_are_found() -> None:
    head, *rest = FILES["orders.csv"].split(b"\r\n")
    cells = rest[0].split(b",")
    cells[9], cells[10] = b"9", b"999"
    found = read({"orders.csv": b"\r\n".join([head, b",".join(cells), *rest[1:], rest[0]])})

    assert {one.kind for one in found.faults} == {"returned", "refund", "twice"}
    assert {one.line for one in found.faults} == {2, 63}  # an empty line stands before the last


def test_too_few_orders_are_no_kit() -> None:
    lines = FILES["orders.csv"].split(b"\r\n")
    assert read({"orders.csv": b"\r\n".join(lines[:20])}).faults == (Fault("orders", 0, "", "few"),)


def test_of_many_faults_some_are_told_and_the_rest_counted() -> None:
    found = read({"orders.csv": FILES["orders.csv"].replace(b",DE,", b",Germany,").replace(b",FR,", b",France,")})

    assert 0 < len(found.faults) <= intake.MOST
    many = read({"orders.csv": FILES["orders.csv"].replace(b"2026-", b"2099-")})
    assert len(many.faults) == intake.MOST
    assert many.more == 60 - intake.MOST


@pytest.mark.parametrize(
    ("name", "old", "new", "place"),
    [
        ("products.csv", b"Towel, microfibre", "王伟".encode(), ("products", 3, "name", "person.name")),
        ("products.csv", b"Towel, microfibre", b"li.na@example.com", ("products", 3, "name", "person.mail")),
        ("orders.csv", b"S-40003", b"+49 30 1234567", ("orders", 5, "order_id", "person.phone")),
        ("orders.csv", b"refund", b"buyer name", ("orders", 1, "11", "person.name")),
        ("ads.csv", b"Generic BT-20", b"4111 1111 1111 1111", ("ads", 2, "campaign", "person.card")),
    ],
)
def test_planted_personal_data_refuse_the_whole_by_place_and_never_by_value(
    name: str, old: bytes, new: bytes, place: tuple[str, int, str, str]
) -> None:
    found = read(changed(name, old, new))

    assert found.kit is None
    assert place in [(one.file, one.line, one.column, one.kind) for one in found.people]
    said = " ".join(telling.say(faults.said(one), "en") for one in found.people)
    assert new.decode() not in said


@pytest.mark.parametrize(
    ("field", "text", "kind"),
    [
        ("title_en", "", "title"),
        ("title_zh", "=cmd()", "title"),
        ("currency", "JPY", "currency"),
        ("home", "China", "country"),
        ("licence", "mine", "licence"),
        ("permission", "", "permission"),
        ("safety_days", "121", "safety"),
        ("safety_days", "a week", "safety"),
        ("permission", "Ask Mr. Smith", "person.name"),
    ],
)
def test_the_manifest_is_checked_field_by_field(field: str, text: str, kind: str) -> None:
    found = read({}, **{field: text})

    assert [(one.column, one.kind) for one in (*found.faults, *found.people)] == [(field, kind)]


@pytest.mark.parametrize(
    "body",
    [b"", b"[", b"a: &x [*x]", b"[[[[[[1]]]]]]", b"- a", b"\xff\xfe\x00", b"x: " + b"y" * 9000, b"a: 1\na: 2"],
)
def test_a_manifest_that_is_no_plain_yaml_is_one_fault(body: bytes) -> None:
    assert isinstance(manifest.fields(body), Fault)


def test_a_zip_is_unpacked_with_or_without_a_folder() -> None:
    packed = archive.pack({"kit/Orders.csv": b"x", "__MACOSX/._orders.csv": b"y", "kit/kit.yaml": b"z"})
    assert intake.unpacked(packed) == {"orders.csv": b"x", "kit.yaml": b"z"}


def test_a_hostile_zip_is_refused() -> None:
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("orders.csv", b"0" * 9_000_000)
    link = io.BytesIO()
    with zipfile.ZipFile(link, "w") as made:
        info = zipfile.ZipInfo("orders.csv")
        info.external_attr = 0o120777 << 16
        made.writestr(info, "/etc/passwd")
    for body in (
        bomb.getvalue(),
        link.getvalue(),
        b"PK\x03\x04broken",
        b"no zip",
        archive.pack({"../orders.csv": b"x"}),
        archive.pack({"orders.csv": b"x", "a/orders.csv": b"x"}),
        archive.pack({"kit.xlsx": b"x"}),
        archive.pack({f"{place}.csv": b"x" for place in range(20)}),
    ):
        assert isinstance(intake.unpacked(body), Fault)


CELLS = st.sampled_from(
    [
        b"",
        b"=1+1",
        b"1,5",
        b'"',
        b"\x00",
        b"\xff\xfe",
        b";",
        b"\t",
        b"\n",
        b"-1",
        b"NaN",
        b"1e9",
        "王伟".encode(),
        b"9" * 30,
    ]
)


@settings(max_examples=MANY, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(sorted(FILES)), st.lists(st.tuples(st.integers(0, 3000), CELLS), min_size=1, max_size=6))
def test_damaged_files_end_in_faults_or_in_a_whole_kit(name: str, spots: list[tuple[int, bytes]]) -> None:
    body = FILES[name]
    for place, cell in spots:
        body = body[: place % len(body)] + cell + body[place % len(body) :]
    found = read({name: body})

    assert (found.kit is None) == bool(found.faults or found.people)
    if found.kit is not None:
        assert dumped(loaded(dumped(found.kit))) == dumped(found.kit)


@settings(max_examples=MANY, deadline=None)
@given(st.binary(max_size=400))
def test_any_bytes_end_in_faults(body: bytes) -> None:
    found = intake.read({"products.csv": body, "orders.csv": body, "kit.yaml": body}, TODAY)

    assert found.kit is None
    assert found.faults or found.people
    intake.unpacked(body)
