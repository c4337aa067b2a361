"""Items of QTI 2.1 and 2.2 in the words of QTI 3.0: most banks that exist were written by them. Floor 1.

QTI 3.0 renamed what 2.x has (1EdTech QTI 3.0, "Migration from QTI 2.x"): elements begin with "qti-", names have hyphens
in place of capitals. What a choice, a text entry and a match mean did not change, so names are all that changes here.
"""

from __future__ import annotations

import re
from dataclasses import replace
from types import MappingProxyType

from curriculum.exchange.item_writer import NAMESPACE
from curriculum.exchange.markup import Node

SPACES = (
    "http://www.imsglobal.org/xsd/imsqti_v2p0",
    "http://www.imsglobal.org/xsd/imsqti_v2p1",
    "http://www.imsglobal.org/xsd/imsqti_v2p2",
)
TYPES = ("imsqti_item_xmlv2p0", "imsqti_item_xmlv2p1", "imsqti_item_xmlv2p2")
# Names of QTI 2 without a capital, by which alone they could be names of HTML.
_PLAIN = frozenset(
    [
        *("prompt", "value", "mapping", "match", "variable", "correct", "equal", "member", "not", "or", "and"),
        *("multiple", "ordered", "default", "null", "sum", "product", "random", "index", "contains", "substring"),
        *("gap", "hottext", "stylesheet"),
    ]
)
_CAPITAL = re.compile(r"(?<!^)([A-Z])")


def is_older(root: Node) -> bool:
    """Whether a document is an item of QTI 2."""
    return root.name == "assessmentItem" and root.namespace in SPACES


def renewed(root: Node) -> Node:
    """The same item in the words of QTI 3.0; lines stay those of the file."""
    ours = root.namespace in SPACES
    qti = ours and (root.name != root.name.lower() or root.name in _PLAIN)
    return replace(
        root,
        name=f"qti-{hyphened(root.name)}" if qti else root.name,
        namespace=NAMESPACE if ours else root.namespace,
        attributes=MappingProxyType({hyphened(name): value for name, value in root.attributes.items()}),
        children=tuple(child if isinstance(child, str) else renewed(child) for child in root.children),
    )


def hyphened(name: str) -> str:
    """A name with hyphens in place of capitals.

    >>> hyphened("responseDeclaration"), hyphened("xml:lang"), hyphened("href")
    ('response-declaration', 'xml:lang', 'href')
    """
    return _CAPITAL.sub(r"-\1", name).lower() if ":" not in name and "{" not in name else name
