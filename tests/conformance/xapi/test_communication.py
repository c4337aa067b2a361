"""Requirements on the Statement and About resources (xAPI 1.0.3, Part Three: Communication), one test a requirement."""

import re

import pytest

from tests.xapi_collector.lrs import agent, new_id, statement

_TIME = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3,}Z"


def _bare(lrs, **headers):
    """The headers of the credential alone, and others."""
    return {"Authorization": lrs.headers["Authorization"]} | headers


@pytest.fixture
def three(lrs):
    """Three statements, stored one after the other."""
    sent = [statement(actor=agent(f"learner-{number}")) for number in range(3)]
    for each in sent:
        lrs.post(each)
    return lrs, [each["id"] for each in sent]


def test_xapi_00108_more_leads_to_the_next_page(three):
    lrs, ids = three
    first = lrs.get(limit="2").json
    second = lrs.client.get(first["more"], headers=lrs.headers).json

    assert [each["id"] for each in first["statements"]] == ids[:0:-1]
    assert [each["id"] for each in second["statements"]] == ids[:1]


def test_xapi_00109_more_is_empty_at_the_end(three):
    assert three[0].get().json["more"] == ""


def test_xapi_00110_and_00154_a_query_answers_an_array_of_statements(three):
    answer = three[0].get()

    assert answer.status_code == 200
    assert len(answer.json["statements"]) == 3


def test_xapi_00111_and_00113_and_00114_each_page_is_a_statement_result(three):
    lrs, _ = three
    page = lrs.get(limit="1").json
    for _ in range(2):
        assert set(page) == {"statements", "more"}
        assert len(page["statements"]) == 1
        page = lrs.client.get(page["more"], headers=lrs.headers).json
    assert page["more"] == ""


def test_xapi_00112_and_00149_an_empty_result_is_200(lrs):
    answer = lrs.get(verb="https://v.example/never")

    assert (answer.status_code, answer.json) == (200, {"statements": [], "more": ""})


def test_xapi_00125_and_00126_head_is_get_without_a_body(three):
    lrs, ids = three
    for query in ("", f"?statementId={ids[0]}"):
        got = lrs.client.get(f"/xapi/statements{query}", headers=lrs.headers)
        head = lrs.client.head(f"/xapi/statements{query}", headers=lrs.headers)

        assert (head.status_code, head.data) == (200, b"")
        assert head.headers["Content-Length"] == got.headers["Content-Length"]
        assert head.headers["X-Experience-API-Version"] == "1.0.3"


@pytest.mark.parametrize("method", ["POST", "PUT"])
@pytest.mark.parametrize("kind", ["text/plain", "application/xml", ""])
def test_xapi_00127_another_content_type_is_rejected(lrs, method, kind):
    answer = lrs.client.open(
        f"/xapi/statements?{'statementId=' + new_id() if method == 'PUT' else ''}",
        method=method,
        data=b"{}",
        headers=lrs.headers | {"Content-Type": kind},
    )

    assert answer.status_code == 400


def test_xapi_00142_a_stored_statement_is_never_modified(lrs):
    one = statement()
    lrs.put(one)
    before = lrs.get(statementId=one["id"]).data

    assert lrs.put(statement(id=one["id"], verb={"id": "https://v.example/other"})).status_code == 409
    assert lrs.get(statementId=one["id"]).data == before


def test_xapi_00143_and_00144_put_answers_204_without_content(lrs):
    answer = lrs.put(statement())

    assert (answer.status_code, answer.data) == (204, b"")


def test_xapi_00145_put_needs_a_statement_id(lrs):
    headers = lrs.headers | {"Content-Type": "application/json"}

    assert lrs.client.put("/xapi/statements", json=statement(), headers=headers).status_code == 400


def test_xapi_00146_and_00147_post_answers_the_ids_in_order(lrs):
    batch = [statement(), statement(), statement()]
    answer = lrs.post(batch)

    assert (answer.status_code, answer.json) == (200, [each["id"] for each in batch])


@pytest.mark.parametrize("name", ["voidedStatementId", "statementId"])
@pytest.mark.parametrize(
    "other",
    [
        "agent", "verb", "activity", "registration", "related_activities", "related_agents", "since", "until", "limit",
        "ascending",
    ],
)  # fmt: skip
def test_xapi_00150_and_00151_an_id_goes_with_no_filter(lrs, name, other):
    values = {"agent": agent(), "verb": "https://v.example", "activity": "https://a.example", "registration": new_id()}
    values |= {"related_activities": "true", "related_agents": "true", "ascending": "true", "limit": "1"}
    values |= {"since": "2026-11-23T08:30:00Z", "until": "2026-11-23T08:30:00Z"}

    assert lrs.get(**{name: new_id(), other: values[other]}).status_code == 400


def test_xapi_00152_consistent_through_is_not_before_any_stored(three):
    answer = three[0].get()
    through = answer.headers["X-Experience-API-Consistent-Through"]

    assert max(each["stored"] for each in answer.json["statements"]) <= through


@pytest.mark.parametrize("query", ["", "?statementId=x", "?unknown=1", f"?statementId={new_id()}"])
def test_xapi_00153_and_00160_consistent_through_is_on_every_answer(lrs, query):
    answer = lrs.client.get(f"/xapi/statements{query}", headers=lrs.headers)

    assert re.fullmatch(_TIME, answer.headers["X-Experience-API-Consistent-Through"])


def test_xapi_00156_and_00158_a_statement_id_answers_that_statement(three):
    lrs, ids = three
    answer = lrs.get(statementId=ids[1])

    assert (answer.status_code, answer.json["id"]) == (200, ids[1])


def test_xapi_00159_get_is_accepted(lrs):
    assert lrs.get().status_code == 200


def test_xapi_00161_and_00165_without_attachments_the_answer_is_json(three):
    lrs, ids = three

    assert lrs.get(attachments="false").content_type == "application/json"
    assert lrs.get(statementId=ids[0], attachments="false").content_type == "application/json"


def test_xapi_00164_the_statements_match_every_filter(three):
    lrs, ids = three

    assert lrs.ids(agent=agent("learner-1"), verb="http://adlnet.gov/expapi/verbs/scored") == [ids[1]]


def test_xapi_00166_ascending_orders_by_stored(three):
    lrs, ids = three
    found = lrs.get(ascending="true").json["statements"]

    assert [each["id"] for each in found] == ids
    assert sorted(each["stored"] for each in found) == [each["stored"] for each in found]


def test_xapi_00168_and_00170_exact_is_what_was_received(lrs):
    one = statement(object={"id": "https://o.example", "definition": {"name": {"en": "one", "zh-Hans": "一"}}})
    lrs.post(one)

    assert lrs.get(statementId=one["id"], format="exact").json["object"] == one["object"]
    assert lrs.get(statementId=one["id"]).json["object"] == one["object"]


def test_xapi_00173_limit_bounds_the_number(three):
    lrs, _ = three

    assert len(lrs.ids(limit="2")) == 2
    assert len(lrs.ids(limit="0")) == len(lrs.ids()) == 3


def test_xapi_00174_until_is_inclusive(three):
    lrs, ids = three
    stored = lrs.get(statementId=ids[1]).json["stored"]

    assert lrs.ids(until=stored, ascending="true") == ids[:2]


def test_xapi_00175_since_is_exclusive(three):
    lrs, ids = three
    stored = lrs.get(statementId=ids[1]).json["stored"]

    assert lrs.ids(since=stored) == ids[2:]


def test_xapi_00179_activity_is_an_exact_match(lrs):
    one, other = statement(object={"id": "https://o.example/1"}), statement(object={"id": "https://o.example/1/"})
    lrs.post([one, other])

    assert lrs.ids(activity="https://o.example/1") == [one["id"]]


def test_xapi_00180_verb_is_an_exact_match(lrs):
    one, other = statement(verb={"id": "https://v.example/a"}), statement(verb={"id": "https://v.example/A"})
    lrs.post([one, other])

    assert lrs.ids(verb="https://v.example/a") == [one["id"]]


@pytest.mark.parametrize(
    "identifier",
    [
        {"mbox": "mailto:learner@example.org"},
        {"mbox_sha1sum": "ab" * 20},
        {"openid": "https://learner.example"},
        {"account": {"homePage": "https://lms.example", "name": "42"}},
    ],
)
def test_xapi_00181_agent_matches_by_each_identifier(lrs, identifier):
    one = statement(actor=identifier | {"name": "any"})
    lrs.post([one, statement()])

    assert lrs.ids(agent=identifier) == [one["id"]]


def test_xapi_00315_to_00319_about_answers_the_versions(lrs):
    answer = lrs.client.get("/xapi/about")

    assert answer.status_code == 200
    assert all(re.fullmatch(r"1\.0\.\d", version) for version in answer.json["version"])
    assert "1.0.3" in answer.json["version"]


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "HEAD"])
def test_xapi_00321_a_request_without_version_is_rejected(lrs, method):
    answer = lrs.client.open("/xapi/statements", method=method, headers=_bare(lrs))

    assert answer.status_code == 400
    assert answer.headers["X-Experience-API-Version"] == "1.0.3"


def test_xapi_00324_and_00325_an_unknown_parameter_is_rejected(lrs):
    for name in ("foo", "StatementId", "Agent", "LIMIT"):
        assert lrs.get(**{name: "1"}).status_code == 400


@pytest.mark.parametrize("place", [0, 1, 2])
def test_xapi_00326_a_batch_with_a_bad_statement_is_rejected_whole(lrs, place):
    batch = [statement(), statement(), statement()]
    batch[place]["verb"] = {"id": "no iri"}

    assert lrs.post(batch).status_code == 400
    assert lrs.ids() == []


def test_xapi_00328_a_statement_beyond_the_limit_is_413(lrs):
    long = statement(result={"response": "x" * 5_000_000})

    assert lrs.post(long).status_code == lrs.put(long).status_code == 413


@pytest.mark.parametrize("version", ["1.0", "1.0.0", "1.0.1", "1.0.2", "1.0.3", "1.0.9"])
def test_xapi_00331_a_version_1_0_is_accepted(lrs, version):
    headers = _bare(lrs, **{"X-Experience-API-Version": version})

    assert lrs.client.get("/xapi/statements", headers=headers).status_code == 200


@pytest.mark.parametrize("version", ["", "0.9", "0.95", "1", "1.1.0", "2.0.0", "1.0.x", "10.0.3"])
def test_xapi_00331_another_version_is_rejected(lrs, version):
    headers = _bare(lrs, **{"X-Experience-API-Version": version})

    assert lrs.client.get("/xapi/statements", headers=headers).status_code == 400


@pytest.mark.parametrize("path", ["/xapi/statements", "/xapi/about", "/xapi/nothing"])
def test_xapi_00333_every_answer_names_the_latest_patch(lrs, path):
    assert lrs.client.get(path, headers=lrs.headers).headers["X-Experience-API-Version"] == "1.0.3"
