"""Send statements to collectors over HTTP, as any xAPI sender would: batches, one connection a collector, progress."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from typing import Any

import orjson
import requests

from entrepot import errors

BATCH = 200
_HEADERS = {"X-Experience-API-Version": "1.0.3", "Content-Type": "application/json"}


@dataclass(frozen=True, slots=True)
class Target:
    """A collector to send to: its public base URL and a Basic credential."""

    url: str
    key: str
    secret: str


def send(target: Target, statements: Iterable[dict[str, Any]], sent: Callable[[int], None]) -> int:
    """POST statements in batches; call `sent(n)` after each batch that the collector acknowledged.

    Returns:
        How many were acknowledged.

    Raises:
        errors.EntrepotError: if the collector refuses a batch; names its answer.
    """
    total = 0
    rest = iter(statements)
    with requests.Session() as session:
        session.auth = (target.key, target.secret)
        session.headers.update(_HEADERS)
        while batch := list(islice(rest, BATCH)):
            answer = session.post(f"{target.url}/statements", data=orjson.dumps(batch), timeout=60)
            if answer.status_code != 200:
                message = f"{target.url} refused a batch with {answer.status_code}: {answer.text[:300]}"
                raise errors.EntrepotError(message)
            total += len(batch)
            sent(len(batch))
    return total


def send_all(
    work: Sequence[tuple[Target, int, Iterable[dict[str, Any]]]], progress: Callable[[int, int, float], None]
) -> tuple[int, float]:
    """Send to every target at once, one thread each.

    Args:
        work: whom to send to, how many statements, and the statements; made while they are sent.
        progress: called with (acknowledged so far, total, seconds so far) about five times a second.

    Returns:
        Statements acknowledged, seconds from the first request to the last answer.
    """
    total = sum(count for _, count, _ in work)
    counts: list[int] = []  # list.append is atomic: the threads only add to it
    began = time.monotonic()
    with ThreadPoolExecutor(max_workers=len(work)) as pool:
        running = [pool.submit(send, target, statements, counts.append) for target, _, statements in work]
        while not all(future.done() for future in running):
            progress(sum(counts), total, time.monotonic() - began)
            time.sleep(0.2)
        acknowledged = sum(future.result() for future in running)
    seconds = time.monotonic() - began
    progress(acknowledged, total, seconds)
    return acknowledged, seconds
