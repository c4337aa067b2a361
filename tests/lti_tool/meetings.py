"""Sessions for tests: a course with two learners and an instructor, a session that is scheduled by the pages."""

from __future__ import annotations

import io
import re
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from html import unescape
from types import SimpleNamespace
from typing import Any

from werkzeug.test import TestResponse

from lti_tool import attendance, courses, events
from lti_tool.events import Event
from lti_tool.pages import classroom
from lti_tool.roster import sync
from tests.lti_tool import builders, lms, rosters
from tests.lti_tool.rosters import Place

SKILLS = ("cus.hs_classify", "cus.customs_value")
BEGUN = timedelta(minutes=-5)
LATER = timedelta(days=2)


def links(raw: dict[str, Any]) -> None:
    """The course practises cross-border e-commerce; one link opens the class."""
    rosters.class_link(raw)
    rosters.practises(raw, role="operations")


def ready(place: Place) -> TestResponse:
    """A learner has come in once, the roster is read; the page of the class."""
    place.launch(lms.LEARNER)
    page = place.launch(lms.INSTRUCTOR, "class")
    (course,) = [
        one for one in courses.every(place.storage) if one.context == lms.course(place.platform, "course-1").context
    ]
    sync.read(place.reader, course)
    return page


def send(place: Place, page: TestResponse, route: str, /, **fields: Any) -> TestResponse:
    """A form of a page; values may be lists, and files."""
    found = rosters.BEARER.search(page.text)
    assert found
    return place.browser().post(f"/lti/{route}", data={"bearer": unescape(found[1]), **fields})


def form(begins: timedelta = BEGUN, **changes: Any) -> dict[str, Any]:
    """The fields of a session that begins so long from now. The clock of the platform is the real one."""
    moment = datetime.now(UTC) + begins
    return {
        "title": "A morning at the customs desk",
        "day": f"{moment:%Y-%m-%d}",
        "time": f"{moment:%H:%M}",
        "minutes": "90",
        "where": "site",
        "place": "Room 4, Old Library",
        "skill": list(SKILLS),
        "of": "operations/event:desk",
        **changes,
    }


def scheduled(place: Place, page: TestResponse, /, begins: timedelta = BEGUN, **changes: Any) -> Event:
    """A session, kept by the form."""
    fields = form(begins, **changes)
    answer = send(place, page, "class/events/keep", **fields)
    assert answer.status_code == 200, answer.text
    (made,) = [one for one in every(place) if one.title == fields["title"]]
    return made


def every(place: Place) -> list[Event]:
    """The sessions of the course."""
    (course,) = [
        one for one in courses.every(place.storage) if one.context == lms.course(place.platform, "course-1").context
    ]
    return events.of_course(place.storage, course.course)


def code(place: Place, event: Event) -> str:
    """The code that is shown now."""
    return attendance.code(place.tool.keyring, event, place.clock())


def upload(text: str) -> tuple[io.BytesIO, str]:
    """A file of a form."""
    return io.BytesIO(text.encode()), "list.csv"


def id_of(place: Place, person: str) -> str:
    """What names a learner in a form of the class."""
    return place.pseudonym(person)[: classroom.ID]


def told(place: Place, verb: str, count: int) -> list[dict[str, Any]]:
    """What the record store got of a verb, once so much has come."""
    until = time.monotonic() + 5
    while sum(one["verb"]["id"] == verb for one in place.sent) < count and time.monotonic() < until:
        time.sleep(0.005)
    return [one for one in place.sent if one["verb"]["id"] == verb]


def stored(place: Place, statements: Sequence[dict[str, Any]]) -> None:
    """Give statements to a real collector over the tool's store."""
    bench = SimpleNamespace(storage=place.storage, keyring=place.tool.keyring)
    builders.stored(bench, list(statements))  # type: ignore[arg-type]  # it needs these two of a bench


def said(page: TestResponse) -> str:
    """What a page says was done."""
    found = re.search(r'role="status">(.*?)</p>', page.text, re.DOTALL)
    return unescape(found[1]) if found else ""


def faults(page: TestResponse) -> list[str]:
    """What a page says is wrong."""
    alert = page.text.partition('role="alert"')[2].partition("</ul>")[0]
    return [unescape(one) for one in re.findall(r"<li>(.*?)</li>", alert)]
