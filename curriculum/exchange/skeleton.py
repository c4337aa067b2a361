"""From somebody else's course to a course of the catalog: units with the skills that their texts are like. Floor 1.

The draft is plain data that can be kept while a person looks at it. Skills are offered by likeness of texts, as news is
read (`intake`), and by links to us, which say theirs; what a person ticks makes the course. Nothing of it is taught
before that.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from curriculum import check, intake, practice
from curriculum.bank.entry import UNKNOWN
from curriculum.catalog import Catalog
from curriculum.courses import own
from curriculum.exchange import cartridge_reader as reader
from curriculum.exchange import hypertext
from curriculum.exchange.cartridge_reader import Course, Piece
from curriculum.intake import Known
from curriculum.practice.task import TEXT

JSON = dict[str, Any]
OFFERED = 5
"""Skills that a unit is offered; the likeliest is ticked at first."""
READ = 4000
"""Letters of a unit that are compared."""
ELSEWHERE = "own"
"""Reason to leave a link to us out that is no lesson, quiz or case: *Select content* adds it in the LMS."""
_KIND = {reader.TALK: own.TALK}
_TEACH = ("lesson", "quiz")


def draft(course: Course, catalog: Catalog, known: Known) -> JSON:
    """What a person looks at: the course as plain data, each unit with the skills that are offered for it.

    Args:
        course: As it was read.
        catalog: Whose skills.
        known: The texts of the catalog.
    """
    left = [[one.where, one.line, one.element, one.reason, one.more] for one in course.left]
    modules: list[JSON] = []
    for place, chapter in enumerate(course.chapters):
        name = chapter.title or course.title or f"{place + 1}"
        units: list[JSON] = []
        for number, section in enumerate(chapter.sections):
            parts = [_part(one) for one in section.pieces if one.kind not in {reader.QUIZ, reader.OURS}]
            fixed, cases = _ours(section.pieces, catalog, left)
            asked = [dict(question) for one in section.pieces for question in one.questions]
            if not (parts or fixed or cases or asked):
                continue
            near = [] if fixed else _near(section.title or name, section.pieces, known)
            units.append(
                {
                    "key": f"{place}x{number}",
                    "name": section.title or name,
                    "parts": parts,
                    "practice": cases,
                    "questions": asked,
                    "fixed": fixed,
                    "near": near,
                }
            )
        if units:
            modules.append({"name": name, "units": units})
    told = {"title": course.title, "about": course.about, "language": course.language}
    return {**told, "version": course.version, "terms": course.terms, "modules": modules, "left": left}


def ticked(unit: Mapping[str, Any]) -> list[str]:
    """The skills of a unit of a draft that are ticked at first."""
    return [*unit["fixed"], *unit["near"][:1]]


def document(made: Mapping[str, Any], id_: str, names: Mapping[str, str], chosen: Mapping[str, Sequence[str]]) -> JSON:
    """The course of a draft, for `courses.own`.

    Args:
        made: The draft.
        id_: Of the course.
        names: What it is called, by language.
        chosen: Skills by key of a unit; a unit that is not named is left out.
    """
    modules: list[JSON] = []
    part = 0
    for module in made["modules"]:
        units: list[JSON] = []
        for unit in module["units"]:
            if not chosen.get(unit["key"]):
                continue
            parts: list[JSON] = []
            for one in unit["parts"]:
                part += 1
                parts.append({**_plain(one), "id": f"p{part}"})
            filled = {"parts": parts} | ({"practice": list(unit["practice"])} if unit["practice"] else {})
            name = f"u{len(units) + 1}"
            units.append({"id": name, "name": _both(unit["name"]), "skills": list(chosen[unit["key"]]), **filled})
        if units:
            modules.append({"id": f"m{len(modules) + 1}", "name": _both(module["name"]), "units": units})
    about = {"about": _both(made["about"])} if made["about"] else {}
    return {"id": id_, "name": dict(names), **about, "terms": made["terms"], "modules": modules}


def questions(
    made: Mapping[str, Any], mark: str, chosen: Mapping[str, Sequence[str]], catalog: Catalog, known: Known
) -> Iterator[JSON]:
    """The questions of a draft as drafts of the bank: each with an id and a skill, the rest for a person to write.

    Args:
        made: The draft.
        mark: What ids of this course have, and no other: small letters and digits.
        chosen: Skills by key of a unit.
        catalog: Whose skills.
        known: The texts of the catalog.
    """
    number = 0
    for module in made["modules"]:
        for unit in module["units"]:
            skills = chosen.get(unit["key"]) or ()
            for one in unit["questions"] if skills else ():
                number += 1
                text = " ".join(one["ask"].values())
                near = [name for name, _ in intake.affected(known, text, len(catalog.skills)) if name in skills]
                skill = near[0] if near else skills[0]
                rest = {key: value for key, value in one.items() if key not in {"ident", "form"}}
                levels = {"bloom": "understand", "difficulty": catalog.skills[skill].difficulty}
                wrong = {} if one["form"] == TEXT else {"options": [_told(option) for option in one["options"]]}
                yield {"id": f"{skill}.{mark}_{number}", "skill": skill, "form": one["form"], **levels, **rest, **wrong}


def problems(document_: Mapping[str, Any], catalog: Catalog) -> list[str]:
    """What is wrong with a course that was put together; see `courses.own.problems`."""
    return own.problems(document_, catalog)


def _told(option: Mapping[str, Any]) -> JSON:
    """An option of a question: a wrong one has a cause, which nobody named."""
    return dict(option) if option.get("right") else {**option, "cause": UNKNOWN}


def _part(piece: Piece) -> JSON:
    made: JSON = {"kind": _KIND.get(piece.kind, piece.kind), "name": piece.title}
    made |= {name: value for name, value in (("text", piece.text), ("url", piece.url)) if value}
    return made | ({"lost": list(piece.lost)} if piece.lost else {})


def _plain(part: Mapping[str, Any]) -> JSON:
    made: JSON = {"kind": part["kind"], "name": _both(part["name"])}
    if part.get("text"):
        made["text"] = _both(part["text"])
    return made | ({"url": part["url"]} if part.get("url") else {})


def _both(text: str) -> dict[str, str]:
    """A text of one language, in the place of both: it is what there is."""
    return dict.fromkeys(check.LANGUAGES, text)


def _ours(pieces: Sequence[Piece], catalog: Catalog, left: list[list[Any]]) -> tuple[list[str], list[str]]:
    """Skills and cases that links to us name; other links to us are left out."""
    skills: dict[str, None] = {}
    cases: dict[str, None] = {}
    shipped = {kind.id for kind in practice.kinds()}
    for one in pieces:
        if one.kind != reader.OURS:
            continue
        activity = one.custom.get("activity", "")
        subject = one.custom.get(activity, "")
        if activity in _TEACH and subject in catalog.skills:
            skills[subject] = None
        elif activity == own.CASE and subject in shipped:
            cases[f"{own.CASE}:{subject}"] = None
        else:
            left.append([one.where, one.line, one.title, ELSEWHERE, ""])
    return list(skills), list(cases)


def _near(title: str, pieces: Sequence[Piece], known: Known) -> list[str]:
    words = [title, *(f"{one.title} {one.text}" for one in pieces)]
    words += [hypertext.read(" ".join(asked["ask"].values())).text for one in pieces for asked in one.questions]
    found = intake.affected(known, " ".join(words)[:READ], OFFERED)
    return [name for name, _ in found]
