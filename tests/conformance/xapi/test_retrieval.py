"""Requirements on GET of statements (xAPI 1.0.3, Data 2.5 and Communication 2.1), over every kind of store."""

import re

import pytest

from tests.conformance.xapi import patterns
from tests.conformance.xapi.client import attachment, json_part, multipart, part, reference, statement, voiding
from tests.xapi_collector.lrs import agent, new_id

TIME = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3,}Z"


@pytest.fixture
def three(anywhere):
    """Three statements with one verb, stored one after the other, the oldest first."""
    verb = {"id": f"https://verbs.example/{new_id()}"}
    sent = [statement(verb=verb) for _ in range(3)]
    return anywhere, anywhere.stored(*sent), {"verb": verb["id"]}


def test_xapi_00108_and_00111_more_leads_to_the_next_page_of_the_same_form(three):
    client, ids, verb = three
    first = client.get(limit="2", **verb).json
    answer = client.follow(first["more"])

    assert [each["id"] for each in first["statements"]] == ids[:0:-1]
    assert answer.status_code == 200
    assert set(answer.json) == {"statements", "more"}
    assert [each["id"] for each in answer.json["statements"]] == ids[:1]


def test_xapi_00109_more_is_empty_once_all_was_given(three):
    client, _, verb = three

    assert client.get(**verb).json["more"] == ""
    assert client.get(limit="3", **verb).json["more"] == ""


def test_xapi_00110_and_00154_and_00159_get_answers_an_array_of_statements(three):
    client, ids, verb = three
    answer = client.get(**verb)

    assert answer.status_code == 200
    assert [each["id"] for each in answer.json["statements"]] == ids[::-1]


def test_xapi_00112_and_00149_a_result_without_statements_is_no_error(anywhere):
    answer = anywhere.get(verb="https://verbs.example/never")

    assert (answer.status_code, answer.json) == (200, {"statements": [], "more": ""})


def test_xapi_00113_and_00114_each_page_has_one_statements_and_one_more(three):
    client, ids, verb = three
    page, found = client.get(limit="1", **verb).json, []
    for _ in range(2):
        assert set(page) == {"statements", "more"}
        found += [each["id"] for each in page["statements"]]
        page = client.follow(page["more"]).json
    found += [each["id"] for each in page["statements"]]

    assert (found, page["more"]) == (ids[::-1], "")


def test_xapi_00139_and_00147_statements_are_at_their_place(anywhere):
    assert anywhere.send("POST", "/statements", statement()).status_code == 200
    assert anywhere.send("POST", "/statement", statement()).status_code == 404


def test_xapi_00142_a_stored_statement_is_never_modified(anywhere):
    one = statement()
    anywhere.put(one)
    before = anywhere.get(statementId=one["id"]).data

    assert anywhere.put(statement(id=one["id"])).status_code == 409
    assert anywhere.post(statement(id=one["id"])).status_code == 409
    assert anywhere.put(one).status_code == 204
    assert anywhere.get(statementId=one["id"]).data == before


def test_xapi_00143_and_00144_put_answers_204_without_content(anywhere):
    answer = anywhere.put(statement())

    assert (answer.status_code, answer.data) == (204, b"")


def test_xapi_00145_put_needs_a_statement_id(anywhere):
    one = statement()

    assert anywhere.send("PUT", "/statements", one).status_code == 400
    assert anywhere.put(one, statementId=new_id()).status_code == 400
    assert anywhere.get(statementId=one["id"]).status_code == 404


def test_xapi_00146_post_answers_the_ids_in_order(anywhere):
    batch = [statement(), statement(id=None), statement()]
    answer = anywhere.post(batch)

    assert answer.status_code == 200
    assert answer.json[::2] == [batch[0]["id"], batch[2]["id"]]
    assert anywhere.one(answer.json[1])["verb"] == batch[1]["verb"]


@pytest.mark.parametrize("name", ["voidedStatementId", "statementId"])
def test_xapi_00150_and_00151_an_id_goes_with_attachments_and_format_only(anywhere, name):
    one = statement()
    anywhere.stored(one, *([voiding(one["id"])] if name == "voidedStatementId" else []))
    values = {"agent": agent(), "verb": "https://v.example", "activity": "https://a.example", "registration": new_id()}
    values |= {"related_activities": "true", "related_agents": "true", "ascending": "true", "limit": "1"}
    values |= {"since": "2026-11-23T08:30:00Z", "until": "2026-11-23T08:30:00Z"}
    values |= {"statementId" if name == "voidedStatementId" else "voidedStatementId": new_id()}

    for other, value in values.items():
        assert anywhere.get(**{name: one["id"], other: value}).status_code == 400, other
    assert anywhere.get(**{name: one["id"], "attachments": "false", "format": "ids"}).status_code == 200


def test_xapi_00152_consistent_through_is_not_before_any_stored(three):
    client, _, verb = three
    answer = client.get(**verb)

    assert (
        max(each["stored"] for each in answer.json["statements"])
        <= answer.headers["X-Experience-API-Consistent-Through"]
    )


def test_xapi_00153_and_00160_consistent_through_is_a_time_on_every_answer(anywhere):
    for query in ({}, {"statementId": "x"}, {"unknown": "1"}, {"statementId": new_id()}):
        assert re.fullmatch(TIME, anywhere.get(**query).headers["X-Experience-API-Consistent-Through"])


def test_xapi_00155_and_00157_voided_statement_id_answers_the_voided_statement(anywhere):
    one = statement()
    anywhere.stored(one, voiding(one["id"]))
    answer = anywhere.get(voidedStatementId=one["id"])

    assert answer.status_code == 200
    assert {name: answer.json[name] for name in one} == one


def test_xapi_00156_and_00158_statement_id_answers_the_statement(three):
    client, ids, _ = three
    answer = client.get(statementId=ids[1])

    assert (answer.status_code, answer.json["id"]) == (200, ids[1])
    assert client.get(statementId=new_id()).status_code == 404


def test_xapi_00161_and_00165_without_attachments_the_answer_is_json(three):
    client, ids, verb = three

    for query in (verb, {"statementId": ids[0]}):
        assert client.get(attachments="false", **query).content_type == "application/json"
        assert client.get(**query).content_type == "application/json"


def test_xapi_00162_what_targets_a_voided_statement_is_found_and_the_voided_one_is_not(anywhere):
    one = statement()
    pointing = statement(object=reference(one["id"]))
    void = voiding(one["id"])
    anywhere.stored(one, pointing, void)

    assert anywhere.ids(verb=one["verb"]["id"]) == [void["id"], pointing["id"]]
    since = anywhere.get(voidedStatementId=one["id"]).json["stored"]
    assert one["id"] not in anywhere.ids(since=since.replace("Z", "")[:-1] + "0Z")


def test_xapi_00163_a_voided_statement_comes_by_its_own_parameter_alone(anywhere):
    one, other = statement(), statement()
    anywhere.stored(one, other, voiding(one["id"]))

    assert anywhere.get(statementId=one["id"]).status_code == 404
    assert one["id"] not in anywhere.ids(agent=one["actor"])
    assert anywhere.get(voidedStatementId=other["id"]).status_code == 404


def test_xapi_00164_the_statements_match_every_filter(anywhere):
    verb = {"id": f"https://verbs.example/{new_id()}"}
    registration = new_id()
    one = statement(verb=verb, context={"registration": registration})
    anywhere.stored(one, statement(verb=verb), statement(actor=one["actor"]), statement(object=one["object"]))
    query = {"agent": one["actor"], "verb": verb["id"], "activity": one["object"]["id"], "registration": registration}

    assert anywhere.ids(**query) == [one["id"]]
    assert anywhere.ids(**query, ascending="true") == [one["id"]]
    assert anywhere.ids(**query | {"registration": new_id()}) == []


def test_xapi_00166_ascending_orders_by_stored(three):
    client, ids, verb = three
    found = client.get(ascending="true", **verb).json["statements"]

    assert [each["id"] for each in found] == ids
    assert sorted(each["stored"] for each in found) == [each["stored"] for each in found]
    assert client.ids(ascending="true", limit="1", **verb) == ids


def test_xapi_00167_attachments_answers_all_data_in_parts(anywhere):
    contents = [b"first\r\n--edge-of", b"\x00\xff second"]
    sent = [statement(attachments=[attachment(each)], verb=patterns.VERB) for each in contents]
    body = multipart(json_part(sent), *(part(each) for each in contents))
    assert (
        anywhere.send(
            "POST", "/statements", body, headers={"Content-Type": "multipart/mixed; boundary=edge-of-a-part"}
        ).status_code
        == 200
    )
    for one, content in zip(sent, contents, strict=True):
        answer = anywhere.get(statementId=one["id"], attachments="true")

        assert answer.mimetype == "multipart/mixed"
        boundary = answer.mimetype_params["boundary"].encode()
        _, first, second, last = (b"\r\n" + answer.data).split(b"\r\n--" + boundary)
        assert last.startswith(b"--")
        assert one["id"].encode() in first
        head, _, data = second.partition(b"\r\n\r\n")
        assert data == content
        assert b"x-experience-api-hash: " + one["attachments"][0]["sha2"].encode() in head.lower()
        assert b"content-transfer-encoding: binary" in head.lower()
    many = anywhere.get(attachments="true", agent=sent[0]["actor"])
    assert many.mimetype == "multipart/mixed"
    assert contents[0] in many.data


def _described(anywhere):
    """Two statements that define one activity and one verb in several languages."""
    activity, verb = f"https://course.example/{new_id()}", f"https://verbs.example/{new_id()}"
    first = statement(
        actor=patterns.AGENT | {"name": "A. Learner"},
        verb={"id": verb, "display": {"en": "tried", "zh-Hans": "尝试"}},
        object={"id": activity, "definition": {"name": {"en": "Unit", "zh-Hans": "单元"}, "type": "https://t.example"}},
        context={
            "team": {"objectType": "Group", "name": "a team", "member": [patterns.AGENT | {"name": "A. Learner"}]}
        },
    )
    second = statement(verb={"id": verb}, object={"id": activity})
    anywhere.stored(first, second)
    return first, second


def test_xapi_00168_and_00170_exact_is_what_was_received_and_the_default(anywhere):
    first, second = _described(anywhere)
    for one in (first, second):
        for query in ({}, {"format": "exact"}):
            found = anywhere.one(one["id"], **query)
            assert {name: found[name] for name in one} == one


def test_xapi_00169_canonical_gives_the_collectors_definitions_in_one_language(anywhere):
    _, second = _described(anywhere)
    found = anywhere.one(second["id"], format="canonical")

    assert len(found["object"]["definition"]["name"]) == 1
    assert set(found["object"]["definition"]["name"].values()) <= {"Unit", "单元"}
    assert found["object"]["definition"]["type"] == "https://t.example"
    assert len(found["verb"]["display"]) == 1


def test_xapi_00171_ids_gives_identifiers_only(anywhere):
    first, _ = _described(anywhere)
    found = anywhere.one(first["id"], format="ids")

    assert set(found["actor"]) <= {"objectType", "mbox"}
    assert found["verb"] == {"id": first["verb"]["id"]}
    assert set(found["object"]) <= {"objectType", "id"}
    assert "name" not in found["context"]["team"]
    assert [member["mbox"] for member in found["context"]["team"]["member"]] == [patterns.AGENT["mbox"]]
    assert all("name" not in member for member in found["context"]["team"]["member"])
    assert found["result"] == first["result"]


@pytest.mark.parametrize(
    ("accepted", "name"),
    [("zh-Hans", "单元"), ("en", "Unit"), ("en;q=0.5, zh-Hans;q=0.9", "单元"), ("fr, en-GB;q=0.8", "Unit")],
)
def test_xapi_00172_accept_language_chooses_the_language(anywhere, accepted, name):
    first, _ = _described(anywhere)
    answer = anywhere.send(
        "GET", "/statements", statementId=first["id"], format="canonical", headers={"Accept-Language": accepted}
    )

    assert list(answer.json["object"]["definition"]["name"].values()) == [name]


def test_xapi_00173_limit_bounds_a_page(three):
    client, ids, verb = three

    assert [each["id"] for each in client.get(limit="2", **verb).json["statements"]] == ids[:0:-1]
    assert len(client.get(limit="0", **verb).json["statements"]) == 3
    assert len(client.get(**verb).json["statements"]) == 3


def test_xapi_00174_until_includes_its_own_time(three):
    client, ids, verb = three
    stored = client.one(ids[1])["stored"]

    assert client.ids(until=stored, **verb) == ids[1::-1]


def test_xapi_00175_since_excludes_its_own_time(three):
    client, ids, verb = three
    stored = client.one(ids[1])["stored"]

    assert client.ids(since=stored, **verb) == ids[2:]


def test_xapi_00176_related_agents_finds_an_agent_in_every_place(anywhere):
    who = agent(new_id())
    named = who | {"objectType": "Agent"}
    other = {"objectType": "Group", "member": [agent("any"), who]}
    places = [
        statement(actor=named), statement(object=named), statement(actor=other), statement(context={"instructor": who}),
        statement(context={"team": other}), statement(**patterns.inner(actor=who)),
        statement(**patterns.inner(object=named)), statement(**patterns.inner(context={"instructor": who})),
    ]  # fmt: skip
    anywhere.stored(*places, statement())

    assert set(anywhere.ids(agent=who)) == {each["id"] for each in places[:3]}
    assert set(anywhere.ids(agent=who, related_agents="true")) == {each["id"] for each in places}
    assert set(anywhere.ids(agent=who, related_agents="false")) == set(anywhere.ids(agent=who))


def test_xapi_00177_related_activities_finds_an_activity_in_every_place(anywhere):
    what = {"id": f"https://course.example/{new_id()}"}
    places = [
        statement(object=what),
        *(statement(context={"contextActivities": {name: [what]}}) for name in ("parent", "grouping", "category")),
        statement(context={"contextActivities": {"other": what}}),
        statement(**patterns.inner(object=what)),
        statement(**patterns.inner(context={"contextActivities": {"other": what}})),
    ]  # fmt: skip
    anywhere.stored(*places, statement())

    assert anywhere.ids(activity=what["id"]) == [places[0]["id"]]
    assert set(anywhere.ids(activity=what["id"], related_activities="true")) == {each["id"] for each in places}


def test_xapi_00178_registration_is_an_exact_match(anywhere):
    registration = new_id()
    one = statement(context={"registration": registration})
    anywhere.stored(
        one, statement(context={"registration": new_id()}), statement(object={"id": f"urn:uuid:{registration}"})
    )

    assert anywhere.ids(registration=registration) == [one["id"]]
    assert anywhere.ids(registration=registration.upper()) == [one["id"]]


def test_xapi_00179_activity_is_an_exact_match(anywhere):
    iri = f"https://course.example/{new_id()}"
    one = statement(object={"id": iri})
    anywhere.stored(
        one, statement(object={"id": f"{iri}/"}), statement(context={"contextActivities": {"parent": {"id": iri}}})
    )

    assert anywhere.ids(activity=iri) == [one["id"]]


def test_xapi_00180_verb_is_an_exact_match(anywhere):
    iri = f"https://verbs.example/a{new_id()}"
    one = statement(verb={"id": iri})
    anywhere.stored(one, statement(verb={"id": iri.replace("/a", "/A")}))

    assert anywhere.ids(verb=iri) == [one["id"]]


@pytest.mark.parametrize("kind", ["mbox", "mbox_sha1sum", "openid", "account"])
def test_xapi_00181_agent_matches_by_its_identifier(anywhere, kind):
    own = new_id()
    identifier = {
        "mbox": {"mbox": f"mailto:{own}@example.org"},
        "mbox_sha1sum": {"mbox_sha1sum": own.replace("-", "").ljust(40, "0")},
        "openid": {"openid": f"https://id.example/{own}"},
        "account": {"account": {"homePage": "https://lms.example", "name": own}},
    }[kind]
    one = statement(actor=identifier | {"name": "any name"})
    group = statement(actor=identifier | {"objectType": "Group"})
    anywhere.stored(one, group, statement())

    assert set(anywhere.ids(agent=identifier)) == {one["id"], group["id"]}
    assert set(anywhere.ids(agent=identifier | {"objectType": "Group", "name": "other"})) == {one["id"], group["id"]}


def test_a_reference_is_found_by_what_finds_its_target(anywhere):
    one = statement(context={"registration": new_id()})
    pointing = statement(object=reference(one["id"]))
    far = statement(object=reference(pointing["id"]))
    anywhere.stored(far, pointing, one)

    for query in (
        {"agent": one["actor"]},
        {"verb": one["verb"]["id"]},
        {"registration": one["context"]["registration"]},
    ):
        assert set(anywhere.ids(**query)) == {one["id"], pointing["id"], far["id"]}, query
    assert anywhere.ids(activity=one["object"]["id"], until=anywhere.one(pointing["id"])["stored"]) == [
        pointing["id"],
        far["id"],
    ]
