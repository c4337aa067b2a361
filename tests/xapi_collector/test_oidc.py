"""Bearer tokens of the institution's issuer."""

import base64
import json
import threading

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from flask import Flask, g
from werkzeug.serving import make_server

from storage import errors as storage_errors
from tests.xapi_collector import lrs as builders
from tests.xapi_collector.lrs import statement

NOW = 1_700_000_000
AUDIENCE = "https://lrs.example/xapi"
RSA, OTHER = (rsa.generate_private_key(public_exponent=65537, key_size=2048) for _ in range(2))
CURVE = ec.generate_private_key(ec.SECP256R1())
VERSION = {"X-Experience-API-Version": "1.0.3"}


def _jwk(private, kid):
    algorithm = jwt.algorithms.RSAAlgorithm if isinstance(private, rsa.RSAPrivateKey) else jwt.algorithms.ECAlgorithm
    return algorithm.to_jwk(private.public_key(), as_dict=True) | {"kid": kid, "use": "sig"}


class Issuer:
    """An issuer on this machine: its discovery document, its keys, and how often it was asked."""

    def __init__(self):
        self.app = Flask("issuer")
        self.keys = [_jwk(RSA, "one"), _jwk(CURVE, "curve")]
        self.asked = []
        self.discovery = {}
        self.app.add_url_rule("/.well-known/openid-configuration", "discovery", self._discover)
        self.app.add_url_rule("/keys", "keys", self._answer)
        self.server = make_server("127.0.0.1", 0, self.app)
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def _discover(self):
        self.asked.append("discovery")
        return {"issuer": self.url, "jwks_uri": f"{self.url}/keys"} | self.discovery

    def _answer(self):
        self.asked.append("keys")
        return {"keys": self.keys}

    def token(self, private=RSA, header=None, **changes):
        """A token for this collector; None takes a claim away."""
        claims = {
            "iss": self.url,
            "aud": AUDIENCE,
            "iat": NOW - 10,
            "exp": NOW + 300,
            "sub": "service-account",
            "azp": "moodle",
            "scope": "openid statements/write statements/read",
        } | changes
        curve = isinstance(private, ec.EllipticCurvePrivateKey)
        return jwt.encode(
            {name: value for name, value in claims.items() if value is not None},
            private,
            algorithm="ES256" if curve else "RS256",
            headers={"kid": "curve" if curve else "one"} | (header or {}),
        )


@pytest.fixture
def issuer():
    made = Issuer()
    thread = threading.Thread(target=made.server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield made
    made.server.shutdown()
    thread.join()
    made.server.server_close()


class Clock:
    """A clock that is set by hand: seconds since 1970."""

    seconds = NOW

    def __call__(self):
        return self.seconds * 1_000_000


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def trusting(tmp_path, issuer, clock):
    """A collector that takes the issuer's tokens."""
    made = builders.make(
        f"sqlite:///{tmp_path}/store", tmp_path, {"oidc_issuer": issuer.url, "oidc_audience": AUDIENCE}, clock=clock
    )
    yield made
    made.storage.close()


def status(lrs, token, method="GET"):
    """The status of a request with a token."""
    return ask(lrs, token, method).status_code


def ask(lrs, token, method="GET"):
    """A request with a token."""
    return lrs.client.open(
        "/xapi/statements", method=method, headers=VERSION | {"Authorization": f"Bearer {token}"}, json=[]
    )


@pytest.mark.parametrize("private", [RSA, CURVE], ids=["RS256", "ES256"])
def test_a_token_of_the_issuer_is_taken(trusting, issuer, private):
    assert status(trusting, issuer.token(private)) == 200


def test_a_basic_credential_is_taken_as_before(trusting):
    assert trusting.get().status_code == 200


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({}, "moodle"),
        ({"azp": None, "client_id": "canvas"}, "canvas"),
        ({"azp": None}, "service-account"),
    ],
)
def test_the_authority_is_the_client_at_the_issuer(trusting, issuer, changes, name):
    one = statement()
    headers = VERSION | {"Authorization": f"Bearer {issuer.token(**changes)}"}
    trusting.client.post("/xapi/statements", json=one, headers=headers)
    found = trusting.get(statementId=one["id"]).json["authority"]

    assert found == {"objectType": "Agent", "account": {"homePage": issuer.url, "name": name}}


@pytest.mark.parametrize(
    ("changes", "get", "post"),
    [
        ({"scope": "statements/write"}, 403, 200),
        ({"scope": "statements/read"}, 200, 403),
        ({"scope": "all"}, 200, 200),
        ({"scope": "all/read openid"}, 200, 403),
        ({"scope": ["statements/read/mine", 7]}, 200, 403),
        ({"scope": None, "scp": "statements/write"}, 403, 200),
        ({"scope": None}, 403, 403),
        ({"scope": "ALL statements lrs:all"}, 403, 403),
        ({"scope": {"all": True}}, 403, 403),
    ],
)
def test_a_token_may_do_what_its_scopes_say(trusting, issuer, changes, get, post):
    token = issuer.token(**changes)

    assert (status(trusting, token), status(trusting, token, "POST")) == (get, post)


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "https://evil.example"},
        {"iss": None},
        {"aud": "https://other.example"},
        {"aud": None},
        {"aud": []},
        {"exp": None},
        {"iat": None},
        {"exp": NOW - 60},
        {"exp": "tomorrow"},
        {"exp": True},
        {"exp": float("1e300")},
        {"iat": NOW + 61},
        {"nbf": NOW + 61},
        {"azp": None, "sub": None},
        {"azp": "x" * 300},
        {"azp": ["moodle"], "sub": None},
    ],
)
def test_a_token_that_is_not_for_now_and_here_is_refused(trusting, issuer, changes):
    answer = ask(trusting, issuer.token(**changes))

    assert (answer.status_code, answer.content_type) == (401, "application/problem+json")
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="xAPI", error="invalid_token"'


@pytest.mark.parametrize(
    "changes",
    [{"aud": [AUDIENCE, "other"]}, {"exp": NOW - 59}, {"iat": NOW + 60}, {"nbf": NOW + 60}, {"nbf": NOW - 5}],
)
def test_a_minute_of_difference_between_the_clocks_is_forgiven(trusting, issuer, changes):
    assert status(trusting, issuer.token(**changes)) == 200


def _forged(issuer, header, signature=b""):
    body = jwt.decode(issuer.token(), options={"verify_signature": False})
    parts = (json.dumps({"kid": "one"} | header).encode(), json.dumps(body).encode(), signature)
    return ".".join(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in parts)


def test_a_forged_token_is_refused(trusting, issuer):
    public = RSA.public_key().public_numbers().n.to_bytes(256)
    good = issuer.token()
    forged = {
        "another key": issuer.token(OTHER),
        "none": _forged(issuer, {"alg": "none"}),
        "HS256": _forged(issuer, {"alg": "HS256"}, public),
        "PS256": _forged(issuer, {"alg": "PS256"}, public),
        "a curve's key for RSA": issuer.token(CURVE, {"kid": "one"}),
        "RSA's key for a curve": issuer.token(RSA, {"kid": "curve"}),
        "crit": issuer.token(header={"crit": ["x"], "x": 1}),
        "no key id": _forged(issuer, {"alg": "RS256", "kid": None}),
        "a long key id": issuer.token(header={"kid": "x" * 300}),
        "cut": good[:-8],
        "other body": ".".join((good.split(".")[0], issuer.token(azp="evil").split(".")[1], good.split(".")[2])),
        "empty": "",
        "dots": "..",
        "text": "x.y.z",
        "deep": f"{base64.urlsafe_b64encode(b'[' * 5000).decode()}.e30.e30",
        "long": good + "A" * 20_000,
    }

    assert {name: status(trusting, token) for name, token in forged.items()} == dict.fromkeys(forged, 401)


def test_an_unknown_key_is_looked_for_once_in_thirty_seconds(trusting, issuer, clock):
    status(trusting, issuer.token())
    clock.seconds += 31
    found = [status(trusting, issuer.token(header={"kid": f"unknown-{number}"})) for number in range(20)]

    assert found == [401] * 20
    assert issuer.asked == ["discovery", "keys"] * 2


def test_a_new_key_of_the_issuer_is_seen(trusting, issuer, clock):
    status(trusting, issuer.token())
    issuer.keys = [_jwk(OTHER, "two")]
    clock.seconds += 31

    assert status(trusting, issuer.token(OTHER, {"kid": "two"})) == 200


def test_while_the_issuer_is_away_a_known_key_serves_and_an_unknown_one_is_asked_for_later(trusting, issuer, clock):
    known = issuer.token(exp=NOW + 10_000)
    status(trusting, known)
    issuer.keys = "broken"
    clock.seconds += 7000
    answer = ask(trusting, issuer.token(header={"kid": "two"}, iat=NOW + 7000, exp=NOW + 9000))

    assert status(trusting, known) == 200
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "30")


@pytest.mark.parametrize(
    "change", [{"issuer": "https://evil.example"}, {"jwks_uri": "http://evil.example/keys"}, {"jwks_uri": 7}]
)
def test_a_discovery_document_of_somebody_else_gives_no_keys(trusting, issuer, change):
    issuer.discovery = change

    assert status(trusting, issuer.token()) == 503
    assert "keys" not in issuer.asked


def test_the_address_of_the_keys_can_be_set(tmp_path, issuer, clock):
    configured = {"oidc_issuer": issuer.url, "oidc_audience": AUDIENCE, "oidc_jwks_url": f"{issuer.url}/keys"}
    made = builders.make(f"sqlite:///{tmp_path}/store", tmp_path, configured, clock=clock)

    assert status(made, issuer.token()) == 200
    assert issuer.asked == ["keys"]
    made.storage.close()


def test_whoever_has_no_credential_hears_of_both_ways(trusting):
    answer = trusting.client.get("/xapi/statements", headers=VERSION)

    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == 'Basic realm="xAPI", charset="UTF-8", Bearer realm="xAPI"'


def test_without_an_issuer_no_token_is_taken(quick, issuer):
    assert status(quick, issuer.token()) == 401


@pytest.mark.parametrize(
    "configured",
    [
        {"oidc_issuer": "http://login.example", "oidc_audience": AUDIENCE},
        {"oidc_issuer": "https://", "oidc_audience": AUDIENCE},
        {"oidc_issuer": "login.example", "oidc_audience": AUDIENCE},
        {"oidc_issuer": "https://login.example"},
        {"oidc_issuer": "https://login.example", "oidc_audience": AUDIENCE, "oidc_jwks_url": "file:///etc/passwd"},
    ],
)
def test_a_setting_that_cannot_be_meant_is_refused_at_the_start(tmp_path, configured):
    with pytest.raises(storage_errors.SettingsError, match="ENTREPOT_XAPI_OIDC_"):
        builders.make(f"sqlite:///{tmp_path}/store", tmp_path, configured)


def test_the_name_of_a_client_is_in_no_log_key(trusting, issuer):
    with trusting.client as client:
        headers = VERSION | {"Authorization": f"Bearer {issuer.token()}"}
        client.get("/xapi/activities?activityId=https%3A%2F%2Fa.example", headers=headers)

        assert g.credential.key.startswith("oidc-")
        assert "moodle" not in g.credential.key
