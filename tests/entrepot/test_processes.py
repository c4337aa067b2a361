import os
import signal
import subprocess
import sys
import time

import psutil
import pytest

from entrepot import errors, processes, serve
from federated.processes import Process

pytestmark = [pytest.mark.processes, pytest.mark.waits]

SLEEPER = """
import subprocess, sys, time
subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
time.sleep(60)
"""


def program(tmp_path, code):
    log = tmp_path / "log"
    with log.open("wb") as sink:
        process = subprocess.Popen([sys.executable, "-c", code], stdout=sink, stderr=sink, start_new_session=True)
    return Process("sleeper", process, log)


def group(number):
    alive = []
    for each in psutil.process_iter():
        try:
            if os.getpgid(each.pid) == number and each.status() != psutil.STATUS_ZOMBIE:
                alive.append(each)
        except (ProcessLookupError, psutil.NoSuchProcess):
            continue
    return alive


def until(condition, seconds=10):
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.05)
    return condition()


def test_stopping_a_program_stops_its_children(tmp_path):
    sleeper = program(tmp_path, SLEEPER)
    assert until(lambda: len(group(sleeper.handle.pid)) == 2)

    processes.stop([sleeper], patience=2)

    assert until(lambda: not group(sleeper.handle.pid))


def test_a_program_that_ignores_the_request_is_killed(tmp_path):
    code = (
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); time.sleep(60)"
    )
    deaf = program(tmp_path, code)
    assert until(lambda: "deaf" in deaf.log.read_text())

    processes.stop([deaf], patience=0.2)

    assert deaf.handle.returncode == -signal.SIGKILL


def test_a_program_that_ends_before_it_answers_is_named_with_its_log(tmp_path):
    dead = program(tmp_path, "raise SystemExit(3)")
    dead.handle.wait()

    with pytest.raises(errors.ProcessDied, match=r"sleeper ended before it was ready: see .*log"):
        processes.wait_until_ready(dead, "http://127.0.0.1:9/health")


def test_a_started_command_writes_its_log_and_its_failure_is_one_line(tmp_path, unused_port):
    with processes.fleet(tmp_path / "logs") as start:
        started = start("tool", ["tool", "--port", str(unused_port)], {"ENTREPOT_STROAGE": "sqlite:///x"})
        assert started.handle.wait(60) == 1

    assert started.log.read_text() == "entrepot: unknown variable ENTREPOT_STROAGE: did you mean ENTREPOT_STORAGE?\n"


def test_a_port_in_use_is_refused_with_what_to_do(listener):
    with pytest.raises(errors.PortInUse, match=r"stop the program that uses it, or choose another with --port"):
        serve.require_free("127.0.0.1", listener)
