"""The empty files of a kit and the example of the documentation are what the reader takes."""

from __future__ import annotations

from pathlib import Path

import yaml

from curriculum import catalog as catalogs
from curriculum.kits import blank, cases, columns, intake, own
from tests.curriculum.kits import builders
from tests.curriculum.kits.builders import TODAY

DOCS = Path(__file__).parents[3] / "docs"


def test_the_empty_files_have_every_head_and_one_line_that_is_read() -> None:
    made = blank.files()
    assert set(made) == {columns.MANIFEST, *(f"{name}.csv" for name in columns.FILES)}
    found = intake.read(made, TODAY)

    assert [(one.file, one.kind) for one in found.faults] == [("orders", "few")]
    assert found.people == ()


def test_the_example_of_the_documentation_is_a_kit_of_invented_figures_that_can_be_asked_everything() -> None:
    files = {path.name: path.read_bytes() for path in (DOCS / "kit").iterdir()}
    found = intake.read(files, TODAY)

    assert found.kit is not None
    assert cases.askable(found.kit) == tuple(cases.MAKERS)
    assert {name: body.replace(b"\r\n", b"\n") for name, body in builders.files().items()} == {
        name: body for name, body in files.items() if name != columns.MANIFEST
    }
    assert "invented" in files[columns.MANIFEST].decode()


def test_the_case_of_the_documentation_is_one() -> None:
    page = (DOCS / "curriculum.md").read_text(encoding="utf-8")
    block = next(part for part in page.split("```yaml\n")[1:] if part.startswith("cases:"))
    (document,) = yaml.safe_load(block.partition("```")[0])["cases"]

    assert own.problems(document, catalogs.load("cbec")) == []
    assert own.blurs(document, TODAY, catalogs.load("cbec")) == ()


def test_the_documentation_names_every_column() -> None:
    page = (DOCS / "curriculum.md").read_text(encoding="utf-8")
    for name, listed in columns.COLUMNS.items():
        row = next(line for line in page.splitlines() if line.startswith(f"| `{name}.csv`"))
        assert all(f"`{one.name}`" in row for one in listed), name
        needed = row.split("|")[2]
        assert [f"`{one}`" in needed for one in columns.needed(name)].count(False) == 0
