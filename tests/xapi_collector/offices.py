"""The operator's commands over a collector that is open in a test."""

import argparse
import os

from xapi_collector import cli, settings
from xapi_collector.jobs.office import Office


def office(lrs, **changes):
    """The office of a collector; its clock stands still unless another is given."""
    its = settings.Settings("", "", "institution", "https://lrs.example/xapi/")
    values = {
        "storage": lrs.storage,
        "keyring": lrs.keys,
        "settings": its,
        "clock": lambda: 1_800_000_000_000_000,
        "random": os.urandom,
        "collections": settings.COLLECTIONS,
    }
    return Office(**(values | changes))


def run(lrs, *words, **changes):
    """Run `entrepot lrs` with the words and answer the exit code."""
    parser = argparse.ArgumentParser()
    cli.add(parser)
    arguments = parser.parse_args([str(word) for word in words])
    return arguments.run(arguments, office(lrs, **changes))
