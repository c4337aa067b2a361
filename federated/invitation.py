"""What the coordinator and an institution send each other before the institution is a member. Pure; floor 3.

An invitation goes out, signed by the coordinator; an application comes back, signed by the institution; once the
charter names it, its signature follows. Each is one JSON file that can travel by e-mail. The invitation's code is good
for one application, and the coordinator keeps its digest alone. Who takes an invitation trusts the key in it: compare
its fingerprint with the coordinator by another way, such as the telephone.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Any, TypeVar

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from federated import errors, forms, policy, signing
from federated.charter import Charter, Seat
from federated.policy import Policy


@dataclass(frozen=True)
class Installed:
    """What a machine has: the version of Entrepôt, the fingerprint of the catalog, the sha256 of the bundle."""

    software: str
    fingerprint: str
    bundle: str


@dataclass(frozen=True)
class Invitation:
    """What an institution needs to join, from the coordinator.

    Attributes:
        consortium: the consortium's name.
        name: the id that the institution gets in it.
        address: host:port that its member will dial.
        ca: the certificate of the consortium's own authority (PEM).
        policy: the policy that is proposed.
        catalog: id of the catalog that is trained.
        fingerprint: the catalog's, hexadecimal.
        software: the coordinator's version of Entrepôt.
        bundle: sha256 of the one bundle that may run, hexadecimal.
        coordinator: the public key of the coordinator's signatures (OpenSSH, Ed25519).
        legal_entity: who runs the coordinator, and so receives what members send.
        jurisdiction: where that is, ISO 3166-1 alpha-2.
        code: good for one application.
        until: the last day on which the code is taken, ISO 8601.
        signature: the coordinator's, over all else.
    """

    consortium: str
    name: str
    address: str
    ca: str
    policy: Policy
    catalog: str
    fingerprint: str
    software: str
    bundle: str
    coordinator: str
    legal_entity: str
    jurisdiction: str
    code: str
    until: str
    signature: str = ""


@dataclass(frozen=True)
class Application:
    """What an institution answers.

    Attributes:
        consortium: the one that it wants to join.
        seat: itself, as the charter would name it.
        software: its version of Entrepôt.
        code: the invitation's.
        signature: by its signing key, over all else.
    """

    consortium: str
    seat: Seat
    software: str
    code: str
    signature: str = ""


@dataclass(frozen=True)
class Signature:
    """A member's signature of a version of the charter.

    Attributes:
        consortium: whose charter.
        version: which version.
        digest: what was signed; see `charter.digest`.
        member: who signed.
        signature: as `charter.sign` gives it.
    """

    consortium: str
    version: int
    digest: str
    member: str
    signature: str


@dataclass(frozen=True)
class Withdrawal:
    """A member's word that it leaves.

    Attributes:
        consortium: which one.
        member: who leaves.
        signature: its own, over all else.
    """

    consortium: str
    member: str
    signature: str = ""


Document = Invitation | Application | Signature | Withdrawal
KINDS: Mapping[type, str] = {
    Invitation: "invitation",
    Application: "application",
    Signature: "signature",
    Withdrawal: "withdrawal",
}
D = TypeVar("D", Invitation, Application, Signature, Withdrawal)
S = TypeVar("S", Invitation, Application, Withdrawal)


def parse(cls: type[D], text: str, where: str) -> D:
    """Return the document of class `cls` in a JSON text; raises InvitationError, naming `where`, when it is none."""
    return forms.read(cls, text, KINDS[cls], errors.InvitationError, where)


def dump(document: Document) -> str:
    """Return a document as JSON."""
    return forms.write(document, KINDS[type(document)])


def signed(document: S, key: Ed25519PrivateKey) -> S:
    """Return a document with the signature of who holds `key`."""
    return replace(document, signature=signing.sign(key, KINDS[type(document)], _body(document)))


def genuine(document: Invitation | Application | Withdrawal, public: str) -> bool:
    """Say whether a document carries the signature of the holder of `public` (OpenSSH text)."""
    return signing.holds(public, KINDS[type(document)], _body(document), document.signature)


def code_digest(code: str) -> str:
    """Return what the coordinator keeps of a code: its sha256, hexadecimal."""
    return hashlib.sha256(code.encode()).hexdigest()


def check_invitation(invitation: Invitation, today: date, where: str) -> Invitation:
    """Return an invitation, or raise InvitationError naming `where` when it is altered, too old or names no policy."""
    if not genuine(invitation, invitation.coordinator):
        message = f"{where}: its signature does not hold; it was altered on its way: ask the coordinator for another"
        raise errors.InvitationError(message)
    try:
        last = date.fromisoformat(invitation.until)
    except ValueError as error:
        message = f"{where}: until is no date; ask the coordinator for another invitation"
        raise errors.InvitationError(message) from error
    if today > last:
        message = f"{where}: it was good until {last}; ask the coordinator for another invitation"
        raise errors.InvitationError(message)
    policy.check(invitation.policy, where)
    return invitation


def check_installed(agreed: Invitation | Charter, installed: Installed, where: str) -> None:
    """Check that what is installed here is what the consortium runs.

    Args:
        agreed: an invitation or a charter.
        installed: what this machine has.
        where: what the error names.

    Raises:
        InvitationError: another version, catalog or bundle; the text names both.
    """
    for what, theirs, ours in (
        ("version of Entrepôt", agreed.software, installed.software),
        (f"catalog {agreed.catalog}", agreed.fingerprint, installed.fingerprint),
        ("bundle", agreed.bundle, installed.bundle),
    ):
        if theirs != ours:
            message = (
                f"{where}: the consortium runs the {what} {forms.printable(theirs[:12])}, "
                f"installed here is {ours[:12]}; install the same version on both sides"
            )
            raise errors.InvitationError(message)


def _body(document: Invitation | Application | Withdrawal) -> dict[str, Any]:
    return {"format": forms.FORMAT, **{name: value for name, value in asdict(document).items() if name != "signature"}}
