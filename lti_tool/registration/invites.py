"""Invites: codes that let one platform register, once, within days. Floor 3.

The 1EdTech specification leaves open who may register; without an invite nobody may. The code is kept as its digest, so
that who reads the store cannot register. A registration holds the invite while it talks to the platform and uses it up
when the platform is kept: a failed one leaves it as it was, and of many at once one succeeds.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from typing import Any

from lti_tool import errors, platforms
from lti_tool.platforms import Platform
from lti_tool.settings import INVITES
from storage.port import Storage

DAY = 86_400.0
DAYS = 7
LONGEST = 30
HELD = 60.0
"""Seconds after which a registration that never came back holds the invite no longer; it takes 20 at most."""


@dataclass(frozen=True)
class Invite:
    """An invite as it is kept.

    Attributes:
        digest: Of its code.
        host: Host (and port, where it is not the usual one) of the platform that it is for; empty if for any.
        made: When it was made, in seconds since the epoch.
        expires: When it ends.
        holder: Which registration holds it; empty if none.
        held: When that began.
        used: When a platform was kept with it; 0 if none was.
    """

    digest: str
    host: str
    made: float
    expires: float
    holder: str = ""
    held: float = 0.0
    used: float = 0.0


def create(storage: Storage, host: str, *, days: int, now: float, new_token: Callable[[], str]) -> tuple[str, Invite]:
    """Make an invite, and forget those that ended more than a day ago.

    Args:
        storage: Where it is kept.
        host: Whom it is for; empty if for anybody.
        days: How long it may be used.
        now: Seconds since the epoch.
        new_token: Makes an unguessable token.

    Returns:
        Its code, which is kept nowhere, and what is kept.

    Raises:
        errors.ConfigurationError: A number of days that is not between 1 and 30.
    """
    if not 1 <= days <= LONGEST:
        message = f"an invite of {days} days: choose 1 to {LONGEST}, such as {DAYS}"
        raise errors.ConfigurationError(message)
    for old in every(storage):
        if now > old.expires + DAY:
            storage.delete(INVITES, (old.digest,))
    code = new_token()
    invite = Invite(digest(code), host, now, now + days * DAY)
    storage.insert(INVITES, asdict(invite))
    return code, invite


def every(storage: Storage) -> list[Invite]:
    """Every invite that is kept, used and expired ones too."""
    return [_invite(document) for document in storage.find(INVITES, {})]


def find(storage: Storage, code: str, now: float) -> Invite:
    """The invite of a code that may be used.

    Raises:
        errors.RegistrationRefused: There is none, it is used up, or it has ended.
    """
    document = storage.get(INVITES, (digest(code),)) if len(code) <= 255 else None
    if document is None:
        raise errors.RegistrationRefused("invite_unknown", "code")
    invite = _invite(document)
    if invite.used:
        raise errors.RegistrationRefused("invite_used", "code")
    if now >= invite.expires:
        raise errors.RegistrationRefused("invite_expired", "code")
    return invite


@contextmanager
def held(storage: Storage, code: str, *, now: float, new_token: Callable[[], str]) -> Iterator[Invite]:
    """Hold the invite of a code for one registration; whatever is raised inside gives it back.

    Raises:
        errors.RegistrationRefused: As `find`; or another registration holds it.
    """
    invite = find(storage, code, now)
    if invite.holder and now < invite.held + HELD:
        raise errors.RegistrationRefused("invite_busy", "code")
    mine = replace(invite, holder=new_token(), held=now)
    if not storage.replace(INVITES, asdict(mine), expected=asdict(invite)):
        raise errors.RegistrationRefused("invite_busy", "code")
    try:
        yield mine
    except BaseException:
        storage.replace(INVITES, asdict(replace(mine, holder="", held=0.0)), expected=asdict(mine))
        raise


def spend(storage: Storage, invite: Invite, platform: Platform, now: float) -> None:
    """Use up a held invite and keep its platform.

    The invite goes first: if the process ends in between, one more invite is needed, and none has served twice.

    Raises:
        errors.RegistrationRefused: The platform is known already, or the invite was held for too long.
        errors.ConfigurationError: The record cannot be right.
    """
    platforms.check(platform)
    used = replace(invite, holder="", held=0.0, used=now)
    if not storage.replace(INVITES, asdict(used), expected=asdict(invite)):
        raise errors.RegistrationRefused("invite_busy", "code")
    if not platforms.add(storage, platform):
        storage.replace(INVITES, asdict(replace(used, used=0.0)), expected=asdict(used))
        raise errors.RegistrationRefused("platform_known", "client_id")


def digest(code: str) -> str:
    """What is kept of a code of 256 random bits."""
    return hashlib.sha256(code.encode()).hexdigest()


def _invite(document: Mapping[str, Any]) -> Invite:
    return Invite(**document)
