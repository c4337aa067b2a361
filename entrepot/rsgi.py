"""Wait for whole requests before the application is called, so that slow senders hold nobody up. Floor 4.

A worker runs one request at a time. Through granian's WSGI interface it would wait inside the application for the
rest of a slow body, and a few such senders would stop every worker. Here bodies come in beside one another on the event
loop, bounded and timed, and the WSGI application sees only whole ones.
"""

from __future__ import annotations

import asyncio
import functools
import io
import resource
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Protocol

LARGEST = 17 * 1024 * 1024
"""Bytes of one body that are waited for; the application refuses what is over its own limits, which are lower."""
ALTOGETHER = 256 * 1024 * 1024
"""Bytes of all unfinished bodies of a worker."""
SMALL = 1024 * 1024
"""Bytes that a body may announce to be waited for in one step; a larger one is timed piece by piece."""
IDLE = 30.0
"""Seconds without a byte after which a sender is given up."""

TOOL_THREADS = 8
"""Requests that a worker of the tool answers at once: a launch may wait some seconds for the keys of its platform."""

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]

_BODILESS = ("GET", "HEAD", "OPTIONS")
_BUSY = b'{"title":"Service Unavailable","status":503,"detail":"Too many unfinished requests; try again."}'
_LATE = b'{"title":"Request Timeout","status":408,"detail":"The body stopped coming; send the request again."}'
_PROBLEM = [("content-type", "application/problem+json"), ("retry-after", "5"), ("connection", "close")]


class Headers(Protocol):
    """The headers of a request, as granian gives them."""

    def items(self) -> list[tuple[str, str]]:
        """Name in lower case and value, in the order sent."""
        ...


class Scope(Protocol):
    """A request without its body, as granian gives it."""

    method: str
    path: str
    query_string: str
    scheme: str
    server: str
    client: str
    http_version: str
    headers: Headers


class Exchange(Protocol):
    """The body of a request and the way to answer, as granian gives them."""

    def __aiter__(self) -> AsyncIterator[bytes]:
        """The body in pieces."""
        ...

    def __call__(self) -> Awaitable[bytes]:
        """The body at once."""
        ...

    def response_bytes(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
        """Answer."""
        ...


class Whole:
    """An RSGI application around a WSGI application.

    Args:
        application: What answers.
        idle: Seconds without a byte after which a sender is given up.
        threads: How many requests may be answered at once; 0 for one, on the thread of the loop, which costs least. One
            that asks other servers needs threads, or all wait for the slowest of them.
    """

    def __init__(self, application: Application, idle: float = IDLE, threads: int = 0) -> None:
        self._application = application
        self._threads = ThreadPoolExecutor(threads, "answers") if threads else None
        self._idle = idle
        self._waiting = 0
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        if soft != hard:  # a thousand slow senders are a thousand open sockets
            resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 65_536) if hard > 0 else 65_536, hard))

    async def __rsgi__(self, scope: Scope, exchange: Exchange) -> None:
        """Answer one request."""
        environ = environment(scope)
        body = b""
        if scope.method not in _BODILESS:
            try:
                body = await self._body(exchange, int(environ.get("CONTENT_LENGTH", -1)))
            except TimeoutError:
                exchange.response_bytes(408, _PROBLEM, _LATE)
                return
            except MemoryError:
                exchange.response_bytes(503, _PROBLEM, _BUSY)
                return
        environ["wsgi.input"] = io.BytesIO(body)
        if self._threads is None:
            answer = call(self._application, environ)
        else:
            answer = await asyncio.get_running_loop().run_in_executor(self._threads, call, self._application, environ)
        exchange.response_bytes(*answer)

    async def _body(self, exchange: Exchange, declared: int) -> bytes:
        """The whole body, or as much of it as makes plain that it is too large.

        Args:
            exchange: Where it comes from.
            declared: The bytes that its header announces (the server holds the sender to it), or -1.

        Raises:
            TimeoutError: It stopped coming.
            MemoryError: Others have too many unfinished ones.
        """
        if 0 <= declared <= SMALL:
            self._take(declared)
            try:
                async with asyncio.timeout(self._idle):
                    return await exchange()
            finally:
                self._waiting -= declared
        pieces: list[bytes] = []
        size = 0
        clock = asyncio.get_running_loop().time
        try:
            async with asyncio.timeout(self._idle) as limit:
                async for piece in exchange:
                    pieces.append(piece)
                    size += len(piece)
                    self._take(len(piece))
                    if size > LARGEST:
                        break
                    limit.reschedule(clock() + self._idle)
        finally:
            self._waiting -= size
        return b"".join(pieces)

    def _take(self, size: int) -> None:
        self._waiting += size
        if self._waiting > ALTOGETHER:
            raise MemoryError


def call(application: Application, environ: dict[str, Any]) -> tuple[int, list[tuple[str, str]], bytes]:
    """Call a WSGI application (PEP 3333) with a whole request; answer status, headers and body."""
    answers: list[tuple[str, list[tuple[str, str]]]] = []

    def start_response(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Callable[[bytes], None]:
        del exc_info
        answers[:] = [(status, headers)]
        return lambda _: None

    result = application(environ, start_response)
    try:
        content = b"".join(result)
    finally:
        close = getattr(result, "close", None)
        if close is not None:
            close()
    status, headers = answers[0]
    return int(status[:3]), headers, content


def environment(scope: Scope) -> dict[str, Any]:
    """The environment of PEP 3333 but for the body; nothing of the process's own environment is in it."""
    name, _, port = scope.server.rpartition(":")
    environ: dict[str, Any] = {
        "REQUEST_METHOD": scope.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": scope.path.encode("utf-8", "surrogateescape").decode("latin-1"),
        "QUERY_STRING": scope.query_string,
        "SERVER_NAME": name,
        "SERVER_PORT": port,
        "SERVER_PROTOCOL": f"HTTP/{scope.http_version}",
        "REMOTE_ADDR": scope.client.rpartition(":")[0],
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.scheme,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": False,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
        "wsgi.input_terminated": True,
    }
    for header, value in scope.headers.items():
        key = _key(header)
        environ[key] = f"{environ[key]},{value}" if key in environ else value
    return environ


@functools.lru_cache(maxsize=256)
def _key(header: str) -> str:
    key = header.upper().replace("-", "_")
    return key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{key}"


def collector() -> Whole:
    """The Learning Record Store that the environment describes."""
    from xapi_collector import app  # noqa: PLC0415 - a worker of another application imports no more than its own

    return Whole(app.application())


def tool() -> Whole:
    """The LTI tool that the environment describes."""
    from lti_tool import app  # noqa: PLC0415 - a worker of another application imports no more than its own

    return Whole(app.application(), threads=TOOL_THREADS)
