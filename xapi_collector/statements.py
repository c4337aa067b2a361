"""The write path and the read path of statements. Floor 1.

Everything that can be refused is refused before the store is touched; then one transaction takes the whole batch or
none of it. A duplicate is found by the store's own unique id, so a batch without one costs no look-up.
"""

import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from storage import errors as storage_errors
from storage.port import Query, Row, Storage, Stored
from xapi_collector import compare, envelope, errors, extract, formats, jsontext, label, stamp, validate
from xapi_collector.keyring import Keyring


@dataclass(frozen=True, slots=True)
class Collector:
    """What the paths need: the store, the secrets, the clock (microseconds), randomness and ids."""

    storage: Storage
    keyring: Keyring
    keys: envelope.DataKeys
    clock: Callable[[], int]
    random: envelope.Random
    new_id: Callable[[], str]


@dataclass(frozen=True, slots=True)
class _Prepared:
    row: Row
    statement: dict[str, Any]


def ingest(collector: Collector, parsed: jsontext.Parsed, authority: str) -> list[str]:
    """Store a batch, durably, all of it or nothing.

    Args:
        collector: Where and with what.
        parsed: The statements as sent.
        authority: The JSON text of the Agent that vouches for them.

    Returns:
        The ids, in the order of the statements.

    Raises:
        errors.InvalidStatementError: A statement breaks a rule, or two share an id.
        errors.ConflictError: An id is taken by a statement that differs.
    """
    for index, value in enumerate(parsed.values):
        validate.statement(value, "$" if parsed.single else f"$[{index}]")
    prepared = _prepare(collector, parsed, authority)
    _distinct(prepared)
    _append(collector, prepared)
    return [each.statement["id"] for each in prepared]


def fetch(collector: Collector, statement_id: str) -> tuple[bytes, int] | None:
    """One statement as JSON text and its `stored` (microseconds), or None."""
    key = uuid.UUID(statement_id).bytes
    row = collector.storage.statements.get([key]).get(key)
    return None if row is None else (_texts(collector, [row])[0], row.stored)


def search(collector: Collector, query: Query) -> tuple[list[bytes], int | None]:
    """A page of statements as JSON texts, and the seq of the last one if there are more."""
    more = Query(
        query.terms, query.kind, query.after, query.before, query.since, query.until, query.limit + 1, query.ascending
    )
    rows = collector.storage.statements.query(more)
    page = rows[: query.limit]
    return _texts(collector, page), page[-1].seq if len(rows) > query.limit else None


def labels(storage: Storage, *, actor: str | None = None, after: int = 0) -> Iterator[label.Label]:
    """The labels of all statements, or of one actor's, in the order of `stored`; no envelope is read.

    Args:
        storage: Opened with `settings.COLLECTIONS`.
        actor: A pseudonym, or None for all.
        after: Only labels of a greater seq.
    """
    term = None if actor is None else (actor, extract.AGENT)
    for row in storage.statements.labels(term=term, after=after):
        found = label.unpack(row.seq, row.stored, row.id, row.label)
        if actor is None or found.actor == actor:  # an agent's term also finds statements about them
            yield found


def _prepare(collector: Collector, parsed: jsontext.Parsed, authority: str) -> list[_Prepared]:
    keyring = collector.keyring
    stamped = [
        stamp.stamp(value, text, collector.new_id) for value, text in zip(parsed.values, parsed.texts, strict=True)
    ]
    extracts = [extract.extract(value, keyring.pseudonym_key) for value in parsed.values]
    ciphers = collector.keys.of({each.actor for each in extracts}, create=True)
    prepared = []
    for value, text, clear in zip(parsed.values, stamped, extracts, strict=True):
        key = uuid.UUID(value["id"]).bytes
        sealed = envelope.seal(
            text, key, clear.actor, ciphers[clear.actor], collector.random(12), untimed="timestamp" not in value
        )
        prepared.append(_Prepared(Row(key, clear.verb, authority, clear.label, sealed, clear.terms), value))
    return prepared


def _distinct(prepared: Sequence[_Prepared]) -> None:
    seen: set[bytes] = set()
    for index, each in enumerate(prepared):
        if each.row.id in seen:
            raise errors.InvalidStatementError(
                "Two statements of the batch have one id.",
                path=f"$[{index}].id",
                rule="Communication 2.1.2",
                expected="an id of its own for each statement",
            )
        seen.add(each.row.id)


def _append(collector: Collector, prepared: list[_Prepared]) -> None:
    """Append; where ids are taken by equal statements, append the others."""
    rest = prepared
    while rest:
        try:
            collector.storage.statements.append([each.row for each in rest], collector.clock)
        except storage_errors.DuplicateIdError as duplicate:
            _check_equal(collector, rest, duplicate.ids)
            rest = [each for each in rest if each.row.id not in duplicate.ids]
        else:
            return


def _check_equal(collector: Collector, prepared: Iterable[_Prepared], ids: Sequence[bytes]) -> None:
    stored = collector.storage.statements.get(ids)
    opened = dict(zip(stored, _opened(collector, [*stored.values()]), strict=True))
    for each in prepared:
        if each.row.id in opened and not compare.same(
            each.statement, jsontext.object_of(opened[each.row.id].text.decode())
        ):
            msg = f"The id {each.statement['id']} is taken by another statement; it was not changed."
            raise errors.ConflictError(
                msg,
                rule="XAPI-00142",
                expected="the same statement, or an id of its own",
            )


def _opened(collector: Collector, rows: Sequence[Stored]) -> list[envelope.Opened]:
    owners = [envelope.owner(row.body) for row in rows]
    ciphers = collector.keys.of(set(owners))
    if len(ciphers) < len(set(owners)):
        raise errors.EnvelopeError("The data key of a statement's actor is gone: restore the store from its backup.")
    return [envelope.open_(row.body, row.id, ciphers[owner]) for row, owner in zip(rows, owners, strict=True)]


def _texts(collector: Collector, rows: Sequence[Stored]) -> list[bytes]:
    """The statements as JSON: what was sealed, with what only the store knows spliced in."""
    texts = []
    for row, opened in zip(rows, _opened(collector, rows), strict=True):
        stored = formats.timestamp(row.stored)
        timestamp = f'"timestamp":"{stored}",' if opened.untimed else ""
        texts.append(f'{{"stored":"{stored}","authority":{row.source},{timestamp}'.encode() + opened.text[1:])
    return texts
