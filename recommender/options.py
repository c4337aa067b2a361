"""Which candidates are shown: different skills, different kinds where there are, and the chance that is shown. Floor 2.

The best gain, what comes back, a stretch for one who is ready; what an instructor put first stands before them. The
model's chance weighs how well an activity fits; which skill teaches most is policy F's to say.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from recommender import candidates, explain, layout, predicting, tracker
from recommender import knobs as knobs_of
from recommender.candidates import Candidate, Case
from recommender.explain import Contribution
from recommender.parameters import Parameters
from recommender.review import DUE

OPTIONS = 3  # that are explained side by side
LOOKED_AT = 9  # candidates, besides those that come back, whose chance the model predicts


@dataclass(frozen=True, eq=False)
class Option:
    """A candidate with the chance that is shown.

    Attributes:
        candidate: With its parts, weighed by that chance.
        chance: Chance of success, 0..1.
        kind: That of the candidate, or "stretch".
        pin: Place among what an instructor put first, or None.
    """

    candidate: Candidate
    chance: float
    kind: str
    pin: int | None


def _pin(case: Case, candidate: Candidate) -> int | None:
    """Place among what an instructor put first, or None."""
    first, laid = case.knobs.first, case.layout
    places = [first.index(name) for name in (laid.ids[candidate.item], laid.skills[candidate.skill]) if name in first]
    return min(places, default=None)


def shortlist(case: Case, found: Sequence[Candidate], count: int) -> list[Candidate]:
    """The candidates that may be shown: the best by score, the best of those that come back, and what is put first.

    Args:
        case: What is known of the learner.
        found: All candidates, the best first.
        count: How many will be shown.
    """
    most = max(LOOKED_AT, 2 * count) if count > OPTIONS else LOOKED_AT
    seen: set[int] = set()
    best: list[Candidate] = []
    again: list[Candidate] = []
    others: list[Candidate] = []
    for one in found:
        if one.skill in seen:
            others.append(one)
            continue
        seen.add(one.skill)
        if len(best) < most:
            best.append(one)
        elif one.kind in candidates.BACK and len(again) < count:
            again.append(one)
    # Of a skill that is among the best, the next items too: where few skills are left, they fill the places.
    fill = others[: max(0, count + OPTIONS - len(best))]
    first = [one for one in found if _pin(case, one) is not None] if case.knobs.first else []
    return list(dict.fromkeys((*best, *again, *fill, *first)))


def weigh(case: Case, looked: Sequence[Candidate], parameters: Parameters | None) -> list[Option]:
    """Weigh candidates again by how well the chance that is shown fits.

    Args:
        case: What is known of the learner.
        looked: Some candidates, such as a `shortlist`.
        parameters: The fitted model, or None.

    Returns:
        The best first.

    Raises:
        errors.MismatchError: The model is of another catalog.
    """
    if parameters is None:
        chances = [one.chance for one in looked]
    else:
        items, moment = [one.item for one in looked], int(case.now.timestamp() * 1e6)
        chances = predicting.chances(case.catalog, case.history, parameters, items, case.ready.state, when=moment)
    low, _ = knobs_of.band(case.knobs)
    strong = candidates.is_strong(case.trail)
    made = []
    for one, chance in zip(looked, chances, strict=True):
        again = 1.0 if parameters is None else knobs_of.fit(case.knobs, chance) / knobs_of.fit(case.knobs, one.chance)
        kind = "stretch" if one.kind == "practice" and strong and chance < low else one.kind
        made.append(Option(one if again == 1.0 else _scaled(one, again), chance, kind, _pin(case, one)))
    return sorted(made, key=lambda option: (-option.candidate.score, option.candidate.item))


def _scaled(one: Candidate, factor: float) -> Candidate:
    """The candidate with all its parts multiplied."""
    return replace(
        one,
        gap=factor * one.gap,
        review=factor * one.review,
        refresh=factor * one.refresh,
        back=factor * one.back,
        opens=factor * one.opens,
        weight=factor * one.weight,
    )


def pick(case: Case, offered: Sequence[Option], count: int) -> list[Option]:
    """Options of different skills, with places for what comes back and for a stretch; then the best of what is left.

    Args:
        case: What is known of the learner.
        offered: What `weigh` gave.
        count: How many at most.

    Returns:
        What an instructor put first in that order, then by score.
    """
    heads = _heads(offered)
    wish: list[Option] = sorted(
        (one for one in offered if one.pin is not None), key=lambda one: (one.pin or 0, -one.candidate.score)
    )
    chosen = list({one.pin: one for one in reversed(wish)}.values())[::-1][:count]
    chosen += _more(chosen, [one for one in heads if one.kind == "step_back"], 1, count)
    again = sorted(
        (one for one in heads if one.kind in candidates.BACK),
        key=lambda one: (one.kind != "refresh", -one.candidate.score),
    )
    have = sum(one.kind in candidates.BACK for one in chosen)
    chosen += _more(chosen, again, knobs_of.places(case.knobs, count) - have, count)
    if count >= OPTIONS:
        # The best gain comes first: a stretch takes the last place of three, not the only one left.
        chosen += _more(chosen, heads, OPTIONS - 1 - len(chosen), count)
        shown = [one for one in _more(chosen, heads, 1, count) if one.candidate.item in case.shown]
        if not shown and not any(one.kind == "stretch" for one in chosen):
            chosen += _more(chosen, [one for one in heads if one.kind == "stretch"], 1, count)
    chosen += _more(chosen, heads, count, count)
    chosen += _more(chosen, offered, count, count, same=True)
    return sorted(
        chosen,
        key=lambda one: (one.pin is None, one.pin or 0, -one.candidate.score, one.candidate.item),
    )


def _heads(offered: Iterable[Option]) -> list[Option]:
    """The best option of each skill."""
    seen: set[int] = set()
    found = []
    for one in offered:
        if one.candidate.skill not in seen:
            seen.add(one.candidate.skill)
            found.append(one)
    return found


def _more(
    chosen: Sequence[Option], offered: Iterable[Option], number: int, count: int, *, same: bool = False
) -> list[Option]:
    """The first options whose skill (with `same`: which themselves) is not chosen yet, while places are left."""
    taken = {one.candidate.skill for one in chosen}
    fitting = [one for one in offered if (one not in chosen if same else one.candidate.skill not in taken)]
    return fitting[: max(0, min(number, count - len(chosen)))]


def contributions(
    case: Case, chosen: Sequence[Option], parameters: Parameters | None
) -> list[tuple[Contribution, ...]]:
    """Parts of the logit of the chance of each of some options.

    Args:
        case: What is known of the learner.
        chosen: From `pick`.
        parameters: The fitted model, or None.
    """
    items = [option.candidate.item for option in chosen]
    if parameters is not None:
        moment = int(case.now.timestamp() * 1e6)
        return predicting.contributions(case.catalog, case.history, parameters, items, case.ready.state, when=moment)
    prior, laid, answers = tracker.prior(case.catalog), case.layout, len(case.trail.item)
    found = []
    for option, item in zip(chosen, items, strict=True):
        state, difficulty = prior[option.candidate.skill].state, _declared(case, item)
        found.append(
            explain.by_graph(
                tracker.dot(state, tracker.CHANCE),
                tracker.dot(state, laid.chances[item]),
                option.chance,
                {"difficulty": difficulty, "answers": answers},
            )
        )
    return found


def _declared(case: Case, item: int) -> float:
    return layout.declared(case.catalog, case.catalog.items[case.layout.ids[item]])


def cited(case: Case, option: Option, offered: Sequence[Option]) -> str:
    """The kind of reason without which an option would not be among the first three, the particular before the general.

    Args:
        case: What is known of the learner.
        option: One of them.
        offered: What `weigh` gave.
    """
    one = option.candidate
    # The first of each skill is its best; scores fall along the way.
    others = [other.candidate.score for other in _heads(offered) if other.candidate.skill != one.skill]
    bar = others[OPTIONS - 1] if len(others) >= OPTIONS else 0.0
    if option.pin is not None and one.score < bar:
        return "pinned"
    for reason, rest in _without(case, option):
        if rest < bar:
            return reason
    return "goal"


def _without(case: Case, option: Option) -> Iterable[tuple[str, float]]:
    """By kind of reason what would be left of a score without it; less than nothing where it would be done then."""
    one = option.candidate
    again, stuck = case.due.get(one.skill), case.back.get(one.skill)
    finished = one.item in case.finished
    if stuck is not None:
        yield "step_back", -1.0 if finished and again is None else one.score - one.back
    if again is not None:
        alone = finished and (stuck is None or one.skill not in case.reopened)
        if again.kind == "review":
            yield "review", -1.0 if alone else one.score - one.review
        elif again.retention >= DUE:
            yield "rule", -1.0 if alone else one.score - one.refresh
    if option.kind in {"practice", "test_out"} and one.opens > one.own:
        yield "opens", one.own
