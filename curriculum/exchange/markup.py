"""XML as data: read it without entities or document types, with lines; write it escaped. Floor 1.

The parser of the standard library expands entities and would read a document type from elsewhere: a document that has
either is refused as soon as it says so, before anything of it is expanded (CWE-776, CWE-611). No format here needs one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any
from xml.parsers import expat
from xml.sax import saxutils

from curriculum import errors

LARGEST = 4 * 1024 * 1024
DEEPEST = 100
XML = "http://www.w3.org/XML/1998/namespace"
# Chinese encodings, which expat does not know and people use.
_NAMED = re.compile(rb"""<\?xml[^>]{0,80}?encoding=["'](gbk|gb2312|gb18030|big5)["']""", re.IGNORECASE)
# XML 1.0, section 2.2: what a document may not hold, not even escaped.
_ILLEGAL = {code: None for code in range(32) if code not in (9, 10, 13)} | {0xFFFE: None, 0xFFFF: None}


@dataclass(frozen=True)
class Node:
    """An element.

    Attributes:
        name: Local name, such as "qti-simple-choice".
        namespace: Its namespace; empty if it has none.
        attributes: By local name; those of the XML namespace as "xml:lang", of another one as "{namespace}name".
        children: Elements and texts, in order.
        line: Line of its start tag, from 1; 0 if it was not read from a file.
    """

    name: str
    namespace: str = ""
    attributes: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    children: tuple[Node | str, ...] = ()
    line: int = 0

    @property
    def elements(self) -> tuple[Node, ...]:
        """The children that are elements."""
        return tuple(child for child in self.children if isinstance(child, Node))

    def every(self, *names: str) -> Iterator[Node]:
        """The elements below it, at any depth, that have one of these names; in the order of the document."""
        for child in self.elements:
            if child.name in names:
                yield child
            yield from child.every(*names)

    def first(self, *names: str) -> Node | None:
        """The first of `every`, or None."""
        return next(self.every(*names), None)

    def get(self, name: str, default: str = "") -> str:
        """An attribute, without blanks around it."""
        return self.attributes.get(name, default).strip()


def parse(data: bytes, where: str) -> Node:
    """Read a document.

    Args:
        data: The XML document, in an encoding that expat knows, or a Chinese one that it names.
        where: Name of the file, for messages.

    Returns:
        The root element.

    Raises:
        errors.ExchangeRefused: Too large, too deep, not well-formed, or with a document type or an entity.
    """
    if len(data) > LARGEST:
        raise errors.ExchangeRefused(where, [f"it has {len(data)} bytes; one file may have {LARGEST}"])
    named = _NAMED.match(data)
    try:
        text = data.decode(named[1].decode()).encode() if named else data
        reader = _Reader(where, "utf-8" if named else None)
        reader.parser.Parse(text, True)
    except expat.ExpatError as error:
        problem = f"line {error.lineno}: not well-formed XML: {expat.ErrorString(error.code)}"
        raise errors.ExchangeRefused(where, [problem]) from error
    except (LookupError, ValueError) as error:
        problem = "line 1: it has an encoding that is not known, or not the one that it names; write it in UTF-8"
        raise errors.ExchangeRefused(where, [problem]) from error
    return reader.root


class _Reader:
    """What expat tells, put together: the open elements, and the children that each has so far."""

    def __init__(self, where: str, encoding: str | None) -> None:
        self.where = where
        self.open: list[tuple[str, str, dict[str, str], list[Node | str], int]] = []
        self.root = Node("")
        self.parser: Any = expat.ParserCreate(encoding, "\x1f")
        self.parser.buffer_text = True
        self.parser.StartDoctypeDeclHandler = self._forbid
        self.parser.EntityDeclHandler = self._forbid
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._text

    def _forbid(self, *_told: object) -> None:
        line = self.parser.CurrentLineNumber
        problem = f"line {line}: it has a document type (<!DOCTYPE) or an entity; remove that, nothing here needs one"
        raise errors.ExchangeRefused(self.where, [problem])

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        line = self.parser.CurrentLineNumber
        if len(self.open) >= DEEPEST:
            raise errors.ExchangeRefused(self.where, [f"line {line}: elements lie deeper than {DEEPEST} in each other"])
        namespace, _, local = name.rpartition("\x1f")
        self.open.append((local, namespace, {_attribute(key): value for key, value in attributes.items()}, [], line))

    def _end(self, _name: str) -> None:
        local, namespace, attributes, children, line = self.open.pop()
        made = Node(local, namespace, MappingProxyType(attributes), tuple(children), line)
        if self.open:
            self.open[-1][3].append(made)
        else:
            self.root = made

    def _text(self, text: str) -> None:
        self.open[-1][3].append(text)


def _attribute(name: str) -> str:
    namespace, _, local = name.rpartition("\x1f")
    if not namespace:
        return local
    return f"xml:{local}" if namespace == XML else f"{{{namespace}}}{local}"


def element(name: str, attributes: Mapping[str, str] | None = None, *children: Node | str) -> Node:
    """Make an element to be written; its name may have a prefix that the root declares as an attribute."""
    return Node(name, attributes=MappingProxyType(dict(attributes or {})), children=children)


def write(root: Node) -> bytes:
    """Write a document: UTF-8, elements that hold elements alone indented by two blanks.

    Args:
        root: Made by `element`; attributes such as "xmlns" are written as they are.
    """
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{_written(root, "")}\n'.encode()


def _written(node: Node, indent: str) -> str:
    told = "".join(f" {name}={saxutils.quoteattr(_legal(value))}" for name, value in node.attributes.items())
    if not node.children:
        return f"{indent}<{node.name}{told}/>"
    if node.elements == node.children:
        inside = "\n".join(_written(child, indent + "  ") for child in node.elements)
        return f"{indent}<{node.name}{told}>\n{inside}\n{indent}</{node.name}>"
    inside = "".join(
        _written(child, "") if isinstance(child, Node) else saxutils.escape(_legal(child)) for child in node.children
    )
    return f"{indent}<{node.name}{told}>{inside}</{node.name}>"


def _legal(text: str) -> str:
    return text.translate(_ILLEGAL)
