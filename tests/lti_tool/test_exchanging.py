"""A course from outside is read, looked at, confirmed, learnt with, taken out; a course of ours goes out and back."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from curriculum import courses
from curriculum.exchange import archive, cartridge_reader
from lti_tool import arrivals, keys, proposals
from tests.curriculum.exchange import parcels
from tests.lti_tool import builders
from tests.lti_tool.builders import Bench
from tests.lti_tool.test_ruling import ADMINISTRATOR, Person, plain, turn

DAY = datetime(2026, 11, 26, 12, tzinfo=UTC)
NAMES = {"name_en": "Trade law", "name_zh": "贸易法"}


@pytest.fixture
def bench(tmp_path: Path, issuer: builders.Issuer, tool_key: keys.ToolKey) -> Iterator[Bench]:
    with builders.bench(tmp_path, issuer, tool_key) as found:
        turn(found, DAY)
        yield found


@pytest.fixture
def admin(bench: Bench) -> Person:
    return Person(bench, ADMINISTRATOR)


def sent(person: Person, body: bytes = b"", name: str = "trade.imscc") -> tuple[str, list[str]]:
    """Send a cartridge: the id of its draft, and what is ticked at first."""
    page = person.post("/lti/exchange/send", file=(io.BytesIO(body or parcels.parcel()), name)).text
    ids = re.findall(r'name="id" value="([^"]+)"', page)
    return (ids or [""])[0], [unescape(one) for one in re.findall(r'name="unit" value="([^"]+)" checked', page)]


def confirmed(person: Person, **changed: Any) -> str:
    """Send a cartridge and confirm what is ticked."""
    id_, ticks = sent(person)
    return plain(
        person.post(
            "/lti/exchange/settle", **{"id": id_, "act": "confirm", "unit": ticks, "agreed": "yes", **NAMES, **changed}
        )
    )


def _bearer(person: Person) -> str:
    found = re.search(r'name="bearer" value="([^"]+)"', person.page.text)
    assert found
    return unescape(found[1])


def taken(bench: Bench, person: Person) -> courses.Course:
    person.tool.shelf.read.clear()
    (found,) = [one for one in courses.of_catalog(person.tool.catalog("cbec")).values() if one.sort == "own"]
    return found


def test_a_course_is_read_looked_at_confirmed_learnt_with_and_taken_back(bench: Bench, admin: Person) -> None:
    id_, ticks = sent(admin)
    page = plain(admin.page)
    assert "Pages: 1 Links: 2 Questions: 3 Discussions: 1 Events: 1" in page
    assert "i2 : an essay is decided by a person" in page
    assert "quiz/assessment_qti.xml, line " in page
    assert "The course says of its terms of use: CC BY 4.0" in page
    assert len([one for one in ticks if one.startswith("take:")]) == 4
    assert courses.of_catalog(admin.tool.catalog("cbec")).keys() == courses.load().keys()

    told = plain(admin.post("/lti/exchange/settle", id=id_, act="confirm", unit=ticks, agreed="yes", **NAMES))
    assert "The course is taken in: it stands under Learn. Its questions wait" in told
    assert "4 modules" not in told
    assert "3 modules" in told
    course = taken(bench, admin)
    assert [unit.name["en"] for module in course.modules for unit in module.units][:3] == [
        "Customs",
        "Practice",
        "Returns",
    ]
    assert arrivals.listed(bench.storage, "cbec", bench.clock()) == []

    back = re.findall(r'name="back" value="([^"]+)"', admin.page.text)[0]
    assert "Taken back." in plain(admin.post("/lti/exchange/settle", back=back))
    admin.tool.shelf.read.clear()
    assert courses.of_catalog(admin.tool.catalog("cbec")).keys() == courses.load().keys()


def test_learners_find_it_under_learn_with_pages_links_and_what_is_discussed(bench: Bench, admin: Person) -> None:
    confirmed(admin)
    course = taken(bench, admin)
    learner = Person(bench, builders.LEARNER)
    assert "Courses taken in by your institution" in plain(learner.post("/lti/learn"))
    page = learner.post("/lti/learn", at=course.id)
    assert 'href="https://www.wto.org/valuation" target="_blank" rel="noopener noreferrer"' in page.text
    assert "Terms of use, as the course says: CC BY 4.0" in plain(page)
    assert "How it is marked" not in plain(page)
    page = learner.post("/lti/learn", at=course.id, thing="page:p1")
    assert "Customs duty is taken on the customs value of goods." in plain(page)
    assert "alert(1)" not in page.text
    talk = next(iter(course.discussions))
    assert "Who pays for a return?" in plain(learner.post("/lti/learn", at=course.id, thing=f"discussion:{talk}"))
    event = next(iter(course.events))
    assert "Bring a helmet." in plain(learner.post("/lti/learn", at=course.id, thing=f"event:{event}"))


def test_a_discussion_of_it_is_a_link_that_an_lms_can_open(bench: Bench, admin: Person) -> None:
    confirmed(admin)
    course = taken(bench, admin)
    talk = next(iter(course.discussions))
    link = {"catalog": "cbec", "activity": "discussion", "discussion": f"{course.id}.{talk}"}
    page = builders.launched(bench, roles=[builders.LEARNER], custom=link)
    assert "Who pays?" in plain(page)
    page = builders.launched(
        bench, roles=[builders.LEARNER], custom={"catalog": "cbec", "activity": "course", "course": course.id}
    )
    assert "Trade law" in plain(page)


def test_questions_wait_until_somebody_writes_what_the_file_did_not_say(bench: Bench, admin: Person) -> None:
    confirmed(admin)
    waiting = [one for one in proposals.waiting(bench.storage, "cbec") if one.kind == "question"]
    assert len(waiting) == 3
    page = admin.post("/lti/questions")
    assert "What is customs duty taken on?" in plain(page)
    one = next(one for one in waiting if one.edits[0].value["questions"][0]["form"] == "choice")
    assert "must be a text in each of en and zh" in plain(admin.post("/lti/questions/settle", approve=one.id))
    page = admin.post("/lti/questions/write", proposal=one.id)
    fields = {
        name: unescape(value)
        for name, value in re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page.text)
    }
    texts = {
        "ask": "What is customs duty taken on?", "text_0": "The customs value", "text_1": "The weight",
        "text_2": "The distance",
        "why_1": "Weight sets freight.", "explanation": "Duty is a share of value.",
    }  # fmt: skip
    assert all(text in page.text for text in texts.values())
    filled = {f"{name}_{language}": text for name, text in texts.items() for language in ("en", "zh")}
    sent_ = {
        **fields,
        **filled,
        "why_2_en": "Distance does not count.",
        "why_2_zh": "与距离无关。",
        "right": "0",
        "cause_1": "unknown",
        "bloom": "understand",
        "difficulty": "2",
    }
    sent_.pop("bearer")
    told = plain(admin.post("/lti/questions/settle", **sent_))
    assert "Entered" in told, told
    admin.tool.shelf.read.clear()
    assert [one["ask"]["en"] for one in admin.tool.catalog("cbec").questions] == ["What is customs duty taken on?"]
    left = [one.id for one in proposals.waiting(bench.storage, "cbec") if one.kind == "question"]
    assert len(left) == 2
    assert one.id not in left
    assert admin.post("/lti/questions/write", proposal=one.id).status_code == 404
    assert admin.post("/lti/questions/write", proposal="x").status_code == 404


def test_whoever_may_not_edit_proposes_and_an_administrator_approves(bench: Bench, admin: Person) -> None:
    instructor = Person(bench, builders.INSTRUCTOR)
    assert "Proposed, with its questions" in confirmed(instructor)
    page = admin.post("/lti/exchange")
    assert "Take in a course Trade law" in plain(page)
    approve = re.findall(r'name="approve" value="([^"]+)"', page.text)[0]
    assert instructor.post("/lti/exchange/settle", approve=approve).status_code == 403
    admin.post("/lti/exchange/settle", approve=approve)
    course = taken(bench, admin)
    assert course.name["zh"] == "贸易法"
    assert "Taken out." in plain(admin.post("/lti/exchange/settle", retire=course.id))
    assert admin.post("/lti/exchange/settle", retire=course.id).status_code == 404
    assert admin.post("/lti/exchange/settle", retire="own-0000").status_code == 404


UNCONFIRMED: list[tuple[dict[str, Any], str]] = [
    ({"agreed": ""}, "Tick that your institution may use this course."),
    ({"name_zh": " "}, "The name of the course is missing."),
    ({"unit": []}, "No unit is ticked."),
    ({"unit": ["take:0x0"]}, "Choose at least one skill, or leave this unit out."),
    ({"more:0x0": "alchemy"}, "There is no such skill."),
]


def test_what_is_not_confirmed_whole_is_not_taken_in(bench: Bench, admin: Person) -> None:
    id_, ticks = sent(admin)
    whole = {"id": id_, "act": "confirm", "unit": ticks, "agreed": "yes", **NAMES}
    for changed, said in UNCONFIRMED:
        assert said in plain(admin.post("/lti/exchange/settle", **{**whole, **changed}))
    assert admin.post("/lti/exchange/settle", **{**whole, "id": "x"}).status_code == 404
    admin.tool.shelf.read.clear()
    assert courses.of_catalog(admin.tool.catalog("cbec")).keys() == courses.load().keys()
    assert proposals.waiting(bench.storage, "cbec") == []
    assert len(arrivals.listed(bench.storage, "cbec", bench.clock())) == 1


def test_another_skill_is_named_by_its_name_or_its_id(bench: Bench, admin: Person) -> None:
    id_, _ = sent(admin)
    fields = {"more:0x0": "Compute import duty", "more:1x0": "svc.complaints"}
    admin.post(
        "/lti/exchange/settle", id=id_, act="confirm", unit=["take:0x0", "take:1x0"], agreed="yes", **NAMES, **fields
    )
    assert taken(bench, admin).skills == ("cus.duty", "svc.complaints")


REFUSED = [
    (b"Not a zip", "it is neither a zip nor XML"),
    (b"PK\x03\x04broken", "no whole zip file"),
    (archive.pack({"a/imsmanifest.xml": b"<a/>"}), "pack what is in that folder"),
    (b"<!DOCTYPE a><manifest/>", "document type"),
]


def test_a_file_that_is_no_cartridge_is_refused_with_a_reason(bench: Bench, admin: Person) -> None:
    for body, said in REFUSED:
        assert said in plain(admin.post("/lti/exchange/send", file=(io.BytesIO(body), "x.imscc")))
    assert arrivals.listed(bench.storage, "cbec", bench.clock()) == []


def test_a_file_in_which_nothing_can_be_taken_in_says_why(bench: Bench, admin: Person) -> None:
    only = {"R_pdf": parcels.RESOURCES["R_pdf"]}
    tree = '<item identifier="y" identifierref="R_pdf"><title>Slides</title></item>'
    sent(admin, parcels.parcel(parcels.manifest(tree=tree, resources=only), files={"web_resources/slides.pdf": "%PDF"}))
    assert "Nothing in this file can be taken in" in plain(admin.page)
    assert arrivals.listed(bench.storage, "cbec", bench.clock()) == []
    assert "No file was chosen" in plain(admin.post("/lti/exchange/send"))


def test_a_draft_is_dropped_or_gone_after_a_week(bench: Bench, admin: Person) -> None:
    id_, _ = sent(admin)
    assert "Go on" in plain(admin.post("/lti/exchange"))
    assert "What came in" in plain(admin.post("/lti/exchange/one", id=id_))
    assert "Dropped." in plain(admin.post("/lti/exchange/settle", id=id_, act="drop"))
    assert admin.post("/lti/exchange/one", id=id_).status_code == 404
    id_, _ = sent(admin)
    turn(bench, datetime(2026, 12, 4, 12, tzinfo=UTC))
    admin = Person(bench, ADMINISTRATOR)
    assert "Go on" not in plain(admin.post("/lti/exchange"))
    assert admin.post("/lti/exchange/one", id=id_).status_code == 404


def test_a_course_goes_out_for_either_lms_and_comes_in_again(bench: Bench, admin: Person) -> None:
    for target, version in (("moodle", "1.1.0"), ("canvas", "1.3.0")):
        response = bench.client().post(
            "/lti/exchange/file", data={"bearer": _bearer(admin), "course": "marketing", "for": target}
        )
        found = cartridge_reader.read(response.data, "x", launch=f"{admin.tool.settings.url}/lti/launch")
        assert found.version == version
        assert [one.kind for one in found.pieces].count("ours") > 20
    assert admin.post("/lti/exchange/file", course="alchemy", **{"for": "canvas"}).status_code == 404
    assert admin.post("/lti/exchange/file", course="", **{"for": "blackboard"}).status_code == 404
    assert admin.post("/lti/exchange/file", course="cus", **{"for": "moodle"}).status_code == 200
