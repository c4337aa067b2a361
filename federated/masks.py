"""An institution's masks of a run, kept on its own disk before anything is sent. Floor 3; at the institution alone.

Each message is answered by a process of its own, and any of them may be killed, so what was said lies in
<state>/runs/<run>/: the secret of the latest set-up, the session that came of it, what was said in it. A run that is
resumed makes new masks. Of a round whose sum was opened once, nothing is masked again, whatever the attempt: the
difference of two sums over different members would be one member's own.
"""

import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from federated import charter as charters
from federated import errors, files, messages, pki, policy
from federated.masking import keys, session, streams, turns
from federated.masking.keys import Context, Secret
from federated.masking.session import Session
from federated.messages import Packet, Place
from federated.settings import Member

MOST_TURNS = 64
_SECRET, _SESSION, _SAID, _OPENED = "secret", "session", "said", "opened"


@dataclass(frozen=True)
class Desk:
    """Where an institution keeps its masks of a run, and in whose name it speaks.

    Attributes:
        directory: of the run, at the institution.
        name: the institution's id.
        context: what all members know alike.
        key: the institution's signing key.
    """

    directory: Path
    name: str
    context: Context
    key: Ed25519PrivateKey


def context(place: Place, rounds: int) -> Context:
    """Return what all members of a run must know alike; raises MaskError where it cannot be."""
    members = charters.signing_keys(place.charter)
    return Context(
        charter=bytes.fromhex(charters.digest(place.charter)),
        run=f"{place.run}.{place.attempt}",
        rounds=rounds,
        threshold=policy.survivors(len(members), place.charter.policy.colluding),
        members=members,
    )


def sit(member: Member, place: Place, rounds: int | None = None) -> Desk:
    """Return an institution's desk for a run.

    Args:
        member: the institution.
        place: what a question says of itself.
        rounds: masked rounds of the set-up; None: as many as it was begun with.

    Raises:
        MaskError: there was no set-up of this run here, or too many rounds are asked for.
    """
    directory = member.state / "runs" / place.run
    if rounds is None:
        rounds = int.from_bytes(_read(directory / _SECRET)[keys.SIZE :], "big")
    if not 1 <= rounds <= MOST_TURNS:
        text = f"a run of {rounds} masked rounds; use 1 to {MOST_TURNS}"
        raise errors.MaskError(text)
    return Desk(directory, member.institution, context(place, rounds), pki.signing_key(member.signing_key))


def offer(member: Member, place: Place, rounds: int) -> bytes:
    """Begin a set-up: make a secret, keep it, and return the offer of its public keys."""
    desk = sit(member, place, rounds)
    secret = Secret(desk.name, os.urandom(keys.SIZE))
    # The new secret first: killed in between, the former session still stands with all that it has said.
    files.keep(desk.directory / _SECRET, secret.entropy + rounds.to_bytes(4, "big"))
    for name in (_SESSION, _SAID):
        (desk.directory / name).unlink(missing_ok=True)
    return keys.offer(desk.context, secret, desk.key)


def share(member: Member, place: Place, asked: Packet) -> bytes:
    """Return the shares of the institution's secrets, sealed for each other member whose offer came."""
    desk = sit(member, place)
    roster = keys.roster(desk.context, _texts(asked, messages.OFFER))
    files.keep(desk.directory / "roster", _dump_offers(roster.offers))
    return session.share(roster, _secret(desk), desk.key)


def mask(member: Member, place: Place, asked: Packet, vectors: dict[str, streams.Words]) -> bytes:
    """Return the institution's vectors under its masks of a turn.

    Args:
        member: the institution.
        place: what the question says of itself.
        asked: the question: its number "turn"; in the first turn the parcel of shares that others sealed for it.
        vectors: name -> words.

    Raises:
        MaskError: the sum of this round was opened before, or as `turns.mask`.
    """
    desk = sit(member, place)
    if int(asked.numbers["round"]) in _opened(desk):
        text = f"the sum of round {asked.numbers['round']} was opened before; nothing is masked for it again"
        raise errors.MaskError(text)
    if messages.PARCEL in asked.arrays and not (desk.directory / _SESSION).exists():
        roster = keys.roster(desk.context, _load_offers(_read(desk.directory / "roster")))
        begun = session.begin(roster, _secret(desk), asked.arrays[messages.PARCEL].tobytes())
        files.keep(desk.directory / _SESSION, session.dump(begun))
    whole, said = _session(desk)
    then, message = turns.mask(whole, said, int(asked.numbers["turn"]), vectors, desk.key)
    files.keep(desk.directory / _SAID, turns.dump(then))
    return message


def confirm(member: Member, place: Place, asked: Packet) -> bytes:
    """Return the institution's word on who is left in a turn."""
    desk = sit(member, place)
    whole, said = _session(desk)
    alive = messages.alive(whole.roster.names, asked)
    then, message = turns.confirm(whole, said, int(asked.numbers["turn"]), alive, desk.key)
    files.keep(desk.directory / _SAID, turns.dump(then))
    return message


def reveal(member: Member, place: Place, asked: Packet) -> bytes:
    """Return the institution's shares of what unmasks the sum of a turn."""
    desk = sit(member, place)
    whole, said = _session(desk)
    alive = messages.alive(whole.roster.names, asked)
    confirmed = _texts(asked, messages.CONFIRMATION)
    number = int(asked.numbers["turn"])
    then, message = turns.reveal(whole, said, number, alive, desk.key, confirmations=confirmed)
    files.keep(desk.directory / _SAID, turns.dump(then))
    opened = sorted({*_opened(desk), int(asked.numbers["round"])})
    files.keep(desk.directory / _OPENED, json.dumps(opened).encode())
    return message


def clear(member: Member, run: str) -> None:
    """Remove the masks of a run that is over."""
    shutil.rmtree(member.state / "runs" / run, ignore_errors=True)


def _texts(asked: Packet, kind: str) -> dict[str, bytes]:
    """What a question passes on of members, by name: its arrays "KIND.NAME"."""
    start = f"{kind}."
    return {name[len(start) :]: array.tobytes() for name, array in asked.arrays.items() if name.startswith(start)}


def _secret(desk: Desk) -> Secret:
    return Secret(desk.name, _read(desk.directory / _SECRET)[: keys.SIZE])


def _session(desk: Desk) -> tuple[Session, turns.State]:
    whole = session.load(desk.context, _read(desk.directory / _SESSION))
    path = desk.directory / _SAID
    return whole, turns.load(path.read_bytes()) if path.exists() else turns.State()


def _opened(desk: Desk) -> set[int]:
    """The rounds whose sums were opened in an earlier turn of any attempt."""
    path = desk.directory / _OPENED
    return set(json.loads(path.read_bytes())) if path.exists() else set()


def _dump_offers(offers: Mapping[str, bytes]) -> bytes:
    return json.dumps({name: offer.hex() for name, offer in offers.items()}).encode()


def _load_offers(content: bytes) -> dict[str, bytes]:
    return {name: bytes.fromhex(offer) for name, offer in json.loads(content).items()}


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError as error:
        text = f"{path.name} of this run is not here: the institution took no part in its set-up, or the run is over"
        raise errors.MaskError(text) from error
