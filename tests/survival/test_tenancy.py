"""Two institutions: two stores, two keyrings, and nothing of one in the answers of the other."""

import pytest

from tests.storage import stores
from tests.xapi_collector import lrs as builders
from tests.xapi_collector.lrs import agent, statement


@pytest.fixture(params=stores.STORES)
def institutions(request, tmp_path):
    """A collector of each of two institutions."""
    made = []
    for name in ("wales", "scotland"):
        (tmp_path / name).mkdir()
        made.append(builders.make(stores.url(request.param, tmp_path / name / "store"), tmp_path / name))
    yield made
    for each in made:
        each.storage.close()


def test_the_same_statement_id_may_be_in_both(institutions):
    wales, scotland = institutions
    one = statement()
    other = statement(id=one["id"], verb={"id": "https://verbs.example/other"})

    assert wales.post(one).status_code == scotland.post(other).status_code == 200
    assert wales.get(statementId=one["id"]).json["verb"] == one["verb"]
    assert scotland.get(statementId=one["id"]).json["verb"] == other["verb"]


def test_a_continuation_of_one_is_refused_by_the_other(institutions):
    wales, scotland = institutions
    for each in institutions:
        each.post([statement() for _ in range(3)])
    more = wales.get(limit="1").json["more"]

    assert wales.client.get(more, headers=wales.headers).status_code == 200
    assert scotland.client.get(more, headers=scotland.headers).status_code == 400


def test_a_credential_of_one_is_refused_by_the_other(institutions):
    wales, scotland = institutions

    assert scotland.client.get("/xapi/statements", headers=wales.headers).status_code == 401


def test_nothing_of_one_is_in_the_other(institutions):
    wales, scotland = institutions
    own = statement(actor=agent("dafydd") | {"name": "Dafydd ap Gwilym"})
    wales.post(own)
    state = {"activityId": "https://a.example", "agent": '{"mbox":"mailto:dafydd@example.org"}', "stateId": "one"}
    wales.client.put(
        "/xapi/activities/state",
        query_string=state,
        data=b"own",
        headers=wales.headers | {"Content-Type": "text/plain"},
    )

    assert scotland.ids() == []
    assert scotland.ids(agent=agent("dafydd"), related_agents="true") == []
    assert scotland.get(statementId=own["id"]).status_code == 404
    assert (
        scotland.client.get("/xapi/activities/state", query_string=state, headers=scotland.headers).status_code == 404
    )
    person = scotland.client.get(
        "/xapi/agents", query_string={"agent": '{"account":{"homePage":"https://lms.example","name":"dafydd"}}'},
        headers=scotland.headers,
    )  # fmt: skip
    assert "name" not in person.json


def test_one_person_has_another_pseudonym_in_each(institutions):
    from xapi_collector import agents

    wales, scotland = institutions

    assert agents.pseudonym(agent("dafydd"), wales.keys.pseudonym_key) != agents.pseudonym(
        agent("dafydd"), scotland.keys.pseudonym_key
    )
