"""The form of an own case: what was typed becomes plain data of a case, and plain data fills the form. Floor 3.

What is wrong with what was typed `curriculum.kits.own` says, so nothing is refused here. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import yaml

from curriculum import check, errors, pasted
from curriculum.kits import own, strung
from curriculum.kits.templates import FIELDS, ROW, ROWS, WORDS, Field

Plain = dict[str, Any]
LANGUAGES = check.LANGUAGES
LONGEST = 4000
MOST = 100
"""Cases of one file."""
BAR = " | "
BYTES = 200_000
DEEPEST = 8


@dataclass(frozen=True)
class Typed:
    """What a form holds: its template, fields by name, and the kinds of question that were ticked."""

    template: str
    values: Mapping[str, str]
    asked: tuple[str, ...] = ()


def typed(form: Mapping[str, str], asked: Sequence[str]) -> Typed:
    """What came with a form.

    Args:
        form: Its fields.
        asked: Kinds of question that were ticked.
    """
    template = form.get("template", "")
    values = {name: value.strip()[:LONGEST] for name, value in form.items() if name not in {"bearer", "act"}}
    return Typed(template if template in own.TEMPLATES else own.TEMPLATES[0], values, tuple(asked))


def blank(template: str) -> Typed:
    """A form with an example in each field, so that it can be tried at once.

    Args:
        template: One of `own.TEMPLATES`.
    """
    values: dict[str, str] = {"template": template}
    for field in FIELDS.get(template, ()):
        _fill(values, field.name, field, field.example)
    if template == "eu_import":
        for field in ROW:
            _fill(values, f"row_0_{field.name}", field, field.example)
    return Typed(template, values)


def _fill(values: dict[str, str], name: str, field: Field, text: str) -> None:
    if field.kind == WORDS:
        values |= {f"{name}_{language}": part for language, part in zip(LANGUAGES, text.split("|"), strict=False)}
    elif text:
        values[name] = text


def filled(document: Mapping[str, Any]) -> Typed:
    """The form of a case that is there.

    Args:
        document: As it is kept.
    """
    values: dict[str, str] = {"id": document["id"], "template": document["template"]}
    for name in ("name", "story"):
        values |= {f"{name}_{language}": (document.get(name) or {}).get(language, "") for language in LANGUAGES}
    figures = document.get("figures") or {}
    for field in FIELDS.get(document["template"], ()):
        _put(values, field.name, field, figures.get(field.name))
    for place, row in enumerate(document.get("rows") or ()):
        for field in ROW:
            _put(values, f"row_{place}_{field.name}", field, row.get(field.name))
    values["kit"] = str(document.get("kit") or "")
    values["questions"] = "\n".join(map(str, document.get("questions") or ()))
    values["papers"] = "\n\n".join(_paper(one) for one in document.get("papers") or ())
    return Typed(document["template"], values, tuple(document.get("asked") or ()))


def _put(values: dict[str, str], name: str, field: Field, value: Any) -> None:
    if field.kind == WORDS:
        values |= {f"{name}_{language}": str((value or {}).get(language, "")) for language in LANGUAGES}
    else:
        values[name] = "" if value is None else str(value)


def document(form: Typed, token: str) -> Plain:
    """A case as plain data.

    Args:
        form: What was typed.
        token: A new unguessable text, for the id of a case that has none.
    """
    values = form.values
    made: Plain = {"id": values.get("id") or _id(values.get("name_en", ""), token), "template": form.template}
    made["name"] = _words(values, "name")
    story = _words(values, "story")
    if any(story.values()):
        made["story"] = story
    if form.template == own.KIT:
        return {**made, "kit": values.get("kit", ""), **({"asked": list(form.asked)} if form.asked else {})}
    if form.template == strung.TEMPLATE:
        made["questions"] = values.get("questions", "").split()
        papers = [part for part in re.split(r"\n\s*\n", values.get("papers", "").replace("\r\n", "\n")) if part.strip()]
        return {**made, **({"papers": [_read_paper(one) for one in papers]} if papers else {})}
    made["figures"] = {
        field.name: _words(values, field.name) if field.kind == WORDS else values.get(field.name, "")
        for field in FIELDS[form.template]
        if not field.optional or values.get(field.name)
    }
    if form.template == "eu_import":
        made["rows"] = [
            {field.name: _of(values, f"row_{place}_{field.name}", field) for field in ROW}
            for place in range(ROWS)
            if any(values.get(f"row_{place}_{name}") for name in ("name_en", "name_zh", "hs", "pieces", "price"))
        ]
    return made


def _paper(document: Mapping[str, Any]) -> str:
    """A document as lines: its title, then a row each, the parts between bars."""
    title = BAR.join(document["title"][language] for language in LANGUAGES)
    rows = [BAR.join([*(row[0][one] for one in LANGUAGES), *_figure(row[1])]) for row in document["rows"]]
    return "\n".join([title, *rows])


def _figure(cell: Mapping[str, str]) -> list[str]:
    """A cell once where it is the same in both languages."""
    return list(dict.fromkeys(cell[one] for one in LANGUAGES))


def _read_paper(text: str) -> Plain:
    """A document from its lines; what is missing stays empty, and is named by the check."""
    first, *rest = [[part.strip() for part in line.split("|")] for line in text.strip().split("\n")]
    return {"title": _pair(first), "rows": [[_pair(line[:2]), _pair(line[2:4], same=True)] for line in rest]}


def _pair(parts: Sequence[str], *, same: bool = False) -> dict[str, str]:
    first = parts[0] if parts else ""
    return {"en": first, "zh": parts[1] if len(parts) > 1 else first if same else ""}


def _of(values: Mapping[str, str], name: str, field: Field) -> Any:
    return _words(values, name) if field.kind == WORDS else values.get(name, "")


def _words(values: Mapping[str, str], name: str) -> dict[str, str]:
    return {language: values.get(f"{name}_{language}", "") for language in LANGUAGES}


def _id(name: str, token: str) -> str:
    """An id that a person can read, and nobody else's."""
    words = re.sub(r"[^a-z0-9]+", "-", name.casefold()).strip("-")[:40]
    end = "".join(one for one in token.casefold() if one.isascii() and one.isalnum())[:6]
    return f"{own.OWN}{words}-{end}" if words else f"{own.OWN}{end}"


def dumped(documents: Sequence[Mapping[str, Any]]) -> str:
    """Cases as YAML that can be changed and brought back; those that stand for a whole kit stay with it."""
    listed = [dict(one) for one in documents if str(one["id"]).startswith(own.OWN)]
    text: str = yaml.safe_dump({"cases": listed}, allow_unicode=True, sort_keys=False, width=140)
    return text


def loaded(text: str, where: str) -> list[Any]:
    """Cases of a YAML document, of any type; `own.problems` says what is wrong with each.

    Args:
        text: What was pasted or uploaded.
        where: Its name, for messages.

    Raises:
        errors.InvalidBank: It is no plain YAML with a list of cases.
    """
    if len(text) > BYTES:
        raise errors.InvalidBank(where, [f"it has {len(text)} letters; at most {BYTES}"])
    try:
        data = pasted.load(text, DEEPEST)
    except (yaml.YAMLError, ValueError, TypeError, RecursionError) as error:
        raise errors.InvalidBank(where, [f"not plain YAML: {_short(error)}"]) from None
    listed = data.get("cases") if isinstance(data, dict) else None
    if not isinstance(listed, list) or not listed:
        raise errors.InvalidBank(where, ["cases: missing; the document must be a mapping with a list of cases"])
    if len(listed) > MOST:
        raise errors.InvalidBank(where, [f"cases: {len(listed)} of them; at most {MOST} at once"])
    return [_plainly(one) for one in listed]


def _short(error: Exception) -> str:
    mark = getattr(error, "problem_mark", None)
    return f"line {mark.line + 1}" if mark is not None else str(error)[:120]


def _plainly(value: Any, depth: int = 0) -> Any:
    """What JSON holds: figures and days as texts, because a figure must be exact."""
    if depth > DEEPEST:
        return ""
    if isinstance(value, dict):
        return {str(key): _plainly(one, depth + 1) for key, one in value.items()}
    if isinstance(value, list):
        return [_plainly(one, depth + 1) for one in value]
    return value if value is None or isinstance(value, str) else str(value)
