#!/usr/bin/env python3
"""Says by its exit code whether the service in this container answers.

The environment variable HEALTH names what to open: an http:// address that must answer with a status below 400, or
host:port that must accept a connection.
"""

import os
import socket
import sys
import urllib.error
import urllib.request


def problem(target: str, seconds: float = 3.0) -> str | None:
    """Open `target` and return what is wrong with it in one line, or None."""
    try:
        if target.startswith("http://"):
            with urllib.request.urlopen(target, timeout=seconds):  # noqa: S310 -- the scheme is checked above
                return None
        host, _, port = target.rpartition(":")
        with socket.create_connection((host, int(port)), timeout=seconds):
            return None
    except (OSError, ValueError, urllib.error.URLError) as error:
        return f"{target}: {error}"


if __name__ == "__main__":
    sys.exit(problem(os.environ["HEALTH"]))
