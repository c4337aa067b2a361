"""Counters over several processes."""

import os
import re
import subprocess
import sys

import pytest

from xapi_collector.watch import metrics
from xapi_collector.watch.metrics import Counters, Gauge, render


def value(text, line):
    """The number behind a name with its labels."""
    return float(re.search(rf"^entrepot_lrs_{re.escape(line)} (\S+)$", text, re.MULTILINE)[1])


def test_requests_are_counted_by_route_method_and_status():
    counters = Counters(None)
    counters.request("/xapi/statements", "POST", 200, 0.002)
    counters.request("/xapi/statements", "POST", 200, 0.002)
    counters.request("/xapi/statements", "POST", 400, 0.002)
    text = render(counters, [])

    assert value(text, 'requests_total{route="/xapi/statements",method="POST",status="200"}') == 2
    assert value(text, 'requests_total{route="/xapi/statements",method="POST",status="400"}') == 1


@pytest.mark.parametrize(
    ("seconds", "first"),
    [(0.0, "0.001"), (0.001, "0.001"), (0.0011, "0.0025"), (0.9, "1"), (10.0, "10"), (11.0, "+Inf")],
)
def test_a_duration_counts_in_its_class_and_all_above(seconds, first):
    counters = Counters(None)
    counters.request("/r", "GET", 200, seconds)
    text = render(counters, [])
    bounds = re.findall(r'le="([^"]+)"\} 1$', text, re.MULTILINE)

    assert bounds[0] == first
    assert bounds[-1] == "+Inf"
    assert value(text, 'request_seconds_sum{route="/r",method="GET"}') == seconds
    assert value(text, 'request_seconds_count{route="/r",method="GET"}') == 1


def test_refusals_are_counted_apart():
    counters = Counters(None)
    for status in (200, 401, 403, 429, 429, 429):
        counters.request("/r", "GET", status, 0.1)
    counters.add("refused", "Conflict")
    counters.add("statements", amount=30)
    text = render(counters, [])

    assert value(text, "credentials_refused_total") == 2
    assert value(text, "rate_limited_total") == 3
    assert value(text, 'refused_total{kind="Conflict"}') == 1
    assert value(text, "statements_total") == 30


def test_every_family_has_one_head_and_every_line_a_family():
    counters = Counters(None)
    counters.request("/r", "GET", 200, 0.1)
    text = render(counters, [Gauge("lag", "how far", 1, {"to": 'a"b\\'}), Gauge("lag", "how far", 2, {"to": "c"})])
    heads = re.findall(r"^# TYPE (\S+) (?:counter|gauge|histogram)$", text, re.MULTILINE)
    names = {re.sub(r"_(bucket|sum|count)$", "", name) for name in re.findall(r"^(entrepot_\w+)", text, re.MULTILINE)}

    assert len(set(heads)) == len(heads)
    assert names <= set(heads)
    assert text.count('entrepot_lrs_lag{to="a\\"b\\\\"} 1\n') == 1


def test_what_several_workers_counted_is_added_up(tmp_path):
    workers = [Counters(tmp_path) for _ in range(3)]
    for counters in workers:
        counters.request("/r", "GET", 200, 0.1)
    workers[0].add("statements", amount=5)
    texts = {render(counters, []) for counters in workers}

    assert len(texts) == 1
    assert value(texts.pop(), 'requests_total{route="/r",method="GET",status="200"}') == 3


def test_what_a_killed_worker_counted_stays_and_its_file_is_taken_over(tmp_path):
    script = (
        "import os, signal, sys; from pathlib import Path; from xapi_collector.watch.metrics import Counters\n"
        "Counters(Path(sys.argv[1])).add('statements', amount=7); os.kill(os.getpid(), signal.SIGKILL)"
    )
    for _ in range(3):
        subprocess.run([sys.executable, "-c", script, str(tmp_path)], check=False)
    counters = Counters(tmp_path)
    counters.add("statements", amount=1)

    assert value(render(counters, []), "statements_total") == 22
    assert len(list(tmp_path.iterdir())) == 1


def test_a_directory_that_cannot_be_written_does_not_stop_the_collector(tmp_path):
    counters = Counters(tmp_path / "missing")
    counters.add("statements", amount=2)

    assert value(render(counters, []), "statements_total") == 2


def test_a_file_that_takes_no_bytes_does_not_stop_the_collector(tmp_path):
    os.mkfifo(tmp_path / "0.counters")
    counters = Counters(tmp_path)
    counters.add("statements", amount=2)
    (tmp_path / "0.counters").unlink()

    assert value(render(counters, []), "statements_total") == 2


def test_more_names_than_there_is_room_for_are_counted_together():
    counters = Counters(None)
    for number in range(metrics._SLOTS + 10):
        counters.request(f"/{number}", "GET", 200, 0.1)
    totals = counters.totals()

    assert len(totals) == metrics._SLOTS
    assert sum(totals["other",][:14]) == 11


def test_two_threads_lose_no_count():
    import threading

    counters = Counters(None)
    threads = [threading.Thread(target=lambda: [counters.add("statements") for _ in range(20_000)]) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert value(render(counters, []), "statements_total") == 60_000
