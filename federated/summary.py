"""What an institution's people may see of its part in a consortium, as one JSON beside its models. Floor 3.

The tool may not import this room. It reads <models>/consortium/<catalog>.json, and in <models>/consortium/<catalog>/
the register as text in two languages and copies of the signed ledger and register. Everything here is about the
institution and its numbers on the way; nothing is about a learner.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from federated import errors, files, ledger, register, signing
from federated.budget import Account, Limit
from federated.ledger import Line
from federated.register import Terms, Transfer

FORMAT = 1
SHOWN = 100  # rounds and refusals in the summary, the newest; the register has all
FOLDER = "consortium"
LEDGER, REGISTER = "ledger.jsonl", "register.jsonl"


@dataclass(frozen=True)
class Fellow:
    """A member of the consortium as it declared itself."""

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
    """Return the summary as JSON values. Pure.

    Returns:
        format, at, catalog; what `Terms` has; members; budget (None under `exact`): epsilon, delta, cohorts with
        epsilon and share of the limit in mu squared; totals: answers, bytes, refused, runs; rounds, the newest first:
        run, round, at, bytes, mu_squared, answers, kinds; refusals, the newest first: at, run, round, kind, reason;
        ledger and register: lines, head, by.
    """
    transfers = [transfer for _, transfer in register.entries(facts.register)]
    sent = [one for one in transfers if not one.refused]
    refused = [one for one in transfers if one.refused]
    return {
        "format": FORMAT,
        "at": facts.at,
        "catalog": facts.catalog,
        **asdict(facts.terms),
        "members": [asdict(one) for one in facts.fellows],
        "budget": _budget(facts.accounts, facts.limit),
        "totals": {
            "answers": len(sent),
            "bytes": sum(one.size for one in sent),
            "refused": len(refused),
            "runs": len({one.run for one in sent}),
        },
        "rounds": _rounds(sent)[:SHOWN],
        "refusals": [
            {"at": one.at, "run": one.run, "round": one.round, "kind": one.kind, "reason": one.refused}
            for one in reversed(refused)
        ][:SHOWN],
        "ledger": _end(facts.book),
        "register": _end(facts.register),
    }


def publish(models: Path, facts: Facts, book: Path, transfers: Path) -> None:
    """Put the summary, the register in two languages and copies of both ledgers where the tool reads them.

    The summary comes last, so that it never names a file that is not there yet.

    Args:
        models: the member's directory of models.
        facts: what is summarised.
        book: the member's ledger.
        transfers: the transfer register.

    Raises:
        LedgerError: a file cannot be read or written.
    """
    place = models / FOLDER
    try:
        for name, source in ((LEDGER, book), (REGISTER, transfers)):
            files.keep(place / facts.catalog / name, source.read_bytes() if source.exists() else b"", files.PUBLIC)
        for language in register.LANGUAGES:
            text = register.render(facts.register, language)
            files.keep(place / facts.catalog / f"register.{language}.md", text.encode(), files.PUBLIC)
        files.keep(place / f"{facts.catalog}.json", signing.canonical(summarise(facts)), files.PUBLIC)
    except OSError as error:
        text = f"{place}: {error.strerror}; the member must be able to write its models"
        raise errors.LedgerError(text) from error


def _budget(accounts: Mapping[str, Account], limit: Limit | None) -> dict[str, Any] | None:
    if limit is None:
        return None
    cohorts = [
        {"cohort": one.cohort, "epsilon": one.epsilon, "share": one.mu_squared / one.allowance}
        for one in accounts.values()
    ]
    return {"epsilon": limit.epsilon, "delta": limit.delta, "cohorts": cohorts}


def _rounds(sent: Sequence[Transfer]) -> list[dict[str, Any]]:
    """What left in each round, the newest first."""
    rounds: dict[tuple[str, int], list[Transfer]] = {}
    for one in sent:
        rounds.setdefault((one.run, one.round), []).append(one)
    return [
        {
            "run": run,
            "round": number,
            "at": those[-1].at,
            "bytes": sum(one.size for one in those),
            "mu_squared": sum(one.mu_squared for one in those),
            "answers": len(those),
            "kinds": sorted({one.kind for one in those}),
        }
        for (run, number), those in reversed(rounds.items())
    ]


def _end(lines: Sequence[Line]) -> dict[str, Any]:
    if not lines:
        return {"lines": 0, "head": ledger.GENESIS, "by": ""}
    return {"lines": len(lines), "head": lines[-1].hash, "by": lines[-1].by}
