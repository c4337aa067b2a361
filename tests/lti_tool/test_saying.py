"""What a learner says, over HTTP: kept, shown, changed, withdrawn; and nothing of whoever is no learner."""

from __future__ import annotations

from html import unescape

import pytest

from lti_tool import goals, votes
from lti_tool.settings import BACKGROUNDS, PLANS, VOTES
from recommender import verbs
from tests.lti_tool import builders
from tests.lti_tool.builders import INSTRUCTOR, Bench
from tests.lti_tool.test_learning import field, opened, post, sent

ITEM = "practice:cus.duty"
ALL = {"act": "keep", "consent": "yes", "experience": "years", "languages": "en", "courses": "cus"}


def test_what_a_learner_says_is_kept_shown_and_told_to_nobody(bench: Bench) -> None:
    page = opened(bench)
    kept = post(bench, "about", page, **ALL)

    (document,) = bench.storage.find(BACKGROUNDS, {}, limit=9)
    assert document["said"] == {"experience": "years", "languages": "en", "courses": "cus"}
    assert "Kept. It counts from now on" in kept.text
    profile = unescape(post(bench, "profile", page).text)
    assert "Selling online so far: more than a year" in profile
    assert not any("years" in str(one) for one in bench.sent)


def test_without_consent_nothing_is_kept_and_the_page_says_why(bench: Bench) -> None:
    answer = post(bench, "about", opened(bench), **{**ALL, "consent": ""})

    assert bench.storage.find(BACKGROUNDS, {}, limit=9) == []
    assert "Nothing was kept: tick the box" in answer.text


def test_it_is_withdrawn_by_one_button(bench: Bench) -> None:
    page = opened(bench)
    post(bench, "about", page, **ALL)
    answer = post(bench, "about", page, act="withdraw")

    assert bench.storage.find(BACKGROUNDS, {}, limit=9) == []
    assert "Withdrawn." in answer.text
    assert "Withdraw everything I said" not in answer.text


def test_a_form_that_is_left_open_keeps_nothing(bench: Bench) -> None:
    answer = post(bench, "about", opened(bench), act="keep", consent="yes")

    assert bench.storage.find(BACKGROUNDS, {}, limit=9) == []
    assert "You left everything open" in answer.text


def test_goal_and_hours_are_those_of_path_and_plan(bench: Bench) -> None:
    post(bench, "about", opened(bench), **ALL, role="marketing", hours="7")

    (plan,) = bench.storage.find(PLANS, {}, limit=9)
    assert plan["hours"] == 7
    assert goals.of_all(bench.storage, [plan["learner"]], plan["context"]) == {plan["learner"]: "marketing"}


def test_a_goal_that_the_course_sets_is_not_asked_for_and_stays(bench: Bench) -> None:
    page = builders.launched(bench, custom={"catalog": "cbec", "role": "operations"})
    answer = post(bench, "about", page, **ALL, role="marketing")

    assert 'id="about-role"' not in answer.text
    assert "Goal: Cross-border platform operations specialist" in unescape(post(bench, "profile", page).text)


def test_the_form_can_be_opened_skipped_and_read_in_both_languages(bench: Bench) -> None:
    page = opened(bench)

    assert "Begin closer to where you are" in post(bench, "about", page).text
    assert "从更适合你的地方开始" in post(bench, "about", page, language="zh").text
    assert bench.storage.find(BACKGROUNDS, {}, limit=9) == []


def test_whoever_is_no_learner_sees_what_it_would_do_and_nothing_is_kept(bench: Bench) -> None:
    page = opened(bench, roles=[INSTRUCTOR])
    answer = post(bench, "about", page, **ALL)

    assert "more than a year" in answer.text
    post(bench, "about", page, act="withdraw")
    post(bench, "vote", page, item=ITEM, word="mistake")
    assert bench.storage.find(BACKGROUNDS, {}, limit=9) == []
    assert bench.storage.find(VOTES, {}, limit=9) == []


def test_a_word_on_a_step_is_kept_told_shown_and_taken_back(bench: Bench) -> None:
    page = opened(bench)
    item = field(page, "item")
    answer = post(bench, "vote", page, item=item, word="outdated")

    assert "Your instructor sees that it may be out of date" in answer.text
    (kept,) = bench.storage.find(VOTES, {}, limit=9)
    assert (kept["item"], kept["word"]) == (item, "outdated")
    (told,) = sent(bench, verbs.RATED, 1)
    assert told["result"] == {"response": "outdated"}
    back = post(bench, "vote", page, item=item, word="")
    assert "Taken back." in back.text
    assert bench.storage.find(VOTES, {}, limit=9) == []
    assert [one["result"] for one in sent(bench, verbs.RATED, 2)] == [{"response": "outdated"}, {"response": ""}]


def test_the_same_word_twice_is_told_once(bench: Bench) -> None:
    page = opened(bench)
    for _ in range(2):
        post(bench, "vote", page, item=ITEM, word="useful")
    post(bench, "vote", page, item=ITEM, word="mistake")

    assert [one["result"]["response"] for one in sent(bench, verbs.RATED, 2)] == ["useful", "mistake"]


def test_a_step_that_there_is_not_is_refused(bench: Bench) -> None:
    assert post(bench, "vote", opened(bench), item="nothing", word="useful").status_code == 400


def test_a_step_with_a_mistake_comes_later_for_who_said_so(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(votes, "LATER", 0.01)
    page = opened(bench)
    first = field(page, "item")
    after = post(bench, "vote", page, item=first, word="mistake")

    assert f'name="item" value="{first}"' not in after.text
