from __future__ import annotations

from typing import Any

import pytest

from lti_tool import errors, message
from tests.lti_tool import builders
from tests.lti_tool.builders import INSTRUCTOR, LEARNER, LTI

MEMBERSHIP = "http://purl.imsglobal.org/vocab/lis/v2/membership"
PLATFORM = builders.registered("https://lms.example")


def of(**changes: Any) -> message.Message:
    return message.of(builders.claims("https://lms.example", "n", **changes), PLATFORM)


@pytest.mark.parametrize(
    "role",
    [
        INSTRUCTOR,
        "Instructor",
        f"{MEMBERSHIP}#ContentDeveloper",
        f"{MEMBERSHIP}/Instructor#TeachingAssistant",
    ],
)
def test_who_teaches_in_the_course_is_an_instructor(role: str) -> None:
    assert message.teaches(of(roles=[LEARNER, role]))


@pytest.mark.parametrize(
    "role",
    [
        LEARNER,
        "http://purl.imsglobal.org/vocab/lis/v2/institution/person#Instructor",
        "http://evil.example/vocab/lis/v2/membership#Instructor",
        f"{MEMBERSHIP}#Mentor",
        f"{MEMBERSHIP}#Instructor2",
        "#Instructor",
        "",
    ],
)
def test_who_teaches_elsewhere_is_not(role: str) -> None:
    assert not message.teaches(of(roles=[role]))


def test_the_library_s_own_refusal_is_ours() -> None:
    with pytest.raises(errors.LaunchRefused, match="message_unsupported"):
        of(deployment_id="9")


def test_the_library_reads_nothing_from_a_request() -> None:
    with pytest.raises(errors.LaunchRefused):
        of().validate()


def test_services_of_the_launch_are_within_reach() -> None:
    endpoint = {LTI.replace("lti/claim/", "lti-ags/claim/") + "endpoint": {"lineitems": "https://lms.example/items"}}
    body = {**builders.claims("https://lms.example", "n"), **endpoint}

    assert message.of(body, PLATFORM).has_ags()
