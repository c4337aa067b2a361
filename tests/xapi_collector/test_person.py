"""The Agents resource: the identifier that was asked for, and the names that statements gave."""

import pytest

from tests.xapi_collector import exchange
from tests.xapi_collector.lrs import agent, basic, statement
from xapi_collector import person
from xapi_collector.door import auth, scopes

ANN = {"mbox": "mailto:ann@example.org"}


def _person(lrs, who, **more):
    answer = exchange.send(lrs, "GET", "/agents", agent=who, **more)
    assert answer.status_code == 200, answer.text
    return answer.json


@pytest.mark.parametrize(
    "who",
    [
        ANN,
        {"mbox_sha1sum": "ebd31e95054c018b10727ccffd2ef2ec3a016ee9"},
        {"openid": "https://ann.example/"},
        agent("ann"),
    ],
)
def test_an_agent_that_nobody_mentioned_is_a_person_all_the_same(lrs, who):
    ((name, identifier),) = who.items()

    assert _person(lrs, who) == {"objectType": "Person", name: [identifier]}
    assert _person(lrs, who | {"name": "Ann", "objectType": "Agent"}) == {
        "objectType": "Person",
        "name": ["Ann"],
        name: [identifier],
    }


def test_names_are_those_of_its_newest_statements_each_once_the_newest_first(lrs):
    team = {"objectType": "Group", "name": "Team", "member": [ANN | {"name": "Annie"}, agent("bob") | {"name": "Bob"}]}
    lrs.post(statement(actor=ANN | {"name": "Ann"}))
    lrs.post(statement(actor=team))
    lrs.post(statement(actor=ANN | {"name": "Ann"}))
    lrs.post(statement(object=ANN | {"objectType": "Agent", "name": "Ms Ann"}, context=None))
    lrs.post(statement(actor=ANN))

    assert _person(lrs, ANN | {"name": "other"}) == {
        "objectType": "Person",
        "name": ["Ms Ann", "Ann", "Annie"],
        "mbox": ["mailto:ann@example.org"],
    }


def test_only_so_many_statements_are_opened_for_names(quick):
    quick.post(statement(actor=ANN | {"name": "old"}))
    quick.post([statement(actor=ANN) for _ in range(person._NEWEST)])

    assert "name" not in _person(quick, ANN)


@pytest.mark.parametrize(
    ("granted", "names"),
    [
        ([scopes.READ], ["mine", "theirs"]),
        ([scopes.READ_ALL], ["mine", "theirs"]),
        ([scopes.READ_MINE, scopes.WRITE], ["mine"]),
        ([scopes.PROFILE], None),
        ([scopes.STATE], None),
    ],
)
def test_names_come_from_the_statements_that_the_credential_may_read(quick, granted, names):
    key, secret = auth.create_credential(quick.storage, quick.keys, "other", granted=granted)
    quick.post(statement(actor=ANN | {"name": "theirs"}))
    if scopes.WRITE in granted:
        assert quick.post(statement(actor=ANN | {"name": "mine"}), **basic(key, secret)).status_code == 200
    else:
        quick.post(statement(actor=ANN | {"name": "mine"}))

    assert _person(quick, ANN, headers=basic(key, secret)).get("name") == names


def test_who_may_only_write_statements_may_not_ask_for_persons(quick):
    headers = basic(*auth.create_credential(quick.storage, quick.keys, "other", granted=[scopes.WRITE]))

    assert exchange.send(quick, "GET", "/agents", agent=ANN, headers=headers).status_code == 403


def test_a_head_of_a_person_has_its_tag(quick):
    got = exchange.send(quick, "GET", "/agents", agent=ANN)
    headed = exchange.send(quick, "HEAD", "/agents", agent=ANN)

    assert (headed.status_code, headed.data, headed.headers["ETag"]) == (200, b"", got.headers["ETag"])
