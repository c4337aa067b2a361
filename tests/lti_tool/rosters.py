"""A tool beside a sandbox LMS on real HTTP, a course that was launched from, and a reader of its roster."""

from __future__ import annotations

import html
import random
import re
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from entrepot.sandbox.platform import Platform
from lti_tool import app as tool_app
from lti_tool import courses, keys, learner, platforms
from lti_tool.courses import Course, Link
from lti_tool.emit import Emitter
from lti_tool.roster import members
from lti_tool.roster.members import Member
from lti_tool.roster.sync import Reader
from lti_tool.tool import Tool
from storage import connect
from storage.port import Row, Storage
from tests.lti_tool import builders, lms
from tests.storage import mongo_server
from xapi_collector import extract
from xapi_collector import keyring as keyrings

STORES = ("sqlite", *mongo_server.SERVERS)
BEARER = re.compile(r'name="bearer" value="([^"]+)"')


@dataclass
class Place:
    """One institution: its LMS, its tool, its store, and who reads rosters there."""

    platform: Platform
    app: Flask
    tool: Tool
    clock: builders.Clock
    reader: Reader
    directory: Path
    sent: list[dict[str, Any]] = field(default_factory=list)

    @property
    def storage(self) -> Storage:
        return self.tool.storage

    def browser(self) -> FlaskClient:
        return self.app.test_client()

    def course(self, id_: str = "course-1", **changes: Any) -> Course:
        """The tool's record of a course of the LMS, as a launch of today makes it; it is kept."""
        made = course_of(self.platform, id_, launched=int(self.clock() // 86_400), **changes)
        link = lms.course(self.platform, id_).links["path"]
        scope = (made.iss, made.client_id, made.deployment)
        kept = Link(learner.key(*scope, "link", link.resource_link), made.course, link.resource_link, opens={})
        courses.remember(self.storage, made, kept)
        return made

    def members(self, course: Course) -> dict[str, Member]:
        """What is kept, by pseudonym."""
        return {one.learner: one for one in members.of_course(self.storage, course.course)}

    def pseudonym(self, person: str) -> str:
        """Of a person of the LMS, as a launch makes it where events use the `sub`."""
        return members.pseudonym(self.tool.keyring, self.platform.base, lms.user(self.platform, person))

    def launch(self, person: str, link: str = "path", browser: FlaskClient | None = None) -> TestResponse:
        answer = lms.launch(self.platform, browser or self.browser(), person=person, link=link)
        assert answer.status_code == 200, answer.text
        return answer

    def post(self, page: TestResponse, path: str = "/lti/class", /, **fields: str) -> TestResponse:
        """A form of a page."""
        found = BEARER.search(page.text)
        assert found
        return self.browser().post(path, data={"bearer": html.unescape(found[1]), **fields})

    def state(
        self,
        person: str,
        verb: str,
        about: str | dict[str, Any],
        *,
        days_ago: float = 0,
        by: dict[str, Any] | None = None,
        **result: Any,
    ) -> None:
        """A statement of a person of the LMS, or of the group `by`, stored as the collector stores it."""
        agent = {"account": {"homePage": self.platform.base, "name": lms.user(self.platform, person)}}
        statement = {
            "id": str(uuid.uuid4()),
            "actor": {"objectType": "Group", **by} if by else {"objectType": "Agent", **agent},
            "verb": {"id": verb},
            "object": {"objectType": "Activity", "id": about} if isinstance(about, str) else about,
            "timestamp": datetime.fromtimestamp(self.clock() - 86_400 * days_ago, UTC).isoformat(),
            **({"result": result} if result else {}),
        }
        found = extract.extract(statement, self.tool.keyring.pseudonym_key)
        row = Row(uuid.UUID(statement["id"]).bytes, found.verb, "source", found.label, b"body", found.terms)
        self.storage.statements.append([row], lambda: int(time.time() * 1e6))


def course_of(platform: Platform, id_: str = "course-1", **changes: Any) -> Course:
    """The tool's record of a course of the LMS."""
    place, known = lms.course(platform, id_), lms.record(platform)
    services = f"{platform.base}/{place.institution}/lti/{place.context}"
    scope = (known.iss, known.client_id, known.deployments[0])
    values = {
        "course": learner.key(*scope, "context", place.context),
        "iss": known.iss,
        "client_id": known.client_id,
        "deployment": known.deployments[0],
        "context": place.context,
        "title": "Module AAA",
        "memberships_url": f"{services}/memberships",
        "groups_url": f"{services}/groups" if platform.profile(place.institution).groups else "",
    }
    return Course(**{**values, **changes})


def class_link(raw: dict[str, Any]) -> None:
    """Add a link that opens the class to the first course of an LMS's configuration."""
    links = raw["institutions"][0]["courses"][0]["links"]
    links.append({"id": "class", "title": "Class", "custom": {"activity": "class"}})


def practises(raw: dict[str, Any], **custom: str) -> None:
    """Have the first link of every course of an LMS's configuration open cross-border e-commerce."""
    for course in raw["institutions"][0]["courses"]:
        course["links"][0]["custom"] = {"catalog": "cbec", **custom}


def known_by_variable(raw: dict[str, Any]) -> None:
    """Have every link ask Canvas by which name its events know a person."""
    for course in raw["institutions"][0]["courses"]:
        for link in course["links"]:
            link["custom"] = {**link["custom"], "user": "$Canvas.user.globalId", "groups": "$Canvas.group.contextIds"}


@contextmanager
def place(
    directory: Path,
    key: keys.ToolKey,
    profile: str = "spec",
    *,
    store: str = "sqlite",
    members: int = 0,
    change: Callable[[dict[str, Any]], Any] | None = class_link,
    url: str = builders.TOOL,
) -> Iterator[Place]:
    """Start the LMS and a tool that knows it, over a fresh store."""
    address = (
        f"sqlite:///{directory / 'store'}"
        if store == "sqlite"
        else mongo_server.url(store, f"roster_{uuid.uuid4().hex[:12]}")
    )
    storage = connect.connect(address, *tool_app.COLLECTIONS)
    clock = builders.Clock()
    sent: list[dict[str, Any]] = []

    def send(statements: Any) -> bool:
        sent.extend(statements)
        return True

    try:
        app = tool_app.create_app(
            builders.settings(directory, url, networks="127.0.0.0/8"),
            storage,
            keyrings.create(directory / "keyring.json"),
            keys=keys.only(key),
            emitter=Emitter(send),
            now=clock,
        )
        tool: Tool = app.extensions["lti_tool"]
        with lms.running(
            profile, tool=url, members=members, key_set=lambda: {"keys": tool.keys.published}, change=change, now=clock
        ) as platform:
            platforms.register(storage, lms.record(platform))
            yield Place(platform, app, tool, clock, reader(tool), directory, sent)
    finally:
        storage.close()


def reader(tool: Tool, holder: str = "reader") -> Reader:
    return Reader(tool.storage, tool.keyring, tool.services, tool.now, random.Random(1).random, holder)
