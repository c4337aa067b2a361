"""What an experiment on the path found, from labels alone. Floor 2.

Who takes part, in which arm and since when, says the first recommendation that bears the experiment's name; whoever
began stays in that arm, whatever was practised (Fisher 1935; intention to treat). A path chooses what is answered, so
the share of right answers on it says how easy it chose, not what was learnt: arms are judged by a test that no path
chose. Differences are of means, adjusted for what was known before (Deng et al. 2013), with a range and a chance by
permutation over learners: exact where the arms do not differ, whatever the numbers look like.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from math import ceil, nan

import numpy as np
import numpy.typing as npt
from scipy.special import chdtrc, ndtri

from curriculum.catalog import Catalog
from recommender import arms as assigning
from recommender import errors, interactions, verbs
from recommender.interactions import Interactions
from xapi_collector.label import Label

Floats = npt.NDArray[np.float64]

LEAST = 20  # learners an arm below which no figure is shown
ENOUGH = 5  # answers since the beginning below which a learner shows no growth
SHRUNK = 4.0  # answers that a learner of average ability is worth
TEN = 10.0  # growth is told for so many answers
DRAWS = 2000
SURE = 0.95  # of a range
POWER = 0.8  # chance to see the difference that is asked for
TEST, PATH = "test", "path"
EXAMS = "/lti/practice/exam/"  # what the IRI of an exam of the tool has in it


@dataclass(frozen=True, slots=True)
class Joined:
    """How a learner takes part: the arm of the first recommendation, and when that was, in microseconds since 1970."""

    arm: str
    since: int


@dataclass(frozen=True, eq=False)
class Records:
    """What is read of a store.

    Attributes:
        joined: By pseudonym.
        mixed: Pseudonyms that were later given recommendations of another arm.
        tests: Results by (pseudonym, activity), each (when, score 0..1), in the order of storing.
        answers: All answers on items of the catalog.
    """

    joined: Mapping[str, Joined]
    mixed: frozenset[str]
    tests: Mapping[tuple[str, str], Sequence[tuple[int, float]]]
    answers: Interactions


@dataclass(frozen=True)
class Group:
    """An arm.

    Attributes:
        arm: Its name.
        learners: Who takes part.
        answers: Theirs since they began.
        tested: How many of them have a result in a test since then.
    """

    arm: str
    learners: int
    answers: int
    tested: int


@dataclass(frozen=True)
class Difference:
    """How an arm differs from the first one.

    Attributes:
        arm: Its name.
        outcome: `TEST`: score in a common test, 0..1; `PATH`: growth from the first to the last answer of each item,
            added up, for ten answers.
        learners: With that outcome, in the first arm and in this one.
        means: Adjusted, of both; empty below `LEAST` learners in either.
        value: The difference; nan below `LEAST` learners in either.
        low: Beginning of the range that holds the true one in 95 of 100 cases.
        high: Its end.
        chance: Of a difference at least as great where the arms do not differ.
        needed: More learners an arm with that outcome until the difference asked for would be seen in 8 of 10 cases.
    """

    arm: str
    outcome: str
    learners: tuple[int, int]
    means: tuple[float, ...] = ()
    value: float = nan
    low: float = nan
    high: float = nan
    chance: float = nan
    needed: int | None = None


@dataclass(frozen=True)
class Report:
    """What was found.

    Attributes:
        experiment: Its name.
        groups: In the order of the arms.
        enough: Whether every arm has `LEAST` learners; without, there are no differences.
        uneven: Chance of arms as different in size as these, if the lot is fair.
        moved: Learners whose pseudonym would be in another arm today: it was replaced since.
        mixed: Learners who were given recommendations of both arms.
        differences: Of each further arm from the first, by test and by path.
    """

    experiment: str
    groups: tuple[Group, ...]
    enough: bool
    uneven: float
    moved: int
    mixed: int
    differences: tuple[Difference, ...] = ()


def read(labels: Iterable[Label], catalog: Catalog, name: str, *, tests: Collection[str] = ()) -> Records:
    """Read who takes part and what they did, in one pass.

    Args:
        labels: Of one institution, in the order of storing.
        catalog: What was recommended from.
        name: Of the experiment.
        tests: IRIs of activities that everybody is tested by; none: the exams of the tool.
    """
    joined: dict[str, Joined] = {}
    seen: dict[str, set[str]] = {}
    results: dict[tuple[str, str], list[tuple[int, float]]] = {}

    def listen() -> Iterator[Label]:
        for one in labels:
            arm = _arm(one, name) if one.verb == verbs.RECOMMENDED and one.activity in catalog.activities else ""
            if arm and one.actor:
                seen.setdefault(one.actor, set()).add(arm)
                if one.actor not in joined or one.timestamp < joined[one.actor].since:
                    joined[one.actor] = Joined(arm, one.timestamp)
            score = _score(one)
            if score is not None and (one.activity in tests if tests else EXAMS in one.activity):
                results.setdefault((one.actor, one.activity), []).append((one.timestamp, score))
            yield one

    answers = interactions.from_labels(listen(), catalog)
    mixed = frozenset(person for person, names in seen.items() if len(names) > 1)
    return Records(joined, mixed, {key: sorted(found) for key, found in results.items()}, answers)


def report(
    records: Records, name: str, arms: Sequence[str], rng: np.random.Generator, *, difference: float = 0.05
) -> Report:
    """Compare the arms.

    Args:
        records: From `read`.
        name: Of the experiment.
        arms: In the order that was registered; the first is what the others are compared with.
        rng: Source of luck, for the permutations.
        difference: In the test, that would matter: for `Difference.needed`.

    Raises:
        errors.MismatchError: A recommendation names an arm that the experiment does not have.
    """
    strange = {one.arm for one in records.joined.values()} - set(arms)
    if strange:
        what = f"arms of the experiment {name!r}"
        raise errors.MismatchError(what, ", ".join(sorted(strange)), ", ".join(arms))
    people = sorted(records.joined)
    of = np.array([arms.index(records.joined[one].arm) for one in people], np.int64)
    start = _start(records, people)
    outcomes = {TEST: _tested(records, people), PATH: _growth(records, people)}
    answers = _counts(records, people)
    sizes = np.bincount(of, minlength=len(arms))
    groups = tuple(
        Group(arm, int(sizes[n]), int(answers[of == n].sum()), int(np.isfinite(outcomes[TEST][of == n]).sum()))
        for n, arm in enumerate(arms)
    )
    enough = bool(sizes.min() >= LEAST)
    bare = Report(
        name,
        groups,
        enough,
        uneven=_uneven(sizes),
        moved=sum(assigning.assign(one, name, arms) != records.joined[one].arm for one in people),
        mixed=len(records.mixed & records.joined.keys()),
    )
    if not enough:
        return bare
    found = [
        _difference(arm, outcome, values[pair], of[pair] == n, start=start[pair], rng=rng, asked=difference)
        for n, arm in enumerate(arms[1:], start=1)
        for outcome, values in outcomes.items()
        for pair in [np.flatnonzero(((of == 0) | (of == n)) & np.isfinite(values))]
    ]
    return replace(bare, differences=tuple(found))


def _arm(label: Label, name: str) -> str:
    """The arm that a recommendation says it is of; empty: it is of no such experiment."""
    mark = f"{verbs.EXPERIMENT_IN_IRI}{name}/"
    return next((iri.partition(mark)[2] for iri in label.grouping if mark in iri), "")


def _score(label: Label) -> float | None:
    if label.verb not in verbs.GRADED or not label.actor:
        return None
    if label.score is not None:
        return label.score
    right = verbs.IMPLIED_SUCCESS.get(label.verb) if label.success is None else label.success
    return None if right is None else float(right)


def _uneven(sizes: npt.NDArray[np.int64]) -> float:
    mean = sizes.sum() / len(sizes)
    return float(chdtrc(len(sizes) - 1, ((sizes - mean) ** 2).sum() / mean)) if mean else nan


def _since(records: Records, people: Sequence[str]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Of each answer, the place of its learner among the people (-1: none of them) and when that one began."""
    place = {person: number for number, person in enumerate(people)}
    numbers = np.array([place.get(one, -1) for one in records.answers.learners], np.int64)
    since = np.array([records.joined[one].since if one in place else 0 for one in records.answers.learners], np.int64)
    return numbers[records.answers.learner], since[records.answers.learner]


def _counts(records: Records, people: Sequence[str]) -> npt.NDArray[np.int64]:
    person, since = _since(records, people)
    return np.bincount(person[(person >= 0) & (records.answers.when > since)], minlength=len(people))


def _start(records: Records, people: Sequence[str]) -> Floats:
    """What is known of each learner from before they began: float64 [people, 4].

    How much better than others on the same items, how many answers (as a logarithm), how much better in a test than
    others, and whether there was one.
    """
    person, since = _since(records, people)
    rows = (person >= 0) & (records.answers.when <= since)
    who, item, right = person[rows], records.answers.item[rows], records.answers.correct[rows].astype(np.float64)
    asked = np.bincount(item, minlength=1)
    expected = np.bincount(item, weights=right, minlength=1)[item] / asked[item]
    count = np.bincount(who, minlength=len(people))
    better = np.bincount(who, weights=right - expected, minlength=len(people)) / (count + SHRUNK)
    tested = _residuals(records, people, before=True)
    return np.column_stack([better, np.log1p(count), np.nan_to_num(tested), np.isfinite(tested)])


def _tested(records: Records, people: Sequence[str]) -> Floats:
    """Score in the tests since the beginning, as if all had taken the same ones; nan without any: float64 [people]."""
    scores = [found[-1][1] for found in records.tests.values()]
    return _residuals(records, people, before=False) + (float(np.mean(scores)) if scores else 0.0)


def _residuals(records: Records, people: Sequence[str], *, before: bool) -> Floats:
    """How much better than others in the last result of each test, before or since the beginning; nan without any."""
    place = {person: number for number, person in enumerate(people)}
    rows: list[tuple[int, str, float]] = []
    for (person, activity), found in records.tests.items():
        since = records.joined[person].since if person in place else 0
        results = [score for when, score in found if (when <= since) is before]
        if person in place and results:
            rows.append((place[person], activity, results[-1]))
    kinds = sorted({activity for _, activity, _ in rows})
    kind = np.array([kinds.index(activity) for _, activity, _ in rows], np.int64)
    who = np.array([number for number, _, _ in rows], np.int64)
    score = np.array([value for _, _, value in rows], np.float64)
    count = np.bincount(who, minlength=len(people))
    mean = np.bincount(kind, weights=score, minlength=1) / np.maximum(np.bincount(kind, minlength=1), 1)
    total = np.bincount(who, weights=score - mean[kind], minlength=len(people))
    return np.where(count > 0, total / np.maximum(count, 1), nan)


def _growth(records: Records, people: Sequence[str]) -> Floats:
    """Last less first answer of each item that was answered again, added up, for ten answers; nan: too few answers.

    An answer that is told to be a further try at the same task shows what was read, not what is known: left out.
    """
    person, since = _since(records, people)
    answers = records.answers
    rows = np.flatnonzero((person >= 0) & (answers.when > since) & ~(answers.attempt > 1))
    who, right = person[rows], answers.correct[rows].astype(np.float64)
    pair = who * (int(answers.item.max(initial=0)) + 1) + answers.item[rows]
    kinds, first = np.unique(pair, return_index=True)
    last = len(pair) - 1 - np.unique(pair[::-1], return_index=True)[1]
    total = np.bincount(who[first], weights=right[last] - right[first], minlength=len(people)) if len(kinds) else 0.0
    count = np.bincount(who, minlength=len(people))
    return np.where(count >= ENOUGH, TEN * total / np.maximum(count, 1), nan)


def _difference(
    arm: str,
    outcome: str,
    values: Floats,
    treated: npt.NDArray[np.bool_],
    *,
    start: Floats,
    rng: np.random.Generator,
    asked: float,
) -> Difference:
    """The difference of two arms in one outcome; values and treated of n learners, start [n, 4]."""
    sizes = int((~treated).sum()), int(treated.sum())
    if min(sizes) < LEAST:
        return Difference(arm, outcome, sizes)
    adjusted = _adjusted(values, start)
    between = _between(adjusted)
    value = float(between(treated[None, :])[0])
    drawn = np.concatenate([between(rng.permuted(np.tile(treated, (DRAWS // 20, 1)), axis=1)) for _ in range(20)])
    wide = float(np.quantile(np.abs(drawn), SURE))
    needed = None
    if outcome == TEST:
        quantiles = ndtri(0.5 + SURE / 2) + ndtri(POWER)
        whole = ceil(2.0 * (quantiles * float(np.std(adjusted - treated * value, ddof=2)) / asked) ** 2)
        needed = max(0, whole - min(sizes))
    return Difference(
        arm,
        outcome,
        sizes,
        means=(float(adjusted[~treated].mean()), float(adjusted[treated].mean())),
        value=value,
        low=value - wide,
        high=value + wide,
        chance=float((1 + (np.abs(drawn) >= abs(value) - 1e-12).sum()) / (1 + len(drawn))),
        needed=needed,
    )


def _adjusted(values: Floats, start: Floats) -> Floats:
    """Values without what can be said from the start, whatever the arm; their mean stays."""
    columns = start - start.mean(axis=0)
    weights, *_ = np.linalg.lstsq(columns, values - values.mean(), rcond=None)
    left: Floats = values - columns @ weights
    return left


def _between(values: Floats) -> Callable[[npt.NDArray[np.bool_]], Floats]:
    """Difference of the means for each row of a matrix that says who is in the arm."""
    total = float(values.sum())

    def between(treated: npt.NDArray[np.bool_]) -> Floats:
        count = treated.sum(axis=1)
        inside = treated @ values
        found: Floats = inside / count - (total - inside) / (treated.shape[1] - count)
        return found

    return between
