"""A sandbox LMS on real HTTP for tests of the tool, in one of three profiles, with all of its state in reach.

    with lms.running("moodle", tool="http://127.0.0.1:9001", members=2000) as platform:
        platforms.register(storage, lms.record(platform))        # the tool knows it
        answer = lms.launch(platform, browser, person=lms.INSTRUCTOR, link="graded")
        course = lms.course(platform)                             # course.context, .links, .items, .members
        platform.fail("scores", "503", times=2, retry_after=1)    # see entrepot/sandbox/faults.py for all kinds
        platform.fail("scores", "drop", after=True)               # stored, and the answer lost
        platform.faults.draw("scores", {Fault("429", retry_after="1"): 0.1}, seed=7)
        platform.gradebook[user, line_item_url]                   # the scores taken, in order
        platform.grades, platform.repeats, platform.attempts, platform.refused, platform.counts["scores", 200]
        platform.ring.rotate(keep=True)                           # a new signing key
        platform.skew = 90                                        # its clock is ahead
        platform.enrol(course, Person(...)); platform.leave(course, "11391"); platform.copy(course)

`key_set` gives the tool's keys without asking a server for them; otherwise they are fetched from `{tool}/lti/jwks`.
"""

from __future__ import annotations

import functools
import html
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import requests
from flask.testing import FlaskClient
from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.test import TestResponse

from entrepot.sandbox import app as sandbox_app
from entrepot.sandbox import config as configuration
from entrepot.sandbox import door, registering, tokens
from entrepot.sandbox import platform as platforms_
from entrepot.sandbox.platform import Course, Platform
from entrepot.sandbox.tokens import Signer
from lti_tool import platforms

TOOL = "http://127.0.0.1:9001"
PLACE = "scotland"
DEPLOYMENTS = {"spec": "1", "moodle": "1", "canvas": "9:8865aa05b4b79b64a91a86042e43af5ea8ae79eb"}
LEARNER, LEARNER_2 = "11391", "28400"
INSTRUCTOR, ASSISTANT, DEVELOPER, MENTOR, OBSERVER, ADMINISTRATOR = (str(20001 + number) for number in range(6))
_ROLES = ("instructor", "assistant", "developer", "mentor", "observer", "administrator")


def document(
    issuer: str, tool: str = TOOL, profile: str = "spec", *, client_id: str = "client-a", members: int = 0
) -> dict[str, Any]:
    """A configuration: two courses, everybody in both; `course-1` has the links "path" and "graded" (a line item)."""
    people = [{"id": one, "name": f"Learner {one}"} for one in (LEARNER, LEARNER_2)]
    people += [{"id": str(20001 + n), "name": f"Somebody {role}", "role": role} for n, role in enumerate(_ROLES)]
    path = {"id": "path", "title": "Your path", "custom": {"catalog": "oulad", "role": "AAA"}}
    graded = {
        "id": "graded",
        "title": "Exam",
        "custom": {"catalog": "cbec"},
        "line_item": {"label": "Exam", "maximum": 100, "resource_id": "exam", "tag": "grade"},
    }
    groups = [
        {"id": "501", "name": "Group A", "members": [LEARNER]},
        {"id": "502", "name": "Group B", "members": [LEARNER_2]},
    ]
    return {
        "issuer": issuer,
        "institutions": [
            {
                "id": PLACE,
                "name": "Scotland",
                "profile": profile,
                "tool": {
                    "login_url": f"{tool}/lti/login",
                    "launch_url": f"{tool}/lti/launch",
                    "jwks_url": f"{tool}/lti/jwks",
                    "client_id": client_id,
                    "deployment_id": DEPLOYMENTS[profile],
                    "name": "Entrepôt",
                },
                "courses": [
                    {
                        "id": "course-1",
                        "title": "Module AAA",
                        "links": [path, graded],
                        "learners": people,
                        "groups": groups,
                        "members": members,
                    },
                    {"id": "course-2", "title": "Module BBB", "links": [path], "learners": people},
                ],
            }
        ],
    }


@functools.cache
def signer(kid: str = "sandbox-1") -> Signer:
    """A key, made once a process."""
    return tokens.new_signer(kid)


@contextmanager
def running(
    profile: str = "spec",
    *,
    tool: str = TOOL,
    client_id: str = "client-a",
    members: int = 0,
    key_set: Callable[[], Any] | None = None,
    now: Callable[[], float] = time.time,
    change: Callable[[dict[str, Any]], Any] | None = None,
    tls: Any = None,
    host: str = "127.0.0.1",
) -> Iterator[Platform]:
    """Serve a sandbox LMS in threads, until the end of the block.

    Args:
        profile: "spec", "moodle" or "canvas".
        tool: Where the tool answers.
        client_id: Of the tool.
        members: Learners of course-1 besides the named ones.
        key_set: The tool's key set, where no tool is served.
        now: Its clock.
        change: Changes the configuration (`document`) before it is read.
        tls: A certificate (`tests.walks.campus.Tls`) to serve https with.
        host: Its name in addresses.
    """
    named: list[Any] = []
    context = None if tls is None else (str(tls.certificate), str(tls.key))
    server = make_server(
        "127.0.0.1",
        0,
        lambda environ, start: named[0](environ, start),  # noqa: PLW0108 - named once its address is known
        threaded=True,
        ssl_context=context,
        request_handler=_Quiet,
    )
    base = f"{'http' if tls is None else 'https'}://{host}:{server.server_port}"
    raw = document(base, tool, profile, client_id=client_id, members=members)
    if change is not None:
        change(raw)
    fetch = platforms_.fetch_json if key_set is None else lambda _url: key_set()
    platform = Platform(configuration.parse(raw), signer(), now=now, fetch=fetch)
    named.append(sandbox_app.serve(platform))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield platform
    finally:
        platform.close()
        server.shutdown()
        thread.join()
        server.server_close()


def record(platform: Platform, **changes: Any) -> platforms.Platform:
    """How the tool has this platform registered."""
    institution = platform.config.institutions[0]
    assert institution.tool is not None
    values: dict[str, Any] = {
        "iss": platform.base,
        "client_id": institution.tool.client_id,
        "auth_url": f"{platform.sso}/auth",
        "token_url": f"{platform.base}/token",
        "jwks_url": f"{platform.base}/jwks",
        "deployments": (institution.tool.deployment_id,),
        "family": institution.profile,
    }
    return platforms.Platform(**{**values, **changes})


def course(platform: Platform, id_: str = "course-1", institution: str = PLACE) -> Course:
    """A course, by the id in the configuration."""
    return platform.courses[institution, id_]


def user(platform: Platform, person: str = LEARNER, institution: str = PLACE) -> str:
    """The `sub` (and `userId`) of somebody of the configuration."""
    return platform.user(institution, course(platform, institution=institution).members[person].person)


def line_item(platform: Platform, link: str = "graded", course_: Course | None = None) -> str:
    """The address of the line item of a link."""
    from entrepot.sandbox import claims

    place = course_ or course(platform)
    return claims.lineitem_url(platform, place, place.links[link].item, place.links[link].client_id)


def launch(
    platform: Platform,
    browser: FlaskClient,
    *,
    person: str = LEARNER,
    link: str | None = "path",
    course_: Course | None = None,
    language: str = "en",
) -> TestResponse:
    """Launch a link (None: deep linking) as somebody: login initiation, authorisation over HTTP, post to the tool."""
    place = course_ or course(platform)
    begun = door.begin(
        platform, place, place.members[person].person, place.links[link] if link else None, language=language
    )
    answer = browser.post("/lti/login", data=begun, headers={"Sec-Fetch-Dest": "document"})
    assert answer.status_code == 302, answer.text
    shown = requests.get(answer.headers["Location"], timeout=10)
    fields = {name: html.unescape(value) for name, value in FIELD.findall(shown.text)}
    assert fields, shown.text
    return browser.post("/lti/launch", data=fields)


class _Quiet(WSGIRequestHandler):
    def log(self, *_: Any, **__: Any) -> None:
        """Say nothing: a request may hold what nobody should read."""


FIELD = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)">')


def deliver(platform: Platform, page: str | TestResponse) -> requests.Response:
    """Post what a deep linking answer page of the tool holds (the hidden field `JWT`) to the platform."""
    text = page if isinstance(page, str) else page.text
    fields = {name: html.unescape(value) for name, value in FIELD.findall(text)}
    return requests.post(f"{platform.base}/deep-linking", data={"JWT": fields.get("JWT", text)}, timeout=10)


def invitation(platform: Platform, url: str, institution: str = PLACE) -> str:
    """The tool's registration address as a platform opens it: with openid_configuration and registration_token."""
    return registering.invite(platform, institution, url)
