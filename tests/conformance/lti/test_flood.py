"""Logins that nobody comes back for: the store stays bounded, and the process does not grow."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

SOAK = os.environ.get("ENTREPOT_TEST_SOAK") == "1"
LOGINS = 10_000 if SOAK else 1_200
BOUND = 9 * LOGINS // 10  # logins that may be under way at once, so that the flood meets it
# A process of its own: what other tests have in memory does not count.
FLOOD = """
import json, sys, psutil
from lti_tool import app, errors, login, platforms, settings
from storage import connect
from tests.lti_tool import builders

url, count, bound = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
login.OUTSTANDING = bound
storage = connect.connect(url, *app.COLLECTIONS)
platforms.register(storage, builders.registered("https://lms.example"))
pace, process = login.Pace(), psutil.Process()

def begin(number, now=1e9):
    parameters = {
        "iss": "https://lms.example", "login_hint": "x" * 40, "lti_message_hint": "y" * 230,
        "target_link_uri": "https://tool.example/lti/launch",
    }
    try:
        login.begin(storage, "https://tool.example", parameters, now=now, new_token=app.new_token, pace=pace)
    except errors.LoginRefused as refused:
        return refused.code
    return ""

warm = [begin(number) for number in range(200)]
before = process.memory_info().rss
found = [begin(number) for number in range(count)]
grown = process.memory_info().rss - before
kept = len(storage.find(settings.LOGINS, {}))
later = [begin(number, 1e9 + 400) for number in range(bound // 3)]
left = len(storage.find(settings.LOGINS, {}))
storage.close()
print(json.dumps({"grown": grown, "begun": found.count(""), "refused": found.count("too_many_logins"),
                  "kept": kept, "later": later.count(""), "left": left}))
"""


@pytest.mark.processes
def test_logins_that_are_never_launched_fill_neither_the_store_nor_the_memory(tmp_path: Path) -> None:
    command = [sys.executable, "-c", FLOOD, f"sqlite:///{tmp_path / 'store'}", str(LOGINS), str(BOUND)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=Path(__file__).parents[3])
    found = json.loads(done.stdout)

    assert found["begun"] + found["refused"] == LOGINS
    assert found["kept"] <= BOUND
    assert found["refused"] > 0
    assert found["grown"] <= 20 * 2**20
    assert found["later"] == BOUND // 3
    assert found["left"] < found["kept"] + BOUND // 3  # the new ones swept some of the old
