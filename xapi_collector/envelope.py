"""The Envelope: a statement sealed under the data key of its actor. Floor 1.

AES-256-GCM. The data key is random, kept wrapped by the keyring's sealing key: whoever drops it has erased every
statement of that actor, in backups too. Layout: format (1 byte), flags (1), owner (24, the bytes of the pseudonym),
nonce (12), sealed text with its tag. Bound to the statement's id, so no envelope opens in another's place.
"""

import base64
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from storage.port import Storage
from xapi_collector import errors, settings

Random = Callable[[int], bytes]

_FORMAT = 1
_UNTIMED = 1  # flag: the sender gave no timestamp, it is the time of storing
_CACHED = 10_000  # data keys in memory, a few MB


@dataclass(frozen=True, slots=True)
class Opened:
    """An opened envelope: the statement's JSON text, and whether its timestamp is the time of storing."""

    text: bytes
    untimed: bool


class DataKeys:
    """The data keys of actors, the most recently used in memory."""

    def __init__(self, storage: Storage, sealing_key: bytes, random: Random) -> None:
        self._storage = storage
        self._wrap = AESGCM(sealing_key)
        self._random = random
        self._cache: OrderedDict[str, AESGCM] = OrderedDict()
        self.epoch = storage.statements.epoch()

    def renew(self) -> None:
        """Drop what is in memory: keys may have been erased since."""
        self._cache.clear()
        self.epoch = self._storage.statements.epoch()

    def stale(self) -> bool:
        """Whether keys were erased since this memory began: what is in it may be a key of somebody who came back."""
        return self.epoch != self._storage.statements.epoch()

    def of(self, actors: Iterable[str], *, create: bool = False) -> dict[str, AESGCM]:
        """The ciphers of these pseudonyms; of those without a key only if `create`, in one step for all."""
        found: dict[str, AESGCM] = {}
        missing: list[str] = []
        for actor in actors:
            cipher = self._cache.get(actor)
            if cipher is None:
                missing.append(actor)
            else:
                self._cache.move_to_end(actor)
                found[actor] = cipher
        if missing:
            found.update(self._load(missing, create=create))
        return found

    def rename(self, names: Mapping[str, str]) -> None:
        """Keep the data key of each old pseudonym under its new one as well, unless that has one of its own.

        Args:
            names: Old pseudonym -> new pseudonym.
        """
        kept = self._storage.get_many(settings.DATA_KEYS, [(old,) for old in names])
        copies = [self._wrapped(names[old], self._unwrap(old, each["key"])) for (old,), each in kept.items()]
        self._storage.insert_missing(settings.DATA_KEYS, copies)

    def _load(self, actors: list[str], *, create: bool) -> dict[str, AESGCM]:
        kept = [*self._storage.get_many(settings.DATA_KEYS, [(actor,) for actor in actors]).values()]
        new = sorted(set(actors) - {each["actor"] for each in kept})
        if new and create:
            kept += self._storage.insert_missing(settings.DATA_KEYS, [self._new(actor) for actor in new])
        loaded = {each["actor"]: AESGCM(self._unwrap(each["actor"], each["key"])) for each in kept}
        self._cache.update(loaded)
        while len(self._cache) > _CACHED:
            self._cache.popitem(last=False)
        return loaded

    def _new(self, actor: str) -> dict[str, str]:
        return self._wrapped(actor, self._random(32))

    def _wrapped(self, actor: str, key: bytes) -> dict[str, str]:
        nonce = self._random(12)
        wrapped = nonce + self._wrap.encrypt(nonce, key, actor.encode())
        return {"actor": actor, "key": base64.b64encode(wrapped).decode()}

    def _unwrap(self, actor: str, wrapped: str) -> bytes:
        blob = base64.b64decode(wrapped)
        try:
            return self._wrap.decrypt(blob[:12], blob[12:], actor.encode())
        except InvalidTag:
            raise errors.EnvelopeError(
                "A data key does not open: the keyring is not the one that this store was written with. Use that one."
            ) from None


def seal(text: bytes, statement_id: bytes, actor: str, cipher: AESGCM, nonce: bytes, *, untimed: bool) -> bytes:
    """The envelope of a statement's JSON text.

    Args:
        text: UTF-8.
        statement_id: 16 bytes.
        actor: The pseudonym whose data key the cipher holds.
        cipher: The cipher of that data key.
        nonce: 12 random bytes, never used before.
        untimed: The sender gave no timestamp.
    """
    head = bytes((_FORMAT, _UNTIMED if untimed else 0)) + base64.urlsafe_b64decode(actor)
    return head + nonce + cipher.encrypt(nonce, text, head + statement_id)


def owner(envelope: bytes) -> str:
    """The pseudonym whose data key opens the envelope."""
    return base64.urlsafe_b64encode(envelope[2:26]).decode()


def open_(envelope: bytes, statement_id: bytes, cipher: AESGCM) -> Opened:
    """The statement's JSON text.

    Raises:
        errors.EnvelopeError: The key is another, or the bytes are not those that were sealed.
    """
    try:
        text = cipher.decrypt(envelope[26:38], envelope[38:], envelope[:26] + statement_id)
    except InvalidTag:
        raise errors.EnvelopeError(
            "A statement does not open: its bytes were changed. Restore the store from its backup."
        ) from None
    return Opened(text, bool(envelope[1] & _UNTIMED))
