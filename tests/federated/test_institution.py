import hashlib
from dataclasses import replace

import numpy as np
import pytest

from curriculum import catalog as catalogs
from federated import errors, gate, institution, settings, task
from recommender import artifact, interactions
from recommender.training import Personalised
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


def test_learners_are_registered_by_tens(member, tmp_path):
    few = institution.load(builders.institution(tmp_path / "few", "few", builders.answers(9, 3, each=2)))
    (tmp_path / "damaged").mkdir()
    damaged = institution.load(builders.institution(tmp_path / "damaged", "damaged", []))
    for file in (tmp_path / "damaged" / "store").iterdir():
        file.write_bytes(b"not a database" * 100)

    assert [institution.registered(one) for one in (member, few, damaged)] == [60, 0, 0]


def test_publishing_leaves_models_that_load_and_a_measure(tmp_path, member, records, space):
    here = replace(member, models=tmp_path / "models")
    shared = builders.begin(task.training(records, institution.held_out(records)))
    institution.publish(here, records, space, shared, {"round": 4})

    catalog = catalogs.load("oulad")
    found = institution.evaluation(here)
    np.testing.assert_array_equal(artifact.load(here.models / "shared" / "oulad", catalog).weights, shared.weights)
    assert artifact.load(here.models / "oulad", catalog).weights.any()
    assert found["auc"].keys() == {"local", "federated", "personalised"}
    assert min(found["auc"].values()) > 0.5
    assert found["learners"]["training"] + found["learners"]["held_out"] == 60
    assert artifact.read_manifest(here.models / "oulad")["round"] == 4


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


@pytest.fixture
def as_it_is(monkeypatch):
    """The gate stands behind whatever personalising makes: let that make nothing of a shared model."""
    monkeypatch.setattr(
        institution.task, "personalise", lambda _records, _space, shared, *_more: Personalised(shared, "shared", ())
    )


@pytest.mark.usefixtures("as_it_is")
def test_the_first_model_is_measured_against_a_cold_start_and_taken(here, space):
    found = publish(here, space, good(space))

    assert (found["taken"], found["standing"]) == (True, "cold start")
    assert found["difference"] < 0
    assert artifact.entries(here.models / "oulad")[0].id == found["candidate"]


@pytest.mark.usefixtures("as_it_is")
def test_a_better_model_is_taken(here, space):
    first = publish(here, space, task.start(space))
    found = publish(here, space, good(space), 2)

    assert (found["taken"], found["standing"]) == (True, first["candidate"])
    assert artifact.read_manifest(here.models / "oulad")["round"] == 2


@pytest.mark.usefixtures("as_it_is")
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


@pytest.mark.usefixtures("as_it_is")
def test_a_poisoned_first_model_is_refused_too(here, space):
    found = publish(here, space, poisoned(space))

    assert (found["taken"], found["standing"]) == (False, "cold start")
    assert artifact.entries(here.models / "oulad") == ()


def test_an_institution_answers_a_poisoned_model_by_its_own(here, space):
    found = publish(here, space, poisoned(space))

    assert found["taken"]
    assert institution.evaluation(here)["strength"] == "local"


@pytest.mark.usefixtures("as_it_is")
def test_a_model_that_a_rollback_withdrew_is_not_taken_up_again(here, space):
    first = publish(here, space, task.start(space))
    second = publish(here, space, good(space), 2)
    artifact.rollback(here.models / "oulad", space.catalog)

    found = publish(here, space, good(space), 3)

    assert (found["taken"], found["rule"]) == (False, "withdrawn")
    assert (found["candidate"], found["standing"]) == (second["candidate"], first["candidate"])
    assert artifact.read_manifest(here.models / "oulad")["round"] == 1


@pytest.mark.usefixtures("as_it_is")
def test_a_damaged_standing_model_is_replaced_by_way_of_the_last_good_one(here, space):
    first = publish(here, space, task.start(space))
    second = publish(here, space, good(space), 2)
    (here.models / "oulad" / f"parameters-{second['candidate']}.npz").write_bytes(b"")

    found = publish(here, space, good(space), 3)

    assert (found["taken"], found["standing"]) == (True, first["candidate"])
    assert artifact.standing(here.models / "oulad", space.catalog).refused == ()


@pytest.mark.usefixtures("as_it_is")
def test_without_held_out_learners_the_others_judge(here, space):
    records = builders.interactions(12, 3)
    records = interactions.select(records, ~institution.held_out(records))

    found = publish(here, space, poisoned(space), 1, records)

    assert (found["taken"], found["learners"]) == (False, len(records.learners))


def test_nothing_published_is_said(tmp_path, member):
    with pytest.raises(errors.SettingsError, match="no evaluation there"):
        institution.evaluation(replace(member, models=tmp_path))


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


def test_the_settings_are_those_of_the_file(four):
    assert institution.load(four["north"]) == settings.load_member(four["north"])


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
