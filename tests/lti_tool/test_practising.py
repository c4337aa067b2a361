"""Practice cases and exams in the tool: one form after another, counted once, told to the record store, scored."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from datetime import date
from decimal import Decimal
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from curriculum import catalog as catalogs
from curriculum import practice
from curriculum.practice import answers as written
from lti_tool import advice, attempts, emit, keys, tasks
from lti_tool.attempts import Answer, Attempt
from lti_tool.grades import outbox
from lti_tool.pages import casework
from lti_tool.settings import ATTEMPTS, SCORES
from recommender import verbs
from recommender.profile import Profile
from storage.collection import Collection
from storage.port import Document, Key
from tests.lti_tool import builders
from tests.lti_tool.builders import INSTRUCTOR, LEARNER, Bench, TestResponse
from tests.storage import stores
from xapi_collector import agents

AGS = {
    "scope": [outbox.SCOPE],
    "lineitem": "http://127.0.0.1:1/lineitems/1",
    "lineitems": "http://127.0.0.1:1/lineitems",
}
CASE = {"catalog": "cbec", "activity": "case", "case": "eu_import"}
LONG = 10
EXAM = {"catalog": "cbec", "activity": "exam", "exam": "short"}
PATH = {"catalog": "cbec", "role": "operations"}


def hidden(page: TestResponse) -> dict[str, str]:
    """The hidden fields of the page's own forms."""
    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', page.text)
    return {name: unescape(value) for name, value in found}


def go(bench: Bench, page: TestResponse, **fields: str) -> TestResponse:
    """Press a button of a page, in a browser that keeps no cookie."""
    return bench.client().post("/lti/practice", data={**hidden(page), **fields})


def kept(bench: Bench) -> Document:
    (found,) = bench.storage.find(ATTEMPTS, {}, limit=10)
    return found


def task(bench: Bench) -> tasks.Task:
    found = kept(bench)
    return tasks.task(found["activity"], found["seed"], date.fromisoformat(found["on"]))


def opened(bench: Bench, custom: dict[str, str] | None = None, **changes: Any) -> TestResponse:
    return builders.launched(bench, custom=custom or CASE, **changes)


def played(bench: Bench, page: TestResponse, *, right: int) -> TestResponse:
    """Answer every step, the first so many of them right; the last page."""
    for place, one in enumerate(task(bench).questions[kept(bench)["answers"].__len__() :]):
        answer = one.step.right if place < right else written.mistaken(one.step.wrong[0].value, one.step)
        page = go(bench, page, act="answer", answer=written.sent(answer, one.step))
        if kept(bench)["activity"].startswith("case:"):
            page = go(bench, page, act="next")
    return page


def worth(bench: Bench, *, right: int) -> float:
    """What the answers of `played` are worth: of one that is not right the part that is."""
    steps = [one.step for one in task(bench).questions]
    said = [(one, written.sent(written.mistaken(one.wrong[0].value, one), one)) for one in steps[right:]]
    wrong = [practice.grade(one, text).credit for one, text in said]
    return right + float(sum(wrong))


AROUND = (verbs.INITIALIZED, verbs.SCORED)
"""What is told around an attempt; tests of answers leave it out."""


def told(bench: Bench, count: int, *, around: bool = False) -> list[dict[str, Any]]:
    """What the LRS got, once everything that waits is sent."""

    def heard() -> list[dict[str, Any]]:
        return [one for one in bench.sent if around or one["verb"]["id"] not in AROUND]

    until = time.monotonic() + 5
    while len(heard()) < count and time.monotonic() < until:
        time.sleep(0.005)
    return heard()


@pytest.fixture(params=stores.STORES)
def every(
    request: pytest.FixtureRequest, tmp_path: Path, issuer: builders.Issuer, tool_key: keys.ToolKeys
) -> Iterator[Bench]:
    """A tool over each kind of store."""
    with builders.bench(tmp_path, issuer, tool_key, store=stores.url(request.param, tmp_path / "store")) as bench:
        yield bench


# A case from its first page to its summary.


def test_a_link_to_a_case_opens_its_first_step_with_the_documents(bench: Bench) -> None:
    page = opened(bench)

    assert builders.heading(page).startswith("What is the intrinsic value")
    assert "Customs declaration" in page.text
    assert 'name="answer"' in page.text
    assert "step 1 of 4" in page.text


@pytest.mark.parametrize("kind", [kind.id for kind in practice.kinds() if kind.steps < LONG])
def test_each_kind_is_played_to_its_end(every: Bench, kind: str) -> None:
    page = played(every, opened(every, {**CASE, "case": kind}), right=2)

    total = len(task(every).questions)
    assert builders.heading(page) == f"2 of {total} steps right"
    assert kept(every)["finished"] > 0
    assert "Try another case" in page.text


@pytest.mark.parametrize("kind", [kind.id for kind in practice.kinds() if kind.steps >= LONG])
def test_a_whole_flow_is_played_to_its_end(bench: Bench, kind: str) -> None:
    page = played(bench, graded(bench, {**CASE, "case": kind}), right=11)
    total = len(task(bench).questions)

    assert builders.heading(page) == f"11 of {total} steps right"
    assert [(score["given"], score["maximum"]) for score in scores(bench)] == [(worth(bench, right=11), total)]


def test_a_whole_flow_shows_its_parts_and_the_documents_of_the_step_alone(bench: Bench) -> None:
    page = opened(bench, {**CASE, "case": "flow_eu"})

    row = page.text.split('<ol class="steps"')[1].split("</ol>")[0]
    parts = re.findall(r"<li[^>]*>([^<]*)", row)
    assert parts == ["Select", "List", "Ship", "Declare", "Tax", "Price", "Order", "Payment", "Service", "Ads"]
    assert "step 1 of 20" in page.text
    candidates = page.text.split("Candidates for the range")[1].split("</section>")[0]
    assert 'class="num"' not in candidates, "words start the line, figures end it"
    assert "Tariff of the carrier" not in page.text


def test_feedback_has_its_three_parts_and_the_rule_with_its_date_and_source(bench: Bench) -> None:
    page = go(bench, opened(bench), act="answer", answer="1")
    step = task(bench).questions[0].step

    parts = re.findall(r"<h3>(.*?)</h3>", page.text)
    assert parts == ["Answer", "Likely cause", "Explanation"]
    assert casework.written(step.right, step, "en") in page.text
    assert "We could not tell the cause" in page.text
    assert step.rule is not None
    assert step.rule.instrument in unescape(page.text)
    assert f'href="{step.rule.source[0]}"' in page.text


def test_a_known_wrong_method_is_named(bench: Bench) -> None:
    page = opened(bench)
    for wrong in task(bench).questions[0].step.wrong[:1]:
        answer = go(bench, page, act="answer", answer=f"{wrong.value:f}")
        name = catalogs.load("cbec").misconceptions[wrong.cause].name["en"]
        assert name in unescape(answer.text)
        assert unescape(wrong.words["en"]) in unescape(answer.text)
        assert "How do we know?" in answer.text


def test_a_right_answer_is_said_to_be_right(bench: Bench) -> None:
    page = opened(bench)
    step = task(bench).questions[0].step

    answer = go(bench, page, act="answer", answer=f"EUR {step.right:f}")

    assert builders.heading(answer).endswith("as you say")
    assert kept(bench)["answers"][0]["right"] is True


@pytest.mark.parametrize("typed", ["", "three", "1,234", "9" * 50, "9" * 40])
def test_nonsense_is_asked_about_again_and_does_not_count(bench: Bench, typed: str) -> None:
    page = go(bench, opened(bench), act="answer", answer=typed)

    assert 'role="alert"' in page.text
    assert kept(bench)["answers"] == []
    assert {one["verb"]["id"] for one in told(bench, 0)} <= {verbs.LAUNCHED}


def test_what_was_typed_stands_there_again_as_text(bench: Bench) -> None:
    page = go(bench, opened(bench), act="answer", answer='"><script>1')

    assert "<script>" not in page.text
    assert "&gt;&lt;script&gt;1" in page.text


def test_a_share_is_asked_for_in_per_cent(bench: Bench) -> None:
    page = opened(bench, {**CASE, "case": "freight"})
    for _ in range(3):
        page = go(bench, go(bench, page, act="unknown"), act="next")

    assert "write 25 for a quarter" in go(bench, page, act="answer", answer="0.25").text
    assert "You wrote 0.25" in unescape(go(bench, page, act="answer", answer="0.25%").text).replace(
        "\N{NO-BREAK SPACE}", " "
    )


def test_who_asks_to_see_the_answer_sees_it_and_it_counts_as_not_right(bench: Bench) -> None:
    page = go(bench, opened(bench), act="unknown")

    assert "You asked to see it." in page.text
    assert kept(bench)["answers"][0] | {"at": 0, "seconds": 0} == {
        **asdict(Answer("", False, "", 0, 0)),
        "earlier": [],
        "step": "eu_import.value",
    }


def test_an_earlier_result_is_given_in_the_next_step(bench: Bench) -> None:
    page = go(bench, go(bench, opened(bench), act="unknown"), act="next")
    first = task(bench).questions[0].step

    assert "Settled so far" in page.text
    assert f"EUR {first.right}" in page.text


def test_a_case_goes_on_where_it_was_left(bench: Bench) -> None:
    go(bench, opened(bench), act="unknown")

    assert "step 2 of 4" in opened(bench).text


def test_a_finished_case_shows_its_summary_and_a_new_one_has_other_figures(bench: Bench) -> None:
    played(bench, opened(bench), right=4)
    first = kept(bench)
    again = opened(bench)
    begun = go(bench, again, act="again")
    second = kept(bench)

    assert builders.heading(again) == "4 of 4 steps right"
    assert "step 1 of 4" in begun.text
    assert (second["number"], second["answers"]) == (2, [])
    assert second["seed"] != first["seed"]


# Once is once.


def test_an_answer_sent_twice_counts_once(bench: Bench) -> None:
    page = opened(bench)
    first = go(bench, page, act="answer", answer="1")
    second = go(bench, page, act="answer", answer="2")

    assert [one["given"] for one in kept(bench)["answers"]] == ["1"]
    assert builders.heading(first) == builders.heading(second)
    assert "You wrote EUR\N{NO-BREAK SPACE}1.00" in second.text


def test_fifty_answers_at_once_count_once(every: Bench) -> None:
    fields = {**hidden(opened(every)), "act": "answer"}
    gate = threading.Barrier(25)

    def send(number: int) -> int:
        gate.wait()
        return every.client().post("/lti/practice", data={**fields, "answer": str(number)}).status_code

    with ThreadPoolExecutor(25) as pool:
        codes = list(pool.map(send, range(50)))

    assert set(codes) == {200}
    assert len(kept(every)["answers"]) == 1
    emit.stop(every.app.extensions["lti_tool"].emitter)
    answered = [one for one in every.sent if one["verb"]["id"] == verbs.ANSWERED]
    assert [one["result"]["response"] for one in answered] == [kept(every)["answers"][0]["given"]]


def test_the_back_button_shows_what_was_answered_and_changes_nothing(bench: Bench) -> None:
    first = opened(bench)
    go(bench, go(bench, go(bench, first, act="answer", answer="1"), act="next"), act="answer", answer="2")
    before = kept(bench)

    back = go(bench, first, act="answer", answer="7")

    assert "You wrote EUR\N{NO-BREAK SPACE}1.00" in back.text
    assert kept(bench) == before


def test_a_page_of_an_earlier_attempt_answers_nothing_of_the_new_one(bench: Bench) -> None:
    old = opened(bench)
    ended = played(bench, old, right=0)
    go(bench, ended, act="again")

    page = go(bench, old, act="answer", answer="7")
    twice = go(bench, ended, act="again")

    assert "step 1 of 4" in page.text
    assert "step 1 of 4" in twice.text
    assert (kept(bench)["number"], kept(bench)["answers"]) == (2, [])


def test_a_form_with_nonsense_in_its_fields_shows_what_is_there(bench: Bench) -> None:
    page = opened(bench)

    for fields in ({"number": "x"}, {"place": "-1"}, {"number": "9" * 30}, {"act": "what"}, {"screen": "nothing"}):
        assert go(bench, page, **{"act": "answer", "answer": "1", **fields}).status_code == 200


def test_a_case_whose_data_have_changed_begins_anew(bench: Bench) -> None:
    page = opened(bench)
    found = kept(bench)
    bench.storage.replace(ATTEMPTS, {**found, "mark": "of other data"}, expected=found)

    answered = go(bench, page, act="answer", answer="1")

    assert "step 1 of 4" in answered.text
    assert (kept(bench)["number"], kept(bench)["answers"]) == (2, [])


def test_a_finished_case_whose_data_have_changed_keeps_its_result(bench: Bench) -> None:
    played(bench, opened(bench), right=3)
    found = kept(bench)
    bench.storage.replace(ATTEMPTS, {**found, "mark": "of other data"}, expected=found)

    page = opened(bench)

    assert builders.heading(page) == "3 of 4 steps right"
    assert "cannot be shown any more" in page.text


def test_while_pseudonyms_are_rotated_an_attempt_is_found_under_either(bench: Bench) -> None:
    """A second key becomes the active one; what stands under the first is gone on with, not begun anew."""
    found = attempts.begin("case:freight", 1, 7, on="2026-11-25", mark="m", total=4, now=1.0)
    attempts.Kept(bench.storage, ["old"], "link", "case:freight").change(lambda _: found)
    both = attempts.Kept(bench.storage, ["new", "old"], "link", "case:freight")
    answer = Answer("1", False, "unknown", 2.0, 1)

    went_on, changed = both.change(lambda there: attempts.answered(there, answer) if there else None)

    assert (went_on, changed) == (attempts.answered(found, answer), True)
    assert kept(bench)["learner"] == "old"


# The language.


def test_the_language_changes_on_every_screen_and_the_screen_stays(bench: Bench) -> None:
    question = opened(bench)
    assert "内在价值" in go(bench, question, language="zh").text
    feedback = go(bench, question, act="answer", answer="1")
    chinese = go(bench, feedback, language="zh")
    assert re.findall(r"<h3>(.*?)</h3>", chinese.text) == ["答案", "可能的原因", "讲解"]
    assert "第 2 步" in go(bench, chinese, act="next").text
    ended = played(bench, go(bench, chinese, act="next"), right=0)
    assert builders.heading(go(bench, ended, language="en")) == "0 of 4 steps right"


# Whoever teaches looks on.


def test_a_preview_plays_to_its_end_and_leaves_no_trace(bench: Bench) -> None:
    page = opened(bench, roles=[INSTRUCTOR])
    assert "Nothing is recorded" in page.text
    for _ in range(4):
        page = go(bench, page, act="answer", answer="1")
        assert "What this told us" not in page.text
        page = go(bench, page, act="next")

    assert builders.heading(page) == "0 of 4 steps right"
    assert bench.storage.find(ATTEMPTS, {}, limit=1) == []
    assert bench.storage.find(SCORES, {}, limit=1) == []
    assert bench.app.extensions["lti_tool"].emitter.thread is None
    assert "step 1 of 4" in go(bench, page, act="again").text


def test_a_preview_whose_hidden_field_was_changed_is_refused(bench: Bench) -> None:
    page = opened(bench, roles=[INSTRUCTOR])

    assert go(bench, page, act="answer", answer="1", carried="changed").status_code == 403


def test_a_preview_of_one_case_says_nothing_about_another(bench: Bench) -> None:
    page = opened(bench, PATH, roles=[INSTRUCTOR])
    case = go(bench, page, act="practise", activity="case:freight")

    other = go(bench, case, act="open", activity="case:payout")

    assert "commission" in builders.heading(other)


# What the record store hears.


def test_each_answer_is_told_on_the_item_of_its_skill(bench: Bench) -> None:
    page = opened(bench)
    bench.clock.offset = 34
    step = task(bench).questions[0].step
    wrong = step.wrong[0]
    go(bench, page, act="answer", answer=f"{wrong.value:f}")

    statement = told(bench, 2)[1]
    catalog = catalogs.load("cbec")
    assert statement["actor"]["account"] == {"homePage": bench.issuer.iss, "name": "11391"}
    assert statement["verb"]["id"] == verbs.ANSWERED
    assert catalog.activities[statement["object"]["id"]] == f"practice:{step.skill}"
    assert statement["result"]["success"] is False
    assert statement["result"]["score"] == {"scaled": 0.0, "raw": 0, "min": 0, "max": 1}
    assert statement["result"]["response"] == f"{wrong.value:f}"
    assert statement["result"]["duration"] in {"PT34S", "PT35S"}
    extensions = statement["context"]["extensions"]
    assert extensions[verbs.EXTENSION_MISCONCEPTION] == wrong.cause
    assert extensions[verbs.EXTENSION_SEED] == kept(bench)["seed"]
    assert extensions[verbs.EXTENSION_STEP] == "value"
    assert extensions[verbs.EXTENSION_CASE] == "eu_import"
    assert len(extensions[verbs.EXTENSION_RULES]) == 1
    assert (extensions[verbs.EXTENSION_HINTS], extensions[verbs.EXTENSION_ATTEMPT]) == (0, 1)


def test_who_asks_to_see_an_answer_had_a_hint(bench: Bench) -> None:
    go(bench, opened(bench), act="unknown")

    extensions = told(bench, 2)[1]["context"]["extensions"]
    assert (extensions[verbs.EXTENSION_HINTS], extensions[verbs.EXTENSION_ATTEMPT]) == (1, 1)


def test_a_break_of_an_hour_tells_no_duration(bench: Bench) -> None:
    page = opened(bench)
    bench.clock.offset = 3500
    page = go(bench, page, language="en")
    bench.clock.offset = 3700
    go(bench, page, act="unknown")

    result = told(bench, 2)[1]["result"]
    assert "duration" not in result
    assert "response" not in result


def profile(bench: Bench) -> Profile:
    """What the advice knows of the learner."""
    tool = bench.app.extensions["lti_tool"]
    agent = {"objectType": "Agent", "account": {"homePage": bench.issuer.iss, "name": "11391"}}
    name = agents.pseudonym(agent, bench.keyring.pseudonym_key)
    catalog = catalogs.load("cbec")
    return advice.advise(bench.storage, tool.models, catalog, name, wish=advice.Wish(), now=bench.clock()).profile


def test_practice_moves_the_profile(bench: Bench) -> None:
    played(bench, opened(bench, {**CASE, "case": "freight"}), right=2)
    builders.stored(bench, told(bench, 6))

    known = profile(bench).knowledge
    assert (known["log.freight_quote"].answers, known["log.freight_quote"].right) == (3, 2)
    assert (known["prc.margin"].answers, known["prc.margin"].right) == (1, 0)
    assert known["log.freight_quote"].level is not None


def test_perfect_questions_show_understanding_and_a_case_shows_application(bench: Bench) -> None:
    """Whoever answers every question of the bank right has shown that they know, not that they can."""
    quiz = {"catalog": "cbec", "activity": "quiz", "quiz": "log.freight_quote"}
    page = opened(bench, quiz)
    for one in task(bench).questions:
        sign = "%" if one.step.unit == "%" else ""
        page = go(bench, page, act="answer", answer=written.kept(one.step.right) + sign)
        page = go(bench, page, act="next")
    asked = len(task(bench).questions)
    builders.stored(bench, told(bench, asked + 2))

    kinds = profile(bench).ability.kinds
    assert (kinds["understanding"].value, kinds["understanding"].count) == (1.0, asked)
    assert (kinds["application"].value, kinds["application"].count) == (None, 0)

    bench.storage.delete(ATTEMPTS, tuple(kept(bench)[name] for name in ("learner", "link", "activity")))
    bench.sent.clear()
    played(bench, opened(bench, {**CASE, "case": "freight"}), right=2)
    builders.stored(bench, told(bench, 6))

    assert profile(bench).ability.kinds["application"].value == 0.5


def test_an_answer_counts_once_whether_the_record_store_has_it_or_not(bench: Bench) -> None:
    """And from the fourth answer on the feedback says what changed."""
    page = played(bench, opened(bench, {**CASE, "case": "freight"}), right=3)
    builders.stored(bench, told(bench, 6))
    bench.sent.clear()
    page = go(bench, go(bench, page, act="again"), act="answer", answer="9999")
    fresh = re.findall(r"<br>([0-9.]+ → [0-9.]+)</p>", page.text)
    builders.stored(bench, told(bench, 1))

    again = re.findall(r"<br>([0-9.]+ → [0-9.]+)</p>", go(bench, page, language="en").text)

    assert len(fresh) == 1
    assert fresh == again
    before, after = (float(part) for part in fresh[0].split(" → "))
    assert after < before
    assert 'class="was"' in page.text
    assert profile(bench).knowledge["log.freight_quote"].answers == 4


def test_a_finished_case_is_told_with_its_score(bench: Bench) -> None:
    played(bench, opened(bench), right=3)

    statement = told(bench, 6)[5]
    assert statement["verb"]["id"] == verbs.COMPLETED
    assert statement["object"]["id"] == f"{builders.TOOL}/lti/practice/case/eu_import"
    assert statement["object"]["definition"]["type"] == verbs.SIMULATION
    assert statement["result"] == {"completion": True, "score": {"scaled": 0.75, "raw": 3, "min": 0, "max": 4}}


def test_feedback_shows_what_the_answer_told_before_the_record_store_has_it(bench: Bench) -> None:
    page = opened(bench, {**CASE, "case": "freight", "role": "operations"})
    shown = []
    for _ in range(4):
        answer = go(bench, page, act="unknown")
        shown.append(re.search(r'<aside.*?role="img" aria-label="([^"]*)".*?</b><br>(.*?)</p>', answer.text, re.DOTALL))
        page = go(bench, answer, act="next")
    words = [(unescape(one[1]), unescape(one[2])) for one in shown if one]

    assert len(words) == 4
    assert "not enough data yet: 1 of 3 answers" in words[0][1]
    assert "goal" in words[0][0]
    assert words[2][1].startswith("about ")
    assert "1 of 3 answers" in words[3][1], "another skill"


# The score.


def scores(bench: Bench) -> list[Document]:
    return bench.storage.find(SCORES, {}, limit=10)


def graded(bench: Bench, custom: dict[str, str], **changes: Any) -> TestResponse:
    endpoint = "https://purl.imsglobal.org/spec/lti-ags/claim/endpoint"
    browser = bench.client()
    begun = builders.begin(browser, bench.issuer.iss)
    body = builders.claims(bench.issuer.iss, begun.nonce, bench.clock(), custom=custom, **changes)
    token = builders.tokens.sign(bench.issuer.signer, {**body, endpoint: AGS})
    return builders.launch(browser, begun.state, token)


def test_a_finished_case_is_handed_to_the_gradebook_once(bench: Bench) -> None:
    page = played(bench, graded(bench, CASE), right=3)
    graded(bench, CASE)

    (score,) = scores(bench)
    assert (score["given"], score["maximum"], score["activity"], score["grading"]) == (3, 4, "Completed", "FullyGraded")
    assert score["comment"] == "A parcel to the EU: duty, VAT, landed cost: 3 of 4 right"
    assert "is on its way to the gradebook" in page.text
    assert kept(bench)["scored"] is True


def test_a_better_case_raises_the_score_and_a_worse_one_leaves_it(bench: Bench) -> None:
    page = played(bench, graded(bench, CASE), right=2)
    page = played(bench, go(bench, page, act="again"), right=4)
    best = scores(bench)[0]["given"]
    played(bench, go(bench, page, act="again"), right=1)

    assert (best, scores(bench)[0]["given"]) == (4, 4)


def test_a_crash_before_the_score_was_handed_over_is_made_good_by_the_next_page(bench: Bench) -> None:
    played(bench, graded(bench, CASE), right=3)
    found = kept(bench)
    bench.storage.replace(ATTEMPTS, {**found, "scored": False}, expected=found)
    bench.storage.delete(SCORES, (scores(bench)[0]["learner"], scores(bench)[0]["link"]))

    graded(bench, CASE)

    assert scores(bench)[0]["given"] == 3


def test_practice_inside_a_path_has_no_score_of_its_own(bench: Bench) -> None:
    page = graded(bench, PATH)
    page = go(bench, page, act="practise", activity="case:eu_import")
    played(bench, page, right=4)

    assert [score for score in scores(bench) if score["maximum"] == 4] == []


# The path.


def test_a_card_whose_skill_has_a_case_opens_it_inside_the_path(bench: Bench) -> None:
    page = opened(bench, PATH)
    case = go(bench, page, act="practise", activity="case:payout")
    back = bench.client().post("/lti/page", data=hidden(case))

    assert "step 1 of 5" in case.text
    assert "Back to your path" in case.text
    assert "Three good next steps" in back.text


def test_the_button_of_the_path_goes_on_with_an_open_case_and_begins_anew_after_a_finished_one(bench: Bench) -> None:
    page = opened(bench, PATH)
    wanted = {"act": "practise", "activity": "case:eu_import"}
    case = go(bench, page, **wanted)
    go(bench, case, act="unknown")
    assert "step 2 of 4" in go(bench, page, **wanted).text
    played(bench, go(bench, page, **wanted), right=0)

    assert "step 1 of 4" in go(bench, page, **wanted).text
    assert kept(bench)["number"] == 2


# What there is not.


@pytest.mark.parametrize(
    "custom",
    [
        {**CASE, "case": "nothing"},
        {**CASE, "case": ""},
        {**EXAM, "exam": "nothing"},
        {**CASE, "catalog": "oulad"},
        {**CASE, "case": "short", "activity": "case"},
    ],
)
def test_a_link_to_what_there_is_not_is_refused(bench: Bench, custom: dict[str, str]) -> None:
    answer = opened(bench, custom)

    assert answer.status_code == 400
    assert "activity_unknown" in answer.text


@pytest.mark.parametrize("activity", ["", "exam:short", "case:nothing", "case:", "path"])
def test_a_path_opens_cases_only(bench: Bench, activity: str) -> None:
    assert go(bench, opened(bench, PATH), act="practise", activity=activity).status_code == 400


def test_a_link_to_one_case_opens_no_other(bench: Bench) -> None:
    page = go(bench, opened(bench), act="open", activity="case:payout")

    assert builders.heading(page).startswith("What is the intrinsic value")


def test_a_page_without_its_bearer_is_refused(bench: Bench) -> None:
    assert bench.client().post("/lti/practice", data={"act": "open"}).status_code == 403


# Exams.


def test_an_exam_explains_nothing_before_its_end(bench: Bench) -> None:
    page = opened(bench, EXAM)
    step = task(bench).questions[0].step
    page = go(bench, page, act="answer", answer=written.sent(written.mistaken(step.wrong[0].value, step), step))

    assert "question 2 of 20" in page.text
    assert "Likely cause" not in page.text
    assert "triple" not in page.text
    assert [one["verb"]["id"] for one in told(bench, 1)] == [verbs.LAUNCHED]


def test_an_exam_ends_with_its_explanations_and_is_told_and_scored_then(bench: Bench) -> None:
    page = played(bench, graded(bench, EXAM), right=4)

    assert builders.heading(page) == "4 of 20 answers right"
    assert page.text.count('class="triple"') == 20
    statements = told(bench, 22)
    assert [one["verb"]["id"] for one in statements] == [verbs.LAUNCHED, *[verbs.ANSWERED] * 20, verbs.COMPLETED]
    assert [one["result"]["success"] for one in statements[1:21]] == [True] * 4 + [False] * 16
    assert statements[21]["object"]["definition"]["type"] == verbs.ASSESSMENT
    assert scores(bench)[0]["given"] == worth(bench, right=4) > 4


def test_an_exam_has_one_try(bench: Bench) -> None:
    page = played(bench, opened(bench, EXAM), right=20)
    first = kept(bench)

    again = go(bench, page, act="again")

    assert 'value="again"' not in page.text
    assert builders.heading(again) == "20 of 20 answers right"
    assert kept(bench) == first


def test_an_answer_of_an_exam_that_was_handed_in_stays(bench: Bench) -> None:
    page = opened(bench, EXAM)
    step = task(bench).questions[0].step
    first, second = (written.sent(one, step) for one in (step.right, written.mistaken(step.wrong[0].value, step)))
    go(bench, page, act="answer", answer=first)

    back = go(bench, page, act="answer", answer=second)

    assert "question 2 of 20" in back.text
    assert [one["given"] for one in kept(bench)["answers"]] == [first]


def test_a_question_of_an_exam_may_be_left_out(bench: Bench) -> None:
    page = go(bench, opened(bench, EXAM), act="unknown")

    assert "question 2 of 20" in page.text


def test_an_exam_says_what_it_covers(bench: Bench) -> None:
    assert "follow the weights of the operations examination standard of 2020" in opened(bench, EXAM).text


def test_a_link_to_an_exam_that_names_none_opens_the_usual_one(bench: Bench) -> None:
    page = opened(bench, {"catalog": "cbec", "activity": "exam"})

    assert "question 1 of 40" in page.text


def test_an_instructor_may_look_at_another_exam(bench: Bench) -> None:
    page = opened(bench, EXAM, roles=[INSTRUCTOR])
    for _ in range(20):
        page = go(bench, page, act="unknown")

    assert "question 1 of 20" in go(bench, page, act="again").text


# Privacy.


def test_an_attempt_is_kept_by_pseudonym_and_belongs_to_its_learner(bench: Bench) -> None:
    played(bench, opened(bench, sub="sub-of-ada"), right=1)

    assert ATTEMPTS.person == "learner"
    assert "sub-of-ada" not in str(kept(bench))


def test_two_learners_of_one_link_have_cases_of_their_own(bench: Bench) -> None:
    opened(bench, sub="11391")
    opened(bench, sub="28400")

    first, second = bench.storage.find(ATTEMPTS, {}, limit=10)
    assert first["seed"] != second["seed"]


def test_a_link_without_a_role_of_a_learner_is_a_preview(bench: Bench) -> None:
    opened(bench, roles=[])
    opened(bench, roles=[LEARNER, INSTRUCTOR])

    assert bench.storage.find(ATTEMPTS, {}, limit=1) == []


def test_of_two_changes_at_once_the_later_sees_the_earlier(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    shelf = attempts.Kept(bench.storage, ["p"], "link", "case:freight")
    begun = attempts.begin("case:freight", 1, 7, on="2026-11-25", mark="m", total=4, now=1.0)
    shelf.change(lambda _: begun)
    seen = bench.storage.get_many
    seen_by: list[int] = []

    def overtaken(collection: Collection, keys: Sequence[Key]) -> dict[Key, Document]:
        """Read, and let somebody else answer before the reader does."""
        monkeypatch.undo()
        before = seen(collection, keys)
        shelf.change(lambda there: attempts.answered(there, Answer("1", True, "", 2.0, 1)) if there else None)
        return before

    def answering(there: Attempt | None) -> Attempt | None:
        assert there is not None
        seen_by.append(there.place)
        return None if there.place else attempts.answered(there, Answer("2", True, "", 2.0, 1))

    monkeypatch.setattr(bench.storage, "get_many", overtaken)
    left, changed = shelf.change(answering)

    assert seen_by == [0, 1]
    assert not changed
    assert left is not None
    assert [answer.given for answer in left.answers] == ["1"]


@pytest.mark.parametrize(
    ("keep", "said", "given"), [(4, "worth 60\xa0% of this question", 0.6), (2, "worth 25\xa0% of this question", 0.25)]
)
def test_the_part_of_a_code_that_is_right_is_said_told_and_scored(
    bench: Bench, keep: int, said: str, given: float
) -> None:
    page = graded(bench, {**CASE, "case": "flow_eu"})
    place, step = next((place, one.step) for place, one in enumerate(task(bench).questions) if one.step.digits)
    assert not isinstance(step.right, Decimal)
    begun = f"{step.right[0][:keep]}{'9' * (6 - keep)}"
    for number, one in enumerate(task(bench).questions):
        answer = begun if number == place else ""
        page = go(bench, page, act="answer" if answer else "unknown", answer=answer)
        assert (said in page.text) == (number == place), one.step.id
        page = go(bench, page, act="next")

    assert f"{given} of 20 points" in page.text.replace("0.60", "0.6")
    assert [score["given"] for score in scores(bench)] == [given]
    (answer_,) = [one for one in told(bench, 22) if one.get("result", {}).get("response") == begun]
    assert (answer_["result"]["success"], answer_["result"]["score"]["scaled"]) == (False, given)


def test_what_hints_cost_is_taken_off_the_part_that_is_right(bench: Bench) -> None:
    page = opened(bench, {**CASE, "case": "flow_eu"})
    place, step = next((place, one.step) for place, one in enumerate(task(bench).questions) if one.step.digits)
    for _ in range(place):
        page = go(bench, go(bench, page, act="unknown"), act="next")
    page = go(bench, page, act="hint")
    assert not isinstance(step.right, Decimal)
    page = go(bench, page, act="answer", answer=f"{step.right[0][:4]}99")

    assert kept(bench)["answers"][place]["credit"] == 0.35
    assert "Worth 35\xa0% of this question." in page.text
