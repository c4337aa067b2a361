"""The log goes into the database beside the writers, not within a write. Floor 0.

SQLite's own checkpoint is part of the commit that fills the log: one request in some hundred pays 20 ms for all. Here
a thread with a connection of its own moves the most while others write, and what came meanwhile under the write lock,
so that the log begins anew. The limit of `sqlite.LOG_PAGES` stays as the last resort.
"""

import contextlib
import fcntl
import os
import sqlite3
import threading
from pathlib import Path

EVERY = 0.4  # seconds: some 4,000 pages at full load


class Checkpoints:
    """A process's thread for one store; it starts with the first write and waits while nobody writes."""

    def __init__(self, database: Path, lock: Path) -> None:
        self._database, self._lock = database, lock
        self._due, self._ended = threading.Event(), threading.Event()
        self._thread: threading.Thread | None = None

    def written(self) -> None:
        """Something was committed; the caller holds the connection's mutex."""
        if not self._due.is_set():
            self._due.set()
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="sqlite-checkpoints", daemon=True)
                self._thread.start()

    def close(self) -> None:
        """End the thread; what is in the log stays there, durable, and goes into the database later."""
        self._ended.set()
        self._due.set()
        if self._thread is not None:
            self._thread.join()

    def _run(self) -> None:
        with contextlib.ExitStack() as held:
            lock_file = os.open(self._lock, os.O_RDWR)
            held.callback(os.close, lock_file)
            sqlite = sqlite3.connect(self._database, timeout=0, isolation_level=None)
            held.callback(sqlite.close)
            while self._due.wait() and not self._ended.wait(EVERY):
                self._due.clear()
                if self._ended.is_set():  # `close` came after the wait: its call to wake up was just cleared
                    return
                with contextlib.suppress(sqlite3.Error):  # another process is at it, or the disk has no room now
                    _move(sqlite, lock_file)


def _move(sqlite: sqlite3.Connection, lock_file: int) -> None:
    sqlite.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
    fcntl.flock(lock_file, fcntl.LOCK_EX)
    try:
        sqlite.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
    finally:
        fcntl.flock(lock_file, fcntl.LOCK_UN)
