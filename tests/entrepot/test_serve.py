"""`entrepot collector` as a process with workers: it ends gracefully, and its workers count together."""

import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time

import psutil
import pytest
import requests

from entrepot import premises
from storage import connect
from tests.xapi_collector.lrs import basic, statement
from xapi_collector import keyring
from xapi_collector.door import auth

pytestmark = [pytest.mark.processes, pytest.mark.waits]


class Served:
    """An institution's collector, started as its operator starts it."""

    def __init__(self, directory, port):
        self.url = f"http://127.0.0.1:{port}"
        self.port, self.directory = port, directory
        made = premises.establish(
            directory / "wales", "wales", xapi_url=f"{self.url}/xapi", lti_url="https://l.example"
        )
        storage = connect.connect(made.environment["ENTREPOT_STORAGE"], *premises.COLLECTIONS)
        with contextlib.closing(storage):
            pair = auth.create_credential(storage, keyring.load(made.environment["ENTREPOT_KEYRING"]), "tests")
        self.headers = {"X-Experience-API-Version": "1.0.3"} | basic(*pair)
        (directory / "tmp").mkdir()
        with (directory / "log").open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "entrepot.cli", "collector", "--port", str(port), "--workers", "2"],
                env=os.environ | made.environment | {"TMPDIR": str(directory / "tmp")},
                stdout=subprocess.DEVNULL,
                stderr=log,
                start_new_session=True,
            )
        self.wait()

    def wait(self):
        """Until it answers."""
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            with contextlib.suppress(requests.ConnectionError):
                if requests.get(f"{self.url}/ready", timeout=5).ok:
                    return
            time.sleep(0.05)
        raise TimeoutError("the collector did not start")

    def post(self, body):
        return requests.post(f"{self.url}/xapi/statements", json=body, headers=self.headers, timeout=30)

    def value(self, line):
        """A figure of /metrics."""
        text = requests.get(f"{self.url}/metrics", headers=self.headers, timeout=30).text
        return float(re.search(rf"^entrepot_lrs_{re.escape(line)} (\S+)$", text, re.MULTILINE)[1])

    def begin(self, body, sent):
        """Send a request up to a part of its body; answer the socket and the rest."""
        lines = self.headers | {"Host": "x", "Content-Type": "application/json", "Content-Length": str(len(body))}
        head = "POST /xapi/statements HTTP/1.1\r\n" + "".join(f"{name}: {text}\r\n" for name, text in lines.items())
        connection = socket.create_connection(("127.0.0.1", self.port))
        connection.sendall(head.encode() + b"\r\n" + body[:sent])
        return connection, body[sent:]


@pytest.fixture
def served(tmp_path, unused_port):
    made = Served(tmp_path, unused_port)
    yield made
    with contextlib.suppress(ProcessLookupError):
        os.killpg(made.process.pid, signal.SIGKILL)
    made.process.wait()


def test_a_request_under_way_is_answered_before_it_ends(served):
    connection, rest = served.begin(json.dumps([statement() for _ in range(20)]).encode(), 1000)
    with connection:
        time.sleep(0.3)
        served.process.terminate()
        time.sleep(0.5)
        connection.sendall(rest)
        connection.settimeout(20)
        answer = connection.recv(100)

    assert answer.startswith(b"HTTP/1.1 200")
    assert served.process.wait(20) == 0
    assert list((served.directory / "tmp").iterdir()) == []


def test_workers_count_together_and_what_a_killed_one_counted_stays(served):
    for _ in range(40):
        assert served.post(statement()).status_code == 200
    before = served.value("statements_total")
    workers = psutil.Process(served.process.pid).children()
    for worker in workers:
        worker.kill()
    psutil.wait_procs(workers, 10)
    served.wait()
    served.post([statement(), statement()])

    assert before == 40
    assert len(workers) == 2
    assert served.value("statements_total") == 42


def test_its_log_is_one_json_object_a_line(served):
    served.post(statement())
    time.sleep(0.5)  # a worker that is not up yet does not hear the signal, and is killed after ten seconds
    served.process.terminate()
    served.process.wait(20)
    lines = [json.loads(line) for line in (served.directory / "log").read_text().splitlines()]

    assert {"route": "/xapi/statements", "stored": 1, "status": 200}.items() <= lines[-1].items()
    assert {line["institution"] for line in lines} == {"wales"}
