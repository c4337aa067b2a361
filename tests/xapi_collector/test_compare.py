"""Which differences make another statement of one id (Data 2.3.1)."""

import pytest

from tests.xapi_collector.lrs import agent, statement
from xapi_collector.grammar import compare

_ID = "ab97b177-9383-4934-8543-0f91a7a02836"
_TEAM = {"objectType": "Group", "member": [agent("a"), agent("b")]}
_CONTEXT = {
    "instructor": agent("i"),
    "team": _TEAM,
    "registration": _ID,
    "statement": {"objectType": "StatementRef", "id": _ID},
}
_RELATED = {
    "contextAgents": [{"objectType": "contextAgent", "agent": {"mbox": "mailto:a@b.example"}}],
    "contextGroups": [{"objectType": "contextGroup", "group": _TEAM, "relevantTypes": ["https://t.example"]}],
}
_SENT = "2026-11-23T08:30:00Z"
_INNER = {
    "objectType": "SubStatement",
    "actor": agent(),
    "verb": {"id": "https://v.example"},
    "object": {"id": "https://o.example"},
}


def _same(one, other):
    return compare.same(statement(**{"id": _ID} | one), statement(**{"id": _ID} | other))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({}, {}),
        ({}, {"stored": "2026-11-23T08:30:00Z", "version": "1.0.0", "authority": agent()}),
        ({}, {"timestamp": None}),
        ({"timestamp": "2026-11-23T08:30:00Z"}, {"timestamp": "2026-11-23T16:30:00.000+08:00"}),
        ({}, {"verb": {"id": "http://adlnet.gov/expapi/verbs/scored"}}),
        ({}, {"object": {"id": "https://course.example/unit/1", "definition": {"name": {"en": "x"}}}}),
        ({"actor": {"mbox": "mailto:a@b.example"}}, {"actor": {"mbox": "mailto:a@B.example", "objectType": "Agent"}}),
        ({"actor": _TEAM}, {"actor": _TEAM | {"member": _TEAM["member"][::-1]}}),
        ({"result": {"duration": "P1DT12H36M0.1237S"}}, {"result": {"duration": "P1DT12H36M0.12S"}}),
        ({"result": {"duration": "PT1.100S"}}, {"result": {"duration": "PT1,1099S"}}),
        ({"result": {"duration": "PT1M1.000S"}}, {"result": {"duration": "PT1M1S"}}),
        ({"result": {"duration": "PT0.00001M"}}, {"result": {"duration": "PT0M"}}),
        ({"context": _CONTEXT}, {"context": _CONTEXT | {"registration": _ID.upper()}}),
        ({"context": _RELATED},
         {"context": {"contextAgents": [{"objectType": "contextAgent",
                                         "agent": {"objectType": "Agent", "mbox": "mailto:a@B.example"}}],
                      "contextGroups": [_RELATED["contextGroups"][0]
                                        | {"group": _TEAM | {"member": _TEAM["member"][::-1]}}]}}),
        ({}, {"attachments": []}),
        ({"id": _ID}, {"id": None}),
        ({"version": "2.0.0", "timestamp": _SENT}, {"timestamp": "2026-11-23T08:30:01Z"}),
        ({"context": {"contextActivities": {"parent": {"id": "https://a.example"}}}},
         {"context": {"contextActivities": {"parent": [{"id": "https://a.example", "definition": {}}]}}}),
        ({"object": _INNER}, {"object": _INNER | {"verb": {"id": "https://v.example", "display": {"en": "v"}}}}),
        ({"object": {"objectType": "StatementRef", "id": _ID}},
         {"object": {"objectType": "StatementRef", "id": _ID.upper()}}),
    ],
)  # fmt: skip
def test_differences_that_are_left_out(one, other):
    assert _same(one, other)
    assert _same(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({}, {"actor": agent("other")}),
        ({}, {"actor": agent() | {"name": "a name"}}),
        ({}, {"verb": {"id": "https://v.example"}}),
        ({}, {"object": {"id": "https://o.example"}}),
        ({}, {"result": None}),
        ({}, {"timestamp": "2026-11-23T08:30:00.124Z"}),
        ({"result": {"success": True}}, {"result": {"success": False}}),
        ({"result": {"score": {"scaled": 1}}}, {"result": {"score": {"scaled": 1.0}}}),
        ({"result": {"extensions": {"https://e.example": 1}}}, {"result": {"extensions": {"https://e.example": True}}}),
        ({"result": {"duration": "PT60S"}}, {"result": {"duration": "PT1M"}}),
        ({"result": {"duration": "PT0.12S"}}, {"result": {"duration": "PT0.13S"}}),
        ({"result": {"duration": "P0.123Y"}}, {"result": {"duration": "P0.124Y"}}),
        ({"context": _RELATED}, {"context": _RELATED | {"contextAgents": []}}),
        ({"context": _RELATED},
         {"context": _RELATED | {"contextGroups": [_RELATED["contextGroups"][0] | {"relevantTypes": ["https://u.x"]}]}}),
        ({"version": "1.0.0", "timestamp": _SENT}, {"timestamp": "2026-11-23T08:30:01Z"}),
        ({"id": _ID}, {"id": _ID.replace("a", "b")}),
        ({"context": _CONTEXT}, {"context": _CONTEXT | {"instructor": agent("j")}}),
        ({"context": {"contextActivities": {"parent": [{"id": "https://a.example"}]}}},
         {"context": {"contextActivities": {"other": [{"id": "https://a.example"}]}}}),
        ({"object": {"objectType": "Agent"} | agent("a")}, {"object": {"objectType": "Agent"} | agent("b")}),
        ({"object": _INNER}, {"object": _INNER | {"object": {"id": "https://p.example"}}}),
    ],
)  # fmt: skip
def test_differences_that_count(one, other):
    assert not _same(one, other)


def test_comparing_changes_neither():
    one, other = statement(object=_INNER), statement()
    before = repr((one, other))
    compare.same(one, other)

    assert repr((one, other)) == before
