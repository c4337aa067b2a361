"""docs/federation.md as it is printed: a coordinator behind its proxy and institutions with stores of their own train.

The page's commands are run in the page's order, what names Leeds for every institution. On loopback; with
ENTREPOT_TEST_SOAK=1 also with every institution in a network namespace of its own, where that is allowed.
"""

import contextlib
import io
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
SOAK = os.environ.get("ENTREPOT_TEST_SOAK") == "1"


@dataclass
class Walk:
    """A walk through the page, in a directory, with the services that it started."""

    root: Path
    names: tuple[str, ...]
    inside: int
    outside: int
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
        line = line.replace("learn.example.org:443", f"127.0.0.1:{self.outside}")
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
            settings.save(path, replace(settings.load_member(path), poll=0.25))  # all on one machine
        program = [sys.executable, "-m", "entrepot.cli", *words]
        with (self.root / f"{len(self.services)}.log").open("w") as log:
            self.services.append(subprocess.Popen(program, cwd=self.root, stdout=log, stderr=log))

    def watch(self, done):
        """Note whom the services talk to, until told to end."""
        while not done.wait(0.3):
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

    def ask(self, port, path):
        """Ask as a member would, from outside; return the status."""
        trust = ssl.create_default_context(cafile=self.root / "consortium" / "pki" / "ca.pem")
        request = urllib.request.Request(f"https://127.0.0.1:{port}{path}", data=b"", method="POST")
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


def until(true, seconds=60.0):
    """Wait until something is true."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.2)


@pytest.fixture(scope="module")
def walk(tmp_path_factory):
    """The page, walked up to where somebody leaves; everything still runs."""
    root = tmp_path_factory.mktemp("borders")
    one = Walk(root, ("leeds", "hangzhou"), runtime.free_port(), runtime.free_port())
    before, done = dict(os.environ), threading.Event()
    watcher = threading.Thread(target=one.watch, args=(done,))
    with contextlib.chdir(root), contextlib.ExitStack() as stack:
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
                until(lambda: conduct.serves(f"127.0.0.1:{one.inside}"))
            one.block(text)
            if "mkdir tls" in text:
                until(lambda: conduct.serves(f"127.0.0.1:{one.inside}"))
                stack.enter_context(
                    gatehouse.gate(root / "tls", root / "proxy", ("127.0.0.1", one.outside), one.inside)
                )
        yield one


def test_every_institution_has_the_model_that_all_made(walk):
    assert {(walk.root / name / "models" / "oulad" / "manifest.json").is_file() for name in walk.names} == {True}
    assert "Done: 2 institutions took up the model: hangzhou, leeds." in "".join(walk.said)


def test_every_command_of_the_page_was_run(walk):
    assert sum("leave" in text for text in BLOCKS) == 1
    assert len(walk.said) > len(BLOCKS)
    assert "epsilon" in walk.said[0]


def test_the_ledger_names_who_took_part(walk):
    lines = ledger.read(walk.root / "consortium" / "ledger.jsonl")

    assert {tuple(line.body["members"]) for line in lines} == {("hangzhou", "leeds")}


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
    assert {peer for peer in walk.peers if not peer.startswith("127.") and peer != "::1"} == set()


def test_who_leaves_is_shut_out_at_once(walk):
    member = walk.services[1 + walk.names.index("leeds")]
    with contextlib.chdir(walk.root):
        walk.block(next(text for text in BLOCKS if "leave" in text))

    assert "Shut out: leeds." in walk.said[-1]
    assert [seat.name for seat in desk.load(walk.root / "consortium").members] == ["hangzhou"]
    assert member.wait(60) is not None
    assert not (walk.root / "leeds" / "charter.json").exists()


def test_without_nginx_the_stand_in_passes_the_fleet_and_nothing_else(walk):
    port = runtime.free_port()
    with gatehouse.gate(walk.root / "tls", walk.root / "other", ("127.0.0.1", port), walk.inside, nginx=None):
        assert walk.ask(port, "/v1/fleet/pull-messages") == 415
        assert walk.ask(port, "/v1/control/list-nodes") == 404
