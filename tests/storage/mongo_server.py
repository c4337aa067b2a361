"""A MongoDB server process for the tests: one a test run, a database of its own for each test.

The server is `secantusd-py`; where ENTREPOT_TEST_MONGODB_URI names a real MongoDB (with `{database}` in its place),
the same tests run against that as well.
"""

import atexit
import functools
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

import pymongo

SERVERS = ("secantus", *(("mongodb",) if os.environ.get("ENTREPOT_TEST_MONGODB_URI") else ()))


def url(server: str, database: str) -> str:
    """The URL of a database on the server, which is started if it is ours and does not run yet."""
    if server == "mongodb":
        return os.environ["ENTREPOT_TEST_MONGODB_URI"].replace("{database}", database)
    return f"mongodb://127.0.0.1:{_port()}/{database}?directConnection=true"


def start(port: int, directory) -> subprocess.Popen:
    """A server process of its own, ready, for a test that stops or kills it."""
    command = Path(sys.executable).with_name("secantusd-py")
    arguments = ["--host", "127.0.0.1", "--port", str(port), "--storage-path", directory, "--sync-on-commit"]
    process = subprocess.Popen(
        [command, *arguments, "--cache-size", "512M"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    with pymongo.MongoClient(
        f"mongodb://127.0.0.1:{port}/?directConnection=true", serverSelectionTimeoutMS=30_000
    ) as client:
        client.admin.command("ping")
    return process


@functools.cache
def _port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    directory = tempfile.mkdtemp(prefix="entrepot-mongo-")
    atexit.register(_stop, start(port, directory), directory)
    return port


def _stop(process: subprocess.Popen, directory: str) -> None:
    process.kill()
    process.wait()
    shutil.rmtree(directory, ignore_errors=True)
