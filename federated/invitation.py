"""What the coordinator and an institution send each other before the institution is a member. Pure; floor 3.

An invitation goes out, signed by the coordinator; an application comes back, signed by the institution; once the charter
names it, its signature follows. Each is one JSON file that can travel by e-mail. The invitation's code is good for one
application, and the coordinator keeps its digest alone. Who takes an invitation trusts the key in it: compare its
fingerprint with the coordinator by another way, such as the telephone.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from federated import charter, errors, signing
from federated.charter import Seat
from federated.policy import Policy

FORMAT = 1


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


Document = Invitation | Application | Signature
_KINDS: Mapping[str, type[Document]] = {"invitation": Invitation, "application": Application, "signature": Signature}
_NESTED: Mapping[type, type] = {Policy: Policy, Seat: Seat}
