"""A database that is away: 503, never a 200 that was not stored, and on as soon as it is back."""

import signal
import time

import pytest

from tests.storage import mongo_server
from tests.survival import processes
from tests.xapi_collector.lrs import statement

pytestmark = [pytest.mark.processes, pytest.mark.alone, pytest.mark.timeout(900)]

AWAY_S = 60 if processes.SOAK else 3


def _return(client, began, limit=30):
    """Post until it is taken."""
    while (status := client.post([statement()])) != 200:
        assert status == 503
        assert time.monotonic() < began + limit
        time.sleep(0.1)


@pytest.mark.parametrize("how", ["stopped", "killed"])
def test_while_the_database_is_away_nothing_is_acknowledged_that_is_not_stored(tmp_path, how):
    port = processes.free_port()
    database = mongo_server.start(port, tmp_path / "mongo")
    collector = processes.Collector(tmp_path, f"mongodb://127.0.0.1:{port}/away?directConnection=true")
    try:
        collector.start()
        client = collector.client(timeout=60)
        acknowledged, statuses, longest = [], [], 0.0
        with processes.load(collector, lambda _: [statement() for _ in range(3)], clients=2, pause=0.05) as met:
            while len(met.acknowledged) < 3:
                time.sleep(0.01)
            if how == "stopped":
                database.send_signal(signal.SIGSTOP)
            else:
                database.kill()
                database.wait()
            began = time.monotonic()
            while time.monotonic() < began + AWAY_S:
                asked = time.monotonic()
                statuses.append(client.send("GET", "/statements?limit=1")[0])
                longest = max(longest, time.monotonic() - asked)
                time.sleep(0.1)
            if how == "stopped":
                database.send_signal(signal.SIGCONT)
            else:
                database = mongo_server.start(port, tmp_path / "mongo")
            _return(client, time.monotonic())
        acknowledged = [each["id"] for batch in met.acknowledged for each in batch]
        found = collector.ids()
    finally:
        collector.kill()
        database.send_signal(signal.SIGCONT)
        database.kill()
        database.wait()

    assert set(statuses) <= {200, 503}
    assert 503 in statuses
    assert set(met.statuses) <= {200, 503}
    assert longest < 12  # one wait inside of a request that had begun, and one at the door
    assert set(acknowledged) <= set(found)
    assert len(set(found)) == len(found)
