from dataclasses import replace

import numpy as np
import pytest

from federated import messages, task
from recommender import artifact, tracing
from tests.federated import builders


@pytest.fixture
def asked(space, policy):
    return messages.question(messages.SUMS, tracing.start(space), policy, 1)


@pytest.fixture(scope="module")
def summed(space):
    return task.local_sums(builders.interactions(30, 1), space, tracing.start(space))


def test_sums_survive_the_way(form, asked, summed):
    packet = messages.sums_answer(summed, asked, form)
    found = messages.unpack(packet, form)

    np.testing.assert_array_equal(found.gradient, summed.gradient)
    np.testing.assert_allclose(found.diagonal, summed.diagonal, rtol=1e-6)
    np.testing.assert_allclose(found.cross, summed.cross, rtol=1e-6)
    np.testing.assert_allclose(found.dense, summed.dense, rtol=1e-6)
    assert (found.loss, found.rows, found.learners) == (summed.loss, summed.rows, summed.learners)


def test_no_sum_lies_outside_the_places_that_the_catalog_allows(summed, form):
    outside = np.ones(summed.cross.size, dtype=bool)
    outside[form.support] = False

    assert not summed.cross.ravel()[outside].any()


def test_arrays_have_the_declared_forms(form, asked, summed):
    packet = messages.sums_answer(summed, asked, form)

    assert {name: (str(array.dtype), len(array)) for name, array in packet.arrays.items()} == form.arrays


def test_a_publishing_answer_holds_no_figure(asked):
    packet = messages.publish_answer(asked)

    assert (packet.arrays, packet.numbers, packet.names) == ({}, {"round": 1}, asked.names)


def test_a_question_without_a_base_holds_the_whole_model(space, policy):
    start = tracing.start(space)
    packet = messages.question(messages.SUMS, start, policy, 1)

    assert packet.arrays.keys() == artifact.arrays_of(start).keys()
    assert packet.names["base"] == ""


def test_a_question_holds_only_what_differs_from_its_base(space, policy):
    start = tracing.start(space)
    other = replace(start, weights=start.weights + 1)
    same = messages.question(messages.SUMS, start, policy, 1, start)
    packet = messages.question(messages.SUMS, other, policy, 2, start)

    assert same.arrays == {}
    assert packet.arrays.keys() == {"weights"}
    assert (packet.names["base"], packet.names["model"]) == (artifact.digest(start), artifact.digest(other))
