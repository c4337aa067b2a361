"""After a whole run of the real processes, nothing that names a person is in a file or a log of the institution."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
import requests

from entrepot import premises
from entrepot.sandbox import door
from entrepot.sandbox.platform import Platform
from lti_tool import platforms
from storage import connect
from tests.lti_tool import lms
from tests.platforms.browser import Browser, Form, forms

pytestmark = [pytest.mark.processes, pytest.mark.waits]

NAME, MAIL = "Zyxwvut Canary", "zyxwvut.canary@example.edu"


def free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def serving(directory: Path, environment: dict[str, str], ports: dict[str, int]) -> Iterator[None]:
    """The institution's collector and tool as processes of their own, until they are ended as an operator ends them."""
    running = []
    for part, port in ports.items():
        log = (directory / f"{part}.log").open("wb")
        command = [sys.executable, "-m", "entrepot.cli", part, "--port", str(port)]
        running.append(subprocess.Popen(command, env=os.environ | environment, stdout=log, stderr=log))
        log.close()
    try:
        for port in ports.values():
            until(partial(answers, f"http://127.0.0.1:{port}/health"))
        yield
    finally:
        for process in running:
            process.send_signal(signal.SIGTERM)
        for process in running:
            process.wait(20)


def answers(url: str) -> bool:
    try:
        return requests.get(url, timeout=2).status_code == 200
    except requests.RequestException:
        return False


def until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.1)


def planted(body: dict[str, Any]) -> dict[str, Any]:
    """Claims with a canary wherever a platform may name a person."""
    lis = {"person_sourcedid": f"{NAME} 7", "course_section_sourcedid": "section"}
    outcome = {"lis_result_sourcedid": f"{NAME} 8", "lis_outcome_service_url": "https://lms.example/outcome"}
    return {
        **body,
        "name": NAME,
        "given_name": NAME,
        "family_name": NAME,
        "email": MAIL,
        "picture": f"https://lms.example/{MAIL}.png",
        "https://purl.imsglobal.org/spec/lti/claim/lis": lis,
        "https://purl.imsglobal.org/spec/lti-bo/claim/basicoutcome": outcome,
        "https://purl.imsglobal.org/spec/lti/claim/ext": {"user_username": MAIL},
    }


def start(platform: Platform, tool: str, person: str, link: str | None) -> str:
    course = lms.course(platform)
    begun = door.begin(platform, course, course.members[person].person, course.links[link] if link else None)
    return f"{tool}/lti/login?{urlencode(begun)}"


def form_with(page: requests.Response, name: str) -> Form:
    assert page.status_code == 200, page.text
    return next(one for one in forms(page) if any(field == name for field, _ in one.fields))


def add_a_case(platform: Platform, tool: str) -> str:
    """As an instructor, with a grade; the id of the new link."""
    browser, before = Browser(), set(lms.course(platform).links)
    picker = form_with(browser.launch(start(platform, tool, lms.INSTRUCTOR, None)), "picking")
    checked = form_with(
        browser.post(picker.action, [*picker.fields, ("item", "case:cbec:eu_import"), ("step", "check")]), "picking"
    )
    sent = form_with(browser.post(checked.action, [*checked.fields, ("step", "add")]), "JWT")
    assert browser.submit(sent).status_code == 200
    (added,) = set(lms.course(platform).links) - before
    return added


def practise(platform: Platform, tool: str, link: str) -> None:
    """As a learner, to the end of the case."""
    browser = Browser()
    page = browser.launch(start(platform, tool, lms.LEARNER, link))
    while True:
        playing = form_with(page, "bearer")
        if ("act", "again") in playing.buttons:
            return
        page = browser.submit(playing, answer="1", **dict(playing.buttons[:1]))


def test_no_name_mail_session_key_or_token_is_in_a_file_or_a_log(tmp_path: Path) -> None:
    ports = {"collector": free_port(), "tool": free_port()}
    tool = f"http://127.0.0.1:{ports['tool']}"
    made = premises.establish(
        tmp_path / "institution", "demo", lti_url=tool, xapi_url=f"http://127.0.0.1:{ports['collector']}/xapi"
    )
    environment = {**made.environment, "ENTREPOT_LTI_NETWORKS": "127.0.0.0/8"}
    with lms.running("moodle", tool=tool, members=30) as platform:
        platform.claims_hook = planted
        with closing(connect.connect(environment["ENTREPOT_STORAGE"], *premises.COLLECTIONS)) as storage:
            platforms.register(storage, lms.record(platform))
        with serving(tmp_path / "institution", environment, ports):
            with closing(socket.create_connection(("127.0.0.1", ports["tool"]))) as slow:
                # A sender who never ends: the one worker answers the others all the same.
                slow.sendall(b"POST /lti/launch HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nstate=")
                link = add_a_case(platform, tool)
            practise(platform, tool, link)
            until(lambda: bool(platform.gradebook))
            show_names(platform, tool)
    kept = [path for path in (tmp_path / "institution").rglob("*") if path.is_file()]
    assert {"entrepot.db", "tool.log", "collector.log"} <= {path.name for path in kept}
    everything = {path.name: path.read_bytes() for path in kept}
    assert any(b"Module AAA" in body for body in everything.values()), "the course's title is kept, so it can be found"
    names = [member.person.name["en"] for member in lms.course(platform).members.values()]
    for canary in [NAME, MAIL, "sesskey", "eyJhbGciOiJSUzI1NiI", *names]:
        assert not [name for name, body in everything.items() if canary.encode() in body], canary


def show_names(platform: Platform, tool: str) -> None:
    """As an instructor, on the class page: the names are read from the platform and shown."""
    browser = Browser()
    launched = browser.launch(start(platform, tool, lms.INSTRUCTOR, "path"))
    opener = next(one for one in forms(launched) if one.action.endswith("/lti/class"))

    def shown() -> bool:
        page = browser.submit(opener, names="1")
        assert page.status_code == 200, page.text
        return lms.course(platform).members[lms.LEARNER].person.name["en"] in page.text

    until(shown)
