"""A platform's services lie where its registration or a launch from it says, and nowhere else."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from lti_tool import app, courses, hosts
from lti_tool.courses import Course, Link
from storage import connect
from storage.port import Storage
from tests.lti_tool import builders
from tests.storage import stores

ISS = "https://canvas.example"


@pytest.fixture
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Storage]:
    kind = getattr(request, "param", "sqlite")
    opened = connect.connect(stores.url(kind, tmp_path / "store"), *app.COLLECTIONS)
    yield opened
    opened.close()


def test_the_origins_of_a_registration_are_the_platform_s(storage: Storage) -> None:
    platform = builders.registered(
        ISS, auth_url="https://sso.example:8443/auth", token_url="", jwks_url="https://keys.example/jwks"
    )

    assert [
        hosts.known(storage, platform, origin)
        for origin in ("https://canvas.example", "https://sso.example:8443", "https://keys.example")
    ] == [True] * 3
    assert not hosts.known(storage, platform, "https://sso.example")
    assert not hosts.known(storage, platform, "http://canvas.example")


def test_an_issuer_that_is_no_address_to_ask_is_nobody_s_origin(storage: Storage) -> None:
    assert not hosts.known(storage, builders.registered("https://user@canvas.example"), "https://canvas.example")


def test_an_origin_that_a_launch_named_is_that_registration_s_alone(storage: Storage) -> None:
    hosts.remember(storage, ISS, "client-a", "https://uni.example/api/lti/1", "", "not an address")

    assert hosts.known(storage, builders.registered(ISS), "https://uni.example")
    assert not hosts.known(storage, builders.registered(ISS, "client-b"), "https://uni.example")
    assert not hosts.known(storage, builders.registered("https://other.example"), "https://uni.example")


@pytest.mark.parametrize("storage", stores.STORES, indirect=True)
def test_a_launch_tells_the_origins_of_its_course_and_its_link(storage: Storage) -> None:
    course = Course(
        "key",
        ISS,
        "client-a",
        "1",
        "course-1",
        memberships_url="https://members.example/1",
        lineitems_url="https://items.example/1",
        groups_url="https://groups.example/1",
    )
    courses.remember(storage, course, Link("link", "key", "link-1", lineitem_url="https://item.example/1"))
    courses.remember(storage, course, None)

    platform = builders.registered(ISS)
    named = [f"https://{name}.example" for name in ("members", "items", "groups", "item", "other")]
    assert [hosts.known(storage, platform, origin) for origin in named] == [True] * 4 + [False]
