"""Flower's SuperNode, which asks its coordinator as often as its operator wants. Floor 3.

Flower waits 3 s between two looks for a question. Over a run of some twenty exchanges that is a minute of waiting,
which an institution far away does not mind and a consortium on one machine does. There is no option for it in flwr
1.41, so the one module that waits is given another clock. It waits half a second at a time for an answer, too, and
its executor would have to ask as often whether there is a question: they ring each other's bell instead.
"""

import sys
import time
from collections.abc import Sequence
from multiprocessing.connection import Connection
from types import SimpleNamespace
from typing import Any

from flwr.supernode import start_client_internal as loop
from flwr.supernode.cli import flower_supernode

from federated import forks

_IDLE = 1.0  # seconds; Flower waits for longer than that only where there is no question
_SHARE = 0.25  # a look costs both sides some milliseconds: who was asked nothing for long looks less often


def hurry(seconds: float, bell: "Connection[Any, Any]") -> None:
    """Let the SuperNode of this process wait `seconds` between two looks, and no longer for an answer than it takes.

    Args:
        seconds: after an answer. Later it is a quarter of the time since then, and never more than Flower's own wait.
        bell: rung when there is a question; whoever answers rings back.
    """
    since = time.monotonic()

    def sleep(asked: float) -> None:
        nonlocal since
        if asked < _IDLE:
            bell.send_bytes(b"?")
            forks.first([], bell, seconds=asked)
            since = time.monotonic()
        else:
            time.sleep(min(asked, max(seconds, _SHARE * (time.monotonic() - since))))

    clock = SimpleNamespace(**vars(time))
    clock.sleep = sleep
    setattr(loop, "time", clock)  # noqa: B010 - no attribute that Flower exports


def run(arguments: Sequence[str], seconds: float, bell: "Connection[Any, Any]") -> None:
    """Be a SuperNode until told to end; see `commands.supernode` for the arguments, and `hurry`."""
    hurry(seconds, bell)
    sys.argv = ["flower-supernode", *arguments]
    flower_supernode()
