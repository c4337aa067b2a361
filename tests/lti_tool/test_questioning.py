"""The pages of questions: a form or a file becomes a question that is asked, in one piece, and goes back again."""

from __future__ import annotations

import copy
import io
import re
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from html import unescape
from pathlib import Path

import pytest
import yaml

from curriculum import bank
from curriculum.editing import Edit
from lti_tool import editions, keys, proposals
from lti_tool.pages import questionform
from tests.lti_tool import builders
from tests.lti_tool.builders import Bench
from tests.lti_tool.test_ruling import ADMINISTRATOR, Person, plain, turn

SKILL = "cus.duty"
CHOICE = {
    "kind": "choice", "skill": SKILL, "difficulty": "2", "bloom": "apply", "right": "0", "act": "enter",
    "story_en": "A gift of EUR 30 comes from Oslo.", "story_zh": "一份 30 欧元的礼物从奥斯陆寄来。",
    "ask_en": "Who pays the duty", "ask_zh": "谁缴关税", "explanation_en": "It is the buyer.",
    "explanation_zh": "是买方。",
    "text_0_en": "The buyer", "text_0_zh": "买方", "text_1_en": "Nobody", "text_1_zh": "没有人",
    "text_2_en": "The carrier", "text_2_zh": "承运人", "cause_1": "new", "new_1_en": "Thinks gifts are always free",
    "new_1_zh": "以为礼物一律免税", "why_1_en": "A gift has a limit.", "why_1_zh": "礼物有限额。", "cause_2": "unknown",
    "why_2_en": "It only carries.", "why_2_zh": "它只负责运输。",
}  # fmt: skip
NUMBER = {
    "kind": "number", "skill": SKILL, "difficulty": "2", "bloom": "apply", "unit": "EUR", "places": "2", "act": "enter",
    "ask_en": "What is the duty on {pieces} pieces at {price:2} and {rate} per cent",
    "ask_zh": "{pieces} 件、单价 {price:2}、税率 {rate}%，关税是多少",
    "draw": "price = 10 to 20 step 0.5\npieces = 2, 3, 5\nrate = 4 to 12 step 1", "with": "total = price * pieces",
    "right": "total * rate / 100", "working": "{total:2} × {rate} % = {right}", "value_0": "price * rate / 100",
    "cause_0": "unknown",
    "why_0_en": "That is one piece.", "why_0_zh": "这只是一件。", "explanation_en": "The rate of the value.",
    "explanation_zh": "价值乘以税率。",
}  # fmt: skip


@pytest.fixture
def bench(tmp_path: Path, issuer: builders.Issuer, tool_key: keys.ToolKey) -> Iterator[Bench]:
    with builders.bench(tmp_path, issuer, tool_key) as found:
        turn(found, datetime(2026, 11, 26, 12, tzinfo=UTC))
        yield found


@pytest.fixture
def admin(bench: Bench) -> Person:
    return Person(bench, ADMINISTRATOR)


def mine(person: Person) -> list[str]:
    person.tool.shelf.read.clear()
    return [one["id"] for one in person.tool.catalog("cbec").questions]


def asked(person: Person) -> set[str]:
    person.tool.shelf.read.clear()
    today = datetime(2026, 11, 26, tzinfo=UTC).date()
    return {entry.id for entry in bank.asked(person.tool.catalog("cbec"), SKILL, today)}


def settle(person: Person, **fields: object) -> str:
    return plain(person.post("/lti/questions/settle", **fields))


def test_a_question_is_entered_asked_with_its_cause_and_taken_back(admin: Person) -> None:
    told = settle(admin, **CHOICE)
    assert "Entered: it is asked from now on" in told
    (name,) = mine(admin)
    assert name in asked(admin)
    page = admin.post("/lti/questions/one", id=name)
    keys_of = dict(re.findall(r'name="answer" value="(\w)"[^>]*><span>([^<]+)<', page.text))
    wrong = next(key for key, text in keys_of.items() if text == "Nobody")
    told = plain(admin.post("/lti/questions/one", id=name, answer=wrong, act="answer"))
    assert "Thinks gifts are always free A gift has a limit." in told
    assert "以为礼物一律免税" in plain(admin.post("/lti/questions/one", id=name, language="zh"))
    change = re.findall(r'name="back" value="([^"]+)"', admin.post("/lti/questions", area="cus").text)[0]
    assert "已撤回" in settle(admin, back=change)
    assert mine(admin) == []


def test_a_learner_is_asked_an_own_question_and_told_its_cause(bench: Bench, admin: Person) -> None:
    settle(admin, **CHOICE)
    (name,) = mine(admin)
    for shipped in asked(admin) - {name}:
        settle(admin, retire=shipped)
    assert asked(admin) == {name}
    page = builders.launched(
        bench, roles=[builders.LEARNER], custom={"catalog": "cbec", "activity": "quiz", "quiz": SKILL}
    )
    assert "Who pays the duty" in page.text
    fields = {key: unescape(text) for key, text in re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page.text)}
    wrong = re.findall(r'name="answer" value="(\w)"[^>]*><span>Nobody<', page.text)[0]
    page = bench.client().post("/lti/practice", data={**fields, "answer": wrong, "act": "answer"})
    assert "Thinks gifts are always free" in page.text


def test_a_skill_of_the_institution_s_own_is_practised_by_own_questions_and_told(bench: Bench, admin: Person) -> None:
    """The item of the answer is that of the catalog as it is taught, which the shipped one does not have."""
    skill = Edit("e", "skill.add", "cus.carbon", {"name": {"en": "Carbon levy", "zh": "碳关税"}, "area": "cus"})
    editions.enter(
        bench.storage, "cbec", [skill], kind=editions.GRAPH, why="a levy", by="someone", id_="own", now=admin.tool.now()
    )
    admin.tool.shelf.read.clear()
    settle(admin, **{**CHOICE, "skill": "cus.carbon"})
    admin.tool.shelf.read.clear()
    page = builders.launched(
        bench, roles=[builders.LEARNER], custom={"catalog": "cbec", "activity": "quiz", "quiz": "cus.carbon"}
    )
    fields = {key: unescape(text) for key, text in re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page.text)}
    right = re.findall(r'name="answer" value="(\w)"[^>]*><span>The buyer<', page.text)[0]
    page = bench.client().post("/lti/practice", data={**fields, "answer": right, "act": "answer"})

    assert builders.heading(page) == "Right"
    until = time.monotonic() + 5
    while len(bench.sent) < 2 and time.monotonic() < until:
        time.sleep(0.005)
    assert bench.sent[1]["object"]["id"] == "urn:entrepot:cbec:cus.carbon"


def test_where_every_question_was_taken_out_there_is_nothing_to_ask_and_an_open_attempt_ends_so(
    bench: Bench, admin: Person
) -> None:
    link = {"catalog": "cbec", "activity": "quiz", "quiz": SKILL}
    page = builders.launched(bench, roles=[builders.LEARNER], custom=link)
    fields = {key: unescape(text) for key, text in re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page.text)}
    for shipped in asked(admin):
        settle(admin, retire=shipped)
    admin.tool.shelf.read.clear()

    for gone in (
        bench.client().post("/lti/practice", data={**fields, "act": "unknown"}),
        builders.launched(bench, roles=[builders.LEARNER], custom=link),
    ):
        assert gone.status_code == 404
        assert "There is nothing to ask here today." in gone.text


def test_what_is_wrong_with_a_form_is_named_and_stays_typed(admin: Person) -> None:
    told = settle(admin, **{**CHOICE, "why_1_zh": "", "text_2_en": "", "text_2_zh": ""})
    assert "options: must be a list of 3 to 6" in told
    told = settle(admin, **{**CHOICE, "why_1_zh": ""})
    assert "options[1].why: is" in told
    assert 'value="Thinks gifts are always free"' in admin.page.text
    assert mine(admin) == []


def test_a_number_question_shows_five_draws_before_it_is_entered(admin: Person) -> None:
    page = admin.post("/lti/questions/write", **{**NUMBER, "act": "try"})
    assert page.text.count('<li class="card sunk"><p class="small">') == 5
    assert mine(admin) == []
    assert "right: 'price' is no figure here" in settle(admin, **{**NUMBER, "draw": "", "with": "", "right": "price"})
    assert "draw.price" in settle(admin, **{**NUMBER, "draw": "price = much"})
    assert "Entered" in settle(admin, **NUMBER)
    (name,) = mine(admin)
    page = admin.post("/lti/questions/write", id=name)
    assert "price = 10 to 20 step 0.5" in page.text
    assert "pieces = 2, 3, 5" in page.text
    assert "Five draws" in plain(admin.post("/lti/questions/one", id=name))


def test_an_own_question_is_changed_under_its_id(admin: Person) -> None:
    settle(admin, **CHOICE)
    (name,) = mine(admin)
    cause = next(one["cause"] for one in admin.tool.catalog("cbec").questions[0]["options"] if "cause" in one)
    assert 'value="The carrier"' in admin.post("/lti/questions/write", id=name).text
    settle(admin, **{**CHOICE, "id": name, "cause_1": cause, "ask_en": "Who pays it"})
    assert mine(admin) == [name]
    assert admin.tool.catalog("cbec").questions[0]["ask"]["en"] == "Who pays it"


def test_files_come_in_whole_or_not_at_all_and_go_out_again(admin: Person) -> None:
    settle(admin, **CHOICE)
    text = admin.bench.client().post("/lti/questions/file", data={"bearer": bearer(admin), "file": "yaml"}).text
    document = yaml.safe_load(text)
    package = admin.bench.client().post("/lti/questions/file", data={"bearer": bearer(admin), "file": "qti"}).data
    document["questions"].append({**copy.deepcopy(document["questions"][0]), "id": f"{SKILL}.own_b", "difficulty": 9})
    broken = yaml.safe_dump(document, allow_unicode=True)
    told = settle(admin, file=(io.BytesIO(broken.encode()), "q.yaml"))
    assert re.search(r"line \d+: questions\[1\].difficulty: is 9; it must be a whole number 1 to 5", told)
    assert len(mine(admin)) == 1
    document["questions"][1]["difficulty"] = 3
    assert "Entered" in settle(admin, act="import", text=yaml.safe_dump(document, allow_unicode=True))
    assert len(mine(admin)) == 2
    assert "Entered" in settle(admin, file=(io.BytesIO(package), "q.zip"))
    assert len(mine(admin)) == 2
    assert "is not UTF-8" in settle(admin, file=(io.BytesIO(b"\xff\xfe"), "q.yaml"))
    assert "holds no question" in settle(admin, act="import", text="questions: []")
    assert "Nothing was changed" in settle(admin, file=(io.BytesIO(b"<a/>"), "q.xml"))


def bearer(person: Person) -> str:
    found = re.search(r'name="bearer" value="([^"]+)"', person.page.text)
    assert found
    return unescape(found[1])


def test_a_shipped_question_is_retired_and_asked_again(admin: Person) -> None:
    name = f"{SKILL}.1"
    assert "Retired" in settle(admin, retire=name)
    assert name not in asked(admin)
    assert "Ask it again" in plain(admin.post("/lti/questions/one", id=name))
    assert name in admin.post("/lti/questions", area="cus", only="retired").text
    assert "Taken back" in settle(admin, again=name)
    assert name in asked(admin)
    assert "somebody was faster" in settle(admin, again=name)
    assert admin.post("/lti/questions/settle", retire="gone").status_code == 404


def test_an_instructor_proposes_and_an_administrator_decides(bench: Bench, admin: Person) -> None:
    person = Person(bench, builders.INSTRUCTOR)
    assert "Proposed" in settle(person, **CHOICE)
    assert mine(person) == []
    waiting = proposals.waiting(person.tool.storage, "cbec")[0]
    assert person.post("/lti/questions/settle", approve=waiting.id).status_code == 403
    assert "Who pays the duty" in plain(admin.post("/lti/questions"))
    assert "Entered" in settle(admin, approve=waiting.id)
    assert len(mine(admin)) == 1
    assert "somebody was faster" in settle(admin, approve=waiting.id)
    settle(person, retire=f"{SKILL}.1")
    waiting = proposals.waiting(person.tool.storage, "cbec")[0]
    assert "Put aside" in settle(admin, decline=waiting.id)


def test_doors_that_lead_nowhere(bench: Bench, admin: Person) -> None:
    assert admin.post("/lti/questions/one", id="gone").status_code == 404
    assert admin.post("/lti/questions/write", id="gone").status_code == 404
    assert admin.post("/lti/questions/write", skill="gone").status_code == 404
    assert admin.post("/lti/questions/file", file="yaml").status_code == 404
    page = admin.post("/lti/questions/one", id=f"{SKILL}.1", answer="", act="answer")
    assert 'role="alert"' in page.text
    assert "practice" not in plain(admin.post("/lti/questions/one", id=f"{SKILL}.1", act="unknown", language="zh"))


@pytest.mark.parametrize("kind", questionform.KINDS)
def test_each_form_opens_in_both_languages(admin: Person, kind: str) -> None:
    for language in ("en", "zh"):
        assert admin.post("/lti/questions/write", skill=SKILL, kind=kind, language=language).status_code == 200
