"""What is known of activities and verbs: canonical definitions and displays, learned from statements. Floor 1.

Newer values win, language maps are united (Data 2.4.4.1; Communication 2.5). What is kept is sealed under the data key
of the actor whose statement first gave it, so it goes with that person; what is not kept is learned again from the
newest statements that mention it. This worker remembers what it has learned: the steady state touches no store.
"""

import base64
import hmac
import json
import logging
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from weakref import WeakKeyDictionary

import orjson

from storage import errors as storage_errors
from storage.port import Key, Query, Term
from xapi_collector import blob, descriptions, envelope, errors, extract, settings
from xapi_collector.collector import Collector

ACTIVITY, VERB = "activity", "verb"
LARGEST = 64 * 1024
"""Bytes of a definition that is kept; a sender with a new extension in each statement ends here."""

_REMEMBERED = 20_000  # names in the memory of a worker, some MB
_VARIANTS = 16  # texts remembered of each name, such as its definition in several languages
_NEWEST = 10  # statements looked at for a name that is not kept
_NONE: Mapping[str, Any] = {}
_ROLES = {ACTIVITY: (extract.ACTIVITY, extract.RELATED_ACTIVITY), VERB: (extract.VERB,)}
_LOG = logging.getLogger(__name__)

Name = tuple[str, str]
"""ACTIVITY or VERB, and the IRI."""
Given = dict[str, Any]
"""A definition or a display."""


_Memory = OrderedDict[Name, tuple[int, ...]]
_memories: WeakKeyDictionary[envelope.DataKeys, _Memory] = WeakKeyDictionary()  # one of each collector of this process


def learn(collector: Collector, statements: Iterable[Mapping[str, Any]], actors: Iterable[str]) -> None:
    """Take over what stored statements say about activities and verbs, as far as this worker has not seen it yet.

    A store that fails is logged and no error: the statements are stored, and what they say is learned when it is read.

    Args:
        collector: Where and with what.
        statements: Valid statements, complete.
        actors: The pseudonym of the actor of each.
    """
    memory = _memory(collector)
    fresh: dict[Name, dict[int, tuple[Given, str]]] = {}
    for statement, actor in zip(statements, actors, strict=True):
        for name, given in said(statement):
            mark = hash(_dumps(given))
            marks = memory.pop(name, None)
            if marks is not None:
                memory[name] = marks
            if marks is None or mark not in marks:
                fresh.setdefault(name, {})[mark] = (given, actor)
    if fresh:
        _remember_only(memory)
        try:
            _keep(collector, memory, fresh)
        except storage_errors.UnavailableError as error:
            _LOG.warning("Definitions were not kept: %s", type(error).__name__)
            for name in fresh:
                memory.pop(name, None)


def of(collector: Collector, iris: Iterable[str]) -> dict[str, Given]:
    """The canonical definitions of the activities that have one, by IRI."""
    return _find(collector, ACTIVITY, iris)


def displays(collector: Collector, verb_iris: Iterable[str]) -> dict[str, Given]:
    """The canonical displays of the verbs that have one, by IRI."""
    return _find(collector, VERB, verb_iris)


def said(statement: Mapping[str, Any]) -> list[tuple[Name, Given]]:
    """What a valid statement, and a SubStatement in it, says about activities and verbs."""
    found: list[tuple[Name, Given]] = []
    target = statement["object"]
    for part in (statement, target) if target.get("objectType") == "SubStatement" else (statement,):
        verb = part["verb"]
        if verb.get("display"):
            found.append(((VERB, verb["id"]), verb["display"]))
        if part["object"].get("definition"):
            found.append(((ACTIVITY, part["object"]["id"]), part["object"]["definition"]))
        for activities in part.get("context", _NONE).get("contextActivities", _NONE).values():
            found += [((ACTIVITY, each["id"]), each["definition"]) for each in activities if each.get("definition")]
    return found


# Keeping


def _keep(collector: Collector, memory: _Memory, fresh: Mapping[Name, Mapping[int, tuple[Given, str]]]) -> None:
    """Merge what is fresh into what is kept; the names in one order, so that workers meet each other but once."""
    names = sorted(fresh)
    keys = _keys(collector, names)
    kept = collector.storage.get_many(settings.DEFINITIONS, [*keys.values()])
    new = {}
    for name in names:
        if keys[name] not in kept:
            document, _ = _merged(collector, name, keys[name], None, [*fresh[name].values()])
            if document is not None:
                new[name] = document
    if new:
        for document in collector.storage.insert_missing(settings.DEFINITIONS, new.values()):
            kept[(document["key"],)] = document
    for name in names:
        document = kept.get(keys[name])
        contrary = False
        if document is not None and document != new.get(name):
            contrary = _replace(collector, name, keys[name], document, [*fresh[name].values()])
        marks = () if contrary else memory.get(name, ())
        memory[name] = (*marks, *fresh[name])[-_VARIANTS:]


def _replace(
    collector: Collector, name: Name, key: Key, document: dict[str, Any] | None, given: Sequence[tuple[Given, str]]
) -> bool:
    """Merge into a kept document; a lost race means that another worker has merged, and it is merged into that."""
    while True:
        new, contrary = _merged(collector, name, key, document, given)
        if new is None or collector.storage.replace(settings.DEFINITIONS, new, expected=document):
            return contrary
        document = collector.storage.get(settings.DEFINITIONS, key)


def _merged(
    collector: Collector, name: Name, key: Key, document: Mapping[str, Any] | None, given: Sequence[tuple[Given, str]]
) -> tuple[dict[str, Any] | None, bool]:
    """The document to keep, None if nothing changes, and whether the new values contradict the old ones."""
    old = None if document is None else _opened(collector, document)
    unite = descriptions.unite_definitions if name[0] == ACTIVITY else descriptions.unite_maps
    merged, contrary = old or {}, False
    for each, _ in given:
        contrary = contrary or unite(merged, each) != unite(each, merged)
        merged = unite(merged, each)
    owner = given[0][1] if document is None or old is None else document["owner"]
    if merged == old:
        return None, False
    text = _dumps({"id": name[1], "given": merged})
    if len(text) > LARGEST:
        text = _dumps({"id": name[1], "given": given[-1][0]})
    cipher = collector.keys.of([owner]).get(owner)
    if cipher is None or len(text) > LARGEST:
        return None, False  # its owner was erased meanwhile, or it is too large
    sealed = blob.seal(text, key[0], cipher, collector.random(12))
    return {"key": key[0], "owner": owner, "blob": base64.b64encode(sealed).decode()}, contrary


# Finding


def _find(collector: Collector, kind: str, iris: Iterable[str]) -> dict[str, Given]:
    names: list[Name] = [(kind, iri) for iri in dict.fromkeys(iris)]
    keys = _keys(collector, names)
    kept = collector.storage.get_many(settings.DEFINITIONS, [*keys.values()])
    collector.keys.of({document["owner"] for document in kept.values()})  # all that are not in memory in one step
    memory = _memory(collector)
    found: dict[str, Given] = {}
    for name in names:
        document = kept.get(keys[name])
        given = None if document is None else _opened(collector, document)
        if given is None and memory.get(name) != ():  # () is what was looked for in vain
            given = _recall(collector, memory, name)
        if given is not None:
            found[name[1]] = given
    return found


def _recall(collector: Collector, memory: _Memory, name: Name) -> Given | None:
    """Learn a name from the newest statements that mention it."""
    terms: tuple[Term, ...] = tuple((name[1], role) for role in _ROLES[name[0]])
    rows = collector.storage.statements.query(Query(groups=(terms,), limit=_NEWEST)).rows
    ciphers = collector.keys.of({envelope.owner(row.body) for row in rows})
    given: dict[int, tuple[Given, str]] = {}
    for row in reversed(rows):
        owner = envelope.owner(row.body)
        if owner in ciphers:
            statement = json.loads(envelope.open_(row.body, row.id, ciphers[owner]).text)
            given.update((hash(_dumps(each)), (each, owner)) for found, each in said(statement) if found == name)
    memory[name] = ()
    if not given:
        _remember_only(memory)
        return None
    _keep(collector, memory, {name: given})
    document = collector.storage.get(settings.DEFINITIONS, _keys(collector, [name])[name])
    return None if document is None else _opened(collector, document)


def _opened(collector: Collector, document: Mapping[str, Any]) -> Given | None:
    """What is kept of a name; None where it does not open, for it is learned again from statements."""
    cipher = collector.keys.of([document["owner"]]).get(document["owner"])
    if cipher is None:
        return None
    try:
        text = blob.open_(base64.b64decode(document["blob"]), document["key"], cipher)
    except errors.EnvelopeError:
        return None
    given: Given = json.loads(text)["given"]
    return given


def _memory(collector: Collector) -> _Memory:
    memory = _memories.get(collector.keys)
    return _memories.setdefault(collector.keys, OrderedDict()) if memory is None else memory


def _remember_only(memory: _Memory) -> None:
    """Forget the names that were not met for longest."""
    while len(memory) > _REMEMBERED:
        memory.popitem(last=False)


def _keys(collector: Collector, names: Iterable[Name]) -> dict[Name, Key]:
    """The key of each name's document: the IRI itself is not for the store to know."""
    secret = collector.keyring.derive("definitions")
    return {name: (_digest(secret, name),) for name in names}


def _digest(secret: bytes, name: Name) -> str:
    return base64.urlsafe_b64encode(hmac.digest(secret, "\n".join(name).encode(), "sha256")[:24]).decode()


def _dumps(content: Given) -> bytes:
    try:
        return orjson.dumps(content)
    except TypeError:  # a whole number beyond 64 bits
        return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
