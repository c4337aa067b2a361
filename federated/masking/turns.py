"""A member's part of a round: it masks, and later reveals one share of each member, never both. Pure; floor 3.

A vector is masked by a stream for each other member of the roster, added by the one and subtracted by the other, and by
a stream of its own (Bonawitz et al. 2017). When the coordinator has the masked vectors it says who answered. Of those a
member reveals its share of the seed of their own mask, of all others its share of their key of the round: so the own
masks of those who answered go away, and the masks that the others would have cancelled.

What a member has said in a round is its `State`. The caller must keep it, durably, BEFORE it sends an answer: a member
that forgets what it said can be made to mask two vectors alike, or to reveal both shares. A question that is asked
again is answered by the same bytes; another question in the same round is refused.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from federated import errors
from federated.masking import keys, letters, streams
from federated.masking.keys import SIZE, Roster
from federated.masking.session import Session
from federated.masking.streams import Round, Words

SEEDS, KEYS = 0, 1  # which of the shares that a session holds


@dataclass(frozen=True)
class State:
    """What a member has said so far with one secret.

    Attributes:
        roster: digest of the roster that it masked for, 32 bytes; noughts: for none yet.
        number: the last round that it masked a vector in; 0: none yet.
        said: digest of that vector, 32 bytes.
        view: digest of the survivors that it confirmed or revealed for in that round, 32 bytes; noughts: none yet.
    """

    roster: bytes = bytes(SIZE)
    number: int = 0
    said: bytes = bytes(SIZE)
    view: bytes = bytes(SIZE)


def mask(
    session: Session, state: State, number: int, vectors: Mapping[str, Words], signer: Ed25519PrivateKey
) -> tuple[State, bytes]:
    """Return a member's masked vectors.

    Args:
        session: of the run.
        state: what it has said so far.
        number: of the masked round, from 1, above that of `state`.
        vectors: name -> uint32 or uint64 [n]; the same names, dtypes and lengths at all members.
        signer: its long-term key.

    Returns:
        The state to keep before the message is sent; the message: 4 or 8 bytes a number, and 68.

    Raises:
        MaskError: the round is past, not of this run, or was masked with other vectors; a vector is not flat or not of
            these dtypes; the secret has masked for another roster.
    """
    turn, name = Round(session.roster, number, streams.form(vectors)), session.secret.name
    # Under two rosters both secrets of one round could be asked for, one under each.
    if state.roster not in {bytes(SIZE), session.roster.digest}:
        text = "this secret has masked for other offers; another set-up needs a secret of its own"
        raise errors.MaskError(text)
    block = streams.join(vectors)
    said = letters.digest("said", streams.digest(turn.form), hashlib.sha256(streams.dump(block)).digest())
    if number < state.number or (number == state.number and said != state.said):
        text = f"round {number} is past, or was answered with other numbers; its masks may not be used again"
        raise errors.MaskError(text)
    context = session.roster.context
    own = keys.exchange_key(context, session.secret, number)
    streams.add(block, streams.own_key(turn, keys.seed(context, session.secret, number), name), 1)
    for other in session.roster.names:
        if other != name:
            streams.add(block, streams.pair_key(turn, own, name, other), streams.sign(name, other))
    then = state if number == state.number else State(session.roster.digest, number, said)
    return then, letters.write("masked", masked_bound(turn, name), streams.dump(block), signer)


def confirm(
    session: Session, state: State, number: int, survivors: Sequence[str], signer: Ed25519PrivateKey
) -> tuple[State, bytes]:
    """Return a member's signature on who is left in a round; asked for where many are missing (`keys.unconfirmed`).

    In that round it then reveals for no others. Arguments and errors as `reveal`; the message has 68 bytes.
    """
    then, seen = _see(session, state, number, survivors)
    return then, letters.write("confirmation", (seen, session.secret.name), b"", signer)


def reveal(
    session: Session,
    state: State,
    number: int,
    survivors: Sequence[str],
    signer: Ed25519PrivateKey,
    *,
    confirmations: Mapping[str, bytes] | None = None,
) -> tuple[State, bytes]:
    """Return a member's share of the seed of each survivor, and of the key of each other member of the roster.

    Args:
        session: of the run.
        state: what it has said so far.
        number: of the masked round; the last one that it masked a vector in.
        survivors: names of those whose masked vectors are to be summed.
        signer: its long-term key.
        confirmations: name -> message of `confirm` on the same survivors; needed from as many as the threshold where
            more than `keys.unconfirmed(roster)` are missing.

    Returns:
        The state to keep before the message is sent; the message: 32 bytes a member of the roster, and 68.

    Raises:
        MaskError: it did not mask in this round, or said something else already; a confirmation is not what its sender
            signed.
        SurvivorsError: fewer than the threshold, a name twice or unknown, or the member itself not among them; too few
            confirmations.
    """
    then, seen = _see(session, state, number, survivors)
    roster = session.roster
    if len(roster.names) - len(survivors) > keys.unconfirmed(roster):
        _confirmed(roster, seen, survivors, confirmations or {})
    shares = (session.held[name][SEEDS if name in survivors else KEYS, number - 1] for name in roster.names)
    body = b"".join(share.tobytes() for share in shares)
    return then, letters.write("reveal", (seen, session.secret.name), body, signer)


def dump(state: State) -> bytes:
    """Return a state as 100 bytes."""
    return state.number.to_bytes(4, "big") + state.roster + state.said + state.view


def load(data: bytes) -> State:
    """Return the state that `dump` wrote.

    Raises:
        MaskError: it has another length.
    """
    if len(data) != 4 + 3 * SIZE:
        text = f"what a member has said takes {4 + 3 * SIZE} bytes, not {len(data)}"
        raise errors.MaskError(text)
    roster, said, view = (data[at : at + SIZE] for at in range(4, len(data), SIZE))
    return State(roster, int.from_bytes(data[:4], "big"), said, view)


def masked_bound(turn: Round, name: str) -> tuple[letters.Part, ...]:
    """Return what a masked vector is bound to."""
    return turn.roster.digest, turn.number, streams.digest(turn.form), name


def view(roster: Roster, number: int, survivors: Sequence[str]) -> bytes:
    """Return the digest of who is left in a round, 32 bytes, which confirmations and reveals are bound to.

    Raises:
        SurvivorsError: fewer than the threshold, a name twice or unknown.
    """
    if len(set(survivors)) != len(survivors) or not set(survivors) <= set(roster.names):
        text = "the survivors of a round are members of its roster, each once"
        raise errors.SurvivorsError(text)
    if len(survivors) < roster.context.threshold:
        text = f"{len(survivors)} members are left; it takes {roster.context.threshold} to unmask a sum"
        raise errors.SurvivorsError(text)
    return letters.digest("view", roster.digest, number, *sorted(survivors))


def _see(session: Session, state: State, number: int, survivors: Sequence[str]) -> tuple[State, bytes]:
    """The state once the member has spoken for these survivors, and their digest."""
    seen = view(session.roster, number, survivors)
    if session.secret.name not in survivors:
        text = f"{session.secret.name} is said to be missing; it reveals nothing where its own vector is left out"
        raise errors.SurvivorsError(text)
    if (session.roster.digest, number) != (state.roster, state.number):
        text = f"round {number} is not the one that this member masked last, {state.number}"
        raise errors.MaskError(text)
    if state.view not in {bytes(SIZE), seen}:
        text = f"in round {number} this member has spoken for other survivors already"
        raise errors.MaskError(text)
    return replace(state, view=seen), seen


def _confirmed(roster: Roster, seen: bytes, survivors: Sequence[str], confirmations: Mapping[str, bytes]) -> None:
    for name, message in confirmations.items():
        if name not in survivors:
            text = f"a confirmation of {name}, who is not among the survivors"
            raise errors.SurvivorsError(text)
        letters.read(message, "confirmation", (seen, name), 0, public=roster.context.members[name], sender=name)
    if len(confirmations) < roster.context.threshold:
        missing = len(roster.names) - len(survivors)
        text = f"{missing} members are missing; {roster.context.threshold} of the others must confirm who is left"
        raise errors.SurvivorsError(text)
