"""The check of a registration against a real platform over HTTP: each thing that can be wrong is a line of its own."""

from __future__ import annotations

import email.utils
import json
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from flask import Response

from entrepot.sandbox import tokens
from lti_tool import errors, keys, platforms, texts
from lti_tool.registration import check, description
from lti_tool.services import guard, wire
from lti_tool.services.wire import Answer
from tests.lti_tool import builders, registrar
from tests.lti_tool.registrar import Registrar

CERTS = "/mod/lti/certs.php"
TOKENS = "/mod/lti/token.php"
AUTH = "/mod/lti/auth.php"


@pytest.fixture(scope="module")
def signer() -> tokens.Signer:
    return tokens.new_signer()


@pytest.fixture(scope="module")
def standing(signer: tokens.Signer) -> Iterator[Registrar]:
    with registrar.running(signer) as place:
        yield place


@pytest.fixture
def moodle(standing: Registrar, tool_key: keys.ToolKey) -> Registrar:
    standing.reset()
    standing.key = tool_key.private.public_key()
    return standing


@pytest.fixture
def bench(tool_key: keys.ToolKey, moodle: Registrar) -> check.Bench:
    """A check from a tool whose public address is that of the platform here, which serves its keys at /lti/jwks."""
    moodle.answers["/lti/jwks"] = lambda: Response(json.dumps({"keys": [tool_key.jwk]}))
    exchange = wire.exchanger(guard.networks("127.0.0.0/8"))
    return check.Bench(exchange, moodle.base, keys.only(tool_key), time.time, builders.counter())


def record(place: Registrar, **changes: Any) -> platforms.Platform:
    """A registration of that platform."""
    made = platforms.Platform(
        iss=place.base,
        client_id="client-1",
        auth_url=f"{place.base}{AUTH}",
        token_url=f"{place.base}{TOKENS}",
        jwks_url=f"{place.base}{CERTS}",
        deployments=("7",),
        family="moodle",
    )
    return replace(made, **changes)


def found(findings: list[check.Finding], level: str) -> list[str]:
    return [one.id for one in findings if one.level == level]


def unwell(bench: check.Bench, place: Registrar, **changes: Any) -> list[str]:
    """What is wrong, besides plain http: everything here is tried out on this machine."""
    return [
        one for one in found(check.platform(bench, record(place, **changes)), check.WRONG) if one != "endpoints_plain"
    ]


def test_a_registration_that_is_right_is_said_to_be(bench: check.Bench, moodle: Registrar) -> None:
    findings = check.platform(bench, record(moodle))

    assert found(findings, check.WRONG) == ["endpoints_plain"]
    assert found(findings, check.OK) == ["active", "keys_found", "clock", "login", "tokens", "deployments"]
    assert found(findings, check.NOTE) == ["accounts_moodle"]
    assert moodle.paths("POST") == [TOKENS] * len(description.SCOPES)  # a real request for each scope


def test_the_tool_serves_its_keys_at_its_public_address(bench: check.Bench) -> None:
    assert found(check.tool(bench), check.OK) == ["own_served"]
    assert found(check.tool(bench), check.WRONG) == ["url_plain"]


def served(view: Any) -> Any:
    return lambda place: place.answers.update({CERTS: view})


def key_set(*listed: Any) -> Any:
    return served(lambda: Response(json.dumps({"keys": list(listed)})))


SMALL = tokens.jwk(builders.another_signer(bits=1024))
RIGHT = tokens.jwk(builders.another_signer())
WRONG = {
    "no keys at all": (key_set(), ["keys_none"]),
    "a small key": (key_set(SMALL), ["keys_none"]),
    "a key without an id": (key_set({**RIGHT, "kid": None}), ["keys_none"]),
    "a key for encryption": (key_set({**RIGHT, "use": "enc"}), ["keys_none"]),
    "a symmetric key": (key_set({"kty": "oct", "kid": "a", "k": "AAAA"}), ["keys_none"]),
    "half a key": (key_set({"kty": "RSA", "kid": "a", "n": "AA"}), ["keys_none"]),
    "a key that is a number": (key_set(5), ["keys_none"]),
    "keys that are HTML": (served(lambda: Response("<html>")), ["keys_malformed"]),
    "keys that are a list": (served(lambda: Response("[]")), ["keys_malformed"]),
    "keys that are no list": (served(lambda: Response('{"keys": 5}')), ["keys_malformed"]),
    "keys behind a login": (served(lambda: Response(status=403)), ["keys_status"]),
    "no login": (lambda place: place.answers.update({AUTH: lambda: Response(status=404)}), ["login_missing"]),
    "a broken login": (lambda place: place.answers.update({AUTH: lambda: Response(status=500)}), ["login_status"]),
    "a tool that it does not know": (lambda place: setattr(place, "key", None), ["tokens_refused"]),
    "a token endpoint that is a page": (
        lambda place: place.answers.update({TOKENS: lambda: Response("<html>")}),
        ["tokens_malformed"],
    ),
    "a token endpoint that fails": (
        lambda place: place.answers.update({TOKENS: lambda: Response(status=502)}),
        ["tokens_status"],
    ),
    "a scope that it withholds": (
        lambda place: setattr(place, "granted", description.SCOPES[:-1]),
        ["scope_refused"],
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_is_wrong_is_said_and_nothing_else(bench: check.Bench, moodle: Registrar, case: str) -> None:
    change, expected = WRONG[case]
    change(moodle)

    assert unwell(bench, moodle) == expected


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (90, [("wrong", "clock_ahead")]),
        (-90, [("wrong", "clock_behind")]),
        (30, [("note", "clock_ahead")]),
        (-30, [("note", "clock_behind")]),
        (8, []),
        (-8, []),
    ],
)
def test_a_clock_that_is_off_is_said_by_how_much(
    bench: check.Bench, moodle: Registrar, seconds: int, expected: list[tuple[str, str]]
) -> None:
    """The server of the tests writes a Date of its own, so that of the answer is turned."""

    def exchange(method: str, url: str, **how: Any) -> Answer:
        answer = bench.exchange(method, url, **how)
        date = email.utils.formatdate(time.time() + seconds, usegmt=True)
        return replace(answer, headers={**answer.headers, "date": date})

    findings = check.platform(replace(bench, exchange=exchange), record(moodle))

    wrong = [one for one in findings if one.id.startswith("clock_")]
    assert [(one.level, one.id) for one in wrong] == expected
    assert all(abs(seconds) - 2 <= int(one.values["seconds"]) <= abs(seconds) + 2 for one in wrong)


CHANGES: list[tuple[dict[str, Any], list[str]]] = [
    ({"state": "pending"}, ["pending"]),
    ({"jwks_url": "http://127.0.0.1:1025/keys"}, ["keys_unreachable"]),
    ({"jwks_url": "http://10.0.0.1/keys"}, ["keys_unsafe"]),
    ({"auth_url": "http://127.0.0.1:1025/auth"}, ["login_unreachable"]),
    ({"auth_url": "http://10.0.0.1/auth"}, ["login_unsafe"]),
    ({"token_url": "http://127.0.0.1:1025/token"}, ["tokens_unreachable"]),
    ({"token_url": "http://10.0.0.1/token"}, ["tokens_unsafe"]),
    ({"client_id": "client-1", "audience": "https://other.example"}, ["tokens_refused"]),
]


@pytest.mark.parametrize(("changes", "expected"), CHANGES)
def test_a_record_that_is_wrong_is_said_to_be(
    bench: check.Bench, moodle: Registrar, changes: dict[str, Any], expected: list[str]
) -> None:
    assert unwell(bench, moodle, **changes) == expected


def test_a_client_id_that_is_a_command_is_quoted(bench: check.Bench, moodle: Registrar) -> None:
    findings = check.platform(bench, record(moodle, client_id="a; b", state="pending", deployments=()))

    named = [one.values["client"] for one in findings if one.id in {"pending", "deployments_open"}]
    assert named == ["'a; b'", "'a; b'"]


def test_what_is_not_wrong_but_to_know_is_a_note(bench: check.Bench, moodle: Registrar) -> None:
    findings = check.platform(bench, record(moodle, token_url="", deployments=(), family="spec"))

    assert found(findings, check.NOTE) == ["tokens_none", "deployments_open"]


def answering(*bodies: Answer | errors.ServiceError) -> Any:
    """An exchange that answers each question alike; the edge of the world."""

    def exchange(method: str, url: str, **_: Any) -> Answer:
        (body,) = bodies
        if isinstance(body, errors.ServiceError):
            raise body
        return body

    return exchange


def test_a_hosted_canvas_of_which_nobody_knows_where_people_open_it_is_wrong(tool_key: keys.ToolKey) -> None:
    silent = check.Bench(
        answering(errors.ServiceError("timeout")), "https://tool.example", keys.only(tool_key), time.time, str
    )
    canvas = builders.registered("https://canvas.instructure.com", family="canvas")

    findings = check.platform(silent, canvas)

    assert found(findings, check.WRONG) == ["keys_timeout", "login_timeout", "tokens_timeout", "frames"]
    assert found(findings, check.OK) == ["active", "endpoints_protected", "deployments"]


def test_an_answer_without_a_date_says_nothing_of_the_clock(tool_key: keys.ToolKey) -> None:
    body = json.dumps({"keys": [RIGHT]}).encode()
    for headers in ({}, {"date": "yesterday"}):
        bench = check.Bench(
            answering(Answer(200, headers, body, "")), "https://tool.example", keys.only(tool_key), time.time, str
        )
        findings = check.platform(bench, builders.registered("https://lms.example", token_url=""))

        assert not any(one.id.startswith("clock") for one in findings)


OWN: list[tuple[Answer | errors.ServiceError, str]] = [
    (errors.ServiceError("unsafe"), "own_unsafe"),
    (errors.ServiceError("unreachable"), "own_unreachable"),
    (Answer(200, {}, b"<html>", ""), "own_unreachable"),
    (Answer(200, {}, b'{"keys": [{"kid": "another"}]}', ""), "own_foreign"),
]


@pytest.mark.parametrize(("answer", "expected"), OWN)
def test_a_tool_that_is_not_at_its_public_address_is_said_to_be(
    tool_key: keys.ToolKey, answer: Answer | errors.ServiceError, expected: str
) -> None:
    bench = check.Bench(answering(answer), "https://tool.example", keys.only(tool_key), time.time, str)

    assert found(check.tool(bench), check.WRONG) == [expected]
    assert found(check.tool(bench), check.OK) == ["url_protected"]


def test_every_finding_has_its_words_in_both_languages() -> None:
    values = {
        "iss": "i",
        "client": "c",
        "address": "a",
        "url": "u",
        "status": "5",
        "seconds": "9",
        "leeway": "60",
        "scope": "s",
    }
    for language in texts.LANGUAGES:
        ids = {key.removeprefix("check.") for key in texts.catalogue(language) if key.startswith("check.")}
        bare = {one for one in ids if not one.endswith(".cure")}
        levels = {one: check.WRONG if f"{one}.cure" in ids else check.OK for one in bare}
        findings = [check.Finding(levels[one], one, {**values, "ids": "1", "why": "w"}) for one in sorted(bare)]

        lines = check.say(findings, texts.speaker(language))

        assert all(line.text and (line.cure or line.level == check.OK) for line in lines)


def test_the_gravest_finding_counts() -> None:
    fine, note, bad = (check.Finding(level, "active") for level in (check.OK, check.NOTE, check.WRONG))

    assert [check.worst(some) for some in ([], [fine], [fine, note], [bad, note, fine])] == [
        "ok",
        "ok",
        "note",
        "wrong",
    ]
