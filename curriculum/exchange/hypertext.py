"""A page of HTML as plain text: headings, paragraphs, lists and tables as lines, links as their addresses. Floor 1.

No HTML of somebody else's is ever shown, so no filter of HTML can be outwitted: what plain text cannot say (a picture,
a film, a formula) is named as lost. The parser of the standard library works without recursion, and nothing is
expanded but the character references of HTML.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from html.parser import HTMLParser

LARGEST = 1024 * 1024
"""Bytes of a page that is read."""
MOST_LINKS = 200
BULLET = "• "
_BLOCK_NAMES = (
    "address article aside blockquote body br caption dd details div dl dt fieldset figcaption figure footer form h1 "
    "h2 h3 h4 h5 h6 header hr li main nav ol p pre section summary table tbody tfoot thead tr ul"
)
_BLOCKS = frozenset(_BLOCK_NAMES.split())
_SILENT = frozenset({"script", "style", "template", "noscript", "head", "select", "textarea"})
_LOST = frozenset({"img", "video", "audio", "iframe", "object", "embed", "svg", "canvas", "math", "applet", "map"})
_VOID = frozenset({"img", "embed", "br", "hr", "input", "meta", "link", "source", "track", "wbr", "area", "base"})
_ENCODINGS = re.compile(
    r"utf-?8|utf-?16|us-ascii|ascii|gbk|gb2312|gb18030|big5|latin-?1|iso-8859-\d{1,2}|windows-125\d|cp125\d|shift_jis"
    r"|euc-jp|euc-kr|koi8-r",
    re.IGNORECASE,
)
_CHARSET = re.compile(rb"""<meta[^>]{0,200}?charset\s*=\s*["']?([A-Za-z0-9_:.-]{1,40})""", re.IGNORECASE)
_GAPS = re.compile(r"[^\S\n]+")


@dataclass(frozen=True)
class Text:
    r"""What a page says.

    Attributes:
        text: Lines with "\n" between; empty if it says nothing.
        title: Of its head; empty if it has none.
        links: Address and words of each link to the web, in order, each address once.
        lost: Names of the elements that plain text cannot say, each once.
    """

    text: str
    title: str
    links: tuple[tuple[str, str], ...]
    lost: tuple[str, ...]


def decoded(data: bytes) -> str | None:
    r"""The text of a file: by its byte order mark, what it says of itself, or UTF-8; None where it is none of these.

    >>> decoded("税".encode("utf-8")), decoded(b'<meta charset="gbk">' + "税".encode("gbk"))
    ('税', '<meta charset="gbk">税')
    >>> decoded(b"\xff\xfe\x00") is None, decoded(b'<meta charset="x-none">') is None
    (True, True)
    """
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        name = "utf-16"
    else:
        said = _CHARSET.search(data[:2048])
        name = said[1].decode("ascii") if said and not data.startswith(b"\xef\xbb\xbf") else "utf-8-sig"
    try:
        return data.decode(name) if name == "utf-8-sig" or _ENCODINGS.fullmatch(name) else None
    except (LookupError, ValueError):
        return None


def read(markup: str) -> Text:
    """Read a page, or a piece of one.

    Args:
        markup: HTML, or plain text. Whatever it is, something comes out: HTML has no errors.
    """
    reader = _Reader()
    try:
        reader.feed(markup)
        reader.close()
    except AssertionError:  # what the parser says to "<![" before no known word: the rest is not read
        reader.lost.setdefault("![")
    lines = (_GAPS.sub(" ", line).strip() for line in "".join(reader.pieces).split("\n"))
    text = "\n".join(line for line in lines if line.strip(BULLET))
    title = " ".join("".join(reader.title).split())
    return Text(text, title, tuple(reader.links.items()), tuple(reader.lost))


class _Reader(HTMLParser):
    """What the parser tells, put together."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self.title: list[str] = []
        self.links: dict[str, str] = {}
        self.lost: dict[str, None] = {}
        self.silent: list[str] = []
        self.titled = False
        self.link = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        if tag == "body":
            self.silent.clear()  # nothing closes a head that was left open
        if tag in _LOST:
            self.lost.setdefault(tag)
            if tag == "img" and not self.silent and told.get("alt"):
                self.pieces.append(f" {told['alt']} ")
        if tag in _SILENT or (tag in _LOST and tag not in _VOID):
            self.silent.append(tag)
        self.titled = tag == "title" and "svg" not in self.silent
        if self.silent:
            return
        if tag in _BLOCKS:
            self.pieces.append("\n" + (BULLET if tag == "li" else ""))
        elif tag in {"td", "th"}:
            self.pieces.append(" ")
        elif tag == "a" and len(self.links) < MOST_LINKS:
            self.link = (told.get("href") or "").strip()
            if self.link.lower().startswith(("http://", "https://")):
                self.links.setdefault(self.link, "")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in _VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag == "title":
            self.titled = False
        elif tag in {"body", "html"}:
            self.silent.clear()
        elif tag in self.silent:
            while self.silent.pop() != tag:
                pass
        elif tag == "a":
            self.link = ""
        if tag in _BLOCKS and not self.silent:
            self.pieces.append("\n")

    def handle_data(self, data: str) -> None:
        if self.titled:
            self.title.append(data)
        elif not self.silent:
            # A line end of the file is a blank of the page.
            words = " ".join(data.split("\n"))
            self.pieces.append(words)
            if self.link in self.links:
                self.links[self.link] = f"{self.links[self.link]} {words}".strip()
