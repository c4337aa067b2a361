"""What a credential may do. Floor 1, pure.

The names are those of xAPI 1.0.3, Communication 4.2, and one of ours for the operator's figures.
"""

from collections.abc import Iterable

WRITE = "statements/write"
READ_MINE = "statements/read/mine"
READ = "statements/read"
STATE = "state"
DEFINE = "define"
PROFILE = "profile"
READ_ALL = "all/read"
ALL = "all"
METRICS = "metrics"

MEANINGS = {
    WRITE: "store statements",
    READ_MINE: "read the statements that the credential itself stored",
    READ: "read any statement, and what is known of agents and activities",
    STATE: "read and write states",
    DEFINE: "change what is known of activities by storing statements",
    PROFILE: "read and write the profiles of agents and activities",
    READ_ALL: "read everything of xAPI, and write nothing",
    ALL: "everything",
    METRICS: "read the figures of /metrics",
}

_READING = ("GET", "HEAD")


def unknown(names: Iterable[str]) -> list[str]:
    """The names that are no scope."""
    return [name for name in names if name not in MEANINGS]


def permit(granted: frozenset[str], wanted: tuple[str, ...], method: str) -> bool:
    """Whether a credential with these scopes may do what one of the wanted scopes allows.

    Args:
        granted: The credential's.
        wanted: Any of them is enough.
        method: The method of the request; `all/read` is enough to read, but for the operator's figures.
    """
    if ALL in granted or not granted.isdisjoint(wanted):
        return True
    return READ_ALL in granted and method in _READING and METRICS not in wanted
