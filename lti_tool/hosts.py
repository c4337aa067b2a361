"""The origins on which a platform has its services, as its launches told them. Floor 3.

Canvas cloud has one issuer and one login host for every university, and the services on the university's own host: a
registration cannot name it, but every id_token does, and its signature is the platform's. So an origin that came in one
counts as that platform's, for that (issuer, client id) alone. What it buys a platform that lies: that this tool shows
it, at another public address, a token which the platform itself had given.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable

from lti_tool import errors, urls
from lti_tool.platforms import Platform
from lti_tool.settings import HOSTS
from storage.port import Storage


def remember(storage: Storage, iss: str, client_id: str, *addresses: str) -> None:
    """Keep the origins of service addresses that came in a checked id_token; what is no address is left out."""
    found = [{"iss": iss, "client_id": client_id, "origin": origin} for origin in sorted(_origins(addresses))]
    storage.insert_missing(HOSTS, found)


def known(storage: Storage, platform: Platform, origin: str) -> bool:
    """Whether an origin is one of this platform's: of its registration, or of a launch from it."""
    registered = (platform.iss, platform.auth_url, platform.token_url, platform.jwks_url)
    return origin in _origins(registered) or (
        storage.get(HOSTS, (platform.iss, platform.client_id, origin)) is not None
    )


def _origins(addresses: Iterable[str]) -> set[str]:
    found: set[str] = set()
    for address in addresses:
        with contextlib.suppress(errors.ServiceError):
            found.add(urls.origin(address))
    return found
