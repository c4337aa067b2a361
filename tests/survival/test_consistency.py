"""X-Experience-API-Consistent-Through under load: it promises nothing that is not there yet, and it does not lag."""

import threading
import time
from bisect import bisect_right

import pytest

from tests.storage import stores


def _clock():
    return time.time_ns() // 1000


@pytest.mark.parametrize("kind", stores.STORES)
def test_what_was_stored_up_to_the_promised_time_could_be_read(kind, tmp_path):
    address = stores.url(kind, tmp_path / "store")
    opened = [stores.open_store(address) for _ in range(4)]
    stop, promises = threading.Event(), []

    def write(store):
        while not stop.is_set():
            store.statements.append([stores.row() for _ in range(200)], _clock)  # long enough to be seen open
            time.sleep(0.03)

    def watch(store):
        while not stop.is_set():
            through = store.statements.consistent_through(_clock)
            promises.append((through, store.statements.last()))

    threads = [threading.Thread(target=write, args=(store,)) for store in opened[:2]]
    threads.append(threading.Thread(target=watch, args=(opened[2],)))
    for thread in threads:
        thread.start()
    time.sleep(2)
    until = time.monotonic() + 30
    while len(promises) <= 20 and time.monotonic() < until:
        time.sleep(0.1)
    stop.set()
    for thread in threads:
        thread.join()
    stored = [(row.stored, row.seq) for row in opened[3].statements.labels()]
    for store in opened:
        store.close()

    assert len(promises) > 10
    assert len(stored) > 10
    times, seqs = zip(*stored, strict=True)  # both grow
    for through, last in promises:
        place = bisect_right(times, through)
        assert place == 0 or seqs[place - 1] <= last


@pytest.mark.parametrize("kind", stores.STORES)
def test_in_an_idle_store_the_promise_does_not_lag(kind, tmp_path):
    store = stores.open_store(stores.url(kind, tmp_path / "store"))
    store.statements.append([stores.row()], _clock)
    time.sleep(0.2)
    through = store.statements.consistent_through(_clock)
    later = store.statements.append([stores.row()], _clock)
    store.close()

    assert abs(_clock() - through) < 2_000_000
    assert later > through
