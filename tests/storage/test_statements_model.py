"""The hot port against its oracle: whatever is stored, voided, rewritten or removed, both find the same rows."""

import os
import shutil
import tempfile
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings, strategies
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from storage import errors, port, sqlite_tail
from storage.port import SOURCE, Query, Row
from tests.storage import mongo_server, stores
from tests.storage.oracle import Oracle

_ids = strategies.integers(0, 11).map(lambda number: bytes([number]) * 16)
_terms = strategies.tuples(strategies.sampled_from(["a", "b", "c"]), strategies.integers(0, 2))
_kinds = strategies.sampled_from(["did", "saw"])
_sources = strategies.sampled_from(["lms", "quiz"])
_files = strategies.lists(strategies.tuples(strategies.sampled_from("xy"), strategies.binary(max_size=4)), max_size=2)
_rows = strategies.builds(
    lambda name, kind, source, terms, target, voids, files, body: Row(
        id=name,
        kind=kind,
        source=source,
        label=b"l" + body,
        body=body,
        terms=(*terms, (kind, stores.KIND)),
        target=target,
        voids=voids and target is not None,
        files=tuple(dict(files).items()),
    ),
    name=_ids,
    kind=_kinds,
    source=_sources,
    terms=strategies.lists(_terms, max_size=3, unique=True),
    target=strategies.none() | _ids,
    voids=strategies.booleans(),
    files=_files,
    body=strategies.binary(max_size=3),
)
_batches = strategies.lists(_rows, min_size=1, max_size=4)
_seqs = strategies.lists(strategies.integers(1, 30), min_size=1, max_size=3)
_queries = strategies.builds(
    Query,
    groups=strategies.lists(strategies.lists(_terms, min_size=1, max_size=2).map(tuple), max_size=2).map(tuple),
    kind=strategies.none() | _kinds.map(lambda kind: (kind, stores.KIND)),
    source=strategies.none() | _sources,
    after=strategies.none() | strategies.integers(0, 20),
    before=strategies.none() | strategies.integers(1, 25),
    since=strategies.none() | strategies.integers(1, 60),
    until=strategies.none() | strategies.integers(1, 60),
    limit=strategies.integers(1, 5),
    ascending=strategies.booleans(),
)


class Machine(RuleBasedStateMachine):
    """One store and the oracle, step by step."""

    address: str

    def __init__(self):
        super().__init__()
        self.directory = Path(tempfile.mkdtemp())
        self.address = self.fresh()
        self.store = stores.open_store(self.address)
        self.oracle = Oracle()
        self.now = 0

    def fresh(self):
        return stores.url("sqlite", self.directory / "store")

    def teardown(self):
        self.store.close()
        shutil.rmtree(self.directory)

    @property
    def statements(self):
        return self.store.statements

    @rule(rows=_batches, passes=strategies.integers(0, 9))
    def append(self, rows, passes):
        self.now += passes
        assert _outcome(lambda: self.statements.append(rows, lambda: self.now) and None) == _outcome(
            lambda: self.oracle.append(rows, self.now)
        )

    @rule(seqs=_seqs)
    def remove(self, seqs):
        assert self.statements.remove(seqs) == self.oracle.remove(seqs)

    @precondition(lambda self: self.oracle.kept)
    @rule(data=strategies.data(), rows=strategies.lists(_rows, min_size=1, max_size=2))
    def rewrite(self, data, rows):
        seqs = data.draw(strategies.permutations(sorted(self.oracle.kept)))
        changes = [(seq, replace(row, id=self.oracle.kept[seq].row.id)) for seq, row in zip(seqs, rows, strict=False)]
        self.statements.rewrite(changes)
        self.oracle.rewrite(changes)

    @rule()
    def forget(self):
        self.statements.forget(["a", "b", "lms", "never-seen"])

    @rule()
    def reopen(self):
        self.store.close()
        self.store = stores.open_store(self.address)

    @rule(query=_queries)
    def query(self, query):
        pages = stores.pages(self.statements, query)

        assert [each.seq for page in pages for each in page] == self.oracle.find(query)

    @rule(term=strategies.none() | _terms | _sources.map(lambda source: (source, SOURCE)))
    def walk(self, term):
        assert [each.seq for each in self.statements.labels(term=term)] == self.oracle.labels(term)
        assert [each.seq for each in self.statements.rows(term=term)] == self.oracle.rows(term)

    @invariant()
    def everything_is_there(self):
        kept = self.oracle.kept.values()
        assert [
            (each.seq, each.stored, each.id, each.source, each.body, each.label, each.voided)
            for each in self.statements.rows()
        ] == [
            (each.seq, each.stored, row.id, row.source, row.body, row.label, self.oracle.is_void(row))
            for each in kept
            for row in [each.row]
        ]
        assert self.statements.files(range(1, self.oracle.seq + 1)) == {
            each.seq: dict(each.row.files) for each in kept if each.row.files
        }
        assert self.statements.last() == self.oracle.seq
        got = self.statements.get([each.row.id for each in kept])
        assert {each.seq: each.voided for each in got.values()} == {
            each.seq: self.oracle.is_void(each.row) for each in kept
        }


class Killed(Machine):
    """A store whose process is killed now and then: its files as they lie on the disk are opened by another."""

    @rule()
    def kill(self):
        copy = self.directory / f"store-{len(list(self.directory.iterdir()))}"
        shutil.copytree(self.address.removeprefix("sqlite:///"), copy)
        self.store.close()
        self.address = f"sqlite:///{copy}"
        self.store = stores.open_store(self.address)


class Mongo(Machine):
    """A database of a server."""

    def fresh(self):
        return stores.url(mongo_server.SERVERS[-1], None)


def _outcome(action):
    try:
        return action()
    except errors.DuplicateIdError as error:
        return error.ids


SOAK = os.environ.get("ENTREPOT_TEST_SOAK") == "1"
_SETTINGS = settings(
    deadline=None, suppress_health_check=list(HealthCheck), derandomize=True, report_multiple_bugs=False
)


@pytest.mark.parametrize(("tail", "scan"), [(sqlite_tail.MOST, port.SCAN), (2, 3)])
def test_sqlite_does_what_the_oracle_does_also_when_killed(monkeypatch, tail, scan):
    monkeypatch.setattr(sqlite_tail, "MOST", tail)
    monkeypatch.setattr(port, "SCAN", scan)

    run_state_machine_as_test(
        Killed, settings=settings(_SETTINGS, max_examples=40 if SOAK else 12, stateful_step_count=25)
    )


@pytest.mark.parametrize("scan", [port.SCAN, 3])
def test_mongodb_does_what_the_oracle_does(monkeypatch, scan):
    monkeypatch.setattr(port, "SCAN", scan)

    run_state_machine_as_test(
        Mongo, settings=settings(_SETTINGS, max_examples=6 if SOAK else 2, stateful_step_count=25)
    )
