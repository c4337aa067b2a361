"""Requirements on statements (xAPI 1.0.3, Part Two: Data 2.2 to 2.4 and 4), by both versions of the protocol."""

import json
import re

import pytest

from tests.conformance.xapi import patterns
from tests.conformance.xapi.client import V1, reference, statement, voiding
from tests.xapi_collector.lrs import agent, new_id

FORMS = {f"XAPI-{number:05d}": forms for number, forms in patterns.PATTERNS.items()}


@pytest.mark.parametrize("requirement", sorted(FORMS))
def test_a_form_that_keeps_the_requirement_is_stored_and_one_that_breaks_it_is_not(client, requirement):
    kept, broken = FORMS[requirement]

    assert client.post([statement(**changes) for changes in kept]).status_code == 200
    for changes in broken:
        one = statement(**changes)
        answer = client.post(one)
        assert (answer.status_code, answer.content_type) == (400, "application/problem+json"), changes
        if "id" not in changes:
            assert client.put(one).status_code == 400, changes
            assert client.get(statementId=one["id"]).status_code == 404


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


def test_xapi_00001_null_is_refused_in_every_place_but_extensions(client):
    forms = [
        {},
        patterns.interaction(
            "choice", choices=[{"id": "a", "description": {"en": "a"}}], correctResponsesPattern=["a"]
        ),
        patterns.inner(context={"team": patterns.TEAM}),
        patterns.attached(),
    ]
    wrong = [changed for form in forms for changed in _nulls(statement(**form))]

    assert len(wrong) > 80
    for each in wrong:
        assert client.post(each).status_code == 400, each
    for empty in ({"actor": {}}, {"verb": {}}, {"object": {}}):
        assert client.post(statement(**empty)).status_code == 400
    assert client.post(statement(result={"extensions": {"https://e.example": None}})).status_code == 200


def test_xapi_00002_numbers_come_back_as_they_were_sent(client):
    for number in ("0.1", "3.4028235e38", "1.17549435e-38", "-0.333333343", "16777217", "12345678901234567890", "1E2"):
        one = statement(result={"score": {"raw": "RAW"}})
        assert client.post(json.dumps(one).replace('"RAW"', number).encode()).status_code == 200

        assert f'"raw":{number}' in client.get(statementId=one["id"]).text.replace(" ", "")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("agent", {"mbox": "no mail"}), ("agent", "no json"), ("agent", {"name": "x"}), ("verb", "no iri"),
        ("activity", "no iri"), ("registration", "no-uuid"), ("since", "yesterday"), ("until", "2026-13-01T00:00:00Z"),
        ("limit", "-1"), ("limit", "x"), ("ascending", "yes"), ("related_agents", "1"), ("related_activities", "x"),
        ("format", "full"), ("attachments", "x"), ("statementId", "x"), ("voidedStatementId", "x"),
    ],
)  # fmt: skip
def test_xapi_00012_a_parameter_is_held_to_the_rules_of_statements(client, name, value):
    assert client.get(**{name: value}).status_code == 400


@pytest.mark.parametrize("body", [b"", b"{", b"[{]", b"{'a': 1}", b'"text"', b"5", b"null", b'{"a": NaN}', b"{}{}"])
def test_xapi_00014_what_is_no_json_object_is_refused(client, body):
    assert client.post(body).status_code == 400


def test_xapi_00015_strings_are_utf_8(client):
    one = statement(actor=agent("学习者 \U0001f600 é"))
    raw = json.dumps(one, ensure_ascii=False)

    assert client.post(raw.encode()).status_code == 200
    assert client.one(one["id"])["actor"] == one["actor"]
    assert client.post(raw.replace("\U0001f600 é", "é").replace("学习者", "").encode("latin-1")).status_code == 400


def test_xapi_00016_a_statement_that_voids_is_not_voided(anywhere):
    first = statement()
    second = voiding(first["id"])
    third = voiding(second["id"])
    anywhere.stored(first, second)
    anywhere.post(third)

    assert anywhere.one(second["id"])["id"] == second["id"]
    assert anywhere.get(voidedStatementId=second["id"]).status_code == 404
    assert anywhere.get(voidedStatementId=first["id"]).json["id"] == first["id"]


def test_xapi_00018_a_voided_statement_is_not_found_by_its_id(anywhere):
    one, other = statement(), statement()
    anywhere.stored(one, other, voiding(one["id"]))

    assert anywhere.get(statementId=one["id"]).status_code == 404
    assert anywhere.get(statementId=other["id"]).status_code == 200


def test_xapi_00021_a_doubled_key_is_refused(client):
    for place in ('"timestamp"', '"id"', '"objectType"', '"language"'):
        body = json.dumps(statement())
        doubled = re.sub(rf'{place}: ("[^"]*")', rf"{place}: \1, {place}: \1", body, count=1)

        assert doubled != body
        assert client.post(doubled.encode()).status_code == 400


def test_xapi_00023_and_00097_stored_is_set_on_receipt(client):
    one = statement(stored="2000-01-01T00:00:00Z")
    client.stored(one)
    stored = client.one(one["id"])["stored"]

    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3,}Z", stored)
    assert stored > "2024"
    assert client.post(statement(stored="yesterday")).status_code == 400


def test_xapi_00026_an_id_is_generated(client):
    (statement_id,) = client.stored(statement(id=None))

    assert re.fullmatch(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", statement_id)
    assert client.one(statement_id)["id"] == statement_id


def test_xapi_00096_a_context_activity_comes_back_in_an_array(client):
    activity = {"id": "https://course.example"}
    inner = patterns.inner(context={"contextActivities": {"parent": activity}})
    one = statement(context={"contextActivities": {"category": activity, "other": [activity]}}, **inner)
    client.stored(one)
    found = client.one(one["id"])

    assert found["context"]["contextActivities"] == {"category": [activity], "other": [activity]}
    assert found["object"]["context"]["contextActivities"] == {"parent": [activity]}


def test_xapi_00099_the_authority_is_the_credentials_own(client):
    one, other = statement(), statement(authority=agent("somebody else"))
    client.stored(one, other)
    authority = client.one(one["id"])["authority"]

    assert authority["objectType"] == "Agent"
    assert set(authority["account"]) == {"homePage", "name"}
    assert client.one(other["id"])["authority"] == authority


def test_xapi_00122_a_timestamp_keeps_its_milliseconds(client):
    one = statement(timestamp="2026-11-23T08:30:00.123456Z")
    client.stored(one)

    assert client.one(one["id"])["timestamp"].startswith("2026-11-23T08:30:00.123")


def test_xapi_00330_a_statement_is_not_changed_because_of_its_version(client):
    one = statement(version="1.0.0")
    client.stored(one)
    found = client.one(one["id"])

    assert {name: found[name] for name in one} == one


@pytest.mark.parametrize("version", ["1.0", "1.0.0", "1.0.3", "1.0.9"])
def test_xapi_00332_a_statement_keeps_its_version(client, version):
    one, bare = statement(version=version), statement()
    client.stored(one, bare)

    assert client.one(one["id"])["version"] == version
    assert client.one(bare["id"])["version"] == ("1.0.0" if client.version == V1 else "2.0.0")


def test_a_reference_to_what_is_not_there_is_taken(client):
    assert client.post(statement(object=reference(new_id()))).status_code == 200
