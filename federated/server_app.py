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

from flwr.app import Context, Message
from flwr.common.constant import ErrorCode
from flwr.serverapp import Grid, ServerApp

from curriculum import catalog as catalogs
from federated import coordinator, errors, ledger, policy, records, settings
from federated.coordinator import Answer
from federated.messages import Packet
from recommender import artifact
from recommender.space import Space

_POLL_SECONDS = 0.2
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
        save(run / "outcome.json", {"error": str(error)})
        raise


def lead(grid: Grid, directory: Path, run: Path, numbers: Mapping[str, float]) -> None:
    """Lead one run and keep what came of it.

    Args:
        grid: Flower's way to the SuperNodes.
        directory: the coordinator's; ledger and models lie in it.
        run: the run's own directory, for outcome.json.
        numbers: the run's configuration, see app/pyproject.toml.

    Raises:
        FederatedError: as `coordinator.lead` does, or the settings are wrong.
    """
    declared = settings.load_coordinator(directory / "coordinator.toml")
    catalog = catalogs.load(declared.catalog)
    plan = coordinator.Plan(int(numbers["rounds"]), numbers["tolerance"], numbers["penalty"], declared.minimum)
    nodes = join(grid, declared.members, numbers["join-seconds"])
    book = directory / "ledger.jsonl"

    def note(one: coordinator.Round) -> None:
        when = {"at": datetime.now(UTC).isoformat(timespec="milliseconds"), "run": run.name}
        about = {
            "catalog": catalog.fingerprint,
            "policy": declared.policy,
            "policy_digest": policy.digest(declared.declared),
        }
        ledger.append(book, {**when, **about, **asdict(one)})

    def ask(packet: Packet, members: tuple[str, ...]) -> dict[str, Answer]:
        return exchange(grid, packet, {name: nodes[name] for name in members}, numbers["round-seconds"])

    result = coordinator.lead(
        coordinator.Channel(Space(catalog), declared.declared, ask),
        plan,
        tuple(sorted(nodes)),
        note,
        absent={name: errors.reason(errors.UNAVAILABLE) for name in declared.members if name not in nodes},
    )
    artifact.save(
        directory / "models" / catalog.id, result.parameters, {"round": len(result.rounds), "catalog": catalog.id}
    )
    save(
        run / "outcome.json",
        {
            "rounds": [asdict(one) for one in result.rounds],
            "converged": result.converged,
            "members": result.members,
            "dropped": result.dropped,
        },
    )


def join(grid: Grid, members: tuple[str, ...], seconds: float) -> dict[str, int]:
    """Return the node ids of the members that are there, waiting at most `seconds` for all of them."""
    deadline = time.monotonic() + seconds
    while True:
        nodes = {node.name: node.node_id for node in grid.get_nodes() if node.name in members}
        if len(nodes) == len(members) or time.monotonic() > deadline:
            return nodes
        time.sleep(_POLL_SECONDS)


def exchange(grid: Grid, packet: Packet, nodes: Mapping[str, int], seconds: float) -> dict[str, Answer]:
    """Send `packet` to every node and return an answer for each of them, within `seconds`.

    An institution that is gone, late, or answers with an error gets an answer without a packet and with a code.
    """
    content = records.content(packet)
    down = records.size(content)
    group = str(packet.numbers["round"])
    deadline = time.monotonic() + seconds
    answers: dict[str, Answer] = {}
    pending: dict[str, str] = {}
    for name, node in nodes.items():
        (sent,) = grid.push_messages([Message(content, node, f"query.{packet.kind}", group_id=group)])
        if sent:
            pending[sent] = name
        else:
            answers[name] = Answer(None, errors.UNAVAILABLE)
    while pending:
        late = time.monotonic() > deadline  # looked at before, so that what came in time is taken in
        for reply in grid.pull_messages(list(pending)):
            answers[pending.pop(reply.metadata.reply_to_message_id)] = _read(reply, packet.kind, down)
        if late:
            break
        time.sleep(_POLL_SECONDS)
    return answers | {name: Answer(None, errors.TIMEOUT, down) for name in pending.values()}


def save(path: Path, value: Mapping[str, object]) -> None:
    """Write `value` as JSON to `path`, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".draft")
    draft.write_text(json.dumps(value, ensure_ascii=False), encoding="utf-8")
    draft.replace(path)


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
