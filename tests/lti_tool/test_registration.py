"""Dynamic registration with a real platform over HTTP: what it must be, and what must never be kept."""

from __future__ import annotations

import json
import os
import re
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from flask import Response, redirect
from werkzeug.test import TestResponse

from entrepot.sandbox import tokens
from lti_tool import errors, families, keys, platforms
from lti_tool.registration import configuration, description, dynamic, invites
from lti_tool.services.wire import Answer
from lti_tool.settings import INVITES, PLATFORMS
from tests.lti_tool import builders, registrar
from tests.lti_tool.builders import Bench
from tests.lti_tool.registrar import Registrar
from tests.storage import stores

SOAK = os.environ.get("ENTREPOT_TEST_SOAK") == "1"
REGISTRATION = "/mod/lti/openid-registration.php"


@pytest.fixture(scope="module")
def signer() -> tokens.Signer:
    return tokens.new_signer()


@pytest.fixture(scope="module")
def standing(signer: tokens.Signer) -> Iterator[Registrar]:
    with registrar.running(signer) as place:
        yield place


@pytest.fixture
def moodle(standing: Registrar) -> Registrar:
    standing.reset()
    return standing


@pytest.fixture(params=stores.STORES)
def anywhere(
    request: pytest.FixtureRequest, tmp_path: Path, issuer: builders.Issuer, tool_key: keys.ToolKey
) -> Iterator[Bench]:
    """A tool over each kind of store."""
    with builders.bench(tmp_path, issuer, tool_key, store=stores.url(request.param, tmp_path / "store")) as running:
        yield running


def invited(bench: Bench, host: str = "", days: int = 7) -> str:
    code, _ = invites.create(bench.storage, host, days=days, now=bench.clock(), new_token=builders.counter())
    return code


def visit(bench: Bench, code: str, url: str, token: str = registrar.TOKEN, **headers: str) -> TestResponse:
    query = {"openid_configuration": url, "registration_token": token}
    return bench.client().get(f"/lti/register/{code}", query_string=query, headers=headers)


def authority(place: Registrar) -> str:
    return place.base.partition("://")[2]


def kept(bench: Bench, place: Registrar) -> list[platforms.Platform]:
    return platforms.of_issuer(bench.storage, place.base)


def test_a_moodle_registers_with_one_address_and_waits_for_approval(anywhere: Bench, moodle: Registrar) -> None:
    answer = visit(anywhere, invited(anywhere), moodle.configuration_url)

    (found,) = kept(anywhere, moodle)
    assert answer.status_code == 200
    assert found == platforms.Platform(
        iss=moodle.base,
        client_id="client-1",
        auth_url=f"{moodle.base}/mod/lti/auth.php",
        token_url=f"{moodle.base}/mod/lti/token.php",
        jwks_url=f"{moodle.base}/mod/lti/certs.php",
        deployments=("7",),
        family="moodle",
        state="pending",
    )
    assert f"entrepot platform approve {moodle.base} client-1" in answer.text


def test_an_invite_for_its_host_approves_in_advance(bench: Bench, moodle: Registrar) -> None:
    answer = visit(bench, invited(bench, authority(moodle)), moodle.configuration_url)

    assert kept(bench, moodle)[0].state == "active"
    assert "entrepot platform approve" not in answer.text


def test_the_tool_tells_what_the_specification_asks_and_wants_no_name(bench: Bench, moodle: Registrar) -> None:
    visit(bench, invited(bench), moodle.configuration_url)

    method, path, header, body = moodle.asked[-1]
    assert (method, path, header) == ("POST", REGISTRATION, f"Bearer {registrar.TOKEN}")
    assert body["redirect_uris"] == [f"{builders.TOOL}/lti/launch"]
    assert body["initiate_login_uri"] == f"{builders.TOOL}/lti/login"
    assert body["jwks_uri"] == f"{builders.TOOL}/lti/jwks"
    assert (body["application_type"], body["token_endpoint_auth_method"]) == ("web", "private_key_jwt")
    assert (body["response_types"], body["grant_types"]) == (["id_token"], ["client_credentials", "implicit"])
    assert set(body["scope"].split()) == set(description.SCOPES)
    tool = body[description.TOOL]
    assert tool["claims"] == ["iss", "sub"]
    assert tool["domain"] == "127.0.0.1:9001"
    assert [one["type"] for one in tool["messages"]] == ["LtiResourceLinkRequest", "LtiDeepLinkingRequest"]
    assert tool["custom_parameters"] == families.custom(families.FAMILIES["moodle"])
    assert "placements" not in json.dumps(tool)


def test_the_answer_is_shown_in_the_frame_of_that_platform_with_one_script_of_ours(
    bench: Bench, moodle: Registrar
) -> None:
    answer = visit(bench, invited(bench), moodle.configuration_url)

    policy = answer.headers["Content-Security-Policy"]
    assert policy.endswith(f"frame-ancestors {moodle.base}")
    assert "script-src 'self';" in policy
    assert re.findall(r"<script[^>]*>", answer.text) == ['<script src="/lti/static/close.js" defer>']


def test_a_platform_that_tells_no_deployment_is_kept_without_one(bench: Bench, moodle: Registrar) -> None:
    moodle.deployment = None
    visit(bench, invited(bench), moodle.configuration_url)

    assert kept(bench, moodle)[0].deployments == ()


def test_a_platform_of_no_known_family_is_one_of_the_specification(bench: Bench, moodle: Registrar) -> None:
    moodle.code = "sakai"
    moodle.changes["authorization_server"] = "https://auth.example"
    visit(bench, invited(bench), moodle.configuration_url)

    (found,) = kept(bench, moodle)
    assert (found.family, found.audience) == ("spec", "https://auth.example")


def test_an_audience_that_is_the_token_endpoint_is_not_kept_twice(bench: Bench, moodle: Registrar) -> None:
    moodle.changes["authorization_server"] = f"{moodle.base}/mod/lti/token.php"
    visit(bench, invited(bench), moodle.configuration_url)

    assert kept(bench, moodle)[0].audience == ""


def test_without_a_registration_token_none_is_sent(bench: Bench, moodle: Registrar) -> None:
    visit(bench, invited(bench), moodle.configuration_url, token="")

    assert {header for _, _, header, _ in moodle.asked} == {""}
    assert kept(bench, moodle) == []  # this platform wants one


def test_a_client_id_that_is_a_command_is_quoted_where_it_is_made_to_be_copied(bench: Bench, moodle: Registrar) -> None:
    moodle.answers[REGISTRATION] = lambda: Response(json.dumps({"client_id": "x; touch /pwned; $(id)"}))

    answer = visit(bench, invited(bench), moodle.configuration_url)

    assert f"entrepot platform approve {moodle.base} 'x; touch /pwned; $(id)'" in unescape(answer.text)


# --- who may register


@pytest.mark.parametrize(
    ("make", "code"),
    [
        (lambda bench, here: "never-made", "invite_unknown"),
        (lambda bench, here: "", "invite_unknown"),
        (lambda bench, here: "x" * 300, "invite_unknown"),
        (lambda bench, here: invited(bench, "other.example"), "invite_foreign"),
    ],
)
def test_without_an_invite_of_its_own_nobody_registers(bench: Bench, moodle: Registrar, make: Any, code: str) -> None:
    answer = visit(bench, make(bench, moodle), moodle.configuration_url)

    assert (answer.status_code, code in answer.text) == (403, True)
    assert kept(bench, moodle) == []
    assert moodle.paths("POST") == []  # it was not told about us either


def test_an_invite_ends(bench: Bench, moodle: Registrar) -> None:
    code = invited(bench, days=1)
    bench.clock.offset = 86_400

    answer = visit(bench, code, moodle.configuration_url)

    assert (answer.status_code, "invite_expired" in answer.text) == (403, True)
    assert moodle.asked == []


def test_an_invite_serves_once(anywhere: Bench, moodle: Registrar) -> None:
    code = invited(anywhere)
    visit(anywhere, code, moodle.configuration_url)

    again = visit(anywhere, code, moodle.configuration_url)

    assert (again.status_code, "invite_used" in again.text) == (403, True)
    assert len(kept(anywhere, moodle)) == 1
    assert len(moodle.paths("POST")) == 1


def test_of_twenty_at_once_one_registers(anywhere: Bench, moodle: Registrar) -> None:
    code = invited(anywhere)

    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda _: visit(anywhere, code, moodle.configuration_url).status_code, range(20)))

    assert answers.count(200) == 1
    assert set(answers) <= {200, 403, 409}
    assert len(kept(anywhere, moodle)) == 1


def test_the_store_does_not_hold_the_code(bench: Bench) -> None:
    code = invited(bench)

    assert code not in str(bench.storage.find(INVITES, {}))


def test_asking_for_the_head_of_the_address_registers_nobody(bench: Bench, moodle: Registrar) -> None:
    code = invited(bench)
    query = {"openid_configuration": moodle.configuration_url, "registration_token": registrar.TOKEN}

    answer = bench.client().head(f"/lti/register/{code}", query_string=query)

    assert (answer.status_code, moodle.asked) == (200, [])
    assert visit(bench, code, moodle.configuration_url).status_code == 200


def test_a_registration_that_is_there_is_never_overwritten(bench: Bench, moodle: Registrar) -> None:
    there = builders.registered(moodle.base, "client-1", name="there before")
    platforms.register(bench.storage, there)
    code = invited(bench)

    answer = visit(bench, code, moodle.configuration_url)

    assert (answer.status_code, "platform_known" in answer.text) == (409, True)
    assert platforms.find(bench.storage, moodle.base, "client-1") == there
    assert visit(bench, code, moodle.configuration_url).status_code == 200  # as client-2, with the same invite
    assert platforms.find(bench.storage, moodle.base, "client-1") == there


def test_a_registration_that_never_came_back_holds_the_invite_for_a_minute(bench: Bench, moodle: Registrar) -> None:
    code = invited(bench)
    gone = invites.held(bench.storage, code, now=bench.clock(), new_token=builders.counter())
    gone.__enter__()  # the process ends here

    busy = visit(bench, code, moodle.configuration_url)
    bench.clock.offset = invites.HELD + 1
    later = visit(bench, code, moodle.configuration_url)

    assert (busy.status_code, later.status_code) == (409, 200)


def test_who_was_overtaken_keeps_nothing(bench: Bench) -> None:
    code = invited(bench)
    platform = builders.registered("https://slow.example")
    with invites.held(bench.storage, code, now=0.0, new_token=builders.counter()) as slow:
        with invites.held(bench.storage, code, now=invites.HELD + 1, new_token=builders.counter()) as quick:
            invites.spend(bench.storage, quick, builders.registered("https://quick.example"), 70.0)
        with pytest.raises(errors.RegistrationRefused, match="invite_busy"):
            invites.spend(bench.storage, slow, platform, 80.0)

    assert platforms.find(bench.storage, "https://slow.example", "client-a") is None
    assert invites.every(bench.storage)[0].used == 70.0


def test_of_two_who_read_the_invite_at_once_one_holds_it(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    code = invited(bench)
    monkeypatch.setattr(bench.storage, "replace", lambda *_, **__: False)

    with (
        pytest.raises(errors.RegistrationRefused, match="invite_busy"),
        invites.held(bench.storage, code, now=bench.clock(), new_token=builders.counter()),
    ):
        pass


def test_old_invites_are_forgotten_when_one_is_made(bench: Bench) -> None:
    invited(bench, days=1)
    bench.clock.offset = 3 * 86_400
    invited(bench)

    assert len(invites.every(bench.storage)) == 1


@pytest.mark.parametrize("days", [0, -1, 31])
def test_an_invite_lasts_a_day_to_a_month(bench: Bench, days: int) -> None:
    with pytest.raises(errors.ConfigurationError, match="choose 1 to 30"):
        invited(bench, days=days)


# --- what the platform says


def broken(**changes: Any) -> Any:
    def change(place: Registrar) -> None:
        place.changes.update(changes)

    return change


def answering(path: str, view: Any) -> Any:
    def change(place: Registrar) -> None:
        place.answers[path] = view

    return change


def stall() -> Response:
    time.sleep(4)
    return Response("{}")


def endless() -> Response:
    return Response((b" " * 65536 for _ in range(40)), mimetype="application/json")


CONFIGURATION = registrar.CONFIGURATION
WRONG = {
    "issuer of another host": (broken(issuer="http://127.0.0.1:1025"), "issuer_foreign"),
    "issuer of another name for the same address": (broken(issuer="http://localhost:1025"), "issuer_foreign"),
    "issuer with a path that the configuration is not below": (
        lambda place: place.changes.update(issuer=f"{place.base}/other"),
        "issuer_foreign",
    ),
    "issuer with a path that only begins like it": (
        lambda place: place.changes.update(issuer=f"{place.base}/mo"),
        "issuer_foreign",
    ),
    "issuer that is hosted Canvas": (broken(issuer="https://canvas.instructure.com"), "configuration_malformed"),
    "issuer missing": (broken(issuer=None), "configuration_malformed"),
    "issuer with a query": (lambda place: place.changes.update(issuer=f"{place.base}?a"), "configuration_malformed"),
    "issuer with a fragment": (lambda place: place.changes.update(issuer=f"{place.base}#a"), "configuration_malformed"),
    "issuer a number": (broken(issuer=5), "configuration_malformed"),
    "login elsewhere": (broken(authorization_endpoint="http://127.0.0.1:1025/auth"), "endpoint_foreign"),
    "tokens elsewhere": (broken(token_endpoint="http://127.0.0.1:1025/token"), "endpoint_foreign"),
    "keys elsewhere": (broken(jwks_uri="http://127.0.0.1:1025/jwks"), "endpoint_foreign"),
    "registration elsewhere": (broken(registration_endpoint="http://127.0.0.1:1025/reg"), "endpoint_foreign"),
    "keys missing": (broken(jwks_uri=None), "configuration_malformed"),
    "keys by script": (broken(jwks_uri="javascript:alert(1)"), "configuration_malformed"),
    "keys from a file": (broken(jwks_uri="file:///etc/passwd"), "configuration_malformed"),
    "tokens missing": (broken(token_endpoint=None), "configuration_malformed"),
    "login with a user name": (broken(authorization_endpoint="http://a@127.0.0.1/x"), "configuration_malformed"),
    "registration missing": (broken(registration_endpoint=None), "configuration_malformed"),
    "configuration a list": (answering(CONFIGURATION, lambda: Response("[]")), "configuration_malformed"),
    "configuration HTML": (answering(CONFIGURATION, lambda: Response("<html>")), "configuration_malformed"),
    "configuration too deep": (answering(CONFIGURATION, lambda: Response("[" * 100_000)), "configuration_malformed"),
    "configuration endless": (answering(CONFIGURATION, endless), "configuration_malformed"),
    "configuration elsewhere": (
        answering(CONFIGURATION, lambda: redirect("http://127.0.0.1:1/")),
        "configuration_unavailable",
    ),
    "configuration away": (answering(CONFIGURATION, lambda: Response(status=500)), "configuration_unavailable"),
    "refused": (answering(REGISTRATION, lambda: Response(status=400)), "registration_refused"),
    "refused for the token": (answering(REGISTRATION, lambda: Response(status=401)), "registration_refused"),
    "registration away": (answering(REGISTRATION, lambda: Response(status=503)), "registration_unavailable"),
    "registration slow": (answering(REGISTRATION, stall), "registration_unavailable"),
    "registration moved": (answering(REGISTRATION, lambda: redirect("/")), "registration_refused"),
    "answer HTML": (answering(REGISTRATION, lambda: Response("<html>")), "registration_malformed"),
    "answer a list": (answering(REGISTRATION, lambda: Response("[]")), "registration_malformed"),
    "answer without client_id": (answering(REGISTRATION, lambda: Response("{}")), "registration_malformed"),
    "client_id empty": (answering(REGISTRATION, lambda: Response('{"client_id": ""}')), "registration_malformed"),
    "client_id a number": (answering(REGISTRATION, lambda: Response('{"client_id": 5}')), "registration_malformed"),
    "client_id of two lines": (
        answering(REGISTRATION, lambda: Response('{"client_id": "a\\nb"}')),
        "registration_malformed",
    ),
    "client_id endless": (
        answering(REGISTRATION, lambda: Response(json.dumps({"client_id": "x" * 1025}))),
        "registration_malformed",
    ),
    "deployment a number": (
        answering(
            REGISTRATION, lambda: Response(json.dumps({"client_id": "c", description.TOOL: {"deployment_id": 7}}))
        ),
        "registration_malformed",
    ),
}

if SOAK:
    WRONG["configuration slow"] = (answering(CONFIGURATION, stall), "configuration_unavailable")


@pytest.mark.parametrize("case", WRONG)
def test_a_platform_that_is_wrong_is_a_page_with_words_and_leaves_the_invite(
    bench: Bench, moodle: Registrar, caplog: pytest.LogCaptureFixture, case: str
) -> None:
    change, code = WRONG[case]
    change(moodle)
    invite = invited(bench)

    answer = visit(bench, invite, moodle.configuration_url)

    assert answer.status_code == errors.CODES[code], answer.text
    assert f"({code})" in re.sub(r"<[^>]+>", "", answer.text)
    assert "The registration did not go through" in answer.text
    reference = re.search(r"[2-9A-Z]{3}-[2-9A-Z]{3}", answer.text)
    assert reference is not None
    assert f"reference={reference[0]} code={code}" in caplog.text
    assert registrar.TOKEN not in caplog.text + answer.text
    assert invite not in caplog.text
    assert answer.headers["Content-Security-Policy"].endswith(f"frame-ancestors {moodle.base}")
    assert [one for one in bench.storage.find(PLATFORMS, {}) if one["iss"] != bench.issuer.iss] == []
    moodle.changes.clear()
    moodle.answers.clear()
    assert visit(bench, invite, moodle.configuration_url).status_code == 200


@pytest.mark.parametrize("token", ["two words", "line\nbreak", "é", "x" * 8193])
def test_a_registration_token_that_is_no_header_is_refused(bench: Bench, moodle: Registrar, token: str) -> None:
    answer = visit(bench, invited(bench), moodle.configuration_url, token=token)

    assert "configuration_malformed" in answer.text
    assert moodle.asked == []


def test_a_configuration_below_the_issuers_path_is_its_own() -> None:
    body = registrar.document("https://lms.example/moodle", "moodle", {})

    found = configuration.read(body, f"https://lms.example/moodle{CONFIGURATION}")

    assert found.issuer == "https://lms.example/moodle"


def test_an_endpoint_less_protected_than_the_configuration_is_refused() -> None:
    body = registrar.document("https://lms.example", "moodle", {"jwks_uri": "http://lms.example/keys"})

    with pytest.raises(errors.RegistrationRefused, match="configuration_malformed at jwks_uri"):
        configuration.read(body, f"https://lms.example{CONFIGURATION}")


@pytest.mark.parametrize("about", [None, [], "canvas", {"product_family_code": 5}])
def test_a_configuration_that_says_nothing_of_its_family_is_one_of_the_specification(about: Any) -> None:
    body = registrar.document("https://lms.example", "moodle", {configuration.PLATFORM: about})

    assert configuration.read(body, f"https://lms.example{CONFIGURATION}").family.name == "spec"


# --- addresses that must not be asked


@contextmanager
def canary() -> Iterator[tuple[int, list[int]]]:
    """A port on which nobody may knock, and how often somebody did."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        server.settimeout(0.05)
        knocks: list[int] = []
        yield server.getsockname()[1], knocks
        try:
            while True:
                server.accept()[0].close()
                knocks.append(1)
        except TimeoutError:
            pass


UNSAFE = (
    "http://127.0.0.1:{port}/c",
    "https://127.0.0.1:{port}/c",
    "http://localhost:{port}/c",
    "http://[::1]:{port}/c",
    "http://[::ffff:127.0.0.1]:{port}/c",
    "http://0.0.0.0:{port}/c",
    "http://2130706433:{port}/c",
    "http://0177.0.0.1:{port}/c",
    "http://10.0.0.1/c",
    "http://169.254.169.254/latest/meta-data",
    "https://[fd00::1]/c",
    "https://192.168.1.1/c",
    "https://8.8.8.8:22/c",
    "file:///etc/passwd",
    "gopher://127.0.0.1:{port}/c",
    "//127.0.0.1:{port}/c",
    "https://a@127.0.0.1:{port}/c",
    "javascript:alert(1)",
    "",
)


@pytest.fixture
def outside(tmp_path: Path, issuer: builders.Issuer, tool_key: keys.ToolKey) -> Iterator[Bench]:
    """A tool that no private network was named to."""
    with builders.bench(tmp_path, issuer, tool_key, networks="") as running:
        yield running


@pytest.mark.parametrize("url", UNSAFE)
def test_a_configuration_in_a_place_that_must_not_be_asked_is_not(outside: Bench, url: str) -> None:
    with canary() as (port, knocks):
        answer = visit(outside, invited(outside), url.format(port=port))

    assert (answer.status_code, "configuration_unsafe" in answer.text, knocks) == (400, True, [])


@pytest.mark.parametrize(
    ("name", "url"),
    [("registration_endpoint", url) for url in UNSAFE]
    + [(name, url) for name in ("jwks_uri", "token_endpoint", "authorization_endpoint") for url in UNSAFE[:3]],
)
def test_no_member_of_a_configuration_leads_to_such_a_place(
    bench: Bench, moodle: Registrar, name: str, url: str
) -> None:
    with canary() as (port, knocks):
        moodle.changes[name] = url.format(port=port)
        answer = visit(bench, invited(bench), moodle.configuration_url)

    assert (answer.status_code in {400, 424}, knocks) == (True, [])
    assert kept(bench, moodle) == []


def test_a_registration_endpoint_on_an_institutions_own_host_goes_through_the_guard(bench: Bench) -> None:
    """Hosted Canvas may name any host there; what it names is asked like every other address."""
    body = canvas(registration_endpoint="https://127.0.0.1:1025/api/lti/registrations")
    asked: list[str] = []

    def exchange(method: str, url: str, **kwargs: Any) -> Answer:
        asked.append(url)
        if method == "POST":
            raise errors.ServiceError("unsafe")
        return Answer(200, {}, json.dumps(body).encode(), url)

    with pytest.raises(errors.RegistrationRefused, match="configuration_unsafe at registration_endpoint"):
        register_canvas(bench, exchange)
    assert asked == [CANVAS_CONFIGURATION, "https://127.0.0.1:1025/api/lti/registrations"]


# --- hosted Canvas: one issuer, one login host, and each institution on a host of its own

CANVAS_CONFIGURATION = "https://canvas.instructure.com/api/lti/security/openid-configuration?registration_token=t"


def canvas(**changes: Any) -> dict[str, Any]:
    """Its configuration, in the shape of its source."""
    sso = "https://sso.canvaslms.com"
    return {
        "issuer": "https://canvas.instructure.com",
        "authorization_endpoint": f"{sso}/api/lti/authorize_redirect",
        "registration_endpoint": "https://canvas.uni.example/api/lti/registrations",
        "jwks_uri": f"{sso}/api/lti/security/jwks",
        "token_endpoint": f"{sso}/login/oauth2/token",
        "authorization_server": "sso.canvaslms.com",
        configuration.PLATFORM: {"product_family_code": "canvas", "version": "OpenSource"},
        **changes,
    }


def register_canvas(bench: Bench, exchange: Any, host: str = "") -> platforms.Platform:
    sent = {"openid_configuration": CANVAS_CONFIGURATION, "registration_token": "t"}
    return dynamic.register(
        bench.storage, exchange, "https://tool.example", invited(bench, host), sent, now=bench.clock,
        new_token=builders.counter(),
    )  # fmt: skip


def answering_canvas(told: list[Any], **changes: Any) -> Any:
    def exchange(method: str, url: str, *, headers: dict[str, str], body: bytes | None = None) -> Answer:
        told.append((method, url, headers["Authorization"], json.loads(body or b"{}")))
        answer = {"client_id": "10000000000001"} if method == "POST" else canvas(**changes)
        return Answer(200, {}, json.dumps(answer).encode(), url)

    return exchange


def test_a_hosted_canvas_registers_and_is_shown_on_the_institutions_own_host(bench: Bench) -> None:
    told: list[Any] = []

    found = register_canvas(bench, answering_canvas(told))

    assert (found.iss, found.client_id, found.family) == ("https://canvas.instructure.com", "10000000000001", "canvas")
    assert found.deployments == ()
    assert found.frames == ("https://canvas.uni.example", "https://canvas.instructure.com")
    assert (found.name, found.audience, found.state) == ("canvas.uni.example", "", "pending")
    assert [header for _, _, header, _ in told] == ["Bearer t", "Bearer t"]
    tool = told[1][3][description.TOOL]
    assert tool["https://canvas.instructure.com/lti/privacy_level"] == "anonymous"
    assert [one["placements"] for one in tool["messages"]] == [
        ["course_navigation"],
        ["assignment_selection", "link_selection"],
    ]


def test_an_invite_for_an_institutions_own_host_approves_its_hosted_canvas(bench: Bench) -> None:
    assert register_canvas(bench, answering_canvas([]), "canvas.uni.example").state == "active"


def test_an_invite_for_one_institution_of_hosted_canvas_is_not_for_another(bench: Bench) -> None:
    with pytest.raises(errors.RegistrationRefused, match="invite_foreign"):
        register_canvas(bench, answering_canvas([]), "canvas.other.example")


@pytest.mark.parametrize("name", ["authorization_endpoint", "jwks_uri", "token_endpoint"])
@pytest.mark.parametrize("where", ["https://canvas.uni.example/x", "https://sso.beta.canvaslms.com/x"])
def test_the_keys_of_hosted_canvas_lie_on_its_own_hosts_of_that_environment(
    bench: Bench, name: str, where: str
) -> None:
    with pytest.raises(errors.RegistrationRefused, match=f"endpoint_foreign at {name}"):
        register_canvas(bench, answering_canvas([], **{name: where}))


def test_nobody_else_speaks_for_hosted_canvas() -> None:
    with pytest.raises(errors.RegistrationRefused, match="issuer_foreign"):
        configuration.read(canvas(), "https://canvas.uni.example/api/lti/security/openid-configuration")


def test_a_family_that_lies_about_itself_wins_nothing() -> None:
    """A foreign host that calls itself Canvas is still bound to its own host."""
    body = registrar.document("https://evil.example", "canvas", {"registration_endpoint": "https://other.example/r"})

    with pytest.raises(errors.RegistrationRefused, match="endpoint_foreign"):
        configuration.read(body, f"https://evil.example{CONFIGURATION}")
