"""Who was at a session, as an instructor sees and says it: the table, and a list of attendance read; pure. Floor 3.

A list names people as the platform does. What stands in it is compared and forgotten: a fault is told by its line,
never by what stood there.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from curriculum.catalog import Catalog
from lti_tool import attendance
from lti_tool.attendance import Attendance
from lti_tool.events import Event
from lti_tool.pages import classroom, reasons
from lti_tool.roster.identities import Identity
from lti_tool.roster.members import Member
from lti_tool.texts import Say

LARGEST = 200_000
"""Octets of a list."""
LINES = 3_000
SHOWN = 20
"""Faults that a page names."""
HEADS = frozenset({"email", "e-mail", "mail", "id", "user", "user id", "user_id", "identifier", "邮箱", "学号", "用户"})
"""What a first line may say instead of a person."""
ENCODINGS = ("utf-8-sig", "gb18030")
"""Spreadsheets in China write the second one."""


@dataclass(frozen=True)
class Row:
    """A learner of the class.

    Attributes:
        id: What names them in a form.
        code: The beginning of the pseudonym.
        name: Empty unless it was read for this page.
        here: Whether they were there.
        how: How that is known, in words; empty where they were not.
        levels: Of each skill of the session: (id of the skill, level, -1 where none was given).
        late: Whether the record store hears of it only when they come again.
    """

    id: str
    code: str
    name: str
    here: bool
    how: str
    levels: list[tuple[str, int]]
    late: bool


@dataclass(frozen=True)
class Listed:
    """A list, read.

    Attributes:
        learners: Whom it names, each once.
        faults: (key of the sentence, line); nothing is noted while there is one.
    """

    learners: list[Identity] = field(repr=False)
    faults: list[tuple[str, int]]


def rows(
    present: Sequence[Member], records: Mapping[str, Attendance], event: Event, called: Mapping[str, str], say: Say
) -> list[Row]:
    """The learners of a class at a session: who was there first, then by name or code.

    Args:
        present: Learners of the course.
        records: By pseudonym; who has left the course since stays in the list.
        event: The session.
        called: Names by pseudonym, as far as they were read.
        say: The words.
    """
    people = dict.fromkeys([one.learner for one in present])
    people.update(dict.fromkeys(learner for learner, record in records.items() if record.here))
    found = []
    for learner in people:
        record = records.get(learner, Attendance(event.course, event.event, learner))
        seen = {skill: one.level for skill, one in record.seen.items()}
        found.append(
            Row(
                id=learner[: classroom.ID],
                code=learner[: classroom.CODE],
                name=called.get(learner, ""),
                here=record.here,
                how=say(f"event.how.{record.how}") if record.here else "",
                levels=[(skill, seen.get(skill, attendance.TAKEN_BACK)) for skill in event.skills],
                late=record.here and not record.sealed,
            )
        )
    return sorted(found, key=lambda one: (not one.here, one.name.lower(), one.code))


def skills(event: Event, catalog: Catalog, language: str) -> list[tuple[str, str]]:
    """The skills of a session that a level can move, as the catalog has an item of practice for it: id and name."""
    return [
        (one, reasons.short(catalog.skills[one].name[language]))
        for one in event.skills
        if f"practice:{one}" in catalog.items
    ]


def text(content: bytes) -> str | None:
    """The text of a list; None where it is none, or too large."""
    if len(content) > LARGEST or b"\x00" in content:
        return None
    for encoding in ENCODINGS:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    return None


def lines(text_: str) -> list[tuple[int, str]]:
    r"""The names of a list with their lines: the first cell of each, in small letters, without a line of headings.

    >>> lines("E-mail,Name\nAda@uni.example , Ada\n\n42;x\n")
    [(2, 'ada@uni.example'), (4, '42')]
    """
    parts = text_.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    named = [(number, _cell(line).strip().lower()) for number, line in enumerate(parts, start=1)]
    found = [(number, name) for number, name in named if name]
    return found[1:] if found and found[0][1] in HEADS else found


def _cell(line: str) -> str:
    """The first cell. Each line is read by itself: a quotation mark that is not closed swallows no other line."""
    mark = min((one for one in ",;\t" if one in line), key=line.index, default=",")
    return next(iter(next(csv.reader([line], delimiter=mark), [])), "")


def match(listed: Sequence[tuple[int, str]], known: Mapping[str, Identity | None], learners: Iterable[str]) -> Listed:
    """Find the people of a list among the members of the course.

    Args:
        listed: As `lines` gives them.
        known: Members by what a list may call them; None: two are called so.
        learners: Pseudonyms of the learners of the course.
    """
    may, faults, found = set(learners), list[tuple[str, int]](), dict[str, Identity]()
    if not listed:
        faults.append(("event.list.empty", 1))
    if len(listed) > LINES:
        faults.append(("event.list.long", LINES))
    for number, name in listed[:LINES]:
        one = known.get(name)
        if one is None:
            faults.append(("event.list.two" if name in known else "event.list.nobody", number))
        elif one.learner not in may:
            faults.append(("event.list.no_learner", number))
        else:
            found[one.learner] = one
    return Listed(list(found.values()), faults)
