"""`entrepot lrs credentials`: the keys of the systems that send and read. Floor 1."""

import argparse
from datetime import UTC, date, datetime

from xapi_collector import errors
from xapi_collector.door import auth, scopes
from xapi_collector.jobs.office import Office, say

_HOUR = 3_600_000_000  # microseconds
_DEFAULT = (scopes.WRITE, scopes.READ_MINE)  # Communication 4.2: what a credential without further word may do


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Describe `credentials create`, `list`, `rotate` and `revoke`."""
    group = commands.add_parser("credentials", help="keys of the systems that send and read")
    actions = group.add_subparsers(required=True, metavar="ACTION")
    create = actions.add_parser("create", help="make a key and its secret, which is shown this once")
    create.add_argument("--name", required=True, help="what the system is called, such as moodle")
    create.add_argument(
        "--scopes",
        default=",".join(_DEFAULT),
        help=f"what it may do, with commas between: {', '.join(scopes.MEANINGS)} (default {','.join(_DEFAULT)})",
    )
    create.set_defaults(run=_create)
    listing = actions.add_parser("list", help="show every credential: key, scopes, day of its last use, name")
    listing.set_defaults(run=_list)
    rotate = actions.add_parser("rotate", help="give a credential a new secret; the old one works for a while longer")
    rotate.add_argument("key", help="its key")
    rotate.add_argument(
        "--overlap", type=float, default=24.0, metavar="HOURS", help="how long the old secret works (default 24)"
    )
    rotate.set_defaults(run=_rotate)
    revoke = actions.add_parser("revoke", help="withdraw a credential, at once")
    revoke.add_argument("key", help="its key")
    revoke.set_defaults(run=_revoke)


def _create(arguments: argparse.Namespace, office: Office) -> int:
    granted = [name.strip() for name in arguments.scopes.split(",") if name.strip()]
    key, secret = auth.create_credential(office.storage, office.keyring, arguments.name, office.random, granted=granted)
    say(f"key     {key}")
    say(f"secret  {secret}")
    say(f"The secret is shown this once. Send statements to {office.settings.xapi_url}.")
    return 0


def _list(_arguments: argparse.Namespace, office: Office) -> int:
    for each in auth.list_credentials(office.storage):
        used = "never used" if each.used is None else f"used {date.fromordinal(_EPOCH + each.used).isoformat()}"
        overlap = "" if each.overlap is None or each.overlap <= office.clock() else f"  old secret until {_hour(each)}"
        say(f"{each.key}  {','.join(each.scopes)}  {used}  {each.name}{overlap}")
    return 0


def _rotate(arguments: argparse.Namespace, office: Office) -> int:
    until = office.clock() + int(arguments.overlap * _HOUR)
    secret = auth.rotate_credential(office.storage, office.keyring, arguments.key, office.random, until=until)
    say(f"secret  {secret}")
    say(f"The secret is shown this once. The old one works for {arguments.overlap:g} hours more.")
    return 0


def _revoke(arguments: argparse.Namespace, office: Office) -> int:
    if not auth.revoke_credential(office.storage, arguments.key):
        raise errors.CredentialError("No credential has this key; `entrepot lrs credentials list` shows them.")
    say(f"Withdrew {arguments.key}.")
    return 0


def _hour(each: auth.Listed) -> str:
    return datetime.fromtimestamp((each.overlap or 0) // 1_000_000, UTC).strftime("%Y-%m-%dT%H:%MZ")


_EPOCH = date(1970, 1, 1).toordinal()
