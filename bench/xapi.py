"""The record store: CPU of server and database a statement, and what two cores give with the client on them.

Granian over SQLite, every batch on the disk before its answer, 20,000 stored at the start. The control in the same run
is the physical floor: the same bytes parsed and inserted into a bare table (WAL, synchronous=FULL, a unique id),
without HTTP, checks, labels, sealing or index. `--large` asks the same questions again at 100,000 and at 1,000,000.
"""

import argparse
import contextlib
import json
import os
import random
import signal
import socket
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

import orjson
import psutil

from bench import records, report, xapi_client
from storage import connect
from xapi_collector import envelope, keyring, settings, statements
from xapi_collector.collector import Collector
from xapi_collector.door import auth
from xapi_collector.grammar import jsontext

STORED = 20_000
SIZES = {1: 1_600, 30: 6_000, 100: 10_000, 500: 20_000}  # statements a POST: statements a run
AT_MOST = {1: 1.0, 30: 0.25, 100: 0.18, 500: 0.14}  # ms
RATES = {1: 1_000, 30: 5_000, 100: 7_000, 500: 9_000}
LISTS = (1, 20, 100)  # rows a page, to tell the base from the row


@dataclass
class Server:
    """A running collector."""

    port: int
    headers: dict[str, str]
    process: psutil.Process
    directory: Path

    def cpu(self) -> float:
        """User and system seconds so far, of the process and its workers; the database is in them."""
        each = [one.cpu_times() for one in (self.process, *self.process.children(recursive=True))]
        return sum(one.user + one.system for one in each)

    def load(self, requests: list[bytes], clients: int = 8) -> tuple[float, xapi_client.Outcome]:
        """The server's CPU seconds for the requests, and what the client saw; an error ends the run."""
        before = self.cpu()
        outcome = xapi_client.load(self.port, requests, clients)
        if any(status >= 300 for status in outcome.statuses):
            msg = f"The collector answered {outcome.statuses}."
            raise SystemExit(msg)
        return self.cpu() - before, outcome


@contextlib.contextmanager
def serving(directory: Path, workers: int) -> Iterator[Server]:
    """A collector over the store in the directory, made if it is new."""
    path = directory / "keyring.json"
    keys = keyring.load(path) if path.exists() else keyring.create(path)
    url = f"sqlite:///{directory}/store"
    with contextlib.closing(connect.connect(url, *settings.COLLECTIONS)) as storage:
        key, secret = auth.create_credential(storage, keys, "bench")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environ = {
        "ENTREPOT_STORAGE": url,
        "ENTREPOT_KEYRING": str(path),
        "ENTREPOT_INSTITUTION": "bench",
        "ENTREPOT_XAPI_URL": f"http://127.0.0.1:{port}/xapi",
        "ENTREPOT_XAPI_RATE": "0",
    }
    command = [sys.executable, "-m", "entrepot.cli", "collector", "--host", "127.0.0.1", "--port", str(port)]
    process = subprocess.Popen(
        [*command, "--workers", str(workers)],
        env=os.environ | environ,
        start_new_session=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait(port)
        yield Server(port, xapi_client.headers(key, secret), psutil.Process(process.pid), directory)
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _wait(port: int) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.05)
    raise SystemExit("The collector did not start.")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--large", action="store_true", help="also at 100,000 and 1,000,000 stored (some minutes)")
    parser.add_argument("--runs", type=int, default=5)
    chosen = parser.parse_args()
    rng = random.Random(7)
    rows = []
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        sent = fill(directory, rng, STORED)
        rows += _posts(directory, rng, chosen.runs)
        rows += _reads(directory, rng, sent, chosen.runs, "")
        if chosen.large:
            for suffix, stored in (("_100k", 100_000), ("_1m", 1_000_000)):
                sent += fill(directory, rng, stored - len(sent))
                rows += _reads(directory, rng, sent, chosen.runs, suffix)
                rows += _hard(directory, rng, sent, suffix)
    report.write("xapi", rows)


def fill(directory: Path, rng: random.Random, count: int) -> list[dict]:
    """Store so many statements without HTTP, by the collector's own write path; answer a sample of those stored."""
    path = directory / "keyring.json"
    keys = keyring.load(path) if path.exists() else keyring.create(path)
    sample = []
    with contextlib.closing(connect.connect(f"sqlite:///{directory}/store", *settings.COLLECTIONS)) as storage:
        data_keys = envelope.DataKeys(storage, keys.sealing_key, os.urandom)
        hands = Collector(
            storage, keys, data_keys, lambda: time.time_ns() // 1000, os.urandom, lambda: str(uuid.uuid4())
        )
        for start in range(0, count, 500):
            batch = [records.statement(rng) for _ in range(min(500, count - start))]
            statements.ingest(hands, jsontext.parse(orjson.dumps(batch), 500), '{"objectType":"Agent"}')
            sample += batch if count <= STORED else batch[:10]
            if start % 100_000 == 0 and count > STORED:
                sys.stderr.write(f"  filling: {start:,} of {count:,}\n")
    return sample


def _posts(directory: Path, rng: random.Random, runs: int) -> list[dict]:
    costs: dict[int, list[float]] = {size: [] for size in SIZES}
    rates: dict[int, list[float]] = {size: [] for size in SIZES}
    tails: list[float] = []
    tails_two: list[float] = []
    floors: list[float] = []
    bare = _bare(directory / "bare.db")
    with serving(directory, 1) as one:
        _post(one, _bodies(rng, 100, 2_000))
        for _ in range(runs):
            for size, count in SIZES.items():
                bodies = _bodies(rng, size, count)
                cpu, outcome = _post(one, bodies)
                costs[size].append(cpu / count * 1e3)
                if size == 1:
                    tails.append(outcome.p99() * 1e3)
                if size == 100:
                    floors.append(_into(bare, bodies) / count * 1e3)
    with serving(directory, 2) as two:
        _post(two, _bodies(rng, 100, 2_000))
        for _ in range(runs):
            for size, count in SIZES.items():
                _, outcome = _post(two, _bodies(rng, size, count))
                rates[size].append(count / outcome.seconds)
                if size == 1:
                    tails_two.append(outcome.p99() * 1e3)
    rows = [report.row("post_1_cpu_ms", costs[1], "ms", target=f"<= {AT_MOST[1]}", controls=floors)]
    for size in (30, 100, 500):
        target = f"<= {AT_MOST[size]}"
        rows.append(report.row(f"post_{size}_cpu_ms_per_statement", costs[size], "ms", target=target, controls=floors))
    rows.append(report.row("floor_cpu_ms_per_statement", floors, "ms"))
    rows.append(report.row("post_1_p99_ms", tails, "ms", target="<= 20"))
    rows.append(report.row("post_1_p99_ms_two_workers", tails_two, "ms", target="<= 20"))
    rows += [
        report.row(f"durable_statements_per_second_{size}", rates[size], "1/s", target=f">= {RATES[size]}")
        for size in SIZES
    ]
    return rows


def _bodies(rng: random.Random, size: int, count: int) -> list[bytes]:
    if size == 1:
        return [orjson.dumps(records.statement(rng)) for _ in range(count)]
    return [orjson.dumps([records.statement(rng) for _ in range(size)]) for _ in range(count // size)]


def _post(server: Server, bodies: list[bytes]) -> tuple[float, xapi_client.Outcome]:
    return server.load([xapi_client.request("POST", "/xapi/statements", server.headers, body) for body in bodies])


def _bare(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None)
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "wal_autocheckpoint=4000"):
        connection.execute(f"PRAGMA {pragma}")
    connection.execute("CREATE TABLE bare (seq INTEGER PRIMARY KEY, id TEXT UNIQUE, body BLOB)")
    return connection


def _into(bare: sqlite3.Connection, bodies: list[bytes]) -> float:
    before = time.process_time()
    for body in bodies:
        rows = [(each["id"], orjson.dumps(each)) for each in orjson.loads(body)]
        bare.execute("BEGIN IMMEDIATE")
        bare.executemany("INSERT INTO bare (id, body) VALUES (?, ?)", rows)
        bare.execute("COMMIT")
    return time.process_time() - before


def _path(**parameters: str) -> str:
    return f"/xapi/statements?{urlencode(parameters)}"


def _questions() -> dict[str, Callable[[dict, int], str]]:
    """Every kind of list: a statement that is stored, and how many rows are wanted -> the path."""

    def actor(statement: dict) -> str:
        return json.dumps(statement["actor"])

    def course(statement: dict) -> str:
        return statement["context"]["contextActivities"]["grouping"][0]["id"]

    return {
        "latest": lambda _, limit: _path(limit=str(limit)),
        "verb": lambda one, limit: _path(verb=one["verb"]["id"], limit=str(limit)),
        "activity": lambda one, limit: _path(activity=one["object"]["id"], limit=str(limit)),
        "related": lambda one, limit: _path(activity=course(one), related_activities="true", limit=str(limit)),
        "related, verb": lambda one, limit: _path(
            activity=course(one), related_activities="true", verb=one["verb"]["id"], limit=str(limit)
        ),
        "agent": lambda one, limit: _path(agent=actor(one), limit=str(limit)),
        "agent, related": lambda one, limit: _path(agent=actor(one), related_agents="true", limit=str(limit)),
        "agent, verb": lambda one, limit: _path(agent=actor(one), verb=one["verb"]["id"], limit=str(limit)),
        "since": lambda _, limit: _path(since="2026-01-01T00:00:00Z", ascending="true", limit=str(limit)),
        "registration": lambda one, limit: _path(registration=one["context"]["registration"], limit=str(limit)),
    }


def _reads(directory: Path, rng: random.Random, sent: list[dict], runs: int, suffix: str) -> list[dict]:
    ids: list[float] = []
    bases: list[float] = []
    per_row: list[float] = []
    kinds: dict[str, list[float]] = {name: [] for name in _questions()}
    with serving(directory, 1) as server:
        for _ in range(runs):
            cpu, _outcome = server.load([_get(server, _path(statementId=one["id"])) for one in rng.sample(sent, 1_000)])
            ids.append(cpu)  # ms each: 1,000 of them
            costs = []
            for limit in LISTS:
                cpu, _outcome = server.load([_get(server, _path(limit=str(limit))) for _ in range(400)])
                costs.append(cpu / 400 * 1e6)
            slope, base = statistics.linear_regression(LISTS, costs)
            bases.append(base / 1e3)
            per_row.append(slope)
            for name, ask in _questions().items():
                asked = [_get(server, ask(one, 20)) for one in rng.sample(sent, 200)]
                cpu, _outcome = server.load(asked)
                kinds[name].append(cpu / len(asked) * 1e3)
    rows = [
        report.row(f"get_id_cpu_ms{suffix}", ids, "ms", target="<= 0.4"),
        report.row(f"list_base_cpu_ms{suffix}", bases, "ms", target="<= 0.4"),
        report.row(f"list_row_cpu_us{suffix}", per_row, "us", target="<= 15"),
    ]
    rows += [report.row(f"list 20 by {name}{suffix}", values, "ms", target="<= 0.7") for name, values in kinds.items()]
    return rows


def _get(server: Server, path: str) -> bytes:
    return xapi_client.request("GET", path, server.headers)


def _hard(directory: Path, rng: random.Random, sent: list[dict], suffix: str) -> list[dict]:
    """Filters that match nothing or little, combined: every one of them bounded."""
    nobody = json.dumps({"account": {"homePage": "https://lms.example.edu", "name": "nobody"}})
    never = records.VERBS[-1]
    course = sent[0]["context"]["contextActivities"]["grouping"][0]["id"]
    even = "https://lms.example.edu/course/2"
    section = "https://lms.example.edu/section/99"
    hard = {
        "nobody": _path(agent=nobody),
        "a verb, in a course without it": _path(activity=even, related_activities="true", verb=never),
        "a registration, of another course": _path(
            registration=sent[0]["context"]["registration"], activity=section, related_activities="true"
        ),
        "two that never meet": _path(
            activity=course, related_activities="true", agent=json.dumps({"mbox": "mailto:a@b.example"})
        ),
        "a course as a plain object": _path(activity=course, verb=sent[0]["verb"]["id"]),
        "a learner, in a course, a verb": _path(
            agent=json.dumps(sent[0]["actor"]), activity=course, related_activities="true", verb=sent[0]["verb"]["id"]
        ),
        "a course and a time without rows": _path(
            activity=course, related_activities="true", since="2030-01-01T00:00:00Z"
        ),
        "a unit by another verb, related": _path(
            activity=sent[1]["object"]["id"], related_activities="true", verb=sent[0]["verb"]["id"], limit="500"
        ),
    }
    rows = []
    slowest = []
    with serving(directory, 1) as server:
        for name, path in hard.items():
            _cpu, outcome = server.load([_get(server, path)] * 100, clients=1)
            rows.append(report.row(f"p99 of {name}{suffix}", [outcome.p99() * 1e3], "ms", target="<= 50"))
            slowest.append(outcome.p99() * 1e3)
    rng.shuffle(rows)
    return [report.row(f"filter_none_p99_ms{suffix}", [max(slowest)], "ms", target="<= 50"), *rows]


if __name__ == "__main__":
    main()
