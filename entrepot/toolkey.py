"""What `entrepot key` says: which key signs, which are published, and what to do next and when. Floor 4."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from lti_tool import rotation

Step = Callable[[Path, float, bool], str]


def listed(path: Path, _now: float, _at_once: bool) -> str:
    """The keys there are."""
    rows = [f"{turn.role:9} {turn.kid}  since {_moment(turn.since)}\n" for turn in rotation.turns(path)]
    return "".join(rows)


def rotated(path: Path, now: float, _at_once: bool) -> str:
    """Make the next key."""
    key = rotation.rotate(path, now)
    return (
        f"Made the next key, {key.kid}. The tool publishes it now, and still signs with the old one.\n"
        f"Next: `entrepot key promote`, after {_moment(now + rotation.PUBLISHED_FIRST)}, when platforms have seen it.\n"
    )


def promoted(path: Path, now: float, at_once: bool) -> str:
    """Let it sign."""
    rotation.promote(path, now, at_once=at_once)
    return (
        "The next key signs now; the old one stays published. No restart is needed.\n"
        f"Next: `entrepot key retire`, after {_moment(now + rotation.PUBLISHED_AFTER)}.\n"
    )


def retired(path: Path, now: float, at_once: bool) -> str:
    """Remove the old one."""
    rotation.retire(path, now, at_once=at_once)
    return "The earlier key is removed and published no more. The rotation is complete.\n"


STEPS: dict[str, Step] = {"list": listed, "rotate": rotated, "promote": promoted, "retire": retired}


def _moment(seconds: float) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M} UTC"
