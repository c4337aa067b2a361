"""Whether the collector can do its work, and what keeps it from that. Floor 1.

The reasons name no path and no key: anybody may ask. `entrepot lrs doctor` says more.
"""

from collections.abc import Callable

from storage import errors as storage_errors
from storage.port import Storage
from xapi_collector import envelope, errors, progress, settings
from xapi_collector.keyring import Keyring
from xapi_collector.upkeep import reindex


def reasons(storage: Storage, keyring: Keyring, clock: Callable[[], int]) -> list[str]:
    """What keeps the collector from its work; empty if nothing does.

    Args:
        storage: Opened with `settings.COLLECTIONS`.
        keyring: The institution's.
        clock: Microseconds since 1970, UTC.
    """
    try:
        storage.statements.consistent_through(clock)
        if not fits(storage, keyring):
            return ["the keyring is not the one that this store was written with"]
        if progress.read(storage, progress.RESTORE) is not None:
            return ["a restore has not ended: it has to be started again"]
        if reindex.pending(storage):
            return ["the index is that of an older version: `entrepot lrs reindex` makes it anew"]
    except storage_errors.StorageError:
        return ["the store does not answer"]
    return []


def fits(storage: Storage, keyring: Keyring) -> bool:
    """Whether the keyring opens what the store keeps; an empty store fits every keyring."""
    kept = storage.find(settings.DATA_KEYS, limit=1)
    try:
        envelope.DataKeys(storage, keyring.sealing_key, bytes).of([each["actor"] for each in kept])
    except errors.EnvelopeError:
        return False
    return True
