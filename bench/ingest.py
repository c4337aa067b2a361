"""Statements a second and CPU a statement, durably over HTTP, in POSTs of 1, 30, 100 and 500.

The control, in the same run: the same bytes parsed and inserted into a bare SQLite table (WAL, synchronous=FULL, a
unique id), without HTTP, validation, labels, sealing or indexes; the physical floor of this machine.
"""

import random
import sqlite3
import tempfile
import time
from pathlib import Path

import orjson

from bench import collector, report

SIZES = {1: 300, 30: 1500, 100: 3000, 500: 5000}  # statements a POST: statements a run
RUNS = 5
TARGETS = {1: ">= 600", 30: ">= 1500", 100: ">= 1500", 500: ">= 1500"}
CPU_TARGETS = {1: "<= 1000", 30: "<= 250", 100: "<= 180", 500: "<= 140"}


def main() -> None:
    rng = random.Random(7)
    rates = {size: ([], []) for size in SIZES}
    costs = {size: ([], []) for size in SIZES}
    with tempfile.TemporaryDirectory() as name, collector.running(Path(name)) as lrs:
        bare = _bare(Path(name) / "bare.db")
        _over_http(lrs, _bodies(rng, 100, 2000))  # warm, and not nearly empty
        for _ in range(RUNS):
            for size, count in SIZES.items():
                bodies = _bodies(rng, size, count)
                for taken, (rate, cost) in zip(
                    (_over_http(lrs, bodies), _into(bare, bodies)),
                    zip(rates[size], costs[size], strict=True),
                    strict=True,
                ):
                    rate.append(count / taken[0])
                    cost.append(taken[1] / count * 1e6)
    rows = []
    for size in SIZES:
        rows.append(
            report.row(
                f"POST {size}, statements a second",
                rates[size][0],
                "1/s",
                target=TARGETS[size],
                controls=rates[size][1],
            )
        )
        rows.append(
            report.row(
                f"POST {size}, CPU a statement", costs[size][0], "us", target=CPU_TARGETS[size], controls=costs[size][1]
            )
        )
    report.write("ingest", rows)


def _bodies(rng, size, count):
    return [orjson.dumps([collector.statement(rng) for _ in range(size)]) for _ in range(count // size)]


def _over_http(lrs, bodies):
    cpu, began = lrs.cpu(), time.perf_counter()
    for body in bodies:
        lrs.request("POST", "/xapi/statements", body)
    return time.perf_counter() - began, lrs.cpu() - cpu


def _bare(path):
    connection = sqlite3.connect(path, isolation_level=None)
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "wal_autocheckpoint=4000"):
        connection.execute(f"PRAGMA {pragma}")
    connection.execute("CREATE TABLE bare (seq INTEGER PRIMARY KEY, id TEXT UNIQUE, body BLOB)")
    return connection


def _into(bare, bodies):
    cpu, began = time.process_time(), time.perf_counter()
    for body in bodies:
        rows = [(each["id"], orjson.dumps(each)) for each in orjson.loads(body)]
        bare.execute("BEGIN IMMEDIATE")
        bare.executemany("INSERT INTO bare (id, body) VALUES (?, ?)", rows)
        bare.execute("COMMIT")
    return time.perf_counter() - began, time.process_time() - cpu


if __name__ == "__main__":
    main()
