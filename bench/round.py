"""A round of the federation in real processes, beside the same sums in one process.

`python -m bench.round` prints a table and writes var/bench/round.json. Three institutions (shipped regions of OULAD),
SuperLink and SuperNodes over TLS, four rounds of sums and one that publishes. CPU is that of all processes of the
federation, children included, from the start to the end of a run; bytes are arrays as they travel, before TLS.
"""

import contextlib
import os
import sys
import tempfile
import threading
import time
from pathlib import Path

import psutil

from bench import report
from curriculum import catalog as catalogs
from entrepot import oulad
from federated import aggregation, institution, processes, runtime, task
from recommender import features, tracing
from tests.federated import builders

INSTITUTIONS = 3
ROUNDS = 4


def founded(root: Path) -> dict[str, Path]:
    """Give three regions a store and put their records into it."""
    items = {name: place for place, name in enumerate(catalogs.load("oulad").items)}
    members = {}
    for region, results in list(oulad.regions().items())[:INSTITUTIONS]:
        name = region.lower().replace(" ", "-")
        # A learner may take a presentation twice; a statement's id must tell them apart.
        rows = [(f"{one.learner} {one.presentation}", items[one.item], one.score / 100, one.day) for one in results]
        members[name] = builders.institution(root / name, name, rows)
    return members


def alone(members: dict[str, Path]) -> tuple[list[float], int]:
    """The floor: the same rounds in this process, no message in between."""
    space = features.Space(catalogs.load("oulad"))
    records = {name: institution.interactions(institution.load(path)) for name, path in members.items()}
    train = {name: task.training(one, institution.held_out(one)) for name, one in records.items()}
    parameters = tracing.start(space)
    seconds = []
    for _ in range(ROUNDS):
        begun = time.perf_counter()
        summed = aggregation.total({name: task.local_sums(one, space, parameters) for name, one in train.items()})
        parameters = tracing.solve(summed, parameters)
        seconds.append(time.perf_counter() - begun)
    payload = parameters.weights.nbytes * 2 + summed.diagonal.nbytes + summed.cross.nbytes + summed.dense.nbytes
    return seconds, payload * len(members)


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


def main() -> None:
    """Measure and report."""
    with tempfile.TemporaryDirectory() as place:
        root = Path(place)
        members = founded(root)
        floor, dense = alone(members)
        sys.stderr.write(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}\n")
        directory = root / "consortium"
        with Meter(directory / "flower") as meter:
            outcome = runtime.run(
                runtime.Consortium(directory, "oulad", members),
                rounds=ROUNDS,
                progress=lambda text: sys.stderr.write(f"  {text}\n"),
            )
    sums = [one for one in outcome.rounds if one.kind == "sums"]
    sent = [float(one.bytes_down + one.bytes_up) for one in sums]
    report.write(
        "round",
        [
            report.row("a round of sums, wall", [one.seconds for one in sums], "s", controls=floor),
            report.row("publishing, wall", [outcome.rounds[-1].seconds], "s"),
            report.row(
                "start to first round, wall", [outcome.seconds["total"] - sum(o.seconds for o in outcome.rounds)], "s"
            ),
            report.row("whole run, wall", [outcome.seconds["total"]], "s", target="<= 60"),
            report.row("whole run, CPU of all processes", [meter.seconds], "s", controls=[sum(floor)]),
            report.row("arrays sent in a round", sent, "bytes", controls=[float(dense)]),
            report.row("arrays sent per institution and round", [one / INSTITUTIONS for one in sent], "bytes"),
            report.row(
                "all traffic of the run (Flower's count)", [float(outcome.traffic)], "bytes", controls=[sum(sent)]
            ),
        ],
    )


if __name__ == "__main__":
    main()
