import functools
import operator
import os
from dataclasses import replace

import numpy as np
import pytest

from curriculum import catalog as catalogs
from federated import errors, exact, messages, task
from federated.exact import Facts
from federated.masking import fixed, sparse
from recommender import features, training
from recommender.cells import Counts
from recommender.space import Space
from tests.federated import builders

SOAK = "ENTREPOT_TEST_SOAK" in os.environ
SPACE = Space(catalogs.load("oulad"))


@pytest.fixture(scope="module")
def parts():
    """What five institutions hold, of different sizes."""
    sizes = (9, 4, 12, 2, 7)
    return [builders.interactions(size, seed, prefix=f"u{seed}", each=8) for seed, size in enumerate(sizes)]


@pytest.fixture(scope="module")
def counted(parts, space):
    return [training.count_base(one, space) for one in parts]


@pytest.fixture(scope="module")
def tables(parts, counted, space):
    """The model after both counts of all institutions, before the columns have a scale, and what each counted."""
    first = task.counted(messages.COUNTS, counted, space, task.start(space))
    own = [training.count_cells(one, space, first.tables, base) for one, base in zip(parts, counted, strict=True)]
    return task.counted(messages.CELLS, own, space, first), own


@pytest.fixture(scope="module")
def told(parts, tables, space):
    """Sums at a model on its own scale, those of Newton's first step, and that model."""
    first = [task.local_moments(one, space, tables[0], 1) for one in parts]
    begin = task.scaled([seen for _, seen in first], space, tables[0])
    return first, [task.local_sums(one, space, begin, 1) for one in parts], begin


def added(vectors):
    """The sum of members' words, modulo the word, as unmasking gives it."""
    return {name: functools.reduce(operator.add, [one[name] for one in vectors]) for name in vectors[0]}


def form(vectors):
    return {name: (str(words.dtype), len(words)) for name, words in vectors.items()}


def same_tables(found, expected):
    assert found.keys() == expected.keys()
    for name, counts in expected.items():
        for part in ("keys", "tries", "wins"):
            np.testing.assert_array_equal(getattr(found[name], part), getattr(counts, part), err_msg=f"{name} {part}")


@pytest.fixture(scope="module")
def base(parts, counted, space):
    """What each institution says in the first round."""
    facts = Facts(len(parts))
    return [
        exact.base(one, task.local_situations(rows, space, one, 1), len(rows.item), space, facts)
        for one, rows in zip(counted, parts, strict=True)
    ]


@pytest.mark.parametrize("members", [1, 2, 3, 4, 5])
def test_counts_add_up_exactly(base, parts, counted, space, members):
    found, rows, _cells = exact.read_base(added(base[:members]), space)

    same_tables(found, dict(training.add(counted[:members])))
    assert rows == sum(len(one.item) for one in parts[:members])
    assert form(base[0]) == exact.base_form(space)


@pytest.mark.parametrize("members", [1, 2, 3, 4, 5])
def test_situations_add_up_exactly(tables, members):
    own = tables[1][:members]
    expected = dict(training.add(own))
    facts = Facts(5, 100, sum(len(one.keys) for one in expected.values()), b"seed")
    vectors = [exact.situations(one, facts) for one in own]

    same_tables(exact.read_situations(added(vectors), facts), expected)
    assert form(vectors[0]) == exact.situations_form(facts)


def near(found, expected, gradient, hessian):
    """Each within so much of its own scale: the gradient's largest number, the Hessian's."""
    most = np.abs(expected.gradient).max()
    np.testing.assert_allclose(found.gradient, expected.gradient, rtol=0, atol=gradient * most)
    for name in ("items", "skills", "dense"):
        scale = np.abs(expected.dense).max()
        np.testing.assert_allclose(getattr(found, name), getattr(expected, name), rtol=0, atol=hessian * scale)
    assert found.loss == pytest.approx(expected.loss, rel=1e-9)
    assert found.rows == expected.rows


@pytest.mark.parametrize("members", [1, 2, 3, 4, 5])
def test_a_first_step_and_the_scale_of_columns_add_up(tables, told, space, members):
    first = told[0][:members]
    seen, summed = (
        functools.reduce(operator.add, several) for several in ([b for _, b in first], [a for a, _ in first])
    )
    facts = Facts(5, seen.rows)
    vectors = [exact.first(moments, sums, tables[0], space, facts) for sums, moments in first]

    found, then = exact.read_first(added(vectors), tables[0], space, facts)

    np.testing.assert_allclose(found.total, seen.total, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(found.squares, seen.squares, rtol=1e-9, atol=1e-9)
    near(then, summed, 1e-9, 1e-9)
    assert form(vectors[0]) == exact.first_form(tables[0], space)


@pytest.fixture(scope="module")
def steps(told, space):
    """What all say of a step, its facts, and the plain sum."""
    summed = functools.reduce(operator.add, told[1])
    facts = Facts(5, summed.rows)
    return [exact.step(one, told[2], space, facts) for one in told[1]], facts, summed


@pytest.mark.parametrize("members", [1, 2, 3, 4, 5])
def test_the_sums_of_a_step_add_up(told, steps, space, members):
    vectors, facts, _ = steps
    summed = replace(functools.reduce(operator.add, told[1][:members]), rows=facts.rows)

    near(exact.read_step(added(vectors[:members]), told[2], space, facts), summed, 1e-9, 1e-6)
    assert form(vectors[0]) == exact.step_form(told[2], space)


def test_newton_goes_where_it_goes_on_plain_sums(told, steps, space):
    vectors, facts, summed = steps
    state = task.State(told[2])
    here, _ = task.step(state, exact.read_step(added(vectors), told[2], space, facts), (), space, 1.0)
    there, _ = task.step(state, summed, (), space, 1.0)

    np.testing.assert_allclose(here.parameters.weights, there.parameters.weights, atol=1e-5)


@pytest.mark.parametrize("seed", range(30 if SOAK else 6))
def test_a_small_diagonal_is_not_mistaken_for_sums_that_were_made_up(told, steps, space, seed):
    """Rounding takes a small diagonal away while the row beside it stays: honest sums pass all the same."""
    random = np.random.default_rng(seed)
    _, facts, summed = steps
    r, place = summed.dense.shape[0], features.places(space, features.of_skill(space))
    rows = random.normal(0, 1, (facts.rows, r))
    skill = random.integers(space.skills, size=facts.rows)
    rows[skill == 0] *= 10.0 ** random.uniform(-6, -2, r)  # of one skill all columns are about as small as rounding
    rows[:, -1] = 1.0
    heavy = random.uniform(0.1, 0.25, facts.rows)[:, None] * rows
    skills = np.stack([rows[skill == one][:, place].T @ heavy[skill == one] for one in range(space.skills)])
    honest = replace(summed, items=0 * summed.items, skills=skills, dense=rows.T @ heavy)
    apart = [exact.step(replace(honest, **part), told[2], space, facts) for part in _shares(honest, random)]

    found = exact.read_step(added(apart), told[2], space, facts)

    np.testing.assert_allclose(found.skills, skills, atol=1e-4)


def _shares(summed, random):
    """The same sums in five unequal parts."""
    for share in random.dirichlet(np.ones(5)):
        yield {name: getattr(summed, name) * share for name in ("gradient", "items", "skills", "dense", "loss")}


def put(name, value, *places):
    def change(summed):
        array = getattr(summed, name).copy()
        array[places] = value
        return replace(summed, **{name: array})

    return change


@pytest.mark.parametrize(
    ("change", "text"),
    [
        (put("dense", -1.0, -1, -1), "diagonal must be between"),
        (put("dense", -1.0, 0, 0), "diagonal must be between"),
        (lambda one: replace(one, items=one.items * 0 - 1.0), "items: the Hessian's diagonal"),
        (put("dense", 69.2, -1, -1), "a quarter of the 272 rows"),
        (put("items", 60.0, slice(None), 0, features.places(SPACE, features.of_item(SPACE))[0]), "a quarter"),
        (put("skills", 60.0, slice(None), 0, features.places(SPACE, features.of_skill(SPACE))[0]), "a quarter"),
        (put("items", 60.0, 3, 0, 5), "items: the Hessian's blocks outweigh its diagonal"),
        (put("skills", 60.0, 0, 0, 5), "skills: the Hessian's blocks outweigh its diagonal"),
    ],
)
def test_sums_that_no_answers_add_up_to_are_refused(told, steps, space, change, text):
    _, facts, summed = steps
    whole = replace(facts, members=1)

    exact.read_step(exact.step(summed, told[2], space, whole), told[2], space, whole)
    with pytest.raises(errors.GuardError, match=text):
        exact.read_step(exact.step(change(summed), told[2], space, whole), told[2], space, whole)


def test_moments_that_no_rows_have_are_refused(tables, told, space):
    summed, seen = told[0][0]
    facts = Facts(1, seen.rows)
    words = exact.first(replace(seen, squares=seen.squares / 2), summed, tables[0], space, facts)

    with pytest.raises(errors.GuardError, match="cannot be"):
        exact.read_first(words, tables[0], space, facts)


@pytest.mark.parametrize("value", [1e9, np.nan, -np.inf])
@pytest.mark.parametrize("name", ["gradient", "items", "skills", "dense"])
def test_what_exceeds_its_bound_is_refused_and_never_wrapped(told, steps, space, name, value):
    _, facts, summed = steps
    array = getattr(summed, name).copy()
    array.flat[0] = value

    with pytest.raises(errors.MaskError, match="exceeds the bound"):
        exact.step(replace(summed, **{name: array}), told[2], space, facts)


def test_a_number_at_the_very_bound_does_not_wrap_in_the_sum_of_all(told, steps, space):
    """Every member at the bound in the same place: the sum is five times that, not a small or a negative number."""
    _, facts, summed = steps
    bound = facts.rows * 1.01 + 1.0
    gradient = summed.gradient.copy()
    gradient[-1] = bound
    vectors = [exact.step(replace(summed, gradient=gradient), told[2], space, facts)["gradient"]] * 5

    total = fixed.decode(sum(vectors[1:], vectors[0]), exact._narrow(facts, 64, 1.0))

    assert total[-1] == pytest.approx(5 * bound)


@pytest.mark.parametrize("name", ["total", "squares"])
def test_a_column_too_wide_is_refused(tables, told, space, name):
    summed, seen = told[0][0]
    facts = Facts(5, seen.rows)

    with pytest.raises(errors.MaskError, match="exceeds the bound"):
        exact.first(replace(seen, **{name: getattr(seen, name) + 1e9}), summed, tables[0], space, facts)


def test_a_count_too_large_for_all_is_refused(counted, space):
    item = counted[0]["item"]
    many = {**counted[0], "item": replace(item, tries=item.tries + 2**30)}

    with pytest.raises(errors.MaskError, match="a count exceeds"):
        exact.base(many, dict.fromkeys(exact._TABLES, item), 1, space, Facts(5))


@pytest.mark.parametrize(
    "change",
    [
        lambda words: {"item.wins": words["item.tries"] + np.uint32(1)},
        lambda words: {"combo.wins": words["combo.wins"] - words["combo.tries"] - np.uint32(1)},
        lambda words: {"rows": words["rows"] - np.uint64(1)},
    ],
)
def test_counts_that_no_answers_add_up_to_are_refused(base, space, change):
    total = added(base)

    with pytest.raises(errors.GuardError, match="more right answers than answers, or more answers than rows"):
        exact.read_base({**total, **change(total)}, space)


@pytest.mark.parametrize("wins", [-1, 3])
def test_situations_with_more_right_answers_than_answers_are_refused(tables, wins):
    facts = Facts(2, 10, 3000, b"seed")
    words = exact.situations(tables[1][0], facts)
    key = exact._joined(tables[1][0])[0][:1]
    more = sparse.encode(key, (np.array([0]), np.array([10_000])), exact.shape(facts))["column.1"]
    total = {**words, "column.1": words["column.1"] + more if wins > 0 else words["column.1"] - more}

    with pytest.raises(errors.GuardError, match="more right answers than answers"):
        exact.read_situations(total, facts)


def test_a_table_that_is_too_full_does_not_come_apart(tables):
    facts = Facts(5, 100, 40, b"seed")
    own = dict(training.add(tables[1]))
    parts = [
        {
            name: Counts(*(array[at * 2 : at * 2 + 2] for array in (one.keys, one.tries, one.wins)))
            for name, one in own.items()
        }
        for at in range(5)
    ]
    vectors = [exact.situations(part, facts) for part in parts]

    with pytest.raises(errors.MaskError, match="does not come apart"):
        exact.read_situations(added(vectors), facts)


@pytest.mark.parametrize("seed", range(30 if SOAK else 5))
def test_a_table_is_never_made_too_small(space, seed):
    """Institutions guess situations from their own answers; the table made for them holds those of all together."""
    random = np.random.default_rng(seed)
    sizes = random.integers(1, (3, 20, 60)[seed % 3], int(random.integers(2, 4)))
    each = int(random.integers(2, 40))
    parts = [builders.interactions(int(n), seed * 10 + at, prefix=f"u{at}", each=each) for at, n in enumerate(sizes)]
    counted = [training.count_base(one, space) for one in parts]
    facts = Facts(len(parts))
    words = [
        exact.base(one, task.local_situations(rows, space, one, 1), len(rows.item), space, facts)
        for one, rows in zip(counted, parts, strict=True)
    ]

    _, _, cells = exact.read_base(added(words), space)

    first = task.counted(messages.COUNTS, counted, space, task.start(space))
    own = [training.count_cells(rows, space, first.tables, one) for one, rows in zip(counted, parts, strict=True)]
    there = sum(len(one.keys) for one in training.add(own).values())
    facts = Facts(len(parts), 1, cells, b"seed")
    assert there <= cells < 3 * there + 200
    same_tables(
        exact.read_situations(added([exact.situations(one, facts) for one in own]), facts), dict(training.add(own))
    )
