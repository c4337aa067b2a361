"""What a docstring shows is what the code answers, in every room."""

import doctest
import importlib

import pytest

from tests.house.conftest import ROOMS, ROOT

SHOWING = [
    ".".join(path.relative_to(ROOT).with_suffix("").parts)
    for room in ROOMS
    for path in sorted((ROOT / room).rglob("*.py"))
    if ">>> " in path.read_text(encoding="utf-8")
]


@pytest.mark.parametrize("name", SHOWING)
def test_what_a_docstring_shows_is_what_the_code_answers(name):
    found = doctest.testmod(importlib.import_module(name))

    assert found.attempted > 0
    assert found.failed == 0
