"""Assessments of QTI 1.2 as Common Cartridge has them: each item as a draft of a question of the bank. Floor 1.

1EdTech Common Cartridge 1.0 to 1.3, "CC profile of QTI 1.2.1": multiple choice, multiple response, true or false, and
filling in a blank. An essay is decided by a person and a pattern by a program, so neither is a question here. What is
wrong with one item leaves that item out, by file and line, and no other.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from curriculum.exchange import hypertext, plain
from curriculum.exchange.markup import Node
from curriculum.practice.task import CHOICE, SEVERAL, TEXT

ROOT = "questestinterop"
MOST_ITEMS, MOST_CHOICES = 1000, 12
LONGEST = 4000
"""Letters of a question."""
ESSAY, PATTERN, NO_KEY, UNASKED, MANY, TWICE, STRANGE, LOST, LONG, BEYOND = REASONS = (
    "essay", "pattern", "no_key", "unasked", "many", "twice", "strange", "lost", "long", "beyond",
)  # fmt: skip
"""Why an item is left out: a person decides it; a pattern decides it; no right answer; nothing asked; too many choices;
an identifier that stands twice; a form that is not taken in; a picture or a film in it; too long; too many items."""
_ESSAY, _PATTERN = "cc.essay", "cc.pattern_match"
_MEDIA = ("matimage", "mataudio", "matvideo", "matapplet", "matapplication")


@dataclass(frozen=True)
class Asked:
    """An item that was read: its identifier, its line, and the question in one language as the bank has it."""

    identifier: str
    line: int
    question: Mapping[str, Any]


@dataclass(frozen=True)
class Unread:
    """An item that was not: its identifier, its line, and one of `REASONS`."""

    identifier: str
    line: int
    reason: str


class _UnfitError(ValueError):
    """Why an item is left out: one of `REASONS`."""


def read(root: Node, language: str) -> tuple[str, list[Asked], list[Unread]]:
    """Read an assessment or a bank of items.

    Args:
        root: The document, `questestinterop`.
        language: "en" or "zh": of its texts.

    Returns:
        Its title, the items that were read, and those that were not.
    """
    whole = root.first("assessment", "objectbank")
    asked: list[Asked] = []
    unread: list[Unread] = []
    seen: set[str] = set()
    for place, item in enumerate(root.every("item")):
        name = item.get("ident")[:80] or f"{place + 1}"
        try:
            _fit(TWICE, holds=name in seen)
            _fit(BEYOND, holds=place >= MOST_ITEMS)
            asked.append(Asked(name, item.line, _item(item, language)))
        except _UnfitError as unfit:
            unread.append(Unread(name, item.line, str(unfit)))
        seen.add(name)
    return ("" if whole is None else whole.get("title")), asked, unread


def _item(item: Node, language: str) -> Mapping[str, Any]:
    """The question of an item.

    Raises:
        _UnfitError: It is left out.
    """
    shown, profile = item.first("presentation"), _profile(item)
    answers = () if shown is None else tuple(shown.every("response_lid", "response_str", "response_num", "response_xy"))
    ask = hypertext.read("" if shown is None else "\n".join(_materials(shown)))
    for reason, holds in (
        (ESSAY, profile.startswith(_ESSAY)),
        (PATTERN, profile.startswith(_PATTERN)),
        (STRANGE, shown is None or len(answers) != 1),
        (LOST, bool(ask.lost) or (shown is not None and shown.first(*_MEDIA) is not None)),
        (UNASKED, not ask.text),
        (LONG, len(ask.text) > LONGEST),
    ):
        _fit(reason, holds=holds)
    told = _Told.of(item)
    made = _chosen(answers[0], told, language) if answers[0].name == "response_lid" else _written(answers[0], told)
    why = told.general()
    explained = {"explanation": {language: plain.doubled(why)}} if why else {}
    return {**made, "ask": {language: plain.doubled(ask.text)}, **explained}


def _fit(reason: str, *, holds: bool) -> None:
    """Leave an item out where a reason holds."""
    if holds:
        raise _UnfitError(reason)


def _profile(item: Node) -> str:
    for field in item.every("qtimetadatafield"):
        label, entry = field.first("fieldlabel"), field.first("fieldentry")
        if label is not None and entry is not None and _flat(label) == "cc_profile":
            return _flat(entry)
    return ""


def _chosen(answer: Node, told: _Told, language: str) -> Mapping[str, Any]:
    labels = list(answer.every("response_label"))
    names = [one.get("ident") for one in labels]
    if not 2 <= len(labels) <= MOST_CHOICES:
        raise _UnfitError(MANY if labels else STRANGE)
    if len(set(names)) < len(names) or "" in names:
        raise _UnfitError(TWICE)
    rights = [name for name in names if name in told.rights()]
    several = answer.get("rcardinality").lower() == "multiple"
    if not rights or (not several and len(rights) > 1):
        raise _UnfitError(NO_KEY)
    options = [
        _option(one, right=name in rights, why=told.of_answer(name), language=language)
        for one, name in zip(labels, names, strict=True)
    ]
    return {"form": SEVERAL if several else CHOICE, "options": options}


def _option(label: Node, *, right: bool, why: str, language: str) -> Mapping[str, Any]:
    text = hypertext.read("\n".join(_materials(label)))
    if text.lost or not text.text or label.first(*_MEDIA) is not None:
        raise _UnfitError(LOST)
    option = {"text": {language: plain.doubled(text.text)}}
    return option | ({"right": True} if right else {"why": {language: plain.doubled(why)}} if why else {})


def _written(answer: Node, told: _Told) -> Mapping[str, Any]:
    rights = list(told.rights())
    if answer.first("render_fib") is None:
        raise _UnfitError(STRANGE)
    if not rights:
        raise _UnfitError(NO_KEY)
    return {"form": TEXT, "accept": rights}


@dataclass(frozen=True)
class _Told:
    """What the processing of an item says: each condition with its answers, whether it gives points, what it shows."""

    rules: tuple[tuple[tuple[str, ...], bool, tuple[str, ...]], ...]
    said: Mapping[str, str]

    @staticmethod
    def of(item: Node) -> _Told:
        rules = []
        for condition in item.every("respcondition"):
            asked = condition.first("conditionvar")
            values = tuple(_values(asked)) if asked is not None else ()
            points = any(_flat(one) not in {"", "0", "0.0"} for one in condition.every("setvar"))
            shown = tuple(one.get("linkrefid") for one in condition.every("displayfeedback"))
            rules.append((values, points, shown))
        said = {one.get("ident"): hypertext.read("\n".join(_materials(one))).text for one in item.every("itemfeedback")}
        return _Told(tuple(rules), said)

    def rights(self) -> dict[str, None]:
        """Answers for which there are points, in their order."""
        return {value: None for values, points, _ in self.rules if points for value in values}

    def of_answer(self, name: str) -> str:
        """What is said to one answer."""
        shown = (one for values, points, shown in self.rules if not points and values == (name,) for one in shown)
        return next((text for one in shown if (text := self.said.get(one, ""))), "")

    def general(self) -> str:
        """What is said to the right answer, or to every one."""
        shown = [one for values, points, shown in self.rules if points or not values for one in shown]
        return next((text for one in (*shown, "correct_fb", "general_fb") if (text := self.said.get(one, ""))), "")


def _values(node: Node) -> Iterator[str]:
    """Answers that a condition asks for; what stands below a negation is not asked for."""
    for child in node.elements:
        if child.name in {"varequal", "varsubstring"}:
            value = _flat(child)
            if value:
                yield value[:200]
        elif child.name != "not":
            yield from _values(child)


def _materials(node: Node) -> Iterator[str]:
    """Texts of an element as HTML, without those of answers below it."""
    for child in node.elements:
        if child.name == "mattext":
            text = "".join(one for one in child.children if isinstance(one, str))
            kind = child.get("texttype").lower() or "text/plain"
            yield text if kind == "text/html" else _escaped(text)
        elif not child.name.startswith(("response_", "render_")) or child.name == "response_label":
            yield from _materials(child)


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace("\n", "<br>")


def _flat(node: Node) -> str:
    return " ".join("".join(one for one in node.children if isinstance(one, str)).split())
