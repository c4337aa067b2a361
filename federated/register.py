"""The transfer register of a member: what left the institution, when, to whom, and on which ground. Floor 3.

Made so that an officer can file it: GDPR Art. 30(1)(e) asks for a record of transfers to a third country with their
safeguards (Chapter V, Art. 44 to 49), China's PIPL Art. 38 to 40 for a ground to provide information abroad and Art. 55
and 56 for an impact assessment that is kept for three years. Each answer that leaves is a line, each refusal too; the
lines are a signed ledger. No line holds anything of a learner: sizes, names of releases, digests.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from federated.ledger import Line

LANGUAGES = ("en", "zh")
SENT = "sent"
REFUSED = "refused"


@dataclass(frozen=True)
class Terms:
    """What holds for every transfer under one charter; written into each line, so that a line stands alone.

    Attributes:
        institution: the member's id, the exporter.
        legal_entity: its controller.
        jurisdiction: where it is, ISO 3166-1 alpha-2 such as CN, DE.
        consortium: name of the consortium.
        recipient: the legal entity that runs the coordinator.
        recipient_jurisdiction: where that is.
        policy: `exact`, `secagg` or `source-noise`.
        charter: digest of the signed charter, hex.
        legal_basis: ground of the processing and of the transfer, as the member's officer declared it.
        retention: how long the recipient and the register keep it, in words.
    """

    institution: str
    legal_entity: str
    jurisdiction: str
    consortium: str
    recipient: str
    recipient_jurisdiction: str
    policy: str
    charter: str
    legal_basis: str = ""
    retention: str = ""


@dataclass(frozen=True)
class Transfer:
    """One answer to one question.

    Attributes:
        at: when, ISO 8601 in UTC.
        run: id of the run.
        round: its number.
        kind: kind of the message (`federated.messages`).
        size: bytes that left; 0 where it was refused.
        digest: sha256 of them in hex; empty where it was refused.
        mu_squared: what it cost of the privacy budget; 0 where nothing was charged.
        refused: the reason's name (`errors.reason`); empty where the answer left.
    """

    at: str
    run: str
    round: int
    kind: str
    size: int = 0
    digest: str = ""
    mu_squared: float = 0.0
    refused: str = ""


def note(path: Path, terms: Terms, transfer: Transfer, key: Ed25519PrivateKey | None = None) -> str:
    """Write one line for an answer that leaves, or a refusal, before it is sent; return the line's hash.

    Raises:
        LedgerError: the register is damaged or cannot be written: then nothing may leave.
    """
    raise NotImplementedError


def render(lines: Sequence[Line], language: str = "en") -> str:
    """Return the register as Markdown that an officer can file, in English or Chinese ("en", "zh")."""
    raise NotImplementedError
