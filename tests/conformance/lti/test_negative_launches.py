"""Launches that must not be: one table, each row refused by a 4xx page with its reason, and nothing is kept of it.

The rows are those that other tools and libraries were seen to let through, or to fail at, and more.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from entrepot.sandbox import tokens
from lti_tool import claims, errors, keys, platforms
from lti_tool import settings as tool_settings
from lti_tool.settings import LOGINS, PACES
from tests.lti_tool import builders
from tests.lti_tool.builders import LTI, REMOVE, TOOL, Begun, Bench, TestResponse

Make = Callable[[Bench, Begun], str]
AGS, NRPS, DL = claims.AGS, claims.NRPS, claims.DL
LONG = "x" * 256
HUGE = 10**400
KID = "sandbox-1"


def changed(**changes: Any) -> Make:
    """The claims of a valid launch, changed and signed by the platform."""
    return lambda bench, begun: tokens.sign(
        bench.issuer.signer, builders.claims(bench.issuer.iss, begun.nonce, bench.clock(), **changes)
    )


def added(name: str, value: Any) -> Make:
    """A claim more, by its whole name."""

    def make(bench: Bench, begun: Begun) -> str:
        body = {**builders.claims(bench.issuer.iss, begun.nonce, bench.clock()), name: value}
        return tokens.sign(bench.issuer.signer, body)

    return make


def at(**seconds: float) -> Make:
    """Times that are so many seconds from now."""

    def make(bench: Bench, begun: Begun) -> str:
        now = int(bench.clock())
        return changed(**{name: now + value for name, value in seconds.items()})(bench, begun)

    return make


def headed(**header: Any) -> Make:
    """A changed header over the valid claims; signed again, so that only the header is wrong."""
    return lambda bench, begun: signed(
        bench, {"alg": "RS256", "kid": KID, **header}, builders.claims(bench.issuer.iss, begun.nonce, bench.clock())
    )


def signed(bench: Bench, header: Any, body: Any, key: rsa.RSAPrivateKey | None = None) -> str:
    """Whatever header and body, with a signature over both: by the platform's own key, or another."""
    head, text = (encoded(one if isinstance(one, bytes) else json.dumps(one).encode()) for one in (header, body))
    algorithm = jwt.algorithms.RSAAlgorithm(jwt.algorithms.RSAAlgorithm.SHA256)
    seal = algorithm.sign(f"{head}.{text}".encode(), key or bench.issuer.signer.private)
    return f"{head}.{text}.{encoded(seal)}"


def encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def payload(raw: bytes) -> Make:
    """A signed payload that is no set of claims."""
    return lambda bench, _: signed(bench, {"alg": "RS256", "kid": KID}, raw)


def text(token: str) -> Make:
    return lambda *_: token


def cut(*parts: int) -> Make:
    """Only these of the three parts of a valid token."""
    return lambda bench, begun: ".".join(changed()(bench, begun).split(".")[part] for part in parts)


def unsigned(bench: Bench, begun: Begun) -> str:
    body = builders.claims(bench.issuer.iss, begun.nonce)
    return jwt.encode(body, None, algorithm="none", headers={"kid": KID})


def with_another_key(bench: Bench, begun: Begun) -> str:
    return tokens.sign(builders.another_signer(KID), builders.claims(bench.issuer.iss, begun.nonce))


def with_a_small_key(bench: Bench, begun: Begun) -> str:
    small = builders.another_signer(KID, 1024).private
    return signed(bench, {"alg": "RS256", "kid": KID}, builders.claims(bench.issuer.iss, begun.nonce), small)


def with_our_own_key(bench: Bench, begun: Begun) -> str:
    private = bench.app.extensions["lti_tool"].keys.signing.private
    return tokens.sign(tokens.Signer(private, KID), builders.claims(bench.issuer.iss, begun.nonce))


def on_a_curve(bench: Bench, begun: Begun) -> str:
    key = ec.generate_private_key(ec.SECP256R1())
    return jwt.encode(builders.claims(bench.issuer.iss, begun.nonce), key, algorithm="ES256", headers={"kid": KID})


def by_the_public_key(bench: Bench, begun: Begun) -> str:
    pem = bench.issuer.signer.private.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    head = encoded(json.dumps({"alg": "HS256", "kid": KID}).encode())
    body = changed()(bench, begun).split(".")[1]
    seal = jwt.algorithms.HMACAlgorithm(jwt.algorithms.HMACAlgorithm.SHA256).sign(f"{head}.{body}".encode(), pem)
    return f"{head}.{body}.{encoded(seal)}"


def bringing(**header: Any) -> Make:
    """A key that the token itself brings along, or says where to find."""

    def make(bench: Bench, begun: Begun) -> str:
        signer = builders.another_signer("brought")
        given = {name: tokens.jwk(signer) if value is tokens.jwk else value for name, value in header.items()}
        return tokens.sign(signer, builders.claims(bench.issuer.iss, begun.nonce), **given)

    return make


def of_another_login(bench: Bench, begun: Begun) -> str:
    other = builders.begin(bench.client(), bench.issuer.iss)
    return tokens.sign(bench.issuer.signer, builders.claims(bench.issuer.iss, other.nonce))


def with_another_payload(bench: Bench, begun: Begun) -> str:
    head, _, seal = changed()(bench, begun).split(".")
    body = changed(sub="28400")(bench, begun).split(".")[1]
    return f"{head}.{body}.{seal}"


def nested(levels: int) -> bytes:
    return b'{"a":' + b"[" * levels + b"]" * levels + b"}"


ROWS: dict[str, tuple[Make, str]] = {
    # what is no token
    "an empty token": (text(""), "token_missing"),
    "one word": (text("abc"), "token_malformed"),
    "two parts": (cut(0, 1), "token_malformed"),
    "four parts": (cut(0, 1, 2, 2), "token_malformed"),
    "five parts, as an encrypted token has": (cut(0, 1, 2, 1, 2), "token_malformed"),
    "the parts in another order": (cut(1, 0, 2), "algorithm_refused"),
    "dots alone": (text("." * 10), "token_malformed"),
    "letters of other alphabets": (text("é.è.ê"), "token_malformed"),
    "a NUL": (text("a\x00.b.c"), "token_malformed"),
    "64 KiB and more": (text("x" * 70_000), "token_malformed"),
    "no signature": (lambda b, n: cut(0, 1)(b, n) + ".", "signature_wrong"),
    "a signature that is not base64url": (lambda b, n: cut(0, 1)(b, n) + ".!!!", "token_malformed"),
    "a signature of another message": (with_another_payload, "signature_wrong"),
    "a header that is no JSON": (lambda b, _: signed(b, b"{", {}), "token_malformed"),
    "a header that is a list": (lambda b, _: signed(b, [], {}), "token_malformed"),
    "a header that is null": (lambda b, _: signed(b, b"null", {}), "token_malformed"),
    "a header nested 20,000 deep": (lambda b, _: signed(b, nested(20_000), {}), "token_malformed"),
    "a header that is no UTF-8": (lambda b, _: signed(b, b"\xff\xfe", {}), "token_malformed"),
    "a payload that is a list": (payload(b"[]"), "token_malformed"),
    "a payload that is a text": (payload(b'"claims"'), "token_malformed"),
    "a payload that is a number": (payload(b"7"), "token_malformed"),
    "a payload that is null": (payload(b"null"), "token_malformed"),
    "a payload that ends early": (payload(b'{"iss": 1'), "token_malformed"),
    "a payload that is empty": (payload(b""), "token_malformed"),
    "a payload that is no UTF-8": (payload(b'{"iss": "\xff"}'), "token_malformed"),
    "a payload nested 20,000 deep": (payload(nested(20_000)), "token_malformed"),
    "a payload with a number of 5,000 digits": (payload(b'{"exp": ' + b"9" * 5000 + b"}"), "token_malformed"),
    "no claims at all": (payload(b"{}"), "claim_missing"),
    # header and key
    "the algorithm none": (unsigned, "algorithm_refused"),
    "the algorithm None": (headed(alg="None"), "algorithm_refused"),
    "the public key as a shared secret": (by_the_public_key, "algorithm_refused"),
    "an algorithm on a curve": (on_a_curve, "algorithm_refused"),
    "the algorithm RS384": (headed(alg="RS384"), "algorithm_refused"),
    "the algorithm PS256": (headed(alg="PS256"), "algorithm_refused"),
    "the algorithm in lower case": (headed(alg="rs256"), "algorithm_refused"),
    "no algorithm": (headed(alg=None), "algorithm_refused"),
    "a list of algorithms": (headed(alg=["RS256"]), "algorithm_refused"),
    "no key id": (lambda b, n: signed(b, {"alg": "RS256"}, {}), "key_id_missing"),
    "an empty key id": (headed(kid=""), "key_id_missing"),
    "a key id that is a number": (headed(kid=7), "token_malformed"),
    "a key id that is an object": (headed(kid={"kid": KID}), "token_malformed"),
    "a key id that is a list": (headed(kid=[KID]), "token_malformed"),
    "a key id of 300 characters": (headed(kid="k" * 300), "key_id_missing"),
    "a key id that nobody has": (headed(kid="nobody"), "key_unknown"),
    "a key id that is a path": (headed(kid="../../etc/passwd"), "key_unknown"),
    "a key id that is a query": (headed(kid="' OR 1=1 --"), "key_unknown"),
    "another key under the platform's key id": (with_another_key, "signature_wrong"),
    "a key of 1,024 bits": (with_a_small_key, "signature_wrong"),
    "the tool's own key": (with_our_own_key, "signature_wrong"),
    "a key in the header": (bringing(jwk=tokens.jwk), "key_unknown"),
    "an address of keys in the header": (bringing(jku="https://evil.example/jwks"), "key_unknown"),
    "an address of certificates in the header": (bringing(x5u="https://evil.example/x"), "key_unknown"),
    "a certificate in the header": (bringing(x5c=["MIIB"]), "key_unknown"),
    "a critical header": (headed(crit=["exp"], exp=1), "token_malformed"),
    "an empty list of critical headers": (headed(crit=[]), "token_malformed"),
    "an unencoded payload": (headed(b64=False), "token_malformed"),
    "an unencoded payload, said to be critical": (headed(b64=False, crit=["b64"]), "token_malformed"),
    # who, for whom
    "no issuer": (changed(iss=REMOVE), "claim_missing"),
    "another issuer": (changed(iss="https://evil.example"), "issuer_mismatch"),
    "the issuer with a slash": (lambda b, n: changed(iss=b.issuer.iss + "/")(b, n), "issuer_mismatch"),
    "the issuer in capitals": (lambda b, n: changed(iss=b.issuer.iss.upper())(b, n), "issuer_mismatch"),
    "an empty issuer": (changed(iss=""), "issuer_mismatch"),
    "no audience": (changed(aud=REMOVE), "claim_missing"),
    "another audience": (changed(aud="client-b"), "audience_mismatch"),
    "an empty audience": (changed(aud=""), "claim_missing"),
    "no audience in the list": (changed(aud=[]), "claim_missing"),
    "an audience that begins like ours": (changed(aud="client-a2"), "audience_mismatch"),
    "an audience that is a number": (changed(aud=7), "audience_mismatch"),
    "an audience with a number in it": (changed(aud=["client-a", 7]), "audience_mismatch"),
    "an audience of 21 clients": (changed(aud=["client-a"] * 21, azp="client-a"), "claim_invalid"),
    "two audiences and no party": (changed(aud=["client-a", "evil"]), "authorized_party_mismatch"),
    "two audiences and another party": (changed(aud=["client-a", "evil"], azp="evil"), "authorized_party_mismatch"),
    "another party": (changed(azp="evil"), "authorized_party_mismatch"),
    "a party that is a list": (changed(azp=["client-a"]), "claim_invalid"),
    "an empty party": (changed(azp=""), "claim_invalid"),
    "no sub": (changed(sub=REMOVE), "claim_missing"),
    "a sub that is null": (changed(sub=None), "claim_missing"),
    "an empty sub": (changed(sub=""), "claim_invalid"),
    "a sub of 256 characters": (changed(sub=LONG), "claim_invalid"),
    "a sub of 10 kB": (changed(sub="x" * 10_000), "claim_invalid"),
    "a sub that is no ASCII": (changed(sub="学习者"), "claim_invalid"),
    "a sub with a line end": (changed(sub="1\n1"), "claim_invalid"),
    "a sub that is a number": (changed(sub=7), "token_malformed"),
    "a sub that is a list": (changed(sub=["11391"]), "token_malformed"),
    # once
    "no nonce": (changed(nonce=REMOVE), "claim_missing"),
    "a nonce that we never gave": (changed(nonce="n" * 43), "nonce_mismatch"),
    "the nonce of another login": (of_another_login, "nonce_mismatch"),
    "the state as nonce": (lambda b, n: changed(nonce=n.state)(b, n), "nonce_mismatch"),
    "the nonce cut short": (lambda b, n: changed(nonce=n.nonce[:-1])(b, n), "nonce_mismatch"),
    "the nonce in capitals": (lambda b, n: changed(nonce=n.nonce.swapcase())(b, n), "nonce_mismatch"),
    "an empty nonce": (changed(nonce=""), "claim_invalid"),
    "a nonce that is a number": (changed(nonce=7), "claim_invalid"),
    "a nonce that is a list": (lambda b, n: changed(nonce=[n.nonce])(b, n), "claim_invalid"),
    # when
    "no exp": (changed(exp=REMOVE), "claim_missing"),
    "an exp that is null": (changed(exp=None), "claim_missing"),
    "an exp that is a text": (changed(exp="tomorrow"), "claim_invalid"),
    "an exp that is a text of digits": (changed(exp="9999999999"), "claim_invalid"),
    "an exp that is true": (changed(exp=True), "claim_invalid"),
    "an exp that is NaN": (changed(exp=float("nan")), "claim_invalid"),
    "an exp that is infinite": (changed(exp=float("inf")), "claim_invalid"),
    "an exp below zero": (changed(exp=-1), "claim_invalid"),
    "an exp of 400 digits": (changed(exp=HUGE), "claim_invalid"),
    "an exp a minute and a second ago": (at(iat=-300, exp=-61), "token_expired"),
    "an exp of 1970": (changed(iat=11111, exp=22222), "token_expired"),
    "an exp before the iat": (at(iat=0, exp=-1), "claim_invalid"),
    "no iat": (changed(iat=REMOVE), "claim_missing"),
    "an iat that is a text": (changed(iat="now"), "claim_invalid"),
    "an iat that is a list": (changed(iat=[1]), "claim_invalid"),
    "an iat of 1e308": (changed(iat=1e308), "claim_invalid"),
    "an iat of 400 digits": (changed(iat=HUGE), "claim_invalid"),
    "an iat a minute and a second ahead": (at(iat=61, exp=600), "token_from_future"),
    "an iat eleven minutes ago": (at(iat=-661, exp=600), "token_too_old"),
    "an iat of yesterday, exp years ahead": (at(iat=-86_400, exp=1e8), "token_too_old"),
    "an nbf ahead": (at(nbf=62), "token_from_future"),
    "an nbf that is a text": (changed(nbf="soon"), "claim_invalid"),
    # the message
    "no message type": (changed(message_type=REMOVE), "claim_missing"),
    "another message type": (changed(message_type="LtiStartProctoring"), "message_unsupported"),
    "a message type in lower case": (changed(message_type="ltiresourcelinkrequest"), "message_unsupported"),
    "an answer to deep linking": (changed(message_type="LtiDeepLinkingResponse"), "message_unsupported"),
    "a message type that is a list": (changed(message_type=["LtiResourceLinkRequest"]), "claim_invalid"),
    "no version": (changed(version=REMOVE), "claim_missing"),
    "the version 1.1": (changed(version="LTI-1p1"), "version_unsupported"),
    "the version 1.3": (changed(version="1.3"), "version_unsupported"),
    "the version as a number": (changed(version=1.3), "claim_invalid"),
    "no deployment": (changed(deployment_id=REMOVE), "claim_missing"),
    "an empty deployment": (changed(deployment_id=""), "claim_invalid"),
    "an unknown deployment": (changed(deployment_id="3"), "deployment_unknown"),
    "a deployment that begins like ours": (changed(deployment_id="11"), "deployment_unknown"),
    "a deployment with a space": (changed(deployment_id="1 "), "deployment_unknown"),
    "a deployment that is a number": (changed(deployment_id=1), "claim_invalid"),
    "a deployment of 256 characters": (changed(deployment_id=LONG), "claim_invalid"),
    "no target": (changed(target_link_uri=REMOVE), "claim_missing"),
    "a target on another host": (changed(target_link_uri="https://evil.example/lti/launch"), "target_mismatch"),
    "a target on a host that begins like ours": (changed(target_link_uri=f"{TOOL}.evil/lti"), "target_mismatch"),
    "a target behind a user name": (changed(target_link_uri=f"{TOOL}@evil.example/lti"), "target_mismatch"),
    "another target of ours": (changed(target_link_uri=f"{TOOL}/lti/other"), "target_mismatch"),
    "a target that is a script": (changed(target_link_uri="javascript:alert(1)"), "target_mismatch"),
    "a target without a scheme": (changed(target_link_uri="//evil.example"), "target_mismatch"),
    "a target with a line end": (changed(target_link_uri=f"{TOOL}/lti/launch\r\nX: y"), "claim_invalid"),
    "a target that is a number": (changed(target_link_uri=7), "claim_invalid"),
    # the claims
    "no roles": (changed(roles=REMOVE), "claim_missing"),
    "roles that are a text": (changed(roles=builders.LEARNER), "claim_invalid"),
    "roles that are an object": (changed(roles={builders.LEARNER: True}), "claim_invalid"),
    "a role that is a number": (changed(roles=[1]), "claim_invalid"),
    "101 roles": (changed(roles=[builders.LEARNER] * 101), "claim_invalid"),
    "a role of half a character": (changed(roles=["\ud800"]), "claim_invalid"),
    "no link": (changed(resource_link=REMOVE), "claim_missing"),
    "a link without an id": (changed(resource_link={"title": "A link"}), "claim_missing"),
    "a link that is a text": (changed(resource_link="link-1"), "claim_invalid"),
    "a link whose id is empty": (changed(resource_link={"id": ""}), "claim_invalid"),
    "a link whose id is a number": (changed(resource_link={"id": 7}), "claim_invalid"),
    "a link whose id has 256 characters": (changed(resource_link={"id": LONG}), "claim_invalid"),
    "a link whose title is a list": (changed(resource_link={"id": "l", "title": []}), "claim_invalid"),
    "a link whose title is very long": (changed(resource_link={"id": "l", "title": "x" * 1025}), "claim_invalid"),
    "a link whose title is half a character": (changed(resource_link={"id": "l", "title": "\ud800"}), "claim_invalid"),
    "a context that is a text": (changed(context="course-1"), "claim_invalid"),
    "a context whose id is a number": (changed(context={"id": 7}), "claim_invalid"),
    "a context whose id is half a character": (changed(context={"id": "\udfff"}), "claim_invalid"),
    "a context whose id has a NUL": (changed(context={"id": "a\x00b"}), "claim_invalid"),
    "custom parameters that are a list": (changed(custom=["catalog"]), "claim_invalid"),
    "101 custom parameters": (changed(custom={str(n): "" for n in range(101)}), "claim_invalid"),
    "a custom parameter that is an object": (changed(custom={"catalog": {"id": "oulad"}}), "claim_invalid"),
    "a custom parameter that is a list": (changed(custom={"catalog": ["oulad"]}), "claim_invalid"),
    "a custom parameter of 8 KiB and more": (changed(custom={"groups": "x" * 8193}), "claim_invalid"),
    "a custom parameter of half a character": (changed(custom={"activity": "\ud800"}), "claim_invalid"),
    "a custom parameter with a name of 256": (changed(custom={LONG: "x"}), "claim_invalid"),
    "line items at a script": (added(AGS, {"lineitems": "javascript:alert(1)"}), "claim_invalid"),
    "line items at a file": (added(AGS, {"lineitems": "file:///etc/passwd"}), "claim_invalid"),
    "line items behind a user name": (added(AGS, {"lineitems": "https://lms@evil.example/"}), "claim_invalid"),
    "line items with a line end": (added(AGS, {"lineitems": "https://lms.example/\r\nX"}), "claim_invalid"),
    "line items that are a text": (added(AGS, "https://lms.example/items"), "claim_invalid"),
    "a line item that is a number": (added(AGS, {"lineitem": 7}), "claim_invalid"),
    "scopes that are a text": (added(AGS, {"scope": "all"}), "claim_invalid"),
    "members at an address without a host": (added(NRPS, {"context_memberships_url": "https:///x"}), "claim_invalid"),
    "members at half an address": (added(NRPS, {"context_memberships_url": "http://[::1"}), "claim_invalid"),
    "groups that are a list": (added(claims.GROUPS, []), "claim_invalid"),
    "a locale that is a list": (added(LTI + "launch_presentation", {"locale": ["en"]}), "claim_invalid"),
    "a deep linking request without its settings": (changed(message_type="LtiDeepLinkingRequest"), "claim_missing"),
}


@pytest.fixture(scope="module")
def running(
    tmp_path_factory: pytest.TempPathFactory, issuer: builders.Issuer, tool_key: keys.ToolKey
) -> Iterator[Bench]:
    with builders.bench(tmp_path_factory.mktemp("negative"), issuer, tool_key) as one:
        platforms.register(one.storage, builders.registered(issuer.iss, "client-b", deployments=("9",)))
        assert builders.launched(one).status_code == 200  # so that its key is known, and a refusal is not for its lack
        yield one


def reason(answer: TestResponse) -> str:
    """The code that the page of a refusal gives to the administrator."""
    return answer.text.partition('<span class="hash">')[2].partition("<")[0]


def kept(bench: Bench) -> dict[str, list[dict[str, Any]]]:
    """All that the tool keeps, but for the logins under way."""
    return {one.name: bench.storage.find(one, {}) for one in tool_settings.COLLECTIONS if one not in (LOGINS, PACES)}


def test_there_are_at_least_120_rows() -> None:
    assert len(ROWS) >= 120


@pytest.mark.parametrize("row", ROWS)
def test_a_launch_that_must_not_be_is_refused_and_leaves_nothing(running: Bench, row: str) -> None:
    make, expected = ROWS[row]
    browser = running.client()
    begun = builders.begin(browser, running.issuer.iss)
    before = kept(running)

    answer = builders.launch(browser, begun.state, make(running, begun))

    assert (answer.status_code, reason(answer)) == (errors.CODES[expected], expected)
    assert 400 <= answer.status_code < 500
    assert kept(running) == before
    assert builders.launch(browser, begun.state, changed()(running, begun)).status_code == 400  # the login is used up


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, "state_missing"),
        ({"state": ""}, "state_missing"),
        ({"state": "unknown"}, "state_unknown"),
        ({"state": "x" * 300}, "state_unknown"),
        ({"state": "状态"}, "state_unknown"),
        ({"state": "a\x00b"}, "state_unknown"),
        ({"state": "unknown", "error": "access_denied"}, "state_unknown"),
        ({"error": "access_denied"}, "state_missing"),
        ({"state": "x" * 300_000}, "too_large"),
        ({"state": "unknown", "binding": "guessed"}, "state_unknown"),
    ],
)
def test_a_form_that_answers_no_login_is_refused(running: Bench, fields: dict[str, str], expected: str) -> None:
    answer = running.client().post("/lti/launch", data=fields)

    assert (answer.status_code, reason(answer)) == (errors.CODES[expected], expected)


@pytest.mark.parametrize(
    "error", ["access_denied", "login_required", "invalid_request", "unauthorized_client", "<script>", "x" * 5000]
)
def test_an_error_of_the_platform_is_understood_and_not_repeated(running: Bench, error: str) -> None:
    browser = running.client()
    begun = builders.begin(browser, running.issuer.iss)

    answer = builders.launch(browser, begun.state, None, error=error, error_description="Canary-9d2f")

    assert (answer.status_code, reason(answer)) == (400, "platform_error")
    assert "Canary-9d2f" not in answer.text
    assert f"{error}<" not in answer.text


def test_an_error_beside_a_token_is_an_error(running: Bench) -> None:
    browser = running.client()
    begun = builders.begin(browser, running.issuer.iss)

    answer = builders.launch(browser, begun.state, changed()(running, begun), error="access_denied")

    assert reason(answer) == "platform_error"
