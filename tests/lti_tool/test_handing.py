"""Projects over HTTP for a learner: handing in, versions, withdrawing, reviewing others, what is said and to whom."""

from __future__ import annotations

import re
from html import unescape

import pytest

from lti_tool import platforms, projects
from lti_tool.settings import SCORES
from lti_tool.works import ALLOTMENTS, ENCLOSURES, HANDINS, VERDICTS
from recommender import verbs
from tests.lti_tool import builders
from tests.lti_tool.builders import Bench
from tests.lti_tool.test_learning import field, heading, sent
from tests.lti_tool.working import SHELF, came, hand, judged, keys, pdf, png, post, posted, some, teaches


def test_what_is_handed_in_is_shown_as_text_with_links_of_https_alone(bench: Bench) -> None:
    page = came(bench, "ada")
    done = hand(bench, page, text="# Plan\n\nShip <b>two</b>.\n\n- see https://shop.example/a\n- javascript:alert(1)")

    assert "How it is judged" in page.text
    assert "Handed in. Until the deadline" in done.text
    assert "&lt;b&gt;two&lt;/b&gt;" in done.text
    assert re.findall(r'<a href="([^"]*)" target', done.text) == ["https://shop.example/a"]
    assert [one["object"]["id"] for one in sent(bench, verbs.SUBMITTED, 1)] == [
        "http://127.0.0.1:9001/lti/practice/project/operations.shelf"
    ]


def test_nothing_of_it_lies_in_the_clear(bench: Bench) -> None:
    hand(
        bench,
        came(bench, "ada.of.the.works"),
        b"sku,price\nsecretcell,3\n",
        text="secretword",
        links="https://secretlink.example/",
    )
    kept = str([bench.storage.find(one, {}, limit=9) for one in (HANDINS, ENCLOSURES)])

    assert "ada.of" not in kept
    assert "secret" not in kept
    assert "somebody" not in kept


@pytest.mark.parametrize(
    ("fields", "content", "told"),
    some(
        ({}, b"x" * (2 * 1024 * 1024 + 1), "The file may have 2 MB."),
        ({"text": ""}, b"", "Write a text, or add a link or a file."),
        ({"links": "http://shop.example"}, b"", "Link 1 is not an address"),
        ({}, b"\x00\x01", "The file is no CSV table, PDF or PNG picture."),
    ),
)
def test_what_is_not_right_is_said_and_nothing_is_kept(
    bench: Bench, fields: dict[str, str], content: bytes, told: str
) -> None:
    page = hand(bench, came(bench, "ada"), content, **fields)

    assert told in unescape(page.text)
    assert bench.storage.find(HANDINS, {}, limit=9) == []


def test_what_was_typed_is_there_again_when_something_else_lacks(bench: Bench) -> None:
    page = hand(bench, came(bench, "ada"), text="A long text.", links="http://x", part="The figures.")

    assert ">A long text.</textarea>" in page.text
    assert ">http://x</textarea>" in page.text
    assert ">The figures.</textarea>" in page.text


@pytest.mark.parametrize(
    ("route", "size"), some(("page", 1_000_000), ("project", 3_000_000), ("project/review", 1_000_000))
)
def test_a_large_form_is_taken_where_a_file_is_handed_in_and_nowhere_else(bench: Bench, route: str, size: int) -> None:
    page = came(bench, "ada")

    assert posted(bench, route, {"bearer": field(page, "bearer")}, b"x" * size).status_code == 413


def test_the_last_version_before_the_deadline_counts_and_later_ones_are_kept(bench: Bench) -> None:
    hand(bench, came(bench, "ada"), text="first")
    hand(bench, came(bench, "ada"), text="second")
    (work,) = bench.storage.find(HANDINS, {}, limit=9)
    due = bench.clock() + 60
    projects.change(
        bench.storage, work["course"], work["project"], lambda kept: kept.__class__(kept.course, kept.project, due)
    )
    bench.clock.offset += 120
    late = hand(bench, came(bench, "ada"), text="third")

    assert "Handed in, after the deadline." in late.text
    assert late.text.count("kept, does not count") == 2
    assert "<p>second</p>" in late.text
    assert "<p>third</p>" not in late.text
    assert ">third</textarea>" in late.text


def test_a_file_is_given_back_to_whoever_handed_it_in_without_its_name(bench: Bench) -> None:
    done = hand(bench, came(bench, "ada"), b"sku;price\nA-1;=1+1\n")
    (version,) = keys(done, "version")
    answer = post(bench, "project/file", done, version=version)

    assert answer.text == "sku,price\r\nA-1,'=1+1\r\n"
    assert re.fullmatch(r'attachment; filename="work-[\w-]{6}\.csv"', answer.headers["Content-Disposition"])
    assert answer.headers["Content-Security-Policy"].startswith("sandbox;")
    assert "<td>A-1</td>" in done.text


@pytest.mark.parametrize(
    ("content", "kind"), some((pdf(b"/Author (Ada)"), "application/pdf"), (png(text=b"Ada"), "image/png"))
)
def test_a_file_says_no_more_who_made_it(bench: Bench, content: bytes, kind: str) -> None:
    done = hand(bench, came(bench, "ada"), content)
    answer = post(bench, "project/file", done, version=keys(done, "version")[0])

    assert answer.mimetype == kind
    assert b"Ada" not in answer.data


def test_the_file_of_the_last_version_is_kept_where_that_is_wanted(bench: Bench) -> None:
    first = hand(bench, came(bench, "ada"), png())
    hand(bench, first, text="with it", keep="1")
    last = hand(bench, first, text="without it")

    assert "Keep the file of the last version: Picture (PNG)" in first.text
    assert len(keys(last, "version")) == 2


def test_a_version_of_somebody_else_is_not_found(bench: Bench) -> None:
    (version,) = keys(hand(bench, came(bench, "ada"), png()), "version")
    other = hand(bench, came(bench, "bo"))

    assert post(bench, "project/file", other, version=version).status_code == 404
    assert post(bench, "project/file", came(bench, "cy"), version=version).status_code == 404


def test_withdrawing_deletes_every_version_and_a_new_one_may_come(bench: Bench) -> None:
    done = hand(bench, came(bench, "ada"), png())
    gone = post(bench, "project", done, act="withdraw")

    assert "Withdrawn. All its versions are deleted" in gone.text
    assert "You withdrew your work." in gone.text
    assert bench.storage.find(ENCLOSURES, {}, limit=9) == []
    assert "Handed in on" in hand(bench, gone).text


def test_a_decided_work_cannot_be_withdrawn(bench: Bench) -> None:
    done = hand(bench, came(bench, "ada"))
    (work,) = bench.storage.find(HANDINS, {}, limit=9)
    post(bench, "class/work/decided", teaches(bench), work=work["key"], **judged("3333"))
    page = post(bench, "project", done, act="withdraw")

    assert "so it stays" in page.text
    assert bench.storage.find(ENCLOSURES, {}, limit=9) != []


def test_whoever_teaches_sees_the_brief_and_nothing_is_kept_of_them(bench: Bench) -> None:
    page = hand(bench, teaches(bench))

    assert "Works handed in" in page.text
    assert "Your work" not in page.text
    assert bench.storage.find(HANDINS, {}, limit=9) == []


def test_handing_in_tells_the_gradebook_that_a_person_must_look_where_that_keeps_a_grade(bench: Bench) -> None:
    hand(bench, came(bench, "ada"))
    platforms.register(bench.storage, builders.registered(bench.issuer.iss, family="moodle"))
    hand(bench, came(bench, "bo"))

    kept = bench.storage.find(SCORES, {}, limit=9)
    assert [(one["given"], one["activity"], one["grading"]) for one in kept] == [(None, "Submitted", "PendingManual")]


def reviewing(bench: Bench, *subs: str, count: str = "2") -> dict[str, str]:
    """Learners who handed in, and whose reviews were given out; the page of each."""
    pages = {sub: hand(bench, came(bench, sub), text=f"The work of a person, {sub * 3}.") for sub in subs}
    teacher = teaches(bench)
    post(bench, "class/works/set", teacher, dates="1", reviews=count)
    post(bench, "class/works/set", teacher, give="1")
    return {sub: came(bench, sub) for sub in pages}


def test_peers_review_each_other_without_names_and_read_theirs_after_they_wrote(bench: Bench) -> None:
    pages = reviewing(bench, "ada", "bo", count="1")
    reviews = {sub: keys(page, "review")[0] for sub, page in pages.items()}
    form = post(bench, "project/review", pages["ada"], review=reviews["ada"])
    post(bench, "project/review", pages["bo"], review=reviews["bo"], save="1", **judged("2234"))
    waits = came(bench, "ada")
    done = post(bench, "project/review", pages["ada"], review=reviews["ada"], save="1", **judged("4321"))

    assert heading(form) == "Review work A"
    assert "bobobo" in form.text
    assert "1 review is there. You read it when you have given your own." in waits.text
    assert "11 of 16" not in waits.text
    assert "Your review is kept." in done.text
    assert "Reviewer 1" in done.text
    assert "11 of 16" in done.text
    assert [one["object"]["id"].rpartition("/lti/")[2] for one in sent(bench, verbs.COMMENTED, 2)] == [
        "practice/review/operations.shelf"
    ] * 2


def test_a_review_without_a_sentence_is_not_kept_and_what_was_written_stays(bench: Bench) -> None:
    pages = reviewing(bench, "ada", "bo", count="1")
    (review,) = keys(pages["ada"], "review")
    page = post(
        bench,
        "project/review",
        pages["ada"],
        review=review,
        save="1",
        **{**judged("333", ""), "words-0": "Here it is."},
    )

    assert page.text.count("Write a sentence.") == 3
    assert page.text.count("Choose a level.") == 1
    assert ">Here it is.</textarea>" in page.text
    assert bench.storage.find(VERDICTS, {}, limit=9) == []


def test_a_review_can_be_written_anew_until_the_work_is_decided(bench: Bench) -> None:
    pages = reviewing(bench, "ada", "bo", count="1")
    (review,) = keys(pages["ada"], "review")
    for levels in ("1111", "4444"):
        post(bench, "project/review", pages["ada"], review=review, save="1", **judged(levels))
    (work,) = [one["work"] for one in bench.storage.find(ALLOTMENTS, {"key": review}, limit=9)]
    post(bench, "class/work/decided", teaches(bench), work=work, **judged("3333"))
    closed = post(bench, "project/review", pages["ada"], review=review, save="1", **judged("1111"))

    assert "cannot be changed any more" in closed.text
    assert "16 of 16" in came(bench, "bo").text
    assert len(sent(bench, verbs.COMMENTED, 1)) == 1


def test_a_review_of_somebody_else_is_not_found(bench: Bench) -> None:
    pages = reviewing(bench, "ada", "bo", "cy", count="1")
    (review,) = keys(pages["ada"], "review")

    assert post(bench, "project/review", pages["bo"], review=review).status_code == 404
    assert post(bench, "project/file", pages["bo"], review=review).status_code == 404
    assert post(bench, "project/review", pages["ada"], review="x").status_code == 404


def test_a_work_that_was_withdrawn_is_reviewed_no_more(bench: Bench) -> None:
    pages = reviewing(bench, "ada", "bo", count="1")
    (review,) = keys(pages["ada"], "review")
    post(bench, "project", pages["bo"], act="withdraw")

    assert post(bench, "project/review", pages["ada"], review=review).status_code == 404
    assert keys(came(bench, "ada"), "review") == []


def test_a_late_work_gets_its_reviews_when_it_comes(bench: Bench) -> None:
    reviewing(bench, "ada", "bo", "cy")
    page = hand(bench, came(bench, "di"), text="late but here")
    open_ = [one for one in bench.storage.find(ALLOTMENTS, {}, limit=99) if one["state"] == "open"]
    works = {one["work"] for one in open_}

    assert len(works) == 4
    assert len(keys(page, "review")) == 2


def test_a_project_that_there_is_not_is_refused(bench: Bench) -> None:
    assert came(bench, "ada", custom={**SHELF, "project": "operations.nothing"}).status_code == 400
    assert "activity_unknown" in came(bench, "ada", custom={**SHELF, "project": ""}).text


def test_a_project_of_a_variant_is_that_of_its_course(bench: Bench) -> None:
    hand(bench, came(bench, "ada", custom={**SHELF, "project": "operations-amazon.shelf"}))

    assert "Handed in on" in came(bench, "ada").text


def test_in_chinese_too(bench: Bench) -> None:
    page = came(bench, "ada", launch_presentation={"locale": "zh-CN"})

    assert "还没有提交" in page.text
    assert "已提交" in hand(bench, page).text
