"""An institution's process: its SuperNode, and the executor that answers the SuperNode's messages. Floor 3.

Flower's own executor starts an interpreter per message and imports Flower anew, about 2 CPU-seconds each time. This one
(isolation mode "process", where the operator runs the executor) imports once, and forks: for the SuperNode, and for
each message, so that an answer is as isolated for a tenth of the cost. A task's token does not show in the list of
processes. It runs no code but the bundle that the institution installed itself. Ends when the SuperNode ends. Run as
`python -m federated.executor SUPERLINK PORT MEMBER_TOML POLL`.
"""

import os
import signal
import sys
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from flwr.supernode.runtime.run_clientapp import run_clientapp

from curriculum import catalog as catalogs
from federated import client_app, commands, control, errors, forks, settings, supernode

WARM = client_app.app  # imported before the first fork, so that no fork has to

_ASK_SECONDS = 2.0  # the SuperNode rings when there is a question; this is for a Flower that waits elsewhere
_STOP_SECONDS = 3.0
_TASK = "flwr-clientapp"


def main(arguments: list[str]) -> int:
    """Run a SuperNode and answer its messages until it ends; return its exit code."""
    superlink, port, path, poll = arguments[0], int(arguments[1]), Path(arguments[2]), float(arguments[3])
    member = settings.load_member(path)
    catalogs.load(member.catalog)  # once, for all forks
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, forks.leave)
    secret = forks.secret(Path(os.environ["FLWR_HOME"]))
    bell, other = Pipe()
    forks.settle()
    node = forks.start(supernode.run, commands.supernode(superlink, member, port, path, secret=secret), poll, other)
    try:
        return _serve(node, f"127.0.0.1:{port}", secret.read_bytes(), bell)
    finally:
        forks.end([node], _STOP_SECONDS)


def check(sent: str, own: str) -> None:
    """Refuse a bundle that is not our own: a coordinator could send any code, and Flower would run it.

    Args:
        sent: sha256 of the bundle that a task is for; the SuperNode has checked it against the content.
        own: sha256 of the bundle that is installed here.

    Raises:
        BundleError: they differ.
    """
    if sent != own:
        text = (
            f"the coordinator sent the bundle {sent[:12]}, installed here is {own[:12]}; nothing was run. "
            "Install the same version of Entrepôt on both sides"
        )
        raise errors.BundleError(text)


def _serve(node: BaseProcess, address: str, secret: bytes, bell: "Connection[Any, Any]") -> int:
    own = control.bundle()[1]
    client = control.runtime(address, None, secret=secret)
    while (code := node.exitcode) is None:
        if (task := control.acquire(client, _TASK)) is not None:
            check(task.task.fab_hash, own)
            _work(node, address, task.token)
            bell.send_bytes(b"!")
        forks.first([node], bell, seconds=_ASK_SECONDS)
    return code


def _work(node: BaseProcess, address: str, token: str) -> None:
    """Answer one message in a process of its own; end it when the SuperNode ends."""
    child = forks.start(_answer, address, token)
    forks.first([child, node], seconds=None)
    if node.exitcode is not None:
        child.kill()
    child.join()


def _answer(address: str, token: str) -> None:
    """Answer as Flower's `flwr-clientapp` would, in a fork."""
    run_clientapp(runtime_api_address=address, token=token, insecure=True, parent_pid=os.getppid())


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except errors.FederatedError as error:
        sys.exit(f"entrepot member: {error}")
