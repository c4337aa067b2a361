"""How far a long job is, kept in the store, so that it goes on where it was killed. Floor 1."""

from collections.abc import Callable
from typing import Any

from storage.port import Document, Storage
from xapi_collector import errors, settings

ROTATION, REINDEX, RESTORE, RETENTION = "rotation", "reindex", "restore", "retention"

Tell = Callable[[str], None]
"""Shows a line of how far a job is; never a name, a pseudonym or a part of a statement."""


def read(storage: Storage, job: str) -> Document | None:
    """What was kept of a job, or None."""
    return storage.get(settings.PROGRESS, (job,))


def write(storage: Storage, job: str, **facts: Any) -> None:
    """Keep facts of a job, over and above those that are kept already."""
    while True:
        kept = read(storage, job)
        if storage.replace(settings.PROGRESS, {"job": job} | (kept or {}) | facts, expected=kept):
            return


def clear(storage: Storage, job: str) -> None:
    """Drop what is kept of a job: it has ended."""
    storage.delete(settings.PROGRESS, (job,))


def refuse_during(storage: Storage, job: str, what: str) -> None:
    """Let nothing run beside a job that it would meet.

    Args:
        storage: Opened with `settings.COLLECTIONS`.
        job: The one that may be under way.
        what: What is refused, as a text.

    Raises:
        errors.JobError: The job is under way, or was killed and has not ended.
    """
    if read(storage, job) is not None:
        msg = f"{what} has to wait: the job {job!r} has not ended. Start it again, and then this."
        raise errors.JobError(msg)
