"""The busiest route goes past Flask, and nobody can tell by its answers."""

import json

import pytest
from flask import Flask

from tests.xapi_collector.lrs import statement
from xapi_collector.door import answer, lane
from xapi_collector.door.answer import Answer


def call(application, method="GET", path="/a"):
    answers = []
    body = b"".join(application({"REQUEST_METHOD": method, "PATH_INFO": path}, lambda *args: answers.append(args)))
    (status, headers), *_ = answers
    return status, dict(headers), body


def elsewhere(environ, start_response):
    start_response("200 OK", [("X-By", "the application")])
    return [b"elsewhere"]


def test_other_paths_and_methods_are_the_applications():
    application = lane.wrap(elsewhere, "/a", lambda _: Answer(b"{}"))

    assert call(application, path="/b")[2] == b"elsewhere"
    assert call(application, "DELETE")[2] == b"elsewhere"
    assert call(application)[2] == b"{}"


def test_head_is_answered_as_get_without_the_body():
    application = lane.wrap(elsewhere, "/a", lambda _: Answer(b"1234", "text/plain", headers=[("X-One", "1")]))

    assert call(application, "HEAD") == (
        "200 OK",
        {"Content-Length": "4", "Content-Type": "text/plain", "X-One": "1"},
        b"",
    )


def test_an_answer_without_content_says_nothing_of_it():
    application = lane.wrap(elsewhere, "/a", lambda _: Answer(content_type="", status=204))

    assert call(application, "PUT") == ("204 No Content", {}, b"")


def test_a_fault_of_ours_is_logged_and_answered_without_its_text(caplog):
    application = lane.wrap(elsewhere, "/a", lambda _: 1 // 0)
    status, headers, body = call(application)

    assert status == "500 Internal Server Error"
    assert headers["Content-Type"] == "application/problem+json"
    assert json.loads(body)["status"] == 500
    assert b"ZeroDivision" not in body
    assert "ZeroDivisionError" in caplog.text


@pytest.mark.parametrize("case", ["one", "none", "bad", "many", "put"])
def test_flask_alone_would_answer_the_same(quick, case):
    """The route is declared to Flask as well (methods that it refuses, the description); both are one handler."""
    app: Flask = quick.client.application
    kept = statement()
    quick.post(kept)
    query = {"one": f"statementId={kept['id']}", "none": f"statementId={statement()['id']}", "bad": "x=1"}.get(case, "")
    asked = {"method": "PUT" if case == "put" else "GET", "headers": quick.headers}
    by_lane = quick.client.open(f"/xapi/statements?{query}", **asked)
    with app.test_request_context(f"/xapi/statements?{query}", **asked):
        by_flask = app.full_dispatch_request()

    assert (by_flask.status_code, by_flask.content_type, by_flask.get_data()) == (
        by_lane.status_code,
        by_lane.content_type,
        by_lane.data,
    )


def test_every_expected_error_has_an_answer():
    for kind in answer.EXPECTED:
        assert answer.of(kind("what"), {}).status >= 400
