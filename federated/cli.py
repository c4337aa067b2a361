"""What `entrepot coordinator` and `entrepot member` do: become one real process, until a signal. Floor 3."""

import os
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import NoReturn

from federated import charter as charters
from federated import commands, desk, errors, invitation, membership, papers, pki, runtime, settings
from federated.commands import Address

_HOME = "flower"


def coordinator(directory: Path, host: str = "127.0.0.1", port: int = 8000, *, names: Sequence[str] = ()) -> NoReturn:
    """Become the SuperLink of the consortium in `directory`, see `desk`; does not return.

    Only /v1/fleet/ of the port may be reached from outside: who reaches /v1/control/ can register members and submit
    code. A certificate that was taken away (server.pem and server.key) is issued anew, for the charter's address.

    Args:
        directory: the coordinator's.
        host: the address to listen on.
        port: the port to listen on.
        names: further names and addresses by which members reach it, for the certificate.

    Raises:
        CharterError, PkiError: `directory` does not hold a coordinator that can start.
    """
    directory = directory.absolute()
    hosts = list(dict.fromkeys([desk.host(desk.load(directory).address), *names, host, *desk.LOCAL]))
    authority = pki.ensure(directory / "pki", hosts, datetime.now(UTC))
    command = commands.superlink(authority, Address(host, port), directory / "superlink.db")
    environ = commands.environment(os.environ, directory / _HOME, {"ENTREPOT_COORDINATOR": str(directory)})
    _become(command, environ)


def member(path: Path) -> NoReturn:
    """Become the SuperNode and executor of the institution that the member.toml at `path` describes; does not return.

    Raises:
        SettingsError, PolicyError, PkiError: it does not describe a member that can start.
        CharterError: there is no charter beside it, it is no member there, or the charter is not in force.
        InvitationError: the charter names another version, catalog or bundle than is installed here.
    """
    one = settings.load_member(path)
    if not one.superlink:
        text = f"{path}: superlink is missing; set it to the coordinator's host:port"
        raise errors.SettingsError(text)
    for file, what in ((one.ca, "the consortium's CA certificate"), (one.key, "this institution's node key")):
        if not file.is_file():
            text = f"{file}: missing; {what} belongs there"
            raise errors.SettingsError(text)
    charter = charters.load(one.charter)
    membership.seat_of(charter, one.institution, str(one.charter))
    charters.verify(charter)
    invitation.check_installed(charter, papers.installed(charter.catalog), str(one.charter))
    command = commands.member(one.superlink, one.port or runtime.free_port(), path.absolute(), one.poll)
    _become(command, commands.environment(os.environ, one.state.absolute()))


def _become(command: list[str], environ: dict[str, str]) -> NoReturn:
    os.execve(command[0], command, environ)  # noqa: S606 - Flower's own program, in our place
