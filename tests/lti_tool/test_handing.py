"""Projects over HTTP for a learner: handing in, versions, withdrawing, reviewing others, what is said and to whom."""

from __future__ import annotations

import io
import re
from typing import Any

from werkzeug.test import TestResponse

from tests.lti_tool import builders
from tests.lti_tool.builders import Bench
from tests.lti_tool.test_learning import field, heading, post, sent

SHELF = {"catalog": "cbec", "activity": "project", "project": "operations.shelf"}


def came(bench: Bench, sub: str, **changes: Any) -> TestResponse:
    return builders.launched(bench, **{"sub": sub, "custom": SHELF, **changes})


def hand(bench: Bench, page: TestResponse, content: bytes = b"", **fields: str) -> TestResponse:
    data: dict[str, Any] = {"bearer": field(page, "bearer"), "act": "hand", **fields}
    if content:
        data["file"] = (io.BytesIO(content), "of-somebody.csv")
    return bench.client().post("/lti/project", data=data, content_type="multipart/form-data")


def test_a_link_opens_the_brief_and_what_is_handed_in_is_kept(bench: Bench) -> None:
    page = came(bench, "ada")
    done = hand(bench, page, text="We ship <b>two</b> boxes.\n\n- see https://shop.example/a\n- javascript:alert(1)")

    assert "How it is judged" in page.text
    assert "Handed in. Until the deadline" in done.text
    assert "&lt;b&gt;two&lt;/b&gt;" in done.text
    assert re.findall(r'<a href="([^"]*)" target', done.text) == ["https://shop.example/a"]
