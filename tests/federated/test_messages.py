import numpy as np
import pytest

from federated import messages, task
from recommender import tracing
from tests.federated import builders


@pytest.fixture(scope="module")
def summed(space):
    return task.local_sums(builders.interactions(30, 1), space, tracing.start(space))


def test_sums_survive_the_way(space, form, policy, summed):
    packet = messages.sums_answer(summed, tracing.start(space), policy, 1, form)
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


def test_arrays_have_the_declared_forms(space, form, policy, summed):
    packet = messages.sums_answer(summed, tracing.start(space), policy, 1, form)

    assert {name: (str(array.dtype), len(array)) for name, array in packet.arrays.items()} == form.arrays


def test_a_publishing_answer_holds_no_figure(space, policy):
    packet = messages.publish_answer(tracing.start(space), policy, 5)

    assert (packet.arrays, packet.numbers) == ({}, {"round": 5})
