"""The files of the almanac."""

from __future__ import annotations

from importlib import resources

from curriculum.almanac import pages


def test_what_is_frozen_stays_small() -> None:
    """Half a megabyte as it stands; the wheel packs it to a third."""
    folder = resources.files("curriculum").joinpath("data", "world")

    assert sum(len(file.read_bytes()) for file in folder.iterdir()) < 512 * 1024


def test_rows_come_by_column() -> None:
    assert pages.rows("vat_reduced.csv")[0] == {"country": "AT", "reduced": "13 10 4.9"}
