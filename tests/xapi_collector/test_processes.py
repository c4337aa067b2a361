"""The collector as real processes: killed, stopped, and used by many at once."""

import threading
import time

import pytest
import requests

from tests.xapi_collector import server
from tests.xapi_collector.lrs import agent, statement
from xapi_collector import label, statements

pytestmark = [pytest.mark.processes, pytest.mark.waits]


@pytest.fixture
def collector(tmp_path):
    with server.made(tmp_path) as made:
        yield made


def _send(collector, batches, acknowledged, statuses):
    with requests.Session() as session:
        session.headers.update(collector.headers)
        for batch in batches:
            try:
                answer = session.post(collector.url, json=batch, timeout=30)
            except requests.ConnectionError:
                return
            statuses.append(answer.status_code)
            if answer.ok:
                acknowledged.extend(answer.json())


def _load(collector, loads):
    """Send each list of batches by a thread of its own; answer the threads, the acknowledged ids and the statuses."""
    acknowledged, statuses = [], []
    threads = [threading.Thread(target=_send, args=(collector, load, acknowledged, statuses)) for load in loads]
    for thread in threads:
        thread.start()
    return threads, acknowledged, statuses


def _stored(collector) -> list[label.Label]:
    storage = collector.open()
    found = list(statements.labels(storage, purpose="service"))
    storage.close()
    return found


@pytest.mark.parametrize("seconds", [0.15, 0.4])
def test_killed_under_load_it_loses_and_doubles_nothing_acknowledged(collector, seconds):
    collector.start(workers=2)
    size = 7
    loads = [[[statement() for _ in range(size)] for _ in range(400)] for _ in range(2)]
    batches = [batch for load in loads for batch in load]
    batch_of = {each["id"]: number for number, batch in enumerate(batches) for each in batch}
    threads, acknowledged, _ = _load(collector, loads)
    while not acknowledged:
        time.sleep(0.01)
    time.sleep(seconds)
    collector.kill()
    for thread in threads:
        thread.join()
    found = _stored(collector)
    ids = [each.id for each in found]
    collector.start()
    again = [batch for batch in batches if batch[0]["id"] in set(ids)]

    assert len(acknowledged) >= size
    assert set(acknowledged) <= set(ids)
    assert len(set(ids)) == len(ids)
    for start in range(0, len(ids), size):
        assert len({batch_of[each] for each in ids[start : start + size]}) == 1
    assert [each.seq for each in found] == list(range(1, len(ids) + 1))
    assert requests.post(collector.url, json=again[-1], headers=collector.headers, timeout=30).status_code == 200
    assert len(_stored(collector)) == len(ids)


def test_many_clients_with_overlapping_batches_meet_no_server_error(collector):
    collector.start(workers=2)
    shared = [statement(actor=agent(f"new-{number}")) for number in range(30)]
    loads = [
        [
            [*(statement(actor=agent(f"{client}-{number}-{each}")) for each in range(5)), *shared[number : number + 5]]
            for number in range(12)
        ]
        for client in range(6)
    ]
    threads, acknowledged, statuses = _load(collector, loads)
    for thread in threads:
        thread.join()

    assert statuses == [200] * 72
    assert len(_stored(collector)) == len(set(acknowledged)) == 6 * 12 * 5 + 16


def test_ended_by_a_signal_it_closes_the_store_and_leaves_no_process(collector):
    collector.start()
    requests.post(collector.url, json=statement(), headers=collector.headers, timeout=30)

    assert collector.stop()
    assert not (collector.directory / "store" / "entrepot.db-wal").exists()


def test_a_body_that_is_longer_than_it_says_is_bounded(collector):
    collector.start()
    pieces = (b'{"a":"' if number == 0 else b"x" * 65536 for number in range(100))
    answer = requests.post(
        collector.url, data=pieces, headers=collector.headers | {"Content-Type": "application/json"}, timeout=30
    )
    small = requests.post(
        collector.url,
        data=iter([b"[", b"]"]),
        headers=collector.headers | {"Content-Type": "application/json"},
        timeout=30,
    )

    assert answer.status_code == 413
    assert (small.status_code, small.json()) == (200, [])
