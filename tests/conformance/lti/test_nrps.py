"""The certification list of Names and Role Provisioning Services 2.0, a named test each.

1EdTech LTI Advantage Conformance Certification Guide, section 6.2 (names and roles); the requests are those that the
tool sends over HTTP to a platform of each profile.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, request

from lti_tool import courses, keys
from lti_tool.roster import container, ledger, sync
from tests.lti_tool import lms, rosters
from tests.lti_tool.rosters import Place

TYPE = "application/vnd.ims.lti-nrps.v2.membershipcontainer+json"
SCOPE = "https://purl.imsglobal.org/spec/lti-nrps/scope/contextmembership.readonly"

every = pytest.mark.parametrize("profile", ["spec", "moodle", "canvas"])


@dataclass
class Heard:
    """The requests that the platform got: path, query, headers; and the scopes that tokens were asked for."""

    members: list[tuple[str, dict[str, str], dict[str, str]]] = field(default_factory=list)
    scopes: list[str] = field(default_factory=list)


@pytest.fixture
def tool_key(tmp_path_factory: pytest.TempPathFactory) -> keys.ToolKey:
    return keys.create(tmp_path_factory.mktemp("key") / "tool.pem")


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> Heard:
    """Listen inside the platform."""
    from entrepot.sandbox import app as sandbox

    found, serve = Heard(), sandbox.serve

    def listening(platform: Any) -> Flask:
        app = serve(platform)

        @app.before_request
        def listen() -> None:
            if request.path.endswith("/memberships"):
                found.members.append((request.path, request.args.to_dict(), {k.lower(): v for k, v in request.headers}))
            if request.path.endswith("/token"):
                found.scopes.append(request.form.get("scope", ""))

        return app

    monkeypatch.setattr(sandbox, "serve", listening)
    return found


@pytest.fixture
def profile() -> str:
    """The LMS with most quirks, unless a test names all three."""
    return "moodle"


@pytest.fixture
def place(profile: str, tmp_path: Path, tool_key: keys.ToolKey, heard: Heard) -> Iterator[Place]:
    with rosters.place(tmp_path, tool_key, profile, members=17, change=rosters.known_by_variable) as running:
        yield running


@pytest.fixture
def course(place: Place) -> courses.Course:
    """The course as a launch tells it."""
    return place.course()


def test_the_service_is_found_in_the_launch(place: Place) -> None:
    place.launch(lms.INSTRUCTOR)
    (course,) = courses.every(place.storage)
    there = lms.course(place.platform)

    assert course.memberships_url == f"{place.platform.base}/{there.institution}/lti/{there.context}/memberships"
    assert course == replace(
        place.course(), title=course.title, lineitems_url=course.lineitems_url, scopes=course.scopes
    )


def test_the_request_carries_a_bearer(place: Place, course: courses.Course, heard: Heard) -> None:
    sync.read(place.reader, course)

    assert all(headers["authorization"].startswith("Bearer ") for _, _, headers in heard.members)


@every
def test_the_request_accepts_the_membership_container(place: Place, course: courses.Course, heard: Heard) -> None:
    sync.read(place.reader, course)

    assert heard.members
    assert {headers["accept"] for _, _, headers in heard.members} == {TYPE}


def test_the_token_has_the_scope_of_memberships_and_no_other(
    place: Place, course: courses.Course, heard: Heard
) -> None:
    sync.read(place.reader, replace(course, groups_url=""))

    assert heard.scopes == [SCOPE]


def test_the_request_names_its_user_agent(place: Place, course: courses.Course, heard: Heard) -> None:
    sync.read(place.reader, course)

    assert all(headers["user-agent"].startswith("Entrepot") for _, _, headers in heard.members)


def test_the_whole_list_is_read_in_one_page(place: Place, course: courses.Course) -> None:
    sync.read(place.reader, course)

    assert len(place.members(course)) == 25


@every
def test_pages_are_followed_by_their_links_to_the_end(place: Place, course: courses.Course, heard: Heard) -> None:
    url = f"{course.memberships_url}?limit=7"
    known = lms.record(place.platform)
    pages = list(sync.pages(place.tool.services, known, course, url))

    assert [len(page.json()["members"]) for page in pages] == [7, 7, 7, 4]
    assert len({one.user for page in pages for one in container.members(page.json(), course.context)}) == 25


def test_the_limit_is_asked_for(place: Place, course: courses.Course, heard: Heard) -> None:
    sync.read(place.reader, course)

    assert heard.members[0][1]["limit"] in {"100", "200"}


def test_a_role_filter_of_the_platform_is_understood(place: Place, course: courses.Course) -> None:
    url = f"{course.memberships_url}?role=Instructor"
    (page,) = sync.pages(place.tool.services, lms.record(place.platform), course, url)
    seen = container.members(page.json(), course.context)

    assert seen
    assert all({"instructor", "assistant"} & set(one.roles) for one in seen)


@every
def test_the_members_of_a_resource_link_are_understood(place: Place, course: courses.Course) -> None:
    link = courses.links(place.storage, course.course)[0].resource_link
    url = f"{course.memberships_url}?rlid={link}"
    (page, *_) = sync.pages(place.tool.services, lms.record(place.platform), course, url)
    seen = container.members(page.json(), course.context)

    assert "message" in page.json()["members"][0]
    assert seen


@every
def test_roles_are_understood_by_uri_and_by_short_name(place: Place, course: courses.Course) -> None:
    sync.read(place.reader, course)
    kept = place.members(course)

    assert sum("learner" in one.roles for one in kept.values()) >= 19
    assert any("instructor" in one.roles for one in kept.values())


@every
def test_who_is_deleted_is_taken_out(place: Place, course: courses.Course) -> None:
    sync.read(place.reader, course)
    place.platform.leave(lms.course(place.platform), lms.LEARNER_2)
    sync.read(place.reader, course)

    assert [one.state for one in place.members(course).values()].count("left") == 1


@every
def test_what_changed_is_read_by_the_link_of_differences(place: Place, course: courses.Course, heard: Heard) -> None:
    sync.read(place.reader, course)
    heard.members.clear()
    sync.read(place.reader, course)

    offered = bool(ledger.find(place.storage, course.course).differences)
    assert offered == place.platform.profile(lms.PLACE).differences
    assert ("since" in heard.members[0][1]) == offered


def test_a_member_without_a_name_is_a_member(place: Place, course: courses.Course) -> None:
    (seen,) = container.members({"members": [{"user_id": "1", "roles": []}]}, course.context)

    assert (seen.user, seen.state, seen.roles) == ("1", "active", ())


@every
def test_the_person_of_a_membership_is_the_person_of_their_launch(place: Place, course: courses.Course) -> None:
    sync.read(place.reader, course)
    before = place.members(course).keys()
    place.launch(lms.LEARNER)

    assert place.members(course).keys() == before


def test_names_and_mail_addresses_are_not_kept(place: Place, course: courses.Course) -> None:
    sync.read(place.reader, course)
    files = b"".join(path.read_bytes() for path in place.directory.rglob("*") if path.is_file())

    assert f"Learner {lms.LEARNER}".encode() not in files
    assert b"@" not in b"".join(str(one).encode() for one in place.members(course).values())
