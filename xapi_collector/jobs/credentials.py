"""`entrepot lrs credentials`: the keys of the systems that send and read. Floor 1."""

import argparse

from xapi_collector import auth
from xapi_collector.jobs.office import Office, say


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Describe `credentials create`."""
    group = commands.add_parser("credentials", help="keys of the systems that send and read")
    actions = group.add_subparsers(required=True, metavar="ACTION")
    create = actions.add_parser("create", help="make a key and its secret, which is shown this once")
    create.add_argument("--name", required=True, help="what the system is called, such as moodle")
    create.set_defaults(run=_create)


def _create(arguments: argparse.Namespace, office: Office) -> int:
    key, secret = auth.create_credential(office.storage, office.keyring, arguments.name, office.random)
    say(f"key     {key}")
    say(f"secret  {secret}")
    say(f"The secret is shown this once. Send statements to {office.settings.xapi_url}.")
    return 0
