"""The charter: what a consortium has agreed on, signed by every member. Pure but for `load`; floor 3.

It names the policy, the catalog and its fingerprint, the one bundle that may run, the coordinator's address and key,
and of every member its keys, where it is and how many learners it brings. The digest covers all of that; a signature
covers the digest's content. A change of anything is a new version that everybody signs again, so that no member finds
itself in a round with others, or under another epsilon, than it agreed to.
"""

import functools
import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from federated import errors, forms, signing
from federated.policy import EXACT, LEAST_COHORT, Policy, check
from federated.privacy import planning

KIND = "charter"
_COUNTRY = "{}: jurisdiction {}; use two capital letters of ISO 3166-1, such as DE"
_LONG = 200
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,62}")
_JURISDICTION = re.compile(r"[A-Z]{2}")


@dataclass(frozen=True)
class Seat:
    """A member, as the charter names it.

    Attributes:
        name: the institution's id: letters, digits, hyphens.
        legal_entity: the controller that it belongs to.
        jurisdiction: the country whose law it is under, ISO 3166-1 alpha-2, such as "DE".
        learners: how many consenting learners it brought when it joined, rounded down to tens.
        node_key: its SuperNode's public key (OpenSSH, P-384).
        signing_key: the public key of its signatures (OpenSSH, Ed25519).
    """

    name: str
    legal_entity: str
    jurisdiction: str
    learners: int
    node_key: str
    signing_key: str


@dataclass(frozen=True)
class Charter:
    """What a consortium has agreed on.

    Attributes:
        consortium: its name.
        version: from 1; every change adds one.
        policy: what may leave an institution; under which epsilon.
        catalog: id of the catalog that is trained.
        fingerprint: the catalog's, 64 hexadecimal digits.
        address: host:port of the coordinator's proxy, which members dial.
        software: the version of Entrepôt that members and coordinator run.
        bundle: sha256 of the one Flower bundle that may run, hexadecimal.
        coordinator: the public key of the coordinator's signatures (OpenSSH, Ed25519).
        legal_entity: who runs the coordinator, and so receives what members send.
        jurisdiction: where that is, ISO 3166-1 alpha-2.
        members: sorted by name.
        seal: the coordinator's signature of this version; not covered by the digest.
        signatures: member -> its signature of this version; not covered by the digest.
    """

    consortium: str
    version: int
    policy: Policy
    catalog: str
    fingerprint: str
    address: str
    software: str
    bundle: str
    coordinator: str
    legal_entity: str
    jurisdiction: str
    members: tuple[Seat, ...] = ()
    seal: str = ""
    signatures: Mapping[str, str] = field(default_factory=dict)


def load(path: Path) -> Charter:
    """Return the charter in the file at `path`, checked by `check_terms`; its signatures are not checked, see `verify`.

    Raises:
        CharterError: it cannot be read, or is no charter.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        message = f"{path}: cannot be read; expected a charter, as `entrepot federation admit` writes it"
        raise errors.CharterError(message) from error
    return parse(text, str(path))


def parse(text: str, where: str) -> Charter:
    """Return the charter that a JSON text holds; `where` names it in errors. Raises as `load`."""
    try:
        return _parsed(text)
    except errors.CharterError:
        return check_terms(forms.read(Charter, text, KIND, errors.CharterError, where), where)  # fails, and says where


@functools.lru_cache(maxsize=8)
def _parsed(text: str) -> Charter:
    """Once per process and content: every answer reads the charter, and a hundred members have two hundred keys."""
    return check_terms(forms.read(Charter, text, KIND, errors.CharterError, ""))


def dump(charter: Charter) -> str:
    """Return a charter as JSON, to be read by people too."""
    return forms.write(charter, KIND)


def digest(charter: Charter) -> str:
    """Return the sha256 of all that is agreed (not of the signatures), hexadecimal."""
    return hashlib.sha256(signing.canonical(_terms(charter))).hexdigest()


def signing_keys(charter: Charter) -> dict[str, bytes]:
    """Return the Ed25519 public key of every member: name -> 32 bytes."""
    return {seat.name: signing.raw(seat.signing_key) for seat in charter.members}


def check_seat(seat: Seat, rules: Policy, where: str) -> Seat:
    """Return a member's entry, or raise CharterError naming `where` when no charter with this policy could hold it."""
    for wrong in (*_wrong_seat(seat, rules), *_apart(seat, rules)):
        message = f"{where}: {wrong}"
        raise errors.CharterError(message)
    return seat


def check_terms(charter: Charter, where: str = "the charter") -> Charter:
    """Return the charter, or raise CharterError naming `where` when what it says does not fit together."""
    for wrong in _wrong(charter):
        message = f"{where}: {wrong}"
        raise errors.CharterError(message)
    return charter


def fewest(rules: Policy) -> int:
    """Return how many members a policy needs: two, under masks three that do not collude.

    A masked sum of two is, to each of the two, what the other sent.
    """
    return planning.HONEST + rules.colluding if rules.masked else 2


def is_name(text: str) -> bool:
    """Say whether a text can be a member's name."""
    return _NAME.fullmatch(text) is not None


def sign(charter: Charter, key: Ed25519PrivateKey) -> str:
    """Return a member's or the coordinator's signature of this version."""
    return signing.sign(key, KIND, _terms(charter))


def sealed(charter: Charter) -> bool:
    """Say whether the coordinator that the charter names has signed this version."""
    return signing.vouches(charter.coordinator, _covered(charter), charter.seal)


def signed_by(charter: Charter, seat: Seat) -> bool:
    """Say whether a member has signed this version."""
    return _signed_by(charter, seat, _covered(charter))


def unsigned(charter: Charter) -> tuple[str, ...]:
    """Return the members whose valid signature of this version is missing."""
    content = _covered(charter)
    return tuple(seat.name for seat in charter.members if not _signed_by(charter, seat, content))


def verify(charter: Charter) -> None:
    """Check that the charter is in force: its terms fit, the coordinator sealed it, and enough members all signed it.

    Raises:
        CharterError: not so; the text says what is missing.
    """
    content = signing.canonical(asdict(charter))
    _verified(_Whole(hashlib.sha256(content).digest(), charter))


@dataclass(frozen=True)
class _Whole:
    """A charter with its signatures, told from others by the sha256 of all that it says."""

    digest: bytes
    charter: Charter = field(compare=False)


@functools.lru_cache(maxsize=8)
def _verified(whole: _Whole) -> None:
    """Check as `verify`, once per process and content; what does not hold is not remembered."""
    charter = whole.charter
    check_terms(charter)
    what = f"charter version {charter.version} of {charter.consortium}"
    if not sealed(charter):
        message = f"{what}: the coordinator's seal does not hold; the file was altered, or is from somebody else"
        raise errors.CharterError(message)
    if len(charter.members) < (needed := fewest(charter.policy)):
        message = f"{what}: {len(charter.members)} members; {charter.policy.name} needs {needed} at least"
        raise errors.CharterError(message)
    if missing := unsigned(charter):
        message = (
            f"{what}: no valid signature of {', '.join(missing)}; each signs this version by `entrepot federation "
            "sign`, and does so again when the coordinator sends it with the signatures of all"
        )
        raise errors.CharterError(message)


def amend(charter: Charter, **changes: Any) -> Charter:
    """Return the next version with `changes`, members sorted, without any signature, checked by `check_terms`."""
    found = replace(charter, **{**changes, "version": charter.version + 1, "seal": "", "signatures": {}})
    return check_terms(replace(found, members=tuple(sorted(found.members, key=lambda seat: seat.name))))


def _signed_by(charter: Charter, seat: Seat, content: bytes) -> bool:
    return signing.vouches(seat.signing_key, content, charter.signatures.get(seat.name, ""))


def _covered(charter: Charter) -> bytes:
    return signing.covered(KIND, _terms(charter))


def _terms(charter: Charter) -> dict[str, Any]:
    terms = asdict(charter)
    del terms["seal"], terms["signatures"]
    return {"format": forms.FORMAT, **terms}


def _wrong(charter: Charter) -> Iterator[str]:
    """What does not fit, one sentence each."""
    if charter.version < 1:
        yield f"version {charter.version}; versions count from 1"
    for what in ("consortium", "catalog", "fingerprint", "address", "software", "bundle", "legal_entity"):
        if not _says(getattr(charter, what)):
            yield f"{what} must be a text of at most {_LONG} printable characters"
    if not _JURISDICTION.fullmatch(charter.jurisdiction):
        yield _COUNTRY.format("the coordinator", forms.printable(charter.jurisdiction))
    try:
        check(charter.policy, "policy")
        signing.raw(charter.coordinator)
    except errors.PolicyError as error:
        yield str(error)
    except ValueError:
        yield "the coordinator's key is not an Ed25519 key in OpenSSH form"
    names = [seat.name for seat in charter.members]
    if names != sorted(set(names)):
        yield "members must be different and sorted by name"
    for seat in charter.members:
        yield from _wrong_seat(seat, charter.policy)
        yield from _apart(seat, charter.policy)
    for key in ("node_key", "signing_key"):
        if len({getattr(seat, key) for seat in charter.members}) < len(names):
            yield f"two members have the same {key}; each makes its own"


def _says(text: str) -> bool:
    """Whether a text says something, and nothing that a terminal would obey instead of showing it."""
    return bool(text.strip()) and text.isprintable() and len(text) <= _LONG


def _wrong_seat(seat: Seat, rules: Policy) -> Iterator[str]:
    least = LEAST_COHORT if rules.private else 0
    if not is_name(seat.name):
        yield f"member {forms.printable(seat.name)}: a name is letters, digits and hyphens, 63 at most"
    if not _JURISDICTION.fullmatch(seat.jurisdiction):
        yield _COUNTRY.format(seat.name, forms.printable(seat.jurisdiction))
    if not _says(seat.legal_entity):
        yield f"{seat.name}: its legal entity must be a text of at most {_LONG} printable characters"
    if seat.learners < least or seat.learners % 10:
        yield f"{seat.name}: {seat.learners} learners; use tens, {least} at least"
    try:
        signing.raw(seat.signing_key)
        signing.node(seat.node_key)
    except ValueError:
        yield f"{seat.name}: its keys must be OpenSSH text, node_key on P-384 and signing_key Ed25519"


def _apart(seat: Seat, rules: Policy) -> Iterator[str]:
    """`exact` sends totals without noise: within one controller and one law that is no transfer, elsewhere it is."""
    if rules.name != EXACT:
        return
    for what, found, agreed in (
        ("legal entity", seat.legal_entity, rules.legal_entity),
        ("jurisdiction", seat.jurisdiction, rules.jurisdiction),
    ):
        if found != agreed:
            yield (
                f"policy {EXACT!r} is for one {what}, {agreed!r}; {seat.name} is under {found!r}: "
                "the consortium needs source-noise or secagg"
            )
