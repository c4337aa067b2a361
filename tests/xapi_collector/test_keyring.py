"""The keyring file."""

import json

import pytest

from xapi_collector import errors, keyring


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
    "change", [{"format": 2}, {"sealing_key": "c2hvcnQ="}, {"sealing_key": "?"}, {"sealing_key": 5}]
)
def test_a_malformed_keyring_is_refused(tmp_path, change):
    keyring.create(tmp_path / "keys")
    content = json.loads((tmp_path / "keys").read_text())
    (tmp_path / "keys").write_text(json.dumps(content | change))

    with pytest.raises(errors.KeyringError, match="not a keyring of format 1"):
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
