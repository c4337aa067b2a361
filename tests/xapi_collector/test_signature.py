"""Signed statements: which signatures are taken, and why one is refused."""

import base64
import functools
import hashlib
import json
import time
from datetime import UTC, datetime

import jwt
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from tests.xapi_collector.lrs import statement
from xapi_collector import errors
from xapi_collector.grammar import attachments, signature, versions

_NAME = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "signer")])


@functools.cache
def _key(bits=2_048):
    return rsa.generate_private_key(65_537, bits)


def _certificate(key):
    builder = x509.CertificateBuilder(_NAME, _NAME, key.public_key(), 1).not_valid_before(
        datetime(2026, 1, 1, tzinfo=UTC)
    )
    certificate = builder.not_valid_after(datetime(2036, 1, 1, tzinfo=UTC)).sign(key, hashes.SHA256())
    return base64.b64encode(certificate.public_bytes(serialization.Encoding.DER)).decode()


def _jws(payload, algorithm="RS256", key=None, **header):
    content = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    return jwt.PyJWS().encode(content, key or _key(), algorithm, headers=header).encode()


def _attachment(jws, **changes):
    return {
        "usageType": signature.USAGE,
        "display": {"en": "signature"},
        "contentType": "application/octet-stream",
        "length": len(jws),
        "sha2": hashlib.sha256(jws).hexdigest(),
    } | changes


def _check(value, *signatures, version=versions.V1, single=True, **changes):
    files = {hashlib.sha256(each).hexdigest(): attachments.Part(each, "") for each in signatures}
    signed = value | {"attachments": [_attachment(each, **changes) for each in signatures]}
    signature.check([signed], files, single=single, version=version)


def _rule(value, *signatures, **changes):
    with pytest.raises(errors.InvalidStatementError) as raised:
        _check(value, *signatures, **changes)
    assert raised.value.index == 0
    return raised.value.path, raised.value.rule


@pytest.mark.parametrize("algorithm", ["RS256", "RS384", "RS512"])
@pytest.mark.parametrize("chain", [False, True])
def test_a_signature_over_the_statement_is_taken(algorithm, chain):
    value = statement()
    header = {"x5c": [_certificate(_key()), "an issuer is not read"]} if chain else {}

    _check(value, _jws(value, algorithm, **header))


@pytest.mark.parametrize(
    ("sent", "signed", "version"),
    [
        ({}, {"id": None, "timestamp": None}, versions.V1),
        ({}, {"timestamp": "2026-11-23T16:30:00.123+08:00"}, versions.V1),
        ({}, {"verb": {"id": "http://adlnet.gov/expapi/verbs/scored"}}, versions.V1),
        ({"result": {"duration": "P1DT12H36M0.1237S"}}, {"result": {"duration": "P1DT12H36M0.12S"}}, versions.V1),
        ({"context": {"contextAgents": []}}, {"context": {"contextAgents": []}}, versions.V2),
        ({"version": "2.0.0"}, {"timestamp": "2026-11-23T08:30:01Z"}, versions.V2),
    ],
)
def test_a_signature_over_an_equal_statement_is_taken(sent, signed, version):
    one = statement()

    _check(statement(**one | sent), _jws(statement(**one | signed)), version=version)


def test_a_statement_may_be_signed_twice():
    value = statement()

    _check(value, _jws(value), _jws(value, "RS512"))


@pytest.mark.parametrize("changes", [{"result": {"success": False}}, {"actor": {"mbox": "mailto:a@b.example"}}])
def test_a_signature_over_another_statement_is_refused(changes):
    value = statement()

    assert _rule(value, _jws(value | changes)) == ("$.attachments[0]", "XAPI-00116")


@pytest.mark.parametrize(
    "payload", [b"", b"null", b"[]", b"{}", b"not JSON", b"\xff", b'{"actor":', b"[" * 100_000, b'{"id":1,"id":1}']
)
def test_a_payload_that_is_no_statement_is_refused(payload):
    assert _rule(statement(), _jws(payload)) == ("$.attachments[0]", "XAPI-00116")


@pytest.mark.parametrize(
    "content",
    [
        b"", b"..", b"a.b", b"a.b.c", b"\0\xff", b"{}", b"!!!!.e30.e30", b"bnVsbA.e30.e30",
        b".".join([base64.urlsafe_b64encode(b"[" * 100_000).strip(b"="), b"e30", b"e30"]),
        json.dumps({"payload": "e30", "signatures": []}).encode(), b"x" * (signature.MAX_JWS + 1),
    ],
)  # fmt: skip
def test_what_is_no_jws_is_refused(content):
    assert _rule(statement(), content) == ("$.attachments[0]", "XAPI-00115")


def test_a_jws_without_an_algorithm_is_refused():
    assert _rule(statement(), b"e30.e30.e30") == ("$.attachments[0]", "XAPI-00117")


def test_a_jws_in_many_segments_is_refused():
    value = statement()

    assert _rule(value, _jws(value) + b".e30")[1] == "XAPI-00115"


@pytest.mark.parametrize("algorithm", ["HS256", "none", "PS256", "ES256"])
def test_another_algorithm_is_refused(algorithm):
    value = statement()
    key = {"HS256": b"k" * 32, "none": b"", "PS256": _key(), "ES256": ec.generate_private_key(ec.SECP256R1())}
    jws = jwt.PyJWS().encode(json.dumps(value).encode(), key[algorithm] or None, algorithm).encode()

    assert _rule(value, jws) == ("$.attachments[0]", "XAPI-00117")


def test_a_signature_of_another_key_than_the_certificates_is_refused():
    value = statement()
    other = rsa.generate_private_key(65_537, 2_048)

    assert _rule(value, _jws(value, key=other, x5c=[_certificate(_key())])) == ("$.attachments[0]", "XAPI-00117")


def test_a_changed_signature_does_not_fit_its_certificate():
    value = statement()
    head, payload, end = _jws(value, x5c=[_certificate(_key())]).split(b".")
    changed = b".".join([head, payload, (b"B" if end.startswith(b"A") else b"A") + end[1:]])

    assert _rule(value, changed) == ("$.attachments[0]", "XAPI-00117")


@pytest.mark.parametrize(
    "chain", [None, "x", [], {}, [5], ["!"], ["AAAA"], ["A" * 16_388], ["AAAA"] * 11, [["AAAA"]], ["中"]]
)
def test_a_chain_that_cannot_be_read_is_refused(chain):
    value = statement()

    assert _rule(value, _jws(value, x5c=chain)) == ("$.attachments[0]", "RFC 7515, 4.1.6")


def test_a_certificate_of_another_kind_of_key_is_refused():
    value = statement()
    curve = _certificate(ec.generate_private_key(ec.SECP256R1()))

    assert _rule(value, _jws(value, x5c=[curve]))[1] == "XAPI-00117"


def test_a_certificate_of_a_short_key_is_refused():
    value = statement()

    assert _rule(value, _jws(value, x5c=[_certificate(_key(1_024))]))[1] == "XAPI-00117"


@pytest.mark.parametrize("content_type", ["text/plain; charset=ascii", "application/json", "application/octet"])
def test_a_signature_is_of_its_media_type(content_type):
    value = statement()

    found = _rule(value, _jws(value), contentType=content_type, single=False)
    assert found == ("$[0].attachments[0].contentType", "XAPI-00115")


def test_a_signature_that_is_not_in_the_request_is_refused():
    value = statement()
    signed = value | {"attachments": [_attachment(_jws(value), fileUrl="https://files.example/1")]}
    with pytest.raises(errors.InvalidStatementError) as raised:
        signature.check([signed], {}, single=True)

    assert raised.value.rule == "XAPI-00115"


def test_an_attachment_of_another_use_is_not_read():
    value = statement()

    _check(value, b"no JWS", usageType="https://usage.example/essay")


def test_a_signature_that_many_attachments_point_to_is_read_once():
    value = statement(id=None, timestamp=None)
    jws = _jws(json.dumps(value).encode() + b" " * 400_000)
    many = value | {"attachments": [_attachment(jws)] * 1_000}
    began = time.process_time()
    signature.check([many] * 20, {hashlib.sha256(jws).hexdigest(): attachments.Part(jws, "")}, single=False)

    assert time.process_time() - began < 6
