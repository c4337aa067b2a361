"""Caliper events become statements: each profile, who acts, what is kept and what is not."""

import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.xapi_collector import canvas
from xapi_collector import errors
from xapi_collector.caliper import actors, events, results
from xapi_collector.grammar import validate

ITSELF = canvas.envelope()
CANVAS = "https://canvas.instructure.com"


def made(event, **changes):
    return events.statement(event, canvas.envelope(**changes))


def account(home_page, name):
    return {"account": {"homePage": home_page, "name": name}}


@pytest.mark.parametrize(("event", "verb", "target"), canvas.KINDS)
def test_an_event_of_each_profile_has_its_verb_and_object(event, verb, target):
    statement = made(event)

    assert (statement["verb"]["id"], statement["object"]["id"]) == (verb, target)
    assert statement["id"] == event["id"].removeprefix("urn:uuid:")
    assert statement["timestamp"] == event["eventTime"]


def test_the_display_of_a_verb_is_the_action_in_words():
    assert made(canvas.event("ThreadEvent", "MarkedAsRead", canvas.PAGE))["verb"]["display"] == {"en": "marked as read"}


def test_the_course_the_whole_and_the_platform_are_in_the_context():
    context = made(canvas.event("AssessmentItemEvent", "Started", canvas.ITEM))["context"]
    activities = {name: [each["id"] for each in found] for name, found in context["contextActivities"].items()}

    assert activities == {
        "parent": ["https://example.edu/courses/7/assess/1"],
        "grouping": ["urn:instructure:canvas:course:565"],
        "category": [canvas.CONTEXT],
    }
    assert context["platform"] == canvas.SENSOR
    assert context["extensions"][events.EXTENSION]["roles"] == ["Learner"]
    assert context["extensions"][events.EXTENSION]["session"] == "urn:instructure:canvas:session:ef686f8e"


def test_an_object_has_the_name_and_type_of_its_entity():
    definition = made(canvas.event("ViewEvent", "Viewed", canvas.ITEM))["object"]["definition"]

    assert definition == {
        "name": {"und": "Assessment Item 3"},
        "type": "http://adlnet.gov/expapi/activities/question",
    }


def test_a_grade_belongs_to_the_learner_and_its_giver_is_the_instructor():
    statement = made(canvas.grade(5, 10))

    assert statement["actor"] == account(CANVAS, "21070000000000048")
    assert statement["context"]["instructor"] == account(CANVAS, "987")
    assert statement["result"]["score"] == {"raw": 5, "scaled": 0.5, "max": 10, "min": 0}
    assert statement["context"]["extensions"][events.EXTENSION]["attempt"] == "urn:instructure:canvas:submission:11086"


def test_a_grade_that_software_gave_has_no_instructor():
    event = canvas.grade(actor={"id": "https://example.edu/autograder", "type": "SoftwareApplication"})

    assert "instructor" not in made(event)["context"]


@pytest.mark.parametrize(
    ("given", "most", "score"),
    [
        (5, 1, {"raw": 5, "scaled": 1.0}),
        (-1, 10, {"raw": -1, "scaled": -0.1, "max": 10}),
        (5, 0, {"raw": 5}),
        (5, None, {"raw": 5}),
        ("5", 10, None),
    ],
)
def test_a_score_keeps_within_what_xapi_allows(given, most, score):
    assert made(canvas.grade(given, most)).get("result", {}).get("score") == score


def test_a_score_beyond_the_maximum_says_so():
    assert made(canvas.grade(5, 1))["result"]["extensions"] == {results.MAXIMUM: 1}


def test_the_maximum_may_be_that_of_the_assignment():
    thing = {"id": "https://example.edu/a", "type": "Assessment", "maxScore": 160}
    result = {"id": "https://example.edu/r", "type": "Result", "totalScore": 80}
    event = canvas.event("GradeEvent", "Graded", canvas.attempt(assignable=thing), generated=result)

    assert made(event)["result"]["score"]["scaled"] == 0.5


def test_an_answer_comes_with_its_duration():
    statement = made(canvas.event("AssessmentItemEvent", "Completed", canvas.ITEM, generated=canvas.RESPONSE))

    assert statement["result"] == {"response": "subject[,]object[,]predicate", "duration": "PT12S"}


@pytest.mark.parametrize(
    ("value", "response"), [("C", "C"), (4, "4"), (True, "true"), ([], ""), ([1], None), ({}, None)]
)
def test_an_answer_is_a_text(value, response):
    generated = {"id": "https://example.edu/r", "type": "MultipleChoiceResponse", "value": value}
    statement = made(canvas.event("AssessmentItemEvent", "Completed", canvas.ITEM, generated=generated))

    assert statement.get("result", {}).get("response") == response


def test_an_attempt_that_is_handed_in_is_complete_and_took_its_time():
    statement = made(canvas.event("AssessmentEvent", "Submitted", canvas.attempt(duration="PT40M12S", count=2)))

    assert statement["result"] == {"duration": "PT40M12S", "completion": True}
    assert statement["context"]["extensions"][events.EXTENSION]["attemptCount"] == 2


def test_a_place_in_a_video_is_told_in_seconds():
    statement = made(canvas.event("MediaEvent", "Paused", canvas.VIDEO, target=canvas.PLACE))

    assert statement["result"] == {"extensions": {results.POSITION: 321.0}}
    assert "other" not in statement["context"]["contextActivities"]


def test_a_target_is_told_if_it_says_what_it_is():
    frame = canvas.event("NavigationEvent", "NavigatedTo", canvas.ITEM, target=canvas.PAGE)
    bare = canvas.event("NavigationEvent", "NavigatedTo", canvas.ITEM, target="https://example.edu/users/1")

    assert [each["id"] for each in made(frame)["context"]["contextActivities"]["other"]] == [canvas.PAGE["id"]]
    assert "other" not in made(bare)["context"]["contextActivities"]


def test_no_login_address_or_text_of_a_person_is_kept():
    event = canvas.event("MessageEvent", "Posted", canvas.entity("discussionEntry", "Message", 3, body="a secret text"))
    event["actor"]["name"] = "A Name"
    text = json.dumps(made(event))

    assert not [word for word in ("secret", "192.0.2.7", "Mozilla", "someone@", "456-T45", "A Name", "student_id",
                                  "Learner:2107") if word in text]  # fmt: skip


@pytest.mark.parametrize(
    ("actor", "session", "expected"),
    [
        (canvas.person(7), None, account(CANVAS, "7")),
        ("urn:instructure:canvas:user:7", None, account(CANVAS, "7")),
        (
            "https://example.edu/users/1",
            {"messageParameters": {"iss": "https://lms.example", "sub": "42"}},
            account("https://lms.example", "42"),
        ),
        (
            "https://example.edu/users/1",
            {"user": "https://example.edu/users/2", "messageParameters": {"iss": "https://lms.example", "sub": "42"}},
            account("https://example.edu", "https://example.edu/users/1"),
        ),
        (
            "https://example.edu/users/1",
            {"messageParameters": {"user_id": "42"}},
            account("https://example.edu", "https://example.edu/users/1"),
        ),
        (
            {
                "id": "https://example.edu/users/1",
                "otherIdentifiers": [
                    {"identifierType": "EmailAddress", "identifier": "a@example.org"},
                    {"identifierType": "LtiUserId", "identifier": "42", "source": "https://lms.example"},
                ],
            },
            None,
            account("https://lms.example", "42"),
        ),
        ("urn:uuid:1", None, account("http://lms.example", "urn:uuid:1")),
        (
            {"id": "https://example.edu/groups/1", "type": "Group"},
            None,
            {"objectType": "Group"} | account("https://example.edu", "https://example.edu/groups/1"),
        ),
    ],
)
def test_the_actor_has_the_account_by_which_launches_know_them(actor, session, expected):
    event = canvas.event("ViewEvent", "Viewed", canvas.PAGE, actor=actor, federatedSession=session)

    assert made(event)["actor"] == expected


def test_the_session_of_the_grader_does_not_name_the_learner():
    session = {"messageParameters": {"iss": "https://lms.example", "sub": "42"}}
    statement = made(canvas.grade(federatedSession=session))

    assert statement["context"]["instructor"] == account("https://lms.example", "42")
    assert statement["actor"] == account(CANVAS, "21070000000000048")


def test_an_institution_may_have_a_canvas_of_its_own():
    statement = events.statement(canvas.event("ViewEvent", "Viewed", canvas.PAGE), ITSELF, "https://canvas.example")

    assert statement["actor"] == account("https://canvas.example", "21070000000000048")


@pytest.mark.parametrize(
    "target",
    [canvas.person(5), {"id": "urn:x:membership:5", "type": "Membership", "member": canvas.person(5)}],
)
def test_a_person_as_object_is_an_agent_and_no_activity(target):
    statement = made(canvas.event("Event", "Created", target))

    assert statement["object"] == {"objectType": "Agent"} | account(CANVAS, "5")
    assert "platform" not in statement["context"]


def test_courses_that_are_parts_of_each_other_end():
    course = {"id": "https://example.edu/c/1", "type": "CourseSection"}
    course["subOrganizationOf"] = {"id": "https://example.edu/c", "type": "CourseOffering", "subOrganizationOf": course}
    grouping = made(canvas.event("ViewEvent", "Viewed", canvas.PAGE, group=course))["context"]["contextActivities"]

    assert [each["id"] for each in grouping["grouping"]] == ["https://example.edu/c/1", "https://example.edu/c"]


def test_an_id_that_is_no_uuid_always_makes_the_same_one():
    ids = {events.statement_id("event-7", sensor) for sensor in ("https://a.example", "https://b.example")}

    assert len(ids) == 2
    assert events.statement_id("event-7", "https://a.example") in ids


def test_an_object_may_be_named_by_its_id_alone():
    bare = made(canvas.event("ViewEvent", "Viewed", canvas.PAGE["id"]))["object"]
    odd = made(canvas.event("ViewEvent", "Viewed", canvas.PAGE | {"name": "", "type": "no term!"}))["object"]

    assert bare == odd == {"objectType": "Activity", "id": canvas.PAGE["id"]}


@pytest.mark.parametrize("other", [{"identifierType": "LtiUserId", "identifier": "42"}, {"identifierType": "Other"}, 5])
def test_an_identifier_that_names_no_platform_is_passed_over(other):
    actor = {"id": "https://[", "otherIdentifiers": [other]}

    assert made(canvas.event("ViewEvent", "Viewed", canvas.PAGE, actor=actor))["actor"] == account(
        "http://lms.example", "https://["
    )


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"id": None}, ".id"),
        ({"id": 5}, ".id"),
        ({"type": "no term!"}, ".type"),
        ({"action": ["Viewed"]}, ".action"),
        ({"eventTime": "yesterday"}, ".eventTime"),
        ({"eventTime": None}, ".eventTime"),
        ({"actor": None}, ".actor"),
        ({"actor": {"type": "Person"}}, ".actor"),
        ({"object": None}, ".object"),
        ({"object": {"id": "no iri"}}, ".object"),
    ],
)
def test_a_bad_event_is_refused_by_where_it_is_bad(changes, path):
    with pytest.raises(errors.InvalidStatementError) as caught:
        made(canvas.event("ViewEvent", "Viewed", canvas.PAGE) | changes)

    assert caught.value.path == path


def test_what_is_no_object_is_no_event():
    with pytest.raises(errors.InvalidStatementError):
        made("event")


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        (canvas.event("ViewEvent", "Viewed", canvas.PAGE), True),
        ({"type": "ViewEvent"}, True),
        ({"action": "Viewed"}, True),
        (canvas.person(), False),
        ({}, False),
        (5, True),
    ],
)
def test_what_describes_an_entity_is_no_event(item, expected):
    assert events.is_event(item) is expected


@pytest.mark.parametrize("version", events.VERSIONS)
def test_an_envelope_of_both_versions_is_taken(version):
    assert events.check_envelope(canvas.envelope(dataVersion=version)) is None


@pytest.mark.parametrize(
    ("envelope", "path", "status"),
    [
        ([], "$", 400),
        (canvas.envelope(sensor=None), "$.sensor", 400),
        (canvas.envelope(sensor=5), "$.sensor", 400),
        (canvas.envelope(sendTime=None), "$.sendTime", 400),
        (canvas.envelope(sendTime="now"), "$.sendTime", 400),
        (canvas.envelope() | {"data": {}}, "$.data", 400),
        (canvas.envelope(dataVersion=None), "$.dataVersion", 400),
        (canvas.envelope(dataVersion="http://purl.imsglobal.org/ctx/caliper/v1p0"), "$.dataVersion", 422),
    ],
)
def test_a_malformed_envelope_is_refused(envelope, path, status):
    with pytest.raises(errors.RequestError) as caught:
        events.check_envelope(envelope)

    assert (caught.value.path, caught.value.status) == (path, status)


def test_a_sensor_that_is_no_address_can_still_be_the_home_of_its_people():
    issuer = actors.Issuer("urn:uuid:54b54b42-dd02-42f8-88ed-07bd719bfb7c", CANVAS)

    assert actors.agent("_12345_1", issuer) == account(issuer.sensor, "_12345_1")
    assert actors.agent("_12345_1", actors.Issuer("a sensor", CANVAS)) is None


TEXTS = st.sampled_from(
    ["", "a b", "urn:instructure:canvas:user:", "https://[", "https://a.example/1", "Person", "PT1S"]
)
JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-(10**20), 10**20), st.floats(-1e308, 1e308), TEXTS),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from(["id", "type", "name", "duration", "values", "isPartOf", "assignee", "assignable", "maxScore",
                         "scoreGiven", "user", "messageParameters", "iss", "sub", "otherIdentifiers", "member"]),
        inner, max_size=4),
    max_leaves=12,
)  # fmt: skip
EVENTS = [event for event, _, _ in canvas.KINDS]
FIELDS = st.sampled_from(["id", "type", "action", "actor", "object", "generated", "target", "group", "membership",
                          "session", "federatedSession", "edApp", "eventTime", "profile"])  # fmt: skip


@given(st.sampled_from(EVENTS), st.dictionaries(FIELDS, JSON, max_size=3))
def test_whatever_is_sent_makes_a_valid_statement_or_is_refused(event, changes):
    with contextlib.suppress(errors.InvalidStatementError):
        validate.statement(made(event | changes))  # a statement that is not valid would have a path into itself: "$..."
        return
    with pytest.raises(errors.InvalidStatementError) as caught:
        made(event | changes)

    assert not caught.value.path.startswith("$")
