"""One Chinese word a thing, and one way to set it: docs/glossary.md in what learners and instructors read."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from curriculum import catalog
from tests.house.conftest import ROOT

GLOSSARY = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8").partition("\n## In Chinese\n")[2]
HAN = "\u4e00-\u9fff"
SET = {
    "a space between Chinese and Latin": rf"[{HAN}][A-Za-z0-9]|[A-Za-z0-9%][{HAN}]",
    "full-width punctuation": rf"[{HAN}][,;:?!(]|[,;?!)][{HAN}]",
    "no space beside full-width punctuation": r" [，。；：、！？]|[，。；：、！？] ",
    "a percent sign without a space": r"\d %",
    "the currency behind its amount": r"(?<![A-Za-z])(?:EUR|USD|GBP|CNY) ?[0-9{]",
}


def forbidden() -> dict[str, str]:
    """The words of the second column, each with the word of the first."""
    found = {}
    for row in re.findall(r"^\| ([^|]+) \| ([^|]+) \| [^|]+ \|$", GLOSSARY, re.MULTILINE):
        found |= {wrong: row[0] for wrong in row[1].split("、") if re.search(f"[{HAN}]", wrong)}
    return found


def chinese(data: Any, path: str) -> Iterator[tuple[str, str]]:
    """Every text in Chinese, with where it stands."""
    if isinstance(data, dict):
        for key, value in data.items():
            if key == "zh" and isinstance(value, str):
                yield path, value
            else:
                yield from chinese(value, f"{path}.{key}")
    elif isinstance(data, list):
        for number, value in enumerate(data):
            yield from chinese(value, f"{path}[{number}]")


def texts() -> list[tuple[str, str]]:
    found = []
    for file in sorted((ROOT / "curriculum" / "data").rglob("*.yaml")):
        if "world" not in file.parts:  # texts of the tariff are those of the customs
            data = yaml.load(file.read_text(encoding="utf-8"), Loader=catalog.Loader)
            found += chinese(data, file.name)
    pages = json.loads((ROOT / "lti_tool" / "locales" / "zh.json").read_text(encoding="utf-8"))
    return found + [(f"zh.json {key}", text) for key, text in pages.items()]


TEXTS = texts()


def against(wrong: str) -> list[tuple[str, str]]:
    return [(path, text) for path, text in TEXTS if re.search(wrong, text)]


def test_the_table_is_read() -> None:
    assert forbidden()["承运商"] == "承运人"
    assert len(TEXTS) > 10_000


def test_one_chinese_word_a_thing() -> None:
    words = forbidden()

    assert [(words[wrong], *found) for wrong in words for found in against(wrong)] == []


def test_pages_say_you_as_to_one_whom_they_know() -> None:
    assert [path for path, text in TEXTS if path.startswith("zh.json") and "您" in text] == []


@pytest.mark.parametrize("rule", SET)
def test_chinese_is_set_in_one_way(rule: str) -> None:
    assert against(SET[rule]) == []
