"""A blob opens with its own key, in its own place, unchanged, or not at all."""

import os

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given, strategies

from xapi_collector import blob, errors

CIPHER = AESGCM(bytes(32))


@given(content=strategies.binary(max_size=200), place=strategies.text(max_size=20).filter(str.isascii))
def test_a_blob_gives_back_what_was_sealed(content, place):
    assert blob.open_(blob.seal(content, place, CIPHER, os.urandom(12)), place, CIPHER) == content


@given(data=strategies.data(), content=strategies.binary(max_size=50))
def test_a_changed_byte_does_not_open(data, content):
    sealed = blob.seal(content, "here", CIPHER, os.urandom(12))
    index = data.draw(strategies.integers(0, len(sealed) - 1))
    changed = sealed[:index] + bytes([sealed[index] ^ 1]) + sealed[index + 1 :]

    with pytest.raises(errors.EnvelopeError, match="Restore the store"):
        blob.open_(changed, "here", CIPHER)


@pytest.mark.parametrize(
    ("place", "cipher", "end"), [("there", CIPHER, None), ("here", AESGCM(b"\1" * 32), None), ("here", CIPHER, 12)]
)
def test_a_blob_opens_in_no_other_place_and_by_no_other_key(place, cipher, end):
    sealed = blob.seal(b"text", "here", CIPHER, bytes(12))

    with pytest.raises(errors.EnvelopeError):
        blob.open_(sealed[:end], place, cipher)
