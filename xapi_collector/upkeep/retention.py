"""Statements that are old enough, and persons who have been away long enough, removed. Floor 1.

A rule says how old: of statements (of one activity, if it names one) by the time of storing, of persons by their newest
statement. Who has been away is erased, with everything that is kept of them. GDPR Article 5(1)(e).
"""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field

import orjson

from storage.port import Storage, Term, Whole
from xapi_collector import envelope, errors, extract, progress, settings
from xapi_collector.collector import Collector
from xapi_collector.progress import RETENTION
from xapi_collector.upkeep import erasure, holdings, rewriting

DAY = 86_400_000_000
"""Microseconds."""
_WORDS = 5_000  # forgotten together: each time, programs that write have to make their rows again


@dataclass(frozen=True, slots=True)
class Rule:
    """What is removed.

    Attributes:
        older_than: Statements stored more days ago; None: whatever their age, they stay.
        activity: Only statements with this activity as object or in the context; None: all.
        inactive: Persons whose newest statement was stored more days ago; None: nobody.
    """

    older_than: int | None = None
    activity: str | None = None
    inactive: int | None = None


@dataclass(slots=True)
class Removed:
    """What was removed, or would be.

    Attributes:
        statements: By age, a count for each verb.
        persons: By inactivity.
        their_statements: Of those persons.
    """

    statements: dict[str, int] = field(default_factory=dict)
    persons: int = 0
    their_statements: int = 0


def check(rule: Rule) -> None:
    """Refuse a rule that removes nothing, or everything at once.

    Raises:
        errors.JobError: It names no age, or one of less than a day.
    """
    if rule.older_than is None and rule.inactive is None:
        raise errors.JobError("A rule names an age of statements, or of persons who are away, such as 730d.")
    if any(days is not None and days < 1 for days in (rule.older_than, rule.inactive)):
        raise errors.JobError("An age is at least one day, such as 1d.")
    if rule.activity is not None and rule.older_than is None:
        raise errors.JobError("An activity goes with an age of statements.")


def keep(storage: Storage, rules: Sequence[Rule]) -> None:
    """Keep rules in place of those that were kept, for `run` to follow from now on.

    Raises:
        errors.JobError: One of them is refused by `check`.
    """
    for rule in rules:
        check(rule)
    progress.write(storage, RETENTION, rules=[asdict(rule) for rule in rules])


def kept(storage: Storage) -> list[Rule]:
    """The rules that are kept."""
    return [Rule(**each) for each in (progress.read(storage, RETENTION) or {}).get("rules", ())]


def run(request: erasure.Request, rule: Rule, *, dry: bool) -> Removed:
    """Remove what a rule says. It may be killed: what it removed is gone, and the next run finds the rest.

    Args:
        request: Where.
        rule: What.
        dry: Count only, and touch nothing.

    Raises:
        errors.JobError: The rule is refused by `check`, or pseudonyms are being rotated.
    """
    check(rule)
    collector = request.collector
    progress.refuse_during(collector.storage, progress.ROTATION, "Retention")
    removed, now = Removed(), collector.clock()
    if rule.older_than is not None:
        _by_age(request, rule, now - rule.older_than * DAY, removed, dry=dry)
    if rule.inactive is not None:
        _by_inactivity(request, now - rule.inactive * DAY, removed, dry=dry)
    if not dry:
        collector.storage.scrub()
    return removed


def _by_age(request: erasure.Request, rule: Rule, before: int, removed: Removed, *, dry: bool) -> None:
    collector = request.collector
    words: set[str] = set()
    seen: set[int] = set()
    for term in _terms(rule):
        for batch in _stored_before(collector, term, before):
            fresh = [row for row in batch if row.seq not in seen]
            for row in fresh:
                verb = orjson.loads(row.label)[2]
                removed.statements[verb] = removed.statements.get(verb, 0) + 1
            if dry:
                seen.update(row.seq for row in fresh if rule.activity is not None)  # a row may have both terms
            else:
                words |= _remove(collector, fresh)
            if len(words) > _WORDS:
                collector.storage.statements.forget(sorted(words))
                words.clear()
            request.tell(f"{sum(removed.statements.values()):,} statements are old enough.")
    if words:
        collector.storage.statements.forget(sorted(words))


def _remove(collector: Collector, rows: Sequence[Whole]) -> set[str]:
    """Remove rows; answer the words that perhaps no other row has."""
    owners = [envelope.owner(row.body) for row in rows]
    ciphers = collector.keys.of(set(owners))
    words: set[str] = set()
    for row, owner in zip(rows, owners, strict=True):
        words |= erasure.words_of(collector, row, ciphers.get(owner))
    collector.storage.statements.remove([row.seq for row in rows])
    return words


def _terms(rule: Rule) -> list[Term | None]:
    if rule.activity is None:
        return [None]
    return [(rule.activity, extract.ACTIVITY), (rule.activity, extract.RELATED_ACTIVITY)]


def _stored_before(collector: Collector, term: Term | None, before: int) -> Iterator[list[Whole]]:
    for batch in rewriting.batches(collector, term=term):
        old = [row for row in batch if row.stored < before]
        if old:
            yield old
        if len(old) < len(batch):
            return  # rows come in the order of storing


def _by_inactivity(request: erasure.Request, before: int, removed: Removed, *, dry: bool) -> None:
    storage = request.collector.storage
    for person in _away(storage, before):
        removed.persons += 1
        removed.their_statements += len(_own(storage, person)) if dry else erasure.erase(request, [person]).statements
        request.tell(f"{removed.persons:,} persons have been away.")


def _away(storage: Storage, before: int) -> list[str]:
    """Who has statements, none of them stored later."""
    newest: dict[str, int] = {orjson.loads(row.label)[1]: row.stored for row in storage.statements.labels()}
    for document in holdings.walk(storage, settings.DATA_KEYS):
        if document["actor"] not in newest:  # all of theirs is void, or there are documents only
            newest.update((document["actor"], stored) for stored in _own(storage, document["actor"])[-1:])
    return sorted(person for person, stored in newest.items() if stored < before)


def _own(storage: Storage, person: str) -> list[int]:
    """When each statement of a person was stored, void ones too."""
    rows = storage.statements.rows(term=(person, extract.AGENT))
    return [row.stored for row in rows if envelope.owner(row.body) == person]
