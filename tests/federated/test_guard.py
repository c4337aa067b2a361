from dataclasses import replace

import numpy as np
import pytest

from federated import errors, guard, messages, task
from recommender import tracing
from tests.federated import builders


@pytest.fixture
def names(space, policy):
    return messages.names(tracing.start(space), policy)


@pytest.fixture
def good(space, form, question):
    return messages.sums_answer(
        task.local_sums(builders.interactions(20, 1), space, tracing.start(space)), question, form
    )


@pytest.fixture
def question(space, policy):
    return messages.question(messages.SUMS, tracing.start(space), policy, 2)


def with_array(packet, name, change):
    array = packet.arrays[name].copy()
    return replace(packet, arrays={**packet.arrays, name: change(array)})


def put(value):
    def change(array):
        array[3] = value
        return array

    return change


def passes(packet, form, names):
    guard.answer(packet, form, names, messages.SUMS, 2)


def test_honest_sums_pass(good, form, names):
    passes(good, form, names)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("name", ["gradient", "diagonal", "cross", "dense"])
def test_a_value_that_is_not_finite_is_refused(good, form, names, name, value):
    with pytest.raises(errors.GuardError, match=f"array {name} holds 1 values that are not finite"):
        passes(with_array(good, name, put(value)), form, names)


def test_another_shape_is_refused(good, form, names):
    with pytest.raises(errors.GuardError, match="array dense is float32"):
        passes(with_array(good, "dense", lambda array: array[:-1]), form, names)


def test_another_dimension_is_refused(good, form, names):
    with pytest.raises(errors.GuardError, match="array diagonal"):
        passes(with_array(good, "diagonal", lambda array: array[None, :]), form, names)


def test_another_dtype_is_refused(good, form, names):
    with pytest.raises(errors.GuardError, match="declared is float64"):
        passes(with_array(good, "gradient", lambda array: array.astype(np.float32)), form, names)


def test_an_array_that_was_not_declared_is_refused(good, form, names):
    with pytest.raises(errors.GuardError, match=r"arrays .*extra"):
        passes(replace(good, arrays={**good.arrays, "extra": np.zeros(1)}), form, names)


def test_a_missing_array_is_refused(good, form, names):
    arrays = {name: array for name, array in good.arrays.items() if name != "cross"}

    with pytest.raises(errors.GuardError, match="declared are"):
        passes(replace(good, arrays=arrays), form, names)


@pytest.mark.parametrize("name", ["catalog", "space", "policy", "legal-entity", "least-learners"])
def test_a_name_that_differs_is_refused(good, form, names, name):
    with pytest.raises(errors.GuardError, match=rf"names \['{name}'\] differ"):
        passes(replace(good, names={**good.names, name: "other"}), form, names)


def test_a_name_that_was_not_declared_is_refused(good, form, names):
    with pytest.raises(errors.GuardError, match="names"):
        passes(replace(good, names={**good.names, "remark": "other"}), form, names)


def test_an_answer_to_another_round_is_refused(good, form, names):
    with pytest.raises(errors.GuardError, match="the answer is to round 2, asked was round 3"):
        guard.answer(good, form, names, messages.SUMS, 3)


@pytest.mark.parametrize(
    ("name", "value"),
    [("loss", float("nan")), ("loss", -1.0), ("rows", 1.5), ("learners", -3), ("rows", float("inf"))],
)
def test_a_number_that_cannot_be_is_refused(good, form, names, name, value):
    with pytest.raises(errors.GuardError, match=f"number {name}"):
        passes(replace(good, numbers={**good.numbers, name: value}), form, names)


def test_a_number_that_was_not_declared_is_refused(good, form, names):
    with pytest.raises(errors.GuardError, match=r"numbers .*mean-score"):
        passes(replace(good, numbers={**good.numbers, "mean-score": 0.5}), form, names)


@pytest.mark.parametrize("numbers", [{"learners": 0}, {"learners": 10**6}, {"rows": 1, "learners": 1}])
def test_counts_that_do_not_fit_the_sums_are_refused(good, form, names, numbers):
    with pytest.raises(errors.GuardError, match=r"learners in|quarter of the 1 rows"):
        passes(replace(good, numbers={**good.numbers, **numbers}), form, names)


@pytest.mark.parametrize("name", ["diagonal", "dense"])
def test_a_negative_diagonal_is_refused(good, form, names, name):
    place = 0 if name == "dense" else 3  # the first of the packed triangle lies on the diagonal

    def change(array):
        array[place] = -1
        return array

    with pytest.raises(errors.GuardError, match="Hessian's diagonal"):
        passes(with_array(good, name, change), form, names)


def test_a_thousandfold_update_is_refused(good, form, names):
    with pytest.raises(errors.GuardError, match="quarter"):
        passes(with_array(good, "diagonal", lambda array: array * 1000), form, names)


def test_a_publishing_answer_may_hold_no_array(good, form, names):
    packet = replace(good, kind=messages.PUBLISH, numbers={"round": 2})

    with pytest.raises(errors.GuardError, match="arrays"):
        guard.answer(packet, form, names, messages.PUBLISH, 2)


def test_an_honest_question_passes(question, form, names):
    guard.question(question, names)


@pytest.mark.parametrize("name", ["policy", "legal-entity", "least-learners"])
def test_a_question_under_another_policy_is_refused(question, form, names, name):
    with pytest.raises(errors.PolicyError, match=name):
        guard.question(replace(question, names={**question.names, name: "other"}), names)


@pytest.mark.parametrize("name", ["catalog", "space"])
def test_a_question_about_another_catalog_is_refused(question, form, names, name):
    with pytest.raises(errors.CatalogError, match=name):
        guard.question(replace(question, names={**question.names, name: "other"}), names)


def test_a_question_with_weights_of_nan_is_refused(question, form, names):
    with pytest.raises(errors.GuardError, match="weights"):
        guard.question(with_array(question, "weights", put(np.nan)), names)


def test_a_question_with_an_array_of_text_is_refused(question, names):
    with pytest.raises(errors.GuardError, match="array weights is <U5"):
        guard.question(with_array(question, "weights", lambda _array: np.array(["alice"])), names)


@pytest.mark.parametrize("change", [{"remark": "hello"}, {"base": None}])
def test_a_question_with_other_names_is_refused(question, names, change):
    said = {name: value for name, value in {**question.names, **change}.items() if value is not None}

    with pytest.raises(errors.GuardError, match="declared are"):
        guard.question(replace(question, names=said), names)


def test_what_a_question_says_of_models_is_for_the_institution_to_compare(question, names):
    guard.question(replace(question, names={**question.names, "model": "0", "base": "0"}), names)
