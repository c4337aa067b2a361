"""A member's part of a round: it masks, and later reveals one share of each other member, never both. Pure; floor 3.

A vector is masked by a stream for each other member of the roster, added by the one and subtracted by the other, and by
a stream of its own (Bonawitz et al. 2017). When the coordinator has the masked vectors it says who answered. Of those a
member reveals its share of the seed of their own mask, of all others its share of their key of the round: so the own
masks of those who answered go away, and the masks that the others would have cancelled.

What a member has said in a round is its `State`. The caller must keep it, durably, BEFORE it sends an answer: a member
that forgets what it said can be made to mask two vectors alike, or to reveal both shares. A question that is asked again
is answered by the same bytes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from federated.masking.session import Session

Words = npt.NDArray[np.uint32] | npt.NDArray[np.uint64]


@dataclass(frozen=True)
class State:
    """What a member has said so far in a run.

    Attributes:
        number: the last round that it masked a vector in; 0: none yet.
        said: digest of that vector, empty before.
        view: digest of the survivors that it confirmed or revealed for in that round; empty before.
    """

    number: int = 0
    said: bytes = b""
    view: bytes = b""


def mask(
    session: Session, state: State, number: int, vectors: Mapping[str, Words], signer: Ed25519PrivateKey
) -> tuple[State, bytes]:
    """Return a member's masked vectors.

    Args:
        session: of the run.
        state: what it has said so far.
        number: of the masked round, from 1, above that of `state`.
        vectors: name -> uint32 or uint64 [n]; the same names, dtypes and lengths at all members (`streams.Form`).
        signer: its long-term key.

    Returns:
        The state to keep before the message is sent; the message: 4 or 8 bytes a number, and 68.

    Raises:
        MaskError: the round is past, not of this run, or was masked with other vectors; a vector is not flat or not of
            these dtypes.
    """
    raise NotImplementedError


def confirm(
    session: Session, state: State, number: int, survivors: Sequence[str], signer: Ed25519PrivateKey
) -> tuple[State, bytes]:
    """Return a member's signature on who is left in a round; asked for where many dropped out (`keys.unconfirmed`).

    It then reveals for no others. Arguments and errors as `reveal`.
    """
    raise NotImplementedError


def reveal(
    session: Session,
    state: State,
    number: int,
    survivors: Sequence[str],
    signer: Ed25519PrivateKey,
    confirmations: Mapping[str, bytes] | None = None,
) -> tuple[State, bytes]:
    """Return a member's share of the seed of each survivor and of the key of each other member of the roster.

    Args:
        session: of the run.
        state: what it has said so far.
        number: of the masked round; the last one that it masked a vector in.
        survivors: names of those whose masked vectors are to be summed.
        signer: its long-term key.
        confirmations: name -> message of `confirm` on the same survivors; needed from as many as the threshold where more
            than `keys.unconfirmed(roster)` are missing.

    Returns:
        The state to keep before the message is sent; the message: 32 bytes a member of the roster, and 68.

    Raises:
        MaskError: it did not mask in this round; it said something else already; a confirmation is not what its sender
            signed.
        SurvivorsError: fewer than the threshold, a name twice or unknown, or the member itself not among them; too few
            confirmations.
    """
    raise NotImplementedError
