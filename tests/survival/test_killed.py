"""Kill -9 of the collector under load: nothing acknowledged is lost or doubled, batches are whole, it comes back."""

import itertools
import random
import statistics
import time

import pytest

from tests.storage import stores
from tests.survival import processes
from tests.xapi_collector.lrs import agent, statement

pytestmark = [pytest.mark.processes, pytest.mark.alone, pytest.mark.timeout(1800)]

SQLITE_KILLS, OTHER_KILLS = (200, 20) if processes.SOAK else (10, 2)
SIZES = (1, 3, 17)
READY_S = 2.0


def _batches(sizes=SIZES):
    """Batches of a size for each writer; each statement says in its response which batch it is of, and how large."""
    numbers = itertools.count()

    def batch(writer):
        number, size = next(numbers), sizes[writer % len(sizes)]
        return [
            statement(actor=agent(f"{writer}-{number % 50}"), result={"response": f"{number}/{size}"})
            for _ in range(size)
        ]

    return batch


def _whole(found, sent):
    """Whether what is stored falls into whole batches, each in one piece."""
    batch_of = {each["id"]: index for index, batch in enumerate(sent) for each in batch}
    for index, group in itertools.groupby(found, key=batch_of.__getitem__):
        if [each["id"] for each in sent[index]] != list(group):
            return False
    return True


@pytest.mark.parametrize(("kind", "kills"), [("sqlite", SQLITE_KILLS), (stores.STORES[-1], OTHER_KILLS)])
def test_killed_under_load_it_loses_and_doubles_nothing(tmp_path, kind, kills):
    collector = processes.Collector(tmp_path, stores.url(kind, tmp_path / "store"), workers=2)
    chance, make, sent, acknowledged, ready = random.Random(1), _batches(), [], [], []

    def batches(writer):
        batch = make(writer)
        sent.append(batch)
        return batch

    try:
        for _ in range(kills):
            ready.append(collector.start())
            with processes.load(collector, batches, clients=3) as met:
                began = time.monotonic()
                while not met.acknowledged and time.monotonic() < began + 10:
                    time.sleep(0.005)
                time.sleep(chance.uniform(0, 0.25))
                collector.kill()
            acknowledged += met.acknowledged
            assert met.acknowledged
            assert set(met.statuses) == {200}
        found = collector.ids()
        ready.append(collector.start())
        again = collector.client().post(acknowledged[-1])
    finally:
        collector.kill()

    assert len(set(found)) == len(found)
    assert {each["id"] for batch in acknowledged for each in batch} <= set(found)
    assert _whole(found, sent)
    assert again == 200
    assert len(collector.ids()) == len(found)
    processes.report(f"{kind}: ready after {statistics.median(ready):.2f} s (median), {max(ready):.2f} s (most)")
    assert statistics.median(ready) <= READY_S
