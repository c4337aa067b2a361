"""A client that costs little: prepared requests over a few kept connections, one thread, no library of HTTP.

What it measures of the server is the server's own CPU; a client that burns the cores they share would measure itself.
"""

import base64
import contextlib
import selectors
import socket
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass


@dataclass
class Outcome:
    """What a load gave.

    Attributes:
        seconds: From the first request to the last answer.
        latencies: Seconds of each request.
        statuses: How often each status was answered.
        received: Bytes of the bodies.
    """

    seconds: float
    latencies: list[float]
    statuses: dict[int, int]
    received: int

    def p99(self) -> float:
        """Seconds within which 99 of 100 requests were answered."""
        return sorted(self.latencies)[int(len(self.latencies) * 0.99)]


class _Connection:
    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=60)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.setblocking(False)
        self.out = memoryview(b"")
        self.buffer = bytearray()
        self.began = 0.0
        self.length = -1

    def begin(self, request: bytes) -> None:
        self.out, self.began, self.length = memoryview(request), time.perf_counter(), -1
        self.write()

    def write(self) -> None:
        with contextlib.suppress(BlockingIOError):
            self.out = self.out[self.socket.send(self.out) :]

    def read(self) -> tuple[int, int] | None:
        """The status and the size of the body, once the answer is whole."""
        piece = self.socket.recv(1 << 20)
        if not piece:
            raise ConnectionError("the server closed the connection")
        self.buffer += piece
        if self.length < 0:
            end = self.buffer.find(b"\r\n\r\n")
            if end < 0:
                return None
            head = bytes(self.buffer[:end]).lower()
            size = int(head.split(b"content-length:")[1].split(b"\r\n")[0]) if b"content-length:" in head else 0
            self.length = end + 4 + size
        if len(self.buffer) < self.length:
            return None
        status, size = int(self.buffer[9:12]), len(self.buffer)
        del self.buffer[: self.length]
        return status, size


def request(method: str, path: str, headers: dict[str, str], body: bytes = b"") -> bytes:
    """The bytes of a request that keeps its connection."""
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode() + body


def headers(key: str, secret: str) -> dict[str, str]:
    """The headers of a client of xAPI."""
    return {
        "X-Experience-API-Version": "1.0.3",
        "Content-Type": "application/json",
        "Authorization": "Basic " + base64.b64encode(f"{key}:{secret}".encode()).decode(),
    }


def load(port: int, requests: Iterable[bytes], clients: int = 8) -> Outcome:
    """Send every request, `clients` at a time, each as soon as a connection is free."""
    waiting: Iterator[bytes] = iter(requests)
    outcome = Outcome(0.0, [], {}, 0)
    began = time.perf_counter()
    with selectors.DefaultSelector() as selector:
        connections = [_Connection(port) for _ in range(clients)]
        busy = 0
        for connection in connections:
            busy += _next(selector, connection, waiting)
        while busy:
            for key, _events in selector.select():
                busy -= _served(selector, key.data, waiting, outcome)
        for connection in connections:
            connection.socket.close()
    outcome.seconds = time.perf_counter() - began
    return outcome


def _next(selector: selectors.BaseSelector, connection: _Connection, waiting: Iterator[bytes]) -> bool:
    following = next(waiting, None)
    if following is None:
        return False
    connection.begin(following)
    events = selectors.EVENT_READ | (selectors.EVENT_WRITE if connection.out else 0)
    try:
        selector.modify(connection.socket, events, connection)
    except KeyError:
        selector.register(connection.socket, events, connection)
    return True


def _served(
    selector: selectors.BaseSelector, connection: _Connection, waiting: Iterator[bytes], outcome: Outcome
) -> bool:
    """Go on with a connection; whether it has nothing more to do."""
    if connection.out:
        connection.write()
        if not connection.out:
            selector.modify(connection.socket, selectors.EVENT_READ, connection)
        return False
    answer = connection.read()
    if answer is None:
        return False
    status, size = answer
    outcome.latencies.append(time.perf_counter() - connection.began)
    outcome.statuses[status] = outcome.statuses.get(status, 0) + 1
    outcome.received += size
    if _next(selector, connection, waiting):
        return False
    selector.unregister(connection.socket)
    return True
