import numpy as np

from recommender import interactions, tally
from tests.recommender import builders

TINY = builders.tiny()


def test_an_item_on_two_skills_is_an_answer_on_both():
    rows = builders.history(TINY, ("exam", 1), ("practice:left", 0))
    found = tally.by_skill(TINY, rows)

    assert list(found) == list(TINY.skills)
    assert [(one.right, one.when) for one in found["left"]] == [(True, rows.when[0]), (False, rows.when[1])]
    assert [one.right for one in found["top"]] == [True]
    assert found["root"] == []


def test_the_counts_of_many_are_those_of_each():
    many = builders.interactions(TINY, learners=9, rows=30)
    answers, right, newest = tally.sums(TINY, many)

    for row in range(9):
        own = interactions.select(many, np.arange(9) == row)
        for column, told in enumerate(tally.by_skill(TINY, own).values()):
            assert answers[row, column] == len(told)
            assert right[row, column] == sum(one.right for one in told)
            assert newest[row, column] == max((one.when for one in told), default=-1)
