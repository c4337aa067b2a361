"""Hints and further tries in practice: each costs what its button said, is counted once, told truly, and scored."""

from __future__ import annotations

import re
import uuid
from html import unescape

import pytest

from curriculum.practice import answers as written
from lti_tool.pages import practising
from lti_tool.settings import ATTEMPTS
from recommender import verbs
from tests.lti_tool import builders
from tests.lti_tool.builders import INSTRUCTOR, Bench, TestResponse
from tests.lti_tool.test_practising import CASE, EXAM, go, graded, kept, opened, played, profile, scores, task, told

TRIED = {**CASE, "case": "freight", "tries": "3"}


def words(page: TestResponse) -> str:
    return unescape(re.sub(r"<[^>]+>", " ", page.text)).replace("\N{NO-BREAK SPACE}", " ")


def wrong(bench: Bench, place: int = 0) -> str:
    step = task(bench).questions[place].step
    return written.sent(written.mistaken(step.wrong[0].value, step), step)


def right(bench: Bench, place: int = 0) -> str:
    step = task(bench).questions[place].step
    return written.sent(step.right, step)


# Hints.


def test_a_hint_says_what_it_costs_before_it_is_taken_and_is_shown_with_what_is_left(bench: Bench) -> None:
    page = opened(bench)
    assert "Hint 1 (costs 25 % of this question)" in words(page)
    assert "is worth" not in words(page)

    page = go(bench, page, act="hint", answer="12")

    assert "Look at: “Customs declaration”, “Freight and rates”." in words(page)
    assert "A right answer is worth 75 % of this question now." in words(page)
    assert "Hint 2 (costs 25 % of this question)" in words(page)
    assert 'value="12"' in page.text, "what was typed stays"
    assert kept(bench)["helps"] == [0]


def test_after_the_last_hint_there_is_none(bench: Bench) -> None:
    page = opened(bench)
    for _ in range(3):
        page = go(bench, page, act="hint")
    again = go(bench, page, act="hint")

    assert "There is no further hint" in words(page)
    assert "There is no further hint" in words(again)
    assert kept(bench)["helps"] == [0, 0, 0]


def test_a_hint_sent_twice_or_from_an_old_page_counts_once(bench: Bench) -> None:
    page = opened(bench)
    first = go(bench, page, act="hint")
    go(bench, page, act="hint")
    assert kept(bench)["helps"] == [0]

    go(bench, first, act="answer", answer=right(bench))
    late = go(bench, first, act="hint")

    assert kept(bench)["helps"] == []
    assert "step 2 of 4" in late.text


def test_a_right_answer_after_hints_is_worth_less_in_feedback_summary_and_gradebook(bench: Bench) -> None:
    page = graded(bench, CASE)
    page = go(bench, go(bench, page, act="hint"), act="hint")
    page = go(bench, page, act="answer", answer=right(bench))
    assert "Hints: 2. Try: 1. Worth 50 % of this question." in words(page)

    page = played(bench, go(bench, page, act="next"), right=4)

    assert builders.heading(page) == "4 of 4 steps right"
    assert "3.5 of 4 points: hints and further tries cost some, and a part that is right counts." in words(page)
    (score,) = scores(bench)
    assert (score["given"], score["maximum"]) == (3.5, 4.0)
    assert score["comment"].endswith("4 of 4 right; 3.5 points with hints, further tries and parts that are right")


def test_an_answer_that_is_not_right_is_worth_nothing_with_or_without_hints(bench: Bench) -> None:
    page = go(bench, opened(bench), act="hint")
    page = go(bench, page, act="answer", answer=wrong(bench))

    assert "Hints: 1. Try: 1." in words(page)
    assert "Worth" not in words(page)
    assert kept(bench)["answers"][0]["hints"] == 1


def test_hints_are_told_and_what_was_done_with_one_is_no_evidence_of_mastery(bench: Bench) -> None:
    page = opened(bench, {**CASE, "case": "freight"})
    for place in range(3):
        page = go(bench, go(bench, page, act="hint"), act="answer", answer=right(bench, place))
        page = go(bench, page, act="next")
    sent = told(bench, 4)[1:]
    builders.stored(bench, told(bench, 4))

    assert [one["result"]["success"] for one in sent] == [True] * 3
    assert [one["result"]["score"]["scaled"] for one in sent] == [0.75] * 3
    for name in (verbs.EXTENSION_HINTS, verbs.EXTENSION_HINT_COUNT):
        assert [one["context"]["extensions"][name] for one in sent] == [1] * 3
    known = profile(bench).knowledge["log.freight_quote"]
    assert (known.answers, known.right) == (3, 0)


def test_feedback_tells_the_same_of_a_skill_as_the_profile_will(bench: Bench) -> None:
    page = opened(bench, {**CASE, "case": "freight"})
    for place in range(3):
        answered = go(bench, go(bench, page, act="hint"), act="answer", answer=right(bench, place))
        page = go(bench, answered, act="next")
    builders.stored(bench, told(bench, 4))
    shown = re.search(r"→ about ([0-9.]+)", words(answered)) or re.search(r"about ([0-9.]+)", words(answered))

    state = profile(bench).knowledge["log.freight_quote"]
    assert shown is not None
    assert state.level is not None
    assert float(shown[1]) == pytest.approx(state.level, abs=0.06)


def test_whoever_asks_to_see_the_answer_after_hints_had_one_more(bench: Bench) -> None:
    go(bench, go(bench, opened(bench), act="hint"), act="unknown")

    assert told(bench, 2)[1]["context"]["extensions"][verbs.EXTENSION_HINTS] == 2


def test_a_preview_takes_hints_and_tries_and_nothing_is_kept(bench: Bench) -> None:
    page = go(bench, opened(bench, TRIED, roles=[INSTRUCTOR]), act="hint")
    page = go(bench, page, act="answer", answer="0.01")

    assert "2 tries left" in words(page)
    assert "Look at:" in words(page)
    assert bench.sent == []


@pytest.mark.parametrize("custom", [EXAM, {**EXAM, "exam": "flow"}])
def test_an_exam_has_neither_hints_nor_further_tries(bench: Bench, custom: dict[str, str]) -> None:
    page = opened(bench, {**custom, "tries": "3"})
    assert 'value="hint"' not in page.text

    page = go(bench, page, act="hint")
    assert "question 1 of" in page.text
    page = go(bench, page, act="answer", answer=wrong(bench))

    assert "question 2 of" in page.text
    assert kept(bench)["tries"] == 1
    assert kept(bench)["answers"][0]["hints"] == 0


# Further tries.


def test_by_default_a_step_has_one_try(bench: Bench) -> None:
    page = go(bench, opened(bench), act="answer", answer=wrong(bench))

    assert "tries left" not in words(opened(bench))
    assert 'class="triple"' in page.text


def test_a_wrong_try_names_its_cause_and_not_the_answer(bench: Bench) -> None:
    page = opened(bench, TRIED)
    assert "3 tries left. Each further try costs 25 % of this question." in words(page)
    step = task(bench).questions[0].step

    page = go(bench, page, act="answer", answer=wrong(bench))

    assert "Not yet right." in words(page)
    assert "Divides by another tariff’s divisor" in words(page)
    assert f"{step.right}" not in words(page).split("Tried so far")[1]
    assert "2 tries left" in words(page)
    assert kept(bench)["earlier"] == [f"{step.wrong[0].value}"]
    assert kept(bench)["answers"] == []


def test_the_last_try_says_so_and_its_answer_stands(bench: Bench) -> None:
    page = opened(bench, TRIED)
    for answer in ("1", "2"):
        page = go(bench, page, act="answer", answer=answer)
    assert "This is your last try." in words(page)
    assert "We could not tell the cause" in words(page)

    page = go(bench, page, act="answer", answer="3")

    assert 'class="triple"' in page.text
    assert "Before that: 1.00 kg; 2.00 kg." in words(page)
    answer = kept(bench)["answers"][0]
    assert (answer["tries"], answer["earlier"], answer["right"]) == (3, ["1", "2"], False)


def test_a_try_sent_twice_or_from_an_old_page_counts_once(bench: Bench) -> None:
    page = opened(bench, TRIED)
    go(bench, page, act="answer", answer="1")
    again = go(bench, page, act="answer", answer="1")

    assert kept(bench)["earlier"] == ["1"]
    assert "2 tries left" in words(again)


def test_the_first_try_is_the_answer_that_counts_and_a_further_one_is_told_as_attempted(bench: Bench) -> None:
    page = opened(bench, TRIED)
    bench.clock.offset = 20
    page = go(bench, page, act="answer", answer=wrong(bench))
    page = go(bench, page, act="hint")
    bench.clock.offset = 50
    page = go(bench, page, act="answer", answer=right(bench))
    first, second = told(bench, 3)[1:]

    assert (first["verb"]["id"], second["verb"]["id"]) == (verbs.ANSWERED, verbs.ATTEMPTED)
    assert (first["result"]["success"], second["result"]["success"]) == (False, True)
    assert second["result"]["score"] == {"scaled": 0.5, "raw": 0.5, "min": 0, "max": 1}
    assert second["result"]["duration"] in {"PT29S", "PT30S", "PT31S"}
    extensions = second["context"]["extensions"]
    assert (extensions[verbs.EXTENSION_ATTEMPT], extensions[verbs.EXTENSION_HINTS]) == (2, 1)
    builders.stored(bench, told(bench, 3))
    known = profile(bench).knowledge["log.freight_quote"]
    assert (known.answers, known.right) == (1, 0)


def test_nonsense_is_no_try(bench: Bench) -> None:
    page = go(bench, opened(bench, TRIED), act="answer", answer="three")

    assert 'role="alert"' in page.text
    assert "3 tries left" in words(page)
    assert kept(bench)["earlier"] == []


def test_whoever_gives_up_at_a_further_try_sees_the_answer(bench: Bench) -> None:
    page = go(bench, opened(bench, TRIED), act="answer", answer="1")
    page = go(bench, page, act="unknown")

    assert "You asked to see it." in words(page)
    assert [one["verb"]["display"]["en"] for one in told(bench, 3)[1:]] == ["answered", "attempted"]


def test_a_choice_tried_again_costs_half_and_a_hint_takes_out_another_option(bench: Bench) -> None:
    quiz = {"catalog": "cbec", "activity": "quiz", "quiz": "ict.teamwork", "tries": "2"}
    page = opened(bench, quiz)
    step = task(bench).questions[0].step
    while step.form != "choice":
        page = go(bench, go(bench, page, act="answer", answer=right(bench, kept(bench)["place"])), act="next")
        step = task(bench).questions[len(kept(bench)["answers"])].step
    place = len(kept(bench)["answers"])
    tried = wrong(bench, place)
    text = next(one.text["en"] for one in step.options if one.key == tried)

    page = go(bench, page, act="answer", answer=tried)
    page = go(bench, page, act="hint")

    hint = page.text.split('id="hints"')[1].split("</section>")[0]
    assert text not in unescape(hint)
    page = go(bench, page, act="answer", answer=right(bench, place))
    assert kept(bench)["answers"][place]["credit"] == 0.25


def test_both_languages_say_the_same_page(bench: Bench) -> None:
    page = go(bench, go(bench, opened(bench, TRIED), act="hint"), act="answer", answer="1")
    other = go(bench, page, language="zh")

    assert "还不对，再想想" in words(other)
    assert "第 2 条提示（扣本题 25 %）" in words(other)


def test_an_answer_alone_is_right_at_the_first_try_without_a_hint() -> None:
    answer = practising.Answer("1", True, "", 0.0, 1)

    assert practising.alone(answer)
    assert not practising.alone(practising.Answer("1", True, "", 0.0, 1, hints=1))
    assert not practising.alone(practising.Answer("1", True, "", 0.0, 1, tries=2))


# What is told around the answers (xAPI 1.0.3; cmi5, section 9).


def test_every_statement_of_an_attempt_has_its_registration_and_an_answer_its_case(bench: Bench) -> None:
    page = graded(bench, CASE)
    played(bench, page, right=4)
    sent = told(bench, 8, around=True)

    assert [one["verb"]["display"]["en"] for one in sent] == [
        "launched",
        "initialized",
        *["answered"] * 4,
        "completed",
        "scored",
    ]
    ids = {one["context"]["registration"] for one in sent[1:]}
    assert len({uuid.UUID(one) for one in ids}) == 1
    scenario = f"{builders.TOOL}/lti/practice/case/eu_import"
    for one in sent[2:6]:
        above = one["context"]["contextActivities"]
        assert [part["id"] for part in above["parent"]] == [f"{scenario}/{kept(bench)['seed']}"]
        assert [part["id"] for part in above["grouping"]] == [scenario, sent[0]["object"]["id"]]
        assert len(one["context"]["extensions"][verbs.EXTENSION_SKILLS]) == 1
    assert sent[-1]["object"]["id"] == scenario
    assert sent[-1]["result"]["score"] == {"scaled": 1.0, "raw": 4, "min": 0, "max": 4}
    builders.stored(bench, sent)


def test_another_attempt_has_another_registration(bench: Bench) -> None:
    page = played(bench, opened(bench), right=4)
    go(bench, page, act="again")
    begun = [one for one in told(bench, 8, around=True) if one["verb"]["id"] == verbs.INITIALIZED]

    assert len({one["context"]["registration"] for one in begun}) == 2


def test_a_page_loaded_again_begins_nothing(bench: Bench) -> None:
    opened(bench)
    opened(bench)

    assert [one["verb"]["display"]["en"] for one in told(bench, 3, around=True)].count("initialized") == 1


def test_a_hint_of_a_case_whose_data_changed_since_begins_a_new_one(bench: Bench) -> None:
    page = opened(bench)
    there = kept(bench)
    bench.storage.replace(ATTEMPTS, {**there, "mark": "another"}, expected=there)

    page = go(bench, page, act="hint")

    assert "try 2" in page.text
    assert kept(bench)["helps"] == []


def test_an_attempt_of_before_there_were_hints_is_read_as_one_without(bench: Bench) -> None:
    page = go(bench, go(bench, opened(bench), act="unknown"), act="next")
    there = kept(bench)
    new = ("tries", "earlier", "first", "helps", "limit", "closes", "deadline")
    old = {name: value for name, value in there.items() if name not in new}
    old["answers"] = [
        {name: answer[name] for name in ("given", "right", "cause", "at", "seconds")} for answer in there["answers"]
    ]
    bench.storage.replace(ATTEMPTS, old, expected=there)

    page = go(bench, page, act="hint")

    assert "step 2 of 4" in page.text
    assert kept(bench)["helps"] == [0]
