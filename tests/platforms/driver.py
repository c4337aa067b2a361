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

import requests

from tests.platforms import shell

ROOT = Path(__file__).resolve().parents[2]
OPENEDX = ROOT / ".venv-openedx" / "bin" / "python"
LEARNER, INSTRUCTOR = "7", "8"


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
