"""A course around a foreign platform library: pages, line items, scores and members over HTTP, by Python alone.

The library under test signs, issues tokens, and checks what the tool sends; this file is what every LMS has around it.
It runs in the library's own environment and imports nothing of the project.

    GET  /start/PERSON/LINK   the login initiation of a link; LINK "picking" asks for deep linking
    *    /auth                the authorisation endpoint: a page that posts the launch to the tool
    GET  /jwks                the platform's keys
    POST /token               service tokens
    POST /picked              where deep linking returns to
    *    /ags/...  /members   the services
    GET  /seen                what the platform has: links, line items, scores
    POST /rotate              another signing key
"""

from __future__ import annotations

import html
import json
import sys
import threading
import traceback
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Protocol
from urllib.parse import parse_qsl, urlencode, urlsplit

AGS = "https://purl.imsglobal.org/spec/lti-ags/scope/"
NRPS = "https://purl.imsglobal.org/spec/lti-nrps/scope/contextmembership.readonly"
MEMBERSHIP = "http://purl.imsglobal.org/vocab/lis/v2/membership#"
PERSONS = {"7": "Learner", "8": "Instructor", "9": "Learner"}
COURSE = {"id": "course-1", "title": "Cross-border e-commerce"}
CLIENT, DEPLOYMENT = "client-1", "deployment-1"


Reply = tuple[int, Any, str, dict[str, str]]
"""Status, what to say (a text as it is, anything else as JSON), its media type, further headers."""


class Library(Protocol):
    """What is asked of the library under test."""

    def login(self, person: str, link: str) -> str:
        """The address of the login initiation."""
        ...

    def launch(self, sent: dict[str, str], link: dict[str, Any] | None) -> dict[str, str]:
        """The fields of the launch that answers an authorisation request; no link means deep linking."""
        ...

    def jwks(self) -> dict[str, Any]:
        """The key set."""
        ...

    def token(self, sent: dict[str, str]) -> dict[str, Any]:
        """A service token; raises if the assertion does not hold."""
        ...

    def admits(self, token: str, scopes: list[str]) -> bool:
        """Whether a token opens a service."""
        ...

    def items(self, jwt: str) -> list[dict[str, Any]]:
        """The content items of a deep linking response; raises if it does not hold."""
        ...

    def rotate(self) -> None:
        """Take another signing key."""
        ...


class Refused(Exception):
    """An answer that is not 200."""

    def __init__(self, status: int, text: str = "") -> None:
        super().__init__(text)
        self.status = status


class Course:
    """The state of the one course."""

    def __init__(self, base: str, tool: str) -> None:
        self.base, self.tool = base, tool
        self.lock = threading.Lock()
        self.links: dict[str, dict[str, Any]] = {}
        self.line_items: dict[str, dict[str, Any]] = {}
        self.scores: list[dict[str, Any]] = []
        self.add(
            {
                "title": "Your path",
                "custom": {"catalog": "cbec", "role": "operations"},
                "lineItem": {"scoreMaximum": 100},
            }
        )

    def add(self, item: dict[str, Any]) -> None:
        """A link of a content item, with its line item if it wants one."""
        with self.lock:
            key = str(len(self.links) + 1)
            link = {
                "id": key,
                "title": item.get("title", ""),
                "url": item.get("url") or f"{self.tool}/lti/launch",
                "custom": item.get("custom", {}),
                "item": item,
            }
            if "lineItem" in item:
                entry = {"label": link["title"], **item["lineItem"], "resourceLinkId": key}
                link["lineitem"] = self._line_item(entry)["id"]
            self.links[key] = link

    def _line_item(self, entry: dict[str, Any]) -> dict[str, Any]:
        key = str(len(self.line_items) + 1)
        made = {**entry, "id": f"{self.base}/ags/lineitems/{key}"}
        self.line_items[key] = made
        return made

    def services(self, method: str, path: str, query: dict[str, str], body: bytes) -> Reply:
        """Assignment and Grade Services 2.0: status, JSON, media type, further headers."""
        parts = path.removeprefix("/ags/lineitems").strip("/").split("/")
        with self.lock:
            if parts == [""]:
                return self._collection(method, query, body)
            item = self.line_items.get(parts[0])
            if item is None:
                raise Refused(404)
            if parts[1:] == ["scores"] and method == "POST":
                score = json.loads(body)
                former = [one["timestamp"] for one in self.scores if self._same(one, parts[0], score)]
                if former and score["timestamp"] <= max(former):
                    raise Refused(409)
                self.scores.append({**score, "lineitem": parts[0]})
                return 200, {}, "application/json", {}
            if parts[1:] == ["results"]:
                return 200, [], "application/vnd.ims.lis.v2.resultcontainer+json", {}
            if method == "PUT":
                self.line_items[parts[0]] = item = {**json.loads(body), "id": item["id"]}
            if method == "DELETE":
                del self.line_items[parts[0]]
                return 204, None, "", {}
            return 200, item, "application/vnd.ims.lis.v2.lineitem+json", {}

    @staticmethod
    def _same(one: dict[str, Any], line_item: str, score: dict[str, Any]) -> bool:
        return bool(one["lineitem"] == line_item and one["userId"] == score["userId"])

    def _collection(self, method: str, query: dict[str, str], body: bytes) -> Reply:
        if method == "POST":
            return 201, self._line_item(json.loads(body)), "application/vnd.ims.lis.v2.lineitem+json", {}
        names = {"resource_link_id": "resourceLinkId", "resource_id": "resourceId", "tag": "tag"}
        asked = {names[name]: value for name, value in query.items() if name in names}
        found = [
            one
            for one in self.line_items.values()
            if all(str(one.get(name, "")) == value for name, value in asked.items())
        ]
        return 200, *self._page(found, query, "/ags/lineitems", "application/vnd.ims.lis.v2.lineitemcontainer+json")

    def members(self, query: dict[str, str]) -> Reply:
        """Names and Role Provisioning Services 2.0."""
        everybody = [
            {"status": "Active", "user_id": id_, "name": f"Person {id_}", "roles": [MEMBERSHIP + role]}
            for id_, role in PERSONS.items()
        ]
        page, media, headers = self._page(
            everybody, query, "/members", "application/vnd.ims.lti-nrps.v2.membershipcontainer+json"
        )
        return 200, {"id": f"{self.base}/members", "context": COURSE, "members": page}, media, headers

    def _page(
        self, found: list[Any], query: dict[str, str], path: str, media: str
    ) -> tuple[list[Any], str, dict[str, str]]:
        """Two at most a page, whatever is asked: every caller has to follow the links."""
        first = int(query.get("from", "0"))
        limit = min(int(query.get("limit", "2")), 2)
        rest = {**query, "from": str(first + limit)}
        more = {"Link": f'<{self.base}{path}?{urlencode(rest)}>; rel="next"'} if first + limit < len(found) else {}
        return found[first : first + limit], media, more


class Handler(BaseHTTPRequestHandler):
    """One request."""

    course: Course
    library: Library
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Any method is routed the same way."""
        parts = urlsplit(self.path)
        query = dict(parse_qsl(parts.query))
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        try:
            status, content, media, headers = self._route(self.command, parts.path, query, body)
        except Refused as refused:
            status, content, media, headers = refused.status, {"error": str(refused)}, "application/json", {}
        except Exception as error:  # noqa: BLE001  # whatever the library raises is its refusal
            traceback.print_exc(file=sys.stderr)
            status, content, media, headers = 400, {"error": type(error).__name__}, "application/json", {}
        text = content if isinstance(content, str) else "" if content is None else json.dumps(content)
        self.send_response(status)
        for name, value in {"Content-Type": media, "Content-Length": str(len(text.encode())), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(text.encode())

    def _route(self, method: str, path: str, query: dict[str, str], body: bytes) -> Reply:
        if path == "/members" or path.startswith("/ags/"):
            self._admit(method, path)
            if path == "/members":
                return self.course.members(query)
            return self.course.services(method, path, query, body)
        sent = query | dict(parse_qsl(body.decode()))
        first, *rest = path.strip("/").split("/")
        verb = {
            "start": self._start,
            "auth": self._posting,
            "jwks": self._jwks,
            "token": self._token,
            "picked": self._picked,
            "seen": self._seen,
            "rotate": self._rotate,
        }.get(first)
        if verb is None:
            raise Refused(404)
        return verb(sent, *rest)

    def _start(self, _sent: dict[str, str], person: str, link: str) -> Reply:
        return 302, "", "text/plain", {"Location": self.library.login(person, link)}

    def _jwks(self, _sent: dict[str, str]) -> Reply:
        return 200, self.library.jwks(), "application/json", {}

    def _token(self, sent: dict[str, str]) -> Reply:
        return 200, self.library.token(sent), "application/json", {}

    def _picked(self, sent: dict[str, str]) -> Reply:
        for item in self.library.items(sent["JWT"]):
            self.course.add(item)
        return 200, "picked", "text/html", {}

    def _seen(self, _sent: dict[str, str]) -> Reply:
        course = self.course
        found = {"links": course.links, "line_items": course.line_items, "scores": course.scores}
        return 200, found, "application/json", {}

    def _rotate(self, _sent: dict[str, str]) -> Reply:
        self.library.rotate()
        return 200, {}, "application/json", {}

    def _admit(self, method: str, path: str) -> None:
        if path == "/members":
            scopes = [NRPS]
        elif path.endswith("/scores"):
            scopes = [AGS + "score"]
        elif path.endswith("/results"):
            scopes = [AGS + "result.readonly"]
        elif method == "GET":
            scopes = [AGS + "lineitem", AGS + "lineitem.readonly"]
        else:
            scopes = [AGS + "lineitem"]
        kind, _, token = self.headers.get("Authorization", "").partition(" ")
        if kind.lower() != "bearer" or not self.library.admits(token, scopes):
            raise Refused(401, "token")

    def _posting(self, sent: dict[str, str]) -> Reply:
        link = self.course.links.get(sent["lti_message_hint"].rpartition(":")[2])
        fields = self.library.launch(sent, link)
        inputs = "".join(
            f'<input type="hidden" name="{name}" value="{html.escape(value)}">' for name, value in fields.items()
        )
        action = html.escape(sent["redirect_uri"])
        return 200, f'<form method="post" action="{action}">{inputs}<button>Go</button></form>', "text/html", {}

    def log_message(self, *_: object) -> None:
        """Say nothing."""


for _method in ("POST", "PUT", "DELETE"):
    setattr(Handler, f"do_{_method}", Handler.do_GET)


def serve(make: type, port: int, tool: str) -> None:
    """Serve a course around a library until the process ends; the library is made of (course)."""
    course = Course(f"http://127.0.0.1:{port}", tool)
    handler = type("Bound", (Handler,), {"course": course, "library": make(course)})
    server = ThreadingHTTPServer(("127.0.0.1", port), handler)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    server.serve_forever()
