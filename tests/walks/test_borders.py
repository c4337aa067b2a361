"""docs/federation.md as it is printed: a coordinator behind its proxy and institutions with stores of their own train.

The page's commands are run in the page's order, what names Leeds for every institution. On loopback; with
ENTREPOT_TEST_SOAK=1 also with every institution in a network namespace of its own, where that is allowed.
"""

import contextlib
import io
import json
import os
import re
import shlex
import ssl
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field, replace
from pathlib import Path

import psutil
import pytest

from entrepot import cli
from federated import conduct, desk, ledger, runtime, settings
from tests.federated import builders
from tests.house.conftest import ROOT
from tests.walks import gatehouse

pytestmark = [pytest.mark.processes, pytest.mark.waits, pytest.mark.timeout(300)]

PAGE = (ROOT / "docs" / "federation.md").read_text(encoding="utf-8")
BLOCKS = [text.replace("\\\n", " ") for text in re.findall(r"^```sh\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)]
LEARNERS = 60
HOST = "10.77.0.1"  # of the coordinator, as namespaces see it


def _namespaces():
    """Whether this process may make network namespaces."""
    tried = subprocess.run(["unshare", "--net", "ip", "link"], capture_output=True, check=False)
    return tried.returncode == 0 and os.geteuid() == 0


SOAK = os.environ.get("ENTREPOT_TEST_SOAK") == "1"
GROUNDS = ("loopback", "namespaces") if SOAK and _namespaces() else ("loopback",)


@dataclass
class Walk:
    """A walk through the page, in a directory, with the services that it started."""

    root: Path
    names: tuple[str, ...]
    inside: int
    outside: int
    host: str
    services: list[subprocess.Popen] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    peers: set[str] = field(default_factory=set)

    def block(self, text):
        """Run one block, for each institution if it names Leeds and nobody leaves."""
        for name in self.names if "leeds" in text and "leave" not in text else ("leeds",):
            for line in (
                text.replace("leeds", name).replace("University of Leeds", f"University of {name}").splitlines()
            ):
                self.line(line)

    def line(self, line):
        line = line.replace("learn.example.org:443", f"{self.host}:{self.outside}")
        if line.startswith("set -a; . "):
            text = (self.root / line.split()[3].rstrip(";")).read_text()
            os.environ.update(row.split("=", 1) for row in text.splitlines())
        elif line.startswith(("entrepot coordinator", "entrepot member")):
            self.serve([*shlex.split(line)[1:], *(("--port", str(self.inside)) if "coordinator" in line else ())])
        elif line.startswith("entrepot "):
            words = shlex.split(line)[1:]
            takes = words[0] == "federation" and words[1] in {"admit", "run", "status", "leave"}
            self.call([*words, *(("--superlink", f"127.0.0.1:{self.inside}") if takes else ())])
        else:
            subprocess.run(["bash", "-euc", line], cwd=self.root, check=True)

    def call(self, words):
        """Run one command in this process: that starts no interpreter, and takes a tenth of the time."""
        told, wrong = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(told), contextlib.redirect_stderr(wrong):
            code = cli.main(words)
        self.said.append(told.getvalue())

        assert code == 0, f"{words}: {wrong.getvalue()}"

    def serve(self, words):
        if words[0] == "member":
            path = self.root / words[words.index("--settings") + 1]
            settings.save(path, replace(settings.load_member(path), poll=0.5))  # all on one machine
        within = _within(path.parent.name) if words[0] == "member" and self.host == HOST else []
        program = [*within, sys.executable, "-m", "entrepot.cli", *words]
        with (self.root / f"{len(self.services)}.log").open("w") as log:
            self.services.append(subprocess.Popen(program, cwd=self.root, stdout=log, stderr=log))

    def watch(self, done):
        """Note whom the services talk to, until told to end."""
        while not done.wait(1.0):
            for one in self.processes():
                with contextlib.suppress(psutil.Error):
                    self.peers |= {talk.raddr.ip for talk in one.net_connections(kind="inet") if talk.raddr}

    def processes(self):
        found = []
        for one in self.services:
            with contextlib.suppress(psutil.Error):
                process = psutil.Process(one.pid)
                found += [process, *process.children(recursive=True)]
        return found

    def stop(self):
        left = self.processes()
        for one in self.services:
            one.terminate()
        for one in self.services:
            one.wait(20)
        for one in psutil.wait_procs(left, timeout=5)[1]:
            one.kill()

    def together(self):
        """Whether every institution is connected."""
        directory = self.root / "consortium"
        with conduct.superlink(directory, f"127.0.0.1:{self.inside}") as client:
            return set(conduct.connected(client, desk.load(directory))) == set(self.names)

    def ask(self, port, path):
        """Ask as a member would, from outside; return the status."""
        trust = ssl.create_default_context(cafile=self.root / "consortium" / "pki" / "ca.pem")
        request = urllib.request.Request(f"https://{self.host}:{port}{path}", data=b"", method="POST")
        try:
            with urllib.request.build_opener(
                urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=trust)
            ).open(request, timeout=20) as answer:
                return answer.status
        except urllib.error.HTTPError as error:
            return error.code


def institution(root, name, seed):
    """What an institution has before it joins: `entrepot init`, and what its learners did."""
    assert cli.main(["init", "--directory", name, "--institution", name, "--url", "https://learn.example.org"]) == 0
    builders.send(root / name, builders.answers(LEARNERS, seed, prefix=name))


def until(true, seconds=120.0):
    """Wait until something is true."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.2)


def _within(name):
    return ["ip", "netns", "exec", f"entrepot-{name}"]


@contextlib.contextmanager
def ground(kind, names):
    """Give each institution a network of its own, from which it reaches the coordinator's address and nobody else."""
    with contextlib.ExitStack() as stack:

        def do(words, undo=""):
            if undo:
                stack.callback(subprocess.run, undo.split(), check=False)
            subprocess.run(words.split(), check=True)

        if kind == "namespaces":
            do(f"ip address add {HOST}/32 dev lo", f"ip address delete {HOST}/32 dev lo")
            for number, name in enumerate(names, start=1):
                space, here = f"entrepot-{name}", f"entrepot{number}"
                do(f"ip netns add {space}", f"ip netns delete {space}")
                do(f"ip link add {here} type veth peer name outside netns {space}")
                do(f"ip address add 10.77.{number}.1/30 dev {here}")
                do(f"ip link set {here} up")
                for words in (
                    f"address add 10.77.{number}.2/30 dev outside",
                    "link set lo up",
                    "link set outside up",
                    f"route add {HOST} via 10.77.{number}.1",
                ):
                    do(f"ip netns exec {space} ip {words}")
        yield


@pytest.fixture(scope="module", params=GROUNDS)
def walk(request, tmp_path_factory):
    """The page, walked up to where somebody leaves; everything still runs."""
    root, apart = tmp_path_factory.mktemp("borders"), request.param == "namespaces"
    names = ("leeds", "hangzhou", "milan") if apart else ("leeds", "hangzhou")
    one = Walk(root, names, runtime.free_port(), runtime.free_port(), HOST if apart else runtime.LOOPBACK)
    before, done = dict(os.environ), threading.Event()
    watcher = threading.Thread(target=one.watch, args=(done,))
    with ground(request.param, names), contextlib.chdir(root), contextlib.ExitStack() as stack:
        stack.callback(lambda: (os.environ.clear(), os.environ.update(before)))
        stack.callback(one.stop)
        for seed, name in enumerate(one.names, start=1):
            institution(root, name, seed)
        watcher.start()
        stack.callback(lambda: (done.set(), watcher.join()))
        for text in BLOCKS:
            if "leave" in text:
                break
            if "federation run" in text:
                until(one.together)
            one.block(text)
            if "mkdir tls" in text:
                until(lambda: conduct.serves(f"127.0.0.1:{one.inside}"))
                stack.enter_context(gatehouse.gate(root / "tls", root / "proxy", (one.host, one.outside), one.inside))
        yield one


def test_every_institution_measured_the_model_that_all_made_and_has_it_unless_it_was_worse(walk):
    for name in walk.names:
        models = walk.root / name / "models"
        found = json.loads((models / "evaluation" / "oulad.json").read_text())
        assert found["auc"].keys() == {"local", "federated", "personalised"}
        # So few learners, under noise: now and then what an institution makes of it is worse than a cold start.
        assert (models / "oulad" / "manifest.json").is_file() == found["gate"]["taken"]
    names = ", ".join(sorted(walk.names))
    assert f"Done: {len(walk.names)} institutions took up the model: {names}." in "".join(walk.said)


def test_every_command_of_the_page_was_run(walk):
    assert sum("leave" in text for text in BLOCKS) == 1
    assert len(walk.said) > len(BLOCKS)
    assert "epsilon" in walk.said[0]


def test_the_ledger_names_who_took_part(walk):
    lines = ledger.read(walk.root / "consortium" / "ledger.jsonl")

    assert {tuple(line.body["members"]) for line in lines} == {tuple(sorted(walk.names))}


@pytest.mark.parametrize(
    "path",
    [
        "/v1/control/list-nodes",
        "/v1/control/register-node",
        "/v1/runtime/acquire-task",
        "/v1/fleet/../control/list-nodes",
        "/v1/fleet/%2e%2e/control/list-nodes",
        "/",
    ],
)
def test_from_outside_there_is_the_fleet_and_nothing_else(walk, path):
    assert walk.ask(walk.outside, "/v1/fleet/pull-messages") == 415
    assert walk.ask(walk.outside, path) == 404


def test_no_process_talks_to_anybody_but_this_machine(walk):
    assert walk.peers
    assert {peer for peer in walk.peers if not peer.startswith(("127.", "::1", "10.77."))} == set()


def test_an_institution_reaches_neither_the_superlink_nor_another_institution(walk):
    """The SuperLink listens on loopback: from another machine, or a namespace that stands for one, it is not there."""
    links = {
        talk.laddr.ip
        for one in walk.processes()
        for talk in one.net_connections(kind="tcp")
        if talk.status == psutil.CONN_LISTEN
    }
    assert links == {"127.0.0.1"}
    if walk.host == HOST:
        for port, address in ((walk.inside, HOST), (walk.outside, "10.77.2.2")):
            code = f"import socket; socket.create_connection(({address!r}, {port}), 3)"
            tried = subprocess.run([*_within("leeds"), sys.executable, "-c", code], capture_output=True, check=False)
            assert b"Error" in tried.stderr


def test_who_leaves_is_shut_out_at_once(walk):
    member = walk.services[1 + walk.names.index("leeds")]
    with contextlib.chdir(walk.root):
        walk.block(next(text for text in BLOCKS if "leave" in text))

    assert "Shut out: leeds." in walk.said[-1]
    assert [seat.name for seat in desk.load(walk.root / "consortium").members] == sorted({*walk.names} - {"leeds"})
    assert member.wait(60) is not None
    assert not (walk.root / "leeds" / "charter.json").exists()


def test_without_nginx_the_stand_in_passes_the_fleet_and_nothing_else(walk):
    port = runtime.free_port()
    with gatehouse.gate(walk.root / "tls", walk.root / "other", (walk.host, port), walk.inside, nginx=None):
        assert walk.ask(port, "/v1/fleet/pull-messages") == 415
        assert walk.ask(port, "/v1/control/list-nodes") == 404
