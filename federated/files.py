"""Put a file where it belongs: whole or not at all, and on the disk before anybody is told. Floor 3."""

import os
from pathlib import Path

PRIVATE, PUBLIC = 0o600, 0o644


def keep(path: Path, content: bytes, mode: int = PRIVATE) -> Path:
    """Write `content` to `path` durably, and return the path.

    Directories that are missing are made, for their owner alone where the file is.

    Args:
        path: where; what lies there is replaced.
        content: the whole file.
        mode: of a file that is new.

    Raises:
        OSError: it cannot be written; what lay there still lies there.
    """
    path.parent.mkdir(mode=0o700 if mode == PRIVATE else 0o777, parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.draft")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    sync(path.parent)
    return path


def sync(directory: Path) -> None:
    """Make a new name in `directory` durable."""
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
