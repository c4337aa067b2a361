"""YAML from outside: plain data, or a line and what would be right."""

from __future__ import annotations

import pytest
import yaml

from curriculum import pasted


def test_a_plain_document_is_read() -> None:
    assert pasted.load("cases:\n- {id: a, name: {en: A}}\n", 4) == {"cases": [{"id": "a", "name": {"en": "A"}}]}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("a: &x [1]\nb: *x\n", r"line 2: it uses an alias"),
        ("a:\n- [[1]]\n", "line 2: more than 3 lists"),
        ("[" * 100_000, "line 1: more than 3 lists"),
    ],
)
def test_what_a_tree_cannot_hold_is_refused_with_its_line(text: str, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        pasted.load(text, 3)


def test_what_is_no_yaml_is_said_by_its_reader() -> None:
    with pytest.raises(yaml.YAMLError):
        pasted.load("a: [1", 3)
