"""What learners and instructors turn: how hard, how much review, what comes first, what rests, what is hidden. Floor 2.

Knobs weigh and filter what the graph allows; none of them opens what is not ready, and none brings back what is done.
Each works in one direction: more of it never gives less of what it asks for.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import exp
from types import MappingProxyType

CENTRE = 0.72  # chance of success that teaches most: the middle of the band of .6 to .85
BAND = (0.60, 0.85)
TURN = 0.2  # how far a full turn of the challenge moves the band
SHARP = 4.0  # how much a chance off the centre costs: 2 % of the score at .07 off, 35 % at .33 off
LIKED = 0.3  # log of the weight that a stated preference adds
TRUSTED = 0.5  # most that measured effects may move the log of a weight, either way


def _none() -> Mapping[str, float]:
    return MappingProxyType({})


@dataclass(frozen=True)
class Knobs:
    """How one learner's path is tuned. The usual setting changes nothing.

    Attributes:
        challenge: -1 (easier) to 1 (harder): moves the band of chances that is preferred.
        review: -1 (none but by its own weight) to 1 (as much as there is): places kept for what fades or changed.
        first: Ids of items or skills that an instructor put first, the most wanted first.
        proposed: Ids of items or skills that an instructor proposed: marked, their order is their own.
        hidden: Ids of items or skills that an instructor hid.
        paused: "Not now": by skill id the second since the epoch from which on it may be offered again.
        claimed: Ids of skills that the learner says to know: their items are offered as a proof.
        modes: Weight of a way of learning, about 1, by its name; ways without a weight count as 1. `weigh` makes it.
        doubted: Weight of an item that learners found to have a mistake or to be out of date, 0..1, by its id; others
            count as 1.
    """

    challenge: float = 0.0
    review: float = 0.0
    first: tuple[str, ...] = ()
    proposed: tuple[str, ...] = ()
    hidden: frozenset[str] = frozenset()
    paused: Mapping[str, float] = field(default_factory=_none)
    claimed: frozenset[str] = frozenset()
    modes: Mapping[str, float] = field(default_factory=_none)
    doubted: Mapping[str, float] = field(default_factory=_none)


USUAL = Knobs()


def band(knobs: Knobs) -> tuple[float, float]:
    """Chances of success that are preferred: from, to.

    Examples:
        >>> band(USUAL)
        (0.6, 0.85)
    """
    move = TURN * knobs.challenge
    return BAND[0] - move, BAND[1] - move


def fit(knobs: Knobs, chance: float) -> float:
    """How well a chance of success fits, 0..1: a bell around the middle of the band.

    A bell, because the ratio of two of them moves one way as the knob turns: a harder setting never prefers the easier
    one of two activities (their scores are log-supermodular in chance and challenge).

    Args:
        knobs: The setting.
        chance: Chance of success, 0..1.
    """
    return exp(-SHARP * (chance - centre(knobs)) ** 2)


def centre(knobs: Knobs) -> float:
    """The chance of success that fits best."""
    return CENTRE - TURN * knobs.challenge


def places(knobs: Knobs, count: int) -> int:
    """How many of `count` recommendations are kept for review, at least; a third in the usual setting.

    Examples:
        >>> places(USUAL, 3), places(Knobs(review=1), 3), places(Knobs(review=-1), 3)
        (1, 3, 0)
    """
    share = (1.0 + knobs.review) / 3.0 if knobs.review <= 0.0 else (1.0 + 2.0 * knobs.review) / 3.0
    return min(count, int(share * count + 1e-9))


def weigh(effects: Mapping[str, float], preferred: str = "") -> Mapping[str, float]:
    """Weights of ways of learning from what was measured and what the learner prefers.

    What was measured moves a weight by a factor of at most exp(+-`TRUSTED`), so that no way disappears and each goes on
    being measured. A stated preference counts besides, and may outweigh it.

    Args:
        effects: Measured effect of each way in logits against the mean of all, shrunk; empty: not enough data.
        preferred: The way that the learner named, or empty.
    """
    logs = {way: max(-TRUSTED, min(TRUSTED, effect)) for way, effect in effects.items()}
    if preferred:
        logs[preferred] = logs.get(preferred, 0.0) + LIKED
    return MappingProxyType({way: exp(log) for way, log in logs.items()})
