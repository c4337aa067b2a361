"""What every path through the record store needs, in one hand. Floor 1."""

from collections.abc import Callable
from dataclasses import dataclass

from storage.port import Storage
from xapi_collector import envelope
from xapi_collector.keyring import Keyring


@dataclass(frozen=True, slots=True)
class Collector:
    """The store of one institution with its secrets.

    Attributes:
        storage: Opened with `settings.COLLECTIONS`.
        keyring: The institution's.
        keys: The data keys of actors.
        clock: Microseconds since 1970, UTC.
        random: Makes random bytes.
        new_id: Makes UUIDs for statements that have none.
    """

    storage: Storage
    keyring: Keyring
    keys: envelope.DataKeys
    clock: Callable[[], int]
    random: envelope.Random
    new_id: Callable[[], str]
