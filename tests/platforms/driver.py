"""The platforms of the end-to-end tests, each behind the same few verbs."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import requests

from entrepot.sandbox import door
from tests.lti_tool import lms
from tests.platforms import shell

ROOT = Path(__file__).resolve().parents[2]
OPENEDX = ROOT / ".venv-openedx" / "bin" / "python"


@dataclass(frozen=True)
class Platform:
    """A running platform with one course.

    Attributes:
        iss: Its issuer.
        client_id: The tool's client id there.
        deployment: The tool's deployment there.
        auth_url: Where logins are sent.
        token_url: Where service tokens are had.
        jwks_url: Where its keys are.
        family: What the tool takes it for.
        learner: Somebody who learns in the course, as `start` takes them.
        instructor: Somebody who teaches it.
        graded: A link with a line item.
        start: The address at which this person opens this link; "picking" adds to the course.
        links: The links of the course by their ids, each with `custom` and, if it is graded, `lineitem`.
        scores: Every score that it took, as sent.
        members: How many people are in the course.
        rotate: Take another signing key.
    """

    iss: str
    client_id: str
    deployment: str
    auth_url: str
    token_url: str
    jwks_url: str
    family: str
    learner: str
    instructor: str
    graded: str
    start: Callable[[str, str], str]
    links: Callable[[], dict[str, dict[str, Any]]]
    scores: Callable[[], list[dict[str, Any]]]
    members: int
    rotate: Callable[[], object]


@contextmanager
def library(module: str, python: str, port: int, tool: str) -> Iterator[Platform]:
    """A course around a foreign library, in a process of its own."""
    base = f"http://127.0.0.1:{port}"
    process = subprocess.Popen(
        [python, "-m", f"tests.platforms.{module}", str(port), tool],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        _await(base, process)
        yield Platform(
            iss=base,
            client_id=shell.CLIENT,
            deployment=shell.DEPLOYMENT,
            auth_url=f"{base}/auth",
            token_url=f"{base}/token",
            jwks_url=f"{base}/jwks",
            family="spec",
            learner="7",
            instructor="8",
            graded="1",
            start=lambda person, link: f"{base}/start/{person}/{link}",
            links=lambda: _seen(base)["links"],
            scores=lambda: _seen(base)["scores"],
            members=len(shell.PERSONS),
            rotate=lambda: requests.post(f"{base}/rotate", timeout=10),
        )
    finally:
        process.terminate()
        process.wait()
        if process.stdout is not None:
            process.stdout.close()


@contextmanager
def sandbox(profile: str, port: int, tool: str) -> Iterator[Platform]:
    """The sandbox LMS in one of its profiles."""
    del port  # it takes a free one
    with lms.running(profile, tool=tool) as running:
        record = lms.record(running)
        course = lms.course(running)

        def start(person: str, link: str) -> str:
            opened = None if link == "picking" else course.links[link]
            sent = door.begin(running, course, course.members[person].person, opened)
            sent.pop("lti_storage_target", None)  # this browser keeps cookies and runs no script
            return f"{tool}/lti/login?{urlencode(sent)}"

        def links() -> dict[str, dict[str, Any]]:
            return {key: {"title": link.title["en"], "custom": link.custom} for key, link in course.links.items()}

        def scores() -> list[dict[str, Any]]:
            taken = [one for each in running.gradebook.values() for one in each]
            return [{"scoreGiven": one.given, "scoreMaximum": one.maximum} for one in taken]

        yield Platform(
            iss=record.iss,
            client_id=record.client_id,
            deployment=record.deployments[0],
            auth_url=record.auth_url,
            token_url=record.token_url,
            jwks_url=record.jwks_url,
            family=profile,
            learner=lms.LEARNER,
            instructor=lms.INSTRUCTOR,
            graded="graded",
            start=start,
            links=links,
            scores=scores,
            members=len(course.members),
            rotate=lambda: running.ring.rotate(keep=False),
        )


def openlearning(port: int, tool: str) -> Any:
    """lti1p3platform, in the environment of the tests."""
    return library("openlearning", sys.executable, port, tool)


def openedx(port: int, tool: str) -> Any:
    """lti-consumer-xblock, in its own environment."""
    assert OPENEDX.exists(), "the platform of Open edX is not installed: run `make platforms`"
    return library("openedx", str(OPENEDX), port, tool)


def _seen(base: str) -> Any:
    return requests.get(f"{base}/seen", timeout=10).json()


def _await(base: str, process: subprocess.Popen[str]) -> None:
    until = time.monotonic() + 60
    while True:
        assert process.poll() is None, "the platform ended"
        assert time.monotonic() < until, "the platform does not answer"
        try:
            requests.get(f"{base}/jwks", timeout=5)
        except requests.RequestException:
            time.sleep(0.1)
        else:
            return
