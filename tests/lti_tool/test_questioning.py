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
from recommender import verbs
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
    "draw_0": "price", "low_0": "10", "high_0": "20", "step_0": "0.5", "draw_1": "pieces", "pick_1": "2，3, 5",
    "rows_draw": "3", "draw_2": "rate", "low_2": "4", "high_2": "12", "with_0": "total", "is_0": "price * pieces",
    "right": "total * rate / 100", "working": "{total:2} × {rate} % = {right}", "value_0": "price * rate / 100",
    "cause_0": "unknown", "why_0_en": "That is one piece.", "why_0_zh": "这只是一件。",
    "explanation_en": "The rate of the value.", "explanation_zh": "价值乘以税率。",
}  # fmt: skip
SEVERAL = {
    **{name: value for name, value in CHOICE.items() if name != "right"}, "kind": "several", "right_0": "yes",
    "right_2": "yes", "why_2_en": "", "why_2_zh": "",
    "why_0_en": "The buyer orders it.", "why_0_zh": "货是买方订的。",
}  # fmt: skip
MATCH = {
    **{name: CHOICE[name] for name in ("skill", "difficulty", "bloom", "act", "ask_en", "ask_zh", "explanation_en",
                                       "explanation_zh")}, "kind": "match",
    **{f"{side}_{row}_{language}": f"{side} {row} {language}" for side in ("left", "end") for row in (0, 2, 3)
       for language in ("en", "zh")},
    "rows_pair": "4", "spare_0_en": "nobody", "spare_0_zh": "没有人", "from_0": "pair_2", "to_0": "spare_0",
    "cause_0": "new", "new_0_en": "Thinks nobody does", "new_0_zh": "以为没人管", "why_0_en": "Somebody does.",
    "why_0_zh": "有人管。", "from_1": "pair_0", "to_1": "pair_3", "why_1_en": "Not that.", "why_1_zh": "不是那个。",
}  # fmt: skip
TEXT = {
    **{name: CHOICE[name] for name in ("skill", "difficulty", "bloom", "act", "ask_en", "ask_zh", "explanation_en",
                                       "explanation_zh")}, "kind": "text", "accept": "6109.10\n6109 10 00\n",
    "digits": "yes", "spelt_1": "6105.10", "why_1_en": "That is a shirt.", "why_1_zh": "那是衬衫。",
}  # fmt: skip
FORMS = {"choice": CHOICE, "several": SEVERAL, "match": MATCH, "text": TEXT, "number": NUMBER}


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
    while not (told := [one for one in bench.sent if one["verb"]["id"] == verbs.ANSWERED]) and time.monotonic() < until:
        time.sleep(0.005)
    assert told[0]["object"]["id"] == "urn:entrepot:cbec:cus.carbon"


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
    assert "Option 1 : Fill three options at least, six at most." in told
    told = settle(admin, **{**CHOICE, "why_1_zh": ""})
    assert "One thing to mend" in told
    assert "Wrong answer 2: what its thinking misses : The Chinese text is missing." in told
    page = admin.page.text
    assert 'value="Thinks gifts are always free"' in page
    field = re.search(r'<textarea[^>]*id="why_1_zh"[^>]*>', page)
    assert field
    assert 'aria-invalid="true"' in field[0]
    assert "autofocus" in field[0]
    assert 'id="why_1_zh-fault"' in page
    assert "缺少中文。" in plain(admin.post("/lti/questions/settle", **{**CHOICE, "why_1_zh": "", "language": "zh"}))
    assert mine(admin) == []


@pytest.mark.parametrize("kind", FORMS)
def test_every_form_is_entered_opened_again_tried_and_goes_through_qti(admin: Person, kind: str) -> None:
    """What is typed, what its form shows again and what comes back from another system are one question."""
    assert "Entered: it is asked from now on" in settle(admin, **FORMS[kind])
    (before,) = admin.tool.catalog("cbec").questions if mine(admin) else ()
    fields = typed(admin.post("/lti/questions/write", id=before["id"]))
    assert fields["kind"] == kind
    assert "Entered" in settle(admin, **{**fields, "act": "enter"})
    mine(admin)
    (again,) = admin.tool.catalog("cbec").questions
    assert again == before
    page = plain(admin.post("/lti/questions/one", id=before["id"]))
    assert page.count("Add or change a question") == 2
    assert "Versions of this question" in page

    package = admin.bench.client().post("/lti/questions/file", data={"bearer": bearer(admin), "file": "qti"}).data
    assert "Entered" in settle(admin, file=(io.BytesIO(package), "q.zip"))
    mine(admin)
    (came,) = admin.tool.catalog("cbec").questions
    if kind != "number":  # other systems have no figures to draw: one draw goes there
        assert {**came, "tolerance": None} == {**before, "tolerance": None}
    assert questionform.filled(came).kind == kind


def typed(page: builders.TestResponse) -> dict[str, str]:
    """What a browser would send of the form of a question."""
    text = page.text.split('id="write"', 1)[1].split("</form>")[0]
    found = {
        name: unescape(value)
        for name, value in re.findall(
            r'<input (?:class="input" )?type="(?:hidden|text|date)"[^>]* name="(\w+)"[^>]*? value="([^"]*)"', text
        )
    }
    found |= {
        name: unescape(value) for name, value in re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', text)
    }
    found |= {name: unescape(value) for name, value in re.findall(r'<textarea[^>]* name="(\w+)"[^>]*>([^<]*)<', text)}
    for name, inside in re.findall(r'<select[^>]* name="(\w+)"[^>]*>(.*?)</select>', text, re.DOTALL):
        chosen = re.search(r'value="([^"]*)" selected', inside) or re.search(r'value="([^"]*)"', inside)
        found[name] = unescape(chosen[1]) if chosen else ""
    found |= dict(re.findall(r'name="(\w+)" value="([^"]*)" checked', text))
    return found


def test_a_row_is_added_without_a_script_and_keeps_what_was_typed(admin: Person) -> None:
    page = admin.post("/lti/questions/write", **{**CHOICE, "typed": "yes", "more": "option"})
    fields = typed(page)

    assert fields["rows_option"] == "5"
    assert 'id="text_4_en"' in page.text
    assert re.search(r'id="text_4_en"[^>]*autofocus', page.text)
    assert (fields["text_1_zh"], fields["why_1_en"], fields["cause_1"]) == ("没有人", "A gift has a limit.", "new")
    last = admin.post("/lti/questions/write", **{**fields, "more": "option"})
    assert 'value="option"' not in last.text, "six is the most"


def test_the_page_changes_its_language_and_marks_what_is_missing_in_one(admin: Person) -> None:
    page = admin.post("/lti/questions/write", **{**CHOICE, "typed": "yes", "ask_zh": "", "language": "zh"})

    assert "有 1 处文字只有一种语言" in plain(page)
    assert 'href="#ask_zh"' in page.text
    assert typed(page)["ask_en"] == "Who pays the duty"


def test_one_language_does_for_both_until_somebody_translates(admin: Person) -> None:
    chinese = {name: value for name, value in CHOICE.items() if not name.endswith("_en")}
    assert "The English text is missing" in settle(admin, **chinese)
    assert "Entered" in settle(admin, **{**chinese, "single": "yes"})
    page = plain(admin.post("/lti/questions", by_mark="lacks"))
    assert "One question found." in page
    assert "no English" in page
    assert "an English translation is missing" in plain(admin.post("/lti/questions/one", id=mine(admin)[0]))


def test_a_question_is_tried_as_a_learner_sees_it_before_it_is_entered(admin: Person) -> None:
    page = admin.post("/lti/questions/write", **{**CHOICE, "act": "try"})
    assert "not entered yet" in plain(page)
    wrong = re.findall(r'name="answer" value="(\w)"[^>]*><span>Nobody<', page.text)[0]
    told = plain(admin.post("/lti/questions/write", **{**typed(page), "act": "answer", "answer": wrong}))
    assert "Thinks gifts are always free A gift has a limit." in told
    assert "Choose" in plain(admin.post("/lti/questions/write", **{**CHOICE, "act": "answer"}))
    fields = typed(admin.post("/lti/questions/write", **{**NUMBER, "act": "next"}))
    assert fields["seed"] == "2"
    assert mine(admin) == []


def test_tags_are_written_shown_and_found(admin: Person) -> None:
    tags = {"bloom": "evaluate", "difficulty": "5", "valid_from": "2026-11-01", "valid_to": "2026-12-31",
            "rule": "eu.flat_duty_2026", "also": "cus.basics"}  # fmt: skip
    settle(admin, **CHOICE)
    settle(admin, **{**CHOICE, **tags, "ask_en": "Who pays then"})
    page = plain(admin.post("/lti/questions", by_bloom="evaluate", by_mark="own"))

    assert "One question found." in page
    assert "Who pays then" in page
    assert "2026-11-01 to 2026-12-31" in page
    assert "eu.flat_duty_2026" in page
    (name,) = [one["id"] for one in admin.tool.catalog("cbec").questions if one["difficulty"] == 5]
    assert typed(admin.post("/lti/questions/write", id=name))["also"] == "cus.basics"
    assert "one day" not in page
    assert "Write a day as 2026-07-01" in settle(admin, **{**CHOICE, "valid_to": "soon"})


@pytest.mark.parametrize(
    ("fields", "count"),
    [
        ({"find": "cus.duty.1"}, None),
        ({"find": "ＤＵＴＹ  flat"}, None),
        ({"find": "关税"}, None),
        ({"find": "no such words anywhere"}, 0),
        ({"find": "duty", "area": "fnd", "begun": "fnd"}, None),
        ({"find": "hs code heading", "area": "ict"}, 0),
        ({"area": "cus", "by_form": "match"}, None),
        ({"by_state": "retired"}, 0),
        ({"by_mark": "lacks"}, 0),
        ({"by_form": "nonsense", "area": "nowhere"}, None),
    ],
)
def test_questions_are_found_by_words_and_by_their_tags(
    admin: Person, fields: dict[str, str], count: int | None
) -> None:
    page = plain(admin.post("/lti/questions", **fields))
    found = re.search(r"(\d+|One) questions? found", page)

    assert found
    assert (found[1] == "0") == (count == 0)
    if count == 0:
        assert "No question fits" in page


def test_a_search_names_how_many_it_does_not_show(admin: Person) -> None:
    assert re.search(
        r"\d+ more are not shown: narrow the search", plain(admin.post("/lti/questions", by_form="choice"))
    )


def test_a_question_is_stale_when_its_rule_changes_until_somebody_looks(bench: Bench, admin: Person) -> None:
    assert "0 questions found" in plain(admin.post("/lti/questions", by_mark="stale", area="cus", of=SKILL))
    settle(admin, **{**CHOICE, "rule": "eu.flat_duty_2026"})
    (name,) = mine(admin)
    turn(bench, datetime(2026, 11, 28, 12, tzinfo=UTC))
    admin = Person(bench, ADMINISTRATOR)
    edit = Edit("e", "rule.change", "eu.flat_duty_2026", {"caveat": {"en": "checked anew", "zh": "已重新核对"}})
    editions.enter(
        bench.storage, "cbec", [edit], kind=editions.RULE, why="news", by="someone", id_="r", now=admin.tool.now()
    )
    admin.tool.shelf.read.clear()

    page = plain(admin.post("/lti/questions", by_mark="stale", of=SKILL))
    assert name in page
    assert "was changed on 2026-11-28" in page
    assert "a rule changed" in plain(admin.post("/lti/questions/one", id=name))
    assert "Noted: looked at today." in settle(admin, look=name)
    assert f"Look at {name}" not in admin.post("/lti/questions", by_mark="stale", of=SKILL).text
    assert admin.post("/lti/questions/settle", look="gone").status_code == 404


def test_a_number_question_shows_five_draws_before_it_is_entered(admin: Person) -> None:
    page = admin.post("/lti/questions/write", **{**NUMBER, "act": "try"})
    assert page.text.count('<th scope="row" role="rowheader" class="small">') == 5
    assert mine(admin) == []
    assert "'fee' is no figure here; there are pieces, price, rate, total" in settle(
        admin, **{**NUMBER, "right": "fee"}
    )
    assert "Figure 1 : Write from and to as figures" in settle(admin, **{**NUMBER, "low_0": "much"})
    assert "Figure 2 : Another one has this name" in settle(admin, **{**NUMBER, "draw_1": "price"})
    assert "Entered" in settle(admin, **NUMBER)
    (name,) = mine(admin)
    page = admin.post("/lti/questions/write", id=name)
    assert (typed(page)["high_0"], typed(page)["step_0"], typed(page)["pick_1"]) == ("20", "0.5", "2, 3, 5")
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
    assert name in admin.post("/lti/questions", by_state="retired").text
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


def test_yaml_is_tried_and_refused_with_its_lines_in_its_form(admin: Person) -> None:
    settle(admin, **CHOICE)
    mine(admin)
    (question,) = admin.tool.catalog("cbec").questions
    text = questionform.dumped([{**question, "id": f"{SKILL}.own_y"}], [])
    form = {"kind": "yaml", "typed": "yes", "text": text}
    assert "not entered yet" in plain(admin.post("/lti/questions/write", **form, act="try"))
    told = settle(admin, **{**form, "text": text.replace("difficulty: 2", "difficulty: 9"), "act": "enter"})
    assert re.search(r"line \d+: questions\[0\].difficulty: is 9; it must be a whole number 1 to 5", told)
    assert "not YAML" in settle(admin, **{**form, "text": "questions: [", "act": "enter"})
    assert "Entered" in settle(admin, **form, act="enter")
    assert len(mine(admin)) == 2


def test_an_own_question_that_no_longer_fits_is_listed_with_the_reason(bench: Bench, admin: Person) -> None:
    settle(admin, **CHOICE)
    mine(admin)
    (question,) = admin.tool.catalog("cbec").questions
    broken = {"questions": [{**question, "difficulty": 9}]}
    editions.enter(
        bench.storage, "cbec", [Edit("b", "question.put", question["id"], broken)], kind=editions.QUESTION, why="",
        by="someone", id_="b", now=admin.tool.now(),
    )  # fmt: skip
    admin.tool.shelf.read.clear()
    page = plain(admin.post("/lti/questions", by_state="unsound"))

    assert "no longer fits" in page
    assert "difficulty: is 9" in page
    assert f"Look at {question['id']}" not in admin.page.text


def test_another_catalog_has_no_questions(bench: Bench) -> None:
    person = Person(bench, ADMINISTRATOR)
    person.page = builders.launched(bench, roles=[ADMINISTRATOR], custom={"catalog": "oulad"})

    answer = person.post("/lti/questions/write", skill=SKILL, kind="choice")
    assert (answer.status_code, "catalog_unknown" in answer.text) == (400, True)
