"""Start our own programs as real processes, wait until they answer, and stop every one of them.

A process that we start never outlives us: it leads its own group, which is stopped on the way out, and on Linux the
kernel ends it when we die without one.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from entrepot import errors

_PR_SET_PDEATHSIG = 1  # prctl(2)


@dataclass(frozen=True, slots=True)
class Program:
    """A running program: its name for people, its process, its log."""

    name: str
    process: subprocess.Popen[bytes]
    log: Path


Start = Callable[[str, Sequence[str], Mapping[str, str]], Program]


@contextlib.contextmanager
def fleet(logs: Path, patience: float = 10.0) -> Iterator[Start]:
    """Yield `start(name, arguments of the entrepot command, extra environment)`; stop all that was started at the end.

    Args:
        logs: directory that gets one log file a program.
        patience: seconds that a program has to stop by itself before it is killed.
    """
    logs.mkdir(parents=True, exist_ok=True)
    started: list[Program] = []

    def start(name: str, arguments: Sequence[str], environment: Mapping[str, str]) -> Program:
        log = logs / f"{name}.log"
        inherited = {key: value for key, value in os.environ.items() if not key.startswith("ENTREPOT_")}
        with log.open("wb") as sink:
            process = subprocess.Popen(
                [sys.executable, "-m", "entrepot.cli", *arguments],
                env={**inherited, **environment},
                stdin=subprocess.DEVNULL,
                stdout=sink,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=_die_with_parent if sys.platform == "linux" else None,  # noqa: PLW1509 -- no threads yet when we start
            )
        started.append(Program(name, process, log))
        return started[-1]

    try:
        yield start
    finally:
        stop(started, patience)


def stop(programs: Sequence[Program], patience: float = 10.0) -> None:
    """End programs and all their children: ask first, insist after `patience` seconds."""
    for program in programs:
        _signal(program, signal.SIGTERM)
    deadline = time.monotonic() + patience
    for program in programs:
        try:
            program.process.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            _signal(program, signal.SIGKILL)
            program.process.wait()
        _signal(program, signal.SIGKILL)  # children that outlived their leader


def wait_until_ready(program: Program, url: str, patience: float = 60.0) -> None:
    """Wait until `url` answers 200.

    Raises:
        errors.ProcessDied: if the program ends first, or does not answer within `patience` seconds.
    """
    deadline = time.monotonic() + patience
    while program.process.poll() is None and time.monotonic() < deadline:
        with (
            contextlib.suppress(urllib.error.URLError, ConnectionError, TimeoutError),
            urllib.request.urlopen(url, timeout=2),  # noqa: S310 -- our own http address on loopback
        ):
            return
        time.sleep(0.05)
    raise errors.ProcessDied(program.name, program.log)


def _signal(program: Program, number: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(program.process.pid, number)


def _die_with_parent() -> None:
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
