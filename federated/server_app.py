"""The coordinator's side: lead a fit over the SuperNodes that are there, note every round, keep the model. Floor 3.

It may not reach a record: it imports neither `institution` nor a storage (a contract in .importlinter).
"""

import json
import os
import time
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from flwr.app import Context, Message
from flwr.common.constant import ErrorCode
from flwr.serverapp import Grid, ServerApp

from curriculum import catalog as catalogs
from federated import charter as charters
from federated import checkpoint, coordinator, errors, files, ledger, patience, pki, policy, records, settings
from federated.messages import Packet, Place
from federated.records import action
from federated.rounds import Answer, Channel, Checkpoint, Round
from recommender import artifact
from recommender.space import Space

CHARTER, SIGNING_KEY = "charter.json", "signing.key"
_POLL_SECONDS = 0.1
_SLOWER = 1.3  # a look costs the SuperLink some milliseconds: what takes longer is looked at less often
_LONGEST_POLL_SECONDS = 1.0
_GONE = (ErrorCode.MESSAGE_UNAVAILABLE, ErrorCode.REPLY_MESSAGE_UNAVAILABLE, ErrorCode.NODE_UNAVAILABLE)

app = ServerApp()


@app.main()
def main(grid: Grid, context: Context) -> None:
    """Lead one run in the directory that the coordinator's environment names."""
    directory = settings.environment(os.environ).directory
    run = directory / "runs" / str(context.run_id)
    try:
        lead(grid, directory, run, {key: float(str(value)) for key, value in context.run_config.items()})
    except errors.FederatedError as error:
        _keep(run / "outcome.json", {"error": str(error)})
        raise


def lead(grid: Grid, directory: Path, run: Path, numbers: Mapping[str, float]) -> None:
    """Lead one run and keep what came of it.

    A run that was broken off before is gone on with, if all are still agreed on the same charter; where its
    institutions cannot go on with it, it is given up, and the next one is new.

    Args:
        grid: Flower's way to the SuperNodes.
        directory: the coordinator's; charter, ledger, checkpoint and models lie in it.
        run: the run's own directory, for outcome.json.
        numbers: the run's configuration, see app/pyproject.toml.

    Raises:
        FederatedError: as `coordinator.lead` does, or the settings or the charter are wrong.
    """
    declared = settings.load_coordinator(directory / "coordinator.toml")
    charter = charters.load(directory / CHARTER)
    charters.verify(charter)
    catalog = catalogs.load(charter.catalog)
    members = tuple(seat.name for seat in charter.members)
    minimum = policy.survivors(len(members), charter.policy.colluding) if charter.policy.masked else declared.minimum
    plan = coordinator.Plan(int(numbers["rounds"]), numbers["tolerance"], numbers["penalty"], minimum)
    nodes = join(grid, members, numbers["join-seconds"])
    book, key = directory / "ledger.jsonl", _key(directory)
    name, since = _since(directory, charters.digest(charter), run.name)
    reasons: set[str] = set()

    def note(one: Round) -> None:
        about = {
            "at": datetime.now(UTC).isoformat(timespec="milliseconds"),
            "run": name,
            "catalog": catalog.fingerprint,
            "policy": charter.policy.name,
            "charter": charters.digest(charter),
        }
        ledger.append(book, {**about, **asdict(one)}, key)
        reasons.update(one.dropped.values())

    def ask(packets: Mapping[str, Packet]) -> dict[str, Answer]:
        return exchange(grid, packets, nodes, numbers["round-seconds"])

    try:
        result = coordinator.lead(
            Channel(Space(catalog), Place(charter, name), ask),
            plan,
            tuple(sorted(nodes)),
            note,
            absent={name: errors.reason(errors.UNAVAILABLE) for name in members if name not in nodes},
            keep=lambda one: checkpoint.save(directory, f"{charters.digest(charter)} {name}", one),
            since=since,
        )
    except errors.RoundError:
        # A sum that was opened but not kept is opened for nobody again, so that such a run cannot be gone on with.
        if since is not None and errors.reason(errors.MASKS) in reasons:
            checkpoint.clear(directory)
        raise
    checkpoint.clear(directory)
    artifact.save(
        directory / "models" / catalog.id, result.parameters, {"round": len(result.rounds), "catalog": catalog.id}
    )
    _keep(
        run / "outcome.json",
        {
            "rounds": [asdict(one) for one in result.rounds],
            "converged": result.converged,
            "members": result.members,
            "dropped": result.dropped,
        },
    )


def _since(directory: Path, charter: str, run: str) -> tuple[str, Checkpoint | None]:
    """The run to lead, and where it stands: the one that was broken off under this charter, or a new one."""
    found = checkpoint.load(directory)
    if found is not None and found[0].split()[0] == charter:
        return found[0].split()[1], found[1]
    return run, None


def _key(directory: Path) -> Ed25519PrivateKey | None:
    """The coordinator's signing key, which its ledger is signed with; None where it has none."""
    path = directory / SIGNING_KEY
    return pki.signing_key(path) if path.exists() else None


def join(grid: Grid, members: tuple[str, ...], seconds: float) -> dict[str, int]:
    """Return the node ids of the members that are there, waiting at most `seconds` for all of them."""
    deadline = time.monotonic() + seconds
    while True:
        nodes = {node.name: node.node_id for node in grid.get_nodes() if node.name in members}
        if len(nodes) == len(members) or time.monotonic() > deadline:
            return nodes
        time.sleep(_POLL_SECONDS)


def exchange(grid: Grid, packets: Mapping[str, Packet], nodes: Mapping[str, int], seconds: float) -> dict[str, Answer]:
    """Send each institution its packet and return an answer for each of them, within `seconds`.

    An institution that is gone, late, or answers with an error gets an answer without a packet and with a code.
    """
    deadline = time.monotonic() + seconds
    answers: dict[str, Answer] = {}
    pending: dict[str, tuple[str, int]] = {}
    pause = _POLL_SECONDS
    for name, packet in packets.items():
        content = records.content(packet)
        down = records.size(content)
        group = str(packet.numbers["exchange"])
        (sent,) = grid.push_messages([Message(content, nodes[name], f"query.{action(packet.kind)}", group_id=group)])
        if sent:
            pending[sent] = (name, down)
        else:
            answers[name] = Answer(None, errors.UNAVAILABLE)
    while pending:
        late = time.monotonic() > deadline  # looked at before, so that what came in time is taken in
        with patience.bounded(lambda: deadline - time.monotonic()):
            replies = grid.pull_messages(list(pending))
        for reply in replies:
            name, down = pending.pop(reply.metadata.reply_to_message_id)
            answers[name] = _read(reply, packets[name].kind, down)
        if late:
            break
        pause = _POLL_SECONDS if replies else min(pause * _SLOWER, _LONGEST_POLL_SECONDS)
        time.sleep(pause)
    return answers | {name: Answer(None, errors.TIMEOUT, down) for name, down in pending.values()}


def _keep(path: Path, value: Mapping[str, object]) -> None:
    files.keep(path, json.dumps(value, ensure_ascii=False).encode(), files.PUBLIC)


def _read(reply: Message, kind: str, down: int) -> Answer:
    """Return an answer from a Flower message; the text of an error in it is not looked at."""
    if reply.has_error():
        code = reply.error.code
        known = code if code > errors.TIMEOUT and code in errors.REASONS else errors.INTERNAL
        return Answer(None, errors.UNAVAILABLE if code in _GONE else known, down)
    up = records.size(reply.content)
    try:
        return Answer(records.packet(reply.content, kind), 0, down, up)
    except errors.GuardError:
        return Answer(None, errors.REFUSED, down, up)
