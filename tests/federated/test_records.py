import re

import numpy as np
import pytest
from flwr.app import Array, ArrayRecord, ConfigRecord, Message, MetricRecord, RecordDict
from flwr.supercore.inflatable.inflatable_object import get_all_nested_objects

from federated import answers, errors, messages, records, task
from federated.messages import Packet
from tests.federated import asking

THREE = b"<f8 3\n" + np.arange(3.0).tobytes()


def good(**changes):
    told = {"array.weights": THREE, "number.round": 1, "number.loss": 0.5, "name.catalog": "f"}
    return RecordDict({"packet": ConfigRecord({**told, **changes})})


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
    assert records.size(records.content(question)) == sum(
        array.nbytes + len(f"{array.dtype.str} {array.shape[0]}\n") for array in question.arrays.values()
    )


@pytest.mark.parametrize("kind", answers.ANSWERS)
def test_a_kind_is_named_as_flower_allows(kind):
    assert re.fullmatch(r"[A-Za-z0-9_]+", records.action(kind))


def test_kinds_stay_apart_when_they_are_named():
    kinds = list(answers.ANSWERS)

    assert len({records.action(kind) for kind in kinds}) == len(kinds)


@pytest.mark.parametrize(
    "array",
    [
        np.zeros((0, 4), np.float32),
        np.asfortranarray(np.arange(6, dtype=np.uint32).reshape(2, 3)),
        np.float64(2.5),
        np.array([True, False]),
    ],
)
def test_an_array_of_any_shape_survives_the_way_and_may_be_changed(array):
    found = records.packet(records.content(Packet("sums", {"one": array})), messages.SUMS).arrays["one"]

    np.testing.assert_array_equal(found, array)
    assert (found.dtype, found.shape) == (array.dtype, array.shape)
    assert found.flags.writeable


def test_a_message_is_three_things_to_fetch_whatever_it_holds(question, identity):
    message = Message(records.content(question), 10, "query.sums")

    assert len(question.arrays) > 1
    assert len(get_all_nested_objects(message)) == 3


@pytest.mark.parametrize("found", [RecordDict({"numbers": MetricRecord({"round": 1})}), RecordDict({})])
def test_a_message_without_arrays_has_no_size(found):
    assert records.size(found) == 0


@pytest.mark.parametrize(
    "found",
    [
        {},
        {"packet": MetricRecord({"number.round": 1})},
        {"packet": ConfigRecord({}), "extra": ConfigRecord({})},
        {"arrays": ArrayRecord({"weights": Array(np.arange(3.0))})},
    ],
)
def test_a_message_of_other_records_is_refused(found):
    with pytest.raises(errors.GuardError, match="declared is one, packet"):
        records.packet(RecordDict(found), messages.SUMS)


@pytest.mark.parametrize(
    "change",
    [
        {"number.rows": [1, 2]},
        {"number.rows": True},
        {"number.rows": "1"},
        {"name.of": 1},
        {"name.of": ["a"]},
        {"array.more": "text"},
        {"array.more": 1.0},
        {"round": 1},
    ],
)
def test_what_is_no_array_number_or_name_is_refused(change):
    assert records.packet(good(), messages.SUMS).numbers == {"round": 1, "loss": 0.5}
    with pytest.raises(errors.GuardError, match="and no lists"):
        records.packet(good(**change), messages.SUMS)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"junk",
        THREE[:-1],
        THREE + b"\0",
        THREE.replace(b"3", b"999999999999"),
        THREE.replace(b"3", b"-3"),
        THREE.replace(b"3", b"2 x"),
        THREE.replace(b"3", b"0 999999999999 999999999999 999999999999"),
        b"<f8 0 999999999999 999999999999 999999999999\n",
        THREE.replace(b"<f8", b"|O8"),
        THREE.replace(b"<f8", b"<f1"),
        THREE.replace(b"<f8", b">f8"),
        b"\x93NUMPY\x01\x00v\x00"
        + b"{'descr': '<f8', 'fortran_order': False, 'shape': (1,), }".ljust(117)
        + b"\n"
        + bytes(8),
    ],
)
def test_what_is_no_array_is_refused(data):
    with pytest.raises(errors.GuardError, match="does not follow from its type and shape"):
        records.packet(good(**{"array.weights": data}), messages.SUMS)
