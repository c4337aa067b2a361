"""`entrepot lrs reindex`: index what an older version of the collector indexed less of. Floor 1."""

import argparse

from xapi_collector.jobs.office import Office, collector, progress, say
from xapi_collector.upkeep import reindex


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Describe `reindex`."""
    parser = commands.add_parser("reindex", help="index what an older version indexed less of")
    parser.set_defaults(run=_run)


def _run(_arguments: argparse.Namespace, office: Office) -> int:
    if not reindex.pending(office.storage):
        say("The index is that of this version.")
        return 0
    say(f"{reindex.run(collector(office), progress):,} statements were indexed.")
    return 0
