"""Talk to a SuperLink's Control API: wait for it, register institutions, start a run, ask how it is. Floor 3.

The one module that uses Flower's own HTTP client (not a public API of Flower; the wire protocol beneath is what its
command line speaks). It saves one interpreter start, about 1.5 CPU-seconds, per command. Checked against flwr 1.41.
"""

import hashlib
import os
import time
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
from flwr.cli.build import build_fab_from_disk
from flwr.proto import control_pb2, fab_pb2, runtime_pb2, transport_pb2
from flwr.supercore.constant import FLWR_CLIENT_METADATA_KEY
from flwr.supercore.control import ControlHttpClient
from flwr.supercore.interceptors import (
    RuntimeTokenHttpInterceptor,
    RuntimeVersionHttpInterceptor,
    SuperExecAuthHttpInterceptor,
)
from flwr.supercore.protobuf.client import ProtobufCall, ProtobufRequestContext
from flwr.supercore.runtime import RuntimeHttpClient

from federated import commands, errors

APP = Path(__file__).parent / "app"
FINISHED = "finished"
UNREGISTERED = "unregistered"
_ACQUIRE = "/flwr.proto.Runtime/AcquireTask"


@dataclass(frozen=True)
class Node:
    """A SuperNode: its id, the name that it was registered under, its status (e.g. "online"), its public key (PEM)."""

    id: int
    name: str
    status: str
    key: bytes = b""


@dataclass(frozen=True)
class Run:
    """How a run is: its id, status, sub-status ("completed", "failed", "stopped"), and Flower's own byte counts."""

    id: int
    status: str
    outcome: str
    bytes_to_members: int
    bytes_from_members: int


class _Interceptor:
    """Say which kind of client this is, as Flower's command line does (a class because Flower calls `.intercept`)."""

    def intercept(self, context: ProtobufRequestContext, call_next: ProtobufCall) -> httpx.Response:
        context.request.headers[FLWR_CLIENT_METADATA_KEY] = "cli"
        return call_next(context)


@contextmanager
def client(address: str, ca: Path) -> Iterator[ControlHttpClient]:
    """Yield a client of the Control API at `address` (host:port), checked against the CA certificate `ca`.

    Raises:
        RuntimeFailure: inside the block a request failed.
    """
    with _no_proxy_for_loopback():
        one = ControlHttpClient.from_server_address(
            server_address=address,
            insecure=False,
            root_certificates=ca.read_bytes(),
            interceptors=[_Interceptor(), RuntimeVersionHttpInterceptor(component_name="flwr CLI")],
        )
    try:
        yield one
    except httpx.HTTPError as error:
        text = f"the SuperLink on {address} failed to answer ({type(error).__name__}); see its log"
        raise errors.RuntimeFailure(text) from error
    finally:
        one.close()


@contextmanager
def _no_proxy_for_loopback() -> Iterator[None]:
    """Flower's client takes its proxies from the environment when it is made, and has no argument for them."""
    wanted = commands.without_proxy(os.environ)
    before = {name: os.environ.get(name) for name in wanted}
    os.environ.update(wanted)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def wait(one: ControlHttpClient, ended: Callable[[], str | None], seconds: float) -> None:
    """Return when the SuperLink answers.

    Args:
        one: the client.
        ended: None while the SuperLink runs, then its last words.
        seconds: how long to wait.

    Raises:
        RuntimeFailure: it ended, or `seconds` went by.
    """
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if (words := ended()) is not None:
            text = f"the SuperLink ended while it started: {words}"
            raise errors.RuntimeFailure(text)
        try:
            one.ListNodes(control_pb2.ListNodesRequest())
        except httpx.TransportError:
            time.sleep(0.1)
        else:
            return
    text = f"the SuperLink did not answer within {seconds:.0f} s"
    raise errors.RuntimeFailure(text)


def nodes(one: ControlHttpClient) -> tuple[Node, ...]:
    """Return every SuperNode that the SuperLink knows, those that were unregistered among them."""
    answer = one.ListNodes(control_pb2.ListNodesRequest())
    return tuple(Node(info.node_id, info.name, info.status, info.public_key) for info in answer.nodes_info)


def register(one: ControlHttpClient, name: str, public: bytes) -> int:
    """Register an institution's public key (PEM, see `pki.public_bytes`) under `name`; return its node id."""
    try:
        answer = one.RegisterNode(control_pb2.RegisterNodeRequest(public_key=public, name=name))
    except httpx.HTTPStatusError as error:
        text = f"the SuperLink refused to register {name}: HTTP {error.response.status_code}; is its key there already?"
        raise errors.RuntimeFailure(text) from error
    return int(answer.node_id)


def unregister(one: ControlHttpClient, node: int) -> None:
    """Take a SuperNode off the list: it is refused from now on, and a round does not wait for it any longer."""
    one.UnregisterNode(control_pb2.UnregisterNodeRequest(node_id=node))


def bundle() -> tuple[bytes, str]:
    """Return the Flower bundle in `federated/app` and its sha256."""
    with warnings.catch_warnings():
        # Flower calls a function of pathspec under its old name; nothing of ours.
        warnings.simplefilter("ignore", DeprecationWarning)
        content = build_fab_from_disk(APP)
    return content, hashlib.sha256(content).hexdigest()


def start_run(one: ControlHttpClient, config: Mapping[str, int | float]) -> int:
    """Start a run of the bundle with the numbers in `config` (keys that app/pyproject.toml declares); return its id."""
    content, digest = bundle()
    override = {
        key: transport_pb2.Scalar(double=value) if isinstance(value, float) else transport_pb2.Scalar(sint64=value)
        for key, value in config.items()
    }
    request = control_pb2.StartRunRequest(
        fab=fab_pb2.Fab(hash_str=digest, content=content), override_config=override, federation=""
    )
    answer = one.StartRun(request)
    if not answer.HasField("run_id"):
        raise errors.RuntimeFailure("the SuperLink did not start the run; see its log")
    return int(answer.run_id)


def runtime(address: str, ca: bytes | None, *, secret: bytes = b"", token: str = "") -> RuntimeHttpClient:
    """Return a client of a Runtime API, which gives out the tasks of a SuperLink or of a SuperNode.

    Args:
        address: host:port.
        ca: the CA certificate, PEM; None for a SuperNode's, which is on loopback without TLS.
        secret: by which tasks are acquired; every such request is signed with it.
        token: of a task that was acquired before, to speak for it.
    """
    own: SuperExecAuthHttpInterceptor | RuntimeTokenHttpInterceptor = (
        RuntimeTokenHttpInterceptor(token)
        if token
        else SuperExecAuthHttpInterceptor(master_secret=secret, protected_methods={_ACQUIRE})
    )
    return RuntimeHttpClient.from_server_address(
        server_address=address,
        insecure=ca is None,
        root_certificates=ca,
        interceptors=[RuntimeVersionHttpInterceptor(component_name="SuperExec"), own],
    )


def acquire(one: RuntimeHttpClient, kind: str) -> runtime_pb2.AcquireTaskResponse | None:
    """Take the next task of a kind, with the token that it is done by; None where there is none, or no API yet."""
    try:
        answer = one.AcquireTask(runtime_pb2.AcquireTaskRequest(supported_task_types=[kind]))
    except httpx.TransportError:  # whoever serves it is starting, or ending
        return None
    return answer if answer.HasField("task") and answer.token else None


def run(one: ControlHttpClient, run_id: int) -> Run:
    """Return how the run `run_id` is."""
    answer = one.ListRuns(control_pb2.ListRunsRequest(run_id=run_id))
    found = answer.run_dict[run_id]
    return Run(run_id, found.status.status, found.status.sub_status, found.bytes_sent, found.bytes_recv)
