"""Sessions as learners have them: check-in, what was seen, the week, a calendar that is read without a launch."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from icalendar import Calendar
from werkzeug.test import TestResponse

from curriculum import catalog as catalogs
from lti_tool import attendance, blocked, calendars, courses, events, keys, plans, platforms
from lti_tool.roster import members
from lti_tool.roster.container import ACTIVE, LEFT
from lti_tool.settings import COLLECTIONS
from recommender import verbs
from tests.lti_tool import lms, meetings, rosters
from tests.lti_tool.meetings import SKILLS
from tests.lti_tool.rosters import Place

CBEC = catalogs.load("cbec")


@pytest.fixture
def place(tmp_path: Path, tool_key: keys.ToolKey) -> Iterator[Place]:
    with rosters.place(tmp_path, tool_key, change=meetings.links) as running:
        yield running


def address(page: TestResponse) -> str:
    """The link that a page shows, below the tool's address."""
    found = re.search(r'readonly value="http://127.0.0.1:9001([^"]+)"', page.text)
    assert found, page.text
    return unescape(found[1])


def feed(place: Place, path: str) -> TestResponse:
    return place.browser().get(path)


def subscribed(place: Place, page: TestResponse) -> str:
    return address(meetings.send(place, page, "events/calendar", act="make"))


# Check-in


def test_a_learner_checks_in_on_today_and_twice_is_once(place: Place) -> None:
    event = meetings.scheduled(place, meetings.ready(place))
    today = place.launch(lms.LEARNER)
    text = meetings.code(place, event)
    here = meetings.send(place, today, "events/checkin", event=event.event, code=f" {text[:3].lower()}-{text[3:]} ")
    twice = meetings.send(place, today, "events/checkin", event=event.event, code=text)
    (heard,) = meetings.told(place, verbs.ATTENDED, 1)

    assert "/lti/events/checkin" in today.text
    assert "You are checked in" in meetings.said(here)
    assert "counts once" in meetings.said(twice)
    assert heard["actor"]["account"]["name"] == lms.user(place.platform, lms.LEARNER)
    assert "/lti/events/checkin" not in place.launch(lms.LEARNER).text


def test_the_code_and_the_list_lead_to_one_record_and_one_statement(place: Place) -> None:
    page = meetings.ready(place)
    event = meetings.scheduled(place, page)
    learner = place.launch(lms.LEARNER)
    meetings.send(place, learner, "events/checkin", event=event.event, code=meetings.code(place, event))
    user = lms.user(place.platform, lms.LEARNER)
    meetings.send(place, page, "class/events/noted", event=event.event, act="list", list=user)
    meetings.send(
        place, page, "class/events/noted", event=event.event, act="hand", here=[meetings.id_of(place, lms.LEARNER)]
    )
    place.launch(lms.LEARNER)
    records = attendance.of_event(place.storage, event.course, event.event)

    assert [(one.here, one.how) for one in records.values()] == [(True, attendance.CODE)]
    assert len(meetings.told(place, verbs.ATTENDED, 1)) == 1


def test_another_code_says_so_and_guessing_has_an_end(place: Place) -> None:
    event = meetings.scheduled(place, meetings.ready(place))
    page = place.launch(lms.LEARNER)
    texts = [
        meetings.said(meetings.send(place, page, "events/checkin", event=event.event, code="AAAAAA"))
        for _ in range(attendance.GUESSES + 1)
    ]
    right = meetings.send(place, page, "events/checkin", event=event.event, code=meetings.code(place, event))
    place.clock.offset += attendance.SPAN
    later = meetings.send(place, page, "events/checkin", event=event.event, code=meetings.code(place, event))

    assert all("another code" in text for text in texts[:-1])
    assert "Wait ten minutes" in texts[-1]
    assert "Wait ten minutes" in meetings.said(right)
    assert "You are checked in" in meetings.said(later)


def test_a_code_is_worth_nothing_two_minutes_later_or_at_another_session(place: Place) -> None:
    page = meetings.ready(place)
    event, other = meetings.scheduled(place, page), meetings.scheduled(place, page, title="Another")
    text = meetings.code(place, event)
    learner = place.launch(lms.LEARNER)
    wrong = meetings.send(place, learner, "events/checkin", event=other.event, code=text)
    place.clock.offset += 2 * attendance.PERIOD
    late = meetings.send(place, learner, "events/checkin", event=event.event, code=text)

    assert "another code" in meetings.said(wrong)
    assert "another code" in meetings.said(late)


def test_outside_of_its_time_nobody_checks_in(place: Place) -> None:
    page = meetings.ready(place)
    learner = place.launch(lms.LEARNER)
    for title, begins in (("Later", timedelta(hours=1)), ("Earlier", timedelta(hours=-3))):
        event = meetings.scheduled(place, page, begins, title=title)
        code = meetings.code(place, event)
        answer = meetings.send(place, learner, "events/checkin", event=event.event, code=code)

        assert "Check-in is open from" in meetings.said(answer)
        assert not attendance.find(place.storage, event.course, event.event, place.pseudonym(lms.LEARNER)).here


def test_whoever_teaches_is_not_checked_in_and_has_no_link(place: Place) -> None:
    page = meetings.ready(place)
    event = meetings.scheduled(place, page)
    own = place.launch(lms.INSTRUCTOR)
    for route, fields in (("checkin", {"code": meetings.code(place, event)}), ("calendar", {"act": "make"})):
        answer = meetings.send(place, own, f"events/{route}", event=event.event, **fields)
        assert "Only learners" in meetings.said(answer)

    assert attendance.of_event(place.storage, event.course, event.event) == {}
    assert place.storage.find(next(one for one in COLLECTIONS if one.name == "lti_calendars"), {}) == []


def test_a_session_of_another_course_is_not_there(place: Place) -> None:
    event = meetings.scheduled(place, meetings.ready(place))
    stranger = lms.launch(
        place.platform, place.browser(), person=lms.LEARNER, course_=lms.course(place.platform, "course-2")
    )

    answer = meetings.send(place, stranger, "events/checkin", event=event.event, code=meetings.code(place, event))
    assert answer.status_code == 404


# Pages


def test_the_course_page_says_when_it_is_and_that_it_is_done(place: Place) -> None:
    event = meetings.scheduled(place, meetings.ready(place))
    learner = place.launch(lms.LEARNER)
    before = meetings.send(place, learner, "learn", at="operations-amazon", thing="event:desk")
    none = meetings.send(place, learner, "learn", at="operations", thing="event:warehouse")
    meetings.send(place, learner, "events/checkin", event=event.event, code=meetings.code(place, event))
    after = meetings.send(place, learner, "learn", at="operations")

    assert "Room 4, Old Library" in before.text
    assert "No session of this is scheduled" in none.text
    assert after.text.count('<span class="badge done">done</span>') == 1


def test_what_the_facilitator_saw_is_told_to_the_learner_in_both_languages(place: Place) -> None:
    page = meetings.ready(place)
    event = meetings.scheduled(place, page)
    who = meetings.id_of(place, lms.LEARNER)
    meetings.send(place, page, "class/events/noted", event=event.event, act="hand", here=[who])
    rate = {"act": "rate", "who": [who], f"level {who} {SKILLS[0]}": "2"}
    meetings.send(place, page, "class/events/noted", event=event.event, **rate)
    place.clock.offset += 3600 * 3
    shown = meetings.send(place, place.launch(lms.LEARNER), "events")
    chinese = meetings.send(place, place.launch(lms.LEARNER), "events", language="zh")

    assert "Noted by an instructor" in shown.text
    assert ": alone</li>" in shown.text
    assert "独立完成" in chinese.text


def test_the_week_mixes_what_is_alone_and_together_and_leaves_the_rest_of_the_hours(place: Place) -> None:
    page = meetings.ready(place)
    meetings.scheduled(place, page)
    meetings.scheduled(place, page, title="Questions", where="online", minutes="60", place="")
    learner = place.launch(lms.LEARNER)
    free = place.launch(lms.LEARNER).text.partition('id="mix"')[2]
    meetings.send(place, learner, "plan", hours="4")
    planned = place.launch(lms.LEARNER).text.partition('id="mix"')[2]
    meetings.send(place, learner, "plan", hours="1", deadline=f"{datetime.now(UTC):%Y-%m-%d}")
    full = place.launch(lms.LEARNER).text.partition('id="mix"')[2]

    assert [name in free for name in ("Alone, on line", "Together, on site", "Together, on line")] == [True] * 3
    assert "1 h 30 min left" in planned
    assert "more than the 1 hours that you planned" in full


# The calendar


def test_a_calendar_is_read_without_a_launch_and_is_what_the_standard_says(place: Place) -> None:
    page = meetings.ready(place)
    long = "A morning at the customs desk; with samples, forms\\codes and 海关申报要素练习 for everybody who comes"
    event = meetings.scheduled(place, page, meetings.LATER, title=long)
    path = subscribed(place, place.launch(lms.LEARNER))
    answer = feed(place, path)
    (entry,) = Calendar.from_ical(answer.data).walk("VEVENT")
    changed = meetings.form(meetings.LATER, title=long, minutes="30")
    meetings.send(place, page, "class/events/keep", event=event.event, **changed)
    meetings.send(place, page, "class/events/keep", event=event.event, act="off")
    (after,) = Calendar.from_ical(feed(place, path).data).walk("VEVENT")

    assert answer.mimetype == "text/calendar"
    lines = answer.data.split(b"\r\n")
    assert max(map(len, lines)) <= 75
    assert b"\n" not in b"".join(lines)
    assert str(entry["SUMMARY"]) == long
    assert str(entry["LOCATION"]) == "Room 4, Old Library"
    assert entry["DTSTART"].dt == datetime.fromtimestamp(event.begins, UTC)
    assert entry["DTEND"].dt - entry["DTSTART"].dt == timedelta(minutes=90)
    assert (str(entry["UID"]), int(entry["SEQUENCE"]), str(entry["STATUS"])) == (
        f"{event.event}@127.0.0.1",
        0,
        "CONFIRMED",
    )
    assert (str(after["UID"]), int(after["SEQUENCE"]), str(after["STATUS"])) == (str(entry["UID"]), 2, "CANCELLED")
    assert after["DTSTAMP"].dt >= entry["DTSTAMP"].dt


def test_the_day_of_the_goal_is_in_it_and_nothing_of_what_the_learner_did(place: Place) -> None:
    meetings.ready(place)
    learner = place.launch(lms.LEARNER)
    path = subscribed(place, learner)
    meetings.send(place, learner, "plan", hours="4", deadline="2031-03-05")
    (entry,) = Calendar.from_ical(feed(place, path).data).walk("VEVENT")

    assert entry["DTSTART"].dt == date(2031, 3, 5)
    assert str(entry["TRANSP"]) == "TRANSPARENT"
    assert place.pseudonym(lms.LEARNER) not in feed(place, path).text


def test_a_calendar_that_did_not_change_is_not_sent_again(place: Place) -> None:
    meetings.scheduled(place, meetings.ready(place))
    path = subscribed(place, place.launch(lms.LEARNER))
    first = feed(place, path)

    assert place.browser().get(path, headers={"If-None-Match": first.headers["ETag"]}).status_code == 304
    assert "private" in first.headers["Cache-Control"]


def test_an_ended_replaced_or_invented_link_finds_nothing(place: Place) -> None:
    meetings.ready(place)
    learner = place.launch(lms.LEARNER)
    old = subscribed(place, learner)
    new = subscribed(place, learner)
    live = feed(place, new).status_code
    meetings.send(place, learner, "events/calendar", act="end")
    name = new.rpartition("/")[2].partition(".")[0]

    assert live == 200
    assert old != new
    for path in (old, new, "/lti/calendar/x", f"/lti/calendar/{name}.ics", f"/lti/calendar/{'é' * 200}.A.ics"):
        assert feed(place, path).status_code == 404


def test_who_would_not_be_let_in_by_a_launch_has_no_calendar(place: Place) -> None:
    meetings.ready(place)
    path = subscribed(place, place.launch(lms.LEARNER))
    pseudonym = place.pseudonym(lms.LEARNER)
    (course,) = courses.every(place.storage)

    def state(wanted: str) -> None:
        members.change(place.storage, course.course, pseudonym, lambda one: replace(one, state=wanted), 1.0)  # type: ignore[type-var]  # they are kept

    blocked.block(place.storage, pseudonym, 1.0)
    assert feed(place, path).status_code == 404
    blocked.unblock(place.storage, [pseudonym])
    state(LEFT)
    assert feed(place, path).status_code == 404
    state(ACTIVE)
    platforms.change(place.storage, course.iss, course.client_id, state="pending")
    assert feed(place, path).status_code == 404
    platforms.change(place.storage, course.iss, course.client_id, state="active")
    assert feed(place, path).status_code == 200
    calendars.remove(place.storage, course.course)
    assert feed(place, path).status_code == 404


def test_whoever_reads_the_store_alone_cannot_make_a_link(place: Place) -> None:
    meetings.ready(place)
    path = subscribed(place, place.launch(lms.LEARNER))
    signature = path.rpartition("/")[2].split(".")[1]
    files = [one.read_bytes() for one in place.directory.rglob("*") if one.is_file()]

    assert files
    assert not any(signature.encode() in content for content in files)


def test_a_deadline_of_this_week_is_told(place: Place) -> None:
    meetings.scheduled(place, meetings.ready(place))
    learner = place.launch(lms.LEARNER)
    plans.change(
        place.storage,
        place.pseudonym(lms.LEARNER),
        meetings.every(place)[0].course,
        lambda there: replace(there, deadline=datetime.now(UTC).date()),
        1.0,
    )

    assert learner.status_code == 200
    assert "The day of your goal is near" in place.launch(lms.LEARNER).text
    assert events.iri("e", "https://t") == "https://t/lti/events/e"


def test_a_link_of_the_course_opens_its_sessions(tmp_path: Path, tool_key: keys.ToolKey) -> None:
    def linked(raw: dict[str, Any]) -> None:
        meetings.links(raw)
        course = raw["institutions"][0]["courses"][0]
        course["links"].append({"id": "events", "title": "Sessions", "custom": {"activity": "events"}})

    with rosters.place(tmp_path, tool_key, change=linked) as place:
        meetings.scheduled(place, meetings.ready(place))
        learner, teacher = place.launch(lms.LEARNER, "events"), place.launch(lms.INSTRUCTOR, "events")

        assert "Room 4, Old Library" in learner.text
        assert "/lti/events/checkin" in learner.text
        assert "/lti/events/checkin" not in teacher.text
        assert "/lti/calendar" not in teacher.text
        assert len(meetings.told(place, verbs.LAUNCHED, 2)) == 2  # ready came once, and this link; no instructor
