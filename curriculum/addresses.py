"""Addresses of the web that somebody writes down: whether one can be asked for at all, by its form alone. Floor 1.

Nothing is fetched here. What is refused is what a browser would read in two ways (RFC 3986; URL Standard): other
schemes than http and https, a name and password, blanks, letters beyond ASCII, a host without a dot.
"""

from __future__ import annotations

import re

LONGEST = 2000
"""Letters of an address."""
_ADDRESS = re.compile(
    r"https?://((?:[a-z0-9](?:[a-z0-9_-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9])(?::[1-9][0-9]{0,4})?"
    r"(?:[/?#][^\s<>\"{}|\\^`]*)?",
    re.IGNORECASE,
)
SCHEME, SIGNS, HOST, LONG = PROBLEMS = ("scheme", "signs", "host", "long")
"""What may be wrong: not http or https; a sign that no address has; a host that is none; too long."""


def problem(url: str) -> str:
    """What is wrong with the form of an address: one of `PROBLEMS`; empty if nothing is.

    >>> problem("https://taxation-customs.ec.europa.eu/x?y=1#z"), problem("ftp://a.example"), problem("https://a b.eu/")
    ('', 'scheme', 'signs')
    """
    if len(url) > LONGEST:
        return LONG
    if not url.lower().startswith(("http://", "https://")):
        return SCHEME
    if not url.isascii() or re.search(r"[\s<>\"{}|\\^`]", url):
        return SIGNS
    return "" if _ADDRESS.fullmatch(url) else HOST


def plain(url: str) -> str:
    """An address with blanks and letters beyond ASCII written as an address has them (RFC 3987, section 3.1).

    >>> plain(" https://a.example/关税?x=a b ")
    'https://a.example/%E5%85%B3%E7%A8%8E?x=a%20b'
    """
    return "".join(one if "!" <= one <= "~" else "".join(f"%{byte:02X}" for byte in one.encode("utf-8", "replace"))
                   for one in url.strip())  # fmt: skip


def host(url: str) -> str:
    """The host of an address without a problem, in lower case; empty for another text."""
    found = _ADDRESS.fullmatch(url)
    return "" if found is None else found[1].lower()
