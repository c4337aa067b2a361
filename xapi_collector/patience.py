"""How long a store is waited for: once in vain, and then not again for a while. Floor 1, pure.

Requests wait one behind the other. Were each to wait for a store that is away, a queue of ten would wait ten times as
long, and its senders would give up before they are told to come again.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from storage import errors as storage_errors

IN_VAIN = 1_000_000  # microseconds; a failure after less than that costs nobody time
PAUSE = 1_000_000  # microseconds in which nobody waits


class Patience:
    """What a process remembers of a store that was away; a class, for it has to remember."""

    __slots__ = ("_clock", "_until")

    def __init__(self, clock: Callable[[], int]) -> None:
        self._clock = clock
        self._until = 0

    @contextmanager
    def wait(self) -> Iterator[None]:
        """Around the first question that a request has for the store.

        Raises:
            storage.errors.UnavailableError: The store is away, or was a moment ago.
        """
        began = self._clock()
        if began < self._until <= began + PAUSE:
            raise storage_errors.UnavailableError("The store was waited for in vain a moment ago.")
        try:
            yield
        except storage_errors.UnavailableError:
            now = self._clock()
            if now - began >= IN_VAIN:
                self._until = now + PAUSE
            raise
