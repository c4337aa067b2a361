"""One exchange ends in time, within its size, at the address that was checked, and its errors say nothing."""

from __future__ import annotations

import email.utils
import socket
import ssl
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from lti_tool import errors
from lti_tool.services import guard, wire
from lti_tool.services.wire import Answer, Limits
from tests.lti_tool import doors

HERE = guard.networks("127.0.0.0/8")
SHORT = Limits(connect=0.3, silence=0.3, whole=0.6, largest=1000)
SECRET = "very-secret-canary"


@pytest.fixture(scope="module")
def exchange() -> wire.Exchange:
    return wire.exchanger(HERE)


def refused(exchange: wire.Exchange, url: str, limits: Limits = SHORT) -> errors.ServiceError:
    with pytest.raises(errors.ServiceError) as error:
        exchange("GET", url, limits=limits)
    return error.value


def test_an_answer_has_its_status_headers_and_body(exchange: wire.Exchange) -> None:
    said = doors.answer(b'{"a": 1}', "201 Created", "X-One: 1", "Link: <a>; rel=x", "link: <b>; rel=next")
    with doors.door(said) as door:
        found = exchange("GET", door.url("/p?q=1"))

    assert (found.status, found.json(), found.url) == (201, {"a": 1}, door.url("/p?q=1"))
    assert found.headers["x-one"] == "1"
    assert found.headers["link"] == "<a>; rel=x, <b>; rel=next"


def test_the_tool_names_itself_and_sends_what_it_was_given(exchange: wire.Exchange) -> None:
    with doors.door(doors.answer()) as door:
        exchange("POST", door.url("/p?q=%20#f"), headers={"Content-Type": "text/x", "Accept": "a/b"}, body=b"hello")
    head, _, body = door.asked[0].partition(b"\r\n\r\n")
    rows = head.decode().split("\r\n")

    assert rows[0] == "POST /p?q=%20 HTTP/1.1"
    assert {f"Host: 127.0.0.1:{door.port}", f"User-Agent: {wire.AGENT}", "Accept: a/b", "Content-Type: text/x"} < set(
        rows
    )
    assert wire.AGENT.startswith("Entrepot/")
    assert body == b"hello"


def test_a_body_in_chunks_or_without_a_length_is_read_whole(exchange: wire.Exchange) -> None:
    chunked = b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n{"a\r\n5\r\n": 1}\r\n0\r\n\r\n'
    endless = b'HTTP/1.0 200 OK\r\n\r\n{"a": 1}'
    with doors.door([chunked, endless]) as door:
        found = [exchange("GET", door.url()).json() for _ in range(2)]

    assert found == [{"a": 1}] * 2


def test_an_answer_does_not_show_what_came() -> None:
    assert repr(Answer(200, {"x": SECRET}, SECRET.encode(), f"https://lms.example/{SECRET}")) == "Answer(status=200)"


def test_an_empty_answer_is_an_answer(exchange: wire.Exchange) -> None:
    with doors.door(b"HTTP/1.1 204 No Content\r\n\r\n") as door:
        assert exchange("DELETE", door.url()).body == b""


@pytest.mark.parametrize("body", [b"", b"<html>", b"\xff\xfe", b"[" * 100_000])
def test_a_body_that_is_no_json_is_malformed(body: bytes) -> None:
    with pytest.raises(errors.ServiceError, match=r"malformed \(200\)"):
        Answer(200, {}, body, "").json()


@pytest.mark.parametrize(
    ("status", "headers", "kind"),
    [
        ("301 Moved", ("Location: /x",), "refused"),
        ("307 Temporary", ("Location: /x",), "refused"),
        ("400 Bad Request", (), "refused"),
        ("404 Not Found", (), "refused"),
        ("422 Unprocessable", (), "refused"),
        ("401 Unauthorized", (), "unauthorised"),
        ("403 Forbidden", (), "unauthorised"),
        ("403 Forbidden", ("Retry-After: 3",), "busy"),
        ("403 Forbidden", ("X-Rate-Limit-Remaining: 0.0",), "busy"),
        ("403 Forbidden", ("X-Rate-Limit-Remaining: 612.5",), "unauthorised"),
        ("408 Request Timeout", (), "timeout"),
        ("409 Conflict", (), "conflict"),
        ("429 Too Many", (), "busy"),
        ("500 Oh", (), "failing"),
        ("503 Unavailable", (), "failing"),
    ],
)
def test_any_other_status_is_an_error_of_its_kind(
    exchange: wire.Exchange, status: str, headers: tuple[str, ...], kind: str
) -> None:
    with doors.door(doors.answer(SECRET.encode(), status, *headers)) as door:
        error = refused(exchange, door.url(f"/{SECRET}"))

    assert (error.kind, error.status) == (kind, int(status[:3]))
    assert SECRET not in str(error) + repr(error)


def test_the_wait_that_a_busy_platform_asks_for_is_told(exchange: wire.Exchange) -> None:
    with doors.door(doors.answer(b"", "429 Too Many", "Retry-After: 7")) as door:
        assert refused(exchange, door.url()).retry_after == 7


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "0"}, 0),
        ({"retry-after": " 120 "}, 120),
        ({"retry-after": "3601"}, 3600),
        ({"retry-after": "9" * 5000}, 3600),
        ({"retry-after": "-1"}, None),
        ({"retry-after": "1.5"}, None),
        ({"retry-after": "³"}, None),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "Fri, 99 Foo 2026 99:99:99 GMT"}, None),
        ({"retry-after": email.utils.formatdate(1_000_060, usegmt=True)}, 60),
        ({"retry-after": email.utils.formatdate(999_000, usegmt=True)}, 0),
        ({"retry-after": email.utils.formatdate(2_000_000, usegmt=True)}, 3600),
        (
            {
                "retry-after": email.utils.formatdate(5_000_030, usegmt=True),
                "date": email.utils.formatdate(5_000_000, usegmt=True),
            },
            30,
        ),
    ],
)
def test_retry_after_is_seconds_or_a_date_and_at_most_an_hour(headers: dict[str, str], seconds: float | None) -> None:
    assert wire.wait(headers, 1_000_000) == seconds


@pytest.mark.parametrize(
    ("says", "kind"),
    [
        (doors.answer(b"x" * 1001), "malformed"),
        (
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
            + (b"100\r\n" + b"x" * 256 + b"\r\n") * 5
            + b"0\r\n\r\n",
            "malformed",
        ),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nx\r\n", "unreachable"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n10\r\nx", "unreachable"),
        (b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 2000, "malformed"),
        (doors.answer(b"\x1f\x8b", "200 OK", "Content-Encoding: gzip"), "malformed"),
        (b"SSH-2.0-OpenSSH_9.9\r\n", "malformed"),
        (b"HTTP/1.1 abc OK\r\n\r\n", "malformed"),
        (b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 101 + b"\r\n", "malformed"),
        (b"HTTP/1.1 200 OK\r\nA: " + b"x" * 70_000 + b"\r\n\r\n", "malformed"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc", "unreachable"),
        (b"", "unreachable"),
    ],
    ids=[
        "large",
        "many chunks",
        "odd chunk",
        "cut chunk",
        "endless",
        "gzip",
        "ssh",
        "status",
        "headers",
        "header",
        "cut",
        "nothing",
    ],
)
def test_an_answer_that_cannot_be_read_is_refused(exchange: wire.Exchange, says: bytes, kind: str) -> None:
    with doors.door(says) as door:
        assert refused(exchange, door.url()).kind == kind


def test_nobody_there_is_unreachable(exchange: wire.Exchange, unused_port: int) -> None:
    assert refused(exchange, f"http://127.0.0.1:{unused_port}/").kind == "unreachable"


def test_the_next_address_is_tried_where_one_does_not_take_the_connection() -> None:
    exchange = wire.exchanger(HERE, resolve=lambda _host, _port: ["127.0.0.3", "127.0.0.2"])
    with doors.door(doors.answer(b"2"), address="127.0.0.2") as door:
        assert exchange("GET", door.url(host="lms.example")).json() == 2


def silence(_line: socket.socket, _asked: bytes) -> None:
    time.sleep(1)


def forever(line: socket.socket, _asked: bytes) -> None:
    for _ in range(100):
        line.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        time.sleep(0.02)


@pytest.mark.parametrize(
    "says",
    [
        silence,
        forever,
        doors.drip(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nA: " + b"x" * 100, 0.02),
        doors.drip(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n" + b"x" * 100, 0.02),
    ],
    ids=["silence", "continue", "slow head", "slow body"],
)
def test_a_slow_answer_is_not_waited_for(exchange: wire.Exchange, says: doors.Say) -> None:
    begin = time.monotonic()
    with doors.door(says) as door:
        error = refused(exchange, door.url())
        took = time.monotonic() - begin

    assert error.kind == "timeout"
    assert took < 1.8


@pytest.fixture
def full() -> Iterator[int]:
    """A port whose queue is full: a connection to it is neither taken nor refused."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen(0)
        fillers = []
        for _ in range(3):
            filler = socket.socket()
            filler.setblocking(False)
            filler.connect_ex(server.getsockname())
            fillers.append(filler)
        yield server.getsockname()[1]
        for filler in fillers:
            filler.close()


def test_a_connection_that_is_not_taken_is_not_waited_for(exchange: wire.Exchange, full: int) -> None:
    begin = time.monotonic()

    assert refused(exchange, f"http://127.0.0.1:{full}/").kind == "timeout"
    assert time.monotonic() - begin < 2


def test_a_handshake_that_never_ends_is_not_waited_for(exchange: wire.Exchange, listener: int) -> None:
    begin = time.monotonic()

    assert refused(exchange, f"https://127.0.0.1:{listener}/").kind == "timeout"
    assert time.monotonic() - begin < 2


def test_no_time_is_left_where_the_look_up_took_it() -> None:
    def slow(_host: str, _port: int) -> list[str]:
        time.sleep(0.05)
        return ["127.0.0.1"]

    exchange = wire.exchanger(HERE, resolve=slow)
    with doors.canary() as canary:
        error = refused(exchange, f"http://lms.example:{canary.port}/", Limits(whole=0.01))

    assert error.kind == "timeout"
    assert canary.knocks == []


def test_the_certificate_and_the_host_header_are_those_of_the_name(tmp_path: Path) -> None:
    trust = doors.authority(tmp_path, "lms.example")
    exchange = wire.exchanger(HERE, context=trust.client, resolve=lambda _host, _port: ["127.0.0.1"])
    with doors.door(doors.answer(b"1"), trust.server) as door:
        found = exchange("GET", door.url(host="lms.example", scheme="https"))

    assert found.json() == 1
    assert door.names == ["lms.example"]
    assert f"\r\nHost: lms.example:{door.port}\r\n".encode() in door.asked[0]


def test_another_name_s_certificate_is_not_accepted(tmp_path: Path) -> None:
    trust = doors.authority(tmp_path, "other.example")
    exchange = wire.exchanger(HERE, context=trust.client, resolve=lambda _host, _port: ["127.0.0.1"])
    with doors.door(doors.answer(b"1"), trust.server) as door:
        error = refused(exchange, door.url(host="lms.example", scheme="https"))

    assert error.kind == "unreachable"
    assert door.asked == []


def test_an_authority_that_nobody_trusts_is_not_accepted(tmp_path: Path, exchange: wire.Exchange) -> None:
    trust = doors.authority(tmp_path, "127.0.0.1")
    with doors.door(doors.answer(b"1"), trust.server) as door:
        assert refused(exchange, door.url(scheme="https")).kind == "unreachable"


def test_the_authorities_of_the_system_are_trusted() -> None:
    trust = wire.trust()

    assert trust.verify_mode == ssl.CERT_REQUIRED
    assert trust.check_hostname
    assert trust.cert_store_stats()["x509_ca"] > 100


@pytest.mark.parametrize("header", ["a\r\nX: y", "ü€"])
def test_a_header_that_would_break_the_request_is_not_sent(exchange: wire.Exchange, header: str) -> None:
    with doors.door(doors.answer()) as door, pytest.raises(errors.ServiceError, match="malformed"):
        exchange("GET", door.url(), headers={"Accept": header})

    assert door.asked == []
