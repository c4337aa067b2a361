"""The most memory that this process and all its descendants held at one time, sampled in a thread."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator

import psutil


@contextlib.contextmanager
def peak(interval: float = 1.0) -> Iterator[Callable[[], float]]:
    """Yield a function that gives the peak so far, in MiB.

    Shared pages are counted once where the system tells (proportional set size, Linux); elsewhere the resident sets are
    added, which overstates.
    """
    highest = [0.0]
    done = threading.Event()

    def watch() -> None:
        while not done.is_set():
            highest[0] = max(highest[0], _family())
            done.wait(interval)

    thread = threading.Thread(target=watch, name="memory", daemon=True)
    thread.start()
    try:
        yield lambda: highest[0]
    finally:
        done.set()
        thread.join()


def _family() -> float:
    me = psutil.Process()
    return sum(_size(process) for process in [me, *me.children(recursive=True)]) / 2**20


def _size(process: psutil.Process) -> int:
    with contextlib.suppress(psutil.NoSuchProcess, psutil.AccessDenied, psutil.ZombieProcess):
        full = process.memory_full_info()
        return int(getattr(full, "pss", full.rss))
    return 0
