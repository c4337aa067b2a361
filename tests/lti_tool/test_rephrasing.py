"""Feedback in other words: below what is complete without it, in a course that wants it, and of nobody."""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from html import unescape
from pathlib import Path

import pytest

from curriculum.practice import answers as written
from lti_tool import bearer, cli, keys, texts
from lti_tool.phrasing import gate, phrases
from lti_tool.tool import Tool
from lti_tool.worded import PHRASING_LOG
from tests.lti_tool import builders, speaking
from tests.lti_tool.builders import INSTRUCTOR, Bench, TestResponse
from tests.lti_tool.speaking import HONEST, Speaker
from tests.lti_tool.test_practising import CASE, EXAM, go, hidden, opened, task

ADMINISTRATOR = "http://purl.imsglobal.org/vocab/lis/v2/system/person#Administrator"
CANARIES = {
    "sub": "canary-sub-4711",
    "name": "Canary Namewell",
    "email": "canary@example.edu",
    "context": {"id": "canary-course", "label": "CANARY-LABEL", "title": "Canary title"},
    "resource_link": {"id": "canary-link", "title": "Canary link"},
}


@pytest.fixture
def speaker() -> Iterator[Speaker]:
    with speaking.speaking() as running:
        yield running


@pytest.fixture
def spoken(tmp_path: Path, issuer: builders.Issuer, tool_key: keys.ToolKey, speaker: Speaker) -> Iterator[Bench]:
    """A tool with a language model."""
    changes = {"model_url": speaker.url, "model_name": "small", "model_key": "k-1"}
    with builders.bench(tmp_path, issuer, tool_key, **changes) as bench:
        yield bench


def tool(bench: Bench) -> Tool:
    found: Tool = bench.app.extensions["lti_tool"]
    return found


def wrong(bench: Bench, page: TestResponse, **fields: str) -> TestResponse:
    """Answer the first step by a wrong method that is known."""
    step = task(bench).questions[0].step
    return go(bench, page, act="answer", answer=written.mistaken(step.wrong[0].value, step), **fields)


def on(bench: Bench, page: TestResponse) -> None:
    """Switch other words on in the course of a page."""
    person, _ = bearer.read(hidden(page)["bearer"], tool(bench).bearer_key, tool(bench).now)
    phrases.switch(bench.storage, person.context, on=True, now=bench.clock())


def asked(bench: Bench, page: TestResponse, **fields: str) -> dict[str, str]:
    """What the script of a page is told, once the model has answered."""
    form = re.search(r"<form[^>]* data-words=.*?</form>", page.text, re.DOTALL)
    assert form, page.text
    sent = {
        **{name: unescape(value) for name, value in re.findall(r'name="([^"]+)" value="([^"]*)"', form[0])},
        **fields,
    }
    bench.client().post("/lti/phrase", data=sent)
    writer = tool(bench).writer
    assert writer is not None
    writer.join(5)
    answer = bench.client().post("/lti/phrase", data=sent)
    assert answer.status_code == 200
    return dict(answer.json or {})


def words(page: TestResponse) -> str:
    """The section of other words; empty if there is none."""
    found = re.search(r'<section class="card sunk words".*?</section>', page.text, re.DOTALL)
    return found[0] if found else ""


def test_the_explanation_stands_first_and_other_words_come_when_they_are_asked_for(
    spoken: Bench, speaker: Speaker
) -> None:
    page = opened(spoken)
    on(spoken, page)
    page = wrong(spoken, page)

    assert page.text.index('<ol class="triple">') < page.text.index('data-words="/lti/phrase"')
    assert "words.js" in page.text
    assert "connect-src 'self'" in page.headers["Content-Security-Policy"]
    assert not speaker.bodies
    assert asked(spoken, page) == {"state": "ready", "text": HONEST["en"]}

    again = go(spoken, page, act="words")

    assert HONEST["en"] in unescape(words(again))
    assert "words.js" not in again.text
    assert len(speaker.bodies) == 1


def test_without_a_script_the_button_asks_and_says_that_it_is_being_written(spoken: Bench) -> None:
    page = opened(spoken)
    on(spoken, page)
    page = go(spoken, wrong(spoken, page), act="words")

    assert "It is being written" in words(page)
    writer = tool(spoken).writer
    assert writer is not None
    writer.join(5)
    assert HONEST["en"] in unescape(words(go(spoken, page, act="words")))


def test_in_chinese_other_words_are_chinese(spoken: Bench, speaker: Speaker) -> None:
    page = opened(spoken, launch_presentation={"locale": "zh-CN"})
    on(spoken, page)

    assert asked(spoken, wrong(spoken, page)) == {"state": "ready", "text": HONEST["zh"]}


def test_a_lie_shows_nothing_but_the_explanation(spoken: Bench, speaker: Speaker) -> None:
    speaker.says = "The rule is EUR 600.00, and so it is not what you have counted."
    page = opened(spoken)
    on(spoken, page)
    page = wrong(spoken, page)

    assert asked(spoken, page)["state"] == "none"
    assert speaker.says not in go(spoken, page, act="words").text
    assert "There are no other words" in words(go(spoken, page, act="words"))


def test_nothing_is_offered_where_the_course_does_not_want_it_or_the_answer_is_right(
    spoken: Bench, speaker: Speaker
) -> None:
    page = opened(spoken)
    off = wrong(spoken, page)
    assert not words(off)
    assert "words.js" not in off.text

    on(spoken, page)
    page = go(spoken, off, act="next")
    step = task(spoken).questions[1].step
    right = go(spoken, page, act="answer", answer=written.sent(step.right, step))

    assert not words(right)
    sent = {**hidden(right), "place": "1"}
    assert spoken.client().post("/lti/phrase", data=sent).json == {"state": "none", "text": ""}
    assert not speaker.bodies


@pytest.mark.parametrize("changes", [{"place": "3"}, {"number": "7"}])
def test_a_form_of_a_step_that_is_not_answered_gets_nothing(
    spoken: Bench, speaker: Speaker, changes: dict[str, str]
) -> None:
    page = opened(spoken)
    on(spoken, page)
    sent = {**hidden(wrong(spoken, page)), **changes}

    assert spoken.client().post("/lti/phrase", data=sent).json == {"state": "none", "text": ""}


def test_an_exam_gets_none(spoken: Bench, speaker: Speaker) -> None:
    page = opened(spoken, EXAM)
    on(spoken, page)
    page = go(spoken, page, act="unknown")

    assert not words(page)
    assert spoken.client().post("/lti/phrase", data={**hidden(page), "place": "0"}).json == {
        "state": "none",
        "text": "",
    }
    assert not speaker.bodies


def test_a_tool_without_a_model_answers_that_there_is_nothing(bench: Bench) -> None:
    page = opened(bench)
    on(bench, page)
    page = wrong(bench, page)

    assert not words(page)
    assert bench.client().post("/lti/phrase", data=hidden(page)).json == {"state": "none", "text": ""}


def test_nothing_of_a_learner_is_in_a_question_to_the_model(spoken: Bench, speaker: Speaker) -> None:
    """Canaries in every claim of the launch, and an answer that nobody else would give."""
    page = opened(spoken, **CANARIES)
    on(spoken, page)
    page = go(spoken, page, act="answer", answer="987654.32")
    asked(spoken, page)
    page = go(spoken, page, act="next")
    asked(spoken, go(spoken, page, act="unknown"))

    assert len(speaker.bodies) == 2
    person, _ = bearer.read(hidden(page)["bearer"], tool(spoken).bearer_key, tool(spoken).now)
    secrets = ["canary", "987654", "987,654", person.sub, person.context, spoken.issuer.iss, hidden(page)["bearer"]]
    everything = "\n".join(
        [*speaker.bodies, *map(json.dumps, speaker.headers), json.dumps(spoken.storage.find(PHRASING_LOG, {}))]
    )
    assert [one for one in secrets if one.lower() in everything.lower()] == []


def test_a_code_that_begins_like_the_right_one_is_not_told_either(spoken: Bench, speaker: Speaker) -> None:
    page = opened(spoken, {**CASE, "case": "flow_eu"})
    on(spoken, page)
    place, step = next((p, one.step) for p, one in enumerate(task(spoken).questions) if one.step.digits)
    for _ in range(place):
        page = go(spoken, go(spoken, page, act="unknown"), act="next")
    known = {str(step.right), *(str(one.value) for one in step.wrong)}
    codes = (f"{step.right[0][:4]}{end}" for end in range(99, 9, -1))  # type: ignore[index]  # a code
    given = next(code for code in codes if code not in str(known))
    page = go(spoken, page, act="answer", answer=given)
    assert f"{given[:4]}.{given[4:]}" in page.text
    asked(spoken, page)

    assert f"{given[:4]}.{given[4:]}" not in speaker.bodies[-1]
    assert given not in speaker.bodies[-1]


@pytest.mark.parametrize(("level", "words_"), [("new", "new to this"), ("sure", "knows the method"), ("x", "unsure")])
def test_the_level_is_one_of_three_whatever_a_form_says(
    spoken: Bench, speaker: Speaker, level: str, words_: str
) -> None:
    page = opened(spoken)
    on(spoken, page)
    asked(spoken, wrong(spoken, page), level=level)

    assert words_ in json.loads(speaker.bodies[0])["messages"][0]["content"]


def test_whoever_teaches_sees_them_too(spoken: Bench, speaker: Speaker) -> None:
    page = opened(spoken, roles=[INSTRUCTOR])
    on(spoken, page)
    page = go(spoken, page, act="unknown")

    assert asked(spoken, page)["text"] == HONEST["en"]


def _teaching(bench: Bench, **fields: str) -> TestResponse:
    page = opened(bench, {"catalog": "cbec", "activity": "path"}, roles=[INSTRUCTOR])
    return bench.client().post("/lti/class/words", data={"bearer": hidden(page)["bearer"], **fields})


def test_an_instructor_switches_their_course_on_and_off(spoken: Bench) -> None:
    assert builders.heading(_teaching(spoken)) == "Explanations in other words: off"
    page = _teaching(spoken, act="on")
    assert builders.heading(page) == "Explanations in other words: on"
    assert "Switched on for this course." in page.text
    assert words(wrong(spoken, opened(spoken)))
    assert builders.heading(_teaching(spoken, act="off")) == "Explanations in other words: off"


def test_a_course_is_told_that_there_is_no_model(bench: Bench) -> None:
    page = _teaching(bench)

    assert "has not set up a language model" in page.text
    assert 'value="on"' not in page.text


def test_the_share_that_passed_is_shown(spoken: Bench, speaker: Speaker) -> None:
    page = opened(spoken)
    on(spoken, page)
    page = wrong(spoken, page)
    asked(spoken, page)
    speaker.says = "It is EUR 999.99 for it."
    asked(spoken, page, level="sure")

    assert "1 of 2 texts passed" in _teaching(spoken).text


def test_the_operator_reads_what_became_of_them(
    spoken: Bench, speaker: Speaker, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = opened(spoken)
    on(spoken, page)
    page = wrong(spoken, page)
    asked(spoken, page)
    speaker.says = "It is EUR 999.99 for it, and that is not what it was."
    asked(spoken, page, level="sure")
    speaker.how = "fails"
    asked(spoken, page, level="some")
    office = cli.Office(tool(spoken).settings, spoken.storage)

    def said(**changes: object) -> str:
        cli.words(argparse.Namespace(**{"days": 30, "log": 0, "forget": False, **changes}), office)
        return capsys.readouterr().out

    text = said(log=1)
    assert re.findall(r"^(\w+) +(.*)$", text, re.MULTILINE)[1:] == [
        ("asked", "3 in 30 days"),
        ("passed", "1"),
        ("dropped", "1 figure"),
        ("failed", "1 failing"),
    ]
    assert json.loads(text.splitlines()[-1])["outcome"] == "failed:failing"
    assert "removed   6" in said(forget=True)
    office = cli.Office(replace(office.settings, model_url=""), office.storage)
    assert "none: ENTREPOT_LTI_MODEL_URL is not set" in said(days=0)


def test_an_administrator_sees_why_texts_were_dropped(spoken: Bench, speaker: Speaker) -> None:
    page = opened(spoken)
    on(spoken, page)
    page = wrong(spoken, page)
    speaker.says = "It is EUR 999.99 for it, and that is not what it was."
    asked(spoken, page)
    speaker.how = "fails"
    for level in ("some", "sure"):
        asked(spoken, page, level=level)
    for number in range(3):
        writer = tool(spoken).writer
        assert writer is not None
        assert writer.breaker.take() or number
        writer.breaker.give(answered=False)
    page = opened(spoken, {"catalog": "cbec"}, roles=[ADMINISTRATOR])
    checked = spoken.client().post("/lti/check", data={"bearer": hidden(page)["bearer"]})

    assert "Language model: small" in checked.text
    assert "does not give in this way: 1" in checked.text
    assert "No answer (failing): 2" in checked.text
    assert "asked again after a minute" in checked.text


def test_every_reason_has_its_words() -> None:
    for language in texts.LANGUAGES:
        say = texts.speaker(language)
        assert all(say(f"words.check.dropped.{fault}") for fault in gate.FAULTS)


def test_with_the_model_dead_a_case_is_played_to_its_end_and_no_page_waits(
    tmp_path: Path, issuer: builders.Issuer, tool_key: keys.ToolKeys
) -> None:
    with builders.bench(tmp_path, issuer, tool_key, model_url="http://127.0.0.1:47999/v1", model_name="small") as dead:
        page = opened(dead)
        on(dead, page)
        for one in task(dead).questions:
            page = go(dead, page, act="hint")
            page = go(dead, page, act="answer", answer=written.mistaken(one.step.wrong[0].value, one.step))
            assert '<ol class="triple">' in page.text
            assert asked(dead, page)["state"] == "none"
            page = go(dead, page, act="next")

        assert builders.heading(page) == "0 of 4 steps right"
        writer = tool(dead).writer
        assert writer is not None
        assert writer.breaker.open
