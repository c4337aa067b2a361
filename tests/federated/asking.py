"""Questions as a coordinator puts them, made by hand: of a charter on disk, or of one that nobody signed."""

from dataclasses import replace

from federated import messages, pki, signing
from federated.charter import Charter, Seat
from federated.messages import Packet, Place
from federated.policy import Policy
from federated.settings import Member
from tests.federated import builders

NAMES = ("east", "north", "south", "west")


def charter(rules=None, names=NAMES, learners=40):
    """Terms that nobody signed, for what looks at no signature."""
    seats = [Seat(name, builders.ENTITY, builders.PLACE, learners, f"key of {name}", "00" * 32) for name in names]
    return Charter(
        consortium="Learning together",
        version=1,
        policy=rules or Policy("exact", builders.ENTITY, builders.PLACE),
        catalog="oulad",
        fingerprint="0" * 64,
        address="127.0.0.1:443",
        software="0",
        bundle="0" * 64,
        coordinator="00" * 32,
        legal_entity=builders.ENTITY,
        jurisdiction=builders.PLACE,
        members=tuple(seats),
    )


def place(rules=None, run="1", attempt=1):
    return Place(charter(rules), run, attempt)


def question(space, where, kind, parameters=None, *, base=None, arrays=None, **numbers):
    """One question; a model travels as what differs from `base`."""
    told, model, known = messages.changed(parameters, base) if parameters is not None else ({}, "", "")
    numbers = {"round": 1, "exchange": 1, **numbers}
    return Packet(kind, {**told, **(arrays or {})}, numbers, messages.names(space, where, model, known))


def circle(root, names=NAMES, rules=None):
    """Institutions with signing keys and no records, and the place of a run of theirs: all that masks need."""
    members = {}
    for name in names:
        own = root / name
        members[name] = Member(name, "", own / "models", state=own / "state", signing_key=own / "signing.key")
        pki.create_signing_key(members[name].signing_key)
    agreed = charter(rules, names)
    seats = [
        replace(one, signing_key=signing.public(pki.signing_key(members[one.name].signing_key)))
        for one in agreed.members
    ]
    return members, Place(replace(agreed, members=tuple(seats)), "1")
