"""Start our own programs as real processes, wait until they answer, and stop every one of them.

A process that we start never outlives us: it leads its own group, which is stopped on the way out, and on Linux the
kernel ends it when we die without one (`federated.guarded`).
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from entrepot import errors
from federated import processes
from federated.processes import Process

Start = Callable[[str, Sequence[str], Mapping[str, str]], Process]


@contextlib.contextmanager
def fleet(logs: Path, patience: float = 10.0) -> Iterator[Start]:
    """Yield `start(name, arguments of the entrepot command, extra environment)`; stop all that was started at the end.

    Args:
        logs: directory that gets one log file a program.
        patience: seconds that a program has to stop by itself before it is killed.
    """
    started: list[Process] = []

    def start(name: str, arguments: Sequence[str], environment: Mapping[str, str]) -> Process:
        inherited = {key: value for key, value in os.environ.items() if not key.startswith("ENTREPOT_")}
        command = [sys.executable, "-m", "entrepot.cli", *arguments]
        started.append(processes.start(name, command, {**inherited, **environment}, logs / f"{name}.log"))
        return started[-1]

    try:
        yield start
    finally:
        stop(started, patience)


def stop(started: Sequence[Process], patience: float = 10.0) -> None:
    """End processes and all their children: ask first, insist after `patience` seconds."""
    for one in started:
        _signal(one, signal.SIGTERM)
    deadline = time.monotonic() + patience
    for one in started:
        try:
            one.handle.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            _signal(one, signal.SIGKILL)
            one.handle.wait()
        _signal(one, signal.SIGKILL)  # children that outlived their leader


def wait_until_ready(process: Process, url: str, patience: float = 60.0) -> None:
    """Wait until `url` answers 200.

    Raises:
        errors.ProcessDied: if the process ends first, or does not answer within `patience` seconds.
    """
    deadline = time.monotonic() + patience
    while process.running and time.monotonic() < deadline:
        with (
            contextlib.suppress(urllib.error.URLError, ConnectionError, TimeoutError),
            urllib.request.urlopen(url, timeout=2),  # noqa: S310 -- our own http address on loopback
        ):
            return
        time.sleep(0.05)
    raise errors.ProcessDied(process.name, process.log)


def _signal(process: Process, number: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.handle.pid, number)
