"""One bounded HTTP exchange with an address that somebody else named. Floor 3.

Connected to an address that `guard` checked, with the name's own certificate; no redirect, no cookie, no proxy, no
password file; a limit for the connection, for each silence, for the whole exchange and for the size of the answer. The
libraries of the field have none of these (November 2026), and `requests` cannot give two of them: it resolves the
name again, and has no limit for a server that sends one byte at a time. So this is `http.client` over a socket of ours.

A connection serves one exchange: one that was kept could lead to an address that has not been checked since, and a
score sent on one that the other side has just closed could not be told from one that arrived.

An error has a kind and a status, never a word of what was sent or received.
"""

from __future__ import annotations

import email.utils
import functools
import http.client
import importlib.metadata
import io
import json
import socket
import ssl
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, cast

from requests import utils

from lti_tool import errors
from lti_tool.services import guard

# Canvas refuses a caller without a name.
AGENT = f"Entrepot/{importlib.metadata.version('entrepot')}"
LONGEST_WAIT = 3600.0
CHUNK = 64 * 1024


@dataclass(frozen=True)
class Limits:
    """How long an exchange may take (seconds), and how large an answer may be (bytes).

    Attributes:
        connect: For each address until it takes the connection.
        silence: Between two pieces of the answer.
        whole: For everything, from the look-up to the last byte.
        largest: The body.
    """

    connect: float = 2.0
    silence: float = 3.0
    whole: float = 5.0
    largest: int = 1024 * 1024


SMALL = Limits()
"""For a document that somebody waits for: a configuration, a registration, a token."""
KEY_SET = Limits(largest=256 * 1024)
"""For a key set."""
SERVICE = Limits(silence=15.0, whole=20.0)
"""For a service: a page of 500 members took Moodle 1.6 s, all 2,000 at once 9.7 s (measured on 4.5)."""
PAGE = Limits(silence=15.0, whole=20.0, largest=8 * 1024 * 1024)
"""For a page of members or line items."""


@dataclass(frozen=True)
class Answer:
    """An answer of status 2xx; it does not show what came, for that may be names.

    Attributes:
        status: 200 to 299.
        headers: By name in lower case; of a name that came several times, all values with commas between.
        body: At most as large as the limits said.
        url: The address that was asked.
    """

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    url: str = field(repr=False)

    def json(self) -> Any:
        """The body as JSON.

        Raises:
            errors.ServiceError: It is none (`malformed`).
        """
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError) as error:
            raise errors.ServiceError("malformed", self.status) from error


class Exchange(Protocol):
    """`exchange(method, url, headers=…, body=…, limits=…) -> Answer`; raises errors.ServiceError."""

    def __call__(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
        limits: Limits = SMALL,
    ) -> Answer:
        """Ask once."""
        ...


def exchanger(
    allowed: Sequence[guard.Network] = (),
    *,
    context: ssl.SSLContext | None = None,
    now: Callable[[], float] = time.time,
    resolve: guard.Resolve | None = None,
) -> Exchange:
    """How a process asks other servers.

    Args:
        allowed: Private networks in which platforms may be.
        context: Whose certificates hold; by default `trust()`.
        now: Seconds since the epoch, to read a Retry-After that is a date.
        resolve: How to look names up.

    Returns:
        A function that is safe for several threads. It raises `errors.ServiceError` for an address that must not be
        asked, for no answer, and for any answer but 2xx.
    """

    @functools.cache
    def trusted() -> ssl.SSLContext:
        """Read when it is first needed: it takes some 50 ms."""
        return context or trust()

    def exchange(
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
        limits: Limits = SMALL,
    ) -> Answer:
        end = time.monotonic() + limits.whole
        target = guard.examine(url, allowed, resolve)
        try:
            with connect(target, trusted, limits, end) as connected:
                line = Line(connected, limits, end)
                response, found = answer(line, target, method, headers or {}, body)
                if not 200 <= response.status < 300:
                    after = wait(found, now())
                    raise errors.ServiceError(kind(response.status, found), response.status, retry_after=after)
                return Answer(response.status, found, _body(response, limits.largest), url)
        except TimeoutError:
            raise errors.ServiceError("timeout") from None
        except (http.client.IncompleteRead, OSError):  # among them RemoteDisconnected and a certificate that fails
            raise errors.ServiceError("unreachable") from None
        except (http.client.HTTPException, ValueError):
            raise errors.ServiceError("malformed") from None

    return exchange


def trust() -> ssl.SSLContext:
    """Trust what the system trusts, or `SSL_CERT_FILE` in its place, and what `requests` brings along.

    The last is for a Python that finds no store of the system; the first for an institution with its own authority.
    """
    context = ssl.create_default_context()
    context.load_verify_locations(utils.DEFAULT_CA_BUNDLE_PATH)
    return context


class Line:
    """A socket for `http.client` on which every operation ends in time."""

    def __init__(self, connected: socket.socket, limits: Limits, end: float) -> None:
        self._socket = connected
        self._limits = limits
        self._end = end

    def sendall(self, data: bytes) -> None:
        """Send all of it, or fail in time."""
        self._socket.settimeout(_left(self._limits.silence, self._end))
        self._socket.sendall(data)

    def receive(self, buffer: Any) -> int:
        """Take what comes next; 0 at the end."""
        self._socket.settimeout(_left(self._limits.silence, self._end))
        return self._socket.recv_into(buffer)

    def makefile(self, _mode: str) -> io.BufferedReader:
        """What `http.client` reads from."""
        return io.BufferedReader(_Incoming(self))

    def close(self) -> None:
        """Nothing: `http.client` closes as soon as the head of the answer is read, and the body is still to come."""


class _Incoming(io.RawIOBase):
    """What comes in on a line."""

    def __init__(self, line: Line) -> None:
        super().__init__()
        self._line = line

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        return self._line.receive(buffer)


def _left(most: float, end: float) -> float:
    left = min(most, end - time.monotonic())
    if left <= 0:
        raise TimeoutError
    return left


def connect(target: guard.Target, trusted: Callable[[], ssl.SSLContext], limits: Limits, end: float) -> socket.socket:
    """Connect to the first of its addresses that takes the connection."""
    failure: OSError = OSError()
    for address in target.addresses:
        try:
            connected = socket.create_connection((address, target.url.port), timeout=_left(limits.connect, end))
        except OSError as error:
            failure = error
            continue
        if target.url.scheme == "http":
            return connected
        try:
            connected.settimeout(_left(limits.silence, end))
            return trusted().wrap_socket(connected, server_hostname=target.url.host)
        except BaseException:
            connected.close()
            raise
    raise failure


def answer(
    line: Line, target: guard.Target, method: str, headers: Mapping[str, str], body: bytes | None
) -> tuple[http.client.HTTPResponse, dict[str, str]]:
    """Ask once on a line: the answer with its body still to come, and its headers by name in lower case."""
    connection = http.client.HTTPConnection(target.url.host, target.url.port)
    connection.sock = cast("socket.socket", line)
    ours = {
        "Host": target.url.authority,
        "User-Agent": AGENT,
        "Accept-Encoding": "identity",
        "Connection": "close",
    }
    connection.request(method, target.url.resource, body, {**ours, **headers})
    response = connection.getresponse()
    return response, _headers(response.getheaders())


def _headers(pairs: Sequence[tuple[str, str]]) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in pairs:
        lower = name.lower()
        found[lower] = f"{found[lower]}, {value}" if lower in found else value
    return found


def _body(response: http.client.HTTPResponse, largest: int) -> bytes:
    pieces: list[bytes] = []
    size = 0
    while piece := response.read(CHUNK):
        size += len(piece)
        if size > largest:
            raise errors.ServiceError("malformed", response.status)
        pieces.append(piece)
    if response.length:  # `read` with a size does not say that the line was cut
        raise errors.ServiceError("unreachable", response.status)
    if response.getheader("content-encoding", "identity").lower() != "identity":
        raise errors.ServiceError("malformed", response.status)
    return b"".join(pieces)


def kind(status: int, headers: Mapping[str, str]) -> str:
    """The kind of `errors.ServiceError` for an answer that is not 2xx.

    A 403 with a Retry-After, or one that says that no requests are left, is a throttle: Canvas answered so for years.
    """
    if status == 403 and ("retry-after" in headers or headers.get("x-rate-limit-remaining", "")[:2] in {"0", "0."}):
        return "busy"
    if status >= 500:
        return "failing"
    return {401: "unauthorised", 403: "unauthorised", 408: "timeout", 409: "conflict", 429: "busy"}.get(
        status, "refused"
    )


def wait(headers: Mapping[str, str], now: float) -> float | None:
    """How long the answer asks to wait: Retry-After, seconds or a date (RFC 9110, section 10.2.3), at most an hour.

    A date is compared with the server's own `Date`, where it sent one, so that a wrong clock does no harm.
    """
    text = headers.get("retry-after", "").strip()
    if text.isascii() and text.isdigit():
        return min(float(text[:9]), LONGEST_WAIT)
    until = _moment(text)
    if until is None:
        return None
    here = _moment(headers.get("date", ""))
    return min(max(until - (now if here is None else here), 0.0), LONGEST_WAIT)


def _moment(text: str) -> float | None:
    try:
        return email.utils.parsedate_to_datetime(text[:64]).timestamp()
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
