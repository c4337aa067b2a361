"""The coordinator's part of a masked round: who answered, and their sum. Pure; floor 3.

It learns the sum over the survivors and nothing else: of those the own masks are undone, of the others the masks that
the survivors share with them. What shares make up is checked against what the member offered; where there are more
shares than it takes, one wrong share is found and left out.
"""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import numpy.typing as npt
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from federated import errors
from federated.masking import keys, letters, shamir, streams, turns
from federated.masking.keys import SIZE
from federated.masking.streams import Block, Round, Words

Bytes = npt.NDArray[np.uint8]


def answered(turn: Round, masked: Mapping[str, bytes]) -> tuple[tuple[str, ...], dict[str, str]]:
    """Return who answered well in a round, sorted, and why others did not: name -> reason.

    Args:
        turn: the round.
        masked: name -> message of `turns.mask`.

    Raises:
        SurvivorsError: fewer than the threshold: the round ends, and nobody is asked to reveal anything.
    """
    good, bad = [], {}
    for name in sorted(masked):
        try:
            _vector(turn, name, masked[name])
        except errors.MaskError as error:
            bad[name] = str(error)
        else:
            good.append(name)
    turns.view(turn.roster, turn.number, good)
    return tuple(good), bad


def unmask(
    turn: Round, masked: Mapping[str, bytes], survivors: Sequence[str], reveals: Mapping[str, bytes]
) -> dict[str, Words]:
    """Return the sum of the survivors' vectors, modulo 2^32 or 2^64: name -> words.

    Args:
        turn: the round.
        masked: name -> message of `turns.mask`, of the survivors at least.
        survivors: as the members were told.
        reveals: name -> message of `turns.reveal`; one that is not what its sender signed is left out.

    Raises:
        SurvivorsError: fewer good reveals than the threshold.
        MaskError: what shares make up is not what its member offered; a survivor's vector is missing or not what it
            signed.
    """
    if missing := sorted(set(survivors) - masked.keys()):
        text = f"no masked vectors of {', '.join(missing)}, who are said to be among the survivors"
        raise errors.MaskError(text)
    secrets = _secrets(turn, survivors, _shares(turn, survivors, reveals))
    total = streams.zeros(turn.form)
    for name in survivors:
        streams.gather(total, _vector(turn, name, masked[name]))
        streams.add(total, streams.own_key(turn, secrets[name], name), -1)
    for name in sorted(secrets.keys() - set(survivors)):
        for other in survivors:
            streams.add(total, streams.pair_key(turn, secrets[name], name, other), streams.sign(name, other))
    return streams.part(total, turn.form)


def _vector(turn: Round, name: str, message: bytes) -> Block:
    if name not in turn.roster.names:
        text = f"{name} is not on the roster of this run"
        raise errors.MaskError(text)
    size, public = streams.size(turn.form), turn.roster.context.members[name]
    body = letters.read(message, "masked", turns.masked_bound(turn, name), size, public=public, sender=name)
    return streams.load(body, turn.form)


def _shares(turn: Round, survivors: Sequence[str], reveals: Mapping[str, bytes]) -> dict[int, Bytes]:
    """Point -> the shares that were revealed there, uint8 [members of the roster, 32]."""
    roster = turn.roster
    seen = turns.view(roster, turn.number, survivors)
    size = SIZE * len(roster.names)
    found, faults = {}, []
    for sender in sorted(set(survivors) & reveals.keys()):
        public = roster.context.members[sender]
        try:
            body = letters.read(reveals[sender], "reveal", (seen, sender), size, public=public, sender=sender)
        except errors.MaskError as error:
            faults.append(str(error))
        else:
            found[roster.names.index(sender) + 1] = np.frombuffer(body, np.uint8).reshape(-1, SIZE)
    if len(found) < roster.context.threshold:
        text = "; ".join((f"{len(found)} members revealed; it takes {roster.context.threshold}", *faults))
        raise errors.SurvivorsError(text)
    return found


def _secrets(turn: Round, survivors: Sequence[str], shares: Mapping[int, Bytes]) -> dict[str, bytes]:
    """Name -> the seed of a survivor, or the key of another member."""
    left = dict(enumerate(turn.roster.names))
    found: dict[str, bytes] = {}
    for chosen in _choices(shares, turn.roster.context.threshold):
        made = shamir.combine(chosen, turn.roster.context.threshold)
        for place, name in tuple(left.items()):
            if _offered(turn, name, made[place].tobytes(), alive=name in survivors):
                found[name] = made[place].tobytes()
                del left[place]
        if not left:
            return found
    text = f"the shares of the secrets of {', '.join(left.values())} do not make up what was offered"
    raise errors.MaskError(text)


def _choices(shares: Mapping[int, Bytes], threshold: int) -> Iterator[Mapping[int, Bytes]]:
    """All shares, then without each one of those that are used, if there are enough others."""
    yield shares
    if len(shares) > threshold:
        for without in sorted(shares)[:threshold]:
            yield {point: share for point, share in shares.items() if point != without}


def _offered(turn: Round, name: str, secret: bytes, *, alive: bool) -> bool:
    roster, number = turn.roster, turn.number
    if alive:
        return keys.mark(keys.digest(roster.context), name, number, secret) == roster.marks[name][number - 1]
    public = X25519PrivateKey.from_private_bytes(secret).public_key().public_bytes_raw()
    return public == roster.exchange[name][number - 1]
