import numpy as np
import pytest
from flwr.app import Array, ArrayRecord, ConfigRecord, MetricRecord, RecordDict

from federated import errors, messages, records, task


def good():
    return {
        "arrays": ArrayRecord({"weights": Array(np.arange(3.0))}),
        "numbers": MetricRecord({"round": 1}),
        "names": ConfigRecord({"catalog": "f"}),
    }


def test_a_packet_survives_the_way(space, policy):
    packet = messages.question(messages.SUMS, task.start(space), policy, 3)
    found = records.packet(records.content(packet), messages.SUMS)

    np.testing.assert_array_equal(found.arrays["weights"], packet.arrays["weights"])
    assert found.arrays["weights"].dtype == np.float64
    assert (found.numbers, found.names) == (packet.numbers, packet.names)


def test_the_size_is_that_of_the_arrays_with_their_headers(space, policy):
    packet = messages.question(messages.SUMS, task.start(space), policy, 3)

    assert records.size(records.content(packet)) == sum(array.nbytes + 128 for array in packet.arrays.values())


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
