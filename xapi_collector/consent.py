"""What a person allows their statements to be used for, and what holds where they said nothing. Floor 1.

A reader of labels names its purpose and gets those of persons who allow it. Where a person said nothing, the
institution's declaration for that purpose decides, which names its legal basis; where there is none, the two purposes
that take records beyond teaching are denied. GDPR Articles 6, 7 and 25.
"""

import base64
import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from storage.collection import Collection
from storage.port import Document, Storage
from xapi_collector import agents, envelope, errors, settings
from xapi_collector.keyring import Keyring

SERVICE, ANALYTICS, TRAINING, EMPLOYER = PURPOSES = ("service", "analytics", "training", "employer")
ALLOW, DENY = CHOICES = ("allow", "deny")
UNDECLARED = {SERVICE: ALLOW, ANALYTICS: ALLOW, TRAINING: DENY, EMPLOYER: DENY}

Clock = Callable[[], int]


@dataclass(frozen=True, slots=True)
class Allowed:
    """Whom a purpose may read.

    Attributes:
        silent: Whether those are allowed who said nothing.
        others: The pseudonyms of those who said the opposite.
    """

    silent: bool
    others: frozenset[str]

    def __contains__(self, person: str) -> bool:
        return (person in self.others) is not self.silent


def allowed(storage: Storage, purpose: str) -> Allowed:
    """Whom a purpose may read, as of now.

    Args:
        storage: Opened with `settings.COLLECTIONS`.
        purpose: One of PURPOSES.

    Raises:
        errors.PurposeError: There is no such purpose.
    """
    silent = declared(storage, purpose)["choice"] == ALLOW
    where = {"purpose": purpose, "choice": DENY if silent else ALLOW}
    return Allowed(silent, frozenset(each["person"] for each in storage.find(settings.CONSENTS, where)))


def of_one(storage: Storage, purpose: str, person: str) -> Allowed:
    """As `allowed`, for who reads one person only: it is known of nobody else.

    Raises:
        errors.PurposeError: There is no such purpose.
    """
    said = storage.get(settings.CONSENTS, (person, purpose)) if purpose in PURPOSES else None
    silent = declared(storage, purpose)["choice"] == ALLOW
    others = said is not None and said["choice"] != (ALLOW if silent else DENY)
    return Allowed(silent, frozenset({person} if others else ()))


def declared(storage: Storage, purpose: str) -> Document:
    """What holds for a purpose where a person said nothing: choice, basis, time and the history of both.

    Raises:
        errors.PurposeError: There is no such purpose.
    """
    check(purpose)
    found = storage.get(settings.CONSENT_DEFAULTS, (purpose,))
    return found or {"purpose": purpose, "choice": UNDECLARED[purpose], "basis": "", "version": 0, "history": []}


def declare(storage: Storage, purpose: str, choice: str, basis: str, clock: Clock) -> Document:
    """State what holds for a purpose where a person said nothing.

    Args:
        storage: Opened with `settings.COLLECTIONS`.
        purpose: One of PURPOSES.
        choice: ALLOW or DENY.
        basis: The legal basis of it, in a sentence.
        clock: Microseconds since 1970, UTC.

    Raises:
        errors.PurposeError: There is no such purpose or choice, or no basis is stated.
    """
    check(purpose, choice)
    if not basis.strip():
        raise errors.PurposeError("No legal basis is stated: say in a sentence what allows it.")
    return _change(
        storage, settings.CONSENT_DEFAULTS, {"purpose": purpose}, {"choice": choice, "basis": basis}, clock()
    )


def say(
    storage: Storage, persons: Mapping[str, str], purpose: str, choice: str, clock: Clock, **about: str
) -> list[Document]:
    """Keep what a person says about a purpose, in place of what they said before, which stays as history.

    Args:
        storage: Opened with `settings.COLLECTIONS`.
        persons: What `names` answers: the person's pseudonyms, several while they are rotated, and the sealed agent.
        purpose: One of PURPOSES.
        choice: ALLOW or DENY.
        clock: Microseconds since 1970, UTC.
        about: More to keep with this choice, such as `notice`, the version of the text that the person was shown.

    Raises:
        errors.PurposeError: There is no such purpose or choice.
    """
    check(purpose, choice)
    now = clock()
    return [
        _change(
            storage,
            settings.CONSENTS,
            {"person": person, "purpose": purpose},
            {"choice": choice} | about,
            now,
            agent=agent,
        )
        for person, agent in persons.items()
    ]


def names(
    agent: Mapping[str, Any], keyring: Keyring, keys: envelope.DataKeys, random: envelope.Random
) -> dict[str, str]:
    """The pseudonyms under which a choice is kept, each with the agent sealed, so that it can be kept under new ones.

    Args:
        agent: A valid Agent or identified Group.
        keyring: The institution's.
        keys: A person without a data key gets one.
        random: Makes random bytes.
    """
    persons = agents.pseudonyms(agent, keyring.pseudonym_keys)
    return {person: sealed(agent, person, keys, random) for person in persons}


def sealed(agent: Mapping[str, Any], person: str, keys: envelope.DataKeys, random: envelope.Random) -> str:
    """An agent sealed under the data key of one of their pseudonyms, which is made if there is none."""
    cipher = keys.of([person], create=True)[person]
    text = orjson.dumps(agent)
    return base64.b64encode(envelope.seal(text, _name(person), person, cipher, random(12), untimed=False)).decode()


def agent_of(document: Document, keys: envelope.DataKeys) -> dict[str, Any] | None:
    """The agent whose choice it is, or None: their data key is gone.

    Raises:
        errors.EnvelopeError: It was changed.
    """
    person = document["person"]
    cipher = keys.of([person]).get(person)
    if cipher is None:
        return None
    agent: dict[str, Any] = orjson.loads(
        envelope.open_(base64.b64decode(document["agent"]), _name(person), cipher).text
    )
    return agent


def said(storage: Storage, person: str) -> dict[str, Document]:
    """What a person said, by purpose."""
    return {each["purpose"]: each for each in storage.find(settings.CONSENTS, {"person": person})}


def check(purpose: str, choice: str = ALLOW) -> None:
    """Refuse what is no purpose or no choice.

    Raises:
        errors.PurposeError: It is none.
    """
    if purpose not in PURPOSES:
        msg = f"There is no purpose {purpose!r}: name one of {', '.join(PURPOSES)}."
        raise errors.PurposeError(msg)
    if choice not in CHOICES:
        msg = f"There is no choice {choice!r}: say {' or '.join(CHOICES)}."
        raise errors.PurposeError(msg)


def _change(
    storage: Storage, collection: Collection, key: dict[str, str], new: dict[str, Any], now: int, **sealed: str
) -> Document:
    """Put a newer version in place of the kept one, whatever others write at the same time."""
    while True:
        kept = storage.get(collection, tuple(key.values()))
        before = [] if kept is None else kept["history"]
        version = 1 if kept is None else kept["version"] + 1
        this = new | {"version": version, "time": now}
        document = key | this | sealed | {"history": [*before, this]}
        if storage.replace(collection, document, expected=kept):
            return document


def _name(person: str) -> bytes:
    """What the sealed agent is bound to: 16 bytes."""
    return hashlib.sha256(f"consents {person}".encode()).digest()[:16]
