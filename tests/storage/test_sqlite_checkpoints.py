"""The log of the SQLite adapter goes into the database beside the writers."""

from __future__ import annotations

import contextlib
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from storage import connect, errors, sqlite, sqlite_checkpoints
from storage.collection import Collection

THINGS = Collection(
    "things",
    ("name",),
    purpose="try",
    legal_basis="no personal data",
    residency="institution",
    retention="a test",
    export="not applicable: no personal data",
    erase="not applicable: no personal data",
)


def in_database(directory: Path) -> int | None:
    """How many documents the database file holds without its log; None while half of a move is there."""
    with sqlite3.connect(f"file:{directory / 'entrepot.db'}?immutable=1", uri=True) as sqlite:
        try:
            return int(sqlite.execute("SELECT count(*) FROM documents").fetchone()[0])
        except sqlite3.DatabaseError:
            return None


def wait_for(directory: Path, count: int) -> None:
    until = time.monotonic() + 10
    while in_database(directory) != count:
        assert time.monotonic() < until, "the log stayed in its file"
        time.sleep(0.05)


def test_the_log_goes_into_the_database_while_others_write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite_checkpoints, "EVERY", 0.05)
    before = set(threading.enumerate())
    one = connect.connect(f"sqlite:///{tmp_path}", THINGS)
    two = connect.connect(f"sqlite:///{tmp_path}", THINGS)
    for number in range(400):
        (one if number % 2 else two).insert(THINGS, {"name": str(number), "text": "x" * 4000})
    wait_for(tmp_path, 400)
    log = (tmp_path / "entrepot.db-wal").stat().st_size
    for number in range(400, 450):
        one.insert(THINGS, {"name": str(number), "text": "x" * 4000})
        time.sleep(0.005)
    wait_for(tmp_path, 450)
    assert (tmp_path / "entrepot.db-wal").stat().st_size == log, "the log began anew"
    one.close()
    two.close()
    assert set(threading.enumerate()) <= before


def test_a_store_that_nobody_writes_to_has_no_thread(tmp_path: Path) -> None:
    connect.connect(f"sqlite:///{tmp_path}", THINGS).close()
    before = threading.active_count()
    store = connect.connect(f"sqlite:///{tmp_path}", THINGS)
    assert store.find(THINGS) == []
    assert threading.active_count() == before
    store.close()


def test_a_store_that_is_closed_just_after_the_wait_ends_its_thread(tmp_path: Path) -> None:
    (tmp_path / "lock").touch()
    moving = sqlite_checkpoints.Checkpoints(tmp_path / "entrepot.db", tmp_path / "lock")

    class Overtaken(threading.Event):
        """Answers that the time ran out, and is set before anybody looks again."""

        def wait(self, timeout: float | None = None) -> bool:
            answer = super().wait(0)
            self.set()
            return answer

    moving._ended = Overtaken()
    moving.written()
    thread = moving._thread
    assert thread is not None
    thread.join(5)

    assert not thread.is_alive()


# Byte 121 of the shared index is the lock of whoever moves the log: https://www.sqlite.org/walformat.html#locks
MOVER = """
import fcntl, sys
with open(sys.argv[1], "r+b") as index:
    fcntl.lockf(index, fcntl.LOCK_EX, 1, 121)
    print("held", flush=True)
    sys.stdin.read()
"""


@contextlib.contextmanager
def moved_by_another(directory: Path) -> Iterator[subprocess.Popen[str]]:
    """A process that is at the log until its input ends."""
    held = [sys.executable, "-c", MOVER, str(directory / "entrepot.db-shm")]
    with subprocess.Popen(held, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        yield process


def test_who_ends_the_log_waits_for_who_moves_it(tmp_path: Path) -> None:
    with contextlib.closing(connect.connect(f"sqlite:///{tmp_path}", THINGS)) as store:
        store.insert(THINGS, {"name": "a"})
        with moved_by_another(tmp_path) as process:
            assert process.stdin is not None
            done = threading.Timer(0.3, process.stdin.close)
            done.start()
            store.scrub()
            done.join()

        assert (tmp_path / "entrepot.db-wal").stat().st_size == 0


def test_who_ends_the_log_does_not_wait_for_ever(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite, "WAIT_MS", 50)
    with contextlib.closing(connect.connect(f"sqlite:///{tmp_path}", THINGS)) as store:
        store.insert(THINGS, {"name": "a"})
        with moved_by_another(tmp_path), pytest.raises(errors.UnavailableError, match="try again"):
            store.scrub()
