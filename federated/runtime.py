"""Run a whole federation on one machine: SuperLink, SuperNodes, one Flower run, everything stopped. Floor 3.

The processes, the TLS and the keys are those of a real consortium; only the addresses are all 127.0.0.1. Each SuperNode
gets the path of its own institution's settings, and a directory of its own.
"""

import json
import os
import shutil
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import Any

import httpx
from flwr.supercore.control import ControlHttpClient

from curriculum import catalog as catalogs
from federated import charter as charters
from federated import (
    commands,
    control,
    errors,
    institution,
    ledger,
    papers,
    pki,
    policy,
    private,
    processes,
    server_app,
    settings,
    signing,
)
from federated.charter import Charter, Seat
from federated.commands import Address
from federated.coordinator import TOLERANCE
from federated.rounds import Round
from federated.settings import Coordinator, Member
from recommender import artifact
from recommender.parameters import Parameters

LOOPBACK = "127.0.0.1"
_POLL_SECONDS = 0.25
_ASK_SECONDS = 2.0
STEPS = ("sums", *private.KINDS)  # rounds in which a model is fitted, as those of counting and publishing are not
_LOOK_SECONDS = 0.25  # on one machine an institution need not wait long between two looks
_START_SECONDS = 60.0
_ENDING_SECONDS = 5.0
_DONE = {
    "counts": "items counted",
    "cells": "situations counted",
    "moments": "columns measured",
    "publish": "model published",
    private.LEVELS: "levels of items, noised",
    private.CURVES: "gradient and curvature, noised",
    private.AGAIN: "a second gradient, noised",
    private.RESIDUALS: "what is left of items, noised",
}

Progress = Callable[[str], None]


@dataclass(frozen=True)
class Consortium:
    """Institutions on this machine, and the directory of their coordinator.

    Attributes:
        directory: the coordinator's: CA, ledger, models, logs.
        catalog: id of the catalog that is trained.
        members: institution -> path of its member.toml.
        minimum: fewest institutions that a round goes on with.
    """

    directory: Path
    catalog: str
    members: Mapping[str, Path]
    minimum: int = 2


@dataclass(frozen=True, eq=False)
class Outcome:
    """What a run came to.

    Attributes:
        rounds: what happened in each, the last one publishes.
        converged: whether the last step promised less than the tolerance.
        parameters: the shared model.
        members: institutions that took part to the end, the model published there.
        dropped: institution -> reason.
        bytes_per_round: arrays as they travel, before TLS, to and from all institutions, mean over the
            rounds of sums.
        traffic: all that Flower counted for the run, both directions, headers, the bundle and retries included.
        seconds: wall time: start, rounds, total.
        head: hash of the ledger's last line.
    """

    rounds: tuple[Round, ...]
    converged: bool
    parameters: Parameters
    members: tuple[str, ...]
    dropped: dict[str, str]
    bytes_per_round: int
    traffic: int
    seconds: dict[str, float]
    head: str


@dataclass
class _Federation:
    """The running parts of one run."""

    directory: Path
    home: Path
    started: list[processes.Process] = field(default_factory=list)
    nodes: dict[str, int] = field(default_factory=dict)


def run(
    consortium: Consortium,
    *,
    rounds: int = 6,
    tolerance: float = TOLERANCE,
    penalty: float = 1.0,
    join_seconds: float = 60.0,
    round_seconds: float = 120.0,
    progress: Progress | None = None,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> Outcome:
    """Train the shared model with every institution of `consortium`, publish it there, and stop everything.

    Call it from a thread that stays (the main one): see `guarded`.

    Args:
        consortium: who, and where.
        rounds: at most so many rounds of sums.
        tolerance: stop after a step that lowered the mean log loss by less; see `coordinator.Plan`.
        penalty: lambda of the fit.
        join_seconds: how long the first round waits for an institution to connect.
        round_seconds: how long a round waits for an answer.
        progress: told one line of text at every step.
        now: the time, for certificates.

    Raises:
        SettingsError, PolicyError, PkiError: before anything is started.
        RuntimeFailure: a process did not start, or the run ended early.
        RoundError: too few institutions were left.
    """
    tell = progress or (lambda _text: None)
    begun = time.monotonic()
    # Absolute: the mark of our processes must not be that of another run with the same relative path.
    consortium = replace(consortium, directory=consortium.directory.absolute())
    authority = pki.ensure(consortium.directory / "pki", [LOOPBACK, "localhost"], now())
    members = prepare(consortium, authority)
    numbers = {
        "rounds": rounds,
        "tolerance": tolerance,
        "penalty": penalty,
        "join-seconds": join_seconds,
        "round-seconds": round_seconds,
    }
    with federation(consortium.directory) as parts, ExitStack() as stack:
        address = Address(LOOPBACK, free_port())
        link = start_superlink(parts, authority, address)
        client = stack.enter_context(control.client(str(address), authority.ca))
        control.wait(client, lambda: None if link.running else processes.tail(link.log), _START_SECONDS)
        for name, member in members.items():
            parts.nodes[name] = control.register(client, name, pki.public_bytes(_public(member.key)))
            start_member(parts, member, consortium.members[name], str(address))
        tell(f"SuperLink on {address}, {len(members)} SuperNodes with registered keys, TLS")
        run_id = control.start_run(client, numbers)
        started = time.monotonic()
        state = _follow(parts, client, run_id, tell)
        result = _outcome(consortium.directory / "runs" / str(run_id) / "outcome.json", state)
    ended = time.monotonic()
    told = tuple(_round(line) for line in result["rounds"])
    sums = [one.bytes_down + one.bytes_up for one in told if one.kind in STEPS]
    return Outcome(
        rounds=told,
        converged=result["converged"],
        parameters=artifact.load(
            consortium.directory / "models" / consortium.catalog, catalogs.load(consortium.catalog)
        ),
        members=tuple(result["members"]),
        dropped=result["dropped"],
        bytes_per_round=sum(sums) // max(len(sums), 1),
        traffic=state.bytes_to_members + state.bytes_from_members,
        seconds={"start": started - begun, "rounds": ended - started, "total": ended - begun},
        head=ledger.read(consortium.directory / "ledger.jsonl")[-1].hash,
    )


def prepare(consortium: Consortium, authority: pki.Authority) -> dict[str, Member]:
    """Check the members' settings against each other, give them what they lack (keys, CA), and have all sign a charter.

    Returns:
        The settings of each institution.

    Raises:
        SettingsError, PolicyError, CharterError, PkiError: a member cannot take part; the text names it.
    """
    members = {name: settings.load_member(path) for name, path in consortium.members.items()}
    for name, member in members.items():
        if (member.institution, member.catalog) != (name, consortium.catalog):
            text = (
                f"{consortium.members[name]}: institution {member.institution!r} with catalog {member.catalog!r}; "
                f"expected {name!r} with {consortium.catalog!r}"
            )
            raise errors.SettingsError(text)
    declared = policy.agree({name: member.declared for name, member in members.items()})
    for member in members.values():
        if not member.key.exists():
            pki.create_node_key(member.key)
        if not member.signing_key.exists():
            pki.create_signing_key(member.signing_key)
        shutil.copyfile(authority.ca, member.ca)
    _agree(consortium, members, declared)
    coordinator = Coordinator(
        catalog=consortium.catalog,
        members=tuple(sorted(members)),
        minimum=consortium.minimum,
        policy=declared.name,
        **{name: value for name, value in asdict(declared).items() if name != "name"},
    )
    settings.save(consortium.directory / "coordinator.toml", coordinator)
    return members


def _agree(consortium: Consortium, members: Mapping[str, Member], declared: policy.Policy) -> None:
    """Write a charter that all members sign: on one machine all their keys are at hand."""
    key_path = consortium.directory / server_app.SIGNING_KEY
    if not key_path.exists():
        pki.create_signing_key(key_path)
    key, has = pki.signing_key(key_path), papers.installed(consortium.catalog)
    own = {name: pki.signing_key(member.signing_key) for name, member in members.items()}
    terms = charters.check_terms(
        Charter(
            consortium=consortium.directory.name,
            version=1,
            policy=declared,
            catalog=consortium.catalog,
            fingerprint=has.fingerprint,
            address=f"{LOOPBACK}:443",
            software=has.software,
            bundle=has.bundle,
            coordinator=signing.public(key),
            legal_entity=declared.legal_entity or consortium.directory.name,
            jurisdiction=declared.jurisdiction or next(iter(members.values())).jurisdiction,
            members=tuple(
                Seat(
                    name=name,
                    legal_entity=member.legal_entity,
                    jurisdiction=member.jurisdiction,
                    learners=institution.registered(member),
                    node_key=pki.node_key(pki.public_half(member.key)),
                    signing_key=signing.public(own[name]),
                )
                for name, member in sorted(members.items())
            ),
        )
    )
    signatures = {name: charters.sign(terms, one) for name, one in own.items()}
    agreed = charters.dump(replace(terms, seal=charters.sign(terms, key), signatures=signatures))
    for path in (consortium.directory / server_app.CHARTER, *(member.charter for member in members.values())):
        papers.keep(path, agreed)


@contextmanager
def federation(directory: Path) -> Iterator[_Federation]:
    """Yield a place for running parts; whatever happens, none of them runs afterwards."""
    home = directory.absolute() / "flower"
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir(parents=True)
    parts = _Federation(directory, home)
    try:
        with _stop_on_sigterm():
            yield parts
    finally:
        processes.stop(parts.started, home)
        shutil.rmtree(home, ignore_errors=True)


def start_superlink(parts: _Federation, authority: pki.Authority, address: Address) -> processes.Process:
    """Start the SuperLink of a federation."""
    environ = commands.environment(os.environ, parts.home / "superlink", {"ENTREPOT_COORDINATOR": str(parts.directory)})
    command = commands.superlink(authority, address, None)
    return _start(parts, "superlink", command, environ)


def start_member(parts: _Federation, member: Member, path: Path, superlink: str) -> processes.Process:
    """Start an institution's SuperNode and executor, given the `path` of its settings."""
    environ = commands.environment(os.environ, parts.home / member.institution)
    command = commands.member(superlink, member.port or free_port(), path.absolute(), _LOOK_SECONDS)
    return _start(parts, member.institution, command, environ)


def free_port() -> int:
    """Return a port of loopback that nobody listens on now."""
    with socket.socket() as one:
        one.bind((LOOPBACK, 0))
        return int(one.getsockname()[1])


def _start(parts: _Federation, name: str, command: list[str], environ: Mapping[str, str]) -> processes.Process:
    log = parts.directory / "logs" / f"{name}.log"
    log.unlink(missing_ok=True)
    process = processes.start(name, command, environ, log)
    parts.started.append(process)
    return process


def _follow(parts: _Federation, client: ControlHttpClient, run_id: int, tell: Progress) -> control.Run:
    """Wait for the end of a run, and say so where its SuperLink ends before it, also in the middle of a question."""
    link = parts.started[0]
    try:
        if (state := _watch(parts, client, run_id, tell)) is not None:
            return state
    except httpx.TransportError:
        # A process that is killed closes its connections some moments before it is seen to have ended.
        with suppress(subprocess.TimeoutExpired):
            link.handle.wait(_ENDING_SECONDS)
        if link.running:
            raise
    text = f"the SuperLink ended before its run: {processes.tail(link.log)}"
    raise errors.RuntimeFailure(text)


def _watch(parts: _Federation, client: ControlHttpClient, run_id: int, tell: Progress) -> control.Run | None:
    """Tell of every round and take institutions that are gone off the list; None where the SuperLink ended."""
    book = parts.directory / "ledger.jsonl"
    told = len(ledger.read(book))
    link, *supernodes = parts.started
    gone: set[str] = set()
    outcome = parts.directory / "runs" / str(run_id) / "outcome.json"
    asked = time.monotonic()
    while link.running:
        for one in supernodes:
            if one.name not in gone and not one.running:
                gone.add(one.name)
                control.unregister(client, parts.nodes[one.name])
                tell(f"{one.name}: its SuperNode ended")
        lines = ledger.read(book)
        for line in lines[told:]:
            tell(_text(_round(line.body)))
        told = len(lines)
        # A question costs the SuperLink some milliseconds, a look at a file nothing.
        if outcome.exists() or time.monotonic() - asked > _ASK_SECONDS:
            asked = time.monotonic()
            if (state := control.run(client, run_id)).status == control.FINISHED:
                return state
        time.sleep(_POLL_SECONDS)
    return None


def _outcome(path: Path, state: control.Run) -> dict[str, Any]:
    try:
        result: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        text = f"the run ended ({state.outcome}) without an outcome; see logs/superlink.log beside {path.parent.parent}"
        raise errors.RuntimeFailure(text) from error
    if "error" in result:
        raise errors.RoundError(result["error"])
    return result


def _round(line: Mapping[str, Any]) -> Round:
    names = Round.__dataclass_fields__
    values = {name: value for name, value in line.items() if name in names}
    return Round(**{**values, "members": tuple(values["members"])})


def _text(one: Round) -> str:
    dropped = "".join(f"; {name} dropped out ({reason})" for name, reason in one.dropped.items())
    what = _DONE.get(one.kind) or f"loss -{one.promise or 0:.1e} an answer"
    size = (one.bytes_down + one.bytes_up) / 1e6
    spent = "" if one.epsilon is None else f", epsilon {one.epsilon:.2f} so far"
    refused = "".join(f"; {name} was left out ({reason})" for name, reason in one.refused.items())
    dropped = f"{spent}{refused}{dropped}"
    return f"round {one.number}: {len(one.members)} institutions, {what}, {size:.2f} MB, {one.seconds:.1f} s{dropped}"


def _public(key: Path) -> Path:
    return key.with_name(key.name + ".pub")


@contextmanager
def _stop_on_sigterm() -> Iterator[None]:
    """Turn SIGTERM into SystemExit inside the block, so that `finally` runs; only in the main thread, only if unset."""
    ours = threading.current_thread() is threading.main_thread() and signal.getsignal(signal.SIGTERM) == signal.SIG_DFL

    def leave(number: int, _frame: FrameType | None) -> None:
        raise SystemExit(128 + number)

    if ours:
        signal.signal(signal.SIGTERM, leave)
    try:
        yield
    finally:
        if ours:
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
