from __future__ import annotations

from typing import Any

import pytest

from lti_tool import errors, message
from tests.lti_tool import builders
from tests.lti_tool.builders import LTI

PLATFORM = builders.registered("https://lms.example")


def of(**changes: Any) -> message.Message:
    return message.of(builders.claims("https://lms.example", "n", **changes), PLATFORM)


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
