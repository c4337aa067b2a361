"""Streams of masks: AES-256 in counter mode, under a key of its own for each pair, round and form. Pure; floor 3.

The key of a pair comes of X25519 (RFC 7748) and HKDF-SHA256 (RFC 5869) over both names, the round, the form and the
digest of all offers; that of an own mask likewise of its seed. A key makes one stream, which is added to all words of
a message: first those modulo 2^64, then those modulo 2^32. Masks have the full strength of 256-bit keys; a generator
for simulations behind a seed of 32 bits can be searched in minutes.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from federated import errors
from federated.masking import keys, letters
from federated.masking.keys import Roster

# name -> (dtype, length) of each vector of a round: "uint32" or "uint64".
Form = Mapping[str, tuple[str, int]]
WIDTH = {"uint64": 8, "uint32": 4}
Words = npt.NDArray[np.uint32] | npt.NDArray[np.uint64]


@dataclass(frozen=True)
class Round:
    """What a mask is bound to.

    Attributes:
        roster: who takes part.
        number: of the masked round, from 1.
        form: of its vectors.
    """

    roster: Roster
    number: int
    form: Form

    def __post_init__(self) -> None:
        if not 1 <= self.number <= self.roster.context.rounds:
            text = f"masked round {self.number}; this run has 1 to {self.roster.context.rounds}"
            raise errors.MaskError(text)


@dataclass(frozen=True, eq=False)
class Block:
    """All words of a message, in the order in which they travel; changed in place by `add`."""

    wide: npt.NDArray[np.uint64]
    narrow: npt.NDArray[np.uint32]


def form(vectors: Mapping[str, Words]) -> Form:
    """Return the form of vectors.

    Raises:
        MaskError: one is not flat, or neither uint32 nor uint64.
    """
    for name, vector in vectors.items():
        if vector.ndim != 1 or str(vector.dtype) not in WIDTH:
            text = f"{name}: {vector.dtype} of shape {vector.shape} cannot be masked; expected flat uint32 or uint64"
            raise errors.MaskError(text)
    return {name: (str(vector.dtype), len(vector)) for name, vector in vectors.items()}


def size(form: Form) -> int:
    """Return how many bytes vectors of a form take."""
    return sum(WIDTH[dtype] * length for dtype, length in form.values())


def digest(form: Form) -> bytes:
    """Return the digest of a form, 32 bytes."""
    return letters.digest("form", *(part for name in sorted(form) for part in (name, *form[name])))


def join(vectors: Mapping[str, Words]) -> Block:
    """Return the words of vectors as one block: by width, then by name."""
    return Block(
        np.concatenate([np.zeros(0, np.uint64), *(vectors[name] for name in _order(form(vectors), "uint64"))]),
        np.concatenate([np.zeros(0, np.uint32), *(vectors[name] for name in _order(form(vectors), "uint32"))]),
    )


def part(block: Block, form: Form) -> dict[str, Words]:
    """Return the vectors of a block that has a form."""
    found: dict[str, Words] = {}
    for dtype, words in (("uint64", block.wide), ("uint32", block.narrow)):
        at = 0
        for name in _order(form, dtype):
            found[name] = words[at : at + form[name][1]]
            at += form[name][1]
    return found


def dump(block: Block) -> bytes:
    """Return a block as bytes, little-endian."""
    return block.wide.astype("<u8").tobytes() + block.narrow.astype("<u4").tobytes()


def load(data: bytes, form: Form) -> Block:
    """Return the block in `data`, which has the size of the form; its words may not be written to."""
    wide = sum(length for dtype, length in form.values() if dtype == "uint64")
    return Block(
        np.frombuffer(data, "<u8", wide).astype(np.uint64, copy=False),
        np.frombuffer(data, "<u4", offset=8 * wide).astype(np.uint32, copy=False),
    )


def pair_key(turn: Round, own: bytes, first: str, second: str) -> bytes:
    """Return the key of the stream of a pair, 32 bytes.

    Args:
        turn: the round.
        own: the private X25519 key of `first` in that round.
        first: a member.
        second: another one; exchanging both makes the same key.

    Raises:
        MaskError: the other's public key is of low order: what comes of it would be no secret.
    """
    try:
        public = X25519PublicKey.from_public_bytes(turn.roster.exchange[second][turn.number - 1])
        met = X25519PrivateKey.from_private_bytes(own).exchange(public)
    except ValueError as error:
        text = f"{second}: the key that it offered for round {turn.number} is of low order"
        raise errors.MaskError(text) from error
    return keys.derive(met, turn.roster.digest, "pair", turn.number, digest(turn.form), *sorted((first, second)))


def own_key(turn: Round, seed: bytes, name: str) -> bytes:
    """Return the key of the stream of a member's own mask, of its seed of that round, 32 bytes."""
    return keys.derive(seed, turn.roster.digest, "own", turn.number, digest(turn.form), name)


def sign(first: str, second: str) -> int:
    """Return how the stream of a pair enters the vector of `first`: 1 or -1, the opposite of the other's."""
    return 1 if first < second else -1


def zeros(form: Form) -> Block:
    """Return a block of noughts."""
    sizes = {dtype: sum(length for kind, length in form.values() if kind == dtype) for dtype in WIDTH}
    return Block(np.zeros(sizes["uint64"], np.uint64), np.zeros(sizes["uint32"], np.uint32))


def gather(total: Block, block: Block) -> None:
    """Add a block to another in place."""
    np.add(total.wide, block.wide, out=total.wide)
    np.add(total.narrow, block.narrow, out=total.narrow)


def add(block: Block, key: bytes, sign: int) -> None:
    """Add the stream of a key to a block in place, or subtract it.

    Args:
        block: of words.
        key: 32 bytes, never used for another stream.
        sign: 1 or -1.
    """
    wide, narrow = 8 * len(block.wide), 4 * len(block.narrow)
    # The counter may begin at nought: no key makes two streams.
    stream = Cipher(algorithms.AES256(key), modes.CTR(bytes(16))).encryptor().update(bytes(wide + narrow))
    turn = np.add if sign > 0 else np.subtract
    turn(block.wide, np.frombuffer(stream, "<u8", len(block.wide)), out=block.wide)
    turn(block.narrow, np.frombuffer(stream, "<u4", offset=wide), out=block.narrow)


def _order(form: Form, dtype: str) -> list[str]:
    return sorted(name for name, (kind, _) in form.items() if kind == dtype)
