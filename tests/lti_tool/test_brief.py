"""The brief of a class: pure, from planted facts, then by the pages' own forms."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from html import unescape
from pathlib import Path

import numpy as np
import pytest

from curriculum import catalog as catalogs
from lti_tool import attempts, courses, keys, overrides, texts, tries
from lti_tool.attempts import Answer, Attempt
from lti_tool.pages import brief, classroom, hands, heat
from lti_tool.pages.brief import Brief
from lti_tool.pages.lately import Known, Left
from lti_tool.roster import columns, members, sync
from lti_tool.roster.deeds import Deeds
from lti_tool.roster.members import Member
from lti_tool.tries import Tally, Try
from recommender import verbs
from tests.lti_tool import builders, lms, rosters
from tests.lti_tool.rosters import Place
from xapi_collector import consent

CATALOG = catalogs.load("cbec")
NOW = datetime(2026, 11, 26, 12, tzinfo=UTC).timestamp()
DAY = 86_400
ITEM = "practice:cus.duty"


def deeds(
    levels: Mapping[str, float] | None = None, *, age: float = 1.0, runs: Mapping[str, int] | None = None
) -> Deeds:
    """Somebody with levels by skill, the newest answers some days old, and rows of other answers by item."""
    stands, counts = columns.stands(len(CATALOG.skills)), columns.days(len(CATALOG.skills))
    rows, moment = columns.runs(len(CATALOG.items)), int((NOW - age * DAY) * 1e6)
    for skill, level in (levels or {}).items():
        place = CATALOG.skill_index[skill]
        stands[place] = (5, 3, moment, level, max(0.0, level - 0.5), level + 0.5)
        counts[-2, place] = 5
    for item, count in (runs or {}).items():
        rows[CATALOG.item_index[item]] = (count, moment - 2 * DAY * 1_000_000, moment)
    return Deeds(5 * len(levels or {}), moment, moment, skills=stands, days=counts, day=int(NOW // DAY), runs=rows)


def made(
    people: Mapping[str, Deeds], *, language: str = "en", left: Sequence[Left] = (), **practice: Sequence[Tally]
) -> Brief:
    listed = [Member("c", one, "m", True, "active", ("learner",), (), int(NOW) - 60 * DAY, 0) for one in people]
    known = Known(listed, people, practice, left)
    return brief.brief(known, CATALOG, language=language, say=texts.speaker(language), now=NOW)


def tally(cause: str = "", *, other: int = 1, skill: str = "cus.low_value_eu") -> Tally:
    return Tally("case:eu_import", skill, 1, other, 0, {cause: other} if cause else {})


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


def test_a_class_without_evidence_has_nothing_that_stands_out() -> None:
    shown = made({"a": deeds(), "b": Deeds(shared=False), "c": Deeds(counted=False, behind=True)})

    assert (shown.things, shown.hands, shown.worked) == ([], [], [])
    assert (shown.learners, shown.active, shown.private, shown.pending, shown.answers) == (3, 0, 1, 1, 0)
    assert made({}).learners == 0


# May want a hand


def attempt(days: float, answers: int = 2) -> Attempt:
    given = tuple(Answer("1", True, "", NOW, None) for _ in range(answers))
    return Attempt("case:eu_import", 1, 7, "2026-11-01", "m", 5, given, NOW - days * DAY, NOW - days * DAY)


def test_three_in_a_row_want_a_hand_with_their_cause_and_what_comes_before() -> None:
    people = {"a": deeds({"cus.low_value_eu": 1.0}, runs={"practice:cus.low_value_eu": 3}), "b": deeds(runs={ITEM: 2})}
    (hand,) = made(people, a=[tally("m.old_150_relief", other=3)]).hands

    assert hand.learners == ("a",)
    assert hand.whys[0].startswith("3 tries at “")
    assert CATALOG.misconceptions["m.old_150_relief"].name["en"] in hand.whys[0]
    assert "not enough data yet" in hand.help
    assert hand.waiting == "3 days ago"
    assert hand.skill == "cus.low_value_eu"


def test_a_row_of_other_answers_is_no_news_after_two_weeks() -> None:
    assert [hand.quiet for hand in made({"a": deeds(age=15, runs={ITEM: 5})}).hands] == [True]


def test_what_may_help_is_the_thing_itself_where_all_before_is_there() -> None:
    skill = "cus.duty"
    there = dict.fromkeys(CATALOG.skills[skill].prerequisites, 4.0)
    first = next(name for name, item in CATALOG.items.items() if not CATALOG.skills[item.skills[0]].prerequisites)

    assert "what comes before is there" in made({"a": deeds(there, runs={ITEM: 3})}).hands[0].help
    assert made({"a": deeds(runs={first: 3})}).hands[0].help.endswith("gone through together")


def test_a_case_that_was_left_wants_a_hand_until_it_is_old() -> None:
    left = [Left("a", attempt(2)), Left("b", attempt(0.5)), Left("c", attempt(40)), Left("d", attempt(3, answers=0))]
    (hand,) = made({name: deeds({"cus.duty": 2.0}) for name in "abcd"}, left=left).hands

    assert (hand.learners, hand.skill) == (("a",), "")
    assert "at step 3 of 5" in hand.whys[0]


def test_who_has_waited_longest_comes_first_and_the_silent_share_a_row() -> None:
    people = {
        "a": deeds(age=1, runs={ITEM: 3}),
        "b": deeds(age=5, runs={ITEM: 3}),
        "c": deeds(age=20),
        "d": deeds(age=30),
        "e": deeds(age=1),
    }
    shown = made(people).hands

    assert [hand.learners for hand in shown] == [("d", "c"), ("b",), ("a",)]
    assert shown[0].quiet


def test_more_than_fit_are_counted() -> None:
    shown = made({f"p{number:02}": deeds(runs={ITEM: 3}) for number in range(hands.ROWS + 3)})

    assert (len(shown.hands), shown.unshown) == (hands.ROWS, 3)


# Where the class stands


def test_the_topic_is_what_was_worked_on_most_unless_one_is_asked_for() -> None:
    one = deeds({"cus.duty": 2.0})

    assert heat.topic(CATALOG, "", [one, Deeds(shared=False)], NOW) == CATALOG.skills["cus.duty"].area
    assert heat.topic(CATALOG, "no-such-area", [one], NOW) == CATALOG.skills["cus.duty"].area
    assert heat.topic(CATALOG, CATALOG.skills["prc.landed"].area, [one], NOW) == CATALOG.skills["prc.landed"].area
    assert heat.topic(CATALOG, "", [one], NOW + 30 * DAY) == CATALOG.skills["cus.duty"].area, "then all answers count"


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_cell_says_level_range_and_answers_or_that_there_is_not_enough(language: str) -> None:
    people = {"a": deeds({"cus.duty": 2.94}), "b": deeds({"cus.duty": 2.96}, age=300), "c": Deeds(shared=False)}
    say, area = texts.speaker(language), CATALOG.skills["cus.duty"].area
    day = datetime.fromtimestamp(NOW, UTC).date()
    shown = heat.heat(CATALOG, area, list(people), people, day=day, language=language, say=say)
    place = shown.columns.index(CATALOG.skills["cus.duty"].name[language])
    (_, a), (_, b), (_, c) = shown.rows

    assert (a[place].text, a[place].look) == ("2", "h2")
    assert all(part in a[place].label for part in ("2.9", "2.4", "3.4", "5"))
    assert (b[place].text, b[place].look) == ("3", "h3 old")
    assert c == []
    assert {cell.text for cell in a[:place]} <= {"?"}
    assert shown.more == max(0, sum(skill.area == area for skill in CATALOG.skills.values()) - heat.COLUMNS)


# The pages


@pytest.fixture
def place(tmp_path: Path, tool_key: keys.ToolKey) -> Iterator[Place]:
    with rosters.place(tmp_path, tool_key, change=links) as running:
        yield running


def links(raw: dict[str, object]) -> None:
    rosters.class_link(raw)
    for course in raw["institutions"][0]["courses"]:  # type: ignore[index]  # plain JSON
        course["links"][0]["custom"] = {"catalog": "cbec", "role": "operations"}


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
