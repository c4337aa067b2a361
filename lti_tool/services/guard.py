"""Which addresses the tool may ask, when somebody else named them. Floor 3.

A platform, a person with an invitation, or whoever wrote a next-page link names a URL, and the tool runs inside an
institution's network: it must not become a way to what only that network can reach (server-side request forgery,
OWASP; 1EdTech Security Framework 1.0, section 3 wants TLS for every exchange).

- https alone; plain http only where every address lies in a network that the operator named.
- No user name, no other port below 1024 than 80 and 443, no host that is a number in disguise.
- The name is resolved once and every answer is checked; the connection then goes to an address of that answer, so
  that a name which means another address a moment later reaches nothing.

What this cannot see is an outgoing proxy: the proxy would resolve the name again. The tool therefore uses none; where a
network has no other way out, the platform's addresses need a route of their own.
"""

from __future__ import annotations

import ipaddress
import socket
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from lti_tool import errors, urls
from lti_tool.urls import Url

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Resolve = Callable[[str, int], Sequence[str]]
"""`resolve(host, port)`: the addresses of a name. Raises OSError."""

LOOKUP = 2.0
CANDIDATES = 4

# Global by some version of the registries of IANA or of Python, and yet no place for a platform: ranges for protocols,
# ways into other networks (6to4 and its relays, Teredo, NAT64), the deprecated site-local range, documentation, and the
# address at which one large cloud answers its guests.
_ELSEWHERE = tuple(
    ipaddress.ip_network(text)
    for text in (
        "192.0.0.0/24",
        "192.88.99.0/24",
        "168.63.129.16/32",
        "::/96",
        "64:ff9b::/96",
        "64:ff9b:1::/48",
        "100::/32",
        "2001::/23",
        "2001:db8::/32",
        "2002::/16",
        "3fff::/20",
        "5f00::/16",
        "fec0::/10",
    )
)


@dataclass(frozen=True)
class Target:
    """A URL that may be asked, and where to connect: addresses all checked, in the order of preference."""

    url: Url
    addresses: tuple[str, ...]


def networks(text: str) -> tuple[Network, ...]:
    """Read the private networks in which platforms may be, such as "10.20.0.0/16, fd00:1::/32".

    Raises:
        errors.ConfigurationError: A part is no network.
    """
    found: list[Network] = []
    for part in text.replace(",", " ").split():
        try:
            found.append(ipaddress.ip_network(part))
        except ValueError as error:
            message = (
                f"ENTREPOT_LTI_NETWORKS: {part} is no network; write an address and the length of its prefix, "
                "such as 10.20.0.0/16"
            )
            raise errors.ConfigurationError(message) from error
    return tuple(found)


def examine(
    url: str, allowed: Sequence[Network] = (), resolve: Resolve | None = None, *, plain: bool = False
) -> Target:
    """Say where to connect for this URL.

    Args:
        url: Named by somebody else.
        allowed: Private networks in which platforms may be.
        resolve: How to look a name up; by default as the machine does, within `LOOKUP` seconds.
        plain: Whether http will do too: for a page of the web that is only looked at, not trusted.

    Raises:
        errors.ServiceError: The address must not be asked (`unsafe`), or the name has none (`unreachable`, `timeout`).
    """
    read = urls.read(url)
    literal = urls.literal(read.host)
    found = _plain([literal] if literal is not None else (resolve or look_up)(read.host, read.port))
    if not found:
        raise errors.ServiceError("unreachable")
    for address in found:
        inside = any(address in network for network in allowed)
        if not inside and ((read.scheme == "http" and not plain) or not _public(address)):
            raise errors.ServiceError("unsafe")
    return Target(read, tuple(str(address) for address in found[:CANDIDATES]))


def look_up(host: str, port: int) -> Sequence[str]:
    """The addresses of a name, as the machine finds them, within `LOOKUP` seconds.

    The system's own resolver takes no time limit and may take half a minute, so it runs beside.

    Raises:
        errors.ServiceError: There are none (`unreachable`), or no answer yet (`timeout`).
    """
    found: list[str] = []
    failed: list[OSError] = []

    def ask() -> None:
        try:
            found.extend(str(info[4][0]) for info in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
        except (OSError, UnicodeError) as error:
            failed.append(OSError(str(error)))

    asking = threading.Thread(target=ask, daemon=True)
    asking.start()
    asking.join(LOOKUP)
    if failed:
        raise errors.ServiceError("unreachable")
    if asking.is_alive():
        raise errors.ServiceError("timeout")
    return found


def _plain(texts: Sequence[str]) -> list[Address]:
    """Each once, in their order; IPv4 in IPv6 clothes is IPv4: the kernel connects to that."""
    found: dict[Address, None] = {}
    for text in texts:
        try:
            address = ipaddress.ip_address(text)
        except ValueError as error:
            raise errors.ServiceError("unsafe") from error
        mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
        found[mapped or address] = None
    return list(found)


def _public(address: Address) -> bool:
    return (
        address.is_global
        and not address.is_multicast
        and not address.is_reserved
        and not any(address in network for network in _ELSEWHERE)
    )
