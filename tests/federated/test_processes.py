import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from federated import guarded, processes

SLEEP = [sys.executable, "-c", "import time; time.sleep(60)"]
# Ignores SIGTERM, and starts a detached child that carries the mark.
STUBBORN = """
import signal, subprocess, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"], start_new_session=True)
print("ready", flush=True)
time.sleep(60)
"""


@pytest.fixture
def start(tmp_path):
    started = []

    def begin(command, name="one"):
        environ = {**os.environ, processes.MARK: str(tmp_path / "home" / name)}
        started.append(processes.start(name, command, environ, tmp_path / f"{name}.log"))
        return started[-1]

    yield begin
    processes.stop(started, tmp_path / "home")


def wait_for(condition, seconds=10):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_process_that_was_started_runs_until_it_is_stopped(start, tmp_path):
    one = start(SLEEP)
    assert one.running

    processes.stop([one], tmp_path / "home")

    assert not one.running


def test_children_in_sessions_of_their_own_are_stopped_too(start, tmp_path, monkeypatch):
    monkeypatch.setattr(processes, "_POLITE_SECONDS", 0.3)
    one = start([sys.executable, "-c", STUBBORN])
    wait_for(lambda: "ready" in processes.tail(one.log))
    family = processes.tree([one], tmp_path / "home")

    processes.stop([one], tmp_path / "home")

    assert len(family) == 2
    assert processes.tree([one], tmp_path / "home") == []


def test_orphans_are_found_by_their_mark(start, tmp_path, monkeypatch):
    monkeypatch.setattr(processes, "_POLITE_SECONDS", 0.3)
    one = start([sys.executable, "-c", STUBBORN])
    wait_for(lambda: "ready" in processes.tail(one.log))
    one.handle.kill()
    one.handle.wait()
    orphans = processes.tree([one], tmp_path / "home")

    processes.stop([one], tmp_path / "home")

    assert len(orphans) == 1
    assert processes.tree([one], tmp_path / "home") == []


def test_processes_of_others_are_left_alone(start, tmp_path):
    start(SLEEP)
    other = subprocess.Popen(SLEEP, env={**os.environ, processes.MARK: str(tmp_path / "elsewhere")})

    processes.stop([], tmp_path / "home")

    assert other.poll() is None
    other.kill()
    other.wait()


def test_output_goes_to_the_log(start):
    one = start([sys.executable, "-c", "import sys; print('out'); print(); print('err', file=sys.stderr)"])
    one.handle.wait()

    assert sorted(processes.tail(one.log).split(" / ")) == ["err", "out"]


def test_a_log_that_is_not_there_has_no_end(tmp_path):
    assert processes.tail(tmp_path / "none.log") == ""


def test_a_program_ends_when_its_starter_is_killed(tmp_path):
    starter = f"""
import os, sys, time
from pathlib import Path
from federated import processes
one = processes.start("one", {SLEEP!r}, dict(os.environ), Path({str(tmp_path / "one.log")!r}))
print(one.handle.pid, flush=True)
time.sleep(60)
"""
    parent = subprocess.Popen([sys.executable, "-c", starter], stdout=subprocess.PIPE, text=True)
    child = psutil.Process(int(parent.stdout.readline()))
    wait_for(lambda: child.cmdline() == SLEEP)

    parent.send_signal(signal.SIGKILL)
    parent.wait()
    parent.stdout.close()

    child.wait(timeout=10)


def test_a_program_whose_starter_is_gone_already_is_not_started():
    command = [sys.executable, str(Path(guarded.__file__)), "1", sys.executable, "-c", "print('started')"]
    found = subprocess.run(command, capture_output=True, text=True, check=False)

    assert (found.returncode, found.stdout) == (1, "")
