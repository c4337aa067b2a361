import os

import numpy as np
import pytest

from federated import checkpoint, errors
from federated.rounds import Checkpoint

ONE = Checkpoint(2, 3, 1, {"asked.tries": np.arange(4), "weights": np.array([0.5, -1.0])}, {"rows": 12.0})


def same(found, expected):
    assert (found.phase, found.round, found.attempt) == (expected.phase, expected.round, expected.attempt)
    assert found.numbers == expected.numbers
    assert found.arrays.keys() == expected.arrays.keys()
    for name, array in expected.arrays.items():
        np.testing.assert_array_equal(found.arrays[name], array)
        assert found.arrays[name].dtype == array.dtype


def test_a_checkpoint_comes_back_as_it_was_kept(tmp_path):
    checkpoint.save(tmp_path / "new", "charter 7", ONE)

    name, found = checkpoint.load(tmp_path / "new")
    assert name == "charter 7"
    same(found, ONE)


def test_the_last_one_stands(tmp_path):
    checkpoint.save(tmp_path, "c 7", ONE)
    then = Checkpoint(3, 4, 2, {}, {})
    checkpoint.save(tmp_path, "c 7", then)

    same(checkpoint.load(tmp_path)[1], then)
    assert [path.name for path in tmp_path.iterdir()] == [checkpoint.NAME]


def test_where_none_is_there_is_none(tmp_path):
    assert checkpoint.load(tmp_path) is None
    checkpoint.clear(tmp_path)
    checkpoint.save(tmp_path, "c 7", ONE)
    checkpoint.clear(tmp_path)

    assert checkpoint.load(tmp_path) is None


def test_a_coordinator_that_dies_while_it_writes_has_the_one_before(tmp_path, monkeypatch):
    checkpoint.save(tmp_path, "c 7", ONE)

    def full(_descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(errors.LedgerError, match="No space left on device; a run is not led where it cannot be kept"):
        checkpoint.save(tmp_path, "c 7", Checkpoint(3, 4, 2, {}, {}))

    same(checkpoint.load(tmp_path)[1], ONE)


def pickled(path):
    np.savez(path, facts=np.array([{"run": "x"}], dtype=object))


def without_facts(path):
    np.savez(path, weights=np.zeros(1))


def with_other_facts(path):
    np.savez(path, facts=np.frombuffer(b'{"run": "c 7"}', np.uint8))


def torn(path):
    checkpoint.save(path.parent, "c 7", ONE)
    path.write_bytes(path.read_bytes()[:-40])


def empty(path):
    path.write_bytes(b"")


def junk(path):
    path.write_bytes(b"junk")


@pytest.mark.parametrize("spoil", [empty, junk, pickled, without_facts, with_other_facts, torn])
def test_what_is_no_checkpoint_is_said_and_never_unpickled(tmp_path, spoil):
    spoil(tmp_path / checkpoint.NAME)

    with pytest.raises(errors.SettingsError, match=r"checkpoint.npz: not a checkpoint; remove it to begin a new run"):
        checkpoint.load(tmp_path)
