"""People of a partner who come in by a launch: with the address they got, as long as it holds, and nobody else."""

from __future__ import annotations

import re
from html import unescape

from lti_tool import partners
from lti_tool.partnered import PARTNER_SEATS
from lti_tool.roles import MEMBERSHIP
from tests.lti_tool import allied, builders
from tests.lti_tool.allied import address, came, get, registered
from tests.lti_tool.builders import Bench, TestResponse
from tests.lti_tool.working import post

LINK = {"catalog": "cbec", "activity": "partner"}
MENTOR = [MEMBERSHIP + "Mentor"]


def visits(bench: Bench, sub: str = "mentor", **changes: object) -> TestResponse:
    """The page of a mentor who opened the link."""
    return builders.launched(bench, **{"sub": sub, "roles": MENTOR, "custom": LINK, **changes})


def ticket(page: TestResponse) -> str:
    """Where the page leads to, as a path; empty: it asks for the address."""
    found = re.search(r'<a class="btn primary" href="([^"?]+)', page.text)
    return unescape(found[1]) if found else ""


def test_a_role_alone_opens_no_room_and_the_address_does_from_then_on(bench: Bench) -> None:
    partner = registered(bench)
    given = f"https://tool.example{address(bench, partner)}?language=en"
    page = visits(bench)
    entered = post(bench, "visit", page, address=given)
    again = visits(bench)

    assert ticket(page) == ""
    assert ticket(entered)
    assert "You come in as Trainee desk." in again.text
    assert allied.NAME in get(bench, ticket(again)).text
    assert get(bench, ticket(again) + "/shared").status_code == 200
    assert ticket(visits(bench, "another")) == ""


def test_a_ticket_ends_with_its_hours_and_with_the_address(bench: Bench) -> None:
    partner = registered(bench)
    path = ticket(post(bench, "visit", visits(bench), address=address(bench, partner)))
    assert get(bench, path).status_code == 200
    bench.clock.offset += partners.HOURS + 1
    assert get(bench, path).status_code == 404
    path = ticket(visits(bench))
    assert get(bench, path).status_code == 200
    partners.end(bench.storage, allied.course(bench), partner, bench.clock())

    assert get(bench, path).status_code == 404
    assert ticket(visits(bench)) == ""


def test_a_changed_ticket_opens_nothing(bench: Bench) -> None:
    path = ticket(post(bench, "visit", visits(bench), address=address(bench, registered(bench))))
    text = path.rpartition("/")[2]
    later = text.split(".")
    later[1] = str(int(later[1]) + 9)
    for wrong in (text[:-1], ".".join(later), "~", "~x.9999999999.y", text[1:]):
        assert get(bench, f"/lti/partner/{wrong}").status_code == 404, wrong


def test_what_opens_no_room_of_this_course_is_not_remembered(bench: Bench) -> None:
    elsewhere = address(bench, registered(bench, context="course-2"), context="course-2")
    for wrong in (elsewhere, "x", "", elsewhere[:-1]):
        page = post(bench, "visit", visits(bench), address=wrong)

        assert "It opens no room of this course" in page.text
    assert bench.storage.find(PARTNER_SEATS, {}) == []


def test_a_learner_is_not_let_in(bench: Bench) -> None:
    text = address(bench, registered(bench))
    assert visits(bench, roles=[builders.LEARNER]).status_code == 403

    assert post(bench, "visit", came(bench), address=text).status_code == 403
    assert bench.storage.find(PARTNER_SEATS, {}) == []


def test_an_address_is_forgotten_when_its_person_says_so(bench: Bench) -> None:
    page = post(bench, "visit", visits(bench), address=address(bench, registered(bench)))
    left = post(bench, "visit", page, leave="1")

    assert "Forgotten." in left.text
    assert ticket(visits(bench)) == ""
    assert "合作企业入口" in post(bench, "visit", left, language="zh").text
