import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from federated import errors
from federated.masking import fixed


def added(parts, grid):
    words = [fixed.encode(part, grid) for part in parts]
    return fixed.decode(sum(words[1:], start=words[0]), grid)


@pytest.mark.parametrize("bits", [32, 64])
@pytest.mark.parametrize("members", [1, 3, 5, 16, 100])
@pytest.mark.parametrize("bound", [1e-9, 1.0, 8.0, 1e12, 3.7])
def test_a_sum_of_all_members_at_the_bound_does_not_run_over(bits, members, bound):
    grid = fixed.Grid(bits, members, bound)
    parts = [np.array([bound, -bound, 0.0])] * members

    np.testing.assert_allclose(added(parts, grid), members * parts[0], rtol=0, atol=members * fixed.step(grid) / 2)


@settings(max_examples=30, deadline=None)
@given(
    st.sampled_from([32, 64]),
    st.floats(1e-100, 1e100),
    st.lists(st.lists(st.floats(-1, 1), min_size=3, max_size=3), min_size=1, max_size=20),
)
def test_a_sum_is_off_by_half_a_step_for_each_member_at_most(bits, bound, parts):
    grid = fixed.Grid(bits, len(parts), bound)
    values = np.array(parts) * bound

    found = added(values, grid)

    off = len(parts) * (fixed.step(grid) / 2 + bound * 2.0**-52)
    np.testing.assert_allclose(found, values.sum(axis=0), rtol=0, atol=off)


def test_32_bits_are_exact_to_a_ten_thousandth_of_the_bound_and_64_to_float64():
    narrow, wide = (fixed.Grid(bits, 16, 8.0) for bits in (32, 64))

    assert 16 * fixed.step(narrow) / 2 < 1e-4 * 8.0
    assert 16 * fixed.step(wide) / 2 < 8.0 * 2.0**-52


def test_small_gradients_beside_large_ones_come_through_64_bits():
    """Near an optimum what members send cancels out; what is left decides the next step."""
    parts = [np.array([1e4 + 1e-9, 3e-9]), np.array([-1e4, -1e-9])]

    found = added(parts, fixed.Grid(64, 2, 1e5))

    np.testing.assert_allclose(found, np.sum(parts, axis=0), rtol=0, atol=1e-11)


def test_newton_over_sums_on_a_grid_ends_where_newton_over_all_rows_does():
    """Five institutions fit one logistic regression; only words of 64 bits are summed."""
    rng = np.random.default_rng(1)
    parts = [(rng.normal(size=(40 + 200 * place, 6)), rng.random(40 + 200 * place)) for place in range(5)]
    rows, chance = np.concatenate([part[0] for part in parts]), np.concatenate([part[1] for part in parts])
    grid = fixed.Grid(64, 5, 64.0 * len(rows))

    def step(weights, total):
        told = total[6:].reshape(6, 6)
        return weights - np.linalg.solve(told, total[:6])

    def sums(part, weights):
        x, wins = part
        expected = 1 / (1 + np.exp(-x @ weights))
        return np.concatenate([x.T @ (expected - (wins < 0.4)), ((x.T * expected * (1 - expected)) @ x).ravel()])

    masked = direct = np.zeros(6)
    for _ in range(8):
        masked = step(masked, added([sums(part, masked) for part in parts], grid))
        direct = step(direct, sums((rows, chance), direct))

    np.testing.assert_allclose(masked, direct, rtol=0, atol=1e-10)
    assert np.abs(direct).max() > 0.01


@pytest.mark.parametrize("wrong", [np.nextafter(8.0, 9.0), -8.1, np.inf, -np.inf, np.nan])
@pytest.mark.parametrize("bits", [32, 64])
def test_what_exceeds_the_bound_is_refused(bits, wrong):
    with pytest.raises(errors.MaskError, match=r"exceeds the bound 8\.0"):
        fixed.encode(np.array([1.0, wrong]), fixed.Grid(bits, 5, 8.0))


@pytest.mark.parametrize(
    ("bits", "members", "bound"), [(16, 3, 1.0), (32, 0, 1.0), (32, 3, 0.0), (32, 3, np.inf), (64, 3, np.nan)]
)
def test_no_grid_is_made_of_nonsense(bits, members, bound):
    with pytest.raises(errors.MaskError, match="no grid"):
        fixed.Grid(bits, members, bound)


@pytest.mark.parametrize(("bits", "dtype"), [(32, np.uint32), (64, np.uint64)])
def test_counts_are_exact(bits, dtype):
    most = (2 ** (bits - 1) - 1) // 5
    parts = [np.array([most, -most, 0, number]) for number in range(5)]

    words = [fixed.count(part, bits, 5) for part in parts]

    assert words[0].dtype == dtype
    assert fixed.counted(sum(words[1:], start=words[0])).tolist() == [5 * most, -5 * most, 0, 10]


@pytest.mark.parametrize("beyond", [1, -1])
def test_a_count_that_could_run_over_is_refused(beyond):
    most = (2**31 - 1) // 5

    with pytest.raises(errors.MaskError, match=f"a count exceeds {most}"):
        fixed.count(np.array([beyond * (most + 1)]), 32, 5)
