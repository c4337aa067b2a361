"""What goes wrong on purpose: failures of a service, queued or drawn by chance from a seed. Floor 4.

A fault strikes before the service acts, or after it acted and before the answer leaves: then a score is stored and
nobody hears of it, which is what a sender's retries must survive.
"""

from __future__ import annotations

import random
import threading
from collections import defaultdict, deque
from collections.abc import Mapping
from dataclasses import dataclass

KINDS = ("slow", "timeout", "drop", "html", "json", "headers")
SERVICES = (
    "auth",
    "jwks",
    "token",
    "lineitems",
    "lineitem",
    "scores",
    "results",
    "members",
    "groups",
    "configuration",
    "registration",
    "deep_linking",
)


@dataclass(frozen=True)
class Fault:
    """One failure.

    Attributes:
        kind: An HTTP status ("409", "429", "503", ...), or one of `KINDS`: "slow" waits and then answers well,
            "timeout" waits and then drops the connection, "drop" drops it at once, "html" answers 200 with a page,
            "json" answers 200 with half a JSON text, "headers" answers well with a Link and a Retry-After that cannot
            be read.
        after: The service has acted; only its answer is lost.
        seconds: How long "slow" and "timeout" wait.
        retry_after: The Retry-After header of a status: seconds, or an HTTP date; empty for none.
    """

    kind: str
    after: bool = False
    seconds: float = 30.0
    retry_after: str = ""

    def __post_init__(self) -> None:
        if self.kind not in KINDS and not (self.kind.isdigit() and 400 <= int(self.kind) <= 599):
            message = f"fault {self.kind}: say a status from 400 to 599, or one of {', '.join(KINDS)}"
            raise ValueError(message)


class Faults:
    """The faults that wait for each service; safe for several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._queued: dict[str, deque[Fault]] = defaultdict(deque)
        self._drawn: dict[str, tuple[list[tuple[Fault, float]], int]] = {}
        self._draws: dict[str, int] = defaultdict(int)

    def put(self, service: str, fault: Fault, times: int = 1) -> None:
        """Let the next so many requests of a service fail.

        Raises:
            ValueError: There is no such service.
        """
        _require(service)
        with self._lock:
            self._queued[service].extend([fault] * times)

    def draw(self, service: str, odds: Mapping[Fault, float], seed: int) -> None:
        """Let each request of a service fail by chance; the n-th draws the same in every run of this seed.

        Raises:
            ValueError: There is no such service, or the odds are more than 1 together.
        """
        _require(service)
        if sum(odds.values()) > 1 or min(odds.values(), default=0) < 0:
            message = "the odds of all faults must lie between 0 and 1 together"
            raise ValueError(message)
        with self._lock:
            self._drawn[service] = (list(odds.items()), seed)
            self._draws[service] = 0

    def clear(self, service: str = "") -> None:
        """Let a service, or all of them, work well again."""
        with self._lock:
            for one in (service,) if service else SERVICES:
                self._queued.pop(one, None)
                self._drawn.pop(one, None)

    def take(self, service: str) -> Fault | None:
        """The fault of this request; None if it is to go well."""
        with self._lock:
            if self._queued[service]:
                return self._queued[service].popleft()
            if service not in self._drawn:
                return None
            odds, seed = self._drawn[service]
            self._draws[service] += 1
            number = self._draws[service]
        drawn = random.Random(f"{seed}:{service}:{number}").random()  # noqa: S311 - a test's chance, not a secret
        for fault, chance in odds:
            drawn -= chance
            if drawn < 0:
                return fault
        return None


def _require(service: str) -> None:
    if service not in SERVICES:
        message = f"service {service}: say one of {', '.join(SERVICES)}"
        raise ValueError(message)
