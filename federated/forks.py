"""Processes that are forks of one which has imported all that they need, so that none imports it again. Floor 3.

To import Flower and the model takes an interpreter most of two seconds; a run of three institutions took it ten times.
A fork is a process of its own all the same: what it does to its memory, nobody else sees. Needs os.fork (Linux, macOS).
"""

import gc
import multiprocessing
import os
import secrets
import sys
import time
import traceback
from collections.abc import Callable, Iterable
from multiprocessing import connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any, NoReturn

from federated import guarded

_FORK = multiprocessing.get_context("fork")


def settle() -> None:
    """Take what this process has imported out of garbage collection, so that forks go on sharing its memory."""
    gc.collect()
    gc.freeze()


def start(work: Callable[..., object], *arguments: object) -> BaseProcess:
    """Start a fork that calls `work`. On Linux it gets SIGTERM when the calling THREAD ends: see `guarded`."""
    one = _FORK.Process(target=_run, args=(os.getpid(), work, arguments))
    one.start()
    return one


def first(
    processes: Iterable[BaseProcess], *bells: "connection.Connection[Any, Any]", seconds: float | None = None
) -> None:
    """Wait until one of the processes has ended or a bell rings, at most `seconds`; take all rings."""
    ready = connection.wait([*(one.sentinel for one in processes), *bells], seconds)
    for bell in bells:
        while bell in ready and bell.poll():
            bell.recv_bytes()


def end(processes: Iterable[BaseProcess], seconds: float) -> None:
    """End processes: SIGTERM, at most `seconds` for all of them, then SIGKILL."""
    left = list(processes)
    for one in left:
        one.terminate()
    deadline = time.monotonic() + seconds
    for one in left:
        one.join(max(0.0, deadline - time.monotonic()))
        if one.exitcode is None:
            one.kill()
            one.join()


def secret(home: Path) -> Path:
    """Write a fresh secret that only this process and its forks share; return its path."""
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = home / "executor.secret"
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(secrets.token_bytes(32))
    return path


def leave(number: int, _frame: object) -> NoReturn:
    """What a signal is answered with, so that `finally` runs and nothing is left behind."""
    raise SystemExit(128 + number)


def _run(parent: int, work: Callable[..., object], arguments: tuple[object, ...]) -> NoReturn:
    """Do the work in the child; never returns into the parent's code, and waits for no thread of Flower's."""
    code = 1
    try:
        guarded.guard(parent)
        work(*arguments)
        code = 0
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    except Exception as error:  # noqa: BLE001 - whatever went wrong, its text may hold a record: place and type are said
        place = traceback.extract_tb(error.__traceback__)[-1]
        sys.stderr.write(f"{type(error).__name__} at {Path(place.filename).name}:{place.lineno}\n")
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
