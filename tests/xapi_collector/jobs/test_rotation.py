"""`entrepot lrs rotate-pseudonyms`, also as a process that is killed again and again while a collector serves."""

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time

import pytest
import requests

from tests.xapi_collector import lrs as builders
from tests.xapi_collector import offices, persons, server
from tests.xapi_collector.lrs import agent, statement
from xapi_collector import agents, errors, keyring, settings, statements
from xapi_collector.upkeep import rotation


@pytest.fixture
def unhurried(monkeypatch):
    monkeypatch.setattr(rotation, "SETTLE", 0)


def test_a_rotation_ends_with_one_new_key(quick, unhurried, capsys):
    one = statement(actor=agent("Ada"))
    quick.post(one)
    old = quick.keys.states[0].id
    assert offices.run(quick, "rotate-pseudonyms", "start") == 0
    out = capsys.readouterr().out

    assert quick.keys.states[0].id != old
    assert f"The pseudonym key is {quick.keys.states[0].id}; nothing bears an old name." in out
    assert quick.ids(agent=agent("Ada")) == [one["id"]]


def test_how_far_it_is_can_be_asked(quick, unhurried, capsys):
    offices.run(quick, "rotate-pseudonyms", "status")
    assert "No rotation is under way." in capsys.readouterr().out
    rotation._announce(
        rotation.Rotation(persons.collector(quick), settings.COLLECTIONS, lambda _: None, lambda _: None)
    )
    offices.run(quick, "rotate-pseudonyms", "status")
    out = capsys.readouterr().out

    assert f"key {quick.keys.states[1].id}: coming" in out
    assert "announced, statement 0 of 0" in out
    with pytest.raises(errors.JobError, match="has not ended"):
        offices.run(quick, "rotate-pseudonyms", "start")
    assert offices.run(quick, "rotate-pseudonyms", "resume") == 0


def test_there_is_nothing_to_go_on_with_before_a_beginning(quick):
    with pytest.raises(errors.JobError, match="No rotation was begun"):
        offices.run(quick, "rotate-pseudonyms", "resume")


_JOB = """
import argparse, itertools, os, signal, sys
from storage import sqlite, sqlite_statements
from xapi_collector import cli, keyring, settings
from xapi_collector.upkeep import rewriting, rotation

steps, last = itertools.count(1), int(os.environ["DIE_AFTER"])

def deadly(owner, name):
    real = getattr(owner, name)
    def step(*arguments, **options):
        result = real(*arguments, **options)
        if next(steps) == last:
            os.kill(os.getpid(), signal.SIGKILL)
        return result
    setattr(owner, name, step)

for name in ("insert_missing", "replace", "delete", "scrub"):
    deadly(sqlite.Sqlite, name)
for name in ("rewrite", "forget", "remove"):
    deadly(sqlite_statements.Statements, name)
deadly(keyring, "change")
rotation.SETTLE, rewriting.BATCH = 0.1, 20
parser = argparse.ArgumentParser()
cli.add(parser)
sys.exit(cli.run(parser.parse_args(sys.argv[1:]), os.environ, settings.COLLECTIONS))
"""
DEATHS = (1, 2, 3, 4, 5, 7, 9, 12, 16, 21, 27, 35)
"""After so many writes each run is killed, the one after them never."""


def _run(collector, action, die_after):
    environ = os.environ | {
        "ENTREPOT_STORAGE": f"sqlite:///{collector.directory}/store",
        "ENTREPOT_KEYRING": str(collector.directory / "keyring.json"),
        "ENTREPOT_INSTITUTION": "tests",
        "ENTREPOT_XAPI_URL": "https://lrs.example/xapi",
        "DIE_AFTER": str(die_after),
    }
    command = [sys.executable, "-c", _JOB, "rotate-pseudonyms", action]
    return subprocess.run(command, env=environ, capture_output=True, check=False, timeout=60)


def _write(collector, ids, end):
    """Send statements of a few persons until the end, and keep the ids that were acknowledged."""
    with requests.Session() as session:
        session.headers.update(collector.headers)
        while not end.is_set():
            batch = [statement(actor=agent(f"p{number}")) for number in range(5)]
            answer = session.post(collector.url, json=batch, timeout=30)
            assert answer.status_code == 200, answer.text
            ids.extend(answer.json())
            time.sleep(0.02)


@pytest.mark.processes
@pytest.mark.waits
def test_killed_at_any_point_it_goes_on_and_ends_while_a_collector_serves(tmp_path):
    with server.made(tmp_path) as collector:
        collector.start()
        ids, end = [], threading.Event()
        writer = threading.Thread(target=_write, args=(collector, ids, end))
        writer.start()
        while len(ids) < 300:
            time.sleep(0.05)
        old = keyring.load(tmp_path / "keyring.json").pseudonym_key
        names = [agents.pseudonym(agent(f"p{number}"), old) for number in range(5)]
        codes, begun = [], False
        for die_after in (*DEATHS, 0):
            begun = begun or len(keyring.load(tmp_path / "keyring.json").states) == 2
            done = _run(collector, "resume" if begun else "start", die_after)
            codes.append(done.returncode)
            ended = done.returncode == 0 or (begun and b"No rotation was begun" in done.stderr)
            if ended:
                break  # in the second case it was killed at its very end
        end.set()
        writer.join()
        collector.stop()
        with contextlib.closing(collector.open()) as storage:
            labels = list(statements.labels(storage, purpose="service"))
        new = keyring.load(tmp_path / "keyring.json")
        lrs = builders.make(f"sqlite:///{tmp_path}/store", tmp_path)
        found = [lrs.get(statementId=each).status_code for each in ids[:: max(1, len(ids) // 50)]]
        lrs.storage.close()
        everything = persons.raw_bytes(tmp_path)

    assert set(codes[:-1]) == {-signal.SIGKILL}, done.stderr
    assert len(codes) > 8
    assert ended, done.stderr
    assert sorted(label.id for label in labels) == sorted(ids)
    assert {label.actor for label in labels} == {
        agents.pseudonym(agent(f"p{number}"), new.pseudonym_key) for number in range(5)
    }
    assert set(found) == {200}
    assert len(new.states) == 1
    assert new.pseudonym_key != old
    assert [name for name in names if name.encode() in everything] == []
