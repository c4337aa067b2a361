"""The parts of the executor that can be seen without a SuperNode; with one, test_federation runs it all."""

import os
import signal
import subprocess
import sys
import threading
import time

import pytest

from federated import commands, control, errors, executor
from tests.federated import builders


@pytest.fixture
def stand_in(monkeypatch, tmp_path):
    """Let a program of Python stand in for the SuperNode; return a function that runs the executor with it."""
    path = builders.institution(tmp_path, "north", [])
    monkeypatch.setenv("FLWR_HOME", str(tmp_path / "home"))
    before = signal.getsignal(signal.SIGTERM)

    def run(program):
        monkeypatch.setattr(commands, "supernode", lambda *_arguments, **_more: [sys.executable, "-c", program])
        return executor.main(["127.0.0.1:1", "1", str(path), "3.0"])

    yield run
    signal.signal(signal.SIGTERM, before)


def test_the_executor_ends_with_its_supernode_and_its_code(stand_in):
    assert stand_in("raise SystemExit(7)") == 7


def test_a_supernode_that_ignores_sigterm_is_killed_when_the_executor_is_told_to_end(stand_in, monkeypatch, tmp_path):
    monkeypatch.setattr(executor, "_STOP_SECONDS", 0.2)
    ready = tmp_path / "ready"
    program = (
        "import os, pathlib, signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
        f"pathlib.Path({str(ready)!r}).write_text(str(os.getpid())); time.sleep(60)"
    )

    def tell():
        while not (ready.exists() and ready.read_text()):
            time.sleep(0.02)
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=tell).start()
    with pytest.raises(SystemExit, match=str(128 + signal.SIGTERM)):
        stand_in(program)

    with pytest.raises(ProcessLookupError):
        os.kill(int(ready.read_text()), 0)


def test_the_bundle_that_is_installed_here_is_run():
    own = control.bundle()[1]

    assert executor.check(own, own) is None


def test_any_other_code_of_the_coordinator_is_not_run():
    with pytest.raises(errors.BundleError, match=r"sent the bundle ffffffffffff, .* nothing was run"):
        executor.check("f" * 64, control.bundle()[1])


def test_the_secret_is_fresh_and_for_its_owner_only(tmp_path):
    first = executor._secret(tmp_path / "home").read_bytes()
    path = executor._secret(tmp_path / "home")

    assert path.read_bytes() != first
    assert path.stat().st_mode & 0o077 == 0


def test_a_message_is_answered_in_a_process_of_its_own(monkeypatch, tmp_path):
    monkeypatch.setattr(executor, "run_clientapp", lambda **_more: (tmp_path / "pid").write_text(str(os.getpid())))
    supernode = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])

    executor._work(supernode, "127.0.0.1:1", "token")

    supernode.kill()
    supernode.wait()
    assert int((tmp_path / "pid").read_text()) not in {os.getpid(), supernode.pid}


def test_an_answer_is_given_up_when_its_supernode_is_gone(monkeypatch):
    monkeypatch.setattr(executor, "run_clientapp", lambda **_more: time.sleep(60))
    supernode = subprocess.Popen([sys.executable, "-c", "pass"])
    supernode.wait()
    begun = time.monotonic()

    executor._work(supernode, "127.0.0.1:1", "token")

    assert time.monotonic() - begun < 10


@pytest.mark.parametrize(("raised", "code"), [(SystemExit(3), 3), (SystemExit("text"), 1), (SystemExit(0), 0)])
def test_a_fork_never_returns_into_its_parents_code(monkeypatch, raised, code):
    def end(**_more):
        raise raised

    monkeypatch.setattr(executor, "run_clientapp", end)
    child = os.fork()
    if child == 0:
        executor._answer("127.0.0.1:1", "token", os.getppid())

    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == code
