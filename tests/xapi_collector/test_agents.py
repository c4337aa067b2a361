"""Pseudonyms: equal exactly where the identity is."""

import copy

import pytest
from hypothesis import assume, given, strategies

from xapi_collector import agents

KEY, OTHER_KEY = b"k" * 32, b"o" * 32
_text = strategies.text(min_size=1, max_size=20)
_account = strategies.builds(lambda page, name: {"account": {"homePage": page, "name": name}}, _text, _text)
_mailbox = strategies.emails().map(lambda mail: {"mbox": f"mailto:{mail}"})
_agent = _account | _mailbox | strategies.builds(lambda text: {"openid": text}, _text)


@given(_agent, _text)
def test_names_and_types_do_not_change_a_pseudonym(agent, name):
    named = copy.deepcopy(agent) | {"name": name, "objectType": "Agent"}

    assert agents.pseudonym(named, KEY) == agents.pseudonym(agent, KEY)


@given(_agent, _agent)
def test_two_identities_have_two_pseudonyms(one, other):
    assume(agents.canonical(one) != agents.canonical(other))

    assert agents.pseudonym(one, KEY) != agents.pseudonym(other, KEY)


@given(_text, _text, _text)
def test_the_parts_of_an_account_do_not_run_together(page, name, more):
    one = {"account": {"homePage": page, "name": name + more}}
    other = {"account": {"homePage": page + name, "name": more}}

    assert agents.pseudonym(one, KEY) != agents.pseudonym(other, KEY)


@given(_agent)
def test_another_institution_has_other_pseudonyms(agent):
    assert agents.pseudonym(agent, KEY) != agents.pseudonym(agent, OTHER_KEY)


@given(_account)
def test_an_account_has_the_pseudonym_of_its_canonical_form(agent):
    assert agents.pseudonym(agent, KEY) == agents._digest(agents.canonical(agent), KEY)


@given(_agent)
def test_a_pseudonym_holds_nothing_of_the_agent(agent):
    pseudonym = agents.pseudonym(agent, KEY)

    assert len(pseudonym) == 32
    assert pseudonym.replace("-", "").replace("_", "").isalnum()


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ({"mbox": "mailto:a@example.org"}, {"mbox": "mailto:a@EXAMPLE.org"}, True),
        ({"mbox": "mailto:a@example.org"}, {"mbox": "mailto:A@example.org"}, False),
        ({"mbox_sha1sum": "AB" * 20}, {"mbox_sha1sum": "ab" * 20}, True),
        ({"openid": "https://A.example"}, {"openid": "https://a.example"}, False),
        ({"member": [{"openid": "a"}, {"openid": "b"}]}, {"member": [{"openid": "b"}, {"openid": "a"}]}, True),
        ({"member": [{"openid": "a"}]}, {"openid": "a"}, False),
    ],
)
def test_what_counts_as_one_identity(one, other, same):
    assert (agents.pseudonym(one, KEY) == agents.pseudonym(other, KEY)) is same


def test_while_keys_are_rotated_a_person_has_a_pseudonym_under_each():
    agent = {"openid": "https://person.example"}

    assert agents.pseudonyms(agent, (KEY, OTHER_KEY)) == (
        agents.pseudonym(agent, KEY),
        agents.pseudonym(agent, OTHER_KEY),
    )
