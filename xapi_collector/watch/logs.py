"""What is logged: one JSON object a line, and nothing of a person in it. Floor 1.

A line holds names of ours (events, routes, methods, statuses, ids of requests and credentials), never a query, a body,
a header or the text of somebody else's error: those may carry names.
"""

import contextlib
import functools
import logging
import os
import traceback
from collections.abc import Callable, Mapping

import orjson

from xapi_collector.grammar import formats

Write = Callable[[bytes], object]

_OURS = ("xapi_collector", "storage", "entrepot")


def line(time: int, level: str, event: str, facts: Mapping[str, str | float]) -> bytes:
    """A line of the log.

    Args:
        time: Microseconds since 1970, UTC.
        level: debug, info, warning, error or critical.
        event: What happened, in a word or a sentence of ours.
        facts: More about it, in names of ours.
    """
    seconds, rest = divmod(time, 1_000_000)
    return orjson.dumps({"time": f"{_second(seconds)}.{rest:06}Z", "level": level, "event": event, **facts}) + b"\n"


@functools.lru_cache(maxsize=4)
def _second(seconds: int) -> str:
    return formats.timestamp(seconds * 1_000_000)[:19]


def to_stderr(text: bytes) -> None:
    """Write to standard error in one call, so that the lines of several workers do not mix."""
    with contextlib.suppress(OSError):  # who reads the log may be gone; the request is answered all the same
        os.write(2, text)


def configure(institution: str, write: Write = to_stderr) -> None:
    """Send what Python's loggers of this process say through the same form (for a process of its own)."""
    root = logging.getLogger()
    root.handlers[:] = [_Handler(institution, write)]
    root.setLevel(logging.INFO)


class _Handler(logging.Handler):
    def __init__(self, institution: str, write: Write) -> None:
        super().__init__()
        self._institution, self._write = institution, write

    def emit(self, record: logging.LogRecord) -> None:
        """Write the record; of loggers that are not ours only the template, for its arguments may be anything."""
        ours = record.name.partition(".")[0] in _OURS
        facts = {"logger": record.name, "institution": self._institution}
        error = record.exc_info[1] if record.exc_info else None
        if error is not None:
            frames = traceback.extract_tb(error.__traceback__)[-6:]
            facts |= {
                "error": type(error).__name__,
                "where": " < ".join(f"{frame.name}:{frame.lineno}" for frame in reversed(frames)),
            }
        event = record.getMessage() if ours else str(record.msg)
        self._write(line(int(record.created * 1_000_000), record.levelname.lower(), event, facts))
