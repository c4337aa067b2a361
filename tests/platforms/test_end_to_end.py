"""One suite, every platform: what a launch, deep linking, a score and a roster are on each of them."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass

import pytest
from flask import Flask

from lti_tool import app as tool_app
from lti_tool import emit, keys, platforms
from storage import connect
from storage.port import Storage
from tests.lti_tool import builders
from tests.platforms import driver
from tests.platforms.browser import Browser
from tests.platforms.driver import INSTRUCTOR, LEARNER, Platform
from xapi_collector import keyring as keyrings

PLATFORMS = {"openlearning": driver.openlearning, "openedx": driver.openedx}
MARKS = {"openedx": [pytest.mark.openedx]}

pytestmark = [pytest.mark.processes]


@dataclass
class Place:
    """A platform and the tool beside it, over real HTTP."""

    platform: Platform
    app: Flask
    storage: Storage


def free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def beside(name: str, directory: object) -> Iterator[Place]:
    port = free_port()
    tool = f"http://127.0.0.1:{port}"
    with PLATFORMS[name](free_port(), tool) as platform:
        keyring = keyrings.create(directory / "keyring.json")
        keys.create(directory / "tool.pem")
        with closing(connect.connect(f"sqlite:///{directory / 'store'}", *tool_app.COLLECTIONS)) as storage:
            platforms.register(
                storage,
                platforms.Platform(
                    iss=platform.iss,
                    client_id=platform.client_id,
                    auth_url=platform.auth_url,
                    token_url=platform.token_url,
                    jwks_url=platform.jwks_url,
                    deployments=(platform.deployment,),
                    family=platform.family,
                ),
            )
            settings = builders.settings(directory, tool, networks="127.0.0.0/8")
            app = tool_app.create_app(settings, storage, keyring, emitter=emit.Emitter(lambda _: True))
            with builders.serving(app, port):
                yield Place(platform, app, storage)
            emit.stop(app.extensions["lti_tool"].emitter)


@pytest.fixture(scope="module", params=[pytest.param(name, marks=MARKS.get(name, [])) for name in PLATFORMS])
def place(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    with beside(request.param, tmp_path_factory.mktemp(request.param)) as running:
        yield running


def test_a_learner_comes_in(place: Place) -> None:
    answer = Browser().launch(place.platform.start(LEARNER, "1"))

    assert answer.status_code == 200, answer.text
    assert 'name="bearer"' in answer.text


def test_an_instructor_comes_in_and_is_told_that_nothing_is_recorded(place: Place) -> None:
    answer = Browser().launch(place.platform.start(INSTRUCTOR, "1"))

    assert answer.status_code == 200, answer.text
    assert 'class="note info"' in answer.text


def test_a_launch_works_once(place: Place) -> None:
    browser = Browser()
    form = browser.begin(place.platform.start(LEARNER, "1"))

    assert browser.submit(form).status_code == 200
    assert browser.submit(form).status_code == 400


def test_a_launch_belongs_to_the_browser_that_began(place: Place) -> None:
    form = Browser().begin(place.platform.start(LEARNER, "1"))

    assert Browser().submit(form).status_code == 400


def test_a_launch_answers_its_own_login(place: Place) -> None:
    browser = Browser()
    one, two = (dict(browser.begin(place.platform.start(LEARNER, "1")).fields) for _ in range(2))
    url = f"{place.app.extensions['lti_tool'].settings.url}/lti/launch"

    assert browser.post(url, [("state", one["state"]), ("id_token", two["id_token"])]).status_code == 400


def test_the_platform_takes_another_key_and_launches_go_on(place: Place) -> None:
    assert Browser().launch(place.platform.start(LEARNER, "1")).status_code == 200
    sets = place.app.extensions["lti_tool"].key_sets
    for entry in sets.entries.values():
        entry.tried = None  # the gap of 30 s between two fetches has passed
    place.platform.rotate()

    assert Browser().launch(place.platform.start(LEARNER, "1")).status_code == 200
