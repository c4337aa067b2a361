import pytest

from curriculum import catalog
from entrepot import comparison
from federated import institution
from recommender import interactions, training
from recommender.space import Space
from tests.federated import builders


@pytest.fixture(scope="module")
def members(tmp_path_factory):
    """Three institutions; rounds published a model at two of them."""
    place = tmp_path_factory.mktemp("members")
    sizes = {"north": 60, "south": 80, "west": 40}
    made = {
        name: builders.institution(place / name, name, builders.answers(count, seed, prefix=name))
        for seed, (name, count) in enumerate(sizes.items())
    }
    space = Space(catalog.load("oulad"))
    records = {name: institution.interactions(institution.load(path)) for name, path in made.items()}
    train = [interactions.select(own, ~institution.held_out(own)) for own in records.values()]
    shared = training.fit(train, space)
    for name in ("north", "south"):
        institution.publish(institution.load(made[name]), records[name], space, shared, {"round": 1})
    return made


@pytest.fixture(scope="module")
def compared(members):
    return comparison.compare(catalog.load("oulad"), members)


def test_each_kind_of_model_is_scored_on_the_same_held_out_learners_as_the_institution_does(members, compared):
    for name in ("north", "south"):
        own = institution.evaluation(institution.load(members[name]))

        assert compared.institutions[name] == pytest.approx(own["auc"], abs=1e-12)


def test_a_federated_model_that_was_fitted_to_the_same_records_equals_the_centralised_one(compared):
    assert compared.pooled["federated"] == pytest.approx(compared.pooled["centralised"], abs=1e-12)


def test_an_institution_without_a_published_model_has_a_local_figure_only(compared):
    assert compared.institutions["west"]["local"] is not None
    assert compared.institutions["west"]["federated"] is None
    assert compared.institutions["west"]["personalised"] is None


def test_every_institution_says_how_many_learners_it_has(compared):
    assert compared.learners == {"north": 60, "south": 80, "west": 40}
