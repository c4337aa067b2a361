"""Which rows a query of the hot port finds in MongoDB. Floor 0.

The range of seq is walked in closed windows that grow while too little is found: an open range with a limit walks the
whole collection on some servers. In a window the rarest of what is asked for drives; every entry of it that is looked
at counts, and after port.SCAN of them the page ends.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from pymongo.collection import Collection

from storage import mongo_rows, port
from storage.mongo_rows import Body, Tables
from storage.port import SOURCE, Query

_WINDOW = 64  # seqs that the first window spans, or the limit if that is greater
_GROWTH = 4
_PROBES = 16  # rows that a search by time looks at together
_LIVE = {"void": {"$ne": True}}


@dataclass(slots=True)
class _Arm:
    """One collection that is asked: the rows themselves, or what they inherit.

    Attributes:
        collection: Whose documents have `terms`.
        seq: The name of the field that holds the seq.
        groups: Of each, a document must have one term.
        rest: What else it must be.
        driver: The place of the group that was the rarest where all were counted, or None: none was yet.
    """

    collection: Collection[Body]
    seq: str
    groups: list[list[str]]
    rest: Body
    driver: int | None = None

    def entries(self, window: tuple[int, int], most: int) -> int:
        """How many entries the rarest group has in the window, counted no further than asked.

        The group that drove before is counted first, and the others only if it has too many here.
        """
        if self.driver is not None:
            count = self._count(self.driver, window, most)
            if count < most or len(self.groups) < 2:
                return count
        counts = [self._count(place, window, most) for place in range(max(1, len(self.groups)))]
        self.driver = counts.index(min(counts))
        return counts[self.driver]

    def find(self, window: tuple[int, int], most: int, direction: int) -> Iterator[Body]:
        """At most so many documents of each term of the driving group that match all else, in order."""
        driver = self.driver or 0
        others = [{"terms": {"$in": group}} for place, group in enumerate(self.groups) if place != driver]
        condition = self.rest | ({"$and": others} if others else {})
        for term in self.groups[driver] if self.groups else [""]:
            matching: list[Body] = [{"$match": self._range(window, term)}, {"$match": condition}]
            first: list[Body] = [{"$sort": {"_id": direction}}, {"$limit": most}]
            if self.seq == "_id":
                yield from self.collection.aggregate([*matching, *first, {"$project": mongo_rows.FOUND}])
            else:
                yield from self.collection.aggregate([*matching, {"$group": {"_id": f"${self.seq}"}}, *first])

    def _count(self, place: int, window: tuple[int, int], most: int) -> int:
        terms = self.groups[place] if self.groups else [""]
        return sum(self.collection.count_documents(self._range(window, term), limit=most) for term in terms)

    def _range(self, window: tuple[int, int], term: str) -> Body:
        # A term and a closed range beside it, and no more: every server answers that by the index alone.
        return ({"terms": term} if self.groups else {}) | {self.seq: {"$gte": window[0], "$lte": window[1]}}


def find(tables: Tables, query: Query, last: int, *, inherits: bool) -> tuple[list[Body], int | None]:
    """The documents of the rows of a page, in order, and the seq after which more may be found, or None.

    Args:
        tables: The collections.
        query: What for; its limit is not 0.
        last: The greatest seq given so far.
        inherits: Whether any row targets another.
    """
    low, high = _bounds(tables, query, last)
    arms = _arms(tables, query, inherits=inherits)
    direction = 1 if query.ascending else -1
    found: dict[int, Body] = {}
    left, width = port.SCAN, max(_WINDOW, query.limit + 1)
    while low <= high and len(found) <= query.limit and left > port.SCAN // 8:  # no round for the last few
        width = min(width, high - low + 1)
        window, looked = _affordable(arms, (low, high), width, left, ascending=query.ascending)
        if looked:
            most = query.limit + 1 - len(found)
            for arm in arms:
                for each in arm.find(window, most, direction):
                    found.setdefault(each["_id"], each)
        left -= looked
        width = (window[1] - window[0] + 1) * _GROWTH
        low, high = (window[1] + 1, high) if query.ascending else (low, window[0] - 1)
    seqs = sorted(found, reverse=not query.ascending)
    rows = _complete(tables, [found[seq] for seq in seqs[: query.limit]])
    if len(seqs) > query.limit:
        return rows, seqs[query.limit - 1]
    return rows, None if low > high else low - 1 if query.ascending else high + 1


def _arms(tables: Tables, query: Query, *, inherits: bool) -> list[_Arm]:
    asked = [[*map(mongo_rows.word, group)] for group in query.groups]
    if query.kind is not None:
        asked.append([mongo_rows.word(query.kind)])
    source = [] if query.source is None else [[mongo_rows.word((query.source, SOURCE))]]
    arms = [_Arm(tables.rows, "_id", asked + source, _LIVE)]
    if inherits and asked:
        rest = _LIVE if query.source is None else {**_LIVE, "source": query.source}
        arms.append(_Arm(tables.inherited, "seq", asked, rest))
    return arms


def _affordable(
    arms: Sequence[_Arm], bounds: tuple[int, int], width: int, left: int, *, ascending: bool
) -> tuple[tuple[int, int], int]:
    """The next window, narrowed until no more entries than are left must be looked at, and how many that are.

    Where one group alone is asked for, nearly every entry is a find: then a window narrower than the bound is not
    counted first.
    """
    while True:
        low, high = bounds
        window = (low, low + width - 1) if ascending else (high - width + 1, high)
        if width <= left and all(len(arm.groups) < 2 for arm in arms):
            return window, 1
        looked = sum(arm.entries(window, left + 1) for arm in arms)
        if looked <= left or width == 1:
            return window, looked
        width = max(1, width // _GROWTH)


def _complete(tables: Tables, rows: list[Body]) -> list[Body]:
    """Fetch those that were found by what they inherit, of which only the seq is known."""
    bare = [row["_id"] for row in rows if "sid" not in row]
    if not bare:
        return rows
    full = {row["_id"]: row for row in tables.rows.find({"_id": {"$in": bare}}, mongo_rows.FOUND)}
    return [full.get(row["_id"], row) for row in rows if "sid" in row or row["_id"] in full]


def _bounds(tables: Tables, query: Query, last: int) -> tuple[int, int]:
    """The range of seq that the query may touch: [low, high]. `stored` grows with seq, so time needs no index."""
    low = 1 if query.after is None else query.after + 1
    high = last if query.before is None else min(last, query.before - 1)
    if query.since is not None:
        low = max(low, last_stored_by(tables, query.since, last) + 1)
    if query.until is not None:
        high = min(high, last_stored_by(tables, query.until, last))
    return low, high


def last_stored_by(tables: Tables, time: int, last: int) -> int:
    """The greatest seq that no row stored later than the time has or is before; 0 if there is none.

    Many rows are looked at together, spread over what is left of the range; where none of them is there any more, the
    nearest one below the middle is. Void rows are never found, so that one may pass them by.
    """
    low, high = 0, last
    while low < high:
        step = max(1, (high - low) // (_PROBES + 1))
        probes = [*range(low + step, high, step), high]
        rows = list(tables.rows.find({"_id": {"$in": probes}}, {"stored": 1}))
        middle = (low + high + 1) // 2
        if not rows:
            rows = _nearest(tables, low, middle)
            if not rows or rows[0]["stored"] <= time:
                low = middle
                continue
        low = max([low, *(row["_id"] for row in rows if row["stored"] <= time)])
        high = min([high, *(row["_id"] - 1 for row in rows if row["stored"] > time)])
    return low


def _nearest(tables: Tables, low: int, high: int) -> list[Body]:
    """The greatest row that is there in (low, high], if any."""
    query = Query(after=low, before=high + 1, limit=1)
    while True:
        rows, resume = find(tables, query, high, inherits=False)
        if rows or resume is None:
            return rows
        query = replace(query, before=resume)
