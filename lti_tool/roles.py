"""Who somebody is in a course: the roles of a launch or a membership, by full URI from an allow list. Floor 3.

LTI 1.3 core, sections 5.3.7 and A.2; LIS 2.0 vocabulary. Only roles of the context count, and the administrators of
the institution and of the system; a short name ("Learner") is a role of the context (section A.2.3). What is not in the
list is nothing: the text `...membership#Instructor` inside another URI gives no right.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum

MEMBERSHIP = "http://purl.imsglobal.org/vocab/lis/v2/membership#"
SUB = "http://purl.imsglobal.org/vocab/lis/v2/membership/"
INSTITUTION = "http://purl.imsglobal.org/vocab/lis/v2/institution/person#"
SYSTEM = "http://purl.imsglobal.org/vocab/lis/v2/system/person#"
PERSON = "http://purl.imsglobal.org/vocab/lis/v2/person#"
"""In no vocabulary; Moodle 4.5 says so of those who run the site (mod/lti/locallib.php, lti_get_ims_role)."""


class Role(StrEnum):
    """What a person may be here."""

    LEARNER = "learner"
    INSTRUCTOR = "instructor"
    ASSISTANT = "assistant"
    DEVELOPER = "developer"
    MENTOR = "mentor"
    OBSERVER = "observer"
    ADMINISTRATOR = "administrator"


# Section A.2.3: the principal roles of a context. An Officer (of a committee) is nobody here.
PRINCIPAL: Mapping[str, Role] = {
    "Administrator": Role.ADMINISTRATOR,
    "ContentDeveloper": Role.DEVELOPER,
    "Instructor": Role.INSTRUCTOR,
    "Learner": Role.LEARNER,
    "Mentor": Role.MENTOR,
    "Manager": Role.ADMINISTRATOR,
    "Member": Role.OBSERVER,
}
# Section A.2.3.2: their sub-roles. A guest who instructs is the guest expert of a course; who grades assists; who gives
# technical support looks on.
SUB_ROLES: Mapping[str, Mapping[Role, str]] = {
    "Administrator": {
        Role.ADMINISTRATOR: "Administrator SystemAdministrator ExternalSystemAdministrator",
        Role.OBSERVER: "Developer ExternalDeveloper Support ExternalSupport",
    },
    "ContentDeveloper": {Role.DEVELOPER: "ContentDeveloper ContentExpert ExternalContentExpert Librarian"},
    "Instructor": {
        Role.INSTRUCTOR: "ExternalInstructor Lecturer PrimaryInstructor SecondaryInstructor",
        Role.ASSISTANT: "Grader TeachingAssistant TeachingAssistantGroup TeachingAssistantOffering "
        "TeachingAssistantSection TeachingAssistantSectionAssociation TeachingAssistantTemplate",
        Role.MENTOR: "GuestInstructor",
    },
    "Learner": {Role.LEARNER: "ExternalLearner GuestLearner Instructor Learner NonCreditLearner"},
    "Manager": {
        Role.ADMINISTRATOR: "AreaManager CourseCoordinator Manager",
        Role.OBSERVER: "ExternalObserver Observer",
    },
    "Member": {Role.OBSERVER: "Member"},
    "Mentor": {
        Role.MENTOR: "Advisor ExternalAdvisor ExternalLearningFacilitator ExternalMentor ExternalReviewer "
        "ExternalTutor LearningFacilitator Mentor Reviewer Tutor",
        Role.OBSERVER: "Auditor ExternalAuditor",
    },
}
# What platforms send outside of these two tables.
_OTHERS: Mapping[str, tuple[str, Role]] = {
    "TeachingAssistant": ("Instructor", Role.ASSISTANT),
    MEMBERSHIP + "TeachingAssistant": ("Instructor", Role.ASSISTANT),
    INSTITUTION + "Observer": ("", Role.OBSERVER),
    INSTITUTION + "Administrator": ("", Role.ADMINISTRATOR),
    SYSTEM + "Administrator": ("", Role.ADMINISTRATOR),
    SYSTEM + "SysAdmin": ("", Role.ADMINISTRATOR),
    PERSON + "Administrator": ("", Role.ADMINISTRATOR),
}
_NARROWER: Mapping[str, tuple[str, Role]] = {
    **{
        f"{SUB}{principal}#{name}": (principal, role)
        for principal, found in SUB_ROLES.items()
        for role, names in found.items()
        for name in names.split()
    },
    **_OTHERS,
}
ALLOWED: Mapping[str, Role] = {
    **PRINCIPAL,
    **{MEMBERSHIP + name: role for name, role in PRINCIPAL.items()},
    **{uri: role for uri, (_, role) in _NARROWER.items()},
}


def of(uris: Iterable[str]) -> frozenset[Role]:
    """The roles that these URIs or short names give; empty if none is known.

    A sub-role comes with its principal role (section A.2.3.2): an assistant is said to be an Instructor too. The
    narrower one says what the person is; the principal role counts where no sub-role of it that we know stands beside.

    >>> sorted(of(["http://purl.imsglobal.org/vocab/lis/v2/membership#Learner", "urn:other:Instructor"]))
    [<Role.LEARNER: 'learner'>]
    """
    listed = set(uris)
    narrowed = {_NARROWER[uri][0] for uri in listed if uri in _NARROWER}
    return frozenset(
        role for uri, role in ALLOWED.items() if uri in listed and uri.removeprefix(MEMBERSHIP) not in narrowed
    )
