"""A thousand sockets that never finish their requests: the others are answered all the same."""

import contextlib
import resource
import socket
import statistics
import time

import pytest

from tests.survival import processes
from tests.xapi_collector.lrs import statement

pytestmark = [pytest.mark.processes, pytest.mark.alone]

SOCKETS = 1_000
BEGINNINGS = {
    "header": b"POST /xapi/statements HTTP/1.1\r\nHost: a\r\nContent-Le",
    "body": b"POST /xapi/statements HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 100\r\n",
}


def _begun(collector, kind):
    """A socket with the beginning of a request."""
    slow = socket.create_connection(("127.0.0.1", collector.port), timeout=30)
    known = "".join(f"{name}: {value}\r\n" for name, value in collector.headers.items())
    rest = f"{known}\r\n[".encode() if kind == "body" else b""
    slow.sendall(BEGINNINGS[kind] + rest)
    return slow


def _seconds(collector, requests=60):
    """How long each answer took."""
    client, taken = collector.client(timeout=20), []
    for _ in range(requests):
        began = time.monotonic()
        assert client.post([statement()]) == 200
        taken.append(time.monotonic() - began)
    client.close()
    return taken


@pytest.fixture
def many_files():
    """Room for the sockets of the test itself."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 8_192), hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.mark.parametrize("kind", BEGINNINGS)
def test_a_thousand_slow_senders_hold_nobody_up(tmp_path, many_files, kind):
    collector = processes.Collector(tmp_path)
    try:
        collector.start()
        with contextlib.ExitStack() as open_sockets:
            before = _seconds(collector)
            for _ in range(SOCKETS):
                open_sockets.enter_context(_begun(collector, kind))
            during = _seconds(collector)
        after = _seconds(collector)
    finally:
        collector.kill()

    p99 = [max(taken) * 1000 for taken in (before, during, after)]
    processes.report(f"{kind}: slowest answer {p99[0]:.0f} ms before, {p99[1]:.0f} ms during, {p99[2]:.0f} ms after")
    assert statistics.median(during) < 2 * statistics.median(before) + 0.05
    assert max(during) < 5
