"""Labels: what is read of statements without opening them."""

import json
import uuid

import pytest
from hypothesis import HealthCheck, given, settings, strategies

from tests.xapi_collector import lrs as builders
from tests.xapi_collector.lrs import agent, statement
from xapi_collector import agents, extract, label, statements
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
    (found,) = _labels(lrs)

    assert found.id == one["id"]
    assert found.timestamp == formats.microseconds(one["timestamp"])
    assert formats.timestamp(found.stored) == lrs.get(statementId=one["id"]).json["stored"]
    assert found.actor == agents.pseudonym(one["actor"], lrs.keys.pseudonym_key)
    assert (found.verb, found.activity) == (one["verb"]["id"], one["object"]["id"])
    assert (found.grouping, found.parent) == (("https://g.example/1", "https://g.example/2"), ("https://p.example",))
    assert (found.registration, found.score, found.success) == (registration, 0.78, True)
    assert (found.completion, found.duration, found.seq) == (False, 60.0, 1)


@pytest.mark.parametrize("part", ["result", "context"])
def test_a_label_carries_the_counts_of_an_answer(lrs, part):
    lrs.post(statement(**{part: {"extensions": {label.HINTS: 2, label.ATTEMPT: 3, "https://x.example/other": "text"}}}))
    (found,) = _labels(lrs)

    assert (found.hints, found.attempt) == (2.0, 3.0)


def test_a_count_of_the_result_goes_before_one_of_the_context(lrs):
    lrs.post(statement(result={"extensions": {label.HINTS: 0}}, context={"extensions": {label.HINTS: 4}}))
    (found,) = _labels(lrs)

    assert (found.hints, found.attempt) == (0.0, None)


@pytest.mark.parametrize("value", [-1, True, "2", None, [1], {"a": 1}, 10**7])
def test_what_is_no_count_is_none(lrs, value):
    lrs.post(statement(result={"extensions": {label.HINTS: value, label.ATTEMPT: value}}))
    (found,) = _labels(lrs)

    assert (found.hints, found.attempt) == (None, None)


def test_there_is_no_attempt_number_nought(lrs):
    lrs.post(statement(context={"extensions": {label.ATTEMPT: 0}}))
    (found,) = _labels(lrs)

    assert found.attempt is None


def test_a_label_from_before_there_were_counts_is_read():
    packed = label.pack((None, "p", "https://v.example/did", "", [], [], None, 0.5, True, None, 60.0))

    old = label.unpack(7, 9, bytes(16), packed)

    assert (old.duration, old.hints, old.attempt) == (60.0, None, None)


def test_a_statement_without_counts_packs_as_before(lrs):
    plain = statement(result={"score": {"scaled": 0.5}}, context={"extensions": {"https://x.example": 1}})

    packed = extract.extract(plain, b"k" * 32).label

    assert len(json.loads(packed)) == 11


def test_what_a_statement_lacks_its_label_lacks(lrs):
    lrs.post(statement(result=None, context=None, timestamp=None, object={"objectType": "Agent"} | agent("b")))
    (found,) = _labels(lrs)

    assert found.timestamp == found.stored
    assert (found.activity, found.grouping, found.parent, found.registration) == ("", (), (), None)
    assert (found.score, found.success, found.completion, found.duration) == (None, None, None, None)


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
