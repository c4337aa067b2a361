"""A question to the class over HTTP: asked, answered, talked over, answered again, closed; and what came of it."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from curriculum import bank
from lti_tool import keys, polls, settings, tries
from lti_tool.attempts import Answer as Given
from lti_tool.attempts import Attempt, Kept
from lti_tool.pages import polling
from lti_tool.roster import sync
from recommender import verbs
from tests.lti_tool import builders, lms, rosters
from tests.lti_tool.rosters import Place
from tests.lti_tool.test_ruling import plain

ENTRY, SKILL = next(
    (name, one.skill) for name, one in bank.load().entries.items() if one.form == "choice" and not one.rule
)


@pytest.fixture
def place(tmp_path: Path, tool_key: keys.ToolKey) -> Iterator[Place]:
    def links(raw: dict[str, object]) -> None:
        rosters.class_link(raw)
        rosters.practises(raw)

    with rosters.place(tmp_path, tool_key, change=links) as running:
        sync.read(running.reader, running.course())
        yield running


def course(place: Place) -> str:
    return place.course().course


def right(place: Place) -> str:
    poll = polls.of_course(place.storage, course(place))[0]
    made = polling.question(place.tool, poll)
    assert made is not None
    return made.step.right[0]  # type: ignore[index]  # a key


def wrong(place: Place) -> str:
    poll = polls.of_course(place.storage, course(place))[0]
    made = polling.question(place.tool, poll)
    assert made is not None
    return next(one.value[0] for one in made.step.wrong)  # type: ignore[index]  # a key


def press(place: Place, page: builders.TestResponse, path: str, **fields: str) -> builders.TestResponse:
    """Press a button with the hidden fields of the page's first form."""
    found = dict(re.findall(r'<input type="hidden" name="(poll|round)" value="([^"]*)"', page.text))
    return place.post(page, path, **{**{name: unescape(value) for name, value in found.items()}, **fields})


def others(place: Place, count: int, given: polls.Answer) -> None:
    """Answers of further learners, who let the institution look."""
    poll = polls.of_course(place.storage, course(place))[0]
    for number in range(count):
        assert polls.answer(place.storage, poll, f"other-{given.right}-{number}", given)


def told(place: Place, count: int) -> list[dict[str, Any]]:
    until = time.monotonic() + 5
    graded = (verbs.ANSWERED, verbs.ATTEMPTED)
    while sum(one["verb"]["id"] in graded for one in place.sent) < count and time.monotonic() < until:
        time.sleep(0.005)
    return [one for one in place.sent if one["verb"]["id"] in graded]


def test_a_question_goes_through_two_rounds_and_counts_as_practice(place: Place) -> None:
    teacher = place.launch(lms.INSTRUCTOR, link="class")
    learner = place.launch(lms.LEARNER)
    assert "Your class is asked a question" not in plain(learner)
    asked = place.post(teacher, "/lti/class/ask", entry=ENTRY)
    assert "Asked: learners find it" in plain(asked)
    assert "Another question is still open" in plain(place.post(teacher, "/lti/class/ask", entry=ENTRY))

    learner = place.launch(lms.LEARNER)
    assert "Your class is asked a question" in plain(learner)
    page = place.post(learner, "/lti/poll")
    assert "Round 1" in plain(page)
    assert "Choose" in plain(press(place, page, "/lti/poll", act="answer"))
    done = press(place, page, "/lti/poll", act="answer", answer=wrong(place))
    assert "Noted." in plain(done)
    again = press(place, page, "/lti/poll", act="answer", answer=right(place))
    assert "Noted." in plain(again)
    (kept,) = place.storage.find(polls.POLL_ANSWERS, {})
    assert (kept["right"], kept["round"]) == (False, "1")

    shown = press(place, asked, "/lti/class/ask", look="")
    assert "The split is shown when the round is over" in plain(shown)
    shown = press(place, asked, "/lti/class/ask", step="talk")
    assert "Fewer than 5 answers: no split is shown" in plain(shown)
    assert "Talk it over with your neighbours" in plain(press(place, page, "/lti/poll"))
    shown = press(place, asked, "/lti/class/ask", step="second")
    page = press(place, page, "/lti/poll")
    assert "Answer again, now that you have talked it over" in plain(page)
    press(place, page, "/lti/poll", act="answer", answer=right(place))
    shown = press(place, asked, "/lti/class/ask", step="closed")
    assert "Right answer:" in plain(shown)
    assert "This is your last answer, and what is right" in plain(press(place, page, "/lti/poll"))
    assert "No question waits for you" in plain(place.post(learner, "/lti/poll"))

    first, second = told(place, 2)
    assert (first["result"]["success"], second["result"]["success"]) == (False, True)
    assert [one["verb"]["id"] for one in (first, second)] == [verbs.ANSWERED, verbs.ATTEMPTED]
    assert first["object"]["id"] == f"urn:entrepot:cbec:{SKILL}"
    tallies = tries.lately(place.storage, course(place), place.clock())
    assert [(one.right, one.other) for listed in tallies.values() for one in listed] == [(0, 1)]


def test_the_split_names_causes_and_nobody(place: Place) -> None:
    teacher = place.launch(lms.INSTRUCTOR, link="class")
    asked = place.post(teacher, "/lti/class/ask", entry=ENTRY)
    made = polling.question(place.tool, polls.of_course(place.storage, course(place))[0])
    assert made is not None
    cause = made.step.wrong[0].cause
    others(place, 3, polls.Answer(right(place), True, "", 1.0))
    others(place, 4, polls.Answer(wrong(place), False, cause, 1.0))
    learner = place.launch(lms.LEARNER)
    press(place, place.post(learner, "/lti/poll"), "/lti/poll", act="unknown")
    shown = press(place, asked, "/lti/class/ask", step="talk")
    text = plain(shown)

    assert "8 answers" in text
    assert "Right 3 · 38" in text.replace("\N{NO-BREAK SPACE}", " ")
    assert "Did not know 1" in text
    assert "Opinions are divided" in text
    assert place.pseudonym(lms.LEARNER)[:6] not in shown.text
    assert "意见分歧" in plain(press(place, shown, "/lti/class/ask", language="zh"))


def test_whoever_teaches_tries_it_and_leaves_nothing(place: Place) -> None:
    teacher = place.launch(lms.INSTRUCTOR, link="class")
    place.post(teacher, "/lti/class/ask", entry=ENTRY)
    page = place.post(teacher, "/lti/poll")
    press(place, page, "/lti/poll", act="answer", answer=right(place))

    assert "nothing you answer here is recorded" in plain(page)
    assert place.storage.find(polls.POLL_ANSWERS, {}) == []


def test_a_question_that_was_changed_since_can_only_be_closed(place: Place) -> None:
    teacher = place.launch(lms.INSTRUCTOR, link="class")
    asked = place.post(teacher, "/lti/class/ask", entry=ENTRY)
    (kept,) = place.storage.find(polls.POLLS, {})
    place.storage.replace(polls.POLLS, {**kept, "mark": "another"}, expected=kept)
    shown = press(place, asked, "/lti/class/ask", look="")

    assert "The question was changed since it was asked" in plain(shown)
    assert 'value="second"' not in shown.text
    assert "No question waits for you" in plain(place.post(place.launch(lms.LEARNER), "/lti/poll"))
    assert "Asked before" not in plain(press(place, shown, "/lti/class/ask", step="closed"))


def test_doors_that_lead_nowhere(place: Place) -> None:
    teacher = place.launch(lms.INSTRUCTOR, link="class")
    assert "Nothing was asked yet" in plain(place.post(teacher, "/lti/class/ask"))
    assert place.post(teacher, "/lti/class/ask", entry="gone").status_code == 404
    assert place.post(teacher, "/lti/class/ask", poll="gone", step="talk").status_code == 404
    learner = place.launch(lms.LEARNER)
    assert place.post(learner, "/lti/class/ask", entry=ENTRY).status_code == 403
    assert place.post(learner, "/lti/class/questions").status_code == 403
    assert "No question waits for you" in plain(place.post(learner, "/lti/poll", act="answer", answer="a"))


def test_the_page_of_a_question_asks_the_class(place: Place) -> None:
    teacher = place.launch(lms.INSTRUCTOR)
    page = place.post(teacher, "/lti/questions/one", id=ENTRY)

    assert 'name="entry" value="' + ENTRY in page.text
    assert "Ask the class" in plain(page)


def test_what_came_of_questions_is_said_from_twenty_learners_on(place: Place) -> None:
    teacher = place.launch(lms.INSTRUCTOR, link="class")
    assert "No question of a quiz or an exam was answered" in plain(place.post(teacher, "/lti/class/questions"))
    link = next(one["link"] for one in place.storage.find(settings.LINKS, {}) if one["course"] == course(place))
    answer = Given("a", True, "", 1.0, None, step=f"bank.{ENTRY}")
    made = Attempt("quiz:cus.duty", 1, 1, "2026-11-26", "", 1, (answer,), 0.0, 0.0)
    Kept(place.storage, [place.pseudonym(lms.LEARNER)], link, made.activity).change(lambda _: made)
    shown = plain(place.post(teacher, "/lti/class/questions"))

    assert "Of 1 questions that learners of this course answered, 0 have at least 20" in shown
    assert "not enough data" in shown
    assert "题目作答情况" in plain(place.post(teacher, "/lti/class/questions", language="zh"))
