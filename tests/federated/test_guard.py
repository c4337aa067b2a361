from dataclasses import replace

import numpy as np
import pytest

from federated import errors, guard, messages, packing, task
from recommender import features, training
from tests.federated import builders

RECORDS = builders.interactions(20, 1)


@pytest.fixture(scope="module")
def told(space):
    begin = builders.begin(RECORDS)
    _, seen = task.local_moments(RECORDS, space, training.start(space, begin.tables), 1)
    return task.local_sums(RECORDS, space, begin, 1), seen


@pytest.fixture
def names(space, policy):
    return messages.names(task.start(space), policy)


@pytest.fixture
def question(space, policy):
    return messages.question(messages.SUMS, task.start(space), policy, 2)


@pytest.fixture
def good(question, told):
    return messages.sums_answer(told[0], question)


@pytest.fixture
def measured(question, told):
    """An honest answer of the round of moments."""
    return messages.moments_answer(told[1], told[0], replace(question, kind=messages.MOMENTS))


@pytest.fixture
def counted(space, question):
    """An honest answer of the round of situations."""
    begin = builders.begin(RECORDS)
    found = task.local_counts(messages.CELLS, RECORDS, space, begin, 1)
    return messages.counts_answer(found, len(RECORDS.item), 20, replace(question, kind=messages.CELLS))


def with_array(packet, name, change):
    array = packet.arrays[name].copy()
    return replace(packet, arrays={**packet.arrays, name: change(array)})


def put(value, place=3):
    def change(array):
        array[place] = value
        return array

    return change


def passes(packet, space, names):
    guard.answer(packet, space, names, packet.kind, 2)


def test_honest_answers_pass(good, measured, counted, space, names):
    for packet in (good, measured, counted):
        passes(packet, space, names)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("name", ["gradient", "weight", "scale", "skill_rows", "dense"])
def test_a_value_that_is_not_finite_is_refused(good, space, names, name, value):
    with pytest.raises(errors.GuardError, match=f"array {name} holds 1 values that are not finite"):
        passes(with_array(good, name, put(value)), space, names)


def test_another_shape_is_refused(good, space, names):
    with pytest.raises(errors.GuardError, match="array dense is float32"):
        passes(with_array(good, "dense", lambda array: array[:-1]), space, names)


def test_another_dimension_is_refused(good, space, names):
    with pytest.raises(errors.GuardError, match="array coarse"):
        passes(with_array(good, "coarse", lambda array: array[None, :]), space, names)


def test_another_dtype_is_refused(good, space, names):
    with pytest.raises(errors.GuardError, match="declared is float64"):
        passes(with_array(good, "gradient", lambda array: array.astype(np.float32)), space, names)


def test_an_array_that_was_not_declared_is_refused(good, space, names):
    with pytest.raises(errors.GuardError, match=r"arrays .*extra"):
        passes(replace(good, arrays={**good.arrays, "extra": np.zeros(1)}), space, names)


def test_a_missing_array_is_refused(good, space, names):
    arrays = {name: array for name, array in good.arrays.items() if name != "scale"}

    with pytest.raises(errors.GuardError, match="declared are"):
        passes(replace(good, arrays=arrays), space, names)


@pytest.mark.parametrize("name", ["catalog", "space", "policy", "legal-entity", "least-learners"])
def test_a_name_that_differs_is_refused(good, space, names, name):
    with pytest.raises(errors.GuardError, match=rf"names \['{name}'\] differ"):
        passes(replace(good, names={**good.names, name: "other"}), space, names)


def test_a_name_that_was_not_declared_is_refused(good, space, names):
    with pytest.raises(errors.GuardError, match="names"):
        passes(replace(good, names={**good.names, "remark": "other"}), space, names)


def test_an_answer_to_another_round_is_refused(good, space, names):
    with pytest.raises(errors.GuardError, match="the answer is to round 2, asked was round 3"):
        guard.answer(good, space, names, messages.SUMS, 3)


@pytest.mark.parametrize(
    ("name", "value"),
    [("loss", float("nan")), ("loss", -1.0), ("rows", 1.5), ("learners", -3), ("rows", float("inf"))],
)
def test_a_number_that_cannot_be_is_refused(good, space, names, name, value):
    with pytest.raises(errors.GuardError, match=f"number {name}"):
        passes(replace(good, numbers={**good.numbers, name: value}), space, names)


def test_a_number_that_was_not_declared_is_refused(good, space, names):
    with pytest.raises(errors.GuardError, match=r"numbers .*mean-score"):
        passes(replace(good, numbers={**good.numbers, "mean-score": 0.5}), space, names)


@pytest.mark.parametrize("numbers", [{"learners": 0}, {"learners": 10**6}, {"rows": 1, "learners": 1}])
def test_counts_that_do_not_fit_the_sums_are_refused(good, space, names, numbers):
    with pytest.raises(errors.GuardError, match=r"learners in|quarter of the 1 rows"):
        passes(replace(good, numbers={**good.numbers, **numbers}), space, names)


def at(space, columns, name):
    """Where the diagonal of the first block of rows lies, of one of its columns."""
    names = features.names(space)
    return list(columns).index(name) * len(names) + names.index(name)


@pytest.mark.parametrize("name", ["coarse", "skill_rows", "dense"])
def test_a_negative_diagonal_is_refused(good, space, names, name):
    """The first of a packed triangle lies on the diagonal."""
    columns = {"coarse": features.of_item(space), "skill_rows": features.of_skill(space)}.get(name)
    place = 0 if columns is None else at(space, columns, "ability")

    with pytest.raises(errors.GuardError, match="Hessian's diagonal"):
        passes(with_array(good, name, put(-1, place)), space, names)


@pytest.mark.parametrize(("name", "place"), [("scale", 1), ("skill_rows", 5)])
def test_rows_that_outweigh_their_diagonal_are_refused(good, space, name, place):
    with pytest.raises(errors.GuardError, match="rows outweigh its diagonal"):
        passes(with_array(good, name, put(1e6, place)), space, good.names)


def test_as_many_weights_as_items_are_wanted(good, space, names):
    with pytest.raises(errors.GuardError, match="the list has 65"):
        passes(with_array(good, "weight", lambda array: array[:-1]), space, names)


@pytest.mark.parametrize(
    "items", [packing.pack(np.array([5, 10**6]), ()), np.zeros(3, np.float64), np.array([9, 1], np.uint8), None]
)
def test_a_list_of_items_that_the_catalog_has_not_is_refused(good, space, names, items):
    arrays = {name: array for name, array in {**good.arrays, "items": items}.items() if array is not None}

    with pytest.raises(errors.GuardError, match=r"items|catalog has|table of"):
        passes(replace(good, arrays=arrays), space, names)


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("total", put(1e9)),
        ("squares", put(-1.0)),
        ("total", put(np.nan)),
        ("total", put(239, -1)),
        ("squares", put(1e9, -1)),
        ("squares", lambda array: array[:-1]),
    ],
)
def test_moments_that_no_rows_have_are_refused(measured, space, names, name, change):
    with pytest.raises(errors.GuardError):
        passes(with_array(measured, name, change), space, names)


def test_moments_without_rows_are_refused(measured, space, names):
    with pytest.raises(errors.GuardError, match="0 rows"):
        passes(replace(measured, numbers={**measured.numbers, "rows": 0, "learners": 0}), space, names)


def pack(keys, tries, wins):
    return packing.pack(np.array(keys, np.int64), (np.array(tries, np.int64), np.array(wins, np.int64)))


@pytest.mark.parametrize(
    ("name", "table", "text"),
    [
        ("item_again", pack([10**9], [1], [1]), "out of range"),
        ("item_again", pack([1], [2], [3]), "other than 0 to all"),
        ("item_again", pack([1], [0], [0]), "a cell without answers"),
        ("item_again", pack([1], [241], [3]), "holds 241 answers, of 240 rows at most 240"),
        ("skips", pack([1], [2401], [3]), "at most 2400"),
        ("item_again", np.array([1, 1], np.uint8), "a table of"),
        ("item_again", np.zeros(3), "as bytes"),
        ("more", pack([1], [1], [1]), "declared are"),
    ],
)
def test_tables_that_no_learners_can_fill_are_refused(counted, space, name, table, text):
    with pytest.raises(errors.GuardError, match=text):
        passes(replace(counted, arrays={**counted.arrays, name: table}), space, counted.names)


def test_a_missing_table_is_refused(counted, space, names):
    arrays = {name: array for name, array in counted.arrays.items() if name != "skips"}

    with pytest.raises(errors.GuardError, match="declared are"):
        passes(replace(counted, arrays=arrays), space, names)


def test_a_thousandfold_update_is_refused(good, space, names):
    with pytest.raises(errors.GuardError, match="quarter"):
        passes(with_array(good, "scale", lambda array: array * 1000), space, names)


def test_a_publishing_answer_may_hold_no_array(good, space, names):
    packet = replace(good, kind=messages.PUBLISH, numbers={"round": 2})

    with pytest.raises(errors.GuardError, match="arrays"):
        guard.answer(packet, space, names, messages.PUBLISH, 2)


def test_an_honest_question_passes(question, space, names):
    guard.question(question, names)


def test_a_question_under_another_policy_is_refused(question, space, names):
    with pytest.raises(errors.PolicyError, match="another policy than this institution declared"):
        guard.question(replace(question, names={**question.names, "policy": "other"}), names)


@pytest.mark.parametrize("name", ["catalog", "space"])
def test_a_question_about_another_catalog_is_refused(question, space, names, name):
    with pytest.raises(errors.CatalogError, match=name):
        guard.question(replace(question, names={**question.names, name: "other"}), names)


def test_a_question_with_weights_of_nan_is_refused(question, space, names):
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
