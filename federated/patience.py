"""How long Flower's grid waits for the content of an answer that it was told of. Floor 3.

A SuperNode announces an answer first and sends its content after. One that is killed, or cut off, in between leaves an
answer without content, and flwr 1.41 waits up to two hours for it, with all others behind it: measured, a run stood
still. There is no option for it, so the one function that waits is called with another bound.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from flwr.superlink.grid import http_grid

UPLOAD_SECONDS = 45.0  # from the announcement of an answer to the end of its content, a megabyte or so
_FIRST_PAUSE, _LONGEST_PAUSE = 0.1, 1.0


@contextmanager
def bounded(left: Callable[[], float]) -> Iterator[None]:
    """Bound the wait for an answer's content inside the block; what lacks content then comes as "unavailable".

    Args:
        left: seconds until nobody waits any longer for any answer; `UPLOAD_SECONDS` are waited for one at most.
    """
    before = vars(http_grid)["pull_objects"]  # no name that Flower exports

    def pull(**named: Any) -> dict[str, bytes]:
        most = min(max(left(), 0.0), UPLOAD_SECONDS)
        found: dict[str, bytes] = before(
            **named, max_time=most, initial_backoff=_FIRST_PAUSE, backoff_cap=_LONGEST_PAUSE
        )
        return found

    setattr(http_grid, "pull_objects", pull)  # noqa: B010 - as above
    try:
        yield
    finally:
        setattr(http_grid, "pull_objects", before)  # noqa: B010 - as above
