"""Builders of Caliper: events of the shapes that Canvas sends (1.1) and of the standard's profiles (1.2)."""

import itertools
import uuid

SENSOR = "http://lms.example/"
CONTEXT = "http://purl.imsglobal.org/ctx/caliper/v1p1"
CONTEXT_2 = "http://purl.imsglobal.org/ctx/caliper/v1p2"
_numbers = itertools.count(1)


def envelope(*data, **changes):
    """An envelope of a Canvas, with the data."""
    whole = {"sensor": SENSOR, "sendTime": "2026-11-16T02:09:06.543Z", "dataVersion": CONTEXT, "data": [*data]}
    return {name: value for name, value in (whole | changes).items() if value is not None}


def person(number=21070000000000048, **canvas):
    """A person of Canvas."""
    found = {"id": f"urn:instructure:canvas:user:{number}", "type": "Person"}
    return found | ({"extensions": {"com.instructure.canvas": canvas}} if canvas else {})


def entity(kind, type_, number=355, **more):
    """An entity of Canvas."""
    return {"id": f"urn:instructure:canvas:{kind}:{number}", "type": type_} | more


def event(type_, action, thing, **changes):
    """An event as Canvas sends it; None takes a property away."""
    learner = person(user_login="someone@example.org", user_sis_id="456-T45", entity_id="21070000000000048")
    course = entity("course", "CourseOffering", 565)
    whole = {
        "@context": CONTEXT,
        "id": f"urn:uuid:{uuid.UUID(int=(4 << 76) | (2 << 62) | (7 << 100) | next(_numbers))}",
        "type": type_,
        "actor": learner,
        "action": action,
        "object": thing,
        "eventTime": "2026-11-01T19:11:05.222Z",
        "referrer": "https://lms.example/courses/565?student_id=48",
        "edApp": {"id": SENSOR, "type": "SoftwareApplication"},
        "group": course,
        "membership": {
            "id": "urn:instructure:canvas:course:565:Learner:21070000000000048",
            "type": "Membership",
            "member": person(),
            "organization": course,
            "roles": ["Learner"],
        },
        "session": {"id": "urn:instructure:canvas:session:ef686f8e", "type": "Session"},
        "extensions": {"com.instructure.canvas": {"client_ip": "192.0.2.7", "user_agent": "Mozilla/5.0"}},
    }
    return {name: value for name, value in (whole | changes).items() if value is not None}


def attempt(**more):
    """An attempt at an assignment."""
    thing = entity("assignment", "AssignableDigitalResource", 355)
    return entity("submission", "Attempt", 11086, assignee=person(), assignable=thing) | more


def grade(given=5, most=10, **changes):
    """A grade that a teacher gave."""
    score = entity("submission", "Score", 11086, scoreGiven=given, maxScore=most, scoredBy="urn:x")
    return event("GradeEvent", "Graded", attempt(), actor=person(987), generated=score) | changes


ITEM = {
    "id": "https://example.edu/courses/7/assess/1/items/3",
    "type": "AssessmentItem",
    "name": "Assessment Item 3",
    "isPartOf": {"id": "https://example.edu/courses/7/assess/1", "type": "Assessment", "maxScore": 5},
}
RESPONSE = {"id": "https://example.edu/responses/1", "type": "FillinBlankResponse", "duration": "PT12S",
            "values": ["subject", "object", "predicate"]}  # fmt: skip
VIDEO = {"id": "https://example.edu/UQVK", "type": "VideoObject", "name": "Welcome", "duration": "PT20M20S"}
PLACE = {"id": "https://example.edu/UQVK?t=321", "type": "MediaLocation", "currentTime": "PT05M21S"}
PAGE = {"id": "https://example.edu/book?page=2", "type": "Page", "name": "Page 2"}

KINDS = [
    # event, the verb, the object's id
    (event("NavigationEvent", "NavigatedTo", entity("assignment", "AssignableDigitalResource")),
     "http://id.tincanapi.com/verb/viewed", "urn:instructure:canvas:assignment:355"),
    (event("ViewEvent", "Viewed", PAGE), "http://id.tincanapi.com/verb/viewed", PAGE["id"]),
    (event("SessionEvent", "LoggedIn", {"id": SENSOR, "type": "SoftwareApplication"}),
     "https://w3id.org/xapi/adl/verbs/logged-in", SENSOR),
    (event("SessionEvent", "LoggedOut", {"id": SENSOR, "type": "SoftwareApplication"}),
     "https://w3id.org/xapi/adl/verbs/logged-out", SENSOR),
    (event("AssessmentEvent", "Submitted", attempt(duration="PT40M12S", count=1)),
     "http://activitystrea.ms/schema/1.0/submit", "urn:instructure:canvas:assignment:355"),
    (event("AssessmentItemEvent", "Completed", ITEM, generated=RESPONSE),
     "http://adlnet.gov/expapi/verbs/answered", ITEM["id"]),
    (event("AssessmentItemEvent", "Skipped", ITEM), "http://id.tincanapi.com/verb/skipped", ITEM["id"]),
    (grade(), "http://adlnet.gov/expapi/verbs/scored", "urn:instructure:canvas:assignment:355"),
    (event("AssignableEvent", "Submitted", attempt(count=12)),
     "http://activitystrea.ms/schema/1.0/submit", "urn:instructure:canvas:assignment:355"),
    (event("MediaEvent", "Paused", VIDEO, target=PLACE), "https://w3id.org/xapi/video/verbs/paused", VIDEO["id"]),
    (event("ForumEvent", "Subscribed", entity("forum", "Forum", 1)),
     "http://purl.imsglobal.org/caliper/actions/Subscribed", "urn:instructure:canvas:forum:1"),
    (event("ThreadEvent", "MarkedAsRead", entity("discussion", "Thread", 2)),
     "http://purl.imsglobal.org/caliper/actions/MarkedAsRead", "urn:instructure:canvas:discussion:2"),
    (event("MessageEvent", "Posted",
           entity("discussionEntry", "Message", 3, isPartOf=entity("discussion", "Thread", 2), body="<p>hello</p>")),
     "https://w3id.org/xapi/acrossx/verbs/posted", "urn:instructure:canvas:discussionEntry:3"),
    (event("ToolUseEvent", "Used", {"id": "https://example.edu/tool", "type": "SoftwareApplication"}),
     "http://purl.imsglobal.org/caliper/actions/Used", "https://example.edu/tool"),
    (event("ResourceManagementEvent", "Uploaded", entity("attachment", "Document", 4)),
     "http://purl.imsglobal.org/caliper/actions/Uploaded", "urn:instructure:canvas:attachment:4"),
    (event("FeedbackEvent", "Commented", PAGE), "http://adlnet.gov/expapi/verbs/commented", PAGE["id"]),
    (event("SurveyEvent", "OptedIn", {"id": "https://example.edu/survey/1", "type": "Survey"}),
     "http://purl.imsglobal.org/caliper/actions/OptedIn", "https://example.edu/survey/1"),
    (event("Event", "Created", entity("enrollment", "Entity", 9)),
     "http://activitystrea.ms/schema/1.0/create", "urn:instructure:canvas:enrollment:9"),
]  # fmt: skip
"""One event of each profile."""
