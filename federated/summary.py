"""What an institution's people may see of its part in a consortium, as one JSON beside its models. Floor 3.

The tool may not import this room; it reads <models>/consortium/<catalog>.json and the files beside it, which are the
register in two languages and copies of the signed ledger and register.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from federated.budget import Account, Limit
from federated.ledger import Line
from federated.register import Terms

FORMAT = 1


@dataclass(frozen=True)
class Fellow:
    """A member of the consortium as it declared itself: name, jurisdiction, legal entity."""

    name: str
    jurisdiction: str
    legal_entity: str


@dataclass(frozen=True)
class Facts:
    """What a summary is made from.

    Attributes:
        catalog: id of the catalog.
        terms: the consortium's terms as the member holds them.
        fellows: members named in the charter.
        accounts: where each cohort stands; empty under `exact`.
        limit: the declared limit; None under `exact`.
        book: lines of the member's ledger.
        register: lines of the transfer register.
        at: when the summary is made, ISO 8601 in UTC.
    """

    catalog: str
    terms: Terms
    fellows: Sequence[Fellow]
    accounts: Mapping[str, Account]
    limit: Limit | None
    book: Sequence[Line]
    register: Sequence[Line]
    at: str


def summarise(facts: Facts) -> dict[str, Any]:
    """Return the summary as JSON values. Pure."""
    raise NotImplementedError


def publish(models: Path, catalog: str, summary: Mapping[str, Any], ledger: Path, register: Path) -> None:
    """Put the summary, the register in two languages and copies of both ledgers under `models`/consortium/.

    Raises:
        LedgerError: a file cannot be read or written.
    """
    raise NotImplementedError
