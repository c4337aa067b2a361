"""What is known of activities and verbs: learned, merged, sealed, forgotten with whose it is, and learned again."""

import logging
import os
import threading

import pytest

from storage import errors as storage_errors
from tests.xapi_collector import exchange
from tests.xapi_collector.lrs import agent, new_id, statement
from xapi_collector import agents, definitions, envelope, settings
from xapi_collector.collector import Collector

IRI, VERB = "https://course.example/unit/1", "http://adlnet.gov/expapi/verbs/scored"


def _collector(lrs, storage=None):
    """Another worker: the same store, a memory of its own."""
    storage = storage or lrs.storage
    keys = envelope.DataKeys(storage, lrs.keys.sealing_key, os.urandom)
    return Collector(storage, lrs.keys, keys, lambda: 1, os.urandom, new_id)


def _about(definition, who=None, iri=IRI, **changes):
    return statement(actor=agent(who or "a"), object={"id": iri, "definition": definition}, **changes)


def _learn(collector, *statements):
    actors = [agents.pseudonym(each["actor"], collector.keyring.pseudonym_key) for each in statements]
    collector.keys.of(set(actors), create=True)
    definitions.learn(collector, statements, actors)


def _actor(lrs, who="a"):
    return agents.pseudonym(agent(who), lrs.keys.pseudonym_key)


def test_what_statements_say_is_united_whoever_says_it_wherever(lrs):
    inner = {"actor": agent("c"), "verb": {"id": "https://v.example", "display": {"en": "had"}}}
    named = [{"id": f"https://a.example/{number}", "definition": {"name": {"en": str(number)}}} for number in range(4)]
    lrs.post(
        [
            _about({"name": {"en": "One"}, "type": "https://t.example"}),
            _about({"name": {"zh-Hans": "一"}}, "b", context={"contextActivities": {"parent": [named[0]]}}),
            statement(
                object=inner
                | {
                    "objectType": "SubStatement",
                    "object": named[1],
                    "context": {"contextActivities": {"other": [named[2], named[3]]}},
                }
            ),
        ]
    )
    collector = _collector(lrs)

    assert definitions.of(collector, [IRI, *(each["id"] for each in named), "https://unknown.example"]) == {
        IRI: {"name": {"en": "One", "zh-Hans": "一"}, "type": "https://t.example"}
    } | {each["id"]: each["definition"] for each in named}
    assert definitions.displays(collector, [VERB, "https://v.example", IRI]) == {
        VERB: {"en-US": "scored"},
        "https://v.example": {"en": "had"},
    }


def test_the_newest_value_wins_again_and_again(quick):
    for name in ("a", "b", "a", "b", "a"):
        quick.post(_about({"name": {"en": name}}))

        assert definitions.of(_collector(quick), [IRI]) == {IRI: {"name": {"en": name}}}


def test_what_is_known_touches_no_store(quick):
    collector = _collector(quick)
    one, other = _about({"name": {"en": "a"}}), _about({"name": {"zh": "b"}})
    _learn(collector, one)
    _learn(collector, other)
    quick.storage.close()

    for _ in range(3):
        _learn(collector, one, other)


def test_the_memory_of_a_worker_is_bounded(quick, monkeypatch):
    monkeypatch.setattr(definitions, "_REMEMBERED", 3)
    collector = _collector(quick)
    for number in range(9):
        _learn(collector, _about({"name": {"en": "a"}}, iri=f"https://a.example/{number}"))
        definitions.of(collector, [f"https://unknown.example/{number}"])

    assert len(definitions._memory(collector)) <= 4


def test_the_store_holds_no_word_of_a_definition(lrs):
    lrs.post(_about({"name": {"en": "Canary"}}, iri="https://canary.example"))
    held = lrs.storage.find(settings.DEFINITIONS)

    assert len(held) == 2  # the verb has a display
    assert "anary" not in repr(held)
    assert {each["owner"] for each in held} == {_actor(lrs)}


def test_a_definition_goes_with_its_owner_and_comes_back_from_what_others_sent(lrs):
    lrs.post(_about({"name": {"en": "hers"}}, "a"))
    lrs.post(_about({"name": {"zh": "his"}}, "b"))
    for each in lrs.storage.statements.rows():
        if envelope.owner(each.body) == _actor(lrs, "a"):
            lrs.storage.statements.remove([each.seq])
    lrs.storage.delete(settings.DATA_KEYS, (_actor(lrs, "a"),))
    collector = _collector(lrs)

    assert definitions.of(collector, [IRI]) == {IRI: {"name": {"zh": "his"}}}
    assert {each["owner"] for each in lrs.storage.find(settings.DEFINITIONS, {"owner": _actor(lrs, "b")})} == {
        _actor(lrs, "b")
    }


def test_what_an_erased_person_said_is_learned_from_nowhere(quick):
    quick.post(_about({"name": {"en": "hers"}}, "a"))
    quick.storage.delete(settings.DATA_KEYS, (_actor(quick, "a"),))
    collector = _collector(quick)

    assert definitions.of(collector, [IRI]) == {}

    definitions.learn(collector, [_about({"name": {"en": "late"}}, "a")], [_actor(quick, "a")])
    definitions.learn(collector, [_about({"name": {"en": "late"}}, iri="https://a.example")], [_actor(quick, "a")])

    assert definitions.of(_collector(quick), [IRI, "https://a.example"]) == {}


def test_what_does_not_open_is_learned_again(quick):
    quick.post(_about({"name": {"en": "a"}}))
    for raw in quick.storage.find(settings.DEFINITIONS):
        quick.storage.replace(settings.DEFINITIONS, raw | {"blob": "AAAA"}, expected=raw)

    assert definitions.of(_collector(quick), [IRI]) == {IRI: {"name": {"en": "a"}}}


def test_what_was_looked_for_in_vain_is_looked_for_once_and_found_when_it_comes(quick):
    quick.post(statement(object={"id": IRI}, verb={"id": VERB}))
    collector = _collector(quick)

    assert definitions.of(collector, [IRI]) == definitions.displays(collector, [VERB]) == {}
    asked = []
    query = quick.storage.statements.query
    quick.storage.statements.query = lambda each: asked.append(each) or query(each)
    assert definitions.of(collector, [IRI]) == {}
    assert asked == []

    quick.post(_about({"name": {"en": "a"}}))

    assert definitions.of(collector, [IRI]) == {IRI: {"name": {"en": "a"}}}


def test_a_definition_that_is_too_large_is_not_kept_and_one_that_grows_begins_anew(quick):
    collector = _collector(quick)
    for number in range(3):
        _learn(collector, _about({"extensions": {f"https://e.example/{number}": "x" * (definitions.LARGEST // 2)}}))
        _learn(collector, _about({"name": {"en": "x" * definitions.LARGEST}}))

    assert [*definitions.of(collector, [IRI])[IRI]["extensions"]] == ["https://e.example/2"]


def test_numbers_beyond_64_bits_are_kept(quick):
    number = 123456789012345678901234567890
    quick.post(
        b'{"actor":{"mbox":"mailto:a@b.example"},"verb":{"id":"https://v.example"},"object":{"id":"%s",'
        b'"definition":{"extensions":{"https://e.example":%d}}}}' % (IRI.encode(), number)
    )
    answer = exchange.send(quick, "GET", "/activities", activityId=IRI)

    assert answer.json["definition"]["extensions"]["https://e.example"] == number


def test_a_store_that_fails_now_is_logged_without_a_word_and_learned_from_later(quick, caplog):
    collector = _collector(quick)

    class Full:
        def __getattr__(self, name):
            return getattr(quick.storage, name)

        def insert_missing(self, *_):
            raise storage_errors.FullError("full of canaries")

    _learn(_collector(quick), _about({"name": {"en": "other"}}, iri="https://other.example"))
    failing = _collector(quick, Full())
    failing.keys.of([_actor(quick)])
    definitions.learn(failing, [_about({"name": {"en": "a"}})], [_actor(quick)])

    assert "FullError" in caplog.text
    assert "canar" not in caplog.text
    assert definitions.of(collector, [IRI]) == {}

    quick.post(_about({"name": {"en": "a"}}))

    assert definitions.of(failing, [IRI]) == {IRI: {"name": {"en": "a"}}}


@pytest.mark.parametrize("batch", [1, 5])
def test_of_many_workers_that_learn_at_once_none_fails_and_no_language_is_lost(lrs, batch):
    failures = []

    def work(number):
        try:
            collector = _collector(lrs)
            for turn in range(0, 10, batch):
                tags = [f"x-{number}-{each}" for each in range(turn, turn + batch)]
                about = [
                    _about({"name": {tag: "n"}}, str(number), iri=f"{IRI}/{each % 2}")
                    for tag in tags
                    for each in (number, number + 1)
                ]
                _learn(collector, *about)
        except BaseException as error:
            failures.append(error)
            raise

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = definitions.of(_collector(lrs), [f"{IRI}/0", f"{IRI}/1"])

    assert failures == []
    assert [len(each["name"]) for each in found.values()] == [40, 40]


def test_the_log_is_quiet_where_nothing_fails(quick, caplog):
    caplog.set_level(logging.WARNING)
    quick.post(_about({"name": {"en": "a"}}))

    assert caplog.text == ""
