"""Conduct the runs of a coordinator that serves: let the charter's members in, start a run, follow it. Floor 3.

The SuperLink admits the node keys that it was told of and nobody else. Those are the keys of the charter in force:
whoever the charter does not name is unregistered, which shuts a connected member out at once.
"""

import json
import socket
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flwr.supercore.control import ControlHttpClient

from federated import charter as charters
from federated import control, desk, errors, invitation, ledger, papers, pki, signing
from federated.charter import Charter

SUPERLINK = "127.0.0.1:8000"
_POLL_SECONDS = 0.5
_ANSWER_SECONDS = 5.0
_CONNECT_SECONDS = 2.0

Progress = Callable[[str], None]


@dataclass(frozen=True)
class Changes:
    """Who was let in by the SuperLink, and who was shut out; names, sorted."""

    registered: tuple[str, ...]
    unregistered: tuple[str, ...]


@contextmanager
def superlink(directory: Path, address: str) -> Iterator[ControlHttpClient]:
    """Yield a client of the coordinator's SuperLink, which must serve.

    Args:
        directory: the coordinator's.
        address: host:port of the SuperLink itself, on loopback; not the proxy's.

    Raises:
        RuntimeFailure: it does not answer.
    """
    ca = directory / "pki" / "ca.pem"
    papers.read(ca)  # an error that says what is missing
    with control.client(address, ca) as client:
        try:
            control.wait(client, lambda: None, _ANSWER_SECONDS)
        except errors.RuntimeFailure as error:
            text = f"no SuperLink answers on {address}; start `entrepot coordinator --directory {directory}` first"
            raise errors.RuntimeFailure(text) from error
        yield client


def serves(address: str) -> bool:
    """Say whether anything listens on host:port."""
    host, _, port = address.rpartition(":")
    try:
        socket.create_connection((host, int(port)), _CONNECT_SECONDS).close()
    except (OSError, ValueError):
        return False
    return True


def reconcile(client: ControlHttpClient, now: Charter) -> Changes:
    """Let in the node keys that a charter names, and nobody else.

    Args:
        client: of the SuperLink.
        now: the charter. It need not be in force for somebody to be shut out; nobody is let in before it is.

    Raises:
        RuntimeFailure: the SuperLink refused.
    """
    wanted = {signing.node(seat.node_key).encode(): seat.name for seat in now.members}
    known = [node for node in control.nodes(client) if node.status != control.UNREGISTERED]
    out = [node for node in known if wanted.get(node.key) != node.name]
    for node in out:
        control.unregister(client, node.id)
    there = {node.key for node in known if node not in out}
    fresh = {key: name for key, name in wanted.items() if key not in there} if in_force(now) else {}
    for key, name in fresh.items():
        control.register(client, name, key)
    return Changes(tuple(sorted(fresh.values())), tuple(sorted({node.name for node in out})))


def connected(client: ControlHttpClient, now: Charter) -> tuple[str, ...]:
    """Return the members whose SuperNodes are connected at this moment, sorted by name."""
    names = {seat.name for seat in now.members}
    return tuple(sorted(node.name for node in control.nodes(client) if node.status == "online" and node.name in names))


def history(directory: Path) -> list[str]:
    """Return what the coordinator's ledger and its directory say of runs, one line a sentence.

    Raises:
        LedgerError: the ledger is damaged.
    """
    book = directory / "ledger.jsonl"
    lines = ledger.read(book)
    said = [f"Ledger: {len(lines)} lines, the last one is {ledger.last(book)}"]
    runs = list(dict.fromkeys(str(line.body.get("run", "")) for line in lines))
    if lines:
        last = [line.body for line in lines if str(line.body.get("run", "")) == runs[-1]]
        said += [f"Runs: {len(runs)}; the last one, of {last[-1].get('at', 'unknown')}:", *map(words, last)]
    ends = pki.ends(directory / "pki" / "server.pem")
    return [*said, f"The coordinator's certificate ends on {ends.date()}."]


def in_force(now: Charter) -> bool:
    """Say whether a charter is sealed and signed by all; see `charter.verify`."""
    try:
        charters.verify(now)
    except errors.CharterError:
        return False
    return True


def run(directory: Path, address: str, numbers: Mapping[str, int | float], tell: Progress) -> Mapping[str, Any]:
    """Start a run among the members of a charter in force, tell of its rounds, and return its outcome.

    Args:
        directory: the coordinator's.
        address: host:port of its SuperLink.
        numbers: what the run is configured by, see app/pyproject.toml; what is not named keeps its default.
        tell: told one line at every step.

    Raises:
        CharterError: the charter is not in force.
        InvitationError: the coordinator has another version, catalog or bundle installed than the charter names.
        RuntimeFailure: the SuperLink does not answer, or the run ended without an outcome.
        RoundError: too few institutions were left.
    """
    now = desk.load(directory)
    charters.verify(now)
    invitation.check_installed(now, papers.installed(now.catalog), str(directory / desk.CHARTER))
    with superlink(directory, address) as client:
        changes = reconcile(client, now)
        for name in changes.registered:
            tell(f"{name}: let in")
        for name in changes.unregistered:
            tell(f"{name}: shut out")
        told = len(ledger.read(directory / "ledger.jsonl"))
        run_id = control.start_run(client, numbers)
        tell(f"run {run_id}: charter version {now.version}, {len(now.members)} members")
        outcome = directory / "runs" / str(run_id) / "outcome.json"
        while True:
            state = control.run(client, run_id)
            lines = ledger.read(directory / "ledger.jsonl")
            for line in lines[told:]:
                tell(words(line.body))
            told = len(lines)
            if state.status == control.FINISHED:
                return _outcome(outcome, state)
            time.sleep(_POLL_SECONDS)


def words(body: Mapping[str, Any]) -> str:
    """Return a line of the coordinator's ledger in words."""
    members, dropped = body.get("members", ()), body.get("dropped", {})
    size = (body.get("bytes_down", 0) + body.get("bytes_up", 0)) / 1e6
    gone = "".join(f"; {name} dropped out ({reason})" for name, reason in sorted(dropped.items()))
    what = body.get("kind", "round")
    return f"round {body.get('number', '?')} ({what}): {len(members)} institutions, {size:.2f} MB{gone}"


def _outcome(path: Path, state: control.Run) -> Mapping[str, Any]:
    try:
        result: dict[str, Any] = json.loads(papers.read(path))
    except (errors.InvitationError, ValueError) as error:
        text = f"run {state.id} ended ({state.outcome}) without an outcome; the coordinator's own log says why"
        raise errors.RuntimeFailure(text) from error
    if "error" in result:
        raise errors.RoundError(result["error"])
    return result
