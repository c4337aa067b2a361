"""The page of the founding papers names each of their statements once, and every test that it names exists."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

from tests.house.conftest import ROOT

TEXT = (ROOT / "docs" / "statements.md").read_text(encoding="utf-8")
SHOWN, MISSING = TEXT.split("\n## Not yet\n")
COUNT = 77
"""How many statements the two papers make."""
WORDS = 5
"""A reason says something from here on."""


def rows(text: str) -> list[list[str]]:
    """The cells of every row that begins with a number."""
    lines = re.findall(r"^\| \d+ \|.*\|$", text, re.MULTILINE)
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


@cache
def proofs_in(path: Path) -> frozenset[str]:
    """The names of the tests of a file; of one that is not there, none."""
    if not path.is_file():
        return frozenset()
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return frozenset(
        node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    )


def test_every_statement_stands_once():
    numbers = [int(cells[0]) for cells in rows(TEXT)]

    assert sorted(numbers) == list(range(1, COUNT + 1))


@pytest.mark.parametrize("part", [SHOWN, MISSING], ids=["shown", "not yet"])
def test_statements_stand_in_their_order(part):
    numbers = [int(cells[0]) for cells in rows(part)]

    assert numbers == sorted(numbers)


@pytest.mark.parametrize("cells", rows(SHOWN), ids=lambda cells: cells[0])
def test_what_is_shown_is_proved_by_tests_that_exist(cells):
    _, _, _, where, proof = cells
    named = re.findall(r"`(tests/[\w/]+\.py)::(test_\w+)`", proof)

    assert where
    assert named
    assert proof == "<br>".join(f"`{path}::{name}`" for path, name in named)
    assert [(path, name) for path, name in named if name not in proofs_in(ROOT / path)] == []


def test_what_is_not_shown_says_what_is_missing():
    """All are shown by now, or few are not: no parameter, for a test without any is skipped."""
    reasons = {cells[0]: cells[3] for cells in rows(MISSING)}

    assert {number: reason for number, reason in reasons.items() if len(reason.split()) < WORDS} == {}
