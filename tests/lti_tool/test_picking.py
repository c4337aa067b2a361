"""The picker, page by page, as a browser without cookies and scripts goes through it."""

from __future__ import annotations

import logging
import re
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from lti_tool import platforms
from lti_tool.pages import offering, picking
from lti_tool.roles import MEMBERSHIP, SUB
from tests.lti_tool import builders, deep_links
from tests.lti_tool.builders import REMOVE, Bench, TestResponse
from tests.lti_tool.deep_links import SESSKEY

ROLE = "path:cbec:operations"
OTHER = "path:cbec:marketing"
MODULE = "module:cbec:cus"
CLASS = "class:cbec"


def requested(bench: Bench, **changes: object) -> TestResponse:
    return deep_links.requested(bench, settings_=deep_links.settings(bench.issuer.iss, **changes))


def checking(bench: Bench, *items: str, **changes: object) -> TestResponse:
    """The second page."""
    return deep_links.press(bench, requested(bench, **changes), "step", "check", *items)


def value(page: TestResponse, name: str) -> str:
    """What a field of the page holds."""
    return dict(deep_links.form(page).fields)[name]


@pytest.mark.parametrize(
    "role",
    ["Instructor", "ContentDeveloper", "Administrator"],
)
def test_whoever_makes_the_course_may_pick(bench: Bench, role: str) -> None:
    assert deep_links.requested(bench, roles=[MEMBERSHIP + role]).status_code == 200


@pytest.mark.parametrize(
    "roles",
    [
        [MEMBERSHIP + "Learner"],
        [MEMBERSHIP + "Mentor"],
        [SUB + "Instructor#TeachingAssistant", MEMBERSHIP + "Instructor"],
        [],
    ],
)
def test_nobody_else_may_pick(bench: Bench, roles: list[str]) -> None:
    answer = deep_links.requested(bench, roles=roles)

    assert (answer.status_code, "permission_missing" in answer.text) == (403, True)
    assert answer.headers["Content-Security-Policy"].endswith(f"frame-ancestors {bench.issuer.iss}")


def test_a_request_that_makes_no_sense_is_a_page_of_its_platform_alone(bench: Bench) -> None:
    platforms.register(bench.storage, builders.registered("https://other.example"))
    answer = requested(bench, deep_link_return_url="https://evil.example/")

    assert (answer.status_code, "return_foreign" in answer.text, "evil" in answer.text) == (400, True, False)
    assert answer.headers["Content-Security-Policy"].endswith(f"frame-ancestors {bench.issuer.iss}")


def test_all_that_a_catalog_has_is_offered(bench: Bench) -> None:
    offered = deep_links.form(requested(bench)).offered

    assert {"path:cbec", ROLE, MODULE, CLASS} <= set(offered)
    assert len(offered) == len(set(offered)) >= 25


def test_nothing_is_chosen_for_the_instructor(bench: Bench) -> None:
    assert "item" not in dict(deep_links.form(requested(bench)).fields)


def test_to_go_on_with_nothing_says_what_to_do(bench: Bench) -> None:
    page = deep_links.press(bench, requested(bench), "step", "check")

    assert page.status_code == 200
    assert 'role="alert"' in page.text
    assert "Choose at least one thing." in page.text


def test_too_many_at_once_are_named_and_stay_chosen(bench: Bench) -> None:
    first = requested(bench)
    many = deep_links.form(first).offered[: picking.MOST + 1]
    page = deep_links.press(bench, first, "step", "check", *many)

    assert "At most 20 things" in page.text
    assert [text for name, text in deep_links.form(page).fields if name == "item"] == many


def test_the_most_that_may_be_chosen_goes_through(bench: Bench) -> None:
    first = requested(bench)
    many = deep_links.form(first).offered[: picking.MOST]

    assert len(deep_links.items(bench, deep_links.picked(bench, first, *many))) == picking.MOST


def test_an_item_that_nobody_offers_is_refused(bench: Bench) -> None:
    page = requested(bench)
    fields = {**dict(deep_links.form(page).fields), "item": "path:cbec:pirate", "step": "check"}
    answer = bench.client().post("/lti/picking", data=fields)

    assert (answer.status_code, "activity_unknown" in answer.text, "pirate" in answer.text) == (400, True, False)


def test_the_way_back_keeps_what_was_chosen_and_typed(bench: Bench) -> None:
    check = checking(bench, ROLE, MODULE)
    typed = {f"title:{ROLE}": "My title", f"text:{MODULE}": "About\nit", f"grade:{ROLE}": "yes"}
    back = deep_links.press(bench, check, "step", "choose", **typed)
    again = deep_links.press(bench, back, "step", "check", OTHER)

    assert [text for name, text in deep_links.form(again).fields if name == "item"] == [ROLE, OTHER, MODULE]
    assert value(again, f"title:{ROLE}") == "My title"
    assert value(again, f"text:{MODULE}") == "About\nit"
    assert value(again, f"grade:{ROLE}") == "yes"
    assert f"grade:{MODULE}" not in dict(deep_links.form(again).fields)


def test_another_catalog_keeps_what_was_chosen_from_the_first(bench: Bench) -> None:
    other = deep_links.press(bench, requested(bench), "catalog", "oulad", ROLE)
    back = deep_links.press(bench, other, "catalog", "cbec", "module:oulad:AAA")
    check = deep_links.press(bench, back, "step", "check", MODULE)

    assert "Open University modules" in other.text
    assert [text for name, text in deep_links.form(check).fields if name == "item"] == [
        ROLE,
        MODULE,
        "module:oulad:AAA",
    ]


def test_where_one_is_taken_another_catalog_begins_anew(bench: Bench) -> None:
    other = deep_links.press(bench, requested(bench, accept_multiple=False), "catalog", "oulad", ROLE)
    check = deep_links.press(bench, other, "step", "check", "path:oulad:BBB")

    assert [text for name, text in deep_links.form(check).fields if name == "item"] == ["path:oulad:BBB"]


def test_a_catalog_that_does_not_exist_is_the_usual_one(bench: Bench) -> None:
    fields = {**dict(deep_links.form(requested(bench)).fields), "catalog": "atlantis", "shown": "mu"}

    assert ROLE in deep_links.form(bench.client().post("/lti/picking", data=fields)).offered


def test_a_link_whose_course_uses_another_catalog_begins_there(bench: Bench) -> None:
    page = deep_links.requested(bench, custom={"catalog": "oulad"})

    assert "path:oulad:AAA" in deep_links.form(page).offered


def test_both_pages_change_their_language_and_keep_what_was_typed(bench: Bench) -> None:
    chinese = deep_links.press(bench, requested(bench), "language", "zh", ROLE, MODULE)
    check = deep_links.press(bench, chinese, "step", "check")
    english = deep_links.press(bench, check, "language", "en", **{f"title:{MODULE}": "我的标题"})

    assert '<html lang="zh-Hans">' in chinese.text
    assert "要在这门课程里添加什么？" in chinese.text
    assert value(check, f"title:{ROLE}") == "学习路径：跨境电商运营"
    assert value(english, f"title:{ROLE}") == "Learning path: Cross-border platform operations specialist"
    assert value(english, f"title:{MODULE}") == "我的标题"
    assert "This is what the course will have" in english.text


def test_the_answer_speaks_the_language_of_the_page(bench: Bench) -> None:
    chinese = deep_links.press(bench, requested(bench), "language", "zh", ROLE)
    page = deep_links.picked(bench, chinese)

    assert deep_links.body(bench, page)[deep_links.DL + "msg"] == "有一项内容将添加到你的课程。"
    assert deep_links.items(bench, page)[0]["title"] == "学习路径：跨境电商运营"


def test_title_and_text_are_what_the_instructor_typed(bench: Bench) -> None:
    typed = {f"title:{ROLE}": "  Week 3:\tcustoms ", f"text:{ROLE}": "Line one \nLine two\x00\n\n"}
    (item,) = deep_links.items(bench, deep_links.picked(bench, requested(bench), ROLE, **typed))

    assert (item["title"], item["text"]) == ("Week 3: customs", "Line one\nLine two")


def test_a_title_that_was_cleared_is_the_proposal(bench: Bench) -> None:
    (item,) = deep_links.items(bench, deep_links.picked(bench, requested(bench), MODULE, **{f"title:{MODULE}": "  "}))

    assert item["title"] == "Customs, classification & tax: learning path"


def test_what_is_typed_is_cut_to_what_fits(bench: Bench) -> None:
    typed = {f"title:{ROLE}": "t" * 5000, f"text:{ROLE}": "x" * 5000}
    (item,) = deep_links.items(bench, deep_links.picked(bench, requested(bench), ROLE, **typed))

    assert (len(item["title"]), len(item["text"])) == (200, 1000)


def test_markup_is_shown_as_text_and_sent_as_typed(bench: Bench) -> None:
    nasty = '"><script>alert(1)</script>{{7*7}}</textarea>'
    typed = {f"title:{ROLE}": nasty, f"text:{ROLE}": nasty}
    check = checking(bench, ROLE)
    again = deep_links.press(bench, check, "language", "zh", **typed)
    sent = deep_links.press(bench, again, "step", "add")

    assert "<script>" not in again.text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;{{7*7}}" in again.text
    assert deep_links.items(bench, sent)[0]["title"] == nasty


def test_title_and_text_of_the_request_are_taken_up_for_a_single_item(bench: Bench) -> None:
    asked = {"title": "Week 3", "text": "Read first"}
    alone = checking(bench, ROLE, **asked)
    several = checking(bench, ROLE, MODULE, **asked)

    assert (value(alone, f"title:{ROLE}"), value(alone, f"text:{ROLE}")) == ("Week 3", "Read first")
    assert value(several, f"title:{ROLE}").startswith("Learning path")
    assert value(several, f"text:{ROLE}") == ""


def test_a_grade_is_the_instructor_s_choice(bench: Bench) -> None:
    sent = deep_links.picked(bench, requested(bench), ROLE, MODULE, **{f"grade:{MODULE}": "yes"})
    path, module = deep_links.items(bench, sent)

    assert "lineItem" not in path
    assert module["lineItem"] == {
        "scoreMaximum": 100,
        "label": "Customs, classification & tax: learning path",
        "resourceId": "module:cbec:cus",
        "tag": "entrepot",
    }


def test_a_grade_that_was_cleared_stays_cleared(bench: Bench) -> None:
    graded = deep_links.press(bench, checking(bench, ROLE), "language", "zh", **{f"grade:{ROLE}": "yes"})
    cleared = deep_links.press(bench, graded, "language", "en", **{f"grade:{ROLE}": None})

    assert f"grade:{ROLE}" not in dict(deep_links.form(cleared).fields)
    assert "lineItem" not in deep_links.items(bench, deep_links.press(bench, cleared, "step", "add"))[0]


def test_the_class_page_has_no_grade(bench: Bench) -> None:
    assert "in the gradebook" not in checking(bench, CLASS).text


def test_where_the_platform_takes_no_line_item_none_is_offered_or_sent(bench: Bench) -> None:
    check = checking(bench, ROLE, accept_lineitem=False)
    forged = deep_links.press(bench, check, "step", "add", **{f"grade:{ROLE}": "yes"})

    assert "does not take grades" in check.text
    assert f'name="grade:{ROLE}"' not in check.text
    assert "lineItem" not in deep_links.items(bench, forged)[0]


def test_an_item_opens_where_the_instructor_says(bench: Bench) -> None:
    sent = deep_links.picked(bench, requested(bench), ROLE, **{f"place:{ROLE}": "window"})

    assert deep_links.items(bench, sent)[0]["window"] == {"targetName": "entrepot"}


@pytest.mark.parametrize(("targets", "member"), [(["window"], "window"), (["iframe"], "iframe"), (["embed"], None)])
def test_where_the_platform_shows_items_in_one_way_nothing_is_asked(
    bench: Bench, targets: list[str], member: str | None
) -> None:
    check = checking(bench, ROLE, accept_presentation_document_targets=targets)
    forged = deep_links.press(bench, check, "step", "add", **{f"place:{ROLE}": "popup"})
    (item,) = deep_links.items(bench, forged)

    assert f'name="place:{ROLE}"' not in check.text
    assert {"iframe", "window"} & item.keys() == ({member} if member else set())


@pytest.mark.parametrize(
    ("auto", "words"), [(True, "keeps it as soon as you send it"), (False, "may ask once more before it keeps it")]
)
def test_it_is_said_whether_the_course_asks_again(bench: Bench, auto: bool, words: str) -> None:
    assert words in checking(bench, ROLE, auto_create=auto).text


def test_every_chosen_thing_says_what_learners_will_see(bench: Bench) -> None:
    page = checking(bench, "path:cbec", ROLE, MODULE, CLASS).text

    assert page.count("Learners see: ") == 4
    assert "Learners see: three next steps towards the role “Cross-border platform operations specialist”" in page


@pytest.mark.parametrize(
    ("family", "asked"),
    [
        ("moodle", {"groups": "$Moodle.Person.userGroupIds", "context_history": "$Context.id.history"}),
        ("canvas", {"user": "$Canvas.user.globalId", "link_history": "$ResourceLink.id.history"}),
    ],
)
def test_a_link_asks_its_platform_for_what_the_family_offers(bench: Bench, family: str, asked: dict[str, str]) -> None:
    platforms.register(bench.storage, builders.registered(bench.issuer.iss, family=family))
    custom = deep_links.items(bench, deep_links.picked(bench, requested(bench), ROLE))[0]["custom"]

    assert custom.items() >= {**asked, "catalog": "cbec", "activity": "path", "role": "operations"}.items()


def test_tries_and_time_are_the_instructor_s_choice_and_travel_with_the_link(bench: Bench) -> None:
    case, exam, quick = "case:cbec:freight", "exam:cbec:flow", "exam:cbec:short"
    check = checking(bench, case, exam, quick)
    assert [value(check, name) for name in (f"tries:{case}", f"timed:{exam}", f"timed:{quick}")] == ["1", "yes", "no"]

    plain = deep_links.items(bench, deep_links.press(bench, check, "step", "add"))
    changed = {f"tries:{case}": "3", f"timed:{exam}": "no", f"timed:{quick}": "yes"}
    again = deep_links.press(bench, check, "language", "zh", **changed)
    chosen = deep_links.items(bench, deep_links.press(bench, again, "step", "add"))
    forged = {f"tries:{case}": "99", f"timed:{exam}": "often"}
    odd = deep_links.items(bench, deep_links.press(bench, check, "step", "add", **forged))

    def settings(items: list[dict[str, Any]]) -> list[tuple[str | None, str | None]]:
        return [(one["custom"].get("tries"), one["custom"].get("timed")) for one in items]

    assert settings(plain) == [(None, None), (None, "no"), (None, "yes")]
    assert settings(chosen) == [("3", None), (None, "yes"), (None, "no")]
    assert settings(odd) == settings(plain)


@pytest.mark.parametrize(("family", "closes"), [("spec", "$ResourceLink.submission.endDateTime"), ("moodle", None)])
def test_a_link_to_an_exam_asks_when_the_platform_closes_it(bench: Bench, family: str, closes: str | None) -> None:
    platforms.register(bench.storage, builders.registered(bench.issuer.iss, family=family))
    exam, path = (
        deep_links.items(bench, deep_links.picked(bench, requested(bench), key))[0]["custom"]
        for key in ("exam:cbec:flow", ROLE)
    )

    assert exam.get("closes") == closes
    assert "closes" not in path


def test_the_pages_run_no_script_and_the_last_one_ours_alone(bench: Bench) -> None:
    first = requested(bench)
    check = deep_links.press(bench, first, "step", "check", ROLE)
    last = deep_links.press(bench, check, "step", "add")

    for page in (first, check):
        policy = page.headers["Content-Security-Policy"]
        assert "script-src" not in policy
        assert "form-action 'self'; " in policy
    policy = last.headers["Content-Security-Policy"]
    assert "script-src 'self'; " in policy
    assert f"form-action 'self' {bench.issuer.iss}; " in policy
    assert policy.endswith(f"frame-ancestors {bench.issuer.iss}")
    assert re.findall(r"<script[^>]*>", last.text) == ['<script src="/lti/static/send.js" defer>']
    for page in (first, check, last):
        assert re.findall(r"<style|\sstyle=|\son\w+=|javascript:", page.text) == []


def test_the_last_page_works_without_its_script(bench: Bench) -> None:
    last = deep_links.picked(bench, requested(bench), ROLE)

    assert re.search(r'<button class="btn primary">Continue</button></form>', last.text)


@pytest.mark.parametrize("step", ["choose", "check"])
def test_the_enter_key_goes_on_rather_than_back(bench: Bench, step: str) -> None:
    """A browser presses the first button of a form in the order of the page."""
    page = requested(bench) if step == "choose" else checking(bench, ROLE)

    assert deep_links.form(page).buttons[0] == ("step", {"choose": "enter", "check": "add"}[step])
    assert page.text.count("btn primary") == 1


# Search


def sought(bench: Bench, page: TestResponse, find: str, *items: str, **changes: str) -> TestResponse:
    return deep_links.press(bench, page, "step", "find", *items, find=find, **changes)


def test_the_enter_key_searches_where_something_new_was_typed_and_goes_on_where_nothing_was(bench: Bench) -> None:
    found = deep_links.press(bench, requested(bench), "step", "enter", ROLE, find="import duty")
    assert "Choose at least one thing." not in found.text
    assert "quiz:cbec:cus.duty" in deep_links.form(found).offered
    check = deep_links.press(bench, found, "step", "enter")
    assert "This is what the course will have" in check.text


def test_a_few_of_a_long_list_are_shown_at_first_and_all_of_a_kind_on_request(bench: Bench) -> None:
    page = requested(bench)
    few = [key for key in deep_links.form(page).offered if key.startswith("lesson:")]
    assert len(few) == offering.FEW
    assert "Show all 143" in unescape(page.text)

    every = deep_links.press(bench, page, "only", "lesson", ROLE)
    listed = deep_links.form(every).offered
    assert sum(key.startswith("lesson:") for key in listed) == 143
    assert {key.partition(":")[0] for key in listed} == {"lesson", "path"}
    assert "143 things found" in every.text
    back = deep_links.press(bench, every, "step", "all")
    assert len(deep_links.form(back).offered) == len(deep_links.form(page).offered)


@pytest.mark.parametrize(
    ("find", "key"),
    [
        ("IMPORT duty", "lesson:cbec:cus.duty"),
        ("进口关税计算", "quiz:cbec:cus.duty"),
        ("ｃｕｓ．ｄｕｔｙ", "quiz:cbec:cus.duty"),
        ("parcel eu", "case:cbec:eu_import"),
        ("customs tax operations", "course:cbec:operations.border"),
        ("宠物", ""),
        ("zzzz", ""),
    ],
)
def test_a_search_finds_by_words_of_either_language_by_ids_and_by_areas(bench: Bench, find: str, key: str) -> None:
    found = sought(bench, requested(bench), find)

    if key:
        assert key in deep_links.form(found).offered
        assert re.search(r"<title>(?:One thing|\d+ things) found", found.text), "the count is announced with the page"
    else:
        assert "Nothing fits." in found.text
        assert deep_links.form(found).offered == []


def test_what_is_chosen_stays_chosen_across_searches_and_can_be_let_go(bench: Bench) -> None:
    first = sought(bench, requested(bench), "import duty")
    second = sought(bench, first, "选品", "quiz:cbec:cus.duty")
    third = deep_links.press(bench, second, "step", "find", find="", kind="exam", area="")

    assert "One thing chosen" in third.text
    assert deep_links.form(third).offered[0] == "quiz:cbec:cus.duty"
    check = deep_links.press(bench, third, "step", "check", "exam:cbec:short", kind="exam")  # as a browser sends it
    assert [text for name, text in deep_links.form(check).fields if name == "item"] == [
        "quiz:cbec:cus.duty",
        "exam:cbec:short",
    ]
    back = deep_links.press(bench, check, "step", "choose")
    assert '<option value="exam" selected' in back.text
    gone = deep_links.press(bench, back, "step", "find", find="", item=None)
    assert 'id="chosen"' not in gone.text


def test_an_area_keeps_what_trains_its_skills(bench: Bench) -> None:
    found = deep_links.press(bench, requested(bench), "step", "find", area="cus")
    kinds = {key.partition(":")[0] for key in deep_links.form(found).offered}

    assert {"module", "course", "lesson", "quiz", "case"} <= kinds
    assert not {"path", "class", "consortium", "week"} & kinds
    assert "lesson:cbec:svc.tickets" not in deep_links.form(found).offered


def test_where_one_thing_is_taken_a_search_keeps_that_one(bench: Bench) -> None:
    page = requested(bench, accept_multiple=False)
    found = sought(bench, page, "duty", ROLE)

    assert found.text.count('type="radio"') > 1
    assert ("item", ROLE) in deep_links.form(found).fields


def test_nonsense_filters_filter_nothing(bench: Bench) -> None:
    page = deep_links.press(bench, requested(bench), "step", "find", kind="poem", area="moon")

    assert {ROLE, CLASS} <= set(deep_links.form(page).offered)


def test_the_session_key_of_the_return_url_is_kept_nowhere(
    bench: Bench, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    first = requested(bench, data="canary-data")
    check = deep_links.press(bench, first, "step", "check", ROLE)
    last = deep_links.press(bench, check, "step", "add")
    bench.client().post("/lti/picking", data={**dict(deep_links.form(check).fields), "bearer": "forged"})

    assert SESSKEY in last.text
    for page in (first, check):
        assert SESSKEY not in page.text
        assert "canary-data" not in page.text
    stored = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    for canary in (SESSKEY, "canary-data", "contentitem_return"):
        assert canary not in caplog.text
        assert canary.encode() not in stored


def test_a_page_of_one_person_cannot_be_sent_by_another(bench: Bench) -> None:
    mine = dict(deep_links.form(requested(bench)).fields)
    other = deep_links.requested(bench, sub="somebody-else")
    mixed = {**mine, "bearer": dict(deep_links.form(other).fields)["bearer"], "step": "cancel"}
    answer = bench.client().post("/lti/picking", data=mixed)

    assert (answer.status_code, "page_not_ours" in answer.text) == (403, True)


def test_a_page_of_one_course_cannot_be_sent_from_another(bench: Bench) -> None:
    mine = dict(deep_links.form(requested(bench)).fields)
    other = deep_links.requested(bench, context={"id": "course-2"})
    mixed = {**mine, "bearer": dict(deep_links.form(other).fields)["bearer"], "step": "cancel"}

    assert bench.client().post("/lti/picking", data=mixed).status_code == 403


def test_the_bearer_of_a_learner_picks_nothing(bench: Bench) -> None:
    learner = builders.launched(bench)
    bearer = re.search(r'name="bearer" value="([^"]+)"', learner.text)
    assert bearer
    mine = {**dict(deep_links.form(requested(bench)).fields), "bearer": unescape(bearer[1]), "step": "cancel"}
    answer = bench.client().post("/lti/picking", data=mine)

    assert (answer.status_code, "permission_missing" in answer.text) == (403, True)


def test_a_page_that_is_an_hour_old_is_refused(bench: Bench) -> None:
    page = requested(bench)
    bench.clock.offset = 3700

    assert bench.client().post("/lti/picking", data=dict(deep_links.form(page).fields)).status_code == 403


def test_pages_turned_for_long_do_not_lengthen_the_request(bench: Bench) -> None:
    page = requested(bench)
    bench.clock.offset = 3000
    later = deep_links.press(bench, page, "language", "zh")
    bench.clock.offset = 3700

    answer = bench.client().post("/lti/picking", data=dict(deep_links.form(later).fields))
    assert (answer.status_code, "page_expired" in answer.text) == (403, True)


def test_a_request_without_a_course_can_be_answered(bench: Bench) -> None:
    page = deep_links.requested(bench, context=REMOVE)

    assert len(deep_links.items(bench, deep_links.picked(bench, page, ROLE))) == 1
