"""Signed statements: an attachment that is a JWS over the statement. Floor 1, pure.

xAPI 1.0.3, Data 2.6; 2.0, 4.2.6; RFC 7515. The check finds mistakes of the signer: whoever relies on a signature has to
decide for themselves whether they trust its certificate.
"""

import base64
import binascii
from collections.abc import Mapping, Sequence
from typing import Any, NoReturn

import jwt
from cryptography import exceptions, x509
from cryptography.hazmat.primitives.asymmetric import rsa

from xapi_collector import errors
from xapi_collector.grammar import attachments, compare, jsontext, validate, versions

USAGE = "http://adlnet.gov/expapi/attachments/signature"
ALGORITHMS = ("RS256", "RS384", "RS512")
MAX_JWS = 1024 * 1024
"""Bytes of one signature with the statement in it."""
MAX_CERTIFICATE = 16_384
"""Characters of one certificate of x5c."""
MAX_CHAIN = 10
_BITS = range(2_048, 16_385)  # RFC 7518, 3.3, and what is verified in a few milliseconds

_JWS = "the compact serialisation of a JWS (RFC 7515, 7.1)"


def check(
    statements: Sequence[Mapping[str, Any]],
    files: Mapping[str, attachments.Part],
    *,
    single: bool,
    version: str = versions.V1,
) -> None:
    """Refuse statements whose signatures are malformed.

    Args:
        statements: Valid statements, as they were sent.
        files: The files of the request by SHA-2, as `attachments.parse` gives them.
        single: As for `validate.problems`.
        version: As for `validate.statement`.

    Raises:
        errors.InvalidStatementError: The first violation, with the index of its statement.
    """
    signed: dict[str, Mapping[str, Any]] = {}  # each file is read once, however many attachments point to it
    for index, statement in enumerate(statements):
        if "attachments" not in statement:
            continue
        equal: set[str] = set()
        for place, attachment in enumerate(statement["attachments"]):
            if attachment["usageType"] == USAGE:
                sha2 = attachment["sha2"].lower()
                try:
                    if sha2 not in signed:
                        signed[sha2] = read(files.get(sha2), version)
                    _check(statement, attachment, None if sha2 in equal else signed[sha2])
                except errors.InvalidStatementError as error:
                    error.index = index
                    error.path = f"{'$' if single else f'$[{index}]'}.attachments[{place}]{error.path}"
                    raise
                equal.add(sha2)


def read(part: attachments.Part | None, version: str = versions.V1) -> Mapping[str, Any]:
    """The statement that was signed; the signature is verified where it names its certificate.

    Args:
        part: The file of the attachment, or None where the request has no such file.
        version: The version whose rules the signed statement follows.

    Raises:
        errors.InvalidStatementError: It is no JWS of a statement, or does not fit its certificate.
    """
    if part is None:
        _refuse("The signature is not part of the request.", "XAPI-00115", "a part of multipart/mixed with its bytes")
    if len(part.content) > MAX_JWS:
        _refuse("The signature is too long.", "XAPI-00115", f"at most {MAX_JWS} bytes")
    header, payload = _decode(part.content)
    if header.get("alg") not in ALGORITHMS:
        _refuse("The signature is of another algorithm.", "XAPI-00117", f"one of {', '.join(ALGORITHMS)}")
    if "x5c" in header:
        _verify(part.content, header["alg"], _key(header["x5c"]))
    return _statement(payload, version)


def _check(statement: Mapping[str, Any], attachment: Mapping[str, Any], signed: Mapping[str, Any] | None) -> None:
    if attachment["contentType"].partition(";")[0].strip().lower() != "application/octet-stream":
        _refuse("The signature is of another media type.", "XAPI-00115", "application/octet-stream", ".contentType")
    if signed is not None and not compare.same(signed, statement):
        _refuse(
            "The signed statement is not the one of the request.", "XAPI-00116", "the statement before it was signed"
        )


def _decode(content: bytes) -> tuple[Mapping[str, Any], bytes]:
    """Header and payload of a JWS whose signature has not been verified."""
    try:
        decoded = jwt.PyJWS().decode_complete(content, options={"verify_signature": False})
    except (jwt.InvalidTokenError, UnicodeError, RecursionError):
        _refuse("The signature is no JWS.", "XAPI-00115", _JWS)
    return decoded["header"], decoded["payload"]


def _verify(content: bytes, algorithm: str, key: rsa.RSAPublicKey) -> None:
    try:
        jwt.PyJWS().decode(content, key, algorithms=[algorithm])
    except jwt.InvalidTokenError:
        _refuse("The signature does not fit its certificate.", "XAPI-00117", "the key of the first certificate of x5c")


def _key(chain: Any) -> rsa.RSAPublicKey:
    """The key of the first certificate of x5c (RFC 7515, 4.1.6)."""
    expected = "base64 of DER, the signer's certificate first, with an RSA key of 2048 bits at least"
    if not isinstance(chain, list) or not 0 < len(chain) <= MAX_CHAIN:
        _refuse("x5c is no chain of certificates.", "RFC 7515, 4.1.6", f"1 to {MAX_CHAIN} certificates")
    if not all(isinstance(each, str) and len(each) <= MAX_CERTIFICATE for each in chain):
        _refuse("x5c is no chain of certificates.", "RFC 7515, 4.1.6", f"texts of at most {MAX_CERTIFICATE} characters")
    try:
        key = x509.load_der_x509_certificate(base64.b64decode(chain[0], validate=True)).public_key()
    except (binascii.Error, ValueError, exceptions.UnsupportedAlgorithm):
        _refuse("The first certificate of x5c cannot be read.", "RFC 7515, 4.1.6", expected)
    if not isinstance(key, rsa.RSAPublicKey) or key.key_size not in _BITS:
        _refuse("The key of the certificate is of another kind.", "XAPI-00117", expected)
    return key


def _statement(payload: bytes, version: str) -> Mapping[str, Any]:
    try:
        parsed = jsontext.object_of(payload.decode())
        validate.statement(parsed, version=version)
    except (UnicodeDecodeError, errors.RequestError):
        _refuse("The payload of the signature is no statement.", "XAPI-00116", "JSON of the whole statement")
    signed: Mapping[str, Any] = parsed
    return signed


def _refuse(detail: str, rule: str, expected: str, path: str = "") -> NoReturn:
    raise errors.InvalidStatementError(detail, path=path, rule=rule, expected=expected)
