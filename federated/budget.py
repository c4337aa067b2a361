"""What an institution may still tell about its learners: a durable account of every protected release. Floor 3.

A release under Gaussian noise costs mu^2 = (sensitivity / standard deviation)^2 (Gaussian differential privacy: Dong,
Roth and Su 2022). Costs add up exactly, also where each question depends on the answers before, as long as the sum
stays below a limit that stood before (Smith and Thakurta 2022, "Fully Adaptive Composition for Gaussian Differential
Privacy"); epsilon is read off the sum, never summed. Learners of different cohorts are different learners, so each
cohort has an account of its own (parallel composition).

The order is: `spend`, durable; then `keep` what will be sent, durable; then send. One charge buys one answer: who asks
the same again gets the very same bytes, who asks otherwise under the same name is refused. Fresh noise on a repeated
question would let the coordinator average the noise away, and charging each repeat would let a bad line empty the
account. A crash after `spend` leaves a charge with nothing kept, so nothing was sent, and the answer may be made once.

Account and member's ledger name each other's heads, so that either of them put back from a backup is noticed; both put
back together are noticed by a head that somebody else noted (`Book.known`).
"""

import fcntl
import hashlib
import math
import os
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from federated import errors, files, ledger
from federated.privacy import accountant

DEFAULT = "default"
NOTED = "budget"  # kind of the member's ledger lines that tell of the account
SPEND, KEPT, CLOSED = "spend", "kept", "closed"
_PURPOSE = b"entrepot budget: answers that were charged"
_NONCE = 12
# Noise calibrated to the whole limit must fit into it: price and limit are computed by different roads.
_ROUNDING = 1.0 + 1e-9


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
        ledger: the member's ledger, which notes each head of the account.
        key: the member's Ed25519 key; signs both, and answers are sealed under a key derived from it.
        known: heads of the account that somebody else noted, such as the coordinator; all must be in it.
        draw: secure randomness: how many bytes -> bytes.
    """

    path: Path
    ledger: Path
    key: Ed25519PrivateKey = field(repr=False)
    known: Collection[str] = ()
    draw: Callable[[int], bytes] = os.urandom


@dataclass(frozen=True)
class Question:
    """What is asked. Run, round and release are the name under which it is charged, once.

    Attributes:
        run: id of the run.
        round: number of the round in it.
        release: name of what is released in that round.
        digest: of everything that shapes the answer (model, sizes, charter, peers), in hex.
    """

    run: str
    round: int
    release: str
    digest: str


@dataclass(frozen=True)
class Spend:
    """One charge.

    Attributes:
        question: what it pays for.
        mu_squared: what it costs each of the cohorts.
        cohorts: whose learners are in it.
        at: when, ISO 8601 in UTC.
        hash: of its line in the account; names the kept answer.
    """

    question: Question
    mu_squared: float
    cohorts: tuple[str, ...]
    at: str
    hash: str


@dataclass(frozen=True)
class Account:
    """Where a cohort stands.

    Attributes:
        cohort: its name.
        mu_squared: the sum of its charges.
        allowance: the sum at which nothing more is told.
        epsilon: what the charges come to.
        limit: what was declared.
    """

    cohort: str
    mu_squared: float
    allowance: float
    epsilon: float
    limit: Limit

    @property
    def left(self) -> float:
        """What further charges may cost together, in mu squared, which adds up (epsilon does not)."""
        return max(self.allowance - self.mu_squared, 0.0)


def spend(
    book: Book, limit: Limit, question: Question, mu_squared: float, at: str, *, cohorts: Sequence[str] = (DEFAULT,)
) -> Spend:
    """Charge a release before anything of it is made, durably, and return the charge; or the one that stands.

    Args:
        book: the account.
        limit: what was declared.
        question: what is asked.
        mu_squared: what the answer costs: (sensitivity / standard deviation)^2, summed over its parts.
        at: when, ISO 8601 in UTC.
        cohorts: every cohort of which a learner is in the answer; each is charged.

    Raises:
        BudgetError: the limit would be passed (nothing is written); the same release was charged for another question
            or its run is over; the account is older than the member's ledger knows, damaged, or cannot be written.
    """
    if not 0.0 < mu_squared < math.inf or not cohorts or len(set(cohorts)) != len(cohorts):
        text = f"a charge needs a positive price and different cohorts, got {mu_squared} for {list(cohorts)}"
        raise errors.BudgetError(text)
    with _open(book) as state:
        if question.run in state.closed:
            text = f"run {question.run} is over; what it asked is neither told again nor told anew"
            raise errors.BudgetError(text)
        for charge in state.spends:
            if _name(charge.question) == _name(question):
                return _same(charge, question, mu_squared, tuple(cohorts))
        _afford(state.spends, limit, mu_squared, cohorts)
        body = {
            "kind": SPEND,
            "run": question.run,
            "round": question.round,
            "release": question.release,
            "question": question.digest,
            "mu_squared": mu_squared,
            "cohorts": list(cohorts),
            "at": at,
            "epsilon": limit.epsilon,
            "delta": limit.delta,
        }
        return Spend(question, mu_squared, tuple(cohorts), at, _append(book, body))


def keep(book: Book, charge: Spend, answer: bytes) -> bytes:
    """Keep what will be sent for a charge, durably, and return what must be sent: the first that was kept.

    Args:
        book: the account.
        charge: as `spend` returned it.
        answer: what is told, protected; masks, where the policy has them, are put over these very bytes.

    Raises:
        BudgetError: there is no such charge, its run is over, or what was kept is gone or damaged.
    """
    with _open(book) as state:
        _standing(state, charge)
        path = _path(book, charge)
        if charge.hash not in state.kept:
            # A file without its line was never sent (the line comes first), so this one may take its place.
            files.keep(path, _seal(book, charge, answer))
            files.sync(path.parent.parent)
            digest = hashlib.sha256(answer).hexdigest()
            _append(book, {"kind": KEPT, "charge": charge.hash, "answer": digest})
            return answer
        return _unseal(book, charge, path, state.kept[charge.hash])


def kept(book: Book, charge: Spend) -> bytes | None:
    """Return what was kept for a charge; None where nothing was, so nothing was sent. Raises as `keep`."""
    with _open(book) as state:
        _standing(state, charge)
        if charge.hash not in state.kept:
            return None
        return _unseal(book, charge, _path(book, charge), state.kept[charge.hash])


def close(book: Book, run: str) -> int:
    """Remove the answers of a run that is over, and return how many; its charges stay, and it is told nothing more.

    Raises:
        BudgetError: as `read` does.
    """
    with _open(book) as state:
        if run not in state.closed:
            _append(book, {"kind": CLOSED, "run": run})
        paths = [_path(book, charge) for charge in state.spends if charge.question.run == run]
        found = [path for path in paths if path.exists()]
        for path in found:
            path.unlink()
    return len(found)


def read(book: Book) -> list[Spend]:
    """Return every charge, checked against the member's ledger.

    Raises:
        BudgetError: the account is older than the member's ledger knows, damaged, or cannot be opened.
    """
    with _open(book) as state:
        return state.spends


def accounts(spends: Iterable[Spend], limit: Limit) -> dict[str, Account]:
    """Return where each cohort stands, by name; the default one is always among them."""
    costs: dict[str, list[float]] = {DEFAULT: []}
    for charge in spends:
        for cohort in charge.cohorts:
            costs.setdefault(cohort, []).append(charge.mu_squared)
    allowance = accountant.allowance(limit.epsilon, limit.delta)
    totals = {cohort: math.fsum(parts) for cohort, parts in costs.items()}
    return {
        cohort: Account(cohort, total, allowance, accountant.spent(total, limit.delta), limit)
        for cohort, total in totals.items()
    }


def remaining(book: Book, limit: Limit, cohort: str = DEFAULT) -> Account:
    """Return where a cohort stands; raises as `read`."""
    found = accounts(read(book), limit)
    return found.get(cohort) or Account(cohort, 0.0, found[DEFAULT].allowance, 0.0, limit)


def head(book: Book) -> str:
    """Return the account's head, for somebody else to note (`Book.known`); raises LedgerError as `ledger.last`."""
    return ledger.last(book.path)


@dataclass(frozen=True)
class _State:
    """What the account says: charges in order, hash of a charge -> digest of its answer, runs that are over."""

    spends: list[Spend]
    kept: Mapping[str, str]
    closed: frozenset[str]


@contextmanager
def _open(book: Book) -> Iterator[_State]:
    """Read and check the account while no other process changes it; whatever the files refuse is a BudgetError."""
    descriptor = None
    try:
        book.path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(book.path.with_suffix(".lock"), os.O_RDWR | os.O_CREAT, 0o600)
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield _state(_lines(book))
    except OSError as error:
        text = f"{book.path}: {error.strerror}; the account and its answers must be writable before anything is sent"
        raise errors.BudgetError(text) from error
    except errors.LedgerError as error:
        raise errors.BudgetError(str(error)) from error
    finally:
        if descriptor is not None:
            os.close(descriptor)


def _lines(book: Book) -> list[ledger.Line]:
    """Return the account's lines, none missing that anybody knows of."""
    public = book.key.public_key().public_bytes_raw()
    # A torn line was never acknowledged, so nothing was made on the strength of it.
    lines = ledger.read(book.path, public=public, torn=True)
    noted = ledger.read(book.ledger, public=public, torn=True)
    heads = {line.hash for line in lines}
    told = [line.body["head"] for line in noted if line.body.get("kind") == NOTED]
    missing = [one for one in (*told[-1:], *book.known) if one not in heads]
    if missing:
        text = (
            f"{book.path}: it lacks the line {missing[0][:12]} that was noted elsewhere, so it is older than what was "
            "spent; put the newest copy back, or begin a new cohort of other learners in a new file"
        )
        raise errors.BudgetError(text)
    seen = next((line.body["ledger"] for line in reversed(lines) if "ledger" in line.body), ledger.GENESIS)
    if seen not in {ledger.GENESIS, *(line.hash for line in noted)}:
        text = f"{book.ledger}: it lacks the line {seen[:12]} that the account saw; put the newest copy back"
        raise errors.BudgetError(text)
    return lines


def _state(lines: Iterable[ledger.Line]) -> _State:
    spends, answers, closed = [], {}, set()
    for line in lines:
        body = line.body
        match body["kind"]:
            case "spend":
                question = Question(body["run"], body["round"], body["release"], body["question"])
                spends.append(Spend(question, body["mu_squared"], tuple(body["cohorts"]), body["at"], line.hash))
            case "kept":
                answers[body["charge"]] = body["answer"]
            case "closed":
                closed.add(body["run"])
    return _State(spends, answers, frozenset(closed))


def _append(book: Book, body: Mapping[str, Any]) -> str:
    """Write to the account, then note its head in the member's ledger; return the line's hash.

    A crash in between leaves the account ahead of what the ledger knows, which is the safe side.
    """
    found = ledger.append(book.path, {**body, "ledger": ledger.last(book.ledger)}, book.key)
    ledger.append(book.ledger, {**body, "kind": NOTED, "what": body["kind"], "head": found}, book.key)
    return found


def _name(question: Question) -> tuple[str, int, str]:
    return question.run, question.round, question.release


def _same(charge: Spend, question: Question, mu_squared: float, cohorts: tuple[str, ...]) -> Spend:
    if (charge.question, charge.mu_squared, charge.cohorts) != (question, mu_squared, cohorts):
        text = (
            f"run {question.run}, round {question.round}: {question.release} was charged for another question; "
            "ask in a new round, which is charged anew"
        )
        raise errors.BudgetError(text)
    return charge


def _afford(spends: Iterable[Spend], limit: Limit, mu_squared: float, cohorts: Sequence[str]) -> None:
    most = accountant.allowance(limit.epsilon, limit.delta)
    for cohort in cohorts:
        total = math.fsum([mu_squared, *(one.mu_squared for one in spends if cohort in one.cohorts)])
        if total > most * _ROUNDING:
            wanted = accountant.spent(total, limit.delta)
            text = (
                f"cohort {cohort!r}: the answer would bring epsilon to {wanted:.3f} at delta {limit.delta:g}, declared "
                f"is {limit.epsilon:g}; nothing more is told of these learners"
            )
            raise errors.BudgetError(text)


def _standing(state: _State, charge: Spend) -> None:
    if charge not in state.spends or charge.question.run in state.closed:
        text = f"charge {charge.hash[:12]} does not stand in the account, or its run is over; nothing is sent for it"
        raise errors.BudgetError(text)


def _path(book: Book, charge: Spend) -> Path:
    return book.path.with_suffix(".answers") / charge.hash


def _cipher(book: Book) -> AESGCM:
    secret = book.key.private_bytes_raw()
    return AESGCM(HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=_PURPOSE).derive(secret))


def _seal(book: Book, charge: Spend, answer: bytes) -> bytes:
    nonce = book.draw(_NONCE)
    return nonce + _cipher(book).encrypt(nonce, answer, charge.hash.encode())


def _unseal(book: Book, charge: Spend, path: Path, digest: str) -> bytes:
    try:
        content = path.read_bytes()
        answer = _cipher(book).decrypt(content[:_NONCE], content[_NONCE:], charge.hash.encode())
    except (FileNotFoundError, InvalidTag, ValueError) as error:
        text = f"{path}: the answer that was sent is gone or damaged, and is not made anew; ask in a new round"
        raise errors.BudgetError(text) from error
    if hashlib.sha256(answer).hexdigest() != digest:
        text = f"{path}: not the answer {digest[:12]} that the account notes; ask in a new round"
        raise errors.BudgetError(text)
    return answer
