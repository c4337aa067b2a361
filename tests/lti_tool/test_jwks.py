"""A platform's public keys; how they are fetched and kept is tested in tests/xapi_collector/test_jwks.py."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from lti_tool import errors, jwks
from tests.lti_tool import builders
from xapi_collector import errors as collector_errors
from xapi_collector.door.jwks import Fetch, KeySet, KeySets

ONE = builders.another_signer("one")
PLATFORM = builders.registered("https://lms.example")


def giving(keys: KeySet) -> Fetch:
    return lambda _url: keys


def away(_url: str) -> KeySet:
    raise collector_errors.KeySetError("There is no answer.")


def code(kid: str, fetch: Fetch) -> str:
    with pytest.raises(errors.KeyUnavailable) as caught:
        jwks.find(KeySets(), PLATFORM, kid, 0.0, fetch)
    return caught.value.code


def test_a_key_of_the_platform_is_found() -> None:
    fetch = giving({"one": ONE.private.public_key()})

    assert jwks.find(KeySets(), PLATFORM, "one", 0.0, fetch) == ONE.private.public_key()


def test_a_key_that_the_platform_has_not_is_unknown() -> None:
    assert code("two", giving({"one": ONE.private.public_key()})) == "key_unknown"


def test_a_key_for_another_algorithm_is_unknown() -> None:
    assert code("one", giving({"one": ec.generate_private_key(ec.SECP256R1()).public_key()})) == "key_unknown"


def test_a_platform_that_does_not_answer_says_so() -> None:
    assert code("one", away) == "keys_unavailable"


def test_platforms_do_not_share_keys() -> None:
    sets = KeySets()
    jwks.find(sets, PLATFORM, "one", 0.0, giving({"one": ONE.private.public_key()}))

    with pytest.raises(errors.KeyUnavailable):
        jwks.find(sets, builders.registered("https://other.example"), "one", 0.0, giving({}))
