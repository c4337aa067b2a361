"""What is sealed opens with its own key, under its own id, unchanged, or not at all."""

import os

import pytest
from hypothesis import given, strategies

from storage.port import Query
from tests.xapi_collector.lrs import agent, statement
from xapi_collector import agents, envelope, errors, settings

_bytes16 = strategies.binary(min_size=16, max_size=16)


def _keys(storage, sealing_key):
    return envelope.DataKeys(storage, sealing_key, os.urandom)


@given(text=strategies.binary(max_size=200), statement_id=_bytes16, untimed=strategies.booleans())
def test_an_envelope_gives_back_what_was_sealed(text, statement_id, untimed):
    cipher, owner = envelope.AESGCM(bytes(32)), "A" * 32
    sealed = envelope.seal(text, statement_id, owner, cipher, os.urandom(12), untimed=untimed)

    assert envelope.open_(sealed, statement_id, cipher) == envelope.Opened(text, untimed)
    assert envelope.owner(sealed) == owner


@given(data=strategies.data(), text=strategies.binary(min_size=1, max_size=50))
def test_a_changed_byte_does_not_open(data, text):
    cipher = envelope.AESGCM(bytes(32))
    sealed = envelope.seal(text, bytes(16), "A" * 32, cipher, os.urandom(12), untimed=False)
    place = data.draw(strategies.integers(0, len(sealed) - 1))
    changed = sealed[:place] + bytes([sealed[place] ^ 1]) + sealed[place + 1 :]

    with pytest.raises(errors.EnvelopeError, match="Restore the store"):
        envelope.open_(changed, bytes(16), cipher)


def test_an_envelope_does_not_open_in_the_place_of_another():
    cipher = envelope.AESGCM(bytes(32))
    sealed = envelope.seal(b"text", bytes(16), "A" * 32, cipher, bytes(12), untimed=False)

    with pytest.raises(errors.EnvelopeError):
        envelope.open_(sealed, b"\x01" + bytes(15), cipher)


def test_each_actor_has_a_data_key_of_their_own(quick):
    quick.post([statement(actor=agent("a")), statement(actor=agent("a")), statement(actor=agent("b"))])
    owners = [envelope.owner(row.body) for row in quick.storage.statements.query(Query()).rows]
    one, other = (agents.pseudonym(agent(name), quick.keys.pseudonym_key) for name in "ab")

    assert owners == [other, one, one]
    assert {each["actor"] for each in quick.storage.find(settings.DATA_KEYS)} == {one, other}


def test_without_its_data_key_a_statement_cannot_be_read(quick):
    quick.post([statement(actor=agent("a")), statement(actor=agent("b"))])
    (row,) = quick.storage.statements.query(Query(limit=1)).rows
    quick.storage.delete(settings.DATA_KEYS, (envelope.owner(row.body),))

    assert _keys(quick.storage, quick.keys.sealing_key).of([envelope.owner(row.body)]) == {}


def test_a_data_key_opens_with_its_keyring_alone(quick):
    _keys(quick.storage, bytes(32)).of(["A" * 32], create=True)

    with pytest.raises(errors.EnvelopeError, match="the keyring is not the one"):
        _keys(quick.storage, b"\x01" * 32).of(["A" * 32])


def test_data_keys_in_memory_are_bounded_by_last_use(quick, monkeypatch):
    monkeypatch.setattr(envelope, "_CACHED", 2)
    keys = _keys(quick.storage, bytes(32))
    for actor in "ABACA":
        keys.of([actor * 32], create=True)

    assert list(keys._cache) == ["C" * 32, "A" * 32]


def test_two_collectors_agree_on_the_data_key_of_a_new_actor(quick):
    one, other = (_keys(quick.storage, bytes(32)) for _ in range(2))
    sealed = envelope.seal(
        b"text", bytes(16), "A" * 32, one.of(["A" * 32], create=True)["A" * 32], bytes(12), untimed=False
    )

    assert envelope.open_(sealed, bytes(16), other.of(["A" * 32], create=True)["A" * 32]).text == b"text"
