"""Whose transaction it is: the turns of the threads of a process, and what processes that died left behind. Floor 0.

A process writes by one session. Its next transaction ends the one before, should that still be open on the server,
because the connection was cut in the middle. What a process that was killed left open would hold the counter until the
server ends it after 60 s: so the sessions of all processes are noted, and who sees nobody come forward ends them.
"""

import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import pymongo
from pymongo import errors as mongo_errors
from pymongo.client_session import ClientSession
from pymongo.collection import Collection
from pymongo.database import Database

from storage.mongo_rows import COUNTER, Body

STUCK_S = 0.75  # seconds in which nobody commits, while this process loses every race
TURN_S = 2.0  # seconds that a thread waits for its turn
_KEPT_S = 30 * 24 * 3600  # seconds; a process that runs longer is guarded by the server's limit alone

Result = TypeVar("Result")


class Writer:
    """The session by which one process writes."""

    def __init__(
        self, client: "pymongo.MongoClient[Body]", database: Database[Body], counters: Collection[Body]
    ) -> None:
        self._client = client
        self._counters = counters
        self._writers: Collection[Body] = database["writers"]
        self._writers.create_index("since", expireAfterSeconds=_KEPT_S)
        self._writing = threading.Lock()
        self._session = client.start_session()
        self._name: Any = self._session.session_id["id"]
        self._writers.update_one({"_id": self._name}, {"$currentDate": {"since": True}}, upsert=True)

    def commit(self, write: Callable[[ClientSession], Result]) -> Result:
        """Run a transaction, again and again where it loses a race, and commit it durably."""
        since, seen = time.monotonic(), -1

        def attempt(session: ClientSession) -> Result:
            nonlocal since, seen
            if time.monotonic() - since > STUCK_S:
                edits = int((self._counters.find_one(COUNTER) or {}).get("edits", 0))
                if edits == seen:
                    self._end_others()
                since, seen = time.monotonic(), edits
            return write(session)

        with self._turn() as session:
            return session.with_transaction(attempt)

    def close(self) -> None:
        """Note that nothing of this process can be left behind."""
        self._session.end_session()
        with contextlib.suppress(mongo_errors.PyMongoError), pymongo.timeout(1):
            self._writers.delete_one({"_id": self._name})

    @contextlib.contextmanager
    def _turn(self) -> Iterator[ClientSession]:
        """Threads of one process take turns rather than race for the counter; who waited too long does race."""
        if self._writing.acquire(timeout=TURN_S):
            try:
                yield self._session
            finally:
                self._writing.release()
        else:
            with self._client.start_session() as session:
                yield session

    def _end_others(self) -> None:
        """End the transactions of all other processes; one that lives only begins its own again."""
        others = [{"id": each["_id"]} for each in self._writers.find({"_id": {"$ne": self._name}}, {"_id": 1})]
        if others:
            self._client.admin.command("killSessions", others)
