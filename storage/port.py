"""The port: what every adapter offers to the rooms above. Floor 0.

Two protocols: `Storage` for documents of declared collections, and `Statements` for the one hot collection, which the
general verbs cannot serve fast enough. One contract suite (tests/storage) runs over every adapter.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from storage.collection import Collection

Document = dict[str, Any]
Key = tuple[str, ...]
Clock = Callable[[], int]


@dataclass(frozen=True, slots=True)
class Row:
    """One statement to append.

    Attributes:
        id: 16 bytes, unique among all statements.
        kind: A word that every index entry of the row carries along, so that one term with one kind is a single range.
        source: A word that says who sent the row; given back when it is read.
        label: The clear part, opaque to the store.
        body: The sealed part, opaque to the store and kept apart from the label.
        terms: (word, role): the row is found by each of them. A role is a small number of the caller's.
    """

    id: bytes
    kind: str
    source: str
    label: bytes
    body: bytes
    terms: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Stored:
    """One statement as it is read back: the row, its place in the order, and when it was stored (microseconds, UTC)."""

    seq: int
    stored: int
    id: bytes
    source: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Clear:
    """The part of a stored statement that a reader of labels sees; no envelope was touched to read it."""

    seq: int
    stored: int
    id: bytes
    label: bytes


@dataclass(frozen=True, slots=True)
class Query:
    """Which statements, in which order.

    Attributes:
        terms: (word, role) that each found row must have.
        kind: The kind that each found row must have, or None; only together with terms.
        after: Only rows of a greater seq, or None.
        before: Only rows of a smaller seq, or None.
        since: Only rows stored after this time (microseconds, exclusive), or None.
        until: Only rows stored at or before this time (microseconds), or None.
        limit: At most so many rows.
        ascending: Oldest first; else newest first.
    """

    terms: tuple[tuple[str, int], ...] = ()
    kind: str | None = None
    after: int | None = None
    before: int | None = None
    since: int | None = None
    until: int | None = None
    limit: int = 100
    ascending: bool = False


class Statements(Protocol):
    """The hot port: an append-only order of rows. `seq` and `stored` grow together, by commit."""

    def append(self, rows: Sequence[Row], clock: Clock) -> int:
        """Store all rows or none, durably, and answer their common `stored` time (microseconds).

        The clock is read inside the write lock; `stored` is later than that of every row stored before.

        Raises:
            errors.DuplicateIdError: An id is taken; nothing was stored.
        """
        ...

    def get(self, ids: Sequence[bytes]) -> dict[bytes, Stored]:
        """The stored rows among these ids of 16 bytes."""
        ...

    def query(self, query: Query) -> list[Stored]:
        """The rows that match, by index, never by a walk over all rows unless all rows are asked for."""
        ...

    def labels(self, *, term: tuple[str, int] | None = None, after: int = 0) -> Iterator[Clear]:
        """The clear parts of the rows (with the term) of a greater seq, oldest first; no envelope is read."""
        ...

    def consistent_through(self, clock: Clock) -> int:
        """A time (microseconds): every row that has or will have an earlier or equal `stored` can be read now."""
        ...


class Storage(Protocol):
    """Documents of declared collections. Every acknowledged write is durable.

    Every verb raises errors.UndeclaredError for a collection that was not declared at `connect`, and
    errors.UnavailableError or errors.DamagedError when the store itself fails.
    """

    @property
    def statements(self) -> Statements:
        """The hot port of the declared hot collection."""
        ...

    def insert(self, collection: Collection, document: Mapping[str, Any]) -> None:
        """Keep a new document.

        Raises:
            errors.DuplicateKey: A document with its key is there already.
            errors.DocumentError: It lacks a key field, or is not JSON.
        """
        ...

    def insert_missing(self, collection: Collection, documents: Iterable[Mapping[str, Any]]) -> list[Document]:
        """Keep each document whose key is free, in one step; answer what is now kept under each key, in order."""
        ...

    def get(self, collection: Collection, key: Key) -> Document | None:
        """The document with the values of the key fields, or None."""
        ...

    def get_many(self, collection: Collection, keys: Sequence[Key]) -> dict[Key, Document]:
        """The documents among these keys."""
        ...

    def find(
        self,
        collection: Collection,
        where: Mapping[str, Any] | None = None,
        *,
        limit: int | None = None,
        after: Key | None = None,
        descending: bool = False,
    ) -> list[Document]:
        """Documents in the order of their keys whose declared fields equal (or, if multi, contain) the given values.

        `after` is the key of the last document of the page before.
        """
        ...

    def replace(
        self, collection: Collection, document: Mapping[str, Any], *, expected: Mapping[str, Any] | None
    ) -> bool:
        """Replace the document of this key if it equals `expected` (None: if there is none). False: it does not."""
        ...

    def take(self, collection: Collection, key: Key) -> Document | None:
        """Get and delete in one step: of many takers of one document exactly one gets it."""
        ...

    def delete(self, collection: Collection, key: Key) -> bool:
        """Delete; False if there was none."""
        ...

    def close(self) -> None:
        """Let go of the store. Nothing acknowledged depends on it."""
        ...
