"""A person erased: what they did, what is kept of them, and their name in what others did. Floor 1.

The data key goes first: from then on nobody can read what it sealed, in backups either once their newest keys file has
replaced the older ones. Statements of others that name the person stay, with an anonymous account in their place; those
that refer to an erased statement stay as they are. Killed and started again, it goes on. GDPR Article 17.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from storage.collection import Collection
from storage.port import Term, Whole
from xapi_collector import agents, envelope, extract, mentions, progress, settings
from xapi_collector.collector import Collector
from xapi_collector.progress import ROTATION, Tell
from xapi_collector.upkeep import holdings, rewriting


@dataclass(slots=True)
class Erased:
    """What was erased, in numbers.

    Attributes:
        statements: Statements that the person was the actor of.
        mentions: Statements of others in which they were named.
        documents: Documents by collection.
    """

    statements: int = 0
    mentions: int = 0
    documents: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Request:
    """Who is erased, where.

    Attributes:
        collector: The store.
        collections: All that the store keeps, those of the rooms above among them.
        url: The public address of the collector: the home page of the account that stands for whoever was erased.
        tell: Shows how far it is.
    """

    collector: Collector
    collections: Sequence[Collection]
    url: str
    tell: Tell


@dataclass(slots=True)
class _Work:
    """What one erasure gathers.

    `words` were perhaps the person's alone, `groups` are old names of groups that the person was a member of.
    """

    request: Request
    persons: frozenset[str]
    ciphers: Mapping[str, AESGCM]  # to learn which words were theirs; the keys themselves are gone from the store
    found: Erased = field(default_factory=Erased)
    words: set[str] = field(default_factory=set)
    groups: set[str] = field(default_factory=set)


def erase(request: Request, pseudonyms: Sequence[str]) -> Erased:
    """Erase a person to the last byte.

    Args:
        request: Where.
        pseudonyms: Theirs, under every key of the keyring: `agents.pseudonyms`.

    Returns:
        How much there was. A tombstone in the store says the same, with the time, and not who.

    Raises:
        errors.JobError: Pseudonyms are being rotated.
        storage.errors.UnavailableError: A reader held the store's log for so long that bytes may be left in it.
    """
    collector, storage = request.collector, request.collector.storage
    progress.refuse_during(storage, ROTATION, "Erasing a person")
    work = _Work(request, frozenset(pseudonyms), collector.keys.of(pseudonyms))
    for person in pseudonyms:
        storage.delete(settings.DATA_KEYS, (person,))
    storage.statements.forget([])  # what other programs have sealed under the key, and not stored yet, is refused
    collector.keys.renew()
    for person in pseudonyms:
        for role in (extract.AGENT, extract.RELATED_AGENT):
            _erase_rows(work, (person, role))
    for group in sorted(work.groups):
        storage.delete(settings.DATA_KEYS, (group,))
    for collection in holdings.personal(request.collections):
        count = holdings.remove(storage, collection, pseudonyms)
        if count:
            work.found.documents[collection.name] = count
    storage.statements.forget(sorted(work.words.union(work.groups, pseudonyms)))
    collector.keys.renew()
    bury(collector, work.found)
    storage.scrub()
    return work.found


def bury(collector: Collector, found: Erased) -> None:
    """Keep that somebody was erased, when, and how much, and nothing that says who."""
    collector.storage.insert(
        settings.TOMBSTONES,
        {
            "id": collector.random(16).hex(),
            "time": collector.clock(),
            "statements": found.statements,
            "mentions": found.mentions,
            "documents": found.documents,
        },
    )


def anonymous(url: str) -> dict[str, Any]:
    """The agent that stands for whoever was erased."""
    return {"account": {"homePage": url.rstrip("/"), "name": "erased"}}


def words_of(collector: Collector, row: Whole, cipher: AESGCM | None) -> set[str]:
    """The words by which a row is found: from the statement if it can be opened, else those that its label holds."""
    if cipher is not None:
        statement = orjson.loads(envelope.open_(row.body, row.id, cipher).text)
        return {word for word, _ in extract.extract(statement, collector.keyring.pseudonym_key).terms}
    _, actor, verb, activity, grouping, parent, registration, *_ = orjson.loads(row.label)
    return {word for word in (actor, verb, activity, registration, *grouping, *parent) if word}


def _erase_rows(work: _Work, term: Term) -> None:
    """Remove the rows with a term that the person is the actor of; take their name out of the others."""
    collector, found = work.request.collector, work.found
    for batch in rewriting.batches(collector, term=term):
        owners = {row.seq: envelope.owner(row.body) for row in batch}
        own = [row for row in batch if owners[row.seq] in work.persons]
        for row in own:
            work.words |= words_of(collector, row, work.ciphers.get(owners[row.seq]))
        found.statements += collector.storage.statements.remove([row.seq for row in own])
        found.mentions += _take_out(work, [row for row in batch if owners[row.seq] not in work.persons])
        work.request.tell(f"{found.statements:,} statements removed, {found.mentions:,} statements of others changed.")


def _take_out(work: _Work, rows: Sequence[Whole]) -> int:
    """Put the anonymous account in the place of the person; answer in how many rows."""
    collector = work.request.collector
    keys = collector.keyring.pseudonym_keys
    substitute = anonymous(work.request.url)

    def gone(agent: mentions.Agent) -> bool:
        return not work.persons.isdisjoint(agents.pseudonyms(agent, keys))

    opened = rewriting.opened(collector, rows)
    remade = rewriting.remake(collector, opened, lambda text: mentions.replace(text, gone, substitute))
    for each in remade:  # a group without identifier is named by its members, so it has another name from now on
        if envelope.owner(each.row.body) != each.opened.owner:
            work.groups.add(each.opened.owner)
        work.words |= {
            pseudonym
            for agent in mentions.agents_of(each.opened.statement)
            if "member" in agent
            for pseudonym in agents.pseudonyms(agent, keys)
        }
    collector.storage.statements.rewrite([(each.opened.whole.seq, each.row) for each in remade])
    return len(remade)
