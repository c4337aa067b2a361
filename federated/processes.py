"""Start and stop real processes, their children included, so that none is left behind. Floor 3.

Flower detaches its executors into sessions of their own, so a process group does not reach them: a process is ours when
it descends from one that we started, or carries our mark in its environment (a killed SuperNode leaves orphans).
"""

import os
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from federated import guarded

MARK = "FLWR_HOME"  # every process of a federation carries it, pointing into our own directory
_POLITE_SECONDS = 4.0


@dataclass(frozen=True)
class Process:
    """A process that we started: its name for people, its handle and its log file."""

    name: str
    handle: subprocess.Popen[bytes]
    log: Path

    @property
    def running(self) -> bool:
        """Whether it has not ended yet."""
        return self.handle.poll() is None


def start(name: str, command: Sequence[str], environ: Mapping[str, str], log: Path) -> Process:
    """Start `command` with exactly `environ`, its output appended to `log`, in a process group of its own.

    On Linux it gets SIGTERM when the calling THREAD ends (see `guarded`): call from a thread that stays.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    wrapper = [sys.executable, "-I", "-S", str(Path(guarded.__file__)), str(os.getpid())]
    with log.open("ab") as output:
        handle = subprocess.Popen(
            [*wrapper, *command],
            env=dict(environ),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    return Process(name, handle, log)


def tree(started: Iterable[Process], home: Path) -> list[psutil.Process]:
    """Return every living process that descends from `started` or is marked by a FLWR_HOME inside `home`."""
    found: dict[int, psutil.Process] = {}
    for process in started:
        with suppress(psutil.NoSuchProcess):
            root = psutil.Process(process.handle.pid)
            for one in (root, *root.children(recursive=True)):
                found[one.pid] = one
    for one in psutil.process_iter():
        if one.pid not in found and one.pid != os.getpid() and _marked(one, home):
            found[one.pid] = one
    return [one for one in found.values() if _alive(one)]


def stop(started: Sequence[Process], home: Path) -> None:
    """End `started` and all that `tree` finds: SIGTERM, some seconds, then SIGKILL, until none is left."""
    for one in _left(started, home):
        with suppress(psutil.NoSuchProcess):
            one.terminate()
    deadline = time.monotonic() + _POLITE_SECONDS
    while (left := _left(started, home)) and time.monotonic() < deadline:
        psutil.wait_procs(left, timeout=0.2)
    while left := _left(started, home):
        for one in left:
            with suppress(psutil.NoSuchProcess):
                one.kill()
        psutil.wait_procs(left, timeout=1.0)
    for process in started:
        process.handle.wait()  # nothing of it lives; one that ended between two looks is still on the process table


def tail(log: Path, lines: int = 3) -> str:
    """Return the last `lines` non-empty lines of `log`, joined, for an error text."""
    try:
        text = log.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    return " / ".join([line.strip() for line in text.splitlines() if line.strip()][-lines:])


def _left(started: Sequence[Process], home: Path) -> list[psutil.Process]:
    for process in started:
        process.handle.poll()  # takes an ended child off the process table
    return tree(started, home)


def _alive(process: psutil.Process) -> bool:
    try:
        return bool(process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def _marked(process: psutil.Process, home: Path) -> bool:
    try:
        mark = process.environ().get(MARK)
    except (psutil.AccessDenied, psutil.NoSuchProcess, OSError):
        return False
    return mark is not None and Path(mark).is_relative_to(home)
