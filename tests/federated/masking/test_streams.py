"""Masks, and beside them a weak construction: Mersenne Twister behind a 32-bit fold of the secret.

Frameworks have masked like that: `numpy.random.seed` takes 32 bits, so a secret of 256 was folded into them. The whole
space of seeds is searched in under an hour on one core; here a stated part of it is, so that the test is quick.
"""

from dataclasses import replace

import numpy as np
import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from federated import errors
from federated.masking import keys, streams, turns
from tests.federated.masking import runs

MEMBERS = runs.names(4)
SEARCHED = 2**12  # seeds of the 2^32 that the test tries


@pytest.fixture(scope="module")
def run():
    return runs.begin(4, rounds=3)


def stream(run, number, first, second, form=None):
    """The stream of a pair as the first of the two makes it."""
    turn = streams.Round(run.roster, number, form or {"words": ("uint32", 50_000)})
    block = streams.zeros(turn.form)
    own = keys.exchange_key(run.context, run.secrets[first], number)
    streams.add(block, streams.pair_key(turn, own, first, second), streams.sign(first, second))
    return block.narrow


def own_stream(run, number, name, form=None):
    turn = streams.Round(run.roster, number, form or {"words": ("uint32", 50_000)})
    block = streams.zeros(turn.form)
    streams.add(block, streams.own_key(turn, keys.seed(run.context, run.secrets[name], number), name), 1)
    return block.narrow


def test_what_one_of_a_pair_adds_the_other_subtracts(run):
    there, back = stream(run, 1, "uni-a", "uni-b"), stream(run, 1, "uni-b", "uni-a")

    assert not (there + back).any()
    assert there.any()


def test_no_two_rounds_pairs_or_members_share_a_stream(run):
    """Not even a part of one: no run of eight bytes occurs twice in any of them."""
    found = [own_stream(run, number, name) for number in (1, 2, 3) for name in MEMBERS]
    for number in (1, 2, 3):
        found += [stream(run, number, first, second) for first in MEMBERS for second in MEMBERS if first < second]
    pieces = np.concatenate([part[:2_000].view(np.uint64) for part in found])

    assert len(np.unique(pieces)) == len(pieces)


@pytest.mark.parametrize("other", [{"words": ("uint32", 50_001)}, {"other": ("uint32", 50_000)}])
def test_another_form_has_another_stream(run, other):
    assert not (stream(run, 1, "uni-a", "uni-b")[:100] == stream(run, 1, "uni-a", "uni-b", other)[:100]).any()
    assert not (own_stream(run, 1, "uni-a")[:100] == own_stream(run, 1, "uni-a", other)[:100]).any()


def test_a_masked_vector_looks_uniform(run):
    """Chi-square over the bytes of masked noughts, and how a byte goes with the next: within five deviations."""
    _, message = turns.mask(
        run.sessions["uni-a"], turns.State(), 1, {"words": np.zeros(50_000, np.uint32)}, run.signers["uni-a"]
    )
    body = np.frombuffer(message[4:-64], np.uint8)

    seen, expected = np.bincount(body, minlength=256), len(body) / 256
    square = float((((seen - expected) ** 2) / expected).sum())
    values = body - body.mean()
    along = float((values[1:] * values[:-1]).mean() / values.var()) * len(values) ** 0.5

    assert abs(square - 255) < 5 * (2 * 255) ** 0.5
    assert abs(along) < 5


def test_words_of_both_widths_travel_in_one_block():
    vectors = {**runs.vectors("uni-a"), "empty": np.zeros(0, np.uint32)}
    form = streams.form(vectors)
    data = streams.dump(streams.join(vectors))

    found = streams.part(streams.load(data, form), form)

    assert len(data) == streams.size(form)
    assert found.keys() == vectors.keys()
    for name, words in vectors.items():
        np.testing.assert_array_equal(found[name], words)


def test_masking_leaves_what_is_masked_as_it_was(run):
    vectors = {"words": np.arange(5, dtype=np.uint64)}

    turns.mask(run.sessions["uni-a"], turns.State(), 1, vectors, run.signers["uni-a"])

    np.testing.assert_array_equal(vectors["words"], np.arange(5))


def test_a_key_of_low_order_is_refused(run):
    weak = replace(run.roster, exchange={**run.roster.exchange, "uni-b": (bytes(32),) * 3})

    with pytest.raises(errors.MaskError, match="uni-b: the key that it offered for round 1 is of low order"):
        streams.pair_key(streams.Round(weak, 1, {}), runs.entropy("key"), "uni-a", "uni-b")


def weak_mask(secret, size):
    """The weak construction: XOR of the eight words of a secret is the seed of Mersenne Twister."""
    seed = int(np.bitwise_xor.reduce(np.frombuffer(secret, np.uint32)))
    return np.random.RandomState(seed).randint(0, 2**32, size, dtype=np.uint32)


def seed_of(seen, seeds):
    """Of each of `seen` the seed of 32 bits whose stream begins so; None: no such stream does."""
    found = {made(seed): seed for seed in seeds for made in (_twister, _counter)}
    return [found.get(words[:4].tobytes()) for words in seen]


def _twister(seed):
    return np.random.RandomState(seed).randint(0, 2**32, 4, dtype=np.uint32).tobytes()


def _counter(seed):
    """A stream like ours, had its key no more than 32 bits."""
    key = seed.to_bytes(32, "little")
    return Cipher(algorithms.AES256(key), modes.CTR(bytes(16))).encryptor().update(bytes(16))


def test_a_search_of_32_bits_breaks_the_weak_construction_and_not_this_one(run):
    secret = keys.exchange_key(run.context, run.secrets["uni-a"], 1)
    seed = int(np.bitwise_xor.reduce(np.frombuffer(secret, np.uint32)))
    seeds = range(seed - SEARCHED // 2, seed + SEARCHED // 2)  # the part of the space that holds the weak seed
    seen = [weak_mask(secret, 50_000), stream(run, 1, "uni-a", "uni-b"), own_stream(run, 1, "uni-a")]

    assert seed_of(seen, seeds) == [seed, None, None]
