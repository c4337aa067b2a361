"""Who somebody is in a course: the roles of a launch or a membership, by full URI from an allow list. Floor 3.

LTI 1.3 core, sections 5.3.7 and A.2; LIS 2.0 vocabulary. Only roles of the context count, and the administrators of
the institution and of the system; a short name ("Learner") is a role of the context (section A.2.3). What is not in the
list is nothing: the text `...membership#Instructor` inside another URI gives no right.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

MEMBERSHIP = "http://purl.imsglobal.org/vocab/lis/v2/membership#"
SUB = "http://purl.imsglobal.org/vocab/lis/v2/membership/"
INSTITUTION = "http://purl.imsglobal.org/vocab/lis/v2/institution/person#"
SYSTEM = "http://purl.imsglobal.org/vocab/lis/v2/system/person#"


class Role(StrEnum):
    """What a person may be here."""

    LEARNER = "learner"
    INSTRUCTOR = "instructor"
    ASSISTANT = "assistant"
    DEVELOPER = "developer"
    MENTOR = "mentor"
    OBSERVER = "observer"
    ADMINISTRATOR = "administrator"


_SHORT = {
    "Learner": Role.LEARNER,
    "Instructor": Role.INSTRUCTOR,
    "ContentDeveloper": Role.DEVELOPER,
    "Mentor": Role.MENTOR,
    "Administrator": Role.ADMINISTRATOR,
    "Manager": Role.ADMINISTRATOR,
    "Member": Role.OBSERVER,
}
ALLOWED: dict[str, Role] = {
    **_SHORT,
    **{MEMBERSHIP + name: role for name, role in _SHORT.items()},
    "TeachingAssistant": Role.ASSISTANT,
    MEMBERSHIP + "TeachingAssistant": Role.ASSISTANT,
    SUB + "Instructor#TeachingAssistant": Role.ASSISTANT,
    SUB + "Instructor#Lecturer": Role.INSTRUCTOR,
    SUB + "Instructor#PrimaryInstructor": Role.INSTRUCTOR,
    SUB + "Learner#Learner": Role.LEARNER,
    SUB + "Learner#NonCreditLearner": Role.LEARNER,
    SUB + "ContentDeveloper#ContentDeveloper": Role.DEVELOPER,
    SUB + "Mentor#Mentor": Role.MENTOR,
    INSTITUTION + "Observer": Role.OBSERVER,
    INSTITUTION + "Administrator": Role.ADMINISTRATOR,
    SYSTEM + "Administrator": Role.ADMINISTRATOR,
    SYSTEM + "SysAdmin": Role.ADMINISTRATOR,
}


def of(uris: Iterable[str]) -> frozenset[Role]:
    """The roles that these URIs or short names give; empty if none is known.

    An assistant is said to be an Instructor too (section A.2.3.2, sub-roles come with their principal role); the
    narrower right counts unless another instructor's sub-role stands beside it.

    >>> sorted(of(["http://purl.imsglobal.org/vocab/lis/v2/membership#Learner", "urn:other:Instructor"]))
    [<Role.LEARNER: 'learner'>]
    """
    listed = set(uris)
    found = {ALLOWED[uri] for uri in listed if uri in ALLOWED}
    if Role.ASSISTANT in found and not listed & {SUB + "Instructor#Lecturer", SUB + "Instructor#PrimaryInstructor"}:
        found.discard(Role.INSTRUCTOR)
    return frozenset(found)
