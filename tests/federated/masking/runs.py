"""A run of masked sums among members of a test, set up as the coordinator would."""

import hashlib
from dataclasses import dataclass

import numpy as np
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from federated.masking import keys, session, streams, totals, turns

SOME = 7  # numbers of each width


@dataclass
class Run:
    """All sides of a run."""

    context: keys.Context
    signers: dict
    secrets: dict
    roster: keys.Roster
    sessions: dict

    def turn(self, number=1):
        return streams.Round(self.roster, number, streams.form(vectors("any")))


def entropy(*names):
    return hashlib.sha256(repr(names).encode()).digest()


def signer(name):
    return Ed25519PrivateKey.from_private_bytes(entropy("signer", name))


def names(number):
    return [f"uni-{chr(97 + place)}" for place in range(number)]


def context(number, *, run="run-1", rounds=2, threshold=None):
    members = {name: signer(name).public_key().public_bytes_raw() for name in names(number)}
    least = keys.fewest(number) if threshold is None else threshold
    return keys.Context(entropy("charter"), run, rounds, least, members)


def secret(name, attempt=0):
    return keys.Secret(name, entropy("secret", name, attempt))


def begin(number, *, present=None, **changes):
    """Set a run up among those who are there."""
    about = context(number, **changes)
    there = sorted(about.members if present is None else present)
    signers = {name: signer(name) for name in there}
    secrets = {name: secret(name) for name in there}
    offers = {name: keys.offer(about, secrets[name], signers[name]) for name in there}
    roster = keys.roster(about, offers)
    bundles = {name: session.share(roster, secrets[name], signers[name]) for name in there}
    parcels = session.parcels(roster, bundles)
    sessions = {name: session.begin(roster, secrets[name], parcels[name]) for name in there}
    return Run(about, signers, secrets, roster, sessions)


def vectors(name):
    rng = np.random.default_rng(list(name.encode()))
    return {
        "gradient": rng.integers(0, 2**64, SOME, dtype=np.uint64),
        "counts": rng.integers(0, 2**32, SOME, dtype=np.uint32),
        "more": rng.integers(0, 2**32, 2, dtype=np.uint32),
    }


def total(members):
    parts = [vectors(name) for name in members]
    return {name: sum(part[name] for part in parts[1:]) + parts[0][name] for name in parts[0]}


def masked(run, members=None, number=1):
    """States and messages of those who mask their vectors."""
    states, messages = {}, {}
    for name in run.roster.names if members is None else members:
        states[name], messages[name] = turns.mask(
            run.sessions[name], turns.State(), number, vectors(name), run.signers[name]
        )
    return states, messages


def revealed(run, states, survivors, members=None, number=1):
    """Messages of those who reveal, confirmed by them first where that is needed."""
    speakers, confirmations = survivors if members is None else members, {}
    if len(run.roster.names) - len(survivors) > keys.unconfirmed(run.roster):
        for name in speakers:
            states[name], confirmations[name] = turns.confirm(
                run.sessions[name], states[name], number, survivors, run.signers[name]
            )
    messages = {}
    for name in speakers:
        states[name], messages[name] = turns.reveal(
            run.sessions[name], states[name], number, survivors, run.signers[name], confirmations=confirmations
        )
    return messages


def flipped(message, bit):
    found = bytearray(message)
    found[bit // 8] ^= 1 << bit % 8
    return bytes(found)


def unmasked(run, states, messages, number=1):
    """The sum of who masked its vectors, all of whom reveal."""
    survivors, _ = totals.answered(run.turn(number), messages)
    return totals.unmask(run.turn(number), messages, survivors, revealed(run, states, survivors, number=number))


def summed(run, given):
    """The sum of the vectors that are given for each member."""
    states, messages = {}, {}
    for name, one in given.items():
        states[name], messages[name] = turns.mask(run.sessions[name], turns.State(), 1, one, run.signers[name])
    turn = streams.Round(run.roster, 1, streams.form(one))
    return totals.unmask(turn, messages, run.roster.names, revealed(run, states, run.roster.names))
