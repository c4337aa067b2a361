import inspect
import time
from multiprocessing import Pipe
from types import SimpleNamespace

import pytest
from flwr.supernode import start_client_internal as loop

from federated import supernode


@pytest.fixture
def bell():
    """The end of a bell that a SuperNode holds, and the executor's."""
    ours, theirs = Pipe()
    yield ours, theirs
    ours.close()
    theirs.close()


@pytest.fixture
def slept(monkeypatch):
    """How long anybody slept, who then did not."""
    found = []
    monkeypatch.setattr(loop, "time", time)  # put back afterwards
    monkeypatch.setattr(supernode, "time", SimpleNamespace(**{**vars(time), "sleep": found.append}))
    return found


@pytest.fixture
def at(slept):
    """The time, in a list."""
    now = [100.0]
    supernode.time.monotonic = lambda: now[0]
    return now


def test_a_wait_is_as_long_as_the_operator_wants_and_never_longer_than_flowers_own(slept, at, bell):
    supernode.hurry(0.5, bell[0])

    loop.time.sleep(3)
    at[0] += 8.0
    loop.time.sleep(3)
    at[0] += 80.0
    loop.time.sleep(3)

    assert slept == [0.5, 2.0, 3]


def test_a_question_is_rung_for_and_its_answer_ends_the_wait(slept, at, bell):
    ours, theirs = bell
    supernode.hurry(0.5, ours)
    at[0] += 8.0
    theirs.send_bytes(b"!")

    loop.time.sleep(0.5)
    loop.time.sleep(3)

    assert theirs.recv_bytes() == b"?"
    assert slept == [0.5]  # who just answered looks soon again


def test_who_is_not_answered_in_time_looks_for_itself(slept, bell, monkeypatch):
    monkeypatch.setattr(supernode, "_IDLE", 0.02)
    supernode.hurry(0.5, bell[0])
    begun = time.monotonic()

    loop.time.sleep(0.01)

    assert time.monotonic() - begun >= 0.01
    assert bell[1].poll()


def test_the_clock_tells_the_same_time(slept, bell):
    supernode.hurry(0.5, bell[0])

    assert loop.time.time is time.time
    assert loop.time.monotonic is time.monotonic
    assert slept == []


def test_flower_waits_there_between_two_looks_and_for_an_answer():
    """After an upgrade it may wait elsewhere; then `poll` would do nothing, and nothing else would say so."""
    assert "time.sleep(3)" in inspect.getsource(loop)
    assert "time.sleep(0.5)" in inspect.getsource(loop)


def test_flower_is_given_the_arguments_of_its_program(slept, bell, monkeypatch):
    seen = []
    monkeypatch.setattr(supernode, "flower_supernode", lambda: seen.extend(supernode.sys.argv))
    monkeypatch.setattr(supernode.sys, "argv", [])

    supernode.run(["--superlink", "c.example:443"], 0.5, bell[0])

    assert seen == ["flower-supernode", "--superlink", "c.example:443"]
    assert loop.time is not time
