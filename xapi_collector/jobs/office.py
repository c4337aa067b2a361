"""What an operator's job works with: the opened store, the secrets, the clock. Floor 1.

Made once by `cli`; a job takes nothing from the environment. What a job found goes to standard output, how far it is
to standard error.
"""

import contextlib
import sys
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from storage.collection import Collection
from storage.connect import connect
from storage.port import Storage
from xapi_collector import envelope, keyring
from xapi_collector.collector import Collector
from xapi_collector.keyring import Keyring
from xapi_collector.settings import Settings
from xapi_collector.upkeep import reindex


@dataclass(frozen=True, slots=True)
class Office:
    """What every job is handed.

    Attributes:
        storage: Opened with `collections`.
        keyring: The institution's.
        settings: The collector's.
        clock: Microseconds since 1970, UTC.
        random: Makes random bytes.
        collections: All that the store keeps, those of the rooms above among them.
    """

    storage: Storage
    keyring: Keyring
    settings: Settings
    clock: Callable[[], int]
    random: envelope.Random
    collections: tuple[Collection, ...]


@contextlib.contextmanager
def opened(
    settings: Settings, collections: tuple[Collection, ...], *, clock: Callable[[], int], random: envelope.Random
) -> Iterator[Office]:
    """The office over the store that the settings name; the store is closed at the end.

    Raises:
        errors.KeyringError: The keyring cannot be read or trusted.
        storage.errors.StorageError: The store cannot be opened.
    """
    keys = keyring.load(settings.keyring)
    storage = connect(settings.storage, *collections)
    try:
        reindex.pending(storage)  # marks an empty store as indexed by this version
        yield Office(storage, keys, settings, clock, random, collections)
    finally:
        storage.close()


def collector(office: Office) -> Collector:
    """The write and read path of statements, as the HTTP routes use it."""
    keys = envelope.DataKeys(office.storage, office.keyring.sealing_key, office.random)
    return Collector(
        office.storage,
        office.keyring,
        keys,
        office.clock,
        office.random,
        lambda: str(uuid.UUID(bytes=office.random(16), version=4)),
    )


def say(text: str) -> None:
    """A line of what the job found, to standard output."""
    sys.stdout.write(f"{text}\n")


def progress(text: str) -> None:
    """A line of how far the job is, to standard error; never a name, a secret or a part of a statement."""
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()
