from dataclasses import replace

import numpy as np
import pytest

from federated import errors, guard, messages, task
from tests.federated import asking

FORM = {"masked": ("uint8", 200), "sums": ("float64", 5)}


@pytest.fixture(scope="module")
def question(space):
    start = task.start(space)
    changed = replace(start, weights=start.weights + 1)
    return asking.question(space, asking.place(), messages.SUMS, changed, base=start, turn=2, rows=9)


@pytest.fixture(scope="module")
def names(space):
    return messages.names(space, asking.place())


@pytest.fixture
def good(question):
    return messages.answer(question, {"masked": np.zeros(200, np.uint8), "sums": np.arange(5.0)})


def with_array(packet, name, change):
    array = packet.arrays[name].copy()
    return replace(packet, arrays={**packet.arrays, name: change(array)})


def put(value):
    def change(array):
        array[3] = value
        return array

    return change


def test_an_honest_answer_passes(good, question):
    guard.answer(good, question, FORM)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_a_value_that_is_not_finite_is_refused(good, question, value):
    with pytest.raises(errors.GuardError, match="array sums holds 1 values that are not finite"):
        guard.answer(with_array(good, "sums", put(value)), question, FORM)


@pytest.mark.parametrize(
    "change",
    [
        lambda array: array[:-1],
        lambda array: array[None, :],
        lambda array: array.astype(np.float32),
        lambda array: array.astype(">f8"),
        lambda array: array.astype(object),
        lambda _array: np.array(["alice"] * 5),
    ],
)
def test_another_shape_or_dtype_is_refused(good, question, change):
    with pytest.raises(errors.GuardError, match=r"declared is float64 \(5,\)"):
        guard.answer(with_array(good, "sums", change), question, FORM)


@pytest.mark.parametrize("change", [{"extra": np.zeros(1)}, {"sums": None}])
def test_arrays_that_were_not_declared_or_are_missing_are_refused(good, question, change):
    arrays = {name: array for name, array in {**good.arrays, **change}.items() if array is not None}

    with pytest.raises(errors.GuardError, match=r"declared are \['masked', 'sums'\]"):
        guard.answer(replace(good, arrays=arrays), question, FORM)


@pytest.mark.parametrize("name", ["catalog", "space", "policy", "charter", "run", "attempt", "model", "base", "remark"])
def test_a_name_that_differs_from_the_question_is_refused(good, question, name):
    with pytest.raises(errors.GuardError, match=rf"names \['{name}'\] differ"):
        guard.answer(replace(good, names={**good.names, name: "other"}), question, FORM)


@pytest.mark.parametrize("change", [{"round": 2}, {"exchange": 2}, {"turn": 1}, {"rows": float("nan")}, {"mean": 0.5}])
def test_an_answer_to_another_question_is_refused(good, question, change):
    """So a replayed answer is: every exchange has a number of its own."""
    with pytest.raises(errors.GuardError, match="the answer is to "):
        guard.answer(replace(good, numbers={**good.numbers, **change}), question, FORM)


def test_an_honest_question_passes(question, names):
    guard.question(question, names, {"turn", "rows"})


@pytest.mark.parametrize("name", ["policy", "charter"])
def test_a_question_under_another_policy_or_charter_is_refused(question, names, name):
    for other in ({**question.names, name: "other"}, {k: v for k, v in question.names.items() if k != name}):
        with pytest.raises(errors.PolicyError, match=f"another {name} than this institution signed"):
            guard.question(replace(question, names=other), names, {"turn", "rows"})


@pytest.mark.parametrize("name", ["catalog", "space"])
def test_a_question_about_another_catalog_is_refused(question, names, name):
    with pytest.raises(errors.CatalogError, match=name):
        guard.question(replace(question, names={**question.names, name: "other"}), names, {"turn", "rows"})


@pytest.mark.parametrize("change", [{"remark": "hello"}, {"base": None}])
def test_a_question_with_other_names_is_refused(question, names, change):
    said = {name: value for name, value in {**question.names, **change}.items() if value is not None}

    with pytest.raises(errors.GuardError, match="declared are"):
        guard.question(replace(question, names=said), names, {"turn", "rows"})


@pytest.mark.parametrize(
    "change",
    [
        {"run": ""},
        {"run": "../../etc"},
        {"run": "a b"},
        {"run": "é"},
        {"run": "9" * 65},
        {"attempt": ""},
        {"attempt": "-1"},
        {"attempt": "1.0"},
        {"attempt": "one"},
        {"attempt": "²"},
        {"attempt": "9" * 10},
    ],
)
def test_a_run_that_could_be_a_path_and_an_attempt_that_is_no_number_are_refused(question, names, change):
    with pytest.raises(errors.GuardError, match="the id of a run is letters and digits"):
        guard.question(replace(question, names={**question.names, **change}), names, {"turn", "rows"})


def test_what_a_question_says_of_models_and_its_run_is_for_the_institution_to_compare(question, names):
    free = {"model": "0", "base": "0", "run": "abc9", "attempt": "7"}
    guard.question(replace(question, names={**question.names, **free}), names, {"turn", "rows"})


@pytest.mark.parametrize("numbers", [set(), {"turn"}, {"turn", "rows", "keys"}])
def test_a_question_with_other_numbers_is_refused(question, names, numbers):
    with pytest.raises(errors.GuardError, match="came, declared are"):
        guard.question(question, names, numbers)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -1, 1.5])
@pytest.mark.parametrize("name", ["round", "turn"])
def test_a_number_that_cannot_be_is_refused(question, names, name, value):
    with pytest.raises(errors.GuardError, match=f"number {name} is .* finite, not negative, whole"):
        guard.question(replace(question, numbers={**question.numbers, name: value}), names, {"turn", "rows"})


def test_a_question_with_weights_of_nan_is_refused(question, names):
    with pytest.raises(errors.GuardError, match="array weights holds 1 values"):
        guard.question(with_array(question, "weights", put(np.nan)), names, {"turn", "rows"})


@pytest.mark.parametrize("array", [np.array(["alice"]), np.array([b"alice"]), np.array([None]), np.zeros(2, complex)])
def test_a_question_with_an_array_of_another_type_is_refused(question, names, array):
    with pytest.raises(errors.GuardError, match="array weights is "):
        guard.question(with_array(question, "weights", lambda _array: array), names, {"turn", "rows"})
