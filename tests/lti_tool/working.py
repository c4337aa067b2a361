"""Learners with works, an instructor and reviewers, over HTTP: what tests of projects share."""

from __future__ import annotations

import os
import re
import struct
import zlib
from html import unescape
from typing import Any

from werkzeug.test import TestResponse

from entrepot.sandbox import tokens
from tests.lti_tool import builders
from tests.lti_tool.builders import INSTRUCTOR, Bench
from tests.lti_tool.test_learning import field

SHELF = {"catalog": "cbec", "activity": "project", "project": "operations.shelf"}
TEXT = "We take the freezer box, because its margin survives the winter."


AGS = {
    "lineitem": "https://platform.example/items/1",
    "scope": ["https://purl.imsglobal.org/spec/lti-ags/scope/score"],
}
"""What a launch says of a link that has a column in the gradebook."""


SOAK = os.environ.get("ENTREPOT_TEST_SOAK") == "1"


def some(*cases: Any) -> list[Any]:
    """The cases of a test that goes through the pages: the first alone where time is short, else all."""
    return list(cases if SOAK else cases[:1])


def came(bench: Bench, sub: str, *, ags: dict[str, Any] | None = None, **changes: Any) -> TestResponse:
    """The page of a learner who opened the link of the project; by default one that has a column in the gradebook."""
    browser = bench.client()
    begun = builders.begin(browser, bench.issuer.iss)
    body = builders.claims(bench.issuer.iss, begun.nonce, bench.clock(), **{"sub": sub, "custom": SHELF, **changes})
    body["https://purl.imsglobal.org/spec/lti-ags/claim/endpoint"] = AGS if ags is None else ags
    return builders.launch(browser, begun.state, tokens.sign(bench.issuer.signer, body))


def teaches(bench: Bench, **changes: Any) -> TestResponse:
    """The page of the instructor of the same course."""
    return came(bench, "teacher", **{"roles": [INSTRUCTOR], **changes})


def post(bench: Bench, route: str, page: TestResponse, **fields: Any) -> TestResponse:
    """A form of a page, from a browser that kept no cookie."""
    return bench.client().post(f"/lti/{route}", data={"bearer": field(page, "bearer"), **fields})


def hand(bench: Bench, page: TestResponse, content: bytes = b"", **fields: str) -> TestResponse:
    """Hand in, with a file where there is content."""
    sent = {"bearer": field(page, "bearer"), "act": "hand", **({"text": TEXT} | fields)}
    return posted(bench, "project", sent, content)


def posted(bench: Bench, route: str, fields: dict[str, str], content: bytes) -> TestResponse:
    """A form with a file, written out: the test client would put a large one into a temporary file."""
    parts = [
        f'--x\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n' for name, value in fields.items()
    ]
    head = '--x\r\nContent-Disposition: form-data; name="file"; filename="of-somebody.bin"\r\n\r\n' if content else ""
    body = ("".join(parts) + head).encode() + content + (b"\r\n" if content else b"") + b"--x--\r\n"
    return bench.client().post(f"/lti/{route}", data=body, content_type="multipart/form-data; boundary=x")


def judged(levels: str, words: str = "It says so on the first page.") -> dict[str, str]:
    """The fields of a rubric: a digit a criterion, and a sentence on each."""
    return {
        **{f"level-{place}": level for place, level in enumerate(levels)},
        **{f"words-{place}": words for place in range(len(levels))},
    }


def keys(page: TestResponse, name: str) -> list[str]:
    """The values of the buttons of this name."""
    return [unescape(one) for one in re.findall(rf'<button class="[^"]*" name="{name}" value="([^"]*)"', page.text)]


def png(*, wide: int = 2, high: int = 2, text: bytes = b"") -> bytes:
    """A grey picture, with a text in it where there is one."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    rows = b"".join(b"\x00" + b"\x80" * min(wide, 8) for _ in range(min(high, 8)))
    head = struct.pack(">IIBBBBB", wide, high, 8, 0, 0, 0, 0)
    return b"".join(
        (
            b"\x89PNG\r\n\x1a\n",
            chunk(b"IHDR", head),
            chunk(b"tEXt", b"Author\x00" + text) if text else b"",
            chunk(b"IDAT", zlib.compress(rows)),
            chunk(b"IEND", b""),
        )
    )


def pdf(inside: bytes = b"", *, end: bytes = b"%%EOF\n") -> bytes:
    """What begins and ends as a PDF does."""
    return b"%PDF-1.4\n1 0 obj << /Type /Catalog " + inside + b" >> endobj\ntrailer << >>\n" + end
