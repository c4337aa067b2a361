"""The manifest of a kit: what it is called, in which currency, and who allowed its use. Floor 1.

It comes as `kit.yaml` or as a form; both give the same fields, and both are looked through for personal data.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import yaml

from curriculum import pasted
from curriculum.kits import faults
from curriculum.kits.cells import FORMULA
from curriculum.kits.columns import MANIFEST
from curriculum.kits.faults import Fault
from curriculum.kits.kit import CURRENCIES, LICENCES, Manifest
from curriculum.practice import shop_people

BYTES = 8_000
TITLE, PERMISSION = 80, 300
SAFETY = 120
FIELDS = ("title_en", "title_zh", "currency", "home", "licence", "permission", "safety_days")
DEEPEST = 4


def fields(body: bytes) -> Mapping[str, str] | Fault:
    """The fields of a manifest file.

    Args:
        body: YAML in UTF-8: `title {en, zh}`, `currency`, `home`, `licence`, `permission`, `safety_days`.
    """
    if len(body) > BYTES:
        return Fault(MANIFEST, 0, "", "manifest_size")
    try:
        text = body.decode("utf-8-sig")
        data = pasted.load(text, DEEPEST)
    except (UnicodeDecodeError, yaml.YAMLError, ValueError, RecursionError, TypeError, AttributeError):
        return Fault(MANIFEST, 0, "", "manifest_yaml")
    if not isinstance(data, dict):
        return Fault(MANIFEST, 0, "", "manifest_yaml")
    title = data.get("title")
    named = title if isinstance(title, dict) else {}
    flat: dict[str, Any] = {**data, "title_en": named.get("en"), "title_zh": named.get("zh")}
    return {name: "" if flat.get(name) is None else str(flat[name]).strip() for name in FIELDS}


def read(given: Mapping[str, str]) -> tuple[Manifest | None, tuple[Fault, ...], tuple[Fault, ...]]:
    """A manifest from its fields, or everything that is wrong with them.

    Args:
        given: By name, `FIELDS`; what is not there counts as empty.
    """
    texts = {name: given.get(name, "").strip() for name in FIELDS}
    wrong = [Fault(MANIFEST, 0, name, kind) for name in FIELDS if (kind := _wrong(name, texts[name]))]
    people = tuple(
        faults.person(MANIFEST, 0, name, kind) for name in FIELDS if (kind := shop_people.of_cell(texts[name]))
    )
    if wrong or people:
        return None, tuple(wrong), people
    made = Manifest(
        {"en": texts["title_en"], "zh": texts["title_zh"]},
        texts["currency"].upper(),
        texts["home"].upper(),
        texts["licence"],
        texts["permission"],
        int(texts["safety_days"] or "7"),
    )
    return made, (), ()


def _wrong(name: str, text: str) -> str:
    if name.startswith("title"):
        return "" if text and _fine(text, TITLE) else "title"
    if name == "permission":
        return "" if text and _fine(text, PERMISSION) else "permission"
    if name == "currency":
        return "" if text.upper() in CURRENCIES else "currency"
    if name == "home":
        return "" if len(text) == 2 and text.isascii() and text.isalpha() else "country"
    if name == "licence":
        return "" if text in LICENCES else "licence"
    short = text.isascii() and text.isdigit() and len(text) < 4
    return "" if not text or (short and int(text) <= SAFETY) else "safety"


def _fine(text: str, most: int) -> bool:
    return len(text) <= most and text.isprintable() and not text.startswith(FORMULA) and not set(text) & set("<>{}")
