import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from recommender import classic, datasets, interactions
from recommender import space as spaces

HEAD = "user,item,skills,correct\n"
ANSWERS = st.lists(
    st.tuples(st.sampled_from("ab"), st.sampled_from(["p,s", "q,s t", "r,t"]), st.booleans()), max_size=25
)


def read(answers):
    text = HEAD + "".join(f"{user},{item},{int(right)}\n" for user, item, right in answers)
    data = datasets.read(text.encode())
    return data.interactions, spaces.Space(data.catalog)


@settings(max_examples=40, deadline=None)
@given(ANSWERS)
def test_counts_are_of_the_rows_before(answers):
    rows, space = read(answers)
    made = classic.columns(rows, space)
    skills = made.skills.toarray()
    for n in range(len(rows.item)):
        before = np.flatnonzero(rows.learner[:n] == rows.learner[n])
        same = before[rows.item[before] == rows.item[n]]
        right = rows.correct
        expected = [len(same), right[same].sum(), len(before), right[before].sum()]
        assert np.allclose(np.expm1(made.dense[n, classic.TOTALS]), expected)
        for skill in range(space.skills):
            there = [m for m in before if skill in space.item_skills[rows.item[m]]]
            needed = skill in space.item_skills[rows.item[n]]
            counted = [1, np.log1p(len(there)), np.log1p(right[there].sum())] if needed else [0, 0, 0]
            assert np.allclose(skills[n, [skill, skill + space.skills, skill + 2 * space.skills]], counted)


@settings(max_examples=40, deadline=None)
@given(ANSWERS, st.integers(0, 24))
def test_a_changed_future_changes_no_row_before_it(answers, cut):
    rows, space = read(answers)
    flipped = np.where(np.arange(len(rows.item)) >= cut, 1 - rows.correct, rows.correct).astype(np.float32)
    changed = interactions.Interactions(rows.learners, rows.learner, rows.item, flipped, rows.score, rows.when)

    one, other = classic.columns(rows, space), classic.columns(changed, space)

    assert np.array_equal(one.dense[: cut + 1], other.dense[: cut + 1])
    assert (one.skills[: cut + 1] != other.skills[: cut + 1]).nnz == 0


def test_recency_and_patterns_are_those_of_a_history_that_can_be_read():
    rows, space = read([("a", "p,s", True), ("a", "p,s", False), ("a", "r,t", True), ("a", "p,s", True)])

    dense = classic.columns(rows, space).dense

    assert np.allclose(dense[0, classic.RECENCY], 0.0)
    short = 0.2 + 0.8 * (0.8 * (0.2 + 0.8 * 0.5))
    skill = 0.7 * (0.3 + 0.7 * 0.5)
    assert np.allclose(dense[3, classic.RECENCY][[0, 2, 3, 4]], [short - 0.5, skill - 0.5, -1.0, np.log(2 / 2)])
    assert dense[3, classic.PATTERNS].tolist() == [1, -1, 1, 0, -1, 1, 0, 1, 1, 0, 0, -1, np.log1p(1), 0]
    assert dense[1, classic.PATTERNS].tolist() == [1, 0, 0, 1, 0, 0, 1, 0, 0, 1, 1, 0, 0, 1]


def test_rows_and_blocks_can_be_taken():
    rows, space = read([("a", "p,s", True), ("a", "q,s t", False), ("b", "r,t", True)])
    made = classic.columns(rows, space)

    some = classic.take(made, np.array([True, False, True]))
    few = classic.part(made, space, kinds=1, dense=classic.TOTALS)
    bare = classic.part(made, space)

    assert (some.item.tolist(), some.correct.tolist()) == ([0, 2], [1.0, 1.0])
    assert (few.skills.shape, few.dense.shape) == ((3, 2), (3, 5))
    assert bare.dense.tolist() == [[1.0]] * 3


def test_no_row_makes_no_column():
    rows, space = read([])

    assert classic.columns(rows, space).dense.shape == (0, 24)
