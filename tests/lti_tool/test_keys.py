from __future__ import annotations

import json
import stat
from pathlib import Path

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from lti_tool import errors, keys


def pem(private: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey) -> bytes:
    return private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def test_a_created_key_is_the_key_that_is_loaded(tmp_path: Path) -> None:
    created = keys.create(tmp_path / "tool.pem")

    assert keys.load(tmp_path / "tool.pem").jwk == created.jwk


def test_a_key_file_is_its_owner_s_alone(tmp_path: Path) -> None:
    keys.create(tmp_path / "tool.pem")

    assert stat.S_IMODE((tmp_path / "tool.pem").stat().st_mode) == 0o600


def test_a_key_is_never_overwritten(tmp_path: Path) -> None:
    keys.create(tmp_path / "tool.pem")

    with pytest.raises(errors.ConfigurationError, match="exists already"):
        keys.create(tmp_path / "tool.pem")


def test_a_directory_that_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(errors.ConfigurationError, match="choose a directory"):
        keys.create(tmp_path / "nowhere" / "tool.pem")


def test_what_the_key_signs_its_published_half_verifies(tool_key: keys.ToolKey) -> None:
    token = jwt.encode({"a": 1}, tool_key.private, algorithm="RS256", headers={"kid": tool_key.kid})

    assert jwt.decode(token, jwt.PyJWK(tool_key.jwk).key, algorithms=["RS256"]) == {"a": 1}


def test_the_published_half_holds_nothing_private(tool_key: keys.ToolKey) -> None:
    assert set(tool_key.jwk) == {"kty", "n", "e", "kid", "alg", "use"}
    assert "private" not in repr(tool_key)


def test_the_thumbprint_is_that_of_rfc_7638() -> None:
    """The example of RFC 7638, section 3.1."""
    modulus = (
        "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknj"
        "hMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQ"
        "vRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzK"
        "nqDKgw"
    )
    key = jwt.PyJWK(json.loads(json.dumps({"kty": "RSA", "n": modulus, "e": "AQAB", "alg": "RS256"}))).key

    assert keys.public_jwk(key)["kid"] == "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "cannot read"),
        (b"not a key", "not an unencrypted PEM"),
        (pem(ec.generate_private_key(ec.SECP256R1())), "must be RSA"),
        (pem(rsa.generate_private_key(public_exponent=65537, key_size=1024)), "at least 2048"),
    ],
    ids=["missing", "no key", "elliptic", "short"],
)
def test_a_key_that_cannot_be_used_is_refused_with_what_to_do(
    tmp_path: Path, content: bytes | None, words: str
) -> None:
    path = tmp_path / "tool.pem"
    if content is not None:
        path.write_bytes(content)

    with pytest.raises(errors.ConfigurationError, match=words):
        keys.load(path)
