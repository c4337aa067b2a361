"""Dynamic registration at the sandbox, in three profiles: an invitation, its one use, activation, launch."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from entrepot.sandbox import door, registering
from entrepot.sandbox.platform import Platform
from entrepot.sandbox.profiles import SCOPES
from tests.entrepot import clients
from tests.lti_tool import lms

REGISTER = f"{lms.TOOL}/lti/register?invite=abc"


def without_tool(raw: dict[str, Any]) -> None:
    del raw["institutions"][0]["tool"]


@pytest.fixture(params=["spec", "moodle", "canvas"])
def platform(request: pytest.FixtureRequest) -> Iterator[Platform]:
    with lms.running(request.param, key_set=clients.key_set, change=without_tool) as running:
        yield running


@pytest.fixture
def moodle() -> Iterator[Platform]:
    with lms.running("moodle", key_set=clients.key_set, change=without_tool) as running:
        yield running


def invited(platform: Platform) -> tuple[str, dict[str, str]]:
    """Where the configuration is, and the header that goes with an invitation."""
    query = parse_qs(urlsplit(lms.invitation(platform, REGISTER)).query)
    assert query["invite"] == ["abc"]
    return query["openid_configuration"][0], {"Authorization": f"Bearer {query['registration_token'][0]}"}


def tool(**changes: Any) -> dict[str, Any]:
    """A tool's registration; None takes a member out, a member of the tool's configuration is named `lti_...`."""
    lti = {
        "domain": "127.0.0.1:9001",
        "target_link_uri": f"{lms.TOOL}/lti/launch",
        "claims": ["sub", "iss", "name"],
        "messages": [{"type": "LtiDeepLinkingRequest"}],
        "custom_parameters": {"context_history": "$Context.id.history"},
    }
    body: dict[str, Any] = {
        "application_type": "web",
        "response_types": ["id_token"],
        "grant_types": ["client_credentials", "implicit"],
        "initiate_login_uri": f"{lms.TOOL}/lti/login",
        "redirect_uris": [f"{lms.TOOL}/lti/launch"],
        "client_name": "Entrepôt",
        "jwks_uri": f"{lms.TOOL}/lti/jwks",
        "token_endpoint_auth_method": "private_key_jwt",
        "scope": " ".join(SCOPES),
        registering.CONFIGURATION: lti,
    }
    for name, value in changes.items():
        place, key = (lti, name[4:]) if name.startswith("lti_") else (body, name)
        place[key] = value
        if value is None:
            del place[key]
    if changes.get("configuration") == "none":
        del body[registering.CONFIGURATION]
    return body


def send(platform: Platform, body: Any, header: dict[str, str] | None = None) -> requests.Response:
    """Register, with a new invitation if none is given."""
    url, own = invited(platform)
    place = requests.get(url, headers=header or own, timeout=5).json()["registration_endpoint"]
    return requests.post(place, json=body, headers=header or own, timeout=5)


def test_a_tool_registers_is_activated_and_launched(platform: Platform) -> None:
    name = platform.profile(lms.PLACE).name
    answer = send(platform, tool())
    body = answer.json()
    found = platform.tools[body["client_id"]]
    pending = not found.active
    registering.activate(platform, body["client_id"])
    course = lms.course(platform)
    begun = door.begin(platform, course, course.members[lms.LEARNER].person, course.links["graded"])
    answered = door.authorise(
        platform,
        {
            **door.REQUIRED,
            "client_id": body["client_id"],
            "redirect_uri": f"{lms.TOOL}/lti/launch",
            "login_hint": begun["login_hint"],
            "lti_message_hint": begun["lti_message_hint"],
            "state": "s",
            "nonce": "n",
        },
    )

    assert answer.status_code == (201 if name == "spec" else 200)
    assert pending == (name != "spec")
    assert ("deployment_id" in body[registering.CONFIGURATION]) == (name != "canvas")
    assert ("lti-gs" in body["scope"]) == (name != "moodle")
    assert re.fullmatch(r"\d+:[0-9a-f]{40}" if name == "canvas" else r"\d+", found.tool.deployment_id)
    assert answered is not None
    assert "id_token" in answered.fields
    assert course.items[course.links["graded"].item].client_id == body["client_id"]


def test_a_tool_is_activated_at_its_institution_alone() -> None:
    def two(raw: dict[str, Any]) -> None:
        without_tool(raw)
        raw["institutions"].append({**raw["institutions"][0], "id": "wales"})

    with lms.running(change=two) as platform:
        client_id = send(platform, tool()).json()["client_id"]
        clients_of = {
            place: platform.courses[place, "course-1"].links["path"].client_id for place in (lms.PLACE, "wales")
        }

        assert clients_of == {lms.PLACE: client_id, "wales": ""}
        with pytest.raises(KeyError):
            platform.profile("nowhere")


def test_the_configuration_says_what_the_platform_is(platform: Platform) -> None:
    url, header = invited(platform)
    body = requests.get(url, headers=header, timeout=5).json()
    name = platform.profile(lms.PLACE).name

    assert body["issuer"] == platform.base
    assert body[registering.PLATFORM]["product_family_code"] == {"spec": "entrepot"}.get(name, name)
    assert "Context.id.history" in body[registering.PLATFORM]["variables"]
    assert requests.get(url, timeout=5).status_code == (401 if name == "canvas" else 200)


def test_an_invitation_serves_once(platform: Platform) -> None:
    url, header = invited(platform)
    place = requests.get(url, headers=header, timeout=5).json()["registration_endpoint"]
    codes = [requests.post(place, json=tool(), headers=header, timeout=5).status_code for _ in range(2)]

    assert codes[1] == 401
    assert len(platform.tools) == 1


def test_two_at_once_register_one_tool(moodle: Platform) -> None:
    registering.take(moodle, lms.PLACE, "client-x", tool())

    with pytest.raises(registering.NotRegistered, match="token_already_used"):
        registering.take(moodle, lms.PLACE, "client-x", tool())


def test_an_invitation_ends_after_an_hour_and_is_for_one_institution() -> None:
    def two(raw: dict[str, Any]) -> None:
        without_tool(raw)
        raw["institutions"].append({**raw["institutions"][0], "id": "wales"})

    with lms.running("moodle", change=two) as platform:
        _url, header = invited(platform)
        other = requests.post(f"{platform.base}/wales/register", json=tool(), headers=header, timeout=5)
        platform.clock = lambda: time.time() - 4000
        _url, old = invited(platform)

        assert other.status_code == 401
        assert requests.post(f"{platform.base}/{lms.PLACE}/register", headers=old, timeout=5).status_code == 401
        assert requests.post(f"{platform.base}/{lms.PLACE}/register", timeout=5).status_code == 401
        assert requests.post(f"{platform.base}/nowhere/register", headers=header, timeout=5).status_code == 404
        assert requests.get(f"{platform.base}/nowhere/openid-configuration", timeout=5).status_code == 404


@pytest.mark.parametrize(
    "changes",
    [
        {"configuration": "none"},
        {"initiate_login_uri": None},
        {"client_name": ""},
        {"jwks_uri": 7},
        {"lti_domain": None},
        {"lti_target_link_uri": None},
        {"response_types": ["code"]},
        {"response_types": None},
        {"token_endpoint_auth_method": "client_secret_basic"},
        {"application_type": "native"},
        {"redirect_uris": "https://tool.example/"},
        {"redirect_uris": []},
        {"redirect_uris": [7]},
    ],
    ids="-".join,
)
def test_a_registration_that_lacks_something_is_refused(moodle: Platform, changes: dict[str, Any]) -> None:
    answer = send(moodle, tool(**changes))

    assert answer.status_code == 400
    assert answer.json()["error"] in {"invalid_client_metadata", "invalid_redirect_uri"}
    assert moodle.tools == {}


def test_what_is_no_object_is_refused(moodle: Platform) -> None:
    assert send(moodle, [1]).status_code == 400


def test_custom_parameters_that_are_none_are_left_out(moodle: Platform) -> None:
    body = send(moodle, tool(lti_custom_parameters=["a"])).json()

    assert moodle.tools[body["client_id"]].tool.custom == {}


class TestPages:
    def test_an_address_that_is_pasted_opens_in_a_frame_and_the_tool_is_activated_by_a_button(
        self, moodle: Platform
    ) -> None:
        place = f"{moodle.base}/{lms.PLACE}/tools"
        before = requests.get(place, timeout=5)
        opened = requests.post(place, {"url": lms.TOOL + "/lti/register", "lang": "en"}, timeout=5)
        frame = re.search(r'<iframe[^>]* src="([^"]+)"', opened.text)
        client_id = send(moodle, tool()).json()["client_id"]
        pending = requests.get(place, timeout=5).text
        after = requests.post(f"{place}/{client_id}/activate", {"lang": "zh"}, timeout=5)

        assert "No tool yet." in before.text
        assert frame is not None
        assert frame[1].startswith(f"{lms.TOOL}/lti/register?openid_configuration=")
        assert lms.TOOL in opened.headers["Content-Security-Policy"]
        assert "Waits to be activated" in pending
        assert "已启用" in after.text
        assert moodle.tools[client_id].active

    @pytest.mark.parametrize("url", ["", "javascript:alert(1)", "https://", "ftp://tool.example/"])
    def test_what_is_no_address_is_not_opened(self, moodle: Platform, url: str) -> None:
        answer = requests.post(f"{moodle.base}/{lms.PLACE}/tools", {"url": url}, timeout=5)

        assert answer.status_code == 400
        assert "<iframe" not in answer.text

    def test_what_is_not_there_is_not_found(self, moodle: Platform) -> None:
        assert requests.get(f"{moodle.base}/nowhere/tools", timeout=5).status_code == 404
        assert requests.post(f"{moodle.base}/{lms.PLACE}/tools/none/activate", timeout=5).status_code == 404

    @pytest.mark.parametrize("site", ["cross-site", "same-site"])
    @pytest.mark.parametrize("path", ["tools", "tools/x/activate", "courses/course-1/copy"])
    def test_another_site_s_page_presses_no_button(self, moodle: Platform, path: str, site: str) -> None:
        answer = requests.post(
            f"{moodle.base}/{lms.PLACE}/{path}", {"url": lms.TOOL}, headers={"Sec-Fetch-Site": site}, timeout=5
        )

        assert answer.status_code == 403
        assert len(moodle.courses) == 2

    def test_a_course_without_a_tool_has_no_activity_to_open(self, moodle: Platform) -> None:
        page = requests.get(f"{moodle.base}/{lms.PLACE}/courses/course-1?learner={lms.INSTRUCTOR}", timeout=5).text

        assert "No activity yet." in page
        assert "Add an activity" not in page
