import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from federated import errors, packing

LARGEST = 2**63 - 1
NUMBERS = st.integers(0, LARGEST)


def table(keys, *counts):
    return np.array(keys, np.int64), [np.array(column, np.int64) for column in counts]


@settings(max_examples=50, deadline=None)
@given(
    st.dictionaries(st.integers(0, LARGEST), st.tuples(st.integers(0, LARGEST), st.integers(0, LARGEST)), max_size=40)
)
def test_a_table_comes_back_exactly(cells):
    keys, counts = table(sorted(cells), *([cells[key][column] for key in sorted(cells)] for column in (0, 1)))

    found, columns = packing.unpack(packing.pack(keys, counts), 2)

    np.testing.assert_array_equal(found, keys)
    np.testing.assert_array_equal(columns, np.stack(counts))


@pytest.mark.parametrize("columns", [0, 1, 3])
def test_a_table_may_have_any_number_of_counts(columns):
    keys, counts = table([0, 5, 127, 128, 10**12], *[[1, 2, 3, 4, 5]] * columns)

    found, read = packing.unpack(packing.pack(keys, counts), columns)

    assert found.tolist() == keys.tolist()
    assert read.tolist() == [[1, 2, 3, 4, 5]] * columns


def test_a_dense_table_takes_three_bytes_a_cell():
    keys, counts = table(range(10_000), [100] * 10_000, [50] * 10_000)

    assert len(packing.pack(keys, counts)) == 2 + 3 * 10_000


@pytest.mark.parametrize(
    ("data", "text"),
    [
        ([], "-1 cells"),
        ([2, 0, 0, 1, 1, 1], "2 cells with 2 counts each came as 6 numbers"),
        ([1, 0, 1, 1, 1], "1 cells"),
        ([1, 0, 1, 0x81], "breaks off"),
        ([0x80] * 3, "breaks off"),
        ([1, *[0xFF] * 9, 1, 1, 1], "more than 63 bits"),
        ([2, *[0xFF] * 8, 0x7F, 0, 1, 1, 1, 1], "run over"),
    ],
)
def test_bytes_that_are_no_table_are_refused(data, text):
    with pytest.raises(errors.GuardError, match=text):
        packing.unpack(np.array(data, np.uint8), 2)


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=60))
def test_any_bytes_are_a_table_or_refused(data):
    try:
        keys, counts = packing.unpack(np.frombuffer(data, np.uint8), 2)
    except errors.GuardError:
        return
    assert (np.diff(keys) > 0).all()
    assert (keys >= 0).all()
    assert (counts >= 0).all()
