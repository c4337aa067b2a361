"""1EdTech LTI Advantage certification of a tool, Assignment and Grade Services 2.0: one named test a check.

The list is the one that public test suites of tools go through: line items, scores, results, and
how each call is made. The sandbox LMS stands in for the certification platform, in all three of its profiles; what the
tool sent is read off the wire.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from lti_tool import errors, keys
from lti_tool.grades import columns, line_items, outbox, wire
from lti_tool.grades.line_items import LineItem
from lti_tool.services import guard
from lti_tool.services import wire as service_wire
from lti_tool.services.connector import Services
from lti_tool.services.wire import Answer
from tests.lti_tool import gradebooks, lms
from tests.lti_tool.gradebooks import Office

AGS = "https://purl.imsglobal.org/spec/lti-ags/scope/"


@dataclass(frozen=True)
class Call:
    """What the tool sent: method, address, headers, body."""

    method: str
    url: str
    headers: dict[str, str]
    body: bytes | None

    def json(self) -> Any:
        return json.loads(self.body or b"")


@dataclass
class Wire:
    """An office whose every call is written down."""

    office: Office
    target: columns.Target
    calls: list[Call]

    def scopes(self) -> set[str]:
        """What tokens were asked for."""
        from urllib.parse import parse_qs

        asked = [call for call in self.calls if call.url.endswith("/token")]
        return {scope for call in asked for scope in parse_qs((call.body or b"").decode())["scope"][0].split()}

    def last(self, method: str) -> Call:
        """The last call by a method that is not for a token."""
        return [call for call in self.calls if call.method == method and not call.url.endswith("/token")][-1]


@pytest.fixture(params=["spec", "moodle", "canvas"])
def wired(request: pytest.FixtureRequest, tmp_path: Path, tool_key: keys.ToolKey) -> Iterator[Wire]:
    with gradebooks.office(tmp_path, tool_key, request.param) as office:
        calls: list[Call] = []
        real = service_wire.exchanger(guard.networks("127.0.0.0/8"))

        def exchange(method: str, url: str, **named: Any) -> Answer:
            calls.append(Call(method, url, dict(named.get("headers") or {}), named.get("body")))
            return real(method, url, **named)

        office.services = Services(keys.only(tool_key), office.storage, exchange)
        office.sender.services = office.services
        yield Wire(office, office.open(), calls)


def made(wired: Wire, **changes: Any) -> LineItem:
    """A line item that the tool made."""
    item = replace(LineItem("", "Chapter 5", 40.0, "res-5", "grade", wired.target.link.resource_link), **changes)
    return line_items.create(wired.office.services, wired.office.record, wired.target.course, item)


# Access tokens


def test_a_service_is_called_with_a_bearer_token(wired: Wire) -> None:
    wired.office.put(60.0)
    wired.office.run()

    assert wired.last("POST").headers["Authorization"].startswith("Bearer ")


def test_a_score_is_sent_with_the_score_scope_and_no_other(wired: Wire) -> None:
    wired.office.open(scopes=(outbox.SCOPE,))
    wired.office.put(60.0)
    wired.office.run()

    assert wired.scopes() == {AGS + "score"}


def test_line_items_are_changed_with_the_line_item_scope_and_no_other(wired: Wire) -> None:
    made(wired)

    assert wired.scopes() == {AGS + "lineitem"}


def test_results_are_read_with_the_result_scope_and_no_other(wired: Wire) -> None:
    list(wire.results(wired.office.services, wired.office.record, wired.target.link.lineitem_url))

    assert wired.scopes() == {AGS + "result.readonly"}


def test_a_scope_that_was_not_granted_is_not_used(wired: Wire) -> None:
    wired.office.open("path", scopes=(outbox.SCOPE,))
    wired.office.put(60.0, wired.office.learner(opened="path"))
    wired.office.run()

    assert wired.calls == []


# Line items


def test_a_line_item_is_created(wired: Wire) -> None:
    item = made(wired)

    assert item.url.startswith(wired.office.platform.base)
    assert wired.last("POST").headers["Content-Type"] == "application/vnd.ims.lis.v2.lineitem+json"
    assert wired.last("POST").url == wired.target.course.lineitems_url


def test_a_new_line_item_has_what_the_specification_requires(wired: Wire) -> None:
    made(wired)
    sent = wired.last("POST").json()

    assert sent == {
        "label": "Chapter 5",
        "scoreMaximum": 40.0,
        "resourceId": "res-5",
        "tag": "grade",
        "resourceLinkId": wired.target.link.resource_link,
    }


def test_a_line_item_keeps_its_dates(wired: Wire) -> None:
    item = made(wired, starts="2026-11-01T00:00:00+00:00", ends="2026-12-01T00:00:00+00:00")

    assert wired.last("POST").json()["startDateTime"] == "2026-11-01T00:00:00+00:00"
    assert (item.starts, item.ends) == ("2026-11-01T00:00:00+00:00", "2026-12-01T00:00:00+00:00")


def test_a_line_item_is_read(wired: Wire) -> None:
    item = made(wired)

    assert line_items.read(wired.office.services, wired.office.record, wired.target.course, item.url) == item
    assert wired.last("GET").headers["Accept"] == "application/vnd.ims.lis.v2.lineitem+json"


def test_a_line_item_is_updated(wired: Wire) -> None:
    item = made(wired)
    changed = line_items.update(wired.office.services, wired.office.record, replace(item, label="Chapter 6"))

    assert changed.label == "Chapter 6"
    assert wired.last("PUT").headers["Content-Type"] == "application/vnd.ims.lis.v2.lineitem+json"
    assert line_items.read(wired.office.services, wired.office.record, wired.target.course, item.url) == changed


def test_a_line_item_is_deleted(wired: Wire) -> None:
    item = made(wired)
    line_items.delete(wired.office.services, wired.office.record, item.url)

    with pytest.raises(errors.ServiceError, match="404"):
        line_items.read(wired.office.services, wired.office.record, wired.target.course, item.url)


def test_all_line_items_are_listed_page_after_page(wired: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    from lti_tool import families

    family = families.FAMILIES[wired.office.record.family]
    monkeypatch.setattr(families, "FAMILIES", {**families.FAMILIES, family.name: replace(family, page=3)})
    urls = {made(wired, label=f"Chapter {number}", resource_link_id="").url for number in range(8)}

    found = list(line_items.every(wired.office.services, wired.office.record, wired.target.course))

    assert urls | {wired.target.link.lineitem_url} == {item.url for item in found}
    assert wired.last("GET").headers["Accept"] == "application/vnd.ims.lis.v2.lineitemcontainer+json"


@pytest.mark.parametrize("by", ["resource", "tag", "resource_link"])
def test_line_items_are_filtered(wired: Wire, by: str) -> None:
    item = made(wired)
    made(wired, resource_id="other", tag="other", resource_link_id="")
    value = {"resource": "res-5", "tag": "grade", "resource_link": wired.target.link.resource_link}[by]

    found = line_items.every(wired.office.services, wired.office.record, wired.target.course, **{by: value})

    assert item.url in {one.url for one in found}
    assert {"resource": "resource_id=", "tag": "tag=", "resource_link": "resource_link_id="}[by] in wired.last(
        "GET"
    ).url


# Scores


def test_a_score_is_posted_below_its_line_item_before_the_query(wired: Wire) -> None:
    wired.office.put(60.0)
    wired.office.run()
    path, _, query = wired.target.link.lineitem_url.partition("?")

    assert wired.last("POST").url == f"{path}/scores" + (f"?{query}" if query else "")
    assert wired.last("POST").headers["Content-Type"] == "application/vnd.ims.lis.v1.score+json"


def test_a_score_has_what_the_specification_requires(wired: Wire) -> None:
    wired.office.put(60.0)
    wired.office.run()
    sent = wired.last("POST").json()

    assert sent["userId"] == lms.user(wired.office.platform)
    assert (sent["scoreGiven"], sent["scoreMaximum"]) == (60.0, 100.0)
    assert (sent["activityProgress"], sent["gradingProgress"]) == ("Completed", "FullyGraded")
    assert "comment" not in sent


def test_a_timestamp_has_its_zone_and_microseconds(wired: Wire) -> None:
    wired.office.put(60.0)
    wired.office.run()
    text = wired.last("POST").json()["timestamp"]

    assert datetime.fromisoformat(text).utcoffset() is not None
    assert len(text.partition(".")[2].partition("+")[0]) == 6


def test_a_score_of_zero_is_sent_as_zero(wired: Wire) -> None:
    wired.office.put(0.0)
    wired.office.run()

    assert wired.office.taken() == [0.0]


def test_a_score_beyond_its_maximum_is_sent_as_it_is(wired: Wire) -> None:
    """Section 3.4.5: extra credit; Moodle clips it."""
    wired.office.put(130.0)
    wired.office.run()

    assert wired.office.taken() == [130.0]
    assert wired.office.score().state == "sent"


def test_a_comment_is_sent(wired: Wire) -> None:
    wired.office.put(60.0, comment="Landed cost: 3 of 5 steps")
    wired.office.run()

    assert wired.last("POST").json()["comment"] == "Landed cost: 3 of 5 steps"


def test_a_later_score_has_a_later_timestamp(wired: Wire) -> None:
    for given in (50.0, 60.0):
        wired.office.put(given)
        wired.office.run()
    first, second = (datetime.fromisoformat(call.json()["timestamp"]) for call in wired.calls if "/scores" in call.url)

    assert second > first


def test_a_score_reaches_the_gradebook_in_its_scale(wired: Wire) -> None:
    wired.office.put(7.0, maximum=10.0)
    wired.office.run()

    assert wired.office.grade() == 70.0


@pytest.mark.parametrize("activity", outbox.ACTIVITY)
def test_every_activity_progress_is_sent_as_it_is(wired: Wire, activity: str) -> None:
    wired.office.put(60.0, activity_progress=activity)
    wired.office.run()

    assert wired.last("POST").json()["activityProgress"] == activity


# Results


def test_results_are_read(wired: Wire) -> None:
    for person, given in ((lms.LEARNER, 60.0), (lms.LEARNER_2, 70.0)):
        wired.office.put(given, wired.office.learner(person), comment="Well done")
    wired.office.run()
    found = list(wire.results(wired.office.services, wired.office.record, wired.target.link.lineitem_url))

    assert {(one.user, one.score, one.maximum, one.comment) for one in found} == {
        (lms.user(wired.office.platform), 60.0, 100.0, "Well done"),
        (lms.user(wired.office.platform, lms.LEARNER_2), 70.0, 100.0, "Well done"),
    }
    assert wired.last("GET").headers["Accept"] == "application/vnd.ims.lis.v2.resultcontainer+json"


def test_results_of_one_person_are_read(wired: Wire) -> None:
    for person in (lms.LEARNER, lms.LEARNER_2):
        wired.office.put(60.0, wired.office.learner(person))
    wired.office.run()
    wanted = lms.user(wired.office.platform, lms.LEARNER_2)
    url = wired.target.link.lineitem_url

    assert [one.user for one in wire.results(wired.office.services, wired.office.record, url, user=wanted)] == [wanted]


# The score table of a Moodle 4.5.6, against the sandbox's profile of it


@pytest.fixture
def moodle(tmp_path: Path, tool_key: keys.ToolKey) -> Iterator[Office]:
    with gradebooks.office(tmp_path, tool_key, "moodle") as office:
        office.open()
        office.put(50.0)
        office.run()
        yield office


def raw(office: Office, content_type: str = wire.SCORE, **changes: Any) -> int:
    """Post a score past the outbox, as no part of the tool does; the status."""
    body = {
        "userId": lms.user(office.platform),
        "scoreGiven": 66.0,
        "scoreMaximum": 100.0,
        "activityProgress": "Completed",
        "gradingProgress": "FullyGraded",
        "timestamp": wire.moment(int((office.clock.now + 60) * 1e6)),
        **changes,
    }
    sent = {name: value for name, value in body.items() if value is not None}
    url = line_items.below(lms.line_item(office.platform), "scores")
    try:
        answer = office.services.call(
            office.record, [outbox.SCOPE], "POST", url, body=json.dumps(sent).encode(), content_type=content_type
        )
    except errors.ServiceError as error:
        return error.status
    return answer.status


ROWS: list[tuple[str, dict[str, Any], int, float | None]] = [
    ("an older timestamp", {"timestamp": "2020-01-01T00:00:00+00:00"}, 409, 50.0),
    ("more than the maximum", {"scoreGiven": 130}, 200, 100.0),
    ("another maximum", {"scoreGiven": 7, "scoreMaximum": 10}, 200, 70.0),
    ("below zero", {"scoreGiven": -1}, 200, 0.0),
    ("a maximum of zero", {"scoreGiven": 50, "scoreMaximum": 0}, 200, 50.0),
    ("an unknown person", {"userId": "nobody"}, 400, 50.0),
    ("an instructor", {"userId": lms.INSTRUCTOR}, 400, 50.0),
    ("no person", {"userId": None}, 400, 50.0),
    ("no timestamp", {"timestamp": None}, 400, 50.0),
    ("no progress", {"activityProgress": None}, 400, 50.0),
    ("grading by hand", {"gradingProgress": "PendingManual"}, 200, None),
    ("grading later", {"gradingProgress": "Pending"}, 200, None),
    ("begun without a score", {"scoreGiven": None, "activityProgress": "Initialized"}, 200, None),
    ("another content type", {"content_type": "application/json"}, 400, 50.0),
    ("a timestamp without zone", {"timestamp": "2036-01-01T00:00:00"}, 200, 66.0),
    ("a timestamp of China", {"timestamp": "2036-01-01T00:00:00+08:00"}, 200, 66.0),
    ("microseconds", {"timestamp": "2036-01-01T00:00:00.123456+00:00"}, 200, 66.0),
    ("a score as text", {"scoreGiven": "66"}, 200, 66.0),
]


@pytest.mark.parametrize(("what", "changes", "status", "grade"), ROWS, ids=[row[0] for row in ROWS])
def test_moodle_answers_as_was_measured(
    moodle: Office, what: str, changes: dict[str, Any], status: int, grade: float | None
) -> None:
    assert (raw(moodle, **changes), moodle.grade()) == (status, grade), what


@pytest.mark.parametrize(
    "put",
    [
        {"given": 40.0, "grading_progress": "Pending"},
        {"given": 90.0, "grading_progress": "PendingManual"},
        {"given": None, "activity_progress": "Initialized", "grading_progress": "NotReady"},
        {"given": None, "activity_progress": "Initialized"},
        {"given": 40.0},
        {"given": 0.0},
    ],
)
def test_nothing_that_the_tool_sends_takes_a_grade_away_or_lowers_it(moodle: Office, put: dict[str, Any]) -> None:
    moodle.put(**put)
    moodle.run()

    assert moodle.grade() == 50.0


def test_an_older_score_is_not_sent_again(moodle: Office) -> None:
    """409, and the gradebook has something better: superseded."""
    assert raw(moodle, scoreGiven=99.0) == 200
    moodle.put(60.0)
    moodle.run()

    assert (moodle.score().state, moodle.grade()) == ("superseded", 99.0)
    assert moodle.platform.counts["scores", 409] == 1
