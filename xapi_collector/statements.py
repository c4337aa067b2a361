"""The write path and the read path of statements. Floor 1.

Everything that can be refused is refused before the store is touched; then one transaction takes the whole batch or
none of it. A duplicate is found by the store's own unique id, so a batch without one costs no look-up.
"""

import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import orjson

from storage import errors as storage_errors
from storage.port import Row, Storage, Stored, Term
from xapi_collector import consent, definitions, envelope, errors, extract, keymark, label
from xapi_collector.collector import Collector
from xapi_collector.grammar import attachments, compare, formats, jsontext, render, signature, stamp, validate, versions
from xapi_collector.grammar.attachments import Part
from xapi_collector.query import Many, One, Shape


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads, and how.

    Attributes:
        version: The version of xAPI that the reader speaks.
        source: The authority whose statements alone may be read, or None.
        languages: Wanted languages, the best first.
    """

    version: str = versions.V1
    source: str | None = None
    languages: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Found:
    """Statements that were asked for.

    Attributes:
        texts: Their JSON, in order.
        stored: When the last of them was stored (microseconds), 0 if there is none.
        files: The data of their attachments by SHA-2, each once, if it was asked for.
        resume: Where the next page goes on, or None.
    """

    texts: list[bytes]
    stored: int
    files: dict[str, Part]
    resume: int | None = None


@dataclass(frozen=True, slots=True)
class Ingested:
    """A batch that is on the disk.

    Attributes:
        ids: Of its statements, in their order.
        stored: When they were stored (microseconds), None if all of them were there before.
    """

    ids: list[str]
    stored: int | None


@dataclass(frozen=True, slots=True)
class _Prepared:
    row: Row
    statement: dict[str, Any]
    index: int


def ingest(
    collector: Collector,
    parsed: jsontext.Parsed,
    authority: str,
    *,
    version: str = versions.V1,
    parts: Mapping[str, Part] | None = None,
    defines: bool = True,
) -> Ingested:
    """Store a batch, durably, all of it or nothing.

    Args:
        collector: Where and with what.
        parsed: The statements as sent.
        authority: The JSON text of the Agent that vouches for them.
        version: The version of xAPI that the sender speaks.
        parts: The data of attachments by SHA-2.
        defines: What the statements say of activities changes what is known of them.

    Raises:
        errors.InvalidBatchError: Statements break rules, or two share an id.
        errors.ConflictError: An id is taken by a statement that differs.
    """
    problems = validate.problems(parsed.values, single=parsed.single, version=version)
    if problems:
        raise errors.InvalidBatchError(problems)
    attachments.check(parsed.values, parts or {}, single=parsed.single)
    signature.check(parsed.values, parts or {}, single=parsed.single, version=version)
    stamped = [
        stamp.stamp(value, text, collector.new_id, version)
        for value, text in zip(parsed.values, parsed.texts, strict=True)
    ]
    _distinct(parsed.values)
    while True:
        prepared = _prepare(collector, parsed.values, stamped, authority, parts or {})
        try:
            stored = _append(collector, prepared)
            break
        except storage_errors.StaleError:  # a person was erased or renamed meanwhile, maybe one of these
            collector.keys.renew()
            collector.keyring.look()
            keymark.check(collector.storage, collector.keyring)
    if defines:
        definitions.learn(collector, parsed.values, [envelope.owner(each.row.body) for each in prepared])
    return Ingested([value["id"] for value in parsed.values], stored)


def fetch(collector: Collector, one: One, reader: Reader) -> Found | None:
    """One statement, or None: there is none, it is void and was not asked for as void, or the reverse."""
    key = uuid.UUID(one.statement_id).bytes
    row = collector.storage.statements.get([key]).get(key)
    if row is None or row.voided != one.voided or reader.source not in (None, row.source):
        return None
    found = _found(collector, [row], one.shape, reader)
    return found if found.texts else None


def search(collector: Collector, many: Many, reader: Reader) -> Found:
    """A page of statements."""
    page = collector.storage.statements.query(replace(many.query, source=reader.source))
    return replace(_found(collector, page.rows, many.shape, reader), resume=page.resume)


def opened(collector: Collector, rows: Sequence[Stored]) -> list[tuple[Stored, envelope.Opened]]:
    """The rows with their opened envelopes; without those whose data key was erased.

    Raises:
        errors.EnvelopeError: An envelope was changed.
    """
    try:
        return _opened(collector, rows)
    except errors.EnvelopeError:
        if not collector.keys.stale():
            raise
        collector.keys.renew()  # a person was erased and came back: their data key is another one now
        return _opened(collector, rows)


def _opened(collector: Collector, rows: Sequence[Stored]) -> list[tuple[Stored, envelope.Opened]]:
    owners = [envelope.owner(row.body) for row in rows]
    ciphers = collector.keys.of(set(owners))
    return [
        (row, envelope.open_(row.body, row.id, ciphers[owner]))
        for row, owner in zip(rows, owners, strict=True)
        if owner in ciphers
    ]


def text_of(row: Stored, one: envelope.Opened) -> bytes:
    """A statement as JSON: what was sealed, with what only the store knows spliced in."""
    stored = formats.timestamp(row.stored)
    timestamp = f'"timestamp":"{stored}",' if one.untimed else ""
    return f'{{"stored":"{stored}","authority":{row.source},{timestamp}'.encode() + one.text[1:]


def files_of(collector: Collector, rows: Iterable[tuple[Stored, Mapping[str, Any]]]) -> dict[str, Part]:
    """The data of the attachments of stored statements, by SHA-2, each once.

    Args:
        collector: Where and with what.
        rows: Rows with their statements.
    """
    attached = {row.seq: (row, [each for _, each in attachments.of(statement)]) for row, statement in rows}
    attached = {seq: each for seq, each in attached.items() if each[1]}
    files = collector.storage.statements.files([*attached]) if attached else {}
    parts: dict[str, Part] = {}
    for seq, sealed in files.items():
        row, listed = attached[seq]
        owner = envelope.owner(row.body)
        cipher = collector.keys.of([owner])[owner]
        for each in listed:
            sha2 = each["sha2"].lower()
            if sha2 in sealed and sha2 not in parts:
                content = envelope.open_(sealed[sha2], row.id + sha2.encode(), cipher).text
                parts[sha2] = Part(content, each["contentType"])
    return parts


def labels(storage: Storage, *, purpose: str, actor: str | None = None, after: int = 0) -> Iterator[label.Label]:
    """The labels of all who allow the purpose, or of one actor, in the order of `stored`; no envelope is read.

    Args:
        storage: Opened with `settings.COLLECTIONS`.
        purpose: What they are read for, one of `consent.PURPOSES`.
        actor: A pseudonym, or None for all.
        after: Only labels of a greater seq.

    Raises:
        errors.PurposeError: There is no such purpose.
    """
    allowed = consent.allowed(storage, purpose) if actor is None else consent.of_one(storage, purpose, actor)
    term = None if actor is None else (actor, extract.AGENT)
    return _labels(storage, allowed, term, after)


def _labels(storage: Storage, allowed: consent.Allowed, term: Term | None, after: int) -> Iterator[label.Label]:
    for row in storage.statements.labels(term=term, after=after):
        found = label.unpack(row.seq, row.stored, row.id, row.label)
        if found.actor in allowed and (term is None or found.actor == term[0]):  # a term also finds who is the object
            yield found


def _prepare(
    collector: Collector,
    values: Sequence[dict[str, Any]],
    stamped: Sequence[bytes],
    authority: str,
    parts: Mapping[str, Part],
) -> list[_Prepared]:
    key = collector.keyring.pseudonym_key
    extracts = [extract.extract(value, key) for value in values]
    ciphers = collector.keys.of({each.actor for each in extracts}, create=True)
    prepared = []
    for index, (value, text, clear) in enumerate(zip(values, stamped, extracts, strict=True)):
        statement_id = uuid.UUID(value["id"]).bytes
        cipher = ciphers[clear.actor]
        sealed = envelope.seal(
            text, statement_id, clear.actor, cipher, collector.random(12), untimed="timestamp" not in value
        )
        files = _files(collector, value, statement_id, clear.actor, parts) if parts else ()
        row = Row(
            statement_id, clear.verb, authority, clear.label, sealed, clear.terms, clear.target, clear.voids, files
        )
        prepared.append(_Prepared(row, value, index))
    return prepared


def _files(
    collector: Collector, value: Mapping[str, Any], statement_id: bytes, actor: str, parts: Mapping[str, Part]
) -> tuple[tuple[str, bytes], ...]:
    """The data of a statement's attachments, sealed as the statement is."""
    cipher = collector.keys.of([actor])[actor]
    names = {each["sha2"].lower() for _, each in attachments.of(value)}
    return tuple(
        (
            sha2,
            envelope.seal(
                parts[sha2].content, statement_id + sha2.encode(), actor, cipher, collector.random(12), untimed=False
            ),
        )
        for sha2 in sorted(names & parts.keys())
    )


def _distinct(values: Sequence[Mapping[str, Any]]) -> None:
    seen: set[str] = set()
    problems = []
    for index, value in enumerate(values):
        statement_id = value["id"].lower()
        if statement_id in seen:
            error = errors.InvalidStatementError(
                "Two statements of the batch have one id.",
                path=f"$[{index}].id",
                rule="Communication 2.1.2",
                expected="an id of its own for each statement",
            )
            error.index = index
            problems.append(error)
        seen.add(statement_id)
    if problems:
        raise errors.InvalidBatchError(problems)


def _append(collector: Collector, prepared: list[_Prepared]) -> int | None:
    """Append; where ids are taken by equal statements, append the others; answer when, None if none is left."""
    rest = prepared
    while rest:
        try:
            rows = [each.row for each in rest]
            return collector.storage.statements.append(rows, collector.clock, epoch=collector.keys.epoch)
        except storage_errors.DuplicateIdError as duplicate:
            _check_equal(collector, rest, duplicate.ids)
            rest = [each for each in rest if each.row.id not in duplicate.ids]
    return None


def _check_equal(collector: Collector, prepared: Iterable[_Prepared], ids: Sequence[bytes]) -> None:
    stored = collector.storage.statements.get(ids)
    texts = {row.id: one.text for row, one in opened(collector, [*stored.values()])}
    for each in prepared:
        if each.row.id in texts and not compare.same(each.statement, jsontext.object_of(texts[each.row.id].decode())):
            msg = f"The id {each.statement['id']} is taken by another statement; it was not changed."
            raise errors.ConflictError(
                msg,
                path=f"$[{each.index}].id",
                rule="XAPI-00142",
                expected="the same statement, or an id of its own",
            )


def _found(collector: Collector, rows: Sequence[Stored], shape: Shape, reader: Reader) -> Found:
    pairs = opened(collector, rows)
    texts = [text_of(row, one) for row, one in pairs]
    files: dict[str, Part] = {}
    if shape.attachments:
        files = files_of(collector, [(row, orjson.loads(one.text)) for row, one in pairs])
    if shape.form != "exact":
        texts = formed(collector, texts, shape.form, reader)
    if reader.version == versions.V1:
        texts = [render.downgraded(text) for text in texts]
    return Found(texts, pairs[-1][0].stored if pairs else 0, files)


def formed(collector: Collector, texts: Sequence[bytes], form: str, reader: Reader) -> list[bytes]:
    """The statements in the format `ids` or `canonical` (Communication 2.1.3)."""
    values = [jsontext.object_of(text.decode()) for text in texts]
    if form == "ids":
        return [jsontext.dumps(render.ids(value)) for value in values]
    mentioned = [render.mentioned(value) for value in values]
    known = definitions.of(collector, {iri for activities, _ in mentioned for iri in activities})
    displays = definitions.displays(collector, {iri for _, verbs in mentioned for iri in verbs})
    return [jsontext.dumps(render.canonical(value, known, displays, reader.languages)) for value in values]
