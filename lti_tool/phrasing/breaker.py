"""When a language model is not asked: while it fails, and while it is asked enough already. Floor 3.

A model that is away must not cost a thread for eight seconds at every page: after three failures in a row nothing is
asked for a minute, then one question is, and its answer decides (Nygard, Release It!, chapter 5: Circuit Breaker).
"""

from __future__ import annotations

import threading
from collections.abc import Callable

FAILURES = 3
PAUSE = 60.0
AT_ONCE = 2
"""Questions of one process under way: a model on one card answers one after another anyway."""


class Breaker:
    """The state of one process; safe for several threads."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._lock = threading.Lock()
        self._running = 0
        self._failures = 0
        self._since = 0.0

    def take(self) -> bool:
        """Whether a question may be asked now; if so, `give` must follow."""
        with self._lock:
            tripped = self._failures >= FAILURES
            if tripped and (self._running or 0 <= self._now() - self._since < PAUSE):
                return False
            if self._running >= AT_ONCE:
                return False
            self._running += 1
            return True

    def give(self, *, answered: bool) -> None:
        """Say what came of a question that was taken."""
        with self._lock:
            self._running -= 1
            self._failures = 0 if answered else self._failures + 1
            self._since = self._now()

    @property
    def open(self) -> bool:
        """Whether nothing is asked because the last questions failed."""
        with self._lock:
            return self._failures >= FAILURES and 0 <= self._now() - self._since < PAUSE
