"""The words of the pages, in English and Chinese, by id; and which of the two a page speaks. Floor 3.

A count has two forms in English (`id.one`, `id.other`); both catalogues carry both, so that their keys are the same.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path

LANGUAGES = ("en", "zh")
HTML_LANG = {"en": "en", "zh": "zh-Hans"}
NBSP = "\N{NO-BREAK SPACE}"

Say = Callable[..., str]


@cache
def catalogue(language: str) -> Mapping[str, str]:
    """Every text of a language, by id."""
    text = (Path(__file__).parent / "locales" / f"{language}.json").read_text(encoding="utf-8")
    loaded: dict[str, str] = json.loads(text)
    return loaded


@cache
def speaker(language: str) -> Say:
    """How to say something: `say(id, **values)`; a value `count` chooses between the two forms.

    The returned function raises KeyError for an id or a value that does not exist: that is a slip of ours.
    """
    texts = catalogue(language)

    def say(id_: str, **values: object) -> str:
        if "count" in values and id_ not in texts:
            id_ = f"{id_}.one" if values["count"] == 1 else f"{id_}.other"
        return texts[id_].format_map(values)

    return say


def choose(*wishes: str | None) -> str:
    """The first wish that names a language of ours, such as "zh-CN"; English if none does."""
    for wish in wishes:
        primary = (wish or "").replace("_", "-").lower().partition("-")[0]
        if primary in LANGUAGES:
            return primary
    return "en"
