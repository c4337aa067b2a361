"""Rows of an older version are extracted again, and then found by what it did not know."""

import pathlib
import shutil

import pytest

from tests.xapi_collector import lrs as builders
from tests.xapi_collector import persons
from tests.xapi_collector.lrs import agent, statement
from xapi_collector import extract, progress, settings
from xapi_collector.upkeep import reindex, rewriting

RELEASED = pathlib.Path(__file__).parent / "data" / "format-1"
IDS = {number: f"00000000-0000-4000-8000-00000000000{number}" for number in range(1, 7)}
REGISTRATION = "0c2f4a1e-6f3b-4a53-9c1d-3f6a5a1b7c11"


@pytest.fixture
def released(tmp_path):
    """A collector of today over a store that the released version wrote."""
    shutil.copytree(RELEASED, tmp_path / "store")
    shutil.move(tmp_path / "store" / "keyring.json", tmp_path / "keyring.json")
    (tmp_path / "keyring.json").chmod(0o600)
    made = builders.make(f"sqlite:///{tmp_path}/store", tmp_path)
    yield made
    made.storage.close()


def _ids(lrs, **parameters):
    return sorted(int(each[-1]) for each in lrs.ids(**parameters))


def test_a_store_of_the_released_version_is_read_and_waits_for_its_index(released):
    assert reindex.pending(released.storage)
    assert released.get(statementId=IDS[2]).json["context"]["registration"] == REGISTRATION


def test_what_the_released_version_did_not_index_is_found(released):
    told: list[str] = []
    assert reindex.run(persons.collector(released), told.append) == 6

    assert told == ["6 of 6 statements are indexed."]
    assert not reindex.pending(released.storage)
    assert _ids(released, registration=REGISTRATION) == [2, 5]  # 5 refers to 2
    assert _ids(released, agent=agent("i1")) == []
    assert _ids(released, agent=agent("i1"), related_agents="true") == [2, 5]
    assert _ids(released, activity="https://course.example/unit") == []
    assert _ids(released, activity="https://course.example/unit", related_activities="true") == [2, 5]
    assert _ids(released, activity="https://course.example/unit/9", related_activities="true") == [6]
    assert _ids(released, verb="https://v.example/commented") == [5]


def test_what_the_released_version_took_as_voided_is_void(released):
    assert _ids(released) == [1, 2, 3, 4, 5, 6]
    reindex.run(persons.collector(released), lambda _: None)

    assert _ids(released) == [2, 3, 4, 5, 6]
    assert released.get(statementId=IDS[1]).status_code == 404
    assert released.get(voidedStatementId=IDS[1]).json["id"] == IDS[1]


def test_every_statement_stays_what_it_was(released):
    before = {number: released.get(statementId=each).data for number, each in IDS.items()}
    reindex.run(persons.collector(released), lambda _: None)
    read = {number: released.get(statementId=IDS[number]).data for number in (2, 3, 4, 5, 6)}

    assert read | {1: released.get(voidedStatementId=IDS[1]).data} == before


def test_a_run_that_was_killed_goes_on_after_its_last_batch(released, monkeypatch):
    class Killed(BaseException):
        pass

    def kill(_):
        raise Killed

    monkeypatch.setattr(rewriting, "BATCH", 2)
    with pytest.raises(Killed):
        reindex.run(persons.collector(released), kill)

    assert reindex.pending(released.storage)
    assert progress.read(released.storage, progress.REINDEX)["cursor"] == 2
    assert reindex.run(persons.collector(released), lambda _: None) == 4
    assert _ids(released, registration=REGISTRATION) == [2, 5]


def test_a_fresh_store_needs_no_index_however_full_it_gets(lrs):
    assert not reindex.pending(lrs.storage)
    lrs.post(statement())

    assert not reindex.pending(lrs.storage)
    assert reindex.run(persons.collector(lrs), lambda _: None) == 0


def test_a_new_revision_makes_a_store_wait_again(lrs, monkeypatch):
    reindex.pending(lrs.storage)
    lrs.post([statement(), statement()])
    monkeypatch.setattr(extract, "REVISION", extract.REVISION + 1)

    assert reindex.pending(lrs.storage)
    assert reindex.run(persons.collector(lrs), lambda _: None) == 2
    assert not reindex.pending(lrs.storage)


def test_a_row_that_nobody_can_read_stays_as_it_is(quick):
    quick.post([statement(actor=agent("a")), statement(actor=agent("b"))])
    quick.storage.delete(settings.DATA_KEYS, (persons.person(quick, "a"),))
    before = [row.body for row in quick.storage.statements.rows()]
    progress.write(quick.storage, progress.REINDEX, revision=1)
    reindex.run(persons.collector(quick), lambda _: None)

    assert [row.body for row in quick.storage.statements.rows()] == before
