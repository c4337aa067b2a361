"""The hot port in MongoDB. Floor 0.

A batch is one transaction that moves the counter, so two batches never interleave and `seq` and `stored` grow by
commit. Every range of `seq` that is asked for is closed and grows as needed: an open range with a limit walks the
whole collection on some servers. Envelopes are a collection of their own.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pymongo
from pymongo import errors as mongo_errors
from pymongo.client_session import ClientSession
from pymongo.collection import Collection
from pymongo.database import Database

from storage import errors
from storage.mongo_door import mapped
from storage.port import Clear, Clock, Query, Row, Stored

Body = dict[str, Any]

_COUNTER = {"_id": "statements"}
_DUPLICATE = 11000
_WINDOW = 256
_PAGE = 2_000  # labels read at a time
# No transaction lives longer than 60 s (transactionLifetimeLimitSeconds); as much again for the hosts' clocks.
_SETTLED = 120_000_000


class Statements:
    """See `port.Statements`."""

    def __init__(self, client: "pymongo.MongoClient[Body]", database: Database[Body]) -> None:
        self._client = client
        self._rows: Collection[Body] = database["statements"]
        self._envelopes: Collection[Body] = database["envelopes"]
        self._counters: Collection[Body] = database["counters"]
        self._rows.create_index("sid", unique=True)
        self._rows.create_index([("terms", 1), ("_id", 1)])
        self._counters.update_one(_COUNTER, {"$setOnInsert": {"seq": 0, "stored": 0}}, upsert=True)
        if "envelopes" not in database.list_collection_names(filter={"name": "envelopes"}):
            _create(database, "envelopes")

    def append(self, rows: Sequence[Row], clock: Clock) -> int:
        """As `port.Statements.append`."""
        if len({row.id for row in rows}) < len(rows):
            raise errors.DuplicateIdError(_repeated(rows))

        def write(session: ClientSession) -> int:
            counter = self._counters.find_one(_COUNTER, session=session) or {}
            last, stored = counter["seq"], max(clock(), counter["stored"] + 1)
            change = {"$set": {"seq": last + len(rows), "stored": stored}}
            self._counters.update_one(_COUNTER, change, session=session)
            numbered = [*enumerate(rows, last + 1)]
            self._rows.insert_many([_row(seq, stored, row) for seq, row in numbered], session=session)
            self._envelopes.insert_many([{"_id": seq, "body": row.body} for seq, row in numbered], session=session)
            return int(stored)

        with mapped(), self._client.start_session() as session:
            try:
                return session.with_transaction(write)
            except mongo_errors.BulkWriteError as error:
                if all(each["code"] == _DUPLICATE for each in error.details["writeErrors"]):
                    raise errors.DuplicateIdError(self._taken(rows)) from None
                raise

    def get(self, ids: Sequence[bytes]) -> dict[bytes, Stored]:
        """As `port.Statements.get`."""
        with mapped():
            rows = list(self._rows.find({"sid": {"$in": list(ids)}}, _FOUND))
            return {bytes(row["sid"]): stored for row, stored in zip(rows, self._stored(rows), strict=True)}

    def query(self, query: Query) -> list[Stored]:
        """As `port.Statements.query`."""
        condition: Body = {}
        if query.terms:
            condition["terms"] = {"$all": [_term(*term) for term in query.terms]}
        if query.kind is not None:
            condition["kind"] = query.kind
        with mapped():
            low, high = self._bounds(query)
            return self._stored(self._windows(condition, low, high, query.limit, ascending=query.ascending))

    def labels(self, *, term: tuple[str, int] | None = None, after: int = 0) -> Iterator[Clear]:
        """As `port.Statements.labels`."""
        condition: Body = {} if term is None else {"terms": _term(*term)}
        while True:
            with mapped():
                last = self._last()["seq"]
                high = min(last, after + _PAGE)
                rows = list(self._rows.find(condition | {"_id": {"$gt": after, "$lte": high}}, _CLEAR).sort("_id", 1))
            for row in rows:
                yield Clear(row["_id"], row["stored"], bytes(row["sid"]), row["label"])
            if high >= last:
                return
            after = high

    def consistent_through(self, clock: Clock) -> int:
        """As `port.Statements.consistent_through`."""
        with mapped():
            return max(int(self._last()["stored"]), clock() - _SETTLED)

    def _last(self) -> Mapping[str, Any]:
        return self._counters.find_one(_COUNTER) or {"seq": 0, "stored": 0}

    def _taken(self, rows: Sequence[Row]) -> list[bytes]:
        found = {bytes(row["sid"]) for row in self._rows.find({"sid": {"$in": [row.id for row in rows]}}, {"sid": 1})}
        return [row.id for row in rows if row.id in found]

    def _stored(self, rows: Sequence[Mapping[str, Any]]) -> list[Stored]:
        wanted = {"_id": {"$in": [row["_id"] for row in rows]}}
        bodies = {each["_id"]: each["body"] for each in self._envelopes.find(wanted)}
        return [
            Stored(row["_id"], row["stored"], bytes(row["sid"]), row["source"], bodies[row["_id"]])
            for row in rows
            if row["_id"] in bodies
        ]

    def _windows(self, condition: Body, low: int, high: int, limit: int, *, ascending: bool) -> list[Mapping[str, Any]]:
        """At most `limit` rows of the closed range, read in windows that grow while too little is found."""
        found: list[Mapping[str, Any]] = []
        width = max(_WINDOW, limit)
        while low <= high and len(found) < limit:
            first, last = (low, min(high, low + width - 1)) if ascending else (max(low, high - width + 1), high)
            window = condition | {"_id": {"$gte": first, "$lte": last}}
            found += self._rows.find(window, _FOUND).sort("_id", 1 if ascending else -1).limit(limit - len(found))
            low, high = (last + 1, high) if ascending else (low, first - 1)
            width *= 4
        return found

    def _bounds(self, query: Query) -> tuple[int, int]:
        low = 1 if query.after is None else query.after + 1
        high = int(self._last()["seq"]) if query.before is None else query.before - 1
        if query.since is not None:
            low = max(low, self._last_stored_by(query.since) + 1)
        if query.until is not None:
            high = min(high, self._last_stored_by(query.until))
        return low, high

    def _last_stored_by(self, time: int) -> int:
        """The greatest seq whose `stored` is not later than the time, by bisection; 0 if there is none."""
        low, high = 0, int(self._last()["seq"])
        while low < high:
            middle = (low + high + 1) // 2
            nearest = self._windows({}, 1, middle, 1, ascending=False)
            seq, stored = (nearest[0]["_id"], nearest[0]["stored"]) if nearest else (0, 0)
            if stored <= time:
                low = middle
            else:
                high = seq - 1
        return low


_FOUND = {"stored": 1, "sid": 1, "source": 1}
_CLEAR = {"stored": 1, "sid": 1, "label": 1}


def _create(database: Database[Body], name: str) -> None:
    try:
        database.create_collection(name)  # a transaction creates none
    except mongo_errors.CollectionInvalid:
        return  # another process was faster


def _term(word: str, role: int) -> str:
    return f"{role} {word}"


def _row(seq: int, stored: int, row: Row) -> Body:
    return {
        "_id": seq,
        "sid": row.id,
        "stored": stored,
        "source": row.source,
        "kind": row.kind,
        "label": row.label,
        "terms": [_term(*term) for term in row.terms],
    }


def _repeated(rows: Sequence[Row]) -> list[bytes]:
    seen: set[bytes] = set()
    repeated = []
    for row in rows:
        if row.id in seen:
            repeated.append(row.id)
        seen.add(row.id)
    return repeated
