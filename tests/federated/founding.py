"""Charters, members and their keys, valid by default."""

from dataclasses import replace

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from federated import charter as charters
from federated import signing
from federated.charter import Charter, Seat
from federated.policy import Policy

RULES = Policy("source-noise", epsilon=1.0, delta=1e-5)


def key(seed):
    """An Ed25519 key, the same for the same seed."""
    return Ed25519PrivateKey.from_private_bytes(bytes([seed]) * 32)


def node(seed):
    """The public key of a SuperNode as OpenSSH text, the same for the same seed."""
    public = ec.derive_private_key(seed + 1, ec.SECP384R1()).public_key()
    return public.public_bytes(serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH).decode()


COORDINATOR = key(0)
KEYS = {"north": key(1), "south": key(2), "west": key(3)}


def seat(name, seed, **changes):
    """A member's entry."""
    made = Seat(name, f"University of {name}", "DE", 120, node(seed), signing.public(key(seed)))
    return replace(made, **changes)


SEATS = tuple(seat(name, number) for number, name in enumerate(KEYS, start=1))


def draft(**changes):
    """A charter of three members that nobody has signed."""
    made = Charter(
        consortium="Learning together",
        version=3,
        policy=RULES,
        catalog="oulad",
        fingerprint="ab" * 32,
        address="learn.example.org:443",
        software="0.1.0",
        bundle="cd" * 32,
        coordinator=signing.public(COORDINATOR),
        legal_entity="University of north",
        jurisdiction="DE",
        members=SEATS,
    )
    return replace(made, **changes)


def signed(charter, *names):
    """A charter with its seal, and signed by those members, by all three if none is named."""
    signatures = {name: charters.sign(charter, KEYS[name]) for name in names or KEYS}
    return replace(charter, seal=charters.sign(charter, COORDINATOR), signatures=signatures)
