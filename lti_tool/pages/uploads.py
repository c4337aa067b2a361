"""Forms that carry a file: how large they may be, and that no byte of one touches a disk in the clear. Floor 3.

A web framework puts a large file of a form into a temporary file. What a learner hands in is kept sealed or not at all,
so it stays in memory until it is.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import IO

from flask import Flask, Request, request

from curriculum.exchange import package
from lti_tool import enclosures

ENDPOINTS: Mapping[str, int] = {
    "handing.go": enclosures.LARGEST,
    "kitting.sent": 5 * 1024 * 1024,
    "exchanging.sent": package.LIMITS.packed,
}
"""Routes whose form may carry files, and how many bytes of them."""
MANY = {"exchanging.settled": 4000}
"""Routes whose form may have more fields than others: a course of hundreds of units has some for each."""
BESIDES = 192 * 1024
"""Bytes of a form beside its file: its text, and the bearer."""


class InMemory(Request):
    """A request whose files stay in memory."""

    def _get_file_stream(self, *_: object, **__: object) -> IO[bytes]:
        return io.BytesIO()


def register(app: Flask) -> None:
    """Stand before whatever reads a form: only the routes that take a file take a large one."""
    app.request_class = InMemory

    @app.before_request
    def roomy() -> None:
        if request.endpoint is not None and request.endpoint in ENDPOINTS:
            request.max_content_length = ENDPOINTS[request.endpoint] + BESIDES
        if request.endpoint in MANY:
            request.max_form_parts = MANY[request.endpoint]


def content(name: str) -> bytes:
    """The bytes of the file of a form; empty where none was chosen."""
    sent = request.files.get(name)
    return b"" if sent is None else sent.read(enclosures.LARGEST + 1)
