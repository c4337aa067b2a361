"""A calendar as text that any calendar program reads: iCalendar, RFC 5545; pure. Floor 3.

All moments are in UTC, so no time zone has to travel along. An entry keeps its id for ever, a change has a higher
number, and an entry that was called off says so. There is no METHOD, so DTSTAMP is when an entry was last changed
(section 3.8.7.2), and the same calendar is the same text.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

PRODUCT = "-//Entrepot//Learning paths//EN"
OCTETS = 75
"""Of a line, without its end (section 3.1)."""
FRESH = "PT1H"
"""How soon a program may ask again (RFC 7986, section 5.7)."""


@dataclass(frozen=True)
class Entry:
    """A line of a calendar: a session, or a day by which something is to be reached.

    Attributes:
        uid: Unique in the world, and always the same.
        title: What a calendar shows.
        begins: Seconds since the epoch; of a whole day: its date.
        ends: Seconds since the epoch; None of a whole day.
        changed: When it was last changed, seconds since the epoch.
        sequence: Grows with each change.
        place: Where; empty: not said.
        about: What a calendar shows below; empty: nothing.
        held: Whether it takes place.
        busy: Whether the time is taken.
    """

    uid: str
    title: str
    begins: int | date
    ends: int | None
    changed: int
    sequence: int = 0
    place: str = ""
    about: str = ""
    held: bool = True
    busy: bool = True


def calendar(name: str, entries: Sequence[Entry], *, language: str) -> bytes:
    """The text of a calendar.

    Args:
        name: What a calendar program calls it.
        entries: Its lines.
        language: Of the texts, as in HTML (RFC 5646).

    Returns:
        UTF-8, with CRLF at the end of each line, none longer than `OCTETS`.
    """
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        f"PRODID:{PRODUCT}",
        "CALSCALE:GREGORIAN",
        f"NAME;LANGUAGE={language}:{_text(name)}",
        f"X-WR-CALNAME:{_text(name)}",
        f"REFRESH-INTERVAL;VALUE=DURATION:{FRESH}",
        f"X-PUBLISHED-TTL:{FRESH}",
    ]
    for entry in entries:
        lines += _entry(entry, language)
    lines.append("END:VCALENDAR")
    return b"".join(part + b"\r\n" for line in lines for part in folded(line))


def folded(line: str) -> Iterator[bytes]:
    r"""A line in parts of at most `OCTETS` octets; each part but the first begins with a blank (section 3.1).

    No letter is cut in two.

    >>> [len(part) for part in folded("SUMMARY:" + "\u4e91" * 40)]
    [74, 55]
    """
    part, room = b"", OCTETS
    for letter in line:
        octets = letter.encode()
        if len(part) + len(octets) > room:
            yield part
            part = b" "
        part += octets
    yield part


def _entry(entry: Entry, language: str) -> list[str]:
    said = [
        "BEGIN:VEVENT",
        f"UID:{entry.uid}",
        f"DTSTAMP:{_moment(entry.changed)}",
        f"LAST-MODIFIED:{_moment(entry.changed)}",
        f"SEQUENCE:{entry.sequence}",
        *_when(entry),
        f"SUMMARY;LANGUAGE={language}:{_text(entry.title)}",
        f"STATUS:{'CONFIRMED' if entry.held else 'CANCELLED'}",
        f"TRANSP:{'OPAQUE' if entry.busy and entry.held else 'TRANSPARENT'}",
    ]
    if entry.place:
        said.append(f"LOCATION;LANGUAGE={language}:{_text(entry.place)}")
    if entry.about:
        said.append(f"DESCRIPTION;LANGUAGE={language}:{_text(entry.about)}")
    return [*said, "END:VEVENT"]


def _when(entry: Entry) -> list[str]:
    if isinstance(entry.begins, date):
        # The end of a whole day is the day after it (section 3.6.1).
        after = entry.begins + timedelta(days=1)
        return [f"DTSTART;VALUE=DATE:{entry.begins:%Y%m%d}", f"DTEND;VALUE=DATE:{after:%Y%m%d}"]
    ends = entry.begins if entry.ends is None else entry.ends
    return [f"DTSTART:{_moment(entry.begins)}", f"DTEND:{_moment(ends)}"]


def _moment(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y%m%dT%H%M%SZ")


def _text(text: str) -> str:
    r"""A text as a value (section 3.3.11): what has a meaning is escaped, and no control character gets in.

    >>> _text("a;b,c\\d\r\ne\x07")
    'a\\;b\\,c\\\\d\\ne'
    """
    escaped = text.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    escaped = escaped.replace("\r\n", "\n").replace("\r", "\n").replace("\n", "\\n")
    return "".join(letter for letter in escaped if letter >= " " and letter != "\x7f")
