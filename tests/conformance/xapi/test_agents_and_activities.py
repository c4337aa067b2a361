"""Requirements on what is known of agents and activities (xAPI 1.0.3, Communication 2.4 and 2.5)."""

import pytest

from tests.conformance.xapi.client import statement
from tests.xapi_collector.lrs import new_id


def _identified():
    own = new_id()
    return {
        "mbox": {"mbox": f"mailto:{own}@example.org"},
        "mbox_sha1sum": {"mbox_sha1sum": own.replace("-", "").ljust(40, "0")},
        "openid": {"openid": f"https://id.example/{own}"},
        "account": {"account": {"homePage": "https://lms.example", "name": own}},
    }


@pytest.mark.parametrize(
    ("requirement", "kind"),
    [
        ("XAPI-00239", "mbox"), ("XAPI-00244", "mbox"), ("XAPI-00240", "mbox_sha1sum"), ("XAPI-00241", "openid"),
        ("XAPI-00242", "account"), ("XAPI-00237", "account"), ("XAPI-00246", "mbox"), ("XAPI-00247", "account"),
    ],
)  # fmt: skip
def test_a_person_has_an_array_of_what_the_agent_was_asked_by(anywhere, requirement, kind):
    agent = _identified()[kind]
    answer = anywhere.send("GET", "/agents", agent=agent)

    assert (answer.status_code, answer.content_type) == (200, "application/json")
    assert answer.json["objectType"] == "Person"
    assert answer.json[kind] == [agent[kind]]
    assert all(isinstance(value, list) for name, value in answer.json.items() if name != "objectType")
    assert set(answer.json) <= {"objectType", "name", *_identified()}


@pytest.mark.parametrize("requirement", ["XAPI-00236", "XAPI-00238", "XAPI-00245", "XAPI-00248"])
def test_a_person_has_the_names_that_statements_gave(anywhere, requirement):
    agent = _identified()["mbox"]
    anywhere.stored(statement(actor=agent | {"name": "A. Learner"}), statement(actor=agent | {"name": "Ann Learner"}))
    person = anywhere.send("GET", "/agents", agent=agent)

    assert person.status_code == 200
    assert sorted(person.json["name"]) == ["A. Learner", "Ann Learner"]
    assert person.json["mbox"] == [agent["mbox"]]


def test_xapi_00243_agents_need_an_agent(client):
    assert client.send("GET", "/agents").status_code == 400


@pytest.mark.parametrize("agent", ["no json", "[]", '{"name":"x"}', '{"mbox":"x"}', '{"account":{"name":"x"}}', "5"])
def test_xapi_00249_an_agent_that_is_none_is_refused(client, agent):
    assert client.send("GET", "/agents", agent=agent).status_code == 400


def test_xapi_00250_activities_need_an_activity_id(client):
    assert client.send("GET", "/activities").status_code == 400
    assert client.send("GET", "/activities", activityId="no iri").status_code == 400


def test_xapi_00251_and_00252_and_00253_the_whole_activity_is_answered(anywhere):
    activity = {
        "objectType": "Activity",
        "id": f"https://course.example/{new_id()}",
        "definition": {
            "name": {"en": "Unit", "zh-Hans": "单元"},
            "description": {"en": "The first"},
            "type": "https://types.example/unit",
            "moreInfo": "https://course.example/more",
            "extensions": {"https://e.example": {"a.b": [1, None]}},
        },
    }
    anywhere.stored(statement(object=activity))
    answer = anywhere.send("GET", "/activities", activityId=activity["id"])

    assert (answer.status_code, answer.content_type) == (200, "application/json")
    assert answer.json == activity


def test_xapi_00254_an_activity_unites_what_all_statements_said_of_it(anywhere):
    iri = f"https://course.example/{new_id()}"
    anywhere.stored(
        statement(object={"id": iri, "definition": {"name": {"en": "Unit"}}}),
        statement(object={"id": iri, "definition": {"name": {"zh-Hans": "单元"}, "type": "https://t.example"}}),
        statement(object={"id": iri}),
    )
    definition = anywhere.send("GET", "/activities", activityId=iri).json["definition"]

    assert definition == {"name": {"en": "Unit", "zh-Hans": "单元"}, "type": "https://t.example"}
