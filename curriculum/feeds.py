"""Many pieces of news at once: from RSS or Atom, CSV or JSON, each with its source. Floor 1.

A file is read whole or not at all. The same piece comes in once, however often a feed is read: `intake.mark` names it.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from email.utils import parsedate_to_datetime
from html import unescape
from typing import Any

from curriculum import errors, intake
from curriculum.exchange import markup
from curriculum.intake import News

MOST = 500
"""Pieces of one file."""
_TAG = re.compile(r"<[^>]{0,2000}>")
_BREAK = re.compile(r"<(?:br|/p|/li|/div|/h\d)\b[^>]{0,200}>", re.IGNORECASE)
_SCRIPT = re.compile(r"<(script|style)\b.*?</\1\s*>", re.IGNORECASE | re.DOTALL)


def read(data: bytes, today: date, *, where: str = "news") -> tuple[News, ...]:
    """Read a file of news: RSS 2.0, Atom (RFC 4287), a JSON list of objects, or CSV with a line of names.

    JSON and CSV name `text`, and where known `title`, `source` (or `url`, `link`) and `date`.

    Args:
        data: The file, UTF-8 unless XML names another encoding.
        today: The day of a piece that has none.
        where: Name of the file, for messages.

    Raises:
        errors.InvalidNews: It cannot be read; every problem is listed with its place, and nothing is taken.
    """
    start = data.lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
    rows = list(_xml(data, where) if start == b"<" else _plain(data, where, listed=start in {b"[", b"{"}))
    problems: list[str] = []
    made: dict[str, News] = {}
    for place, row in rows:
        title, text = _text(row.get("title")), _text(row.get("text"))
        if not text and not title:
            problems.append(f"{place}: no text and no title; one of them is needed")
            continue
        told = _day(row.get("date"), today)
        if told is None:
            problems.append(f"{place}: its date cannot be read; write it as 2026-07-01")
            continue
        news = News(text or title, str(row.get("source") or "").strip(), told, title if text else "")
        made.setdefault(intake.mark(news), news)
    if len(rows) > MOST:
        problems = [f"it has {len(rows)} pieces; one file may have {MOST}"]
    if problems or not made:
        raise errors.InvalidNews(where, problems or ["it has no piece of news"])
    return tuple(made.values())


def _xml(data: bytes, where: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    try:
        root = markup.parse(data, where)
    except errors.ExchangeRefused as error:
        raise errors.InvalidNews(where, error.problems) from None
    nodes = list(_named(root, {"item", "entry"}))
    for node in nodes:
        found = {"title": "", "text": "", "source": "", "date": ""}
        for child in node.children:
            if isinstance(child, str):
                continue
            inside = "".join(_letters(child))
            if child.name == "title":
                found["title"] = inside
            elif child.name in {"description", "summary", "content", "encoded"}:
                found["text"] = max(found["text"], inside, key=len)
            elif child.name == "link":
                found["source"] = found["source"] or child.get("href") or inside.strip()
            elif child.name in {"pubDate", "updated", "published", "date"}:
                found["date"] = found["date"] or inside.strip()
        yield f"line {node.line}", found


def _named(node: markup.Node, names: set[str]) -> Iterator[markup.Node]:
    if node.name in names:
        yield node
        return
    for child in node.children:
        if not isinstance(child, str):
            yield from _named(child, names)


def _letters(node: markup.Node) -> Iterator[str]:
    for child in node.children:
        if isinstance(child, str):
            yield child
        else:
            yield from _letters(child)


def _plain(data: bytes, where: str, *, listed: bool) -> Iterator[tuple[str, Mapping[str, Any]]]:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise errors.InvalidNews(where, [f"byte {error.start}: not UTF-8; save the file as UTF-8"]) from None
    if listed:
        try:
            found = json.loads(text)
        except ValueError as error:
            raise errors.InvalidNews(where, [f"not JSON: {error}"]) from None
        rows = found if isinstance(found, list) else [found]
        if not all(isinstance(row, dict) for row in rows):
            raise errors.InvalidNews(where, ["the document must be a list of objects"])
        pairs = [(f"piece {place}", row) for place, row in enumerate(rows, start=1)]
    else:
        reader = csv.DictReader(io.StringIO(text))
        names = {name.strip().lower() for name in reader.fieldnames or () if name}
        if not {"text", "title"} & names:
            raise errors.InvalidNews(where, ["line 1: name the columns: title, text, source, date"])
        pairs = [(f"line {reader.line_num}", row) for row in reader]
    for place, row in pairs:
        named = {str(key).strip().lower(): one for key, one in row.items() if isinstance(key, str)}
        yield place, {**named, "source": named.get("source") or named.get("url") or named.get("link")}


def _text(value: Any) -> str:
    """Text without markup: what a feed puts between tags."""
    raw = _SCRIPT.sub(" ", unescape(str(value or ""))[: 10 * intake.LONGEST])
    lines = unescape(_TAG.sub(" ", _BREAK.sub("\n", raw))).splitlines()
    return "\n".join(line for line in (" ".join(part.split()) for part in lines) if line)[: intake.LONGEST]


def _day(value: Any, today: date) -> date | None:
    """A day as ISO or as mail writes it (RFC 5322); today where there is none; None where it cannot be read."""
    text = str(value or "").strip()
    if not text:
        return today
    for parse in (date.fromisoformat, datetime.fromisoformat, parsedate_to_datetime):
        try:
            found = parse(text)
        except ValueError:
            continue
        return found.date() if isinstance(found, datetime) else found
    return None
