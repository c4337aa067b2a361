"""A request to a target and what its answer means, over a real socket; and forwarding whatever is killed."""

import base64
import contextlib
import http.server
import os
import signal
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime

import pytest
import requests

from tests.xapi_collector import lrs as builders
from tests.xapi_collector import offices, server
from tests.xapi_collector.lrs import statement
from xapi_collector import statements
from xapi_collector.forwarding import forwarders, wire
from xapi_collector.forwarding.wire import FAILED, REFUSED, TAKEN, THERE, Target
from xapi_collector.jobs import forward as job

NOW = datetime(2026, 11, 23, 8, 30, tzinfo=UTC)


class Answering(http.server.BaseHTTPRequestHandler):
    """Answers every POST with what the server was told, and keeps the request."""

    protocol_version = "HTTP/1.1"

    def do_POST(self):
        self.server.requests.append(
            (self.path, dict(self.headers), self.rfile.read(int(self.headers["Content-Length"])))
        )
        if self.server.silent:
            self.server.silent.wait(10)
        self.send_response(self.server.status)
        for name, value in self.server.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(self.server.body)))
        self.end_headers()
        with contextlib.suppress(OSError):
            self.wfile.write(self.server.body)

    def log_message(self, *_words):
        """Say nothing."""


@pytest.fixture
def target():
    made = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answering)
    made.requests, made.status, made.headers, made.body, made.silent = [], 200, {}, b"[]", None
    made.url = f"http://127.0.0.1:{made.server_port}/xapi"
    thread = threading.Thread(target=made.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield made
    if made.silent:
        made.silent.set()
    made.shutdown()
    thread.join()
    made.server_close()


def post(url, body=b"[{}]", content_type="application/json"):
    with requests.Session() as session:
        return wire.poster(session, lambda: NOW)(Target(url, "1.0.3", "kéy", "sécret"), body, content_type)


def test_a_request_names_version_credential_and_type(target):
    outcome = post(target.url, b"[1]", "multipart/mixed; boundary=b")
    ((path, headers, body),) = target.requests

    assert outcome.kind == TAKEN
    assert (path, body) == ("/xapi/statements", b"[1]")
    assert headers["X-Experience-API-Version"] == "1.0.3"
    assert headers["Content-Type"] == "multipart/mixed; boundary=b"
    assert headers["Authorization"] == "Basic " + base64.b64encode("kéy:sécret".encode()).decode()


def test_a_target_does_not_show_its_credential():
    assert repr(Target("https://t.example", "1.0.3", "key", "secret")) == "Target(https://t.example)"


@pytest.mark.parametrize(
    ("status", "kind", "reason"),
    [
        (200, TAKEN, ""),
        (204, TAKEN, ""),
        (400, REFUSED, "refused as invalid"),
        (413, REFUSED, "too large"),
        (422, REFUSED, "refused as invalid"),
        (409, THERE, "another statement has this id there"),
        (401, FAILED, "credential unknown there"),
        (403, FAILED, "credential may not write there"),
        (404, FAILED, "status 404"),
        (429, FAILED, "status 429"),
        (500, FAILED, "status 500"),
    ],
)
def test_a_status_has_a_meaning(target, status, kind, reason):
    target.status = status
    target.body = b"the text of the target" if status != 204 else b""
    outcome = post(target.url)

    assert (outcome.kind, outcome.status, outcome.reason) == (kind, status, reason)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("120", 120),
        ("999999999999", 86_400),
        ("Mon, 23 Nov 2026 08:31:00 GMT", 60),
        ("Mon, 23 Nov 2026 08:29:00 GMT", 0),
        ("Mon, 23 Nov 2026 08:31:00 -0000", 0),
        ("soon", 0),
        ("", 0),
    ],
)
def test_a_target_says_when_to_try_again(target, text, seconds):
    target.status, target.headers = 503, {"Retry-After": text}

    assert post(target.url).retry_after == seconds


def test_a_redirect_is_not_followed(target):
    target.status, target.headers = 307, {"Location": f"{target.url}/elsewhere"}
    outcome = post(target.url)

    assert (outcome.kind, outcome.reason, len(target.requests)) == (FAILED, "status 307", 1)


def test_a_long_answer_is_not_waited_for(target):
    target.body = b"x" * 50_000_000
    began = time.monotonic()

    assert post(target.url).kind == TAKEN
    assert time.monotonic() - began < 5


def test_a_silent_target_is_given_up(target, monkeypatch):
    monkeypatch.setattr(wire, "TIMEOUT", (0.5, 0.2))
    target.silent = threading.Event()

    assert post(target.url).reason == "timeout"


def test_who_does_not_answer_or_is_not_who_they_say_is_a_failure(target):
    assert post("http://127.0.0.1:1/xapi").reason == "unreachable"
    assert post(target.url.replace("http:", "https:")).reason == "certificate"


def test_the_command_sends_what_waits_and_ends(quick, target, tmp_path, capsys):
    (tmp_path / "secret").write_text("s")
    offices.run(quick, "forward", "add", "one", "--url", target.url, "--key", "k", "--secret-file", tmp_path / "secret")
    offices.run(
        quick,
        "forward",
        "add",
        "two",
        "--url",
        "http://127.0.0.1:1",
        "--key",
        "k",
        "--secret-file",
        tmp_path / "secret",
    )
    sent = statement()
    quick.post(sent)
    code = offices.run(quick, "forward", "run", "--once")
    told = capsys.readouterr()

    assert code == 0
    assert [sent["id"].encode() in body for _, _, body in target.requests] == [True]
    assert "one: 1 sent" in told.err
    assert sent["id"] not in told.err


def test_the_command_looks_again_until_it_is_ended(quick, target, tmp_path):
    (tmp_path / "secret").write_text("s")
    offices.run(quick, "forward", "add", "one", "--url", target.url, "--key", "k", "--secret-file", tmp_path / "secret")
    pauses = []

    def pause():
        pauses.append(len(target.requests))
        if len(pauses) == 2:
            raise KeyboardInterrupt
        quick.post(statement())

    with pytest.raises(KeyboardInterrupt):
        job.send(offices.office(quick), once=False, pause=pause)

    assert pauses == [0, 1]


def test_the_command_retries_dead_letters(quick, target, tmp_path, capsys):
    (tmp_path / "secret").write_text("s")
    offices.run(quick, "forward", "add", "one", "--url", target.url, "--key", "k", "--secret-file", tmp_path / "secret")
    quick.post([statement(), statement()])
    target.status = 400
    offices.run(quick, "forward", "run", "--once")
    codes = [offices.run(quick, "forward", "retry", "one")]
    target.status = 200
    codes.append(offices.run(quick, "forward", "retry", "one"))

    assert codes == [1, 0]
    assert "0 sent, 2 refused again." in capsys.readouterr().out
    assert forwarders.dead(quick.storage, "one") == []


def test_a_forwarder_that_is_removed_meanwhile_ends_nothing(quick, target, tmp_path, monkeypatch):
    (tmp_path / "secret").write_text("s")
    offices.run(quick, "forward", "add", "one", "--url", target.url, "--key", "k", "--secret-file", tmp_path / "secret")
    found = forwarders.listed(quick.storage)
    forwarders.remove(quick.storage, "one")
    monkeypatch.setattr(forwarders, "listed", lambda _storage: found)

    assert offices.run(quick, "forward", "run", "--once") == 0


@pytest.mark.processes
def test_killed_again_and_again_every_statement_arrives_once(tmp_path):
    (tmp_path / "source").mkdir()
    (tmp_path / "far").mkdir()
    source = builders.make(f"sqlite:///{tmp_path}/source/store", tmp_path / "source")
    sent = [statement() for _ in range(1500)]
    for start in range(0, len(sent), 500):
        source.post(sent[start : start + 500])
    with server.made(tmp_path / "far") as far:
        far.start()
        key, secret = base64.b64decode(far.headers["Authorization"].removeprefix("Basic ")).decode().split(":")
        (tmp_path / "secret").write_text(secret)
        offices.run(
            source, "forward", "add", "far", "--url", far.url, "--key", key, "--secret-file", tmp_path / "secret"
        )
        kills = _forward_and_kill(source, tmp_path / "source", far)
        with contextlib.closing(far.open()) as storage:
            found = [label.id for label in statements.labels(storage, purpose="service")]

    source.storage.close()
    assert kills >= 2
    assert found == [each["id"] for each in sent]


def _forward_and_kill(source, directory, far):
    """Run the command until all is sent, killing it, and once the target, on the way; answer how often."""
    environ = os.environ | {
        "ENTREPOT_STORAGE": f"sqlite:///{directory}/store",
        "ENTREPOT_KEYRING": str(directory / "keyring.json"),
        "ENTREPOT_INSTITUTION": "tests",
        "ENTREPOT_XAPI_URL": "https://lrs.example/xapi",
    }
    kills, last = 0, 0
    while True:
        command = [sys.executable, "-m", "entrepot.cli", "lrs", "forward", "run", "--once"]
        process = subprocess.Popen(command, env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        while process.poll() is None and (kills >= 4 or _sent(source) <= last):
            time.sleep(0.005)
        if process.poll() is not None:
            assert process.returncode == 0
            return kills
        process.send_signal(signal.SIGKILL)
        process.wait()
        kills, last = kills + 1, _sent(source)
        if kills == 2:
            far.kill()
            far.start()


def _sent(source):
    return forwarders.get(source.storage, "far").cursor
