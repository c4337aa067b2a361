"""The OpenAPI document says what the application does, and nothing else."""

import re

import pytest
import schemathesis

_METHODS = {"get", "put", "post", "delete", "patch"}


@pytest.fixture
def document(quick):
    return quick.client.get("/xapi/openapi.json").json


def served(app):
    """Every route with each of its methods; HEAD goes with GET, and OPTIONS is for browsers."""
    return {
        (re.sub(r"<(\w+)>", r"{\1}", rule.rule), method.lower())
        for rule in app.url_map.iter_rules()
        for method in rule.methods
        if method not in {"HEAD", "OPTIONS"}
    }


def described(document):
    return {(path, method) for path, item in document["paths"].items() for method in item if method in _METHODS}


def operations(document):
    return [item[method] for item in document["paths"].values() for method in item if method in _METHODS]


def test_every_route_is_described_and_no_other(quick, document):
    assert described(document) == served(quick.client.application)


def test_a_tool_finds_every_operation_in_it(document):
    found = [result.ok() for result in schemathesis.openapi.from_dict(document).get_all_operations()]

    assert document["openapi"] == "3.1.0"
    assert {(each.path, each.method) for each in found} == described(document)


def test_every_reference_leads_somewhere(document):
    text = str(document)
    for reference in set(re.findall(r"'\$ref': '#/([^']+)'", text)):
        found = document
        for step in reference.split("/"):
            found = found[step]

        assert found


def test_every_operation_has_a_name_of_its_own_and_a_summary(document):
    names = [each["operationId"] for each in operations(document)]

    assert len(set(names)) == len(names)
    assert all(each["summary"].endswith(".") for each in operations(document))


def test_what_needs_no_credential_is_answered_without_one_and_the_rest_is_not(quick, document):
    for path, item in document["paths"].items():
        for method in _METHODS & item.keys():
            answer = quick.client.open(path, method=method.upper(), headers={"X-Experience-API-Version": "1.0.3"})

            assert (answer.status_code == 401) == (item[method].get("security") != []), (path, method)


def test_no_credential_and_no_version_is_needed_for_it(quick):
    assert quick.client.get("/xapi/openapi.json").status_code == 200
