"""Discussions over HTTP: where it is discussed, what of it counts, and that it is told once."""

from __future__ import annotations

from typing import Any

import pytest
from werkzeug.test import TestResponse

from lti_tool.pages import talking
from lti_tool.works import PROJECTS
from recommender import verbs
from tests.lti_tool import builders
from tests.lti_tool.builders import INSTRUCTOR, Bench
from tests.lti_tool.test_learning import sent
from tests.lti_tool.working import post, some
from xapi_collector.label import Label

TALK = {"catalog": "cbec", "activity": "discussion", "discussion": "operations.platform"}
FORUM = "https://lms.example/mod/forum/view.php?id=7"
OURS = "http://127.0.0.1:9001/lti/practice/discussion/operations.platform"


def came(bench: Bench, sub: str = "ada", **changes: Any) -> TestResponse:
    return builders.launched(bench, **{"sub": sub, "custom": TALK, **changes})


def placed(bench: Bench, forum: str = FORUM) -> TestResponse:
    return post(bench, "discussion/place", came(bench, "teacher", roles=[INSTRUCTOR]), forum=forum)


def wrote(bench: Bench, sub: str = "ada", verb: str = verbs.COMMENTED, about: str = FORUM) -> None:
    builders.stored(
        bench,
        [
            {
                "actor": {"objectType": "Agent", "account": {"homePage": bench.issuer.iss, "name": sub}},
                "verb": {"id": verb},
                "object": {"objectType": "Activity", "id": "https://lms.example/mod/forum/discuss.php?d=3"},
                "context": {"contextActivities": {"grouping": [{"objectType": "Activity", "id": about}]}},
                "timestamp": "2026-11-24T10:00:00Z",
            }
        ],
    )


def test_the_page_leads_to_the_forum_of_the_course_and_says_what_counts(bench: Bench) -> None:
    before = came(bench)
    kept = placed(bench)
    page = came(bench)

    assert "has not yet said where this is discussed" in before.text
    assert "no post can be told apart" in before.text
    assert "Kept." in kept.text
    assert f'href="{FORUM}" target="_blank" rel="noopener noreferrer"' in page.text
    assert "It opens at lms.example, in a new window." in page.text
    assert "You write in the forum of your course, not here." in page.text
    assert "has not told of a post of yours there yet" in page.text
    assert sent(bench, verbs.COMPLETED, 0) == []


@pytest.mark.parametrize("verb", some(*sorted(talking.SPOKEN)))
def test_what_the_platform_told_counts_and_is_told_once(bench: Bench, verb: str) -> None:
    placed(bench)
    wrote(bench, verb=verb)
    first, again = came(bench), came(bench)
    told = sent(bench, verbs.COMPLETED, 2)

    assert "Your platform has told of 1 post of yours, the last on 2026-11-24 10:00." in first.text
    assert "You have taken part." in again.text
    assert {one["object"]["id"] for one in told} == {OURS}
    assert told[0] == told[1], "before the store has it, it is the same statement"
    assert told[0]["timestamp"] == "2026-11-24T10:00:00.000+00:00"
    builders.stored(bench, told[:1])
    came(bench)
    assert len(sent(bench, verbs.COMPLETED, 2)) == 2


def test_a_post_elsewhere_or_of_somebody_else_does_not_count(bench: Bench) -> None:
    placed(bench)
    wrote(bench, about=f"{FORUM}1")
    wrote(bench, sub="bo")
    wrote(bench, verb=verbs.LAUNCHED)

    assert "has not told of a post of yours there yet" in came(bench).text


def test_without_a_forum_nothing_counts() -> None:
    assert talking.told([Label(1, 1, "i", 1, "a", verbs.COMMENTED, "")], "") == []


@pytest.mark.parametrize(
    "forum", some("javascript:alert(1)", "http://lms.example/f", "forum", "https://me:x@lms.example/")
)
def test_what_is_no_address_is_not_kept(bench: Bench, forum: str) -> None:
    assert "Nothing was changed" in placed(bench, forum).text
    assert bench.storage.find(PROJECTS, {}) == []


def test_an_address_is_taken_out_again(bench: Bench) -> None:
    placed(bench)

    assert "Taken out." in placed(bench, "").text
    assert FORUM not in came(bench).text


def test_a_learner_says_not_where(bench: Bench) -> None:
    assert post(bench, "discussion/place", came(bench), forum=FORUM).status_code == 403
    assert "Say where it is discussed" not in came(bench).text


def test_the_page_of_a_course_leads_there_too(bench: Bench) -> None:
    placed(bench)
    path = builders.launched(bench, sub="ada", custom={"catalog": "cbec"})
    page = post(bench, "learn", path, at="operations.start", thing="discussion:platform")

    assert FORUM in page.text
    assert FORUM in post(bench, "discussion", page, discussion="operations.platform", language="zh").text


@pytest.mark.parametrize("name", some("operations.nothing", "", "operations", "operations.shelf"))
def test_a_discussion_that_there_is_not_is_refused(bench: Bench, name: str) -> None:
    assert came(bench, custom={**TALK, "discussion": name}).status_code == 400
