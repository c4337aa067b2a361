"""The transfer register of a member: what left the institution, when, to whom, and on which ground. Floor 3.

Made so that an officer can file it: GDPR Art. 30(1)(e) asks for a record of transfers to a third country with their
safeguards (Chapter V, Art. 44 to 49), China's PIPL Art. 38 to 40 for a ground to provide information abroad and Art. 55
and 56 for an impact assessment that is kept for three years. Each answer that leaves is a line, each refusal too; the
lines are a signed ledger. No line holds anything of a learner: sizes, names of releases, digests. Where the law asks
for a judgement, the filed text leaves the place open instead of making one up.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from federated import ledger
from federated.ledger import Line

LANGUAGES = ("en", "zh")
SENT, REFUSED = "sent", "refused"
_DESCRIBED = ("source-noise", "secagg", "exact")
_SPECIAL = str.maketrans({one: f"\\{one}" for one in r"\`*_[]<>|"} | {"\n": " ", "\r": " "})


@dataclass(frozen=True)
class Terms:
    """What holds for every transfer under one charter; written into each line, so that a line stands alone.

    Attributes:
        institution: the member's id, the exporter.
        legal_entity: its controller.
        jurisdiction: where it is, ISO 3166-1 alpha-2 such as CN, DE.
        consortium: name of the consortium.
        recipient: the legal entity that runs the coordinator.
        recipient_jurisdiction: where that is; empty where nobody declared it.
        policy: `exact`, `secagg` or `source-noise`.
        charter: digest of the signed charter, hex.
        legal_basis: ground of the processing, and of the transfer, as the member's officer declared it; may be empty.
        retention: how long recipient and register keep it, in words; may be empty.
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
    """Write one line for an answer that leaves, before it is sent, or for a refusal; return the line's hash.

    Raises:
        LedgerError: the register is damaged or cannot be written: then nothing may leave.
    """
    kind = REFUSED if transfer.refused else SENT
    return ledger.append(path, {"kind": kind, "terms": asdict(terms), "transfer": asdict(transfer)}, key)


def entries(lines: Iterable[Line]) -> list[tuple[Terms, Transfer]]:
    """Return what the lines of a register say, in order; lines about the file itself are passed over."""
    bodies = (line.body for line in lines)
    return [(Terms(**one["terms"]), Transfer(**one["transfer"])) for one in bodies if one["kind"] in {SENT, REFUSED}]


def render(lines: Sequence[Line], language: str = "en") -> str:
    """Return the register as Markdown that an officer can file, in English or Chinese.

    Args:
        lines: of the register, as `ledger.read` returns them.
        language: one of `LANGUAGES`.
    """
    text = _texts(language)
    found = entries(lines)
    if not found:
        return f"# {text['title'].format(institution='–')}\n\n{text['empty']}\n"
    terms = found[-1][0]
    name = _cell(terms.institution)
    parts = [
        f"# {text['title'].format(institution=name)}",
        text["intro"].format(institution=name, lines=len(lines), head=lines[-1].hash),
        *_parties(found, text),
        *_totals(found, text),
        *_content(found, text),
        *_grounds(terms, text),
        *_each(found, text),
        f"## {text['check']}",
        text["check.how"],
    ]
    return "\n\n".join(parts) + "\n"


def _parties(found: Iterable[tuple[Terms, Transfer]], text: Mapping[str, str]) -> list[str]:
    since: dict[Terms, str] = {}
    for terms, transfer in found:
        since.setdefault(terms, transfer.at)
    rows = [
        (
            at,
            f"{one.legal_entity} ({one.institution})",
            one.jurisdiction or text["undeclared"],
            one.consortium,
            one.recipient,
            one.recipient_jurisdiction or text["undeclared"],
            one.policy,
            one.charter[:12],
        )
        for one, at in since.items()
    ]
    return [f"## {text['parties']}", _table(text["parties.head"], rows)]


def _totals(found: Iterable[tuple[Terms, Transfer]], text: Mapping[str, str]) -> list[str]:
    totals: dict[tuple[str, str, str], list[int]] = {}
    for terms, transfer in found:
        sums = totals.setdefault((transfer.at[:4], terms.recipient, terms.policy), [0, 0, 0])
        sums[0] += not transfer.refused
        sums[1] += transfer.size
        sums[2] += bool(transfer.refused)
    rows = [(*name, *(f"{value:,}" for value in sums)) for name, sums in sorted(totals.items())]
    return [f"## {text['left']}", _table(text["left.head"], rows)]


def _content(found: Iterable[tuple[Terms, Transfer]], text: Mapping[str, str]) -> list[str]:
    policies = sorted({terms.policy for terms, _ in found})
    said = [
        text[f"content.{one}"] if one in _DESCRIBED else text["content.other"].format(policy=_cell(one))
        for one in policies
    ]
    return [f"## {text['content']}", *said, text["content.never"]]


def _grounds(terms: Terms, text: Mapping[str, str]) -> list[str]:
    basis, retention = _declared(terms.legal_basis, text), _declared(terms.retention, text)

    def entry(name: str) -> tuple[str, str]:
        return text[name], text.get(f"{name}.entry.{terms.policy}", text[f"{name}.entry"])

    gdpr = [
        *(entry(f"gdpr.{one}") for one in ("30b", "30c", "30d")),
        (text["gdpr.30f"], retention),
        entry("gdpr.30g"),
        (text["gdpr.6"], basis),
    ]
    pipl = [
        (text["pipl.38"], basis),
        *(entry(f"pipl.{one}") for one in ("39", "40", "56.1", "56.2")),
        (text["pipl.56.3"], text["todo"]),
    ]
    return [
        f"## {text['gdpr']}",
        _rows(text["gdpr.head"], gdpr),
        text["gdpr.note"],
        f"## {text['pipl']}",
        _rows(text["pipl.head"], pipl),
        text["pipl.56.note"],
    ]


def _each(found: Iterable[tuple[Terms, Transfer]], text: Mapping[str, str]) -> list[str]:
    sent: list[tuple[object, ...]] = []
    refused: list[tuple[object, ...]] = []
    for _, one in found:
        if one.refused:
            refused.append((one.at, one.run, one.round, one.kind, one.refused))
        else:
            cost = f"{one.mu_squared:.6g}" if one.mu_squared else "–"
            sent.append((one.at, one.run, one.round, one.kind, f"{one.size:,}", cost, one.digest[:16]))
    return [
        f"## {text['each']}",
        _table(text["each.head"], sent) if sent else text["refusals.none"],
        f"## {text['refusals']}",
        _table(text["refusals.head"], refused) if refused else text["refusals.none"],
    ]


def _declared(value: str, text: Mapping[str, str]) -> str:
    return _cell(value) if value.strip() else text["todo"]


def _table(head: str, rows: Iterable[Sequence[object]]) -> str:
    return _rows(head, [[_cell(str(value)) for value in row] for row in rows])


def _rows(head: str, rows: Iterable[Sequence[str]]) -> str:
    """A table in Markdown; what is in the cells is Markdown already."""
    rule = "|" + " --- |" * (head.count("|") - 1)
    return "\n".join([head, rule, *("| " + " | ".join(row) + " |" for row in rows)])


def _cell(value: str) -> str:
    """Text that was declared by somebody, such that it can neither end a cell nor become markup."""
    return value.translate(_SPECIAL)


@cache
def _texts(language: str) -> Mapping[str, str]:
    found: dict[str, Any] = json.loads(
        (Path(__file__).parent / f"register.{language}.json").read_text(encoding="utf-8")
    )
    return found
