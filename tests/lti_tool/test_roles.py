"""Which roles a launch gives: by full URI from an allow list."""

from __future__ import annotations

import pytest

from lti_tool import roles
from lti_tool.roles import INSTITUTION, MEMBERSHIP, SUB, SYSTEM, Role


@pytest.mark.parametrize(
    ("uri", "role"),
    [
        (f"{MEMBERSHIP}Learner", Role.LEARNER),
        ("Learner", Role.LEARNER),
        (f"{MEMBERSHIP}Instructor", Role.INSTRUCTOR),
        ("Instructor", Role.INSTRUCTOR),
        (f"{SUB}Instructor#TeachingAssistant", Role.ASSISTANT),
        (f"{MEMBERSHIP}ContentDeveloper", Role.DEVELOPER),
        (f"{MEMBERSHIP}Mentor", Role.MENTOR),
        (f"{INSTITUTION}Observer", Role.OBSERVER),
        (f"{MEMBERSHIP}Administrator", Role.ADMINISTRATOR),
        (f"{SYSTEM}Administrator", Role.ADMINISTRATOR),
    ],
)
def test_a_role_of_the_list_is_a_role(uri: str, role: Role) -> None:
    assert roles.of([uri]) == {role}


@pytest.mark.parametrize(
    "uri",
    [
        f"{INSTITUTION}Instructor",
        "http://evil.example/vocab/lis/v2/membership#Instructor",
        f"{MEMBERSHIP}Instructor2",
        f"https://evil.example/?{MEMBERSHIP}Instructor",
        "#Instructor",
        "instructor",
        f"{SYSTEM}TestUser",
        "",
    ],
)
def test_what_is_not_in_the_list_is_nothing(uri: str) -> None:
    assert not roles.of([uri])


def test_an_assistant_comes_with_the_principal_role_and_has_the_narrower_right() -> None:
    assert roles.of([f"{MEMBERSHIP}Instructor", f"{SUB}Instructor#TeachingAssistant"]) == {Role.ASSISTANT}


def test_a_lecturer_who_assists_elsewhere_in_the_course_is_an_instructor() -> None:
    both = [f"{SUB}Instructor#TeachingAssistant", f"{SUB}Instructor#Lecturer", f"{MEMBERSHIP}Instructor"]

    assert roles.of(both) == {Role.ASSISTANT, Role.INSTRUCTOR}
