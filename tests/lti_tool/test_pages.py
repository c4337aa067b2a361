from __future__ import annotations

import re
import time
from html import unescape
from pathlib import Path

import pytest

from entrepot.sandbox import tokens
from lti_tool import goals, keys, platforms
from lti_tool.settings import GOALS, PLATFORMS
from recommender import verbs
from storage import errors as storage_errors
from storage.collection import Collection
from tests.lti_tool import builders
from tests.lti_tool.builders import INSTRUCTOR, Bench, TestResponse


def bearer(page: TestResponse) -> str:
    found = re.search(r'name="bearer" value="([^"]+)"', page.text)
    assert found
    return unescape(found[1])


def post(bench: Bench, page: TestResponse, **fields: str) -> TestResponse:
    """A form of a page, from a browser that kept no cookie."""
    return bench.client().post("/lti/page", data={"bearer": bearer(page), **fields})


def newcomer(bench: Bench) -> TestResponse:
    return builders.launched(bench, sub="newcomer", custom={"catalog": "cbec"})


def test_a_page_may_be_framed_by_the_platform_of_its_launch_alone(bench: Bench) -> None:
    platforms.register(bench.storage, builders.registered("https://other.example"))
    policy = builders.launched(bench).headers["Content-Security-Policy"]

    assert policy.endswith(f"frame-ancestors {bench.issuer.iss}")


def test_a_page_allows_no_script_and_nothing_of_another_host(bench: Bench) -> None:
    policy = builders.launched(bench).headers["Content-Security-Policy"]

    assert "default-src 'none'" in policy
    assert "script-src" not in policy
    assert "unsafe" not in policy
    assert "*" not in policy


@pytest.mark.parametrize(
    ("header", "value"),
    [("X-Content-Type-Options", "nosniff"), ("Referrer-Policy", "no-referrer"), ("Cache-Control", "no-store")],
)
def test_every_page_carries_its_headers(bench: Bench, header: str, value: str) -> None:
    assert builders.launched(bench).headers[header] == value
    assert bench.client().get("/nowhere").headers[header] == value


@pytest.mark.parametrize("make", [builders.launched, newcomer])
def test_a_page_has_no_inline_style_or_script(bench: Bench, make: object) -> None:
    assert callable(make)
    page = make(bench).text

    assert re.findall(r"<script|<style|\sstyle=|\son\w+=|javascript:|https?://(?!www\.w3\.org)", page) == []


def test_what_people_typed_is_shown_as_text(bench: Bench) -> None:
    title = "<script>alert(1)</script>{{7*7}}"

    page = builders.launched(bench, context={"id": "c", "title": title}).text

    assert "<script>" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;{{7*7}}" in page


@pytest.mark.parametrize(
    ("locale", "accept", "lang"),
    [("zh-CN", "en", "zh-Hans"), ("en-GB", "zh", "en"), (None, "zh-CN,zh;q=0.9", "zh-Hans"), (None, "fr", "en")],
)
def test_the_launch_s_language_wins_over_the_browser_s(
    bench: Bench, locale: str | None, accept: str, lang: str
) -> None:
    browser = bench.client()
    begun = builders.begin(browser, bench.issuer.iss)
    claims = builders.claims(bench.issuer.iss, begun.nonce)
    if locale:
        claims[builders.LTI + "launch_presentation"] = {"locale": locale}
    token = tokens.sign(bench.issuer.signer, claims)
    form = {"state": begun.state, "id_token": token}

    page = browser.post("/lti/launch", data=form, headers={"Accept-Language": accept}).text

    assert f'<html lang="{lang}">' in page


def test_the_language_changes_on_the_page_without_a_cookie(bench: Bench) -> None:
    page = post(bench, builders.launched(bench), language="zh")

    assert '<html lang="zh-Hans">' in page.text
    assert '<html lang="en">' in post(bench, page, language="en").text


def test_a_change_of_language_recommends_nothing_anew_to_the_record_store(bench: Bench) -> None:
    page = builders.launched(bench)
    _sent(bench, 4)
    post(bench, page, language="zh")

    assert len(_sent(bench, 4)) == 4


def test_a_newcomer_chooses_a_role_and_it_is_kept(bench: Bench) -> None:
    first = newcomer(bench)
    chosen = post(bench, first, role="operations")

    again = newcomer(bench).text

    assert "What would you like to become?" in first.text
    assert "Three good next steps" in chosen.text
    assert "Three good next steps" in again


def test_a_chosen_role_is_kept_by_pseudonym_and_not_by_name(bench: Bench) -> None:
    post(bench, newcomer(bench), role="operations")

    (kept,) = bench.storage.find(GOALS, {}, limit=10)
    assert kept["role"] == "operations"
    assert "newcomer" not in str(kept)


def test_a_role_chosen_in_one_course_is_not_the_goal_of_another(bench: Bench) -> None:
    post(bench, newcomer(bench), role="operations")

    other = builders.launched(bench, sub="newcomer", custom={"catalog": "cbec"}, context={"id": "course-2"})

    assert "What would you like to become?" in other.text


def test_choosing_again_changes_the_goal(bench: Bench) -> None:
    page = newcomer(bench)
    post(bench, page, role="operations")
    post(bench, page, role="marketing")

    assert [kept["role"] for kept in bench.storage.find(GOALS, {}, limit=10)] == ["marketing"]


def test_of_two_choices_at_once_the_later_wins(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = bench.storage.get
    rival = {"learner": "p", "context": "c", "role": "marketing", "chosen": 0}

    def overtaken(collection: Collection, key: tuple[str, ...]) -> dict[str, object] | None:
        """Read, and let somebody else write before the reader does."""
        monkeypatch.undo()
        before = seen(collection, key)
        bench.storage.replace(GOALS, rival, expected=before)
        return before

    monkeypatch.setattr(bench.storage, "get", overtaken)
    goals.choose(bench.storage, "p", "c", "operations", 1.0)

    assert goals.chosen(bench.storage, "p", "c") == "operations"


@pytest.mark.parametrize("role", ["nobody", "../operations", "AAA"])
def test_a_role_that_does_not_exist_is_refused(bench: Bench, role: str) -> None:
    assert post(bench, newcomer(bench), role=role).status_code == 400


def test_a_role_that_the_link_sets_cannot_be_changed_from_the_page(bench: Bench) -> None:
    assert post(bench, builders.launched(bench), role="BBB").status_code == 400


def test_a_chosen_role_that_the_catalog_lost_is_asked_for_again(bench: Bench) -> None:
    post(bench, newcomer(bench), role="operations")
    (kept,) = bench.storage.find(GOALS, {}, limit=10)
    bench.storage.replace(GOALS, {**kept, "role": "gone"}, expected=kept)

    assert "What would you like to become?" in newcomer(bench).text


def test_a_page_without_its_bearer_is_refused(bench: Bench) -> None:
    answer = bench.client().post("/lti/page", data={"role": "operations"})

    assert (answer.status_code, "page_not_ours" in answer.text) == (403, True)


def test_a_page_that_is_an_hour_old_is_refused(bench: Bench) -> None:
    page = builders.launched(bench)
    bench.clock.offset = 3700

    assert post(bench, page, language="zh").status_code == 403


def test_a_page_of_a_platform_that_was_removed_is_refused(bench: Bench) -> None:
    page = builders.launched(bench)
    bench.storage.delete(PLATFORMS, (bench.issuer.iss, "client-a"))

    assert post(bench, page, language="zh").status_code == 400


def test_an_instructor_is_not_recorded(bench: Bench) -> None:
    builders.launched(bench, roles=[INSTRUCTOR])

    assert bench.app.extensions["lti_tool"].emitter.thread is None


def test_a_launch_whose_page_is_refused_is_not_told_and_shown_to_its_platform_alone(bench: Bench) -> None:
    platforms.register(bench.storage, builders.registered("https://other.example"))
    answer = builders.launched(bench, custom={"catalog": "atlantis"})

    assert answer.headers["Content-Security-Policy"].endswith(f"frame-ancestors {bench.issuer.iss}")
    assert bench.app.extensions["lti_tool"].emitter.thread is None


def test_a_learner_s_launch_is_told_with_the_learner_as_actor(bench: Bench) -> None:
    builders.launched(bench)

    sent = _sent(bench, 4)
    actor = {"objectType": "Agent", "account": {"homePage": bench.issuer.iss, "name": "11391"}}
    assert [one["verb"]["id"] for one in sent] == [verbs.LAUNCHED] + [verbs.RECOMMENDED] * 3
    assert [one["actor"] for one in sent] == [actor] * 4


def test_the_tool_publishes_its_key(bench: Bench, tool_key: keys.ToolKey) -> None:
    assert bench.client().get("/lti/jwks").get_json() == {"keys": [tool_key.jwk]}


def test_the_tool_says_that_it_is_well(bench: Bench) -> None:
    assert bench.client().get("/health").get_json() == {"status": "ok"}


def test_the_stylesheet_asks_for_nothing_elsewhere(bench: Bench) -> None:
    with bench.client().get("/lti/static/entrepot.css") as answer:
        assert answer.status_code == 200
        assert re.findall(r"@import|url\(|https?:", answer.text) == []


@pytest.mark.parametrize(("method", "path", "status"), [("GET", "/lti/launch", 405), ("GET", "/nothing", 404)])
def test_an_address_that_cannot_be_opened_is_a_page_too(bench: Bench, method: str, path: str, status: int) -> None:
    answer = bench.client().open(path, method=method)

    assert answer.status_code == status
    assert re.search(r"[2-9A-Z]{3}-[2-9A-Z]{3}", answer.text)


def test_an_error_of_http_without_words_of_ours_keeps_its_own(bench: Bench) -> None:
    answer = bench.client().get("/lti/static/entrepot.css", headers={"Range": "bytes=9999999-"})

    assert answer.status_code == 416


def test_a_store_that_fails_is_a_page_with_a_reference(bench: Bench) -> None:
    def away() -> None:
        raise storage_errors.UnavailableError("the store is away")

    bench.app.before_request_funcs.setdefault(None, []).append(away)
    answer = bench.client().get("/health")

    assert answer.status_code == 503
    assert "store_unavailable" in answer.text


def test_over_https_the_cookie_works_in_a_frame_of_another_site(
    tmp_path: Path, issuer: builders.Issuer, tool_key: keys.ToolKey
) -> None:
    with builders.bench(tmp_path, issuer, tool_key, "https://tool.example/entrepot") as secure:
        answer = builders.login(secure.client(), issuer.iss, "https://tool.example/entrepot")

    cookie = answer.headers["Set-Cookie"]
    assert "Path=/entrepot/lti/launch" in cookie
    for attribute in ("Secure", "HttpOnly", "SameSite=None", "Partitioned"):
        assert attribute in cookie


def _sent(bench: Bench, count: int) -> list[dict[str, object]]:
    """What the LRS got, once everything that waits is sent."""
    until = time.monotonic() + 5
    while len(bench.sent) < count and time.monotonic() < until:
        time.sleep(0.005)
    return bench.sent
