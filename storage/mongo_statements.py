"""The hot port in MongoDB: the write path and the walks; `mongo_query` answers queries. Floor 0.

Every write is one transaction that moves the counter first, so two never interleave and `seq` and `stored` grow by
commit; who loses a race for it begins again. Envelopes are a collection of their own: who reads labels reads none.
"""

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

import pymongo
from pymongo import errors as mongo_errors
from pymongo.client_session import ClientSession
from pymongo.database import Database

from storage import errors, mongo_query, mongo_rows, mongo_targets, mongo_writer
from storage.mongo_door import mapped
from storage.mongo_rows import COUNTER, Body
from storage.port import Clear, Clock, Page, Query, Row, Stored, Term, Whole

_DUPLICATE = 11000
_PAGE = 2_000  # seqs that a walk spans at a time
_WIDEST = 16  # pages; a walk that finds little spans so many at most
_FRESH = 50_000  # microseconds; a time of storing that is no older stands for now
_SETTLE_S = 0.1  # seconds that an open write is waited for
_CLEAR = {"stored": 1, "sid": 1, "label": 1, "void": 1}

Result = TypeVar("Result")


class Statements:
    """See `port.Statements`."""

    def __init__(self, client: "pymongo.MongoClient[Body]", database: Database[Body]) -> None:
        self._client = client
        self._tables = mongo_rows.open_tables(database)
        self._writer = mongo_writer.Writer(client, database, self._tables.counters)

    def append(self, rows: Sequence[Row], clock: Clock, *, epoch: int | None = None) -> int:
        """As `port.Statements.append`."""
        if len({row.id for row in rows}) < len(rows):
            with mapped():
                raise errors.DuplicateIdError(self._taken(rows))
        targets = {row.target for row in rows if row.target is not None}

        def write(session: ClientSession) -> int:
            counter = self._advance(session, len(rows), clock(), inherits=bool(targets))
            if epoch not in (None, counter["epoch"]):
                raise errors.StaleError("The rows were made in an earlier epoch: make them again.")
            stored = int(counter["stored"])
            numbered = [*enumerate(rows, counter["seq"] - len(rows) + 1)]
            self._insert(session, [mongo_rows.document(seq, stored, row) for seq, row in numbered], numbered)
            if counter["inherits"]:
                mongo_targets.link(self._tables, session, {row.id: seq for seq, row in numbered}, targets)
            return stored

        return self._commit(write, rows)

    def get(self, ids: Sequence[bytes]) -> dict[bytes, Stored]:
        """As `port.Statements.get`."""
        with mapped():
            rows = list(self._tables.rows.find({"sid": {"$in": list(ids)}}, mongo_rows.FOUND))
            return {stored.id: stored for stored in mongo_rows.stored(self._tables, rows)}

    def query(self, query: Query) -> Page:
        """As `port.Statements.query`."""
        if query.limit < 1:
            return Page([], None)
        with mapped():
            counter = self._counter()
            rows, resume = mongo_query.find(
                self._tables, query, counter["seq"], inherits=counter.get("inherits", False)
            )
            return Page(mongo_rows.stored(self._tables, rows), resume)

    def files(self, seqs: Sequence[int]) -> dict[int, dict[str, bytes]]:
        """As `port.Statements.files`."""
        with mapped():
            return mongo_rows.joined(self._tables.files.find({"seq": {"$in": list(seqs)}}))

    def labels(self, *, term: Term | None = None, after: int = 0) -> Iterator[Clear]:
        """As `port.Statements.labels`."""
        for rows, _ in self._walk(term, after, _CLEAR, bodies=False):
            for row in rows:
                if not row.get("void", False):
                    yield Clear(row["_id"], row["stored"], bytes(row["sid"]), row["label"])

    def rows(self, *, term: Term | None = None, after: int = 0) -> Iterator[Whole]:
        """As `port.Statements.rows`."""
        for rows, found in self._walk(term, after, mongo_rows.FOUND | _CLEAR, bodies=True):
            for row in rows:
                body = found.get(row["_id"])
                if body is not None:
                    key = (row["_id"], row["stored"], bytes(row["sid"]), row["source"])
                    yield Whole(*key, body, row["label"], row.get("void", False))

    def rewrite(self, rows: Sequence[tuple[int, Row]]) -> None:
        """As `port.Statements.rewrite`."""
        targets = {row.target for _, row in rows if row.target is not None}

        def write(session: ClientSession) -> None:
            counter = self._advance(session, 0, 0, inherits=bool(targets))
            wanted = {"_id": {"$in": [seq for seq, _ in rows]}}
            kept = {row["_id"]: row for row in self._tables.rows.find(wanted, session=session)}
            there = [(seq, row) for seq, row in rows if seq in kept and bytes(kept[seq]["sid"]) == row.id]
            self._delete(session, [seq for seq, _ in there])
            new = [mongo_rows.document(seq, kept[seq]["stored"], row) for seq, row in there]
            self._insert(session, new, there)
            if counter["inherits"]:
                before = {bytes(kept[seq]["target"]) for seq, _ in there if "target" in kept[seq]}
                mongo_targets.link(self._tables, session, {row.id: seq for seq, row in there}, targets | before)

        self._commit(write)

    def restore(self, rows: Sequence[tuple[int, int, Row]]) -> int:
        """As `port.Statements.restore`."""
        targets = {row.target for _, _, row in rows if row.target is not None}

        def write(session: ClientSession) -> int:
            counter = self._advance(session, 0, 0, inherits=bool(targets))
            wanted = ({"_id": {"$in": [seq for seq, _, _ in rows]}}, {"sid": {"$in": [row.id for *_, row in rows]}})
            kept = [row for each in wanted for row in self._tables.rows.find(each, {"sid": 1}, session=session)]
            seqs, ids = {row["_id"] for row in kept}, {bytes(row["sid"]) for row in kept}
            new = {seq: (stored, row) for seq, stored, row in rows if seq not in seqs and row.id not in ids}
            documents = [mongo_rows.document(seq, stored, row) for seq, (stored, row) in new.items()]
            self._insert(session, documents, [(seq, row) for seq, (_, row) in new.items()])
            latest = {"seq": max([0, *new]), "stored": max([0, *(stored for stored, _ in new.values())])}
            self._tables.counters.update_one(COUNTER, {"$max": latest}, session=session)
            if counter["inherits"] and new:
                mongo_targets.link(self._tables, session, {row.id: seq for seq, (_, row) in new.items()}, targets)
            return len(new)

        return self._commit(write)

    def remove(self, seqs: Sequence[int]) -> int:
        """As `port.Statements.remove`."""

        def write(session: ClientSession) -> int:
            counter = self._advance(session, 0, 0)
            wanted = {"_id": {"$in": list(seqs)}}
            gone = list(self._tables.rows.find(wanted, {"sid": 1, "target": 1}, session=session))
            self._delete(session, [row["_id"] for row in gone])
            if counter["inherits"]:
                targets = {bytes(row["target"]) for row in gone if "target" in row}
                mongo_targets.link(self._tables, session, {bytes(row["sid"]): row["_id"] for row in gone}, targets)
            return len(gone)

        return self._commit(write)

    def forget(self, words: Sequence[str]) -> None:  # noqa: ARG002 - no dictionary here: a word is in its rows alone
        """As `port.Statements.forget`."""
        with mapped():
            self._tables.counters.update_one(COUNTER, {"$inc": {"epoch": 1}})

    def epoch(self) -> int:
        """As `port.Statements.epoch`."""
        with mapped():
            return int(self._counter().get("epoch", 0))

    def last(self) -> int:
        """As `port.Statements.last`."""
        with mapped():
            return int(self._counter()["seq"])

    def consistent_through(self, clock: Clock) -> int:
        """As `port.Statements.consistent_through`: the last time of storing, moved on to now if it is older than that.

        Every row takes a time after the counter's: once that says now, nothing that is stored later is earlier.
        """
        with mapped():
            stored = int(self._counter()["stored"])
        now = clock()
        if now - stored <= _FRESH:
            return stored
        with contextlib.suppress(errors.UnavailableError), mapped(_SETTLE_S):
            self._tables.counters.update_one(COUNTER | {"stored": {"$lt": now}}, {"$set": {"stored": now}})
            return now
        return stored

    def close(self) -> None:
        """Take leave of the server; no write may follow."""
        self._writer.close()

    def _counter(self) -> Mapping[str, Any]:
        return self._tables.counters.find_one(COUNTER) or {"seq": 0, "stored": 0}

    def _advance(self, session: ClientSession, rows: int, now: int, *, inherits: bool = False) -> Mapping[str, Any]:
        """Move the counter on, by so many rows or by an edit of what is there, and answer what it says now."""
        change: Body = {
            "edits": {"$add": [{"$ifNull": ["$edits", 0]}, 1]},
            "epoch": {"$ifNull": ["$epoch", 0]},
            "inherits": {"$or": [{"$ifNull": ["$inherits", False]}, inherits]},
        }
        if rows:
            change["seq"] = {"$add": ["$seq", rows]}
            change["stored"] = {"$max": [now, {"$add": ["$stored", 1]}]}
        moved = self._tables.counters.find_one_and_update(
            COUNTER, [{"$set": change}], return_document=pymongo.ReturnDocument.AFTER, session=session
        )
        return moved or {}

    def _insert(self, session: ClientSession, documents: Sequence[Body], rows: Sequence[tuple[int, Row]]) -> None:
        files = [piece for seq, row in rows for piece in mongo_rows.pieces(seq, row)]
        if documents:
            self._tables.rows.insert_many(documents, session=session)
            self._tables.envelopes.insert_many([{"_id": seq, "body": row.body} for seq, row in rows], session=session)
        if files:
            self._tables.files.insert_many(files, session=session)

    def _delete(self, session: ClientSession, seqs: Sequence[int]) -> None:
        for collection in (self._tables.rows, self._tables.envelopes):
            collection.delete_many({"_id": {"$in": list(seqs)}}, session=session)
        self._tables.files.delete_many({"seq": {"$in": list(seqs)}}, session=session)

    def _commit(self, write: Callable[[ClientSession], Result], rows: Sequence[Row] = ()) -> Result:
        with mapped():
            try:
                return self._writer.commit(write)
            except mongo_errors.BulkWriteError as error:
                if all(each["code"] == _DUPLICATE for each in error.details["writeErrors"]):
                    raise errors.DuplicateIdError(self._taken(rows)) from None
                raise

    def _taken(self, rows: Sequence[Row]) -> list[bytes]:
        """The ids of the batch that rows which are stored have, or that the batch itself has twice."""
        wanted = {"sid": {"$in": [row.id for row in rows]}}
        seen = {bytes(row["sid"]) for row in self._tables.rows.find(wanted, {"sid": 1})}
        taken = []
        for row in rows:
            if row.id in seen:
                taken.append(row.id)
            seen.add(row.id)
        return taken

    def _walk(
        self, term: Term | None, after: int, fields: Body, *, bodies: bool
    ) -> Iterator[tuple[list[Body], dict[int, bytes]]]:
        """Rows of a greater seq in closed windows, which widen while they hold little, and their bodies if wanted."""
        condition: Body = {} if term is None else {"terms": mongo_rows.word(term)}
        width = _PAGE
        while True:
            with mapped():
                last = self._counter()["seq"]
                high = min(last, after + width)
                window = condition | {"_id": {"$gt": after, "$lte": high}}
                rows = list(self._tables.rows.find(window, fields).sort("_id", 1))
                found = mongo_rows.bodies(self._tables, [row["_id"] for row in rows]) if bodies else {}
            yield rows, found
            if high >= last:
                return
            after = high
            width = min(width * 2, _PAGE * _WIDEST) if len(rows) < _PAGE // 2 else _PAGE
