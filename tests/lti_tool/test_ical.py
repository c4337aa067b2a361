"""A calendar is what RFC 5545 says, whatever somebody wrote into a title: read by a parser that knows nothing of us."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from hypothesis import given, settings, strategies
from icalendar import Calendar

from lti_tool import ical
from lti_tool.ical import Entry

NOW = 1_795_694_400
TEXT = strategies.text(
    strategies.characters(blacklist_categories=("Cs",)) | strategies.sampled_from('\r\n\t;,:\\"^海关'), max_size=120
)


def entry(**changes: object) -> Entry:
    return Entry(**{"uid": "a@b", "title": "T", "begins": NOW, "ends": NOW + 3600, "changed": NOW, **changes})  # type: ignore[arg-type]  # named by the test


def read(body: bytes) -> Calendar:
    found = Calendar.from_ical(body)
    assert isinstance(found, Calendar)
    return found


def plain(text: str) -> str:
    """What of a text a calendar can hold: no control character but the end of a line."""
    joined = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(letter for letter in joined if letter == "\n" or (letter >= " " and letter != "\x7f"))


@given(title=TEXT, place=TEXT, about=TEXT)
@settings(max_examples=80, deadline=None)
def test_any_text_is_read_as_it_was_written(title: str, place: str, about: str) -> None:
    body = ical.calendar("C", [entry(title=title, place=place, about=about)], language="en")
    (event,) = read(body).walk("VEVENT")

    assert str(event["SUMMARY"]) == plain(title)
    assert str(event.get("LOCATION", "")) == plain(place)
    assert str(event.get("DESCRIPTION", "")) == plain(about)
    lines = body.split(b"\r\n")
    assert lines[-1] == b""
    assert all(len(line) <= ical.OCTETS and b"\n" not in line and b"\r" not in line for line in lines)
    for line in lines:
        line.decode()  # no letter was cut in two


def test_what_a_calendar_needs_is_there() -> None:
    made = read(ical.calendar("Kurs; eins", [entry(), entry(uid="c@d", held=False)], language="zh-Hans"))
    first, second = made.walk("VEVENT")

    assert str(made["VERSION"]) == "2.0"
    assert (
        str(made["NAME"]) == str(made["X-WR-CALNAME"]) == "Kurs\\; eins"
    )  # a text (RFC 7986, 5.1), which the parser leaves
    assert "METHOD" not in made
    assert first["DTSTART"].dt == datetime.fromtimestamp(NOW, UTC)
    assert first["DTEND"].dt - first["DTSTART"].dt == timedelta(hours=1)
    assert first["DTSTAMP"].dt == first["LAST-MODIFIED"].dt == datetime.fromtimestamp(NOW, UTC)
    assert first["SUMMARY"].params["LANGUAGE"] == "zh-Hans"
    assert (str(first["STATUS"]), str(first["TRANSP"])) == ("CONFIRMED", "OPAQUE")
    assert (str(second["STATUS"]), str(second["TRANSP"])) == ("CANCELLED", "TRANSPARENT")
    assert read(ical.calendar("C", [], language="en")).walk("VEVENT") == []


def test_a_whole_day_ends_with_the_next_one() -> None:
    (event,) = read(ical.calendar("C", [entry(begins=date(2026, 12, 31), ends=None, busy=False)], language="en")).walk(
        "VEVENT"
    )

    assert (event["DTSTART"].dt, event["DTEND"].dt) == (date(2026, 12, 31), date(2027, 1, 1))
    assert str(event["TRANSP"]) == "TRANSPARENT"


def test_a_moment_without_an_end_ends_at_once() -> None:
    (event,) = read(ical.calendar("C", [entry(ends=None)], language="en")).walk("VEVENT")

    assert event["DTEND"].dt == event["DTSTART"].dt
