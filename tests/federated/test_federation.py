"""A whole federation in real processes: SuperLink, SuperNodes, TLS, registered keys. One run serves most tests."""

import os
import re
import shutil
import subprocess
import sys
import sysconfig
import threading
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import psutil
import pytest

from curriculum import catalog as catalogs
from federated import control, errors, institution, ledger, pki, processes, runtime, settings
from recommender import artifact, interactions, tracing
from recommender import training as training_of
from recommender.space import Space
from tests.federated import builders

pytestmark = [pytest.mark.processes, pytest.mark.waits, pytest.mark.timeout(300)]

SOAK = os.environ.get("ENTREPOT_TEST_SOAK") == "1"
CANARY = "canary-alice"
GOOD = ("north", "south", "west")


class Watch:
    """Look at every process of a federation while it runs: what it is and whom it talks to."""

    def __init__(self, home):
        self.home, self.talks, self.commands, self.done = home, set(), set(), threading.Event()
        self.thread = threading.Thread(target=self.look)

    def look(self):
        while not self.done.wait(1.0):
            for one in processes.tree([], self.home):
                try:
                    self.commands.add(" ".join(one.cmdline()))
                    talks = one.net_connections(kind="inet")
                except psutil.Error:
                    continue
                self.talks |= {end.ip for talk in talks for end in (talk.laddr, talk.raddr) if end}

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_error):
        self.done.set()
        self.thread.join()


def member(root, name, seed, learners=40, **changes):
    return builders.institution(root / name, name, builders.answers(learners, seed, prefix=name), **changes)


def intrude(root, ca, address):
    """Start a SuperNode whose key nobody registered; return its exit code and its log."""
    one = settings.Member("intruder", "sqlite:///none", root, ca=ca, key=root / "intruder.key")
    pki.create_node_key(one.key)
    secret = root / "intruder.secret"
    own = runtime.commands.supernode(address, one, runtime.free_port(), root / "none.toml", secret=secret)
    command = [str(Path(sysconfig.get_path("scripts")) / "flower-supernode"), *own]
    secret.write_bytes(b"x" * 32)
    environ = runtime.commands.environment(os.environ, root / "intruder-home")
    found = subprocess.run(command, env=environ, capture_output=True, text=True, timeout=100, check=False)
    return found.returncode, found.stdout + found.stderr


def register_twice(directory, text, path):
    """Register the key of a member again; return what is said."""
    address = re.search(r"SuperLink on (\S+),", text)[1]
    with control.client(address, directory / "pki" / "ca.pem") as client, pytest.raises(errors.RuntimeFailure) as said:
        control.register(client, "again", pki.public_bytes(path.parent / "supernode.key.pub"))
    return str(said.value)


@pytest.fixture(scope="module")
def first(tmp_path_factory):
    """Three good institutions, one whose store is damaged, and an intruder: a step, and the model published."""
    root = tmp_path_factory.mktemp("first")
    members = {name: member(root, name, seed) for seed, name in enumerate(GOOD, start=1)}
    broken = root / CANARY
    members["broken"] = member(root, "broken", 9, learners=1, storage=f"sqlite:///{broken}")
    broken.mkdir()
    (broken / "entrepot.db").write_bytes(b"not a database " * 100)
    directory = root / "consortium"
    told, intruder, twice = [], [], []

    def tell(text):
        told.append(text)
        if not twice:
            twice.append(register_twice(directory, text, members["north"]))
        if found := re.search(r"SuperLink on (\S+),", text):
            ca = directory / "pki" / "ca.pem"
            intruder.append(threading.Thread(target=lambda: seen.append(intrude(root, ca, found[1]))))
            intruder[0].start()

    seen = []
    with Watch(directory / "flower") as watch:
        consortium = runtime.Consortium(directory, "oulad", members)
        outcome = runtime.run(consortium, rounds=1, progress=tell)
    left = processes.tree([], directory / "flower")
    intruder[0].join()
    return SimpleNamespace(**locals())


def training(members, names):
    for name in names:
        records = institution.interactions(institution.load(members[name]))
        yield interactions.select(records, ~institution.held_out(records))


def steps(parts, count):
    space = Space(catalogs.load("oulad"))
    parameters, designs = training_of.prepare(list(parts), space)
    for _ in range(count):
        summed = training_of.total([tracing.sums(one, parameters) for one in designs])
        parameters = tracing.solve(space, summed, parameters, tracing.penalties(space))
    return parameters


def test_the_coordinator_ends_where_the_pooled_records_would(first):
    pooled = steps(training(first.members, GOOD), 2)  # one by the sums of the round of moments

    # The Hessian travels in words of 32 bits: the way to the end differs a little, the end does not (test_equality).
    np.testing.assert_allclose(first.outcome.parameters.weights, pooled.weights, atol=1e-3)
    for name, array in artifact.arrays_of(pooled).items():
        if name != "weights":
            np.testing.assert_allclose(artifact.arrays_of(first.outcome.parameters)[name], array, rtol=1e-8, atol=1e-9)


def test_every_good_institution_took_part_in_every_round(first):
    kinds = ("counts", "cells", "moments", "sums", "publish")
    assert [(one.kind, one.members) for one in first.outcome.rounds] == [(kind, tuple(sorted(GOOD))) for kind in kinds]


def test_every_good_institution_published_and_measured_at_home(first):
    for name in GOOD:
        one = institution.load(first.members[name])
        assert artifact.load(one.models / "oulad", catalogs.load("oulad")).weights.any()
        assert institution.evaluation(one)["auc"].keys() == {"local", "federated", "personalised"}


def test_an_institution_that_cannot_read_its_records_is_named_with_its_reason(first):
    assert first.outcome.dropped == {"broken": "storage"}
    assert any("broken dropped out (storage)" in text for text in first.told)


def test_the_text_of_its_error_reached_the_coordinator_nowhere(first):
    with pytest.raises(errors.RecordsError, match=CANARY):
        institution.interactions(institution.load(first.members["broken"]))

    texts = [path.read_text(errors="replace") for path in (first.directory / "logs").glob("superlink*")]
    texts += [path.read_text() for path in first.directory.rglob("*.json*")]
    assert len(texts) >= 3
    assert not any(CANARY in text for text in texts)


def test_an_unregistered_key_is_refused(first):
    ((code, log),) = first.seen

    assert code != 0
    assert "SuperNode ID" not in log


def test_a_key_is_registered_once(first):
    assert "refused to register again" in first.twice[0]


def test_nothing_talks_to_anything_but_loopback(first):
    assert first.watch.talks == {"127.0.0.1"}


def test_the_federation_ran_in_processes_of_its_own(first):
    seen = "\n".join(first.watch.commands)

    assert seen.count("federated.executor") == 4
    assert seen.count("federated.superlink") == 1


def test_no_process_is_left(first):
    assert first.left == []


def test_the_ledger_has_a_line_a_round_and_verifies(first):
    assert ledger.verify(first.directory / "ledger.jsonl", first.outcome.head) == 5


def test_bytes_per_round_are_those_of_the_rounds_of_sums(first):
    sums = [one.bytes_down + one.bytes_up for one in first.outcome.rounds if one.kind == "sums"]

    assert first.outcome.bytes_per_round == sum(sums)
    assert first.outcome.traffic > sum(sums)


if SOAK:  # without processes: test_executor

    def test_code_that_the_institution_did_not_install_is_not_run(tmp_path, monkeypatch):
        members = {name: member(tmp_path, name, 1, learners=2) for name in GOOD}
        consortium = runtime.Consortium(tmp_path / "consortium", "oulad", members)
        authority = pki.ensure(consortium.directory / "pki", ["127.0.0.1"], datetime.now(UTC))
        north = runtime.prepare(consortium, authority)["north"]
        forged = tmp_path / "forged"
        shutil.copytree(control.APP, forged, ignore=shutil.ignore_patterns("__pycache__"))
        run = f"from pathlib import Path\nPath({str(tmp_path / 'run')!r}).touch()\n"
        (forged / "entrepot_app" / "client_app.py").write_text(run + "from federated.client_app import app\n")

        # The coordinator's executor would not lead such a run: whoever took it over has another.
        taken = "from federated import superlink as one; one._refuse = one._run; one.main(one.sys.argv[1:])"
        whole = runtime.commands.superlink
        monkeypatch.setattr(
            runtime.commands, "superlink", lambda *named: [sys.executable, "-c", taken, *whole(*named)[3:]]
        )
        with runtime.federation(consortium.directory) as parts:
            address = runtime.Address("127.0.0.1", runtime.free_port())
            runtime.start_superlink(parts, authority, address)
            with control.client(str(address), authority.ca) as client:
                control.wait(client, lambda: None, 60)
                control.register(client, "north", pki.public_bytes(tmp_path / "north" / "supernode.key.pub"))
                one = runtime.start_member(parts, north, consortium.members["north"], str(address))
                monkeypatch.setattr(control, "APP", forged)
                control.start_run(client, {"rounds": 1})  # waits for its SuperNode as long as a run does by itself
                assert one.handle.wait(120) == 1

        assert "the coordinator sent the bundle" in one.log.read_text()
        assert not (tmp_path / "run").exists()
