"""The learner's pages over HTTP: what each form does, what is kept, and what the record store hears."""

from __future__ import annotations

import re
import time
from dataclasses import replace
from html import unescape
from typing import Any

import pytest
from werkzeug.test import TestResponse

from curriculum import catalog as catalogs
from lti_tool import advice, goals, overrides, plans
from lti_tool.overrides import Subject
from lti_tool.settings import ATTEMPTS, GOALS, PLANS
from recommender import candidates, verbs
from tests.lti_tool import builders
from tests.lti_tool.builders import INSTRUCTOR, LEARNER, Bench
from xapi_collector.label import Label

CBEC = catalogs.load("cbec")


def field(page: TestResponse, name: str, last: str = "") -> str:
    found = re.search(rf'name="{name}" value="([^"]+)"', page.text[page.text.index(last) if last else 0 :])
    assert found, page.text
    return unescape(found[1])


def post(bench: Bench, route: str, page: TestResponse, **fields: str) -> TestResponse:
    """A form of a page, from a browser that kept no cookie."""
    return bench.client().post(f"/lti/{route}", data={"bearer": field(page, "bearer"), **fields})


def opened(bench: Bench, **changes: Any) -> TestResponse:
    """The page of a learner who has chosen operations."""
    page = builders.launched(bench, **{"sub": "newcomer", "custom": {"catalog": "cbec"}, **changes})
    return post(bench, "page", page, role="operations")


def skills(page: TestResponse) -> list[str]:
    """The skills of the cards."""
    return [unescape(name) for name in re.findall(r'name="skill" value="([^"]+)"', page.text)][:3]


def heading(page: TestResponse) -> str:
    found = re.search(r"<h1>(.*?)</h1>", page.text, re.DOTALL)
    assert found, page.text
    return unescape(found[1])


def sent(bench: Bench, verb: str, count: int) -> list[dict[str, Any]]:
    """What the LRS got of a verb, once so much has come."""
    until = time.monotonic() + 5
    while sum(one["verb"]["id"] == verb for one in bench.sent) < count and time.monotonic() < until:
        time.sleep(0.005)
    return [one for one in bench.sent if one["verb"]["id"] == verb]


@pytest.mark.parametrize(
    ("route", "words"),
    [
        ("page", "Three good next steps"),
        ("path", "The path to your goal: Cross-border platform operations specialist"),
        ("cases", "Practise a case"),
        ("profile", "Your profile"),
    ],
)
def test_every_tab_opens_its_page_and_says_where_one_is(bench: Bench, route: str, words: str) -> None:
    page = post(bench, route, opened(bench))

    assert heading(page) == words
    current = re.findall(r'formaction="/lti/(\w+)" aria-current="page"', page.text)
    assert current == [route]


@pytest.mark.parametrize("route", ["path", "cases", "profile"])
def test_a_change_of_language_stays_on_the_page(bench: Bench, route: str) -> None:
    page = post(bench, route, opened(bench), language="zh")

    assert '<html lang="zh-Hans">' in page.text
    assert f'formaction="/lti/{route}" aria-current="page"' in page.text


def test_a_change_of_language_keeps_what_was_asked_for(bench: Bench) -> None:
    page = opened(bench)

    for route, fields in (
        ("path", {"goal": "marketing"}),
        ("why", {"skill": "prc.landed"}),
        ("profile", {"skill": "cus.duty"}),
    ):
        (name, value), *_ = fields.items()
        assert (
            f'name="{name}" value="{value}"><button class="btn quiet" name="language"'
            in post(bench, route, page, **fields).text
        )


def test_a_catalog_without_cases_has_no_tab_for_them(bench: Bench) -> None:
    assert "/lti/cases" not in builders.launched(bench).text
    assert "/lti/cases" in opened(bench).text


def test_a_goal_that_is_tried_out_changes_nothing(bench: Bench) -> None:
    page = post(bench, "path", opened(bench), goal="marketing")

    assert heading(page) == "From Cross-border platform operations specialist to Cross-border marketing specialist"
    assert [kept["role"] for kept in bench.storage.find(GOALS, {}, limit=9)] == ["operations"]


def test_a_goal_changes_when_it_is_said_and_the_record_store_hears_of_it(bench: Bench) -> None:
    page = post(bench, "goal", opened(bench), goal="marketing")

    (kept,) = bench.storage.find(GOALS, {}, limit=9)
    assert "Your goal is now Cross-border marketing specialist." in page.text
    assert (kept["role"], [one["role"] for one in kept["former"]]) == ("marketing", ["operations"])
    told = sent(bench, verbs.CHOSE, 2)
    assert [one["object"]["id"].rpartition("/")[2] for one in told] == ["operations", "marketing"]
    assert told[0]["object"]["definition"]["name"]["zh"] == "跨境电商运营"


def test_the_goal_that_is_may_be_tried_out_without_harm(bench: Bench) -> None:
    assert "That is your goal already." in post(bench, "path", opened(bench), goal="operations").text


def test_without_a_goal_the_path_asks_for_one(bench: Bench) -> None:
    page = builders.launched(bench, sub="newcomer", custom={"catalog": "cbec"})

    assert heading(post(bench, "path", page)) == "What would you like to become?"
    assert heading(post(bench, "profile", page)) == "Your profile"


@pytest.mark.parametrize(
    ("route", "fields"),
    [
        ("path", {"goal": "nobody"}),
        ("goal", {"goal": "nobody"}),
        ("goal", {}),
        ("why", {"skill": "no.such.skill"}),
        ("why", {}),
        ("start", {"item": "practice:none"}),
        ("start", {}),
        ("notnow", {"skill": "none"}),
        ("notnow", {}),
        ("notnow", {"wake": "none"}),
    ],
)
def test_what_does_not_exist_is_refused(bench: Bench, route: str, fields: dict[str, str]) -> None:
    answer = post(bench, route, opened(bench), **fields)

    assert answer.status_code == 400
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")


def test_a_goal_that_the_link_sets_cannot_be_tried_out_or_changed(bench: Bench) -> None:
    page = builders.launched(bench)

    assert "Set by your course." in page.text
    assert post(bench, "path", page, goal="BBB").status_code == 400
    assert post(bench, "goal", page, goal="BBB").status_code == 400


def test_not_now_lets_a_skill_rest_for_a_week(bench: Bench) -> None:
    page = opened(bench)
    first = skills(page)[0]
    rested = post(bench, "notnow", page, skill=first)

    assert first not in skills(rested)
    assert "rests until" in rested.text
    assert first not in skills(opened(bench))
    bench.clock.offset = plans.REST + 60
    assert first in skills(opened(bench))


def test_what_rests_can_be_brought_back(bench: Bench) -> None:
    page = opened(bench)
    first = skills(page)[0]
    back = post(bench, "notnow", post(bench, "notnow", page, skill=first), wake=first)

    assert "may come up again" in back.text
    assert first in skills(back)


def test_a_plan_is_kept_by_pseudonym_and_course(bench: Bench) -> None:
    page = post(bench, "plan", opened(bench), hours="5", deadline="2040-01-31", challenge="1", review="-1", way="video")

    (kept,) = bench.storage.find(PLANS, {}, limit=9)
    assert "Your plan is kept." in page.text
    assert "of the 5 h you planned this week" in page.text or "Time this week" in page.text
    assert (kept["hours"], kept["deadline"], kept["challenge"], kept["review"], kept["way"]) == (
        5, "2040-01-31", 1, -1, "video",
    )  # fmt: skip
    assert "newcomer" not in str(kept)
    assert 'value="5"' in opened(bench).text
    assert 'value="5"' not in opened(bench, context={"id": "course-2"}).text


def test_a_plan_that_was_sent_from_the_profile_comes_back_to_it(bench: Bench) -> None:
    page = post(bench, "plan", opened(bench), hours="3", **{"from": "profile"})

    assert heading(page) == "Your profile"
    assert "3 hours a week" in page.text


def test_starting_opens_the_case_and_is_told_with_rank_and_model(bench: Bench) -> None:
    page = opened(bench)
    case = post(bench, "start", page, item="practice:log.freight_quote", rank="2", act="start")

    assert 'name="activity" value="case:freight"' in case.text
    assert [kept["activity"] for kept in bench.storage.find(ATTEMPTS, {}, limit=9)] == ["case:freight"]
    told = sent(bench, verbs.CHOSE, 2)[-1]
    extensions = told["context"]["extensions"]
    assert told["object"]["id"] == CBEC.items["practice:log.freight_quote"].activity
    assert extensions[verbs.EXTENSION_RANK] == 2
    assert extensions[verbs.EXTENSION_MODEL] == f"graph:{CBEC.fingerprint[:12]}"


def test_the_model_of_a_choice_is_that_of_the_recommendation(bench: Bench) -> None:
    page = opened(bench)
    post(bench, "start", page, item=field(page, "item"), rank="1", act="start")

    offered, taken = sent(bench, verbs.RECOMMENDED, 3)[0], sent(bench, verbs.CHOSE, 2)[-1]
    model = verbs.EXTENSION_MODEL
    assert offered["object"]["id"] == taken["object"]["id"]
    assert offered["context"]["extensions"][model] == taken["context"]["extensions"][model]
    assert offered["context"]["extensions"][verbs.EXTENSION_REASONS]
    assert offered["context"]["extensions"][verbs.EXTENSION_CITED]


@pytest.mark.parametrize(("rank", "told"), [("1", 1), ("0", 0), ("9", 0), ("x", 0), ("", 0)])
def test_a_rank_that_there_is_none_is_none(bench: Bench, rank: str, told: int) -> None:
    post(bench, "start", opened(bench), item="practice:fnd.value_chain", rank=rank, act="start")

    assert sent(bench, verbs.CHOSE, 2)[-1]["context"]["extensions"][verbs.EXTENSION_RANK] == told


def test_a_skill_without_a_case_opens_questions_on_it(bench: Bench) -> None:
    page = post(bench, "start", opened(bench), item="practice:fnd.value_chain", rank="1", act="start")

    assert "question 1 of 3" in page.text or "question 1 of 4" in page.text
    (kept,) = bench.storage.find(ATTEMPTS, {}, limit=9)
    assert kept["activity"] == "quiz:fnd.value_chain"


def test_what_is_an_assessment_is_noted_and_done_in_the_course(bench: Bench) -> None:
    page = post(bench, "start", builders.launched(bench), item="AAA.TMA.1", rank="1", act="start")

    assert "Noted: " in page.text
    assert [*bench.storage.find(ATTEMPTS, {}, limit=9)] == []


def test_a_skill_that_a_learner_says_to_know_is_offered_as_a_proof(bench: Bench) -> None:
    page = post(bench, "start", opened(bench), item="practice:fnd.ecom_models", act="test_out")

    (kept,) = bench.storage.find(PLANS, {}, limit=9)
    assert kept["claimed"] == ["fnd.ecom_models"]
    assert "question 1 of" in page.text


def test_why_not_is_answered_for_any_skill_of_the_goal(bench: Bench) -> None:
    page = opened(bench)
    first = skills(page)[0]

    assert heading(post(bench, "why", page, skill="prc.landed")) == "Why not “Compute landed cost” now?"
    assert heading(post(bench, "why", page, skill=first)).endswith("is one of your three")
    rested = post(bench, "why", post(bench, "notnow", page, skill=first), skill=first)
    assert "You set it aside until" in rested.text
    assert f'name="wake" value="{first}"' in rested.text


def test_what_an_instructor_put_first_is_first_and_says_so(bench: Bench) -> None:
    page = opened(bench)
    (kept,) = bench.storage.find(GOALS, {}, limit=9)
    last = skills(page)[2]
    overrides.put(
        bench.storage,
        kept["context"],
        overrides.FIRST,
        Subject(overrides.SKILL, last),
        by="i",
        id_="o",
        now=bench.clock(),
    )

    again = opened(bench)
    assert skills(again)[0] == last
    assert "Your instructor put this first" in again.text


def test_what_an_instructor_presses_on_the_class_page_reaches_the_learners_of_the_course(bench: Bench) -> None:
    page = opened(bench)
    first, _, last = skills(page)
    lecturer = builders.launched(bench, sub="lecturer", roles=[INSTRUCTOR], custom={"catalog": "cbec"})
    for kind, skill in (("first", last), ("hide", first)):
        assert post(bench, "class/guide", lecturer, kind=kind, skill=skill, **{"for": ""}).status_code == 200

    again = opened(bench)
    assert skills(again)[0] == last
    assert first not in skills(again)
    assert "Your instructor put this first" in again.text
    assert "Your instructor took it out for now" in post(bench, "why", again, skill=first).text
    assert first in skills(opened(bench, context={"id": "course-2"}))


def test_what_was_offered_stays_unless_another_is_clearly_better(bench: Bench) -> None:
    told = sent(bench, verbs.RECOMMENDED, len(skills(opened(bench))))
    at = int(bench.clock() * 1e6)
    labels = [Label(n, n, one["id"], at, "p", verbs.RECOMMENDED, one["object"]["id"]) for n, one in enumerate(told)]
    earlier = replace(
        labels[0], id="e", timestamp=labels[0].timestamp - 1, activity=CBEC.items["practice:cus.duty"].activity
    )

    shown = advice.offered([earlier, *labels], CBEC, bench.clock())

    assert [CBEC.items[item].activity for item in shown] == [one["object"]["id"] for one in told]
    assert advice.offered(labels, CBEC, bench.clock() + advice.STEADY + 1) == ()
    assert advice.offered([], CBEC, bench.clock()) == ()


def test_a_page_weighs_what_it_offered_before_a_little_more(bench: Bench) -> None:
    told = sent(bench, verbs.RECOMMENDED, len(skills(opened(bench))))
    (kept,) = bench.storage.find(GOALS, {}, limit=9)
    models, wish = bench.app.extensions["lti_tool"].models, advice.Wish("operations")

    def scores() -> dict[str, float]:
        given = advice.advise(bench.storage, models, CBEC, kept["learner"], wish=wish, now=bench.clock())
        return {one.item: one.score for one in given.recommendations}

    before = scores()
    builders.stored(bench, told)

    assert scores() == pytest.approx({item: candidates.STEADY * score for item, score in before.items()})


def test_an_instructor_s_presses_hold_for_the_page_alone(bench: Bench) -> None:
    page = opened(bench, roles=[INSTRUCTOR])
    first = skills(page)[0]
    rested = post(bench, "notnow", page, skill=first)
    post(bench, "start", page, item="practice:fnd.value_chain", act="test_out")
    post(bench, "plan", page, hours="5")

    assert first not in skills(rested)
    assert [*bench.storage.find(PLANS, {}, limit=9)] == []
    assert bench.app.extensions["lti_tool"].emitter.thread is None


def test_the_profile_tells_the_skill_that_was_asked_for(bench: Bench) -> None:
    page = post(bench, "profile", opened(bench), skill="cus.duty")

    assert '<details class="drawer" open><summary id="story" tabindex="-1">Compute import duty' in page.text
    assert heading(post(bench, "profile", page, skill="no.such.skill")) == "Your profile"


def test_a_number_without_statements_says_so_and_no_other_number_has_a_page(bench: Bench) -> None:
    page = post(bench, "evidence", opened(bench), of="skill:cus.duty")

    assert heading(page) == CBEC.skills["cus.duty"].name["en"]
    assert "No statement of this institution" in page.text
    assert 'name="of" value="skill:cus.duty"><button class="btn quiet" name="language"' in page.text
    assert post(bench, "evidence", opened(bench), of="nothing").status_code == 404


def test_the_profile_shows_what_the_instructor_sees(bench: Bench) -> None:
    assert "What your instructor sees of you" in post(bench, "profile", opened(bench)).text


@pytest.mark.parametrize("route", ["page", "path", "profile", "cases"])
def test_no_page_has_an_inline_style_or_script_or_more_than_one_filled_button(bench: Bench, route: str) -> None:
    page = post(bench, route, opened(bench)).text

    assert re.findall(r"<script|<style|\sstyle=|\son\w+=|javascript:|https?://(?!www\.w3\.org)", page) == []
    assert page.count('class="btn primary"') <= 1


def test_a_person_with_both_roles_is_no_learner(bench: Bench) -> None:
    post(bench, "plan", opened(bench, roles=[LEARNER, INSTRUCTOR]), hours="5")

    assert [*bench.storage.find(PLANS, {}, limit=9)] == []


def test_two_learners_of_a_course_have_goals_and_plans_of_their_own(bench: Bench) -> None:
    post(bench, "plan", opened(bench), hours="5")
    other = opened(bench, sub="another")

    assert 'value="5"' not in other.text
    pseudonyms = {kept["learner"] for kept in bench.storage.find(GOALS, {}, limit=9)}
    assert len(pseudonyms) == 2
    contexts = {kept["context"] for kept in bench.storage.find(GOALS, {}, limit=9)}
    assert [goals.chosen(bench.storage, one, context) for one in pseudonyms for context in contexts] == [
        "operations"
    ] * 2
