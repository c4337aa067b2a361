"""A full disk: nothing is acknowledged that is not stored, reads go on, and it recovers alone once there is room."""

import contextlib
import resource
import shutil
import subprocess
import time
from pathlib import Path

import orjson
import pytest

from tests.survival import processes
from tests.xapi_collector.lrs import statement

pytestmark = [pytest.mark.processes, pytest.mark.alone]

ROOM = 6 * 1024 * 1024


def _namespace():
    """The command that begins a mount namespace of its own here, or None: it is not allowed."""
    for command in (["unshare", "--mount"], ["unshare", "--user", "--map-root-user", "--mount"]):
        probe = [*command, "sh", "-c", "mount -t tmpfs -o size=64k tmpfs /mnt"]
        with contextlib.suppress(OSError):
            if subprocess.run(probe, capture_output=True, check=False).returncode == 0:
                return command
    return None


class SmallDisk:
    """A tmpfs that the collector alone sees; or, also where none can be mounted, a limit of its files' size."""

    def __init__(self, directory, kind):
        self.store, self.namespace = directory / "store", _namespace() if kind == "tmpfs" else None

    def collector(self, directory):
        made = processes.Collector(directory)
        if self.namespace:
            seed = directory / "seed"
            shutil.copytree(self.store, seed)
            script = (
                f'mount -t tmpfs -o size={ROOM},mode=700 tmpfs {self.store} && cp -a {seed}/. {self.store} && exec "$@"'
            )
            made.wrapped = [*self.namespace, "sh", "-c", script, "sh"]
        return made

    def inside(self, collector):
        """Where the disk is seen from here."""
        return Path(f"/proc/{collector.process.pid}/root{self.store}" if self.namespace else self.store)

    def fill(self, collector):
        """Leave no room."""
        if self.namespace:
            with (self.inside(collector) / "ballast").open("wb", buffering=0) as ballast, contextlib.suppress(OSError):
                while True:
                    ballast.write(bytes(4096))
        else:
            self._limit(collector, 4096)

    def free(self, collector):
        """Give it room again."""
        if self.namespace:
            (self.inside(collector) / "ballast").unlink()
        else:
            self._limit(collector, resource.RLIM_INFINITY)

    @staticmethod
    def _limit(collector, size):
        for process in collector.workers_alive():
            process.rlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))


@pytest.fixture(params=["tmpfs", "limit"])
def disk(request, tmp_path):
    """A disk that can be filled."""
    return SmallDisk(tmp_path, request.param)


def test_on_a_full_disk_it_refuses_reads_on_and_recovers(tmp_path, disk):
    collector = disk.collector(tmp_path)
    try:
        collector.start()
        client = collector.client()
        first = statement()
        assert client.post([first]) == 200
        disk.fill(collector)
        statuses, acknowledged = [], [first["id"]]
        for _ in range(60):
            batch = [statement(result={"response": "x" * 2_000}) for _ in range(20)]
            statuses.append(client.post(batch))
            acknowledged += [each["id"] for each in batch] if statuses[-1] == 200 else []
        read = client.send("GET", f"/statements?statementId={first['id']}")[0]
        listed = client.send("GET", "/statements?limit=5")[0]
        disk.free(collector)
        began = time.monotonic()
        while client.post([statement()]) != 200:
            assert time.monotonic() < began + 5
            time.sleep(0.1)
        found = [client.send("GET", f"/statements?statementId={each}")[0] for each in acknowledged]
    finally:
        collector.kill()

    assert set(statuses) <= {200, 503, 507}
    assert statuses[-1] in (503, 507)
    assert (read, listed) == (200, 200)
    assert set(found) == {200}


def test_a_refusal_for_want_of_room_says_when_to_come_again(tmp_path, disk):
    collector = disk.collector(tmp_path)
    try:
        collector.start()
        client = collector.client()
        disk.fill(collector)
        for _ in range(80):
            status, body = client.send("POST", "/statements", b"[" + _large() + b"]")
            if status != 200:
                break
    finally:
        collector.kill()

    assert status in (503, 507)
    assert b"Storage" in body or b"disk" in body or b"full" in body
    assert str(tmp_path).encode() not in body


def _large():
    return orjson.dumps(statement(result={"response": "x" * 100_000}))
