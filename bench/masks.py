"""Masked sums among members made up for a measurement: what they cost, and what the coordinator sees of one member."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass

import numpy as np
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from numpy.typing import NDArray

from federated.masking import fixed, keys, session, streams, totals, turns

MEMBERS = 16
PARAMETERS = 50_000
BOUND = 1.0


@dataclass(frozen=True)
class Cost:
    """What a masked round costs a member.

    Attributes:
        overhead: Bytes of both its messages over 4 bytes a number.
        error: Largest difference of a number of the sum from the sum of the numbers.
        milliseconds: Of one core, masking and revealing.
    """

    overhead: float
    error: float
    milliseconds: float


def measure(members: int = MEMBERS, size: int = PARAMETERS, seed: int = 1) -> Cost:
    """Mask, reveal and unmask one round of random numbers."""
    names = [f"member-{number:02}" for number in range(members)]
    signers = {name: Ed25519PrivateKey.generate() for name in names}
    public = {name: signer.public_key().public_bytes_raw() for name, signer in signers.items()}
    context = keys.Context(os.urandom(32), "measurement", 1, keys.fewest(members), public)
    secrets = {name: keys.Secret(name, os.urandom(32)) for name in names}
    roster = keys.roster(context, {name: keys.offer(context, secrets[name], signers[name]) for name in names})
    parcels = session.parcels(roster, {name: session.share(roster, secrets[name], signers[name]) for name in names})
    sessions = {name: session.begin(roster, secrets[name], parcels[name]) for name in names}
    rng, grid = np.random.default_rng(seed), fixed.Grid(32, members, BOUND)
    values = {name: rng.uniform(-BOUND, BOUND, size) for name in names}
    states, masked, revealed, spent = {}, {}, {}, []
    for name in names:
        words, begins = {"values": fixed.encode(values[name], grid)}, time.process_time()
        states[name], masked[name] = turns.mask(sessions[name], turns.State(), 1, words, signers[name])
        spent.append(time.process_time() - begins)
    turn = streams.Round(roster, 1, {"values": ("uint32", size)})
    there, _ = totals.answered(turn, masked)
    for number, name in enumerate(names):
        begins = time.process_time()
        _, revealed[name] = turns.reveal(sessions[name], states[name], 1, there, signers[name])
        spent[number] += time.process_time() - begins
    found = fixed.decode(totals.unmask(turn, masked, there, revealed)["values"], grid)
    sent = len(masked[names[0]]) + len(revealed[names[0]])
    return Cost(
        overhead=sent / (4 * size),
        error=float(np.abs(found - np.sum(list(values.values()), axis=0)).max()),
        milliseconds=1000.0 * float(np.median(spent)),
    )


def seen(words: NDArray[np.uint32], others: int) -> NDArray[np.uint32]:
    """Return a member's words under masks with so many others, as the coordinator sees them: a new key each time."""
    block = streams.join({"words": words})
    for number in range(others + 1):
        streams.add(block, os.urandom(32), 1 if number % 2 else -1)
    return block.narrow
