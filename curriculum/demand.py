"""What job postings ask for, and how far a role's targets follow: few postings move them little. Floor 1.

A skill is found in a posting by its names, its ESCO label or its id. Postings name a few skills each and nobody names
all, so only what is named counts, and only against the others: the share of a skill is compared with the share that
its level would have among the named skills of the role, shrunk towards it (empirical Bayes with `WORTH` postings as
the weight of what is declared). Twice as often is a level more; one import moves a target by one level at most. A skill
that nobody names stays, no prerequisite falls below what needs it, and a role takes in what `LEAST` of its postings ask
for.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from curriculum import errors, telling
from curriculum.editing import Edit

Plain = Mapping[str, Any]

WORTH = 10.0
"""Postings that the declared target of a role is worth."""
LEAST = 0.25
"""Shrunk share of postings from which a skill that the role lacks is taken in."""
MOST = 20_000
"""Postings of one import."""
LONGEST = 20_000
_LEVELS = 5
_NEW, _WANTED = 2, 0.5  # level of a skill that a role takes in; a level more where so many postings ask for it


@dataclass(frozen=True)
class Posting:
    """One job posting.

    Attributes:
        title: Of the job.
        text: What it says, and the skills that it lists.
        role: Id of a role of the catalog.
        day: When it was posted; None: it does not say.
        line: Where it stood in its file, from 1.
    """

    title: str
    text: str
    role: str
    day: date | None = None
    line: int = 0


@dataclass(frozen=True)
class Asked:
    """How one skill stands in the postings of a role.

    Attributes:
        skill: Id.
        named: How many postings name it.
        share: Of the postings of the role, 0..1.
        declared: Level that the role asks for now; 0: none.
        target: Level that it would ask for.
    """

    skill: str
    named: int
    share: float
    declared: int
    target: int


@dataclass(frozen=True)
class Weighed:
    """What the postings of a role say.

    Attributes:
        role: Id.
        postings: How many there were.
        asked: Every skill that is named or asked for, in the order of the catalog.
        first: Day of the earliest posting; None if none has one.
        last: Of the latest.
    """

    role: str
    postings: int
    asked: tuple[Asked, ...]
    first: date | None
    last: date | None

    @property
    def moved(self) -> tuple[Asked, ...]:
        """The skills whose target would change."""
        return tuple(one for one in self.asked if one.target != one.declared)


def read(text: str, roles: Mapping[str, Mapping[str, str]], *, where: str = "postings") -> tuple[Posting, ...]:
    """Read postings from CSV (a line of names first) or from a JSON list of objects.

    Columns: `title`, `text` or `skills` (a list, or a text with semicolons), `role` (id or name in either language),
    `date`; further ones are passed over. Without `role` the title decides.

    Args:
        text: The file.
        roles: Names by language by id of the role.
        where: Name of the file, for messages.

    Raises:
        errors.InvalidPostings: It cannot be read; every problem is listed with its line, and nothing is taken.
    """
    rows = _rows(text, where)
    problems, made = [], []
    for line, row in rows:
        found = _posting(line, row, roles)
        if isinstance(found, str):
            problems.append(f"line {line}: {found}")
        else:
            made.append(found)
    if problems or not made:
        raise errors.InvalidPostings(where, problems or ["it has no posting; each needs a title and a text or skills"])
    return tuple(made)


def weigh(mapping: Plain, postings: Iterable[Posting]) -> tuple[Weighed, ...]:
    """Count skills in postings and say how far each role's targets would follow.

    Args:
        mapping: The catalog as plain data.
        postings: What was read.

    Returns:
        One a role that has postings, in the order of the catalog.
    """
    patterns = {skill["id"]: _pattern(skill) for skill in mapping["skills"]}
    listed = list(postings)
    found = []
    for role in mapping.get("roles", ()):
        own = [one for one in listed if one.role == role["id"]]
        if own:
            found.append(_weighed(mapping, role, own, patterns))
    return tuple(found)


def edits(weighed: Weighed, new_id: Sequence[str]) -> tuple[Edit, ...]:
    """The edits that make a role follow, in an order in which each of them fits.

    Args:
        weighed: What the postings say.
        new_id: An id for each skill of `moved`.
    """
    pairs = zip(new_id, weighed.moved, strict=True)
    return tuple(Edit(id_, "target.set", weighed.role, {"skill": one.skill, "level": one.target}) for id_, one in pairs)


def mark(postings: Iterable[Posting]) -> str:
    """16 hex digits that name a set of postings, in any order: the same file moves a target once."""
    told = sorted(f"{one.role}\x1f{one.title}\x1f{one.text}\x1f{one.day}" for one in postings)
    return hashlib.sha256("\x1e".join(told).encode()).hexdigest()[:16]


def _weighed(
    mapping: Plain, role: Plain, postings: Sequence[Posting], patterns: Mapping[str, re.Pattern[str]]
) -> Weighed:
    number = len(postings)
    texts = [f"{one.title}\n{one.text}"[:LONGEST] for one in postings]
    named = {name: sum(1 for text in texts if pattern.search(text)) for name, pattern in patterns.items()}
    declared: Mapping[str, int] = role["targets"]
    heard = [name for name in declared if named[name]]
    # What one level is worth in postings, over the skills of the role that are named.
    level = sum(named[name] for name in heard) / (number * sum(declared[name] for name in heard)) if heard else 0.0
    targets = {name: _moved(named[name], number, declared[name], level) for name in declared}
    for name, count in named.items():
        if name not in declared and count / (number + WORTH) >= LEAST:
            targets[name] = _NEW + (count / number >= _WANTED)
    _close(mapping, targets, declared)
    days = sorted(one.day for one in postings if one.day is not None)
    asked = tuple(
        Asked(name, count, count / number, declared.get(name, 0), targets.get(name, 0))
        for name, count in named.items()
        if count or name in targets
    )
    return Weighed(role["id"], number, asked, days[0] if days else None, days[-1] if days else None)


def _moved(named: int, postings: int, declared: int, level: float) -> int:
    """Level after a look at the postings: one up, one down, or as declared."""
    if not named:
        return declared
    usual = level * declared
    ratio = (named + WORTH * usual) / ((postings + WORTH) * usual)
    step = max(-1, min(1, round(math.log2(ratio))))
    return max(1, min(_LEVELS, declared + step))


def _close(mapping: Plain, targets: dict[str, int], declared: Mapping[str, int]) -> None:
    """A prerequisite is asked for at least as far as it was, up to the level of what needs it; none may lack."""
    needs = {skill["id"]: tuple(skill.get("prerequisites") or ()) for skill in mapping["skills"]}
    pending = list(targets)
    while pending:
        name = pending.pop()
        for needed in needs[name]:
            least = max(min(declared.get(needed, 2), targets[name]), 1)
            if targets.get(needed, 0) < least:
                targets[needed] = least
                pending.append(needed)


def _pattern(skill: Plain) -> re.Pattern[str]:
    """Finds a skill in a text: its names, each part of a name that lists several, its ESCO label, its id."""
    terms = {str(skill["id"]), str((skill.get("esco") or {}).get("label", ""))}
    for language in telling.LANGUAGES:
        whole = re.sub(r"[(（].*?[)）]", " ", skill["name"][language])
        terms |= {whole, *re.split(r"[,;，；、/]| and | & |与|和|及", whole)}
    kept = sorted({term.strip() for term in terms if _telling(term.strip())}, key=len, reverse=True)
    return re.compile("|".join(_bounded(term) for term in kept), re.IGNORECASE)


def _telling(term: str) -> bool:
    """Whether a term names a skill and not half the trade: two words, four Chinese characters, or a name of its own."""
    if re.search(r"[\u4e00-\u9fff]", term):
        return len(term) >= 4
    return len(term.split()) >= 2 or bool(re.fullmatch(r"[A-Z]{3,}|[a-z]+\.[a-z_]+", term))


def _bounded(term: str) -> str:
    words = r"\s+".join(re.escape(word) for word in term.split())
    return rf"(?<![A-Za-z]){words}(?![A-Za-z])" if term.isascii() else words


def _rows(text: str, where: str) -> list[tuple[int, Mapping[str, Any]]]:
    if text.lstrip("\ufeff \t\r\n").startswith(("[", "{")):
        try:
            data = json.loads(text.lstrip("\ufeff"))
        except ValueError as error:
            raise errors.InvalidPostings(where, [f"not JSON: {error}"]) from None
        if not isinstance(data, list) or not all(isinstance(one, dict) for one in data):
            raise errors.InvalidPostings(where, ["the document must be a list of objects"])
        rows = [(place, one) for place, one in enumerate(data, start=1)]
    else:
        reader = csv.DictReader(io.StringIO(text.lstrip("\ufeff")))
        names = {name.strip().lower() for name in reader.fieldnames or () if name}
        if not {"title", "text", "skills"} & names:
            raise errors.InvalidPostings(where, ["line 1: name the columns: title, text or skills, role, date"])
        rows = [(reader.line_num, {(key or "").strip().lower(): one for key, one in row.items()}) for row in reader]
    if len(rows) > MOST:
        raise errors.InvalidPostings(where, [f"it has {len(rows)} postings; one import may have {MOST}"])
    return rows


def _posting(line: int, row: Mapping[str, Any], roles: Mapping[str, Mapping[str, str]]) -> Posting | str:
    """A posting, or what is wrong with its row: never the row itself, which may name people."""
    title, text, skills = (row.get(name) or "" for name in ("title", "text", "skills"))
    listed = "; ".join(map(str, skills)) if isinstance(skills, list) else str(skills)
    if not str(text).strip() and not listed.strip():
        return "neither text nor skills; one of them is needed"
    wanted = str(row.get("role") or title).strip().casefold()
    role = next((id_ for id_, names in roles.items() if wanted in {id_.casefold(), *_folded(names)}), "")
    role = role or next((id_ for id_, names in roles.items() if any(name in wanted for name in _folded(names))), "")
    if not role:
        return f"its role is none of the catalog; write one of {', '.join(roles)} into the column role"
    day = str(row.get("date") or "").strip()
    try:
        posted = date.fromisoformat(day[:10]) if day else None
    except ValueError:
        return "its date cannot be read; write it as 2026-07-01"
    return Posting(str(title), f"{text}\n{listed}", role, posted, line)


def _folded(names: Mapping[str, str]) -> list[str]:
    return [names[language].casefold() for language in telling.LANGUAGES]
