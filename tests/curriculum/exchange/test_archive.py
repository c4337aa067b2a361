"""Zip files: read within bounds, written the same way every time."""

from __future__ import annotations

import io
import zipfile

import pytest

from curriculum import errors
from curriculum.exchange import archive
from curriculum.exchange.archive import Limits


def zipped(files, **options):
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", **options) as package:
        for name, content in files:
            package.writestr(name, content)
    return target.getvalue()


def refused(data, limits=archive.LIMITS):
    with pytest.raises(errors.ExchangeRefused) as caught:
        archive.unpack(data, "x.zip", limits)
    return str(caught.value)


def test_what_is_packed_comes_back_in_its_order():
    files = {"b/中.xml": b"1", "a.xml": b"", "c": b"\x00" * 5000}

    assert list(archive.unpack(archive.pack(files), "x.zip").items()) == list(files.items())
    assert archive.pack(files) == archive.pack(files)
    assert archive.is_zip(archive.pack(files))
    assert not archive.is_zip(b"<a/>")


def test_folders_are_no_files():
    assert archive.unpack(zipped([("a/", b""), ("a/x", b"1")]), "x.zip") == {"a/x": b"1"}


@pytest.mark.parametrize("name", ["../x", "a/../../x", "/etc/x", "C:/x", "a\\..\\x"])
def test_a_path_that_leads_out_is_refused(name):
    assert "leads out of the package" in refused(zipped([(name, b"1")]))


def test_a_link_to_a_file_elsewhere_is_refused():
    info = zipfile.ZipInfo("x")
    info.external_attr = 0o120777 << 16

    assert "'x' is a link to another file" in refused(zipped([(info, b"/etc/passwd")]))


def test_a_path_that_stands_twice_is_refused():
    with pytest.warns(UserWarning, match="Duplicate name"):
        data = zipped([("x", b"1"), ("x", b"2")])

    assert "it holds 'x' twice" in refused(data)


def test_a_bomb_is_refused_by_its_ratio_before_it_is_unpacked():
    data = zipped([(f"{number}", b"\x00" * 2**20) for number in range(20)], compression=zipfile.ZIP_DEFLATED)

    assert len(data) < 30_000
    assert "unpacks to more than" in refused(data)


def test_sizes_and_counts_are_bounded():
    data = zipped([("a", b"12345"), ("b", b"12345")])

    assert "it holds 2 files; a package may hold 1" in refused(data, Limits(files=1))
    assert "'a' unpacks to more than 4 bytes" in refused(data, Limits(one=4))
    assert "'b' unpacks to more than 3 bytes" in refused(data, Limits(total=8))
    assert "a package may have 9" in refused(data, Limits(packed=9))
    assert archive.unpack(data, "x.zip", Limits(files=2, one=5, total=10))


def test_what_is_no_whole_zip_is_refused():
    whole = zipped([("a", b"1" * 100)])
    damaged = bytearray(whole)
    damaged[40] ^= 0xFF

    assert all("no whole zip" in refused(data) for data in (b"", b"PK", whole[:-5], bytes(damaged)))


def test_a_zip_whose_parts_lie_where_nothing_can_lie_is_refused():
    data = bytearray(zipped([("a", b"1" * 100)]))
    end = data.index(b"PK\x05\x06")
    data[end + 12 : end + 16] = (0xFFFFFF).to_bytes(4, "little")

    assert "no whole zip" in refused(bytes(data))


def test_an_encrypted_zip_is_refused():
    data = bytearray(zipped([("a", b"1")]))
    data[6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1

    assert "without a password" in refused(bytes(data))


def test_a_zip_without_files_is_refused():
    assert "it holds no file" in refused(zipped([]))
