"""Question banks in QTI 3.0: a package or a single item in, a package out. Floor 1.

1EdTech Question and Test Interoperability 3.0, ASI and packaging. One question is one item a language, for a learner
reads one language and an LMS shows an item whole: blocks of two languages in one item would both be on the page. The
two items of a question share their catalog entry in the manifest, and that makes one question of them again.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from curriculum import check, errors
from curriculum.bank.entry import Bank, Entry
from curriculum.catalog import Catalog
from curriculum.exchange import archive, item_reader, item_writer, manifest, markup, plain
from curriculum.exchange.item_reader import Reading
from curriculum.exchange.manifest import Listed

ORDER = (
    *("id", "skill", "also", "form", "bloom", "difficulty", "rule", "valid_from", "valid_to", "unit", "places"),
    *(
        "tolerance",
        "story",
        "ask",
        "options",
        "pairs",
        "distractors",
        "mixups",
        "accept",
        "digits",
        "right",
        "wrong",
        "working",
    ),
    *("explanation", "basis"),
)
TITLE = 80

_STRANGE = re.compile(r"[^A-Za-z0-9_-]+")
_Piece = tuple[str, Mapping[str, Any], Reading]


@dataclass(frozen=True)
class Taken:
    """What was read.

    Attributes:
        document: A file of the bank as plain data, with `misconceptions` and `questions`, for the checks of the bank.
        notes: What the file did not say, such as the texts of the other language; one sentence each.
    """

    document: Mapping[str, Any]
    notes: tuple[str, ...]


def read(data: bytes, where: str, *, skill: str = "", language: str = "", known: Collection[str] = ()) -> Taken:
    """Read a package or a single item.

    Args:
        data: A zip with imsmanifest.xml, or the XML of one item.
        where: Its name, for messages.
        skill: Id of the skill of questions that name none.
        language: "en" or "zh": of items that name none.
        known: Ids of the misconceptions that are known already.

    Raises:
        errors.ExchangeRefused: Something in it cannot be taken in; then nothing is, and every reason is listed.
    """
    if not archive.is_zip(data):
        return _joined([(where, {}, item_reader.read(markup.parse(data, where), where, language))], where, skill, known)
    files = archive.unpack(data, where)
    if manifest.FILE not in files:
        problem = f"it holds no {manifest.FILE}; a QTI package has one at its top, beside the folders of the items"
        raise errors.ExchangeRefused(where, [problem])
    try:
        listed = manifest.read(markup.parse(files[manifest.FILE], manifest.FILE))
    except errors.ExchangeRefused as refused:
        raise _inside(where, refused) from None
    pieces: list[_Piece] = []
    problems: list[str] = []
    for one in listed:
        try:
            pieces.append((one.path, one.about, _read_one(files, one, language)))
        except errors.ExchangeRefused as refused:
            problems += _inside(where, refused).problems
    problems += _twice(pieces)
    if problems:
        raise errors.ExchangeRefused(where, problems)
    return _joined(pieces, where, skill, known)


def write(bank: Bank, catalog: Catalog, skills: Collection[str] = (), *, seed: int, on: date) -> bytes:
    """Write the questions of some skills as a package.

    Args:
        bank: The questions.
        catalog: What the skills are called, and the dated rules.
        skills: Ids of the skills; all if empty.
        seed: What figures are drawn from, where a question draws them: an item holds one draw.
        on: The day: questions that are not asked on it are left out.

    Raises:
        errors.UnknownReference: The catalog has no such skill.
        errors.ExchangeRefused: No question is left.
    """
    for name in skills:
        if name not in catalog.skills:
            raise errors.UnknownReference(catalog.id, "skill", name)
    chosen = [one for one in bank.entries.values() if (not skills or one.skill in skills) and _holds(one, catalog, on)]
    if not chosen:
        raise errors.ExchangeRefused("questions", [f"none of these skills has a question that holds on {on}"])
    questions = [plain.entry(bank, one, catalog, seed, on) for one in chosen]
    return pack(questions, catalog, plain.causes(bank, catalog, questions))


def pack(questions: Iterable[Mapping[str, Any]], catalog: Catalog, causes: Mapping[str, Mapping[str, str]]) -> bytes:
    """Write questions as a package.

    Args:
        questions: As `plain.entry` makes them.
        catalog: What they belong to.
        causes: Names of misconceptions by id, by language.
    """
    items, files = [], {manifest.FILE: b""}
    for question in questions:
        for language in check.LANGUAGES:
            path, title = f"items/{language}/{question['id']}.xml", _title(question, language)
            items.append((path, language, question, title))
            files[path] = markup.write(item_writer.item(question, language, causes, title))
    files[manifest.FILE] = manifest.write(catalog.id, catalog.name["en"], items)
    return archive.pack(files)


def _holds(one: Entry, catalog: Catalog, on: date) -> bool:
    """Whether a question is asked on a day: within its dates, and while its rule holds."""
    rule = catalog.rules.get(one.rule)
    spans = [(one.valid_from, one.valid_to), *([(rule.valid_from, rule.valid_to)] if rule else [])]
    return all((start is None or start <= on) and (end is None or on <= end) for start, end in spans)


def _title(question: Mapping[str, Any], language: str) -> str:
    """The question itself, cut at a word: that is what one looks for in a list of items."""
    whole = " ".join(plain.single(question["ask"][language]).split())
    return whole if len(whole) <= TITLE else f"{whole[: TITLE - 1].rstrip()}…"


def _read_one(files: Mapping[str, bytes], one: Listed, language: str) -> Reading:
    if one.path not in files:
        problem = f"line {one.line}: the file {one.path!r} is not in the package; add it or remove its resource"
        raise errors.ExchangeRefused(manifest.FILE, [problem])
    return item_reader.read(markup.parse(files[one.path], one.path), one.path, one.language or language)


def _inside(where: str, refused: errors.ExchangeRefused) -> errors.ExchangeRefused:
    """The same refusal with the name of the package before that of the file."""
    return errors.ExchangeRefused(where, [f"{refused.where}: {problem}" for problem in refused.problems])


def _twice(pieces: Iterable[_Piece]) -> list[str]:
    seen: dict[str, str] = {}
    problems = []
    for path, _, reading in pieces:
        first = seen.setdefault(reading.identifier, path)
        if first != path:
            problems.append(
                f"{path}: the identifier {reading.identifier!r} is taken by {first}; each item needs its own"
            )
    return problems


def _joined(pieces: Iterable[_Piece], where: str, skill: str, known: Collection[str]) -> Taken:
    """One question of all items that are the same in other languages."""
    questions: dict[str, dict[str, Any]] = {}
    names: dict[str, dict[str, str]] = {}
    of: dict[str, str] = {}
    notes: list[str] = []
    problems: list[str] = []
    for path, about, reading in pieces:
        own = {"skill": skill, **about} if skill else dict(about)
        name = own.get("id") or _name(own.get("skill", ""), reading.identifier)
        made = {**own, "id": name, **reading.question}
        differs = f"{path}: it is not the same question as its item in the other language; they differ in"
        if name in questions:
            problems += [f"{differs} {field}" for field in _merge(questions[name], made)]
        else:
            questions[name] = made
        for cause, title in reading.names.items():
            names.setdefault(cause, {})[reading.language] = title
            of.setdefault(cause, made.get("skill", ""))
        notes += [f"{name} ({reading.language}): {note}" for note in reading.notes]
    if problems:
        raise errors.ExchangeRefused(where, problems)
    for name, question in questions.items():
        notes += [f"{name}: {note}" for note in _lacking(question)]
    listed = [{field: made[field] for field in ORDER if field in made} for made in questions.values()]
    new = [{"id": cause, "skill": of[cause], "name": titles} for cause, titles in names.items() if cause not in known]
    return Taken({"misconceptions": new, "questions": listed}, tuple(notes))


def _name(skill: str, identifier: str) -> str:
    """An id as the bank wants it: the skill, and something that no other question of it has."""
    rest = identifier.removeprefix(f"{skill}.") if skill else identifier
    return ".".join(filter(None, (skill, _STRANGE.sub("_", rest).strip("_") or "1")))


def _merge(into: dict[str, Any], other: Mapping[str, Any], path: str = "") -> list[str]:
    """Add the texts of one language to those of another; answer where the two are not alike."""
    differ: list[str] = []
    for key, value in other.items():
        place = f"{path}.{key}" if path else key
        if key not in into and key in check.LANGUAGES:
            into[key] = value
        elif key not in into:
            differ.append(place)
        elif isinstance(value, Mapping) and isinstance(into[key], dict):
            differ += _merge(into[key], value, place)
        elif isinstance(value, list) and isinstance(into[key], list) and len(value) == len(into[key]):
            for position, (mine, theirs) in enumerate(zip(into[key], value, strict=True)):
                if isinstance(mine, dict) and isinstance(theirs, Mapping):
                    differ += _merge(mine, theirs, f"{place}[{position}]")
                elif mine != theirs:
                    differ.append(f"{place}[{position}]")
        elif into[key] != value:
            differ.append(place)
    return [
        *differ,
        *(f"{path}.{key}" if path else key for key in into if key not in other and key not in check.LANGUAGES),
    ]


def _lacking(question: Mapping[str, Any]) -> list[str]:
    """What a question of the bank must have and this one has not."""
    notes = []
    spoken = [language for language in check.LANGUAGES if language in question["ask"]]
    missing = [language for language in check.LANGUAGES if language not in spoken]
    if missing:
        notes.append(f"its texts are in {spoken[0]} only; write them in {missing[0]} too")
    fields = [field for field in ("skill", "bloom", "difficulty") if field not in question]
    if fields:
        notes.append(f"it does not say {', '.join(fields)}; add that")
    return notes
