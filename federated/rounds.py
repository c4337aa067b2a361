"""The coordinator's side of a round: ask, guard, open the sum, note. How a message travels is an argument. Floor 3.

An institution that drops out, or whose answer the guard refuses, is not asked again in this run, so that no round
waits twice for it; the run goes on with the others and says so. Where sums are masked, the first round is preceded by a
set-up of keys, and each answer is followed by a question that opens the sum of those who answered, and nothing else.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy.typing as npt

from federated import errors, guard, masks, messages
from federated.masking import keys, letters, session, streams, totals
from federated.masking.keys import SIZE, Context, Roster
from federated.messages import Array, Packet, Place
from recommender import artifact
from recommender.parameters import Parameters
from recommender.space import Space


@dataclass(frozen=True)
class Answer:
    """What came back from one institution: a packet, or a code of `errors`; and the bytes sent to it and by it."""

    packet: Packet | None
    code: int = 0
    bytes_down: int = 0
    bytes_up: int = 0


Exchange = Callable[[Mapping[str, Packet]], Mapping[str, Answer]]


@dataclass(frozen=True, eq=False)
class Channel:
    """How to talk to the institutions.

    Attributes:
        space: the catalog by column, which says what their answers look like.
        place: the charter in force and the run.
        exchange: sends each institution its packet and returns their answers, all within a bounded time.
    """

    space: Space
    place: Place
    exchange: Exchange


@dataclass(frozen=True)
class Round:
    """What happened in one round; a line of the ledger.

    Attributes:
        number: from 1; the last one is of kind "publish".
        kind: one of `messages.KINDS` or of `private.KINDS`.
        members: institutions whose answers are in the sum, sorted.
        dropped: institution -> reason, those that dropped out in this round.
        objective: what the fit minimises, at the weights that the round asked with; None without sums.
        step: largest change of a weight by the step after it; None without sums.
        promise: by how much that step lowers the mean log loss, nats an answer; None without sums or after half a step.
        epsilon: what the run has cost each learner up to here; None under `exact`.
        refused: institution -> reason, those whose protected message was left out of the sum.
        bytes_down: payload sent to all institutions.
        bytes_up: payload sent by all institutions.
        seconds: how long it took.
        model: digest of the model after the round, see `artifact.digest`; empty before there is one.
    """

    number: int
    kind: str
    members: tuple[str, ...]
    dropped: dict[str, str] = field(default_factory=dict)
    objective: float | None = None
    step: float | None = None
    promise: float | None = None
    epsilon: float | None = None
    refused: dict[str, str] = field(default_factory=dict)
    bytes_down: int = 0
    bytes_up: int = 0
    seconds: float = 0.0
    model: str = ""


@dataclass(frozen=True, eq=False)
class Checkpoint:
    """Where a run stands after a round, to be resumed there.

    Attributes:
        phase: how many phases are done.
        round: how many rounds are closed.
        attempt: the last attempt at masks.
        arrays: what is known, by name.
        numbers: likewise.
    """

    phase: int
    round: int
    attempt: int
    arrays: Mapping[str, npt.NDArray[Any]]
    numbers: Mapping[str, float]


@dataclass
class Rounds:
    """A run as it goes: who is still there, what they know, the round that is open.

    Attributes:
        channel: how to talk to the institutions.
        minimum: fewest institutions that a round goes on with.
        members: those that are there.
        note: told of every round as it ends.
        clock: seconds, for how long a round took.
        lost: institution -> reason, those that drop out of the round that is open.
        done: how many rounds were closed before, where a run is resumed.
    """

    channel: Channel
    minimum: int
    members: tuple[str, ...]
    note: Callable[[Round], None]
    clock: Callable[[], float] = time.monotonic
    lost: dict[str, str] = field(default_factory=dict)
    done: int = 0
    dropped: dict[str, str] = field(default_factory=dict)
    closed: list[Round] = field(default_factory=list)
    known: Parameters | None = None
    _open: Round = field(default_factory=lambda: Round(0, "", ()))
    _begun: float = 0.0
    _asked: int = 0
    _turn: int = 0
    _roster: Roster | None = None
    _parcels: dict[str, bytes] = field(default_factory=dict)

    @property
    def number(self) -> int:
        """The number of the round that is open, or comes next."""
        return self.done + len(self.closed) + 1

    @property
    def count(self) -> int:
        """How many institutions' answers are in the sum of the round that is open."""
        return len(self._open.members)

    def refuse(self, refused: Mapping[str, str]) -> None:
        """Note whose protected message was left out of the open round's sum, and why; it may take part in the next."""
        self._open = replace(self._open, refused=dict(refused))

    def ask(
        self,
        kind: str,
        form: Mapping[str, tuple[str, int]],
        *,
        parameters: Parameters | None = None,
        arrays: Mapping[str, Array] | None = None,
        numbers: Mapping[str, int] | None = None,
        minimum: int | None = None,
    ) -> dict[str, Packet]:
        """Begin a round: ask every member, and return the answers that the guard passed, by name.

        Args:
            kind: of the round.
            form: what an answer looks like, see `guard.answer`.
            parameters: the model that is asked about; of it travels what changed since the last question.
            arrays: what is asked with besides.
            numbers: likewise.
            minimum: fewest members to go on with; None: that of the run.

        Raises:
            RoundError: too few members are left.
        """
        if self._begun == 0.0:
            self._begun = self.clock()
        told, model, base = messages.changed(parameters, self.known) if parameters is not None else ({}, "", "")
        packets = {
            name: self._packet(kind, {**told, **(arrays or {})}, numbers, (model, base)) for name in self.members
        }
        for name, parcel in self._parcels.items():
            if name in packets and "turn" in packets[name].numbers:
                whole = {**packets[name].arrays, messages.PARCEL: messages.text(parcel)}
                packets[name] = replace(packets[name], arrays=whole)
        found = self._exchange(packets, form)
        if parameters is not None:
            self.known = parameters
        self.members = tuple(sorted(found))
        self._open = replace(self._open, kind=kind, members=self.members)
        self._enough(minimum)
        return found

    def total(
        self,
        kind: str,
        form: Mapping[str, tuple[str, int]],
        *,
        parameters: Parameters | None = None,
        arrays: Mapping[str, Array] | None = None,
        numbers: Mapping[str, int] | None = None,
    ) -> dict[str, streams.Words]:
        """Begin a round whose answers are masked, open their sum, and return it: name -> words.

        Args:
            kind: of the round.
            form: name -> (dtype, length) of the vectors behind the masks.
            parameters: as `ask`.
            arrays: as `ask`.
            numbers: as `ask`.

        Raises:
            RoundError: too few members are left to open the sum, or what they sent does not make one.
        """
        roster = self._ready()
        self._turn += 1
        turn = streams.Round(roster, self._turn, form)
        size = letters.OVERHEAD + streams.size(form)
        found = self.ask(
            kind,
            {messages.MASKED: ("uint8", size)},
            parameters=parameters,
            arrays=arrays,
            numbers={**(numbers or {}), "turn": self._turn},
        )
        self._parcels = {}
        masked = {name: packet.arrays[messages.MASKED].tobytes() for name, packet in found.items()}
        try:
            alive, bad = totals.answered(turn, masked)
            self._drop(dict.fromkeys(bad, errors.reason(errors.REFUSED)))
            reveals = self._reveal(turn, alive)
            opened = totals.unmask(turn, masked, alive, reveals)
        except (errors.MaskError, errors.SurvivorsError) as error:
            self.close()
            text = f"round {self.number - 1} ({kind}) was not opened: {error}; dropped out: {say(self.dropped)}"
            raise errors.RoundError(text) from error
        self._open = replace(self._open, members=alive)
        return opened

    def close(self, parameters: Parameters | None = None, **facts: Any) -> None:
        """End a round and note it; `facts` are fields of `Round`."""
        model = artifact.digest(parameters) if parameters is not None else ""
        dropped = {**self._open.dropped, **self.lost}
        self.dropped |= dropped
        self.lost = {}
        one = replace(
            self._open,
            number=self.number,
            dropped=dropped,
            seconds=self.clock() - self._begun,
            model=model,
            **facts,
        )
        self.closed.append(one)
        self._open, self._begun = Round(0, "", ()), 0.0
        self.note(one)

    def begin(self, turns: int) -> None:
        """Set masks up for so many turns with all members that answer; those that do not are lost.

        Raises:
            RoundError: too few are left for a masked sum.
        """
        self._begun = self.clock()
        while True:
            context = masks.context(self.channel.place, turns)
            size = {messages.OFFER: ("uint8", keys.offer_size(context))}
            offers = self._bytes(self._step(messages.OFFERS, size, numbers={"turns": turns}), messages.OFFER)
            bad = [name for name, offer in offers.items() if not _passes(keys.check, context, name, offer)]
            self._drop(dict.fromkeys(bad, errors.reason(errors.REFUSED)))
            good = {name: offer for name, offer in offers.items() if name not in bad}
            try:
                roster = keys.roster(context, good)
            except errors.SurvivorsError as error:
                self.close()
                text = f"no masks were set up: {error}; dropped out: {say(self.dropped)}"
                raise errors.RoundError(text) from error
            arrays = {f"{messages.OFFER}.{name}": messages.text(offer) for name, offer in good.items()}
            size = {messages.SHARE: ("uint8", session.bundle_size(roster))}
            bundles = self._bytes(self._step(messages.SHARES, size, arrays=arrays), messages.SHARE)
            bad = [name for name, bundle in bundles.items() if not _passes(session.check, roster, name, bundle)]
            self._drop(dict.fromkeys(bad, errors.reason(errors.REFUSED)))
            if not bad and bundles.keys() == good.keys():
                self._parcels = session.parcels(roster, bundles)
                self._roster, self._turn = roster, 0
                return
            # Somebody fell silent in between, or sent what is none: begin again without it, with fresh secrets.
            self.channel = replace(
                self.channel, place=replace(self.channel.place, attempt=self.channel.place.attempt + 1)
            )

    def _ready(self) -> Roster:
        if self._roster is None:
            raise errors.RoundError("no masks were set up before the first round")
        return self._roster

    def _reveal(self, turn: streams.Round, alive: tuple[str, ...]) -> dict[str, bytes]:
        roster = turn.roster
        arrays: dict[str, Array] = {messages.SURVIVORS: messages.survivors(roster.names, alive)}
        if len(roster.names) - len(alive) > keys.unconfirmed(roster):
            form = {messages.CONFIRMATION: ("uint8", letters.OVERHEAD)}
            told = self._step(messages.CONFIRM, form, arrays=arrays, numbers={"turn": turn.number})
            for name, said in self._bytes(told, messages.CONFIRMATION).items():
                arrays[f"{messages.CONFIRMATION}.{name}"] = messages.text(said)
        form = {messages.SHARE: ("uint8", letters.OVERHEAD + SIZE * len(roster.names))}
        return self._bytes(
            self._step(messages.REVEAL, form, arrays=arrays, numbers={"turn": turn.number}), messages.SHARE
        )

    def _step(
        self,
        kind: str,
        form: Mapping[str, tuple[str, int]],
        *,
        arrays: Mapping[str, Array] | None = None,
        numbers: Mapping[str, int] | None = None,
    ) -> dict[str, Packet]:
        """One more exchange of the round that is open, with those that are left."""
        packets = {name: self._packet(kind, arrays or {}, numbers, ("", "")) for name in self.members}
        found = self._exchange(packets, form)
        self.members = tuple(sorted(found))
        return found

    def _packet(
        self, kind: str, arrays: Mapping[str, Array], numbers: Mapping[str, int] | None, models: tuple[str, str]
    ) -> Packet:
        told = {"round": self.number, "exchange": self._asked + 1, **(numbers or {})}
        return Packet(kind, dict(arrays), told, messages.names(self.channel.space, self.channel.place, *models))

    def _exchange(self, packets: Mapping[str, Packet], form: Mapping[str, tuple[str, int]]) -> dict[str, Packet]:
        """Send, let the guard see every answer before anything is done with it, and remember who is lost and why."""
        self._asked += 1
        found: dict[str, Packet] = {}
        for name, answer in self.channel.exchange(packets).items():
            self._open = replace(
                self._open,
                bytes_down=self._open.bytes_down + answer.bytes_down,
                bytes_up=self._open.bytes_up + answer.bytes_up,
            )
            code = answer.code
            if answer.packet is not None:
                try:
                    guard.answer(answer.packet, packets[name], form)
                except errors.GuardError:
                    code = errors.REFUSED
                else:
                    found[name] = answer.packet
                    continue
            self.lost[name] = errors.reason(code)
        return found

    def _drop(self, lost: Mapping[str, str]) -> None:
        self.lost |= lost
        self.members = tuple(name for name in self.members if name not in lost)

    def _enough(self, minimum: int | None) -> None:
        if len(self.members) < (self.minimum if minimum is None else minimum):
            self.close()
            left = len(self.members)
            text = f"{left} institutions are left, {self.minimum} are needed; dropped out: {say(self.dropped)}"
            raise errors.RoundError(text)

    @staticmethod
    def _bytes(found: Mapping[str, Packet], array: str) -> dict[str, bytes]:
        return {name: packet.arrays[array].tobytes() for name, packet in found.items()}


def _passes(check: Callable[[Any, str, bytes], None], of: Context | Roster, name: str, message: bytes) -> bool:
    try:
        check(of, name, message)
    except errors.MaskError:
        return False
    return True


def say(dropped: Mapping[str, str]) -> str:
    """Return who dropped out and why, in words."""
    return ", ".join(f"{name} ({reason})" for name, reason in sorted(dropped.items())) or "nobody"
