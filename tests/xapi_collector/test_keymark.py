"""A machine whose keyring is an older copy than the store's is told so, and stores nothing."""

import shutil

import pytest

from tests.xapi_collector import lrs as builders
from tests.xapi_collector import persons
from tests.xapi_collector.lrs import agent, statement
from xapi_collector import errors, keymark, keyring, settings
from xapi_collector.keyring import COMING, RETIRING, PseudonymKey
from xapi_collector.upkeep import rotation

NEW = PseudonymKey(b"n" * 32)


def _rotate(lrs):
    rotation.run(
        rotation.Rotation(persons.collector(lrs), settings.COLLECTIONS, lambda _: lrs.keys.look(), lambda _: None)
    )


def test_before_the_first_rotation_any_keyring_will_do(quick):
    keymark.check(quick.storage, quick.keys)


@pytest.mark.parametrize("states", [(COMING,), ()])
def test_an_older_copy_is_refused_by_name(quick, tmp_path, states):
    keymark.write(quick.storage, NEW.id)
    old = keyring.change(quick.keys.path, (*quick.keys.states, *(PseudonymKey(NEW.key, each) for each in states)))

    with pytest.raises(errors.KeyringError, match=f"pseudonym key {NEW.id} of the last rotation: copy the keyring"):
        keymark.check(quick.storage, old)


@pytest.mark.parametrize("other", [(), (PseudonymKey(b"m" * 32, COMING),)])
def test_the_newest_keyring_fits_also_while_the_next_rotation_begins(quick, other):
    keymark.write(quick.storage, NEW.id)
    keymark.check(quick.storage, keyring.change(quick.keys.path, (NEW, *other)))


def test_a_keyring_that_is_ahead_of_the_store_fits(quick):
    keymark.write(quick.storage, NEW.id)
    keys = (PseudonymKey(b"m" * 32), PseudonymKey(NEW.key, RETIRING))
    keymark.check(quick.storage, keyring.change(quick.keys.path, keys))


def test_a_collector_with_an_older_copy_stores_nothing_and_does_not_start_again(quick, tmp_path):
    quick.post(statement(actor=agent("Ada")))
    (tmp_path / "elsewhere").mkdir()
    shutil.copy(quick.keys.path, tmp_path / "elsewhere" / "keyring.json")
    other = builders.make(f"sqlite:///{tmp_path}/store", tmp_path / "elsewhere")
    _rotate(quick)
    answer = other.post(statement(actor=agent("Ada")))

    assert answer.status_code == 500
    assert len(quick.ids(agent=agent("Ada"))) == 1
    with pytest.raises(errors.KeyringError, match="of the last rotation"):
        builders.make(f"sqlite:///{tmp_path}/store", tmp_path / "elsewhere")
    other.storage.close()
