"""The Activities and About resources over HTTP."""

import pytest

from tests.xapi_collector import exchange
from tests.xapi_collector.lrs import basic, statement
from xapi_collector.door import auth, scopes

ACTIVITY = {
    "objectType": "Activity",
    "id": "http://www.example.com/meetings/1",
    "definition": {
        "type": "http://adlnet.gov/expapi/activities/meeting",
        "name": {"en-GB": "example meeting"},
        "moreInfo": "http://virtualmeeting.example.com/345256",
        "extensions": {"http://example.com/location": "X:\\meetings\\minutes", "http://example.com/$.a": {"a.b": None}},
    },
}


@pytest.mark.parametrize("version", [exchange.V1, exchange.V2])
def test_an_activity_comes_back_whole(lrs, version):
    lrs.post(statement(object=ACTIVITY))
    answer = exchange.send(lrs, "GET", "/activities", activityId=ACTIVITY["id"], version=version)

    assert (answer.status_code, answer.json) == (200, ACTIVITY)
    assert answer.headers["ETag"]
    assert (
        exchange.send(lrs, "HEAD", "/activities", activityId=ACTIVITY["id"]).headers["ETag"] == answer.headers["ETag"]
    )


def test_an_activity_that_nobody_defined_has_its_id(lrs):
    answer = exchange.send(lrs, "GET", "/activities", activityId="https://never.example")

    assert (answer.status_code, answer.json) == (200, {"objectType": "Activity", "id": "https://never.example"})


@pytest.mark.parametrize("parameters", [{}, {"activityId": "no iri"}, {"activityId": "a:b", "agent": "x"}])
def test_an_activity_is_asked_for_by_its_id_alone(quick, parameters):
    assert exchange.send(quick, "GET", "/activities", **parameters).status_code == 400


def test_a_definition_of_one_who_may_not_define_does_not_change_what_is_known(quick):
    headers = basic(*auth.create_credential(quick.storage, quick.keys, "other", granted=[scopes.WRITE]))
    quick.post(statement(object=ACTIVITY))
    other = ACTIVITY | {"definition": {"name": {"en-GB": "other"}}}

    assert quick.post(statement(object=other), **headers).status_code == 200
    assert exchange.send(quick, "GET", "/activities", activityId=ACTIVITY["id"]).json == ACTIVITY


@pytest.mark.parametrize("headers", [{}, {"X-Experience-API-Version": "0.9"}, {"X-Experience-API-Version": "3.0.0"}])
def test_about_is_for_everyone(quick, headers):
    answer = quick.client.get("/xapi/about", headers=headers)

    assert answer.status_code == 200
    assert answer.json == {"version": ["2.0.0", "1.0.3", "1.0.2", "1.0.1", "1.0.0"]}
    assert quick.client.head("/xapi/about", headers=headers).status_code == 200


def test_about_takes_no_parameter(quick):
    assert quick.client.get("/xapi/about?foo=1").status_code == 400
