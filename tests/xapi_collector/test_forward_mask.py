"""What goes out to another record store: to the last digit, or without people."""

import json

import pytest

from tests.xapi_collector.lrs import agent, statement
from xapi_collector.forwarding import mask
from xapi_collector.grammar import validate

HOME = "https://lrs.example/xapi"
KEY = b"k" * 32
_GROUP = {"objectType": "Group", "name": "Team", "member": [agent("b") | {"name": "B Name"}, agent("c")]}


def masked(value, strip=(), key=KEY):
    return json.loads(mask.masked(json.dumps(value).encode(), HOME, key, strip))


def test_what_the_target_assigns_is_left_out_and_nothing_else():
    text = b'{"version":"1.0.0","id":"x" , "a":1.50,"authority":{"mbox":"m"},"stored":"now","b":[ 1 ]}'

    assert mask.plain(text, None) == b'{"id":"x","a":1.50,"b":[ 1 ]}'


def test_the_time_of_storing_is_told_where_the_sender_gave_none():
    assert mask.plain(b'{"id":"x"}', "2026-01-01T00:00:00Z") == b'{"id":"x","timestamp":"2026-01-01T00:00:00Z"}'


def test_an_agent_is_a_pseudonym_of_this_forwarder_alone():
    sent = statement(actor=agent("a") | {"name": "A Name"})
    one, again, other = masked(sent), masked(sent), masked(sent, key=b"l" * 32)

    assert one["actor"] == again["actor"] != other["actor"]
    assert one["actor"]["account"]["homePage"] == HOME
    assert list(one["actor"]) == ["account"]
    assert len(one["actor"]["account"]["name"]) == 32


def test_two_ways_to_write_one_mailbox_are_one_pseudonym():
    one, two = (masked(statement(actor={"mbox": f"mailto:a@{domain}"})) for domain in ("x.example", "X.EXAMPLE"))

    assert one["actor"] == two["actor"]


def test_every_agent_is_masked_and_the_statement_stays_valid():
    sent = statement(
        actor=_GROUP,
        object={"objectType": "SubStatement", "actor": agent("d"), "verb": {"id": "https://v.example/did"},
                "object": {"objectType": "Agent", "mbox": "mailto:e@example.org"}},
        context={"instructor": agent("f"), "team": _GROUP | {"mbox": "mailto:team@example.org"}},
    )  # fmt: skip
    found = masked(sent)

    validate.statement(found)
    assert not [word for word in ("lms.example", "Name", "Team", "mailto", "1625378") if word in json.dumps(found)]
    assert len(found["actor"]["member"]) == 2


def test_attachments_do_not_go_out_under_a_mask():
    attached = {"usageType": "https://u.example", "display": {}, "contentType": "text/plain", "length": 1}
    sent = statement(attachments=[attached | {"sha2": "ab" * 32, "fileUrl": "https://files.example/name"}])

    assert "attachments" not in masked(sent)


def test_responses_and_extensions_may_be_left_out():
    extended = {"extensions": {"https://e.example": "x"}}
    sent = statement(
        object={"id": "https://a.example", "definition": {"name": {"en": "it"}, **extended}},
        result={"response": "my life", "success": True, **extended},
        context={
            "contextActivities": {"parent": {"id": "https://a.example", "definition": dict(extended)}},
            **extended,
        },
    )

    assert "https://e.example" in json.dumps(masked(sent))
    assert masked(sent, ("responses",))["result"] == {"success": True} | extended
    assert "https://e.example" not in json.dumps(masked(sent, ("extensions",)))
    assert masked(sent, ("extensions",))["result"] == {"response": "my life", "success": True}


@pytest.mark.parametrize(
    ("usage", "left"), [("http://adlnet.gov/expapi/attachments/signature", 0), ("https://u.example", 1)]
)
def test_a_statement_that_is_changed_goes_out_without_its_signature(usage, left):
    text = json.dumps(statement(attachments=[{"usageType": usage}])).encode()

    assert mask.stripped(text, ()) is text
    assert len(json.loads(mask.stripped(text, ("responses",))).get("attachments", [])) == left
