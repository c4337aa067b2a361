import re

import numpy as np
import pytest
from flwr.app import Array, ArrayRecord, ConfigRecord, MetricRecord, RecordDict

from federated import answers, errors, messages, records, task
from tests.federated import asking


def good():
    return {
        "arrays": ArrayRecord({"weights": Array(np.arange(3.0))}),
        "numbers": MetricRecord({"round": 1}),
        "names": ConfigRecord({"catalog": "f"}),
    }


@pytest.fixture
def question(space):
    return asking.question(space, asking.place(), messages.SUMS, task.start(space), turn=3)


def test_a_packet_survives_the_way(question):
    packet = question
    found = records.packet(records.content(packet), messages.SUMS)

    np.testing.assert_array_equal(found.arrays["weights"], packet.arrays["weights"])
    assert found.arrays["weights"].dtype == np.float64
    assert (found.numbers, found.names) == (packet.numbers, packet.names)


def test_the_size_is_that_of_the_arrays_with_their_headers(question):
    assert records.size(records.content(question)) == sum(array.nbytes + 128 for array in question.arrays.values())


@pytest.mark.parametrize("kind", answers.ANSWERS)
def test_a_kind_is_named_as_flower_allows(kind):
    assert re.fullmatch(r"[A-Za-z0-9_]+", records.action(kind))


def test_kinds_stay_apart_when_they_are_named():
    kinds = list(answers.ANSWERS)

    assert len({records.action(kind) for kind in kinds}) == len(kinds)


def test_a_message_without_arrays_has_no_size():
    assert records.size(RecordDict({"numbers": MetricRecord({"round": 1})})) == 0


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"extra": MetricRecord({"a": 1})}, "declared are"),
        ({"arrays": MetricRecord({"a": 1})}, "must be an array"),
        ({"numbers": MetricRecord({"round": [1, 2]})}, "must not be a list"),
        ({"arrays": ArrayRecord({"weights": Array("float64", (3,), "numpy.ndarray", b"junk")})}, "NumPy's own format"),
        ({"arrays": ArrayRecord({"weights": Array("float64", (3,), "numpy.ndarray", b"")})}, "NumPy's own format"),
    ],
)
def test_a_message_that_was_not_declared_is_refused(change, message):
    with pytest.raises(errors.GuardError, match=message):
        records.packet(RecordDict({**good(), **change}), messages.SUMS)


def test_a_pickle_in_an_array_is_never_opened():
    array = Array(np.arange(3.0))
    harmful = (
        b"\x93NUMPY\x01\x00v\x00{'descr': '|O', 'fortran_order': False, 'shape': (1,), }".ljust(128) + b"cos\nsystem\n"
    )
    content = RecordDict(
        {**good(), "arrays": ArrayRecord({"weights": Array(array.dtype, array.shape, array.stype, harmful)})}
    )

    with pytest.raises(errors.GuardError, match="NumPy's own format"):
        records.packet(content, messages.SUMS)
