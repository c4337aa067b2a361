"""Requirements on statements (xAPI 1.0.3, Part Two: Data), one test a requirement; each breach is sent alone."""

import itertools
import json
import re

import pytest

from tests.xapi_collector.forms import MALFORMED, VALID
from tests.xapi_collector.lrs import agent, new_id, statement
from xapi_collector import formats

REFUSED = {
    rule: [changes for changes, _, _ in forms]
    for rule, forms in itertools.groupby(sorted(MALFORMED, key=lambda form: form[2]), key=lambda form: form[2])
}


@pytest.mark.parametrize("requirement", sorted(REFUSED))
@pytest.mark.parametrize("method", ["POST", "PUT"])
def test_the_collector_rejects_with_400_what_breaks(lrs, requirement, method):
    for changes in REFUSED[requirement]:
        body = statement(**changes)
        own = body["id"] if formats.is_uuid(str(body.get("id"))) else new_id()
        answer = lrs.post(body) if method == "POST" else lrs.put(body, own)

        assert answer.status_code == 400, changes
    assert lrs.ids() == []


def _nulls(value):
    """The value with one null in the place of each of its parts, extensions apart."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield value | {name: None}
            if name != "extensions":
                yield from (value | {name: changed} for changed in _nulls(inner))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield [*value[:index], None, *value[index + 1 :]]
            yield from ([*value[:index], changed, *value[index + 1 :]] for changed in _nulls(inner))


def test_xapi_00001_null_is_rejected_in_every_place_but_extensions(lrs):
    wrong = [changed for form in VALID[:8] for changed in _nulls(statement(**form))]

    assert len(wrong) > 100
    for each in wrong:
        assert lrs.post(each).status_code == 400, each


def test_xapi_00002_numbers_keep_the_precision_they_were_sent_with(lrs):
    numbers = ["0.1", "3.4028235e38", "1.17549435e-38", "-0.333333343", "16777217"]
    for number in numbers:
        one = statement(result={"score": {"raw": "RAW"}})
        body = json.dumps(one).replace('"RAW"', number).encode()
        lrs.post(body)

        assert f'"raw":{number}'.encode() in lrs.get(statementId=one["id"]).data.replace(b" ", b"")


def test_xapi_00007_a_format_is_checked_wherever_it_is_required(lrs):
    for changes in ({"id": ""}, {"verb": {"id": ""}}, {"actor": {"mbox": ""}}, {"timestamp": ""}):
        assert lrs.post(statement(**changes)).status_code == 400


@pytest.mark.parametrize("place", ["verb", "object", "actor", "registration"])
def test_xapi_00008_the_case_of_a_key_is_checked(lrs, place):
    body = json.dumps(statement(context={"registration": new_id()}))

    assert lrs.post(re.sub(f'"{place}"', f'"{place.capitalize()}"', body).encode()).status_code == 400


@pytest.mark.parametrize("value", ["agent", "AGENT", "group"])
def test_xapi_00009_the_case_of_an_enumerated_value_is_checked(lrs, value):
    assert lrs.post(statement(actor=agent() | {"objectType": value})).status_code == 400


@pytest.mark.parametrize("value", ["course.example/1", "//course.example/1", "/1"])
def test_xapi_00011_an_iri_needs_a_scheme(lrs, value):
    assert lrs.post(statement(object={"id": value})).status_code == 400
    assert lrs.get(activity=value).status_code == 400


def test_xapi_00015_strings_are_utf_8(lrs):
    one = statement(actor=agent("学习者 \U0001f600"))
    lrs.post(json.dumps(one, ensure_ascii=False).encode())

    assert lrs.get(statementId=one["id"]).json["actor"] == one["actor"]
    assert lrs.post(json.dumps(statement(actor=agent("é")), ensure_ascii=False).encode("latin-1")).status_code == 400


def test_xapi_00020_a_voiding_statement_is_taken(lrs):
    verb = {"id": "http://adlnet.gov/expapi/verbs/voided"}

    assert lrs.post(statement(verb=verb, object={"objectType": "StatementRef", "id": new_id()})).status_code == 200


def test_xapi_00021_a_doubled_key_is_rejected(lrs):
    body = json.dumps(statement())

    assert lrs.post((body[:-1] + ',"timestamp":"2026-11-23T08:30:00Z"}').encode()).status_code == 400


def test_xapi_00023_and_00097_stored_is_assigned_on_receipt(lrs):
    one = statement(stored="2000-01-01T00:00:00Z")
    lrs.post(one)
    stored = lrs.get(statementId=one["id"]).json["stored"]

    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3,}Z", stored)
    assert stored > "2026"


def test_xapi_00026_an_id_is_generated(lrs):
    (statement_id,) = lrs.post(statement(id=None)).json

    assert re.fullmatch(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", statement_id)
    assert lrs.get(statementId=statement_id).json["id"] == statement_id


@pytest.mark.parametrize("changes", [{"object": agent()}, {"object": {"objectType": "Activity"} | agent()}])
def test_xapi_00065_an_agent_as_object_says_so(lrs, changes):
    assert lrs.post(statement(**changes)).status_code == 400


def test_xapi_00096_a_context_activity_comes_back_in_an_array(lrs):
    activity = {"id": "https://course.example"}
    inner = {"actor": agent(), "verb": {"id": "https://v.example"}, "object": activity, "context": {}}
    inner["context"] = {"contextActivities": {"parent": activity}}
    one = statement(
        context={"contextActivities": {"category": activity}}, object={"objectType": "SubStatement"} | inner
    )
    lrs.post(one)
    found = lrs.get(statementId=one["id"]).json

    assert found["context"]["contextActivities"] == {"category": [activity]}
    assert found["object"]["context"]["contextActivities"] == {"parent": [activity]}


def test_xapi_00099_the_authority_is_populated(lrs):
    (statement_id,) = lrs.post(statement()).json

    assert lrs.get(statementId=statement_id).json["authority"]["objectType"] == "Agent"


def test_xapi_00100_an_authority_of_three_is_rejected(lrs):
    three = {"objectType": "Group", "member": [agent("a"), agent("b"), agent("c")]}

    assert lrs.post(statement(authority=three)).status_code == 400


@pytest.mark.parametrize("version", ["1.0", "1.0.0", "1.0.3", "1.0.9"])
def test_xapi_00101_and_00332_a_version_1_0_is_taken_and_kept(lrs, version):
    one = statement(version=version)
    lrs.post(one)

    assert lrs.get(statementId=one["id"]).json["version"] == version


@pytest.mark.parametrize("value", [None, "", {}, [], {"a.b": {"$c": None}}])
def test_xapi_00119_an_extension_may_be_empty(lrs, value):
    one = statement(result={"extensions": {"https://e.example": value}})

    assert lrs.put(one).status_code == 204
    assert lrs.get(statementId=one["id"]).json["result"] == one["result"]


def test_xapi_00122_a_timestamp_keeps_its_milliseconds(lrs):
    one = statement(timestamp="2026-11-23T16:30:00.123456+08:00")
    lrs.post(one)

    assert lrs.get(statementId=one["id"]).json["timestamp"] == "2026-11-23T16:30:00.123456+08:00"


@pytest.mark.parametrize("duration", ["PT4H35M59.14S", "PT16559.14S", "P3Y1M29DT4H35M59.14S", "P3Y", "P4W"])
def test_xapi_00124_a_duration_comes_back_as_it_was_sent(lrs, duration):
    one = statement(result={"duration": duration})
    lrs.post(one)

    assert lrs.get(statementId=one["id"]).json["result"]["duration"] == duration
