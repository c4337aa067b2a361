"""The pages of own cases: a template or a kit becomes a case that a link opens, in one piece, and goes back again."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from html import unescape
from pathlib import Path

import pytest
import yaml

from curriculum import bank
from curriculum.kits import own
from lti_tool import keys
from lti_tool.pages import caseform
from tests.lti_tool import builders
from tests.lti_tool.builders import Bench
from tests.lti_tool.test_kitting import sent
from tests.lti_tool.test_ruling import ADMINISTRATOR, Person, plain, turn


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
    return [one["id"] for one in person.tool.catalog("cbec").cases]


def fields(template: str, **changed: object) -> dict[str, object]:
    named = {"name_en": "Tea to Riga", "name_zh": "寄往里加的茶具", "act": "enter"}
    return {**caseform.blank(template).values, **named, **changed}


def settle(person: Person, **given: object) -> str:
    return plain(person.post("/lti/owncases/settle", **given))


def test_each_template_becomes_a_case_that_a_learner_plays(bench: Bench, admin: Person) -> None:
    for place, template in enumerate(("eu_import", "freight", "payout")):
        page = plain(admin.post("/lti/owncases/write", template=template))
        assert "A case of your own" in page
        assert "Entered: a link can open it from now on" in settle(admin, **fields(template))
        id_ = mine(admin)[place]
        assert id_.startswith("own.tea-to-riga-")
        link = {"catalog": "cbec", "activity": "case", "case": id_}
        page = builders.launched(bench, roles=[builders.LEARNER], custom=link).text
        assert "Tea to Riga" in page
        assert 'name="answer"' in page


def test_a_trial_shows_answers_and_wrong_methods_and_what_cannot_be_told_apart(admin: Person) -> None:
    page = plain(admin.post("/lti/owncases/write", **fields("freight", act="try")))
    assert "Every wrong method has an answer of its own" in page
    assert "Ignores volumetric weight" in page
    assert mine(admin) == []
    page = plain(admin.post("/lti/owncases/write", **fields("freight", act="try", cartons="1")))
    assert "Your figures cannot tell 1 pairs of ways apart" in page
    assert "“Counts one carton instead of the shipment” leads to the right answer here" in page
    page = plain(admin.post("/lti/owncases/write", **fields("freight", act="try", cartons="1", language="zh")))
    assert "恰好得到正确答案" in page


def test_what_is_wrong_comes_back_with_what_was_typed(admin: Person) -> None:
    page = admin.post("/lti/owncases/settle", **fields("freight", cartons="many", name_zh=""))
    assert "figures.cartons: write a figure such as 6" in plain(page)
    assert "name: write it in English and in Chinese" in plain(page)
    assert 'value="many"' in page.text
    assert mine(admin) == []
    page = plain(admin.post("/lti/owncases/settle", **fields("eu_import", row_0_price="100")))
    assert "the goods are worth more than EUR 150" in page


def test_a_story_is_taken_as_it_is_written(bench: Bench, admin: Person) -> None:
    """Braces are no placeholders in it: a format string could read its way out of its figures."""
    settle(admin, **fields("payout", story_en="A {seller.__class__} & <b>story</b>", story_zh="{0}"))
    (id_,) = mine(admin)
    page = builders.launched(
        bench, roles=[builders.LEARNER], custom={"catalog": "cbec", "activity": "case", "case": id_}
    ).text
    assert "A {seller.__class__} &amp; &lt;b&gt;story&lt;/b&gt;" in page


def test_a_case_is_changed_retired_and_taken_back(admin: Person) -> None:
    settle(admin, **fields("freight"))
    (id_,) = mine(admin)
    page = admin.post("/lti/owncases/write", id=id_)
    assert 'name="cartons" value="6"' in page.text
    settle(admin, **fields("freight", id=id_, cartons="8"))
    assert mine(admin) == [id_]
    assert admin.tool.catalog("cbec").cases[0]["figures"]["cartons"] == "8"
    assert "Retired" in settle(admin, retire=id_)
    assert mine(admin) == []
    change = re.findall(r'name="back" value="([^"]+)"', admin.post("/lti/owncases").text)[0]
    assert "Taken back" in settle(admin, back=change)
    assert mine(admin) == [id_]


def test_an_instructor_proposes_and_an_administrator_decides(bench: Bench, admin: Person) -> None:
    instructor = Person(bench, builders.INSTRUCTOR)
    assert "Proposed. Somebody who may edit decides" in settle(instructor, **fields("payout"))
    assert mine(admin) == []
    assert instructor.post("/lti/owncases/settle", approve="x").status_code == 403
    (proposal,) = re.findall(r'name="approve" value="([^"]+)"', admin.post("/lti/owncases").text)
    settle(admin, approve=proposal)
    assert len(mine(admin)) == 1
    settle(instructor, **fields("freight"))
    (proposal,) = re.findall(r'name="decline" value="([^"]+)"', admin.post("/lti/owncases").text)
    assert "Put aside" in settle(admin, decline=proposal)
    assert "not there any more" in settle(admin, approve=proposal)


def test_cases_are_taken_along_and_brought_back_as_yaml(admin: Person) -> None:
    for template in ("freight", "eu_import"):
        settle(admin, **fields(template, cartons="3 to 9"))
    before = admin.page
    text = admin.post("/lti/owncases/file").text
    admin.page = before
    kept = mine(admin)
    assert [one["id"] for one in yaml.safe_load(text)["cases"]] == kept
    for id_ in kept:
        settle(admin, retire=id_)
    assert "Entered" in settle(admin, file=(io.BytesIO(text.encode()), "cases.yaml"))
    assert mine(admin) == kept


WRONG = [
    ("cases: [", "not plain YAML"),
    ("a: &a [*a]", "not plain YAML"),
    ("cases: x", "cases: missing"),
    ("cases: [x]", "a case must be a mapping"),
    ("cases: [{id: Own, template: freight, name: {en: a, zh: b}}]", 'begin with "own."'),
    ("cases: [{id: own.a, template: flow_eu, name: {en: a, zh: b}}]", "choose one of"),
    ("cases: [{id: own.a, template: kit, kit: gone, name: {en: a, zh: b}}]", "there is no such kit"),
    ("x" * 200_001, "at most 200000"),
    ("[" * 3000, "not plain YAML"),
]


def test_a_file_that_is_wrong_is_refused_whole(admin: Person) -> None:
    for text, told in WRONG:
        page = settle(admin, act="import", text=text)
        assert told.casefold() in unescape(page).casefold(), text[:40]
    assert mine(admin) == []


def test_a_kit_gives_further_cases_with_questions_of_ones_choice(bench: Bench, admin: Person) -> None:
    id_ = sent(admin)
    admin.post("/lti/kits/settle", id=id_, act="live", agreed="yes")
    page = admin.post("/lti/owncases/write", template="kit")
    assert f'value="{id_}"' in page.text
    settle(admin, **{**fields("kit", kit=id_), "asked": ["acos", "won"]})
    admin.tool.shelf.read.clear()
    kind = next(one for one in own.kinds(admin.tool.catalog("cbec")) if one.id.startswith("own."))
    assert kind.skills == ("mkt.ads_basics", "mkt.ads_ops")
    assert 'value="acos" checked' in admin.post("/lti/owncases/write", id=kind.id).text
    admin.post("/lti/kits/settle", id=id_, act="delete")
    assert mine(admin) == []


def test_questions_of_the_bank_become_a_case_under_one_story(bench: Bench, admin: Person) -> None:
    today = datetime(2026, 11, 26, tzinfo=UTC).date()
    ids = [entry.id for entry in bank.asked(admin.tool.catalog("cbec"), "cus.duty", today)[:2]]
    quote = "Quote | 报价单\r\nRate | 单价 | 5.00\r\nTerm | 术语 | DAP | 目的地交货"
    papers = f"{quote}\r\n\r\nNote | 说明\r\nFrom | 来自 | 2026"
    given = fields(
        "questions", questions="\n".join(ids), papers=papers, story_en="A shop sells cups.", story_zh="一家店卖杯子。"
    )
    assert "A shop sells cups." in plain(admin.post("/lti/owncases/write", **{**given, "act": "try"}))
    assert "Entered" in settle(admin, **given)
    (id_,) = mine(admin)
    page = admin.post("/lti/owncases/write", id=id_).text
    assert "Term | 术语 | DAP | 目的地交货" in page
    assert ids[1] in page
    shown = builders.launched(
        bench, roles=[builders.LEARNER], custom={"catalog": "cbec", "activity": "case", "case": id_}
    ).text
    assert "报价单" not in shown
    assert "Quote" in shown
    assert "questions[0]: there is no such question" in settle(admin, **{**given, "questions": "gone"})


def test_what_is_not_there_is_not_found(admin: Person) -> None:
    assert admin.post("/lti/owncases/write", id="own.gone").status_code == 404
    assert admin.post("/lti/owncases/write", template="flow_eu").status_code == 404
    assert admin.post("/lti/owncases/settle", retire="own.gone").status_code == 404
    for press in ("back", "approve", "decline"):
        assert "not there any more" in settle(admin, **{press: "gone"})
        assert "not there any more" in settle(admin, **{press: ""})
    assert "is not UTF-8" in settle(admin, file=(io.BytesIO(b"\xff\xfe"), "c.yaml"))
    twice = "cases:\n" + "".join(f"- {line}\n" for line in ["{id: own.a, template: x, name: {en: a, zh: b}}"] * 2)
    assert "this id is taken by another case" in settle(admin, act="import", text=twice)


def test_a_case_with_rows_comes_back_into_its_form(admin: Person) -> None:
    settle(admin, **fields("eu_import", day="2026-07-01"))
    (id_,) = mine(admin)
    page = admin.post("/lti/owncases/write", id=id_).text
    assert 'name="row_0_hs" value="6912.00"' in page
    assert 'name="day" value="2026-07-01"' in page
    assert 'name="seller_zh" value="杭州"' in page
