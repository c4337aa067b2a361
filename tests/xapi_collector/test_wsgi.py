"""What every answer carries."""

import pytest

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
