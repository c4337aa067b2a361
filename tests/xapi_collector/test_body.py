"""The body of a request is bounded, whatever its headers say."""

import io

import pytest

from xapi_collector import errors
from xapi_collector.door import body


class Endless:
    """A stream without an end, in pieces of at most 64 KiB, that counts what is read of it."""

    def __init__(self):
        self.taken = 0

    def read(self, size):
        piece = b"x" * min(size, 65_536)
        self.taken += len(piece)
        return piece


@pytest.mark.parametrize("size", [0, 1, 99, 100])
def test_what_is_within_the_limit_is_read(size):
    assert body.drain(io.BytesIO(b"x" * size), 100) == b"x" * size


def test_one_byte_too_many_is_refused():
    with pytest.raises(errors.TooLargeError):
        body.drain(io.BytesIO(b"x" * 101), 100)


def test_a_stream_without_end_is_read_to_one_byte_after_the_limit():
    stream = Endless()
    with pytest.raises(errors.TooLargeError):
        body.drain(stream, 1_000_000)

    assert stream.taken == 1_000_001


class Untouched:
    """A stream that must not be read."""

    def read(self, size=-1):
        raise AssertionError("the body was read")


def test_a_body_that_says_it_is_too_long_is_refused_before_it_is_read(quick):
    answer = quick.client.post(
        "/xapi/statements",
        headers=quick.headers | {"Content-Type": "application/json"},
        environ_overrides={"wsgi.input": Untouched(), "CONTENT_LENGTH": str(body.LIMIT * 20)},
    )

    assert (answer.status_code, answer.json["rule"]) == (413, "XAPI-00328")


def test_a_body_that_is_somewhat_too_long_is_let_finish_before_it_is_refused(quick):
    """Else a proxy that still writes it sees the connection close, and says 502."""
    stream = io.BytesIO(b"x" * (body.LIMIT + 1))
    answer = quick.client.post(
        "/xapi/statements",
        headers=quick.headers | {"Content-Type": "application/json"},
        environ_overrides={"wsgi.input": stream, "CONTENT_LENGTH": str(body.LIMIT + 1)},
    )

    assert (answer.status_code, answer.json["rule"]) == (413, "XAPI-00328")
    assert stream.read() == b""


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "gzip, gzip", "x"])
def test_an_encoded_body_is_refused_and_never_inflated(quick, encoding):
    answer = quick.client.post(
        "/xapi/statements",
        headers=quick.headers | {"Content-Type": "application/json", "Content-Encoding": encoding},
        environ_overrides={"wsgi.input": Untouched(), "CONTENT_LENGTH": "20"},
    )

    assert (answer.status_code, answer.json["path"]) == (400, "Content-Encoding")
