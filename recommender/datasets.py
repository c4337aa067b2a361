"""Interactions from a file, with a catalog made from what stands in it. Floor 2.

A row is an answer: `user,item,skills,correct` and, where the file has them, time, score, seconds, hints, attempt,
institution, group and a split. The catalog holds the file's skills (without prerequisites) and items, so that a file
runs through the same code as an institution's own records.
"""

from __future__ import annotations

import csv
import gzip
import io
import re
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt

from curriculum import catalog as catalogs
from curriculum.catalog import Area, Catalog, Item, Skill
from recommender import errors
from recommender.interactions import Interactions

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

# What each column may be called, in lower case with `_` for spaces and before a capital inside a word; an `_id` or
# `_ids` at the end does not matter. The first name is the one to use in a new file.
NAMES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "user": ("user", "learner", "uid", "userid", "student_id", "anon_student_id", "pseudonym"),
        "item": ("item", "problem", "problem_name", "question", "questions", "exercise", "content", "qid", "itemid"),
        "skills": ("skills", "skill", "skill_name", "concept", "concepts", "kc", "kcs", "kc(default)", "tags"),
        "correct": (
            *("correct", "correctness", "response", "responses", "outcome", "label", "y", "y_true", "is_correct"),
            *("answered_correctly", "correct_first_attempt"),
        ),
        "when": ("timestamp", "time", "when", "start_time", "timestamps", "date", "datetime", "created_at", "ts"),
        "order": ("order_id", "log_id", "row_id", "interaction_id"),
        "score": ("score", "scaled_score"),
        "seconds": ("seconds", "duration", "elapsed_seconds", "time_taken"),
        "hints": ("hints", "hint_count", "hint_total_used"),
        "attempt": ("attempt", "attempt_number"),
        "institution": ("institution", "school", "university"),
        "split": ("split", "fold", "set"),
        "text": ("text", "item_text", "question_text"),
    }
)
NEEDED = ("user", "correct")
GROUPS = ("group", "gender", "sex", "region", "age_band", "age_group", "disability", "education")
WRONG, RIGHT = ("false", "no", "wrong", "incorrect"), ("true", "yes", "right", "correct")
NOTHING = ("", "nan", "na", "null", "none", "n/a", "?")
NO_SKILL = "(none)"
# Stretches of lines that a problem names; of more it says how many.
SPANS = 20
# Columns that hold skills by name, which may hold spaces.
NAMED_SKILLS = ("skill_name", "kc(default)", "tags")
# Folds of a learner besides 0, 1, ...: never held out.
TRAINING = -1


@dataclass(frozen=True, eq=False)
class DataSet:
    """A file of interactions, ready for a model.

    Attributes:
        name: Of the file, without its ending.
        catalog: Skills and items of the file, in the order in which they first stand there.
        interactions: n rows of m learners; `when` is 0 in all of them where the file has no time.
        institution: Name of each learner's institution, m of them; empty where the file has no such column. A learner
            of two institutions is two learners.
        groups: Column name to the value of each learner, m of them: what fairness is measured between.
        fold: int64 [m], which fold holds the learner out, `TRAINING` for never; None where the file has no split.
        merged: Rows that said the same answer again for another skill of the same item, and were made one.
        problems: Bad rows that were left out, by what was wrong; empty unless they were to be skipped.
    """

    name: str
    catalog: Catalog
    interactions: Interactions
    institution: tuple[str, ...]
    groups: Mapping[str, tuple[str, ...]]
    fold: Ints | None
    merged: int
    problems: tuple[str, ...]


def read(data: bytes, name: str = "data", *, skip: bool = False) -> DataSet:
    """Read a file of interactions.

    Args:
        data: CSV with commas, semicolons or tabs, UTF-8, plain or packed by gzip. Names of columns as in `NAMES`.
            Several skills are separated by spaces, `;`, `~`, `|`, or by `_` between numbers. Rows stand in the order of
            time inside a learner unless there is a column of time, or numbers of a log in `order`.
        name: What to call it in messages.
        skip: Leave bad rows out and name them in `problems`, instead of refusing the file.

    Raises:
        errors.DatasetError: It is no such table, or some rows are bad: all of them are named by line.
    """
    table = _Table.of(_text(data, name), name)
    bad = _Bad(len(table.lines))
    columns = _Columns.of(table, bad)
    problems = (*table.uneven, *bad.texts(table.lines))
    if problems and not skip:
        raise errors.DatasetError(name, problems)
    return _assemble(columns, np.flatnonzero(~bad.rows), name, problems)


def _text(data: bytes, name: str) -> str:
    try:
        return (gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data).decode("utf-8-sig")
    except (OSError, EOFError, ValueError, zlib.error) as error:
        raise errors.DatasetError(
            name, ["it is neither UTF-8 nor gzip of it; a CSV in UTF-8 would be right"]
        ) from error


@dataclass(frozen=True, eq=False)
class _Table:
    """Cells by column: the ones of `NAMES` under their first name, groups under their own."""

    lines: Ints  # [n] line of each row in the file
    uneven: tuple[str, ...]  # rows that are left out because they have too many or too few cells
    cells: Mapping[str, Sequence[str]]
    groups: Mapping[str, Sequence[str]]
    names_of_skills: bool  # the column holds names, which may hold spaces

    @classmethod
    def of(cls, text: str, name: str) -> _Table:
        first = text.lstrip().partition("\n")[0]
        delimiter = max(",;\t", key=first.count)
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
        try:
            head = [_named(cell) for cell in next((row for row in reader if any(map(str.strip, row))), [])]
            rows: list[list[str]] = []
            lines: list[int] = []
            for row in reader:
                if row:
                    rows.append(row)
                    lines.append(reader.line_num)
        except csv.Error as error:
            raise errors.DatasetError(name, [f"line {reader.line_num}: it is not CSV ({error})"]) from error
        places = {own: _place(head, known) for own, known in NAMES.items()}
        missing = [
            f"there is no column {own!r} (or {', '.join(NAMES[own][1:])})" for own in NEEDED if places[own] is None
        ]
        if places["item"] is None and places["skills"] is None:
            missing.append("there is neither a column 'item' nor 'skills'; one of them would be right")
        if missing:
            raise errors.DatasetError(name, missing)
        uneven = _Bad(len(rows))
        uneven.add(f"{len(head)} cells, as in the first line, would be right", [len(row) != len(head) for row in rows])
        told = uneven.texts(np.array(lines, np.int64))
        rows = [row for row in rows if len(row) == len(head)]
        columns = list(zip(*rows, strict=True)) or [()] * len(head)
        return cls(
            np.array(lines, np.int64)[~uneven.rows],
            tuple(told),
            {own: columns[place] for own, place in places.items() if place is not None},
            {one: columns[place] for place, one in enumerate(head) if one in GROUPS or one.startswith("group_")},
            places["skills"] is not None and head[places["skills"]] in NAMED_SKILLS,
        )


def _named(cell: str) -> str:
    """The name of a column as `NAMES` has it: "User ID" and "userId" are user_id."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", cell.strip()).lower().replace(" ", "_")


def _place(head: Sequence[str], known: Sequence[str]) -> int | None:
    """Where a column stands: under its first name that is there."""
    short = [re.sub("_ids?$", "", one) for one in head]
    return next((short.index(name) for one in known if (name := re.sub("_ids?$", "", one)) in short), None)


class _Bad:
    """Which rows are bad, and why. Its texts name lines and never what stood there."""

    def __init__(self, rows: int) -> None:
        self.rows = np.zeros(rows, np.bool_)
        self.found: dict[str, Ints] = {}

    def add(self, right: str, which: Any) -> None:
        rows = np.flatnonzero(np.asarray(which, np.bool_))
        if len(rows):
            self.found[right] = rows
            self.rows[rows] = True

    def texts(self, lines: Ints) -> list[str]:
        return [f"{_spans(lines[rows])}: {right}" for right, rows in self.found.items()]


def _spans(lines: Ints) -> str:
    """Say "line 3", or "lines 3-9, 12" of rising numbers; of many stretches the first, and how many more."""
    ends = np.flatnonzero(np.append(np.diff(lines) > 1, True))
    starts = np.append(0, ends[:-1] + 1)
    spans = [
        f"{lines[start]}" if start == end else f"{lines[start]}-{lines[end]}"
        for start, end in zip(starts[:SPANS].tolist(), ends[:SPANS].tolist(), strict=True)
    ]
    more = len(lines) - 1 - int(ends[len(spans) - 1])
    return f"line{'s' if len(lines) > 1 else ''} {', '.join(spans)}{f' and {more:,} more' if more else ''}"


@dataclass(frozen=True, eq=False)
class _Columns:
    """Cells as numbers and ids, n rows; what a file does not have is None or empty."""

    user: Sequence[str]
    item: Sequence[str]
    skills: Sequence[str]
    split_skills: Callable[[str], tuple[str, ...]]
    correct: Floats
    when: Ints | None
    order: Sequence[str] | None
    score: Floats
    seconds: Floats
    hints: Floats
    attempt: Floats
    institution: Sequence[str]
    split: Sequence[str] | None
    text: Sequence[str] | None
    groups: Mapping[str, Sequence[str]]

    @classmethod
    def of(cls, table: _Table, bad: _Bad) -> _Columns:
        cells = table.cells
        bad.add("a learner in 'user' would be right", [not cell.strip() for cell in cells["user"]])
        kinds = {cell: _right(cell) for cell in set(cells["correct"])}
        correct = np.array([kinds[cell] for cell in cells["correct"]], np.float64)
        bad.add("0 or 1 in 'correct' would be right", np.isnan(correct))
        skills = cells.get("skills") or cells["item"]
        item = cells.get("item") or skills
        bad.add("an item in 'item' would be right", [not cell.strip() for cell in item])
        times = _times(cells["when"], bad) if "when" in cells else None
        return cls(
            user=cells["user"],
            item=item,
            skills=skills,
            split_skills=_splitter(skills, names=table.names_of_skills, single="skills" not in cells),
            correct=correct,
            when=times,
            order=cells.get("order"),
            score=_number(table, "score", (-1.0, 1.0), bad),
            seconds=_number(table, "seconds", (0.0, np.inf), bad),
            hints=_number(table, "hints", (0.0, np.inf), bad),
            attempt=_number(table, "attempt", (1.0, np.inf), bad),
            institution=cells.get("institution", ()),
            split=cells.get("split"),
            text=cells.get("text"),
            groups=table.groups,
        )


def _number(table: _Table, name: str, limits: tuple[float, float], bad: _Bad) -> Floats:
    """A column of numbers; nan where nothing stands. Numbers outside the limits are bad."""
    if name not in table.cells:
        return np.full(len(table.lines), np.nan)
    values = np.array([_float(cell) for cell in table.cells[name]])
    low, high = limits
    wrong = np.isinf(values) | (values < low) | (values > high)
    bad.add(
        f"a number from {low:g}{f' to {high:g}' if high < np.inf else ''} or nothing in {name!r} would be right", wrong
    )
    return values


def _float(cell: str) -> float:
    """A number, nan for nothing, infinity for what is no number."""
    stripped = cell.strip()
    if stripped.lower() in NOTHING:
        return float("nan")
    try:
        return float(stripped)
    except ValueError:
        return float("inf")


def _right(cell: str) -> float:
    """1 of a right answer and 0 of a wrong one, as a number or a word; nan of anything else."""
    number, word = _float(cell), cell.strip().lower()
    return 0.0 if number == 0.0 or word in WRONG else 1.0 if number == 1.0 or word in RIGHT else float("nan")


def _times(cells: Sequence[str], bad: _Bad) -> Ints:
    """Microseconds since 1970: numbers of seconds down to nanoseconds by their size, or ISO 8601."""
    values = np.array([_float(cell) for cell in cells])
    words = np.isinf(values)
    if words.any():
        values[words] = [_moment(cells[row].strip()) for row in np.flatnonzero(words).tolist()]
        scale = np.where(words, 1.0, 1e6)
    else:
        largest = float(np.nanmax(np.abs(values), initial=0.0))
        size = 1e-3 if largest >= 1e17 else 1.0 if largest >= 1e14 else 1e3 if largest >= 1e11 else 1e6
        scale = np.full(len(values), size)
    moments = values * scale
    wrong = ~(np.abs(moments) < 2.0**63)  # no number, or one that is no time
    bad.add("seconds since 1970 or ISO 8601 in 'timestamp' would be right", wrong)
    return np.asarray(np.rint(np.where(wrong, 0.0, moments)), np.int64)


def _moment(cell: str) -> float:
    """Microseconds since 1970 of ISO 8601, UTC where it names no zone; nan of anything else."""
    try:
        moment = datetime.fromisoformat(cell)
    except ValueError:
        return float("nan")
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() * 1e6


def _splitter(cells: Sequence[str], *, names: bool, single: bool) -> Callable[[str], tuple[str, ...]]:
    """How the skills of a cell are told apart, from all that stand in the column."""
    known = set(cells)
    if single:
        return lambda cell: (cell.strip(),)
    if any(mark in cell for cell in known for mark in ";~|"):
        pattern = re.compile(r"[;~|]+")
    elif names:
        pattern = re.compile(r",")
    elif all(re.fullmatch(r"-?\d+(_-?\d+)*", cell.strip()) for cell in known if cell.strip()):
        pattern = re.compile(r"_")
    else:
        pattern = re.compile(r"[\s,]+")

    def split(cell: str) -> tuple[str, ...]:
        parts = (part.strip() for part in pattern.split(cell.strip().strip("[]")))
        return tuple(dict.fromkeys(part for part in parts if part)) or (NO_SKILL,)

    return split


def _assemble(columns: _Columns, kept: Ints, name: str, problems: tuple[str, ...]) -> DataSet:
    """Sort the kept rows by learner and time, make one row of each answer, and name what stands in them."""
    institution = columns.institution
    owner = [(institution[row].strip() if institution else "", columns.user[row].strip()) for row in kept.tolist()]
    learners = sorted(set(owner))
    number = {one: position for position, one in enumerate(learners)}
    learner = np.array([number[one] for one in owner], np.int64)
    when = np.zeros(len(kept), np.int64) if columns.when is None else columns.when[kept]
    order = np.lexsort((np.arange(len(kept)), _turns(columns.order, kept), when, learner))
    rows, learner, when = kept[order], learner[order], when[order]
    items, item, item_skills, again = _items(columns, rows, learner, when)
    first = ~again
    mine = {one: _per_learner(values, rows, learner, len(learners)) for one, values in columns.groups.items()}
    fold = None if columns.split is None else _folds(columns.split, rows, learner, len(learners), name)
    texts = _texts(columns, rows, item)
    rows, learner, when, item = rows[first], learner[first], when[first], item[first]
    return DataSet(
        name=name,
        catalog=_catalog(name, items, item_skills, texts, _pass_score(columns.score[rows], columns.correct[rows])),
        interactions=Interactions(
            learners=tuple(f"{place}/{user}" if place else user for place, user in learners),
            learner=learner.astype(np.int32),
            item=item.astype(np.int32),
            correct=columns.correct[rows].astype(np.float32),
            score=columns.score[rows].astype(np.float32),
            when=when,
            seconds=columns.seconds[rows].astype(np.float32),
            hints=columns.hints[rows].astype(np.float32),
            attempt=columns.attempt[rows].astype(np.float32),
        ),
        institution=tuple(place for place, _ in learners) if institution else (),
        groups=MappingProxyType(mine),
        fold=fold,
        merged=int(again.sum()),
        problems=problems,
    )


def _turns(cells: Sequence[str] | None, kept: Ints) -> Floats:
    """What decides between rows of one time: numbers of a log, which rise with time; else nothing does."""
    turns = np.zeros(len(kept)) if cells is None else np.array([_float(cells[row]) for row in kept.tolist()])
    return turns if np.isfinite(turns).all() else np.zeros(len(kept))


def _items(
    columns: _Columns, rows: Ints, learner: Ints, when: Ints
) -> tuple[tuple[str, ...], Ints, list[tuple[str, ...]], npt.NDArray[np.bool_]]:
    """Ids of items, the item of each row, the skills of each item, and which rows say the answer before again.

    Some files say an answer to an item of three skills in three rows. Left so, each would give the next away.
    """
    names: dict[str, int] = {}
    for row in np.sort(rows).tolist():
        names.setdefault(columns.item[row].strip(), len(names))
    item = np.array([names[columns.item[row].strip()] for row in rows.tolist()], np.int64)
    cells: dict[str, int] = {}
    skill = np.array([cells.setdefault(columns.skills[row], len(cells)) for row in rows.tolist()], np.int64)
    again = np.zeros(len(rows), np.bool_)
    correct = columns.correct[rows]
    again[1:] = (learner[1:] == learner[:-1]) & (item[1:] == item[:-1])
    if columns.order is not None:
        orders = [columns.order[row] for row in rows.tolist()]
        again[1:] &= np.array([this == that for this, that in zip(orders[1:], orders[:-1], strict=True)], np.bool_)
    else:
        again[1:] &= (correct[1:] == correct[:-1]) & (skill[1:] != skill[:-1]) & (when[1:] == when[:-1])
    found: list[dict[str, None]] = [{} for _ in names]
    pairs = np.unique(np.stack([item, skill], axis=1), axis=0, return_index=True)
    parts = [columns.split_skills(cell) for cell in cells]
    for place in np.sort(pairs[1]).tolist():
        found[item[place]].update(dict.fromkeys(parts[skill[place]]))
    return tuple(names), item, [tuple(one) for one in found], again


def _per_learner(cells: Sequence[str], rows: Ints, learner: Ints, learners: int) -> tuple[str, ...]:
    """The first value of each learner that is not empty; a learner who changes group keeps the first one."""
    found = [""] * learners
    for row, number in zip(rows.tolist(), learner.tolist(), strict=True):
        found[number] = found[number] or cells[row].strip()
    return tuple(found)


def _folds(cells: Sequence[str], rows: Ints, learner: Ints, learners: int, name: str) -> Ints:
    """Fold of each learner: the number, or 0 for "test" and never for "train" and "valid"."""
    words = {"test": 0} | dict.fromkeys(("train", "training", "valid", "validation", "val", "dev"), TRAINING)
    codes = {}
    for cell in {cells[row] for row in rows.tolist()}:
        word = cell.strip().lower()
        number = re.fullmatch(r"(-1|[0-9]{1,6})(\.0)?", word)
        codes[cell] = words[word] if word in words else int(number[1]) if number else None
    if None in codes.values():
        raise errors.DatasetError(name, ["a number, 'train', 'valid' or 'test' in 'split' would be right in every row"])
    of_row = np.array([codes[cells[row]] for row in rows.tolist()], np.int64)
    fold = np.full(learners, TRAINING, np.int64)
    fold[learner] = of_row
    if (fold[learner] != of_row).any():
        torn = len(np.unique(learner[fold[learner] != of_row]))
        raise errors.DatasetError(
            name, [f"{torn} learners stand in several parts of the split; every learner in one would be right"]
        )
    return fold


def _texts(columns: _Columns, rows: Ints, item: Ints) -> dict[int, str]:
    if columns.text is None:
        return {}
    found: dict[int, str] = {}
    for row, number in zip(rows.tolist(), item.tolist(), strict=True):
        if number not in found and columns.text[row].strip():
            found[number] = columns.text[row].strip()
    return found


def _pass_score(score: Floats, correct: Floats) -> float | None:
    """Least score of a right answer, where most answers have a score and no wrong one reaches it."""
    known = ~np.isnan(score)
    if 2 * int(known.sum()) <= len(score):
        return None
    least = float(np.min(score[known & (correct > 0.5)], initial=np.inf))
    most = float(np.max(score[known & (correct < 0.5)], initial=-np.inf))
    return least if most < least < np.inf else None


def _catalog(
    name: str,
    items: Sequence[str],
    item_skills: Sequence[tuple[str, ...]],
    texts: Mapping[int, str],
    pass_score: float | None,
) -> Catalog:
    """A catalog of one area, whose skills have no prerequisites and whose items may be tried again."""
    area = Area("all", MappingProxyType({"en": name, "zh": name}))
    skills = {
        skill: Skill(skill, MappingProxyType({"en": skill, "zh": skill}), area.id, "skill", 3, (), None)
        for skill in dict.fromkeys(skill for some in item_skills for skill in some)
    }
    made = {
        item: Item(
            id=item,
            activity=f"urn:entrepot:dataset:{name}:{item}",
            skills=of,
            difficulty=None,
            name=MappingProxyType({"en": texts[number], "zh": texts[number]}) if number in texts else None,
            order=1,
            repeatable=True,
        )
        for number, (item, of) in enumerate(zip(items, item_skills, strict=True))
    }
    return Catalog(
        id=name,
        name=MappingProxyType({"en": name, "zh": name}),
        areas=MappingProxyType({area.id: area}),
        skills=MappingProxyType(skills),
        items=MappingProxyType(made),
        roles=MappingProxyType({}),
        rules=MappingProxyType({}),
        misconceptions=MappingProxyType({}),
        pass_score=pass_score,
        notice=MappingProxyType({}),
        fingerprint=catalogs.fingerprint(skills, made, pass_score),
    )
