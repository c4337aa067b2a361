"""Requirements on attachments and signatures (xAPI 1.0.3, Data 2.4.11 and 2.6, Communication 1.5)."""

import base64
import datetime as dt
import functools
import json

import jwt
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

from tests.conformance.xapi.client import (
    MIXED,
    SIGNATURE,
    attachment,
    json_part,
    multipart,
    part,
    statement,
)

CONTENT = b"\x00 an essay \xff"


def _send(client, *parts, method="POST", headers=None, **parameters):
    return client.send(method, "/statements", multipart(*parts), headers=MIXED | (headers or {}), **parameters)


def _with(content=CONTENT, **changes):
    return statement(attachments=[attachment(content, **changes)])


@pytest.mark.parametrize("kind", ["text/plain", "application/xml", "multipart/form-data; boundary=edge-of-a-part", ""])
def test_xapi_00127_and_00138_another_content_type_is_refused(client, kind):
    one = _with()

    assert _send(client, json_part(one), part(CONTENT), headers={"Content-Type": kind}).status_code == 400
    assert client.send("POST", "/statements", statement(), headers={"Content-Type": kind}).status_code == 400
    assert client.put(one | {"attachments": []}, statementId=one["id"]).status_code == 204
    two = _with()
    assert _send(client, json_part(two), part(CONTENT), method="PUT", statementId=two["id"]).status_code == 204


def test_xapi_00128_a_part_that_belongs_to_no_attachment_is_refused(client):
    assert _send(client, json_part(_with()), part(CONTENT), part(b"more")).status_code == 400
    assert _send(client, json_part(statement()), part(b"more")).status_code == 400
    assert _send(client, json_part(_with()), part(CONTENT)).status_code == 200


def test_xapi_00129_an_attachment_needs_a_file_url_or_its_part(client):
    other = attachment(b"elsewhere", fileUrl="https://files.example/1")

    assert client.post(_with()).status_code == 400
    assert _send(client, json_part(_with())).status_code == 400
    assert _send(client, json_part([_with(), _with(b"two")]), part(CONTENT)).status_code == 400
    assert client.post(statement(attachments=[other])).status_code == 200
    assert (
        _send(client, json_part(statement(attachments=[other, attachment(CONTENT)])), part(CONTENT)).status_code == 200
    )


@pytest.mark.parametrize("broken", [b"--edge-of-a-part", b"edge-of-a-part"])
def test_xapi_00130_every_part_begins_with_the_boundary(client, broken):
    body = multipart(json_part(_with()), part(CONTENT))
    first, second, third, last = body.split(b"--edge-of-a-part")

    for wrong in (
        first + second + b"--edge-of-a-part" + third + b"--edge-of-a-part" + last,
        body.replace(broken, b"--other"),
    ):
        assert client.send("POST", "/statements", wrong, headers=MIXED).status_code == 400


@pytest.mark.parametrize("kind", ["multipart/mixed", "multipart/mixed; boundary=", "multipart/mixed; boundary=other"])
def test_xapi_00131_a_multipart_body_has_its_boundary(client, kind):
    body = multipart(json_part(_with()), part(CONTENT))

    assert client.send("POST", "/statements", body, headers={"Content-Type": kind}).status_code == 400
    assert (
        client.send(
            "POST", "/statements", body, headers={"Content-Type": MIXED["Content-Type"].replace("=", '="') + '"'}
        ).status_code
        == 200
    )


@pytest.mark.parametrize("value", [None, "", "ab" * 32, "xyz"])
def test_xapi_00132_a_part_names_the_hash_of_an_attachment(client, value):
    assert _send(client, json_part(_with()), part(CONTENT, X_Experience_API_Hash=value)).status_code == 400


def test_xapi_00133_all_statements_are_in_the_first_part(client):
    one, other = _with(), statement()

    assert _send(client, json_part(one), json_part(other), part(CONTENT)).status_code == 400
    assert _send(client, part(CONTENT), json_part(one)).status_code == 400
    assert client.get(statementId=one["id"]).status_code == 404
    assert _send(client, json_part([one, other]), part(CONTENT)).status_code == 200


@pytest.mark.parametrize("kind", ["text/plain", "application/xml", "multipart/mixed"])
def test_xapi_00134_the_first_part_is_json(client, kind):
    _, text = json_part(_with())

    assert _send(client, ({"Content-Type": kind}, text), part(CONTENT)).status_code == 400
    assert _send(client, ({"content-type": "application/json; charset=utf-8"}, text), part(CONTENT)).status_code == 200


@pytest.mark.parametrize("value", [None, "base64", "quoted-printable", ""])
def test_xapi_00135_every_other_part_is_binary(client, value):
    assert _send(client, json_part(_with()), part(CONTENT, Content_Transfer_Encoding=value)).status_code == 400


def test_xapi_00137_a_multipart_body_needs_no_more_mime_headers(client):
    assert _send(client, json_part(_with()), part(CONTENT)).status_code == 200
    assert _send(client, json_part(_with()), part(CONTENT), headers={"MIME-Version": "1.0"}).status_code == 200
    one = _with()
    body = b"a preamble\r\n" + multipart(json_part(one), part(CONTENT)) + b"an epilogue"
    assert client.send("POST", "/statements", body, headers=MIXED).status_code == 200


def test_an_attachment_is_what_it_says_it_is(client):
    assert _send(client, json_part(_with(contentType="text/html")), part(CONTENT)).status_code == 400
    assert (
        _send(
            client, json_part(_with()), part(b"other content", X_Experience_API_Hash=attachment(CONTENT)["sha2"])
        ).status_code
        == 400
    )


def test_one_part_serves_every_attachment_of_its_hash(anywhere):
    batch = [_with(), _with()]

    assert _send(anywhere, json_part(batch), part(CONTENT)).status_code == 200
    for one in batch:
        assert CONTENT in anywhere.get(statementId=one["id"], attachments="true").data


# Signatures, Data 2.6


@functools.cache
def _key():
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@functools.cache
def _certificate(own):
    key = _key() if own else rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "signer.example")])
    start = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    builder = x509.CertificateBuilder(name, name, key.public_key(), 1, start, start + dt.timedelta(days=3650))
    certificate = builder.sign(key, hashes.SHA256())
    return base64.b64encode(certificate.public_bytes(serialization.Encoding.DER)).decode()


def _jws(payload, algorithm="RS256", key=None, **header):
    return jwt.api_jws.encode(payload, key or _key(), algorithm=algorithm, headers={"typ": None} | header).encode()


def _signed(client, one, jws, **changes):
    described = attachment(jws, **{"usageType": SIGNATURE, "contentType": "application/octet-stream"} | changes)
    return _send(
        client,
        json_part(one | {"attachments": [described]}),
        part(jws, Content_Type=described["contentType"]),
    )


def _payload(one):
    return json.dumps(one).encode()


@pytest.mark.parametrize("algorithm", ["RS256", "RS384", "RS512"])
def test_xapi_00117_a_signature_is_of_an_allowed_algorithm(client, algorithm):
    one, two = statement(), statement()

    assert _signed(client, one, _jws(_payload(one), algorithm, x5c=[_certificate(own=True)])).status_code == 200
    assert client.one(one["id"])["attachments"][0]["usageType"] == SIGNATURE
    assert _signed(client, two, _jws(_payload(two), algorithm)).status_code == 200


def test_xapi_00117_and_00116_a_signature_of_another_algorithm_or_key_is_refused(client):
    one = statement()
    payload = _payload(one)
    none = b".".join(
        (base64.urlsafe_b64encode(b'{"alg":"none"}').rstrip(b"="), base64.urlsafe_b64encode(payload).rstrip(b"="), b"")
    )
    head, body, mark = _jws(payload, x5c=[_certificate(own=True)]).split(b".")

    for jws in (
        none,
        _jws(payload, "HS256", key="secret" * 8),
        _jws(payload, "ES256", key=ec.generate_private_key(ec.SECP256R1())),
        _jws(payload, "PS256"),
        _jws(payload, x5c=[_certificate(own=False)]),
        b".".join((head, body, mark[:-8] + b"AAAAAAAA")),
    ):
        assert _signed(client, one, jws).status_code == 400, jws[:60]
    assert client.get(statementId=one["id"]).status_code == 404


def test_xapi_00116_the_payload_is_the_statement(client):
    one = statement()

    for payload in (
        b"no json",
        b"[]",
        _payload(statement()),
        _payload(one | {"verb": {"id": "https://verbs.example/other"}}),
    ):
        assert _signed(client, one, _jws(payload)).status_code == 400
    assert _signed(client, one, _jws(json.dumps(one, indent=1, sort_keys=True).encode())).status_code == 200


def test_xapi_00115_a_signature_is_a_jws_as_octets(client):
    one = statement()
    jws = _jws(_payload(one))
    elsewhere = attachment(
        jws, usageType=SIGNATURE, contentType="application/octet-stream", fileUrl="https://f.example"
    )

    assert _signed(client, one, b"no signature").status_code == 400
    assert _signed(client, one, jws.replace(b".", b"")).status_code == 400
    assert _signed(client, one, jws, contentType="text/plain").status_code == 400
    assert client.post(one | {"attachments": [elsewhere]}).status_code == 400
    assert _signed(client, one, jws).status_code == 200
