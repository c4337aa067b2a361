"""What noise will cost a consortium, said before it trains: where to put it, at which epsilon, or not at all. Floor 3.

The loss of the shared model depends on one number, kappa = sigma sqrt(K_eff) / n: how far the noise of all releases
moves the mean over n learners. K_eff is how many times over the noise is in the sum: K where each of K institutions
adds all of it, K / s where each adds the share of one of s. The curve from kappa to the loss is measured, not derived,
on the data that it names.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

from federated.privacy import accountant

SOURCE = "source-noise"
SECAGG = "secagg"
LOCAL = "stay local"

EPSILONS = (0.5, 1.0, 2.0, 4.0)
MOST = 4.0  # above it whoever knows all but one learner tells who took part three times of four
FLOOR = 20  # an institution with fewer learners does not train
COHORT = 50  # and with fewer than so many it is warned
HONEST = 3  # a masked sum stands for at least so many members who do not add up what they know
REACH = MappingProxyType({SOURCE: 0.001, SECAGG: 0.004})  # the largest kappa at which the rule takes a policy
REACH_OF_FEW = 0.0025  # and that of noise at the source where masks have too few members to hide one among
DEFAULTS = ((20_000, 0.5), (4_000, 1.0), (0, 2.0))  # epsilon from so many learners
ENOUGH = 1_400  # learners of an institution alone, from which a shared model adds no more than .001 to its own
# Measured AUC lost against the same columns without noise: (kappa, least, middle, most), by `python -m bench.private`'s
# protocol: a fifth of the learners held out, 3 to 6 seeds of noise and of the draw of learners; 1,000, 4,000 and all
# agree at equal kappa. Three gradients up to `private.ONE_GRADIENT` = .01, one above it. Between seeds lie .0006 to
# either side below kappa .001 and a tenth of the loss above; wider where a run was further off.
CURVES: Mapping[str, tuple[tuple[float, float, float, float], ...]] = MappingProxyType(
    {
        "oulad": (  # 65 items, 11 regions
            (0.0001, 0.0008, 0.0014, 0.0020),  # what is left without noise: clips, and three steps of Newton
            (0.00034, 0.0009, 0.0015, 0.0021),
            (0.00064, 0.0013, 0.0019, 0.0025),
            (0.0009, 0.0023, 0.0029, 0.0035),
            (0.00109, 0.0031, 0.0035, 0.0039),
            (0.0018, 0.0048, 0.0053, 0.0058),
            (0.00206, 0.0058, 0.0065, 0.0072),
            (0.0030, 0.0081, 0.0090, 0.0110),
            (0.0036, 0.0098, 0.0109, 0.0120),
            (0.0044, 0.0126, 0.0140, 0.0154),
            (0.0060, 0.0166, 0.0185, 0.0204),
            (0.0090, 0.0243, 0.0270, 0.0297),
            (0.0135, 0.0346, 0.0385, 0.0475),
            (0.0230, 0.0441, 0.0490, 0.0540),
        ),
        # 100 skills as items, 8 institutions that differ. Not measured beyond the last point, where one of four seeds
        # lost .048: so the curve ends there, and past it plans say "at least". The rule takes nothing past .004.
        "assist15": (
            (0.00036, 0.0009, 0.0015, 0.0021),
            (0.00068, 0.0023, 0.0029, 0.0035),
            (0.00088, 0.0029, 0.0035, 0.0041),
            (0.00108, 0.0033, 0.0037, 0.0041),
            (0.00166, 0.0058, 0.0065, 0.0072),
            (0.00203, 0.0075, 0.0084, 0.0093),
            (0.00264, 0.0105, 0.0117, 0.0130),
            (0.0044, 0.0167, 0.0260, 0.0477),
        ),
    }
)


@dataclass(frozen=True)
class Member:
    """An institution that thinks of joining.

    Attributes:
        name: Of the institution.
        learners: That would take part.
        epsilon: The most that it is ready to spend.
    """

    name: str
    learners: int
    epsilon: float = MOST


@dataclass(frozen=True)
class Loss:
    """AUC that the shared model is expected to lose against the same model without noise.

    Attributes:
        value: Expected.
        low: Least that was measured.
        high: Most that was measured.
        measured: Whether kappa lies within every curve read; where not, the nearest end of that curve stands in: at
            most so much is lost below the first point, at least so much above the last.
    """

    value: float
    low: float
    high: float
    measured: bool


@dataclass(frozen=True)
class Option:
    """One policy at one epsilon.

    Attributes:
        policy: `SOURCE` or `SECAGG`.
        epsilon: Of a whole run.
        sigma: Noise of a run in units of the clip.
        kappa: sigma sqrt(K_eff) / n.
        loss: What that costs.
        advised: Whether the rule takes it: kappa small enough for the policy, and the policy sensible for so many.
    """

    policy: str
    epsilon: float
    sigma: float
    kappa: float
    loss: Loss
    advised: bool


@dataclass(frozen=True)
class Advice:
    """What the members are advised, with the numbers that they need to decide otherwise.

    Attributes:
        policy: `SOURCE`, `SECAGG` or `LOCAL`.
        epsilon: That goes with it; None to stay local.
        threshold: Fewest members that must stay to the end of a round under `SECAGG`, else None.
        sized_for: Members whose shares make up the whole noise under `SECAGG`, else None.
        learners: That would train: of members that are large enough.
        members: Names of those.
        delta: Of the promise.
        options: Every policy at every epsilon that all members are ready to spend.
        chosen: The option advised, or None.
        instead: Where nothing is advised, the option of least epsilon that would be, up to `MOST`; or None.
        warnings: In words.
        reason: In words.
    """

    policy: str
    epsilon: float | None
    threshold: int | None
    sized_for: int | None
    learners: int
    members: tuple[str, ...]
    delta: float
    options: tuple[Option, ...]
    chosen: Option | None
    instead: Option | None
    warnings: tuple[str, ...]
    reason: str


def plan(members: Sequence[Member], *, colluders: int = 0, factor: float = 1.0) -> Advice:
    """Return what these members are advised.

    At the epsilon that goes with so many learners (`default_epsilon`, less if a member is ready for less): noise at the
    source where kappa is at most .001, because nobody then trusts the coordinator and a faulty member shows; else
    masked sums where kappa is at most .004; else each stays with its own model.

    Args:
        members: Who thinks of joining, at least one.
        colluders: Members that may add up what they know against another.
        factor: Of this catalog's loss to that of the curve.

    Raises:
        ValueError: no member, two of one name, a limit of epsilon outside (0, 4], colluders or a factor that cannot be.
    """
    _check(members, colluders, factor)
    large = [member for member in members if member.learners >= FLOOR]
    learners = sum(member.learners for member in large)
    delta = accountant.delta_for(max(learners, 1))
    limit = min(member.epsilon for member in large) if large else 0.0
    first = min(default_epsilon(learners), limit)
    count = len(large)
    all_options = tuple(
        _option(policy, epsilon, count=count, learners=learners, delta=delta, colluders=colluders, factor=factor)
        for epsilon in sorted({*EPSILONS, first})
        for policy in (SOURCE, SECAGG)
        if count > 1 and epsilon > 0.0 and (policy == SOURCE or threshold(count, colluders) is not None)
    )
    options = tuple(option for option in all_options if option.epsilon <= limit)
    chosen = next((option for option in options if option.epsilon == first and option.advised), None)
    later = (option for option in all_options if option.epsilon > first and option.advised)
    instead = next(later, None) if chosen is None else None
    masked = chosen is not None and chosen.policy == SECAGG
    return Advice(
        policy=chosen.policy if chosen else LOCAL,
        epsilon=chosen.epsilon if chosen else None,
        threshold=threshold(count, colluders) if masked else None,
        sized_for=sized_for(count, colluders) if masked else None,
        learners=learners,
        members=tuple(member.name for member in large),
        delta=delta,
        options=options,
        chosen=chosen,
        instead=instead,
        warnings=tuple(_warnings(members, large, chosen, colluders)),
        reason=_reason(
            chosen,
            instead,
            [option for option in options if option.epsilon == first],
            limit=limit,
            learners=learners,
            count=count,
        ),
    )


def default_epsilon(learners: int) -> float:
    """Return the epsilon to begin with for so many learners: 2, from 4,000 on 1, from 20,000 on .5."""
    return next(epsilon for least, epsilon in DEFAULTS if learners >= least)


def threshold(members: int, colluders: int = 0) -> int | None:
    """Return the fewest members that must stay for a masked sum to be opened, or None if there are too few for one.

    Two thirds of all, and never so few that a sum stands for less than three who do not collude.
    """
    least = max(math.ceil(2 * members / 3), HONEST + colluders)
    return least if least <= members else None


def sized_for(members: int, colluders: int = 0) -> int | None:
    """Return of how many members the shares make up the whole noise: those of the fewest that stay, colluders left out.

    Each adds noise of variance 1 / s of the whole one. Colluders know their own shares and can take them off.
    """
    least = threshold(members, colluders)
    return None if least is None else least - colluders


def effective(policy: str, members: int, colluders: int = 0) -> float:
    """Return K_eff, how many times over the noise is in the sum if all stay.

    Raises:
        ValueError: masked sums of too few.
    """
    if policy == SOURCE:
        return float(members)
    shares = sized_for(members, colluders)
    if shares is None:
        text = f"masked sums of {members} members, {colluders} of them colluding: {HONEST + colluders} are needed"
        raise ValueError(text)
    return members / shares


def kappa(sigma: float, effective: float, learners: int) -> float:
    """Return sigma sqrt(K_eff) / n.

    Args:
        sigma: Noise of a whole run in units of the clip.
        effective: K_eff: how many times over the noise is in the sum.
        learners: n, at least 1.
    """
    return sigma * math.sqrt(effective) / learners


def loss(kappa: float, factor: float = 1.0, catalog: str | None = None) -> Loss:
    """Return what a kappa is expected to cost.

    Between measured points the logarithm of the loss is a line over that of kappa.

    Args:
        kappa: Above 0.
        factor: Of this catalog's loss to that of the curve.
        catalog: One of `CURVES`; None: their mean, with the range of all.
    """
    curves = [CURVES[catalog]] if catalog else list(CURVES.values())
    ends = [(curve[0][0], curve[-1][0]) for curve in curves]
    found = np.array([_read(curve, kappa) for curve in curves])
    return Loss(
        value=factor * float(found[:, 1].mean()),
        low=factor * float(found[:, 0].min()),
        high=factor * float(found[:, 2].max()),
        measured=all(least <= kappa <= most for least, most in ends),
    )


def rows(advice: Advice) -> list[tuple[str, ...]]:
    """Return the options as rows of a table, its heading first."""
    heading = ("epsilon", "policy", "kappa", "AUC lost", "measured range", "advised")
    return [
        heading,
        *(
            (
                f"{option.epsilon:g}",
                option.policy,
                f"{option.kappa:.4f}",
                _lost(option),
                f"{option.loss.low:.4f} to {option.loss.high:.4f}" if option.loss.measured else "not measured",
                "yes" if option.advised else "no",
            )
            for option in advice.options
        ),
    ]


def _check(members: Sequence[Member], colluders: int, factor: float) -> None:
    names = [member.name for member in members]
    if not names or len(set(names)) < len(names):
        raise ValueError("a plan needs at least one member, and each of them once")
    for member in members:
        if not 0.0 < member.epsilon <= MOST:
            text = f"{member.name}: epsilon {member.epsilon:g}; what a member is ready to spend lies in (0, {MOST:g}]"
            raise ValueError(text)
        if member.learners < 0:
            text = f"{member.name}: {member.learners} learners; there cannot be fewer than none"
            raise ValueError(text)
    if colluders < 0 or not 0.0 < factor < math.inf:
        text = f"colluders {colluders}, factor {factor:g}: none or more collude, and a factor is above 0"
        raise ValueError(text)


def _option(
    policy: str, epsilon: float, *, count: int, learners: int, delta: float, colluders: int, factor: float
) -> Option:
    sigma = accountant.sigma(epsilon, delta)
    found = kappa(sigma, effective(policy, count, colluders), learners)
    few = count <= HONEST
    reach = REACH_OF_FEW if few and policy == SOURCE else REACH[policy]
    advised = found <= reach and not (few and policy == SECAGG)
    return Option(policy, epsilon, sigma, found, loss(found, factor), advised)


def _read(curve: Sequence[tuple[float, float, float, float]], kappa: float) -> npt.NDArray[np.float64]:
    """Least, middle and most at a kappa, float64 [3]."""
    points = np.log(np.array(curve))
    return np.exp([np.interp(math.log(kappa), points[:, 0], points[:, column]) for column in (1, 2, 3)])


def _warnings(
    members: Sequence[Member], large: Sequence[Member], chosen: Option | None, colluders: int
) -> itertools.chain[str]:
    return itertools.chain(
        (
            f"{member.name} has {member.learners} learners, fewer than {FLOOR}: it cannot train, and is left out"
            for member in members
            if member.learners < FLOOR
        ),
        (
            f"{member.name} has {member.learners} learners, fewer than {COHORT}: what it sends says more of each"
            for member in large
            if member.learners < COHORT
        ),
        (
            f"{member.name} has {member.learners} learners: from {ENOUGH:,} on a shared model adds little to its own"
            for member in large
            if member.learners >= ENOUGH
        ),
        [f"masked sums of {HONEST} members hide little: two of them together see what the third sent, but for noise"]
        if len(large) == HONEST
        else [],
        [f"shares of the noise are sized so that {colluders} colluding members cannot take it off"]
        if colluders and chosen and chosen.policy == SECAGG
        else [],
        ["kappa lies outside a measured curve, so that its nearest end is given as the loss"]
        if chosen and not chosen.loss.measured
        else [],
    )


def _reason(
    chosen: Option | None,
    instead: Option | None,
    first: Sequence[Option],
    *,
    limit: float,
    learners: int,
    count: int,
) -> str:
    if count < 2:
        return f"Stay local: {count} institution(s) with at least {FLOOR} learners; it takes two to share a model."
    if chosen is not None and chosen.policy == SOURCE:
        return (
            f"Noise at the source at epsilon {chosen.epsilon:g}: kappa {chosen.kappa:.4f} is small enough that each "
            f"member can add all of the noise itself. Nobody has to trust the coordinator, a faulty message can be "
            f"refused, and the shared model is expected to lose {_lost(chosen)} AUC."
        )
    source = next(option for option in first if option.policy == SOURCE)
    if chosen is not None:
        return (
            f"Masked sums at epsilon {chosen.epsilon:g}: with noise at the source kappa would be {source.kappa:.4f} "
            f"(loss {_lost(source)}), with shares of it under masks it is {chosen.kappa:.4f} (loss {_lost(chosen)}). "
            f"A faulty member is then bounded by clipping and by each institution's own test of the model alone."
        )
    best = min(first, key=lambda option: option.kappa)
    needed = math.ceil(learners * best.kappa / (REACH_OF_FEW if count <= HONEST else REACH[best.policy]) / 100) * 100
    text = (
        f"Stay local: at epsilon {best.epsilon:g} the noise of {learners:,} learners (kappa {best.kappa:.4f}, loss "
        f"{_lost(best)}) costs more than a shared model brings. It takes about {needed:,} learners"
    )
    if instead is None:
        return f"{text}; no epsilon up to {MOST:g} is enough."
    raised = "" if instead.epsilon <= limit else ", beyond the limit of at least one member"
    return f"{text}, or epsilon {instead.epsilon:g}{raised} ({instead.policy}, loss {_lost(instead)})."


def _lost(option: Option) -> str:
    """The loss in words: beyond the end of a curve its value there bounds what is lost, from above or from below."""
    if option.loss.measured:
        return f"{option.loss.value:.4f}"
    below = any(option.kappa < curve[0][0] for curve in CURVES.values())
    return f"{'at most' if below else 'at least'} {option.loss.value:.4f}"
