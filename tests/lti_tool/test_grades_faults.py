"""Scores under failures of every kind and processes that die at any moment: none lost, none doubled."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from entrepot.sandbox.faults import Fault
from lti_tool import keys
from lti_tool.grades import outbox, sender
from tests.lti_tool import gradebooks, lms
from tests.lti_tool.gradebooks import Office

SOAK = os.environ.get("ENTREPOT_TEST_SOAK") == "1"
FIRST = 100_001
SCORES: Mapping[Fault, float] = {
    Fault("429", retry_after="1"): 0.04,
    Fault("429", retry_after="date"): 0.01,
    Fault("500"): 0.04,
    Fault("502", after=True): 0.04,
    Fault("503"): 0.03,
    Fault("409"): 0.02,
    Fault("401"): 0.02,
    Fault("drop"): 0.04,
    Fault("drop", after=True): 0.06,
    Fault("timeout", seconds=0.01): 0.02,
    Fault("timeout", seconds=0.01, after=True): 0.02,
    Fault("html"): 0.02,
    Fault("json"): 0.02,
    Fault("json", after=True): 0.02,
    Fault("headers"): 0.02,
}
OTHERS: Mapping[Fault, float] = {Fault("500"): 0.03, Fault("drop"): 0.03, Fault("json"): 0.02, Fault("html"): 0.01}


class Killed(BaseException):
    """The process is gone."""


class Mortal:
    """A store that a process loses at any of its changes, before it or after it."""

    def __init__(self, storage: Any, chance: random.Random) -> None:
        self._storage = storage
        self._chance = chance

    def replace(self, *arguments: Any, **named: Any) -> bool:
        drawn = self._chance.random()
        if drawn < 0.02:
            raise Killed
        done: bool = self._storage.replace(*arguments, **named)
        if drawn < 0.04:
            raise Killed
        return done

    def __getattr__(self, name: str) -> Any:
        return getattr(self._storage, name)


@pytest.mark.parametrize(
    ("profile", "store", "count"),
    [
        ("spec", "sqlite", 3400 if SOAK else 60),
        ("moodle", "sqlite", 3300 if SOAK else 40),
        ("canvas", "sqlite", 3300 if SOAK else 40),
        ("spec", "secantus", 300 if SOAK else 15),
    ],
)
@pytest.mark.timeout(1800 if SOAK else 120)
def test_no_score_is_lost_or_doubled(
    tmp_path: Path, tool_key: keys.ToolKey, profile: str, store: str, count: int
) -> None:
    chance = random.Random(count)
    with gradebooks.office(tmp_path, tool_key, profile, store, members=count) as office:
        target = office.open(scopes=gradebooks.ALL)
        office.platform.faults.draw("scores", SCORES, seed=1)
        for service in ("results", "token", "lineitem"):
            office.platform.faults.draw(service, OTHERS, seed=2)
        wanted = {}
        for number in range(count):
            person = str(FIRST + number)
            wanted[person] = float(number % 90 + 5)
            office.put(wanted[person], office.learner(person))

        deaths, better = _work_and_die(office, chance, wanted)

        assert Counter(score.state for score in office.scores()) == {"sent": count}
        assert deaths > count // 20
        assert better > count // 20
        _check(office, target.link.lineitem_url, wanted)


def _work_and_die(office: Office, chance: random.Random, wanted: dict[str, float]) -> tuple[int, int]:
    """Send all; processes die, and learners come back with something better meanwhile."""
    deaths = better = 0
    running = office.another(storage=Mortal(office.storage, chance))
    persons = list(wanted)
    for _ in range(200 * len(wanted)):
        if better < len(wanted) // 10:
            person = chance.choice(persons)
            wanted[person] = min(100.0, wanted[person] + 1)
            office.put(wanted[person], office.learner(person))
            better += 1
        try:
            if sender.step(running):
                continue
        except Killed:
            deaths += 1
            running = office.another(storage=Mortal(office.storage, chance))
            continue
        if not office.waiting():
            return deaths, better
        office.clock.now += 30.0
    raise AssertionError(Counter(score.reason for score in office.waiting()))


def _check(office: Office, url: str, wanted: Mapping[str, float]) -> None:
    """The gradebook has every score, each of them once, and the learner's best at the end."""
    lost, doubled = [], []
    for person, given in wanted.items():
        key = lms.user(office.platform, person), url
        taken = office.platform.gradebook.get(key, [])
        stamps = Counter(each.timestamp for each in taken)
        grades = [(each.timestamp, each.given) for each in taken]
        if not taken or office.platform.grades[key].value != given:
            lost.append(person)
        # The same timestamp again is the same score, and Canvas counts no attempt for it.
        if len(set(grades)) != len(stamps) or office.platform.attempts[key] > 1:
            doubled.append(person)

    assert (lost, doubled) == ([], [])


PROGRAM = """
import sys, time
from pathlib import Path
from lti_tool import app as tool_app, keys
from lti_tool.grades import sender
from lti_tool.services import guard, wire
from lti_tool.services.connector import Services
from storage import connect
from xapi_collector import keyring
directory = Path(sys.argv[1])
storage = connect.connect(f"sqlite:///{directory / 'store'}", *tool_app.COLLECTIONS)
signing = keys.only(keys.load(directory / "tool.pem"))
services = Services(signing, storage, wire.exchanger(guard.networks("127.0.0.0/8")))
ring = keyring.load(directory / "keyring.json")
sender.FIRST_WAIT = 0.2
running = sender.Sender(storage, ring, services, time.time, lambda: 0.5, lease=0.5)
print("ready", flush=True)
while True:
    if not sender.step(running):
        time.sleep(0.02)
"""


@pytest.mark.processes
@pytest.mark.timeout(1800 if SOAK else 120)
def test_senders_that_are_killed_lose_and_double_nothing(tmp_path: Path) -> None:
    count, kills = (3000, 40) if SOAK else (40, 2)
    chance = random.Random(11)
    with gradebooks.office(tmp_path, keys.create(tmp_path / "tool.pem"), members=count) as office:
        target = office.open(scopes=(outbox.SCOPE,))
        # So slow that the work outlasts the kills on any machine.
        slow = Fault("slow", seconds=0.01 if SOAK else 0.05)
        office.platform.faults.draw("scores", {Fault("drop", after=True): 0.05, slow: 0.9}, seed=3)
        wanted = {str(FIRST + number): float(number % 100) for number in range(count)}
        for person, given in wanted.items():
            office.put(given, office.learner(person), now=time.time())

        killed = 0
        processes = [_start(tmp_path) for _ in range(2 if SOAK else 1)]
        end = time.monotonic() + (1500 if SOAK else 90)
        while office.waiting() and time.monotonic() < end:
            time.sleep(chance.uniform(0.05, 0.2))
            if killed < kills:
                victim = processes.pop(0)
                victim.send_signal(signal.SIGKILL)
                victim.wait()
                killed += 1
                processes.append(_start(tmp_path))
        for process in processes:
            process.kill()
            process.wait()

        assert Counter(score.state for score in office.scores()) == {"sent": count}
        assert killed == kills
        _check(office, target.link.lineitem_url, wanted)


def _start(directory: Path) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(directory)],
        stdout=subprocess.PIPE,
        text=True,
        env={name: value for name, value in os.environ.items() if name != "COVERAGE_PROCESS_START"},
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    process.stdout.close()
    return process
