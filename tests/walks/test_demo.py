"""The main job as a person runs it: `entrepot demo` in a process of its own, a browser in front of it, and its end.

With ENTREPOT_TEST_SOAK=1 of all learners, otherwise of some hundred of each institution.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest

from entrepot.demo import showcase
from federated import ledger
from recommender import verbs
from storage import connect
from tests.walks import campus
from xapi_collector import settings as collector_settings
from xapi_collector import statements

pytestmark = [pytest.mark.processes, pytest.mark.waits, pytest.mark.browser, pytest.mark.timeout(400)]

INSTITUTIONS = 3  # fewer could not mask their sums from each other
SOAK = os.environ.get("ENTREPOT_TEST_SOAK") == "1"
LEARNERS = 0 if SOAK else 300  # of each institution; 0: all of them
STATEMENTS = (14_377, 9_813, 12_737) if SOAK else (2_138, 2_110, 2_399)


@dataclass(frozen=True)
class Demo:
    """A demo that serves: its directory, what it printed, its LMS, its process."""

    directory: Path
    printed: str
    lms: str
    process: subprocess.Popen[bytes]

    @property
    def report(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.directory / "report.json").read_text())
        return found


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    place = tmp_path_factory.mktemp("demo")
    port = ports_in_a_row(1 + 2 * INSTITUTIONS)
    command = ["demo", "--institutions", str(INSTITUTIONS), "--learners", str(LEARNERS), "--port", str(port)]
    command += ["--directory", str(place / "demo")]
    with (place / "printed").open("wb") as sink:
        process = subprocess.Popen([sys.executable, "-m", "entrepot.cli", *command], stdout=sink, stderr=sink)
    try:
        until(lambda: "Stop with Ctrl-C" in (place / "printed").read_text() or process.poll() is not None, 300)
        printed = (place / "printed").read_text()
        assert "Stop with Ctrl-C" in printed, printed
        yield Demo(place / "demo", printed, f"http://127.0.0.1:{port}", process)
    finally:
        process.terminate()
        process.wait(60)


def ports_in_a_row(count: int) -> int:
    """A port after which `count` ports are free, this one counted."""
    for first in range(21_000, 32_000, count):
        probes = [socket.socket() for _ in range(count)]
        try:
            for offset, probe in enumerate(probes):
                probe.bind(("127.0.0.1", first + offset))
        except OSError:
            continue
        else:
            return first
        finally:
            for probe in probes:
                probe.close()
    raise AssertionError("no free ports")


def until(condition: Any, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.2)
    return bool(condition())


def labels(demo: Demo, institution: str) -> list[Any]:
    storage = connect.connect(
        f"sqlite:///{demo.directory / 'institutions' / institution / 'store'}", *collector_settings.COLLECTIONS
    )
    try:
        return list(statements.labels(storage, purpose="service"))
    finally:
        storage.close()


def test_the_report_says_what_every_model_reaches_on_held_out_learners(demo: Demo) -> None:
    report = demo.report

    names = ["East Anglian Region", "East Midlands Region", "London Region"]
    assert [row["name"] for row in report["institutions"]] == names
    for row in report["institutions"]:
        assert row["auc"]["personalised"] >= row["auc"]["local"] - 0.002
    assert abs(report["pooled"]["auc"]["federated"] - report["pooled"]["auc"]["centralised"]) <= 0.0005
    assert report["rounds"] <= (4 if SOAK else 6)  # fewer learners, more doubt: further steps
    assert report["statements"] == sum(row["statements"] for row in report["institutions"]) == sum(STATEMENTS)
    assert report["policy"] == "exact"
    assert report["dropped"] == []
    assert {"start", "ingest", "federate", "total"} == set(report["seconds"])
    assert "Pooled here only to compare" in demo.printed


def test_each_institution_holds_its_own_statements_and_nobody_elses(demo: Demo) -> None:
    held = [
        [label for label in labels(demo, name) if label.verb == verbs.SCORED]
        for name in ("east-anglian", "east-midlands")
    ]

    assert [len(each) for each in held] == list(STATEMENTS[:2])
    assert not {label.id for label in held[0]} & {label.id for label in held[1]}


def test_every_round_is_a_line_of_a_ledger_that_verifies(demo: Demo) -> None:
    book = demo.directory / "consortium" / "ledger.jsonl"

    ledger.verify(book)

    kinds = [line.body["kind"] for line in ledger.read(book)]
    assert kinds.count("sums") == demo.report["rounds"]
    assert kinds[-1] == "publish"


def test_a_learner_is_recommended_by_the_published_model_and_a_newcomer_by_the_graph(demo: Demo) -> None:
    courses = json.loads((demo.directory / "sandbox.json").read_text())["institutions"][0]["courses"]
    module = showcase(courses)
    address = f"{demo.lms}/east-anglian/courses"
    with campus.chromium() as browser:
        page = browser.new_context(viewport={"width": 1280, "height": 1600}).new_page()
        page.goto(f"{address}/{module['id']}?learner={module['learners'][0]['id']}")
        page.locator(".open button").click()
        frame = page.frame_locator("iframe[name=tool]")
        frame.locator("article.first").wait_for()
        learner = frame.locator("body").inner_text()

        page.goto(f"{address}/cbec?learner=newcomer")
        page.locator(".open button").click()
        frame.get_by_label("Cross-border platform operations specialist").check()
        frame.get_by_role("button", name="Make this my goal").click()
        frame.get_by_role("heading", name="Three good next steps").wait_for()
        newcomer = frame.locator("body").inner_text()

    published = ledger.read(demo.directory / "consortium" / "ledger.jsonl")[-1].body["number"]
    assert f"Model of round {published}" in learner
    assert "Cross-border platform operations specialist" in newcomer
    assert until(lambda: {verbs.LAUNCHED, verbs.RECOMMENDED} <= {one.verb for one in labels(demo, "east-anglian")}, 15)


def test_stopping_the_demo_leaves_no_process_behind(demo: Demo) -> None:
    family = psutil.Process(demo.process.pid).children(recursive=True)
    assert len(family) >= 5

    demo.process.send_signal(signal.SIGTERM)

    demo.process.wait(60)
    _gone, alive = psutil.wait_procs(family, timeout=20)
    assert alive == []
