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
        ("http://purl.imsglobal.org/vocab/lis/v2/person#Administrator", Role.ADMINISTRATOR),
        (f"{SYSTEM}SysAdmin", Role.ADMINISTRATOR),
        (f"{MEMBERSHIP}Manager", Role.ADMINISTRATOR),
        (f"{MEMBERSHIP}Member", Role.OBSERVER),
        (f"{SUB}Instructor#GuestInstructor", Role.MENTOR),
        (f"{SUB}Instructor#Grader", Role.ASSISTANT),
        (f"{SUB}Instructor#SecondaryInstructor", Role.INSTRUCTOR),
        (f"{SUB}Learner#Instructor", Role.LEARNER),
        (f"{SUB}ContentDeveloper#Librarian", Role.DEVELOPER),
        (f"{SUB}Mentor#ExternalTutor", Role.MENTOR),
        (f"{SUB}Mentor#Auditor", Role.OBSERVER),
        (f"{SUB}Manager#Observer", Role.OBSERVER),
        (f"{SUB}Administrator#Support", Role.OBSERVER),
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
        "http://purl.imsglobal.org/vocab/lti/system/person#TestUser",
        f"{SYSTEM}SysSupport",
        f"{SYSTEM}AccountAdmin",
        f"{INSTITUTION}Mentor",
        f"{MEMBERSHIP}Officer",
        f"{SUB}Officer#Chair",
        f"{SUB}Instructor#Owner",
        f"{SUB}Mentor#Instructor",
        f"{MEMBERSHIP}Lecturer",
        f"{SUB}Instructor#Lecturer ",
        f"{SUB}instructor#Lecturer",
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


@pytest.mark.parametrize(
    ("principal", "sub_role", "role"),
    [
        ("Instructor", "Instructor#GuestInstructor", Role.MENTOR),
        ("Instructor", "Instructor#Grader", Role.ASSISTANT),
        ("Instructor", "Instructor#TeachingAssistantSection", Role.ASSISTANT),
        ("Manager", "Manager#ExternalObserver", Role.OBSERVER),
        ("Administrator", "Administrator#ExternalSupport", Role.OBSERVER),
    ],
)
def test_a_sub_role_narrows_the_principal_role_that_comes_with_it(principal: str, sub_role: str, role: Role) -> None:
    for written in (principal, MEMBERSHIP + principal):
        assert roles.of([written, SUB + sub_role]) == {role}


def test_a_sub_role_that_nobody_knows_narrows_nothing() -> None:
    assert roles.of([f"{MEMBERSHIP}Instructor", f"{SUB}Instructor#Owner"]) == {Role.INSTRUCTOR}


def test_a_sub_role_narrows_its_own_principal_role_alone() -> None:
    assert roles.of([f"{MEMBERSHIP}Learner", f"{SUB}Instructor#Grader"]) == {Role.LEARNER, Role.ASSISTANT}


def test_every_sub_role_belongs_to_a_principal_role() -> None:
    assert roles.SUB_ROLES.keys() <= roles.PRINCIPAL.keys()
    assert len(roles.ALLOWED) == 2 * len(roles.PRINCIPAL) + 46 + 7
