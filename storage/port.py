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
Term = tuple[str, int]


SOURCE = -1
"""The role of the term that every row has by its source: (source, SOURCE). Roles of callers are not negative."""


@dataclass(frozen=True, slots=True)
class Row:
    """One statement to append, or to put in the place of one.

    Attributes:
        id: 16 bytes, unique among all statements.
        kind: A word that every index entry of the row carries along, so that one term with one kind is a single range.
            One of the row's terms is this word, in a role that the caller keeps for kinds.
        source: A word that says who sent the row; given back when it is read, and a term of the row.
        label: The clear part, opaque to the store.
        body: The sealed part, opaque to the store and kept apart from the label.
        terms: (word, role): the row is found by each of them. A role is a small number of the caller's.
        target: The id of another statement, stored before or after this one, or None. The row is found by whatever
            finds its target as well, and so on along a chain: the 16 rows after this one lend their terms, a circle
            lends those of each of its rows once, and a row that is not there ends it. Void rows lend theirs too.
        voids: The target is void from now on, or once it comes, for as long as a row that voids it is there; but one
            that voids another is never void itself, be that other there or not. It has a target.
        files: (name, sealed content) of what belongs to the row; a name is there once.
    """

    id: bytes
    kind: str
    source: str
    label: bytes
    body: bytes
    terms: tuple[Term, ...]
    target: bytes | None = None
    voids: bool = False
    files: tuple[tuple[str, bytes], ...] = ()


@dataclass(frozen=True, slots=True)
class Stored:
    """One statement as it is read back: its place in the order, when it was stored (microseconds, UTC), its body."""

    seq: int
    stored: int
    id: bytes
    source: str
    body: bytes
    voided: bool = False


@dataclass(frozen=True, slots=True)
class Whole:
    """All of a stored statement but its files, for those who export, rewrite or remove it."""

    seq: int
    stored: int
    id: bytes
    source: str
    body: bytes
    label: bytes
    voided: bool


@dataclass(frozen=True, slots=True)
class Clear:
    """The part of a stored statement that a reader of labels sees; no envelope was touched to read it."""

    seq: int
    stored: int
    id: bytes
    label: bytes


@dataclass(frozen=True, slots=True)
class Query:
    """Which statements, in which order; void ones are never found.

    Attributes:
        groups: Of each group, a found row must have one term; its own, or all of them those of one row that it targets
            (at once or along a chain).
        kind: The term that names the kind that the row whose terms match must have, or None.
        source: The source that a found row itself must have, or None.
        after: Only rows of a greater seq, or None.
        before: Only rows of a smaller seq, or None.
        since: Only rows stored after this time (microseconds, exclusive), or None.
        until: Only rows stored at or before this time (microseconds), or None.
        limit: At most so many rows.
        ascending: Oldest first; else newest first.
    """

    groups: tuple[tuple[Term, ...], ...] = ()
    kind: Term | None = None
    source: str | None = None
    after: int | None = None
    before: int | None = None
    since: int | None = None
    until: int | None = None
    limit: int = 100
    ascending: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """The rows that were found, and where to go on.

    Attributes:
        rows: In the order asked for.
        resume: The seq after which (before which, if newest come first) more may be found, or None: there are none,
            also after a page that is just full. A page may have fewer rows than the limit, even none, and go on: no
            query looks at more than SCAN index entries at a time. A limit of 0 finds nothing, and nothing after it.
    """

    rows: list[Stored]
    resume: int | None


SCAN = 20_000
"""How many entries of its rarest term a query looks at before it answers what it has."""


class Statements(Protocol):
    """The hot port: an append-only order of rows. `seq` and `stored` grow together, by commit."""

    def append(self, rows: Sequence[Row], clock: Clock, *, epoch: int | None = None) -> int:
        """Store all rows or none, durably, and answer their common `stored` time (microseconds).

        The clock is read inside the write lock; `stored` is later than that of every row stored before.

        Args:
            rows: Their ids are new.
            clock: Microseconds since 1970, UTC.
            epoch: What `epoch` answered when the rows were made, or None: then it is not asked.

        Raises:
            errors.DuplicateIdError: An id is taken; nothing was stored.
            errors.StaleError: The epoch is another by now; nothing was stored.
        """
        ...

    def get(self, ids: Sequence[bytes]) -> dict[bytes, Stored]:
        """The stored rows among these ids of 16 bytes, void ones too."""
        ...

    def query(self, query: Query) -> Page:
        """The rows that match, by index, never by a walk over all rows unless all rows are asked for."""
        ...

    def files(self, seqs: Sequence[int]) -> dict[int, dict[str, bytes]]:
        """The files of the rows that have any: name -> sealed content."""
        ...

    def labels(self, *, term: Term | None = None, after: int = 0) -> Iterator[Clear]:
        """The clear parts of the rows (with the term of their own) of a greater seq, oldest first; no envelope is read.

        Void rows are left out, and so are those that only target a row with the term. The walk goes on over rows that
        are rewritten, removed or stored meanwhile.
        """
        ...

    def rows(self, *, term: Term | None = None, after: int = 0) -> Iterator[Whole]:
        """The rows (with the term of their own) of a greater seq, oldest first, void ones too.

        The term may be the source, (source, SOURCE). Rows may be rewritten or removed while they are walked.
        """
        ...

    def rewrite(self, rows: Sequence[tuple[int, Row]]) -> None:
        """Put each row in the place of the one of that seq and id, in one step; a row that is gone stays gone.

        Its place and time stay, all else is the new row's, its files too. What targets it inherits the new terms, and
        what is void is worked out anew.
        """
        ...

    def restore(self, rows: Sequence[tuple[int, int, Row]]) -> int:
        """Put rows of a backup back, (seq, stored, row) each, in one step; answer how many there were.

        A row whose seq or id is there already is left out, so a batch may be put back twice. Rows that are appended
        later come after them.
        """
        ...

    def remove(self, seqs: Sequence[int]) -> int:
        """Remove rows with all that belongs to them, in one step; answer how many there were.

        Those who target them inherit from them no longer, and what nothing else voids is void no longer. Their ids may
        be given again, their seqs are not.
        """
        ...

    def forget(self, words: Sequence[str]) -> None:
        """Remove from the dictionary those of the words that no row has any more, and begin a new epoch."""
        ...

    def epoch(self) -> int:
        """Grows with each `forget`: what a program remembers of earlier epochs may be gone."""
        ...

    def last(self) -> int:
        """The greatest seq given so far, 0 if none."""
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

    def delete(self, collection: Collection, key: Key, *, expected: Mapping[str, Any] | None = None) -> bool:
        """Delete the document of this key if it equals `expected` (None: whatever it is). False: nothing was there."""
        ...

    def scrub(self) -> None:
        """Leave no byte of what was removed or replaced in the store's files, as far as the store can be told to."""
        ...

    def close(self) -> None:
        """Let go of the store. Nothing acknowledged depends on it."""
        ...
