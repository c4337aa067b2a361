"""GET over HTTP: one by id, by agent and verb, by activity, the latest 100; at 20,000 stored statements.

The control, in the same run: the same rows by raw SQL from the same file, still sealed, without HTTP.
"""

import json
import random
import sqlite3
import tempfile
import time
import uuid
from pathlib import Path
from urllib.parse import urlencode

import orjson

from bench import collector, report
from xapi_collector import agents, extract, keyring

STORED = 20_000
REPEATS = 60
RUNS = 5
_FULL = "SELECT s.seq, s.stored, e.body FROM statements AS s JOIN envelopes AS e ON e.seq = s.seq"
_TERM = "SELECT seq FROM terms WHERE term = (SELECT number FROM words WHERE word = ?) AND role = ?"
_KIND = " AND kind = (SELECT number FROM words WHERE word = ?)"
_LATEST = " ORDER BY seq DESC LIMIT 100"


def main() -> None:
    rng = random.Random(7)
    times = {}
    with tempfile.TemporaryDirectory() as name, collector.running(Path(name)) as lrs:
        sent = [collector.statement(rng) for _ in range(STORED)]
        for start in range(0, STORED, 500):
            lrs.request("POST", "/xapi/statements", orjson.dumps(sent[start : start + 500]))
        key = keyring.load(lrs.directory / "keyring.json").pseudonym_key
        raw = sqlite3.connect(lrs.directory / "store" / "entrepot.db")
        for _ in range(RUNS):
            for label, ask in _questions(key).items():
                for statement in rng.sample(sent, REPEATS):
                    path, sql, parameters = ask(statement)
                    taken = (
                        _timed(lambda path=path: lrs.request("GET", path)),
                        _timed(lambda sql=sql, p=parameters: raw.execute(sql, p).fetchall()),
                    )
                    for each, spent in zip(times.setdefault(label, ([], [])), taken, strict=True):
                        each.append(spent * 1e3)
        raw.close()
    targets = {
        "by id": "<= 5",
        "by agent and verb, limit 100": "<= 10",
        "by activity, limit 100": "<= 20",
        "latest 100": "<= 20",
    }
    report.write("query", [_row(label, targets[label], *each) for label, each in times.items()])


def _row(label, target, values, controls):
    runs = [values[start : start + REPEATS] for start in range(0, len(values), REPEATS)]
    medians = [sorted(each)[REPEATS // 2] for each in runs]
    control = [sorted(controls[start : start + REPEATS])[REPEATS // 2] for start in range(0, len(controls), REPEATS)]
    return report.row(f"GET {label}", medians, "ms", target=target, controls=control)


def _questions(key):
    def by_id(statement):
        return (
            _path(statementId=statement["id"]),
            f"{_FULL} WHERE s.id = ?",
            (uuid.UUID(statement["id"]).bytes,),
        )

    def by_agent(statement):
        actor, verb = statement["actor"], statement["verb"]["id"]
        return (
            _path(agent=json.dumps(actor), verb=verb, limit="100"),
            f"{_FULL} WHERE s.seq IN ({_TERM}{_KIND}{_LATEST})",
            (agents.pseudonym(actor, key), extract.AGENT, verb),
        )

    def by_activity(statement):
        activity = statement["object"]["id"]
        return (
            _path(activity=activity, limit="100"),
            f"{_FULL} WHERE s.seq IN ({_TERM}{_LATEST})",
            (activity, extract.ACTIVITY),
        )

    def latest(_):
        return _path(limit="100"), f"{_FULL} ORDER BY s.seq DESC LIMIT 100", ()

    return {
        "by id": by_id,
        "by agent and verb, limit 100": by_agent,
        "by activity, limit 100": by_activity,
        "latest 100": latest,
    }


def _path(**parameters):
    return f"/xapi/statements?{urlencode(parameters)}"


def _timed(call):
    began = time.perf_counter()
    call()
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
