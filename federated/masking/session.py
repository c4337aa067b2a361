"""The second half of the set-up: every member seals shares of its secrets for every other one. Pure; floor 3.

For every round a member has a seed (of its own mask) and a private key (of the masks of pairs). It splits both among
the roster (`shamir`) and seals what another gets under a key that only the two can compute (X25519, HKDF-SHA256,
ChaCha20-Poly1305), bound to the digest of all offers: members that were shown different offers cannot open each other's
shares. All members of a roster must send theirs; else the set-up begins again, with fresh secrets and fewer members.
"""

import hashlib
import hmac
import io
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from federated import errors
from federated.masking import keys, letters, shamir
from federated.masking.keys import SIZE, Context, Roster, Secret

Bytes = npt.NDArray[np.uint8]

_TAG = 16
_HEAD = b"EMS\x01"
_NONCE = bytes(12)  # a key seals one text, so that its nonce may be fixed


@dataclass(frozen=True, eq=False)
class Session:
    """What a member needs in every round of a run; secret.

    Attributes:
        roster: who takes part.
        secret: its own.
        held: name -> its shares of the seeds and of the private keys of that member, uint8 [2, rounds, 32]; its own
            among them.
    """

    roster: Roster
    secret: Secret
    held: Mapping[str, Bytes] = field(repr=False)


def share(roster: Roster, secret: Secret, signer: Ed25519PrivateKey) -> bytes:
    """Return a member's sealed shares for all others of the roster, as one message to the coordinator.

    Args:
        roster: who takes part, of the offers that the coordinator passed on.
        secret: its own; the same secret and roster make the same message.
        signer: its long-term key.

    Raises:
        MaskError: the offer on the roster is not that of `secret`, or another's seal is none.
    """
    _check(roster, secret)
    shares = _shares(roster, secret, range(1, len(roster.names) + 1))
    body = [
        ChaCha20Poly1305(_seal_key(roster, secret, name, to=True)).encrypt(_NONCE, shares[place].tobytes(), None)
        for place, name in enumerate(roster.names)
        if name != secret.name
    ]
    return letters.write("shares", (roster.digest, secret.name), b"".join(body), signer)


def parcels(roster: Roster, bundles: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return for each member what the others sealed for it; the coordinator passes it on.

    Args:
        roster: who takes part.
        bundles: name -> message of `share`.

    Raises:
        MaskError: a message is not what its sender signed for this roster.
        SurvivorsError: a member of the roster sent none: the set-up must begin again without it.
    """
    if missing := sorted(set(roster.names) - bundles.keys()):
        text = f"no shares from {', '.join(missing)}; begin the set-up again without"
        raise errors.SurvivorsError(text)
    each = _sealed_size(roster)
    sealed: dict[tuple[str, str], bytes] = {}
    for name in roster.names:
        body = _body(roster, name, bundles[name])
        others = [other for other in roster.names if other != name]
        sealed |= {(name, other): body[each * at : each * (at + 1)] for at, other in enumerate(others)}
    return {name: b"".join(sealed[other, name] for other in roster.names if other != name) for name in roster.names}


def check(roster: Roster, name: str, bundle: bytes) -> None:
    """Raise MaskError unless a message of `share` is what the member `name` signed for this roster."""
    _body(roster, name, bundle)


def bundle_size(roster: Roster) -> int:
    """Return how many bytes a message of `share` has."""
    return letters.OVERHEAD + _sealed_size(roster) * (len(roster.names) - 1)


def begin(roster: Roster, secret: Secret, parcel: bytes) -> Session:
    """Return the session of a member, of what the others sealed for it.

    Args:
        roster: who takes part.
        secret: its own.
        parcel: one of `parcels`.

    Raises:
        MaskError: the parcel has another length, or was not sealed for this member by this roster.
    """
    _check(roster, secret)
    each, others = _sealed_size(roster), [name for name in roster.names if name != secret.name]
    if len(parcel) != each * len(others):
        text = f"a parcel of shares has {len(parcel)} bytes; expected {each * len(others)}"
        raise errors.MaskError(text)
    shape = (2, roster.context.rounds, SIZE)
    held = {secret.name: _shares(roster, secret, [roster.names.index(secret.name) + 1])[0]}
    for at, name in enumerate(others):
        key = _seal_key(roster, secret, name, to=False)
        try:
            plain = ChaCha20Poly1305(key).decrypt(_NONCE, parcel[each * at : each * (at + 1)], None)
        except InvalidTag as error:
            text = f"{name} did not seal these shares for this member and these offers"
            raise errors.MaskError(text) from error
        held[name] = np.frombuffer(plain, np.uint8).reshape(shape)
    return Session(roster, secret, held)


def dump(session: Session) -> bytes:
    """Return a session as bytes, so that another process can go on; as secret as the session."""
    roster = session.roster
    own = roster.names.index(session.secret.name)
    rows = (_text(name) + roster.offers[name] + session.held[name].tobytes() for name in roster.names)
    head = (_HEAD, keys.digest(roster.context), bytes([own, len(roster.names)]), session.secret.entropy)
    body = b"".join((*head, *rows))
    return body + hashlib.sha256(body).digest()


def load(context: Context, data: bytes) -> Session:
    """Return the session that `dump` wrote.

    Args:
        context: of the run.
        data: as `dump` made it.

    Raises:
        MaskError: the bytes are not a session of this context.
    """
    body, seen = data[:-SIZE], data[-SIZE:]
    head = _HEAD + keys.digest(context)
    if not body.startswith(head) or not hmac.compare_digest(hashlib.sha256(body).digest(), seen):
        text = "these bytes are no whole session of this run; the member must take part in a new one"
        raise errors.MaskError(text)
    rest = io.BytesIO(body[len(head) :])
    own, number = rest.read(2)
    entropy = rest.read(SIZE)
    offers, held, shape = {}, {}, (2, context.rounds, SIZE)
    for _ in range(number):
        name = rest.read(rest.read(1)[0]).decode()
        offers[name] = rest.read(keys.offer_size(context))
        held[name] = np.frombuffer(rest.read(math.prod(shape)), np.uint8).reshape(shape)
    roster = keys.roster(context, offers)
    return Session(roster, Secret(roster.names[own], entropy), held)


def _body(roster: Roster, name: str, bundle: bytes) -> bytes:
    size = bundle_size(roster) - letters.OVERHEAD
    public = roster.context.members[name]
    return letters.read(bundle, "shares", (roster.digest, name), size, public=public, sender=name)


def _check(roster: Roster, secret: Secret) -> None:
    """The coordinator must have passed on the member's own offer as it was made of this secret."""
    own = keys.seal_key(roster.context, secret).public_key().public_bytes_raw()
    if roster.seals.get(secret.name) != own:
        text = f"the offers hold none that {secret.name} made of its present secret"
        raise errors.MaskError(text)


def _shares(roster: Roster, secret: Secret, points: Sequence[int]) -> Bytes:
    """Shares of the member's seeds and keys at some points, uint8 [points, 2, rounds, 32].

    The coefficients come of the secret and the roster, so that a question that is asked again is answered alike, and
    members that helped under two rosters hold shares of two polynomials that have nothing in common but the secret.
    """
    context = roster.context
    numbers = range(1, context.rounds + 1)
    kinds = ([made(context, secret, number) for number in numbers] for made in (keys.seed, keys.exchange_key))
    secrets = np.frombuffer(b"".join(part for kind in kinds for part in kind), np.uint8)
    key = keys.derive(secret.entropy, roster.digest, "coefficients")
    stream = Cipher(algorithms.AES256(key), modes.CTR(bytes(16))).encryptor()
    coefficients = np.frombuffer(stream.update(bytes((context.threshold - 1) * len(secrets))), np.uint8)
    shape = (2, context.rounds, SIZE)
    return shamir.split(secrets.reshape(shape), points, coefficients.reshape(-1, *shape))


def _seal_key(roster: Roster, secret: Secret, name: str, *, to: bool) -> bytes:
    """The key that seals what the member sends to `name`, or what it gets from there."""
    try:
        met = keys.seal_key(roster.context, secret).exchange(X25519PublicKey.from_public_bytes(roster.seals[name]))
    except ValueError as error:
        text = f"{name}: the key that it offered for shares is of low order"
        raise errors.MaskError(text) from error
    return keys.derive(met, roster.digest, "shares", *((secret.name, name) if to else (name, secret.name)))


def _sealed_size(roster: Roster) -> int:
    return 2 * roster.context.rounds * SIZE + _TAG


def _text(name: str) -> bytes:
    content = name.encode()
    return bytes([len(content)]) + content
