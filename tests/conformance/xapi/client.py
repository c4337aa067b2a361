"""A client that speaks one version of xAPI to a collector, and nothing but HTTP."""

import hashlib
import time
from dataclasses import dataclass
from typing import Any

import orjson

from tests.xapi_collector import lrs as builders

V1, V2 = "1.0.3", "2.0.0"
SIGNATURE = "http://adlnet.gov/expapi/attachments/signature"
VOIDED = {"id": "http://adlnet.gov/expapi/verbs/voided"}


@dataclass(frozen=True)
class Client:
    """Requests below /xapi with a credential and a version."""

    lrs: builders.Lrs
    version: str

    def send(self, method: str, path: str, body: Any = None, *, headers: dict | None = None, **parameters: Any):
        """Send a request; what is no text or bytes goes as JSON. A header of None is left out."""
        own = {"Authorization": self.lrs.headers["Authorization"], "X-Experience-API-Version": self.version}
        data = body if body is None or isinstance(body, bytes) else orjson.dumps(body)
        if data is not None:
            own["Content-Type"] = "application/json"
        query = {name: value if isinstance(value, str) else orjson.dumps(value) for name, value in parameters.items()}
        sent = {name: value for name, value in (own | (headers or {})).items() if value is not None}
        return self.lrs.client.open(f"/xapi{path}", method=method, data=data, query_string=query or None, headers=sent)

    def post(self, body: Any, **headers: str):
        """POST statements."""
        return self.send(
            "POST", "/statements", body, headers={name.replace("_", "-"): v for name, v in headers.items()}
        )

    def put(self, body: Any, **parameters: Any):
        """PUT a statement under its id."""
        return self.send("PUT", "/statements", body, **({"statementId": body["id"]} | parameters))

    def get(self, **parameters: Any):
        """GET statements."""
        return self.send("GET", "/statements", **parameters)

    def one(self, statement_id: str, **parameters: Any) -> dict:
        """The statement of an id."""
        return self.get(statementId=statement_id, **parameters).json

    def stored(self, *statements: dict) -> list[str]:
        """Store statements one after the other; answer their ids."""
        ids = []
        for each in statements:
            answer = self.post(each)
            assert answer.status_code == 200, answer.json
            ids.extend(answer.json)
        return ids

    def ids(self, **parameters: Any) -> list[str]:
        """The ids of all pages of a query."""
        page = self.get(**parameters).json
        found = [each["id"] for each in page["statements"]]
        while page["more"]:
            page = self.follow(page["more"]).json
            found += [each["id"] for each in page["statements"]]
        return found

    def follow(self, more: str):
        """GET the page behind a `more`."""
        return self.send("GET", more.removeprefix("/xapi"))


def statement(**changes: Any) -> dict:
    """A valid statement with names of its own, so that a query finds no other; None takes a property away."""
    number = builders.new_id()
    own = {
        "actor": {"objectType": "Agent", "account": {"homePage": "https://lms.example", "name": number}},
        "verb": {"id": f"https://verbs.example/{number}", "display": {"en": "did"}},
        "object": {"objectType": "Activity", "id": f"https://course.example/{number}"},
    }
    return builders.statement(**(own | changes))


def reference(statement_id: str) -> dict:
    """A StatementRef."""
    return {"objectType": "StatementRef", "id": statement_id}


def voiding(statement_id: str, **changes: Any) -> dict:
    """A statement that voids another."""
    return statement(**({"verb": VOIDED, "object": reference(statement_id)} | changes))


def attachment(content: bytes, **changes: Any) -> dict:
    """The description of an attachment whose data is sent along."""
    return {
        "usageType": "https://usage.example/essay",
        "display": {"en": "an essay"},
        "contentType": "text/plain",
        "length": len(content),
        "sha2": hashlib.sha256(content).hexdigest(),
    } | changes


def part(content: bytes, **headers: str | None) -> tuple[dict, bytes]:
    """A part of a multipart body with the data of an attachment; a header of None is left out."""
    own = {
        "Content-Type": "text/plain",
        "Content-Transfer-Encoding": "binary",
        "X-Experience-API-Hash": hashlib.sha256(content).hexdigest(),
    } | {name.replace("_", "-"): value for name, value in headers.items()}
    return {name: value for name, value in own.items() if value is not None}, content


def json_part(value: Any) -> tuple[dict, bytes]:
    """The first part of a multipart body."""
    return {"Content-Type": "application/json"}, orjson.dumps(value)


def multipart(*parts: tuple[dict, bytes], boundary: str = "edge-of-a-part") -> bytes:
    """A body of RFC 2046, 5.1."""
    body = b""
    for headers, content in parts:
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        body += f"--{boundary}\r\n{lines}\r\n".encode() + content + b"\r\n"
    return body + f"--{boundary}--\r\n".encode()


MIXED = {"Content-Type": "multipart/mixed; boundary=edge-of-a-part"}


def now() -> str:
    """The time in UTC with milliseconds, later than what was stored before it and earlier than what is stored after."""
    time.sleep(0.003)
    moment = time.time_ns() // 1_000_000
    time.sleep(0.003)
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(moment // 1000)) + f".{moment % 1000:03d}Z"
