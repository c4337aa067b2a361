"""The second half of the set-up: every member seals shares of its secrets for every other one. Pure; floor 3.

For every round a member has a seed (of its own mask) and a private key (of the masks of pairs). It splits both among the
roster (`shamir`) and seals what another gets under a key that only the two can compute (X25519, HKDF-SHA256,
ChaCha20-Poly1305), bound to the digest of all offers: members that were shown different offers cannot open each other's
shares. All members of a roster must have sent theirs; else the set-up begins again, with fresh secrets and fewer members.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from federated.masking.keys import Context, Roster, Secret

Bytes = npt.NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class Session:
    """What a member needs in every round of a run; secret.

    Attributes:
        roster: who takes part.
        secret: its own.
        seeds: name -> shares of the seeds of a member, uint8 [rounds, 32]; its own among them.
        keys: name -> shares of the private keys, uint8 [rounds, 32].
    """

    roster: Roster
    secret: Secret
    seeds: Mapping[str, Bytes]
    keys: Mapping[str, Bytes]


def share(roster: Roster, secret: Secret, signer: Ed25519PrivateKey) -> bytes:
    """Return a member's sealed shares for all others of the roster, as one message to the coordinator.

    Raises:
        MaskError: the member's own offer is not on the roster, or is not that of `secret`.
    """
    raise NotImplementedError


def parcels(roster: Roster, bundles: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return for each member what the others sealed for it; the coordinator passes it on.

    Args:
        roster: who takes part.
        bundles: name -> message of `share`.

    Raises:
        MaskError: a message is not what its sender signed for this roster.
        SurvivorsError: a member of the roster sent none: the set-up must begin again without it.
    """
    raise NotImplementedError


def begin(roster: Roster, secret: Secret, parcel: bytes) -> Session:
    """Return the session of a member, of what the others sealed for it.

    Raises:
        MaskError: the parcel has another length, or was not sealed for this member, by this roster.
    """
    raise NotImplementedError


def dump(session: Session) -> bytes:
    """Return a session as bytes, so that another process can go on; as secret as the session."""
    raise NotImplementedError


def load(context: Context, data: bytes) -> Session:
    """Return the session that `dump` wrote.

    Raises:
        MaskError: the bytes are not a session of this context.
    """
    raise NotImplementedError
