"""What is malformed is refused with 400 or 413, a path, a rule and what would be right; its batch is not stored."""

import pytest

from tests.xapi_collector.forms import MALFORMED, VALID
from tests.xapi_collector.lrs import new_id, statement


@pytest.mark.parametrize(("changes", "path", "rule"), MALFORMED)
def test_a_malformed_statement_is_refused_with_its_path_and_rule(quick, changes, path, rule):
    answer = quick.post([statement(), statement(**changes)])

    assert answer.status_code == 400
    assert (answer.json["path"], answer.json["rule"]) == (path.replace("$", "$[1]", 1), rule)
    assert answer.json["detail"]
    assert answer.json["expected"]
    assert quick.ids() == []


@pytest.mark.parametrize(
    "place", ["actor", "verb", "object", "result", "context", "timestamp", "id", "version", "authority", "attachments"]
)
def test_null_is_refused_everywhere_but_in_extensions(quick, place):
    answer = quick.post(statement() | {place: None})

    assert (answer.status_code, answer.json["path"], answer.json["rule"]) == (400, f"$.{place}", "XAPI-00001")


@pytest.mark.parametrize("changes", VALID)
def test_every_valid_form_is_taken(quick, changes):
    assert quick.post(statement(**changes)).status_code == 200


_OPEN = (
    b'{"actor":{"mbox":"mailto:a@example.org"},"verb":{"id":"https://v.example"},"object":{"id":"https://o.example"}'
)
_EXTENDED = _OPEN + b',"result":{"extensions":{"https://e.example":%s}}}'

BODIES = [
    (b"", 400),
    (b"{", 400),
    (b"null", 400),
    (b"5", 400),
    (b'"text"', 400),
    (b"[1]", 400),
    (b"[[]]", 400),
    (b"{}", 400),
    (b"\xef\xbb\xbf" + _OPEN + b"}", 400),
    ((_OPEN + b"}").decode().encode("utf-16"), 400),
    (_OPEN + b"}}", 400),
    (b"\xff" + _OPEN + b"}", 400),
    (_EXTENDED % b"NaN", 400),
    (_EXTENDED % b"-Infinity", 400),
    (_EXTENDED % b"1e400", 400),
    (_EXTENDED % (b"1" * 4301), 400),
    (_EXTENDED % b'"\\ud800"', 400),
    (_EXTENDED % b'{"a":1,"a":1}', 400),
    (_EXTENDED % b'{"a":1,"\\u0061":2}', 400),
    (_EXTENDED % b'{"a\\\\":1,"a\\\\":1}', 400),
    (_EXTENDED % b'{ "a" : 1 , "a" : 1 }', 400),
    (_OPEN + b',"actor":{"mbox":"mailto:b@example.org"}}', 400),
    (_EXTENDED % (b"[" * 62 + b"]" * 62), 400),
    (_EXTENDED % (b"[" * 300 + b"]" * 300), 400),
    (_EXTENDED % (b"[" * 100_000 + b"]" * 100_000), 400),
    (_EXTENDED % (b'{"a":' * 70 + b"1" + b"}" * 70), 400),
    (b"[" + b"{}," * 500 + b"{}]", 400),
    (b"[" + b"[]," * 900_000 + b"[]]", 400),
    (_EXTENDED % (b'"' + b"x" * 4_200_000 + b'"'), 413),
]


@pytest.mark.parametrize(
    ("body", "status"), BODIES, ids=[f"{body[:12]!r}-{number}" for number, (body, _) in enumerate(BODIES)]
)
def test_a_body_that_is_no_strict_json_is_refused(quick, body, status):
    answer = quick.post(body)

    assert (answer.status_code, answer.content_type) == (status, "application/problem+json")
    assert quick.ids() == []


@pytest.mark.parametrize(
    "value",
    [
        b"[" * 60 + b"]" * 60,
        b"1e2",
        b"-0",
        b"1.10",
        b"123456789012345678901234567890",
        b"0.1234567890123456789",
        b'"\\u4e2d\\/\\ud83d\\ude00"',
        b'{"a" : "b\\": c"}',
        b'{ "https://x.example/a.b" : {"$where":"1","":null} }',
        b'"\\u0000"',
    ],
)
@pytest.mark.parametrize("batch", [False, True])
def test_every_character_of_a_value_comes_back_as_it_was_sent(quick, value, batch):
    body = _EXTENDED % value
    (statement_id, *_) = quick.post(b"[ " + body + b" , " + _OPEN + b"} ]" if batch else b" " + body + b"\n").json
    text = quick.get(statementId=statement_id).data

    assert value.translate(None, b" ") in text.translate(None, b" ")


@pytest.mark.parametrize(
    ("parameters", "path"),
    [
        ({"unknown": "1"}, "unknown"),
        ({"Verb": "https://v.example"}, "Verb"),
        ({"statementId": "x"}, "statementId"),
        ({"statementId": new_id(), "limit": "1"}, "limit"),
        ({"statementId": new_id(), "voidedStatementId": new_id()}, "voidedStatementId"),
        ({"registration": "7"}, "registration"),
        ({"format": "short"}, "format"),
        ({"attachments": "yes"}, "attachments"),
        ({"related_agents": "1"}, "related_agents"),
        ({"verb": "x"}, "verb"),
        ({"activity": "x y"}, "activity"),
        ({"agent": "x"}, "agent"),
        ({"agent": "{}"}, "agent"),
        ({"agent": '{"$ne":1}'}, "agent['$ne']"),
        ({"agent": '{"mbox":"x"}'}, "agent.mbox"),
        ({"agent": '{"mbox":"mailto:a@b.example","mbox":"mailto:a@b.example"}'}, "agent"),
        ({"agent": '{"objectType":"Group","member":[{"mbox":"mailto:a@b.example"}]}'}, "agent"),
        ({"agent": "[" * 300 + "]" * 300}, "agent"),
        ({"agent": "[" * 100 + "]" * 100}, "agent"),
        ({"since": "yesterday"}, "since"),
        ({"until": "2026-11-23"}, "until"),
        ({"limit": "-1"}, "limit"),
        ({"limit": "1.5"}, "limit"),
        ({"limit": "٣"}, "limit"),
        ({"ascending": "yes"}, "ascending"),
        ({"verb[$ne]": "x"}, "verb[$ne]"),
    ],
)
def test_a_malformed_parameter_is_refused_with_its_name(quick, parameters, path):
    answer = quick.get(**parameters)

    assert answer.status_code == 400
    assert answer.json["path"] == path


def test_a_repeated_parameter_is_refused(quick):
    answer = quick.client.get("/xapi/statements?limit=1&limit=2", headers=quick.headers)

    assert (answer.status_code, answer.json["path"]) == (400, "limit")


def test_statement_ids_of_put_must_agree(quick):
    assert quick.put(statement(), new_id()).json["path"] == "$.id"
    assert quick.put([statement()], new_id()).json["path"] == "$"
    assert quick.put({}, new_id()).status_code == 400
    assert quick.put(statement(), "x").json["path"] == "statementId"
    for query in ("", "?statementId=&statementId=", "?statementId=x&other=1"):
        answer = quick.client.put(
            f"/xapi/statements{query}", data=b"{}", headers=quick.headers | {"Content-Type": "application/json"}
        )
        assert answer.status_code == 400


def test_post_takes_no_parameter(quick):
    answer = quick.client.post("/xapi/statements?other=1", json={}, headers=quick.headers)

    assert (answer.status_code, answer.json["path"]) == (400, "other")


@pytest.mark.parametrize(
    ("headers", "path"),
    [
        ({"Content-Type": "text/plain"}, "Content-Type"),
        ({"Content-Type": "multipart/mixed; boundary=x"}, "part 0"),
        ({"Content-Encoding": "gzip"}, "Content-Encoding"),
    ],
)
def test_a_body_of_another_kind_is_refused(quick, headers, path):
    answer = quick.post(statement(), **headers)

    assert (answer.status_code, answer.json["path"]) == (400, path)


class Endless:
    """A body without an end that counts what is read of it."""

    taken = 0

    def read(self, size=-1):
        assert size >= 0
        self.taken += min(size, 65_536)
        return b"x" * min(size, 65_536)


def test_a_body_without_end_is_read_to_the_limit_alone(quick):
    body = Endless()
    answer = quick.client.post(
        "/xapi/statements",
        headers=quick.headers | {"Content-Type": "application/json", "Transfer-Encoding": "chunked"},
        environ_overrides={"wsgi.input": body, "wsgi.input_terminated": True},
    )

    assert answer.status_code == 413
    assert body.taken <= 4 * 1024 * 1024 + 65_536


def test_a_media_type_may_have_parameters(quick):
    assert quick.post(statement(), **{"Content-Type": "application/json; charset=utf-8"}).status_code == 200


@pytest.mark.parametrize(
    ("path", "method", "status"), [("/xapi/other", "GET", 404), ("/xapi/statements", "DELETE", 405)]
)
def test_what_is_not_there_is_a_problem_document_too(quick, path, method, status):
    answer = quick.client.open(path, method=method, headers=quick.headers)

    assert (answer.status_code, answer.content_type) == (status, "application/problem+json")
