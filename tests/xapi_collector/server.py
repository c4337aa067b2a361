"""A collector as an institution runs it: `entrepot collector` with worker processes over SQLite."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time

import psutil
import requests

from storage import connect
from tests.xapi_collector.lrs import VERSION, basic
from xapi_collector import keyring, settings
from xapi_collector.door import auth


class Server:
    """A directory with a store and a keyring, and the process that serves it while it runs."""

    def __init__(self, directory, port):
        self.directory, self.port = directory, port
        self.process = None
        keys = keyring.create(directory / "keyring.json")
        with contextlib.closing(self.open()) as storage:
            key, secret = auth.create_credential(storage, keys, "tests")
        self.headers = {"X-Experience-API-Version": VERSION} | basic(key, secret)
        self.url = f"http://127.0.0.1:{port}/xapi/statements"

    def open(self):
        """The store, opened by the test itself."""
        return connect.connect(f"sqlite:///{self.directory}/store", *settings.COLLECTIONS)

    def start(self, workers=1):
        """Start and wait until it answers."""
        environ = {
            "ENTREPOT_STORAGE": f"sqlite:///{self.directory}/store",
            "ENTREPOT_KEYRING": str(self.directory / "keyring.json"),
            "ENTREPOT_INSTITUTION": "tests",
            "ENTREPOT_XAPI_URL": f"http://127.0.0.1:{self.port}/xapi",
        }
        command = [sys.executable, "-m", "entrepot.cli", "collector", "--port", str(self.port)]
        command += ["--workers", str(workers)]
        self.process = subprocess.Popen(
            command,
            env=os.environ | environ,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        deadline = time.monotonic() + 30
        while not self._answers():
            if time.monotonic() > deadline or self.process.poll() is not None:
                raise TimeoutError("the collector did not start")
            time.sleep(0.05)

    def _answers(self):
        with contextlib.suppress(requests.ConnectionError):
            return requests.get(f"http://127.0.0.1:{self.port}/health", timeout=5).ok
        return False

    def kill(self):
        """Kill -9 of the server and its workers, at once."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def stop(self):
        """End it as systemd does; answer whether no worker is left."""
        workers = psutil.Process(self.process.pid).children(recursive=True)
        self.process.terminate()
        self.process.wait(20)
        _gone, alive = psutil.wait_procs(workers, timeout=5)
        return not alive


@contextlib.contextmanager
def made(directory):
    """A server that is gone at the end, whatever happened."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        server = Server(directory, free.getsockname()[1])
    try:
        yield server
    finally:
        if server.process is not None:
            server.kill()
