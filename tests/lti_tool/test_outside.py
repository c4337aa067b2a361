"""How often an address without a launch is answered: all processes together keep within a minute's count."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from lti_tool import outside
from lti_tool.outside import Pace
from lti_tool.works import OUTSIDE_PACES
from storage import connect
from storage.port import Storage
from tests.storage import stores

NOON = 43_200.0


@pytest.fixture(params=stores.STORES)
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Storage]:
    opened = connect.connect(stores.url(request.param, tmp_path / "store"), OUTSIDE_PACES)
    yield opened
    opened.close()


def test_processes_share_the_requests_of_a_minute_for_each_address(storage: Storage) -> None:
    paces = [Pace(storage) for _ in range(3)]

    def asked(now: float, address: str = "a") -> int:
        return sum(paces[number % 3].allows(address, now) for number in range(outside.EACH_MINUTE * 2))

    assert asked(NOON) == outside.EACH_MINUTE
    assert asked(NOON, "b") == outside.EACH_MINUTE
    assert asked(NOON + 60) == outside.EACH_MINUTE


def test_at_the_same_moment_none_is_answered_twice(storage: Storage) -> None:
    paces, answered = [Pace(storage) for _ in range(4)], []

    def ask(pace: Pace) -> None:
        answered.append(sum(pace.allows("a", NOON) for _ in range(outside.EACH_MINUTE)))

    threads = [threading.Thread(target=ask, args=(pace,)) for pace in paces]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sum(answered) == outside.EACH_MINUTE


def test_counts_of_addresses_that_nobody_asks_for_go(storage: Storage) -> None:
    for number in range(3):
        Pace(storage).allows(f"address-{number}", NOON + number * outside.DAY)

    assert outside.tidy(storage, NOON + 2 * outside.DAY) == 1
    assert [one["address"] for one in storage.find(OUTSIDE_PACES, {})] == ["address-1", "address-2"]
