import inspect
import time

import pytest
from flwr.supernode import start_client_internal as loop

from federated import supernode


@pytest.fixture
def slept(monkeypatch):
    """How long anybody slept, who then did not."""
    found = []
    monkeypatch.setattr(loop, "time", time)  # put back afterwards
    monkeypatch.setattr(supernode.time, "sleep", found.append)
    return found


def test_a_wait_is_as_long_as_the_operator_wants_and_never_longer_than_flowers_own(slept):
    supernode.hurry(0.5)

    loop.time.sleep(3)
    loop.time.sleep(0.1)

    assert slept == [0.5, 0.1]


def test_the_clock_tells_the_same_time(slept):
    supernode.hurry(0.5)

    assert loop.time.time is time.time
    assert loop.time.monotonic is time.monotonic
    assert slept == []


def test_flower_waits_there_between_two_looks():
    """After an upgrade it may wait elsewhere; then `poll` would do nothing, and nothing else would say so."""
    assert "time.sleep(3)" in inspect.getsource(loop)
