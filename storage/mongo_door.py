"""The one door by which an error of the MongoDB driver enters: there it becomes one of ours. Floor 0."""

import contextlib
from collections.abc import Iterator

from pymongo import errors as mongo_errors

from storage import errors


@contextlib.contextmanager
def mapped() -> Iterator[None]:
    """Map the driver's errors to ours at the door."""
    try:
        yield
    except mongo_errors.PyMongoError as error:
        reason = str(error).split(",", maxsplit=1)[0]
        message = f"MongoDB does not answer as it must ({reason}): check that the server of ENTREPOT_STORAGE runs."
        raise errors.UnavailableError(message) from error
