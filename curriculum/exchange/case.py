"""The graph in CASE 1.1: documents, items and associations, as the specification's REST binding wants them. Floor 1.

1EdTech Competencies and Academic Standards Exchange 1.1. One CFDocument a catalog and a language: `language` and
`fullStatement` hold one language each, so a reader of one language reads one document, and `exactMatchOf` ties the same
skill of both together.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from curriculum.catalog import Catalog

JSON = Mapping[str, Any]


@dataclass(frozen=True, eq=False)
class Shelf:
    """Everything that is published, by identifier.

    Attributes:
        documents: CFDocument.
        packages: CFPackage, by the identifier of its document.
        items: CFItem.
        associations: CFAssociation.
        of_item: The associations of an item, as the specification's CFAssociationSet.
    """

    documents: Mapping[str, JSON]
    packages: Mapping[str, JSON]
    items: Mapping[str, JSON]
    associations: Mapping[str, JSON]
    of_item: Mapping[str, JSON]


def shelve(catalogs: tuple[Catalog, ...], base: str) -> Shelf:
    """Make what is published.

    Args:
        catalogs: What there is to learn.
        base: Public base of the service, such as https://learn.example.org/ims/case/v1p1.
    """
    raise NotImplementedError


def read(text: str | bytes, where: str) -> dict[str, Any]:
    """Read a CFPackage as the draft of a catalog, for the checks of a catalog.

    Raises:
        errors.ExchangeRefused: It is no CFPackage, or names what is not there, or its prerequisites form a cycle.
    """
    raise NotImplementedError
