"""What every answer carries."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.xapi_collector import lrs as builders
from tests.xapi_collector.lrs import statement


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/xapi/statements"),
        ("HEAD", "/xapi/statements"),
        ("POST", "/xapi/statements"),
        ("DELETE", "/xapi/statements"),
        ("GET", "/xapi/about"),
        ("GET", "/nothing"),
        ("GET", "/health"),
    ],
)
def test_every_answer_names_its_version_and_runs_nowhere(quick, method, path):
    answer = quick.client.open(path, method=method, headers=quick.headers)

    assert answer.headers.getlist("X-Experience-API-Version") == ["1.0.3"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer.headers["Content-Security-Policy"]


def test_an_answer_to_what_went_wrong_inside_has_them_too(quick):
    quick.storage.close()
    answer = quick.get()

    assert answer.status_code == 503
    assert answer.headers["Retry-After"].isdigit()
    assert answer.headers["X-Experience-API-Version"] == "1.0.3"


def _every_get(app):
    return sorted(rule.rule for rule in app.url_map.iter_rules() if "GET" in rule.methods and not rule.arguments)


def test_every_route_that_is_read_answers_head_as_it_answers_get(quick):
    one = statement()
    quick.post(one)
    known = {
        "/xapi/statements": {"statementId": one["id"]},
        "/xapi/activities": {"activityId": one["object"]["id"]},
        "/xapi/agents": {"agent": '{"mbox":"mailto:a@example.org"}'},
        "/xapi/activities/state": {"activityId": "https://a.example", "agent": '{"mbox":"mailto:a@example.org"}'},
        "/xapi/activities/profile": {"activityId": "https://a.example"},
        "/xapi/agents/profile": {"agent": '{"mbox":"mailto:a@example.org"}'},
    }
    varying = {"Date", "X-Experience-API-Consistent-Through", "X-Request-Id", "Content-Length"}
    for path in _every_get(quick.client.application):
        options = {"headers": quick.headers, "query_string": known.get(path, {})}
        got, head = quick.client.get(path, **options), quick.client.head(path, **options)

        assert head.data == b""
        assert head.status_code == got.status_code == 200, path
        assert {name for name in head.headers if name[0] not in varying} == {
            name for name in got.headers if name[0] not in varying
        }


_PATHS = st.sampled_from(
    [
        "/xapi/statements",
        "/xapi/activities/state",
        "/xapi/activities/profile",
        "/xapi/agents/profile",
        "/xapi/agents",
        "/xapi/activities",
        "/xapi/about",
        "/caliper",
        "/xapi/",
        "/\xff",
    ]
)
_METHODS = st.sampled_from(["GET", "HEAD", "PUT", "POST", "DELETE", "OPTIONS", "PATCH"])
_NAMES = st.sampled_from(
    [
        "statementId",
        "agent",
        "activityId",
        "stateId",
        "profileId",
        "since",
        "limit",
        "more",
        "method",
        "content",
        "registration",
    ]
)
_VALUES = st.one_of(
    st.text(max_size=20),
    st.sampled_from(["GET", "PUT", "{}", '{"mbox":"mailto:a@b.example"}', "https://a.example", "1e400", "[" * 999]),
)
_HEADERS = st.dictionaries(
    st.sampled_from(
        [
            "Content-Type",
            "Content-Encoding",
            "Content-Length",
            "Transfer-Encoding",
            "If-Match",
            "If-None-Match",
            "Accept-Language",
            "Origin",
            "X-Experience-API-Version",
            "Authorization",
        ]
    ),
    st.one_of(
        st.sampled_from(
            [
                "application/json",
                "application/x-www-form-urlencoded",
                "multipart/mixed; boundary=x",
                "2.0.0",
                "1.0.3",
                "chunked",
                "*",
                "-1",
                "Bearer a.b.c",
            ]
        ),
        st.text(st.characters(min_codepoint=32, max_codepoint=255, exclude_characters="\x7f"), max_size=20),
    ),
    max_size=4,
)
_BODIES = st.one_of(
    st.binary(max_size=200),
    st.sampled_from([b"[" * 100_000, b"{}", b"[{}]", b"content=%7B%7D", b"--x\r\n\r\n--x--", b'"\\ud800"', b"1e999"]),
)


_REQUESTS = st.fixed_dictionaries(
    {
        "method": _METHODS,
        "path": _PATHS,
        "query_string": st.dictionaries(_NAMES, _VALUES, max_size=4),
        "headers": _HEADERS,
        "data": _BODIES,
    }
)


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(_REQUESTS)
def test_no_request_however_wrong_is_a_failure_of_ours(quick, sent):
    answer = quick.client.open(**sent | {"headers": quick.headers | sent["headers"]})

    assert answer.status_code < 500
    assert answer.headers["X-Experience-API-Version"] in ("0.9", "1.0.3", "2.0.0")


def test_a_form_that_means_a_request_is_seen_as_that_request(tmp_path):
    lines = []
    lrs = builders.make(f"sqlite:///{tmp_path}/store", tmp_path, log=lines.append)
    lrs.client.post("/xapi/statements?method=GET", data={**lrs.headers, "limit": "1"})
    lrs.storage.close()
    seen = json.loads(lines[-1])

    assert (seen["route"], seen["method"], seen["status"]) == ("/xapi/statements", "GET", 200)
    assert seen["credential"]
