"""Requests reach the application whole, however slowly they come, or not at all."""

import asyncio
import socket
import threading
import time
from types import SimpleNamespace

import pytest
import requests

from entrepot import rsgi
from tests.xapi_collector import server as servers


class Headers:
    def __init__(self, *items):
        self._items = list(items)

    def items(self):
        return self._items


def scope(method="POST", path="/a", **changes):
    values = {
        "method": method,
        "path": path,
        "query_string": "x=%41",
        "scheme": "http",
        "server": "[::1]:80",
        "client": "10.0.0.1:5000",
        "http_version": "1.1",
        "headers": Headers(("host", "h"), ("x-a", "1"), ("x-a", "2"), ("content-type", "text/plain")),
    }
    return SimpleNamespace(**(values | changes))


class Exchange:
    """A body in pieces, with a pause before each."""

    def __init__(self, *pieces, pause=0.0):
        self.pieces, self.pause = pieces, pause
        self.answer = None

    async def __aiter__(self):
        for piece in self.pieces:
            await asyncio.sleep(self.pause)
            yield piece

    async def __call__(self):
        await asyncio.sleep(self.pause)
        return b"".join(self.pieces)

    def response_bytes(self, *answer):
        self.answer = answer


def echo(environ, start_response):
    body = environ["wsgi.input"].read()
    start_response("200 OK", [("X-Method", environ["REQUEST_METHOD"])])
    return [environ["PATH_INFO"].encode("latin-1"), b"|", environ["QUERY_STRING"].encode(), b"|", body]


def run(exchange, asked, idle=5.0):
    asyncio.run(rsgi.Whole(echo, idle).__rsgi__(asked, exchange))
    return exchange.answer


def test_the_application_gets_the_request_whole():
    headers = Headers(("content-length", "5"))

    assert run(Exchange(b"ab", b"cde"), scope(path="/你", headers=headers)) == (
        200,
        [("X-Method", "POST")],
        "/你|x=%41|abcde".encode(),
    )


def test_a_body_of_unknown_length_is_read_to_its_end():
    assert run(Exchange(b"ab", b"cde"), scope())[2].endswith(b"|abcde")


def test_a_request_without_a_body_does_not_wait_for_one():
    assert run(Exchange(b"never", pause=60), scope("GET"), idle=0.01)[2] == b"/a|x=%41|"


@pytest.mark.parametrize("headers", [Headers(), Headers(("content-length", "2"))])
def test_a_body_that_stops_coming_is_408(headers):
    status, answered, _ = run(Exchange(b"a", b"b", pause=5), scope(headers=headers), idle=0.02)

    assert status == 408
    assert ("connection", "close") in answered


def test_a_slow_body_that_keeps_coming_is_waited_for():
    assert run(Exchange(*[b"x"] * 20, pause=0.02), scope(), idle=0.2)[2].endswith(b"x" * 20)


def test_no_more_is_read_than_makes_plain_that_it_is_too_large(monkeypatch):
    monkeypatch.setattr(rsgi, "LARGEST", 10)

    assert run(Exchange(*[b"12345"] * 100), scope())[2].endswith(b"|" + b"12345" * 3)


def test_unfinished_bodies_have_a_bound_altogether(monkeypatch):
    monkeypatch.setattr(rsgi, "ALTOGETHER", 10)

    assert run(Exchange(b"12345", b"678901"), scope())[0] == 503
    assert run(Exchange(b"12345"), scope(headers=Headers(("content-length", "11"))))[0] == 503
    assert run(Exchange(b"12345"), scope())[0] == 200


def test_the_environment_is_that_of_the_request_alone():
    environ = rsgi.environment(scope())

    assert environ["HTTP_X_A"] == "1,2"
    assert environ["CONTENT_TYPE"] == "text/plain"
    assert (environ["SERVER_NAME"], environ["SERVER_PORT"], environ["REMOTE_ADDR"]) == ("[::1]", "80", "10.0.0.1")
    assert "PATH" not in environ


def test_what_the_application_answers_is_closed():
    closed = []

    class Result(list):
        def close(self):
            closed.append(True)

    def application(environ, start_response):
        start_response("204 No Content", [])(b"")
        return Result()

    assert rsgi.call(application, {}) == (204, [], b"")
    assert closed == [True]


@pytest.mark.processes
@pytest.mark.alone
def test_slow_senders_hold_nobody_up(tmp_path):
    """Two hundred bodies that never end, with one worker, and a request beside them is answered."""
    with servers.made(tmp_path) as server:
        server.start(workers=1)
        head = "".join(f"{name}: {value}\r\n" for name, value in server.headers.items())
        opened = []
        for number in range(200):
            slow = socket.create_connection(("127.0.0.1", server.port), timeout=10)
            length = "Content-Length: 5000\r\n" if number % 2 else "Transfer-Encoding: chunked\r\n"
            start = f"POST /xapi/statements HTTP/1.1\r\nHost: h\r\n{head}Content-Type: application/json\r\n{length}\r\n"
            slow.sendall(start.encode() + (b"[" if number % 2 else b"1\r\n[\r\n"))
            opened.append(slow)
        began = time.monotonic()
        answer = requests.get(server.url, headers=server.headers, timeout=20)
        for slow in opened:
            slow.close()

    assert answer.status_code == 200
    assert time.monotonic() - began < 15


def test_with_threads_one_that_waits_leaves_the_others():
    both = threading.Barrier(2, timeout=5)

    def application(_environ, start_response):
        both.wait()
        start_response("200 OK", [])
        return [b"met"]

    async def two():
        whole = rsgi.Whole(application, threads=2)
        exchanges = [Exchange(b""), Exchange(b"")]
        await asyncio.gather(*(whole.__rsgi__(scope(), each) for each in exchanges))
        return [each.answer for each in exchanges]

    assert [answer[2] for answer in asyncio.run(two())] == [b"met", b"met"]
