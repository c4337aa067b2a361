"""A collector process for the benchmarks, granian over SQLite; and statements of a usual shape and size."""

import base64
import contextlib
import http.client
import os
import random
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from storage import connect
from xapi_collector import auth, keyring, settings

VERBS = tuple(f"https://verbs.example/{name}" for name in ("answered", "scored", "viewed", "completed"))


def statement(rng: random.Random) -> dict[str, Any]:
    """A statement of about 1.3 KB: one of 2,000 learners, 500 activities in 20 courses, a score, a registration."""
    unit = rng.randrange(500)
    return {
        "id": str(uuid.UUID(int=rng.getrandbits(128), version=4)),
        "actor": {
            "objectType": "Agent",
            "account": {"homePage": "https://lms.example.edu", "name": f"{rng.randrange(2000)}"},
        },
        "verb": {"id": rng.choice(VERBS), "display": {"en-US": "answered", "zh-Hans": "回答"}},
        "object": {
            "objectType": "Activity",
            "id": f"https://lms.example.edu/mod/quiz/{unit}",
            "definition": {
                "type": "http://adlnet.gov/expapi/activities/assessment",
                "name": {"en-US": f"Customs declaration, unit {unit}", "zh-Hans": f"报关单填写 第{unit}单元"},
                "description": {"en-US": "Fill in the declaration for a parcel that is sold over a border. " * 3},
            },
        },
        "result": {
            "score": {"scaled": rng.randrange(101) / 100, "raw": rng.randrange(101), "min": 0, "max": 100},
            "success": rng.random() < 0.7,
            "completion": True,
            "duration": f"PT{rng.randrange(1, 60)}M{rng.randrange(60)}S",
        },
        "context": {
            "registration": str(uuid.UUID(int=rng.getrandbits(128), version=4)),
            "platform": "Moodle",
            "language": "zh-Hans",
            "contextActivities": {
                "parent": [{"id": f"https://lms.example.edu/section/{unit // 5}", "objectType": "Activity"}],
                "grouping": [{"id": f"https://lms.example.edu/course/{unit % 20}", "objectType": "Activity"}],
            },
            "extensions": {
                "https://lms.example.edu/ext/attempt": rng.randrange(5),
                "https://lms.example.edu/ext/ip": None,
            },
        },
        "timestamp": f"2026-{rng.randrange(1, 12):02d}-{rng.randrange(1, 29):02d}T08:30:{rng.randrange(60):02d}.123Z",
    }


@dataclass
class Running:
    """A running collector.

    Attributes:
        connection: An open HTTP connection to it.
        headers: Credential and version.
        process: Its process, whose children are the workers.
        directory: Where its store is.
    """

    connection: http.client.HTTPConnection
    headers: dict[str, str]
    process: psutil.Process
    directory: Path

    def request(self, method: str, path: str, body: bytes | None = None) -> bytes:
        """One request; answer its body, or fail on an error."""
        self.connection.request(method, path, body, self.headers)
        answer = self.connection.getresponse()
        content = answer.read()
        if answer.status >= 300:
            msg = f"{method} {path}: {answer.status} {content[:300]!r}"
            raise SystemExit(msg)
        return content

    def cpu(self) -> float:
        """User and system seconds so far, of the process and its workers."""
        each = [one.cpu_times() for one in (self.process, *self.process.children(recursive=True))]
        return sum(one.user + one.system for one in each)


@contextlib.contextmanager
def running(directory: Path) -> Iterator[Running]:
    """Start a collector over an empty store in the directory; stop it at the end."""
    keys = keyring.create(directory / "keyring.json")
    storage = connect.connect(f"sqlite:///{directory}/store", *settings.COLLECTIONS)
    key, secret = auth.create_credential(storage, keys, "bench")
    storage.close()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environ = {
        "ENTREPOT_STORAGE": f"sqlite:///{directory}/store",
        "ENTREPOT_KEYRING": str(directory / "keyring.json"),
        "ENTREPOT_INSTITUTION": "bench",
        "ENTREPOT_XAPI_URL": f"http://127.0.0.1:{port}/xapi",
    }
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--factory", "--host", "127.0.0.1"]
    process = subprocess.Popen(
        [
            *command,
            "--port",
            str(port),
            "--blocking-threads",
            "1",
            "--no-access-log",
            "--log-level",
            "warning",
            "xapi_collector.app:application",
        ],
        env=os.environ | environ,
    )
    try:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        _wait(port)
        headers = {
            "X-Experience-API-Version": "1.0.3",
            "Content-Type": "application/json",
            "Authorization": "Basic " + base64.b64encode(f"{key}:{secret}".encode()).decode(),
        }
        yield Running(connection, headers, psutil.Process(process.pid), directory)
    finally:
        process.terminate()
        process.wait(20)


def _wait(port: int) -> None:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.05)
    raise SystemExit("The collector did not start.")
