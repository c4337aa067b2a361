"""Lead a fit over institutions: ask, guard, add up, step, note. How a message travels is an argument. Floor 3.

An institution that drops out of a round, or whose answer the guard refuses, is not asked again in this run, so that no
round waits twice for it; the fit goes on with the others and says so. What it counted before stays in the tables.
"""

import functools
import math
import operator
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from federated import errors, guard, messages, task
from federated.messages import Packet
from federated.policy import Policy
from recommender import artifact
from recommender.parameters import Parameters
from recommender.space import Space
from recommender.tracing import Sums

# What is left after a Newton step is of the order of its promise squared; with few answers for many weights steps
# converge more slowly, and it takes so small a promise until no prediction moves by a thousandth any longer.
TOLERANCE = 1e-6


@dataclass(frozen=True)
class Answer:
    """What came back from one institution: a packet, or a code of `errors`; and the bytes sent to it and by it."""

    packet: Packet | None
    code: int = 0
    bytes_down: int = 0
    bytes_up: int = 0


Exchange = Callable[[Packet, tuple[str, ...]], Mapping[str, Answer]]


@dataclass(frozen=True, eq=False)
class Channel:
    """How to talk to the institutions.

    Attributes:
        space: the catalog by column, which says what their answers look like.
        policy: the declared one.
        exchange: sends a packet to institutions and returns their answers, all within a bounded time.
    """

    space: Space
    policy: Policy
    exchange: Exchange


@dataclass(frozen=True)
class Plan:
    """What a run aims at; numbers only.

    Attributes:
        rounds: at most so many rounds of sums, Newton's steps; those of counting come before.
        tolerance: stop after a step that lowered the mean log loss by less (nats an answer, see `tracing.promise`).
        penalty: scale of the pulls to 0; 1 is that of the centralised fit.
        minimum: fewest institutions that a round goes on with.
    """

    rounds: int = 6
    tolerance: float = TOLERANCE
    penalty: float = 1.0
    minimum: int = 2


@dataclass(frozen=True)
class Round:
    """What happened in one round; a line of the ledger.

    Attributes:
        number: from 1; the last one is of kind "publish".
        kind: one of `messages.KINDS`.
        members: institutions that took part, sorted.
        dropped: institution -> reason, those that dropped out in this round.
        objective: what the fit minimises, at the weights that the round asked with; None without sums.
        step: largest change of a weight by the step after it; None without sums.
        promise: by how much that step lowers the mean log loss, nats an answer; None without sums or after half a step.
        bytes_down: payload sent to all institutions.
        bytes_up: payload sent by all institutions.
        seconds: how long it took.
        model: digest of the model after the round, see `artifact.digest`.
    """

    number: int
    kind: str
    members: tuple[str, ...]
    dropped: dict[str, str]
    objective: float | None = None
    step: float | None = None
    promise: float | None = None
    bytes_down: int = 0
    bytes_up: int = 0
    seconds: float = 0.0
    model: str = ""


@dataclass(frozen=True, eq=False)
class Result:
    """What a run came to: the shared model, its rounds, whether it converged, and who is still there."""

    parameters: Parameters
    rounds: tuple[Round, ...]
    converged: bool
    members: tuple[str, ...]
    dropped: dict[str, str] = field(default_factory=dict)


def lead(
    channel: Channel,
    plan: Plan,
    members: tuple[str, ...],
    note: Callable[[Round], None],
    *,
    absent: Mapping[str, str] | None = None,
    clock: Callable[[], float] = time.monotonic,
) -> Result:
    """Count, fit the shared model and have it published at every institution.

    Args:
        channel: how to talk to the institutions.
        plan: when to stop.
        members: the institutions that are there.
        note: told of every round as it ends.
        absent: institution -> reason, those that should be there and are not; they count as dropped in round 1.
        clock: seconds, for how long a round took.

    Raises:
        RoundError: fewer than `plan.minimum` institutions are left.
    """
    space = channel.space
    run = _Run(channel, plan, members, note, clock, lost=dict(absent or {}))
    now = run.known
    for kind in (messages.COUNTS, messages.CELLS):
        parts = [messages.unpack_counts(packet) for packet in run.ask(kind, now)]
        now = task.counted(kind, parts, space, now)
        run.close(now)
    packets = run.ask(messages.MOMENTS, now)
    seen = [messages.unpack_moments(packet) for packet in packets]
    scales = [task.scaled([one], space, now) for one in seen]
    now = task.scaled(seen, space, now)
    sums = (messages.unpack_sums(packet, space) for packet in packets)
    turned = [task.rescaled(one, scale, now, space) for one, scale in zip(sums, scales, strict=True)]
    state = run.step(task.State(now), functools.reduce(operator.add, turned))
    steps = 0
    while steps < plan.rounds and state.promise >= plan.tolerance:
        state = run.step(state, _total(run.ask(messages.SUMS, state.parameters), space))
        steps += 1
    run.ask(messages.PUBLISH, state.parameters, minimum=0)
    run.close(state.parameters)
    return Result(state.parameters, tuple(run.rounds), state.promise < plan.tolerance, run.members, run.dropped)


@dataclass
class _Run:
    """A run as it goes: who is still there, what they know, the round that is open."""

    channel: Channel
    plan: Plan
    members: tuple[str, ...]
    note: Callable[[Round], None]
    clock: Callable[[], float]
    lost: dict[str, str]
    dropped: dict[str, str] = field(default_factory=dict)
    rounds: list[Round] = field(default_factory=list)
    begun: float = 0.0
    open: Round = field(default_factory=lambda: Round(0, "", (), {}))
    known: Parameters = field(init=False)

    def __post_init__(self) -> None:
        self.known = task.start(self.channel.space)  # which both sides know

    def ask(self, kind: str, parameters: Parameters, minimum: int | None = None) -> list[Packet]:
        """Begin a round: return the answers that the guard passed, in the order of the institutions' names."""
        self.begun = self.clock()
        number = len(self.rounds) + 1
        question = messages.question(kind, parameters, self.channel.policy, number, self.known)
        answers = _ask(question, self.channel, self.members)
        self.known = parameters
        self.members = _took_part(answers)
        self.lost |= _lost(answers)
        self.dropped |= self.lost
        down, up = (sum(getattr(one, name) for one in answers.values()) for name in ("bytes_down", "bytes_up"))
        self.open = Round(number, kind, self.members, self.lost, bytes_down=down, bytes_up=up)
        self.lost = {}
        if len(self.members) < (self.plan.minimum if minimum is None else minimum):
            self.close(parameters)
            text = (
                f"{len(self.members)} institutions are left, {self.plan.minimum} are needed; "
                f"dropped out: {_say(self.dropped)}"
            )
            raise errors.RoundError(text)
        return [packet for _, answer in sorted(answers.items()) if (packet := answer.packet) is not None]

    def step(self, state: task.State, summed: Sums) -> task.State:
        """Take a step by sums at `state.parameters`, and end the round."""
        then, objective = task.step(state, summed, self.members, self.channel.space, self.plan.penalty)
        promise = then.promise if math.isfinite(then.promise) else None
        self.close(then.parameters, objective=objective, step=then.distance, promise=promise)
        return then

    def close(
        self,
        parameters: Parameters,
        *,
        objective: float | None = None,
        step: float | None = None,
        promise: float | None = None,
    ) -> None:
        """End a round and note it."""
        self.rounds.append(
            replace(
                self.open,
                objective=objective,
                step=step,
                promise=promise,
                seconds=self.clock() - self.begun,
                model=artifact.digest(parameters),
            )
        )
        self.note(self.rounds[-1])


def _ask(question: Packet, channel: Channel, members: tuple[str, ...]) -> dict[str, Answer]:
    """Ask `members`, and let the guard see every answer before anything is done with it."""
    answers = dict(channel.exchange(question, members))
    number = int(question.numbers["round"])
    for name, answer in answers.items():
        if answer.packet is not None:
            try:
                guard.answer(answer.packet, channel.space, question.names, question.kind, number)
            except errors.GuardError:
                answers[name] = replace(answer, packet=None, code=errors.REFUSED)
    return answers


def _total(packets: list[Packet], space: Space) -> Sums:
    return functools.reduce(operator.add, (messages.unpack_sums(packet, space) for packet in packets))


def _took_part(answers: Mapping[str, Answer]) -> tuple[str, ...]:
    return tuple(sorted(name for name, answer in answers.items() if answer.packet is not None))


def _lost(answers: Mapping[str, Answer]) -> dict[str, str]:
    return {name: errors.reason(answer.code) for name, answer in sorted(answers.items()) if answer.packet is None}


def _say(dropped: Mapping[str, str]) -> str:
    return ", ".join(f"{name} ({reason})" for name, reason in dropped.items())
