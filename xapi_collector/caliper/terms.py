"""The words of Caliper beside those of xAPI: actions as verbs, types of entities as types of activities. Floor 1, pure.

Caliper 1.2, sections 2 and 3 and appendices A to D. What has no older xAPI word keeps its Caliper IRI, so nothing that
a sensor sends is without a verb.
"""

import re
from collections.abc import Mapping

_ADL = "http://adlnet.gov/expapi/verbs/"
_STREAM = "http://activitystrea.ms/schema/1.0/"
_TINCAN = "http://id.tincanapi.com/verb/"
_VIDEO = "https://w3id.org/xapi/video/verbs/"
_ACTIONS = "http://purl.imsglobal.org/caliper/actions/"
_TYPES = "http://purl.imsglobal.org/caliper/"
_TERM = re.compile(r"[A-Za-z]{1,64}")

# Verbs that Moodle's plugin uses as well where there is one, so that one query finds both.
_VERBS: Mapping[str, str] = {
    "Completed": f"{_ADL}completed",
    "Graded": f"{_ADL}scored",
    "Commented": f"{_ADL}commented",
    "Shared": f"{_ADL}shared",
    "LoggedIn": "https://w3id.org/xapi/adl/verbs/logged-in",
    "LoggedOut": "https://w3id.org/xapi/adl/verbs/logged-out",
    "NavigatedTo": f"{_TINCAN}viewed",
    "Viewed": f"{_TINCAN}viewed",
    "Skipped": f"{_TINCAN}skipped",
    "Downloaded": f"{_TINCAN}downloaded",
    "Started": f"{_STREAM}start",
    "Submitted": f"{_STREAM}submit",
    "Created": f"{_STREAM}create",
    "Modified": f"{_STREAM}update",
    "Deleted": f"{_STREAM}delete",
    "Posted": "https://w3id.org/xapi/acrossx/verbs/posted",
    "Searched": f"{_STREAM}search",
}
_OF_EVENT: Mapping[tuple[str, str], str] = {
    ("AssessmentItemEvent", "Completed"): f"{_ADL}answered",
    ("MediaEvent", "Started"): f"{_VIDEO}played",
    ("MediaEvent", "Resumed"): f"{_VIDEO}played",
    ("MediaEvent", "Paused"): f"{_VIDEO}paused",
    ("MediaEvent", "JumpedTo"): f"{_VIDEO}seeked",
    ("MediaEvent", "ForwardedTo"): f"{_VIDEO}seeked",
    ("MediaEvent", "Rewound"): f"{_VIDEO}seeked",
    ("MediaEvent", "Ended"): f"{_ADL}completed",
    ("QuestionnaireItemEvent", "Completed"): f"{_ADL}answered",
}
_ACTIVITIES: Mapping[str, str] = {
    "Assessment": "http://adlnet.gov/expapi/activities/assessment",
    "AssessmentItem": "http://adlnet.gov/expapi/activities/question",
    "QuestionnaireItem": "http://adlnet.gov/expapi/activities/question",
    "Attempt": "http://adlnet.gov/expapi/activities/attempt",
    "CourseOffering": "https://w3id.org/xapi/cmi5/activitytype/course",
    "CourseSection": "https://w3id.org/xapi/cmi5/activitytype/course",
    "VideoObject": "https://w3id.org/xapi/video/activity-type/video",
    "AudioObject": "https://w3id.org/xapi/audio/activity-type/audio",
    "Forum": "http://id.tincanapi.com/activitytype/discussion",
    "Thread": "http://id.tincanapi.com/activitytype/forum-topic",
    "Message": "http://id.tincanapi.com/activitytype/forum-reply",
    "SoftwareApplication": "http://activitystrea.ms/schema/1.0/application",
}

PERSONS = frozenset({"Person", "Membership"})
"""Types of entities whose ids name a person: they become Agents, never activities, whose ids are kept in the clear."""


def is_term(text: object) -> bool:
    """Whether a value can be a term of Caliper: letters only, so that it names no person."""
    return isinstance(text, str) and _TERM.fullmatch(text) is not None


def verb(event_type: str, action: str) -> dict[str, object]:
    """The xAPI Verb of an event.

    >>> verb("AssessmentItemEvent", "Completed")["id"]
    'http://adlnet.gov/expapi/verbs/answered'
    """
    iri = _OF_EVENT.get((event_type, action)) or _VERBS.get(action) or _ACTIONS + action
    return {"id": iri, "display": {"en": re.sub(r"(?<=[a-z])(?=[A-Z])", " ", action).lower()}}


def activity_type(entity_type: str) -> str:
    """The IRI of the type of activity that an entity is.

    >>> activity_type("Page")
    'http://purl.imsglobal.org/caliper/Page'
    """
    return _ACTIVITIES.get(entity_type, _TYPES + entity_type)
