from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from entrepot.sandbox.config import Person
from lti_tool import courses, errors, keys, platforms
from lti_tool.roster import container, ledger, members, names, sync
from lti_tool.settings import COURSES, MEMBERS, ROSTERS
from tests.lti_tool import lms, rosters
from tests.lti_tool.rosters import STORES, Place
from xapi_collector import keyring as keyrings

SOAK = os.environ.get("ENTREPOT_TEST_SOAK") == "1"
MEMBERS_HERE = 2_000 if SOAK else 300
SECONDS = 60 if SOAK else 9
DAY = 86_400
CANARY = "Marguerite Canary"
MAIL = "marguerite.canary@example.edu"


@pytest.fixture
def place(tmp_path: Path, tool_key: keys.ToolKey) -> Iterator[Place]:
    with rosters.place(tmp_path, tool_key) as running:
        yield running


@pytest.fixture(params=STORES)
def each(request: pytest.FixtureRequest, tmp_path: Path, tool_key: keys.ToolKey) -> Iterator[Place]:
    with rosters.place(tmp_path, tool_key, store=request.param) as running:
        yield running


def somebody(id_: str, role: str = "learner", name: str = "Somebody") -> Person:
    return Person(id_, {"en": name, "zh": name}, role)


def asked(place: Place) -> int:
    return sum(count for (service, _), count in place.platform.counts.items() if service == "members")


# What is kept


def test_everybody_of_a_roster_is_kept_by_the_pseudonym_of_their_launch(each: Place) -> None:
    course = each.course()
    assert sync.read(each.reader, course)

    kept = each.members(course)
    assert {kept[each.pseudonym(lms.LEARNER)].roles, kept[each.pseudonym(lms.ASSISTANT)].roles} == {
        ("learner",),
        ("assistant",),
    }
    assert len(kept) == 8
    assert {one.state for one in kept.values()} == {"active"}
    each.launch(lms.LEARNER)
    assert len(each.members(course)) == 8


def test_groups_come_with_their_names(place: Place) -> None:
    course = place.course()
    sync.read(place.reader, course)

    assert place.members(course)[place.pseudonym(lms.LEARNER)].groups == ("501",)
    assert ledger.find(place.storage, course.course).groups == {"501": "Group A", "502": "Group B"}


def test_groups_that_cannot_be_read_leave_the_roster_and_the_names_as_they_are(place: Place) -> None:
    course = place.course()
    sync.read(place.reader, course)
    place.platform.fail("groups", "503")
    sync.read(place.reader, course)

    found = ledger.find(place.storage, course.course)
    assert (found.problem, found.groups["501"]) == ("", "Group A")


def test_a_platform_without_groups_is_not_asked_for_them(tmp_path: Path, tool_key: keys.ToolKey) -> None:
    with rosters.place(tmp_path, tool_key, "moodle") as place:
        sync.read(place.reader, place.course())

        assert not [1 for service, _ in place.platform.counts if service == "groups"]


def test_who_leaves_is_marked_and_who_comes_back_is_there_again(place: Place) -> None:
    course, there = place.course(), lms.course(place.platform)
    sync.read(place.reader, course)
    place.platform.leave(there, lms.LEARNER)
    whole(place, course)
    gone = place.members(course)[place.pseudonym(lms.LEARNER)]
    assert (gone.state, gone.roles) == ("left", ("learner",))

    place.platform.enrol(there, somebody(lms.LEARNER))
    whole(place, course)
    assert place.members(course)[place.pseudonym(lms.LEARNER)].state == "active"


def whole(place: Place, course: courses.Course) -> None:
    """Read all of a course, as once a day."""
    record = place.storage.get(ROSTERS, (course.course,))
    assert record
    place.storage.replace(ROSTERS, {**record, "differences": ""}, expected=record)
    sync.read(place.reader, course)


def test_only_what_differs_is_written(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    course = place.course()
    sync.read(place.reader, course)
    place.platform.enrol(lms.course(place.platform), somebody(lms.LEARNER, "assistant"))
    written: list[Any] = []
    replace_ = place.storage.replace

    def spy(collection: Any, document: Any, *, expected: Any) -> bool:
        if collection is MEMBERS:
            written.append(document["learner"])
        return replace_(collection, document, expected=expected)

    monkeypatch.setattr(place.storage, "replace", spy)
    whole(place, course)

    assert written == [place.pseudonym(lms.LEARNER)]


def test_what_a_platform_says_has_changed_is_enough_for_a_day(place: Place) -> None:
    course, there = place.course(), lms.course(place.platform)
    sync.read(place.reader, course)
    assert "since=" in ledger.find(place.storage, course.course).differences
    place.platform.leave(there, lms.LEARNER)
    place.platform.enrol(there, somebody("new"))
    sync.read(place.reader, course)
    first = ledger.find(place.storage, course.course).whole

    kept = place.members(course)
    assert kept[place.pseudonym(lms.LEARNER)].state == "left"
    assert len([one for one in kept.values() if one.state == "active"]) == 8
    record = place.storage.get(ROSTERS, (course.course,))
    assert record
    place.storage.replace(ROSTERS, {**record, "whole": first - DAY}, expected=record)
    sync.read(place.reader, course)
    assert ledger.find(place.storage, course.course).whole > first


def test_who_came_and_left_between_two_readings_is_not_kept(place: Place) -> None:
    course, there = place.course(), lms.course(place.platform)
    sync.read(place.reader, course)
    place.platform.enrol(there, somebody("brief"))
    place.platform.leave(there, "brief")
    sync.read(place.reader, course)

    assert len(place.members(course)) == 8


def test_a_list_of_differences_that_went_bad_is_followed_by_the_whole(place: Place) -> None:
    course = place.course()
    sync.read(place.reader, course)
    place.platform.fail("members", "410")
    sync.read(place.reader, course)
    assert ledger.find(place.storage, course.course).status == 410
    sync.read(place.reader, course)

    found = ledger.find(place.storage, course.course)
    assert (found.problem, found.read == found.whole) == ("", True)


# Whose roster


def test_no_other_course_is_read_than_those_that_were_launched_from(place: Place) -> None:
    """The pattern of addresses would allow it, and on Moodle the platform would answer."""
    place.launch(lms.INSTRUCTOR)
    course = place.course()
    seen: list[str] = []
    call = place.tool.services.call

    def spy(*arguments: Any, **named: Any) -> Any:
        seen.append(arguments[3])
        return call(*arguments, **named)

    place.tool.services.call = spy  # type: ignore[method-assign]  # a spy on the way out
    sync.read(place.reader, course)

    other = lms.course(place.platform, "course-2")
    assert seen
    assert [url for url in seen if f"/{other.context}/" in url] == []
    assert courses.every(place.storage) == [courses.find(place.storage, course.course)]


def test_an_answer_about_another_course_is_not_kept(place: Place) -> None:
    course = place.course(memberships_url=rosters.course_of(place.platform, "course-2").memberships_url)
    sync.read(place.reader, course)

    assert ledger.find(place.storage, course.course).problem == "malformed"
    assert place.members(course) == {}


@pytest.mark.parametrize(
    "changes", [{"memberships_url": ""}, {"context": ""}, {"launched": 0}], ids=["no service", "no course", "unused"]
)
def test_a_course_that_has_no_roster_to_read_is_not_asked(place: Place, changes: dict[str, Any]) -> None:
    course = replace(rosters.course_of(place.platform, launched=int(time.time() // DAY)), **changes)

    assert sync.read(place.reader, course)
    assert asked(place) == 0
    assert ledger.find(place.storage, course.course).tried == 0


def test_a_course_is_in_use_for_thirty_days(place: Place) -> None:
    course = place.course()
    now = place.clock()

    assert sync.in_use(course, now + 30 * DAY)
    assert not sync.in_use(course, now + 31 * DAY)


def test_a_platform_that_is_pending_or_gone_is_not_asked(place: Place) -> None:
    course = place.course()
    platforms.register(place.storage, replace(lms.record(place.platform), state="pending"))
    sync.read(place.reader, course)
    sync.read(place.reader, replace(course, client_id="gone"))

    assert asked(place) == 0


def test_an_address_elsewhere_is_not_asked(place: Place) -> None:
    known = lms.record(place.platform)
    with pytest.raises(errors.ServiceError, match="unsafe"):
        sync.pages(place.tool.services, known, place.course(), "https://elsewhere.example/members")


@pytest.mark.parametrize(
    ("url", "asks"),
    [
        ("https://lms.example/m", "https://lms.example/m?limit=200"),
        ("https://lms.example/m?a=B%2fc", "https://lms.example/m?a=B%2fc&limit=200"),
        ("https://lms.example/m#x", "https://lms.example/m?limit=200#x"),
    ],
)
def test_an_address_keeps_its_letters(place: Place, url: str, asks: str) -> None:
    course = replace(place.course(), memberships_url=url, groups_url="")

    assert sync.first(course, lms.record(place.platform)) == asks


# What goes wrong


@pytest.mark.parametrize(
    ("kind", "problem", "temporary"),
    [("503", "failing", True), ("429", "busy", True), ("403", "unauthorised", False), ("404", "refused", False),
     ("json", "malformed", False), ("html", "malformed", False), ("drop", "unreachable", True)],
)  # fmt: skip
def test_a_failure_is_kept_with_its_reason_and_changes_nobody(
    place: Place, kind: str, problem: str, temporary: bool, caplog: pytest.LogCaptureFixture
) -> None:
    course = place.course()
    sync.read(place.reader, course)
    before = place.members(course)
    place.platform.fail("members", kind, times=4)

    with caplog.at_level(logging.WARNING):
        went = sync.read(place.reader, course)

    found = ledger.find(place.storage, course.course)
    assert (found.problem, went, found.holder) == (problem, not temporary, "")
    assert place.members(course) == before
    assert f"code=roster_failed kind={problem}" in caplog.text


def test_a_failure_on_the_second_page_lets_nobody_leave(tmp_path: Path, tool_key: keys.ToolKey) -> None:
    with rosters.place(tmp_path, tool_key, "canvas", members=120) as place:
        course = place.course()
        sync.read(place.reader, course)
        assert len(place.members(course)) == 128
        call, pages = place.tool.services.call, []

        def breaks(*arguments: Any, **named: Any) -> Any:
            if arguments[1] == [container.SCOPE]:
                pages.append(1)
                if len(pages) == 2:
                    raise errors.ServiceError("failing", 500)
            return call(*arguments, **named)

        place.tool.services.call = breaks  # type: ignore[method-assign]  # the second page fails
        sync.read(place.reader, course)

        assert len(pages) == 2
        assert {one.state for one in place.members(course).values()} == {"active"}


def test_an_empty_list_is_a_slip_and_empties_no_course(place: Place) -> None:
    course, there = place.course(), lms.course(place.platform)
    sync.read(place.reader, course)
    for person in list(there.members):
        place.platform.leave(there, person)
    whole(place, course)

    assert ledger.find(place.storage, course.course).problem == "malformed"
    assert {one.state for one in place.members(course).values()} == {"active"}


def test_a_course_that_was_empty_may_stay_so(place: Place) -> None:
    course, there = place.course(), lms.course(place.platform)
    for person in list(there.members):
        place.platform.leave(there, person)
    sync.read(place.reader, course)

    assert (ledger.find(place.storage, course.course).problem, place.members(course)) == ("", {})


def test_who_was_overtaken_keeps_nothing(place: Place) -> None:
    course = place.course()
    call = place.tool.services.call

    def slow(*arguments: Any, **named: Any) -> Any:
        record = place.storage.get(ROSTERS, (course.course,))
        assert record
        place.storage.replace(ROSTERS, {**record, "holder": "another"}, expected=record)
        return call(*arguments, **named)

    place.tool.services.call = slow  # type: ignore[method-assign]  # the lease ends while the platform answers

    assert sync.read(place.reader, course)
    assert ledger.find(place.storage, course.course).holder == "another"
    assert place.members(course) == {}


def test_two_readers_never_read_one_course_at_once(each: Place) -> None:
    course = each.course()
    each.platform.fail("members", "slow", seconds=0.3)
    readers = [rosters.reader(each.tool, f"reader-{number}") for number in range(4)]
    threads = [threading.Thread(target=sync.read, args=(one, course)) for one in readers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert asked(each) == 1
    assert len(each.members(course)) == 8


def test_a_launch_during_a_reading_is_not_lost(place: Place) -> None:
    """Who launches between the answer and the writing is in the store already, with what the launch told."""
    course = place.course()
    insert = place.storage.insert_missing

    def late(collection: Any, documents: Any) -> Any:
        place.storage.insert_missing = insert  # type: ignore[method-assign]  # once
        place.launch(lms.LEARNER)
        return insert(collection, documents)

    place.storage.insert_missing = late  # type: ignore[method-assign]  # a launch in the worst moment
    sync.read(place.reader, course)

    assert len(place.members(course)) == 8
    assert place.members(course)[place.pseudonym(lms.LEARNER)].roles == ("learner",)


# Where events know people by another name


def canvas(tmp_path: Path, tool_key: keys.ToolKey, **options: Any) -> Any:
    return rosters.place(tmp_path, tool_key, "canvas", change=rosters.known_by_variable, **options)


def known(place: Place, person: str) -> str:
    """The pseudonym of the name by which Canvas events know a person: in the sandbox, the id of its configuration."""
    return members.pseudonym(place.tool.keyring, place.platform.base, person)


def test_the_message_section_tells_the_name_of_events(tmp_path: Path, tool_key: keys.ToolKey) -> None:
    with canvas(tmp_path, tool_key, members=12) as place:
        course = place.course()
        sync.read(place.reader, course)

        kept = place.members(course)
        assert len(kept) == 20
        assert all(one.named for one in kept.values())
        assert known(place, lms.LEARNER) in kept
        place.launch(lms.LEARNER)
        assert place.members(course).keys() == kept.keys()


def test_once_all_names_are_known_the_link_is_not_asked_again(tmp_path: Path, tool_key: keys.ToolKey) -> None:
    with canvas(tmp_path, tool_key) as place:
        course = place.course()
        sync.read(place.reader, course)
        before = asked(place)
        sync.read(place.reader, course)

        assert asked(place) == before + 1


def without_link(place: Place) -> courses.Course:
    """A course of which no link is known, so that nobody's message section can be asked for."""
    course = rosters.course_of(place.platform, launched=int(place.clock() // DAY))
    courses.remember(place.storage, course, None)
    return course


def test_without_a_message_section_a_launch_tells_the_name(tmp_path: Path, tool_key: keys.ToolKey) -> None:
    with canvas(tmp_path, tool_key) as place:
        course = without_link(place)
        sync.read(place.reader, course)
        by_roster = place.pseudonym(lms.LEARNER)
        assert not place.members(course)[by_roster].named

        place.launch(lms.LEARNER)
        assert by_roster not in place.members(course)
        place.storage.delete(courses.LINKS, (courses.links(place.storage, course.course)[0].link,))
        whole(place, course)

        kept = place.members(course)
        assert (len(kept), kept[known(place, lms.LEARNER)].state) == (8, "active")
        assert (by_roster in kept, kept[known(place, lms.LEARNER)].groups) == (False, ("501",))


def test_a_name_that_is_told_later_moves_the_member(tmp_path: Path, tool_key: keys.ToolKey) -> None:
    with canvas(tmp_path, tool_key) as place:
        course = without_link(place)
        sync.read(place.reader, course)
        own = place.members(course)[place.pseudonym(lms.LEARNER)]
        earlier = members.document(replace(own, first=7))
        place.storage.replace(MEMBERS, earlier, expected=members.document(own))
        place.course()
        whole(place, course)

        kept = place.members(course)
        assert place.pseudonym(lms.LEARNER) not in kept
        assert kept[known(place, lms.LEARNER)].first == 7


def test_a_message_section_that_cannot_be_read_leaves_the_roster(
    tmp_path: Path, tool_key: keys.ToolKey, caplog: pytest.LogCaptureFixture
) -> None:
    with canvas(tmp_path, tool_key) as place:
        course = place.course()
        call = place.tool.services.call

        def refuses(*arguments: Any, **named: Any) -> Any:
            if "rlid=" in arguments[3]:
                raise errors.ServiceError("refused", 422)
            return call(*arguments, **named)

        place.tool.services.call = refuses  # type: ignore[method-assign]  # the link is unknown there
        sync.read(place.reader, course)

        assert (len(place.members(course)), ledger.find(place.storage, course.course).problem) == (8, "")
        assert "code=roster_names_failed kind=refused status=422" in caplog.text


def test_the_link_of_the_course_itself_is_asked_first(tmp_path: Path, tool_key: keys.ToolKey) -> None:
    with canvas(tmp_path, tool_key) as place:
        course = place.course()
        courses.remember(place.storage, course, courses.Link("k", course.course, course.context, opens={}))
        urls: list[str] = []
        call = place.tool.services.call

        def spy(*arguments: Any, **named: Any) -> Any:
            urls.append(arguments[3])
            return call(*arguments, **named)

        place.tool.services.call = spy  # type: ignore[method-assign]  # a spy on the way out
        sync.read(place.reader, course)

        assert next(url for url in urls if "rlid=" in url).endswith(f"rlid={course.context}")


def test_where_events_use_the_sub_a_message_section_is_not_asked_for(place: Place) -> None:
    sync.read(place.reader, place.course())

    assert asked(place) == 1


# What a launch tells


def test_a_launch_keeps_who_came_and_writes_nothing_when_nothing_changed(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    place.launch(lms.LEARNER)
    course = place.course()
    before = place.members(course)
    place.clock.offset = 100
    place.launch(lms.LEARNER)

    assert place.members(course) == before
    assert before[place.pseudonym(lms.LEARNER)].state == "active"


def test_groups_of_moodle_come_with_the_launch_and_outlive_the_roster(tmp_path: Path, tool_key: keys.ToolKey) -> None:
    def ask(raw: dict[str, Any]) -> None:
        raw["institutions"][0]["courses"][0]["links"][0]["custom"]["groups"] = "$Moodle.Person.userGroupIds"

    with rosters.place(tmp_path, tool_key, "moodle", change=ask) as place:
        place.launch(lms.LEARNER)
        course = place.course()
        sync.read(place.reader, course)

        assert place.members(course)[place.pseudonym(lms.LEARNER)].groups == ("501",)


def test_a_change_overtaken_by_another_is_made_again(each: Place) -> None:
    course = each.course()
    sync.read(each.reader, course)
    own = each.pseudonym(lms.LEARNER)
    tries: list[int] = []

    def make(kept: members.Member | None) -> members.Member:
        assert kept
        tries.append(1)
        if len(tries) == 1:
            rival = replace(kept, groups=("rival",))
            each.storage.replace(MEMBERS, members.document(rival), expected=members.document(kept))
        return replace(kept, state="inactive")

    members.change(each.storage, course.course, own, make, each.clock())

    found = each.members(course)[own]
    assert (len(tries), found.groups, found.state) == (2, ("rival",), "inactive")


def test_a_link_that_does_not_ask_for_the_name_makes_no_second_member(tmp_path: Path, tool_key: keys.ToolKey) -> None:
    """An old link of a Canvas course has no custom parameter `user`: its launches know the `sub` alone."""

    def newer(raw: dict[str, Any]) -> None:
        raw["institutions"][0]["courses"][0]["links"][0]["custom"]["user"] = "$Canvas.user.globalId"

    with rosters.place(tmp_path, tool_key, "canvas", change=newer) as place:
        place.launch(lms.LEARNER, "graded")
        course = place.course()
        assert [one.named for one in place.members(course).values()] == [False]
        place.launch(lms.LEARNER, "graded")
        place.launch(lms.LEARNER, "path")
        place.launch(lms.LEARNER, "graded")

        assert [(one.learner, one.named) for one in place.members(course).values()] == [
            (known(place, lms.LEARNER), True)
        ]


def test_a_course_is_read_from_the_store_page_by_page(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    course = place.course()
    sync.read(place.reader, course)
    for size in (1, 3, 4, 8, 9):
        monkeypatch.setattr(members, "PAGE", size)
        assert len(place.members(course)) == 8
    assert sync.tidy(place.storage, place.clock()) == 0


# How long


def test_who_left_is_removed_after_thirty_days(each: Place) -> None:
    course = each.course()
    sync.read(each.reader, course)
    each.platform.leave(lms.course(each.platform), lms.LEARNER)
    whole(each, course)

    assert sync.tidy(each.storage, each.clock() + 30 * DAY - 60) == 0
    assert sync.tidy(each.storage, each.clock() + 30 * DAY + 60) == 1
    assert each.pseudonym(lms.LEARNER) not in each.members(course)


def test_a_course_that_nobody_opens_is_forgotten_after_half_a_year(place: Place) -> None:
    course = place.course()
    sync.read(place.reader, course)

    assert sync.tidy(place.storage, place.clock() + 180 * DAY) == 0
    assert sync.tidy(place.storage, place.clock() + 181 * DAY) == 8
    assert list(ledger.every(place.storage)) == []


def test_the_members_of_a_course_that_is_gone_are_removed(place: Place) -> None:
    course = place.course()
    sync.read(place.reader, course)
    place.storage.delete(COURSES, (course.course,))

    assert sync.tidy(place.storage, place.clock()) == 8


def test_a_mark_outlives_a_rotation_of_pseudonyms(place: Place) -> None:
    keyring = place.tool.keyring
    before = members.mark(keyring, "https://lms.example", "4"), members.pseudonym(keyring, "https://lms.example", "4")
    new = keys_rotated(place)

    assert members.mark(new, "https://lms.example", "4") == before[0]
    assert members.pseudonym(new, "https://lms.example", "4") != before[1]


def keys_rotated(place: Place) -> keyrings.Keyring:
    path = place.directory / "keyring.json"
    old = keyrings.load(path).states[0]
    return keyrings.change(
        path, (keyrings.PseudonymKey(b"n" * 32, keyrings.ACTIVE), keyrings.PseudonymKey(old.key, keyrings.RETIRING))
    )


# Nothing that names anybody


def test_no_name_mail_or_id_of_a_member_is_at_rest_or_in_a_log(
    tmp_path: Path, tool_key: keys.ToolKey, caplog: pytest.LogCaptureFixture
) -> None:
    """The roster is read whole, by link, by differences, with failures, and for names; then every file is searched."""
    for profile in ("spec", "moodle", "canvas"):
        directory = tmp_path / profile
        directory.mkdir()
        with (
            caplog.at_level(logging.DEBUG),
            rosters.place(directory, tool_key, profile, change=rosters.known_by_variable) as place,
        ):
            there, course = lms.course(place.platform), place.course()
            canary = Person("7000000000000007", {"en": CANARY, "zh": CANARY}, "learner")
            place.platform.enrol(there, canary)
            sub = place.platform.user(lms.PLACE, canary)
            sync.read(place.reader, course)
            place.launch(canary.id)
            place.platform.enrol(there, somebody("another"))
            sync.read(place.reader, course)
            place.platform.fail("members", "503")
            sync.read(place.reader, course)
            found = names.read(
                place.storage, place.tool.keyring, place.tool.services, lms.record(place.platform), course
            )

            assert CANARY in found.values()
            assert len(place.members(course)) == 10
        planted = [CANARY, "Marguerite", MAIL, canary.email, canary.id, sub, "sis-canary"]
        files = [path.read_bytes() for path in directory.rglob("*") if path.is_file()]
        assert [word for word in planted if any(word.encode() in text for text in files)] == []
        logged = [one.getMessage() for one in caplog.records if "/auth?" not in one.getMessage()]  # that is a browser's
        assert [word for word in planted if any(word in text for text in logged)] == []


# How fast


def test_a_large_course_is_read_in_a_minute_while_launches_go_on(tmp_path: Path, tool_key: keys.ToolKey) -> None:
    with rosters.place(tmp_path, tool_key, "moodle", members=MEMBERS_HERE) as place:
        course = place.course()
        launches: list[float] = []
        reading = threading.Thread(target=sync.read, args=(place.reader, course))
        place.launch(lms.LEARNER)
        began = time.monotonic()
        reading.start()
        while reading.is_alive():
            at = time.monotonic()
            place.launch(lms.LEARNER_2)
            launches.append(time.monotonic() - at)
        reading.join()

        assert time.monotonic() - began < SECONDS
        assert len(place.members(course)) == MEMBERS_HERE + 8
        assert asked(place) == -(-(MEMBERS_HERE + 8) // 200)
        assert max(launches) < 3
