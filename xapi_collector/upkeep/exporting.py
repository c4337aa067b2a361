"""Give statements out as JSON lines, in the order of storing. Floor 1.

The lines are what GET answers, void statements too, so that what was exported can be imported: a voiding statement
voids again wherever it comes. Statements whose data key was erased are not there any more.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

import orjson

from storage.port import Query, Stored, Term, Whole
from xapi_collector import extract, label, statements
from xapi_collector.collector import Collector
from xapi_collector.grammar.attachments import Part

PAGE = 500


@dataclass(frozen=True, slots=True)
class Selection:
    """Which statements: all of them, or those that every given part finds.

    Attributes:
        since: Stored after this time (microseconds).
        until: Stored at or before this time (microseconds).
        actor: The pseudonym of the actor.
        activity: The IRI of the object.
        verb: The IRI of the verb.
        void: Void statements too.
        form: exact, ids or canonical.
    """

    since: int | None = None
    until: int | None = None
    actor: str | None = None
    activity: str | None = None
    verb: str | None = None
    void: bool = True
    form: str = "exact"


@dataclass(frozen=True, slots=True)
class Page:
    """Some statements: the seq of the last row that was looked at, their texts, the data of their attachments."""

    seq: int
    texts: list[bytes]
    files: dict[str, Part]


def pages(collector: Collector, selection: Selection, after: int = 0, *, attached: bool = False) -> Iterator[Page]:
    """The selected statements of a greater seq, a page at a time.

    Args:
        collector: Where from.
        selection: Which.
        after: Goes on after this seq.
        attached: With the data of attachments.
    """
    rows = collector.storage.statements.rows(term=_term(selection), after=max(after, _before(collector, selection)))
    found = _until(rows, selection.until)
    while page := [*islice(found, PAGE)]:
        chosen = [row for row in page if _is_chosen(row, selection)]
        pairs = statements.opened(collector, [_stored(row) for row in chosen])
        texts = [statements.text_of(row, one) for row, one in pairs]
        files: dict[str, Part] = {}
        if attached:
            files = statements.files_of(
                collector, [(row, orjson.loads(one.text)) for row, one in pairs if b'"sha2"' in one.text]
            )
        if selection.form != "exact":
            texts = statements.formed(collector, texts, selection.form, statements.Reader())
        yield Page(page[-1].seq, texts, files)


def _until(rows: Iterable[Whole], until: int | None) -> Iterator[Whole]:
    for row in rows:
        if until is not None and row.stored > until:
            return
        yield row


def _term(selection: Selection) -> Term | None:
    """The term that finds the fewest, as a rule."""
    if selection.actor is not None:
        return selection.actor, extract.AGENT
    if selection.activity is not None:
        return selection.activity, extract.ACTIVITY
    return None if selection.verb is None else (selection.verb, extract.VERB)


def _before(collector: Collector, selection: Selection) -> int:
    """A seq before which nothing is selected: that of the last row, void ones aside, stored by `since`."""
    if selection.since is None:
        return 0
    rows = collector.storage.statements.query(Query(until=selection.since, limit=1)).rows
    return rows[0].seq if rows else 0


def _is_chosen(row: Whole, selection: Selection) -> bool:
    if row.voided and not selection.void:
        return False
    if selection.since is not None and row.stored <= selection.since:
        return False
    clear = label.unpack(row.seq, row.stored, row.id, row.label)
    return (
        selection.actor in (None, clear.actor)
        and selection.verb in (None, clear.verb)
        and selection.activity in (None, clear.activity)
    )


def _stored(row: Whole) -> Stored:
    return Stored(row.seq, row.stored, row.id, row.source, row.body, row.voided)
