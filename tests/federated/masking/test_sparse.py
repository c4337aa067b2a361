import os

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from federated import errors
from federated.masking import sparse
from tests.federated.masking import runs

LARGEST = 2**60 - 1
SOAK = os.environ.get("ENTREPOT_TEST_SOAK") == "1"


def shape(keys, members=5, columns=2, seed=b"run-1 round 1"):
    return sparse.Shape(keys, members, columns, seed)


def table(cells, columns=2):
    keys = np.array(sorted(cells), np.int64)
    return keys, [np.array([cells[key][place] for key in sorted(cells)], np.int64) for place in range(columns)]


def added(parts):
    return {name: sum((part[name] for part in parts[1:]), start=parts[0][name]) for name in parts[0]}


CELLS = st.dictionaries(
    st.integers(0, LARGEST) | st.integers(0, 9), st.tuples(st.integers(0, 2**20), st.integers(0, 2**20)), max_size=12
)


@settings(max_examples=25, deadline=None)
@given(st.lists(CELLS, min_size=1, max_size=6))
def test_the_sum_of_tables_is_the_table_of_all(members):
    about = shape(max(1, len(set().union(*members))), 16)
    union = {}
    for cells in members:
        for key, counts in cells.items():
            union[key] = tuple(np.add(union.get(key, (0, 0)), counts))

    keys, counts = sparse.decode(added([sparse.encode(*table(cells), about) for cells in members]), about)

    expected = table(union)
    np.testing.assert_array_equal(keys, expected[0])
    np.testing.assert_array_equal(counts, expected[1])


@pytest.mark.parametrize("columns", [0, 1, 3])
def test_a_key_may_have_any_number_of_counts(columns):
    about = shape(3, columns=columns)
    keys, given_counts = table({5: (1, 2, 3), 6: (4, 5, 6), LARGEST: (7, 8, 9)}, columns)

    found, counts = sparse.decode(sparse.encode(keys, given_counts, about), about)

    assert found.tolist() == [5, 6, LARGEST]
    assert counts.tolist() == [column.tolist() for column in given_counts]


@pytest.mark.parametrize(("keys", "bytes_each"), [(2_000, 45), (50_000, 37), (1_000_000, 36.5)])
def test_a_table_takes_some_forty_bytes_a_key(keys, bytes_each):
    width = {"uint64": 8, "uint32": 4}

    assert sum(width[dtype] * length for dtype, length in sparse.form(shape(keys)).values()) / keys < bytes_each


@pytest.mark.parametrize("size", [1, 40, 300, 2_000, *([50_000, 1_000_000] if SOAK else [])])
def test_a_full_table_comes_apart(size):
    rng = np.random.default_rng(size)
    for attempt in range(3 if size >= 2_000 else 20):
        about = shape(size, seed=bytes([attempt]))
        keys = rng.choice(2**40, size, replace=False).astype(np.int64)
        keys.sort()
        tries = rng.integers(0, 1000, size)

        found, counts = sparse.decode(sparse.encode(keys, [tries, tries // 2], about), about)

        np.testing.assert_array_equal(found, keys)
        np.testing.assert_array_equal(counts, [tries, tries // 2])


def test_more_keys_than_a_table_was_made_for_are_noticed():
    about = shape(100)
    parts = [
        sparse.encode(*table(dict.fromkeys(range(100 * part, 100 * part + 100), (1, 1))), about) for part in range(5)
    ]

    with pytest.raises(errors.MaskError, match="made for 100 keys does not come apart"):
        sparse.decode(added(parts), about)


@pytest.mark.parametrize("name", ["keys", "checks", "entries", "column.0", "column.1"])
@pytest.mark.parametrize("by", [1, 2**31])
def test_a_word_that_is_not_of_such_a_table_is_noticed(name, by):
    about = shape(10)
    words = sparse.encode(*table(dict.fromkeys(range(10), (1, 1))), about)
    place = np.flatnonzero(words["entries"])[0]
    words[name][place] += np.asarray(by, words[name].dtype)

    with pytest.raises(errors.MaskError, match="does not come apart"):
        sparse.decode(words, about)


def test_a_key_that_is_twice_in_a_sum_by_a_members_fault_is_noticed():
    """A key that is in one part as another count: what was taken out of the one stays in the other."""
    about = shape(10)
    words = sparse.encode(*table({7: (1, 1)}), about)
    again = sparse.encode(*table({7: (2, 1)}), about)
    half = len(words["keys"]) // 2
    mixed = {name: np.concatenate([words[name][:half], again[name][half:]]) for name in words}

    with pytest.raises(errors.MaskError, match="does not come apart"):
        sparse.decode(mixed, about)


def test_noise_is_no_table():
    about, rng = shape(50), np.random.default_rng(1)
    noise = {name: rng.integers(0, 2**32, length).astype(dtype) for name, (dtype, length) in sparse.form(about).items()}

    with pytest.raises(errors.MaskError, match="does not come apart"):
        sparse.decode(noise, about)


def test_a_sum_of_another_shape_is_refused():
    words = sparse.encode(*table({}), shape(1_000))

    with pytest.raises(errors.MaskError, match="has not the form of its shape"):
        sparse.decode(words, shape(2_000))


def test_another_round_spreads_the_keys_anew():
    keys = table(dict.fromkeys(range(100), (1, 1)))
    one, other = (sparse.encode(*keys, shape(100, seed=seed)) for seed in (b"one", b"other"))

    assert not np.array_equal(one["entries"], other["entries"])


@pytest.mark.parametrize(
    ("keys", "counts", "text"),
    [
        ([1, 1], [[1, 1], [1, 1]], "each once"),
        ([-1], [[1], [1]], "from 0 to"),
        ([2**62], [[1], [1]], "from 0 to 3689348814741910323"),
        ([1, 2, 3, 4], [[1] * 4] * 2, "4 keys in a table made for 3"),
        ([1], [[1]], "has 2 counts"),
        ([1], [[1, 2], [1, 2]], "has 2 counts"),
        ([1], [[-1], [1]], "from 0 to 858993459"),
        ([1], [[1], [2**30]], "from 0 to 858993459"),
    ],
)
def test_what_could_run_over_is_refused(keys, counts, text):
    with pytest.raises(errors.MaskError, match=text):
        sparse.encode(np.array(keys, np.int64), [np.array(column, np.int64) for column in counts], shape(3))


@pytest.mark.parametrize("changes", [{"keys": 0}, {"keys": 3, "members": 0}, {"keys": 3, "columns": -1}])
def test_no_table_is_made_of_nonsense(changes):
    with pytest.raises(errors.MaskError, match="no table"):
        shape(**changes)


def test_tables_add_up_under_masks():
    run = runs.begin(3)
    about = shape(6, 3)
    tables = {name: table({place: (1, 0), 9: (1, 1)}) for place, name in enumerate(run.roster.names)}

    total = runs.summed(run, {name: sparse.encode(*tables[name], about) for name in tables})
    keys, counts = sparse.decode(total, about)

    assert keys.tolist() == [0, 1, 2, 9]
    assert counts.tolist() == [[1, 1, 1, 3], [0, 0, 0, 3]]
