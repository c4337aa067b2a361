"""The rules of 2.0 beside those of 1.0.3, and every bad statement of a batch by its index."""

import pytest

from tests.xapi_collector.forms import MALFORMED, VALID
from tests.xapi_collector.lrs import agent, statement
from xapi_collector import errors
from xapi_collector.grammar import validate, versions

_SECTION = "9274.1.1, 4.2.2.5"
_TEAM = {"objectType": "Group", "member": [agent()]}
_TYPES = ["https://types.example/quarterback"]
_AGENT = {"objectType": "contextAgent", "agent": agent(), "relevantTypes": _TYPES}
_GROUP = {"objectType": "contextGroup", "group": _TEAM, "relevantTypes": _TYPES}


def _without(value, name):
    return {each: inner for each, inner in value.items() if each != name}


def _problem(value, version):
    with pytest.raises(errors.InvalidStatementError) as raised:
        validate.statement(value, version=version)
    return raised.value.path, raised.value.rule


@pytest.mark.parametrize("version", [versions.V1, versions.V2])
@pytest.mark.parametrize("changes", VALID)
def test_what_is_a_statement(changes, version):
    validate.statement(statement(**changes), version=version)


@pytest.mark.parametrize("version", [versions.V1, versions.V2])
@pytest.mark.parametrize(("changes", "path", "rule"), [each for each in MALFORMED if each[2] != "XAPI-00129"])
def test_what_is_no_statement(changes, path, rule, version):
    assert _problem(statement(**changes), version) == (path, rule)


@pytest.mark.parametrize(
    "context",
    [
        {"contextAgents": [_AGENT], "contextGroups": [_GROUP]},
        {"contextAgents": [_without(_AGENT, "relevantTypes")]},
        {"contextGroups": [_GROUP, _GROUP | {"group": {"objectType": "Group", "mbox": "mailto:team@b.example"}}]},
        {"contextAgents": [], "contextGroups": []},
    ],
)
def test_a_context_of_2_0_is_none_of_1_0(context):
    whole = statement(context=context)
    inner = statement(object={"objectType": "SubStatement"} | _without(statement(context=context), "id"))
    validate.statement(whole, version=versions.V2)
    validate.statement(inner, version=versions.V2)

    assert _problem(whole, versions.V1) == (f"$.context.{next(iter(context))}", "XAPI-00010")
    assert _problem(inner, versions.V1)[0] == f"$.object.context.{next(iter(context))}"


@pytest.mark.parametrize(
    ("context", "path", "rule"),
    [
        ({"contextAgents": _AGENT}, "contextAgents", _SECTION),
        ({"contextAgents": [agent()]}, "contextAgents[0].account", "XAPI-00010"),
        ({"contextAgents": [_without(_AGENT, "objectType")]}, "contextAgents[0]", _SECTION),
        ({"contextAgents": [_without(_AGENT, "agent")]}, "contextAgents[0]", _SECTION),
        ({"contextAgents": [_AGENT | {"objectType": "Agent"}]}, "contextAgents[0].objectType", _SECTION),
        ({"contextAgents": [_AGENT | {"agent": {"name": "x"}}]}, "contextAgents[0].agent", "XAPI-00034"),
        ({"contextAgents": [_AGENT | {"agent": _TEAM}]}, "contextAgents[0].agent", _SECTION),
        ({"contextAgents": [_AGENT | {"relevantTypes": []}]}, "contextAgents[0].relevantTypes", _SECTION),
        ({"contextAgents": [_AGENT, _AGENT | {"relevantTypes": ["x"]}]}, "contextAgents[1].relevantTypes[0]", _SECTION),
        ({"contextAgents": [_AGENT | {"relevantTypes": _TYPES[0]}]}, "contextAgents[0].relevantTypes", _SECTION),
        ({"contextGroups": [_GROUP | {"group": agent()}]}, "contextGroups[0].group", "XAPI-00088"),
        ({"contextGroups": [_GROUP | {"objectType": "contextAgent"}]}, "contextGroups[0].objectType", _SECTION),
        ({"contextGroups": [_GROUP | {"member": [agent()]}]}, "contextGroups[0].member", "XAPI-00010"),
        ({"contextGroups": [_without(_GROUP, "group")]}, "contextGroups[0]", _SECTION),
    ],
)  # fmt: skip
def test_what_is_no_context_of_2_0(context, path, rule):
    assert _problem(statement(context=context), versions.V2) == (f"$.context.{path}", rule)


@pytest.mark.parametrize(
    ("text", "of_1", "of_2"),
    [
        ("1.0", True, True), ("1.0.9", True, True), ("2.0", False, True), ("2.0.0", False, True),
        ("2.0.17", False, True), ("2.1.0", False, False), ("1.1.0", False, False), ("0.9.9", False, False),
        ("2.0.", False, False), ("2.0.x", False, False), ("20.0", False, False), ("1.2", False, False),
    ],
)  # fmt: skip
def test_which_versions_a_statement_may_name(text, of_1, of_2):
    value = statement(version=text)

    assert (not validate.problems([value], single=True, version=versions.V1)) is of_1
    assert (not validate.problems([value], single=True, version=versions.V2)) is of_2


def test_an_authority_of_two_agents_has_no_identifier_of_its_own():
    group = {"objectType": "Group", "member": [agent("a"), agent("b")], "mbox": "mailto:a@b.example"}

    assert _problem(statement(authority=group), versions.V1) == ("$.authority", "XAPI-00098")


@pytest.mark.parametrize("name", ["id", "stored", "authority", "version"])
def test_a_substatement_has_nothing_that_a_store_assigns(name):
    inner = {"objectType": "SubStatement"} | _without(statement(), "id") | {name: "x"}

    assert _problem(statement(object=inner), versions.V2)[0] == f"$.object.{name}"


def test_every_bad_statement_of_a_batch_is_named():
    batch = [statement(), statement(actor=None), 5, statement(), statement(verb={"id": "x"})]
    found = validate.problems(batch, single=False)

    assert [(each.index, each.path, each.rule) for each in found] == [
        (1, "$[1]", "XAPI-00003"),
        (2, "$[2]", "XAPI-00010"),
        (4, "$[4].verb.id", "XAPI-00044"),
    ]


def test_a_batch_without_a_fault_has_no_problem():
    assert validate.problems([statement(), statement()], single=False, version=versions.V2) == []


def test_the_path_of_a_single_statement_has_no_index():
    (problem,) = validate.problems([statement(actor={})], single=True)

    assert (problem.index, problem.path) == (0, "$.actor")
