"""Requirements on requests as such (xAPI 1.0.3, Communication 1.1 to 1.3, 2.8, 3 and 4)."""

import base64
import json
import re
import urllib.parse

import pytest

from storage import errors as storage_errors
from tests.conformance.xapi import patterns
from tests.conformance.xapi.client import V1, V2, Client, statement
from tests.xapi_collector import lrs as builders
from tests.xapi_collector.lrs import agent, new_id
from xapi_collector.door import auth

EVERY = {
    "/statements": {},
    "/activities/state": {"activityId": "https://a.example", "agent": agent(), "stateId": "one"},
    "/activities/profile": {"activityId": "https://a.example", "profileId": "one"},
    "/agents/profile": {"agent": agent(), "profileId": "one"},
    "/agents": {"agent": agent()},
    "/activities": {"activityId": "https://a.example"},
    "/about": {},
}


@pytest.mark.parametrize("path", EVERY)
def test_xapi_00125_and_00126_head_is_get_without_a_body(anywhere, path):
    if "profile" in path or "state" in path:
        anywhere.send("POST", path, b'{"a":1}', **EVERY[path])
    got = anywhere.send("GET", path, **EVERY[path] | ({"limit": "1"} if path == "/statements" else {}))
    head = anywhere.send("HEAD", path, **EVERY[path] | ({"limit": "1"} if path == "/statements" else {}))
    moving = {
        "Date",
        "X-Experience-API-Consistent-Through",
        "X-Request-Id",
        "Content-Length" if "more" in got.text else "",
    }

    assert (got.status_code, head.status_code, head.data) == (200, 200, b"")
    assert {name: value for name, value in head.headers if name not in moving} == {
        name: value for name, value in got.headers if name not in moving
    }
    assert head.content_length == got.content_length


def _form(**fields):
    return urllib.parse.urlencode(fields).encode()


ALTERNATE = {
    "Content-Type": "application/x-www-form-urlencoded",
    "Authorization": None,
    "X-Experience-API-Version": None,
}


def _in_form(client, **fields):
    own = {"Authorization": client.lrs.headers["Authorization"], "X-Experience-API-Version": client.version}
    return _form(**own | fields)


def test_xapi_00336_the_alternate_syntax_puts_and_reads_documents_and_statements(v1):
    one = statement()
    text = patterns.result(response="+ & = %C3 学")["result"]
    body = json.dumps(one | {"result": text})
    put = v1.send(
        "POST",
        "/statements?method=PUT",
        _in_form(v1, statementId=one["id"], content=body, **{"Content-Type": "application/json"}),
        headers=ALTERNATE,
    )
    state = EVERY["/activities/state"] | {"agent": '{"mbox":"mailto:form@example.org"}', "stateId": new_id()}
    kept = v1.send(
        "POST",
        "/activities/state?method=PUT",
        _in_form(v1, content="text", **state, **{"Content-Type": "text/plain"}),
        headers=ALTERNATE,
    )
    read = v1.send("POST", "/activities/state?method=GET", _in_form(v1, **state), headers=ALTERNATE)
    gone = v1.send("POST", "/activities/state?method=DELETE", _in_form(v1, **state), headers=ALTERNATE)

    assert (put.status_code, v1.one(one["id"])["result"]) == (204, text)
    assert (kept.status_code, read.status_code, read.data, read.mimetype) == (204, 200, b"text", "text/plain")
    assert gone.status_code == 204


def test_xapi_00148_a_get_inside_of_a_post_answers_a_result(v1):
    one = statement()
    v1.stored(one)
    answer = v1.send("POST", "/statements?method=GET", _in_form(v1, verb=one["verb"]["id"]), headers=ALTERNATE)

    assert answer.status_code == 200
    assert [each["id"] for each in answer.json["statements"]] == [one["id"]]


def test_the_alternate_syntax_takes_one_parameter_and_only_post(v1):
    one = statement()
    content = json.dumps(one)

    for method, parameters, form in (
        ("POST", {"method": "PUT", "statementId": one["id"]}, {"content": content}),
        ("PUT", {"method": "PUT"}, {"statementId": one["id"], "content": content}),
        ("POST", {"method": "PUT"}, {"statementId": one["id"]}),
        ("POST", {"method": "PATCH"}, {"statementId": one["id"], "content": content}),
        ("POST", {"method": "PUT"}, {"statementId": one["id"], "content": content, "X-Experience-API-Version": "0.8"}),
    ):
        query = dict(parameters)
        answer = v1.lrs.client.open(
            "/xapi/statements",
            method=method,
            query_string=query,
            data=_in_form(v1, **{"Content-Type": "application/json"} | form),
            headers={"Content-Type": "application/x-www-form-urlencoded"},
        )
        assert 400 <= answer.status_code < 500, (method, parameters)
    assert v1.get(statementId=one["id"]).status_code == 404


def test_xapi_00315_to_00319_about_answers_the_versions_to_anyone(client):
    answer = client.lrs.client.get("/xapi/about")

    assert (answer.status_code, answer.mimetype) == (200, "application/json")
    assert all(re.fullmatch(r"0\.9|0\.95|1\.0\.\d|2\.0\.\d", version) for version in answer.json["version"])
    assert {V1, V2} <= set(answer.json["version"])


def test_xapi_00320_the_extensions_of_about_are_an_extensions_object(client):
    extensions = client.send("GET", "/about").json.get("extensions", {})

    assert isinstance(extensions, dict)
    assert all(re.match(r"[a-z][a-z0-9+.-]*:", key) for key in extensions)


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "HEAD", "DELETE"])
@pytest.mark.parametrize("path", [path for path in EVERY if path != "/about"])
def test_xapi_00321_a_request_without_a_version_is_refused(client, method, path):
    if (
        (method in ("POST", "DELETE") and path in ("/agents", "/activities"))
        or (method, path) == ("DELETE", "/statements")
        or (method == "PUT" and path in ("/agents", "/activities"))
    ):
        expected = {400, 405}
    else:
        expected = {400}
    body = b"{}" if method in ("POST", "PUT") else None
    answer = client.send(method, path, body, headers={"X-Experience-API-Version": None}, **EVERY[path])

    assert answer.status_code in expected


def test_xapi_00323_a_refusal_has_a_status_code_of_the_specification(client):
    one = statement()
    client.stored(one)
    statuses = {
        client.post(b"{").status_code: 400,
        client.send("GET", "/statements", headers={"Authorization": None}).status_code: 401,
        client.get(statementId=new_id()).status_code: 404,
        client.post(statement(id=one["id"])).status_code: 409,
    }

    assert list(statuses) == list(statuses.values())


@pytest.mark.parametrize("path", EVERY)
def test_xapi_00324_and_00325_an_unknown_parameter_is_refused(client, path):
    for name in ("foo", "StatementId", "Agent", "LIMIT", "ActivityId", "agent[$ne]"):
        assert client.send("GET", path, **EVERY[path], **{name: "1"}).status_code == 400, name


def test_xapi_00324_and_00325_writing_takes_no_unknown_parameter(client):
    for name in ("foo", "statementid", "verb"):
        assert client.send("POST", "/statements", statement(), **{name: "1"}).status_code == 400
        assert client.put(statement(), **{name: "1"}).status_code == 400


@pytest.mark.parametrize("place", [0, 1, 2])
def test_xapi_00326_a_batch_with_a_bad_statement_is_refused_whole(anywhere, place):
    batch = [statement(), statement(), statement()]
    batch[place]["verb"] = {"id": "no iri"}
    answer = anywhere.post(batch)

    assert answer.status_code == 400
    assert f"$[{place}].verb.id" in answer.text
    for each in batch:
        assert anywhere.get(statementId=each["id"]).status_code == 404


def test_xapi_00327_a_credential_without_the_permission_is_answered_403(client):
    key, secret = auth.create_credential(client.lrs.storage, client.lrs.keys, "reader", granted=("statements/read",))
    weak = builders.basic(key, secret)
    one = statement()

    assert client.send("POST", "/statements", one, headers=weak).status_code == 403
    assert client.send("PUT", "/activities/state", b"{}", headers=weak, **EVERY["/activities/state"]).status_code == 403
    assert client.get(statementId=one["id"]).status_code == 404
    assert client.send("GET", "/statements", headers=weak).status_code == 200


def test_xapi_00328_what_is_too_large_is_answered_413(client):
    long = statement(result={"response": "x" * 5_000_000})

    assert client.post(long).status_code == client.put(long).status_code == 413
    assert client.post(statement(result={"response": "x" * 1_000_000})).status_code == 200


def test_xapi_00329_a_failure_of_the_server_is_answered_with_a_server_error(tmp_path, monkeypatch):
    made = builders.make(f"sqlite:///{tmp_path}/store", tmp_path)
    client = Client(made, V1)

    def fail(*_arguments):
        raise storage_errors.DamagedError("the file is damaged")

    monkeypatch.setattr(made.storage.statements, "append", fail)
    answer = client.post(statement())
    made.storage.close()

    assert answer.status_code == 500
    assert "damaged" not in answer.text


@pytest.mark.parametrize("version", ["1.0", "1.0.0", "1.0.1", "1.0.2", "1.0.3", "1.0.9"])
def test_xapi_00331_a_version_1_0_is_taken(v1, version):
    assert v1.send("GET", "/statements", headers={"X-Experience-API-Version": version}).status_code == 200


@pytest.mark.parametrize(
    "version", ["", "0.9", "0.95", "1", "1.1.0", "2.1.0", "3.0.0", "1.0.x", "10.0.3", "2", "v2.0.0"]
)
def test_xapi_00331_another_version_is_refused(client, version):
    one = statement()
    headers = {"X-Experience-API-Version": version}

    assert client.send("GET", "/statements", headers=headers).status_code == 400
    assert client.send("POST", "/statements", one, headers=headers).status_code == 400
    assert client.get(statementId=one["id"]).status_code == 404


@pytest.mark.parametrize("path", [*EVERY, "/nothing"])
def test_xapi_00333_every_answer_names_the_latest_patch_of_its_version(client, path):
    assert client.send("GET", path).headers["X-Experience-API-Version"] == client.version


def _basic(text):
    return "Basic " + base64.b64encode(text.encode()).decode()


@pytest.mark.parametrize("path", [path for path in EVERY if path != "/about"])
@pytest.mark.parametrize(
    "header", [None, "", "Basic", "Basic !", _basic("foo:bar"), _basic("foo"), "Bearer x", "Digest x"]
)
def test_xapi_00334_no_or_a_wrong_credential_is_answered_401(client, path, header):
    answer = client.send("GET", path, headers={"Authorization": header}, **EVERY[path])

    assert answer.status_code == 401
    assert "Basic" in answer.headers["WWW-Authenticate"]


def test_xapi_00335_basic_authentication_is_taken(client):
    header = client.lrs.headers["Authorization"]

    assert header.startswith("Basic ")
    assert (
        client.send("GET", "/statements", headers={"Authorization": header.replace("Basic", "basic")}).status_code
        == 200
    )
