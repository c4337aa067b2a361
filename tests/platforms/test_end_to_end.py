"""One suite, every platform: what a launch, deep linking, a score and a roster are on each of them."""

from __future__ import annotations

import re
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from functools import partial

import pytest
import requests
from flask import Flask, Response

from lti_tool import app as tool_app
from lti_tool import bearer, courses, emit, keys, platforms, resources, workers
from lti_tool.grades import outbox
from lti_tool.learner import Learner
from lti_tool.roster import members
from storage import connect
from storage.port import Storage
from tests.lti_tool import builders
from tests.platforms import driver
from tests.platforms.browser import Browser, Form, forms
from tests.platforms.driver import Platform
from xapi_collector import keyring as keyrings

PLATFORMS = {
    "spec": partial(driver.sandbox, "spec"),
    "moodle": partial(driver.sandbox, "moodle"),
    "canvas": partial(driver.sandbox, "canvas"),
    "openlearning": driver.openlearning,
    "openedx": driver.openedx,
}
BEARER = re.compile(r'name="bearer" value="([^"]+)"')
MARKS = {"openedx": [pytest.mark.openedx]}

pytestmark = [pytest.mark.processes, pytest.mark.waits]


@dataclass
class Place:
    """A platform and the tool beside it, over real HTTP."""

    platform: Platform
    app: Flask
    storage: Storage
    launched: list[Learner] = field(default_factory=list)


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
                place = Place(platform, app, storage)
                app.after_request(partial(note, place))
                yield place
            emit.stop(app.extensions["lti_tool"].emitter)


def note(place: Place, response: Response) -> Response:
    """Remember whom a page was made for, by the bearer in it."""
    tool = place.app.extensions["lti_tool"]
    found = BEARER.search(response.get_data(as_text=True)) if response.mimetype == "text/html" else None
    if found is not None:
        place.launched.append(bearer.read(found[1], tool.bearer_key, tool.now)[0])
    return response


@pytest.fixture(scope="module", params=[pytest.param(name, marks=MARKS.get(name, [])) for name in PLATFORMS])
def place(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    with beside(request.param, tmp_path_factory.mktemp(request.param)) as running:
        yield running


def test_a_learner_comes_in(place: Place) -> None:
    answer = Browser().launch(place.platform.start(place.platform.learner, place.platform.graded))

    assert answer.status_code == 200, answer.text
    assert 'name="bearer"' in answer.text


def test_an_instructor_comes_in_and_is_told_that_nothing_is_recorded(place: Place) -> None:
    answer = Browser().launch(place.platform.start(place.platform.instructor, place.platform.graded))

    assert answer.status_code == 200, answer.text
    assert 'class="note info"' in answer.text


def test_a_launch_works_once(place: Place) -> None:
    browser = Browser()
    form = browser.begin(place.platform.start(place.platform.learner, place.platform.graded))

    assert browser.submit(form).status_code == 200
    assert browser.submit(form).status_code == 400


def test_a_launch_belongs_to_the_browser_that_began(place: Place) -> None:
    form = Browser().begin(place.platform.start(place.platform.learner, place.platform.graded))

    assert Browser().submit(form).status_code == 400


def test_a_launch_answers_its_own_login(place: Place) -> None:
    browser = Browser()
    one, two = (
        dict(browser.begin(place.platform.start(place.platform.learner, place.platform.graded)).fields)
        for _ in range(2)
    )
    url = f"{place.app.extensions['lti_tool'].settings.url}/lti/launch"

    assert browser.post(url, [("state", one["state"]), ("id_token", two["id_token"])]).status_code == 400


def test_the_platform_takes_another_key_and_launches_go_on(place: Place) -> None:
    assert Browser().launch(place.platform.start(place.platform.learner, place.platform.graded)).status_code == 200
    sets = place.app.extensions["lti_tool"].key_sets
    for entry in sets.entries.values():
        entry.tried = None  # the gap of 30 s between two fetches has passed
    place.platform.rotate()

    assert Browser().launch(place.platform.start(place.platform.learner, place.platform.graded)).status_code == 200


def choose(place: Place, browser: Browser, *keys: str, grade: bool) -> None:
    """Add things to the course as an instructor does, as far as the platform's own page."""
    page = browser.launch(place.platform.start(place.platform.instructor, "picking"))
    assert page.status_code == 200, page.text
    form = picker(page)
    checked = browser.post(form.action, [*form.fields, ("step", "check"), *(("item", key) for key in keys)])
    assert checked.status_code == 200, checked.text
    form = picker(checked)
    grades = [(f"grade:{key}", "yes") for key in keys] if grade else []
    kept = [(name, value) for name, value in form.fields if not name.startswith("grade:")]
    sent = browser.post(form.action, [*kept, *grades, ("step", "add")])
    assert sent.status_code == 200, sent.text
    (answer,) = [one for one in forms(sent) if any(name == "JWT" for name, _ in one.fields)]
    assert browser.submit(answer).status_code == 200


def picker(page: requests.Response) -> Form:
    """The picker's form."""
    (form,) = [one for one in forms(page) if any(name == "picking" for name, _ in one.fields)]
    return form


def keys_of(place: Place, *wanted: dict[str, str]) -> list[str]:
    """The picker's keys of content with these parameters."""
    return [resources.id_of({"catalog": "cbec", **one}) for one in wanted]


@pytest.mark.parametrize(
    "wanted",
    [
        [{"activity": "path", "role": "marketing"}],
        [{"activity": "module", "module": "cus"}, {"activity": "module", "module": "log"}, {"activity": "class"}],
    ],
    ids=["one", "three"],
)
def test_an_instructor_adds_to_the_course_and_what_was_added_opens(place: Place, wanted: list[dict[str, str]]) -> None:
    before = set(place.platform.links())

    choose(place, Browser(), *keys_of(place, *wanted), grade=False)

    links = place.platform.links()
    added = [key for key in links if key not in before]
    assert [links[key]["custom"]["activity"] for key in added] == [one["activity"] for one in wanted]
    for key in added:
        assert Browser().launch(place.platform.start(place.platform.instructor, key)).status_code == 200


def test_a_score_reaches_the_gradebook_once(place: Place) -> None:
    before = len(place.platform.scores())
    assert Browser().launch(place.platform.start(place.platform.learner, place.platform.graded)).status_code == 200
    tool = place.app.extensions["lti_tool"]
    link = next(
        each
        for course in courses.every(place.storage)
        for each in courses.links(place.storage, course.course)
        if each.lineitem_url
    )
    person = next(one for one in place.launched if one.link == link.link and one.learns)
    queued = outbox.put(
        place.storage,
        tool.keyring,
        person,
        given=7,
        maximum=10,
        activity_progress="Completed",
        grading_progress="FullyGraded",
        now=time.time(),
    )
    assert queued

    running = workers.start(workers.jobs(tool, lambda: 0.5))
    try:
        until(lambda: len(place.platform.scores()) > before)
    finally:
        assert workers.stop(running)
    assert [(one["scoreGiven"], one["scoreMaximum"]) for one in place.platform.scores()[before:]] == [(7, 10)]


def test_the_roster_is_read_in_the_background_by_pseudonym(place: Place) -> None:
    assert Browser().launch(place.platform.start(place.platform.instructor, place.platform.graded)).status_code == 200
    (course,) = [one for one in courses.every(place.storage) if one.memberships_url]

    running = workers.start(workers.jobs(place.app.extensions["lti_tool"], lambda: 0.5))
    try:
        until(lambda: len(list(members.of_course(place.storage, course.course))) == place.platform.members)
    finally:
        assert workers.stop(running)
    assert any("instructor" in one.roles for one in members.of_course(place.storage, course.course))


def until(holds: Callable[[], bool]) -> None:
    """Wait for what the background does."""
    end = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.05)
