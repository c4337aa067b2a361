"""The room of a partner over HTTP: what is in it, and every way into the room of another that must stay shut."""

from __future__ import annotations

import random
import re
from urllib.parse import urlsplit

import pytest

from curriculum.kits import kit as kits
from lti_tool import holdings, outside, partners, platforms
from lti_tool.holdings import Held
from lti_tool.kept import EVENTS
from lti_tool.partnered import GRANT_LOG, GRANTS, OPENINGS
from lti_tool.works import HANDINS, OUTSIDE
from tests.curriculum.kits import builders as kit_builders
from tests.lti_tool import allied, builders
from tests.lti_tool.allied import address, came, get, grant, offered, registered, teaches, views
from tests.lti_tool.builders import Bench
from tests.lti_tool.test_inspecting import address as reviewers
from tests.lti_tool.working import SOAK, hand, keys, png, post
from tests.lti_tool.working import came as at_project

ROUTES = ("", "/cohort", "/shared", "/openings", "/calendar.ics")


def scheduled(bench: Bench, title: str) -> str:
    """Schedule a session; its id."""
    post(
        bench, "class/events/keep", teaches(bench), title=title, day=allied.day(bench, 3), time="10:00", minutes="90",
        where="site", place="Hall 2", skill="cus.duty", act="keep",
    )  # fmt: skip
    return next(one["event"] for one in bench.storage.find(EVENTS, {}) if one["title"] == title)


def test_the_room_holds_what_is_worked_on_together_and_nothing_else(bench: Bench) -> None:
    partner = registered(bench)
    mine, other = scheduled(bench, "Day at the warehouse"), scheduled(bench, "Lecture")
    held = Held("k" * 20, holdings.LIVE, kits.dumped(kit_builders.kit()), "{}", int(bench.clock()))
    holdings.put(bench.storage, "cbec", held)
    post(
        bench, "class/partners/set", teaches(bench), partner=partner, room="1", event=mine, kit=held.id,
        project="operations.shelf",
    )  # fmt: skip
    path = address(bench, partner)
    page, feed = get(bench, path), get(bench, f"{path}/calendar.ics")

    assert "Welcome, Trainee desk." in page.text
    assert "Day at the warehouse" in page.text
    assert kit_builders.kit().manifest.title["en"] in page.text
    assert "Lecture" not in page.text + feed.text
    assert feed.headers["Content-Type"].startswith("text/calendar")
    assert re.findall(r"SUMMARY[^:]*:(.*?)\r?\n", feed.text) == ["Day at the warehouse"]
    assert f"UID:{mine}@" in feed.text
    assert other not in feed.text
    assert "Serves" not in page.text
    post(bench, "class/partners/set", teaches(bench), partner=partner, room="1")
    assert "None is scheduled." in get(bench, path).text


def test_pages_are_kept_by_nobody_framed_by_nobody_and_say_nothing_to_others(bench: Bench) -> None:
    path = address(bench, registered(bench))
    for one in ROUTES[:4]:
        answer = get(bench, path + one)

        assert answer.status_code == 200
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert answer.headers["X-Robots-Tag"].startswith("noindex")
        assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
        assert "Set-Cookie" not in answer.headers


def test_a_file_of_a_granted_work_is_taken_and_on_record(bench: Bench) -> None:
    partner = registered(bench)
    hand(bench, at_project(bench, "ada"), png(), outside="")
    (work,) = [one["key"] for one in bench.storage.find(HANDINS, {})]
    grant(bench, came(bench), partner, scope="nothing", work=[work])
    (view,) = views(get(bench, f"{address(bench, partner)}/shared"))
    shown, taken, none = get(bench, view), get(bench, f"{view}/0?picture=1"), get(bench, f"{view}/1")

    assert f"{view}/0?picture=1" in shown.text
    assert taken.headers["Content-Type"] == "image/png"
    assert none.status_code == 404
    assert "file" in {one["act"] for one in bench.storage.find(GRANT_LOG, {})}
    assert "took a file of yours" in post(bench, "sharing", came(bench)).text


def test_nothing_is_shown_that_could_not_be_noted(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    partner = registered(bench)
    grant(bench, came(bench), partner)
    path = address(bench, partner)
    (view,) = views(get(bench, f"{path}/shared"))
    insert = type(bench.storage).insert_missing

    def full(self: object, collection: object, documents: object) -> object:
        if collection is GRANT_LOG:
            message = "full"
            raise OSError(message)
        return insert(bench.storage, collection, documents)  # type: ignore[arg-type]  # as it was called

    monkeypatch.setattr(type(bench.storage), "insert_missing", full)
    for one in (f"{path}/shared", view):
        answer = get(bench, one)
        assert answer.status_code == 500
        assert "Tamm" not in answer.text


def test_nothing_of_one_partner_is_found_by_another_or_from_another_course(bench: Bench) -> None:
    """Every route of a room with every id of every other room, and with ids of none: 404, in the same words."""
    elsewhere = {"context": {"id": "course-2"}}
    mine, other = registered(bench), registered(bench, "Lamp Ltd")
    there = registered(bench, "Third Ltd", "course-2")
    offered(bench, other)
    for partner, changes in ((mine, {}), (other, {}), (there, elsewhere)):
        grant(bench, came(bench, **changes), partner)
    paths = {
        mine: address(bench, mine),
        other: address(bench, other),
        there: address(bench, there, context="course-2"),
    }
    seen = {partner: views(get(bench, f"{path}/shared"))[0].rpartition("/")[2] for partner, path in paths.items()}
    ids = {*seen.values(), *(one["key"] for one in bench.storage.find(GRANTS, {})), mine, other, there}
    ids |= {one["opening"] for one in bench.storage.find(OPENINGS, {})}
    ids |= {one["id"] for one in bench.storage.find(OUTSIDE, {})}
    rng = random.Random(7)
    ids |= {"".join(rng.choices("0123456789abcdef", k=24)) for _ in range(50 if SOAK else 5)}
    for partner, path in paths.items():
        for id_ in ids - {seen[partner]}:
            for answer in (
                get(bench, f"{path}/shared/{id_}"),
                get(bench, f"{path}/shared/{id_}/0"),
                bench.client().post(f"{path}/shared/{id_}", data={"outcome": "talk", "who": "A", "reason": "B"}),
            ):
                assert (answer.status_code, "not_found" in answer.text) == (404, True)
    foreign = bench.storage.find(OPENINGS, {})[0]["opening"]
    assert bench.client().post(f"{paths[mine]}/openings", data={"close": foreign}).status_code == 404
    assert bench.client().post(f"{paths[other]}/openings", data={"close": foreign}).status_code == 200
    for partner, path in paths.items():
        text = "".join(get(bench, path + one).text for one in ROUTES)
        assert not any(other_view in text for name, other_view in seen.items() if name != partner)


def test_the_address_of_a_reviewer_opens_no_room_and_that_of_a_partner_no_works(bench: Bench) -> None:
    room, works = address(bench, registered(bench)), reviewers(bench)
    texts = (room.rpartition("/")[2], works.rpartition("/")[2])

    for one in ROUTES:
        assert get(bench, f"/lti/partner/{texts[1]}{one}").status_code == 404
    assert get(bench, f"/lti/outside/{texts[0]}").status_code == 404


def test_an_address_of_a_platform_that_waits_or_a_partner_that_is_gone_opens_nothing(bench: Bench) -> None:
    partner = registered(bench)
    path = address(bench, partner)
    platforms.register(bench.storage, builders.registered(bench.issuer.iss, state="pending"))
    assert {get(bench, path + one).status_code for one in ROUTES} == {404}
    platforms.register(bench.storage, builders.registered(bench.issuer.iss))
    assert get(bench, path).status_code == 200
    (kept,) = bench.storage.find(OUTSIDE, {})
    partners.remove(bench.storage, kept["course"])

    assert {get(bench, path + one).status_code for one in ROUTES} == {404}


def test_a_changed_address_and_one_that_is_asked_too_often(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outside, "EACH_MINUTE", 3)
    path = address(bench, registered(bench))

    assert get(bench, path[:-1] + ("A" if path[-1] != "A" else "B")).status_code == 404
    assert [get(bench, path).status_code for _ in range(5)] == [200] * 3 + [429] * 2


def test_a_partner_closes_an_opening_and_sees_how_many_applied(bench: Bench) -> None:
    partner = registered(bench)
    offered(bench, partner)
    path = address(bench, partner)
    page = get(bench, f"{path}/openings?role=marketing")
    (opening,) = keys(page, "close")
    lacking = bench.client().post(f"{path}/openings", data={"role": "marketing", "title": "Half"})
    closed = bench.client().post(f"{path}/openings", data={"close": opening})

    assert "0 learners have applied" in page.text
    assert page.text.count('name="level ') == len(allied.CBEC.roles["marketing"].targets)
    assert "Say what the work is." in lacking.text
    assert 'value="Half"' in lacking.text
    assert "Closed." in closed.text
    assert keys(get(bench, f"{path}/openings"), "close") == []


def test_a_calendar_is_asked_again_only_for_what_changed(bench: Bench) -> None:
    path = f"{address(bench, registered(bench))}/calendar.ics"
    first = get(bench, path)
    again = bench.client().get(path, headers={"If-None-Match": first.headers["ETag"]})

    assert (first.status_code, again.status_code) == (200, 304)
    assert urlsplit(path).query == ""


def test_in_chinese_too(bench: Bench) -> None:
    partner = registered(bench)
    grant(bench, came(bench), partner, name="")
    path = address(bench, partner)
    for one, words in (
        ("", "合作空间"),
        ("/cohort", "班级能力分布"),
        ("/shared", "学习者 1"),
        ("/openings", "填写岗位"),
    ):
        page = get(bench, f"{path}{one}?language=zh")

        assert words in page.text
        assert f"{path}{one}?language=en" in page.text.replace("&amp;", "&").replace("role=operations&", "")
