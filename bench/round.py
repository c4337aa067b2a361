"""A run of the federation in real processes, and in one process, beside the same mathematics without messages.

`python -m bench.round` prints a table and writes var/bench/round.json; `--only inprocess` leaves the real processes
out. Four institutions get shipped records of OULAD.

`real_round_seconds`: SuperLink and four SuperNodes over TLS, exact, two rounds of sums after counting and measuring,
from the start of the first process to the end of the last one, the model published. Wall time: on a quiet machine.

`inprocess_vs_floor`: a masked run under noise by the real apps, charter, masks and stores (`federated.localgrid`), by
a loop of NumPy over the same records and releases; CPU, without publishing. In the ratio are: records read from the
store for each question, the charter and its signatures, masks, the budget, the transfer register and the ledger with
their signatures, secure noise instead of seeded, Flower's messages. Not in it: transport, processes, waiting.
"""

import argparse
import contextlib
import os
import sys
import tempfile
import threading
import time
from pathlib import Path

import psutil

from bench import report, rounds
from curriculum import catalog as catalogs
from entrepot import simulation
from federated import institution, policy, processes, runtime, server_app, settings
from federated.localgrid import LocalGrid, identity
from federated.privacy import planning
from recommender import interactions, space

INSTITUTIONS, LEARNERS, ROUNDS = 4, 1_200, 2
EPSILON, SEED = 1.0, 1
PUBLISH = "query.publish"


class Meter:
    """Adds up the CPU seconds of every process of a federation, looked at four times a second.

    A fork (same command as its parent) counts with its parent, which waits for it.
    """

    def __init__(self, home: Path):
        self.home, self.seen, self.done = home, {}, threading.Event()
        self.thread = threading.Thread(target=self._look)

    def _look(self):
        while not self.done.wait(0.25):
            for one in processes.tree([], self.home):
                with contextlib.suppress(psutil.Error):
                    if (parent := one.parent()) is None or parent.cmdline() != one.cmdline():
                        self.seen[one.pid, one.create_time()] = sum(one.cpu_times()[:4])

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_error):
        self.done.set()
        self.thread.join()

    @property
    def seconds(self) -> float:
        """CPU seconds so far."""
        return sum(self.seen.values())


def founded(directory: Path, name: str) -> dict[str, Path]:
    """Found a consortium under a policy; return its members."""
    plan = simulation.Plan(directory, INSTITUTIONS, name, EPSILON, LEARNERS, SEED)
    return simulation.found(plan, _tell)


def real(directory: Path, command: str) -> list[dict]:
    """A run in real processes."""
    members = founded(directory, policy.EXACT)
    home = directory / "consortium"
    with Meter(home / "flower") as meter:
        outcome = runtime.run(runtime.Consortium(home, simulation.CATALOG, members), rounds=ROUNDS, progress=_tell)
    whole, sums = outcome.seconds["total"], [one for one in outcome.rounds if one.kind == "sums"]
    sent = [float(one.bytes_down + one.bytes_up) / INSTITUTIONS for one in sums]
    about = f"s, {INSTITUTIONS} institutions, TLS, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} at the end"
    return [
        report.row("real_round_seconds", [whole], about, target="<= 60", command=command),
        report.row("real_start_seconds", [whole - sum(one.seconds for one in outcome.rounds)], "s", command=command),
        report.row("real_sums_seconds", [one.seconds for one in sums], "s a round of sums", command=command),
        report.row("real_publish_seconds", [outcome.rounds[-1].seconds], "s", command=command),
        report.row("real_cpu_seconds", [meter.seconds], "CPU s of all processes", command=command),
        report.row("real_sums_bytes", sent, "bytes of arrays a round and institution", command=command),
        report.row("real_traffic_bytes", [float(outcome.traffic)], "bytes, Flower's count of the run", command=command),
    ]


def inprocess(directory: Path, command: str) -> list[dict]:
    """A run in one process, and the loop."""
    members = founded(directory, policy.SECAGG)
    home = directory / "consortium"
    grid = LocalGrid(members)
    numbers = {"rounds": ROUNDS, "tolerance": 0.0, "penalty": 1.0, "join-seconds": 1.0, "round-seconds": 3600.0}
    begun = time.process_time()
    with identity(run=2):
        server_app.lead(grid, home, home / "runs" / "2", numbers)
    ours = time.process_time() - begun - grid.seconds[PUBLISH]
    columns = space.of(catalogs.load(simulation.CATALOG))
    records = [institution.interactions(settings.load_member(path)) for path in members.values()]
    parts = [interactions.select(one, ~institution.held_out(one)) for one in records]
    begun = time.process_time()
    rounds.run(parts, columns, EPSILON, SEED, policy=planning.SECAGG, refusing=False)
    floor = time.process_time() - begun
    about = f"CPU of a masked run by that of a loop, {INSTITUTIONS} institutions, {LEARNERS:,} learners"
    return [
        report.row("inprocess_vs_floor", [ours / floor], about, target="<= 4", command=command),
        report.row("inprocess_seconds", [ours], "CPU s, control: the loop", controls=[floor], command=command),
        report.row("inprocess_publish_seconds", [grid.seconds[PUBLISH] / INSTITUTIONS], "CPU s", command=command),
    ]


GROUPS = {"inprocess": inprocess, "real": real}


def main() -> None:
    """Measure and report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", choices=GROUPS, help="one group of rows")
    only = parser.parse_args().only
    rows = []
    for name in [only] if only else GROUPS:
        with tempfile.TemporaryDirectory() as place:
            rows += GROUPS[name](Path(place) / "run", f"python -m bench.round --only {name}")
    report.write("round", rows)


def _tell(text: str) -> None:
    sys.stderr.write(f"  {text}\n")


if __name__ == "__main__":
    main()
