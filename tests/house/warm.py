"""A process that has imported the command already and forks itself for each call: a page of docs/ makes some thirty.

What is run is the command of the house; what is spared is that each call starts an interpreter and imports every room.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import pkgutil
import select
import signal
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from entrepot import cli

# Stands in for the command on the PATH: hands over what it was called with, and its three files.
CALL = """#!{python} -SE
import json, os, socket, sys
if sys.argv[1:2] != ["lrs"]:
    os.execv({real!r}, [{real!r}, *sys.argv[1:]])
there = socket.socket(socket.AF_UNIX)
there.connect({address!r})
asked = json.dumps([sys.argv[1:], os.getcwd(), dict(os.environ)]).encode()
socket.send_fds(there, [len(asked).to_bytes(4, "big")], [0, 1, 2])
there.sendall(asked)
sys.exit((there.recv(1) or b"\\x01")[0])
"""


@contextmanager
def calls(directory: Path) -> Iterator[Path]:
    """Serve calls of `entrepot lrs`; a directory for the PATH, in which the command is called by its name."""
    address, bin_ = directory / "calls", directory / "bin"
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(address))
    listener.listen()
    bin_.mkdir()
    python = Path(sys.executable)
    command = bin_ / "entrepot"
    real = str(python.parent / "entrepot")
    command.write_text(CALL.format(python=python, real=real, address=str(address)), encoding="utf-8")
    command.chmod(0o755)
    # An interpreter of its own: whoever tests may have threads, which no fork takes along.
    listener.set_inheritable(True)
    code = f"from tests.house import warm; warm.serve({listener.fileno()})"
    pid = os.posix_spawn(python, [str(python), "-c", code], {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)})
    listener.close()  # so whoever calls is refused should that process end
    yield bin_
    os.kill(pid, signal.SIGTERM)
    os.waitpid(pid, 0)


def serve(listening: int) -> None:
    """Answer calls until a signal ends it."""
    for room in ("storage", "xapi_collector"):
        package = importlib.import_module(room)
        for found in pkgutil.walk_packages(package.__path__, f"{room}."):
            importlib.import_module(found.name)
    gc.freeze()  # or each copy writes to, and so copies, every page of what was imported
    listener = socket.socket(fileno=listening)
    running = 0
    while True:
        there, _ = listener.accept()
        if os.fork() == 0:
            listener.close()
            os._exit(_answer(there))
        there.close()
        running += 1
        while running and os.waitpid(-1, os.WNOHANG)[0]:
            running -= 1


def _answer(there: socket.socket) -> int:
    """Run a call in a process of its own, and say how it ended; whoever called and was killed ends it."""
    head, files, _, _ = socket.recv_fds(there, 4, 3)
    asked = b""
    while len(asked) < int.from_bytes(head, "big"):
        asked += there.recv(65536)
    words, directory, environment = json.loads(asked)
    pid = os.fork()
    if pid == 0:
        there.close()
        for place, file in enumerate(files):
            os.dup2(file, place)
        os.chdir(directory)
        os.environ.clear()
        os.environ.update(environment)
        sys.argv = ["entrepot", *words]
        os._exit(_run())
    for file in files:
        os.close(file)
    ended = os.pidfd_open(pid)
    ready, _, _ = select.select([ended, there], [], [])
    if ended not in ready:
        os.kill(pid, signal.SIGTERM)
    _, status = os.waitpid(pid, 0)
    there.sendall(bytes([os.waitstatus_to_exitcode(status) & 0xFF]))
    return 0


def _run() -> int:
    """The command, as its script calls it."""
    try:
        sys.exit(cli.main())
    except SystemExit as end:
        if isinstance(end.code, str):
            sys.stderr.write(f"{end.code}\n")
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:  # noqa: BLE001 - said and counted as an interpreter does, or the copy would go on to serve
        sys.excepthook(*sys.exc_info())
        return 1
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
