"""Parameters of the document resources and their neighbours: each wrong one is named, with its rule."""

import pytest

from tests.xapi_collector import exchange
from tests.xapi_collector.exchange import ACTIVITY_PROFILE, AGENT_PROFILE, NAME, STATE, WHOSE, send
from tests.xapi_collector.lrs import agent

_METHODS = ("PUT", "POST", "GET", "DELETE")
_MISSING = {
    (STATE, "activityId"): ("XAPI-00210", "XAPI-00209", "XAPI-00208", "XAPI-00207"),
    (STATE, "agent"): ("XAPI-00215", "XAPI-00214", "XAPI-00213", "XAPI-00212"),
    (STATE, "stateId"): ("XAPI-00206", "XAPI-00211", None, None),
    (AGENT_PROFILE, "agent"): ("XAPI-00264", "XAPI-00263", "XAPI-00261", "XAPI-00262"),
    (AGENT_PROFILE, "profileId"): ("XAPI-00267", "XAPI-00266", None, "XAPI-00265"),
    (ACTIVITY_PROFILE, "activityId"): ("XAPI-00299", "XAPI-00298", "XAPI-00296", "XAPI-00297"),
    (ACTIVITY_PROFILE, "profileId"): ("XAPI-00302", "XAPI-00301", None, "XAPI-00300"),
}
_MALFORMED = {
    (STATE, "agent", "not JSON"): ("XAPI-00199", "XAPI-00198", "XAPI-00197", "XAPI-00196"),
    (STATE, "registration", "true"): ("XAPI-00203", "XAPI-00202", "XAPI-00201", "XAPI-00200"),
    (STATE, "activityId", "no iri"): ("XAPI-00012",) * 4,
    (STATE, "stateId", ""): ("XAPI-00012",) * 4,
    (AGENT_PROFILE, "agent", "true"): ("XAPI-00257", "XAPI-00256", "XAPI-00258", "XAPI-00255"),
    (ACTIVITY_PROFILE, "profileId", ""): ("XAPI-00012",) * 4,
}


def _requests(path):
    return {**WHOSE[path], NAME[path]: "d"}


def _send(lrs, method, path, parameters):
    content = b"{}" if method in ("PUT", "POST") else None
    return send(lrs, method, path, content, headers={"If-None-Match": "*"} if content else None, **parameters)


@pytest.mark.parametrize(
    ("path", "name", "method", "rule"),
    [(*place, *each) for place, rules in _MISSING.items() for each in zip(_METHODS, rules, strict=True) if each[1]],
)
def test_a_missing_parameter_is_named_with_its_rule(quick, path, name, method, rule):
    answer = _send(quick, method, path, {key: each for key, each in _requests(path).items() if key != name})

    assert (answer.status_code, answer.json["path"], answer.json["rule"]) == (400, name, rule)


@pytest.mark.parametrize(
    ("wrong", "method", "rule"),
    [(wrong, *each) for wrong, rules in _MALFORMED.items() for each in zip(_METHODS, rules, strict=True)],
)
def test_a_malformed_parameter_is_named_with_its_rule(quick, wrong, method, rule):
    path, name, text = wrong
    answer = _send(quick, method, path, _requests(path) | {name: text})

    assert (answer.status_code, answer.json["path"], answer.json["rule"]) == (400, name, rule)
    assert answer.json["expected"]


@pytest.mark.parametrize(
    ("path", "rule"), [(STATE, "XAPI-00204"), (AGENT_PROFILE, "XAPI-00260"), (ACTIVITY_PROFILE, "XAPI-00295")]
)
def test_since_is_a_timestamp(quick, path, rule):
    answer = send(quick, "GET", path, **WHOSE[path], since="yesterday")

    assert (answer.status_code, answer.json["path"], answer.json["rule"]) == (400, "since", rule)


@pytest.mark.parametrize("method", _METHODS)
@pytest.mark.parametrize("path", WHOSE)
@pytest.mark.parametrize(
    ("name", "rule"), [("foo", "XAPI-00324"), ("ProfileID", None), ("Agent", None), ("$where", "XAPI-00324")]
)
def test_an_unknown_parameter_or_one_in_other_letters_is_refused(quick, method, path, name, rule):
    answer = _send(quick, method, path, _requests(path) | {name: "x"})
    known = {each.lower() for each in _requests(path)}

    assert (answer.status_code, answer.json["path"]) == (400, name)
    assert answer.json["rule"] == (rule or ("XAPI-00325" if name.lower() in known else "XAPI-00324"))


def test_since_means_nothing_to_a_put_or_a_delete(quick):
    for method in ("PUT", "POST", "DELETE"):
        answer = _send(quick, method, STATE, _requests(STATE) | {"since": "2026-01-01T00:00:00Z"})

        assert (answer.status_code, answer.json["path"]) == (400, "since")


def test_a_parameter_that_is_there_twice_is_refused(quick):
    answer = quick.client.get(f"/xapi{STATE}?activityId=a:b&activityId=c:d", headers=quick.headers)

    assert (answer.status_code, answer.json["path"]) == (400, "activityId")


@pytest.mark.parametrize("path", [STATE, AGENT_PROFILE, "/agents"])
@pytest.mark.parametrize(
    "who",
    [
        {},
        {"name": "Ann"},
        {"$ne": 1},
        [agent()],
        "null",
        {"mbox": "ann@example.org"},
        agent() | {"openid": "https://ann.example"},
        agent() | {"objectType": "Group"},
        agent() | {"objectType": "Person"},
        '{"mbox":"mailto:a@b.example","mbox":"mailto:a@b.example"}',
        '{"mbox":"mailto:a@b.example","name":"\\ud800"}',
        "[" * 2_000,
    ],
)
def test_who_is_no_agent_is_refused(quick, path, who):
    more = {} if path == "/agents" else {NAME[path]: "d"} | ({"activityId": exchange.ACTIVITY} if path == STATE else {})
    answer = send(quick, "GET", path, agent=who, **more)

    assert (answer.status_code, answer.json["path"]) == (400, "agent")
