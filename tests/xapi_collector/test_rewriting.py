"""Stored rows opened and made anew: the text stays, names and index are those of today."""

import json

import orjson

from tests.xapi_collector import persons
from tests.xapi_collector.lrs import agent, statement
from xapi_collector import envelope, keyring, settings
from xapi_collector.keyring import RETIRING, PseudonymKey
from xapi_collector.upkeep import rewriting


def _rows(lrs):
    return list(lrs.storage.statements.rows())


def test_rows_come_in_batches_up_to_a_place(quick, monkeypatch):
    monkeypatch.setattr(rewriting, "BATCH", 2)
    quick.post([statement() for _ in range(7)])
    batches = rewriting.batches(persons.collector(quick), after=1, until=6)

    assert [[row.seq for row in batch] for batch in batches] == [[2, 3], [4, 5], [6]]


def test_who_has_no_data_key_is_left_out(quick):
    quick.post([statement(actor=agent("a")), statement(actor=agent("b"))])
    quick.storage.delete(settings.DATA_KEYS, (persons.person(quick, "a"),))

    assert [row.whole.seq for row in rewriting.opened(persons.collector(quick), _rows(quick))] == [2]


def test_under_the_same_key_a_row_stays_as_it_is(lrs):
    lrs.post([statement(), statement(actor=agent("b"))])
    collector = persons.collector(lrs)
    remade = rewriting.remake(collector, rewriting.opened(collector, _rows(lrs)))

    assert [each.same for each in remade] == [True, True]
    assert [each.row.body for each in remade] == [row.body for row in _rows(lrs)]


def test_under_a_new_key_a_row_has_a_new_owner_and_the_same_text(quick):
    body = json.dumps(statement(actor=agent("a")), indent=1).encode()
    quick.post(body)
    new = PseudonymKey(b"n" * 32)
    keyring.change(quick.keys.path, (new, PseudonymKey(quick.keys.pseudonym_key, RETIRING)))
    quick.keys.look()
    collector = persons.collector(quick)
    (opened,) = rewriting.opened(collector, _rows(quick))
    (remade,) = rewriting.remake(collector, [opened])
    quick.storage.statements.rewrite([(1, remade.row)])
    (again,) = rewriting.opened(collector, _rows(quick))

    assert not remade.same
    assert again.text == opened.text
    assert again.owner == persons.person(quick, "a") != opened.owner
    assert orjson.loads(again.whole.label)[1] == again.owner


def test_a_change_of_the_text_is_sealed_and_indexed(quick):
    quick.post(statement(actor=agent("a")))
    collector = persons.collector(quick)
    remade = rewriting.remake(
        collector, rewriting.opened(collector, _rows(quick)), lambda text: text.replace(b"unit/1", b"unit/2")
    )
    quick.storage.statements.rewrite([(1, remade[0].row)])

    assert len(quick.ids(activity="https://course.example/unit/2")) == 1
    assert quick.ids(activity="https://course.example/unit/1") == []
    assert envelope.owner(_rows(quick)[0].body) == persons.person(quick, "a")
