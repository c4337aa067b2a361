"""Start a program that ends when its starter ends. Run as a file: `python -I -S guarded.py PID PROGRAM ...`.

On Linux the kernel sends SIGTERM to the program when its parent dies (prctl PR_SET_PDEATHSIG, kept over exec). Other
systems have no such call: there a parent that is killed outright (SIGKILL) leaves its SuperLink and SuperNodes running.
Imports nothing of ours, so that it costs about 20 ms.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1  # linux/prctl.h


def guard(parent: int) -> None:
    """Let this process end when its parent ends; `parent` is the parent's pid."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:  # it died before the call
            sys.exit(1)


def main(arguments: list[str]) -> None:
    """Replace this process by the program in `arguments` = [pid of the parent, program, argument ...]."""
    parent, *command = arguments
    guard(int(parent))
    os.execv(command[0], command)  # noqa: S606 - the program is one of our own


if __name__ == "__main__":
    main(sys.argv[1:])
