"""`entrepot lrs export-person` and `erase`: what a person may ask for. Floor 1. GDPR Articles 15, 17 and 20."""

import argparse
from pathlib import Path

from xapi_collector.jobs import persons
from xapi_collector.jobs.office import Office, collector, progress, say
from xapi_collector.upkeep import dossier, erasure


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Describe `export-person` and `erase`."""
    export = commands.add_parser("export-person", help="write everything that is held of a person")
    persons.add(export)
    export.add_argument("--to", type=Path, required=True, metavar="PATH", help="a directory or .zip file to make")
    export.set_defaults(run=_export)
    erase = commands.add_parser("erase", help="erase a person, in every collection and index")
    persons.add(erase)
    erase.set_defaults(run=_erase)


def _export(arguments: argparse.Namespace, office: Office) -> int:
    request = dossier.Request(
        collector(office),
        office.collections,
        persons.pseudonyms(arguments, office),
        office.settings.xapi_url,
        progress,
    )
    manifest = dossier.write(request, arguments.to)
    for name, facts in manifest["files"].items():
        say(f"{facts['count']:>8,}  {name}")
    say(f"Written to {arguments.to}. It is about one person: hand it to nobody else.")
    return 0


def _erase(arguments: argparse.Namespace, office: Office) -> int:
    request = erasure.Request(collector(office), office.collections, office.settings.xapi_url, progress)
    found = erasure.erase(request, persons.pseudonyms(arguments, office))
    say(f"Erased: {found.statements:,} statements, their name in {found.mentions:,} of others, and of documents:")
    for name, count in found.documents.items():
        say(f"{count:>8,}  {name}")
    say("Make a backup now: its new keys file makes them unreadable in older ones.")
    return 0
