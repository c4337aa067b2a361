from dataclasses import replace

import numpy as np
import pytest

from federated import errors, messages, packing, private, task
from federated.messages import Packet
from recommender import artifact
from tests.federated import asking, builders


@pytest.fixture(scope="module")
def begin():
    return builders.begin(builders.interactions(30, 1))


@pytest.fixture
def ask(space):
    def question(parameters, base=None):
        return asking.question(space, asking.place(), messages.SUMS, parameters, base=base)

    return question


def test_names_hold_what_both_sides_must_agree_on(space):
    where = asking.place()
    found = messages.names(space, where)

    others = [
        replace(where, run="2"),
        replace(where, attempt=2),
        replace(where, charter=replace(where.charter, version=2)),
        asking.place(replace(where.charter.policy, least_learners=2)),
    ]
    differ = [{name for name, value in messages.names(space, one).items() if value != found[name]} for one in others]
    assert differ == [{"run"}, {"attempt"}, {"charter"}, {"policy", "charter"}]
    assert (found["catalog"], found["model"], found["base"]) == (space.catalog.fingerprint, "", "")


def test_an_answer_repeats_its_question_and_holds_nothing_more(ask, begin):
    asked = ask(begin)
    answer = messages.answer(asked)

    assert (answer.kind, answer.numbers, answer.names) == (asked.kind, asked.numbers, asked.names)
    assert answer.arrays == {}
    assert messages.answer(asked, {"a": np.zeros(1)}).arrays.keys() == {"a"}


def test_a_question_without_a_base_tells_the_whole_model(space, ask, begin):
    packet = ask(begin)

    assert packet.names["base"] == ""
    assert artifact.digest(messages.model(packet, space, task.start(space))) == artifact.digest(begin)


def test_a_question_holds_only_what_differs_from_its_base(space, ask, begin):
    other = replace(begin, weights=begin.weights + 1)
    same, packet = ask(begin, begin), ask(other, begin)

    assert same.arrays == {}
    assert packet.arrays.keys() == {"weights"}
    assert (packet.names["base"], packet.names["model"]) == (artifact.digest(begin), artifact.digest(other))
    assert artifact.digest(messages.model(packet, space, begin)) == artifact.digest(other)


def test_tables_travel_as_few_bytes(ask, begin):
    raw = sum(array.nbytes for name, array in artifact.arrays_of(begin).items() if "." in name)

    assert sum(array.nbytes for name, array in ask(begin).arrays.items() if name.startswith("table.")) < raw / 5


def test_a_parcel_of_shares_is_no_part_of_a_model(space, ask, begin):
    packet = ask(begin)
    whole = replace(packet, arrays={**packet.arrays, messages.PARCEL: messages.text(b"sealed")})

    assert artifact.digest(messages.model(whole, space, task.start(space))) == artifact.digest(begin)


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
def test_arrays_that_make_up_no_model_are_refused(space, ask, begin, name, array):
    if isinstance(array, str):
        array = np.full_like(artifact.arrays_of(begin)[name], {"zero": 0.0, "one": 1.0}[array])
    packet = ask(begin)

    with pytest.raises(errors.GuardError):
        messages.model(replace(packet, arrays={**packet.arrays, name: array}), space, task.start(space))


def test_the_state_of_a_private_run_survives_the_way_beside_other_arrays(space):
    arrays = private.asked(private.begin(space))
    told = {**messages.state(arrays), messages.PARCEL: messages.text(b"sealed")}

    found = messages.stated(Packet("private-levels", told))

    assert found.keys() == arrays.keys()
    for name, array in arrays.items():
        np.testing.assert_array_equal(found[name], array)


def test_bytes_survive_the_way():
    assert messages.text(b"some \x00 bytes").tobytes() == b"some \x00 bytes"


def test_survivors_survive_the_way():
    told = Packet("reveal", {messages.SURVIVORS: messages.survivors(asking.NAMES, ("west", "east"))})

    assert messages.alive(asking.NAMES, told) == ("east", "west")


@pytest.mark.parametrize(
    "told",
    [
        {},
        {"survivors": np.ones(3, np.uint8)},
        {"survivors": np.ones(5, np.uint8)},
        {"survivors": np.ones((4, 1), np.uint8)},
        {"survivors": np.ones(4)},
        {"survivors": np.array([0, 1, 2, 1], np.uint8)},
    ],
)
def test_survivors_that_are_not_said_of_each_member_are_refused(told):
    with pytest.raises(errors.GuardError, match="0 or 1 for each of 4 members"):
        messages.alive(asking.NAMES, Packet("reveal", told))
