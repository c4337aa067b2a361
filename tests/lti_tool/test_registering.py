"""The pages of a platform's administrator: read in both languages, filled in by hand, and checked from a launch."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from html import unescape

import pytest
from werkzeug.test import TestResponse

from entrepot.sandbox import tokens
from lti_tool import families, platforms
from lti_tool.registration import description, invites, manual
from lti_tool.settings import PLATFORMS
from tests.lti_tool import builders, registrar
from tests.lti_tool.builders import Bench
from tests.lti_tool.registrar import Registrar

ADMINISTRATOR = "http://purl.imsglobal.org/vocab/lis/v2/institution/person#Administrator"
MOODLE = {"family": "moodle", "iss": "https://moodle.example.org", "client_id": "c1", "deployments": "3"}
CANVAS = {"family": "canvas", "client_id": "10000000000001", "frames": "https://canvas.uni.example"}
OTHER = {
    "family": "spec",
    "iss": "https://lms.example.org",
    "client_id": "c1",
    "auth_url": "https://lms.example.org/auth",
    "token_url": "https://lms.example.org/token",
    "jwks_url": "https://lms.example.org/keys",
}


@pytest.fixture(scope="module")
def standing() -> Iterator[Registrar]:
    with registrar.running(tokens.new_signer()) as place:
        yield place


def invited(bench: Bench, host: str = "") -> str:
    code, _ = invites.create(bench.storage, host, days=7, now=bench.clock(), new_token=builders.counter())
    return code


def page(bench: Bench, code: str, **query: str) -> TestResponse:
    return bench.client().get(f"/lti/register/{code}", query_string=query)


def enter(bench: Bench, code: str, form: dict[str, str]) -> TestResponse:
    return bench.client().post(f"/lti/register/{code}", data=form)


def plain(text: str) -> str:
    return unescape(re.sub(r"<[^>]+>", " ", text))


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", ["Connect your LMS", "Add LTI Advantage", "Enable & Close"]), ("zh", ["把学习平台连接到", "管理工具"])],
)
def test_who_opens_the_address_reads_what_to_do_in_both_languages(
    bench: Bench, language: str, words: list[str]
) -> None:
    code = invited(bench)

    answer = page(bench, code, language=language)

    assert answer.status_code == 200
    assert [word for word in words if word not in plain(answer.text)] == []
    assert f'value="{builders.TOOL}/lti/register/{code}"' in answer.text
    assert answer.text.count(f'value="{builders.TOOL}/lti/jwks"') == 1
    (copied,) = re.findall(r"<textarea[^>]*>(.*?)</textarea>", answer.text, re.DOTALL)
    assert json.loads(unescape(copied)) == description.canvas(builders.TOOL)


def test_the_page_says_whom_the_invite_is_for(bench: Bench) -> None:
    assert "moodle.example.org" in page(bench, invited(bench, "moodle.example.org")).text
    assert "approves the registration" in page(bench, invited(bench)).text


def test_reading_the_page_uses_nothing_up(bench: Bench) -> None:
    code = invited(bench)

    assert [page(bench, code).status_code for _ in range(3)] == [200, 200, 200]
    assert invites.every(bench.storage)[0].used == 0


def test_nobody_may_frame_the_page_or_its_refusal_and_it_runs_no_script(bench: Bench) -> None:
    for answer in (page(bench, invited(bench)), page(bench, "never-made"), enter(bench, invited(bench), MOODLE)):
        policy = answer.headers["Content-Security-Policy"]

        assert policy.endswith("frame-ancestors 'none'")
        assert "script-src" not in policy
        assert answer.headers["Referrer-Policy"] == "no-referrer"


@pytest.mark.parametrize("path", ["/lti/register", "/lti/register/", "/lti/register/never-made"])
def test_without_an_invite_there_is_nothing_to_read_or_fill_in(bench: Bench, path: str) -> None:
    assert bench.client().get(path).status_code == 403


def test_a_form_without_an_invite_is_refused(bench: Bench) -> None:
    assert enter(bench, "never-made", MOODLE).status_code == 403
    assert enter(bench, "never-made", {}).status_code == 403
    assert platforms.of_issuer(bench.storage, MOODLE["iss"]) == []


def test_of_a_moodle_three_facts_are_enough(bench: Bench) -> None:
    answer = enter(bench, invited(bench), MOODLE)

    (found,) = platforms.of_issuer(bench.storage, "https://moodle.example.org")
    assert answer.status_code == 200
    assert (found.auth_url, found.token_url, found.jwks_url) == (
        "https://moodle.example.org/mod/lti/auth.php",
        "https://moodle.example.org/mod/lti/token.php",
        "https://moodle.example.org/mod/lti/certs.php",
    )
    assert (found.deployments, found.family, found.state) == (("3",), "moodle", "pending")


def test_of_a_hosted_canvas_two_facts_are_enough(bench: Bench) -> None:
    enter(bench, invited(bench), CANVAS)

    (found,) = platforms.of_issuer(bench.storage, "https://canvas.instructure.com")
    known = families.FAMILIES["canvas"].hosted["https://canvas.instructure.com"]
    assert (found.auth_url, found.token_url, found.jwks_url) == (known.auth, known.token, known.jwks)
    assert (found.frames, found.name) == (("https://canvas.uni.example",), "canvas.uni.example")
    assert found.deployments == ()


def test_of_another_platform_everything_is_asked_for(bench: Bench) -> None:
    answer = enter(bench, invited(bench), OTHER)

    assert platforms.of_issuer(bench.storage, "https://lms.example.org")[0].auth_url == OTHER["auth_url"]
    assert "close.js" not in answer.text  # there is no window of an LMS to go back to


WRONG = [
    ({}, {"iss": "missing", "client_id": "missing"}),
    ({**MOODLE, "client_id": ""}, {"client_id": "missing"}),
    ({**MOODLE, "client_id": "a\x07b"}, {"client_id": "text"}),
    ({**MOODLE, "client_id": "x" * 1025}, {"client_id": "text"}),
    ({**MOODLE, "deployments": "1 " + "x" * 256}, {"deployments": "text"}),
    ({**MOODLE, "iss": "moodle.example.org"}, {"iss": "address"}),
    ({**MOODLE, "iss": "https://user:word@moodle.example.org"}, {"iss": "address"}),
    ({**MOODLE, "iss": "javascript:alert(1)"}, {"iss": "address"}),
    ({**MOODLE, "frames": "https://a.example, b"}, {"frames": "address"}),
    ({**MOODLE, "jwks_url": "ftp://moodle.example.org/keys"}, {"jwks_url": "address"}),
    ({**MOODLE, "iss": "no address", "jwks_url": "file:///x"}, {"iss": "address", "jwks_url": "address"}),
    ({**CANVAS, "frames": ""}, {"frames": "missing"}),
    ({**OTHER, "auth_url": "", "token_url": ""}, {"auth_url": "missing", "token_url": "missing"}),
    ({"family": "blackboard"}, {"family": "family"}),
]


@pytest.mark.parametrize(("form", "problems"), WRONG)
def test_a_form_that_cannot_be_right_says_so_beside_the_field_and_keeps_nothing(
    bench: Bench, form: dict[str, str], problems: dict[str, str]
) -> None:
    code = invited(bench)

    answer = enter(bench, code, form)

    assert manual.read(form).problems == problems
    assert answer.status_code == 400
    assert len(bench.storage.find(PLATFORMS, {})) == 1
    assert enter(bench, code, MOODLE).status_code == 200  # the invite may still be used


def test_what_was_entered_is_still_there_after_a_problem(bench: Bench) -> None:
    form = {**MOODLE, "iss": '"><script>alert(1)</script>', "deployments": "3"}

    text = enter(bench, invited(bench), form).text

    assert 'value="3"' in text
    assert "<script>" not in text
    assert 'aria-invalid="true"' in text
    assert re.search(r'value="moodle" checked', text)


def test_a_form_for_the_invited_host_is_approved_and_for_another_refused(bench: Bench) -> None:
    code = invited(bench, "moodle.example.org")

    foreign = enter(bench, code, OTHER)
    right = enter(bench, code, MOODLE)

    assert (foreign.status_code, "invite_foreign" in foreign.text) == (403, True)
    assert right.status_code == 200
    assert platforms.of_issuer(bench.storage, MOODLE["iss"])[0].state == "active"


def test_whose_a_hosted_canvas_is_cannot_be_typed_so_it_waits(bench: Bench) -> None:
    enter(bench, invited(bench, "canvas.uni.example"), CANVAS)

    assert platforms.of_issuer(bench.storage, "https://canvas.instructure.com")[0].state == "pending"


def test_a_form_never_overwrites_a_registration(bench: Bench) -> None:
    there = builders.registered(MOODLE["iss"], MOODLE["client_id"])
    platforms.register(bench.storage, there)

    answer = enter(bench, invited(bench), MOODLE)

    assert (answer.status_code, "platform_known" in answer.text) == (409, True)
    assert platforms.of_issuer(bench.storage, MOODLE["iss"]) == [there]


def test_a_canvas_fetches_its_json_without_a_secret(bench: Bench) -> None:
    answer = bench.client().get("/lti/canvas.json")

    body = answer.get_json()
    (extension,) = body["extensions"]
    assert body["public_jwk_url"] == f"{builders.TOOL}/lti/jwks"
    assert body["scopes"] == list(description.SCOPES)
    assert body["custom_fields"]["user"] == "$Canvas.user.globalId"
    assert extension["privacy_level"] == "anonymous"
    assert [(one["placement"], one["message_type"]) for one in extension["settings"]["placements"]] == [
        ("course_navigation", "LtiResourceLinkRequest"),
        ("assignment_selection", "LtiDeepLinkingRequest"),
        ("link_selection", "LtiDeepLinkingRequest"),
    ]
    assert "public_jwk" not in body


# --- a platform that is pending, and the check from within a launch


def test_nobody_launches_from_a_platform_that_waits(bench: Bench) -> None:
    platforms.change(bench.storage, bench.issuer.iss, "client-a", state="pending")

    assert builders.login(bench.client(), bench.issuer.iss).status_code in {400, 403}


def bearer(launched: TestResponse) -> str:
    found = re.search(r'name="bearer" value="([^"]+)"', launched.text)
    assert found
    return unescape(found[1])


def test_an_administrator_checks_the_connection_from_a_launch(bench: Bench) -> None:
    launched = builders.launched(bench, roles=[ADMINISTRATOR])
    assert "Check this connection" in launched.text

    answer = bench.client().post("/lti/check", data={"bearer": bearer(launched)})
    chinese = bench.client().post("/lti/check", data={"bearer": bearer(answer), "language": "zh"})

    assert answer.status_code == 200
    assert "Something has to be mended" in answer.text  # the platform of these tests speaks http
    assert "has a key that can sign a launch" in plain(answer.text)
    assert "有问题需要处理" in chinese.text
    assert answer.headers["Content-Security-Policy"].endswith(f"frame-ancestors {bench.issuer.iss}")


@pytest.mark.parametrize("role", [builders.LEARNER, builders.INSTRUCTOR])
def test_nobody_else_does(bench: Bench, role: str) -> None:
    launched = builders.launched(bench, roles=[role])
    assert "Check this connection" not in launched.text

    answer = bench.client().post("/lti/check", data={"bearer": bearer(launched)})

    assert answer.status_code == 403


def test_the_refusal_of_an_unreadable_address_is_shown_nowhere(bench: Bench) -> None:
    answer = bench.client().get(f"/lti/register/{invited(bench)}", query_string={"openid_configuration": "nowhere"})

    assert answer.status_code == 400
    assert answer.headers["Content-Security-Policy"].endswith("frame-ancestors 'none'")


def test_the_page_around_the_frame_may_show_a_refusal_too(bench: Bench, standing: Registrar) -> None:
    """Canvas opens the frame from the institution's own host, and its configuration lies elsewhere."""
    answer = bench.client().get(
        "/lti/register/never-made",
        query_string={"openid_configuration": standing.configuration_url},
        headers={"Referer": "https://canvas.uni.example/accounts/1"},
    )

    policy = answer.headers["Content-Security-Policy"]
    assert policy.endswith(f"frame-ancestors {standing.base} https://canvas.uni.example")
