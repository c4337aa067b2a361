import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from federated import errors
from federated.masking import shamir

SECRETS = np.arange(64, dtype=np.uint8).reshape(2, 32)


def coefficients(threshold, seed=0, shape=SECRETS.shape):
    return np.random.default_rng(seed).integers(0, 256, (threshold - 1, *shape), dtype=np.uint8)


def shared(count, threshold):
    points = range(1, count + 1)
    return dict(zip(points, shamir.split(SECRETS, points, coefficients(threshold)), strict=True))


@pytest.mark.parametrize(("count", "threshold"), [(3, 1), (3, 3), (5, 4), (6, 4)])
def test_any_shares_that_suffice_give_the_secrets_back(count, threshold):
    shares = shared(count, threshold)

    for chosen in itertools.combinations(shares, threshold):
        np.testing.assert_array_equal(shamir.combine({point: shares[point] for point in chosen}, threshold), SECRETS)


@settings(max_examples=20, deadline=None)
@given(st.binary(min_size=1, max_size=40), st.integers(1, 9), st.integers(0, 2**32), st.data())
def test_any_secret_comes_back_from_any_points(secret, threshold, seed, data):
    secrets = np.frombuffer(secret, np.uint8)
    points = data.draw(st.lists(st.integers(1, 255), min_size=threshold, max_size=threshold + 3, unique=True))

    shares = shamir.split(secrets, points, coefficients(threshold, seed, secrets.shape))

    np.testing.assert_array_equal(shamir.combine(dict(zip(points, shares, strict=True)), threshold), secrets)


def test_a_byte_is_multiplied_as_in_aes():
    # FIPS 197, section 4.2: {57} times {83} is {c1}; a share at 0x83 of the secret 0 is the coefficient times 0x83.
    share = shamir.split(np.zeros(1, np.uint8), [0x83], np.array([[0x57]], np.uint8))

    assert share.tolist() == [[0xC1]]


def test_one_share_too_few_fits_every_secret():
    """For each value of a byte there is just one polynomial through it and the two shares: they say nothing."""
    known = shamir.split(np.array([77], np.uint8), [2, 3], np.array([[5], [9]], np.uint8))
    guesses = np.array([0, 1, 77, 128, 255], np.uint8)
    secret, first, second = (
        axis.astype(np.uint8) for axis in np.meshgrid(guesses, np.arange(256), np.arange(256), indexing="ij")
    )

    shares = shamir.split(secret, [2, 3], np.stack([first, second]))
    fitting = (shares[0] == known[0]) & (shares[1] == known[1])

    assert fitting.sum(axis=(1, 2)).tolist() == [1] * len(guesses)


def test_fewer_shares_than_it_takes_are_refused():
    shares = shared(5, 4)

    with pytest.raises(errors.SurvivorsError, match="3 shares of a secret; it takes 4"):
        shamir.combine({point: shares[point] for point in (1, 2, 5)}, 4)


@pytest.mark.parametrize("points", [[0, 1], [1, 256]])
def test_a_point_out_of_range_is_refused(points):
    with pytest.raises(errors.MaskError, match="expected 1 to 255"):
        shamir.split(SECRETS, points, coefficients(2))
    with pytest.raises(errors.MaskError, match="expected 1 to 255"):
        shamir.combine(dict.fromkeys(points, SECRETS), 2)


def test_coefficients_of_other_secrets_are_refused():
    with pytest.raises(errors.MaskError, match="coefficients of shape"):
        shamir.split(SECRETS, [1, 2], coefficients(2, shape=(32,)))
