"""Forwarders: where statements go from here, how far each is, and what a target refused. Floor 1.

The log of statements is the outbox: a forwarder is a place in it, moved only after its target acknowledged. There is
nothing else to lose, to fill up or to clean.
"""

import base64
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from storage import errors as storage_errors
from storage.port import Query, Storage
from xapi_collector import blob, consent, errors, extract, settings
from xapi_collector.keyring import Keyring

RESPONSES, EXTENSIONS = "responses", "extensions"
STRIPS = (RESPONSES, EXTENSIONS)
"""What may be left out on the way."""

_LOOPBACK = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True, slots=True)
class Forwarder:
    """One target, and how far it is.

    Attributes:
        name: What it is called.
        url: The base of the target, such as https://lrs.example/xapi.
        version: The xAPI version that is spoken to it.
        key: The user name of the credential there.
        secret: Its password, sealed.
        verbs: Only statements with one of these verbs; none: with any.
        activities: Only statements about one of these activities; none: about any.
        by_agent: Only statements of the agents in FORWARD_AGENTS.
        purpose: What the target gets them for, one of consent.PURPOSES: only of persons who allow it.
        pseudonymise: Agents go out under pseudonyms of this forwarder alone, without names and attachments.
        strip: What is left out: RESPONSES, EXTENSIONS.
        cursor: The seq of the last statement that is done.
        attempts: Attempts that failed since the last one that did not.
        next_at: No attempt before this time (microseconds).
        paused: No attempt at all.
        last_error: Why the last attempt failed, in a word of ours.
        sent: How many statements the target has acknowledged.
    """

    name: str
    url: str
    version: str
    key: str
    secret: str = field(repr=False)
    verbs: tuple[str, ...] = ()
    activities: tuple[str, ...] = ()
    by_agent: bool = False
    purpose: str = consent.SERVICE
    pseudonymise: bool = False
    strip: tuple[str, ...] = ()
    cursor: int = 0
    attempts: int = 0
    next_at: int = 0
    paused: bool = False
    last_error: str = ""
    sent: int = 0


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A statement that a target will not take: its id and seq, whose it is (a pseudonym), when, how often, why."""

    forwarder: str
    statement: str
    actor: str
    seq: int
    status: int
    reason: str
    at: int
    attempts: int = 1


def check_url(url: str, *, insecure: bool = False) -> str:
    """The base of a target, without a slash or `/statements` at its end.

    Raises:
        errors.ForwardError: It is not https (loopback may be http, and any with `insecure`), or holds more than a host
            and a path.
    """
    base = url.rstrip("/").removesuffix("/statements").rstrip("/")
    try:
        split = urlsplit(base)
        host = split.hostname or ""
        plain = insecure or host in _LOOPBACK
        right = split.port != 0 and split.scheme in (("https", "http") if plain else ("https",)) and bool(host)
    except ValueError:
        right = False
    if not right or "@" in split.netloc or split.query or split.fragment:
        shown = url.rpartition("@")[2][:200]  # never a password
        msg = f"{shown!r} is no target: use https://host/path without name, query, fragment; --insecure allows http."
        raise errors.ForwardError(msg)
    return base


def add(storage: Storage, forwarder: Forwarder, agents: tuple[str, ...] = ()) -> None:
    """Keep a new forwarder.

    Args:
        storage: Opened with `settings.COLLECTIONS`.
        forwarder: With a name of its own.
        agents: Pseudonyms, if it forwards the statements of some agents only.

    Raises:
        errors.ForwardError: There is one of this name.
    """
    for agent in agents:
        storage.insert_missing(settings.FORWARD_AGENTS, [{"forwarder": forwarder.name, "agent": agent}])
    try:
        storage.insert(settings.FORWARDERS, _document(replace(forwarder, by_agent=bool(agents))))
    except storage_errors.DuplicateKey:
        msg = f"There is a forwarder {forwarder.name!r}: choose another name, or remove that one."
        raise errors.ForwardError(msg) from None


def listed(storage: Storage) -> list[Forwarder]:
    """All forwarders, by name."""
    return [_forwarder(each) for each in storage.find(settings.FORWARDERS)]


def get(storage: Storage, name: str) -> Forwarder:
    """The forwarder of a name.

    Raises:
        errors.ForwardError: There is none.
    """
    found = storage.get(settings.FORWARDERS, (name,))
    if found is None:
        msg = f"There is no forwarder {name!r}: `entrepot lrs forward list` names them."
        raise errors.ForwardError(msg)
    return _forwarder(found)


def change(storage: Storage, name: str, **values: Any) -> Forwarder:
    """Change fields of a forwarder, whatever else is done to it meanwhile; answer it as it is then.

    Raises:
        errors.ForwardError: There is none of this name (any more).
    """
    return _update(storage, name, lambda old: replace(old, **values))


def advance(storage: Storage, name: str, seq: int, sent: int) -> None:
    """Note that all up to a seq is done; a place is never moved back.

    Raises:
        errors.ForwardError: The forwarder is gone.
    """
    rest: dict[str, Any] = {"attempts": 0, "next_at": 0, "last_error": ""}
    _update(storage, name, lambda old: replace(old, cursor=max(old.cursor, seq), sent=old.sent + sent, **rest))


def remove(storage: Storage, name: str) -> None:
    """Take a forwarder away, with its dead letters.

    Raises:
        errors.ForwardError: There is none.
    """
    get(storage, name)
    storage.delete(settings.FORWARDERS, (name,))
    for each in storage.find(settings.FORWARD_AGENTS, {"forwarder": name}):
        storage.delete(settings.FORWARD_AGENTS, (name, each["agent"]))
    for letter in dead(storage, name):
        drop(storage, letter)


def query(storage: Storage, forwarder: Forwarder, limit: int) -> Query:
    """What comes next for a forwarder, oldest first."""
    groups = [
        tuple((verb, extract.VERB) for verb in forwarder.verbs),
        tuple((iri, extract.ACTIVITY) for iri in forwarder.activities),
    ]
    if forwarder.by_agent:
        agents = storage.find(settings.FORWARD_AGENTS, {"forwarder": forwarder.name})
        groups.append(tuple((each["agent"], extract.AGENT) for each in agents) or (("nobody", extract.AGENT),))
    return Query(groups=tuple(filter(None, groups)), after=forwarder.cursor, limit=limit, ascending=True)


def bury(storage: Storage, letter: DeadLetter) -> None:
    """Keep a dead letter, in the place of an earlier one for the same statement."""
    document = _letter(letter)
    while True:
        old = storage.get(settings.DEAD_LETTERS, (letter.forwarder, letter.statement))
        attempts = 1 if old is None else old["attempts"] + 1
        if storage.replace(settings.DEAD_LETTERS, document | {"attempts": attempts}, expected=old):
            return


def dead(storage: Storage, name: str) -> list[DeadLetter]:
    """The dead letters of a forwarder."""
    return [DeadLetter(**each) for each in storage.find(settings.DEAD_LETTERS, {"forwarder": name})]


def drop(storage: Storage, letter: DeadLetter) -> None:
    """Forget a dead letter."""
    storage.delete(settings.DEAD_LETTERS, (letter.forwarder, letter.statement))


def seal_secret(keyring: Keyring, name: str, secret: str, random: Callable[[int], bytes]) -> str:
    """The password of a target as it is kept."""
    sealed = blob.seal(secret.encode(), _place(name), _cipher(keyring), random(12))
    return base64.b64encode(sealed).decode()


def open_secret(keyring: Keyring, forwarder: Forwarder) -> str:
    """The password of a target.

    Raises:
        errors.EnvelopeError: The keyring is another.
    """
    return blob.open_(base64.b64decode(forwarder.secret), _place(forwarder.name), _cipher(keyring)).decode()


def _update(storage: Storage, name: str, new: Callable[[Forwarder], Forwarder]) -> Forwarder:
    while True:
        old = get(storage, name)
        wanted = new(old)
        if wanted == old or storage.replace(settings.FORWARDERS, _document(wanted), expected=_document(old)):
            return wanted


def _place(name: str) -> str:
    return f"{settings.FORWARDERS.name}/{name}"


def _cipher(keyring: Keyring) -> AESGCM:
    return AESGCM(keyring.derive("forwarders"))


def _document(forwarder: Forwarder) -> dict[str, Any]:
    return {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(forwarder).items()}


def _forwarder(document: Mapping[str, Any]) -> Forwarder:
    values: dict[str, Any] = {each.name: document[each.name] for each in fields(Forwarder)}
    values |= {name: tuple(value) for name, value in values.items() if isinstance(value, list)}
    return Forwarder(**values)


def _letter(letter: DeadLetter) -> dict[str, Any]:
    return asdict(letter)
