"""An address is looked at once, politely, and never inside a network: real servers on this machine say all there is."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from lti_tool.services import guard, look
from lti_tool.services.wire import Limits
from tests.lti_tool import doors

HERE = guard.networks("127.0.0.0/8")
SHORT = Limits(connect=0.5, silence=0.3, whole=0.6, largest=1000)


def seen(
    *says: bytes | doors.Say, path: str = "/", allowed: Sequence[guard.Network] = HERE
) -> tuple[look.Seen, doors.Door]:
    with doors.door(list(says)) as door:
        return look.looker(allowed, limits=SHORT)(door.url(path)), door


def told(status: str, *headers: str) -> bytes:
    return doors.answer(b"", status, *headers)


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        ("200 OK", look.FOUND),
        ("204 No Content", look.FOUND),
        ("404 Not Found", look.GONE),
        ("410 Gone", look.GONE),
        ("429 Too Many", look.BUSY),
    ],
)
def test_a_head_says_it_all_where_the_server_answers_it(status: str, reason: str) -> None:
    found, door = seen(told(status))
    assert (found.reason, found.hops) == (reason, 1)
    assert door.asked[0].startswith(b"HEAD / HTTP/1.1\r\n")


@pytest.mark.parametrize(("status", "reason"), [("500 Fault", "failing"), ("403 No", "refused"), ("405 No", "refused")])
def test_a_get_of_the_beginning_is_tried_where_a_head_fails(status: str, reason: str) -> None:
    found, door = seen(told(status), told("206 Partial"))
    assert (found.reason, found.hops) == (look.FOUND, 2)
    assert b"\r\nRange: bytes=0-65535\r\n" in door.asked[1]
    found, _ = seen(told(status), told(status))
    assert (found.reason, found.status) == (reason, int(status[:3]))


def test_redirects_are_followed_and_one_for_good_is_told() -> None:
    found, _ = seen(told("302 Found", "Location: /b"), told("200 OK"))
    assert (found.reason, found.moved, found.url.endswith("/b")) == (look.FOUND, False, True)
    found, _ = seen(told("301 Moved", "Location: /b#part"), told("302 Found", "Location: c"), told("200 OK"))
    assert (found.reason, found.moved, found.url.endswith("/c")) == (look.FOUND, True, True)
    assert "#" not in found.url


def test_a_circle_ends_and_so_does_a_way_without_end() -> None:
    found, door = seen(told("302 Found", "Location: /"))
    assert (found.reason, len(door.asked)) == (look.LOOP, 1)
    says = [told("302 Found", f"Location: /{place}") for place in range(20)]
    found, door = seen(*says)
    assert (found.reason, len(door.asked)) == (look.MANY, look.MOST + 1)


@pytest.mark.parametrize(
    "target", ["http://10.0.0.1/", "http://169.254.169.254/latest", "ftp://a.example/", "http://[::1]/"]
)
def test_a_redirect_into_a_network_is_not_followed(target: str) -> None:
    found, door = seen(told("302 Found", f"Location: {target}"), told("200 OK"))
    assert found.reason == look.UNSAFE
    assert len(door.asked) == 1


def test_this_machine_is_not_asked_unless_somebody_says_so() -> None:
    found, door = seen(told("200 OK"), allowed=())
    assert found.reason == look.UNSAFE
    assert door.asked == []


def test_a_name_that_means_another_address_by_the_next_request_reaches_nothing() -> None:
    answers = [["127.0.0.1"], ["10.1.2.3"]]
    with doors.door([told("302 Found", "Location: /b"), told("200 OK")]) as door:
        found = look.looker(HERE, limits=SHORT, resolve=lambda *_: answers.pop(0))(door.url(host="a.example"))
        assert found.reason == look.UNSAFE
        assert len(door.asked) == 1


def test_a_slow_server_a_huge_page_and_no_http_come_to_an_end() -> None:
    def slow(line: doors.socket.socket, _: bytes) -> None:
        time.sleep(1.0)

    assert seen(slow)[0].reason == look.TIMEOUT
    huge = b"HTTP/1.1 200 OK\r\nContent-Length: 9999999999\r\n\r\n" + b"x" * 300_000
    assert seen(told("403 No"), huge)[0].reason == look.FOUND
    cut = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz"
    assert seen(told("403 No"), cut)[0].reason == look.FOUND
    assert seen(b"SSH-2.0-x\r\n")[0].reason == look.MALFORMED
    assert seen(told("302 Found", "Location: http://[x"))[0].reason in {look.MALFORMED, look.UNSAFE}


def test_no_server_and_a_certificate_that_does_not_hold_are_told_apart(tmp_path: Path) -> None:
    with doors.door(told("200 OK")) as door:
        url = door.url()
    assert look.looker(HERE, limits=SHORT)(url).reason == look.UNREACHABLE
    trust = doors.authority(tmp_path, "lms.example")
    for context, reason in ((None, look.TLS), (trust.client, look.FOUND)):
        with doors.door(told("200 OK"), trust.server) as door:
            looks = look.looker(HERE, limits=SHORT, context=context, resolve=lambda *_: ["127.0.0.1"])
            assert looks(door.url(host="lms.example", scheme="https")).reason == reason


@pytest.mark.parametrize(
    ("path", "kind", "reason"),
    [
        ("/a.pdf", "text/html; charset=utf-8", look.TYPE),
        ("/a.pdf?x=1", "TEXT/HTML", look.TYPE),
        ("/a.pdf", "application/pdf", look.FOUND),
        ("/a", "text/html", look.FOUND),
    ],
)
def test_a_page_in_the_place_of_a_file_is_told(path: str, kind: str, reason: str) -> None:
    assert seen(told("200 OK", f"Content-Type: {kind}"), path=path)[0].reason == reason


def test_whoever_calls_may_wait_before_each_request() -> None:
    waited: list[str] = []
    with doors.door([told("302 Found", "Location: /b"), told("200 OK")]) as door:
        look.looker(HERE, limits=SHORT, pause=waited.append)(door.url())
    assert waited == ["127.0.0.1", "127.0.0.1"]
