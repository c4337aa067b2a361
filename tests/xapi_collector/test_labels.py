"""Labels: what is read of statements without opening them."""

import json
import uuid

import pytest
from hypothesis import HealthCheck, given, settings, strategies

from tests.xapi_collector import lrs as builders
from tests.xapi_collector.lrs import agent, statement
from xapi_collector import agents, statements
from xapi_collector.grammar import formats


def _labels(lrs, **options):
    return list(statements.labels(lrs.storage, purpose="service", **options))


def test_a_label_says_what_may_be_read(lrs):
    registration = str(uuid.uuid4())
    one = statement(
        result={"score": {"scaled": 0.78}, "success": True, "completion": False, "duration": "PT1M"},
        context={
            "registration": registration.upper(),
            "contextActivities": {
                "grouping": [{"id": "https://g.example/1"}, {"id": "https://g.example/2"}],
                "parent": {"id": "https://p.example"},
            },
        },
    )
    lrs.post(one)
    (label,) = _labels(lrs)

    assert label.id == one["id"]
    assert label.timestamp == formats.microseconds(one["timestamp"])
    assert formats.timestamp(label.stored) == lrs.get(statementId=one["id"]).json["stored"]
    assert label.actor == agents.pseudonym(one["actor"], lrs.keys.pseudonym_key)
    assert (label.verb, label.activity) == (one["verb"]["id"], one["object"]["id"])
    assert (label.grouping, label.parent) == (("https://g.example/1", "https://g.example/2"), ("https://p.example",))
    assert (label.registration, label.score, label.success) == (registration, 0.78, True)
    assert (label.completion, label.duration, label.seq) == (False, 60.0, 1)


def test_what_a_statement_lacks_its_label_lacks(lrs):
    lrs.post(statement(result=None, context=None, timestamp=None, object={"objectType": "Agent"} | agent("b")))
    (label,) = _labels(lrs)

    assert label.timestamp == label.stored
    assert (label.activity, label.grouping, label.parent, label.registration) == ("", (), (), None)
    assert (label.score, label.success, label.completion, label.duration) == (None, None, None, None)


def test_labels_of_an_actor_are_of_what_they_did(lrs):
    did = statement(actor=agent("a"))
    about = statement(object={"objectType": "Agent"} | agent("a"), actor=agent("b"))
    lrs.post([did, about, statement(actor=agent("c"))])

    found = _labels(lrs, actor=agents.pseudonym(agent("a"), lrs.keys.pseudonym_key))
    assert [label.id for label in found] == [did["id"]]


def test_labels_come_in_the_order_of_storing_after_a_seq(lrs):
    batch = [statement(timestamp=f"2026-11-2{day}T08:30:00Z") for day in (3, 1, 2)]
    lrs.post(batch)

    assert [label.id for label in _labels(lrs)] == [each["id"] for each in batch]
    assert [label.seq for label in _labels(lrs, after=2)] == [3]


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    directory = tmp_path_factory.mktemp("shared")
    made = builders.make(f"sqlite:///{directory}/store", directory)
    yield made
    made.storage.close()


_names = strategies.text(strategies.characters(exclude_categories=("Cs",)), max_size=12)
_keys = _names.map(
    lambda text: "https://x.example/" + "".join(each for each in text if each.isalnum() or each in ".$-")
)
_values = strategies.recursive(
    strategies.none() | strategies.booleans() | strategies.integers() | _names
    | strategies.floats(allow_nan=False, allow_infinity=False),
    lambda inner: strategies.lists(inner, max_size=3) | strategies.dictionaries(_names, inner, max_size=3),
    max_leaves=10,
)  # fmt: skip


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    extensions=strategies.dictionaries(_keys, _values, max_size=4),
    texts=strategies.tuples(_names, _names.filter(bool)),
    scaled=strategies.floats(-1, 1),
    style=strategies.sampled_from([{}, {"indent": 2}, {"ensure_ascii": False}, {"separators": (",", ":")}]),
)
def test_any_statement_comes_back_and_its_label_is_true(shared, extensions, texts, scaled, style):
    response, name = texts
    one = statement(
        actor=agent(name),
        result={"extensions": extensions, "response": response, "score": {"scaled": scaled}},
        context={"extensions": extensions},
    )
    body = json.dumps(one, **style).encode()
    assert shared.post(body).status_code == 200
    found = json.loads(shared.get(statementId=one["id"]).data)
    *_, label = statements.labels(shared.storage, purpose="service")

    assert {each: value for each, value in found.items() if each in one} == one
    assert (label.id, label.score) == (one["id"], scaled)
    assert shared.ids(agent=agent(name), limit="1") == [one["id"]]
