"""The next page, as a Link header names it (RFC 8288). Floor 3.

pylti1p3 finds it by a pattern that lower-cases the address, which breaks the opaque ones of Canvas, and cannot read
Moodle's, which has curly quotes and `&amp;`: line items beyond the first page were lost silently.
One pass over the text; what cannot be read is no link.
"""

from __future__ import annotations

from urllib.parse import urljoin

LONGEST = 128 * 1024
_SPACE = " \t\r\n"
# A header is decoded as Latin-1, so that the three bytes of a curly quote in UTF-8 arrive as three characters.
_CURLY = tuple(quote.encode().decode("latin-1") for quote in "“”")


def following(header: str, base: str, relation: str = "next") -> str | None:
    """The address of a relation, by default of rel="next".

    Args:
        header: The Link header, or several of them with commas between.
        base: The address that was asked; a relative reference is resolved against it.
        relation: Its name, in lower case.

    Returns:
        The first such address, its letters as they were written; None if there is none.
    """
    for target, parameters in _links(_straighten(header[:LONGEST])):
        relations = parameters.get("rel", "").lower().split()
        # A link with an anchor is about another resource than the one that was asked (section 3.2).
        if relation in relations and "anchor" not in parameters:
            try:
                return urljoin(base, target.replace("&amp;", "&"))
            except ValueError:
                return None
    return None


def _straighten(header: str) -> str:
    for quote in (*_CURLY, "“", "”"):
        header = header.replace(quote, '"')
    return header


def _links(text: str) -> list[tuple[str, dict[str, str]]]:
    """The targets and their parameters: the first of each name counts (section 3)."""
    found: list[tuple[str, dict[str, str]]] = []
    at = text.find("<")
    while at != -1:
        end = text.find(">", at)
        if end == -1:
            break
        parameters, after = _parameters(text, end + 1)
        found.append((text[at + 1 : end].strip(_SPACE), parameters))
        at = text.find("<", after)
    return found


def _parameters(text: str, at: int) -> tuple[dict[str, str], int]:
    """The parameters from here on, and where the next link may begin."""
    found: dict[str, str] = {}
    while True:
        at = _skip(text, at)
        if at >= len(text) or text[at] != ";":
            return found, at
        name, at = _word(text, _skip(text, at + 1), ";,=" + _SPACE)
        at = _skip(text, at)
        value = ""
        if at < len(text) and text[at] == "=":
            at = _skip(text, at + 1)
            value, at = _quoted(text, at + 1) if text[at : at + 1] == '"' else _word(text, at, ";," + _SPACE)
        if name:
            found.setdefault(name.lower(), value)


def _skip(text: str, at: int) -> int:
    while at < len(text) and text[at] in _SPACE:
        at += 1
    return at


def _word(text: str, at: int, ends: str) -> tuple[str, int]:
    begin = at
    while at < len(text) and text[at] not in ends:
        at += 1
    return text[begin:at], at


def _quoted(text: str, at: int) -> tuple[str, int]:
    """A quoted string (RFC 9110, section 5.6.4); one that never ends is read to the end of the text."""
    pieces: list[str] = []
    while at < len(text) and text[at] != '"':
        if text[at] == "\\" and at + 1 < len(text):
            at += 1
        pieces.append(text[at])
        at += 1
    return "".join(pieces), at + 1
