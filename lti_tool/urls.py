"""A URL that somebody else named, read strictly: no two readers may see two hosts in it. Floor 3.

Where the address leads is another question: `services.guard` looks the name up.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from lti_tool import errors

LONGEST = 4096
DEFAULT_PORTS = {"http": 80, "https": 443}

_PRINTABLE = re.compile(r"[!-~]+")
_LABEL = r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?"
_NAME = re.compile(rf"(?=.{{1,253}}\Z){_LABEL}(\.{_LABEL})*")
_BRACKETED = re.compile(r"\[[0-9A-Fa-f:.]+\](:[0-9]*)?")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")


@dataclass(frozen=True)
class Url:
    """The parts of an http or https URL.

    Attributes:
        scheme: "http" or "https".
        host: In lower case; an IPv6 address without brackets, in its shortest spelling.
        port: The scheme's own if none was written.
        resource: Path and query as they were written; a fragment is not part of it.
    """

    scheme: str
    host: str
    port: int
    resource: str

    @property
    def authority(self) -> str:
        """The Host header (RFC 9110, section 7.2)."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == DEFAULT_PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def origin(self) -> str:
        """Scheme, host and port in one spelling (RFC 6454): two URLs of one origin give the same text."""
        return f"{self.scheme}://{self.authority}"


def read(url: str) -> Url:
    """Read a URL: printable ASCII, http or https, no user name, port 80, 443 or one from 1024 on, an honest host.

    Raises:
        errors.ServiceError: It is none that could be asked (`unsafe`).
    """
    # `urlsplit` drops tabs and line ends, and browsers read a backslash as a slash: so the text is looked at first.
    if len(url) > LONGEST or not _PRINTABLE.fullmatch(url) or "\\" in url:
        raise errors.ServiceError("unsafe")
    try:
        parts = urlsplit(url)
        port, host = parts.port, _host(parts)
    except ValueError as error:
        raise errors.ServiceError("unsafe") from error
    if parts.scheme not in DEFAULT_PORTS or "@" in parts.netloc:
        raise errors.ServiceError("unsafe")
    port = DEFAULT_PORTS[parts.scheme] if port is None else port
    if port < 1024 and port not in DEFAULT_PORTS.values():
        raise errors.ServiceError("unsafe")
    return Url(parts.scheme, host, port, (parts.path or "/") + (f"?{parts.query}" if parts.query else ""))


def origin(url: str) -> str:
    """The origin of a URL.

    Raises:
        errors.ServiceError: As `read`.
    """
    return read(url).origin


def literal(host: str) -> str | None:
    """The address that a host is, or None if it is a name."""
    try:
        return str(ipaddress.ip_address(host))
    except ValueError:
        return None


def _host(parts: SplitResult) -> str:
    """The host; ValueError where the brackets hold no address (newer versions of `urlsplit` look themselves)."""
    host = parts.hostname or ""
    if "[" in parts.netloc or ":" in host:
        if not _BRACKETED.fullmatch(parts.netloc):  # among others a zone ("%eth0"), which only this machine could mean
            raise errors.ServiceError("unsafe")
        return str(ipaddress.IPv6Address(host))
    # "2130706433", "0177.0.0.1", "0x7f.1": the C library reads an address in them (URL Standard, "ends in a number").
    disguised = _NUMBER.fullmatch(host.rpartition(".")[2]) and literal(host) is None
    if disguised or not _NAME.fullmatch(host):
        raise errors.ServiceError("unsafe")
    return host
