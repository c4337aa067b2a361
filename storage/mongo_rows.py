"""The rows of the hot port as MongoDB keeps them, and what upgrades those of an earlier format. Floor 0.

`statements` holds a document a row (`_id` is its seq) with its own terms; `inherited` one for each row that lends its
terms to one that targets it; `envelopes` the bodies, `files` the files in pieces, `counters` one document that every
write moves, so that two never interleave.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from pymongo import errors as mongo_errors
from pymongo.collection import Collection
from pymongo.database import Database

from storage import errors
from storage.port import SOURCE, Row, Stored, Term

Body = dict[str, Any]

COUNTER = {"_id": "statements"}
FOUND = {"stored": 1, "sid": 1, "source": 1, "void": 1}
_FORMAT = 2
_FORMAT_NAME = {"_id": "format"}
_PIECE = 4 * 1024 * 1024  # bytes; a document of MongoDB has 16 MiB at most
_STEP = 2_000  # rows upgraded at a time
_AT_ONCE = 250  # bodies asked for at a time


@dataclass(frozen=True, slots=True)
class Tables:
    """The collections of one database that the hot port uses."""

    rows: Collection[Body]
    inherited: Collection[Body]
    envelopes: Collection[Body]
    files: Collection[Body]
    counters: Collection[Body]


def open_tables(database: Database[Body]) -> Tables:
    """The collections with their indexes, made or upgraded where they are not as this version needs them.

    Raises:
        errors.DamagedError: A newer version of this program wrote them.
    """
    names = ("statements", "inherited", "envelopes", "files", "counters")
    tables = Tables(*(database[name] for name in names))
    counter = tables.counters.find_one(COUNTER)
    form = tables.counters.find_one(_FORMAT_NAME) or {"version": 1 if counter else _FORMAT}
    if form["version"] > _FORMAT:
        msg = (
            f"The database {database.name} has the format {form['version']}, newer than ours, {_FORMAT}: "
            "run the version of Entrepôt that wrote it, or restore a backup."
        )
        raise errors.DamagedError(msg)
    for missing in set(names) - set(database.list_collection_names()):
        _create(database, missing)
    tables.rows.create_index("sid", unique=True)
    tables.rows.create_index([("terms", 1), ("_id", 1)])
    tables.rows.create_index([("_id", 1), ("stored", 1)])  # a search by time reads no row
    tables.rows.create_index("target", sparse=True)
    tables.inherited.create_index([("terms", 1), ("seq", 1)])
    tables.inherited.create_index("seq")
    tables.files.create_index("seq")
    tables.counters.update_one(COUNTER, {"$setOnInsert": {"seq": 0, "stored": 0, "epoch": 0}}, upsert=True)
    if form["version"] < _FORMAT:
        _add_sources(tables, form.get("through", 0))
    tables.counters.update_one(_FORMAT_NAME, {"$set": {"version": _FORMAT}}, upsert=True)
    return tables


def word(term: Term) -> str:
    """A term as one string."""
    return f"{term[1]} {term[0]}"


def document(seq: int, stored: int, row: Row) -> Body:
    """The document of a row."""
    made: Body = {
        "_id": seq,
        "sid": row.id,
        "stored": stored,
        "source": row.source,
        "label": row.label,
        "terms": [*dict.fromkeys(map(word, row.terms)), word((row.source, SOURCE))],
    }
    if row.target is not None:
        made["target"] = row.target
        made["voids"] = row.voids
    return made


def pieces(seq: int, row: Row) -> Iterator[Body]:
    """The documents of a row's files."""
    for name, content in row.files:
        for place, start in enumerate(range(0, max(1, len(content)), _PIECE)):
            yield {"seq": seq, "name": name, "piece": place, "content": content[start : start + _PIECE]}


def joined(found: Iterable[Body]) -> dict[int, dict[str, bytes]]:
    """The files that pieces make up: seq -> name -> content."""
    parts: dict[int, dict[str, list[bytes]]] = {}
    for each in sorted(found, key=lambda each: int(each["piece"])):
        parts.setdefault(each["seq"], {}).setdefault(each["name"], []).append(each["content"])
    return {seq: {name: b"".join(contents) for name, contents in files.items()} for seq, files in parts.items()}


def bodies(tables: Tables, seqs: Sequence[int]) -> dict[int, bytes]:
    """The bodies of rows by their seqs, few at a time: none of the answers may outlast the patience of the door."""
    steps = (seqs[start : start + _AT_ONCE] for start in range(0, len(seqs), _AT_ONCE))
    found = (each for step in steps for each in tables.envelopes.find({"_id": {"$in": list(step)}}))
    return {each["_id"]: each["body"] for each in found}


def stored(tables: Tables, rows: Sequence[Body]) -> list[Stored]:
    """Rows as they are read back, in the order given; one that was removed just now is left out."""
    found = bodies(tables, [row["_id"] for row in rows])
    return [
        Stored(row["_id"], row["stored"], bytes(row["sid"]), row["source"], found[row["_id"]], row.get("void", False))
        for row in rows
        if row["_id"] in found
    ]


_SOURCES = word(("", SOURCE))


def _create(database: Database[Body], name: str) -> None:
    try:
        database.create_collection(name)  # a transaction creates none
    except mongo_errors.CollectionInvalid:
        return  # another process was faster


def _add_sources(tables: Tables, through: int) -> None:
    """Format 1 had no term for the source. Each step can be done twice, and the last one done is noted."""
    last = (tables.counters.find_one(COUNTER) or {"seq": 0})["seq"]
    source = {"$concat": [_SOURCES, "$source"]}
    for low in range(through, last, _STEP):
        window = {"_id": {"$gt": low, "$lte": low + _STEP}}
        tables.rows.update_many(window, [{"$set": {"terms": {"$setUnion": ["$terms", [source]]}}}])
        tables.counters.update_one(_FORMAT_NAME, {"$set": {"version": 1, "through": low + _STEP}}, upsert=True)
