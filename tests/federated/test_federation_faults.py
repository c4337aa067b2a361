"""A federation in real processes whose members are cut off, come late, or are killed in the middle of a phase.

A member that is cut off is one whose SuperNode is stopped: it neither asks nor answers, as behind a dead line. Nobody
tells the SuperLink; every wait is bounded by `round-seconds` alone. `ENTREPOT_TEST_SOAK=1` cuts a member off for longer
than Flower takes it to be alive, and kills one in every phase.
"""

import json
import os
import signal
import time
from contextlib import contextmanager
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest

from federated import budget, control, evidence, ledger, pki, processes, runtime, settings
from federated.budget import Limit
from federated.commands import Address
from tests.federated import builders, processing

pytestmark = [pytest.mark.processes, pytest.mark.waits, pytest.mark.timeout(400)]

SOAK = os.environ.get("ENTREPOT_TEST_SOAK") == "1"
CUT = 65.0 if SOAK else 0.0  # seconds; Flower takes a SuperNode to be there for 60 after its last sign
PHASES = ("offers", "shares", "private-levels", "reveal")
BACK = 10.0 if SOAK else 20.0  # seconds, for who comes back to be seen: a CI machine may be slow
NAMES = ("east", "north", "south", "west")
NOISY = {"epsilon": 4.0, "delta": 1e-5, "cohort": 20, "jurisdiction": "CN", "runs": 2}


class Field:
    """A SuperLink and the members of a signed charter, to be started one by one."""

    def __init__(self, parts, directory, paths, client, address):
        self.parts, self.directory, self.paths, self.client, self.address = parts, directory, paths, client, address
        self.members = {name: settings.load_member(path) for name, path in paths.items()}

    def start(self, *names):
        """Start members and wait until the SuperLink knows them."""
        for name in names:
            runtime.start_member(self.parts, self.members[name], self.paths[name], self.address)
        self.until(lambda: set(names) <= {one.name for one in control.nodes(self.client) if one.status == "online"})

    def begin(self, **numbers):
        return control.start_run(self.client, {name.replace("_", "-"): float(one) for name, one in numbers.items()})

    def end(self, run):
        """Wait for the end of a run; return what came of it."""
        self.until(lambda: control.run(self.client, run).status == control.FINISHED)
        return json.loads((self.directory / "runs" / str(run) / "outcome.json").read_text())

    def until_round(self, count):
        """Wait until so many rounds are in the coordinator's ledger."""
        self.until(lambda: len(ledger.read(self.directory / "ledger.jsonl")) >= count)

    def until_left(self, name, kind):
        """Wait until an answer of a kind leaves a member, as its own register says."""
        path = self.members[name].state / evidence.REGISTER
        self.until(lambda: path.exists() and f'"kind":"{kind}"' in path.read_text().replace(" ", ""), 0.01)

    def supernode(self, name):
        return processing.supernode(self.directory / "flower", name)

    def until(self, holds, pause=0.2):
        deadline = time.monotonic() + 180
        while not holds():
            assert time.monotonic() < deadline, [processes.tail(one.log) for one in self.parts.started]
            time.sleep(pause)


@contextmanager
def field(root, policy, names=NAMES):
    paths = {
        name: builders.institution(
            root / name,
            name,
            builders.answers(40, seed, prefix=name, each=6),
            **NOISY,
            policy=policy,
            legal_entity=f"{name} University",
        )
        for seed, name in enumerate(names, start=1)
    }
    consortium = runtime.Consortium((root / "consortium").absolute(), "oulad", paths)
    authority = pki.ensure(consortium.directory / "pki", [runtime.LOOPBACK], datetime.now(UTC))
    members = runtime.prepare(consortium, authority)
    address = Address(runtime.LOOPBACK, runtime.free_port())
    with runtime.federation(consortium.directory) as parts:
        link = runtime.start_superlink(parts, authority, address)
        with control.client(str(address), authority.ca) as client:
            control.wait(client, lambda: None if link.running else processes.tail(link.log), 60)
            for name, member in members.items():
                control.register(client, name, pki.public_bytes(member.key.with_name(member.key.name + ".pub")))
            yield Field(parts, consortium.directory, paths, client, str(address))


@pytest.fixture(scope="module")
def two(tmp_path_factory):
    """Two runs of four: in the first, south is cut off after a round, and west is not there yet."""
    with field(tmp_path_factory.mktemp("two"), "source-noise") as one:
        one.start("east", "north", "south")
        run = one.begin(join_seconds=0.5, round_seconds=12)
        one.until_round(1)
        south = one.supernode("south")
        south.send_signal(signal.SIGSTOP)
        cut = time.monotonic()
        first = one.end(run)
        one.start("west")
        time.sleep(max(0.0, CUT - (time.monotonic() - cut)))
        south.send_signal(signal.SIGCONT)
        second = one.end(one.begin(join_seconds=BACK, round_seconds=90))
    return SimpleNamespace(**locals())


def test_a_member_that_is_cut_off_is_waited_for_no_longer_than_a_round_lasts(two):
    assert two.first["dropped"]["south"] == "timeout"
    assert two.first["members"] == ["east", "north"]
    assert [one["kind"] for one in two.first["rounds"]][-1] == "publish"


def test_a_member_that_comes_late_is_named_in_the_run_that_it_missed(two):
    assert two.first["dropped"]["west"] == "unavailable"


def test_both_take_part_in_the_next_run_from_its_first_round_on(two):
    assert two.second["dropped"] == {}
    assert all(one["members"] == list(NAMES) for one in two.second["rounds"])


def test_each_has_spent_what_it_told_and_not_more_than_it_declared(two):
    limit = Limit(NOISY["epsilon"], NOISY["delta"])
    spent = {name: budget.remaining(evidence.book(member), limit).epsilon for name, member in two.one.members.items()}

    assert spent["east"] == spent["north"] == pytest.approx(limit.epsilon)
    assert spent["west"] < spent["south"] < limit.epsilon


if SOAK:

    @pytest.mark.parametrize("phase", PHASES)
    def test_a_member_that_is_killed_in_a_phase_drops_out_and_the_others_end_the_run(tmp_path, phase):
        with field(tmp_path, "secagg") as one:
            one.start(*NAMES)
            run = one.begin(join_seconds=10, round_seconds=50)
            one.until_left("south", phase)
            one.supernode("south").kill()
            outcome = one.end(run)

        assert outcome["members"] == ["east", "north", "west"]
        assert outcome["dropped"]["south"] in {"timeout", "unavailable"}
        limit = Limit(NOISY["epsilon"], NOISY["delta"])
        spent = budget.remaining(evidence.book(one.members["south"]), limit).epsilon
        assert (spent > 0.0) == (phase in {"private-levels", "reveal"})
        assert max(each["seconds"] for each in outcome["rounds"]) < 120  # two waits of a round, and answers
