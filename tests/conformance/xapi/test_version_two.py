"""Requirements that xAPI 2.0.0 (IEEE 9274.1.1) adds to those of 1.0.3, or changes; by its section numbers."""

import email.utils
import time
from datetime import UTC, datetime

import pytest

from tests.conformance.xapi import patterns
from tests.conformance.xapi.client import MIXED, V1, V2, Client, json_part, multipart, statement, voiding
from tests.conformance.xapi.test_attachments import _jws, _payload, _signed
from tests.conformance.xapi.test_documents import PATHS, Documents
from tests.xapi_collector.lrs import agent, new_id

AGENT = patterns.AGENT
GROUP = {"objectType": "Group", "mbox": "mailto:team@example.org", "member": [AGENT]}


def _context_agent(**changes):
    return {"objectType": "contextAgent", "agent": AGENT, "relevantTypes": ["https://types.example/tutor"]} | changes


def _context_group(**changes):
    return {"objectType": "contextGroup", "group": GROUP, "relevantTypes": ["https://types.example/cohort"]} | changes


def _without(value, name):
    return {key: inner for key, inner in value.items() if key != name}


def _accepts(v2, name, right, wrong):
    """Context parts are taken as they are, in a SubStatement too, and refused if one is wrong."""
    for each in right:
        one = statement(context={name: each})
        v2.stored(one, statement(**patterns.inner(context={name: each})))
        assert v2.one(one["id"])["context"] == one["context"]
    for each in wrong:
        assert v2.post(statement(context={name: each})).status_code == 400, each
        assert v2.post(statement(**patterns.inner(context={name: each}))).status_code == 400, each


@pytest.mark.parametrize("version", ["2.0", "2.0.0", "2.0.1"])
def test_ieee_01_a_request_of_2_0_is_taken(v2, version):
    answer = v2.send("GET", "/statements", limit="1", headers={"X-Experience-API-Version": version})

    assert (answer.status_code, answer.headers["X-Experience-API-Version"]) == (200, V2)


def test_ieee_02_there_is_no_alternate_request_syntax(v2):
    one = statement()
    for form in (b"", b"content=%7B%7D", f"statementId={one['id']}&content=%7B%7D".encode()):
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        for method in ("GET", "PUT", "POST"):
            assert v2.send("POST", "/statements?method=" + method, form, headers=headers).status_code == 400


def test_ieee_03_multipart_may_hold_statements_alone(v2):
    linked = statement(**patterns.attached())
    for one in (statement(), linked, [statement(), statement()]):
        assert v2.send("POST", "/statements", multipart(json_part(one)), headers=MIXED).status_code == 200


@pytest.mark.parametrize("resource", PATHS)
def test_ieee_04_a_document_is_answered_with_its_etag(v2, resource):
    documents = Documents(v2, resource).kept("one")
    first = documents.send("GET", "one").headers["ETag"]

    assert first.startswith('"')
    assert len(first) > 2
    documents.kept("one", b'{"a":3}')
    assert documents.send("GET", "one").headers["ETag"] != first


@pytest.mark.parametrize("resource", PATHS)
def test_ieee_05_if_match_guards_put_post_and_delete(v2, resource):
    documents = Documents(v2, resource).kept("one", b'{"a":1}')
    for method, body in (("PUT", b'{"b":2}'), ("POST", b'{"b":3}'), ("DELETE", None)):
        tag = documents.send("GET", "one").headers["ETag"]
        before = documents.send("GET", "one").data
        assert documents.send(method, "one", body, {"If-Match": '"1234"'}).status_code == 412
        assert documents.send("GET", "one").data == before
        assert documents.send(method, "one", body, {"If-Match": tag}).status_code == 204

    assert documents.send("GET", "one").status_code == 404


@pytest.mark.parametrize("resource", PATHS)
def test_ieee_06_put_over_a_document_without_a_precondition_is_409(v2, resource):
    documents = Documents(v2, resource)

    assert documents.send("PUT", "one", b'{"a":1}').status_code == 204
    answer = documents.send("PUT", "one", b'{"a":2}')
    assert (answer.status_code, documents.send("GET", "one").data) == (409, b'{"a":1}')
    assert answer.data


def test_ieee_07_last_modified_of_a_statement_is_its_stored(v2):
    one = statement()
    v2.stored(one)
    answer = v2.get(statementId=one["id"])
    modified = email.utils.parsedate_to_datetime(answer.headers["Last-Modified"])

    assert modified == datetime.fromisoformat(answer.json["stored"]).replace(microsecond=0)


def test_ieee_08_a_batch_with_one_id_twice_is_refused(v2):
    one = statement()

    assert v2.post([one, one]).status_code == 400
    assert v2.post([one, statement(id=one["id"].upper())]).status_code == 400
    assert v2.get(statementId=one["id"]).status_code == 404


def test_ieee_09_related_agents_finds_context_agents_and_groups(v2):
    who, team = agent(new_id()), {"objectType": "Group"} | agent(new_id())
    places = [
        statement(context={"contextAgents": [_context_agent(agent=who)]}),
        statement(context={"contextGroups": [_context_group(group=team | {"member": [who]})]}),
        statement(**patterns.inner(context={"contextAgents": [_context_agent(agent=who)]})),
    ]
    v2.stored(*places, statement(context={"contextAgents": [_context_agent()]}))

    assert v2.ids(agent=who) == []
    assert v2.ids(agent=who, related_agents="true") == [each["id"] for each in reversed(places)]
    assert v2.ids(agent=team, related_agents="true") == [places[1]["id"]]


def test_ieee_10_last_modified_of_a_document_moves_with_it(v2):
    every = [Documents(v2, resource).kept("one") for resource in PATHS]
    before = [email.utils.parsedate_to_datetime(each.send("GET", "one").headers["Last-Modified"]) for each in every]
    time.sleep(1.01)
    for documents, earlier in zip(every, before, strict=True):
        documents.kept("one", b'{"a":2}')
        later = email.utils.parsedate_to_datetime(documents.send("GET", "one").headers["Last-Modified"])

        assert earlier < later
        assert abs(later.timestamp() - time.time()) < 60


def test_ieee_11_an_activity_never_seen_before_is_an_activity_still(v2):
    iri = f"https://course.example/{new_id()}"
    answer = v2.send("GET", "/activities", activityId=iri)

    assert (answer.status_code, answer.json) == (200, {"objectType": "Activity", "id": iri})


def test_ieee_12_about_lists_2_0_0(v2):
    assert V2 in v2.send("GET", "/about").json["version"]


def test_ieee_13_context_agents_are_an_array(v2):
    _accepts(
        v2,
        "contextAgents",
        [[_context_agent()], [_context_agent(), _context_agent(agent=agent("b"))]],
        ["x", 5, {}, _context_agent(), [5], ["x"], [None]],
    )


def test_ieee_14_a_context_agent_has_its_type_and_an_agent(v2):
    _accepts(
        v2,
        "contextAgents",
        [[_without(_context_agent(), "relevantTypes")]],
        [
            [_without(_context_agent(), "objectType")],
            [_without(_context_agent(), "agent")],
            [_context_agent(objectType="contextGroup")],
            [_context_agent(objectType="ContextAgent")],
            [_context_agent(agent={"name": "no one"})],
            [_context_agent(agent=GROUP)],
            [_context_agent(unknown=1)],
        ],
    )


def test_ieee_15_the_relevant_types_of_a_context_agent_are_iris(v2):
    _accepts(
        v2,
        "contextAgents",
        [[_context_agent(relevantTypes=["https://a.example", "tag:b.example,2026:b"])]],
        [[_context_agent(relevantTypes=value)] for value in ([], "https://a.example", ["abc"], [5], {"a": 1})],
    )


def test_ieee_16_context_groups_are_an_array(v2):
    _accepts(
        v2,
        "contextGroups",
        [[_context_group()], [_context_group(group=patterns.TEAM)]],
        ["x", 5, {}, _context_group(), [5], ["x"], [None]],
    )


def test_ieee_17_a_context_group_has_its_type_and_a_group(v2):
    _accepts(
        v2,
        "contextGroups",
        [[_without(_context_group(), "relevantTypes")]],
        [
            [_without(_context_group(), "objectType")],
            [_without(_context_group(), "group")],
            [_context_group(objectType="contextAgent")],
            [_context_group(group=AGENT)],
            [_context_group(group={"objectType": "Group"})],
            [_context_group(unknown=1)],
        ],
    )


def test_ieee_18_the_relevant_types_of_a_context_group_are_iris(v2):
    _accepts(
        v2,
        "contextGroups",
        [[_context_group(relevantTypes=["https://a.example"])]],
        [[_context_group(relevantTypes=value)] for value in ([], "https://a.example", ["abc"], [5], {"a": 1})],
    )


def test_ieee_19_context_agents_and_groups_are_no_part_of_1_0_3(v1):
    for context in ({"contextAgents": [_context_agent()]}, {"contextGroups": [_context_group()]}):
        assert v1.post(statement(context=context)).status_code == 400
    assert v1.post(statement(version="2.0.0")).status_code == 400


def test_ieee_20_a_timestamp_in_the_future_is_taken(v2):
    soon = datetime.fromtimestamp(time.time() + 300, UTC).isoformat()

    assert v2.post(statement(timestamp=soon)).status_code == 200


def test_ieee_21_a_statement_without_a_timestamp_gets_that_of_stored(v2):
    one = statement(timestamp=None)
    v2.stored(one)
    found = v2.one(one["id"])

    assert found["timestamp"] == found["stored"]


def test_ieee_22_a_version_of_2_0_is_taken_and_kept(v2):
    for version in ("2.0.0", "2.0.5"):
        one = statement(version=version)
        v2.stored(one)
        assert v2.one(one["id"])["version"] == version
    bare = statement()
    v2.stored(bare)

    assert v2.one(bare["id"])["version"] == "2.0.0"
    for version in ("2.1.0", "2", "2.0.x", "3.0.0", "0.9.9"):
        assert v2.post(statement(version=version)).status_code == 400


def test_ieee_23_a_statement_that_voids_an_unknown_one_is_taken(v2):
    one = statement()
    v2.stored(voiding(one["id"]), one)

    assert v2.get(statementId=one["id"]).status_code == 404
    assert v2.get(voidedStatementId=one["id"]).status_code == 200


def test_ieee_24_a_fine_duration_is_taken_and_never_rounded(v2):
    one = statement(result={"duration": "P1DT12H36M0.12567S"})
    v2.stored(one)

    assert v2.one(one["id"])["result"]["duration"] == "P1DT12H36M0.12567S"


def test_ieee_25_durations_are_compared_to_a_hundredth_of_a_second(v2):
    one = statement(result={"duration": "P1DT12H36M0.12S"})
    fine = one | {"result": {"duration": "P1DT12H36M0.1237S"}}
    other = one | {"result": {"duration": "P1DT12H36M0.13S"}}

    assert _signed(v2, other, _jws(_payload(one))).status_code == 400
    assert _signed(v2, fine, _jws(_payload(one))).status_code == 200


def test_ieee_26_a_timestamp_means_the_same_instant(v2):
    one = statement(timestamp="2023-05-04T12:00:00-05:00")
    v2.stored(one)
    found = datetime.fromisoformat(v2.one(one["id"])["timestamp"])

    assert found == datetime(2023, 5, 4, 17, tzinfo=UTC)
    assert v2.post(statement(timestamp="2008-09-15T15:53:00.601+00:00")).status_code == 200


def test_ieee_27_iris_are_compared_as_strings(v2):
    plain = f"https://course.example/path/{new_id()}"
    dotted = plain.replace("/path/", "/path/../path/")
    v2.stored(statement(object={"id": dotted, "definition": {"type": "https://t.example"}}))

    assert v2.send("GET", "/activities", activityId=dotted).json["definition"] == {"type": "https://t.example"}
    assert v2.send("GET", "/activities", activityId=plain).json["id"] == plain
    assert v2.ids(activity=plain) == []


def test_a_reader_of_1_0_3_gets_what_1_0_3_knows(v2):
    one = statement(context={"contextAgents": [_context_agent()], "platform": "p"})
    v2.stored(one)
    found = Client(v2.lrs, V1).one(one["id"])

    assert found["context"] == {"platform": "p"}
    assert found["version"].startswith("1.0")
