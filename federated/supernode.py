"""Flower's SuperNode, which asks its coordinator as often as its operator wants. Floor 3.

Flower waits 3 s between two looks for a question. Over a run of some twenty exchanges that is a minute of waiting,
which an institution far away does not mind and a consortium on one machine does. There is no option for it in flwr
1.41, so the one module that waits is given another clock. Run as `python -m federated.supernode SECONDS ARGUMENT ...`.
"""

import sys
import time
from types import SimpleNamespace

from flwr.supernode import start_client_internal as loop
from flwr.supernode.cli import flower_supernode


def hurry(seconds: float) -> None:
    """Let the SuperNode of this process wait `seconds` at most between two looks."""
    clock = SimpleNamespace(**vars(time))
    clock.sleep = lambda asked: time.sleep(min(asked, seconds))
    setattr(loop, "time", clock)  # noqa: B010 - no attribute that Flower exports


if __name__ == "__main__":
    hurry(float(sys.argv[1]))
    sys.argv = ["flower-supernode", *sys.argv[2:]]
    flower_supernode()
