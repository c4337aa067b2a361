"""A federation that is ended from outside leaves nothing behind."""

import os
import signal
import subprocess
import sys
import time

import pytest

from federated import processes
from tests.federated import builders

pytestmark = [pytest.mark.processes, pytest.mark.waits, pytest.mark.timeout(300)]


# Two may agree on this, of exact sums three.
NOISY = {"policy": "source-noise", "epsilon": 4.0, "delta": 1e-5, "cohort": 20}


def member(root, name, seed, learners=30):
    return builders.institution(root / name, name, builders.answers(learners, seed, prefix=name, each=1), **NOISY)


# Ctrl-C ends a run by the same `finally` as SIGTERM. Only Linux tells a child that its parent was killed outright: see
# federated.guarded.
SOAK = os.environ.get("ENTREPOT_TEST_SOAK") == "1"
ENDS = [signal.SIGTERM, *([signal.SIGINT] if SOAK else []), *([signal.SIGKILL] if sys.platform == "linux" else [])]


@pytest.mark.parametrize("number", ENDS)
def test_nothing_outlives_a_run_that_is_ended_from_outside(tmp_path, number):
    members = {name: str(member(tmp_path, name, 1)) for name in ("north", "south")}
    # Who starts the tests in the background may have told them, and so their children, to ignore SIGINT.
    script = f"""
import signal
from pathlib import Path
from federated import runtime
signal.signal(signal.SIGINT, signal.default_int_handler)
members = {{name: Path(path) for name, path in {members!r}.items()}}
consortium = runtime.Consortium(Path({str(tmp_path / "consortium")!r}), "oulad", members)
runtime.run(consortium, progress=lambda text: print(text, flush=True))
"""
    home = tmp_path / "consortium" / "flower"
    run = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    assert "2 SuperNodes" in run.stdout.readline()
    assert len(processes.tree([], home)) >= 3  # who stands above each, at least

    run.send_signal(number)
    run.wait(30)
    run.stdout.close()

    deadline = time.monotonic() + 20
    while left := processes.tree([], home):
        assert time.monotonic() < deadline, [one.cmdline() for one in left]
        time.sleep(0.2)
