"""Too many clients, and clients that send the same: no server error, and the work that is done stays as much."""

import contextlib
import itertools
import time

import pytest

from tests.storage import stores
from tests.survival import processes
from tests.xapi_collector.lrs import agent, statement

pytestmark = [pytest.mark.processes, pytest.mark.alone, pytest.mark.timeout(900)]

PEAK, SECONDS = 8, 10 if processes.SOAK else 2


def _rate(collector, clients):
    """Acknowledged batches a second, and every status."""
    made = [statement(actor=agent(str(number % 100))) for number in range(clients)]
    with processes.load(collector, lambda number: [made[number] | {"id": statement()["id"]}], clients) as met:
        time.sleep(SECONDS)
    return len(met.acknowledged) / SECONDS, set(met.statuses)


def test_five_times_the_clients_do_not_lower_what_is_stored(tmp_path):
    collector = processes.Collector(tmp_path)
    try:
        collector.start()
        _rate(collector, PEAK)
        measured = [(_rate(collector, PEAK), _rate(collector, 5 * PEAK)) for _ in range(3)]
    finally:
        collector.kill()
    peak, under_load = max(at_peak for (at_peak, _), _ in measured), max(above for _, (above, _) in measured)
    statuses = set().union(*(each for pair in measured for _, each in pair))

    processes.report(f"goodput {under_load:.0f}/s of {peak:.0f}/s")
    assert statuses <= {200, 429, 503}
    assert under_load >= 0.8 * sorted(at_peak for (at_peak, _), _ in measured)[1]


@pytest.mark.parametrize("kind", stores.STORES)
def test_eight_clients_with_overlapping_batches_meet_no_error(tmp_path, kind):
    shared = [
        statement(actor=agent(f"shared-{number}"), object={"id": f"https://course.example/{number % 20}"})
        for number in range(60)
    ]
    numbers = itertools.count()

    def batches(client):
        number = next(numbers)
        own = [statement(object={"id": f"https://course.example/{each % 20}"}) for each in range(10)]
        overlap = [shared[(number * 7 + each) % len(shared)] for each in range(20)]
        return [*own, *(overlap if client % 2 else reversed(overlap))]

    collector = processes.Collector(tmp_path, stores.url(kind, tmp_path / "store"), workers=2)
    try:
        collector.start()
        with processes.load(collector, batches, clients=8) as met:
            time.sleep(2 * SECONDS)
        with contextlib.closing(collector.client()) as client:
            again = client.post(shared)
        found = collector.ids()
    finally:
        collector.kill()

    assert set(met.statuses) == {200}
    assert again == 200
    assert len(set(found)) == len(found)
    assert set(found) >= {each["id"] for batch in met.acknowledged for each in batch}
