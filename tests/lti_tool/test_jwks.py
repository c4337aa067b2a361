from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from flask import Flask, Response, redirect

from entrepot.sandbox import tokens
from lti_tool import errors, jwks
from lti_tool.jwks import KeySet, KeySets
from tests.lti_tool import builders

ONE = builders.another_signer("one")
TWO = builders.another_signer("two")
PLATFORM = builders.registered("https://lms.example")


def key_set(*signers: tokens.Signer) -> KeySet:
    return {signer.kid: signer.private.public_key() for signer in signers}


def serving(answers: list[KeySet | None]) -> tuple[Callable[[str], KeySet], list[str]]:
    """A fetch that gives these answers in turn, None is a failure; and the record of its calls."""
    calls: list[str] = []

    def fetch(url: str) -> KeySet:
        calls.append(url)
        answer = answers[min(len(calls), len(answers)) - 1]
        if answer is None:
            raise errors.KeyUnavailable("keys_unavailable", "jwks_url")
        return answer

    return fetch, calls


def code(sets: KeySets, kid: str, now: float, fetch: Callable[[str], KeySet]) -> str:
    with pytest.raises(errors.KeyUnavailable) as caught:
        jwks.find(sets, PLATFORM, kid, now, fetch)
    return caught.value.code


def test_a_known_key_is_fetched_once() -> None:
    sets, (fetch, calls) = KeySets(), serving([key_set(ONE)])

    found = [jwks.find(sets, PLATFORM, "one", now, fetch) for now in (0.0, 10.0, 3599.0)]

    assert found == [ONE.private.public_key()] * 3
    assert calls == ["https://lms.example/jwks"]


def test_a_new_key_of_the_platform_is_seen_at_once_after_the_gap() -> None:
    sets, (fetch, _) = KeySets(), serving([key_set(ONE), key_set(TWO)])
    jwks.find(sets, PLATFORM, "one", 0.0, fetch)

    assert jwks.find(sets, PLATFORM, "two", 31.0, fetch) == TWO.private.public_key()


def test_a_flood_of_unknown_keys_fetches_once_in_thirty_seconds() -> None:
    sets, (fetch, calls) = KeySets(), serving([key_set(ONE)])
    found = [code(sets, f"unknown-{number}", number / 10, fetch) for number in range(20)]

    assert set(found) == {"key_unknown"}
    assert len(calls) == 1


def test_a_key_that_the_platform_took_back_is_refused_after_an_hour() -> None:
    sets, (fetch, _) = KeySets(), serving([key_set(ONE), key_set(TWO)])
    jwks.find(sets, PLATFORM, "one", 0.0, fetch)

    assert code(sets, "one", 3601.0, fetch) == "key_unknown"


def test_a_known_key_serves_for_a_day_while_the_platform_is_away() -> None:
    sets, (fetch, _) = KeySets(), serving([key_set(ONE), None])
    jwks.find(sets, PLATFORM, "one", 0.0, fetch)

    assert jwks.find(sets, PLATFORM, "one", 86_000.0, fetch) == ONE.private.public_key()
    assert code(sets, "one", 87_000.0, fetch) == "keys_unavailable"


def test_a_platform_that_was_never_reached_says_so() -> None:
    sets, (fetch, calls) = KeySets(), serving([None])

    assert [code(sets, "one", now, fetch) for now in (0.0, 1.0)] == ["keys_unavailable"] * 2
    assert len(calls) == 1


def test_platforms_do_not_share_keys() -> None:
    sets, (fetch, _) = KeySets(), serving([key_set(ONE)])
    jwks.find(sets, PLATFORM, "one", 0.0, fetch)
    other, (fetch_other, calls) = builders.registered("https://other.example"), serving([key_set(TWO)])

    with pytest.raises(errors.KeyUnavailable):
        jwks.find(sets, other, "one", 0.0, fetch_other)
    assert calls == ["https://other.example/jwks"]


def test_a_key_set_is_read() -> None:
    body = json.dumps({"keys": [tokens.jwk(ONE), tokens.jwk(TWO)]}).encode()

    assert jwks.parse(body) == key_set(ONE, TWO)


def test_a_key_set_without_the_optional_members_is_read() -> None:
    bare = {name: value for name, value in tokens.jwk(ONE).items() if name not in {"alg", "use"}}

    assert jwks.parse(json.dumps({"keys": [bare]}).encode()) == key_set(ONE)


@pytest.mark.parametrize(
    "change",
    [
        {"kid": None},
        {"kid": 7},
        {"kty": "oct", "k": "c2VjcmV0"},
        {"alg": "HS256"},
        {"use": "enc"},
        {"n": "!!"},
        {"n": None},
        {"d": "AQAB"},
    ],
)
def test_a_key_of_another_kind_names_nothing(change: dict[str, Any]) -> None:
    body = json.dumps({"keys": [{**tokens.jwk(ONE), **change}, "text"]}).encode()

    assert jwks.parse(body) == {}


def test_a_short_key_names_nothing() -> None:
    short = tokens.Signer(rsa.generate_private_key(public_exponent=65537, key_size=1024), "one")

    assert jwks.parse(json.dumps({"keys": [tokens.jwk(short)]}).encode()) == {}


def test_an_id_given_twice_names_nothing() -> None:
    twice = {**tokens.jwk(TWO), "kid": "one"}

    assert jwks.parse(json.dumps({"keys": [tokens.jwk(ONE), twice]}).encode()) == {}


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b"{}", b'{"keys": {}}', b"\xff"])
def test_what_is_no_key_set_is_refused(body: bytes) -> None:
    with pytest.raises(errors.KeyUnavailable):
        jwks.parse(body)


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """A server that answers in ways that a key set must not."""
    app = Flask("answers")
    good = json.dumps({"keys": [tokens.jwk(ONE)]})
    app.add_url_rule("/good", "good", lambda: Response(good))
    app.add_url_rule("/away", "away", lambda: redirect("/good"))
    app.add_url_rule("/broken", "broken", lambda: Response("broken", status=500))
    app.add_url_rule("/huge", "huge", lambda: Response(b" " * (300 * 1024) + good.encode()))
    with builders.serving(app) as base:
        yield base


def test_a_key_set_is_fetched_over_http(server: str) -> None:
    assert jwks.over_http(f"{server}/good") == key_set(ONE)


@pytest.mark.parametrize("path", ["away", "broken", "huge", "nothing"])
def test_a_key_set_that_is_moved_broken_or_huge_is_refused(server: str, path: str) -> None:
    with pytest.raises(errors.KeyUnavailable):
        jwks.over_http(f"{server}/{path}")


def test_a_server_that_does_not_listen_is_refused(unused_port: int) -> None:
    with pytest.raises(errors.KeyUnavailable):
        jwks.over_http(f"http://127.0.0.1:{unused_port}/jwks")
