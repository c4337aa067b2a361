"""What a person handed in or wrote, sealed under their own data key, as the collector seals their statements. Floor 3.

Whoever drops the data key (`entrepot lrs erase`) has erased it, in backups too. A document holds what is sealed in its
field `blob`, bound to its field `key`, so that the collector can export it, and seal it again where pseudonyms are
rotated (`xapi_collector.upkeep.holdings`).
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import dataclass

from storage.port import Storage
from xapi_collector import blob
from xapi_collector.envelope import DataKeys
from xapi_collector.keyring import Keyring

NONCE = 12


@dataclass(frozen=True)
class Vault:
    """What sealing needs, for one request: data keys are read anew each time, so none outlives its person.

    Attributes:
        storage: The institution's store.
        keyring: The institution's secrets.
        random: Makes random bytes.
    """

    storage: Storage
    keyring: Keyring
    random: Callable[[int], bytes]

    def seal(self, learner: str, key: str, content: bytes) -> str:
        """Content for the `blob` of the document of this key; the person gets a data key if they have none.

        Args:
            learner: The pseudonym that stands in the document.
            key: Of the document.
            content: What is sealed.
        """
        cipher = self._keys().of([learner], create=True)[learner]
        return base64.b64encode(blob.seal(content, key, cipher, self.random(NONCE))).decode()

    def open(self, learner: str, key: str, sealed: str) -> bytes | None:
        """What was sealed; None if the person was erased since.

        Raises:
            errors.EnvelopeError: The bytes or their place are not those that were sealed.
        """
        return self.open_all([(learner, key, sealed)])[0]

    def open_all(self, sealed: list[tuple[str, str, str]]) -> list[bytes | None]:
        """As `open`, for (learner, key, sealed) of many documents with one look for their data keys.

        Raises:
            errors.EnvelopeError: The bytes or the place of one are not those that were sealed.
        """
        ciphers = self._keys().of({learner for learner, _, _ in sealed})
        return [
            blob.open_(base64.b64decode(text), key, ciphers[learner]) if learner in ciphers else None
            for learner, key, text in sealed
        ]

    def _keys(self) -> DataKeys:
        return DataKeys(self.storage, self.keyring.sealing_key, self.random)
