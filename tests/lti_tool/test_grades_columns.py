from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

import pytest

from lti_tool import courses, errors, families, keys, resources
from lti_tool.grades import columns, line_items, outbox, sender, wire
from lti_tool.grades.line_items import LineItem
from lti_tool.services.wire import Answer
from lti_tool.settings import LINE_ITEMS
from tests.lti_tool import gradebooks, lms
from tests.lti_tool.gradebooks import Office

PROFILES = ("spec", "moodle", "canvas")


@pytest.fixture
def office(tmp_path: Path, tool_key: keys.ToolKey) -> Iterator[Office]:
    with gradebooks.office(tmp_path, tool_key) as made:
        yield made


@pytest.fixture(params=PROFILES)
def every(request: pytest.FixtureRequest, tmp_path: Path, tool_key: keys.ToolKey) -> Iterator[Office]:
    with gradebooks.office(tmp_path, tool_key, request.param) as made:
        yield made


def find(office: Office, target: columns.Target) -> str:
    return columns.find(office.storage, office.services, target, office.clock())


def labels(office: Office) -> list[str]:
    """What stands above the columns of the course, in their order."""
    return [item.label for item in lms.course(office.platform).items.values()]


def small_pages(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    family = families.FAMILIES[office.record.family]
    monkeypatch.setattr(
        families, "FAMILIES", MappingProxyType({**families.FAMILIES, family.name: replace(family, page=2)})
    )


def test_a_coupled_line_item_is_used_without_a_question(every: Office) -> None:
    every.open(scopes=(outbox.SCOPE,))
    every.put(60.0)
    every.run()

    assert every.grade() == 60.0
    assert {service for service, _ in every.platform.counts} == {"token", "scores"}


def test_without_one_it_is_made_once_for_all_learners(every: Office) -> None:
    target = every.open("path")
    for person in (lms.LEARNER, lms.LEARNER_2):
        every.put(60.0, every.learner(person, "path"))
    every.run()

    made = list(lms.course(every.platform).items.values())[-1]
    assert labels(every) == ["Exam", "Exam"]
    assert (made.label, made.maximum, made.tag, made.resource_id) == ("Exam", 100.0, resources.TAG, "path:oulad:AAA")
    assert made.link == "path"
    assert [score.state for score in every.scores()] == ["sent", "sent"]
    assert find(every, target).endswith(every.storage.find(LINE_ITEMS)[0]["url"])


def test_it_is_found_by_resource_id_and_tag_on_a_later_page(every: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """Moodle's Link header has curly quotes, and a platform may pass over our filters."""
    target = every.open("path")
    small_pages(every, monkeypatch)
    others = [LineItem("", f"Column {number}", 100.0, "path:oulad:AAA", f"tag-{number}") for number in range(5)]
    for item in others:
        line_items.create(every.services, every.record, target.course, item)
    wanted = line_items.create(every.services, every.record, target.course, line_items.of_link(target.link))
    monkeypatch.setattr(line_items, "with_query", lambda url, more: _with(url, limit=more["limit"]))

    assert find(every, target) == wanted.url
    assert every.platform.counts["lineitems", 200] >= 4


def test_a_line_item_of_another_link_is_not_taken(every: Office) -> None:
    """Two links of a course open the same activity: each has its own column."""
    first = every.open("path")
    second = every.open("graded", coupled=False, catalog="oulad", role="AAA")
    one, other = find(every, first), find(every, second)

    assert one != other
    assert labels(every) == ["Exam", "Exam", "Exam"]


def test_the_copy_of_a_course_has_its_own(every: Office) -> None:
    """Coupled or not: what the copy has is found, and the first course keeps its grades."""
    every.open()
    every.put(60.0)
    every.run()
    copied = every.platform.copy(lms.course(every.platform))
    target = every.open(course=copied)
    every.put(80.0, every.learner(place=copied))
    every.run()

    assert target.link.lineitem_url == lms.line_item(every.platform, "graded", copied)
    assert every.grade() == 60.0
    assert every.platform.grades[lms.user(every.platform), target.link.lineitem_url].value == 80.0


def test_a_copied_line_item_whose_link_says_nothing_is_found_and_not_made_again(every: Office) -> None:
    target = every.open("path")
    find(every, target)
    copied = every.platform.copy(lms.course(every.platform))
    course = every.platform.courses[lms.PLACE, copied.id]
    fresh = line_items.create(
        every.services,
        every.record,
        every.open("path", course=copied).course,
        replace(line_items.of_link(target.link), resource_link_id=""),
    )

    assert find(every, every.open("path", course=copied)) == fresh.url
    assert len(course.items) == 2


def test_a_column_that_was_removed_is_made_once_more_and_no_third_time(every: Office) -> None:
    every.open()
    every.put(60.0)
    every.run()
    course = lms.course(every.platform)

    course.items.clear()
    every.put(70.0)
    every.run()
    assert every.score().state == "sent"
    assert len(course.items) == 1

    course.items.clear()
    every.put(80.0)
    every.run()
    assert (every.score().state, every.score().reason) == ("failed", "line_item_gone")
    assert not course.items

    columns.forgive(every.storage, every.score().link)
    assert outbox.again(every.storage, every.score(), every.clock())
    every.run()
    assert every.score().state == "sent"


def test_a_column_that_is_gone_again_at_once_is_not_looked_for_a_third_time(office: Office) -> None:
    office.open()
    office.platform.fail("scores", "404", times=2)
    office.platform.fail("lineitem", "404", times=2)
    office.put(60.0)
    office.run()

    assert office.score().reason == "line_item_gone"
    assert office.storage.find(LINE_ITEMS)[0]["renewals"] == 2


def test_a_removed_column_that_must_not_be_made_ends_the_score(office: Office) -> None:
    office.open(scopes=(outbox.SCOPE,))
    office.put(60.0)
    lms.course(office.platform).items.clear()
    office.run()

    assert office.score().reason == "line_item_gone"


def test_a_person_who_is_not_known_does_not_cost_the_column(office: Office) -> None:
    """A platform of the specification's letter answers 404 for the person too."""
    office.open()
    office.put(60.0, office.learner(lms.INSTRUCTOR))
    office.run()

    assert (office.score().state, office.score().reason) == ("failed", "not_enrolled")
    assert office.storage.find(LINE_ITEMS) == []
    assert labels(office) == ["Exam"]


@pytest.mark.parametrize("kind", ["503", "json"])
def test_a_platform_that_cannot_say_whether_a_column_is_gone_is_asked_later(office: Office, kind: str) -> None:
    office.open()
    office.platform.fail("scores", "404")
    office.platform.fail("lineitem", kind)
    office.put(60.0)
    office.run()

    assert office.grade() == 60.0


@pytest.mark.parametrize("scopes", [(outbox.SCOPE, line_items.READ_ONLY), (outbox.SCOPE,)])
def test_without_a_column_and_the_right_to_make_one_the_score_says_so(office: Office, scopes: tuple[str, ...]) -> None:
    office.open("path", scopes=scopes)
    office.put(60.0, office.learner(opened="path"))
    office.run()

    assert office.score().reason == "no_line_item"
    assert office.storage.find(LINE_ITEMS) == [] or office.storage.find(LINE_ITEMS)[0]["leased"] == 0.0


def test_the_right_to_read_is_enough_to_find_one(office: Office) -> None:
    maker = office.open("path")
    made = line_items.create(office.services, office.record, maker.course, line_items.of_link(maker.link))
    target = replace(maker, course=replace(maker.course, scopes=(outbox.SCOPE, line_items.READ_ONLY)))

    assert find(office, target) == made.url
    assert line_items.read(office.services, office.record, target.course, made.url) == made


def test_where_no_column_is_wanted_one_that_the_course_gives_is_used_and_none_is_made(office: Office) -> None:
    office.open(grade="none")
    office.put(60.0)
    office.put(40.0)
    office.run()
    assert office.grade() == 60.0

    lms.course(office.platform).items.clear()
    office.put(70.0)
    office.run()
    assert office.score().reason == "line_item_gone"
    assert not lms.course(office.platform).items


def test_two_tools_that_make_one_at_the_same_moment_keep_the_older(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = office.open("path")
    create = line_items.create
    rival: list[LineItem] = []

    def late(*arguments: object) -> LineItem:
        if not rival:
            rival.append(create(*arguments))  # type: ignore[arg-type]  # handed on as they came
        return create(*arguments)  # type: ignore[arg-type]  # as above

    monkeypatch.setattr(line_items, "create", late)

    assert find(office, target) == rival[0].url
    assert len(lms.course(office.platform).items) == 2


def test_a_platform_that_does_not_list_what_it_just_made_is_believed(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = office.open("path")
    monkeypatch.setattr(line_items, "every", lambda *_, **__: iter(()))

    assert find(office, target).endswith("/lineitem")


def test_one_process_looks_and_another_waits(office: Office) -> None:
    target = office.open("path")
    office.put(60.0, office.learner(opened="path"))
    lease = {"link": target.link.link, "url": "", "gone": [], "renewals": 0, "leased": office.clock.now + 60}
    office.storage.insert(LINE_ITEMS, lease)

    sender.step(office.sender)
    assert (office.score().reason, office.score().tries) == ("searching", 0)
    office.run()
    assert office.score().state == "sent"
    assert labels(office) == ["Exam", "Exam"]


def test_of_two_processes_that_begin_to_look_one_goes_on(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    target = office.open("path")
    monkeypatch.setattr(office.storage, "replace", lambda *_, **__: False)

    with pytest.raises(columns.BusyError):
        find(office, target)


def test_a_search_that_fails_lets_the_next_one_begin_at_once(office: Office) -> None:
    office.open("path")
    office.platform.fail("lineitems", "503")
    office.put(60.0, office.learner(opened="path"))
    sender.step(office.sender)

    assert office.score().reason == "unreachable"
    office.run()
    assert office.score().state == "sent"


@pytest.mark.parametrize(("kind", "reason"), [("403", "not_allowed"), ("400", "refused")])
def test_a_search_that_is_refused_ends_the_score(office: Office, kind: str, reason: str) -> None:
    office.open("path")
    office.platform.fail("lineitems", kind)
    office.put(60.0, office.learner(opened="path"))
    office.run()

    assert (office.score().state, office.score().reason) == ("failed", reason)


def test_a_column_is_noted_as_gone_once(office: Office) -> None:
    target = office.open("path")
    url = find(office, target)
    columns.lost(office.storage, target.link.link, url)
    columns.lost(office.storage, target.link.link, url)
    columns.lost(office.storage, "never seen", url)

    assert {each["link"]: each["renewals"] for each in office.storage.find(LINE_ITEMS)} == {
        target.link.link: 1,
        "never seen": 1,
    }
    columns.forgive(office.storage, "unknown")
    columns.lost(office.storage, target.link.link, "http://other.example/1")
    assert columns.target(office.storage, office.record, "unknown", target.link.link) is None
    other = replace(office.record, client_id="another")
    assert columns.target(office.storage, other, target.course.course, target.link.link) is None


@pytest.mark.parametrize(
    "answer",
    [b'{"not": "a list"}', b"[1]", b"null"],
)
def test_a_list_of_line_items_that_is_none_is_malformed(office: Office, answer: bytes) -> None:
    target = office.open("path")

    class Saying:
        def pages(self, *_: object, **__: object) -> list[Answer]:
            return [Answer(200, {}, answer, "http://lms.example")]

    with pytest.raises(errors.ServiceError, match="malformed"):
        list(line_items.every(Saying(), office.record, target.course))  # type: ignore[arg-type]  # as much as is asked
    with pytest.raises(errors.ServiceError, match="malformed"):
        list(wire.results(Saying(), office.record, "http://lms.example/1"))  # type: ignore[arg-type]  # as above


def test_results_are_read_as_they_are(office: Office) -> None:
    """A platform may pass over the filter, leave out the maximum, and have somebody without a grade."""
    body = json.dumps(
        [
            {"userId": "4", "resultScore": 0.5},
            {"userId": "5", "resultScore": 7, "resultMaximum": 10, "comment": "x"},
            {"userId": "6", "resultScore": True, "comment": 3},
        ]
    ).encode()

    class Saying:
        def pages(self, *_: object, **__: object) -> list[Answer]:
            return [Answer(200, {}, body, "http://lms.example")]

    def shares(user: str = "") -> list[float | None]:
        found = wire.results(Saying(), office.record, "http://lms.example/1", user=user)  # type: ignore[arg-type]  # as above
        return [one.share for one in found]

    assert shares() == [0.5, 0.7, None]
    assert shares("5") == [0.7]


def test_a_made_line_item_without_an_address_is_malformed(office: Office) -> None:
    target = office.open("path")

    class Saying:
        def call(self, *_: object, **__: object) -> Answer:
            return Answer(201, {}, b'{"label": "x", "scoreMaximum": true}', "http://lms.example")

    with pytest.raises(errors.ServiceError, match="malformed"):
        line_items.create(Saying(), office.record, target.course, LineItem("", "x"))  # type: ignore[arg-type]  # as above


def test_links_without_a_title_are_named_by_what_they_open() -> None:
    link = courses.Link("k", "c", "7", opens={"activity": "case", "case": "landed-cost"})

    assert line_items.of_link(link).label == "case:cbec:landed-cost"
    assert line_items.of_link(replace(link, title="My case", opens=None)).resource_id == "path:cbec"


def _with(url: str, **more: str) -> str:
    return f"{url}{'&' if '?' in url else '?'}" + "&".join(f"{name}={value}" for name, value in more.items())
