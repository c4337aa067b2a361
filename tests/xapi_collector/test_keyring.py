"""The keyring file."""

import base64
import json

import pytest

from xapi_collector import errors, keyring
from xapi_collector.keyring import ACTIVE, COMING, RETIRING, PseudonymKey


def test_a_keyring_is_read_as_it_was_made(tmp_path):
    made = keyring.create(tmp_path / "keys")

    assert keyring.load(tmp_path / "keys") == made
    assert len({made.pseudonym_key, made.sealing_key, made.credential_key}) == 3


def test_only_its_owner_may_read_it(tmp_path):
    keyring.create(tmp_path / "keys")

    assert (tmp_path / "keys").stat().st_mode & 0o777 == 0o600


def test_it_is_never_overwritten(tmp_path):
    made = keyring.create(tmp_path / "keys")

    with pytest.raises(errors.KeyringError, match="never overwritten"):
        keyring.create(tmp_path / "keys")
    assert keyring.load(tmp_path / "keys") == made


def test_a_directory_that_is_not_there_says_what_to_do(tmp_path):
    with pytest.raises(errors.KeyringError, match="choose a writable directory"):
        keyring.create(tmp_path / "no" / "keys")


def test_a_missing_file_says_what_to_do(tmp_path):
    with pytest.raises(errors.KeyringError, match="entrepot init"):
        keyring.load(tmp_path / "keys")


def test_a_file_that_others_may_read_is_refused(tmp_path):
    keyring.create(tmp_path / "keys")
    (tmp_path / "keys").chmod(0o640)

    with pytest.raises(errors.KeyringError, match=r"mode 0640.*chmod 600"):
        keyring.load(tmp_path / "keys")


@pytest.mark.parametrize(
    "change",
    [
        {"format": 3},
        {"format": 1},
        {"sealing_key": "c2hvcnQ="},
        {"sealing_key": "?"},
        {"sealing_key": 5},
        {"pseudonym_keys": []},
        {"pseudonym_keys": [{"id": "00000000", "key": "A" * 43 + "=", "state": "active"}]},
        {"pseudonym_keys": [{"id": PseudonymKey(bytes(32)).id, "key": "A" * 43 + "=", "state": "retiring"}]},
    ],
)
def test_a_malformed_keyring_is_refused(tmp_path, change):
    keyring.create(tmp_path / "keys")
    content = json.loads((tmp_path / "keys").read_text())
    (tmp_path / "keys").write_text(json.dumps(content | change))

    with pytest.raises(errors.KeyringError, match="not a keyring of format 1 or 2"):
        keyring.load(tmp_path / "keys")


@pytest.mark.parametrize("content", [b"", b"[]", b"\xff\xfe", b'{"format":1}'])
def test_a_file_that_is_no_keyring_is_refused(tmp_path, content):
    (tmp_path / "keys").touch(0o600)
    (tmp_path / "keys").write_bytes(content)

    with pytest.raises(errors.KeyringError, match="not a keyring"):
        keyring.load(tmp_path / "keys")


def test_no_key_is_shown(tmp_path):
    made = keyring.create(tmp_path / "keys")

    assert repr(made) == "Keyring()"


def test_derived_keys_differ_by_purpose_and_stay(tmp_path):
    made = keyring.create(tmp_path / "keys")

    assert made.derive("one") == keyring.load(tmp_path / "keys").derive("one")
    assert made.derive("one") != made.derive("two")
    assert len(made.derive("one")) == 32


def _file_of_format_1(path):
    keys = {
        name: bytes([number]) * 32 for number, name in enumerate(("pseudonym_key", "sealing_key", "credential_key"))
    }
    path.touch(0o600)
    path.write_text(json.dumps({"format": 1} | {name: base64.b64encode(key).decode() for name, key in keys.items()}))
    return keys


def test_a_file_of_the_first_format_is_read_unchanged(tmp_path):
    keys = _file_of_format_1(tmp_path / "keys")
    before = (tmp_path / "keys").read_bytes()
    found = keyring.load(tmp_path / "keys")

    assert {name: getattr(found, name) for name in keys} == keys
    assert found.pseudonym_keys == (keys["pseudonym_key"],)
    assert (tmp_path / "keys").read_bytes() == before


def test_the_active_key_comes_first_whatever_the_order_given(tmp_path):
    made = keyring.create(tmp_path / "keys")
    coming = PseudonymKey(b"c" * 32, COMING)
    changed = keyring.change(tmp_path / "keys", (coming, *made.states))

    assert changed.states == (*made.states, coming)
    assert changed.pseudonym_keys == (made.pseudonym_key, b"c" * 32)
    assert (changed.sealing_key, changed.credential_key) == (made.sealing_key, made.credential_key)


def test_a_file_of_the_first_format_is_of_the_second_once_a_key_comes(tmp_path):
    keys = _file_of_format_1(tmp_path / "keys")
    old = keyring.load(tmp_path / "keys").states
    found = keyring.change(tmp_path / "keys", (*old, PseudonymKey(b"c" * 32, COMING)))

    assert keyring.load(tmp_path / "keys") == found
    assert found.sealing_key == keys["sealing_key"]


def test_a_changed_file_is_still_its_owners_alone_and_leaves_no_draft(tmp_path):
    made = keyring.create(tmp_path / "keys")
    (tmp_path / "keys.draft").write_text("left by one that was killed")
    keyring.change(tmp_path / "keys", (*made.states, PseudonymKey(b"c" * 32, COMING)))

    assert (tmp_path / "keys").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["keys"]


@pytest.mark.parametrize("states", [(), (RETIRING,), (ACTIVE, ACTIVE)])
def test_without_exactly_one_active_key_nothing_changes(tmp_path, states):
    made = keyring.create(tmp_path / "keys")

    with pytest.raises(errors.KeyringError, match="exactly one active"):
        keyring.change(tmp_path / "keys", tuple(PseudonymKey(bytes([n]) * 32, each) for n, each in enumerate(states)))
    assert keyring.load(tmp_path / "keys") == made


class _Hand:
    """A clock that is moved by hand."""

    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now


def test_a_keyring_in_use_follows_its_file_once_a_second(tmp_path):
    keyring.create(tmp_path / "keys")
    hand = _Hand()
    used = keyring.load(tmp_path / "keys", hand)
    old = used.pseudonym_key
    keyring.change(tmp_path / "keys", (PseudonymKey(b"n" * 32), PseudonymKey(old, RETIRING)))
    hand.now = 0.9
    before = used.pseudonym_key
    hand.now = 1.0

    assert before == old
    assert used.pseudonym_keys == (b"n" * 32, old)


def test_a_keyring_in_use_looks_at_its_file_at_once_when_told_to(tmp_path):
    keyring.create(tmp_path / "keys")
    used = keyring.load(tmp_path / "keys", _Hand())
    keyring.change(tmp_path / "keys", (PseudonymKey(b"n" * 32),))
    used.look()

    assert used.pseudonym_key == b"n" * 32


@pytest.mark.parametrize("content", ["half a fi", None])
def test_a_file_that_is_broken_or_gone_under_a_keyring_in_use_changes_nothing(tmp_path, content):
    keyring.create(tmp_path / "keys")
    hand = _Hand()
    used = keyring.load(tmp_path / "keys", hand)
    old = used.pseudonym_key
    (tmp_path / "keys").unlink() if content is None else (tmp_path / "keys").write_text(content)
    hand.now = 2.0

    assert used.pseudonym_key == old


def test_another_keyring_in_the_place_of_the_one_in_use_is_not_followed(tmp_path):
    keyring.create(tmp_path / "keys")
    hand = _Hand()
    used = keyring.load(tmp_path / "keys", hand)
    old = used.pseudonym_keys, used.sealing_key
    (tmp_path / "keys").unlink()
    keyring.create(tmp_path / "keys")
    hand.now = 2.0

    assert (used.pseudonym_keys, used.sealing_key) == old


def test_a_keys_id_tells_keys_apart_and_shows_none(tmp_path):
    one, other = PseudonymKey(b"a" * 32), PseudonymKey(b"b" * 32)

    assert one.id != other.id
    assert repr(one) == f"PseudonymKey({one.id}, active)"
