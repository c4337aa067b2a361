"""Works over HTTP for an instructor: what is set, who reviews whom, the decision, its score and its evidence."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest
from werkzeug.test import TestResponse

from curriculum import catalog as catalogs
from curriculum import courses
from lti_tool import projects, teams
from lti_tool.pages import handing
from lti_tool.settings import LINKS, SCORES, TEAM_SEATS
from lti_tool.works import ALLOTMENTS, HANDINS, PROJECT_LOG, PROJECTS, VERDICTS
from recommender import activities, interactions, verbs
from storage.port import Document
from tests.lti_tool import builders
from tests.lti_tool.builders import Bench
from tests.lti_tool.test_learning import field, heading, sent
from tests.lti_tool.working import SHELF, came, hand, judged, keys, png, post, some, teaches
from xapi_collector import statements

CBEC = catalogs.load("cbec")
PROJECT = courses.load()["operations"].projects["shelf"]


def works(bench: Bench) -> list[Document]:
    return bench.storage.find(HANDINS, {}, limit=99)


def scores(bench: Bench) -> list[Document]:
    return bench.storage.find(SCORES, {}, limit=99)


def plain(page: TestResponse) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page.text)).split())


def decided(bench: Bench, levels: str = "3243", **fields: str) -> TestResponse:
    (work,) = works(bench)
    return post(bench, "class/work/decided", teaches(bench), work=work["key"], **(judged(levels) | fields))


def test_the_list_names_nobody_and_says_what_lacks(bench: Bench) -> None:
    for sub in ("ada", "bo"):
        hand(bench, came(bench, sub), png())
    page = post(bench, "class/works", teaches(bench), project="operations.shelf")

    assert heading(page) == "Ten products, three chosen"
    assert "2 works are handed in, 0 of them late; 0 are decided." in page.text
    assert len(keys(page, "work")) == 2
    assert "Learners do not review each other in this project." in page.text


def test_without_a_name_the_project_with_works_is_shown_first(bench: Bench) -> None:
    hand(bench, came(bench, "ada", custom={**SHELF, "project": "operations.launch"}))

    assert heading(post(bench, "class/works", teaches(bench))) != "Ten products, three chosen"
    assert (
        heading(post(bench, "class/works", teaches(bench), project="operations.shelf")) == "Ten products, three chosen"
    )


def test_a_catalog_without_projects_says_so(bench: Bench) -> None:
    page = teaches(bench, custom={"catalog": "oulad", "activity": "class"})

    assert "The courses of this catalog have no projects." in post(bench, "class/works", page).text


def test_a_decision_is_told_by_criterion_scored_and_read_by_the_learner(bench: Bench) -> None:
    hand(bench, came(bench, "ada"))
    page = decided(bench, "3243", comment="Good **figures**.")
    told = sent(bench, verbs.SCORED, sum(len(line.skills) for line in PROJECT.rubric))

    assert "Decided. The mark is on its way to the gradebook." in page.text
    (score,) = scores(bench)
    assert (score["given"], score["maximum"], score["grading"], score["activity"]) == (
        12,
        16,
        "FullyGraded",
        "Completed",
    )
    assert score["comment"] == "12 of 16 points by the rubric of the project"
    items = [f"urn:entrepot:cbec:practice:{skill}" for line in PROJECT.rubric for skill in line.skills]
    assert [one["object"]["id"] for one in told] == [
        CBEC.items[i.removeprefix("urn:entrepot:cbec:")].activity for i in items
    ]
    assert [one["result"] for one in told[:1]] == [
        {"score": {"scaled": 0.666667, "raw": 2, "min": 0, "max": 3}, "success": True}
    ]
    assert {one["actor"]["account"]["name"] for one in told} == {"ada"}
    heard = came(bench, "ada")
    assert "12 of 16" in plain(heard)
    assert "<b>figures</b>" in heard.text
    assert "Your instructor has decided on the version of" in heard.text


def test_a_decision_moves_the_skills_of_its_criteria_as_a_project(bench: Bench) -> None:
    hand(bench, came(bench, "ada"))
    decided(bench, "3111")
    builders.stored(bench, sent(bench, verbs.SCORED, 1))
    labels = list(statements.labels(bench.storage, purpose="service"))
    rows = interactions.from_labels(labels, CBEC)
    done = activities.from_labels(labels, CBEC)

    first = [CBEC.item_index[f"practice:{skill}"] for skill in PROJECT.rubric[0].skills]
    assert {
        int(item): float(right) for item, right in zip(rows.item, rows.correct, strict=True) if item in first
    } == dict.fromkeys(first, 1.0)
    assert sum(rows.correct) == len(first)
    assert {verbs.MODES[mode] for mode in done.mode} == {"project"}


def test_a_decision_that_changes_takes_back_what_it_told_and_lowers_the_score(bench: Bench) -> None:
    hand(bench, came(bench, "ada"))
    decided(bench, "3333")
    before = {one["id"]: one for one in sent(bench, verbs.SCORED, 1)}
    decided(bench, "3133")
    changed = len(PROJECT.rubric[1].skills)
    voided = sent(bench, verbs.VOIDED, changed)

    assert len(voided) == changed
    gone = {one["object"]["id"] for one in voided}
    names = {CBEC.items[f"practice:{skill}"].activity for skill in PROJECT.rubric[1].skills}
    assert {before[one]["object"]["id"] for one in gone} == names
    assert len(sent(bench, verbs.SCORED, 1)) == len(before) + changed
    assert [one["given"] for one in scores(bench)] == [10]
    builders.stored(bench, [one for one in bench.sent if one["verb"]["id"] in {verbs.SCORED, verbs.VOIDED}])
    rows = interactions.from_labels(statements.labels(bench.storage, purpose="service"), CBEC)
    assert len(rows.item) == len(before)


def test_the_same_decision_again_tells_nothing(bench: Bench) -> None:
    hand(bench, came(bench, "ada"))
    decided(bench, "3333")
    count = len(sent(bench, verbs.SCORED, 1))
    decided(bench, "3333", comment="And a word.")

    assert len(bench.sent) == len([one for one in bench.sent if one["verb"]["id"] != verbs.VOIDED])
    assert len(sent(bench, verbs.SCORED, count)) == count


def test_a_decision_without_a_level_is_not_kept(bench: Bench) -> None:
    hand(bench, came(bench, "ada"))
    page = decided(bench, "33", comment="half")

    assert page.text.count("Choose a level.") == 2
    assert ">half</textarea>" in page.text
    assert bench.storage.find(VERDICTS, {}, limit=9) == []


def test_sentences_are_free_to_an_instructor(bench: Bench) -> None:
    hand(bench, came(bench, "ada"))

    assert "Decided." in decided(bench, "4444", **{f"words-{place}": "" for place in range(4)}).text


def test_a_project_without_a_column_is_decided_and_says_that_nothing_is_sent(bench: Bench) -> None:
    page = came(bench, "ada", ags={}, custom={"catalog": "cbec"})
    hand(bench, page, project="operations.shelf")
    listed = post(bench, "class/works", teaches(bench, ags={}, custom={"catalog": "cbec"}), project="operations.shelf")
    (work,) = works(bench)
    answer = post(bench, "class/work/decided", listed, project="operations.shelf", work=work["key"], **judged("4444"))

    assert "No link of this course opens this project" in listed.text
    assert "Nothing goes to the gradebook" in answer.text
    assert scores(bench) == []


def test_what_was_handed_in_on_the_page_of_a_course_is_scored_by_the_link_of_the_project(bench: Bench) -> None:
    came(bench, "somebody")
    link = {"id": "link-2", "title": "Path"}
    page = came(bench, "ada", custom={"catalog": "cbec"}, resource_link=link)
    hand(bench, page, project="operations.shelf")
    decided(bench)

    (score,) = scores(bench)
    (link,) = [one for one in bench.storage.find(LINKS, {}, limit=9) if one["resource_link"] == "link-1"]
    assert (score["given"], score["link"]) == (12, link["link"])


def test_dates_and_reviews_are_set_and_said(bench: Bench) -> None:
    teacher = teaches(bench)
    fields = {"due": "2026-12-01", "due_time": "12:00", "reviewed": "2026-12-08", "reviews": "2"}
    page = post(bench, "class/works/set", teacher, dates="1", project="operations.shelf", **fields)

    assert "Kept." in page.text
    assert 'value="2026-12-01"' in page.text
    (kept,) = bench.storage.find(PROJECTS, {}, limit=9)
    assert (kept["reviews"], kept["due"]) == (2, 1796126400.0)
    assert "Due 2026-12-01 12:00" in came(bench, "ada").text
    assert [one["act"] for one in bench.storage.find(PROJECT_LOG, {}, limit=9)] == ["settings"]


@pytest.mark.parametrize(
    "fields",
    some(
        {"due": "1.12."},
        {"due": "2026-12-08", "reviewed": "2026-12-01"},
        {"reviews": "4"},
        {"reviews": "-1"},
        {"due": "2026-12-01", "due_time": "25:00"},
    ),
)
def test_a_date_that_is_none_changes_nothing(bench: Bench, fields: dict[str, str]) -> None:
    page = post(bench, "class/works/set", teaches(bench), dates="1", project="operations.shelf", **fields)

    assert "Nothing was changed" in page.text
    assert bench.storage.find(PROJECTS, {}, limit=9) == []


def reviewed(bench: Bench, levels: dict[str, str], count: str = "3") -> TestResponse:
    """Works of as many learners as there are levels; each learner gives all of theirs the same."""
    for sub in levels:
        hand(bench, came(bench, sub))
    teacher = teaches(bench)
    post(bench, "class/works/set", teacher, dates="1", reviews=count)
    given = post(bench, "class/works/set", teacher, give="1")
    for sub, given_levels in levels.items():
        page = came(bench, sub)
        for key in keys(page, "review"):
            post(bench, "project/review", page, review=key, save="1", **judged(given_levels))
    return given


def test_reviews_are_given_out_and_their_median_stands_beside_each_work(bench: Bench) -> None:
    given = reviewed(bench, {"ada": "2222", "bo": "3333", "cy": "3333", "di": "3333"})
    page = post(bench, "class/works", teaches(bench))

    assert "12 reviews were given out." in given.text
    assert "12 of 12 reviews are given." in page.text
    assert page.text.count("12 of 16, 3 reviews") == 4
    assert "Agreement of the reviewers (Krippendorff&#39;s alpha): -0.3" in page.text
    assert "They do not judge alike" in page.text


def test_an_outlier_is_flagged_and_not_left_out_and_only_the_instructor_sees_whose_it_is(bench: Bench) -> None:
    reviewed(bench, {"ada": "1111", "bo": "3333", "cy": "4333", "di": "3343"})
    listed = post(bench, "class/works", teaches(bench))
    author = next(one for one in works(bench) if _sub(bench, one) == "bo")
    page = post(bench, "class/work", teaches(bench), work=author["key"])
    reviewer = next(one["learner"] for one in works(bench) if _sub(bench, one) == "ada")

    assert listed.text.count("far apart") == 3
    assert f"Learner {reviewer[:6]}" in page.text
    assert "levels from the others: please look." in page.text
    assert "This learner tends to be strict, by" in page.text
    assert "Median of 3 peers: level 3." in page.text
    assert reviewer[:6] not in came(bench, "bo").text
    assert "4 of 16" in came(bench, "bo").text


def _sub(bench: Bench, work: Document) -> str:
    """Which learner a work is of: opened with the keys of the test's own institution."""
    tool = bench.app.extensions["lti_tool"]
    found = projects.get(bench.storage, work["key"])
    assert found is not None
    person = projects.person(handing.vault(tool), found)
    assert person is not None
    return person.sub


def test_too_few_learners_is_said(bench: Bench) -> None:
    reviewed(bench, {"ada": "3333", "bo": "3333"})
    page = post(bench, "class/works", teaches(bench))

    assert "Works that lack reviews: 2; reviews that are missing: 4." in page.text
    assert "There are no two reviews of a work to compare yet." in page.text


def test_who_drops_out_is_replaced_when_reviews_are_given_out_again(bench: Bench) -> None:
    for sub in ("ada", "bo", "cy", "di"):
        hand(bench, came(bench, sub))
    due = bench.clock() + 3600
    teacher = teaches(bench)
    post(bench, "class/works/set", teacher, dates="1", reviews="1")
    post(bench, "class/works/set", teacher, give="1")
    (setting,) = bench.storage.find(PROJECTS, {}, limit=9)
    projects.change(
        bench.storage,
        setting["course"],
        setting["project"],
        lambda kept: kept.__class__(**{**setting, "reviewed": due}),
    )
    for sub in ("ada", "bo", "cy"):
        page = came(bench, sub)
        post(bench, "project/review", page, review=keys(page, "review")[0], save="1", **judged("3333"))
    bench.clock.offset += 3000
    bench.clock.offset += 700
    again = post(bench, "class/works/set", teaches(bench), give="1")
    states = [one["state"] for one in bench.storage.find(ALLOTMENTS, {}, limit=99)]

    assert "1 review was given out." in again.text
    assert sorted(states) == ["done", "done", "done", "open", "released"]
    assert keys(came(bench, "di"), "review") == []


def test_learners_of_one_team_do_not_review_each_other_and_their_own_part_is_told(bench: Bench) -> None:
    for sub in ("ada", "bo", "cy", "di"):
        hand(bench, came(bench, sub), part=f"The figures, by {sub * 2}.")
    by_sub = {_sub(bench, one): one["learner"] for one in works(bench)}
    link = scores(bench)[0]["link"]
    for sub, table in (("ada", "1"), ("bo", "1"), ("cy", "2"), ("di", "2")):
        sitting = teams.Sitting(link, by_sub[sub], teams.table(link, table), "s")
        bench.storage.insert(TEAM_SEATS, teams._sitting_document(sitting))
    teacher = teaches(bench)
    post(bench, "class/works/set", teacher, dates="1", reviews="2")
    page = post(bench, "class/works/set", teacher, give="1")
    pairs = {(one["learner"], one["work"]) for one in bench.storage.find(ALLOTMENTS, {}, limit=99)}
    authors = {one["key"]: one["learner"] for one in works(bench)}
    table = {by_sub["ada"]: 1, by_sub["bo"]: 1, by_sub["cy"]: 2, by_sub["di"]: 2}

    assert len(pairs) == 8
    assert all(table[reviewer] != table[authors[work]] for reviewer, work in pairs)
    assert "Team 1" in page.text
    mine = next(one for one in works(bench) if one["learner"] == by_sub["ada"])
    shown = post(bench, "class/work", teacher, work=mine["key"])
    assert "The figures, by adaada." in shown.text
    reviewer = came(bench, "cy")
    letters = [post(bench, "project/review", reviewer, review=one).text for one in keys(reviewer, "review")]
    assert len(letters) == 2
    assert not any("The figures" in one for one in letters)


def test_a_file_of_a_work_is_given_to_the_instructor_without_a_name(bench: Bench) -> None:
    hand(bench, came(bench, "ada"), b"sku,price\nA-1,3\n")
    (work,) = works(bench)
    answer = post(bench, "class/work/file", teaches(bench), work=work["key"])

    assert answer.text == "sku,price\r\nA-1,3\r\n"
    assert "attachment" in answer.headers["Content-Disposition"]


@pytest.mark.parametrize("route", some("class/work/decided", "class/work", "class/work/file"))
def test_a_work_of_another_course_or_project_is_not_found(bench: Bench, route: str) -> None:
    hand(bench, came(bench, "ada", context={"id": "course-2"}), png())
    (work,) = works(bench)
    fields: dict[str, Any] = judged("3333")

    assert post(bench, route, teaches(bench), work=work["key"], **fields).status_code == 404
    there = teaches(bench, context={"id": "course-2"})
    assert post(bench, route, there, work=work["key"], project="operations.launch", **fields).status_code == 404
    assert post(bench, route, there, work=work["key"], project="operations.shelf", **fields).status_code == 200


@pytest.mark.parametrize("route", some("class/work/decided", "class/work", "class/work/file"))
def test_a_withdrawn_work_is_not_found(bench: Bench, route: str) -> None:
    done = hand(bench, came(bench, "ada"), png())
    (work,) = works(bench)
    post(bench, "project", done, act="withdraw")

    assert post(bench, route, teaches(bench), work=work["key"], **judged("3333")).status_code == 404
    assert (
        "1 learner withdrew their work." in post(bench, "class/works", teaches(bench), project="operations.shelf").text
    )


def test_a_project_that_there_is_not_is_not_found(bench: Bench) -> None:
    assert post(bench, "class/works", teaches(bench), project="operations.nothing").status_code == 404


def test_reviews_that_another_process_gives_out_are_waited_for(bench: Bench) -> None:
    hand(bench, came(bench, "ada"))
    teacher = teaches(bench)
    post(bench, "class/works/set", teacher, dates="1", reviews="1")
    (setting,) = bench.storage.find(PROJECTS, {}, limit=9)
    bench.storage.replace(PROJECTS, {**setting, "leased": bench.clock() + 20}, expected=setting)

    assert "being given out at this moment" in post(bench, "class/works/set", teacher, give="1").text


def test_an_assistant_sees_and_decides_and_lets_nobody_in(bench: Bench) -> None:
    hand(bench, came(bench, "ada"))
    (work,) = works(bench)
    roles = [builders.INSTRUCTOR, "http://purl.imsglobal.org/vocab/lis/v2/membership/Instructor#TeachingAssistant"]
    helper = came(bench, "helper", roles=roles)

    assert "Who teaches the course sets dates" in post(bench, "class/works", helper).text
    assert "Decided" in post(bench, "class/work/decided", helper, work=work["key"], **judged("3333")).text
    assert post(bench, "class/works/set", helper, let="1", label="X", days="7").status_code == 403
    assert field(helper, "bearer")
