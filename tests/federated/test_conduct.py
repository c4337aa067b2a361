import json
import os
import subprocess
import sys
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import psutil
import pytest

from federated import charter as charters
from federated import commands, conduct, control, desk, errors, ledger, runtime, signing
from tests.federated import founding, papering

NAMES = ("north", "south")


@pytest.fixture(scope="module")
def stores(tmp_path_factory):
    return papering.stores(tmp_path_factory.mktemp("stores"), NAMES)


@pytest.fixture(scope="module")
def papers(tmp_path_factory, stores):
    return papering.complete(tmp_path_factory.mktemp("papers"), stores, datetime.now(UTC))


@pytest.fixture(scope="module")
def address(papers):
    """A SuperLink of the consortium."""
    port = runtime.free_port()
    program = [
        sys.executable,
        "-m",
        "entrepot.cli",
        "coordinator",
        "--directory",
        papers.directory,
        "--port",
        str(port),
    ]
    with subprocess.Popen(program, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as link:
        at = f"127.0.0.1:{port}"
        try:
            with control.client(at, papers.directory / "pki" / "ca.pem") as client:
                control.wait(client, lambda: None if link.poll() is None else "it ended", 90.0)
            yield at
        finally:
            children = psutil.Process(link.pid).children(recursive=True)
            link.terminate()
            link.wait(20)
            for one in children:
                with suppress(psutil.Error):
                    one.kill()


@pytest.fixture
def client(papers, address):
    with conduct.superlink(papers.directory, address) as one:
        yield one


def registered(client):
    return {node.name: node.key.decode() for node in control.nodes(client) if node.status != control.UNREGISTERED}


@pytest.mark.processes
@pytest.mark.waits
def test_the_superlink_admits_the_keys_of_the_charter_and_nobody_else(client):
    now = founding.signed(founding.draft())
    conduct.reconcile(client, now)
    control.register(client, "stranger", signing.node(founding.node(9)).encode())
    control.register(client, "north", signing.node(founding.node(8)).encode())

    assert conduct.reconcile(client, now) == conduct.Changes((), ("north", "stranger"))
    assert registered(client) == {seat.name: signing.node(seat.node_key) for seat in now.members}
    assert conduct.reconcile(client, now) == conduct.Changes((), ())
    assert conduct.connected(client, now) == ()

    # Who is taken out is shut out before the others have signed the version without it, and nobody new is let in then.
    after = charters.amend(now, members=(founding.SEATS[1], founding.seat("east", 7)))
    assert conduct.reconcile(client, after) == conduct.Changes((), ("north", "west"))
    assert set(registered(client)) == {"south"}


@pytest.mark.processes
@pytest.mark.waits
def test_a_run_without_a_member_ends_with_a_reason(papers, address):
    said = []
    with pytest.raises(errors.FederatedError, match=r".+"):
        conduct.run(papers.directory, address, {"join-seconds": 0.5}, said.append)

    assert any(line.startswith("run ") and "charter version 3, 2 members" in line for line in said)


def test_nobody_serves_where_nobody_listens(papers):
    closed = f"127.0.0.1:{runtime.free_port()}"

    assert not conduct.serves(closed)
    assert not conduct.serves("nowhere")


def test_a_superlink_that_does_not_answer_is_named(papers, monkeypatch):
    monkeypatch.setattr(conduct, "_ANSWER_SECONDS", 0.2)
    closed = f"127.0.0.1:{runtime.free_port()}"

    with (
        pytest.raises(errors.RuntimeFailure, match=f"no SuperLink answers on {closed}; start `entrepot coordinator"),
        conduct.superlink(papers.directory, closed),
    ):
        pass


def test_no_run_begins_before_all_have_signed(tmp_path, stores):
    one = papering.found(tmp_path, stores)
    for name in NAMES:
        one.apply(name)
    one.admit(one.sign("north"))

    with pytest.raises(errors.CharterError, match="no valid signature of south"):
        conduct.run(one.directory, "127.0.0.1:9", {}, print)


def test_no_run_begins_with_another_bundle_than_the_charter_names(tmp_path, stores, monkeypatch):
    one = papering.complete(tmp_path, stores)
    monkeypatch.setattr(control, "bundle", lambda: (b"", "0" * 64))

    with pytest.raises(errors.InvitationError, match="bundle"):
        conduct.run(one.directory, "127.0.0.1:9", {}, print)


def test_a_round_is_told_in_words():
    body = {"number": 2, "kind": "sums", "members": ["a", "b"], "dropped": {"c": "timeout"}, "bytes_up": 1_500_000}

    assert conduct.words(body) == "round 2 (sums): 2 institutions, 1.50 MB; c dropped out (timeout)"
    assert conduct.words({}) == "round ? (round): 0 institutions, 0.00 MB"


def test_history_tells_the_last_run_and_when_the_certificate_ends(tmp_path):
    desk.found(tmp_path / "c", papering.terms(), papering.NOW)
    said = conduct.history(tmp_path / "c")
    assert said[0].startswith("Ledger: 0 lines")
    assert said[-1] == f"The coordinator's certificate ends on {(papering.NOW + timedelta(days=397)).date()}."

    book = tmp_path / "c" / "ledger.jsonl"
    for run in ("1", "2", "2"):
        head = ledger.append(book, {"run": run, "number": 1, "kind": "counts", "members": [], "at": "2026-11-26"})
    said = conduct.history(tmp_path / "c")

    assert said[0] == f"Ledger: 3 lines, the last one is {head}"
    assert said[1] == "Runs: 2; the last one, of 2026-11-26:"
    assert len(said) == 5


def test_the_outcome_of_a_run_is_read(tmp_path):
    state = control.Run(7, control.FINISHED, "failed", 0, 0)
    path = tmp_path / "outcome.json"
    with pytest.raises(errors.RuntimeFailure, match=r"run 7 ended \(failed\) without an outcome"):
        conduct._outcome(path, state)
    path.write_text("{")
    with pytest.raises(errors.RuntimeFailure, match="without an outcome"):
        conduct._outcome(path, state)
    path.write_text(json.dumps({"error": "too few"}))
    with pytest.raises(errors.RoundError, match="too few"):
        conduct._outcome(path, state)
    path.write_text(json.dumps({"members": ["a"]}))

    assert conduct._outcome(path, state) == {"members": ["a"]}


def test_a_charter_is_in_force_or_not():
    assert conduct.in_force(founding.signed(founding.draft()))
    assert not conduct.in_force(founding.draft())
    assert not conduct.in_force(replace(founding.signed(founding.draft()), version=4))


def test_the_coordinator_starts_nothing_that_reports_home(papers):
    environ = commands.environment(os.environ, papers.directory)

    assert (environ["FLWR_TELEMETRY_ENABLED"], environ["FLWR_DISABLE_UPDATE_CHECK"]) == ("0", "1")
