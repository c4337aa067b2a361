"""How much room a store takes on this machine's disk, and how much is left. Floor 1.

Only a store of files can be looked at; a database server has figures of its own.
"""

import contextlib
import shutil
from dataclasses import dataclass
from pathlib import Path

_FILES = "sqlite:///"


@dataclass(frozen=True, slots=True)
class Room:
    """Bytes.

    Attributes:
        store: All files of the store, its log among them.
        log: Its write-ahead log, which is folded into the database in passing.
        free: What the file system has left for this user.
        whole: The file system.
    """

    store: int
    log: int
    free: int
    whole: int


def directory(url: str) -> Path | None:
    """The directory of a store that is kept in files, or None."""
    return Path(url.removeprefix(_FILES)) if url.startswith(_FILES) else None


def room(path: Path) -> Room:
    """The room that the store in a directory takes.

    Raises:
        OSError: The directory is not there.
    """
    usage = shutil.disk_usage(path)
    sizes = {}
    for file in path.iterdir():
        with contextlib.suppress(FileNotFoundError):  # it went since it was listed
            sizes[file.name] = file.stat().st_size
    log = sum(size for name, size in sizes.items() if name.endswith("-wal"))
    return Room(sum(sizes.values()), log, usage.free, usage.total)
