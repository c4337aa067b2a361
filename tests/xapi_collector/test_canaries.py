"""Names planted in every place of every request: none of them is in the log or in a figure."""

import base64
import json
import logging

import orjson
import pytest

from tests.xapi_collector import lrs as builders
from tests.xapi_collector.lrs import basic, statement
from xapi_collector.watch import logs

CANARY = "canary"
_PERSON = {"name": "Canary Bird", "mbox": "mailto:canary@example.org"}
_METHODS = ("GET", "HEAD", "PUT", "POST", "DELETE", "PATCH", "OPTIONS", "CANARY")


class Overheard:
    """A collector, and all that it says while it answers."""

    def __init__(self, directory):
        self.lines = []
        self.lrs = builders.make(f"sqlite:///{directory}/store", directory, log=self.lines.append)

    def text(self, caplog):
        figures = self.lrs.client.get("/metrics", headers=self.lrs.headers).text
        return (b"".join(self.lines).decode() + caplog.text + figures).lower()


@pytest.fixture
def overheard(tmp_path, caplog):
    caplog.set_level(logging.DEBUG)
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    made = Overheard(tmp_path)
    logs.configure("institution", made.lines.append)
    yield made
    root.handlers[:] = handlers
    root.setLevel(level)
    made.lrs.storage.close()


def planted(headers):
    """A request's options with a canary in each place that a sender can write to."""
    agent = orjson.dumps(_PERSON).decode()
    query = {
        "agent": agent,
        "activityId": "https://canary.example",
        "stateId": CANARY,
        "profileId": CANARY,
        "x": CANARY,
    }
    bodies = [
        orjson.dumps(statement(actor=_PERSON, result={"response": CANARY})),
        orjson.dumps([statement(actor=_PERSON | {"canary": 1}, context={"canary": CANARY})]),
        b'{"canary": canary',
        orjson.dumps({"sensor": CANARY, "sendTime": CANARY, "dataVersion": CANARY, "data": [{"id": CANARY}]}),
    ]
    others = {
        "User-Agent": CANARY,
        "Referer": f"https://{CANARY}",
        "X-Request-Id": CANARY,
        "Origin": f"https://{CANARY}",
    }
    for body in bodies:
        for parameters in ({}, query, {"statementId": CANARY}, {"agent": agent}):
            yield {
                "data": body,
                "query_string": parameters,
                "headers": headers | others | {"Content-Type": "application/json"},
            }


def credentials(lrs):
    right = lrs.headers
    token = base64.b64encode(b'{"alg":"none"}').decode()
    return [
        right,
        right | basic(CANARY, CANARY),
        right | {"Authorization": f"Bearer {token}.{CANARY}."},
        right | {"Authorization": CANARY, "X-Experience-API-Version": CANARY},
        right | {"X-Experience-API-Version": "2.0.0"},
    ]


def paths(app):
    found = sorted({rule.rule.replace("<token>", CANARY) for rule in app.url_map.iter_rules()})
    return [*found, f"/xapi/{CANARY}", f"/xapi/statements/{CANARY}", f"/{CANARY}/%0a{CANARY}"]


def test_no_canary_is_in_the_log_or_in_a_figure_whatever_is_asked(overheard, caplog):
    asked = 0
    for path in paths(overheard.lrs.client.application):
        for method in _METHODS:
            for headers in credentials(overheard.lrs):
                for options in list(planted(headers))[asked % 4 :: 4]:
                    overheard.lrs.client.open(path, method=method, **options)
                    asked += 1

    assert asked > 1000
    assert len(overheard.lines) >= asked
    assert CANARY not in overheard.text(caplog)


def test_the_lines_of_requests_are_json_with_the_same_few_names(overheard):
    overheard.lrs.post(statement())
    overheard.lrs.post([statement(verb=None)])
    overheard.lrs.client.get("/xapi/nowhere")
    names = {name for line in overheard.lines for name in json.loads(line)}

    assert names == {
        "time", "level", "event", "route", "method", "status", "ms", "request", "credential", "institution",
        "stored", "refused", "rule",
    }  # fmt: skip


def test_a_store_that_fails_is_said_with_its_place_and_no_persons_name(overheard, caplog):
    overheard.lrs.storage.close()
    answer = overheard.lrs.client.post("/xapi/statements", json=statement(actor=_PERSON), headers=overheard.lrs.headers)
    errors = [line for line in map(json.loads, overheard.lines) if line["event"] != "request"]

    assert answer.status_code == 503
    assert errors
    assert errors[0]["level"] == "error"
    assert CANARY not in b"".join(overheard.lines).decode().lower()
