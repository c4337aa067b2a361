"""The parts of the executor that can be seen without a SuperNode; with one, test_federation runs it all."""

import os
import signal
import sys
import threading
import time
from types import SimpleNamespace

import pytest

from federated import control, errors, executor, forks
from tests.federated import builders


@pytest.fixture
def stand_in(monkeypatch, tmp_path):
    """Let a function stand in for the SuperNode; return what runs the executor with it."""
    path = builders.institution(tmp_path, "north", [])
    monkeypatch.setenv("FLWR_HOME", str(tmp_path / "home"))
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}

    def run(work):
        if work is not None:
            monkeypatch.setattr(executor.supernode, "run", lambda *_arguments: work())
        return executor.main(["127.0.0.1:1", "1", str(path), "3.0"])

    yield run
    for number, handler in before.items():
        signal.signal(number, handler)


def test_the_executor_ends_with_its_supernode_and_its_code(stand_in):
    assert stand_in(lambda: sys.exit(7)) == 7


def test_a_supernode_that_ignores_sigterm_is_killed_when_the_executor_is_told_to_end(stand_in, monkeypatch, tmp_path):
    monkeypatch.setattr(executor, "_STOP_SECONDS", 0.2)
    ready = tmp_path / "ready"

    def stubborn():
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        ready.write_text(str(os.getpid()))
        time.sleep(60)

    def tell():
        while not (ready.exists() and ready.read_text()):
            time.sleep(0.02)
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=tell).start()
    with pytest.raises(SystemExit, match=str(128 + signal.SIGTERM)):
        stand_in(stubborn)

    with pytest.raises(ProcessLookupError):
        os.kill(int(ready.read_text()), 0)


def test_the_bundle_that_is_installed_here_is_run():
    own = control.bundle()[1]

    assert executor.check(own, own) is None


def test_any_other_code_of_the_coordinator_is_not_run():
    with pytest.raises(errors.BundleError, match=r"sent the bundle ffffffffffff, .* nothing was run"):
        executor.check("f" * 64, control.bundle()[1])


def test_of_another_bundle_nothing_is_run_and_the_executor_ends(stand_in, monkeypatch):
    task = SimpleNamespace(task=SimpleNamespace(fab_hash="f" * 64), token="token")
    monkeypatch.setattr(executor.control, "acquire", lambda _client, _kind: task)
    monkeypatch.setattr(executor, "_work", lambda *_arguments: pytest.fail("it was run"))

    with pytest.raises(errors.BundleError, match="nothing was run"):
        stand_in(lambda: time.sleep(60))


def test_a_message_is_answered_and_its_supernode_told(stand_in, monkeypatch, tmp_path):
    tasks = [SimpleNamespace(task=SimpleNamespace(fab_hash=control.bundle()[1]), token="token")]
    monkeypatch.setattr(executor.control, "acquire", lambda _client, _kind: tasks.pop() if tasks else None)
    monkeypatch.setattr(executor, "run_clientapp", lambda token, **_more: (tmp_path / token).touch())
    monkeypatch.setattr(
        executor.supernode, "run", lambda _arguments, _seconds, bell: sys.exit(0 if bell.recv_bytes() == b"!" else 1)
    )

    assert stand_in(None) == 0
    assert (tmp_path / "token").exists()


def test_a_message_is_answered_in_a_process_of_its_own(monkeypatch, tmp_path):
    monkeypatch.setattr(executor, "run_clientapp", lambda **_more: (tmp_path / "pid").write_text(str(os.getpid())))
    supernode = forks.start(time.sleep, 60)

    executor._work(supernode, "127.0.0.1:1", "token")

    forks.end([supernode], 0.0)
    assert int((tmp_path / "pid").read_text()) not in {os.getpid(), supernode.pid}


def test_an_answer_is_given_up_when_its_supernode_is_gone(monkeypatch):
    monkeypatch.setattr(executor, "run_clientapp", lambda **_more: time.sleep(60))
    supernode = forks.start(int)
    supernode.join()
    begun = time.monotonic()

    executor._work(supernode, "127.0.0.1:1", "token")

    assert time.monotonic() - begun < 10
