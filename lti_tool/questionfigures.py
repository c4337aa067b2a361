"""What came of each question of the bank in a course: how many answered, how many right, what the others thought.

Floor 3. Counted is the first try of each learner at each question in what is kept of their practice, never who it was,
and only of those who let the institution look at what they do. Of few answers nothing is said: a guess helps nobody.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import atanh, sqrt, tanh
from statistics import fmean, pstdev

from curriculum.bank import draw
from curriculum.bank.entry import Entry
from curriculum.practice.task import CHOICE
from lti_tool import attempts
from lti_tool.attempts import Attempt
from storage.port import Storage

FEWEST = 20
"""Learners from which on something is said of a question."""
SOME = 3
"""Other answers of a learner from which on their share right says how much they know."""
Z = 1.96
"""Of a likely range of 95 per cent."""
SURE = 1.5
"""Likely ranges (so 2.9 standard errors) by which a fit must lie below 0: a course has a hundred questions, and one in
forty would lie a whole range below by chance.
"""
HARD, EASY = 0.25, 0.95
"""Share right below which few, and above which nearly all, get a question right."""
UNNAMED, WRONG = 0.5, 10
"""Share of wrong answers without a known cause from which on one may be missing, and how many there must be."""
UNKNOWN = "unknown"
REASONS = ("hard", "guessed", "easy", "against", "tempting", "unnamed")


@dataclass(frozen=True)
class Given:
    """One answer: the question, the learner, whether it was right at the first try, and what was named if not."""

    question: str
    learner: str
    right: bool
    cause: str


@dataclass(frozen=True)
class Figures:
    """What came of a question.

    Attributes:
        answered: Learners who answered it.
        right: Share of right answers, 0..1; None of fewer than `FEWEST`.
        low: Lower end of its likely range.
        high: Upper end.
        causes: Share of all answers by cause, `UNKNOWN` among them, the most frequent first.
        shown: Share of learners who asked to see the answer.
        fit: Correlation of this answer with the share right of a learner's others (point-biserial, without the
            question itself); None where that cannot be said.
        fit_low: Lower end of its likely range.
        fit_high: Upper end.
        reasons: Why somebody should look at it, of `REASONS`.
    """

    answered: int
    right: float | None = None
    low: float = 0.0
    high: float = 1.0
    causes: tuple[tuple[str, float], ...] = ()
    shown: float = 0.0
    fit: float | None = None
    fit_low: float = -1.0
    fit_high: float = 1.0
    reasons: tuple[str, ...] = ()


def of_course(storage: Storage, links: Iterable[str], allowed: Collection[str]) -> list[Given]:
    """The first tries at questions of the bank in a course.

    Args:
        storage: The institution's store.
        links: Keys of the course's links.
        allowed: Pseudonyms of the learners who may be counted.
    """
    found: dict[tuple[str, str], Given] = {}
    for link in links:
        for learner, attempt in attempts.of_link(storage, link):
            if learner in allowed:
                for one in _given(learner, attempt):
                    found.setdefault((learner, one.question), one)
    return list(found.values())


def figures(given: Sequence[Given], entries: Mapping[str, Entry]) -> dict[str, Figures]:
    """What came of each question that somebody answered.

    Args:
        given: Answers of a course, one a learner and question.
        entries: Questions by id; of others nothing is said.
    """
    by_question: dict[str, list[Given]] = {}
    right: Counter[str] = Counter()
    count: Counter[str] = Counter()
    for one in given:
        by_question.setdefault(one.question, []).append(one)
        right[one.learner] += one.right
        count[one.learner] += 1
    rests = {
        name: [
            (one.right, (right[one.learner] - one.right) / (count[one.learner] - 1))
            for one in listed
            if count[one.learner] > SOME
        ]
        for name, listed in by_question.items()
    }
    return {
        name: _figures(listed, rests[name], entries[name]) for name, listed in by_question.items() if name in entries
    }


def wilson(right: int, count: int) -> tuple[float, float]:
    """The likely range of a share.

    Source: Wilson, "Probable inference, the law of succession, and statistical inference", JASA 22, 1927.

    >>> [round(end, 3) for end in wilson(15, 20)]
    [0.531, 0.888]
    """
    share, square = right / count, Z * Z / count
    middle, spread = share + square / 2, Z * sqrt(share * (1 - share) / count + square / (4 * count))
    return max(0.0, (middle - spread) / (1 + square)), min(1.0, (middle + spread) / (1 + square))


def correlation(pairs: Sequence[tuple[bool, float]]) -> tuple[float, float, float] | None:
    """The point-biserial correlation of an answer with the share right of others, and its likely range.

    The range is that of Fisher's transformation. Source: Lord and Novick, "Statistical Theories of Mental Test Scores",
    1968, 15.5.

    Args:
        pairs: Of each learner: whether the answer was right, and the share right of their others, 0..1.

    Returns:
        None where all are alike, or they are fewer than `FEWEST`.
    """
    if len(pairs) < FEWEST:
        return None
    answers, rests = [float(right) for right, _ in pairs], [rest for _, rest in pairs]
    spread = pstdev(answers) * pstdev(rests)
    if not spread:
        return None
    middle, other = fmean(answers), fmean(rests)
    found = fmean((one - middle) * (rest - other) for one, rest in zip(answers, rests, strict=True)) / spread
    found = max(-0.999, min(0.999, found))
    half = Z / sqrt(len(pairs) - 3)
    return found, tanh(atanh(found) - half), tanh(atanh(found) + half)


def _given(learner: str, attempt: Attempt) -> Iterator[Given]:
    for answer in attempt.answers:
        kind, _, name = answer.step.partition(".")
        if kind == draw.KIND:
            alone = answer.tries == 1 and not answer.hints
            yield Given(name, learner, answer.right and alone, "" if answer.right and alone else _cause(answer))


def _cause(answer: attempts.Answer) -> str:
    """What was named of a first try that was not right; empty where the learner asked to see the answer."""
    return (answer.cause or UNKNOWN) if answer.given or answer.earlier else ""


def _figures(listed: Sequence[Given], rests: Sequence[tuple[bool, float]], entry: Entry) -> Figures:
    count, right = len(listed), sum(one.right for one in listed)
    if count < FEWEST:
        return Figures(count)
    low, high = wilson(right, count)
    causes = Counter(one.cause for one in listed if not one.right)
    shown = causes.pop("", 0)
    fit = correlation(rests)
    shares = tuple((cause, number / count) for cause, number in causes.most_common())
    made = Figures(
        count,
        right / count,
        low,
        high,
        shares,
        shown / count,
        *(fit or (None, -1.0, 1.0)),
    )
    return Figures(**{**made.__dict__, "reasons": tuple(_reasons(made, causes, entry))})


def _reasons(made: Figures, causes: Counter[str], entry: Entry) -> Iterator[str]:
    """Why somebody should look at a question; each holds beyond what chance does."""
    chance = 1 / len(entry.options) if entry.form == CHOICE else 0.0
    if made.high < chance:
        yield "guessed"
    elif made.high < HARD:
        yield "hard"
    if made.low > EASY:
        yield "easy"
    if made.fit is not None and atanh(made.fit) + SURE * (atanh(made.fit_high) - atanh(made.fit)) < 0:
        yield "against"
    if made.right is not None and made.causes and made.causes[0][0] != UNKNOWN and made.causes[0][1] > made.high:
        yield "tempting"
    wrong = sum(causes.values())
    if wrong >= WRONG and wilson(causes[UNKNOWN], wrong)[0] > UNNAMED:
        yield "unnamed"
