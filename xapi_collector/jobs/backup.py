"""`entrepot lrs backup` and `restore`: the store as files, and back. Floor 1."""

import argparse
from pathlib import Path

from xapi_collector import errors
from xapi_collector.jobs.office import Office, collector, progress, say
from xapi_collector.upkeep import backup, restore


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Describe `backup` and `restore`."""
    make = commands.add_parser("backup", help="copy the store to files while it serves")
    make.add_argument("directory", type=Path, help="where this store's backups are, and no other's")
    make.add_argument("--keep", type=int, default=2, metavar="N", help="older ones are removed (default 2)")
    make.set_defaults(run=_backup)
    back = commands.add_parser("restore", help="fill an empty store from a backup")
    back.add_argument("directory", type=Path, help="where backups are")
    back.add_argument("--set", metavar="NAME", help="such as records-000001 (default the newest)")
    back.set_defaults(run=_restore)


def _backup(arguments: argparse.Namespace, office: Office) -> int:
    if arguments.keep < 1:
        raise errors.JobError("At least one backup is kept.")
    its = backup.Backup(collector(office), office.collections, arguments.directory, progress)
    say(f"{backup.summary(backup.run(its, keep=arguments.keep))}, in {backup.sets(arguments.directory)[-1]}.")
    say("The keyring is not in it: keep a copy elsewhere.")
    return 0


def _restore(arguments: argparse.Namespace, office: Office) -> int:
    found = {path.name: path for path in backup.sets(arguments.directory)}
    name = arguments.set or max(found, default="")
    if name not in found:
        msg = f"{arguments.directory} holds no whole backup {name}: there are {', '.join(sorted(found)) or 'none'}."
        raise errors.JobError(msg)
    restored = restore.run(collector(office), office.collections, found[name], progress)
    say(f"{restored.statements:,} statements and {restored.documents:,} documents are back.")
    if restored.dropped:
        say(f"{restored.dropped:,} were dropped: their persons were erased since.")
    if name != max(found):
        say("A newer backup is there: persons erased since this one may be named in statements of others. Erase again.")
    return 0
