"""What a document belongs to, and how it lies in the store: found by keyed digests, sealed whole. Floor 1.

The store learns neither its id nor its content. Its key does not depend on the pseudonym key, which may be rotated.
xAPI 1.0.3, Communication 2.2.
"""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import orjson
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from storage.collection import Collection
from xapi_collector import agents, blob, errors, settings
from xapi_collector.collector import Collector

STATE, ACTIVITY_PROFILE, AGENT_PROFILE = "state", "activity profile", "agent profile"
Raw = dict[str, Any]
"""A document as the store has it."""


@dataclass(frozen=True, slots=True)
class Place:
    """What a document belongs to.

    Attributes:
        kind: STATE, ACTIVITY_PROFILE or AGENT_PROFILE.
        activity: The activity's IRI, or None.
        agent: The Agent, or None.
        registration: A UUID in lower case, or None.
    """

    kind: str
    activity: str | None = None
    agent: Mapping[str, Any] | None = None
    registration: str | None = None

    @property
    def collection(self) -> Collection:
        """Where documents of this kind are kept."""
        return settings.ACTIVITY_PROFILES if self.agent is None else settings.AGENT_DOCUMENTS


@dataclass(frozen=True, slots=True)
class Document:
    """A document as it was sent.

    Attributes:
        id: Its stateId or profileId.
        content_type: The Content-Type that it came with.
        content: Its bytes.
        updated: When it was last changed, microseconds since 1970, UTC.
    """

    id: str
    content_type: str
    content: bytes
    updated: int

    @property
    def etag(self) -> str:
        """Its entity tag, without quotes."""
        return etag(self.content)


def etag(content: bytes) -> str:
    """The entity tag of an answer, without quotes: its SHA-1 in hexadecimal digits, as Communication 3.1 wants it."""
    return hashlib.sha1(content, usedforsecurity=False).hexdigest()


def key(collector: Collector, place: Place, document_id: str) -> str:
    """The key of a document in its collection."""
    return _digest(collector, "document", place, document_id)


def context(collector: Collector, place: Place) -> str:
    """By what the documents of a place are found; without registration, those of every registration too."""
    return _digest(collector, "context", place)


def renew(collector: Collector) -> None:
    """Before anything is written: if a person was erased since, no key of theirs may be used again."""
    if collector.keys.stale():
        collector.keys.renew()


def seal(collector: Collector, place: Place, document: Document) -> Raw:
    """A document as the store has it; a data key is made for an agent who has none yet."""
    raw: Raw = {"key": key(collector, place, document.id), "updated": document.updated}
    raw["contexts"] = sorted({context(collector, each) for each in (place, replace(place, registration=None))})
    if place.agent is None:
        cipher = _institution(collector)
    else:
        raw["agent"] = owner = agents.pseudonym(place.agent, collector.keyring.pseudonym_key)
        cipher = collector.keys.of([owner], create=True)[owner]
    whose = [place.kind, place.activity, place.agent, place.registration]
    head = orjson.dumps([*whose, document.id, document.content_type])
    plain = len(head).to_bytes(4, "big") + head + document.content
    raw["blob"] = base64.b64encode(blob.seal(plain, raw["key"], cipher, collector.random(12))).decode()
    return raw


def open_(collector: Collector, raw: Raw, agent: Mapping[str, Any] | None = None) -> tuple[Place, Document] | None:
    """What the store has, opened; None if its data key was erased.

    Args:
        collector: With what.
        raw: The document as the store has it.
        agent: Its agent, if known: while pseudonyms are rotated, its data key may have another name already.

    Raises:
        errors.EnvelopeError: Its bytes were changed.
    """
    if "agent" not in raw:
        return _parse(raw, blob.open_(base64.b64decode(raw["blob"]), raw["key"], _institution(collector)))
    try:
        return _open(collector, raw, agent)
    except errors.EnvelopeError:
        if not collector.keys.stale():
            raise
        collector.keys.renew()  # a person was erased and came back: their data key is another one now
        return _open(collector, raw, agent)


def _open(collector: Collector, raw: Raw, agent: Mapping[str, Any] | None) -> tuple[Place, Document] | None:
    names = [raw["agent"]]
    if agent is not None:
        names += [agents.pseudonym(agent, each) for each in collector.keyring.pseudonym_keys]
    ciphers = collector.keys.of(dict.fromkeys(names))
    for name in names:
        try:
            if name in ciphers:
                return _parse(raw, blob.open_(base64.b64decode(raw["blob"]), raw["key"], ciphers[name]))
        except errors.EnvelopeError:
            if raw["agent"] in ciphers and len(ciphers) == 1:
                raise
    return None


def _parse(raw: Raw, plain: bytes) -> tuple[Place, Document]:
    end = 4 + int.from_bytes(plain[:4], "big")
    kind, activity, agent, registration, document_id, content_type = orjson.loads(plain[4:end])
    document = Document(document_id, content_type, plain[end:], raw["updated"])
    return Place(kind, activity, agent, registration), document


def _institution(collector: Collector) -> AESGCM:
    """The cipher of what is nobody's."""
    return AESGCM(collector.keyring.derive("activity profiles"))


def _digest(collector: Collector, what: str, place: Place, *more: str) -> str:
    agent = None if place.agent is None else agents.canonical(place.agent)
    content = orjson.dumps([what, place.kind, place.activity, agent, place.registration, *more])
    digest = hmac.new(collector.keyring.derive("documents"), content, hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest[:24]).decode()
