"""Stored rows opened, read again, and sealed as they are to be from now on. Floor 1.

What `rotation`, `erasure` and `reindex` share. A statement's text stays byte by byte what it was unless a change is
handed in; its label and terms are what `extract` makes of it today.
"""

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from storage.port import Row, Term, Whole
from xapi_collector import envelope, extract
from xapi_collector.collector import Collector

BATCH = 200
Change = Callable[[bytes], bytes]


@dataclass(frozen=True, slots=True)
class Open:
    """A stored row with its opened envelope."""

    whole: Whole
    owner: str
    text: bytes
    untimed: bool

    @property
    def statement(self) -> Mapping[str, Any]:
        """The statement, parsed for reading; a number beyond 64 bits is a float here."""
        statement: Mapping[str, Any] = orjson.loads(self.text)
        return statement


@dataclass(frozen=True, slots=True)
class Remade:
    """A row as it is to be, and the row that it replaces."""

    opened: Open
    row: Row
    same: bool


def batches(
    collector: Collector, *, term: Term | None = None, after: int = 0, until: int | None = None
) -> Iterator[list[Whole]]:
    """The stored rows (with the term) of a greater seq, oldest first, BATCH at a time, none beyond `until`."""
    rows = collector.storage.statements.rows(term=term, after=after)
    if until is not None:
        rows = itertools.takewhile(lambda row: row.seq <= until, rows)
    while batch := list(itertools.islice(rows, BATCH)):
        yield batch


def opened(collector: Collector, wholes: Sequence[Whole]) -> list[Open]:
    """The rows with their opened envelopes; without those whose data key is gone.

    Raises:
        errors.EnvelopeError: An envelope was changed.
    """
    owners = [envelope.owner(whole.body) for whole in wholes]
    ciphers = collector.keys.of(set(owners))
    found = []
    for whole, owner in zip(wholes, owners, strict=True):
        if owner in ciphers:
            one = envelope.open_(whole.body, whole.id, ciphers[owner])
            found.append(Open(whole, owner, one.text, one.untimed))
    return found


def remake(
    collector: Collector,
    rows: Sequence[Open],
    change: Change | None = None,
    *,
    files: Mapping[int, Mapping[str, bytes]] | None = None,
) -> list[Remade]:
    """The rows as they are to be: under today's pseudonyms, with today's label and terms.

    Args:
        collector: Its active pseudonym key makes the pseudonyms; an actor without a data key gets one.
        rows: As they are.
        change: What to make of each text, if it is not to stay.
        files: The sealed files of the rows by their seqs, if they are not those of the store.
    """
    key = collector.keyring.pseudonym_key
    texts = [row.text if change is None else change(row.text) for row in rows]
    statements = [orjson.loads(text) for text in texts]
    clears = [extract.extract(statement, key) for statement in statements]
    ciphers = collector.keys.of({clear.actor for clear in clears} | {row.owner for row in rows}, create=True)
    files = collector.storage.statements.files([row.whole.seq for row in rows]) if files is None else files
    remade = []
    for row, text, statement, clear in zip(rows, texts, statements, clears, strict=True):
        whole = row.whole
        moved = clear.actor != row.owner
        body = whole.body
        if moved or text is not row.text:
            body = envelope.seal(
                text, whole.id, clear.actor, ciphers[clear.actor], collector.random(12), untimed=row.untimed
            )
        kept = _files(collector, row, files.get(whole.seq, {}), clear.actor if moved else None, ciphers)
        if text is not row.text:
            kept = tuple(file for file in kept if file[0] in names(statement))
        made = Row(whole.id, clear.verb, whole.source, clear.label, body, clear.terms, clear.target, clear.voids, kept)
        remade.append(Remade(row, made, body is whole.body and clear.label == whole.label))
    return remade


def names(statement: Mapping[str, Any]) -> set[str]:
    """The SHA-2 of every attachment of a statement and of its SubStatement."""
    parts: Iterable[Mapping[str, Any]] = (statement, statement["object"])
    return {each["sha2"].lower() for part in parts for each in part.get("attachments", ())}


def content(collector: Collector, row: Open, name: str, sealed: bytes) -> bytes:
    """What a row's sealed file holds.

    Raises:
        errors.EnvelopeError: It was changed.
    """
    cipher = collector.keys.of([row.owner])[row.owner]
    return envelope.open_(sealed, row.whole.id + name.encode(), cipher).text


def _files(
    collector: Collector, row: Open, files: Mapping[str, bytes], actor: str | None, ciphers: Mapping[str, Any]
) -> tuple[tuple[str, bytes], ...]:
    """The files of a row, sealed for another actor if one is named."""
    if actor is None:
        return tuple(files.items())
    return tuple(
        (
            name,
            envelope.seal(
                content(collector, row, name, sealed),
                row.whole.id + name.encode(),
                actor,
                ciphers[actor],
                collector.random(12),
                untimed=False,
            ),
        )
        for name, sealed in files.items()
    )
