"""A list of attendance, read: people by lines, whatever program wrote it; nothing of it is said again."""

from __future__ import annotations

import pytest
from hypothesis import given, settings, strategies

from lti_tool import texts
from lti_tool.attendance import Attendance
from lti_tool.events import Event
from lti_tool.pages import attendees
from lti_tool.roster.identities import Identity
from lti_tool.roster.members import Member

ADA, BEA = Identity("p" * 32, "1", frozenset({"ada@x.example", "1"})), Identity("q" * 32, "2", frozenset({"2"}))
KNOWN = {"ada@x.example": ADA, "1": ADA, "2": BEA, "both": None}
EVENT = Event("c", "0" * 32, "cbec", "Desk", 0, 60, "site", "", ("cus.duty", "cus.hs_classify"))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Ada@X.example", [(1, "ada@x.example")]),
        ("E-mail\r\nada@x.example\r\n", [(2, "ada@x.example")]),
        ("学号；姓名\n".replace("；", ";") + "1;Ada\n\n2;Bea", [(2, "1"), (4, "2")]),
        ('"ada@x.example","Lovelace, Ada"\n', [(1, "ada@x.example")]),
        ("1\tAda, the first\n2\tBea", [(1, "1"), (2, "2")]),
        ('"open\n2\n', [(1, "open"), (2, "2")]),
        ("\r\r1\r", [(3, "1")]),
        ("id\nid\n", [(2, "id")]),
        ("", []),
    ],
)
def test_the_first_cell_of_each_line_is_read(text: str, found: list[tuple[int, str]]) -> None:
    assert attendees.lines(text) == found


@given(text=strategies.text(max_size=200))
@settings(max_examples=80, deadline=None)
def test_any_text_is_a_list(text: str) -> None:
    listed = attendees.lines(text)

    assert all(name == name.strip().lower() != "" for _, name in listed)
    assert [line for line, _ in listed] == sorted({line for line, _ in listed})


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("\ufeff学号\n".encode(), "学号\n"),
        ("学号".encode("gb18030"), "学号"),
        (b"\xff\xff\xff", None),
        (b"a\x00b", None),
        (b"x" * (attendees.LARGEST + 1), None),
    ],
)
def test_a_file_is_text_as_spreadsheets_write_it(content: bytes, text: str | None) -> None:
    assert attendees.text(content) == text


def test_everybody_is_named_once_and_each_fault_by_its_line() -> None:
    listed = [(1, "ada@x.example"), (2, "1"), (3, "nobody"), (4, "both"), (5, "2")]
    found = attendees.match(listed, KNOWN, [ADA.learner])

    assert found.learners == [ADA]
    assert found.faults == [
        ("event.list.nobody", 3),
        ("event.list.two", 4),
        ("event.list.no_learner", 5),
    ]
    assert "ada" not in repr(found)


def test_too_long_a_list_is_a_fault() -> None:
    long = [(line, "1") for line in range(1, attendees.LINES + 5)]

    assert attendees.match(long, KNOWN, [ADA.learner]).faults == [("event.list.long", attendees.LINES)]
    assert attendees.match([], KNOWN, []).faults == [("event.list.empty", 1)]


def test_who_was_there_comes_first_and_stays_though_they_left_the_course() -> None:
    member = Member("c", BEA.learner, "m", True, "active", ("learner",), (), 0, 0)
    gone = Attendance("c", EVENT.event, ADA.learner, here=True, how="hand")
    first, second = attendees.rows([member], {ADA.learner: gone}, EVENT, {BEA.learner: "Bea"}, texts.speaker("en"))

    assert (first.here, first.how, first.late, first.name) == (True, "by hand", True, "")
    assert (second.here, second.how, second.late, second.name) == (False, "", False, "Bea")
    assert first.levels == [("cus.duty", -1), ("cus.hs_classify", -1)]
