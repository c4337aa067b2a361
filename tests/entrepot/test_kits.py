"""`entrepot kit`: empty files are written once, a filled kit is checked, and nothing is kept."""

from __future__ import annotations

from pathlib import Path

import pytest

from curriculum.exchange import archive
from curriculum.kits import blank
from entrepot import cli
from tests.curriculum.kits import builders


@pytest.fixture
def place(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    found = tmp_path / "kit"
    assert cli.main(["kit", "template", str(found)]) == 0
    assert "take it out" in capsys.readouterr().out
    return found


def test_the_empty_files_are_written_into_an_empty_place_alone(
    place: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert {path.name for path in place.iterdir()} == set(blank.files())
    assert cli.main(["kit", "template", str(place)]) == 1
    assert "is not empty; name an empty directory" in capsys.readouterr().err
    (tmp_path / "file").write_text("x")
    assert cli.main(["kit", "template", str(tmp_path / "file")]) == 1


def test_a_kit_in_order_says_what_it_can_be_asked(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name, body in builders.files().items():
        (place / name).write_bytes(body)
    assert cli.main(["kit", "check", str(place)]) == 0
    assert "Kinds of question that it can be asked: 14" in capsys.readouterr().out
    packed = place.parent / "kit.zip"
    packed.write_bytes(archive.pack({path.name: path.read_bytes() for path in place.iterdir()}))
    assert cli.main(["kit", "check", str(packed)]) == 0


def test_what_is_wrong_is_said_by_file_line_and_column(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = builders.files()
    (place / "products.csv").write_bytes(files["products.csv"].replace(b"4.10", b"4,10,"))
    (place / "orders.csv").write_bytes(files["orders.csv"].replace(b"S-40000", b"li.na@example.com"))
    assert cli.main(["kit", "check", str(place)]) == 1
    out = capsys.readouterr().out
    assert "orders.csv, line 2, order_id: Personal data: an e-mail address" in out
    assert "products.csv, line 2: The line has more cells than there are heads" in out
    assert "li.na" not in out
    assert cli.main(["kit", "check", str(place), "--language", "zh"]) == 1
    assert "个人信息：电子邮箱" in capsys.readouterr().out


def test_a_kit_of_rare_orders_a_broken_zip_and_no_kit_at_all_are_refused(
    place: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    lines = builders.files()["orders.csv"].decode().replace("\r\n", "\n").split("\n")
    codes = ("AT", "BE", "BG", "CY", "CZ", "DK", "EE", "ES")
    rows = [line.split(",") for line in lines[1:22]]
    spread = [",".join([*row[:4], codes[at % 8], *row[5:]]) for at, row in enumerate(rows)]
    for name, body in builders.files().items():
        (place / name).write_bytes(body)
    (place / "orders.csv").write_text("\n".join([lines[0], *dict.fromkeys(spread)]))
    assert cli.main(["kit", "check", str(place)]) == 1
    out = capsys.readouterr().out
    assert "Too few orders are left" in out or "another day or country" in out
    (tmp_path / "bad.zip").write_bytes(b"PK\x03\x04")
    assert cli.main(["kit", "check", str(tmp_path / "bad.zip")]) == 1
    assert "unpacked safely" in capsys.readouterr().out
    assert cli.main(["kit", "check", str(tmp_path / "gone")]) == 1
