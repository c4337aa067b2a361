"""The pages of rules: news into a draft, a draft into a rule in two presses, at once everywhere, and back."""

from __future__ import annotations

import io
import json
import re
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from html import unescape
from pathlib import Path

import pytest
from werkzeug.test import TestResponse

from curriculum import bank, practice, rules
from curriculum import catalog as catalogs
from lti_tool import advice, bearer, editions, keys, permissions, proposals, tasks
from lti_tool.advice import Model, Wish
from lti_tool.errors import ConfigurationError
from lti_tool.pages import rulebook
from lti_tool.settings import ATTEMPTS
from lti_tool.tool import Tool
from tests.lti_tool import advised, builders
from tests.lti_tool.builders import Bench

ADMINISTRATOR = "http://purl.imsglobal.org/vocab/lis/v2/system/person#Administrator"
NEWS = (
    "From 1 January 2027 the EU raises the temporary customs duty on low-value consignments from EUR 3 to EUR 4 "
    "per item. The threshold of EUR 150 stays."
)
SOURCE = "https://example.org/law"
HOLDING = len(rules.on(catalogs.load("cbec"), date(2026, 11, 26)))


@pytest.fixture
def bench(tmp_path: Path, issuer: builders.Issuer, tool_key: keys.ToolKey) -> Iterator[Bench]:
    with builders.bench(tmp_path, issuer, tool_key) as found:
        turn(found, datetime(2026, 11, 26, 12, tzinfo=UTC))
        yield found


def turn(bench: Bench, moment: datetime) -> None:
    """Turn the clock of a tool."""
    bench.clock.offset = moment.timestamp() - time.time()


class Person:
    """Somebody who came in by a launch: their page, and what they press on it."""

    def __init__(self, bench: Bench, role: str) -> None:
        self.bench = bench
        self.page = builders.launched(bench, roles=[role], custom={"catalog": "cbec"})

    @property
    def tool(self) -> Tool:
        found: Tool = self.bench.app.extensions["lti_tool"]
        return found

    def post(self, where: str, **fields: object) -> TestResponse:
        found = re.search(r'name="bearer" value="([^"]+)"', self.page.text)
        assert found
        data = {"bearer": unescape(found[1]), **fields}
        response = self.bench.client().post(where, data=data)
        if response.status_code == 200:
            self.page = response
        return response

    def approve(self, **changes: str) -> TestResponse:
        """Press the button of the draft that is open, as it is or with other values."""
        return self.post("/lti/rules/settle", **{**form(self.page), **changes})


def form(page: TestResponse) -> dict[str, object]:
    """The values of the form of a draft."""
    found: dict[str, object] = {}
    for name, value in re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page.text):
        found[name] = unescape(value)
    for name, rest in re.findall(r'<input class="input" id="\w+" name="(\w+)"([^>]*)>', page.text):
        value = re.search(r'value="([^"]*)"', rest)
        found[name] = unescape(value[1]) if value else ""
    for name, value in re.findall(r'<textarea class="input" id="\w+" name="(\w+)"[^>]*>([^<]*)</textarea>', page.text):
        found[name] = unescape(value)
    for name, body in re.findall(r'<select class="input" id="\w+" name="(\w+)">(.*?)</select>', page.text, re.DOTALL):
        chosen = re.search(r'<option value="([^"]*)" selected', body)
        found[name] = unescape(chosen[1]) if chosen else ""
    act = re.search(r'name="act" value="(\w+)" checked', page.text)
    if act:
        found["act"] = act[1]
    found["affects"] = re.findall(r'name="affects" value="([^"]+)" checked', page.text)
    found.pop("bearer", None)
    return found


def plain(page: TestResponse) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page.text)).split())


def taught(person: Person) -> editions.Taught:
    tool = person.tool
    return editions.taught(tool.storage, tool.shelf, "cbec", tool.now())


@pytest.fixture
def admin(bench: Bench) -> Person:
    return Person(bench, ADMINISTRATOR)


@pytest.fixture
def instructor(bench: Bench) -> Person:
    return Person(bench, builders.INSTRUCTOR)


def test_the_page_lists_every_rule_with_its_days_and_what_needs_a_look(admin: Person) -> None:
    text = plain(admin.post("/lti/rules"))

    assert f"{HOLDING} rules hold today" in text
    assert "2026-07-01 to 2028-06-30" in text
    assert "Nobody has confirmed this rule (IT)" in text
    assert "Nothing yet: this is the catalog as it is shipped." in text


def test_news_is_in_force_after_two_presses_from_its_day_and_not_before(admin: Person, bench: Bench) -> None:
    before = [practice.case("eu_import", seed, date(2026, 11, 26), taught(admin).catalog).mark for seed in range(20)]

    admin.post("/lti/rules/draft", text=NEWS, source=SOURCE)
    assert "A rule that replaces another" in plain(admin.page)
    assert taught(admin).edition.number == 0
    told = admin.approve()

    assert "Done. It holds from its first day" in plain(told)
    found = taught(admin)
    assert found.catalog.rules["eu.flat_duty_2026"].valid_to == date(2026, 12, 31)
    assert found.catalog.rules["eu.flat_duty_2027"].params["flat_duty_eur_per_item"] == 4
    assert (found.changes[0].why, found.changes[0].source) == ("From policy news", SOURCE)
    after = [practice.case("eu_import", seed, date(2026, 11, 26), found.catalog).mark for seed in range(20)]
    assert after == before
    rule = practice.case("eu_import", 1, date(2027, 1, 1), found.catalog).steps[1].rule
    assert rule is not None
    assert rule.id == "eu.flat_duty_2027"


def test_one_press_takes_it_back(admin: Person) -> None:
    admin.post("/lti/rules/draft", text=NEWS, source=SOURCE)
    admin.approve()
    change = taught(admin).changes[0].id

    told = plain(admin.post("/lti/rules/settle", back=change))

    assert "Taken back" in told
    assert "eu.flat_duty_2027" not in taught(admin).catalog.rules
    assert "took back" in told
    assert "It is not there any more" in plain(admin.post("/lti/rules/settle", back=change))


def test_what_another_change_stands_on_is_not_taken_back(admin: Person) -> None:
    admin.post("/lti/rules/draft", text=NEWS, source=SOURCE)
    admin.approve()
    admin.post("/lti/rules/draft", rule="eu.flat_duty_2027")
    admin.approve(caveat="see annex")

    told = plain(admin.post("/lti/rules/settle", back=taught(admin).changes[0].id))

    assert "Nothing was changed" in told
    assert "stands on this one" in told


def test_what_is_wrong_is_said_and_what_was_typed_stays(admin: Person) -> None:
    admin.post("/lti/rules/draft", text=NEWS, source=SOURCE)
    told = admin.approve(act="new", valid_from="2027-13-01", why="my reason")

    assert "“2027-13-01” is no day" in plain(told).replace('"2027-13-01"', "“2027-13-01”")
    assert form(told)["why"] == "my reason"
    told = admin.approve(valid_from="2027-01-01")
    assert "would hold at the same time" in plain(told)
    told = admin.approve(act="replaces", params="threshold 150")
    assert "cannot be read" in plain(told)
    assert taught(admin).edition.number == 0
    admin.approve(params="threshold_eur = 150\nflat_duty_eur_per_item = 4.5\nbasis = per line\n\n", also="cus.ioss")
    rule = taught(admin).catalog.rules["eu.flat_duty_2027"]
    assert dict(rule.params) == {"threshold_eur": 150, "flat_duty_eur_per_item": 4.5, "basis": "per line"}
    assert "cus.ioss" in rule.affects


def test_a_rule_ends_by_news_that_only_ends_it(admin: Person) -> None:
    admin.post(
        "/lti/rules/draft", text="HMRC: the GBP 135 relief for low value imports ends on 31 March 2028.", source=SOURCE
    )
    assert form(admin.page)["act"] == "ends"

    admin.approve()

    assert taught(admin).catalog.rules["uk.lvcr_135"].valid_to == date(2028, 3, 31)


def test_a_rule_that_is_there_is_changed(admin: Person) -> None:
    admin.post("/lti/rules/draft", rule="eu.handling_fee_2026")
    admin.approve(confidence="high", source="https://example.org/a\nhttps://example.org/b", caveat="")

    rule = taught(admin).catalog.rules["eu.handling_fee_2026"]
    assert (rule.confidence, rule.source, rule.caveat) == (
        "high",
        ("https://example.org/a", "https://example.org/b"),
        "",
    )
    assert admin.post("/lti/rules/draft", rule="gone").status_code == 404


def test_an_instructor_proposes_and_an_administrator_decides(instructor: Person, bench: Bench) -> None:
    instructor.post("/lti/rules/draft", text=NEWS, source=SOURCE)
    assert "An administrator decides" in plain(instructor.page)
    told = plain(instructor.approve())
    assert "Proposed. An administrator of your institution decides." in told
    assert taught(instructor).edition.number == 0

    admin = Person(bench, ADMINISTRATOR)
    assert "One thing waits for a decision" in plain(admin.post("/lti/rules"))
    (waiting,) = proposals.waiting(admin.tool.storage, "cbec")
    admin.post("/lti/rules/draft", proposal=waiting.id)
    assert form(admin.page)["act"] == "replaces"
    admin.approve()
    assert "eu.flat_duty_2027" in taught(admin).catalog.rules
    assert proposals.waiting(admin.tool.storage, "cbec") == []
    assert "It is not there any more" in plain(admin.post("/lti/rules/draft", proposal=waiting.id))


@pytest.mark.parametrize("fields", [{"back": "x"}, {"decline": "x"}])
def test_an_instructor_may_not_decide(instructor: Person, fields: dict[str, str]) -> None:
    assert instructor.post("/lti/rules/settle", **fields).status_code == 403


def test_an_instructor_edits_at_once_where_the_institution_says_so(
    tmp_path: Path, issuer: builders.Issuer, tool_key: keys.ToolKey
) -> None:
    with builders.bench(tmp_path, issuer, tool_key, editors="instructors") as bench:
        turn(bench, datetime(2026, 11, 26, 12, tzinfo=UTC))
        person = Person(bench, builders.INSTRUCTOR)
        person.post("/lti/rules/draft", text=NEWS, source=SOURCE)
        person.approve()

        assert "eu.flat_duty_2027" in taught(person).catalog.rules


def test_a_setting_that_names_nobody_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="administrators, instructors"):
        permissions.check("everybody")


def test_what_is_proposed_must_fit_as_well(instructor: Person) -> None:
    instructor.post("/lti/rules/draft", text=NEWS, source=SOURCE)

    told = instructor.approve(statement_zh=" ")

    assert "What the rule says is missing in Chinese" in plain(told)
    assert proposals.waiting(instructor.tool.storage, "cbec") == []


def upload(person: Person, data: bytes, name: str = "news.json") -> str:
    return plain(person.post("/lti/rules/draft", file=(io.BytesIO(data), name)))


def test_many_pieces_come_in_once_and_each_waits_for_a_reader(admin: Person) -> None:
    data = json.dumps([{"title": "EU duty", "text": NEWS, "source": SOURCE}, {"text": "Something else"}]).encode()

    assert "2 things wait for a decision" in upload(admin, data)
    assert "every piece was here before" in upload(admin, data)
    first = next(one for one in proposals.waiting(admin.tool.storage, "cbec") if one.title)
    admin.post("/lti/rules/draft", proposal=first.id)
    assert form(admin.page)["proposal"] == first.id
    admin.approve()
    assert "eu.flat_duty_2027" in taught(admin).catalog.rules
    (other,) = proposals.waiting(admin.tool.storage, "cbec")
    assert "Put aside" in plain(admin.post("/lti/rules/settle", decline=other.id))
    assert "It is not there any more" in plain(admin.post("/lti/rules/settle", decline=other.id))
    assert "every piece was here before" in upload(admin, data)


def test_an_instructors_proposal_takes_the_place_of_the_news(instructor: Person) -> None:
    upload(instructor, json.dumps([{"title": "EU duty", "text": NEWS, "source": SOURCE}]).encode())
    (news,) = proposals.waiting(instructor.tool.storage, "cbec")
    instructor.post("/lti/rules/draft", proposal=news.id)
    instructor.approve()

    (waiting,) = proposals.waiting(instructor.tool.storage, "cbec")
    assert waiting.edits
    assert waiting.title == "EU duty"


def test_a_file_that_cannot_be_read_is_refused_with_its_line(admin: Person) -> None:
    assert "line 2: its date cannot be read" in upload(admin, b"text,date\nx,soon\n", "news.csv")
    assert proposals.waiting(admin.tool.storage, "cbec") == []


def test_an_empty_form_asks_for_a_text(admin: Person) -> None:
    assert "There was no text" in plain(admin.post("/lti/rules/draft", text=" "))


def test_who_looked_is_noted_and_the_rule_is_named_no_more(admin: Person, bench: Bench) -> None:
    turn(bench, datetime(2027, 5, 24, tzinfo=UTC))
    admin = Person(bench, ADMINISTRATOR)
    last = re.findall(r"I looked: ([a-z]{2}\.\w+)", unescape(admin.post("/lti/rules").text))[-1]

    told = admin.post("/lti/rules/settle", look=last)

    assert "Noted: looked at today." in plain(told)
    assert f"I looked: {last}" not in unescape(told.text)
    assert admin.post("/lti/rules/settle", look="cus.duty.1").status_code == 200
    assert admin.post("/lti/rules/settle", look="gone").status_code == 404
    log = plain(admin.post("/lti/rules/settle", look="lesson:cus.duty"))
    assert "looked at Lesson: Compute import duty" in log
    assert "lesson:cus.duty" not in log


def test_both_languages_say_the_same(admin: Person) -> None:
    text = plain(admin.post("/lti/rules", language="zh"))

    assert f"今天有 {HOLDING} 条规则有效" in text
    text = plain(admin.post("/lti/rules/draft", language="zh", text=NEWS, source=SOURCE))
    assert "替代旧规则的新规则" in text


def test_a_draft_without_a_day_of_its_own_is_of_today(admin: Person) -> None:
    admin.post("/lti/rules/draft", text="7月1日起，欧盟每项征收 5 欧元。", told="not a day")

    assert form(admin.page)["valid_from"] == "2026-07-01"


def test_a_catalog_that_is_not_there_is_refused(admin: Person) -> None:
    tool = admin.tool
    found = re.search(r'name="bearer" value="([^"]+)"', admin.page.text)
    assert found
    person, language = bearer.read(unescape(found[1]), tool.bearer_key, tool.now)
    text = bearer.sign(replace(person, catalog="gone"), language, tool.bearer_key, tool.now)

    answer = admin.bench.client().post("/lti/rules", data={"bearer": text})

    assert answer.status_code == 400
    assert tool.catalog("oulad").id == "oulad"


def test_a_form_that_asks_for_nothing_known_is_shown_again(admin: Person) -> None:
    told = admin.post("/lti/rules/settle", act="paint")

    assert told.status_code == 200
    assert "There is no act" in plain(told)


def test_a_proposal_of_which_somebody_else_was_faster_is_entered_as_it_stands(admin: Person) -> None:
    admin.post("/lti/rules/draft", text=NEWS, source=SOURCE)
    admin.approve(proposal="gone")

    assert "eu.flat_duty_2027" in taught(admin).catalog.rules


def test_a_line_of_time_is_cut_at_its_ends() -> None:
    from curriculum import catalog

    known, day = catalog.load("cbec").rules, date(2026, 11, 26)
    assert rulebook.line(known["eu.ioss"], day) == ("0.0%", "100.0%")
    start, width = rulebook.line(known["eu.duty_relief_150"], day)
    assert (start, width) == ("0.0%", "39.9%")
    assert rulebook.line(known["us.section122"], date(2030, 1, 1)) == ("0.0%", "0.0%")


def test_a_rule_switches_at_midnight_utc_everywhere_at_once_with_no_restart(admin: Person, bench: Bench) -> None:
    """Practice, keys of questions, recommendations and the page, a second before and at 00:00 UTC of the day."""
    admin.post("/lti/rules/draft", text=NEWS, source=SOURCE)
    admin.approve()
    before, after = (datetime(2026, 12, 31, 23, 59, 59, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC))

    assert [seen(bench, moment) for moment in (before, after)] == [
        {
            "page": "2027-01-01: to come",
            "case": "eu.flat_duty_2026",
            "keys": {"eu.flat_duty_2026"},
            "refresh": set(),
        },
        {
            "page": "2027-01-01: holds",
            "case": "eu.flat_duty_2027",
            "keys": set(),
            "refresh": {"cus.low_value_eu"},
        },
    ]


def seen(bench: Bench, moment: datetime) -> dict[str, object]:
    """What the page, a new case, the questions and the recommendations say at a moment."""
    turn(bench, moment)
    person = Person(bench, ADMINISTRATOR)
    catalog, day = person.tool.catalog("cbec"), moment.date()
    text = unescape(person.post("/lti/rules").text)
    learner = Person(bench, builders.LEARNER)
    learner.post("/lti/practice", activity="case:eu_import", act="practise")
    (attempt,) = learner.tool.storage.find(ATTEMPTS)
    learner.tool.storage.delete(ATTEMPTS, (attempt["learner"], attempt["link"], attempt["activity"]))
    assert attempt["on"] == day.isoformat()
    made = [tasks.task("case:eu_import", seed, day, catalog).questions[1].step.rule for seed in range(9)]
    known = advised.history(catalog, *[(f"practice:{name}", 1.0) for name in ("cus.low_value_eu", "svc.returns") * 2])
    given = advice.of_history(catalog, known, Model("missing"), wish=Wish("compliance"), now=moment)
    status = re.search(r"since (2027-01-01): ([a-z ]+)\.", text)
    assert status
    return {
        "page": f"{status[1]}: {status[2]}",
        "case": max(rule.id for rule in made if rule),
        "keys": {one.rule for one in bank.asked(catalog, "cus.low_value_eu", day) if one.rule.startswith("eu.")},
        "refresh": {one.skill for one in given.recommendations if one.kind == "refresh"},
    }
