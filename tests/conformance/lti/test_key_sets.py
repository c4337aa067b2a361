"""The key sets of platforms: what a hostile one may answer, and a rotation under load that nobody notices."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from flask import Flask, Response, jsonify, redirect

from entrepot.sandbox import tokens
from lti_tool import errors, keys, platforms
from tests.lti_tool import builders
from tests.lti_tool.builders import Bench, TestResponse

SOAK = os.environ.get("ENTREPOT_TEST_SOAK") == "1"
LAUNCHES = 1_000 if SOAK else 160
SIGNER = tokens.new_signer("one")
OTHER = tokens.new_signer("two")


def secret(signer: tokens.Signer) -> dict[str, Any]:
    """A JWK that gives away the private key."""
    return {**tokens.jwk(signer), "d": "AQAB"}


ANSWERS: dict[str, tuple[Any, str]] = {
    "an empty object": (lambda: jsonify({}), "keys_unavailable"),
    "no keys": (lambda: jsonify({"keys": []}), "key_unknown"),
    "keys that are an object": (lambda: jsonify({"keys": {"one": tokens.jwk(SIGNER)}}), "keys_unavailable"),
    "a list": (lambda: jsonify([tokens.jwk(SIGNER)]), "keys_unavailable"),
    "a page": (lambda: "<html>Log in</html>", "keys_unavailable"),
    "half an object": (lambda: '{"keys": [', "keys_unavailable"),
    "an object nested 20,000 deep": (lambda: '{"keys":' + "[" * 20_000 + "]" * 20_000 + "}", "keys_unavailable"),
    "500": (lambda: Response("{}", 500), "keys_unavailable"),
    "404": (lambda: Response("{}", 404), "keys_unavailable"),
    "a redirect": (lambda: redirect("/good"), "keys_unavailable"),
    "300 KiB": (lambda: jsonify({"keys": [tokens.jwk(SIGNER)], "more": "x" * 300_000}), "keys_unavailable"),
    "a stream without end": (lambda: Response(iter(lambda: b" " * 65_536, None)), "keys_unavailable"),
    "the key of another platform": (
        lambda: jsonify({"keys": [{**tokens.jwk(OTHER), "kid": "one"}]}),
        "signature_wrong",
    ),
    "a key of 1,024 bits": (
        lambda: jsonify({"keys": [tokens.jwk(builders.another_signer("one", 1024))]}),
        "key_unknown",
    ),
    "a shared secret": (lambda: jsonify({"keys": [{"kty": "oct", "k": "AAAA", "kid": "one"}]}), "key_unknown"),
    "a key for HS256": (lambda: jsonify({"keys": [{**tokens.jwk(SIGNER), "alg": "HS256"}]}), "key_unknown"),
    "a key to encrypt with": (lambda: jsonify({"keys": [{**tokens.jwk(SIGNER), "use": "enc"}]}), "key_unknown"),
    "a key on a curve": (
        lambda: jsonify({"keys": [_on_a_curve()]}),
        "key_unknown",
    ),
    "a private key": (lambda: jsonify({"keys": [secret(SIGNER)]}), "key_unknown"),
    "one key id twice": (
        lambda: jsonify({"keys": [tokens.jwk(SIGNER), {**tokens.jwk(OTHER), "kid": "one"}]}),
        "key_unknown",
    ),
    "a key id that is an object": (lambda: jsonify({"keys": [{**tokens.jwk(SIGNER), "kid": {}}]}), "key_unknown"),
    "keys that are texts": (lambda: jsonify({"keys": ["one"]}), "key_unknown"),
}


def _on_a_curve() -> dict[str, Any]:
    key = ec.generate_private_key(ec.SECP256R1()).public_key()
    return {**jwt.algorithms.ECAlgorithm.to_jwk(key, as_dict=True), "kid": "one", "alg": "ES256"}


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """Each answer at an address of its own, and a good one."""
    app = Flask("keys")
    for number, (answer, _) in enumerate(ANSWERS.values()):
        app.add_url_rule(f"/{number}", f"answer-{number}", answer)
    app.add_url_rule("/good", "good", lambda: jsonify({"keys": [tokens.jwk(SIGNER)]}))
    with builders.serving(app) as base:
        yield base


@pytest.fixture(scope="module")
def running(
    tmp_path_factory: pytest.TempPathFactory, issuer: builders.Issuer, tool_key: keys.ToolKey
) -> Iterator[Bench]:
    with builders.bench(tmp_path_factory.mktemp("keys"), issuer, tool_key) as one:
        yield one


def launched(bench: Bench, iss: str, signer: tokens.Signer = SIGNER) -> TestResponse:
    browser = bench.client()
    begun = builders.begin(browser, iss)
    return builders.launch(browser, begun.state, tokens.sign(signer, builders.claims(iss, begun.nonce, bench.clock())))


def reason(answer: TestResponse) -> str:
    return answer.text.partition('<span class="hash">')[2].partition("<")[0]


@pytest.mark.parametrize("row", ANSWERS)
def test_a_key_set_that_is_none_lets_nobody_in(running: Bench, server: str, row: str) -> None:
    number, (_, expected) = list(ANSWERS).index(row), ANSWERS[row]
    iss = f"https://platform-{number}.example"
    platforms.register(running.storage, builders.registered(iss, jwks_url=f"{server}/{number}"))

    answer = launched(running, iss)

    assert (answer.status_code, reason(answer)) == (errors.CODES[expected], expected)


def test_a_good_key_set_lets_people_in(running: Bench, server: str) -> None:
    platforms.register(running.storage, builders.registered("https://good.example", jwks_url=f"{server}/good"))

    assert launched(running, "https://good.example").status_code == 200


@pytest.mark.parametrize(
    "url",
    ["http://169.254.169.254/latest/meta-data", "http://10.0.0.1/jwks", "http://[::1]:1/jwks", "https://127.0.0.1:22/"],
)
def test_an_address_inside_the_network_is_not_asked(running: Bench, url: str) -> None:
    iss = f"https://inside-{abs(hash(url))}.example"
    platforms.register(running.storage, builders.registered(iss, jwks_url=url))

    assert reason(launched(running, iss)) == "keys_unavailable"


class Rotating:
    """A platform that may change its keys while it is asked."""

    def __init__(self, *signers: tokens.Signer, control: str = "") -> None:
        self.signers, self.control, self.asked = list(signers), control, 0
        self.lock = threading.Lock()
        self.app = Flask("rotating")
        self.app.add_url_rule("/jwks", "jwks", self.answer)

    def answer(self) -> Response:
        with self.lock:
            self.asked += 1
            answer = jsonify({"keys": [tokens.jwk(signer) for signer in self.signers]})
        if self.control:
            answer.headers["Cache-Control"] = self.control
        return answer


def test_keys_rotated_under_load_cost_no_launch(bench: Bench) -> None:
    """A platform publishes its next key beside the one that signs, signs with it from then on, then drops the old."""
    platform = Rotating(SIGNER)
    signing = [SIGNER]
    with builders.serving(platform.app) as iss:
        platforms.register(bench.storage, builders.registered(iss))

        def one(number: int) -> int:
            if number == LAUNCHES // 4:
                platform.signers = [SIGNER, OTHER]
            if number == LAUNCHES // 2:
                bench.clock.offset = 31  # it was asked within the last half minute, so it is not asked again at once
                signing[0] = OTHER
            if number == 3 * LAUNCHES // 4:
                platform.signers = [OTHER]
            return launched(bench, iss, signing[0]).status_code

        with ThreadPoolExecutor(8) as pool:
            found = list(pool.map(one, range(LAUNCHES)))

    assert found == [200] * LAUNCHES
    assert platform.asked == 2


def test_many_unknown_keys_at_once_ask_the_platform_once(bench: Bench) -> None:
    platform = Rotating(SIGNER)
    with builders.serving(platform.app) as iss:
        platforms.register(bench.storage, builders.registered(iss))
        found = [reason(launched(bench, iss, builders.another_signer(f"k{n}"))) for n in range(5)]

    assert found == ["key_unknown"] * 5
    assert platform.asked == 1


@pytest.mark.parametrize(
    ("control", "still", "over"),
    [("", 3590, 3610), ("max-age=86400", 3590, 3610), ("public, max-age=300", 290, 310), ("no-store", 55, 65)],
)
def test_a_retired_key_ends_within_the_hour_or_when_the_platform_said(
    bench: Bench, control: str, still: int, over: int
) -> None:
    platform = Rotating(SIGNER, control=control)
    with builders.serving(platform.app) as iss:
        platforms.register(bench.storage, builders.registered(iss))
        first = launched(bench, iss).status_code
        platform.signers = [OTHER]
        bench.clock.offset = still
        before = launched(bench, iss).status_code
        bench.clock.offset = over
        after = reason(launched(bench, iss))

    assert (first, before, after) == (200, 200, "key_unknown")


def test_a_platform_that_is_away_for_a_day_loses_no_launch_and_then_all(bench: Bench) -> None:
    platform = Rotating(SIGNER)
    with builders.serving(platform.app) as iss:
        platforms.register(bench.storage, builders.registered(iss))
        assert launched(bench, iss).status_code == 200
    bench.clock.offset = 86_000
    during = launched(bench, iss).status_code
    bench.clock.offset = 86_500

    assert during == 200
    assert reason(launched(bench, iss)) == "keys_unavailable"
