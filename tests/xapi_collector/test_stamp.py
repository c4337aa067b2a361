"""What the collector adds to a statement, and that all else stays as it was sent."""

import json

import orjson
import pytest

from tests.xapi_collector.lrs import agent, statement
from xapi_collector.grammar import stamp, versions

_ID = "ab97b177-9383-4934-8543-0f91a7a02836"
_ACTIVITY = {"id": "https://a.example"}
_ODD = '[1.10,1e2,-0.0,12345678901234567890123,0.1234567890123456789,"\\u4e2d\\/"]'


def _stamped(text, version=versions.V1):
    value = json.loads(text)
    stamped = stamp.stamp(value, text.encode(), lambda: _ID, version)

    assert json.loads(stamped) == value
    return stamped.decode()


@pytest.mark.parametrize(("version", "stamped"), [(versions.V1, "1.0.0"), (versions.V2, "2.0.0")])
def test_a_statement_without_a_version_is_of_that_of_its_request(version, stamped):
    whole = json.loads(_stamped(json.dumps(statement()), version))

    assert whole["version"] == stamped


@pytest.mark.parametrize("sent", ["1.0", "1.0.3", "2.0.0"])
def test_a_version_stays_as_it_was_sent(sent):
    assert json.loads(_stamped(json.dumps(statement(version=sent)), versions.V2))["version"] == sent


@pytest.mark.parametrize("name", ["version", "\\u0076ersion"])
def test_a_version_is_always_written_in_the_form_that_readers_look_for(name):
    sent = f'{{"{name}" : "2.0.0", "actor":1.10,' + json.dumps(statement(actor=None))[1:]
    stamped = _stamped(sent, versions.V2)

    assert '"version":"2.0.0"' in stamped
    assert "1.10" in stamped


def test_a_statement_without_an_id_gets_one():
    assert json.loads(_stamped(json.dumps(statement(id=None))))["id"] == _ID


def test_what_only_a_store_can_know_is_taken_away():
    whole = json.loads(_stamped(json.dumps(statement(stored="2026-11-23T08:30:00Z", authority=agent()))))

    assert not {"stored", "authority"} & whole.keys()


def test_a_single_context_activity_becomes_an_array_in_a_substatement_too():
    context = {"contextActivities": {"parent": _ACTIVITY, "other": [_ACTIVITY]}}
    inner = {"objectType": "SubStatement"} | statement(id=None, context=context)
    whole = json.loads(_stamped(json.dumps(statement(object=inner, context=context))))

    arrays = {"parent": [_ACTIVITY], "other": [_ACTIVITY]}
    assert whole["context"]["contextActivities"] == whole["object"]["context"]["contextActivities"] == arrays


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"stored": "2026-11-23T08:30:00Z", "authority": agent()},
        {"context": {"contextActivities": {"parent": _ACTIVITY}}},
        {"object": {"objectType": "SubStatement"}
         | statement(id=None, context={"contextActivities": {"grouping": _ACTIVITY}})},
    ],
)  # fmt: skip
@pytest.mark.parametrize("space", ["", " ", "\n\t"])
def test_numbers_and_texts_stay_as_they_were_sent_whatever_changes_beside_them(changes, space):
    result = {"response": "ODD", "extensions": {"https://e.example": "ODD"}}
    text = json.dumps(statement(result=result, **changes), separators=(f"{space},{space}", f"{space}:{space}"))
    stamped = _stamped(text.replace('"ODD"}', _ODD + "}"))

    assert _ODD in stamped


def test_a_plain_statement_is_written_anew_only_where_it_changes():
    text = orjson.dumps(statement(version="1.0.0"))

    assert _stamped(text.decode()).encode() == text
