"""Which pseudonym key is the active one, as the store remembers it since the last rotation. Floor 1.

A machine whose keyring file is an older copy would make old names again, by which nobody looks any more: it is told so,
and stores nothing.
"""

from storage.port import Storage
from xapi_collector import errors, progress
from xapi_collector.keyring import RETIRING, Keyring

_JOB = "pseudonym key"


def write(storage: Storage, key_id: str) -> None:
    """Remember the id of the key that makes pseudonyms from now on."""
    progress.write(storage, _JOB, id=key_id)


def check(storage: Storage, keyring: Keyring) -> None:
    """Refuse a keyring that is older than the store.

    Raises:
        errors.KeyringError: Its active pseudonym key is not the one of the last rotation.
    """
    kept = progress.read(storage, _JOB)
    active, *others = keyring.states
    newer = any(each.id == kept["id"] and each.state == RETIRING for each in others) if kept else False
    if kept is not None and kept["id"] != active.id and not newer:
        msg = (
            f"Keyring {keyring.path} does not use the pseudonym key {kept['id']} of the last rotation: copy the "
            "keyring of the machine on which pseudonyms were rotated."
        )
        raise errors.KeyringError(msg)
