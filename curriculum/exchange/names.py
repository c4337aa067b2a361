"""Stable names for things that leave: UUIDs that the same catalog makes everywhere and always. Floor 1.

A UUID of version 5 (RFC 9562, section 5.5) in a namespace of our own, over the catalog's id and the thing's: two
universities that never met hand out the same identifier for the same skill, and a new version of the graph keeps it.
"""

from __future__ import annotations

import uuid

NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, "urn:entrepot:exchange")


def of(catalog: str, kind: str, *ids: str) -> str:
    """The UUID of a thing of a catalog.

    Args:
        catalog: Id of the catalog.
        kind: "document", "area", "skill", "type", "child", "precedes", "match", ...
        ids: What names it within its kind.

    Examples:
        >>> of("cbec", "skill", "cus.duty") == of("cbec", "skill", "cus.duty")
        True
    """
    return str(uuid.uuid5(NAMESPACE, "\x1f".join((catalog, kind, *ids))))
