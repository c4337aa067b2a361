"""What an institution keeps of its part in a consortium: ledger, account, register, and a summary of them. Floor 3.

All lie in the directory of its SuperNode, signed by the institution's own key. An answer is in the register before it
is sent: what cannot be noted does not leave.
"""

import hashlib
from datetime import datetime

from federated import budget, guard, ledger, pki, register, summary
from federated import charter as charters
from federated.budget import Book, Limit
from federated.charter import Charter
from federated.messages import Packet
from federated.register import Terms, Transfer
from federated.settings import Member
from federated.summary import Facts, Fellow

LEDGER, BUDGET, REGISTER = "ledger.jsonl", "budget.jsonl", "register.jsonl"


def book(member: Member) -> Book:
    """Return the institution's account of what it may still tell about its learners."""
    return Book(member.state / BUDGET, member.state / LEDGER, pki.signing_key(member.signing_key))


def sent(member: Member, charter: Charter, answer: Packet, mu_squared: float, now: datetime) -> None:
    """Note an answer that is about to leave; raises LedgerError where it cannot be noted, and then nothing may."""
    content = hashlib.sha256()
    for name in sorted(answer.arrays):
        content.update(name.encode() + b"\0" + answer.arrays[name].tobytes())
    size = sum(array.nbytes for array in answer.arrays.values())
    one = _transfer(answer, now, size=size, digest=content.hexdigest(), mu_squared=mu_squared)
    register.note(member.state / REGISTER, terms(member, charter), one, pki.signing_key(member.signing_key))


def refused(member: Member, charter: Charter, asked: Packet, reason: str, now: datetime) -> None:
    """Note a question that was refused, by the name of the reason that the coordinator is told."""
    one = _transfer(asked, now, refused=reason)
    register.note(member.state / REGISTER, terms(member, charter), one, pki.signing_key(member.signing_key))


def publish(member: Member, charter: Charter, now: datetime) -> None:
    """Put a summary of all that where the institution's tool reads it."""
    rules, key = charter.policy, pki.signing_key(member.signing_key)
    public = key.public_key().public_bytes_raw()
    limit = Limit(rules.epsilon, rules.delta) if rules.private else None
    facts = Facts(
        catalog=member.catalog,
        terms=terms(member, charter),
        fellows=[Fellow(seat.name, seat.jurisdiction, seat.legal_entity) for seat in charter.members],
        accounts=budget.accounts(budget.read(book(member)), limit) if limit else {},
        limit=limit,
        book=ledger.read(member.state / LEDGER, public=public, torn=True),
        register=ledger.read(member.state / REGISTER, public=public, torn=True),
        at=_when(now),
    )
    summary.publish(member.models, facts, member.state / LEDGER, member.state / REGISTER)


def terms(member: Member, charter: Charter) -> Terms:
    """Return what holds for every transfer under a charter."""
    return Terms(
        institution=member.institution,
        legal_entity=member.legal_entity,
        jurisdiction=member.jurisdiction,
        consortium=charter.consortium,
        recipient=charter.legal_entity,
        recipient_jurisdiction=charter.jurisdiction,
        policy=charter.policy.name,
        charter=charters.digest(charter),
        legal_basis=member.legal_basis,
        retention=member.retention,
    )


def _transfer(
    packet: Packet, now: datetime, *, size: int = 0, digest: str = "", mu_squared: float = 0.0, refused: str = ""
) -> Transfer:
    # Of a question that was refused run and round may be anything: what cannot be one is not written down.
    run, number = packet.names.get("run", ""), packet.numbers.get("round", 0)
    return Transfer(
        at=_when(now),
        run=run if guard.is_run(run) else "",
        round=int(number) if guard.is_whole(number) else 0,
        kind=packet.kind,
        size=size,
        digest=digest,
        mu_squared=mu_squared,
        refused=refused,
    )


def _when(now: datetime) -> str:
    return now.isoformat(timespec="seconds")
