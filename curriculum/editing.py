"""Edits of a catalog by those who teach with it: frozen data, put one after the other on plain data. Floor 1.

A catalog that is taught is the shipped one and, on top of it, the institution's edits in their order. Nothing here
changes what it is given: `apply` answers a whole new mapping or raises, so nothing is ever half done. What a model
depends on, and what an edit of it means, is in decision 24.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from curriculum import acts, check, errors
from curriculum.acts import Edit
from curriculum.telling import Sentence, sentence

__all__ = ["Edit", "Settled"]

Plain = Mapping[str, Any]
_SAID = {"content.end": ("ends", "valid_to"), "link.put": ("links", "url")}
"""Acts that say one thing of an id that may stand elsewhere: where that is kept, and as what."""


@dataclass(frozen=True)
class Settled:
    """What came of edits that once fitted, on a catalog that may have changed since.

    Attributes:
        mapping: The catalog with every edit that fits.
        kept: Those edits, in their order.
        left: The others, each with what is wrong.
    """

    mapping: Plain
    kept: tuple[Edit, ...]
    left: tuple[tuple[Edit, tuple[Sentence, ...]], ...]


def apply(mapping: Plain, edits: Iterable[Edit]) -> Plain:
    """Put edits on a catalog, in their order, and check the whole.

    Args:
        mapping: A sound catalog as plain data; stays as it is.
        edits: What to change.

    Returns:
        A new mapping.

    Raises:
        errors.InvalidEdit: An edit does not fit, or the whole is not sound after it; nothing is applied.
    """
    made = copy.deepcopy(dict(mapping))
    for edit in edits:
        _one(made, edit)
    return made


def settle(mapping: Plain, edits: Iterable[Edit]) -> Settled:
    """Put on a catalog those edits that fit, and say of the others what is wrong: an upgrade never stops a tool.

    Args:
        mapping: A sound catalog as plain data.
        edits: What to change, in order.
    """
    kept: list[Edit] = []
    left: list[tuple[Edit, tuple[Sentence, ...]]] = []
    made: Plain = mapping
    for edit in edits:
        try:
            made = apply(made, (edit,))
        except errors.InvalidEdit as error:
            left.append((edit, error.problems))
        else:
            kept.append(edit)
    return Settled(made, tuple(kept), tuple(left))


def touches(mapping: Plain, edit: Edit) -> Plain:
    """What stands now where an edit would write, by field as text; None where nothing does.

    Args:
        mapping: A catalog as plain data.
        edit: The edit.
    """
    section = acts.SECTION.get(edit.act.partition(".")[0], "")
    subject = None if section == "links" else acts.find(mapping, section, edit.subject)
    verb = edit.act.partition(".")[2]
    if edit.act in {"target.set", "target.retire"}:
        skill = str(edit.value.get("skill", ""))
        return {f"targets.{skill}": None if subject is None else subject["targets"].get(skill)}
    if edit.act.startswith("edge."):
        name = str(edit.value.get("prerequisite", ""))
        there = subject is not None and name in (subject.get("prerequisites") or ())
        because = ((subject or {}).get("because") or {}).get(name)
        return {f"prerequisites.{name}": because or "" if there else None}
    if edit.act in {"question.put", "case.put", "video.put", "course.put"}:
        return {str(one["id"]): acts.find(mapping, section, one["id"]) for one in edit.value.get(section) or ()}
    if edit.act in _SAID:
        place, field = _SAID[edit.act]
        return {field: (subject or {}).get(field, dict(mapping.get(place, {})).get(edit.subject))}
    if verb in {"add", "retire"}:
        return {"": None if subject is None else dict(subject)}
    return {name: None if subject is None else subject.get(name) for name in sorted(edit.value)}


def conflicts(edits: Sequence[Edit], mapping: Plain) -> tuple[tuple[Edit, Edit, str], ...]:
    """Pairs of edits of which the later writes over what the earlier wrote: (earlier, later, field).

    Args:
        edits: In their order.
        mapping: The catalog that they are for.
    """
    found: list[tuple[Edit, Edit, str]] = []
    written: dict[tuple[str, str, str], Edit] = {}
    for edit in edits:
        section = acts.SECTION.get(edit.act.partition(".")[0], "")
        for name in touches(mapping, edit):
            place = (section, edit.subject, name)
            if name and place in written:
                found.append((written[place], edit, name))
            written[place] = edit
    return tuple(found)


def _one(made: dict[str, Any], edit: Edit) -> None:
    act = acts.ACTS.get(edit.act)
    if act is None:
        raise acts.wrong("act", act=edit.act, acts=", ".join(acts.ACTS))
    if not isinstance(edit.value, Mapping):
        raise acts.wrong("value", act=edit.act)
    act(made, edit)
    problems = check.problems(made)
    if problems:
        raise errors.InvalidEdit([sentence("edit.catalog", problem=problem) for problem in problems])
