"""The alternate request syntax: requests as forms, of xAPI 1.0.3 alone."""

import io
import json
from urllib.parse import urlencode

import pytest

from tests.xapi_collector import lrs as builders
from tests.xapi_collector.lrs import new_id, statement
from xapi_collector import errors
from xapi_collector.door import alternate

FORM = "application/x-www-form-urlencoded"


def send(lrs, method, fields, path="/xapi/statements", query="", **headers):
    """POST a form; the credential and the version are fields of it, as a page that can set no header does."""
    fields = lrs.headers | fields
    text = urlencode({name: value for name, value in fields.items() if value is not None})
    return lrs.client.post(f"{path}?method={method}{query}", data=text, headers={"Content-Type": FORM} | headers)


def test_a_form_stores_a_statement_as_a_put_does(lrs):
    one = statement()
    answer = send(lrs, "PUT", {"statementId": one["id"], "content": json.dumps(one)})

    assert (answer.status_code, answer.headers["X-Experience-API-Version"]) == (204, "1.0.3")
    assert lrs.get(statementId=one["id"]).json["actor"] == one["actor"]


def test_a_form_stores_a_batch_as_a_post_does(quick):
    batch = [statement(actor={"mbox": "mailto:姓名@example.org", "name": "名 +&="}), statement()]
    answer = send(quick, "POST", {"content": json.dumps(batch, ensure_ascii=False), "Content-Type": "application/json"})

    assert answer.json == [each["id"] for each in batch]
    assert quick.get(statementId=batch[0]["id"]).json["actor"]["name"] == "名 +&="


def test_a_form_asks_as_a_get_does(quick):
    one, two = statement(), statement(verb={"id": "https://v.example/other"})
    quick.post([one, two])

    assert [each["id"] for each in send(quick, "GET", {"verb": "https://v.example/other"}).json["statements"]] == [
        two["id"]
    ]
    assert send(quick, "GET", {"statementId": one["id"]}).json["id"] == one["id"]


def test_a_form_may_ask_for_the_head_alone(quick):
    answer = send(quick, "HEAD", {"limit": "1"})

    assert (answer.status_code, answer.data) == (200, b"")
    assert "Content-Length" not in answer.headers or answer.headers["Content-Length"] == "0"


def test_a_form_keeps_and_deletes_a_state_under_its_preconditions(quick):
    where = {"activityId": "https://a.example", "agent": json.dumps(builders.agent()), "stateId": "s"}
    path = "/xapi/activities/state"
    kept = send(quick, "PUT", where | {"content": "some text", "Content-Type": "text/plain"}, path)
    found = send(quick, "GET", where, path)
    refused = send(quick, "PUT", where | {"content": "other", "If-Match": '"x"', "Content-Type": "text/plain"}, path)
    gone = send(quick, "DELETE", where | {"If-Match": found.headers["ETag"]}, path)

    assert [kept.status_code, refused.status_code, gone.status_code] == [204, 412, 204]
    assert (found.data, found.mimetype) == (b"some text", "text/plain")


def test_fields_of_the_form_go_before_headers(quick):
    headers = quick.headers | {"Authorization": "Basic wrong"}

    assert send(quick, "GET", {}, **headers).status_code == 200
    assert send(quick, "GET", {"Authorization": "Basic wrong"}, **quick.headers).status_code == 401


def test_a_page_that_cannot_set_a_content_type_may_send_text(quick):
    assert send(quick, "GET", {}, **{"Content-Type": "text/plain;charset=UTF-8"}).status_code == 200


@pytest.mark.parametrize(
    ("method", "fields", "query", "path"),
    [
        ("PUT", {"content": "{}", "X-Experience-API-Version": "0.8"}, "", "X-Experience-API-Version"),
        ("GET", {"X-Experience-API-Version": "2.0.0"}, "", "method"),
        ("GET", {"X-Experience-API-Version": None}, "", "X-Experience-API-Version"),
        ("PUT", {}, "", "content"),
        ("POST", {}, "", "content"),
        ("GET", {"content": "{}"}, "", "content"),
        ("DELETE", {"content": "{}"}, "", "content"),
        ("PUT", {"content": "{}"}, f"&statementId={new_id()}", "method"),
        ("GET", {}, "&method=GET", "method"),
        ("GET", {"unknown": "1"}, "", "unknown"),
        ("GET", {"StatementId": new_id()}, "", "StatementId"),
        ("get", {}, "", "method"),
        ("PATCH", {}, "", "method"),
        ("", {}, "", "method"),
        ("GET", {"Accept-Language": "de"}, "", "Accept-Language"),
    ],
)
def test_a_form_that_is_no_request_is_refused(quick, method, fields, query, path):
    answer = send(quick, method, fields, query=query)

    assert (answer.status_code, answer.json["path"]) == (400, path)


@pytest.mark.parametrize(
    "text",
    [
        b"limit",
        b"limit=1&&",
        b'{"statementId":"x","content":"{}"}',
        b"limit=\xff",
        b"limit=%ff",
        b"limit=%ed%a0%80",
        b"&".join(b"a%d=1" % number for number in range(200)),
        b"limit=1&authorization=x&Authorization=y",
        b"content=1&content=2",
    ],
)
def test_a_malformed_form_is_refused(quick, text):
    answer = quick.client.post("/xapi/statements?method=GET", data=text, headers=quick.headers | {"Content-Type": FORM})

    assert (answer.status_code, answer.json["rule"]) == (400, "XAPI-00336")


def test_a_field_that_is_given_twice_is_refused_as_a_parameter_is(quick):
    text = f"limit=1&limit=2&{urlencode(quick.headers)}"
    answer = quick.client.post("/xapi/statements?method=GET", data=text, headers={"Content-Type": FORM})

    assert (answer.status_code, answer.json["path"]) == (400, "limit")


def test_a_form_over_the_limit_is_refused(quick):
    content = "x" * (4 * 1024 * 1024)

    assert send(quick, "PUT", {"statementId": new_id(), "content": content}).status_code == 413


@pytest.mark.parametrize("headers", [{"Content-Type": "application/json"}, {"Content-Encoding": "gzip"}])
def test_a_form_of_another_kind_is_refused(quick, headers):
    assert send(quick, "GET", {}, **headers).status_code == 400


def test_a_form_from_a_page_that_is_not_known_is_refused(tmp_path):
    made = builders.make(f"sqlite:///{tmp_path}/store", tmp_path, {"cors_origins": "https://content.example"})
    statuses = {
        origin: send(made, "GET", {}, Origin=origin).status_code
        for origin in ("https://content.example", "https://lrs.example", "https://evil.example", "null")
    }

    assert list(statuses.values()) == [200, 200, 403, 403]
    made.storage.close()


def test_in_2_0_a_form_is_refused_whoever_sends_it(quick):
    headers = quick.headers | {"X-Experience-API-Version": "2.0.0"}
    put = quick.client.put("/xapi/statements?method=POST", json={}, headers=headers)
    post = quick.client.post("/xapi/statements?method=GET", json=None, headers=headers)

    assert (put.status_code, post.status_code) == (400, 400)


def test_only_below_the_root_of_xapi_a_form_is_read(quick):
    assert send(quick, "GET", {}, path="/health").status_code == 405


def test_a_form_is_read_into_the_request_that_it_means():
    one = "%7B%22a%22:%22%C3%A9%22%7D"
    text = f"content={one}&statementId=1&If-Match=%22e%22&Content-Length=7".encode()
    environ = {
        "REQUEST_METHOD": "POST",
        "QUERY_STRING": "method=PUT",
        "CONTENT_TYPE": FORM,
        "CONTENT_LENGTH": str(len(text)),
        "wsgi.input": io.BytesIO(text),
        "HTTP_ACCEPT_LANGUAGE": "de",
    }
    inner = alternate.read(environ, frozenset())

    assert inner["REQUEST_METHOD"] == "PUT"
    assert inner["QUERY_STRING"] == "statementId=1"
    assert inner["wsgi.input"].read() == '{"a":"é"}'.encode()
    assert (inner["CONTENT_LENGTH"], inner["CONTENT_TYPE"]) == ("10", "application/json")
    assert (inner["HTTP_IF_MATCH"], inner["HTTP_ACCEPT_LANGUAGE"]) == ('"e"', "de")
    assert environ["REQUEST_METHOD"] == "POST"


def test_a_form_without_an_end_is_read_to_the_limit_alone():
    class Endless:
        taken = 0

        def read(self, size=-1):
            self.taken += min(size, 65_536)
            return b"x" * min(size, 65_536)

    stream = Endless()
    environ = {"REQUEST_METHOD": "POST", "QUERY_STRING": "method=GET", "wsgi.input": stream, "CONTENT_TYPE": FORM}
    with pytest.raises(errors.TooLargeError):
        alternate.read(environ | {"wsgi.input_terminated": True}, frozenset())

    assert stream.taken <= 4 * 1024 * 1024 + 65_536
