"""Reviewers from outside over HTTP: what an address opens, and every way in that must stay shut."""

from __future__ import annotations

import re
from html import unescape
from urllib.parse import urlsplit

import pytest
from werkzeug.test import TestResponse

from lti_tool import outside, platforms
from lti_tool.works import HANDINS, OUTSIDE, PROJECT_LOG, VERDICTS
from tests.lti_tool import builders
from tests.lti_tool.builders import Bench
from tests.lti_tool.working import SHELF, came, hand, judged, keys, png, post, some, teaches


def address(bench: Bench, label: str = "Shelf & Sons", project: str = "operations.shelf", **changes: object) -> str:
    """A new address, as a path."""
    page = post(bench, "class/works/set", teaches(bench, **changes), let="1", label=label, days="7", project=project)
    found = re.search(r'readonly value="([^"]+)"', page.text)
    assert found, page.text
    return urlsplit(unescape(found[1])).path


def listed(page: TestResponse) -> list[str]:
    """The works that the page leads to, as paths."""
    return re.findall(r'<a class="btn" href="([^"?]+)\?', page.text)


def get(bench: Bench, path: str) -> TestResponse:
    return bench.client().get(path)


def test_only_works_of_learners_who_said_yes_are_shown_and_without_names(bench: Bench) -> None:
    hand(bench, came(bench, "ada"), text="the work of yes", outside="1", part="Ada did it all.")
    hand(bench, came(bench, "bo"), text="the work of no")
    path = address(bench)
    page = get(bench, path)
    (work,) = listed(page)
    shown = get(bench, work)

    assert "Thank you for your time, Shelf &amp; Sons." in page.text
    assert "the work of yes" in shown.text
    assert "Ada" not in shown.text
    for kept in bench.storage.find(HANDINS, {}, limit=9):
        assert kept["key"] not in page.text + shown.text
        assert kept["learner"][:6] not in page.text + shown.text


def test_pages_are_kept_by_nobody_framed_by_nobody_and_say_nothing_to_others(bench: Bench) -> None:
    hand(bench, came(bench, "ada"), png(), outside="1")
    path = address(bench)
    (work,) = listed(get(bench, path))
    for one in (path, work, f"{work}/file"):
        answer = get(bench, one)

        assert answer.status_code == 200
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "Set-Cookie" not in answer.headers
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in get(bench, path).headers["Content-Security-Policy"]
    assert get(bench, path).headers["X-Robots-Tag"].startswith("noindex")
    assert get(bench, f"{work}/file?picture=1").headers["Content-Disposition"].startswith("inline")
    assert get(bench, f"{work}/file").headers["Content-Disposition"].startswith("attachment")


def test_what_is_judged_is_told_to_the_learner_by_the_label_and_can_be_changed(bench: Bench) -> None:
    hand(bench, came(bench, "ada"), outside="1")
    path = address(bench)
    (work,) = listed(get(bench, path))
    bench.client().post(work, data=judged("1111"))
    kept = bench.client().post(work, data={**judged("2222", "Our buyers ask for more."), "comment": "Come and see us."})
    page = came(bench, "ada")

    assert "Kept." in kept.text
    assert "judged on" in get(bench, path).text
    assert "Shelf &amp; Sons" in page.text
    assert "8 of 16" in page.text
    assert "Our buyers ask for more." in page.text
    assert "Come and see us." in page.text
    assert (
        "From outside: level 2."
        in post(bench, "class/work", teaches(bench), work=bench.storage.find(HANDINS, {}, limit=1)[0]["key"]).text
    )
    assert len(bench.storage.find(VERDICTS, {}, limit=9)) == 1


def test_without_a_sentence_nothing_is_kept_and_what_was_written_stays(bench: Bench) -> None:
    hand(bench, came(bench, "ada"), outside="1")
    (work,) = listed(get(bench, address(bench)))
    page = bench.client().post(work, data={**judged("333", ""), "comment": "half"})

    assert page.text.count("Write a sentence.") == 4
    assert ">half</textarea>" in page.text
    assert bench.storage.find(VERDICTS, {}, limit=9) == []


def test_two_addresses_call_a_work_differently_and_neither_opens_the_other_s(bench: Bench) -> None:
    hand(bench, came(bench, "ada"), outside="1")
    one, other = address(bench), address(bench, "Lamp Ltd")
    (work,) = listed(get(bench, one))
    (same,) = listed(get(bench, other))

    assert work.rpartition("/")[2] != same.rpartition("/")[2]
    assert get(bench, f"{other}/{work.rpartition('/')[2]}").status_code == 404
    bench.client().post(work, data=judged("4444"))
    assert "not judged yet" in get(bench, other).text


def test_the_work_of_another_project_or_course_is_not_found(bench: Bench) -> None:
    launch = {**SHELF, "project": "operations.launch"}
    hand(bench, came(bench, "ada", custom=launch), outside="1")
    hand(bench, came(bench, "bo", context={"id": "course-2"}), outside="1")
    shelf, other = address(bench), address(bench, project="operations.launch")
    there = address(bench, context={"id": "course-2"})
    (of_launch,), (of_there,) = listed(get(bench, other)), listed(get(bench, there))

    assert listed(get(bench, shelf)) == []
    assert "No learner shows a work at this moment." in get(bench, shelf).text
    for foreign in (of_launch, of_there):
        for path in (f"{shelf}/{foreign.rpartition('/')[2]}", f"{shelf}/{foreign.rpartition('/')[2]}/file"):
            assert get(bench, path).status_code == 404
    keyed = bench.storage.find(HANDINS, {}, limit=9)[0]["key"]
    assert get(bench, f"{shelf}/{keyed}").status_code == 404


def test_who_says_no_since_or_withdraws_is_shown_no_more(bench: Bench) -> None:
    mine = hand(bench, came(bench, "ada"), png(), outside="1")
    theirs = hand(bench, came(bench, "bo"), outside="1")
    path = address(bench)
    works = listed(get(bench, path))
    post(bench, "project", mine, act="outside", outside="0")
    post(bench, "project", theirs, act="withdraw")

    assert listed(get(bench, path)) == []
    for work in works:
        assert get(bench, work).status_code == 404
        assert get(bench, f"{work}/file").status_code == 404
        assert bench.client().post(work, data=judged("3333")).status_code == 404
    again = post(bench, "project", mine, act="outside", outside="1")
    assert "Reviewers from outside may see this work from now on" in again.text
    assert len(listed(get(bench, path))) == 1


def test_what_was_said_stays_with_the_learner_who_says_no_since(bench: Bench) -> None:
    mine = hand(bench, came(bench, "ada"), outside="1")
    (work,) = listed(get(bench, address(bench)))
    bench.client().post(work, data=judged("3333"))
    post(bench, "project", mine, act="outside", outside="0")

    assert "Shelf &amp; Sons" in came(bench, "ada").text


def refused(bench: Bench, path: str, work: str) -> bool:
    """Whether an address opens nothing, in any way, and always in the same words."""
    answers = [
        get(bench, path),
        get(bench, work),
        get(bench, f"{work}/file"),
        bench.client().post(work, data=judged("3333")),
    ]
    return {(one.status_code, "not_found" in one.text) for one in answers} == {(404, True)}


def test_a_revoked_address_is_dead_at_once_and_the_log_says_who_did_it(bench: Bench) -> None:
    hand(bench, came(bench, "ada"), outside="1")
    path = address(bench)
    (work,) = listed(get(bench, path))
    page = post(bench, "class/works", teaches(bench))
    gone = post(bench, "class/works/set", page, revoke=keys(page, "revoke")[0], project="operations.shelf")

    assert "Revoked." in gone.text
    assert refused(bench, path, work)
    assert (
        "It was not there any more."
        in post(bench, "class/works/set", page, revoke=keys(page, "revoke")[0], project="operations.shelf").text
    )
    assert [one["act"] for one in bench.storage.find(PROJECT_LOG, {}, limit=9)] == ["let_in", "revoked"]


def test_an_address_ends_by_itself(bench: Bench) -> None:
    hand(bench, came(bench, "ada"), outside="1")
    path = address(bench)
    (work,) = listed(get(bench, path))
    bench.clock.offset += 7 * 86_400 - 60
    assert get(bench, path).status_code == 200
    bench.clock.offset += 61

    assert refused(bench, path, work)


def test_a_changed_address_is_refused_before_the_store_is_asked(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    hand(bench, came(bench, "ada"), outside="1")
    path = address(bench)
    (work,) = listed(get(bench, path))
    text = path.rpartition("/")[2]
    asked: list[object] = []
    monkeypatch.setattr(type(bench.storage), "get", lambda *given: asked.append(given))
    for one in range(0, len(text), 5):
        changed = text[:one] + ("A" if text[one] != "A" else "B") + text[one + 1 :]
        answer = outside.find(bench.storage, bench.keyring, changed, bench.clock())

        assert answer is None
    for wrong in ("", ".", "x", "x.y", text[:-1], text + "A", text.replace(".", ""), "é.é", text.upper()):
        assert outside.find(bench.storage, bench.keyring, wrong, bench.clock()) is None
    assert asked == []
    monkeypatch.undo()
    assert refused(bench, f"/lti/outside/{text[:-1]}", work.replace(text, text[:-1]))


def test_an_address_that_was_signed_here_and_never_made_opens_nothing(bench: Bench) -> None:
    hand(bench, came(bench, "ada"), outside="1")
    path = address(bench)
    (kept,) = bench.storage.find(OUTSIDE, {}, limit=9)
    bench.storage.delete(OUTSIDE, (kept["id"],))

    assert get(bench, path).status_code == 404


def test_the_store_holds_neither_the_address_nor_the_label(bench: Bench) -> None:
    path = address(bench)
    kept = str(bench.storage.find(OUTSIDE, {}, limit=9))
    secret, _, signature = path.rpartition("/")[2].rpartition(".")

    assert secret not in kept
    assert signature not in kept
    assert "Shelf" not in kept


def test_an_address_of_a_platform_that_waits_or_is_gone_opens_nothing(bench: Bench) -> None:
    hand(bench, came(bench, "ada"), outside="1")
    path = address(bench)
    platforms.register(bench.storage, builders.registered(bench.issuer.iss, state="pending"))

    assert get(bench, path).status_code == 404


def test_an_address_opens_nothing_else_of_the_tool(bench: Bench) -> None:
    hand(bench, came(bench, "ada"), outside="1")
    text = address(bench).rpartition("/")[2]
    for rule in bench.app.url_map.iter_rules():
        if rule.endpoint.startswith(
            ("inspecting.", "partnering.", "static", "launching.", "publishing.", "registering.", "eventing.feed")
        ):
            continue
        with bench.app.test_request_context():
            path = bench.app.url_map.bind("127.0.0.1").build(
                rule.endpoint, dict.fromkeys(rule.arguments, text), method="POST"
            )
        answer = bench.client().post(urlsplit(path).path, data={"bearer": text, "text": text})

        assert answer.status_code == 403, rule


def test_an_address_that_is_asked_too_often_waits_a_minute_and_others_do_not(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outside, "EACH_MINUTE", 5)
    path, other = address(bench), address(bench)
    answers = [get(bench, path).status_code for _ in range(7)]

    assert answers == [200] * 5 + [429] * 2
    assert get(bench, other).status_code == 200
    bench.clock.offset += 61
    assert get(bench, path).status_code == 200


@pytest.mark.parametrize(
    "fields", some({"label": "X", "days": "1000"}, {"label": "", "days": "7"}, {"label": "X" * 81, "days": "7"})
)
def test_an_address_needs_a_label_and_an_end(bench: Bench, fields: dict[str, str]) -> None:
    page = post(bench, "class/works/set", teaches(bench), let="1", project="operations.shelf", **fields)

    assert "Nothing was made" in page.text
    assert bench.storage.find(OUTSIDE, {}, limit=9) == []


def test_there_are_not_ever_more_addresses(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outside, "MOST", 1)
    address(bench)

    assert (
        "There are 1 addresses already."
        in post(bench, "class/works/set", teaches(bench), let="1", label="X", days="7", project="operations.shelf").text
    )


def test_an_address_that_ended_long_ago_is_removed(bench: Bench) -> None:
    address(bench)
    bench.clock.offset += 8 * 86_400
    assert "over since" in post(bench, "class/works", teaches(bench), project="operations.shelf").text
    bench.clock.offset += 366 * 86_400
    post(bench, "class/works", teaches(bench), project="operations.shelf")

    assert bench.storage.find(OUTSIDE, {}, limit=9) == []


def test_a_learner_makes_no_address_and_revokes_none(bench: Bench) -> None:
    page = came(bench, "ada")
    (kept,) = [address(bench)]
    (record,) = bench.storage.find(OUTSIDE, {}, limit=9)

    for fields in ({"let": "1", "label": "X", "days": "7"}, {"revoke": record["id"]}):
        assert post(bench, "class/works/set", page, **fields).status_code == 403
    assert get(bench, kept).status_code == 200


def test_an_address_of_another_course_is_not_revoked_from_here(bench: Bench) -> None:
    path = address(bench, context={"id": "course-2"})
    (record,) = bench.storage.find(OUTSIDE, {}, limit=9)
    post(bench, "class/works/set", teaches(bench), revoke=record["id"], project="operations.shelf")

    assert get(bench, path).status_code == 200


def test_in_chinese_too(bench: Bench) -> None:
    hand(bench, came(bench, "ada"), outside="1")
    path = address(bench)
    page = get(bench, f"{path}?language=zh")

    assert '<html lang="zh-Hans">' in page.text
    assert "language=zh" in page.text
