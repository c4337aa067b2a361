"""An institution's process: its SuperNode, and the executor that answers the SuperNode's messages. Floor 3.

Flower's own executor starts an interpreter per message and imports Flower anew, about 2 CPU-seconds each time. This one
(isolation mode "process", where the operator runs the executor) imports once and forks per message: the answer is as
isolated, for a tenth of the cost, and the task's token does not show in the list of processes. It runs no code but the
bundle that the institution installed itself. Ends when the SuperNode ends. Needs os.fork (Linux, macOS). Run as
`python -m federated.executor SUPERLINK PORT MEMBER_TOML POLL`.
"""

import os
import secrets
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from types import FrameType
from typing import NoReturn

import httpx
from flwr.proto.runtime_pb2 import AcquireTaskRequest
from flwr.supercore.interceptors import RuntimeVersionHttpInterceptor, SuperExecAuthHttpInterceptor
from flwr.supercore.runtime import RuntimeHttpClient
from flwr.supernode.runtime.run_clientapp import run_clientapp

from curriculum import catalog as catalogs
from federated import client_app, commands, control, errors, guarded, settings

WARM = client_app.app  # imported before the first fork, so that no fork has to

_POLL_SECONDS = 0.25
_REST_SHARE = 2 / 3  # of the time between two looks of the SuperNode: after an answer nothing comes sooner
_STOP_SECONDS = 3.0
_ACQUIRE = "/flwr.proto.Runtime/AcquireTask"
_TASK = "flwr-clientapp"


def main(arguments: list[str]) -> int:
    """Run a SuperNode and answer its messages until it ends; return its exit code."""
    superlink, port, path, poll = arguments[0], int(arguments[1]), Path(arguments[2]), float(arguments[3])
    member = settings.load_member(path)
    catalogs.load(member.catalog)  # once, for all forks
    signal.signal(signal.SIGTERM, _leave)
    secret = _secret(Path(os.environ["FLWR_HOME"]))
    command = commands.supernode(superlink, member, port, path, secret=secret, poll=poll)
    supernode = subprocess.Popen(
        [sys.executable, "-I", "-S", str(Path(guarded.__file__)), str(os.getpid()), *command],
        stdin=subprocess.DEVNULL,
    )
    try:
        return _serve(supernode, f"127.0.0.1:{port}", secret.read_bytes(), poll)
    finally:
        supernode.terminate()
        try:
            supernode.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            supernode.kill()
            supernode.wait()


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


def _serve(supernode: "subprocess.Popen[bytes]", address: str, secret: bytes, poll: float) -> int:
    own = control.bundle()[1]
    client = RuntimeHttpClient.from_server_address(
        server_address=address,
        insecure=True,  # loopback, inside one machine; every request is signed with the secret
        root_certificates=None,
        interceptors=[
            RuntimeVersionHttpInterceptor(component_name="SuperExec"),
            SuperExecAuthHttpInterceptor(master_secret=secret, protected_methods={_ACQUIRE}),
        ],
    )
    request = AcquireTaskRequest(supported_task_types=[_TASK])
    while (code := supernode.poll()) is None:
        try:
            answer = client.AcquireTask(request)
        except httpx.TransportError:  # it is starting, or ending
            _pause(supernode, _POLL_SECONDS)
            continue
        if answer.HasField("task") and answer.token:
            check(answer.task.fab_hash, own)
            _work(supernode, address, answer.token)
            _pause(supernode, _REST_SHARE * poll)
        else:
            _pause(supernode, min(_POLL_SECONDS, poll))
    return code


def _pause(supernode: "subprocess.Popen[bytes]", seconds: float) -> None:
    """Wait, but not longer than the SuperNode runs."""
    with suppress(subprocess.TimeoutExpired):
        supernode.wait(seconds)


def _work(supernode: "subprocess.Popen[bytes]", address: str, token: str) -> None:
    """Answer one message in a process of its own; end it when the SuperNode ends."""
    parent = os.getpid()
    child = os.fork()
    if child == 0:
        _answer(address, token, parent)
    while os.waitpid(child, os.WNOHANG) == (0, 0):
        if supernode.poll() is not None:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            return
        time.sleep(0.02)


def _answer(address: str, token: str, parent: int) -> NoReturn:
    """Answer as Flower's `flwr-clientapp` would, in the child; never returns into the parent's code."""
    code = 1
    try:
        run_clientapp(runtime_api_address=address, token=token, insecure=True, parent_pid=parent)
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else 1
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _secret(home: Path) -> Path:
    """Write a fresh secret that only the SuperNode and this process share; return its path."""
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = home / "executor.secret"
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(secrets.token_bytes(32))
    return path


def _leave(number: int, _frame: FrameType | None) -> NoReturn:
    raise SystemExit(128 + number)


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except errors.FederatedError as error:
        sys.exit(f"entrepot member: {error}")
