"""Memory under load stays flat."""

import statistics
import time

import pytest

from tests.survival import processes
from tests.xapi_collector.lrs import agent, statement

WARM_S, SECONDS = (120, 1_800) if processes.SOAK else (5, 12)

pytestmark = [pytest.mark.processes, pytest.mark.alone, pytest.mark.timeout(WARM_S + SECONDS + 120)]


def test_memory_is_flat_under_load(tmp_path):
    collector = processes.Collector(tmp_path)
    made = [[statement(actor=agent(str(number % 500))) for number in range(30)] for _ in range(4)]

    def batches(client):
        return [each | {"id": statement()["id"]} for each in made[client]]

    sizes, files = [], []
    try:
        collector.start()
        (worker,) = (each for each in collector.workers_alive() if each.children() == [] and each.num_threads() > 1)
        with processes.load(collector, batches, clients=4, pause=0.1) as met:
            time.sleep(WARM_S)
            for _ in range(SECONDS):
                sizes.append(worker.memory_info().rss)
                files.append(worker.num_fds())
                time.sleep(1)
    finally:
        collector.kill()
    early, late = statistics.median(sizes[: len(sizes) // 3]), statistics.median(sizes[-len(sizes) // 3 :])

    processes.report(f"{early / 2**20:.1f} MiB, then {late / 2**20:.1f} MiB; {len(met.acknowledged)} batches")
    assert met.acknowledged
    assert abs(late - early) <= 0.1 * early
    assert max(files[-5:]) <= max(files[:5]) + 4
