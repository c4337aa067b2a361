from __future__ import annotations

import logging
import threading
import time

import pytest

from lti_tool import workers
from lti_tool.settings import LOGINS
from lti_tool.workers import Job
from tests.lti_tool import builders
from tests.lti_tool.builders import Bench


def wait(condition: object, seconds: float = 5.0) -> None:
    assert callable(condition)
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.005)


def test_a_job_goes_on_while_there_is_more_and_then_pauses() -> None:
    left, times = [3], []

    def step() -> bool:
        times.append(time.monotonic())
        left[0] -= 1
        return left[0] > 0

    running = workers.start([Job("count", step, every=0.05)])
    wait(lambda: len(times) >= 5)

    assert workers.stop(running)
    assert times[2] - times[0] < 0.05
    assert times[3] - times[2] >= 0.045


def test_each_job_has_a_thread_of_its_own_that_ends_with_the_process() -> None:
    gate, done = threading.Event(), threading.Event()
    running = workers.start([Job("slow", gate.wait, 9.0), Job("quick", lambda: done.set() or False, 9.0)])  # type: ignore[func-returns-value]  # `set` gives None, and False follows

    assert done.wait(5)
    assert [thread.name for thread in running.threads] == ["lti-slow", "lti-quick"]
    assert all(thread.daemon for thread in running.threads)
    assert not workers.stop(running, 0.05)
    gate.set()
    assert workers.stop(running)


def test_a_slip_in_one_step_does_not_end_the_job(caplog: pytest.LogCaptureFixture) -> None:
    steps: list[int] = []

    def step() -> bool:
        steps.append(1)
        if len(steps) < 3:
            raise ValueError("learner-4711")
        return False

    with caplog.at_level(logging.ERROR):
        running = workers.start([Job("slips", step, every=0.01)])
        wait(lambda: len(steps) >= 4)
        workers.stop(running)

    assert caplog.text.count("code=job_failed job=slips error=ValueError") == 2
    assert "learner-4711" not in caplog.text


def test_a_process_sends_scores_in_the_background(bench: Bench) -> None:
    tool = bench.app.extensions["lti_tool"]
    jobs = workers.jobs(tool, lambda: 0.5)

    assert {"scores-1", "scores-2", "scores-3"} <= {job.name for job in jobs}
    assert not any(job.step() for job in jobs if job.name.startswith("scores"))


def test_logins_that_nobody_came_back_for_are_deleted_although_nobody_logs_in(bench: Bench) -> None:
    for _ in range(100):
        builders.begin(bench.client(), bench.issuer.iss)
    (logins,) = [job for job in workers.jobs(bench.app.extensions["lti_tool"], lambda: 0.5) if job.name == "logins"]

    assert logins.step()
    assert not logins.step()
    assert len(bench.storage.find(LOGINS, {})) == 100
    bench.clock.offset = 3600.0
    assert logins.step()
    assert not logins.step()
    assert bench.storage.find(LOGINS, {}) == []
