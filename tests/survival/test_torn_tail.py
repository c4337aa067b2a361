"""A torn tail: the log is cut, or a bit of it is wrong; what opens is whole up to some acknowledged batch."""

import random
import shutil

import pytest

from storage import connect, errors, sqlite_checkpoints
from tests.survival import processes
from tests.xapi_collector import lrs as builders
from xapi_collector import settings

TAIL = 4_096
EVERY, FLIPS = (1, 200) if processes.SOAK else (64, 20)
FILES = ("entrepot.db", "entrepot.db-wal")

pytestmark = pytest.mark.timeout(900)


@pytest.fixture
def history(tmp_path, monkeypatch):
    """A directory as it was when power failed, and after each batch the length of its log and of the record."""
    monkeypatch.setattr(sqlite_checkpoints, "EVERY", 3_600.0)  # what was moved into the database is in no tail
    made = builders.make(f"sqlite:///{tmp_path}/store", tmp_path)
    log, lengths, ids = tmp_path / "store" / FILES[1], [], []
    for size in (1, 5, 2, 1, 30, 1, 1):
        batch = [builders.statement() for _ in range(size)]
        assert made.post(batch).status_code == 200
        ids += [each["id"] for each in batch]
        lengths.append((log.stat().st_size, len(ids)))
    (tmp_path / "off").mkdir()
    for name in FILES:
        shutil.copy(tmp_path / "store" / name, tmp_path / "off" / name)
    made.storage.close()
    return tmp_path / "off", lengths, ids


def _opened(source, target, change):
    """The ids in a copy whose log was changed, or None if the store says that it is damaged."""
    target.mkdir(mode=0o700)
    for name in FILES:
        shutil.copy(source / name, target / name)
    with (target / FILES[1]).open("r+b") as log:
        change(log)
    try:
        storage = connect.connect(f"sqlite:///{target}", *settings.COLLECTIONS)
        try:
            found = processes.ids(storage)
            bodies = [row.body for row in storage.statements.rows()]
        finally:
            storage.close()
    except errors.DamagedError:
        return None
    finally:
        shutil.rmtree(target)
    assert all(bodies)
    return found


def test_cut_anywhere_in_its_tail_the_log_keeps_every_batch_before(history, tmp_path):
    source, lengths, ids = history
    whole = lengths[-1][0]
    assert [number for length, number in lengths if length <= whole - TAIL]
    for cut in range(whole - TAIL, whole + 1, EVERY):
        kept = max(number for length, number in lengths if length <= cut)

        assert _opened(source, tmp_path / f"cut-{cut}", lambda log, cut=cut: log.truncate(cut)) == ids[:kept], cut


def test_cut_anywhere_else_too(history, tmp_path):
    source, lengths, ids = history
    chance = random.Random(2)
    for cut in sorted(chance.randrange(lengths[0][0], lengths[-1][0]) for _ in range(FLIPS)):
        kept = max(number for length, number in lengths if length <= cut)

        assert _opened(source, tmp_path / f"cut-{cut}", lambda log, cut=cut: log.truncate(cut)) == ids[:kept], cut


def test_with_a_wrong_bit_in_its_tail_it_opens_without_the_last_batch_or_says_so(history, tmp_path):
    source, lengths, ids = history
    chance, whole = random.Random(3), lengths[-1][0]
    outcomes = set()
    for number in range(FLIPS):
        place, bit = chance.randrange(whole - TAIL, whole), 1 << chance.randrange(8)

        def flip(log, place=place, bit=bit):
            log.seek(place)
            wrong = bytes([log.read(1)[0] ^ bit])
            log.seek(place)
            log.write(wrong)

        found = _opened(source, tmp_path / f"flip-{number}", flip)
        outcomes.add(None if found is None else len(found))
        assert found is None or found == ids[: lengths[-2][1]], (place, bit)

    assert outcomes


def test_a_directory_of_nothing_but_rubbish_is_reported(tmp_path):
    store = tmp_path / "store"
    store.mkdir(mode=0o700)
    (store / FILES[0]).write_bytes(b"rubbish " * 1_000)
    (store / FILES[0]).chmod(0o600)

    with pytest.raises(errors.StorageError):
        connect.connect(f"sqlite:///{store}", *settings.COLLECTIONS)
