"""What a malicious member may do in a run under noise: to its records before it answers, or to the answer itself. Pure.

An attack on records is a function of them; the institution's own code then computes and protects what they give. An
attack on messages is a function of all messages of a release, because the worst adversary sees them all; it changes
those of the bad members alone.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from federated.privacy.rejection import Message
from recommender.interactions import Interactions
from recommender.space import Space

Past = Mapping[tuple[str, int], NDArray[Any]]


@dataclass(frozen=True)
class Attack:
    """One way to do harm.

    Attributes:
        records: Records of a bad member -> what it computes with.
        messages: Messages of a release, positions of the bad, what each sent last of the same size -> messages.
        malformed: Whether what it sends is no message at all.
        known: Whether a test of messages cannot tell it from honest noise: measured and stated, not defended.
    """

    records: Callable[[Interactions, Space], Interactions] = lambda records, _: records
    messages: Callable[[Sequence[Message], Sequence[int], Past], list[Message]] = lambda messages, *_: list(messages)
    malformed: bool = False
    known: bool = False


def _each(change: Callable[[Message], Message]) -> Attack:
    def messages(sent: Sequence[Message], bad: Sequence[int], _: Past) -> list[Message]:
        return [change(message) if number in bad else message for number, message in enumerate(sent)]

    return Attack(messages=messages)


def _one(message: Message, value: float) -> Message:
    values = np.array(message.values, np.float64)
    values[len(values) // 2] = value
    return replace(message, values=values)


def _malformed(change: Callable[[Message], Message]) -> Attack:
    return replace(_each(change), malformed=True)


def times(factor: float) -> Attack:
    """The honest message, so many times over."""
    return _each(lambda message: replace(message, values=np.asarray(message.values, np.float64) * factor))


def claim(factor: int, sign: float) -> Attack:
    """The honest message with the other sign, in the name of many more learners than there are."""
    return _each(
        lambda message: replace(
            message, values=np.asarray(message.values, np.float64) * sign, learners=message.learners * factor
        )
    )


def a_little(messages: Sequence[Message], bad: Sequence[int], _: Past) -> list[Message]:
    """A little is enough (Baruch, Baruch and Goldberg, NeurIPS 2019): as far aside as many honest messages lie."""
    honest = [message for number, message in enumerate(messages) if number not in bad]
    means = np.array([np.asarray(message.values, np.float64) / message.learners for message in honest])
    supporters = len(messages) // 2 + 1 - len(bad)
    far = float(stats.norm.ppf(max((len(honest) - supporters) / len(honest), 0.5)))
    aside = means.mean(axis=0) - max(far, 0.3) * means.std(axis=0)
    return [
        replace(message, values=aside * message.learners) if number in bad else message
        for number, message in enumerate(messages)
    ]


def just_inside(messages: Sequence[Message], bad: Sequence[int], _: Past) -> list[Message]:
    """Against the mean of the honest, as far as the noise of the message itself would explain."""
    honest = [message for number, message in enumerate(messages) if number not in bad]
    total = np.sum([np.asarray(message.values, np.float64) for message in honest], axis=0)
    mean = total / sum(message.learners for message in honest)
    length = max(float(np.linalg.norm(mean)), 1e-300)

    def aside(message: Message) -> Message:
        far = message.sd / message.learners * np.sqrt(1.8 * len(mean))
        return replace(message, values=message.learners * (mean - mean / length * far))

    return [aside(message) if number in bad else message for number, message in enumerate(messages)]


def replay(messages: Sequence[Message], bad: Sequence[int], past: Past) -> list[Message]:
    """What was sent before under the same name and length, else another member's message."""
    other = next(number for number in range(len(messages)) if number not in bad)
    return [
        replace(message, values=past.get((message.member, np.size(message.values)), np.asarray(messages[other].values)))
        if number in bad
        else message
        for number, message in enumerate(messages)
    ]


def label_flip(records: Interactions, _: Space) -> Interactions:
    """Every answer is the opposite of what it was."""
    return replace(records, correct=1.0 - records.correct, score=1.0 - records.score)


def target(records: Interactions, space: Space) -> int:
    """The skill with most answers: what a backdoor is worth most on."""
    return int(np.argmax(np.bincount(space.main[records.item], minlength=space.skills)))


def backdoor(records: Interactions, space: Space) -> Interactions:
    """Every answer on one skill is right, so that nobody will be sent to practise it."""
    mine = space.main[records.item] == target(records, space)
    return replace(
        records,
        correct=np.where(mine, 1.0, records.correct).astype(np.float32),
        score=np.where(mine, 1.0, records.score).astype(np.float32),
    )


ATTACKS: Mapping[str, Attack] = MappingProxyType(
    {
        "not a number": _malformed(lambda message: _one(message, np.nan)),
        "infinite": _malformed(lambda message: _one(message, np.inf)),
        "another shape": _malformed(lambda message: replace(message, values=np.zeros(np.size(message.values) + 1))),
        "a thousand times": times(1000.0),
        "sign, ten times": times(-10.0),
        "sign": times(-1.0),
        "a little is enough": Attack(messages=a_little),
        "a size ten times too large, and sign": claim(10, -1.0),
        "a size of a billion": claim(10**9, 1.0),
        "replay": Attack(messages=replay),
        "just inside": Attack(messages=just_inside, known=True),
        "label flip": Attack(records=label_flip, known=True),
        "backdoor on one skill": Attack(records=backdoor, known=True),
    }
)
