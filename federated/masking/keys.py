"""Who takes part in a run of masked sums, and the keys that each member offers for it. Pure; floor 3.

A member's secret of a run is 32 bytes of entropy; all its keys are derived from it (HKDF-SHA256, RFC 5869): one X25519
key (RFC 7748) under which others seal shares for it, and for every round an X25519 key for the masks of pairs and a
seed for its own mask. Rounds have keys of their own, so that what is revealed of a member that dropped out in one says
nothing about another. An offer holds the public keys and a mark (hash) of each seed, signed by the member's long-term
key from the charter over charter, run and name: a coordinator in the middle can leave offers out, but not swap keys.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from federated import errors
from federated.masking import letters

SIZE = 32  # bytes of every key, seed, digest
FEWEST = 3  # a sum of two is the other's, to each of the two
MOST = 255  # members: shares lie at different points of GF(2^8)
MOST_ROUNDS = 4096
_LONGEST = 200


@dataclass(frozen=True)
class Context:
    """What every member must know alike before it offers keys.

    Attributes:
        charter: digest of the signed charter, 32 bytes.
        run: id of the run, not empty; another one for every run.
        rounds: how many masked rounds the run may have.
        threshold: how many members it takes to unmask a sum, at least `fewest(len(members))`.
        members: name -> Ed25519 public key, 32 bytes: all that may take part.
    """

    charter: bytes
    run: str
    rounds: int
    threshold: int
    members: Mapping[str, bytes]

    def __post_init__(self) -> None:
        for wrong in _wrong(self):
            raise errors.MaskError(wrong)


@dataclass(frozen=True)
class Secret:
    """A member's secret of one run: whoever has it can read what the member masks in that run.

    Attributes:
        name: of the member.
        entropy: 32 bytes of a secure generator, fresh for every set-up.
    """

    name: str
    entropy: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if len(self.entropy) != SIZE:
            text = f"a secret of {len(self.entropy)} bytes; expected {SIZE} bytes from a secure generator"
            raise errors.MaskError(text)


@dataclass(frozen=True)
class Roster:
    """The members whose offers a run began with; what both sides compute from the same offers.

    Attributes:
        context: of the run.
        names: sorted; the member at position i holds the shares at point i + 1.
        offers: name -> its offer as it came.
        seals: name -> X25519 public key for shares.
        exchange: name -> X25519 public key of each round.
        marks: name -> hash of the seed of each round.
        digest: of all that: two members with the same digest saw the same offers.
    """

    context: Context
    names: tuple[str, ...]
    offers: Mapping[str, bytes]
    seals: Mapping[str, bytes]
    exchange: Mapping[str, tuple[bytes, ...]]
    marks: Mapping[str, tuple[bytes, ...]]
    digest: bytes


def fewest(members: int) -> int:
    """Return the smallest threshold that a run of so many members may have: two thirds of them, and never under 3.

    With two thirds, a coordinator that fewer than a third of the members help cannot get both secrets of a member from
    the others, since each of those gives one of the two (Bonawitz et al. 2017, section 6); see `helpers`.
    """
    return max(FEWEST, -(-2 * members // 3))


def helpers(context: Context) -> int:
    """Return how many members may help a coordinator that lies, so that the others' masks still hold.

    With c of K that help and a threshold t, it has c shares of either secret of a member and needs t - c from others,
    each of whom gives one: it does not get both secrets while 2 (t - c) > K - c, which is 2 t > K + c.
    """
    return 2 * context.threshold - len(context.members) - 1


def unconfirmed(roster: Roster) -> int:
    """Return how many members of a roster may be missing from a round before survivors must confirm who is left.

    A coordinator may tell members different lists of survivors. Let R members be on the roster, t the threshold, c the
    `helpers`. To undo the masks of pairs of a member it needs t - c honest ones that were told it is missing. Where
    each is told of at most d missing, that works for at most (R - c) d / (t - c) members. While this is no more than
    R - t, lies show no sum over fewer members than the truth could. From there on see `turns.confirm`.
    """
    number, least, helping = len(roster.names), roster.context.threshold, helpers(roster.context)
    return max(d for d in range(number - least + 1) if (number - helping) * d // (least - helping) <= number - least)


def digest(context: Context) -> bytes:
    """Return the digest of a context, 32 bytes."""
    parts: list[letters.Part] = ["context", context.charter, context.run, context.rounds, context.threshold]
    for name in sorted(context.members):
        parts += [name, context.members[name]]
    return letters.digest(*parts)


def offer(context: Context, secret: Secret, signer: Ed25519PrivateKey) -> bytes:
    """Return a member's signed offer of keys.

    Args:
        context: of the run; the member has checked that its charter and members are those that it signed.
        secret: its own; the same secret makes the same offer.
        signer: its long-term key.

    Raises:
        MaskError: the secret's member is not of the run, or the key is not the one in the charter.
    """
    if secret.name not in context.members:
        text = f"{secret.name} is not a member of this run; the charter must name it"
        raise errors.MaskError(text)
    if signer.public_key().public_bytes_raw() != context.members[secret.name]:
        text = f"{secret.name}: this is not the signing key that the charter names"
        raise errors.MaskError(text)
    whole = digest(context)
    body = [seal_key(context, secret).public_key().public_bytes_raw()]
    for number in range(1, context.rounds + 1):
        key = X25519PrivateKey.from_private_bytes(exchange_key(context, secret, number))
        body += [key.public_key().public_bytes_raw(), mark(whole, secret.name, number, seed(context, secret, number))]
    return letters.write("offer", (whole, secret.name), b"".join(body), signer)


def roster(context: Context, offers: Mapping[str, bytes]) -> Roster:
    """Return who takes part, of the offers that came.

    Args:
        context: of the run.
        offers: name -> offer.

    Raises:
        MaskError: somebody is not of the run, or an offer is not what its member signed for this run.
        SurvivorsError: fewer than the threshold offered.
    """
    if strangers := sorted(offers.keys() - context.members.keys()):
        text = f"not members of this run: {', '.join(strangers)}"
        raise errors.MaskError(text)
    if len(offers) < context.threshold:
        text = f"{len(offers)} members offered keys; a run of {len(context.members)} needs {context.threshold}"
        raise errors.SurvivorsError(text)
    whole, names = digest(context), tuple(sorted(offers))
    seals, exchange, marks = {}, {}, {}
    for name in names:
        body = _read(context, whole, name, offers[name])
        parts = [body[at : at + SIZE] for at in range(0, len(body), SIZE)]
        seals[name], exchange[name], marks[name] = parts[0], tuple(parts[1::2]), tuple(parts[2::2])
    seen = letters.digest("roster", whole, *(part for name in names for part in (name, offers[name])))
    return Roster(context, names, dict(offers), seals, exchange, marks, seen)


def check(context: Context, name: str, offer: bytes) -> None:
    """Raise MaskError unless an offer is what the member `name` signed for this run."""
    _read(context, digest(context), name, offer)


def offer_size(context: Context) -> int:
    """Return how many bytes an offer has."""
    return letters.OVERHEAD + SIZE * (1 + 2 * context.rounds)


def seal_key(context: Context, secret: Secret) -> X25519PrivateKey:
    """Return the private key that opens what others seal for the member."""
    return X25519PrivateKey.from_private_bytes(derive(secret.entropy, digest(context), "seal"))


def exchange_key(context: Context, secret: Secret, number: int) -> bytes:
    """Return the member's private X25519 key of a round, 32 bytes."""
    return derive(secret.entropy, digest(context), "exchange", number)


def seed(context: Context, secret: Secret, number: int) -> bytes:
    """Return the seed of the member's own mask of a round, 32 bytes."""
    return derive(secret.entropy, digest(context), "seed", number)


def mark(whole: bytes, name: str, number: int, seed: bytes) -> bytes:
    """Return the hash by which a seed that was put together again is known; `whole` is the context's digest."""
    return letters.digest("mark", whole, name, number, seed)


def derive(key: bytes, salt: bytes, *names: letters.Part) -> bytes:
    """Return 32 bytes derived from `key` for the use that `names` say (HKDF-SHA256)."""
    return HKDF(hashes.SHA256(), SIZE, salt, letters.digest("derive", *names)).derive(key)


def _read(context: Context, whole: bytes, name: str, offer: bytes) -> bytes:
    size = offer_size(context) - letters.OVERHEAD
    return letters.read(offer, "offer", (whole, name), size, public=context.members[name], sender=name)


def _wrong(context: Context) -> list[str]:
    number = len(context.members)
    sizes = {"charter digest": context.charter, **{f"key of {name}": key for name, key in context.members.items()}}
    found = [f"the {what} has {len(part)} bytes; expected {SIZE}" for what, part in sizes.items() if len(part) != SIZE]
    if len(set(context.members.values())) != number:
        found.append("two members have one signing key; each needs its own")
    if not all(1 <= len(name.encode()) <= _LONGEST for name in (context.run, *context.members)):
        found.append(f"the names of a run and of its members have 1 to {_LONGEST} bytes")
    if not 1 <= context.rounds <= MOST_ROUNDS:
        found.append(f"a run has 1 to {MOST_ROUNDS} masked rounds, not {context.rounds}")
    if not FEWEST <= number <= MOST:
        found.append(f"a masked run has {FEWEST} to {MOST} members, not {number}")
    elif not fewest(number) <= context.threshold <= number:
        found.append(f"the threshold of {number} members is {fewest(number)} to {number}, not {context.threshold}")
    return found
