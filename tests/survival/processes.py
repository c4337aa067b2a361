"""Real processes for the tests of survival: a collector under granian, the clients that load it, and a small disk."""

import contextlib
import http.client
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import uuid
from dataclasses import dataclass, field

import orjson
import psutil

from storage import connect
from tests.xapi_collector.lrs import VERSION, basic
from xapi_collector import keyring, settings
from xapi_collector.door import auth

SOAK = os.environ.get("ENTREPOT_TEST_SOAK") == "1"
"""Whether the large numbers are asked for: `make soak`."""


def report(text):
    """Say a figure; `pytest -s` shows it."""
    sys.stdout.write(f"{text}\n")


def free_port():
    """A port on which nothing listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def ids(storage):
    """The ids of all statements in a store, in order."""
    return [str(uuid.UUID(bytes=row.id)) for row in storage.statements.rows()]


class Collector:
    """A store with its keyring in a directory, and the server over it while it runs."""

    def __init__(self, directory, url=None, *, workers=1, wrapped=(), **environ):
        self.directory, self.port = directory, free_port()
        self.url = url or f"sqlite:///{directory}/store"
        self.workers, self.wrapped, self.environ, self.process = workers, list(wrapped), environ, None
        self._clients = []
        self.keys = keyring.create(directory / "keyring.json")
        with contextlib.closing(self.open()) as storage:
            pair = auth.create_credential(storage, self.keys, "tests")
        self.headers = {"X-Experience-API-Version": VERSION} | basic(*pair)

    def open(self):
        """The store, opened by the test itself."""
        return connect.connect(self.url, *settings.COLLECTIONS)

    def start(self):
        """Start and wait until it is ready; answer the seconds that this took."""
        began = time.monotonic()
        environ = {
            "ENTREPOT_STORAGE": self.url,
            "ENTREPOT_KEYRING": str(self.directory / "keyring.json"),
            "ENTREPOT_INSTITUTION": "tests",
            "ENTREPOT_XAPI_URL": f"http://127.0.0.1:{self.port}/xapi",
            "ENTREPOT_XAPI_RATE": "0",
            "TMPDIR": str(self.directory),
        }
        command = [sys.executable, "-m", "entrepot.cli", "collector", "--port", str(self.port)]
        with (self.directory / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [*self.wrapped, *command, "--workers", str(self.workers)],
                env=os.environ | environ | self.environ,
                stdout=subprocess.DEVNULL,
                stderr=log,
                start_new_session=True,
            )
        while not self._is_ready():
            if time.monotonic() > began + 30 or self.process.poll() is not None:
                raise TimeoutError((self.directory / "log").read_text()[-2000:])
            time.sleep(0.02)
        return time.monotonic() - began

    def _is_ready(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        with contextlib.suppress(OSError, http.client.HTTPException), contextlib.closing(connection):
            connection.request("GET", "/ready")
            return connection.getresponse().status == 200
        return False

    def kill(self):
        """Kill -9 of the server and its workers, at once."""
        while self._clients:
            self._clients.pop().close()
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()

    def workers_alive(self):
        """The worker processes."""
        return [each for each in psutil.Process(self.process.pid).children(recursive=True) if each.is_running()]

    def ids(self):
        """The ids of all that is stored, in order."""
        with contextlib.closing(self.open()) as storage:
            return ids(storage)

    def client(self, timeout=30):
        """A connection that is kept alive."""
        self._clients.append(Client(self, timeout))
        return self._clients[-1]


class Client:
    """One connection to a collector; it opens again what was cut."""

    def __init__(self, collector, timeout):
        self._collector = collector
        self._connection = http.client.HTTPConnection("127.0.0.1", collector.port, timeout=timeout)

    def send(self, method, path, body=None):
        """The status and the body of the answer.

        Raises:
            OSError, http.client.HTTPException: There was none.
        """
        headers = self._collector.headers | ({} if body is None else {"Content-Type": "application/json"})
        try:
            self._connection.request(method, f"/xapi{path}", body, headers)
            answer = self._connection.getresponse()
            return answer.status, answer.read()
        except BaseException:
            self._connection.close()
            raise

    def post(self, batch):
        """POST statements; the status."""
        return self.send("POST", "/statements", orjson.dumps(batch))[0]

    def close(self):
        self._connection.close()


@dataclass
class Load:
    """What a load of clients met: the batches that were acknowledged, every status, and seconds of each answer."""

    acknowledged: list = field(default_factory=list)
    statuses: list = field(default_factory=list)
    seconds: list = field(default_factory=list)


@contextlib.contextmanager
def load(collector, batches, clients, *, pause=0.0):
    """Clients that send batches while the block runs; they go on after an answer of any status, and after none.

    Args:
        collector: Where to.
        batches: Makes the next batch: a function of the client's number.
        clients: How many.
        pause: Seconds between two requests of a client after a refusal.
    """
    met, stop = Load(), threading.Event()

    def run(number):
        client = Client(collector, timeout=30)
        while not stop.is_set():
            batch = batches(number)
            began = time.monotonic()
            try:
                status = client.post(batch)
            except (OSError, http.client.HTTPException):
                stop.wait(0.02)
                continue
            met.statuses.append(status)
            met.seconds.append(time.monotonic() - began)
            if status == 200:
                met.acknowledged.append(batch)
            else:
                stop.wait(pause)
        client.close()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(clients)]
    for thread in threads:
        thread.start()
    try:
        yield met
    finally:
        stop.set()
        for thread in threads:
            thread.join()
