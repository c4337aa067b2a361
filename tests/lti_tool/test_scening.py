"""Scenes in the tool: handed over at once, graded as any practice, told with their own mode, scored."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from curriculum.practice import hints, scenes
from curriculum.practice.task import Case, Question, Step
from lti_tool.pages import scening
from lti_tool.settings import ATTEMPTS, SCORES
from recommender import verbs
from tests.lti_tool import builders
from tests.lti_tool.builders import INSTRUCTOR, Bench, TestResponse
from tests.lti_tool.test_practising import PATH, graded, hidden, kept, told

KINDS = [kind.id for kind in scenes.kinds()]


def opened(bench: Bench, kind: str, **changes: Any) -> TestResponse:
    return builders.launched(bench, custom={"catalog": "cbec", "activity": "scene", "scene": kind}, **changes)


def go(bench: Bench, page: TestResponse, **fields: Any) -> TestResponse:
    return bench.client().post("/lti/scene", data={**hidden(page), **fields})


def steps(bench: Bench) -> tuple[Step, ...]:
    found = kept(bench)
    kind = found["activity"].partition(":")[2]
    return scenes.scene(kind, found["seed"], date.fromisoformat(found["on"])).case.steps


def _case(bench: Bench) -> Case:
    found = kept(bench)
    return scenes.scene(KINDS[0], found["seed"], date.fromisoformat(found["on"])).case


def right(made: tuple[Step, ...]) -> dict[str, list[str]]:
    return {f"answer-{place}": [str(key) for key in step.right] for place, step in enumerate(made)}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("view", [scening.PLAIN, scening.SPACE])
def test_the_same_answers_have_the_same_verdicts_in_either_view(bench: Bench, kind: str, view: str) -> None:
    page = go(bench, graded(bench, {"catalog": "cbec", "activity": "scene", "scene": kind}), to=view)
    made = steps(bench)
    answers = {**right(made), "answer-0": [made[0].wrong[0].value[0].removeprefix("-")]}
    if made[0].wrong[0].value[0].startswith("-"):
        answers["answer-0"] = [next(option.key for option in made[0].options if option.key not in made[0].right)]
    end = go(bench, page, act="answer", **answers)
    sent = [one for one in told(bench, len(made) + 2) if one["verb"]["id"] == verbs.ANSWERED]
    done = [one for one in bench.sent if one["verb"]["id"] == verbs.COMPLETED]

    assert [one["result"]["success"] for one in sent] == [False] + [True] * (len(made) - 1)
    assert all(
        one["context"]["contextActivities"]["grouping"][0]["id"].endswith(f"/lti/practice/scene/{kind}") for one in sent
    )
    assert [one["result"]["score"]["raw"] for one in done] == [len(made) - 1]
    assert f"{len(made) - 1} of {len(made)} decisions right" in end.text
    assert len(bench.storage.find(SCORES, {})) == 1


def test_what_is_open_is_asked_about_and_nothing_counts_until_then(bench: Bench) -> None:
    page = opened(bench, "packing")
    first = right(steps(bench))["answer-0"]
    again = go(bench, page, act="answer", **{"answer-0": first})

    assert "5 decisions are still open" in again.text
    assert again.text.count(" checked") == len(first)
    assert list(kept(bench)["answers"]) == []


def test_what_was_left_open_can_be_shown_and_counts_as_not_right(bench: Bench) -> None:
    page = opened(bench, "packing")
    go(bench, page, act="unknown", **{"answer-0": right(steps(bench))["answer-0"]})

    assert [one["right"] for one in kept(bench)["answers"]] == [True] + [False] * 5
    assert [bool(one["given"]) for one in kept(bench)["answers"]] == [True] + [False] * 5


def test_another_view_or_language_keeps_what_the_form_says_and_a_second_sending_counts_nothing(bench: Bench) -> None:
    page = opened(bench, "customs_desk")
    answers = right(steps(bench))
    other = go(bench, page, language="zh", **answers)
    go(bench, page, act="answer", **answers)
    before = kept(bench)
    go(bench, page, act="answer", **{**answers, "answer-0": ["d"]})

    assert other.text.count(" checked") == 10
    assert "海关查验台" in other.text
    assert kept(bench) == before


def test_a_finished_scene_stays_until_another_is_asked_for(bench: Bench) -> None:
    page = opened(bench, "customs_desk")
    end = go(bench, page, act="answer", **right(steps(bench)))
    go(bench, end, act="look")
    assert kept(bench)["number"] == 1
    go(bench, end, act="again")

    assert kept(bench)["number"] == 2


def test_whoever_teaches_sees_it_and_nothing_is_kept(bench: Bench) -> None:
    page = opened(bench, "packing", roles=[INSTRUCTOR])
    end = go(bench, page, act="unknown")

    assert "0 of 6 decisions right" in end.text
    assert "carried" in hidden(page)
    assert bench.sent == []


def test_only_the_page_in_three_dimensions_has_scripts_and_it_allows_no_evaluation(bench: Bench) -> None:
    page = opened(bench, "packing")
    space = go(bench, page, to="space")
    policy = space.headers["Content-Security-Policy"]

    assert "script" not in page.headers["Content-Security-Policy"]
    assert "script-src 'self'; style-src 'self' 'sha256-" in policy
    assert "unsafe" not in policy
    assert "blob" not in policy


@pytest.mark.parametrize("custom", [{"scene": "fair"}, {}, {"scene": "packing", "catalog": "oulad"}])
def test_a_scene_that_does_not_exist_is_refused(bench: Bench, custom: dict[str, str]) -> None:
    page = builders.launched(bench, custom={"catalog": "cbec", "activity": "scene", **custom})

    assert "activity_unknown" in page.text


def test_the_path_opens_a_scene_and_has_no_score_of_it(bench: Bench) -> None:
    page = builders.launched(bench, custom=PATH)
    listed = bench.client().post("/lti/cases", data=hidden(page))
    board = bench.client().post("/lti/scene", data={**hidden(page), "activity": "scene:packing", "act": "practise"})

    assert 'value="scene:packing"' in listed.text
    assert 'name="answer-5"' in board.text
    assert bench.storage.find(SCORES, {}) == []


def hinted(bench: Bench, page: TestResponse, place: int, shown: int, **fields: Any) -> TestResponse:
    return go(bench, page, hint=f"{place}-{shown}", **fields)


@pytest.mark.parametrize("kind", KINDS)
def test_a_hint_on_a_step_costs_of_that_step_and_keeps_what_the_form_says(bench: Bench, kind: str) -> None:
    page = graded(bench, {"catalog": "cbec", "activity": "scene", "scene": kind})
    made = steps(bench)
    assert "Hint 1 (costs 25" in page.text
    page = hinted(bench, page, 1, 0, **right(made))
    page = hinted(bench, page, 1, 1, **right(made))

    assert kept(bench)["helps"] == [1, 1]
    assert page.text.count('class="hints small"') == 1
    assert "A right answer is worth 50" in page.text
    assert page.text.count(" checked") == sum(len(step.right) for step in made)

    end = go(bench, page, act="answer", **right(made))
    sent = [one for one in told(bench, len(made) + 2) if one["verb"]["id"] == verbs.ANSWERED]

    assert [one["result"]["score"]["scaled"] for one in sent] == [
        0.5 if place == 1 else 1 for place in range(len(made))
    ]
    assert [one["context"]["extensions"][verbs.EXTENSION_HINTS] for one in sent][:2] == [0, 2]
    (score,) = bench.storage.find(SCORES, {})
    assert score["given"] == len(made) - 0.5
    assert f"{len(made) - 0.5} of {len(made)} points" in end.text


def test_a_hint_counts_once_and_there_are_no_more_than_there_are(bench: Bench) -> None:
    page = opened(bench, KINDS[0])
    for shown in (0, 0, 1, 2, 3, 3):
        hinted(bench, page, 0, shown)
    for hint in ("9-0", "x", "0-9"):
        go(bench, page, hint=hint)

    assert kept(bench)["helps"] == [0] * len(hints.ladder(Question(_case(bench), steps(bench)[0])))
    go(bench, page, act="answer", **right(steps(bench)))
    before = kept(bench)
    hinted(bench, page, 1, 0)
    assert kept(bench) == before


def test_a_part_that_is_right_counts_in_a_scene_too(bench: Bench) -> None:
    for kind in KINDS:
        page = graded(bench, {"catalog": "cbec", "activity": "scene", "scene": kind}, resource_link={"id": kind})
        found = next(one for one in bench.storage.find(ATTEMPTS, {}) if one["activity"] == f"scene:{kind}")
        made = scenes.scene(kind, found["seed"], date.fromisoformat(found["on"])).case.steps
        place = next((place for place, step in enumerate(made) if len(step.right) > 1), None)  # type: ignore[arg-type]  # options
        if place is None:
            continue
        first = {**right(made), f"answer-{place}": right(made)[f"answer-{place}"][:1]}
        end = go(bench, page, act="answer", **first)

        assert "Part of it is right" in end.text
        return
    pytest.fail("no scene has a step with several right options")
