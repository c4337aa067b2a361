from __future__ import annotations

import functools
import itertools
from dataclasses import fields, replace

import numpy as np
import pytest

from curriculum import catalog
from recommender import errors, interactions, quality, ways
from recommender.interactions import Interactions
from tests.curriculum import builders as curricula
from tests.recommender import builders

EACH = 5
SKILLS = ("root", "left", "right", "alone")


@functools.cache
def course():
    """Four skills with five questions each, beside the practice items."""
    items = [
        {"id": f"{skill}.{number}", "activity": f"urn:tiny:{skill}:{number}", "skills": [skill], "order": 9}
        for skill in SKILLS
        for number in range(EACH)
    ]
    return catalog.parse(curricula.tiny(meta={**curricula.tiny()["meta"], "practice": None}, items=items))


def taught(gains=None, keys=(), *, learners=150, rows=40, seed=1):
    """Answers of learners of differing ability to whom items add what `gains` says; keys of `keys` are wrong."""
    made, rng = course(), np.random.default_rng(seed)
    names = list(made.items)
    gain = np.full(len(names), 0.15)
    for name, value in (gains or {}).items():
        gain[names.index(name)] = value
    wrong = {names.index(name) for name in keys}
    hard = np.random.default_rng(7).normal(size=len(names))
    answers = []
    for learner in range(learners):
        able = rng.normal() * 1.2
        learnt = dict.fromkeys(SKILLS, 0.0)
        for place in range(rows):
            item = int(rng.integers(len(names)))
            skill = made.items[names[item]].skills[0]
            right = rng.random() < 1 / (1 + np.exp(-(able + learnt[skill] - hard[item] - 0.8)))
            answers.append((learner, item, float(right != (item in wrong)), place))
            learnt[skill] += gain[item]
    learner, item, right, place = (np.array(column) for column in zip(*answers, strict=True))
    return Interactions(
        learners=tuple(f"{number:03}" for number in range(learners)),
        learner=learner.astype(np.int32),
        item=item.astype(np.int32),
        correct=right.astype(np.float32),
        score=right.astype(np.float32),
        when=place.astype(np.int64),
    )


def found(history, *, minutes=np.nan):
    """What is said of items, with eases learnt from the same answers, as an hour before."""
    made = course()
    first = quality.sums(made, history, np.zeros(len(made.items)))
    ease = quality.eases(made, first, ways.typical(made))
    return quality.items(made, quality.sums(made, history, ease), np.full(len(made.items), minutes))


def test_an_item_that_teaches_nothing_falls_to_the_bottom_and_one_that_teaches_much_rises():
    listed = found(taught({"left.2": -0.5, "right.3": 1.0}, learners=400))
    order = [one.item for one in sorted(listed, key=lambda one: one.effect.value)]

    assert (order[0], order[-1]) == ("left.2", "right.3")
    worst = next(one.effect for one in listed if one.item == "left.2")
    assert worst.low < worst.value < worst.high < 0


def test_a_wrong_key_is_found_and_sound_ones_are_hardly_ever_doubted():
    doubted, sound = 0, 0
    for seed in range(6):
        listed = found(taught(keys=["root.1"], learners=300, seed=seed))
        told = {one.item for one in listed if "key" in one.doubts}
        doubted += "root.1" in told
        sound += len(told - {"root.1"})

    assert doubted == 6
    assert sound <= 1, "of 114 sound items about one in a thousand"


def test_what_hardly_anybody_and_what_everybody_gets_right_is_to_be_looked_at():
    history = taught()
    names = list(course().items)
    right = np.where(history.item == names.index("root.0"), 0.0, history.correct)
    right = np.where(history.item == names.index("root.4"), 1.0, right).astype(np.float32)
    told = {one.item: one for one in found(replace(history, correct=right))}

    assert ("hard" in told["root.0"].doubts, "easy" in told["root.4"].doubts) == (True, True)
    assert told["root.0"].fit is None, "where all answer alike nothing can be compared"


def test_sums_of_institutions_add_up_to_those_of_all_learners():
    history, ease = taught(learners=20), np.zeros(20)
    halves = [interactions.rows(history, (history.learner < 10) == first) for first in (True, False)]
    both = quality.total(course(), [quality.sums(course(), half, ease) for half in halves])

    whole = quality.sums(course(), history, ease)
    for one in fields(quality.Sums):
        np.testing.assert_allclose(getattr(both, one.name), getattr(whole, one.name))


def test_a_later_answer_changes_nothing_of_what_was_before_it():
    history, ease = taught(learners=1, rows=30), np.zeros(20)
    for cut in (5, 17):
        early = quality.sums(course(), interactions.rows(history, np.arange(cut)), ease)
        later = quality.sums(course(), history, ease)
        assert all((getattr(early, name) <= getattr(later, name)).all() for name in ("asked", "right", "after"))


def test_nothing_is_said_of_fewer_learners_than_needed():
    assert found(taught(learners=quality.LEAST - 1)) == []
    few = found(taught(learners=30, rows=3))
    assert all(not one.effect.known and one.effect.missing > 0 for one in few)


def test_a_fit_needs_learners_who_answered_elsewhere_before_and_who_differ():
    none = quality.nothing(course())
    asked = np.full(20, 50.0)
    few = replace(none, asked=asked, right=asked / 2, known=np.full(20, 5.0))
    alike = replace(none, asked=asked, right=asked / 2, known=asked, hits=asked / 2)

    for total in (few, alike):
        assert {one.fit for one in quality.items(course(), total, np.full(20, np.nan))} == {None}


def test_with_minutes_it_is_told_for_each_minute_too():
    plain, timed = found(taught()), found(taught(), minutes=4.0)

    assert {one.minute for one in plain} == {None}
    for one in timed:
        assert one.minute.value == pytest.approx(one.effect.value / 4.0)


def test_eases_follow_the_answers_from_what_is_declared():
    made = course()
    none = quality.eases(made, quality.nothing(made), np.full(20, 0.5))
    some = replace(quality.nothing(made), asked=np.full(20, 100.0), right=np.full(20, 90.0))

    assert none.tolist() == [0.0] * 20
    assert quality.eases(made, some, np.full(20, 0.5)) == pytest.approx(np.log(92 / 12))


def test_eases_of_another_catalog_are_refused():
    with pytest.raises(errors.MismatchError, match="needed 20"):
        quality.sums(course(), builders.history(course(), ("root.0", 1)), np.zeros(3))


def test_without_answers_all_sums_are_nought():
    empty = quality.sums(course(), interactions.empty(), np.zeros(20))

    assert not any(itertools.chain.from_iterable(getattr(empty, one.name) for one in fields(quality.Sums)))
