from __future__ import annotations

import re
import string
from pathlib import Path

import pytest

from lti_tool import errors, texts
from lti_tool.pages import bar

TEMPLATES = Path(texts.__file__).parent / "templates"
ROOM = Path(texts.__file__).parent


def holes(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_both_catalogues_have_the_same_keys() -> None:
    assert texts.catalogue("en").keys() == texts.catalogue("zh").keys()


def test_no_text_is_empty() -> None:
    assert [key for language in texts.LANGUAGES for key, text in texts.catalogue(language).items() if not text] == []


def test_a_translation_fills_no_hole_that_the_other_lacks() -> None:
    """Chinese may name a count that English says by its form, so the sets need only overlap in one direction."""
    spoken = {"count", "answers", "enough", "total"}
    different = {
        key for key, text in texts.catalogue("en").items() if (holes(text) ^ holes(texts.catalogue("zh")[key])) - spoken
    }

    assert different == set()


def test_every_counted_text_has_both_forms() -> None:
    keys = texts.catalogue("en").keys()
    forms = {key.rpartition(".")[0] for key in keys if key.endswith((".one", ".other"))}

    assert [name for name in forms if not {f"{name}.one", f"{name}.other"} <= keys] == []


@pytest.mark.parametrize("code", sorted(errors.CODES))
def test_every_refusal_has_its_words(code: str) -> None:
    assert {f"error.{code}.what", f"error.{code}.right"} <= texts.catalogue("zh").keys()


def test_every_part_of_a_chance_has_its_words() -> None:
    assert {f"part.{name}" for name in bar.KINDS} <= texts.catalogue("en").keys()


def test_every_text_is_used_somewhere() -> None:
    source = "\n".join(path.read_text(encoding="utf-8") for path in [*ROOM.rglob("*.py"), *TEMPLATES.glob("*.html")])
    literal = set(re.findall(r"[\"']([a-z_]+(?:\.[a-z_0-9]+)*)[\"']", source))
    stems = tuple(re.findall(r"[\"']([a-z_]+(?:\.[a-z_]+)*\.)(?:[\"']|\{)", source))
    unused = {
        key
        for key in texts.catalogue("en")
        if key not in literal
        and key.removesuffix(".one").removesuffix(".other") not in literal
        and not key.startswith(stems)
    }

    assert unused == set()


def test_chinese_uses_its_own_punctuation() -> None:
    chinese = re.compile(r"[一-鿿][,;:!?]|[,;:!?][一-鿿]")

    assert [key for key, text in texts.catalogue("zh").items() if chinese.search(text)] == []


def test_no_text_shouts_or_blames() -> None:
    blame = re.compile(r"[!！]|\bwrong!|错误！|failed|fail\b", re.IGNORECASE)

    assert [
        key for language in texts.LANGUAGES for key, text in texts.catalogue(language).items() if blame.search(text)
    ] == []


@pytest.mark.parametrize(
    ("wishes", "language"),
    [
        (("zh-CN",), "zh"),
        (("zh_Hans_CN",), "zh"),
        (("ZH",), "zh"),
        (("en-GB", "zh"), "en"),
        (("fr", "zh"), "zh"),
        (("", None, "fr"), "en"),
        ((), "en"),
    ],
)
def test_the_first_language_that_we_speak_is_taken(wishes: tuple[str | None, ...], language: str) -> None:
    assert texts.choose(*wishes) == language


def test_a_count_of_one_has_its_own_form() -> None:
    say = texts.speaker("en")

    assert [say("meter.answers", count=count) for count in (1, 2)] == [" · 1 answer", " · 2 answers"]


def test_a_text_that_does_not_exist_is_an_error() -> None:
    with pytest.raises(KeyError):
        texts.speaker("en")("no.such.text")
