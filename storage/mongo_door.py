"""The one door by which MongoDB is spoken to: its errors become ours, and nothing waits long for it. Floor 0."""

import contextlib
from collections.abc import Iterator, Mapping
from typing import Any

import pymongo
from pymongo import errors as mongo_errors

from storage import errors

LIMIT_S = 5.0  # seconds that one step may take with all its retries; who asked is answered by then
_OUT_OF_DISK = 14031  # OutOfDiskSpace in MongoDB's table of error codes


@contextlib.contextmanager
def mapped(limit: float | None = LIMIT_S) -> Iterator[None]:
    """Map the driver's errors to ours, and end what takes longer than the limit (seconds, None: no limit)."""
    try:
        with pymongo.timeout(limit):
            yield
    except mongo_errors.PyMongoError as error:
        reason = str(error).split(",", maxsplit=1)[0]
        if _OUT_OF_DISK in _codes(error):
            message = f"The disk of the MongoDB server is full ({reason}): give it room; until then only reads go on."
            raise errors.FullError(message) from error
        message = f"MongoDB does not answer as it must ({reason}): check that the server of ENTREPOT_STORAGE runs."
        raise errors.UnavailableError(message) from error


def _codes(error: mongo_errors.PyMongoError) -> set[Any]:
    """Every code that an error of the driver carries, its own and those of single writes."""
    details: Mapping[str, Any] = getattr(error, "details", None) or {}
    single = [*details.get("writeErrors", ()), *details.get("writeConcernErrors", ())]
    single.append(details.get("writeConcernError") or {})
    return {getattr(error, "code", None), *(each.get("code") for each in single)}
