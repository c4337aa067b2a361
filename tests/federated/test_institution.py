import hashlib
import json
from dataclasses import replace

import numpy as np
import pytest

from curriculum import catalog as catalogs
from federated import errors, gate, institution, messages, settings, task
from recommender import artifact, interactions
from storage import connect
from tests.federated import builders
from xapi_collector import consent
from xapi_collector import settings as collector_settings


@pytest.fixture(scope="module")
def member(tmp_path_factory):
    path = tmp_path_factory.mktemp("north")
    return institution.load(builders.institution(path, "north", builders.answers(60, 3)))


@pytest.fixture(scope="module")
def records(member):
    return institution.interactions(member)


def test_interactions_are_what_the_store_holds(records):
    assert (len(records.learners), len(records.item)) == (60, 60 * 12)
    assert set(np.unique(records.correct)) == {0.0, 1.0}


def test_learners_are_pseudonyms(records):
    assert not any("learner" in name for name in records.learners)


def test_a_fifth_is_held_out_by_the_stated_rule(records):
    held = institution.held_out(records)

    expected = [int(hashlib.sha256(name.encode()).hexdigest()[:8], 16) % 5 == 0 for name in records.learners]
    assert held.tolist() == expected
    assert 0 < held.sum() < len(held) / 2


@pytest.fixture(scope="module")
def begin(records):
    return builders.begin(task.training(records, institution.held_out(records)))


def test_counts_and_sums_are_of_the_learners_that_are_not_held_out(member, records, space, policy, begin):
    questions = [messages.question(kind, begin, policy, 1) for kind in messages.KINDS[:-1]]
    answers = [institution.answer_counts(member, question) for question in questions[:2]]
    answers += [institution.answer_moments(member, questions[2]), institution.answer_sums(member, questions[3])]

    held = institution.held_out(records)
    assert {answer.numbers["learners"] for answer in answers} == {(~held).sum()}
    assert {answer.numbers["rows"] for answer in answers} == {(~held)[records.learner].sum()}
    assert messages.unpack_sums(answers[3], space).rows == messages.unpack_counts(answers[0])["item"].tries.sum()


@pytest.fixture
def ask(tmp_path, member, policy):
    """Ask an institution that has heard nothing yet for sums at a model, told as what differs from `base`."""

    def sums(model, number, base=None):
        question = messages.question(messages.SUMS, model, policy, number, base)
        return institution.answer_sums(replace(member, models=tmp_path), question)

    return sums


def test_a_question_may_leave_out_what_an_earlier_one_told(ask, space, begin):
    start = begin
    first, second = (replace(start, weights=start.weights + step) for step in (0.1, 0.2))

    steps = [ask(start, 1, task.start(space)), ask(first, 2, start)]
    steps += [ask(first, 3, first), ask(second, 4, first)]
    whole = [ask(one, number) for number, one in enumerate((start, first, first, second), 1)]

    for told, complete in zip(steps, whole, strict=True):
        np.testing.assert_array_equal(told.arrays["gradient"], complete.arrays["gradient"])


def test_an_institution_that_missed_a_round_says_so(ask, begin):
    start = begin
    first, second, third = (replace(start, weights=start.weights + step) for step in (0.1, 0.2, 0.3))

    with pytest.raises(errors.BehindError, match="there is no draft"):
        ask(second, 2, first)
    ask(first, 1)
    with pytest.raises(errors.BehindError, match="the draft is"):
        ask(third, 3, second)


def test_a_question_whose_arrays_make_up_another_model_is_refused(tmp_path, member, space, policy):
    here = replace(member, models=tmp_path)
    start = task.start(space)
    question = messages.question(messages.SUMS, replace(start, weights=start.weights + 1), policy, 1)

    with pytest.raises(errors.GuardError, match="its arrays make up"):
        institution.answer_sums(here, replace(question, arrays={"weights": start.weights}))
    with pytest.raises(errors.GuardError, match="a model's arrays"):
        institution.answer_sums(here, replace(question, arrays={"weights": start.weights[1:]}))
    with pytest.raises(errors.GuardError, match="a model's arrays"):
        institution.answer_sums(here, replace(question, arrays={**question.arrays, "more": start.weights}))
    assert not (tmp_path / "draft").exists()


def test_later_statements_wait_for_the_next_run(tmp_path, space, policy):
    """What a learner gave to the counts is taken out before they predict that learner: it must not grow meanwhile."""
    path = builders.institution(tmp_path, "north", builders.answers(10, 3, each=6))
    here = institution.load(path)
    first = institution.answer_counts(here, messages.question(messages.COUNTS, task.start(space), policy, 1))
    records = institution.interactions(here)
    shared = builders.begin(task.training(records, institution.held_out(records)))
    builders.send(tmp_path, builders.answers(10, 4, prefix="later", each=6))

    sums = institution.answer_sums(here, messages.question(messages.SUMS, shared, policy, 4))
    again = institution.answer_counts(here, messages.question(messages.COUNTS, task.start(space), policy, 1))

    assert sums.numbers["rows"] == first.numbers["rows"] < again.numbers["rows"]


def test_publishing_leaves_no_draft(tmp_path, ask, member, policy, begin):
    here, shared, catalog = replace(member, models=tmp_path), begin, catalogs.load("oulad")
    ask(shared, 1)
    assert (tmp_path / "draft").exists()
    institution.answer_publish(here, messages.question(messages.PUBLISH, shared, policy, 2, shared))

    assert not (tmp_path / "draft").exists()
    assert artifact.load(tmp_path / "shared" / "oulad", catalog).weights.tobytes() == shared.weights.tobytes()


def test_publishing_leaves_models_that_load_and_a_measure(tmp_path, member, policy, begin):
    here = replace(member, models=tmp_path / "models")
    shared = begin
    institution.answer_publish(here, messages.question(messages.PUBLISH, shared, policy, 4))

    catalog = catalogs.load("oulad")
    found = institution.evaluation(here)
    np.testing.assert_array_equal(artifact.load(here.models / "shared" / "oulad", catalog).weights, shared.weights)
    assert artifact.load(here.models / "oulad", catalog).weights.any()
    assert found["auc"].keys() == {"local", "federated", "personalised"}
    assert min(found["auc"].values()) > 0.5
    assert artifact.read_manifest(here.models / "oulad")["round"] == 4


def test_an_answer_to_publishing_holds_nothing(tmp_path, member, space, policy):
    here = replace(member, models=tmp_path / "models")
    question = messages.question(messages.PUBLISH, task.start(space), policy, 4)

    answer = institution.answer_publish(here, question)

    assert (answer.arrays, answer.numbers) == ({}, {"round": 4})


def test_held_out_learners_of_one_kind_have_no_auc(tmp_path, space):
    perfect = [("only", item, 1.0, item) for item in range(5)] + [(f"other-{n}", 0, 1.0, 1) for n in range(12)]
    member = institution.load(builders.institution(tmp_path, "tiny", perfect))
    institution.publish(member, institution.interactions(member), space, task.start(space), {})

    assert institution.evaluation(member)["auc"]["federated"] is None


def poisoned(space, *, size=1.0):
    start = good(space)
    return replace(start, weights=np.random.default_rng(1).normal(0, size, len(start.weights)))


# So few learners that the shared model is followed closely, for better or worse.
FEW = builders.interactions(40, 3)


def good(space, records=FEW):
    return task.fit(task.training(records, institution.held_out(records)), space)


def publish(member, space, shared, round_=1, records=FEW):
    institution.publish(member, records, space, shared, {"round": round_})
    return institution.evaluation(member)["gate"]


@pytest.fixture
def here(tmp_path, member):
    return replace(member, models=tmp_path / "models")


def test_the_first_model_is_measured_against_a_cold_start_and_taken(here, space):
    found = publish(here, space, good(space))

    assert (found["taken"], found["standing"]) == (True, "cold start")
    assert found["difference"] < 0
    assert artifact.entries(here.models / "oulad")[0].id == found["candidate"]


def test_a_better_model_is_taken(here, space):
    first = publish(here, space, task.start(space))
    found = publish(here, space, good(space), 2)

    assert (found["taken"], found["standing"]) == (True, first["candidate"])
    assert artifact.read_manifest(here.models / "oulad")["round"] == 2


def test_a_poisoned_model_is_refused_said_and_the_last_good_one_stays(here, space, caplog):
    publish(here, space, good(space))
    before = (here.models / "oulad" / artifact.MANIFEST).read_bytes()
    with caplog.at_level("WARNING"):
        found = publish(here, space, poisoned(space), 2)

    assert (found["taken"], found["rule"]) == (False, "few learners")
    assert found["difference"] > gate.GROSS
    assert (here.models / "oulad" / artifact.MANIFEST).read_bytes() == before
    assert artifact.read_manifest(here.models / "shared" / "oulad")["round"] == 1
    assert f"code=candidate_refused catalog=oulad candidate={found['candidate']}" in caplog.text
    assert not any(name in caplog.text for name in FEW.learners)


def test_a_poisoned_first_model_is_refused_too(here, space):
    found = publish(here, space, poisoned(space))

    assert (found["taken"], found["standing"]) == (False, "cold start")
    assert artifact.entries(here.models / "oulad") == ()


def test_a_large_institution_answers_a_poisoned_model_by_its_own(here, space):
    large = builders.interactions(250, 3)
    found = publish(here, space, poisoned(space), 1, large)

    assert (found["rule"], found["taken"]) == ("bootstrap", True)
    assert institution.evaluation(here)["strength"] == "local"


def test_a_model_that_a_rollback_withdrew_is_not_taken_up_again(here, space):
    first = publish(here, space, task.start(space))
    second = publish(here, space, good(space), 2)
    artifact.rollback(here.models / "oulad", space.catalog)

    found = publish(here, space, good(space), 3)

    assert (found["taken"], found["rule"]) == (False, "withdrawn")
    assert (found["candidate"], found["standing"]) == (second["candidate"], first["candidate"])
    assert artifact.read_manifest(here.models / "oulad")["round"] == 1


def test_a_damaged_standing_model_is_replaced_by_way_of_the_last_good_one(here, space):
    first = publish(here, space, task.start(space))
    second = publish(here, space, good(space), 2)
    (here.models / "oulad" / f"parameters-{second['candidate']}.npz").write_bytes(b"")

    found = publish(here, space, good(space), 3)

    assert (found["taken"], found["standing"]) == (True, first["candidate"])
    assert artifact.standing(here.models / "oulad", space.catalog).refused == ()


def test_without_held_out_learners_the_others_judge(here, space):
    records = builders.interactions(12, 3)
    records = interactions.select(records, ~institution.held_out(records))

    found = publish(here, space, poisoned(space), 1, records)

    assert (found["taken"], found["learners"]) == (False, len(records.learners))


def test_nothing_published_is_said(tmp_path, member):
    with pytest.raises(errors.SettingsError, match="no evaluation there"):
        institution.evaluation(replace(member, models=tmp_path))


def test_an_institution_without_learners_has_no_sums(tmp_path, space, policy):
    member = institution.load(builders.institution(tmp_path, "empty", []))

    with pytest.raises(errors.EmptyError, match="no learner to train on"):
        institution.answer_counts(member, messages.question(messages.COUNTS, task.start(space), policy, 1))


def test_a_storage_that_is_damaged_is_an_error_of_records(tmp_path):
    path = builders.institution(tmp_path, "north", builders.answers(2, 1))
    for file in (tmp_path / "store").iterdir():
        file.write_bytes(b"not a database" * 100)

    with pytest.raises(errors.RecordsError, match="the storage of north cannot be read"):
        institution.interactions(institution.load(path))


def test_a_catalog_that_does_not_exist_is_named(member):
    with pytest.raises(errors.SettingsError, match="catalog 'none'"):
        institution.interactions(replace(member, catalog="none"))


def test_reading_changes_nothing(tmp_path):
    path = builders.institution(tmp_path, "north", builders.answers(3, 1))
    member = institution.load(path)
    before = [institution.interactions(member).item.tolist() for _ in range(2)]
    storage = connect.connect(member.storage, *collector_settings.COLLECTIONS)

    assert len(list(storage.statements.labels())) == 36
    storage.close()
    assert before[0] == before[1]


def test_an_evaluation_that_is_damaged_is_said(tmp_path, member):
    here = replace(member, models=tmp_path)
    (tmp_path / "evaluation").mkdir()
    (tmp_path / "evaluation" / "oulad.json").write_text("{")

    with pytest.raises(errors.SettingsError, match="no evaluation there"):
        institution.evaluation(here)


def test_an_evaluation_is_json_for_anybody(tmp_path, member, space, policy):
    here = replace(member, models=tmp_path)
    institution.answer_publish(here, messages.question(messages.PUBLISH, task.start(space), policy, 1))

    found = json.loads((tmp_path / "evaluation" / "oulad.json").read_text())
    assert found["learners"]["training"] + found["learners"]["held_out"] == 60


def test_the_settings_are_those_of_the_file(three):
    assert institution.load(three["north"]) == settings.load_member(three["north"])


def test_who_does_not_allow_training_is_in_no_interactions(tmp_path):
    member = institution.load(builders.institution(tmp_path, "north", builders.answers(4, 1)))
    storage = connect.connect(member.storage, *collector_settings.COLLECTIONS)
    before = institution.interactions(member)
    consent.say(storage, {before.learners[0]: ""}, consent.TRAINING, consent.DENY, lambda: 1)
    after = institution.interactions(member)
    consent.declare(storage, consent.TRAINING, consent.DENY, "the agreement ended", lambda: 2)
    storage.close()

    assert set(after.learners) == set(before.learners) - {before.learners[0]}
    assert len(institution.interactions(member).learners) == 0
