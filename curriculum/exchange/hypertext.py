"""A page of HTML as plain text: headings, paragraphs, lists and tables as lines, links as their addresses. Floor 1.

No HTML of somebody else's is ever shown, so no filter of HTML can be outwitted: what plain text cannot say (a picture,
a film, a formula) is named as lost. The parser of the standard library takes hours for a page of "<a" (CPython issue
135462), so this one goes over a page once; nothing is expanded but the character references of HTML.
"""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass

LARGEST = 1024 * 1024
"""Bytes of a page that is read."""
MOST_LINKS = 200
BULLET = "• "
_BLOCK_NAMES = (
    "address article aside blockquote body br caption dd details div dl dt fieldset figcaption figure footer form h1 "
    "h2 h3 h4 h5 h6 header hr li main nav ol p pre section summary table tbody tfoot thead tr ul"
)
_BLOCKS = frozenset(_BLOCK_NAMES.split())
_RAW = frozenset({"script", "style", "title", "textarea"})
_MEDIA = frozenset({"video", "audio", "iframe", "object", "svg", "canvas", "math", "applet"})
_SILENT = _MEDIA | {"head", "template", "noscript", "select"}
_LOST = _MEDIA | {"img", "embed", "map"}
_SIGNS = frozenset("abcdefghijklmnopqrstuvwxyz/!?")
_NAME = re.compile(r"[a-z][a-z0-9:-]{0,30}")
_ATTRIBUTE = re.compile(r"""([a-zA-Z-]{1,40})\s{0,20}=\s{0,20}("[^"]*"|'[^']*'|[^\s"'>]{1,4000})""")
_SILENCED = dict.fromkeys((*range(10), *range(11, 32), 127), " ")
"""Control characters, which no page of text has: blanks, but for line ends."""
_LONG = re.compile(r"&#[xX]?[0-9a-fA-F]{9,};?")
"""A reference to no letter: one of thousands of digits is no number for Python."""
_TAG, _WORDS = 10_000, 200
"""Letters of a tag that are looked at, and of the words of a link."""
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
        markup: HTML, or plain text. Whatever it is, something comes out, in time in proportion to its length.
    """
    reader = _Reader(markup)
    reader.run()
    lines = (_GAPS.sub(" ", line).strip() for line in "".join(reader.pieces).split("\n"))
    text = "\n".join(line for line in lines if line.strip(BULLET))
    title = " ".join("".join(reader.title).split())
    return Text(text, title, tuple(reader.links.items()), tuple(reader.lost))


class _Reader:
    """One walk over a page, from left to right: a search that found nothing is not made again."""

    def __init__(self, markup: str) -> None:
        self.markup = markup
        self.low = markup.lower() if markup.isascii() else "".join(map(_lower, markup))
        self.absent: set[str] = set()
        self.pieces: list[str] = []
        self.title: list[str] = []
        self.links: dict[str, str] = {}
        self.lost: dict[str, None] = {}
        self.silent = ""
        self.depth = 0
        self.link = ""

    def run(self) -> None:
        """Read it all."""
        at = 0
        while at < len(self.markup):
            start = self._find("<", at)
            if start < 0:
                break
            self._say(self.markup[at:start])
            at = self._marked(start)
        if at < len(self.markup):
            self._say(self.markup[at:])

    def _find(self, what: str, at: int) -> int:
        """Where something stands next; -1 where it does not."""
        found = -1 if what in self.absent else self.low.find(what, at)
        if found < 0:
            self.absent.add(what)
        return found

    def _marked(self, start: int) -> int:
        """What begins with "<": a comment, a tag, or no more than that sign; where it goes on."""
        if self.low.startswith("<!--", start):
            end = self._find("-->", start + 4)
            return len(self.markup) if end < 0 else end + 3
        sign = self.low[start + 1 : start + 2]
        end = self._find(">", start) if sign in _SIGNS else -1
        if end < 0:
            self._say("<")
            return start + 1
        if sign == "/":
            self._closed(_NAME.match(self.low, start + 2))
        elif sign.isalpha():
            end = self._whole(start, end)
            name = _NAME.match(self.low, start + 1)
            return self._opened("" if name is None else name[0], self.markup[start + 1 : end], end + 1)
        return end + 1

    def _whole(self, start: int, end: int) -> int:
        """The end of a tag, past a ">" in quotes."""
        for _ in range(3):
            inside = self.markup[start : min(end, start + _TAG)]
            if not inside.count('"') % 2 and not (inside.count("'") % 2 and "='" in inside):
                break
            further = self._find(">", end + 1)
            if further < 0:
                break
            end = further
        return end

    def _opened(self, name: str, tag: str, after: int) -> int:
        """A start tag; where it goes on, past what has no words for people."""
        if name == "body":
            self.silent = ""  # nothing closes a head that was left open
        if name in _LOST:
            self.lost.setdefault(name)
        if name in _RAW:
            end = self._find(f"</{name}", after)
            stop = len(self.markup) if end < 0 else end
            if name == "title" and not self.title:
                self.title.append(_plain(self.markup[after:stop]))
            return stop
        if self.silent:
            self.depth += name == self.silent
            return after
        if name in _SILENT and not tag.endswith("/"):
            self.silent, self.depth = name, 1
            return after
        if name in _BLOCKS:
            self.pieces.append("\n" + (BULLET if name == "li" else ""))
        elif name in {"td", "th"}:
            self.pieces.append(" ")
        elif name in {"a", "img"}:
            self._told(name, {found[1].lower(): found[2].strip("\"'") for found in _ATTRIBUTE.finditer(tag[:_TAG])})
        return after

    def _told(self, name: str, attributes: Mapping[str, str]) -> None:
        if name == "img":
            self._say(f" {attributes.get('alt', '')} ")
        elif len(self.links) < MOST_LINKS:
            self.link = _plain(attributes.get("href", "")).strip()
            if self.link.lower().startswith(("http://", "https://")):
                self.links.setdefault(self.link, "")

    def _closed(self, found: re.Match[str] | None) -> None:
        name = "" if found is None else found[0]
        if self.silent:
            self.depth -= name == self.silent
            if not self.depth or name in {"body", "html"}:
                self.silent = ""
        elif name == "a":
            self.link = ""
        elif name in _BLOCKS:
            self.pieces.append("\n")

    def _say(self, words: str) -> None:
        if self.silent:
            return
        text = " ".join(_plain(words).split("\n"))  # a line end of the file is a blank of the page
        self.pieces.append(text)
        if self.link in self.links and len(self.links[self.link]) < _WORDS:
            self.links[self.link] = f"{self.links[self.link]} {text}".strip()


def _plain(text: str) -> str:
    """A text with its character references undone."""
    return html.unescape(_LONG.sub("", text)).translate(_SILENCED)


def _lower(letter: str) -> str:
    """A letter in lower case where that is one letter too: places in the text stay what they are."""
    low = letter.lower()
    return low if len(low) == 1 else letter
