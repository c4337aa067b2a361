"""`entrepot lrs doctor`: what is wrong with a collector, and what would be right. Floor 1.

It opens what there is by itself, for what does not open is what it is asked about; it makes and mends nothing, and
names no person.
"""

import argparse
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from storage import errors as storage_errors
from storage.collection import Collection
from storage.connect import connect
from storage.port import Query, Storage
from xapi_collector import envelope, errors, keyring, progress
from xapi_collector.collector import Collector
from xapi_collector.door import auth, scopes
from xapi_collector.forwarding import forward
from xapi_collector.jobs.office import Office, collector, say
from xapi_collector.settings import Settings
from xapi_collector.upkeep import reindex
from xapi_collector.watch import disk, readiness, senders

OK, NOTE, WRONG = "ok", "note", "wrong"
_SECOND = 1_000_000  # microseconds
_DAY = 86_400 * _SECOND
_UNUSED = 90  # days
_LOG = 256 * 1024 * 1024  # bytes of a write-ahead log that nobody folds into the database any more
_LEAST = 1024 * 1024 * 1024  # bytes that the disk should have left
_LAG = 3600  # seconds
_RECENT = 200  # statements


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at: how it is, and what to do unless that is OK."""

    level: str
    text: str
    cure: str = ""


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Describe `doctor`."""
    parser = commands.add_parser("doctor", help="say what is wrong with this collector, and what would be right")
    parser.set_defaults(run=run)


def run(
    settings: Settings, collections: tuple[Collection, ...], clock: Callable[[], int], random: envelope.Random
) -> int:
    """Show every finding; 1 if one of them is wrong.

    Args:
        settings: The collector's.
        collections: All that the store keeps.
        clock: Microseconds since 1970, UTC.
        random: Makes random bytes.
    """
    findings = list(_all(settings, collections, clock, random))
    for each in findings:
        say(f"{each.level:5}  {each.text}{f': {each.cure}' if each.cure else ''}")
    return int(any(each.level == WRONG for each in findings))


def _all(
    settings: Settings, collections: tuple[Collection, ...], clock: Callable[[], int], random: envelope.Random
) -> Iterator[Finding]:
    yield from _address(settings)
    yield from _files(settings)
    keys = None
    try:
        keys = keyring.load(settings.keyring)
        yield Finding(OK, "the keyring can be read, by its owner alone")
    except errors.KeyringError as error:
        yield Finding(WRONG, str(error))
    directory = disk.directory(settings.storage)
    if directory is not None and not directory.is_dir():
        yield Finding(
            WRONG, f"there is no store in {directory}", "see whether ENTREPOT_STORAGE is the one that is meant"
        )
        return
    try:
        storage = connect(settings.storage, *collections)
    except storage_errors.StorageError as error:
        yield Finding(WRONG, str(error))
        return
    try:
        yield Finding(OK, "the store opens, in a format that this version knows")
        yield from _store(storage, clock())
        if keys is not None:
            yield from _people(collector(Office(storage, keys, settings, clock, random, collections)))
    except storage_errors.StorageError as error:
        yield Finding(WRONG, str(error))
    finally:
        storage.close()


def _address(settings: Settings) -> Iterator[Finding]:
    address = urlsplit(settings.xapi_url)
    if address.scheme != "https" and address.hostname not in ("localhost", "127.0.0.1", "::1"):
        yield Finding(WRONG, f"ENTREPOT_XAPI_URL is {settings.xapi_url}", "secrets travel in a header: make it https")
    elif not address.path.rstrip("/").endswith("/xapi"):
        yield Finding(
            NOTE, f"ENTREPOT_XAPI_URL is {settings.xapi_url}", "the resources are below /xapi: end it with that"
        )
    else:
        yield Finding(OK, f"the public address is {settings.xapi_url}")


def _files(settings: Settings) -> Iterator[Finding]:
    directory = disk.directory(settings.storage)
    if directory is None or not directory.is_dir():
        return
    room = disk.room(directory)
    free = f"{room.free / 2**30:.1f} GiB free, {room.store / 2**30:.1f} GiB used by the store"
    if room.free < min(_LEAST, room.whole // 10):
        yield Finding(WRONG, free, "make room: when the disk is full, statements are refused with 507")
    elif room.free < room.store:
        yield Finding(NOTE, free, "a backup needs as much as the store: keep it on another disk")
    else:
        yield Finding(OK, free)
    if room.log > _LOG:
        yield Finding(
            WRONG,
            f"the write-ahead log has {room.log / 2**20:.0f} MiB",
            "a program has been reading for long and keeps it from being folded: end that program",
        )
    others = sorted(file.name for file in directory.iterdir() if file.stat().st_mode & 0o077)
    if others:
        yield Finding(WRONG, f"{', '.join(others)} can be read by others", f"chmod -R go= {directory}")


def _store(storage: Storage, now: int) -> Iterator[Finding]:
    newest = storage.statements.query(Query(limit=1)).rows
    if newest and newest[0].stored > now + 60 * _SECOND:
        ahead = (newest[0].stored - now) // _SECOND
        yield Finding(
            WRONG,
            f"the newest statement was stored {ahead} s from now",
            "the clock was ahead, or is behind now: set it (until it has caught up, times of storing stand still)",
        )
    else:
        yield Finding(OK, "the clock goes with the times of storing")
    for job in (progress.ROTATION, progress.RESTORE):
        if progress.read(storage, job) is not None:
            yield Finding(WRONG, f"a {job} has not ended", "start it again; it goes on where it was")
    if reindex.pending(storage):
        yield Finding(WRONG, "the index is that of an older version", "run `entrepot lrs reindex`; it may be killed")
    else:
        yield Finding(OK, "the index is that of this version")
    yield from _credentials(auth.list_credentials(storage), now)
    yield from _forwarders(forward.status(storage, now))


def _credentials(listed: list[auth.Listed], now: int) -> Iterator[Finding]:
    if not listed:
        yield Finding(NOTE, "nobody has a credential", "make one with `entrepot lrs credentials create`")
    for each in listed:
        name = f"the credential {each.key} ({each.name})"
        days = None if each.used is None else now // _DAY - each.used
        if days is not None and days > _UNUSED:
            yield Finding(NOTE, f"{name} was not used for {days} days", "revoke it if nobody needs it")
        if scopes.ALL in each.scopes and each.name != _TOOL:
            yield Finding(NOTE, f"{name} may do everything", "give its system one with fewer scopes")
    if listed:
        yield Finding(OK, f"{len(listed)} credentials, {sum(each.used is None for each in listed)} of them never used")


_TOOL = "lti_tool"  # made by `entrepot init` for the tool beside the collector


def _forwarders(states: list[forward.Status]) -> Iterator[Finding]:
    for each in states:
        name = f"the forwarder {each.forwarder.name}"
        if each.dead:
            yield Finding(
                WRONG,
                f"{name} has {each.dead} dead letters",
                "see `entrepot lrs forward dead`, then retry or drop them",
            )
        if each.forwarder.paused:
            yield Finding(NOTE, f"{name} is paused, {each.behind} statements behind")
        elif each.lag > _LAG:
            why = f" (last: {each.forwarder.last_error})" if each.forwarder.last_error else ""
            yield Finding(
                WRONG, f"{name} is {each.lag / 3600:.1f} hours behind{why}", "is `entrepot lrs forward run` running?"
            )
        else:
            yield Finding(OK, f"{name} has sent {each.forwarder.sent} statements")


def _people(opened: Collector) -> Iterator[Finding]:
    if not readiness.fits(opened.storage, opened.keyring):
        yield Finding(
            WRONG, "the keyring is not the one that this store was written with", "restore the keyring from its backup"
        )
        return
    yield Finding(OK, "the keyring opens what the store keeps")
    seen = senders.look(opened, _RECENT)
    for count, how, setting in (
        (seen.by_mail, "mail address", '"Identify users by email" (`mbox`)'),
        (seen.by_username, "user name", '"Identify users by username" (`send_username`)'),
    ):
        if count:
            yield Finding(
                WRONG,
                f"{count} of the last {seen.moodle} statements from Moodle name people by {how}",
                f"turn off {setting} in its logstore_xapi, for launches name them by user id",
            )
    if seen.moodle and not seen.by_mail and not seen.by_username:
        yield Finding(OK, "Moodle names people as launches do")
