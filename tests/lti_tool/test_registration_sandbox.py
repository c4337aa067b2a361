"""From an invite to a launch with the sandbox LMS in its three profiles: registered, approved, activated, launched."""

from __future__ import annotations

import time

import pytest

from entrepot.sandbox import registering
from entrepot.sandbox.platform import Platform
from lti_tool import keys, platforms
from lti_tool.registration import check, invites
from tests.lti_tool import builders, lms
from tests.lti_tool.builders import Bench

PROFILES = ("spec", "moodle", "canvas")


@pytest.mark.parametrize("profile", PROFILES)
def test_an_lms_registers_with_one_address_and_launches(bench: Bench, tool_key: keys.ToolKey, profile: str) -> None:
    with lms.running(profile, key_set=lambda: {"keys": [tool_key.jwk]}) as platform:
        _free_links(platform)
        code, _ = invites.create(
            bench.storage, platform.base.partition("://")[2], days=7, now=time.time(), new_token=builders.counter()
        )
        opened = lms.invitation(platform, f"{builders.TOOL}/lti/register/{code}")

        answer = bench.client().get(opened.removeprefix(builders.TOOL))

        (found,) = platforms.of_issuer(bench.storage, platform.base)
        assert answer.status_code == 200
        assert (found.family, found.state) == (profile, "active")
        registering.activate(platform, found.client_id)
        launched = lms.launch(platform, bench.client())
        assert launched.status_code == 200, launched.text
        (after,) = platforms.of_issuer(bench.storage, platform.base)
        assert len(after.deployments) == 1  # told by the answer, or by this launch
        findings = check.platform(_examiner(bench, tool_key), after)
        assert [one.id for one in findings if one.level == check.WRONG] == ["endpoints_plain"]


@pytest.mark.parametrize("profile", PROFILES)
def test_a_canvas_or_a_moodle_that_nobody_invited_for_itself_waits(
    bench: Bench, tool_key: keys.ToolKey, profile: str
) -> None:
    with lms.running(profile, key_set=lambda: {"keys": [tool_key.jwk]}) as platform:
        _free_links(platform)
        code, _ = invites.create(bench.storage, "", days=7, now=time.time(), new_token=builders.counter())
        opened = lms.invitation(platform, f"{builders.TOOL}/lti/register/{code}")
        bench.client().get(opened.removeprefix(builders.TOOL))
        (found,) = platforms.of_issuer(bench.storage, platform.base)
        registering.activate(platform, found.client_id)

        with pytest.raises(AssertionError):  # the login is refused
            lms.launch(platform, bench.client())
        platforms.change(bench.storage, found.iss, found.client_id, state="active")

        assert lms.launch(platform, bench.client()).status_code == 200


def _free_links(platform: Platform) -> None:
    """Nobody has registered yet: the links of the courses wait for a tool."""
    for course in platform.courses.values():
        for link in course.links.values():
            link.client_id = ""


def _examiner(bench: Bench, key: keys.ToolKey) -> check.Bench:
    tool = bench.app.extensions["lti_tool"]
    return check.Bench(tool.services.exchange, builders.TOOL, keys.only(key), time.time, builders.counter())
