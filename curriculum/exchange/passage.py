"""Flow content of an item: paragraphs out, plain text in. Floor 1.

The bank has plain text with line breaks. A picture, a formula in MathML or a film says what plain text cannot, so an
item with one is refused and not taken in without it. QTI 3.0 ASI, section "Content model".
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from curriculum.exchange.markup import Node, element

_BLOCKS = (
    "p div li tr br hr h1 h2 h3 h4 h5 h6 ul ol dl dt dd table thead tbody tfoot caption blockquote pre section article "
    "header footer aside nav figure figcaption address details summary qti-prompt qti-content-body qti-rubric-block"
)
_INLINE = (
    "span em strong b i u small big sub sup code tt q a cite abbr acronym dfn kbd samp var del ins mark bdi bdo time "
    "label ruby rb rt rp col colgroup"
)
BLOCKS, INLINE, CELLS = frozenset(_BLOCKS.split()), frozenset(_INLINE.split()), frozenset({"td", "th"})
# What a learner does not read as part of a question: it is read elsewhere, or says how the page looks.
SILENT = frozenset({"qti-feedback-inline", "qti-feedback-block", "qti-stylesheet", "qti-catalog-info", "qti-label"})

_BREAK, _CELL = "\x1e", "\x1d"
_GAPS = re.compile(r"[ \t\r\n\f]+")


def paragraphs(text: str, role: str = "") -> tuple[Node, ...]:
    """A text as paragraphs, one a line; `role` is their class."""
    told = {"class": role} if role else {}
    return tuple(element("p", told, line) for line in text.split("\n") if line.strip())


def inline(text: str) -> tuple[Node | str, ...]:
    """A text inside an element that may hold both: as it is, or as paragraphs if it has several lines."""
    return paragraphs(text) if "\n" in text else (text,)


def text(node: Node, gaps: tuple[str, ...] = ()) -> str:
    """The plain text of an element: blocks become lines, cells are parted by a bar.

    Args:
        node: The element.
        gaps: Names of elements in whose place a blank is left to fill: "____".
    """
    joined = "".join(_pieces(node, gaps))
    lines = (
        " | ".join(filter(None, (_GAPS.sub(" ", cell).strip() for cell in line.split(_CELL))))
        for line in joined.split(_BREAK)
    )
    return "\n".join(filter(None, lines))


def _pieces(node: Node, gaps: tuple[str, ...]) -> Iterator[str]:
    for child in node.children:
        if isinstance(child, str):
            yield child.replace(_BREAK, " ").replace(_CELL, " ")
        elif child.name in gaps:
            yield "____"
        elif child.name not in SILENT:
            edge = _BREAK if child.name in BLOCKS else _CELL if child.name in CELLS else ""
            yield edge
            yield from _pieces(child, gaps)
            yield edge


def strangers(node: Node, allowed: frozenset[str] = frozenset()) -> Iterator[str]:
    """A problem for each element that plain text cannot say.

    Args:
        node: The element to look through.
        allowed: Names that are read otherwise, such as the interaction; it is not looked into.
    """
    for child in node.elements:
        if child.name in allowed or child.name in SILENT:
            continue
        if child.name not in BLOCKS and child.name not in CELLS and child.name not in INLINE:
            yield (
                f"line {child.line}: <{child.name}> cannot be taken in; a question has plain text here, "
                "so say in words what it shows, or leave the item out"
            )
        else:
            yield from strangers(child, allowed)
