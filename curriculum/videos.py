"""Videos that an institution declares: where they are, how long, in which languages, and on what terms. Floor 1.

Nothing is fetched: what is declared is checked for its form, and a page links to it or plays it. A video is watched
when so much of it was seen as was declared.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

Plain = Mapping[str, Any]
Problem = tuple[str, Mapping[str, str]]
"""Key of a sentence below "video.", and what fills it."""

OWN, FREE = "own", "free"
LICENCES = (OWN, FREE, "cc-by", "cc-by-sa", "cc-by-nc", "cc-by-nc-sa", "cc-by-nd", "cc-by-nc-nd", "public-domain")
"""The institution's; free to watch where it is; Creative Commons 4.0; in the public domain."""
ENOUGH = 0.9
"""The share that makes a video watched, where nobody declares another."""
LEAST, MOST = 5, 6 * 3600
"""Seconds of a video."""
FILES = (".mp4", ".m4v", ".webm", ".ogv")
"""What a browser plays by itself."""
HEADS = ("id", "url", "title_en", "title_zh", "skills", "minutes", "languages", "licence", "share")
"""Columns of a file; the last one may be left out."""
LARGEST = 200_000
MOST_SKILLS, LONGEST, LONGEST_URL = 5, 200, 2_000
MOST_LINES = 500
_ID = re.compile(r"[a-z0-9]+(?:[._-][a-z0-9]+)*")
_LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[A-Za-z0-9]{2,8})?")
_ADDRESS = re.compile(
    r"(https://[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?(?::[1-9][0-9]{0,4})?)(/[^\s<>\"{}|\\^`?#@;]*)?(?:[?#][^\s<>\"{}|\\^`]*)?"
)
"""Origin and path of an address (RFC 3986) without a name and password, which every learner would be shown."""
_IRI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"{}|\\^`]+")
_LANGUAGES = ("en", "zh")


@dataclass(frozen=True)
class Video:
    """A video.

    Attributes:
        id: Unique among the videos.
        url: Where it is, by https.
        activity: Its activity IRI in statements: the address, unless another is declared.
        skills: Ids of the skills that it teaches; the first one is the main one.
        name: By language.
        seconds: How long it is.
        languages: Of what is said in it.
        licence: One of `LICENCES`.
        enough: The share of it, 0..1, that makes it watched.
    """

    id: str
    url: str
    activity: str
    skills: tuple[str, ...]
    name: Mapping[str, str]
    seconds: int
    languages: tuple[str, ...]
    licence: str
    enough: float

    @property
    def plays(self) -> bool:
        """Whether a browser can play it on a page of ours: it is a file, and not another site's player."""
        found = _ADDRESS.fullmatch(self.url)
        return found is not None and (found[2] or "").lower().endswith(FILES)

    @property
    def origin(self) -> str:
        """Scheme and host, as a policy of a page names them."""
        found = _ADDRESS.fullmatch(self.url)
        return "" if found is None else found[1]


def of(raw: Plain, moved: Mapping[str, str] = MappingProxyType({})) -> Video:
    """A video from plain data that has no `problems`; one whose file moved keeps its activity."""
    return Video(
        id=raw["id"],
        url=moved.get(raw["url"], raw["url"]),
        activity=raw.get("activity") or raw["url"],
        skills=tuple(raw["skills"]),
        name=MappingProxyType({language: raw["name"][language] for language in _LANGUAGES}),
        seconds=int(raw["seconds"]),
        languages=tuple(raw["languages"]),
        licence=raw["licence"],
        enough=float(raw.get("enough") or ENOUGH),
    )


def problems(raw: Any, skills: Collection[str]) -> list[Problem]:
    """Everything that is wrong with a video, with what would be right.

    Args:
        raw: Plain data.
        skills: Ids of the skills that there are.
    """
    if not isinstance(raw, Mapping):
        return [("mapping", {})]
    return [
        problem for check in (_id, _url, _titled, _taught, _long, _spoken, _terms) for problem in check(raw, skills)
    ]


def rows(text: str) -> tuple[list[tuple[int, dict[str, Any]]], list[tuple[int, Problem]]]:
    """The videos of a file of comma-separated values: plain data with the line of each, and what cannot be read.

    Args:
        text: With a line of headings, `HEADS`.
    """
    found: list[tuple[int, dict[str, Any]]] = []
    wrong: list[tuple[int, Problem]] = []
    reader = csv.reader(text.splitlines(), strict=True)
    try:
        heads = [head.strip().lower() for head in next(reader, [])]
        if heads not in (list(HEADS), list(HEADS[:-1])):
            return [], [(1, ("heads", {"heads": ",".join(HEADS)}))]
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            if len(cells) != len(heads):
                wrong.append((reader.line_num, ("cells", {"count": str(len(heads))})))
            elif len(found) >= MOST_LINES:
                return [], [(reader.line_num, ("lines", {"most": str(MOST_LINES)}))]
            else:
                found.append((reader.line_num, document(dict(zip(heads, map(str.strip, cells), strict=True)))))
    except csv.Error:
        wrong.append((reader.line_num, ("csv", {})))
    return found, wrong


def document(cells: Mapping[str, str]) -> dict[str, Any]:
    """Plain data of a video from texts, one for each of `HEADS`; what cannot be read is for `problems` to name.

    Args:
        cells: Skills and languages with blanks between; the share as 0.9 or 90 %.
    """
    minutes, share = _figure(cells["minutes"]), _figure(cells.get("share", "").removesuffix("%").strip())
    made: dict[str, Any] = {
        "id": cells["id"],
        "url": cells["url"],
        "name": {"en": cells["title_en"], "zh": cells["title_zh"]},
        "skills": cells["skills"].split(),
        "seconds": None if minutes is None else round(60 * minutes),
        "languages": cells["languages"].split(),
        "licence": cells["licence"].lower(),
    }
    if cells.get("share"):
        made["enough"] = share if share is None or "%" not in cells["share"] else share / 100
    return made


def _figure(text: str) -> float | None:
    """A plain decimal number; None where it is none."""
    return float(text) if re.fullmatch(r"[0-9]{1,5}(?:\.[0-9]{1,4})?", text) else None


def _id(raw: Plain, _: Collection[str]) -> Iterator[Problem]:
    value = raw.get("id")
    if not (isinstance(value, str) and len(value) <= 80 and _ID.fullmatch(value)):
        yield "id", {}


def _url(raw: Plain, _: Collection[str]) -> Iterator[Problem]:
    url = raw.get("url")
    if not (isinstance(url, str) and url.isascii() and len(url) <= LONGEST_URL and _ADDRESS.fullmatch(url)):
        yield "url", {}
    value = raw.get("activity")
    if value is not None and not (isinstance(value, str) and len(value) <= LONGEST_URL and _IRI.fullmatch(value)):
        yield "activity", {}


def _titled(raw: Plain, _: Collection[str]) -> Iterator[Problem]:
    name = raw.get("name")
    for language in _LANGUAGES:
        text = name.get(language) if isinstance(name, Mapping) else None
        if not (isinstance(text, str) and 0 < len(text.strip()) <= LONGEST):
            yield f"title.{language}", {"most": str(LONGEST)}


def _taught(raw: Plain, skills: Collection[str]) -> Iterator[Problem]:
    named = raw.get("skills")
    if not isinstance(named, list) or not 0 < len(named) <= MOST_SKILLS:
        yield "skills", {"most": str(MOST_SKILLS)}
        return
    for position, name in enumerate(named, start=1):
        if not isinstance(name, str) or name not in skills:
            yield "skill", {"number": str(position)}


def _long(raw: Plain, _: Collection[str]) -> Iterator[Problem]:
    seconds, enough = raw.get("seconds"), raw.get("enough", ENOUGH)
    if not _within(seconds, LEAST, MOST):
        yield "length", {"most": str(MOST // 60)}
    if not _within(enough, 0.1, 1):
        yield "share", {}


def _spoken(raw: Plain, _: Collection[str]) -> Iterator[Problem]:
    named = raw.get("languages")
    fits = isinstance(named, list) and 0 < len(named) <= MOST_SKILLS
    if not fits or not all(isinstance(one, str) and _LANGUAGE.fullmatch(one) for one in named or ()):
        yield "languages", {}


def _terms(raw: Plain, _: Collection[str]) -> Iterator[Problem]:
    if raw.get("licence") not in LICENCES:
        yield "licence", {"licences": ", ".join(LICENCES)}


def _within(value: Any, least: float, most: float) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and least <= value <= most
