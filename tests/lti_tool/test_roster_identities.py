"""Who the members of a course are at their platform, for one request: by what a list may call them."""

from __future__ import annotations

from pathlib import Path

import pytest

from lti_tool import courses, keys, platforms
from lti_tool.roster import container, identities, members
from lti_tool.roster.identities import Identity
from tests.lti_tool import lms, rosters


@pytest.mark.parametrize("profile", ["spec", "moodle", "canvas"])
def test_a_member_is_found_by_mail_number_and_id(tmp_path: Path, tool_key: keys.ToolKey, profile: str) -> None:
    with rosters.place(tmp_path, tool_key, profile) as place:
        course = place.course()
        platform = platforms.find(place.storage, course.iss, course.client_id)
        assert platform is not None
        found = identities.by_name(
            identities.read(place.storage, place.tool.keyring, place.tool.services, platform, course)
        )
        person = lms.course(place.platform).members[lms.LEARNER].person
        user = lms.user(place.platform, lms.LEARNER)
        one = found[person.email.lower()]

        assert one is not None
        assert one == found[user.lower()]
        assert one.learner == place.pseudonym(lms.LEARNER)
        assert one.account == user
        assert person.email not in repr(one)
        assert user not in repr(one)


def test_who_is_known_by_another_name_in_events_has_none_until_a_launch_tells(
    tmp_path: Path, tool_key: keys.ToolKey
) -> None:
    with rosters.place(tmp_path, tool_key, "canvas", change=rosters.known_by_variable) as place:
        place.launch(lms.LEARNER)
        (course,) = courses.every(place.storage)
        platform = platforms.find(place.storage, course.iss, course.client_id)
        assert platform is not None
        listed = identities.read(place.storage, place.tool.keyring, place.tool.services, platform, course)
        kept = {one.learner for one in members.of_course(place.storage, course.course)}
        (launched,) = [one for one in listed if one.learner in kept and one.account == ""]

        assert launched.learner != place.pseudonym(lms.LEARNER)


def test_two_who_are_called_the_same_are_neither() -> None:
    one, two = Identity("p", "1", frozenset({"a", "x"})), Identity("q", "2", frozenset({"b", "x"}))

    assert identities.by_name([one, two, one]) == {"a": one, "b": two, "x": None}


def test_what_is_no_name_is_left_out() -> None:
    body = {
        "members": [
            {"user_id": 7, "email": " Ada@Uni.example ", "lis_person_sourcedid": None},
            {"user_id": "8", "email": "x" * 300, "lis_person_sourcedid": "S-8"},
        ]
    }

    assert container.called(body, "c") == {"7": frozenset({"7", "ada@uni.example"}), "8": frozenset({"8", "s-8"})}
