import numpy as np
import pytest

from federated import rows

PLACES = np.array([2, 0])


def blocks(weights, seed=0):
    """Rows of Hessians of a few answers each, their own columns the last one and the first one."""
    random = np.random.default_rng(seed)
    found = []
    for weight in weights:
        x = np.column_stack([random.normal(size=(50, 2)), np.ones((50, 1))])
        found.append(weight / 50 * x[:, PLACES].T @ x)
    return np.array(found)


def test_few_answers_travel_roughly_and_many_closely():
    before = blocks([1.0, 400.0, 3.0, rows.COARSE * 1.01])
    after = rows.unpack(rows.pack(before), PLACES, 3)

    largest = np.abs(before).max(axis=2, keepdims=True)
    assert (np.abs(after - before) <= 2e-5 * largest + 1e-7).all()
    np.testing.assert_allclose(after[[1, 3]], before[[1, 3]], rtol=1e-6, atol=1e-6)


def test_the_own_block_is_symmetric_again():
    after = rows.unpack(rows.pack(blocks([1.0, 2.0, 300.0])), PLACES, 3)[:, :, PLACES]

    np.testing.assert_array_equal(after, after.transpose(0, 2, 1))


def test_what_is_packed_has_the_declared_form_and_half_of_the_bytes():
    packed = rows.pack(blocks(np.full(100, 2.0)))

    assert {name: (str(one.dtype), len(one)) for name, one in packed.items()} == rows.form(packed["weight"], 2, 3)
    assert packed["coarse"].nbytes == 100 * 2 * 3 * 2


@pytest.mark.parametrize("count", [0, 3])
def test_rows_of_nothing_come_back(count):
    before = np.zeros((count, 2, 3))

    np.testing.assert_array_equal(rows.unpack(rows.pack(before), PLACES, 3), before)
