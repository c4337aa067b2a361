"""A session as whoever holds it has it: scheduled, noted by three ways, scored by a rubric, and taken back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from curriculum import catalog as catalogs
from lti_tool import attendance, courses, events, keys
from lti_tool.settings import COURSES, SCORES
from recommender import activities, interactions, mastery, verbs
from tests.lti_tool import lms, meetings, rosters
from tests.lti_tool.meetings import SKILLS
from tests.lti_tool.rosters import Place
from xapi_collector import statements

CBEC = catalogs.load("cbec")
ITEM = CBEC.items[f"practice:{SKILLS[0]}"].activity


@pytest.fixture
def place(tmp_path: Path, tool_key: keys.ToolKey) -> Iterator[Place]:
    with rosters.place(tmp_path, tool_key, change=meetings.links) as running:
        yield running


def test_a_session_is_scheduled_of_what_a_course_describes_changed_and_called_off(place: Place) -> None:
    page = meetings.ready(place)
    form = meetings.send(place, page, "class/events/form", of="operations/event:desk")
    event = meetings.scheduled(place, page, meetings.LATER)
    again = meetings.send(place, page, "class/events/form", event=event.event)
    meetings.send(place, page, "class/events/keep", event=event.event, **meetings.form(minutes="60", place=""))
    off = meetings.send(place, page, "class/events/keep", event=event.event, act="off")
    (after,) = meetings.every(place)

    assert 'value="A morning at the customs desk"' in form.text
    assert 'value="120"' in form.text
    begins = datetime.fromtimestamp(event.begins, UTC)
    assert abs(begins - datetime.now(UTC) - meetings.LATER) < timedelta(minutes=2)
    assert (event.skills, event.activity) == (SKILLS, "operations/event:desk")
    assert f'value="{begins:%Y-%m-%d}"' in again.text
    assert (after.minutes, after.place, after.state, after.sequence) == (60, "", events.CANCELLED, 2)
    assert "is called off" in meetings.said(off)


FAULTS: list[tuple[dict[str, Any], str]] = [
    ({"title": " "}, "Write a title"),
    ({"day": "2026-02-30"}, "Write a day and a time"),
    ({"time": "25:00"}, "Write a day and a time"),
    ({"day": "2036-12-03"}, "too far ahead"),
    ({"minutes": "x"}, "5 to 720"),
    ({"minutes": "721"}, "5 to 720"),
    ({"where": "moon"}, "Choose on site or on line"),
    ({"skill": []}, "at least one skill"),
    ({"skill": list(CBEC.skills)[:6]}, "at most 5"),
]


def test_a_form_that_cannot_be_kept_says_what_would_be_right_and_keeps_what_was_typed(place: Place) -> None:
    page = meetings.ready(place)
    for changes, right in FAULTS:
        form = meetings.form(**{"place": "Room <4>", **changes})
        answer = meetings.send(place, page, "class/events/keep", **form)
        (fault,) = meetings.faults(answer)

        assert right in fault
        assert "Room &lt;4&gt;" in answer.text
    assert meetings.every(place) == []


def test_a_skill_that_there_is_not_is_refused(place: Place) -> None:
    page = meetings.ready(place)

    assert meetings.send(place, page, "class/events/keep", **meetings.form(skill=["x.y"])).status_code == 400
    assert meetings.send(place, page, "class/events/one", event="none").status_code == 404


def test_the_code_is_shown_while_one_can_check_in_and_the_page_renews_itself(place: Place) -> None:
    page = meetings.ready(place)
    later = meetings.scheduled(place, page, meetings.LATER, title="Later")
    event = meetings.scheduled(place, page)
    early = meetings.send(place, page, "class/events/code", event=later.event)
    shown = meetings.send(place, page, "class/events/code", event=event.event)
    text = meetings.code(place, event)
    place.clock.offset += attendance.PERIOD

    assert "half an hour before" in meetings.said(early)
    assert f"<b>{text[:3]} {text[3:]}</b>" in shown.text
    assert "script-src 'self'" in shown.headers["Content-Security-Policy"]
    assert "data-renew=" in shown.text
    assert meetings.code(place, event) != text


def test_a_list_notes_everybody_once_and_names_them_to_the_record_store(place: Place) -> None:
    page = meetings.ready(place)
    event = meetings.scheduled(place, page)
    user = lms.user(place.platform, lms.LEARNER_2)
    mail = address(place, lms.LEARNER)
    answer = meetings.send(
        place, page, "class/events/noted", event=event.event, act="list",
        file=meetings.upload(f"E-mail;Name\n{mail.upper()};x\n\n{user};y\n"),
    )  # fmt: skip
    twice = meetings.send(place, page, "class/events/noted", event=event.event, act="list", list=f"{mail}\n{mail}\n")
    heard = meetings.told(place, verbs.ATTENDED, 2)

    assert "2 new, 0 were noted already" in meetings.said(answer)
    assert "0 new, 1 were noted already" in meetings.said(twice)
    assert {one["actor"]["account"]["name"] for one in heard} == {lms.user(place.platform, lms.LEARNER), user}
    assert heard[0]["object"]["id"] == f"http://127.0.0.1:9001/lti/events/{event.event}"
    assert heard[0]["result"] == {"completion": True, "duration": "PT90M"}
    files = [path.read_bytes() for path in place.directory.rglob("*") if path.is_file()]
    assert not any(mail.encode() in content for content in files)


def address(place: Place, person: str) -> str:
    """The mail address of a person of the LMS."""
    return str(lms.course(place.platform).members[person].person.email)


def test_a_list_with_a_line_that_fits_nobody_notes_nobody_and_says_which(place: Place) -> None:
    page = meetings.ready(place)
    event = meetings.scheduled(place, page)
    text = f"{address(place, lms.LEARNER)}\nstranger@example.org\n\n{lms.user(place.platform, lms.INSTRUCTOR)}\n"
    answer = meetings.send(place, page, "class/events/noted", event=event.event, act="list", list=text)

    assert [fault.partition(":")[0] for fault in meetings.faults(answer)] == ["Line 2", "Line 4"]
    assert "stranger" not in answer.text
    assert attendance.of_event(place.storage, event.course, event.event) == {}


def test_a_list_that_is_empty_or_no_text_is_told(place: Place) -> None:
    page = meetings.ready(place)
    event = meetings.scheduled(place, page)
    for text in ("", "\n\n", "E-mail\n"):
        answer = meetings.send(place, page, "class/events/noted", event=event.event, act="list", list=text)
        assert "is empty" in meetings.faults(answer)[0]
    picture = meetings.upload("a\x00b")
    answer = meetings.send(place, page, "class/events/noted", event=event.event, act="list", file=picture)
    assert "no text in UTF-8" in meetings.faults(answer)[0]


def test_without_a_roster_a_list_is_refused_and_who_is_noted_by_hand_is_told_when_they_come(place: Place) -> None:
    page = meetings.ready(place)
    event = meetings.scheduled(place, page)
    place.platform.fail("members", "503", times=100)
    listed = meetings.send(place, page, "class/events/noted", event=event.event, act="list", list="x")
    meetings.send(
        place, page, "class/events/noted", event=event.event, act="hand", here=[meetings.id_of(place, lms.LEARNER)]
    )
    rated = meetings.send(
        place, page, "class/events/noted", event=event.event, act="rate", who=[meetings.id_of(place, lms.LEARNER)],
        **{f"level {meetings.id_of(place, lms.LEARNER)} {SKILLS[0]}": "3"},
    )  # fmt: skip
    before = list(place.sent)
    place.launch(lms.LEARNER)
    place.launch(lms.LEARNER)

    assert "Note people by hand" in meetings.faults(listed)[0]
    assert "when they come again" in rated.text
    assert [one for one in before if one["verb"]["id"] in {verbs.ATTENDED, verbs.SCORED}] == []
    (came,) = meetings.told(place, verbs.ATTENDED, 1)
    (scored,) = meetings.told(place, verbs.SCORED, 1)
    assert came["actor"] == scored["actor"]


def test_a_level_moves_the_skill_as_evidence_of_its_own_kind_and_sends_no_grade(place: Place) -> None:
    page = meetings.ready(place)
    event = meetings.scheduled(place, page)
    who = meetings.id_of(place, lms.LEARNER)
    meetings.send(place, page, "class/events/noted", event=event.event, act="hand", here=[who])
    level = {f"level {who} {SKILLS[0]}": "2", f"level {who} {SKILLS[1]}": "0", "who": [who], "act": "rate"}
    meetings.send(place, page, "class/events/noted", event=event.event, **level)
    meetings.send(place, page, "class/events/noted", event=event.event, **level)
    heard = [*meetings.told(place, verbs.ATTENDED, 1), *meetings.told(place, verbs.SCORED, 2)]
    meetings.stored(place, heard)
    labels = list(statements.labels(place.storage, purpose="service", actor=place.pseudonym(lms.LEARNER)))
    history = interactions.from_labels(labels, CBEC)
    done = activities.from_labels(labels, CBEC)
    running = mastery.start(CBEC)
    start = mastery.estimates(running)
    mastery.observe(running, history)
    moved = mastery.estimates(running)
    first, second = (CBEC.skill_index[skill] for skill in SKILLS)

    assert len(heard) == 3
    assert heard[1]["object"]["id"] == ITEM
    assert [one["result"]["success"] for one in heard[1:]] == [True, False]
    assert moved[first] > start[first]
    assert moved[second] < start[second]
    assert {verbs.MODES[mode] for mode in done.mode.tolist()} == {"event"}
    assert done.skill.tolist() == [first, first, second]
    assert done.seconds[0] == 5400
    assert place.storage.find(SCORES, {}) == []


def test_what_was_noted_by_mistake_is_voided_and_noted_anew_it_counts_again(place: Place) -> None:
    page = meetings.ready(place)
    event = meetings.scheduled(place, page)
    who = meetings.id_of(place, lms.LEARNER)
    hand = {"event": event.event, "act": "hand", "here": [who]}
    meetings.send(place, page, "class/events/noted", **hand)
    for level in ("3", "1", ""):
        rate = {"event": event.event, "act": "rate", "who": [who], f"level {who} {SKILLS[0]}": level}
        meetings.send(place, page, "class/events/noted", **rate)
    gone = meetings.send(place, page, "class/events/noted", event=event.event, back=who)
    nothing = meetings.send(place, page, "class/events/noted", event=event.event, back=who)
    meetings.send(place, page, "class/events/noted", **hand)
    meetings.told(place, verbs.ATTENDED, 2)
    meetings.told(place, verbs.VOIDED, 3)
    meetings.stored(place, place.sent)
    labels = list(statements.labels(place.storage, purpose="service", actor=place.pseudonym(lms.LEARNER)))

    assert "Taken back" in meetings.said(gone)
    assert "Nothing was there" in meetings.said(nothing)
    assert [one.verb for one in labels if one.verb in {verbs.ATTENDED, verbs.SCORED}] == [verbs.ATTENDED]


def test_nobody_is_noted_before_the_session_or_of_one_that_is_called_off(place: Place) -> None:
    page = meetings.ready(place)
    event = meetings.scheduled(place, page)
    later = meetings.scheduled(place, page, meetings.LATER, title="Later")
    hand = {"event": event.event, "act": "hand", "here": [meetings.id_of(place, lms.LEARNER)]}
    early = meetings.send(place, page, "class/events/noted", **{**hand, "event": later.event})
    meetings.send(place, page, "class/events/keep", event=event.event, act="off")
    off = meetings.send(place, page, "class/events/noted", **hand)

    assert "half an hour before" in meetings.said(early)
    assert "half an hour before" in meetings.said(off)
    assert attendance.of_event(place.storage, event.course, event.event) == {}


def test_nobody_of_another_course_is_noted(place: Place) -> None:
    page = meetings.ready(place)
    event = meetings.scheduled(place, page)

    answer = meetings.send(place, page, "class/events/noted", event=event.event, act="hand", here=["A" * 16])
    assert answer.status_code == 404


def test_names_are_shown_where_they_are_asked_for(place: Place) -> None:
    page = meetings.ready(place)
    event = meetings.scheduled(place, page)

    assert f"Learner {lms.LEARNER}" not in meetings.send(place, page, "class/events/one", event=event.event).text
    named = meetings.send(place, page, "class/events/one", event=event.event, names="1")
    assert f"Learner {lms.LEARNER}" in named.text


def test_an_assistant_holds_a_session_and_whoever_only_sees_the_class_does_not(place: Place) -> None:
    page = meetings.ready(place)
    event = meetings.scheduled(place, page)
    helper = place.launch(lms.ASSISTANT, "class")

    assert meetings.send(place, helper, "class/events/code", event=event.event).status_code == 200
    assert meetings.send(place, place.launch(lms.LEARNER), "class/events/one", event=event.event).status_code == 403


def test_a_course_has_no_endless_list_of_sessions(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    page = meetings.ready(place)
    monkeypatch.setattr(events, "MOST_EVENTS", 1)
    meetings.scheduled(place, page)

    answer = meetings.send(place, page, "class/events/keep", **meetings.form(title="Another"))
    assert "was not added" in meetings.said(answer)


def test_what_is_over_for_long_goes_with_its_records(place: Place) -> None:
    page = meetings.ready(place)
    event = meetings.scheduled(place, page)
    meetings.send(
        place, page, "class/events/noted", event=event.event, act="hand", here=[meetings.id_of(place, lms.LEARNER)]
    )
    late = event.ends + (events.KEPT + 1) * 86_400.0

    assert events.tidy(place.storage, event.ends + 86_400.0) == []
    assert events.tidy(place.storage, late) == [(event.course, event.event)]
    attendance.remove(place.storage, event.course, event.event)
    assert attendance.of_event(place.storage, event.course, event.event) == {}


def test_times_are_those_of_the_zone_and_a_time_that_no_clock_shows_is_refused(place: Place) -> None:
    zone = events.zone("Europe/London")
    frame = events.Event("c", "e", "cbec", "", 0, 0, "site", "", ())
    now = datetime(2026, 6, 1, tzinfo=UTC).timestamp()
    form = {"title": "T", "day": "2026-07-01", "time": "14:30", "minutes": "60", "where": "online", "place": ""}

    summer = events.from_form(frame, form, ["a"], zone_=zone, now=now).event
    assert summer is not None
    assert datetime.fromtimestamp(summer.begins, UTC).hour == 13
    never = {**form, "day": "2027-03-28", "time": "01:30"}
    assert events.from_form(frame, never, ["a"], zone_=zone, now=now).problems == ("event.problem.when",)
    assert courses.find(place.storage, "none") is None


def test_a_session_of_ones_own_begins_empty_and_a_platform_without_a_roster_says_so(place: Place) -> None:
    page = meetings.ready(place)
    blank = meetings.send(place, page, "class/events/form")
    event = meetings.scheduled(place, page)
    (course,) = courses.every(place.storage)
    bare = {**place.storage.get(COURSES, (course.course,)), "memberships_url": ""}  # type: ignore[dict-item]  # it is there
    place.storage.replace(COURSES, bare, expected=place.storage.get(COURSES, (course.course,)))
    answer = meetings.send(place, page, "class/events/noted", event=event.event, act="list", list="x")

    assert 'id="title" name="title" required maxlength="200" value=""' in blank.text
    assert "did not say who is in the course" in meetings.faults(answer)[0]
