"""What an institution may still tell about its learners: a durable account of every protected release. Floor 3.

A release under Gaussian noise of standard deviation sigma times its clip costs mu^2 = 1/sigma^2 (Gaussian differential
privacy: Dong, Roth and Su 2022). Costs add up exactly, also where each question depends on the answers before, as long
as the sum stays below a limit that stood before (Smith and Thakurta 2022, "Fully adaptive composition for Gaussian
differential privacy"); epsilon is read off the sum, never summed. Learners of different cohorts are different learners,
so each cohort has an account of its own (parallel composition).

The order is: `spend`, durable; then `keep` what will be sent, durable; then send. One charge buys one answer: who asks
the same again gets the very same bytes, who asks otherwise under the same name is refused. Fresh noise on a repeated
question would let the coordinator average the noise away, and charging each repeat would let a bad line empty the
account. A crash after `spend` leaves a charge with nothing kept, so nothing was sent, and the answer may be made once.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

DEFAULT = "default"


@dataclass(frozen=True)
class Limit:
    """What the consortium declared: a cohort's epsilon may not pass `epsilon` at `delta`."""

    epsilon: float
    delta: float


@dataclass(frozen=True)
class Book:
    """The account of one institution for one catalog: where it is and who keeps it.

    Attributes:
        path: the account, a ledger of its own (`budget.jsonl`); answers lie sealed in the directory beside it.
        ledger: the member's ledger, which notes each head of the account, so that an older account is noticed.
        key: the member's Ed25519 key; signs both, and answers are sealed under a key derived from it.
    """

    path: Path
    ledger: Path
    key: Ed25519PrivateKey = field(repr=False)


@dataclass(frozen=True)
class Spend:
    """One charge.

    Attributes:
        run: id of the run.
        round: number of the round in it.
        release: name of what is released in that round.
        question: digest of everything that shapes the answer (model, sizes, charter, peers), in hex.
        mu_squared: what it costs each cohort, 1/sigma^2 summed over the release's parts.
        cohorts: whose learners are in it.
        at: when, ISO 8601 in UTC.
        hash: of its line in the account; names the kept answer.
    """

    run: str
    round: int
    release: str
    question: str
    mu_squared: float
    cohorts: tuple[str, ...]
    at: str
    hash: str = ""


@dataclass(frozen=True)
class Account:
    """Where a cohort stands: the sum of its charges, and the epsilon that it comes to of the limit."""

    cohort: str
    mu_squared: float
    epsilon: float
    limit: float

    @property
    def left(self) -> float:
        """What of the limit is left, in epsilon; what a next release may cost is smaller (epsilon is not additive)."""
        raise NotImplementedError


def spend(
    book: Book,
    limit: Limit,
    *,
    run: str,
    round_: int,
    release: str,
    question: str,
    mu_squared: float,
    at: str,
    cohorts: Sequence[str] = (DEFAULT,),
) -> Spend:
    """Charge a release before anything of it is made, durably, and return the charge; or the charge that stands.

    Raises:
        BudgetError: the limit would be passed (nothing is written); the same release was charged for another question;
            the account is older than the member's ledger knows, damaged, or cannot be written.
    """
    raise NotImplementedError


def keep(book: Book, charge: Spend, answer: bytes) -> bytes:
    """Keep what will be sent for a charge, durably, and return what must be sent: the first that was kept.

    Raises:
        BudgetError: there is no such charge, or what was kept is damaged.
    """
    raise NotImplementedError


def kept(book: Book, charge: Spend) -> bytes | None:
    """Return what was kept for a charge; None where nothing was, so nothing was sent."""
    raise NotImplementedError


def forget(book: Book, run: str) -> int:
    """Remove the answers of a run that is over and return how many; its charges stay, asked again it is refused."""
    raise NotImplementedError


def read(book: Book) -> list[Spend]:
    """Return every charge, checked against the member's ledger; raises BudgetError as `spend` does."""
    raise NotImplementedError


def accounts(spends: Iterable[Spend], limit: Limit) -> Mapping[str, Account]:
    """Return where each cohort stands, the default one always among them."""
    raise NotImplementedError


def remaining(book: Book, limit: Limit, cohort: str = DEFAULT) -> Account:
    """Return where a cohort stands; raises BudgetError as `spend` does."""
    raise NotImplementedError
