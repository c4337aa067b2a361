"""Lead a run over institutions: what is asked, in which order, and what comes of the sums. Floor 3.

Under `exact` it counts, then takes Newton's steps to where one institution with all records would end. Under the
private policies it takes the steps of `private`: masked sums where the policy masks (`secagg`), else (`source-noise`)
protected messages of single institutions, of which bad ones are refused whole. All are led by the same rounds.
"""

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from federated import errors, exact, messages, policy, private, task
from federated.charter import Charter
from federated.exact import Facts
from federated.masking import letters
from federated.privacy import accountant, rejection, releases
from federated.privacy.rejection import Heard, Message
from federated.private import Step
from federated.rounds import Channel, Checkpoint, Round, Rounds
from recommender.parameters import Parameters
from recommender.tracing import Sums

# What is left after a Newton step is of the order of its promise squared; with few answers for many weights steps
# converge more slowly, and it takes so small a promise until no prediction moves by a thousandth any longer.
TOLERANCE = 1e-6
# A table of situations that did not come apart is asked for again, twice as large, so often.
_AGAIN = 2
_COUNTING = 3  # rounds of counting and of the scale of the columns


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


class Keep(Protocol):
    """Keeps a checkpoint durably before the next round is asked."""

    def __call__(self, checkpoint: Checkpoint, /) -> None:
        """Keep it."""


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
    keep: Keep | None = None,
    since: Checkpoint | None = None,
) -> Result:
    """Fit the shared model under the charter's policy and have it published at every institution.

    Args:
        channel: how to talk to the institutions.
        plan: when to stop.
        members: the institutions that are there.
        note: told of every round as it ends.
        absent: institution -> reason, those that should be there and are not; they count as dropped in round 1.
        clock: seconds, for how long a round took.
        keep: keeps checkpoints; None: nobody does.
        since: where a run is resumed; None: it begins.

    Raises:
        RoundError: fewer than `plan.minimum` institutions are left, or too few to open a masked sum.
    """
    if since is not None:
        place = replace(channel.place, attempt=since.attempt + 1)
        channel = replace(channel, place=place)
    run = Rounds(
        channel,
        plan.minimum,
        members,
        note,
        clock,
        lost=dict(absent or {}),
        done=since.round if since is not None else 0,
    )
    lead_one = _private if channel.place.charter.policy.private else _exact
    parameters, converged = lead_one(run, plan, keep or (lambda _checkpoint: None), since)
    run.ask(messages.PUBLISH, {}, parameters=parameters, minimum=0)
    run.close(parameters)
    return Result(parameters, tuple(run.closed), converged, run.members, run.dropped)


def _exact(run: Rounds, plan: Plan, keep: Keep, since: Checkpoint | None) -> tuple[Parameters, bool]:
    """Count, look at the scale, take Newton's steps."""
    space = run.channel.space
    run.known = task.start(space)
    run.begin(_COUNTING + _AGAIN + plan.rounds)
    count = len(run.channel.place.charter.members)  # as institutions take it: who is left they do not know
    if since is None:
        counted, rows, cells = exact.read_base(
            run.total(messages.COUNTS, exact.base_form(space), parameters=run.known), space
        )
        facts = Facts(count, rows, cells)
        now = task.counted(messages.COUNTS, [counted], space, run.known)
        run.close(now)
        keep(_checkpoint(run, 1, now, facts))
    else:
        now = task.restored(since.arrays, space)
        facts = Facts(count, int(since.numbers["rows"]), int(since.numbers["keys"]))
    phase = since.phase if since is not None else 1
    if phase == 1:
        now = _situations(run, now, facts)
        run.close(now)
        keep(_checkpoint(run, 2, now, facts))
    state = task.State(now)
    if phase <= 2:
        form = exact.first_form(now, space)
        words = run.total(messages.MOMENTS, form, parameters=now, numbers={"rows": facts.rows})
        seen, summed = exact.read_first(words, now, space, facts)
        then = task.scaled([seen], space, now)
        state = _newton(run, plan, task.State(then), task.rescaled(summed, now, then, space))
        keep(_checkpoint(run, 3, state.parameters, facts))
    steps = 0
    while steps < plan.rounds and state.promise >= plan.tolerance:
        now = state.parameters
        form = exact.step_form(now, space)
        words = run.total(messages.SUMS, form, parameters=now, numbers={"rows": facts.rows})
        state = _newton(run, plan, state, exact.read_step(words, now, space, facts))
        keep(_checkpoint(run, 3, state.parameters, facts))
        steps += 1
    return state.parameters, state.promise < plan.tolerance


def _situations(run: Rounds, now: Parameters, facts: Facts) -> Parameters:
    """Ask for the tables of situations; again for larger ones where they do not come apart."""
    space = run.channel.space
    for attempt in range(_AGAIN + 1):
        seed = letters.digest("situations", run.channel.place.run, run.number)
        own = replace(facts, keys=facts.keys << attempt, seed=seed)
        form = exact.situations_form(own)
        numbers = {"rows": own.rows, "keys": own.keys}
        words = run.total(messages.CELLS, form, parameters=now, numbers=numbers)
        try:
            return task.counted(messages.CELLS, [exact.read_situations(words, own)], space, now)
        except errors.MaskError as error:
            run.close()
            if attempt == _AGAIN:
                text = f"the tables of situations did not come apart: {error}"
                raise errors.RoundError(text) from error
    raise AssertionError


def _newton(run: Rounds, plan: Plan, state: task.State, summed: Sums) -> task.State:
    """Take a step by sums at the state's parameters, and end the round."""
    then, objective = task.step(state, summed, run.members, run.channel.space, plan.penalty)
    promise = then.promise if math.isfinite(then.promise) else None
    run.close(then.parameters, objective=objective, step=then.distance, promise=promise)
    return then


def _checkpoint(run: Rounds, phase: int, parameters: Parameters, facts: Facts) -> Checkpoint:
    done = run.done + len(run.closed)
    numbers = {"rows": float(facts.rows), "keys": float(facts.keys)}
    return Checkpoint(phase, done, run.channel.place.attempt, task.saved(parameters), numbers)


def _private(run: Rounds, plan: Plan, keep: Keep, since: Checkpoint | None) -> tuple[Parameters, bool]:
    """Take the steps of a private run, each of protected releases."""
    del plan  # its numbers are of Newton's steps; a private run has as many as its releases pay for
    charter, space = run.channel.place.charter, run.channel.space
    rules = charter.policy
    sigma = policy.multiplier(rules)
    steps = private.steps(space, single=_single(charter))
    if rules.masked:
        run.begin(len(steps))
    state = private.begin(space)
    if since is not None:
        state = private.State(*(_part(since.arrays, name) for name in ("asked", "kept")))
    done = since.phase if since is not None else 0
    shut = frozenset(since.numbers) if since is not None else frozenset()
    for number, step in enumerate(steps[done:], start=done + 1):
        arrays = messages.state(private.asked(state))
        if rules.masked:
            totals, noise = _masked(run, step, arrays, sigma)
        else:
            totals, noise, shut = _protected(run, step, arrays, sigma, shut)
        state = private.advance(step, totals, noise, state, space)
        spent = sum(release.share for one in steps[:number] for release in one.releases) / sigma**2
        run.close(private.finish(state, space), epsilon=accountant.spent(spent, rules.delta))
        arrays = {f"asked.{name}": array for name, array in state.arrays.items()}
        arrays |= {f"kept.{name}": array for name, array in state.kept.items()}
        keep(
            Checkpoint(number, run.done + len(run.closed), run.channel.place.attempt, arrays, dict.fromkeys(shut, 1.0))
        )
    return private.finish(state, space), True


def _single(charter: Charter) -> bool:
    return policy.kappa(charter.policy, {seat.name: seat.learners for seat in charter.members}) > private.ONE_GRADIENT


def _masked(
    run: Rounds, step: Step, arrays: Mapping[str, messages.Array], sigma: float
) -> tuple[dict[str, npt.NDArray[np.integer]], dict[str, float]]:
    """The sums of a step's releases, opened under their masks, and the variance of noise in them."""
    form = {release.name: ("uint32", release.size) for release in step.releases}
    words = run.total(step.kind, form, arrays=arrays)
    charter = run.channel.place.charter
    part = 1.0 / policy.parts(charter.policy, len(charter.members))
    return dict(words), {one.name: run.count * one.deviation(sigma, part) ** 2 for one in step.releases}


def _protected(
    run: Rounds, step: Step, arrays: Mapping[str, messages.Array], sigma: float, shut: frozenset[str]
) -> tuple[dict[str, npt.NDArray[np.integer]], dict[str, float], frozenset[str]]:
    """The sums of a step's releases over those whose protected messages are not refused, and their noise.

    Releases may keep different members, so all are scaled to stand for the same number of learners.

    Args:
        run: the run.
        step: whose releases are asked for.
        arrays: what is asked with.
        sigma: noise multiplier of the run.
        shut: who was shut out of the run before.

    Returns:
        Sums by release in steps of the grid, variance of their noise in the unit of the rows, and who is shut out now.
    """
    form = {release.name: ("int64", release.size) for release in step.releases}
    found = run.ask(step.kind, form, arrays=arrays)
    sizes = {seat.name: policy.training(seat.learners) for seat in run.channel.place.charter.members}
    heard = {
        release.name: Heard(
            [
                Message(name, packet.arrays[release.name], sizes[name], release.deviation(sigma) / release.step)
                for name, packet in sorted(found.items())
            ],
            release.size,
            float(releases.GRID),
        )
        for release in step.releases
    }
    verdicts, shut = rejection.judge_all(heard, shut)
    run.refuse({name: reason for verdict in verdicts.values() for name, reason in verdict.refused.items()})
    learners = float(sum(sizes[name] for name in found))
    totals: dict[str, npt.NDArray[np.integer]] = {}
    noise: dict[str, float] = {}
    for release in step.releases:
        total, variance = rejection.scaled(verdicts[release.name], learners)
        totals[release.name] = np.rint(total).astype(np.int64)
        noise[release.name] = variance * release.step**2
    return totals, noise, shut


def _part(arrays: Mapping[str, npt.NDArray[Any]], prefix: str) -> Mapping[str, npt.NDArray[Any]]:
    start = f"{prefix}."
    return MappingProxyType({name[len(start) :]: array for name, array in arrays.items() if name.startswith(start)})
