"""The observer around an application: ids, lines, counts."""

import json

import pytest
from flask import Flask, Response, g

from xapi_collector.watch import observe
from xapi_collector.watch.metrics import Counters


class Watched:
    """A small application with the observer around it."""

    def __init__(self):
        self.lines, self.counters = [], Counters(None)
        self.app = Flask("watched", static_folder=None)
        self.app.add_url_rule("/one/<name>", "one", self._one, methods=["GET", "POST"])
        self.app.add_url_rule("/fail", "fail", self._fail)
        ticks = iter(range(1000))
        observe.install(
            self.app,
            self.counters,
            self.lines.append,
            institution="scotland",
            clock=lambda: 0,
            timer=lambda: next(ticks) / 4,
            random=bytes,
        )
        self.client = self.app.test_client()

    def _one(self, name):
        g.credential = type("Credential", (), {"key": "k1"})()
        g.stored, g.refused = 3, "Conflict"
        return Response(b"x")

    def _fail(self):
        raise RuntimeError("canary")

    @property
    def last(self):
        return json.loads(self.lines[-1])


@pytest.fixture
def watched():
    return Watched()


def test_a_request_is_a_line_of_its_template_and_never_of_its_path(watched):
    answer = watched.client.post("/one/canary?canary=1", data=b"canary", headers={"X-Canary": "canary"})

    assert watched.last == {
        "time": "1970-01-01T00:00:00.000000Z",
        "level": "info",
        "event": "request",
        "route": "/one/<name>",
        "method": "POST",
        "credential": "k1",
        "stored": 3,
        "refused": "Conflict",
        "status": 200,
        "ms": 250.0,
        "request": answer.headers["X-Request-Id"],
        "institution": "scotland",
    }


def test_a_request_is_counted_with_what_was_stored_and_refused(watched):
    watched.client.get("/one/a")
    totals = watched.counters.totals()

    assert totals["request", "/one/<name>", "GET", "200"][7] == 1
    assert totals["statements",][0] == 3
    assert totals["refused", "Conflict"][0] == 1


@pytest.mark.parametrize("method", ["GET", "CANARY", "HEAD", "canary@example.org"])
def test_an_unknown_address_or_method_has_no_label_of_the_senders(watched, method):
    watched.client.open("/canary", method=method)

    assert watched.last["route"] == "none"
    assert watched.last["level"] == "warning"
    assert "canary" not in watched.lines[-1].decode().lower()
    assert "canary" not in str(watched.counters.totals()).lower()


def test_an_error_that_nobody_expected_is_a_line_and_a_count(watched):
    answer = watched.client.get("/fail")

    assert answer.status_code == 500
    assert (watched.last["status"], watched.last["level"], watched.last["route"]) == (500, "error", "/fail")


def test_an_error_that_leaves_the_application_is_a_line_too(watched):
    watched.app.testing = True
    with pytest.raises(RuntimeError):
        watched.client.get("/fail")

    assert watched.last["status"] == 500


@pytest.mark.parametrize("token", ["0123456789abcdef", "11111111-2222-4333-8444-555555555555"])
def test_the_senders_request_id_is_kept_if_it_can_spell_no_name(watched, token):
    answer = watched.client.get("/one/a", headers={"X-Request-Id": token})

    assert answer.headers["X-Request-Id"] == watched.last["request"] == token


@pytest.mark.parametrize("token", ["", "canary", "canary@example.org", "ab" * 40, "1234567", "12345678\x0b"])
def test_any_other_request_id_is_replaced(watched, token):
    first = watched.client.get("/one/a", headers={"X-Request-Id": token}).headers["X-Request-Id"]
    second = watched.client.get("/one/a").headers["X-Request-Id"]

    assert (first, second) == ("000000000000-00000001", "000000000000-00000002")
