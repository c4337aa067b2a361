"""Others' public keys: the cache, the key set as it is read, and the fetch over HTTP."""

import base64
import json
import threading

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from flask import Flask, Response, redirect
from werkzeug.serving import make_server

from xapi_collector import errors
from xapi_collector.door import jwks

URL = "https://login.example/keys"
ISSUER = ("https://login.example", URL)
ONE, TWO = (rsa.generate_private_key(public_exponent=65537, key_size=2048) for _ in range(2))
CURVE = ec.generate_private_key(ec.SECP256R1())


def jwk(private, kid):
    """A private key's public part as a JWK."""
    algorithm = jwt.algorithms.RSAAlgorithm if isinstance(private, rsa.RSAPrivateKey) else jwt.algorithms.ECAlgorithm
    return algorithm.to_jwk(private.public_key(), as_dict=True) | {"kid": kid, "use": "sig"}


def known(**keys):
    """A key set as it is kept."""
    return {kid: private.public_key() for kid, private in keys.items()}


class Answers:
    """A fetch that gives these answers in turn, the last one again and again; None is a failure."""

    def __init__(self, *answers):
        self.answers, self.calls = list(answers), []

    def __call__(self, url):
        self.calls.append(url)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if answer is None:
            raise errors.KeySetError("There is no answer.")
        return answer


def reached(sets, kid, now, fetch):
    """Look for a key that is not to be had; whether its absence is certain."""
    with pytest.raises(errors.KeySetError) as caught:
        jwks.find(sets, ISSUER, kid, now, fetch)
    return caught.value.reached


def test_a_known_key_is_fetched_once():
    sets, fetch = jwks.KeySets(), Answers(known(one=ONE))
    found = [jwks.find(sets, ISSUER, "one", now, fetch) for now in (0.0, 10.0, 3599.0)]

    assert found == [ONE.public_key()] * 3
    assert fetch.calls == [URL]


def test_a_new_key_is_seen_after_the_gap():
    sets, fetch = jwks.KeySets(), Answers(known(one=ONE), known(two=TWO))
    jwks.find(sets, ISSUER, "one", 0.0, fetch)

    assert reached(sets, "two", 29.0, fetch)
    assert jwks.find(sets, ISSUER, "two", 30.0, fetch) == TWO.public_key()


def test_a_flood_of_unknown_keys_fetches_once_in_thirty_seconds():
    sets, fetch = jwks.KeySets(), Answers(known(one=ONE))
    found = [reached(sets, f"unknown-{number}", number / 10, fetch) for number in range(20)]

    assert all(found)
    assert len(fetch.calls) == 1


def test_a_key_that_was_taken_back_is_refused_after_an_hour():
    sets, fetch = jwks.KeySets(), Answers(known(one=ONE), known(two=TWO))
    jwks.find(sets, ISSUER, "one", 0.0, fetch)

    assert reached(sets, "one", 3601.0, fetch)


def test_a_known_key_serves_for_a_day_while_nobody_answers():
    sets, fetch = jwks.KeySets(), Answers(known(one=ONE), None)
    jwks.find(sets, ISSUER, "one", 0.0, fetch)

    assert jwks.find(sets, ISSUER, "one", 86_000.0, fetch) == ONE.public_key()
    assert not reached(sets, "one", 86_401.0, fetch)


def test_an_issuer_that_was_never_reached_says_so():
    sets, fetch = jwks.KeySets(), Answers(None)

    assert [reached(sets, "one", now, fetch) for now in (0.0, 1.0)] == [False, False]
    assert len(fetch.calls) == 1


def test_issuers_do_not_share_keys():
    sets = jwks.KeySets()
    jwks.find(sets, ISSUER, "one", 0.0, Answers(known(one=ONE)))

    with pytest.raises(errors.KeySetError):
        jwks.find(sets, ("https://other.example", URL), "one", 0.0, Answers(known(two=TWO)))


def test_a_key_set_is_read():
    found = {"keys": [jwk(ONE, "one"), jwk(TWO, "two"), jwk(CURVE, "curve")]}

    assert jwks.parse(found) == known(one=ONE, two=TWO, curve=CURVE)


def test_a_key_set_without_the_optional_members_is_read():
    bare = {name: value for name, value in jwk(ONE, "one").items() if name not in {"alg", "use"}}

    assert jwks.parse({"keys": [bare]}) == known(one=ONE)


@pytest.mark.parametrize(
    "change",
    [
        {"kid": None},
        {"kid": 7},
        {"kty": "oct", "k": "c2VjcmV0"},
        {"kty": "EC"},
        {"alg": "HS256"},
        {"alg": "ES256"},
        {"use": "enc"},
        {"n": "!!"},
        {"n": None},
        {"d": "AQAB"},
    ],
)
def test_a_key_of_another_kind_names_nothing(change):
    assert jwks.parse({"keys": [jwk(ONE, "one") | change, "text"]}) == {}


@pytest.mark.parametrize(
    "private",
    [rsa.generate_private_key(public_exponent=65537, key_size=1024), ec.generate_private_key(ec.SECP384R1())],
    ids=["short", "other curve"],
)
def test_a_key_that_is_too_short_or_on_another_curve_names_nothing(private):
    assert jwks.parse({"keys": [jwk(private, "one")]}) == {}


def test_an_id_given_twice_names_nothing():
    assert jwks.parse({"keys": [jwk(ONE, "one"), jwk(TWO, "one")]}) == {}


@pytest.mark.parametrize("found", [{}, {"keys": {}}, {"keys": None}])
def test_what_is_no_key_set_is_refused(found):
    with pytest.raises(errors.KeySetError):
        jwks.parse(found)


@pytest.fixture(scope="module")
def server():
    """A server with a key set, and with answers that a key set must not be."""
    app = Flask("answers")
    good = json.dumps({"keys": [jwk(ONE, "one")]})
    answers = {"good": good, "html": "<html>", "list": "[]", "nothing": "", "huge": " " * (300 * 1024) + good}
    for name, text in answers.items():
        app.add_url_rule(f"/{name}", name, lambda text=text: Response(text))
    app.add_url_rule("/bytes", "bytes", lambda: Response(base64.b64decode("/w==")))
    app.add_url_rule("/away", "away", lambda: redirect("/good"))
    app.add_url_rule("/broken", "broken", lambda: Response(good, status=500))
    serving = make_server("127.0.0.1", 0, app)
    thread = threading.Thread(target=serving.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield f"http://127.0.0.1:{serving.server_port}"
    serving.shutdown()
    thread.join()
    serving.server_close()


def test_a_key_set_is_fetched_over_http(server):
    assert jwks.over_http(f"{server}/good") == known(one=ONE)


@pytest.mark.parametrize("path", ["away", "broken", "huge", "missing", "html", "list", "nothing", "bytes"])
def test_a_key_set_that_is_moved_broken_or_huge_is_refused(server, path):
    with pytest.raises(errors.KeySetError):
        jwks.over_http(f"{server}/{path}")


def test_a_server_that_does_not_listen_is_refused(unused_port):
    with pytest.raises(errors.KeySetError):
        jwks.over_http(f"http://127.0.0.1:{unused_port}/jwks")
