"""The tool's next key, the one that signs, and the one before: how they take turns. Floor 3.

1. `rotate` makes the next key, and the tool publishes it at once.
2. A day later `promote` lets it sign: by then every platform has fetched the key set anew. The old key stays published.
3. An hour later `retire` removes the old key: what it signed lived a minute.

Each step leaves files that a running tool can use at any moment, also where the step is broken off.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from lti_tool import errors, keys
from lti_tool.keys import NEXT, PREVIOUS, ToolKey

# Platforms keep a key set for hours (pylti1p3: two; others a day) and need not look before.
PUBLISHED_FIRST = 24 * 3600.0
# An assertion and a deep linking answer live for minutes; workers see a change of the files within seconds.
PUBLISHED_AFTER = 3600.0


@dataclass(frozen=True)
class Turn:
    """A key and its turn.

    Attributes:
        role: "signing", "next" or "previous".
        kid: Its id.
        since: When its turn began, in seconds since the epoch.
    """

    role: str
    kid: str
    since: float


def turns(path: Path) -> list[Turn]:
    """The keys there are: the signing one, the next, the previous.

    Raises:
        errors.ConfigurationError: One of them cannot be used.
    """
    found = [Turn("signing", keys.load(path).kid, path.stat().st_mtime)]
    for role, suffix in (("next", NEXT), ("previous", PREVIOUS)):
        place = keys.beside_of(path, suffix)
        if place.exists():
            found.append(Turn(role, keys.load(place).kid, place.stat().st_mtime))
    return found


def rotate(path: Path, now: float) -> ToolKey:
    """Make the next key; the tool publishes it from now on.

    Raises:
        errors.ConfigurationError: There is one already, or it cannot be written.
    """
    keys.load(path)
    place = keys.beside_of(path, NEXT)
    if place.exists():
        message = f"tool key {place}: there is a next key already; `entrepot key promote` lets it sign"
        raise errors.ConfigurationError(message)
    key = keys.create(place)
    os.utime(place, (now, now))
    return key


def promote(path: Path, now: float, *, at_once: bool = False) -> None:
    """Let the next key sign, and keep the one that signed so far published.

    Args:
        path: Of the key that signs.
        now: Seconds since the epoch.
        at_once: Do not wait until platforms have seen the next key: the old one may be in wrong hands.

    Raises:
        errors.ConfigurationError: There is no next key, platforms may not have seen it yet, or an earlier key is there.
    """
    place, old = keys.beside_of(path, NEXT), keys.beside_of(path, PREVIOUS)
    if not place.exists():
        message = f"tool key {place}: there is no next key; `entrepot key rotate` makes one"
        raise errors.ConfigurationError(message)
    keys.load(place)
    _wait(place, PUBLISHED_FIRST, now, "platforms may not have seen the next key yet", at_once=at_once)
    pem = path.read_bytes()
    if not old.exists():
        keys.write_new(old, pem)
        os.utime(old, (now, now))
    elif old.read_bytes() != pem:  # equal: an earlier promotion got as far as this
        message = f"tool key {old}: an earlier key is still published; `entrepot key retire` removes it"
        raise errors.ConfigurationError(message)
    os.utime(place, (now, now))
    place.replace(path)


def retire(path: Path, now: float, *, at_once: bool = False) -> None:
    """Publish the previous key no more, and remove it.

    Raises:
        errors.ConfigurationError: There is none, or something that it signed may still be under way.
    """
    old = keys.beside_of(path, PREVIOUS)
    if not old.exists():
        message = f"tool key {old}: there is no earlier key; only the one that signs is published"
        raise errors.ConfigurationError(message)
    _wait(old, PUBLISHED_AFTER, now, "what the earlier key signed may be under way", at_once=at_once)
    old.unlink()


def _wait(place: Path, least: float, now: float, why: str, *, at_once: bool) -> None:
    left = place.stat().st_mtime + least - now
    if left > 0 and not at_once:
        hours, minutes = divmod(int(left + 59) // 60, 60)
        message = f"tool key {place}: {why}; wait {hours} h {minutes} min, or add --now if the old key was stolen"
        raise errors.ConfigurationError(message)
