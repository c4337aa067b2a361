"""Who is named in a statement, and how a name is taken out."""

import json

import pytest

from tests.xapi_collector.lrs import agent, statement
from xapi_collector import mentions

ERASED = {"account": {"homePage": "https://lrs.example/xapi", "name": "erased"}}
WHO = agent("gone")
TEAM = {"objectType": "Group", "member": [agent("b"), WHO | {"name": "Ada"}]}
_INNER = {"verb": statement()["verb"], "object": statement()["object"], "actor": agent("b")}


def _gone(each):
    return each.get("account") == WHO["account"]


PLACES = {
    "actor": {"actor": WHO},
    "member of the actor": {"actor": TEAM},
    "object": {"object": {"objectType": "Agent"} | WHO, "context": None},
    "member of the object": {"object": TEAM, "context": None},
    "instructor": {"context": {"instructor": WHO}},
    "member of the team": {"context": {"team": TEAM}},
    "context agent": {"context": {"contextAgents": [{"objectType": "contextAgent", "agent": WHO}]}},
    "context group": {"context": {"contextGroups": [{"objectType": "contextGroup", "group": TEAM}]}},
    "actor of a SubStatement": {"object": {"objectType": "SubStatement"} | _INNER | {"actor": WHO}},
    "instructor of a SubStatement": {
        "object": {"objectType": "SubStatement"} | _INNER | {"context": {"instructor": WHO}}
    },
    "object of a SubStatement": {
        "object": {"objectType": "SubStatement"} | _INNER | {"object": {"objectType": "Agent"} | WHO}
    },
}


@pytest.mark.parametrize("changes", PLACES.values(), ids=PLACES)
def test_an_agent_is_found_and_replaced_wherever_it_is_named(changes):
    one = statement(**changes)
    replaced = json.loads(mentions.replace(json.dumps(one).encode(), _gone, ERASED))

    assert any(_gone(each) for each in mentions.agents_of(one))
    assert not any(_gone(each) for each in mentions.agents_of(replaced))
    expected = json.dumps(one).replace(', "name": "Ada"', "").replace(json.dumps(WHO)[1:-1], json.dumps(ERASED)[1:-1])
    assert replaced == json.loads(expected)


def test_a_statement_that_does_not_name_them_keeps_its_bytes():
    text = json.dumps(statement(), indent=3).encode()

    assert mentions.replace(text, _gone, ERASED) is text


@pytest.mark.parametrize("number", ["1.10", "1e3", "-0.0", "12345678901234567890123", "0.1000000000000000055"])
def test_numbers_stay_as_they_were_sent(number):
    extensions = f'{{"https://e.example":{number},"https://e.example/text":"\\n{number}"}}'
    text = json.dumps(statement(actor=WHO, result={"extensions": "E"})).replace('"E"', extensions).encode()

    assert extensions.encode() in mentions.replace(text, _gone, ERASED)


@pytest.mark.parametrize("sent", ["\ue0001.5\ue000", "\ue000", "\ue001\ue000x"])
@pytest.mark.parametrize("ascii_only", [True, False])
def test_no_text_is_taken_for_a_number(sent, ascii_only):
    one = statement(actor=WHO, result={"response": sent})
    replaced = mentions.replace(json.dumps(one, ensure_ascii=ascii_only).encode(), _gone, ERASED)

    assert json.loads(replaced) == one | {"actor": ERASED}


def test_a_signature_goes_with_what_it_signed():
    signature = {"usageType": mentions.SIGNATURE, "sha2": "ab" * 32}
    other = {"usageType": "https://usage.example", "sha2": "cd" * 32}
    replaced = [
        json.loads(mentions.replace(json.dumps(statement(actor=WHO, attachments=files)).encode(), _gone, ERASED))
        for files in ([signature, other], [signature])
    ]

    assert [each.get("attachments") for each in replaced] == [[other], None]


def test_a_replaced_group_is_a_group_still():
    group = {"objectType": "Group", "member": [agent("b")]} | WHO
    replaced = json.loads(mentions.replace(json.dumps(statement(context={"team": group})).encode(), _gone, ERASED))

    assert replaced["context"]["team"] == {"objectType": "Group"} | ERASED
