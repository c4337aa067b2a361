"""A round of looks at every address of the catalogs, by an administrator or a nightly job, never by a page. Floor 3.

One request a second to a host; hosts take turns, so that a hundred links to one of them do not hold up the rest. What
was looked at lately is left for the next round, and so is all that is left when the time of this one is over.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from curriculum import addresses
from lti_tool import linkbook
from lti_tool.linkbook import Check
from lti_tool.services.look import Look
from storage.port import Storage

GAP = 1.0
"""Seconds between two requests to a host."""
FRESH = 20 * 3600
"""Seconds for which a look is new enough."""


@dataclass
class Pace:
    """When each host was last asked.

    Attributes:
        clock: Seconds, growing.
        sleep: Waits.
        last: By host.
    """

    clock: Callable[[], float]
    sleep: Callable[[float], None]
    last: dict[str, float] = field(default_factory=dict)

    def pause(self, host: str) -> None:
        """Wait until a host may be asked again."""
        wait = self.last.get(host, -GAP) + GAP - self.clock()
        if wait > 0:
            self.sleep(wait)
        self.last[host] = self.clock()


def run(
    storage: Storage, urls: Iterable[str], look: Look, *, now: Callable[[], float], fresh: float = FRESH, most: int = 0
) -> Iterator[Check]:
    """Look at addresses, and keep what was seen of each at once.

    Args:
        storage: The institution's store.
        urls: All addresses that the catalogs name; what is kept of others is dropped.
        look: How to look at one.
        now: Seconds since the epoch.
        fresh: Seconds for which an earlier look will do.
        most: How many are looked at; 0: all.

    Yields:
        What was seen, address by address.
    """
    listed = [url for url in dict.fromkeys(urls) if not addresses.problem(url)]
    linkbook.forget(storage, listed)
    known = linkbook.known(storage, listed)
    due = [url for url in listed if url not in known or now() - known[url].at >= fresh]
    due.sort(key=lambda url: known[url].at if url in known else 0)
    for url in _turns(due[:most] if most else due):
        seen = look(url)
        yield linkbook.note(
            storage, url, reason=seen.reason, status=seen.status, final=seen.url, moved=seen.moved, now=now()
        )


def _turns(urls: Iterable[str]) -> Iterator[str]:
    """The addresses, one of each host in turn.

    >>> list(_turns(["https://a.eu/1", "https://a.eu/2", "https://b.eu/1"]))
    ['https://a.eu/1', 'https://b.eu/1', 'https://a.eu/2']
    """
    queues: dict[str, deque[str]] = {}
    for url in urls:
        queues.setdefault(addresses.host(url), deque()).append(url)
    while queues:
        for host in list(queues):
            yield queues[host].popleft()
            if not queues[host]:
                del queues[host]
