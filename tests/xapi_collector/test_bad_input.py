"""What is malformed is refused with 400 or 413, a path, a rule and what would be right; its batch is not stored."""

import pytest

from tests.xapi_collector.lrs import agent, new_id, statement

_ACTIVITY = {"id": "https://course.example/unit/1"}


def _definition(**changes):
    return {"object": _ACTIVITY | {"definition": changes}}


def _substatement(**changes):
    inner = {name: value for name, value in statement(id=None).items() if name in ("actor", "verb", "object")}
    return {"object": {"objectType": "SubStatement"} | inner | changes}


def _attachment(**changes):
    whole = {
        "usageType": "https://usage.example/certificate",
        "display": {"en": "certificate"},
        "contentType": "text/plain; charset=utf-8",
        "length": 3,
        "sha2": "ab" * 32,
        "fileUrl": "https://files.example/1",
    }
    return {"attachments": [{name: value for name, value in (whole | changes).items() if value is not None}]}


def _account(**changes):
    account = {"homePage": "https://lms.example", "name": "1"} | changes
    return {"actor": {"account": {name: value for name, value in account.items() if value is not None}}}


MALFORMED = [
    # what changes, where, rule
    ({"actor": None}, "$", "XAPI-00003"),
    ({"verb": None}, "$", "XAPI-00004"),
    ({"object": None}, "$", "XAPI-00005"),
    ({"actor": []}, "$.actor", "XAPI-00031"),
    ({"actor": {}}, "$.actor", "XAPI-00001"),
    ({"unknown": 1}, "$.unknown", "XAPI-00010"),
    ({"a b": 1}, "$['a b']", "XAPI-00010"),
    ({"Result": {}}, "$.Result", "XAPI-00008"),
    ({"id": "no-uuid"}, "$.id", "XAPI-00027"),
    ({"id": 5}, "$.id", "XAPI-00027"),
    ({"id": "MA97B177-9383-4934-8543-0F91A7A02836"}, "$.id", "XAPI-00027"),
    ({"timestamp": "yesterday"}, "$.timestamp", "XAPI-00123"),
    ({"timestamp": "2026-11-23"}, "$.timestamp", "XAPI-00123"),
    ({"timestamp": "2026-13-23T08:30:00Z"}, "$.timestamp", "XAPI-00123"),
    ({"timestamp": "2026-11-23T08:30:00-00:00"}, "$.timestamp", "XAPI-00123"),
    ({"timestamp": 1795424345}, "$.timestamp", "XAPI-00123"),
    ({"stored": "yesterday"}, "$.stored", "XAPI-00123"),
    ({"version": "0.9"}, "$.version", "XAPI-00101"),
    ({"version": "1.1.0"}, "$.version", "XAPI-00101"),
    ({"version": "1.0.x"}, "$.version", "XAPI-00101"),
    ({"actor": {"objectType": "Person"} | agent()}, "$.actor.objectType", "XAPI-00031"),
    ({"actor": {"name": "only a name"}}, "$.actor", "XAPI-00034"),
    ({"actor": {"name": 5} | agent()}, "$.actor.name", "XAPI-00033"),
    ({"actor": {"mbox": "mailto:a@example.org"} | agent()}, "$.actor", "XAPI-00034"),
    ({"actor": {"mbox": "a@example.org"}}, "$.actor.mbox", "XAPI-00038"),
    ({"actor": {"mbox": "mailto:example.org"}}, "$.actor.mbox", "XAPI-00038"),
    ({"actor": {"mbox_sha1sum": "ab"}}, "$.actor.mbox_sha1sum", "XAPI-00039"),
    ({"actor": {"openid": "no uri"}}, "$.actor.openid", "XAPI-00040"),
    ({"actor": {"account": "1"}}, "$.actor.account", "XAPI-00041"),
    (_account(homePage=None), "$.actor.account", "XAPI-00042"),
    (_account(homePage="ab=c://should.fail.com"), "$.actor.account.homePage", "XAPI-00042"),
    (_account(name=None), "$.actor.account", "XAPI-00043"),
    (_account(name=""), "$.actor.account.name", "XAPI-00043"),
    (_account(name=7), "$.actor.account.name", "XAPI-00043"),
    ({"actor": agent() | {"member": [agent()]}}, "$.actor.member", "XAPI-00035"),
    ({"actor": {"objectType": "Group"}}, "$.actor", "XAPI-00037"),
    ({"actor": {"objectType": "Group", "member": []}}, "$.actor", "XAPI-00037"),
    ({"actor": {"objectType": "Group", "member": agent()}}, "$.actor.member", "XAPI-00036"),
    ({"actor": {"objectType": "Group", "member": [agent(), {"name": "x"}]}}, "$.actor.member[1]", "XAPI-00034"),
    (
        {"actor": {"objectType": "Group", "member": [{"objectType": "Group", "member": [agent()]}]}},
        "$.actor.member[0]",
        "XAPI-00036",
    ),
    (
        {"actor": {"objectType": "Group", "mbox": "mailto:a@example.org"} | agent()},
        "$.actor",
        "XAPI-00037",
    ),
    ({"verb": {"display": {"en": "did"}}}, "$.verb", "XAPI-00044"),
    ({"verb": {"id": "did"}}, "$.verb.id", "XAPI-00044"),
    ({"verb": {"id": ""}}, "$.verb.id", "XAPI-00044"),
    ({"verb": {"id": "https://v.example/did", "display": "did"}}, "$.verb.display", "XAPI-00045"),
    ({"verb": {"id": "https://v.example/did", "display": {"en": 5}}}, "$.verb.display.en", "XAPI-00045"),
    (
        {"verb": {"id": "https://v.example/did", "display": {"a12345678": "x"}}},
        "$.verb.display.a12345678",
        "XAPI-00013",
    ),
    ({"object": {"definition": {}}}, "$.object", "XAPI-00047"),
    ({"object": {"id": "unit 1"}}, "$.object.id", "XAPI-00047"),
    ({"object": "https://course.example"}, "$.object", "XAPI-00046"),
    ({"object": _ACTIVITY | {"objectType": "activity"}}, "$.object.objectType", "XAPI-00046"),
    ({"object": _ACTIVITY | {"objectType": 5}}, "$.object.objectType", "XAPI-00046"),
    ({"object": agent()}, "$.object.account", "XAPI-00010"),
    ({"object": _ACTIVITY | {"definition": "x"}}, "$.object.definition", "XAPI-00048"),
    (_definition(interactionType="guess"), "$.object.definition.interactionType", "XAPI-00049"),
    (
        _definition(interactionType="choice", correctResponsesPattern="a"),
        "$.object.definition.correctResponsesPattern",
        "XAPI-00050",
    ),
    (_definition(interactionType="choice", steps={}), "$.object.definition.steps", "XAPI-00051"),
    (_definition(interactionType="choice", target=5), "$.object.definition.target", "XAPI-00052"),
    (_definition(interactionType="choice", source=5), "$.object.definition.source", "XAPI-00053"),
    (_definition(interactionType="choice", scale=5), "$.object.definition.scale", "XAPI-00054"),
    (_definition(interactionType="choice", choices=5), "$.object.definition.choices", "XAPI-00055"),
    (_definition(interactionType="choice", choices=[5]), "$.object.definition.choices[0]", "XAPI-00063"),
    (
        _definition(interactionType="choice", choices=[{"id": "a"}, {"id": "a"}]),
        "$.object.definition.choices",
        "XAPI-00058",
    ),
    (
        _definition(interactionType="choice", choices=[{"description": {"en": "a"}}]),
        "$.object.definition.choices[0]",
        "XAPI-00058",
    ),
    (
        _definition(interactionType="choice", choices=[{"id": "a", "description": 5}]),
        "$.object.definition.choices[0].description",
        "XAPI-00062",
    ),
    (_definition(correctResponsesPattern=["a"]), "$.object.definition.correctResponsesPattern", "XAPI-00064"),
    (_definition(name="unit"), "$.object.definition.name", "XAPI-00056"),
    (_definition(description="unit"), "$.object.definition.description", "XAPI-00059"),
    (_definition(type="unit"), "$.object.definition.type", "XAPI-00060"),
    (_definition(moreInfo="unit"), "$.object.definition.moreInfo", "XAPI-00061"),
    (_definition(moreinfo="https://a.example"), "$.object.definition.moreinfo", "XAPI-00008"),
    (_definition(extensions=[]), "$.object.definition.extensions", "XAPI-00120"),
    (_definition(extensions={"no iri": 1}), "$.object.definition.extensions['no iri']", "XAPI-00118"),
    ({"object": {"objectType": "StatementRef"}}, "$.object", "XAPI-00072"),
    ({"object": {"objectType": "StatementRef", "id": "x"}}, "$.object.id", "XAPI-00072"),
    (_substatement(verb={"id": "x"}), "$.object.verb.id", "XAPI-00044"),
    (_substatement(id=new_id()), "$.object.id", "XAPI-00070"),
    (_substatement(authority=agent()), "$.object.authority", "XAPI-00067"),
    (_substatement(version="1.0.0"), "$.object.version", "XAPI-00068"),
    (_substatement(stored="2026-11-23T08:30:00Z"), "$.object.stored", "XAPI-00069"),
    (_substatement(**_substatement()), "$.object.object", "XAPI-00071"),
    ({"object": {"objectType": "SubStatement", "actor": agent()}}, "$.object", "XAPI-00066"),
    ({"verb": {"id": "http://adlnet.gov/expapi/verbs/voided"}}, "$.object", "XAPI-00017"),
    ({"result": []}, "$.result", "XAPI-00006"),
    ({"result": {"success": "true"}}, "$.result.success", "XAPI-00074"),
    ({"result": {"success": 1}}, "$.result.success", "XAPI-00074"),
    ({"result": {"completion": "false"}}, "$.result.completion", "XAPI-00075"),
    ({"result": {"response": 5}}, "$.result.response", "XAPI-00076"),
    ({"result": {"duration": "4 minutes"}}, "$.result.duration", "XAPI-00124"),
    ({"result": {"duration": "P4W1D"}}, "$.result.duration", "XAPI-00124"),
    ({"result": {"duration": "P0000-00-00T00:04:00"}}, "$.result.duration", "XAPI-00124"),
    ({"result": {"duration": 240}}, "$.result.duration", "XAPI-00124"),
    ({"result": {"extensions": "x"}}, "$.result.extensions", "XAPI-00120"),
    ({"result": {"score": 5}}, "$.result.score", "XAPI-00079"),
    ({"result": {"score": {"max": 1, "min": 2}}}, "$.result.score.min", "XAPI-00081"),
    ({"result": {"score": {"max": 1, "min": 1}}}, "$.result.score.min", "XAPI-00081"),
    ({"result": {"score": {"max": 10, "raw": 11}}}, "$.result.score.raw", "XAPI-00082"),
    ({"result": {"score": {"min": 10, "raw": 9}}}, "$.result.score.raw", "XAPI-00082"),
    ({"result": {"score": {"scaled": 1.01}}}, "$.result.score.scaled", "XAPI-00083"),
    ({"result": {"score": {"scaled": "0.5"}}}, "$.result.score.scaled", "XAPI-00006"),
    ({"result": {"score": {"scaled": True}}}, "$.result.score.scaled", "XAPI-00006"),
    ({"context": {"registration": "x"}}, "$.context.registration", "XAPI-00087"),
    ({"context": {"instructor": {"name": "x"}}}, "$.context.instructor", "XAPI-00034"),
    ({"context": {"team": agent()}}, "$.context.team", "XAPI-00088"),
    ({"context": {"revision": 5}}, "$.context.revision", "XAPI-00089"),
    ({"context": {"platform": 5}}, "$.context.platform", "XAPI-00090"),
    ({"context": {"language": "a12345678"}}, "$.context.language", "XAPI-00091"),
    ({"context": {"statement": {"id": new_id()}}}, "$.context.statement", "XAPI-00073"),
    ({"context": {"statement": {"objectType": "StatementRef", "id": "x"}}}, "$.context.statement.id", "XAPI-00072"),
    ({"context": {"contextActivities": {}}}, "$.context.contextActivities", "XAPI-00095"),
    ({"context": {"contextActivities": []}}, "$.context.contextActivities", "XAPI-00086"),
    ({"context": {"contextActivities": {"child": [_ACTIVITY]}}}, "$.context.contextActivities.child", "XAPI-00093"),
    ({"context": {"contextActivities": {"parent": "x"}}}, "$.context.contextActivities.parent", "XAPI-00094"),
    ({"context": {"contextActivities": {"parent": [{}]}}}, "$.context.contextActivities.parent[0]", "XAPI-00001"),
    ({"context": {"revision": "1"}, "object": {"objectType": "Agent"} | agent()}, "$.context.revision", "XAPI-00084"),
    ({"context": {"platform": "1"}, "object": {"objectType": "Agent"} | agent()}, "$.context.platform", "XAPI-00085"),
    ({"authority": {"name": "x"}}, "$.authority", "XAPI-00034"),
    ({"authority": {"objectType": "Group", "member": [agent()]}}, "$.authority", "XAPI-00098"),
    ({"attachments": {}}, "$.attachments", "XAPI-00025"),
    (_attachment(length="3"), "$.attachments[0].length", "XAPI-00102"),
    (_attachment(length=None), "$.attachments[0]", "XAPI-00102"),
    (_attachment(sha2="ab"), "$.attachments[0].sha2", "XAPI-00103"),
    (_attachment(sha2=None), "$.attachments[0]", "XAPI-00103"),
    (_attachment(fileUrl="x"), "$.attachments[0].fileUrl", "XAPI-00104"),
    (_attachment(fileUrl=None), "$.attachments[0]", "XAPI-00129"),
    (_attachment(contentType="text"), "$.attachments[0].contentType", "XAPI-00105"),
    (_attachment(contentType=None), "$.attachments[0]", "XAPI-00105"),
    (_attachment(display="x"), "$.attachments[0].display", "XAPI-00106"),
    (_attachment(display=None), "$.attachments[0]", "XAPI-00106"),
    (_attachment(usageType="x"), "$.attachments[0].usageType", "XAPI-00107"),
    (_attachment(usageType=None), "$.attachments[0]", "XAPI-00107"),
]


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


VALID = [
    _definition(),
    _definition(
        interactionType="choice", choices=[{"id": "a", "description": {"zh-Hans": "甲"}}], correctResponsesPattern=[]
    ),
    _definition(name={}, extensions={"https://e.example": None}),
    _substatement(),
    _substatement(timestamp="2030-01-01T00:00:00Z", context={"team": {"objectType": "Group", "member": [agent()]}}),
    _attachment(),
    {"object": {"objectType": "StatementRef", "id": new_id()}, "context": None},
    {"object": {"objectType": "Group", "member": [agent()]}, "context": None},
    {"verb": {"id": "http://adlnet.gov/expapi/verbs/voided"}, "object": {"objectType": "StatementRef", "id": new_id()}},
    {"actor": {"mbox_sha1sum": "aB" * 20}},
    {"actor": {"openid": "https://person.example"}},
    {"actor": {"objectType": "Group", "member": [agent("a"), agent("b")]}},
    {"result": {"score": {}, "extensions": {}}},
    {"result": {}, "context": {}},
    {"result": {"extensions": {"https://e.example": None, "https://e.example/2": {"a": {}, "": [None]}}}},
    {"context": {"contextActivities": {"parent": _ACTIVITY}, "instructor": agent()}},
    {"timestamp": "20261123T083000.1234567+0800", "version": "1.0"},
    {"timestamp": "2016-12-31T23:59:60Z", "version": "1.0.9"},
    {"authority": {"objectType": "Group", "member": [agent("a"), agent("b")]}},
]


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
    (b"[" + b"{}," * 500 + b"{}]", 413),
    (b"[" + b"[]," * 900_000 + b"[]]", 413),
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
        ({"registration": new_id()}, "registration"),
        ({"format": "ids"}, "format"),
        ({"attachments": "true"}, "attachments"),
        ({"related_agents": "true"}, "related_agents"),
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
    answer = quick.client.post("/xapi/statements?method=GET", json={}, headers=quick.headers)

    assert (answer.status_code, answer.json["path"]) == (400, "method")


@pytest.mark.parametrize(
    ("headers", "path"),
    [
        ({"Content-Type": "text/plain"}, "Content-Type"),
        ({"Content-Type": "multipart/mixed; boundary=x"}, "Content-Type"),
        ({"Content-Encoding": "gzip"}, "Content-Encoding"),
    ],
)
def test_a_body_of_another_kind_is_refused(quick, headers, path):
    answer = quick.post(statement(), **headers)

    assert (answer.status_code, answer.json["path"]) == (400, path)


def test_a_media_type_may_have_parameters(quick):
    assert quick.post(statement(), **{"Content-Type": "application/json; charset=utf-8"}).status_code == 200


@pytest.mark.parametrize(
    ("path", "method", "status"), [("/xapi/other", "GET", 404), ("/xapi/statements", "DELETE", 405)]
)
def test_what_is_not_there_is_a_problem_document_too(quick, path, method, status):
    answer = quick.client.open(path, method=method, headers=quick.headers)

    assert (answer.status_code, answer.content_type) == (status, "application/problem+json")
