"""An institution's side of the papers: join by an invitation, read and sign a charter, leave. Floor 3.

Beside member.toml lie invitation.json (the coordinator's key, as it was first seen), charter.json (what was signed
here: a round under another one is refused), the node key, the key for signatures and the consortium's CA certificate.
"""

from dataclasses import asdict, dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from federated import budget, errors, evidence, institution, invitation, ledger, papers, pki, policy, settings, signing
from federated import charter as charters
from federated.charter import Charter, Seat
from federated.invitation import Application, Invitation, Signature, Withdrawal
from federated.policy import Policy
from federated.settings import Member

SETTINGS = "member.toml"
PINNED = "invitation.json"
STEP = 10  # how exactly the number of learners is said


@dataclass(frozen=True)
class Facts:
    """What an institution's operator says when it joins.

    Attributes:
        directory: where member.toml lies or will lie.
        legal_entity: the controller that the institution belongs to.
        jurisdiction: two letters of ISO 3166-1, such as "DE".
        storage: URL of the storage with its records; empty: as member.toml there says.
        models: directory of published models; None: as member.toml says, or `models` beside it.
        institution: its id, where it must be the invitation's; empty: whatever the invitation says.
    """

    directory: Path
    legal_entity: str
    jurisdiction: str
    storage: str = ""
    models: Path | None = None
    institution: str = ""


@dataclass(frozen=True)
class Joined:
    """What came of joining.

    Attributes:
        member: the settings.
        settings: where they lie.
        application: what to send to the coordinator.
        learners: how many have answers in the catalog and agree to training.
        coordinator: the public key that the coordinator signs with (OpenSSH), to be compared by telephone.
    """

    member: Member
    settings: Path
    application: Application
    learners: int
    coordinator: str


def join(path: Path, facts: Facts, today: date) -> Joined:
    """Check an invitation, make what the institution lacks (keys, CA file, member.toml), and return its application.

    Args:
        path: of the invitation.
        facts: what the operator says.
        today: the day, UTC.

    Raises:
        InvitationError: the invitation does not hold, is for another version, catalog or institution, or there are
            fewer than 20 consenting learners.
        PolicyError, CharterError: the institution does not fit the policy or a charter.
        FederatedError: its storage or its keys cannot be read or written.
    """
    invited = invitation.parse(Invitation, papers.read(path), str(path))
    invitation.check_invitation(invited, today, str(path))
    invitation.check_installed(invited, papers.installed(invited.catalog), str(path))
    target = facts.directory.absolute() / SETTINGS
    member = _settings(target, invited, facts)
    _same_consortium(member, invited)
    learners = len(institution.interactions(member).learners)
    if learners < policy.LEAST_COHORT:
        text = (
            f"{invited.name} has {learners} learners with answers in {invited.catalog} who agree to training; "
            f"{policy.LEAST_COHORT} is the least with which an institution can join"
        )
        raise errors.InvitationError(text)
    if not member.key.exists():
        pki.create_node_key(member.key)
    if not member.signing_key.exists():
        pki.create_signing_key(member.signing_key)
    key = pki.signing_key(member.signing_key)
    seat = Seat(
        name=invited.name,
        legal_entity=facts.legal_entity,
        jurisdiction=facts.jurisdiction,
        learners=learners // STEP * STEP,
        node_key=pki.node_key(pki.public_half(member.key)),
        signing_key=signing.public(key),
    )
    charters.check_seat(seat, invited.policy, str(target))
    papers.keep(member.ca, invited.ca)
    settings.save(target, member)
    papers.keep(member.charter.with_name(PINNED), invitation.dump(replace(invited, code="")))
    made = Application(invited.consortium, seat, invited.software, invited.code)
    return Joined(member, target, invitation.signed(made, key), learners, invited.coordinator)


def review(path: Path, member: Member) -> Charter:
    """Return the charter at `path` if it is one that this institution may sign.

    Args:
        path: of the charter, as the coordinator sent it.
        member: the institution, see `settings.load_member`.

    Raises:
        CharterError: the seal does not hold or is another's than the invitation's; this institution is not
            in it as it is; it is older than the one signed here, or says otherwise under the same version.
        InvitationError: it is for another version, catalog or bundle than is installed here.
    """
    found = charters.load(path)
    place = member.charter.with_name(PINNED)
    pinned = invitation.parse(Invitation, papers.read(place), str(place))
    if found.coordinator != pinned.coordinator or found.consortium != pinned.consortium:
        text = f"{path}: it is not of the consortium and the coordinator whose invitation this institution took"
        raise errors.CharterError(text)
    if not charters.sealed(found):
        text = f"{path}: the coordinator's seal does not hold; the file was altered on its way"
        raise errors.CharterError(text)
    own = seat_of(found, member.institution, str(path))
    _own(own, member, path)
    if member.charter.exists():
        _newer(found, charters.load(member.charter), path)
    invitation.check_installed(found, papers.installed(found.catalog), str(path))
    return found


def sign(found: Charter, member: Member, path: Path) -> Signature:
    """Sign a charter that `review` returned, keep it, and return the signature to send.

    The policy and the address in member.toml become the charter's: to sign is to declare.

    Args:
        found: the charter.
        member: the institution.
        path: of its member.toml.

    Raises:
        FederatedError: a file cannot be read or written.
    """
    signature = charters.sign(found, pki.signing_key(member.signing_key))
    signed = replace(found, signatures={**found.signatures, member.institution: signature})
    papers.keep(member.charter, charters.dump(signed))
    settings.save(path, replace(member, catalog=found.catalog, superlink=found.address, **_declared(found.policy)))
    return Signature(found.consortium, found.version, charters.digest(found), member.institution, signature)


def leave(member: Member) -> Withdrawal:
    """Take part in no round from now on: put the charter away and destroy the node key; return what to send.

    The node key is worth nothing once the coordinator has shut it out, and it is shut out for good: who comes back
    makes another. The key for signatures stays, for the ledgers are signed with it.

    Raises:
        CharterError: there is no charter that this institution signed.
        FederatedError: a file cannot be read or written.
    """
    found = charters.load(member.charter)
    key = pki.signing_key(member.signing_key)
    try:
        member.charter.replace(member.charter.with_name(f"charter-left-{found.version}.json"))
        member.key.unlink(missing_ok=True)
        pki.public_half(member.key).unlink(missing_ok=True)
    except OSError as error:
        text = f"{member.charter}: {error.strerror}; run it as the user that the member runs as"
        raise errors.SettingsError(text) from error
    return invitation.signed(Withdrawal(found.consortium, member.institution), key)


def history(member: Member, signed: Charter) -> list[str]:
    """Return what the institution's own books say, one line a sentence: its ledger, its register, its account.

    Args:
        member: the institution.
        signed: the charter that it signed.

    Raises:
        LedgerError, BudgetError: a book is damaged.
    """
    book, register = member.state / evidence.LEDGER, member.state / evidence.REGISTER
    said = [
        f"Own ledger: {len(ledger.read(book))} lines, the last one is {ledger.last(book)}",
        f"Transfer register: {len(ledger.read(register))} lines, the last one is {ledger.last(register)}",
    ]
    if not signed.policy.private:
        return said
    limit = budget.Limit(signed.policy.epsilon, signed.policy.delta)
    accounts = budget.accounts(budget.read(evidence.book(member)), limit)
    return said + [
        f"Epsilon of the learners of cohort {one.cohort}: {one.epsilon:.2f} of {limit.epsilon:g} spent"
        for one in accounts.values()
    ]


def seat_of(found: Charter, name: str, where: str) -> Seat:
    """Return a member's entry in a charter, or raise CharterError naming `where` when there is none."""
    for seat in found.members:
        if seat.name == name:
            return seat
    text = f"{where}: {name} is no member of {found.consortium} in version {found.version}"
    raise errors.CharterError(text)


def _settings(target: Path, invited: Invitation, facts: Facts) -> Member:
    """The member.toml that there will be: what stands there already, and what invitation and operator say."""
    name = invited.name
    beside = target.parent
    if target.exists():
        before = settings.load_member(target)
    else:
        before = Member(
            institution=facts.institution or name,
            storage=facts.storage,
            models=beside / "models",
            **{each: beside / getattr(Member, each) for each in ("ca", "key", "signing_key", "charter", "state")},
        )
    for found in (before.institution, facts.institution or name):
        if found != name:
            text = f"the invitation is for {name}, this institution is {found}; ask the coordinator for one of its own"
            raise errors.InvitationError(text)
    member = replace(
        before,
        storage=facts.storage or before.storage,
        models=facts.models.absolute() if facts.models else before.models,
        legal_entity=facts.legal_entity,
        jurisdiction=facts.jurisdiction,
        catalog=invited.catalog,
        superlink=invited.address,
        **_declared(invited.policy),
    )
    if not member.storage:
        text = f"{target}: where are the records of {name}? Name the storage, such as sqlite:///DIRECTORY"
        raise errors.SettingsError(text)
    return member


def _declared(rules: Policy) -> dict[str, Any]:
    """A policy as the keys of member.toml; whom the institution belongs to is its own to say."""
    apart = {"name", "legal_entity", "jurisdiction"}
    return {"policy": rules.name} | {name: value for name, value in asdict(rules).items() if name not in apart}


def _same_consortium(member: Member, invited: Invitation) -> None:
    if not member.charter.exists():
        return
    kept = charters.load(member.charter)
    if kept.coordinator != invited.coordinator:
        text = (
            f"{member.charter}: this institution is a member of {kept.consortium}; "
            "let it leave by `entrepot federation leave` before it joins another"
        )
        raise errors.InvitationError(text)


def _own(seat: Seat, member: Member, path: Path) -> None:
    """Refuse a charter that names this institution otherwise than it is: its masks would be somebody else's."""
    for what, theirs, ours in (
        ("node_key", seat.node_key, pki.node_key(pki.public_half(member.key))),
        ("signing_key", seat.signing_key, signing.public(pki.signing_key(member.signing_key))),
        ("legal_entity", seat.legal_entity, member.legal_entity),
        ("jurisdiction", seat.jurisdiction, member.jurisdiction),
    ):
        if theirs != ours:
            text = f"{path}: {what} of {seat.name} is not this institution's; do not sign it, ask the coordinator"
            raise errors.CharterError(text)


def _newer(found: Charter, kept: Charter, path: Path) -> None:
    if found.version < kept.version:
        text = f"{path}: version {found.version}; this institution signed version {kept.version} already"
        raise errors.CharterError(text)
    if found.version == kept.version and charters.digest(found) != charters.digest(kept):
        text = (
            f"{path}: it says otherwise than version {kept.version} that this institution signed; "
            "two charters of one version are a deceit or a mistake of the coordinator: ask for a new version"
        )
        raise errors.CharterError(text)
