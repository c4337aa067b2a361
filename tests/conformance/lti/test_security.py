"""What goes on around a token: once, in one browser, from one platform, quietly. Tokens have a table of their own."""

from __future__ import annotations

import logging
import socket
import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from entrepot.sandbox import tokens
from lti_tool import keys, platforms
from lti_tool.settings import PLATFORMS
from tests.lti_tool import builders
from tests.lti_tool.builders import LTI, TOOL, Bench
from tests.storage import mongo_server

CANARY = "Canary-Name-9d2f"


@pytest.fixture
def other() -> Iterator[builders.Issuer]:
    """A second platform, with a key of its own."""
    with builders.platform(tokens.new_signer("other-1")) as running:
        yield running


def code(bench: Bench, answer: builders.TestResponse) -> str:
    """The reason that a refusal's page gives to the administrator."""
    assert 400 <= answer.status_code < 500, answer.status_code
    found = answer.text.partition('<span class="hash">')[2].partition("<")[0]
    assert found
    return found


def refused(bench: Bench, **changes: Any) -> str:
    return code(bench, builders.launched(bench, **changes))


def post(bench: Bench, sign: Any) -> str:
    """Log in, let `sign(nonce)` make the token, launch; the reason of the refusal."""
    browser = bench.client()
    begun = builders.begin(browser, bench.issuer.iss)
    return code(bench, builders.launch(browser, begun.state, sign(begun.nonce)))


def valid(bench: Bench, nonce: str, **changes: Any) -> str:
    return tokens.sign(bench.issuer.signer, builders.claims(bench.issuer.iss, nonce, bench.clock(), **changes))


class TestOnce:
    def test_the_same_launch_twice_is_refused_the_second_time(self, bench: Bench) -> None:
        browser = bench.client()
        begun = builders.begin(browser, bench.issuer.iss)
        token = valid(bench, begun.nonce)

        first = builders.launch(browser, begun.state, token)
        second = builders.launch(browser, begun.state, token)

        assert first.status_code == 200
        assert code(bench, second) == "state_unknown"

    def test_a_used_nonce_in_a_new_login_is_refused(self, bench: Bench) -> None:
        browser = bench.client()
        first = builders.begin(browser, bench.issuer.iss)
        assert builders.launch(browser, first.state, valid(bench, first.nonce)).status_code == 200
        second = builders.begin(browser, bench.issuer.iss)

        assert code(bench, builders.launch(browser, second.state, valid(bench, first.nonce))) == "nonce_mismatch"

    def test_the_state_of_one_login_with_the_nonce_of_another_is_refused(self, bench: Bench) -> None:
        browser = bench.client()
        one, two = (builders.begin(browser, bench.issuer.iss) for _ in range(2))

        assert code(bench, builders.launch(browser, one.state, valid(bench, two.nonce))) == "nonce_mismatch"

    def test_two_tabs_at_once_both_succeed(self, bench: Bench) -> None:
        browser = bench.client()
        begun = [builders.begin(browser, bench.issuer.iss) for _ in range(2)]

        answers = [builders.launch(browser, one.state, valid(bench, one.nonce)) for one in begun]

        assert [answer.status_code for answer in answers] == [200, 200]

    def test_a_login_that_is_five_minutes_old_is_refused(self, bench: Bench) -> None:
        browser = bench.client()
        begun = builders.begin(browser, bench.issuer.iss)
        bench.clock.offset = 300

        assert code(bench, builders.launch(browser, begun.state, valid(bench, begun.nonce))) == "state_expired"


class TestBothStores:
    """What must happen once, on SQLite and on a MongoDB server."""

    @pytest.fixture(params=["sqlite", *mongo_server.SERVERS])
    def either(
        self, request: pytest.FixtureRequest, tmp_path: Path, issuer: builders.Issuer, tool_key: keys.ToolKey
    ) -> Iterator[Bench]:
        store = None
        if request.param != "sqlite":
            store = mongo_server.url(request.param, f"launch_{uuid.uuid4().hex}")
        with builders.bench(tmp_path, issuer, tool_key, store=store) as running:
            yield running

    def test_of_fifty_replays_at_once_one_succeeds(self, either: Bench) -> None:
        browser = either.client()
        begun = builders.begin(browser, either.issuer.iss)
        cookie = {one.key: one.value for one in browser._cookies.values()}
        token = valid(either, begun.nonce)

        def replay(_: int) -> int:
            client = either.client()
            for name, value in cookie.items():
                client.set_cookie(name, value, domain="localhost", path="/lti/launch")
            return builders.launch(client, begun.state, token).status_code

        with ThreadPoolExecutor(10) as pool:
            statuses = list(pool.map(replay, range(50)))

        assert sorted(statuses) == [200] + [400] * 49

    def test_a_newcomer_launches_chooses_and_is_remembered(self, either: Bench) -> None:
        first = builders.launched(either, custom={"catalog": "cbec"})
        bearer = first.text.partition('name="bearer" value="')[2].partition('"')[0]
        either.client().post("/lti/page", data={"bearer": bearer, "role": "operations"})

        again = builders.launched(either, custom={"catalog": "cbec"})

        assert "What would you like to become?" in first.text
        assert "Three good next steps" in again.text


class TestBrowser:
    def test_another_browser_is_refused_and_may_begin_again(self, bench: Bench) -> None:
        begun = builders.begin(bench.client(), bench.issuer.iss)

        answer = builders.launch(bench.client(), begun.state, valid(bench, begun.nonce))

        assert code(bench, answer) == "state_not_bound"
        assert 'target="_blank"' in answer.text
        assert 'href="/lti/login?' in answer.text

    def test_another_login_s_cookie_does_not_help(self, bench: Bench) -> None:
        attacker, victim = bench.client(), bench.client()
        begun = builders.begin(attacker, bench.issuer.iss)
        builders.begin(victim, bench.issuer.iss)

        answer = builders.launch(victim, begun.state, valid(bench, begun.nonce))

        assert code(bench, answer) == "state_not_bound"

    @pytest.mark.parametrize("state", [None, "", "unknown", "x" * 300, "状态"])
    def test_a_state_that_is_not_ours_is_refused(self, bench: Bench, state: str | None) -> None:
        answer = builders.launch(bench.client(), state, "a.b.c")

        assert code(bench, answer) in {"state_missing", "state_unknown"}

    def test_the_platform_s_error_is_understood(self, bench: Bench) -> None:
        browser = bench.client()
        begun = builders.begin(browser, bench.issuer.iss)

        answer = builders.launch(browser, begun.state, None, error="access_denied", error_description=CANARY)

        assert code(bench, answer) == "platform_error"
        assert CANARY not in answer.text


class TestMixUp:
    def test_a_token_of_another_registered_platform_is_refused(self, bench: Bench, other: builders.Issuer) -> None:
        platforms.register(bench.storage, builders.registered(other.iss))

        found = post(bench, lambda nonce: tokens.sign(other.signer, builders.claims(other.iss, nonce)))

        assert found == "key_unknown"

    def test_another_issuer_signed_with_our_platform_s_key_is_refused(
        self, bench: Bench, other: builders.Issuer
    ) -> None:
        platforms.register(bench.storage, builders.registered(other.iss))

        assert refused(bench, iss=other.iss) == "issuer_mismatch"

    def test_another_client_of_the_same_platform_is_refused(self, bench: Bench) -> None:
        platforms.register(bench.storage, builders.registered(bench.issuer.iss, "client-b"))

        assert refused(bench, aud="client-b") == "audience_mismatch"

    def test_the_deployment_of_another_client_is_refused(self, bench: Bench) -> None:
        platforms.register(bench.storage, builders.registered(bench.issuer.iss, "client-b", deployments=("9",)))

        assert refused(bench, deployment_id="9") == "deployment_unknown"

    @pytest.mark.parametrize(
        "changes",
        [
            {"aud": ["other", "client-a"], "azp": "client-a"},
            {"aud": ["client-a"]},
            {"aud": "client-a", "azp": "client-a"},
        ],
    )
    def test_being_one_of_several_audiences_is_taken_when_we_are_the_party(
        self, bench: Bench, changes: dict[str, Any]
    ) -> None:
        assert builders.launched(bench, **changes).status_code == 200

    def test_a_platform_that_was_removed_after_the_login_is_refused(self, bench: Bench) -> None:
        browser = bench.client()
        begun = builders.begin(browser, bench.issuer.iss)
        bench.storage.delete(PLATFORMS, (bench.issuer.iss, "client-a"))

        answer = builders.launch(browser, begun.state, valid(bench, begun.nonce))

        assert code(bench, answer) == "platform_unknown"


class TestTime:
    @pytest.mark.parametrize(("iat", "exp"), [(-120, -59), (59, 120), (-658, 60)])
    def test_clocks_may_differ_by_a_minute(self, bench: Bench, iat: int, exp: int) -> None:
        now = int(bench.clock())

        assert builders.launched(bench, iat=now + iat, exp=now + exp).status_code == 200


class TestForm:
    @pytest.mark.parametrize(
        ("custom", "expected"),
        [
            ({"catalog": "atlantis"}, "catalog_unknown"),
            ({"catalog": "../../etc"}, "catalog_unknown"),
            ({"catalog": "oulad", "role": "ZZZ"}, "role_unknown"),
            ({"activity": "atlantis"}, "activity_unknown"),
            ({"activity": "module", "module": "atlantis"}, "module_unknown"),
            ({"activity": "case", "case": "atlantis"}, "activity_unknown"),
        ],
    )
    def test_a_link_to_what_there_is_not_is_refused(self, bench: Bench, custom: dict[str, str], expected: str) -> None:
        assert refused(bench, custom=custom) == expected

    def test_a_form_that_is_too_large_is_refused(self, bench: Bench) -> None:
        answer = bench.client().post("/lti/launch", data={"state": "x" * 300_000})

        assert code(bench, answer) == "too_large"


class TestLogin:
    @pytest.mark.parametrize(
        ("changes", "expected"),
        [
            ({"iss": None}, "login_parameter_missing"),
            ({"login_hint": None}, "login_parameter_missing"),
            ({"target_link_uri": None}, "login_parameter_missing"),
            ({"login_hint": "x" * 5000}, "login_parameter_too_long"),
            ({"iss": "https://unknown.example"}, "platform_unknown"),
            ({"iss": "https://unknown.example", "client_id": None}, "platform_unknown"),
            ({"client_id": "unknown"}, "platform_unknown"),
            ({"target_link_uri": "https://evil.example/lti/launch"}, "target_foreign"),
            ({"target_link_uri": "//evil.example/lti/launch"}, "target_foreign"),
            ({"target_link_uri": f"{TOOL}@evil.example/lti/launch"}, "target_foreign"),
            ({"target_link_uri": f"{TOOL}.evil.example/lti/launch"}, "target_foreign"),
            ({"target_link_uri": "http:\\\\127.0.0.1:9001\\lti"}, "target_foreign"),
            ({"target_link_uri": "javascript:alert(1)"}, "target_foreign"),
            ({"target_link_uri": "data:text/html,x"}, "target_foreign"),
            ({"target_link_uri": f"{TOOL}/lti/launch\r\nX: y"}, "target_foreign"),
            ({"target_link_uri": f"{TOOL}/../evil"}, "target_foreign"),
            ({"target_link_uri": "http://[::1/lti"}, "target_foreign"),
        ],
    )
    def test_a_login_that_cannot_lead_to_us_is_refused(
        self, bench: Bench, changes: dict[str, str | None], expected: str
    ) -> None:
        assert code(bench, builders.login(bench.client(), bench.issuer.iss, **changes)) == expected

    def test_a_platform_with_two_clients_must_name_one(self, bench: Bench) -> None:
        platforms.register(bench.storage, builders.registered(bench.issuer.iss, "client-b"))

        answer = builders.login(bench.client(), bench.issuer.iss, client_id=None)

        assert code(bench, answer) == "client_ambiguous"

    def test_the_redirect_goes_to_the_platform_with_our_own_return_address(self, bench: Bench) -> None:
        begun = builders.begin(bench.client(), bench.issuer.iss, client_id=None, redirect_uri="https://evil.example")

        assert begun.query["redirect_uri"] == f"{TOOL}/lti/launch"
        assert begun.query["client_id"] == "client-a"
        assert begun.query["response_mode"] == "form_post"


class TestQuiet:
    def test_no_token_and_no_name_is_logged_or_kept(self, bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
        browser = bench.client()
        begun = builders.begin(browser, bench.issuer.iss)
        claims = builders.claims(bench.issuer.iss, begun.nonce, name=CANARY, email=f"{CANARY}@example.edu")
        claims[LTI + "launch_presentation"] = {"return_url": f"https://lms.example/?sesskey={CANARY}"}
        token = tokens.sign(bench.issuer.signer, claims)
        with caplog.at_level(logging.DEBUG):
            good = builders.launch(browser, begun.state, token)
            bad = builders.launch(browser, begun.state, token)

        logged = "\n".join(f"{record.getMessage()} {record.args} {record.exc_info}" for record in caplog.records)
        kept = b"".join(path.read_bytes() for path in _files(bench))
        assert (good.status_code, bad.status_code) == (200, 400)
        assert "state_unknown" in logged
        assert CANARY not in logged
        assert "eyJ" not in logged
        assert bench.issuer.iss.encode() in kept
        assert CANARY.encode() not in kept
        assert b"eyJ" not in kept
        assert CANARY not in good.text
        assert CANARY not in bad.text

    def test_every_refusal_is_a_page_with_a_reference_and_a_policy(self, bench: Bench) -> None:
        answer = bench.client().post("/lti/launch")

        assert answer.mimetype == "text/html"
        assert answer.headers["Content-Security-Policy"].endswith(f"frame-ancestors {bench.issuer.iss}")
        assert answer.headers["Cache-Control"] == "no-store"


def _files(bench: Bench) -> list[Path]:
    directory = Path(bench.app.extensions["lti_tool"].settings.key).parent
    return [path for path in directory.rglob("*") if path.is_file()]


def test_a_platform_that_is_slow_to_answer_is_not_waited_for(bench: Bench) -> None:
    """Stalled key sets are refused within the bounds; measured on a server that never answers."""
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        iss = f"http://127.0.0.1:{silent.getsockname()[1]}"
        platforms.register(bench.storage, builders.registered(iss))
        browser = bench.client()
        begun = builders.begin(browser, iss)
        began = time.monotonic()

        answer = builders.launch(
            browser, begun.state, tokens.sign(bench.issuer.signer, builders.claims(iss, begun.nonce))
        )

    assert code(bench, answer) == "keys_unavailable"
    assert time.monotonic() - began < 6
