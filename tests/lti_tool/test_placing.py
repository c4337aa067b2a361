"""A placement over HTTP: never practice, counted once, gone on with, stopped, done again, erased with the person."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from curriculum import bank
from curriculum import catalog as catalogs
from curriculum.practice import answers
from curriculum.practice.task import NUMBER
from lti_tool import exercises, keys, placements
from lti_tool.pages import placed
from lti_tool.placements import Placement
from lti_tool.settings import GOALS, PLACEMENTS, TRIES
from recommender import activities, interactions, verbs
from tests.lti_tool import builders
from tests.lti_tool.builders import INSTRUCTOR, Bench, TestResponse
from tests.storage import stores
from xapi_collector import label as labels

CBEC = catalogs.load("cbec")
TODAY = datetime.now(UTC).date()
MOST = placed.most(CBEC, "operations", TODAY)


@pytest.fixture(params=stores.STORES)
def every(
    request: pytest.FixtureRequest, tmp_path: Path, issuer: builders.Issuer, tool_key: keys.ToolKeys
) -> Iterator[Bench]:
    """A tool over each kind of store."""
    with builders.bench(tmp_path, issuer, tool_key, store=stores.url(request.param, tmp_path / "store")) as bench:
        yield bench


def opened(bench: Bench, **changes: Any) -> TestResponse:
    """The page of a learner who has chosen operations."""
    page = builders.launched(bench, **{"sub": "newcomer", "custom": {"catalog": "cbec"}, **changes})
    return bench.client().post("/lti/page", data={"bearer": hidden(page)["bearer"], "role": "operations"})


def hidden(page: TestResponse) -> dict[str, str]:
    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', page.text)
    return {name: unescape(value) for name, value in found}


def go(bench: Bench, page: TestResponse, **fields: str) -> TestResponse:
    """Press a button of a page, in a browser that keeps no cookie."""
    return bench.client().post("/lti/placement", data={**hidden(page), **fields})


def begun(bench: Bench, **changes: Any) -> TestResponse:
    """The first question."""
    return go(bench, go(bench, opened(bench, **changes)), act="begin")


def there(bench: Bench) -> Placement:
    (kept,) = bench.storage.find(PLACEMENTS, {}, limit=9)
    return placements.Kept(bench.storage, kept["learner"], kept["catalog"]).find()


def reply(bench: Bench, page: TestResponse, right: bool) -> TestResponse:
    asked = there(bench).asked
    assert asked is not None
    question = placed.question(asked)
    assert question is not None
    step = question.step
    value = step.right if right else answers.mistaken(step.wrong[0].value, step)
    return go(bench, page, act="answer", answer=answers.sent(value, step))


def played(bench: Bench, page: TestResponse, right: bool = True) -> TestResponse:
    """Answer everything alike."""
    while there(bench).open:
        before = len(there(bench).answers)
        page = reply(bench, page, right)
        assert len(there(bench).answers) > before, there(bench).asked
    return page


def told(bench: Bench, verb: str, count: int) -> list[dict[str, Any]]:
    until = time.monotonic() + 5
    while sum(one["verb"]["id"] == verb for one in bench.sent) < count and time.monotonic() < until:
        time.sleep(0.005)
    return [one for one in bench.sent if one["verb"]["id"] == verb]


def test_a_newcomer_is_offered_it_and_sees_first_what_it_is(bench: Bench) -> None:
    page = opened(bench)

    assert f"Show what you know: at most {MOST} questions" in page.text
    intro = go(bench, page)
    assert builders.heading(intro) == "Show what you know already"
    assert [*bench.storage.find(PLACEMENTS, {}, limit=9)] == []


def test_it_is_played_to_its_end_and_says_what_it_found(bench: Bench) -> None:
    page = played(bench, begun(bench))

    kept = there(bench)
    assert kept.finished
    assert len({one.asked.item for one in kept.answers}) > 20
    assert builders.heading(page) == f"{len(kept.answers)} of {len(kept.answers)} answers right"
    assert "What it says of the skills it asked about" in page.text
    assert "What it is good for" in page.text
    assert "You did a placement" in opened(bench).text


def test_every_store_keeps_it(every: Bench) -> None:
    page = reply(every, reply(every, begun(every), right=True), right=False)

    assert [one.right for one in there(every).answers] == [True, False]
    assert builders.heading(go(every, page, act="stop")) == "1 of 2 answers right"


def test_no_question_is_followed_by_its_answer_before_the_end(bench: Bench) -> None:
    page = begun(bench)
    explained = placed.question(there(bench).asked).step.explanation["en"]  # type: ignore[arg-type, union-attr]  # there is one
    wrong = reply(bench, page, right=False)

    assert "Likely cause" not in wrong.text
    assert explained[:40] not in unescape(wrong.text)
    assert f"question 2 of at most {MOST}" in wrong.text


def test_right_answers_and_wrong_ones_move_the_path_apart(bench: Bench) -> None:
    strong = played(bench, begun(bench, sub="strong"))
    for kept in bench.storage.find(PLACEMENTS, {}, limit=9):
        bench.storage.delete(PLACEMENTS, (kept["learner"], kept["catalog"]))
    weak = played(bench, begun(bench, sub="weak"), right=False)

    def told(page: TestResponse) -> tuple[int, int, int]:
        found = re.search(r"asked about you likely know (\d+); (\d+) are open and (\d+) likely new", page.text)
        assert found, page.text
        return int(found[1]), int(found[2]), int(found[3])

    assert told(strong)[0] > told(strong)[2] == 0
    assert told(weak)[2] > told(weak)[0] == 0
    assert re.search(r"[0-9]+ skills of your goal were not asked", strong.text)
    assert "other skills that look different now" in strong.text


def test_nothing_of_it_is_practice(bench: Bench) -> None:
    played(bench, begun(bench))

    answers, ends = told(bench, verbs.ANSWERED, len(there(bench).answers)), told(bench, verbs.COMPLETED, 1)
    assert {one["object"]["definition"]["type"] for one in (*answers, *ends)} == {verbs.PLACEMENT}
    assert "score" not in ends[0]["result"]
    read = [
        labels.Label(n, n, one["id"], n, "p", one["verb"]["id"], one["object"]["id"], success=True, score=1.0)
        for n, one in enumerate((*answers, *ends))
    ]
    assert len(answers) > 8
    assert len(interactions.from_labels(read, CBEC).item) == 0
    made = activities.from_labels(read, CBEC)
    assert (len(made.when), made.skipped) == (0, {"placement": len(read)})
    assert [*bench.storage.find(TRIES, {}, limit=9)] == []


def test_an_answer_tells_what_was_asked_and_nothing_of_the_person(bench: Bench) -> None:
    reply(bench, begun(bench), right=False)

    (one,) = told(bench, verbs.ANSWERED, 1)
    assert "/lti/placement/cbec/" in one["object"]["id"]
    assert one["object"]["id"].rpartition("/")[2] in CBEC.skills
    assert one["result"]["success"] is False
    assert one["context"]["extensions"][verbs.EXTENSION_MISCONCEPTION]
    (kept,) = bench.storage.find(PLACEMENTS, {}, limit=9)
    assert "newcomer" not in str(kept)


def test_an_answer_sent_twice_counts_once(bench: Bench) -> None:
    page = begun(bench)
    first = reply(bench, page, right=True)
    again = go(bench, page, act="answer", answer="1")

    assert len(there(bench).answers) == 1
    assert builders.heading(again) == builders.heading(first)


def test_nonsense_is_asked_about_again(bench: Bench) -> None:
    page = begun(bench)
    while (asked := placed.question(there(bench).asked)) and asked.step.form != NUMBER:  # type: ignore[arg-type]  # there is one
        page = go(bench, page, act="unknown")
    before = there(bench).answers
    page = go(bench, page, act="answer", answer="three")

    assert 'role="alert"' in page.text
    assert 'value="three"' in page.text
    assert there(bench).answers == before


def test_not_knowing_is_an_answer(bench: Bench) -> None:
    go(bench, begun(bench), act="unknown")

    (answer,) = there(bench).answers
    assert (answer.right, answer.given, answer.cause) == (False, "", "")


def test_it_is_gone_on_with_where_it_was_left(bench: Bench) -> None:
    page = reply(bench, begun(bench), right=True)
    back = opened(bench)

    assert "Your placement is open: 1 answer so far." in back.text
    assert builders.heading(go(bench, back)) == builders.heading(page)
    assert builders.heading(go(bench, go(bench, back), act="begin", number="1")) == builders.heading(page)


def test_it_can_be_stopped_early_and_says_what_it_found_so_far(bench: Bench) -> None:
    page = go(bench, reply(bench, begun(bench), right=True), act="stop")

    assert builders.heading(page) == "1 of 1 answers right"
    assert there(bench).finished
    assert len(told(bench, verbs.COMPLETED, 1)) == 1


def test_who_leaves_at_once_has_said_nothing(bench: Bench) -> None:
    page = go(bench, begun(bench), act="stop")

    assert builders.heading(page) == "Show what you know already"
    assert there(bench).holding == ()


def test_it_can_be_done_again_and_the_former_answers_hold_until_the_end(bench: Bench) -> None:
    result = go(bench, reply(bench, begun(bench), right=True), act="stop")
    first = there(bench).answers
    page = go(bench, result, act="begin")

    assert there(bench).number == 2
    assert there(bench).holding == first
    page = reply(bench, page, right=False)
    assert there(bench).holding == first
    go(bench, page, act="stop")
    assert [one.right for one in there(bench).holding] == [False]
    assert go(bench, result, act="begin").status_code == 200  # an old page begins none
    assert there(bench).number == 2


def test_who_stops_the_second_one_at_once_keeps_the_first(bench: Bench) -> None:
    result = go(bench, reply(bench, begun(bench), right=True), act="stop")
    first = there(bench).answers
    go(bench, go(bench, result, act="begin"), act="stop")

    assert there(bench).holding == first
    assert not there(bench).open


def test_a_question_whose_data_have_changed_gives_way_to_another(bench: Bench) -> None:
    begun(bench)
    (kept,) = bench.storage.find(PLACEMENTS, {}, limit=9)
    changed = {**kept, "asked": {**kept["asked"], "mark": "0" * 16}}
    assert bench.storage.replace(PLACEMENTS, changed, expected=kept)

    assert go(bench, opened(bench)).status_code == 200
    assert placed.question(there(bench).asked) is not None  # type: ignore[arg-type]  # there is one


def test_an_instructor_s_preview_is_carried_in_the_page_and_kept_nowhere(bench: Bench) -> None:
    page = begun(bench, roles=[INSTRUCTOR])
    assert f"question 1 of at most {MOST}" in page.text
    page = go(bench, page, act="unknown")
    assert f"question 2 of at most {MOST}" in page.text
    page = go(bench, go(bench, page, act="unknown"), act="stop")

    assert builders.heading(page) == "0 of 2 answers right"
    assert [*bench.storage.find(PLACEMENTS, {}, limit=9)] == []
    assert bench.app.extensions["lti_tool"].emitter.thread is None
    assert go(bench, page, carried="forged").status_code == 403


def test_without_a_goal_or_a_case_there_is_nothing_to_ask(bench: Bench) -> None:
    page = builders.launched(bench, sub="newcomer", custom={"catalog": "cbec"})
    assert builders.heading(go(bench, page)) == "What would you like to become?"

    assert "/lti/placement" not in builders.launched(bench).text


def test_a_change_of_language_stays_on_the_question_and_on_the_result(bench: Bench) -> None:
    page = begun(bench)
    assert f"最多 {MOST} 题" in go(bench, page, language="zh").text
    assert "1 题答对 1 题" in go(bench, go(bench, reply(bench, page, right=True), act="stop"), language="zh").text


def test_it_holds_in_every_course_of_the_catalog(bench: Bench) -> None:
    go(bench, reply(bench, begun(bench), right=True), act="stop")

    assert "You did a placement" in opened(bench, context={"id": "course-2"}).text
    assert len({kept["context"] for kept in bench.storage.find(GOALS, {}, limit=9)}) == 2


def test_a_question_of_a_kind_that_is_gone_cannot_be_made_again(bench: Bench) -> None:
    begun(bench)
    asked = there(bench).asked
    assert asked is not None

    assert placed.question(asked) is not None
    assert placed.question(replace(asked, kind="gone")) is None
    assert placed.question(replace(asked, step="gone")) is None


def test_an_item_that_the_catalog_has_lost_counts_no_more(bench: Bench) -> None:
    reply(bench, reply(bench, begun(bench), right=True), right=True)
    (kept,) = bench.storage.find(PLACEMENTS, {}, limit=9)
    first = kept["answers"][0]
    lost = {**first, "asked": {**first["asked"], "item": "practice:gone"}}
    assert bench.storage.replace(PLACEMENTS, {**kept, "answers": [lost, kept["answers"][1]]}, expected=kept)
    page = go(bench, go(bench, opened(bench)), act="stop")

    assert builders.heading(page) == "2 of 2 answers right"
    assert opened(bench).status_code == 200


def test_a_skill_with_nothing_to_ask_today_gives_way_to_the_next_best() -> None:
    """The placement ended there and then, as if nothing more were worth asking."""
    history, nothing = interactions.from_labels([], CBEC), Placement(1)
    for role in CBEC.roles:
        first = placed.choose(CBEC, role, nothing, history, seed=lambda: 1, on=TODAY)
        assert first is not None
        skill = CBEC.items[first.item].skills[0]
        ended = dict.fromkeys((one.id for one in bank.asked(CBEC, skill, TODAY)), TODAY - timedelta(days=1))
        catalog = replace(CBEC, ends=ended)
        second = placed.choose(catalog, role, nothing, history, seed=lambda: 1, on=TODAY)

        assert second is not None
        if first.kind == exercises.BANK:
            assert second.item != first.item
            assert placed.most(catalog, role, TODAY) <= placed.most(CBEC, role, TODAY)


def test_where_nothing_can_be_asked_at_all_no_placement_is_offered() -> None:
    catalog = replace(CBEC, id="other")

    assert placed.most(catalog, "operations", TODAY) == 0
    assert placed.offer(catalog, "operations", Placement(), 0, language="en", on=TODAY).state == ""
