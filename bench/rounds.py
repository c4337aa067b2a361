"""A run under noise in one process: institutions' records in, the shared model out, with whoever attacks in between.

The institutions' side is what they run themselves (`private.contributions`, `releases.protect`); the coordinator's is
`rejection.judge` under noise at the source, and a plain sum under masks, where it sees no single message.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bench.attacks import Attack
from bench.mutants import stream
from federated import private
from federated.privacy import accountant, planning, rejection
from federated.privacy.rejection import Heard, Message, Verdict
from federated.privacy.releases import protect
from recommender.interactions import Interactions
from recommender.parameters import Parameters
from recommender.space import Space

HONEST = Attack()
_WORD, _MOST = 2.0**31, 2.0**60


@dataclass(frozen=True, eq=False)
class Ran:
    """What a run gave.

    Attributes:
        model: The shared model.
        kappa: Of the run.
        verdicts: By release; none under a plain sum.
        finite: Whether the sums were numbers; else the model is that of no data.
    """

    model: Parameters
    kappa: float
    verdicts: dict[str, Verdict]
    finite: bool = True


def run(
    parts: Sequence[Interactions],
    space: Space,
    epsilon: float,
    seed: int,
    *,
    policy: str = planning.SOURCE,
    bad: Sequence[int] = (),
    attack: Attack = HONEST,
    refusing: bool = True,
    sigma: float | None = None,
) -> Ran:
    """Return what a run over these institutions gives.

    Args:
        parts: Records of each institution.
        space: The columns.
        epsilon: Of the run; delta follows from the learners.
        seed: Of the noise.
        policy: `planning.SOURCE` or `planning.SECAGG`.
        bad: Positions of those who attack.
        attack: How.
        refusing: Whether the coordinator refuses messages; under masks it cannot.
        sigma: Noise of the run in the place of that of epsilon; close to 0 is a control without protection.
    """
    learners = sum(len(part.learners) for part in parts)
    if sigma is None:
        sigma = accountant.sigma(epsilon, accountant.delta_for(learners))
    effective = planning.effective(policy, len(parts))
    part = effective / len(parts)
    kappa = planning.kappa(sigma, effective, learners)
    draw, past, verdicts, shut = stream(seed), {}, {}, frozenset()
    records = [attack.records(part, space) if number in bad else part for number, part in enumerate(parts)]
    state = private.begin(space)
    for step in private.steps(space, single=kappa > private.ONE_GRADIENT):
        rows = [private.contributions(step, one, space, state) for one in records]
        heard = {}
        for release in step.releases:
            sd = release.deviation(sigma, part) / release.step
            sent = [
                Message(str(number), protect(own[release.name], release, sigma, part, draw), len(one.learners), sd)
                for number, (own, one) in enumerate(zip(rows, parts, strict=True))
            ]
            came = attack.messages(sent, bad, past) if bad else sent
            past |= {(message.member, release.size): message.values for message in sent}
            heard[release.name] = Heard(came, release.size, release.clip / release.step)
        if policy == planning.SOURCE and refusing:
            found, shut = rejection.judge_all(heard, shut)
            verdicts |= found
            sums = {name: rejection.scaled(verdict, float(learners)) for name, verdict in found.items()}
        else:
            sums = {name: _sum(one) for name, one in heard.items()}
        if not all(np.isfinite(total).all() for total, _ in sums.values()):
            return Ran(private.finish(private.begin(space), space), kappa, verdicts, finite=False)
        if policy == planning.SECAGG:  # a masked sum is one of words: what does not fit comes round
            sums = {name: ((total + _WORD) % (2 * _WORD) - _WORD, noise) for name, (total, noise) in sums.items()}
        totals = {name: np.rint(np.clip(total, -_MOST, _MOST)).astype(np.int64) for name, (total, _) in sums.items()}
        noise = {release.name: sums[release.name][1] * release.step**2 for release in step.releases}
        state = private.advance(step, totals, noise, state, space)
    return Ran(private.finish(state, space), kappa, verdicts)


def _sum(heard: Heard) -> tuple[np.ndarray, float]:
    """The plain sum and the variance of its noise; not a number where it cannot be made."""
    values = [np.asarray(message.values, np.float64) for message in heard.messages]
    fits = all(each.shape == (heard.size,) for each in values)
    total = np.sum(values, axis=0) if fits else np.full(heard.size, np.nan)
    return total, sum(message.sd**2 for message in heard.messages)
