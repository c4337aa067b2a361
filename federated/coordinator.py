"""Lead a fit over institutions: ask, guard, add up, step, note. How a message travels is an argument. Floor 3.

An institution that drops out of a round, or whose answer the guard refuses, is not asked again in this run, so that no
round waits twice for it; the fit goes on with the others and says so.
"""

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from federated import aggregation, errors, guard, messages, task
from federated.messages import Packet, Shape
from federated.policy import Policy
from recommender import artifact, tracing
from recommender.parameters import Parameters

# What is left after a Newton step is of the order of its promise squared: 1e-8 nats an answer, seen in no prediction.
TOLERANCE = 1e-4


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
        form: what the arrays of the catalog look like.
        policy: the declared one.
        exchange: sends a packet to institutions and returns their answers, all within a bounded time.
    """

    form: Shape
    policy: Policy
    exchange: Exchange


@dataclass(frozen=True)
class Plan:
    """What a run aims at; numbers only.

    Attributes:
        rounds: at most so many rounds of sums.
        tolerance: stop after a step that lowered the mean log loss by less (nats an answer, see `tracing.promise`).
        penalty: lambda of the fit.
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
        kind: "sums" or "publish".
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
    start: Parameters,
    channel: Channel,
    plan: Plan,
    members: tuple[str, ...],
    note: Callable[[Round], None],
    *,
    absent: Mapping[str, str] | None = None,
    clock: Callable[[], float] = time.monotonic,
) -> Result:
    """Fit the shared model and have it published at every institution.

    Args:
        start: where the fit begins.
        channel: how to talk to the institutions.
        plan: when to stop.
        members: the institutions that are there.
        note: told of every round as it ends.
        absent: institution -> reason, those that should be there and are not; they count as dropped in round 1.
        clock: seconds, for how long a round took.

    Raises:
        RoundError: fewer than `plan.minimum` institutions are left.
    """
    rounds: list[Round] = []
    dropped: dict[str, str] = {}
    lost = dict(absent or {})
    state, known = task.State(start), start  # where a fit starts is known on both sides
    while len(rounds) < plan.rounds and state.promise >= plan.tolerance:
        begun, asked = clock(), state.parameters
        question = messages.question(messages.SUMS, asked, channel.policy, len(rounds) + 1, known)
        answers, known = _ask(question, channel, members), asked
        members = _took_part(answers)
        lost |= _lost(answers)
        dropped |= lost
        told = _round(messages.SUMS, len(rounds) + 1, members, lost, answers)
        if len(members) < plan.minimum:
            note(replace(told, seconds=clock() - begun, model=artifact.digest(asked)))
            text = f"{len(members)} institutions are left, {plan.minimum} are needed; dropped out: {_say(dropped)}"
            raise errors.RoundError(text)
        summed = aggregation.total({name: messages.unpack(_packet(answers[name]), channel.form) for name in members})
        objective = tracing.objective(summed, asked, penalty=plan.penalty)
        state = task.step(state, summed, objective, members, penalty=plan.penalty)
        promise = state.promise if math.isfinite(state.promise) else None
        told = replace(told, objective=objective, step=state.distance, promise=promise)
        rounds.append(replace(told, model=artifact.digest(state.parameters), seconds=clock() - begun))
        note(rounds[-1])
        lost = {}
    begun = clock()
    question = messages.question(messages.PUBLISH, state.parameters, channel.policy, len(rounds) + 1, known)
    answers = _ask(question, channel, members)
    members, lost = _took_part(answers), _lost(answers)
    told = _round(messages.PUBLISH, len(rounds) + 1, members, lost, answers)
    rounds.append(replace(told, seconds=clock() - begun, model=artifact.digest(state.parameters)))
    note(rounds[-1])
    return Result(state.parameters, tuple(rounds), state.promise < plan.tolerance, members, dropped | lost)


def _ask(question: Packet, channel: Channel, members: tuple[str, ...]) -> dict[str, Answer]:
    """Ask `members`, and let the guard see every answer before anything is done with it."""
    answers = dict(channel.exchange(question, members))
    for name, answer in answers.items():
        if answer.packet is not None:
            try:
                guard.answer(answer.packet, channel.form, question.names, question.kind, int(question.numbers["round"]))
            except errors.GuardError:
                answers[name] = replace(answer, packet=None, code=errors.REFUSED)
    return answers


def _took_part(answers: Mapping[str, Answer]) -> tuple[str, ...]:
    return tuple(sorted(name for name, answer in answers.items() if answer.packet is not None))


def _lost(answers: Mapping[str, Answer]) -> dict[str, str]:
    return {name: errors.reason(answer.code) for name, answer in sorted(answers.items()) if answer.packet is None}


def _say(dropped: Mapping[str, str]) -> str:
    return ", ".join(f"{name} ({reason})" for name, reason in dropped.items())


def _packet(answer: Answer) -> Packet:
    if answer.packet is None:
        raise errors.GuardError("an institution without an answer cannot be added up")
    return answer.packet


def _round(
    kind: str, number: int, members: tuple[str, ...], lost: dict[str, str], answers: Mapping[str, Answer]
) -> Round:
    down = sum(answer.bytes_down for answer in answers.values())
    up = sum(answer.bytes_up for answer in answers.values())
    return Round(number, kind, members, lost, bytes_down=down, bytes_up=up)
