"""The formats ids and canonical, languages, and what a reader of 1.0.x gets."""

import copy
import json

import pytest

from tests.xapi_collector.lrs import agent, new_id, statement
from xapi_collector.grammar import render

_NAMED = agent("n") | {"name": "a name", "objectType": "Agent"}
_NAMELESS = agent("n") | {"objectType": "Agent"}
_ANONYMOUS = {"objectType": "Group", "name": "a team", "member": [_NAMED, {"mbox": "mailto:a@b.example", "name": "x"}]}
_MEMBERS = {"objectType": "Group", "member": [_NAMELESS, {"mbox": "mailto:a@b.example"}]}
_IDENTIFIED = {"objectType": "Group", "name": "a team", "mbox": "mailto:t@b.example", "member": [_NAMED]}
_TEAM = {"objectType": "Group", "mbox": "mailto:t@b.example"}
_VERB = {"id": "https://v.example", "display": {"en-US": "colored", "en-GB": "coloured"}}
_ACTIVITY = {
    "objectType": "Activity",
    "id": "https://a.example",
    "definition": {
        "name": {"en-GB": "colour", "en-US": "color"},
        "description": {"de": "Farbe", "en": "colour"},
        "type": "https://t.example",
        "interactionType": "choice",
        "choices": [{"id": "r", "description": {"en": "red", "de": "rot"}}, {"id": "g"}],
    },
}
_CONTEXT = {
    "instructor": _NAMED,
    "team": _IDENTIFIED,
    "contextActivities": {"parent": [_ACTIVITY]},
    "contextAgents": [{"objectType": "contextAgent", "agent": _NAMED, "relevantTypes": ["https://t.example"]}],
    "contextGroups": [{"objectType": "contextGroup", "group": _ANONYMOUS}],
    "language": "en",
}
_ONE = statement(actor=_ANONYMOUS, verb=_VERB, object=_ACTIVITY, context=_CONTEXT, authority=_NAMED, version="2.0.0")
_INNER = {"objectType": "SubStatement"} | {
    name: value for name, value in _ONE.items() if name in ("actor", "verb", "object", "context", "result")
}


def test_ids_leave_nothing_but_identifiers():
    shown = render.ids(_ONE)

    assert shown == _ONE | {
        "actor": _MEMBERS,
        "verb": {"id": "https://v.example"},
        "object": {"id": "https://a.example"},
        "authority": _NAMELESS,
        "context": {
            "instructor": _NAMELESS,
            "team": _TEAM,
            "contextActivities": {"parent": [{"id": "https://a.example"}]},
            "contextAgents": [_CONTEXT["contextAgents"][0] | {"agent": _NAMELESS}],
            "contextGroups": [{"objectType": "contextGroup", "group": _MEMBERS}],
            "language": "en",
        },
    }


def test_ids_of_a_substatement_are_those_of_its_parts():
    shown = render.ids(statement(object=_INNER))
    parts = {name: value for name, value in render.ids(_ONE).items() if name in _INNER}

    assert shown["object"] == {"objectType": "SubStatement"} | parts


@pytest.mark.parametrize(
    ("target", "shown"),
    [
        (_NAMED, _NAMELESS),
        (_IDENTIFIED, _TEAM),
        (_ANONYMOUS, _MEMBERS),
        ({"objectType": "StatementRef", "id": new_id()}, None),
    ],
)
def test_ids_of_an_object_that_is_no_activity(target, shown):
    assert render.ids(statement(object=target))["object"] == (shown or target)


def test_canonical_shows_the_definitions_of_the_collector_in_one_language():
    definition = {"name": {"de": "Farbe", "en-GB": "hue"}, "extensions": {"https://e.example": {"en": "kept"}}}
    displays = {"https://v.example": {"fr": "coloré", "en-GB": "painted"}}
    shown = render.canonical(statement(object=_INNER), {"https://a.example": definition}, displays, ["en-gb"])

    expected = definition | {"name": {"en-GB": "hue"}}
    assert shown["object"]["verb"] == {"id": "https://v.example", "display": {"en-GB": "painted"}}
    assert shown["object"]["object"] == _ACTIVITY | {"definition": expected}
    assert shown["object"]["context"]["contextActivities"]["parent"] == [_ACTIVITY | {"definition": expected}]


def test_canonical_shows_what_was_sent_where_the_collector_has_no_definition():
    shown = render.canonical(_ONE, {}, {}, ["de", "en-us"])

    assert shown["verb"]["display"] == {"en-US": "colored"}
    assert shown["object"]["definition"] == _ACTIVITY["definition"] | {
        "name": {"en-US": "color"},
        "description": {"de": "Farbe"},
        "choices": [{"id": "r", "description": {"de": "rot"}}, {"id": "g"}],
    }


def test_canonical_leaves_agents_as_they_were_sent():
    shown = render.canonical(_ONE, {}, {}, [])

    assert [shown["actor"], shown["authority"]] == [_ANONYMOUS, _NAMED]
    assert [shown["context"][name] for name in ("instructor", "team")] == [_NAMED, _IDENTIFIED]


def test_canonical_invents_no_definition_and_no_display():
    bare = statement(
        verb={"id": "https://v.example"}, context={"contextActivities": {"other": [{"id": "https://a.x"}]}}
    )

    assert render.canonical(bare, {}, {}, ["en"]) == bare


def test_an_empty_language_map_stays_empty():
    value = statement(verb={"id": "https://v.example", "display": {}})

    assert render.canonical(value, {}, {}, ["en"]) == value


@pytest.mark.parametrize(
    ("accepted", "tags", "chosen"),
    [
        ("en-GB", ["en-US", "en-GB"], "en-GB"),
        ("EN-gb", ["en-US", "en-GB"], "en-GB"),
        ("en", ["de", "en-US"], "en-US"),
        ("en", ["en-US", "en"], "en"),
        ("en", ["eng", "fr"], "eng"),
        ("zh-Hant-TW", ["en", "zh", "zh-Hant"], "zh-Hant"),
        ("zh-Hant-TW, en;q=0.5", ["en", "zh"], "en"),
        ("zh-x-y, de;q=0.5", ["en", "zh"], "zh"),
        ("de;q=0.5, fr", ["de", "fr"], "fr"),
        ("de, fr", ["fr", "de"], "de"),
        ("ja, *;q=0.1", ["fr", "de"], "fr"),
        ("ja", ["fr", "und"], "und"),
        ("ja", ["fr", "de"], "fr"),
        (None, ["fr", "de"], "fr"),
    ],
)
def test_the_language_that_is_accepted_most_is_chosen_for_each_map(accepted, tags, chosen):
    display = {tag: f"in {tag}" for tag in tags}
    value = statement(verb={"id": "https://v.example", "display": display})
    shown = render.canonical(value, {}, {}, render.languages(accepted))

    assert shown["verb"]["display"] == {chosen: f"in {chosen}"}


@pytest.mark.parametrize(
    ("header", "ranges"),
    [
        (None, []),
        ("", []),
        ("en", ["en"]),
        ("fr;q=0.5, en-GB, de;q=0, *;q=0.1", ["en-gb", "fr", "*"]),
        ("da, en-gb;q=0.8, en;q=0.7", ["da", "en-gb", "en"]),
        ("en ; Q=0.2 ,de", ["de", "en"]),
        ("en;q=nan, de;q=1e5, fr;q=-1, it;q=7;x=1, es;level=1", ["it", "es"]),
        (",;,;q=1,", []),
        ("x," * 100_000, ["x"] * 50),
    ],
)
def test_the_ranges_of_accept_language_are_read_in_the_order_of_their_quality(header, ranges):
    assert render.languages(header) == ranges


def _lower(value):
    return json.loads(render.downgraded(json.dumps(value, separators=(",", ":")).encode()))


def test_a_reader_of_1_0_gets_no_part_of_2_0():
    kept = {name: value for name, value in _CONTEXT.items() if name not in ("contextAgents", "contextGroups")}

    lower = _ONE | {"context": kept, "object": _INNER | {"context": kept}, "version": "1.0.0"}
    assert _lower(_ONE | {"object": _INNER}) == lower


def test_a_context_of_which_nothing_is_left_is_left_out():
    assert "context" not in _lower(statement(context={"contextAgents": []}, version="2.0.0"))
    assert _lower(statement(context={}, version="2.0.0"))["context"] == {}


@pytest.mark.parametrize("changes", [{"version": "1.0.0"}, {"version": "1.0.3"}, {}])
def test_a_statement_of_1_0_stays_as_it_is(changes):
    value = statement(
        **changes, result={"response": '"version":"2.0.0"', "extensions": {"https://e.x": {"version": "2."}}}
    )

    assert _lower(value) == value


def test_numbers_of_a_statement_for_a_reader_of_1_0_stay_as_they_were_sent():
    text = b'{"version":"2.0.0","result":{"score":{"raw":1.10,"max":1e2}},"object":{"id":"https://a.x"}}'

    assert render.downgraded(text) == text.replace(b"2.0.0", b"1.0.0")


def test_showing_a_statement_changes_nothing_in_it():
    value = _ONE | {"object": _INNER}
    before = copy.deepcopy(value)
    render.ids(value)
    render.canonical(value, {}, {}, ["en"])

    assert value == before
