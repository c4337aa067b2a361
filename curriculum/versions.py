"""Versions of a catalog: names, what differs between two, and how an upgrade meets an institution's edits. Floor 1.

A version is named by the digest of its plain data. Two versions are compared entry by entry and field by field; each
difference is a sentence in both languages. An upgrade is a three-way merge: what only one side changed holds; where
both changed the same field to different things, the institution's holds, and the place is named until somebody decides.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from curriculum import editing, telling
from curriculum.editing import Edit
from curriculum.telling import Sentence, sentence

Plain = Mapping[str, Any]

ADDED, REMOVED, CHANGED = "added", "removed", "changed"
WHOLE = ("questions", "cases", "videos", "courses")
"""Sections whose entries are compared as a whole."""
SECTIONS = ("areas", "skills", "items", "resources", "roles", "rules", "misconceptions", *WHOLE)
"""What is compared entry by entry, in this order."""
PLACES = (("ends", "valid_to"), ("links", "url"))
"""What says one thing of an id: its section, and what it says."""
_DIGITS = 12
_LONGEST = 160


@dataclass(frozen=True)
class Change:
    """One difference between two versions.

    Attributes:
        section: One of `SECTIONS`, of `PLACES`, or "meta".
        id: Of the entry; empty for "meta".
        field: What of it; "prerequisites.ID" for an edge, "targets.ID" for what a role asks; empty: all of it.
        act: ADDED, REMOVED or CHANGED.
        before: What stood there, as JSON; None where nothing did.
        after: What stands there now.
    """

    section: str
    id: str
    field: str
    act: str
    before: Any = None
    after: Any = None


@dataclass(frozen=True)
class Conflict:
    """An edit of the institution at a place that an upgrade changed too.

    Attributes:
        edit: The edit; it holds unless `problems` says why it cannot.
        field: What of its subject; empty where the whole subject is meant.
        base: What stood there when the edit was made, as JSON.
        theirs: What the upgrade says.
        ours: What holds now.
        problems: Why the edit does not fit any more; empty: it fits.
    """

    edit: Edit
    field: str
    base: Any
    theirs: Any
    ours: Any
    problems: tuple[Sentence, ...] = ()


@dataclass(frozen=True)
class Merged:
    """What comes of an upgrade.

    Attributes:
        mapping: The upgraded catalog with every edit that fits.
        kept: Those edits.
        needless: Edits that the upgrade made itself: kept, and safe to take back.
        conflicts: What somebody has to decide.
    """

    mapping: Plain
    kept: tuple[Edit, ...]
    needless: tuple[Edit, ...]
    conflicts: tuple[Conflict, ...]


def digest(mapping: Plain) -> str:
    """Name a version: sha256 (64 hex digits) of its canonical JSON (sorted keys, no spaces, UTF-8, dates as ISO).

    Args:
        mapping: A catalog as plain data.
    """
    return hashlib.sha256(_canonical(dict(mapping)).encode()).hexdigest()


def short(whole: str) -> str:
    """As much of a digest as a person reads out."""
    return whole[:_DIGITS]


def diff(before: Plain, after: Plain) -> tuple[Change, ...]:
    """Everything that differs between two versions, in the order of the sections and of the file.

    Args:
        before: A catalog as plain data.
        after: Another one.
    """
    found = [*_fields("meta", "", before.get("meta", {}), after.get("meta", {}))]
    for section in SECTIONS:
        old, new = _by_id(before, section), _by_id(after, section)
        found += [Change(section, name, "", REMOVED, one, None) for name, one in old.items() if name not in new]
        for name, one in new.items():
            if section in WHOLE and name in old:
                if _canonical(old[name]) != _canonical(one):
                    found.append(Change(section, name, "", CHANGED, old[name], one))
            elif name in old:
                found += _fields(section, name, old[name], one)
            else:
                found.append(Change(section, name, "", ADDED, None, one))
    for section, field in PLACES:
        old, new = dict(before.get(section, {})), dict(after.get(section, {}))
        found += [
            Change(section, name, field, _act(old.get(name), new.get(name)), old.get(name), new.get(name))
            for name in dict.fromkeys((*old, *new))
            if old.get(name) != new.get(name)
        ]
    return tuple(found)


def merge(base: Plain, theirs: Plain, ours: Sequence[Edit]) -> Merged:
    """Bring an institution's edits onto an upgraded catalog: a three-way merge.

    Args:
        base: The shipped catalog that the edits were made on, as plain data.
        theirs: The shipped catalog of now.
        ours: The edits, in order.
    """
    return upstream(theirs, [(edit, editing.touches(base, edit)) for edit in ours])


def upstream(theirs: Plain, ours: Iterable[tuple[Edit, Plain]]) -> Merged:
    """As `merge`, where each edit brings along what stood in the shipped catalog when it was made.

    Args:
        theirs: The shipped catalog of now, as plain data.
        ours: Edits in order, each with what `editing.touches` said of the shipped catalog then.
    """
    made = list(ours)
    settled = editing.settle(theirs, [edit for edit, _ in made])
    problems = {edit.id: found for edit, found in settled.left}
    needless, conflicts = [], []
    for edit, base in made:
        now, held = editing.touches(theirs, edit), editing.touches(settled.mapping, edit)
        moved = [name for name in now if _canonical(now[name]) != _canonical(base.get(name))]
        same = (
            edit.id not in problems and moved and all(_canonical(now[name]) == _canonical(held[name]) for name in now)
        )
        if same:
            needless.append(edit)
        elif moved or edit.id in problems:
            conflicts += [
                Conflict(edit, name, base.get(name), now[name], held[name], problems.get(edit.id, ()))
                for name in moved or list(now)[:1]
            ]
    return Merged(settled.mapping, settled.kept, tuple(needless), tuple(conflicts))


def sentences(changes: Iterable[Change], before: Plain, after: Plain) -> tuple[Sentence, ...]:
    """Say differences, one sentence each; names are those of the newer version where it has them.

    Args:
        changes: As `diff` found them.
        before: The older version as plain data.
        after: The newer one.
    """
    known = {section: {**_by_id(before, section), **_by_id(after, section)} for section in SECTIONS}
    return tuple(_said(change, known) for change in changes)


def _said(change: Change, known: Mapping[str, Mapping[str, Plain]]) -> Sentence:
    name, field = _name(known, change.section, change.id), change.field
    kind, _, other = field.partition(".")
    if change.section == "skills" and kind == "prerequisites":
        reason = change.after or change.before
        facts = {"skill": name, "needed": _name(known, "skills", other), "reason": fact(reason)}
        return sentence(f"version.edge.{change.act}", **facts)
    if change.section == "roles" and kind == "targets":
        facts = {"role": name, "skill": _name(known, "skills", other)}
        return sentence(f"version.target.{change.act}", **facts, before=fact(change.before), after=fact(change.after))
    if change.section == "rules" and not field:
        rule = change.after or change.before
        said = _short(rule["statement"])
        return sentence(
            f"version.rule.{change.act}", id=change.id, place=str(rule["jurisdiction"]),
            first=str(rule["valid_from"]), statement=said,
        )  # fmt: skip
    if not field:
        return sentence(f"version.{change.act}", kind=_kind(change.section), name=name)
    facts = {"kind": _kind(change.section), "name": name, "field": _field(field)}
    return sentence(f"version.field.{change.act}", **facts, before=fact(change.before), after=fact(change.after))


def _name(known: Mapping[str, Mapping[str, Plain]], section: str, id_: str) -> telling.Fact:
    entry = known.get(section, {}).get(id_, {})
    found = entry.get("name")
    return found if isinstance(found, Mapping) else telling.both(id_)


def _kind(section: str) -> telling.Fact:
    return telling.words()[f"version.kind.{section}"]


def _field(name: str) -> telling.Fact:
    return telling.words().get(f"version.called.{name}", telling.both(name))


def fact(value: Any) -> telling.Fact:
    """A value as a reader takes it: a text of each language, a list, a figure; cut where it is long."""
    if value is None or value == "":
        return telling.words()["version.nothing"]
    if isinstance(value, Mapping) and set(value) == set(telling.LANGUAGES):
        return _short(value)
    if isinstance(value, list | tuple):
        return telling.both(", ".join(str(one) for one in value) or "–")
    if isinstance(value, Mapping):
        return telling.both(", ".join(f"{key} {one}" for key, one in value.items()) or "–")
    return telling.both(str(value))


def _short(text: Mapping[str, str]) -> Mapping[str, str]:
    return {
        language: text[language] if len(text[language]) <= _LONGEST else f"{text[language][: _LONGEST - 1]}…"
        for language in telling.LANGUAGES
    }


def _fields(section: str, id_: str, old: Plain, new: Plain) -> Iterator[Change]:
    before, after = _flat(section, old), _flat(section, new)
    for name in dict.fromkeys((*before, *after)):
        if _canonical(before.get(name)) != _canonical(after.get(name)):
            act = _act(before.get(name), after.get(name))
            yield Change(section, id_, name, act, before.get(name), after.get(name))


def _flat(section: str, entry: Plain) -> Plain:
    """Fields of an entry, with its edges and targets one by one; an edge without a reason has an empty one."""
    flat = {key: value for key, value in entry.items() if key != "id"}
    if section == "skills":
        because = flat.pop("because", None) or {}
        edges = flat.pop("prerequisites", None) or ()
        flat |= {f"prerequisites.{name}": because.get(name, "") for name in edges}
    elif section == "roles":
        flat |= {f"targets.{name}": level for name, level in dict(flat.pop("targets", {})).items()}
    return flat


def _act(before: Any, after: Any) -> str:
    return ADDED if before is None else REMOVED if after is None else CHANGED


def _by_id(mapping: Plain, section: str) -> dict[str, Plain]:
    return {one["id"]: one for one in mapping.get(section) or ()}


def _canonical(value: Any) -> str:
    def iso(one: Any) -> str:
        if isinstance(one, date):
            return one.isoformat()
        raise TypeError(type(one))

    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=iso)
