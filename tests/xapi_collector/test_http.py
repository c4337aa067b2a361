"""The Statement resource over HTTP, over every adapter."""

import base64
import json

import pytest

from storage.port import Query
from tests.xapi_collector.lrs import agent, new_id, statement
from xapi_collector import settings


def _sent(answered):
    return {name: value for name, value in answered.items() if name not in ("stored", "authority", "version")}


def test_a_posted_statement_comes_back_as_it_was_sent(lrs):
    one = statement()

    assert lrs.post(one).json == [one["id"]]
    assert _sent(lrs.get(statementId=one["id"]).json) == one


def test_a_put_statement_comes_back_as_it_was_sent(lrs):
    one = statement()

    assert lrs.put(one).status_code == 204
    assert _sent(lrs.get(statementId=one["id"]).json) == one


def test_a_put_statement_without_id_gets_that_of_the_parameter(lrs):
    statement_id = new_id()

    assert lrs.put(statement(id=None), statement_id).status_code == 204
    assert lrs.get(statementId=statement_id).json["id"] == statement_id


def test_a_batch_is_answered_with_its_ids_in_order(lrs):
    batch = [statement() for _ in range(5)]

    assert lrs.post(batch).json == [each["id"] for each in batch]
    assert lrs.ids(ascending=True) == [each["id"] for each in batch]


def test_an_empty_batch_is_stored_at_once(lrs):
    assert lrs.post([]).json == []


def test_the_collector_sets_what_is_missing(lrs):
    (statement_id,) = lrs.post(statement(id=None, timestamp=None)).json
    found = lrs.get(statementId=statement_id).json

    assert found["version"] == "1.0.0"
    assert found["timestamp"] == found["stored"]
    assert found["authority"]["account"]["homePage"] == "https://lrs.example/xapi"


def test_the_sender_cannot_set_stored_or_authority(lrs):
    one = statement(stored="1999-01-01T00:00:00Z", authority={"mbox": "mailto:other@example.org"}, version="1.0.1")
    lrs.post(one)
    found = lrs.get(statementId=one["id"]).json

    assert found["stored"] > "2026"
    assert "mbox" not in found["authority"]
    assert found["version"] == "1.0.1"


def test_one_bad_statement_stores_nothing_of_its_batch(lrs):
    good, bad = statement(), statement(verb={"id": "no iri"})
    answer = lrs.post([good, bad])

    assert answer.status_code == 400
    assert answer.content_type == "application/problem+json"
    assert answer.json["path"] == "$[1].verb.id"
    assert answer.json["rule"] == "XAPI-00044"
    assert "IRI" in answer.json["expected"]
    assert lrs.get(statementId=good["id"]).status_code == 404
    assert lrs.ids() == []


def test_the_same_statement_again_has_the_same_answer(lrs):
    one, two = statement(), statement()
    lrs.post(one)

    assert lrs.post(one).json == [one["id"]]
    assert lrs.put(one).status_code == 204
    assert lrs.post([two, one]).json == [two["id"], one["id"]]
    assert lrs.ids(ascending=True) == [one["id"], two["id"]]


def test_another_statement_with_a_taken_id_is_a_conflict_and_changes_nothing(lrs):
    one, new = statement(), statement()
    lrs.post(one)
    other = statement(id=one["id"], result={"success": False})

    assert lrs.post(other).status_code == lrs.put(other).status_code == lrs.post([new, other]).status_code == 409
    assert _sent(lrs.get(statementId=one["id"]).json) == one
    assert lrs.ids() == [one["id"]]


def test_a_batch_with_one_id_twice_is_refused(lrs):
    one = statement()
    answer = lrs.post([one, statement(id=one["id"].upper())])

    assert (answer.status_code, answer.json["path"]) == (400, "$[1].id")
    assert lrs.ids() == []


@pytest.mark.parametrize("number", ["1.10", "1e2", "123456789012345678901234567890"])
def test_a_statement_with_delicate_numbers_is_equal_to_itself(lrs, number):
    one = statement(result={"extensions": {"https://e.example": "NUMBER"}}, stored="2026-11-23T08:30:00Z")
    body = json.dumps(one).replace('"NUMBER"', number).encode()

    assert lrs.post(body).status_code == lrs.post(body).status_code == 200
    assert lrs.post(body.replace(number.encode(), b"7")).status_code == 409


def test_a_substatement_about_an_agent_is_kept_and_compared(lrs):
    inner = {"actor": agent("a"), "verb": {"id": "https://v.example"}, "object": {"objectType": "Agent"} | agent("b")}
    one = statement(object={"objectType": "SubStatement"} | inner, context=None)

    assert lrs.post(one).status_code == lrs.post(one).status_code == 200
    assert lrs.post(one | {"object": one["object"] | {"actor": agent("c")}}).status_code == 409
    assert lrs.ids(agent=agent("b")) == []


def test_an_id_is_found_in_any_case(lrs):
    one = statement(id="AB97B177-9383-4934-8543-0F91A7A02836")
    lrs.post(one)

    assert lrs.get(statementId=one["id"].lower()).json["id"] == one["id"]


@pytest.fixture
def course(lrs):
    """Six statements in three batches: two learners, two activities, two verbs."""
    sent = [
        statement(
            actor=agent(f"learner-{number % 2}"),
            verb={"id": f"https://verbs.example/{'did' if number % 3 else 'saw'}"},
            object={"id": f"https://course.example/{number // 3}"},
        )
        for number in range(6)
    ]
    for start in (0, 2, 4):
        lrs.post(sent[start : start + 2])
    return lrs, [each["id"] for each in sent]


@pytest.mark.parametrize(
    ("parameters", "numbers"),
    [
        ({}, [5, 4, 3, 2, 1, 0]),
        ({"ascending": "true"}, [0, 1, 2, 3, 4, 5]),
        ({"ascending": "false", "limit": "0"}, [5, 4, 3, 2, 1, 0]),
        ({"agent": agent("learner-1")}, [5, 3, 1]),
        ({"agent": agent("learner-1") | {"name": "any", "objectType": "Agent"}}, [5, 3, 1]),
        ({"agent": agent("someone-else")}, []),
        ({"verb": "https://verbs.example/saw"}, [3, 0]),
        ({"verb": "https://verbs.example/never"}, []),
        ({"activity": "https://course.example/1"}, [5, 4, 3]),
        ({"activity": "https://course.example"}, []),
        ({"agent": agent("learner-1"), "verb": "https://verbs.example/did"}, [5, 1]),
        ({"agent": agent("learner-0"), "activity": "https://course.example/0"}, [2, 0]),
        (
            {"agent": agent("learner-0"), "activity": "https://course.example/0", "verb": "https://verbs.example/saw"},
            [0],
        ),
        ({"limit": "2"}, [5, 4]),
        ({"format": "exact", "attachments": "false", "related_agents": "false"}, [5, 4, 3, 2, 1, 0]),
    ],
)
def test_a_query_answers_what_its_parameters_say(course, parameters, numbers):
    lrs, ids = course

    assert lrs.ids(**parameters) == [ids[number] for number in numbers]


def test_since_is_exclusive_and_until_inclusive(course):
    lrs, ids = course
    stored = lrs.get(statementId=ids[2]).json["stored"]

    assert lrs.ids(since=stored, ascending=True) == ids[4:]
    assert lrs.ids(until=stored, ascending=True) == ids[:4]
    assert lrs.ids(since=stored, until=stored) == []


@pytest.mark.parametrize("ascending", ["true", "false"])
def test_pages_by_more_are_the_whole_without_loss_or_repetition(course, ascending):
    lrs, ids = course
    page = lrs.get(limit="2", ascending=ascending, agent=agent("learner-0")).json
    found = [each["id"] for each in page["statements"]]
    while page["more"]:
        assert page["more"].startswith("/xapi/statements?more=")
        page = lrs.client.get(page["more"], headers=lrs.headers).json
        found += [each["id"] for each in page["statements"]]

    assert found == (ids[0::2] if ascending == "true" else ids[0::2][::-1])
    assert len(page["statements"]) == 1


def test_what_is_stored_meanwhile_is_not_in_an_older_page(course):
    lrs, ids = course
    more = lrs.get(limit="2").json["more"]
    lrs.post(statement())

    assert [each["id"] for each in lrs.client.get(more, headers=lrs.headers).json["statements"]] == ids[3:1:-1]


def test_a_page_is_bounded_however_much_is_asked_for(quick):
    quick.post([statement() for _ in range(500)])
    quick.post(statement())
    page = quick.get(limit="100000").json

    assert len(page["statements"]) == 500
    assert page["more"]


def test_more_says_nothing_and_cannot_be_forged(course):
    lrs, _ = course
    more = lrs.get(limit="1", agent=agent("learner-1")).json["more"].partition("more=")[2]
    raw = base64.urlsafe_b64decode(more + "==")
    forged = base64.urlsafe_b64encode(raw[:-1] + bytes([raw[-1] ^ 1])).decode()

    assert b"learner" not in raw
    for text in (forged, more[:-8], "", "ü", "AAAA"):
        assert lrs.get(more=text).status_code == 400
    assert lrs.get(more=more, limit="1").status_code == 400


def test_consistent_through_covers_everything_answered(course):
    lrs, _ = course
    answer = lrs.get()
    through = answer.headers["X-Experience-API-Consistent-Through"]

    assert all(each["stored"] <= through for each in answer.json["statements"])


def test_a_statement_about_an_agent_is_found_by_that_agent(lrs):
    about = statement(object={"objectType": "Agent"} | agent("mentored"))
    by = statement(actor=agent("mentored"))
    lrs.post([about, by])

    assert lrs.ids(agent=agent("mentored")) == [by["id"], about["id"]]


def test_a_group_is_found_by_its_members_and_by_itself(lrs):
    team = {"objectType": "Group", "mbox": "mailto:team@example.org", "member": [agent("a"), agent("b")]}
    one = statement(actor=team)
    lrs.post(one)

    assert lrs.ids(agent=agent("b")) == [one["id"]]
    assert lrs.ids(agent={"mbox": "mailto:team@Example.ORG", "objectType": "Group"}) == [one["id"]]


def test_the_store_holds_no_name_address_or_text(lrs):
    canary = {"mbox": "mailto:canary@example.org", "name": "Canary"}
    lrs.post(statement(actor=canary, result={"response": "a canary's text"}))
    (row,) = lrs.storage.statements.query(Query()).rows
    (clear,) = lrs.storage.statements.labels()

    for held in (row, clear, lrs.storage.find(settings.DATA_KEYS)):
        assert "anary" not in repr(held)
