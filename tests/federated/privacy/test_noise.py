import decimal
import hashlib
import os

import numpy as np
import pytest
from scipy import stats

from federated.privacy import noise


def stream(seed):
    """A generator that gives the same bytes again: SHA-256 of a counter."""
    state = {"number": 0, "rest": b""}

    def draw(count):
        found = state["rest"]
        while len(found) < count:
            found += hashlib.sha256(f"{seed} {state['number']}".encode()).digest()
            state["number"] += 1
        state["rest"] = found[count:]
        return found[:count]

    return draw


@pytest.mark.parametrize("deviation", [0.3, 1.0, 2.5, 7.3])
def test_every_number_has_its_chance(deviation):
    size, reach = 100_000, max(int(3 * deviation), 1)
    found = noise.gaussian(deviation, size, np.random.default_rng(1).bytes)
    chances = noise.chances(deviation, reach)
    seen = np.array([np.count_nonzero(found == number) for number in range(-reach, reach + 1)])

    seen, expected = np.append(seen, size - seen.sum()), size * np.append(chances, 1.0 - chances.sum())

    likely = expected > 5.0
    assert stats.chisquare(seen[likely], expected[likely] * seen[likely].sum() / expected[likely].sum()).pvalue > 1e-4


@pytest.mark.parametrize("deviation", [300.0, 2.0**14, 2.0**30])
def test_wide_noise_is_gaussian(deviation):
    found = noise.gaussian(deviation, 50_000, np.random.default_rng(2).bytes) / deviation

    assert stats.kstest(found, "norm").pvalue > 1e-4
    assert found.std() == pytest.approx(1.0, abs=0.02)


def test_a_secure_generator_will_do():
    found = noise.gaussian(50.0, 20_000, os.urandom)

    assert abs(found.mean()) < 5 * 50.0 / 20_000**0.5
    assert found.std() == pytest.approx(50.0, rel=0.04)


def test_noise_is_never_drawn_twice():
    draw = stream("twice")

    assert np.mean(noise.gaussian(1000.0, 500, draw) == noise.gaussian(1000.0, 500, draw)) < 0.1


def test_coordinates_are_independent():
    found = noise.gaussian(10.0, 100_000, np.random.default_rng(3).bytes).astype(float)

    assert abs(np.corrcoef(found[:-1], found[1:])[0, 1]) < 0.016


def test_none_is_asked_for():
    assert noise.gaussian(1.0, 0, os.urandom).shape == (0,)


@pytest.mark.parametrize("deviation", [0.0, -1.0, float("nan"), 2.0**41])
def test_deviations_out_of_range_are_refused(deviation):
    with pytest.raises(ValueError, match="2\\^40"):
        noise.gaussian(deviation, 1, os.urandom)


def test_a_draw_that_floats_cannot_decide_is_decided_by_digits():
    """A word of 0 stands for every u below 2^-64: how far below is for further bytes to say."""
    ones = lambda count: b"\xff" * count  # noqa: E731 - the least that -log u can be
    zeros = lambda count: b"\x00" * count  # noqa: E731 - and the most

    near = noise._geometric(np.zeros(1, np.uint64), 1000, ones)[0]
    far = noise._geometric(np.zeros(1, np.uint64), 1000, zeros)[0]

    assert near == int(1000 * 64 * np.log(2.0))
    assert far == int(1000 * 641 * np.log(2.0))


def test_a_fate_that_floats_cannot_decide_is_decided_by_digits():
    chance = noise._chance(3, 2.5, 2)
    word = np.array([int(chance * 2**63)], np.uint64)

    kept = [
        noise._kept(word, np.array([3]), 2.5, 2, lambda count, byte=byte: byte * count)[0]
        for byte in (b"\x00", b"\xff")
    ]

    assert kept == [True, False]


def test_digits_and_floats_say_the_same_of_ordinary_draws():
    words = np.frombuffer(stream("same")(8 * 200), "<u8").astype(np.uint64)
    floats = noise._geometric(words, 77, os.urandom)

    exact = [int(-(decimal.Decimal(int(word) * 2 + 1) / 2**65).ln() * 77) for word in words]

    assert floats.tolist() == exact
