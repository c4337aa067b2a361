"""A coordinator's process: Flower's SuperLink, and the executor that leads its runs. Floor 3.

Flower's own executor starts two interpreters before a run begins, and runs any bundle that is submitted: the Control
API has no login, so whoever works on this machine could run code of theirs as the coordinator. This one (isolation mode
"process") imports once, forks for each run, and leads no bundle but the one that is installed. A task's token does not
show in the list of processes, and nobody without the executor's secret takes a task. Ends when the SuperLink ends. Run
as `python -m federated.superlink ADDRESS CA_PEM ARGUMENT ...`.
"""

import os
import signal
import sys
from collections.abc import Sequence
from multiprocessing.process import BaseProcess
from pathlib import Path
from queue import Queue

from flwr.common.constant import SubStatus
from flwr.proto.runtime_pb2 import PushTaskOutputRequest
from flwr.supercore.address import resolve_bind_address
from flwr.supercore.logger import mirror_output_to_queue
from flwr.superlink.cli import flower_superlink
from flwr.superlink.runtime import run_serverapp

from federated import control, forks

_TASK = "flwr-serverapp"
_ASK_SECONDS = 0.5
_STOP_SECONDS = 3.0


def main(arguments: Sequence[str]) -> int:
    """Run a SuperLink and lead its runs until it ends; return its exit code."""
    address, ca, *flower = arguments
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, forks.leave)
    secret = forks.secret(Path(os.environ["FLWR_HOME"]))
    forks.settle()
    isolated = ("--isolation", "process", "--superexec-auth-secret-file", str(secret))
    running = [forks.start(_serve, [*flower, *isolated])]
    try:
        # Before a run is forked, so that none has to; the SuperLink need not wait for it.
        from federated import server_app  # noqa: F401, PLC0415 - as above

        forks.settle()
        return _lead(running, resolve_bind_address(address), Path(ca).read_bytes(), secret.read_bytes())
    finally:
        forks.end(running, _STOP_SECONDS)


def _serve(arguments: Sequence[str]) -> None:
    """Be the SuperLink, in a fork."""
    sys.argv = ["flower-superlink", *arguments]
    flower_superlink()


def _lead(running: list[BaseProcess], address: str, ca: bytes, secret: bytes) -> int:
    """Start a fork for every run until the SuperLink, the first of those `running`, ends; return its exit code."""
    own, link = control.bundle()[1], running[0]
    client = control.runtime(address, ca, secret=secret)
    while (code := link.exitcode) is None:
        running[1:] = [one for one in running[1:] if one.exitcode is None]
        if (task := control.acquire(client, _TASK)) is not None:
            running.append(forks.start(_run if task.task.fab_hash == own else _refuse, address, ca, task.token))
        link.join(_ASK_SECONDS)
    return code


def _run(address: str, ca: bytes, token: str) -> None:
    """Lead a run as Flower's `flwr-serverapp` would, in a fork."""
    told: Queue[str | None] = Queue()
    mirror_output_to_queue(told)
    run_serverapp(address, told, token, insecure=False, certificates=ca, parent_pid=os.getppid())


def _refuse(address: str, ca: bytes, token: str) -> None:
    """End a run whose bundle is not the one that is installed here, in a fork."""
    text = "the bundle of this run is not the one that is installed with the coordinator; nothing was run"
    sys.stderr.write(f"entrepot coordinator: {text}\n")
    client = control.runtime(address, ca, token=token)
    client.PushTaskOutput(PushTaskOutputRequest(sub_status=SubStatus.FAILED, details=text))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
