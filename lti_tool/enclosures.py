"""What can be handed in: a text, links, and one file; checked before anything is kept. Floor 3, pure.

A file is what its bytes say, never what its name says; its name is not kept, for it may hold a person's. A picture is
taken down to what draws it, and the properties of a PDF that say who made it are blanked, because peers and reviewers
from outside read works without names. Nothing is fetched: a link is a text.
"""

from __future__ import annotations

import csv
import io
import json
import re
import struct
import zlib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import urlsplit

KINDS = {"csv": "text/csv", "pdf": "application/pdf", "png": "image/png"}
LARGEST = 2 * 1024 * 1024
"""Bytes of a file."""
LONGEST_TEXT, LONGEST_PART, LONGEST_LINK = 20_000, 1_000, 500
MOST_LINKS = 10
MOST_PIXELS = 50_000_000
MOST_INFLATED = 8 * 1024 * 1024
"""Bytes of a PDF's packed objects that are looked at."""
MOST_STREAMS, MOST_PACKED = 500, 256 * 1024
"""Packed streams of a PDF, and bytes of one, that are looked at; of more nobody knows what they hold."""
ROWS, COLUMNS = 20, 40
"""Of a table that a page shows."""
WORDS, FILE = "words", "file"


@dataclass(frozen=True)
class Enclosure:
    """What is handed in at once.

    Attributes:
        text: The learner's own words, in lines.
        links: Addresses, https alone.
        part: What the learner did themselves, where a team did the work; empty if nobody said.
        kind: Of the file, one of `KINDS`; empty without one.
        content: The bytes of the file, clean.
    """

    text: str = ""
    links: tuple[str, ...] = ()
    part: str = ""
    kind: str = ""
    content: bytes = b""


@dataclass(frozen=True)
class Problem:
    """Why something cannot be handed in.

    Attributes:
        code: The end of the id of a text, "handing.problem.<code>".
        line: Which link, from 1; 0 where it is about none.
    """

    code: str
    line: int = 0


@dataclass(frozen=True)
class Span:
    """A piece of a line: its text, the address that it leads to (empty: nowhere), whether it is strong."""

    text: str
    url: str = ""
    strong: bool = False


@dataclass(frozen=True)
class Block:
    """A paragraph, a heading or a list of a text: "p", "h" or "ul", and its lines."""

    kind: str
    lines: tuple[tuple[Span, ...], ...]


# Reading


def read(text: str, links: str, part: str, content: bytes) -> tuple[Enclosure, list[Problem]]:
    """What somebody wants to hand in, and everything that is wrong with it.

    Args:
        text: As typed.
        links: As typed, a line each.
        part: As typed.
        content: The bytes of the file; empty without one.

    Returns:
        The enclosure as far as it is right, and what is not.
    """
    problems = []
    words, own = _lines(text), _lines(part)
    if len(words) > LONGEST_TEXT:
        problems.append(Problem("text"))
    if len(own) > LONGEST_PART:
        problems.append(Problem("part"))
    typed = [one.strip() for one in links.splitlines() if one.strip()]
    if len(typed) > MOST_LINKS:
        problems.append(Problem("links"))
    problems += [Problem("link", place) for place, one in enumerate(typed[:MOST_LINKS], start=1) if not is_link(one)]
    kind, clean = "", b""
    if content:
        kind, clean, wrong = _file(content)
        problems += [Problem(wrong)] if wrong else []
    enclosure = Enclosure(words, tuple(typed[:MOST_LINKS]), own, kind, clean)
    if not (words or typed or content):
        problems.append(Problem("nothing"))
    return enclosure, problems


def is_link(text: str) -> bool:
    """Whether a text is an address that a page may lead to: https, a host, nobody's password, no strange letter.

    >>> is_link("https://docs.example/a?b=1"), is_link("http://docs.example"), is_link("https://me:x@docs.example/")
    (True, False, False)
    >>> is_link("javascript:alert(1)"), is_link("https://"), is_link("https://a.example/ b")
    (False, False, False)
    """
    if len(text) > LONGEST_LINK or not re.fullmatch(r"https://[!-~]+", text, re.ASCII) or '"' in text or "<" in text:
        return False
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        return False
    host = parts.hostname or ""
    named = re.fullmatch(r"(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]*[a-z0-9]", host)
    return bool(named) and parts.username is None and port in (None, 443)


# Keeping


def parts(enclosure: Enclosure) -> dict[str, bytes]:
    """What is sealed of an enclosure, by name: the words, and the file where there is one."""
    words = {"text": enclosure.text, "links": list(enclosure.links), "part": enclosure.part}
    found = {WORDS: json.dumps(words, ensure_ascii=False).encode()}
    return {**found, FILE: enclosure.content} if enclosure.kind else found


def of_words(content: bytes, kind: str) -> Enclosure:
    """The enclosure of what `parts` made, without the bytes of its file."""
    known = json.loads(content)
    return Enclosure(known["text"], tuple(known["links"]), known["part"], kind)


# Showing


def blocks(text: str) -> list[Block]:
    r"""A text as paragraphs, headings ("# ...") and lists ("- ..."); addresses with https lead there, no others do.

    >>> [one.kind for one in blocks("# Plan\n\nWe ship.\nSoon.\n\n- one\n- two")]
    ['h', 'p', 'ul']
    """
    found: list[Block] = []
    for lump in re.split(r"\n[ \t]*\n", text):
        lines = [line.strip() for line in lump.splitlines() if line.strip()]
        while lines:
            kind, taken = _taken(lines)
            plain = taken if kind == "p" else [_MARK.sub("", line, count=1) for line in taken]
            found.append(Block(kind, tuple(tuple(_spans(line)) for line in plain)))
            lines = lines[len(taken) :]
    return found


def table(content: bytes) -> list[list[str]]:
    """The first rows and columns of a clean CSV file."""
    found: list[list[str]] = []
    for row in csv.reader(io.StringIO(content.decode()), delimiter=","):
        found.append(row[:COLUMNS])
        if len(found) >= ROWS:
            break
    return found


def harmless(content: bytes) -> bytes:
    """A clean CSV file whose cells a spreadsheet takes for text: one that begins a formula gets an apostrophe.

    OWASP, "CSV injection". Numbers with a sign stay numbers.

    >>> harmless(b"=1+1,-3,@a").decode().strip()
    "'=1+1,-3,'@a"
    """
    out = io.StringIO()
    writer = csv.writer(out)
    for row in csv.reader(io.StringIO(content.decode())):
        writer.writerow([f"'{cell}" if _is_formula(cell) else cell for cell in row])
    return out.getvalue().encode()


def _is_formula(cell: str) -> bool:
    return cell.lstrip(" \ufeff")[:1] in {"=", "+", "-", "@", "\t", "\r"} and not re.fullmatch(
        r"[+-]?[0-9][0-9 .,]*%?", cell.strip()
    )


def _lines(text: str) -> str:
    """A text as typed, with plain line ends, without letters that nobody sees or that turn the reading round."""
    plain = text.replace("\r\n", "\n").replace("\r", "\n")
    return re.sub(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]", "", plain).strip()


_MARK = re.compile(r"(?:#{1,6}|[-*]) +(?=\S)")
"""What begins a heading or a point of a list."""


def _taken(lines: list[str]) -> tuple[str, list[str]]:
    """The first lines that belong together, and what they are."""
    if re.match(r"#{1,6} +\S", lines[0]):
        return "h", lines[:1]
    listed = re.match(r"[-*] +\S", lines[0]) is not None
    taken = []
    for line in lines:
        if (re.match(r"[-*] +\S", line) is not None) != listed or re.match(r"#{1,6} +\S", line):
            break
        taken.append(line)
    return ("ul" if listed else "p"), taken


def _spans(line: str) -> Iterator[Span]:
    """The pieces of a line: addresses, what stands between two pairs of asterisks, and the rest."""
    end = 0
    for found in re.finditer(r"https://[!-~]+|\*\*(?=\S)([^*]+)(?<=\S)\*\*", line):
        text = found[1] or found[0].rstrip(".,;:!?)]}'\"*_>")
        if found[1] is None and not is_link(text):
            continue
        if found.start() > end:
            yield Span(line[end : found.start()])
        yield Span(text, strong=True) if found[1] else Span(text, text)
        end = found.end() if found[1] else found.start() + len(text)
    if end < len(line):
        yield Span(line[end:])


# Files


def _file(content: bytes) -> tuple[str, bytes, str]:
    """The kind of a file, its clean bytes, and what is wrong with it."""
    if len(content) > LARGEST:
        return "", b"", "large"
    if content.startswith(_PNG):
        clean = _png(content)
        return ("png", clean, "") if clean else ("", b"", "png")
    if b"%PDF-" in content[:1024]:
        wrong = _pdf(content)
        return ("", b"", wrong) if wrong else ("pdf", _nameless(content), "")
    clean = _csv(content)
    return ("csv", clean, "") if clean else ("", b"", "kind")


_PNG = b"\x89PNG\r\n\x1a\n"
_DRAWS = {b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"sBIT", b"pHYs", b"bKGD"}
"""Chunks of a picture that draw it; texts, times and what else a program wrote there are left out (PNG, section 11)."""


def _png(content: bytes) -> bytes:
    """A picture taken down to what draws it; empty where it is none, is broken or is too large to draw."""
    found, at, first = [_PNG], len(_PNG), True
    while at + 12 <= len(content):
        length, name = struct.unpack(">I4s", content[at : at + 8])
        whole = content[at : at + 12 + length]
        body = whole[8 : 8 + length]
        if len(whole) < 12 + length or zlib.crc32(name + body) != struct.unpack(">I", whole[-4:])[0]:
            return b""
        if first:
            if name != b"IHDR" or length != 13:
                return b""
            wide, high = struct.unpack(">II", body[:8])
            if not 0 < wide * high <= MOST_PIXELS:
                return b""
            first = False
        if name in _DRAWS:
            found.append(whole)
        if name == b"IEND":
            return b"".join(found)
        at += 12 + length
    return b""


_ACTS = re.compile(rb"/(?:JavaScript|JS|Launch|EmbeddedFiles?|RichMedia|XFA)\b")
"""What a PDF does beside being read (ISO 32000-1, sections 12.6 and 7.11)."""


def _pdf(content: bytes) -> str:
    """What is wrong with a PDF; empty where it can be taken."""
    if b"%%EOF" not in content[-2048:]:
        return "pdf"
    if re.search(rb"/Encrypt\b", content):
        return "pdf_locked"
    if sum(1 for _ in _PACKS.finditer(content)) > MOST_STREAMS:
        return "pdf_acts"
    if any(_ACTS.search(_unescaped(one)) for one in (content, *_packed(content))):
        return "pdf_acts"
    return ""


_PACKS = re.compile(rb"/ObjStm\b.{0,400}?stream\r?\n", re.DOTALL)


def _packed(content: bytes) -> Iterator[bytes]:
    """What the packed object streams of a PDF hold, as far as it is looked at."""
    left = MOST_INFLATED
    for found in _PACKS.finditer(content):
        with suppress(zlib.error):
            packed = content[found.end() : found.end() + MOST_PACKED]
            inside = zlib.decompressobj().decompress(packed, max(1, left))
            left -= len(inside)
            yield inside


def _unescaped(content: bytes) -> bytes:
    """Names of a PDF with what they write as #xx (ISO 32000-1, section 7.3.5)."""
    return re.sub(rb"#([0-9A-Fa-f]{2})", lambda found: bytes([int(found[1], 16)]), content)


_WHO = re.compile(
    rb"(/(?:Author|Creator)\s*\()((?:\\.|[^\\()]){0,300})(?=\))"
    rb"|(/(?:Author|Creator)\s*<)([0-9A-Fa-f\s]{0,800})(?=>)"
    rb"|(<(?:dc:creator|pdf:Author|xmp:CreatorTool)[^>]{0,200}>)(.{0,400}?)(?=</(?:dc:creator|pdf:Author|xmp:CreatorTool)>)",
    re.DOTALL,
)


def _nameless(content: bytes) -> bytes:
    """A PDF whose properties do not say who made it, as far as they are not packed: as long as before, byte by byte."""

    def blank(found: re.Match[bytes]) -> bytes:
        if found[1] is not None:
            return found[1] + b" " * len(found[2])
        if found[3] is not None:
            return found[3] + b"0" * len(found[4])
        return found[5] + b" " * len(found[6])

    return _WHO.sub(blank, content)


def _csv(content: bytes) -> bytes:
    """A table as UTF-8 with commas; empty where the bytes are no table of text."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    else:
        return b""
    if re.search(r"[\x00-\x08\x0e-\x1f]", text):
        return b""
    head = text.partition("\n")[0]
    delimiter = max(",;\t", key=head.count)
    out = io.StringIO()
    writer = csv.writer(out)
    try:
        rows = [row for row in csv.reader(io.StringIO(text), delimiter=delimiter) if row]
    except csv.Error:
        return b""
    if len(rows) < 2 or len(rows[0]) < 2:
        return b""
    writer.writerows(rows)
    return out.getvalue().encode()
