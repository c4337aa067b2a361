"""The brief of a class: pure, from planted facts, then by the pages' own forms."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import numpy as np
import pytest

from lti_tool import attempts, courses, keys, overrides, tries
from lti_tool.pages import brief, classroom
from lti_tool.roster import columns, members, sync
from lti_tool.roster.deeds import Deeds
from lti_tool.roster.members import Member
from lti_tool.tries import Try
from recommender import verbs
from tests.lti_tool import builders, lms, rosters
from tests.lti_tool.briefed import CATALOG, ITEM, deeds, made, tally
from tests.lti_tool.rosters import Place
from xapi_collector import consent

# Three things


def test_the_most_common_cause_is_the_one_of_most_learners() -> None:
    people = {name: deeds() for name in "abcd"}
    shown = made(
        people,
        a=[tally("m.old_150_relief", other=9)],
        b=[tally("m.flat_duty_per_parcel"), tally("m.flat_duty_per_parcel")],
        c=[tally("m.flat_duty_per_parcel"), tally(tries.UNKNOWN)],
    )

    (thing,) = shown.things
    assert (thing.kind, thing.title, thing.learners) == ("cause", "2 of 3: EUR 3 charged once per parcel", ("b", "c"))
    assert thing.evidence.startswith("Seen in 3 answers to 1 case or exam.")
    assert [(bar.count, bar.of) for bar in shown.causes.bars] == [(2, 3), (1, 3)]
    assert (shown.causes.other, shown.causes.unknown, shown.causes.practised) == (13, 1, 3)


def test_evidence_older_than_a_rule_is_a_thing_and_marks_its_cell() -> None:
    shown = made({"a": deeds({"cus.duty": 2.4}, age=300), "b": deeds({"cus.duty": 2.4}), "c": deeds()})

    (thing,) = [one for one in shown.things if one.kind == "rule"]
    assert (thing.learners, thing.skill) == (("a",), "cus.duty")
    assert thing.since < "2026-11-26"
    assert thing.instrument


def test_who_is_past_what_comes_before_is_ready_for_more() -> None:
    needed = CATALOG.skills["prc.landed"].prerequisites
    there = dict.fromkeys(needed, 4.6)
    shown = made({"a": deeds(there), "b": deeds({**there, "prc.landed": 3.5}), "c": deeds(dict.fromkeys(needed, 3.4))})

    ready = [one for one in shown.things if one.kind == "ready"]
    assert ready
    assert "c" not in ready[0].learners
    assert "a" in ready[0].learners


@pytest.mark.parametrize(
    ("levels", "found"),
    [
        ({"fnd.ecom_models": 4.6, "fnd.cbec_modes": 1.0}, ["fnd.cbec_modes"]),
        ({"fnd.cbec_modes": 1.0}, []),
        ({"fnd.ecom_models": 4.6}, []),
        ({"fnd.ecom_models": 4.6, "fnd.intl_trade": 2.0, "fnd.cbec_modes": 1.0}, []),
    ],
    ids=["one of two behind them", "none behind them", "nothing open", "one of two missing"],
)
def test_ready_means_all_before_it_is_there_and_some_of_it_is_behind_them(
    levels: dict[str, float], found: list[str]
) -> None:
    shown = made({"a": deeds({**dict.fromkeys(CATALOG.skills, 3.5), **levels})})

    assert [one.skill for one in shown.things if one.kind == "ready"] == found


def test_causes_that_have_no_room_are_counted() -> None:
    causes = list(CATALOG.misconceptions)[: brief.CAUSES + 2]
    shown = made({"a": deeds()}, a=[tally(cause) for cause in causes]).causes

    assert (len(shown.bars), shown.more) == (brief.CAUSES, 2)


def test_a_class_without_evidence_has_nothing_that_stands_out() -> None:
    shown = made({"a": deeds(), "b": Deeds(shared=False), "c": Deeds(counted=False, behind=True)})

    assert (shown.things, shown.hands, shown.worked) == ([], [], [])
    assert (shown.learners, shown.active, shown.private, shown.pending, shown.answers) == (3, 0, 1, 1, 0)
    assert made({}).learners == 0


# The pages


@pytest.fixture
def place(tmp_path: Path, tool_key: keys.ToolKey) -> Iterator[Place]:
    with rosters.place(tmp_path, tool_key, change=links) as running:
        yield running


def links(raw: dict[str, object]) -> None:
    rosters.class_link(raw)
    rosters.practises(raw, role="operations")


def opened(place: Place, person: str = lms.INSTRUCTOR) -> builders.TestResponse:
    place.launch(lms.LEARNER)
    place.launch(lms.LEARNER_2)
    page = place.launch(person, "class")
    (course,) = courses.every(place.storage)
    sync.read(place.reader, course)
    for days_ago in (3, 2, 1):
        place.state(lms.LEARNER, verbs.ANSWERED, CATALOG.items[ITEM].activity, days_ago=days_ago, success=False)
    given = Try("case:eu_import", "eu_import.duty", "cus.duty", False, False, "m.old_150_relief", place.clock())
    tries.note(place.storage, course.course, place.pseudonym(lms.LEARNER), [given])
    return place.post(page)


def cell(place: Place, skill: str = "cus.duty", person: str = lms.LEARNER) -> str:
    return f"{place.pseudonym(person)[: classroom.ID]} {skill}"


def course_of(place: Place) -> str:
    (course,) = courses.every(place.storage)
    return course.course


def test_the_brief_names_causes_hands_and_levels(place: Place) -> None:
    text = unescape(opened(place).text)

    assert "2 learners, 1 answered something in the last 7 days" in text
    assert f"1 of 1: {CATALOG.misconceptions['m.old_150_relief'].name['en']}" in text
    assert "3 tries at “" in text
    assert f'value="{cell(place)}"' in text
    assert re.findall(r"<script|<style|\sstyle=|\son\w+=|javascript:", text) == []


def test_a_cell_opens_its_evidence_in_the_numbers_that_the_learner_sees(place: Place) -> None:
    page = opened(place)
    shown = place.post(page, "/lti/class/skill", cell=cell(place))
    own = place.post(place.launch(lms.LEARNER), "/lti/profile")

    label = re.search(r'class="meter" role="img" aria-label="([^"]+)"', shown.text)
    assert label
    assert "level" in label[1]
    assert label[1] in own.text
    assert shown.text.count("other answer") == 3
    assert "Put it first" in shown.text


def test_evidence_of_nobody_of_this_class_or_of_who_keeps_it_is_not_found(place: Place) -> None:
    page = opened(place)
    for asked in ("", "x" * classroom.ID + " cus.duty", cell(place, "no.skill")):
        assert place.post(page, "/lti/class/skill", cell=asked).status_code == 404

    consent.say(place.storage, {place.pseudonym(lms.LEARNER): ""}, consent.ANALYTICS, consent.DENY, lambda: 1)
    assert place.post(page, "/lti/class/skill", cell=cell(place)).status_code == 404


def test_who_keeps_it_to_themselves_is_in_no_number_of_the_brief(place: Place) -> None:
    page = opened(place)
    consent.say(place.storage, {place.pseudonym(lms.LEARNER): ""}, consent.ANALYTICS, consent.DENY, lambda: 1)
    text = unescape(place.post(page).text)

    assert "0 answered something" in text
    assert CATALOG.misconceptions["m.old_150_relief"].name["en"] not in text
    assert "tries at" not in text.split('id="hand"', 1)[1].split("</table>")[0]


def test_an_override_is_made_shown_logged_and_taken_back(place: Place) -> None:
    page = opened(place)
    who = place.pseudonym(lms.LEARNER)
    done = place.post(page, "/lti/class/guide", kind="first", skill="cus.duty", **{"for": who[: classroom.ID]})

    assert "Put first. Learners see it" in done.text
    held = overrides.of(place.storage, course_of(place), who, (), place.clock())
    assert [one.subject for one in held.first] == ["cus.duty"]
    assert held.first[0].learners == (who,)
    assert overrides.of(place.storage, course_of(place), place.pseudonym(lms.LEARNER_2), (), place.clock()).first == ()

    back = place.post(page, "/lti/class/guide", back=held.first[0].id)
    assert "Taken back." in back.text
    assert "It had been taken back already." in place.post(page, "/lti/class/guide", back=held.first[0].id).text
    assert [line.by for line in overrides.log(place.storage, course_of(place))] == [place.pseudonym(lms.INSTRUCTOR)] * 2
    assert "no longer puts first" in back.text


def test_an_override_for_everybody_or_a_group(place: Place) -> None:
    page = opened(place)
    place.post(page, "/lti/class/guide", kind="hide", skill="cus.duty")
    shown = place.post(page, "/lti/class/guide", kind="propose", skill="cus.vat_import", **{"for": "group:501"})

    assert "everybody in the course" in shown.text
    found = overrides.every(place.storage, course_of(place), place.clock())
    assert {(one.kind, one.audience, one.group) for one in found} == {("hide", "all", ""), ("propose", "group", "501")}


@pytest.mark.parametrize(
    "fields",
    [
        {"kind": "first", "skill": "no.such"},
        {"kind": "delete", "skill": "cus.duty"},
        {"kind": "first", "skill": "cus.duty", "for": "group:777"},
        {"kind": "first", "skill": "cus.duty", "for": "nobody-of-this"},
    ],
)
def test_nothing_of_elsewhere_can_be_steered(place: Place, fields: dict[str, str]) -> None:
    page = opened(place)

    assert place.post(page, "/lti/class/guide", **fields).status_code == 404
    assert overrides.every(place.storage, course_of(place), place.clock()) == []


def test_an_assistant_reads_and_steers_nothing(place: Place) -> None:
    page = opened(place, lms.ASSISTANT)

    assert "May want a hand" in page.text
    assert "Put it first for them" not in page.text
    assert place.post(page, "/lti/class/guide", kind="first", skill="cus.duty").status_code == 403


def test_a_group_a_topic_and_a_language_can_be_asked_for(place: Place) -> None:
    page = opened(place)
    other = next(area for area in CATALOG.areas if area != CATALOG.skills["cus.duty"].area)

    assert "1 learner, 0 answered something" in place.post(page, group="502").text
    topic = re.search(r"Levels in “([^”]+)”", unescape(place.post(page, topic=other).text))
    assert topic
    assert topic[1] == CATALOG.areas[other].name["en"]
    assert "下次上课之前" in place.post(page, language="zh").text


def test_practice_is_tallied_when_it_is_told(place: Place) -> None:
    page = opened(place)
    learner = place.launch(lms.LEARNER)
    shown = place.post(learner, "/lti/practice", activity="case:freight")
    assert shown.status_code == 200
    number = re.search(r'name="number" value="(\d+)"', shown.text)
    spot = re.search(r'name="place" value="(\d+)"', shown.text)
    assert number
    assert spot
    sent = {"activity": "case:freight", "number": number[1], "place": spot[1], "screen": "question", "act": "unknown"}
    place.post(shown, "/lti/practice", **sent)

    found = tries.lately(place.storage, course_of(place), place.clock())[place.pseudonym(lms.LEARNER)]
    assert [one.shown for one in found if one.activity == "case:freight"] == [1]
    assert "1 time the answer was asked for instead." in unescape(place.post(page).text)
    (link,) = [one for one in courses.links(place.storage, course_of(place)) if (one.opens or {}).get("catalog")]
    assert [learner for learner, _ in attempts.open_of(place.storage, link.link)] == [place.pseudonym(lms.LEARNER)]


def test_what_is_still_being_counted_is_said(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    page = opened(place)
    monkeypatch.setattr("lti_tool.roster.deeds.INLINE", 1)
    text = place.post(page).text

    assert "is still being counted. Look again in a minute." in text
    assert "Being counted." in place.post(page, "/lti/class/learners").text
    assert "keeps it to themselves, or is still being counted" in text


def test_the_sums_behind_a_page_are_numbers_by_skill() -> None:
    assert np.isnan(columns.stands(3)["level"]).all()
    assert columns.moved(np.ones((8, 2), np.uint16), 9).sum() == 0
    assert members.learns(Member("c", "a", "m", True, "active", ("learner",), (), 0, 0))
