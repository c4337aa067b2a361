"""Builders of the collector's tests: valid statements, and a collector over a fresh store that speaks HTTP."""

import base64
import copy
import itertools
import uuid
from dataclasses import dataclass
from typing import Any

import orjson
from flask.testing import FlaskClient

from storage import connect
from storage.port import Storage
from xapi_collector import app, keyring, settings
from xapi_collector.door import auth

VERSION = "1.0.3"
_numbers = itertools.count(1)


def statement(**changes):
    """A valid statement with an id of its own and every part that is served; None takes a property away."""
    values = {
        "id": new_id(),
        "actor": {"objectType": "Agent", "account": {"homePage": "https://lms.example", "name": "1625378"}},
        "verb": {"id": "http://adlnet.gov/expapi/verbs/scored", "display": {"en-US": "scored"}},
        "object": {"objectType": "Activity", "id": "https://course.example/unit/1"},
        "result": {"score": {"scaled": 0.78, "raw": 78, "min": 0, "max": 100}, "success": True, "duration": "PT4M12S"},
        "context": {"contextActivities": {"grouping": [{"id": "https://course.example"}]}, "language": "zh-Hans"},
        "timestamp": "2026-11-23T08:30:00.123Z",
    }
    return {name: copy.deepcopy(value) for name, value in (values | changes).items() if value is not None}


def new_id():
    """A UUID never used before in this run."""
    return str(uuid.UUID(int=(4 << 76) | (2 << 62) | next(_numbers)))


def agent(name="1625378"):
    """The agent of an account."""
    return {"account": {"homePage": "https://lms.example", "name": name}}


@dataclass
class Lrs:
    """A collector and a client that knows its credential."""

    storage: Storage
    keys: keyring.Keyring
    client: FlaskClient
    headers: dict[str, str]

    def post(self, body: Any, **headers: str):
        """POST JSON, or bytes as they are."""
        data = body if isinstance(body, bytes) else orjson.dumps(body)
        all_headers = self.headers | {"Content-Type": "application/json"} | headers
        return self.client.post("/xapi/statements", data=data, headers=all_headers)

    def put(self, body: Any, statement_id: str | None = None):
        """PUT JSON, under the statement's own id if no other is given."""
        query = {"statementId": statement_id or body["id"]}
        return self.client.put("/xapi/statements", data=orjson.dumps(body), query_string=query, headers=self.headers
                               | {"Content-Type": "application/json"})  # fmt: skip

    def get(self, **parameters: Any):
        """GET with parameters; what is no text is sent as JSON."""
        query = {name: value if isinstance(value, str) else orjson.dumps(value) for name, value in parameters.items()}
        return self.client.get("/xapi/statements", query_string=query, headers=self.headers)

    def ids(self, **parameters: Any):
        """The ids that a query answers."""
        return [each["id"] for each in self.get(**parameters).json["statements"]]


def basic(key, secret):
    """A Basic Authorization header."""
    return {"Authorization": "Basic " + base64.b64encode(f"{key}:{secret}".encode()).decode()}


def make(address, directory, configured=None, **options):
    """A collector at a store's URL; `configured` are settings besides, `options` are for create_app."""
    storage = connect.connect(address, *settings.COLLECTIONS)
    path = directory / "keyring.json"
    keys = keyring.load(path) if path.exists() else keyring.create(path)
    key, secret = auth.create_credential(storage, keys, "tests")
    its = settings.Settings(address, str(path), "institution", "https://lrs.example/xapi/", **(configured or {}))
    flask = app.create_app(its, storage, keys, **options)
    return Lrs(storage, keys, flask.test_client(), {"X-Experience-API-Version": VERSION} | basic(key, secret))
