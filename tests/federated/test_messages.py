from dataclasses import replace

import numpy as np
import pytest

from federated import errors, messages, packing, task
from recommender import artifact, training
from recommender.training import Moments
from tests.federated import builders

RECORDS = builders.interactions(30, 1)


@pytest.fixture(scope="module")
def begin():
    return builders.begin(RECORDS)


@pytest.fixture(scope="module")
def told(space, begin):
    """Sums, and moments of the columns before they have a scale."""
    _, seen = task.local_moments(RECORDS, space, training.start(space, begin.tables), 1)
    return task.local_sums(RECORDS, space, begin, 1), seen


@pytest.fixture
def asked(space, policy):
    return messages.question(messages.SUMS, task.start(space), policy, 1)


def same_sums(found, summed):
    np.testing.assert_array_equal(found.gradient, summed.gradient)
    for name in ("items", "skills", "dense"):
        np.testing.assert_allclose(getattr(found, name), getattr(summed, name), rtol=1e-4, atol=1e-4)
    assert (found.loss, found.rows, found.learners) == (summed.loss, summed.rows, summed.learners)


def test_sums_survive_the_way(space, asked, told):
    same_sums(messages.unpack_sums(messages.sums_answer(told[0], asked), space), told[0])


def test_moments_survive_the_way_with_the_sums_of_a_first_step(space, asked, told):
    summed, seen = told
    packet = messages.moments_answer(seen, summed, asked)

    same_sums(messages.unpack_sums(packet, space), summed)
    found = messages.unpack_moments(packet)
    assert isinstance(found, Moments)
    np.testing.assert_array_equal(found.total, seen.total)
    np.testing.assert_array_equal(found.squares, seen.squares)
    assert found.rows == seen.rows


def test_counts_survive_the_way_exactly(space, asked):
    counted = task.local_counts(messages.COUNTS, RECORDS, space, task.start(space), 1)
    found = messages.unpack_counts(messages.counts_answer(counted, 360, 30, asked))

    assert found.keys() == counted.keys() == set(messages.TABLES[messages.COUNTS])
    for name, counts in counted.items():
        for part in ("keys", "tries", "wins"):
            np.testing.assert_array_equal(getattr(found[name], part), getattr(counts, part))


def test_items_without_answers_are_not_sent(space, asked):
    records = builders.interactions(2, 1)
    summed = task.local_sums(records, space, builders.begin(records), 1)
    packet = messages.sums_answer(summed, asked)

    assert packing.unpack(packet.arrays["items"], 0)[0].tolist() == np.unique(records.item).tolist()
    same_sums(messages.unpack_sums(packet, space), summed)


def test_arrays_have_the_declared_forms(space, asked, told):
    packet = messages.sums_answer(told[0], asked)
    found = {name: (str(array.dtype), len(array)) for name, array in packet.arrays.items() if name != "items"}
    assert found == messages.sums_form(packet.arrays["weight"], space)


def test_a_round_of_sums_is_small(asked, told):
    """The dense columns alone, and all blocks of a catalog of 70 items and 19 skills."""
    arrays = messages.sums_answer(told[0], asked).arrays

    assert arrays["dense"].nbytes < 100_000
    assert sum(array.nbytes for array in arrays.values()) < 200_000


def test_a_publishing_answer_holds_no_figure(asked):
    packet = messages.publish_answer(asked)

    assert (packet.arrays, packet.numbers, packet.names) == ({}, {"round": 1}, asked.names)


def test_a_question_without_a_base_tells_the_whole_model(space, policy, begin):
    packet = messages.question(messages.SUMS, begin, policy, 1)

    assert packet.names["base"] == ""
    assert artifact.digest(messages.model(packet, space, task.start(space))) == artifact.digest(begin)


def test_a_question_holds_only_what_differs_from_its_base(space, policy, begin):
    other = replace(begin, weights=begin.weights + 1)
    same = messages.question(messages.SUMS, begin, policy, 1, begin)
    packet = messages.question(messages.SUMS, other, policy, 2, begin)

    assert same.arrays == {}
    assert packet.arrays.keys() == {"weights"}
    assert (packet.names["base"], packet.names["model"]) == (artifact.digest(begin), artifact.digest(other))
    assert artifact.digest(messages.model(packet, space, begin)) == artifact.digest(other)


def test_tables_travel_as_few_bytes(policy, begin):
    packet = messages.question(messages.SUMS, begin, policy, 1)
    raw = sum(array.nbytes for name, array in artifact.arrays_of(begin).items() if "." in name)

    assert sum(array.nbytes for name, array in packet.arrays.items() if name.startswith("table.")) < raw / 5


@pytest.mark.parametrize(
    ("name", "array"),
    [
        ("weights", np.zeros(3)),
        ("more", np.zeros(3)),
        ("table.item", packing.pack(np.array([10**6]), (np.array([1]), np.array([1])))),
        ("table.item", packing.pack(np.array([1]), (np.array([1]), np.array([2])))),
        ("table.item", packing.pack(np.array([1]), (np.array([0]), np.array([0])))),
        ("table.secrets", packing.pack(np.array([1]), (np.array([1]), np.array([1])))),
        ("table.item", np.array([1, 2], np.uint8)),
        ("spread", "zero"),
        ("prior", "one"),
    ],
)
def test_arrays_that_make_up_no_model_are_refused(space, policy, begin, name, array):
    if isinstance(array, str):
        array = np.full_like(artifact.arrays_of(begin)[name], {"zero": 0.0, "one": 1.0}[array])
    packet = messages.question(messages.SUMS, begin, policy, 1)

    with pytest.raises(errors.GuardError):
        messages.model(replace(packet, arrays={**packet.arrays, name: array}), space, task.start(space))
