"""What can go wrong in a store, and what to do about it. Floor 0.

    StorageError
    ├── UrlError              the storage URL names no store that we know
    ├── UnavailableError      the store cannot be opened, reached, locked or written
    │   └── FullError         its disk has no room left
    ├── DamagedError          the store was opened, and its content is broken or of a newer format
    ├── UndeclaredError       a collection, or a field of one, was not declared, or lacks its privacy facts
    ├── DocumentError         a document or key that no store can hold
    ├── DuplicateKey          a document with this key is there already
    ├── DuplicateIdError      a statement with one of these ids is there already
    ├── StaleError            rows were made in an earlier epoch
    └── SettingsError         an environment variable is missing or wrong

Every text says what was wrong, where, and what would be right.
"""

from collections.abc import Sequence


class StorageError(Exception):
    """Something about the store went wrong; the text says what to do."""


class UrlError(StorageError):
    """The storage URL names no store that we know."""


class UnavailableError(StorageError):
    """The store cannot be opened, reached, locked or written."""


class FullError(UnavailableError):
    """The store's disk has no room left; reads go on, and writes once there is room again."""


class DamagedError(StorageError):
    """The store was opened, and its content is broken or of a newer format."""


class UndeclaredError(StorageError):
    """A collection, or a field of one, was not declared, or lacks its privacy facts."""


class DocumentError(StorageError):
    """A document or key that no store can hold."""


class DuplicateKey(StorageError):
    """A document with this key is there already."""


class DuplicateIdError(StorageError):
    """A statement with one of these ids is there already; nothing of the batch was stored.

    Attributes:
        ids: The ids of 16 bytes that are taken, in the order of the batch.
    """

    def __init__(self, ids: Sequence[bytes]) -> None:
        super().__init__(f"{len(ids)} of the statement ids are stored already; compare them, or send the others alone.")
        self.ids = tuple(ids)


class StaleError(StorageError):
    """Rows were made in an earlier epoch: what they rest on may have been erased since. Make them again."""


class SettingsError(StorageError):
    """An environment variable is missing or wrong; the text is one line that names it."""
