from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from html import unescape
from pathlib import Path

import pytest

from curriculum import catalog as catalogs
from entrepot.sandbox.config import Person
from lti_tool import courses, emit, errors, goals, keys, texts
from lti_tool.courses import Course
from lti_tool.pages import classroom
from lti_tool.pages.classroom import Asked, Known
from lti_tool.roster import ledger, members, sync
from lti_tool.roster.deeds import Deeds
from lti_tool.roster.ledger import Roster
from lti_tool.roster.members import Member
from recommender import verbs
from tests.lti_tool import builders, lms, rosters
from tests.lti_tool.rosters import Place
from xapi_collector import consent

ITEM = next(iter(catalogs.load("cbec").items.values())).activity
CBEC = catalogs.load("cbec")
NOW = 1_800_000_000.0
DAY = 86_400
COURSE = Course("c", "https://lms.example", "client", "1", "1", "Operations", "https://lms.example/members")


@pytest.fixture
def place(tmp_path: Path, tool_key: keys.ToolKey) -> Iterator[Place]:
    with rosters.place(tmp_path, tool_key, change=links) as running:
        yield running


def links(raw: dict[str, object]) -> None:
    """The course practises cross-border e-commerce; one link opens the class."""
    rosters.class_link(raw)
    rosters.practises(raw)


def read(place: Place, id_: str = "course-1") -> Course:
    (course,) = [one for one in courses.every(place.storage) if one.context == lms.course(place.platform, id_).context]
    sync.read(place.reader, course)
    return course


def rows(page: builders.TestResponse) -> list[list[str]]:
    """The cells of the table of learners."""
    table = page.text.split('<table class="roomy', 1)[1]
    found = re.findall(r"<tr role=\"row\">(.*?)</tr>", table.split("<tbody", 1)[1].split("</tbody>")[0], re.DOTALL)
    return [
        [unescape(re.sub(r"<[^>]+>", "", cell)).strip() for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row)]
        for row in found
    ]


def listed(place: Place, page: builders.TestResponse, /, **fields: str) -> builders.TestResponse:
    """The list of learners, as a form of a class page asks for it."""
    return place.post(page, "/lti/class/learners", **fields)


def code(place: Place, person: str) -> str:
    return place.pseudonym(person)[: classroom.CODE]


# Who may see it


@pytest.mark.parametrize("person", [lms.INSTRUCTOR, lms.ASSISTANT])
def test_who_teaches_opens_the_class_by_its_link_and_from_the_learners_page(place: Place, person: str) -> None:
    assert "No learner is known yet" in place.launch(person, "class").text
    learners = place.launch(person)
    assert "See your class" in learners.text
    assert place.post(learners).status_code == 200


@pytest.mark.parametrize("person", [lms.LEARNER, lms.DEVELOPER, lms.MENTOR, lms.OBSERVER, lms.ADMINISTRATOR])
def test_nobody_else_does(place: Place, person: str) -> None:
    answer = lms.launch(place.platform, place.browser(), person=person, link="class")
    assert (answer.status_code, "permission_missing" in answer.text) == (403, True)

    learners = place.launch(person)
    assert "See your class" not in learners.text
    assert place.post(learners).status_code == 403


def test_a_class_link_is_refused_inside_the_frame_of_its_platform_alone(place: Place) -> None:
    answer = lms.launch(place.platform, place.browser(), person=lms.LEARNER, link="class")

    assert answer.headers["Content-Security-Policy"].endswith(f"frame-ancestors {place.platform.base}")


def test_only_this_course_is_shown_whatever_a_form_says(place: Place) -> None:
    lms.launch(place.platform, place.browser(), person=lms.LEARNER, course_=lms.course(place.platform, "course-2"))
    other = read(place, "course-2")
    stranger = Member(other.course, "Stranger-in-the-other-course-000", "m", True, "active", ("learner",), (), 0, 0)
    place.storage.insert(members.MEMBERS, members.document(stranger))
    page = place.launch(lms.INSTRUCTOR, "class")
    read(place)

    for fields in ({"course": other.course}, {"context": other.course}, {"names": "1", "course": other.course}):
        shown = listed(place, page, **fields)
        assert shown.status_code == 200
        assert "Strang" not in shown.text


def test_a_group_of_another_course_is_not_found(place: Place) -> None:
    page = place.launch(lms.INSTRUCTOR, "class")
    read(place)

    assert place.post(page, group="501").status_code == 200
    answer = place.post(page, group="777")
    assert answer.status_code == 404
    assert answer.headers["Content-Security-Policy"].endswith(f"frame-ancestors {place.platform.base}")


def test_a_launch_without_a_course_has_no_class(tmp_path: Path, bench: builders.Bench) -> None:
    custom = {"catalog": "cbec", "activity": "class"}
    answer = builders.launched(bench, roles=[builders.INSTRUCTOR], context=builders.REMOVE, custom=custom)

    assert (answer.status_code, "not_found" in answer.text) == (404, True)
    assert bench.storage.find(members.MEMBERS, {}) == []


def test_a_class_of_an_unknown_catalog_is_refused(place: Place) -> None:
    page = place.launch(lms.INSTRUCTOR)
    course = read(place)
    (link,) = courses.links(place.storage, course.course)
    courses.remember(place.storage, course, replace(link, opens={"catalog": "atlantis"}))

    answer = place.post(page)
    assert answer.status_code == 200  # the page's own link says which catalog
    opened = lms.launch(place.platform, place.browser(), person=lms.INSTRUCTOR, link="class")
    assert (opened.status_code, "catalog_unknown" in opened.text) == (400, True)


# What it shows


def test_the_class_is_shown_with_what_each_did(place: Place) -> None:
    place.launch(lms.LEARNER)
    page = place.launch(lms.INSTRUCTOR, "class")
    course = read(place)
    (link,) = [one for one in courses.links(place.storage, course.course) if one.opens == {"catalog": "cbec"}]
    place.state(lms.LEARNER, verbs.LAUNCHED, emit.activity(link.link, builders.TOOL), days_ago=3)
    place.state(lms.LEARNER, verbs.ANSWERED, ITEM, days_ago=1, success=True)
    place.state(lms.LEARNER, verbs.ANSWERED, ITEM, days_ago=2, success=False)
    goals.choose(place.storage, place.pseudonym(lms.LEARNER), course.course, "operations", 1.0)

    shown = listed(place, page)

    assert "1 of 2 learners opened this in the last 7 days" in shown.text
    assert "1 teaching assistant" in shown.text
    assert rows(shown) == [
        [code(place, lms.LEARNER_2), "Group B", "not yet", "0", "no answer yet", "none chosen yet"],
        [
            code(place, lms.LEARNER),
            "Group A",
            "3 days ago",
            "2",
            "yesterday",
            "Cross-border platform operations specialist",
        ],
    ]


def test_nothing_at_rest_or_on_the_page_is_a_name_until_names_are_asked_for(place: Place) -> None:
    page = place.launch(lms.INSTRUCTOR, "class")
    read(place)
    assert f"Learner {lms.LEARNER}" not in listed(place, page).text

    named = listed(place, page, names="1", sort="name")
    assert [row[0] for row in rows(named)] == [
        f"Learner {lms.LEARNER} {code(place, lms.LEARNER)}",
        f"Learner {lms.LEARNER_2} {code(place, lms.LEARNER_2)}",
    ]
    assert "forgotten after ten minutes" in named.text
    assert 'name="names" value="1"' in named.text
    assert f"Learner {lms.LEARNER}" not in listed(place, page).text
    files = [path.read_bytes() for path in place.directory.rglob("*") if path.is_file()]
    assert not any(f"Learner {lms.LEARNER}".encode() in text for text in files)


def test_a_name_is_shown_as_text(place: Place) -> None:
    page = place.launch(lms.INSTRUCTOR, "class")
    evil = "<img src=x onerror=alert(1)>{{7*7}}"
    place.platform.enrol(lms.course(place.platform), Person("evil", {"en": evil, "zh": evil}, "learner"))
    read(place)
    shown = listed(place, page, names="1").text

    assert "<img" not in shown
    assert "&lt;img src=x onerror=alert(1)&gt;{{7*7}}" in shown


def test_names_that_cannot_be_had_leave_the_class_readable(place: Place) -> None:
    page = place.launch(lms.INSTRUCTOR, "class")
    read(place)
    place.platform.fail("members", "503")
    shown = listed(place, page, names="1")

    assert "The course did not tell the names. The platform had an error of its own." in shown.text
    assert len(rows(shown)) == 2


def test_without_a_roster_the_class_is_who_came(place: Place) -> None:
    place.launch(lms.LEARNER)
    page = place.launch(lms.INSTRUCTOR, "class")
    (course,) = courses.every(place.storage)
    without = {**place.storage.get(courses.COURSES, (course.course,))}  # type: ignore[dict-item]  # it is there
    place.storage.replace(courses.COURSES, {**without, "memberships_url": ""}, expected=without)
    shown = listed(place, page, names="1")

    assert "The course does not offer its list of members" in shown.text
    assert "Read it now" not in shown.text
    assert [row[0] for row in rows(shown)] == [code(place, lms.LEARNER)]
    assert "The course did not tell the names." in shown.text


def test_a_failure_is_said_with_its_reason_and_what_to_do(place: Place) -> None:
    page = place.launch(lms.INSTRUCTOR, "class")
    place.platform.fail("members", "403", times=2)
    read(place)
    shown = listed(place, page)

    assert "The last try, just now, did not work." in shown.text
    assert "An administrator of the platform can allow Names and Role Provisioning Services" in shown.text
    assert "The next try is in about" in shown.text


def test_the_list_is_read_again_when_an_instructor_wants_it(place: Place) -> None:
    page = place.launch(lms.INSTRUCTOR, "class")
    course = read(place)
    record = place.storage.get(ledger.ROSTERS, (course.course,))
    assert record
    place.storage.replace(ledger.ROSTERS, {**record, "read": 1.0, "tried": 1.0}, expected=record)

    assert "It is being read" in listed(place, page, reload="1").text
    assert len(ledger.wanted(place.storage)) == 1


def test_the_class_is_shown_in_chinese(place: Place) -> None:
    page = place.launch(lms.INSTRUCTOR, "class")
    read(place)
    shown = listed(place, page, language="zh")

    assert '<html lang="zh-Hans">' in shown.text
    assert "过去 7 天内还没有人打开过" in shown.text
    assert "尚未打开" in listed(place, shown, language="").text


def test_the_page_has_no_inline_style_or_script(place: Place) -> None:
    page = place.launch(lms.INSTRUCTOR, "class")
    read(place)

    assert re.findall(r"<script|<style|\sstyle=|\son\w+=|javascript:", listed(place, page, names="1").text) == []


def test_what_a_form_cannot_ask_for_is_as_if_it_had_not(place: Place) -> None:
    page = place.launch(lms.INSTRUCTOR, "class")
    read(place)
    usual = rows(listed(place, page))

    for fields in ({"away": "5"}, {"away": "x"}, {"page": "-1"}, {"page": "²"}, {"page": "9" * 40}, {"sort": "email"}):
        assert rows(listed(place, page, **fields)) == usual


# What a learner sees of it


def test_a_learner_sees_the_row_that_the_instructor_sees(place: Place) -> None:
    page = place.launch(lms.INSTRUCTOR, "class")
    place.launch(lms.LEARNER)
    course = read(place)
    place.state(lms.LEARNER, verbs.ANSWERED, ITEM, days_ago=1, success=True)
    link = next(one for one in courses.links(place.storage, course.course) if one.opens == {"catalog": "cbec"})
    place.state(lms.LEARNER, verbs.LAUNCHED, emit.activity(link.link, builders.TOOL))
    own = place.post(place.launch(lms.LEARNER), "/lti/profile").text.split('id="own"', 1)[1]

    theirs = next(row for row in rows(listed(place, page)) if row[0] == code(place, lms.LEARNER))
    assert [unescape(cell) for cell in re.findall(r"<dd>(.*?)</dd>", own)] == theirs


def test_who_keeps_it_to_themselves_is_told_what_is_left_and_the_instructor_sees_no_more(place: Place) -> None:
    consent.say(place.storage, {place.pseudonym(lms.LEARNER): ""}, consent.ANALYTICS, consent.DENY, lambda: 1)
    page = place.launch(lms.INSTRUCTOR, "class")
    own = place.post(place.launch(lms.LEARNER), "/lti/profile")
    read(place)
    shown = listed(place, page)

    assert "Only that you are in the course." in own.text
    assert [code(place, lms.LEARNER), "Group A", "In the course; keeps the rest to themselves."] in rows(shown)
    assert "1 learner keeps what they do to themselves." in shown.text


def test_who_does_not_learn_here_is_shown_no_row_of_theirs(place: Place) -> None:
    assert 'id="own"' not in place.post(place.launch(lms.INSTRUCTOR), "/lti/profile").text


# The list: pure


def known(*listed: Member, deeds: dict[str, Deeds] | None = None, **changes: object) -> Known:
    values = {"goals": {}, "names": {}, "roster": Roster("c"), **changes}
    return Known(listed, deeds or {}, **values)  # type: ignore[arg-type]  # the names are those above


def member(name: str, *roles: str, state: str = "active", groups: tuple[str, ...] = ()) -> Member:
    return Member("c", name, "m", True, state, roles or ("learner",), groups, 0, 0)


def page(of: Known, asked: Asked = Asked()) -> classroom.Page:  # noqa: B008 - it is frozen
    return classroom.page(of, COURSE, CBEC, asked, language="en", now=NOW)


def ago(days: float) -> int:
    return int((NOW - days * DAY) * 1e6)


def test_members_are_counted_by_role_and_those_who_left_are_not() -> None:
    shown = page(
        known(
            member("a"),
            member("b", state="inactive"),
            member("c", "instructor"),
            member("d", "learner", "instructor"),
            member("e", state="left"),
            Member("c", "f", "m", True, "active", (), (), 0, 0),
        )
    )

    assert [words for words, _ in shown.roles] == [
        "3 learners",
        "2 instructors",
        "1 in another role",
        "1 of them inactive",
    ]
    assert [row.code for row in shown.rows] == ["a", "b"]
    assert shown.rows[1].inactive
    assert not members.learns(member("e", state="left"))


def test_orders_put_first_who_may_need_a_word() -> None:
    deeds = {
        "a": Deeds(5, ago(1), ago(1)),
        "b": Deeds(1, ago(9), ago(9)),
        "c": Deeds(3, None, None),
        "d": Deeds(shared=False),
    }
    of = known(*map(member, "abcd"), deeds=deeds, names={"a": "Zoe", "b": "Ada"})

    assert [row.code for row in page(of).rows] == ["c", "b", "a", "d"]
    assert [row.code for row in page(of, Asked(sort="answers")).rows] == ["b", "c", "a", "d"]
    assert [row.code for row in page(of, Asked(sort="name")).rows] == ["b", "a", "c", "d"]


def test_filters_keep_a_group_or_who_has_been_away() -> None:
    deeds = {"a": Deeds(0, None, ago(1)), "b": Deeds(0, None, ago(8)), "c": Deeds(), "d": Deeds(shared=False)}
    listed = [member("a", groups=("7",)), member("b", groups=("7", "8")), member("c"), member("d", groups=("7",))]
    of = known(*listed, deeds=deeds, roster=Roster("c", groups={"7": "Seminar B", "9": "Empty"}))

    assert [row.code for row in page(of, Asked(away=7)).rows] == ["c", "b"]
    assert [row.code for row in page(of, Asked(away=14)).rows] == ["c"]
    assert [row.code for row in page(of, Asked(group="7")).rows] == ["b", "a", "d"]
    assert page(of).groups == [("8", "8", 1), ("9", "Empty", 0), ("7", "Seminar B", 3)]
    assert page(of, Asked(group="8")).rows[0].groups == ("Seminar B", "8")


def test_a_long_list_has_pages_and_ends_at_the_last() -> None:
    of = known(*(member(f"{number:03}") for number in range(120)))

    assert [len(page(of, Asked(page=number)).rows) for number in (1, 2, 3)] == [50, 50, 20]
    last = page(of, Asked(page=99))
    assert (last.asked.page, last.pages, last.found) == (3, 3, 120)
    assert page(known()).pages == 1


@pytest.mark.parametrize(
    ("days", "words"), [(-0.5, "today"), (0, "today"), (1, "yesterday"), (2, "2 days ago"), (400, "400 days ago")]
)
def test_a_day_is_said_as_people_say_it(days: float, words: str) -> None:
    assert page(known(member("a"), deeds={"a": Deeds(1, ago(days), ago(days))})).rows[0].opened == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "just now"), (61, "a minute ago"), (600, "10 minutes ago"), (7200, "2 hours ago"), (3 * DAY, "3 days ago")],
)
def test_how_long_ago_the_list_was_read(seconds: float, words: str) -> None:
    reading = page(known(member("a"), roster=Roster("c", read=NOW - seconds, tried=NOW - seconds))).reading

    assert (reading.state, reading.ago) == ("read", words)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(-5, "within a minute or two"), (90, "in about 2 minutes"), (7200, "in about 2 hours")],
)
def test_when_the_next_try_is(seconds: float, words: str) -> None:
    reading = page(known(roster=Roster("c", problem="timeout", tried=NOW, due=NOW + seconds))).reading

    assert (reading.state, reading.again, reading.ago) == ("failed", words, "")


def test_a_list_that_was_never_read_or_is_being_read_says_so() -> None:
    assert page(known()).reading.state == "never"
    assert page(known(roster=Roster("c", wanted=True))).reading.state == "reading"
    assert page(known(roster=Roster("c", holder="x", until=NOW + 1))).reading.state == "reading"
    assert page(known(roster=Roster("c", holder="x", until=NOW - 1))).reading.state == "never"


@pytest.mark.parametrize("kind", ["unsafe", "unreachable", "timeout", "unauthorised", "conflict", *(
    "busy", "failing", "refused", "malformed")])  # fmt: skip
def test_every_kind_of_failure_has_its_words_in_both_languages(kind: str) -> None:
    assert kind in (errors.ServiceError.__doc__ or "")
    for language in texts.LANGUAGES:
        say = texts.speaker(language)
        assert say(f"roster.problem.{kind}")
        assert say(f"roster.problem.{kind}.do")


# How fast


def test_a_class_of_two_hundred_is_shown_again_as_it_was(tmp_path: Path, tool_key: keys.ToolKey) -> None:
    with rosters.place(tmp_path, tool_key, change=links, members=198) as place:
        page = place.launch(lms.INSTRUCTOR, "class")
        read(place)
        for person in (lms.LEARNER, lms.LEARNER_2):
            for _ in range(20):
                place.state(person, verbs.ANSWERED, ITEM, success=True)
        first, again = listed(place, page), listed(place, page)

        assert "200 learners" in first.text
        assert builders.heading(again) == builders.heading(first)
