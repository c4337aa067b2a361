"""What the kernel sees: the log is synced after its last write and before the answer is sent."""

import re
import shutil
import time

import pytest

from tests.survival import processes
from tests.xapi_collector.lrs import statement

pytestmark = [pytest.mark.processes, pytest.mark.waits]

CALLS = "openat,pwrite64,write,writev,sendto,sendmsg,fsync,fdatasync"


def test_the_sync_returns_before_the_answer_is_sent(tmp_path):
    assert shutil.which("strace"), "install strace (Debian: apt-get install strace): it shows what the kernel was asked"
    trace = tmp_path / "trace"
    wrapped = ["strace", "-f", "-y", "-s", "64", "-e", f"trace={CALLS}", "-o", str(trace)]
    collector = processes.Collector(tmp_path, wrapped=wrapped)
    one = statement()
    try:
        collector.start()
        began = len(trace.read_text())
        assert collector.client().post([one]) == 200
        time.sleep(0.3)
    finally:
        collector.kill()
    calls = trace.read_text()[began:].splitlines()
    answered = next(index for index, line in enumerate(calls) if "HTTP/1.1 200" in line)
    written = [index for index, line in enumerate(calls[:answered]) if re.search(r"pwrite64\(\d+<[^>]*-wal>", line)]
    synced = [
        index
        for index, line in enumerate(calls[:answered])
        if re.search(r"f(?:data)?sync\(\d+<[^>]*-wal>\)\s*= 0", line)
        or (re.search(r"<\.\.\. f(?:data)?sync resumed>\)\s*= 0", line))
    ]

    assert written
    assert synced
    assert written[-1] < synced[-1] < answered
