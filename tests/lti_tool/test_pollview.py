"""What the pages of a question to the class, and of what came of questions, say."""

from __future__ import annotations

from dataclasses import replace

import pytest

from curriculum import bank
from curriculum import catalog as catalogs
from lti_tool import polls
from lti_tool.pages import pollview
from lti_tool.polls import Poll, Split
from lti_tool.questionfigures import UNKNOWN, Figures

CBEC = catalogs.load("cbec")
ENTRY = next(name for name, one in bank.load().entries.items() if one.form == "choice")
CAUSE = next(one.told.cause for one in bank.load().entries[ENTRY].options if one.told and one.told.cause != UNKNOWN)
POLL = Poll("course", "1", ENTRY, 1, "2026-11-26", "", polls.TALK, "by", 1_795_000_000)
FULL = Figures(40, 0.5, 0.35, 0.65, ((CAUSE, 0.3), (UNKNOWN, 0.1)), 0.1, 0.4, 0.1, 0.6, ("tempting",))


def test_what_needs_a_look_comes_first_and_few_answers_say_nothing() -> None:
    other = next(name for name in bank.load().entries if name != ENTRY)
    rows = pollview.rows({other: Figures(99, 0.6), ENTRY: FULL}, CBEC, "en")

    assert [row.id for row in rows] == [ENTRY, other]
    first = rows[0]
    assert first.right.replace("\N{NO-BREAK SPACE}", " ") == "50 % (35 % to 65 %)"
    assert first.causes[1].startswith("No known cause: 10")
    assert first.fit == "Goes with the others: 0.40 (0.10 to 0.60)"
    assert first.whys == ["one wrong answer is given more often than the right one"]
    (few,) = pollview.rows({ENTRY: Figures(3)}, CBEC, "zh")
    assert (few.right, few.causes, few.fit, few.whys) == ("", [], "", [])


@pytest.mark.parametrize(("right", "words"), [(2, "Few have it right"), (5, "Opinions are divided"), (9, "Most have")])
def test_the_first_round_says_whether_talking_pays(right: int, words: str) -> None:
    splits = {1: Split(10, right, (("m.x", 10 - right),)), 2: Split(0)}

    assert pollview.page(POLL, None, splits, CBEC, "en").advice.startswith(words)
    assert pollview.page(replace(POLL, state=polls.SECOND), None, splits, CBEC, "en").advice == ""
    assert pollview.page(POLL, None, {1: Split(3), 2: Split(0)}, CBEC, "en").advice == ""


def test_an_open_round_shows_how_many_and_no_split() -> None:
    page = pollview.page(replace(POLL, state=polls.SECOND), None, {1: Split(6, 6), 2: Split(6, 1)}, CBEC, "en")

    assert [(one.number, one.answers, len(one.bars), one.open) for one in page.rounds] == [
        (1, 6, 1, False),
        (2, 6, 0, True),
    ]


def test_an_earlier_question_is_called_by_what_it_asks_or_by_its_id() -> None:
    _, when, ask = pollview.former(POLL, CBEC, "en")

    assert when.endswith("UTC")
    assert ask == bank.load().entries[ENTRY].ask["en"]
    assert pollview.former(replace(POLL, entry="gone"), CBEC, "en")[2] == "gone"
